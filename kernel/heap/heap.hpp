// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are the rows of a table stored, found, changed and taken back?
//
// The kernel's own table engine (iface/draft/table_engine.h, slot "heap"): slotted pages, newest
// version in place, older ones in undo.  Heap knows the tables that are in use; Table is one
// handle on one of them, with one list of columns.
//
// Invariants (H1..H4 of table_engine.h)
//   T1  A thread never waits for a heap page while it holds another one: further pages are tried
//       for, and a vain try starts the step over.
//   T2  A thread never waits for a lock or a transaction while it holds a page.
//
// Threads: [any, concurrent]; a Transaction by one thread at a time.
// Background: docs/internals/row.md, undo.md

#include <array>
#include <atomic>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernel/heap/heap_page.hpp"
#include "kernel/heap/large_value.hpp"
#include "kernel/heap/row_encoder.hpp"
#include "kernel/heap/row_layout.hpp"
#include "kernel/heap/version_cache.hpp"
#include "kernel/memory/arena.hpp"
#include "kernel/txn/txn_manager.hpp"
#include "kernel/txn/txn_step.hpp"

// The ABI's handles are these classes.
struct mortise_table {
 protected:
  mortise_table() = default;
  ~mortise_table() = default;
};
struct mortise_table_scan {
 protected:
  mortise_table_scan() = default;
  virtual ~mortise_table_scan() = default;
};

namespace mortise::heap {

// What all handles of a table share.
struct TableState {
  static constexpr uint32_t kTargetCount = 8;
  static constexpr uint32_t kRoomyMax = 4096;

  SegmentId segment{};
  SpaceId space{};
  PageId anchor = kNoPage;
  page::SizeClass page_class = page::SizeClass::kib4;
  std::atomic<int64_t> rows{0};
  std::atomic<int64_t> rows_stored{0};  // as the anchor says
  // Where threads insert, by thread; kNoPage = none yet.
  std::array<std::atomic<uint64_t>, kTargetCount> targets;
  std::atomic<bool> has_looked_for_target{false};

  // Pages with room that deletions and moves have left: hints, the latest found first.  Filled by
  // purge, rollback and scans, so a restart forgets them until the next scan.
  platform::Mutex mutex{platform::LockRank::leaf};
  std::vector<PageId> roomy MORTISE_GUARDED_BY(mutex);
  std::unordered_set<PageId, IdHash> is_roomy MORTISE_GUARDED_BY(mutex);
  std::atomic<uint32_t> roomy_count{0};

  TableState() {
    for (auto& target : targets) target.store(raw(kNoPage), std::memory_order_relaxed);
  }
  void note_room(PageId page);
  PageId take_roomy();
};

class Heap final : public txn::RowUndo {
 public:
  explicit Heap(memory::MemoryAccount& account)
      : account_(account), large_values_(account), known_versions_(account) {}

  // Between construction of the manager and its recovery.  [control]
  void attach(txn::TxnManager& txns) {
    txns_ = &txns;
    txns.set_row_undo(this);
  }

  // Creates a table in a step of `txn`; answers its segment.
  Result<SegmentId> create(txn::Transaction& txn, const mortise_table_desc_t& desc);
  // An intention that the commit makes real, behind the horizon.
  Status drop(txn::Transaction& txn, SegmentId segment);
  Result<std::shared_ptr<TableState>> state_of(SegmentId segment);
  // Writes the row counts that have moved since they were written last.  When all is quiet.
  Status store_row_counts();
  // Writes one table's, if it has moved by that much.
  Status store_row_count(TableState& state, int64_t rows_least);

  txn::TxnManager& txns() { return *txns_; }
  recovery::Storage& storage() { return txns_->storage(); }
  memory::MemoryAccount& account() { return account_; }
  LargeValues& large_values() { return large_values_; }
  VersionCache& known_versions() { return known_versions_; }

  // txn::RowUndo
  Result<txn::Progress> undo(log::Mtr& mtr, txn::UndoPtr at,
                             const txn::UndoRecord& record) override;
  Result<txn::Progress> purge(log::Mtr& mtr, txn::UndoPtr at,
                              const txn::UndoRecord& record) override;
  void forget(SegmentId segment) override;

 private:
  Status undo_insert(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record);
  Status undo_version(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record);
  Status purge_deleted(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record);

  memory::MemoryAccount& account_;
  LargeValues large_values_;
  VersionCache known_versions_;
  txn::TxnManager* txns_ = nullptr;
  platform::Mutex mutex_{platform::LockRank::leaf};
  std::unordered_map<SegmentId, std::shared_ptr<TableState>, IdHash> tables_
      MORTISE_GUARDED_BY(mutex_);
};

class Table final : public mortise_table {
 public:
  static Result<std::unique_ptr<Table>> open(Heap& heap, const mortise_table_desc_t& desc);

  Status insert(txn::Transaction& txn, const mortise_batch_t& rows, mortise_row_id_t* row_ids);
  Status update(txn::Transaction& txn, const mortise_read_view_t& view, const uint32_t* columns,
                const mortise_batch_t& rows, uint32_t wait, uint8_t* outcomes);
  Status erase(txn::Transaction& txn, const mortise_read_view_t& view,
               std::span<const mortise_row_id_t> row_ids, uint32_t wait, uint8_t* outcomes);
  Status lock(txn::Transaction& txn, const mortise_read_view_t& view,
              std::span<const mortise_row_id_t> row_ids, uint32_t strength, uint32_t wait,
              uint8_t* outcomes);
  Status probe(txn::Transaction& txn, const uint32_t* columns, bool nulls_are_equal,
               const mortise_batch_t& keys, uint32_t wait, uint8_t* is_alive);
  Status stats(mortise_table_stats_t& stats);
  // Findings of a table at rest.
  Status verify(FunctionRef<void(const std::string&)> report);

  Heap& heap() { return heap_; }
  TableState& state() { return *state_; }
  const TableLayout& layout() const { return layout_; }
  uint32_t fill_reserve_bytes() const { return fill_reserve_bytes_; }
  bool is_key_column(uint32_t column) const;

 private:
  friend class RowChange;

  Table(Heap& heap, TableLayout layout, std::shared_ptr<TableState> state)
      : heap_(heap), layout_(std::move(layout)), state_(std::move(state)) {}

  Status stage(txn::Transaction& txn, const mortise_batch_t& rows, EncodedRows& staged);
  Status make_narrow(txn::Transaction& txn, std::vector<ValueSource>& values,
                     std::vector<std::unique_ptr<LargeRef>>& refs);
  Status place(txn::Transaction& txn, EncodedRows& staged, size_t& next, mortise_row_id_t* row_ids);
  Result<log::PageX> target_page(txn::TxnStep& step, uint32_t bytes_needed);
  Status look_for_target();
  Status store_row_count();

  Heap& heap_;
  TableLayout layout_;
  std::shared_ptr<TableState> state_;
  uint32_t fill_reserve_bytes_ = 0;
  std::vector<uint32_t> key_columns_;
  bool has_key_columns_ = false;  // else all are taken for keys
};

}  // namespace mortise::heap
