// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is one stored row updated, deleted or locked?
//
// Each attempt is one step: latch the home page (and the page of a moved body), judge the newest
// version, then change or say why not.  Whatever means waiting drops the step first and begins
// again afterwards, because everything may have changed meanwhile.
//
// Invariants (H3 of table_engine.h)
//   C1  The judgement is made under the page's exclusive latch, so no update is lost between
//       looking and changing.
//   C2  A version that was only locked does not count as a change: the content below it is judged.
//
// Threads: that of the transaction.

#include <memory>
#include <optional>
#include <vector>

#include "kernel/heap/heap.hpp"
#include "kernel/heap/version.hpp"

namespace mortise::heap {

// Where the body of a row goes: decided, and its pages latched, before anything is written.
class BodyPlacement {
 public:
  BodyPlacement(Heap& heap, TableState& state, log::Mtr& mtr, log::PageX home, uint32_t slot)
      : heap_(heap), state_(state), mtr_(mtr), home_(home), slot_(slot) {}

  // Reads the row; latches the page of a moved body.  `busy`: start over (T1 of heap.hpp).
  Status open();
  const StoredRow& row() const { return row_; }
  // The body, wherever it stands.
  std::span<const std::byte> body() const { return is_moved_ ? remote_row_.body : row_.body; }
  bool is_moved() const { return is_moved_; }

  // Finds room for a body of that size.  `busy` as open().
  Status plan(uint32_t body_bytes);
  // Precondition: plan().  `body` is no part of any page.
  void store(txn::Writer writer, txn::UndoPtr undo, std::span<const std::byte> body);
  // The version words alone; the body stays where it is.
  void set_version(txn::Writer writer, txn::UndoPtr undo);
  void note_writer(TxnId txn) { HeapPageWriter(mtr_, home_).note_writer(txn); }
  // The row is gone for good; its slot stays retired.
  void kill();

 private:
  enum class Where : uint8_t { home, remote, new_page };

  RowId home_id() const { return RowId::make(home_.id(), slot_); }
  Status find_new_page(uint32_t bytes_needed);
  txn::UndoPtr home_undo(txn::UndoPtr undo, bool moved) const;

  Heap& heap_;
  TableState& state_;
  log::Mtr& mtr_;
  log::PageX home_;
  const uint32_t slot_;
  StoredRow row_;
  bool is_moved_ = false;
  RowId remote_id_;
  log::PageX remote_;
  StoredRow remote_row_;
  Where where_ = Where::home;
  log::PageX new_page_;
};

class RowChange {
 public:
  enum class Kind : uint8_t { update, erase, lock };

  RowChange(Table& table, txn::Transaction& txn, const mortise_read_view_t& view, Kind kind,
            uint32_t strength, uint32_t wait)
      : table_(table),
        heap_(table.heap()),
        txns_(table.heap().txns()),
        txn_(txn),
        view_(view),
        kind_(kind),
        strength_(strength),
        wait_(wait) {}

  // For updates: the columns to set and where their values are.
  void set_source(const uint32_t* columns, const mortise_batch_t* rows) {
    columns_ = columns;
    rows_ = rows;
  }
  // Changes the row; answers MORTISE_ROW_*.  `batch_row` is the row of the update's batch.
  Result<uint8_t> run(RowId id, uint32_t batch_row);

 private:
  // What an attempt ends with.
  enum class Next : uint8_t { done, again, wait_for_holder, wait_for_lock, make_large };
  struct Judgement {
    Next next = Next::done;
    bool may_change = false;
    uint8_t outcome = MORTISE_ROW_GONE;
    TxnId holder{};
    txn::Writer old_writer;  // as undo keeps it
    bool is_held_by_us = false;
    uint8_t own_strength = 0;
  };

  Result<Next> attempt(RowId id, uint8_t& outcome);
  Result<Next> attempt_in(txn::TxnStep& step, RowId id, uint8_t& outcome);
  Result<Judgement> judge(const StoredRow& row, const RowPlace& place);
  Status judge_content(txn::Writer writer, txn::UndoPtr undo, const RowPlace& place,
                       Judgement& judgement);
  Result<bool> is_weak_holder(TxnId holder, txn::UndoPtr undo);
  Result<Next> share(RowId id, const Judgement& judgement, uint8_t& outcome);
  Result<Next> change(txn::TxnStep& step, BodyPlacement& row, RowId id, const Judgement& judgement);
  Result<Next> update(txn::TxnStep& step, BodyPlacement& row, RowId id, const Judgement& judgement);
  Status make_values(const RowView& old, std::vector<ValueSource>& values);
  Status append_drops(txn::TxnStep& step, const std::vector<LargeRef>& dropped);
  Result<Next> wait(Next next, RowId id, uint8_t& outcome);
  Status write_out_of_line();
  txn::LockKey lock_key(RowId id) const {
    return {txn::kLockRow, raw(table_.state().segment), id.word};
  }

  Table& table_;
  Heap& heap_;
  txn::TxnManager& txns_;
  txn::Transaction& txn_;
  const mortise_read_view_t view_;
  const Kind kind_;
  const uint32_t strength_;
  const uint32_t wait_;
  const uint32_t* columns_ = nullptr;
  const mortise_batch_t* rows_ = nullptr;

  // Of the current row.
  uint32_t batch_row_ = 0;
  txn::WaitLimits limits_;
  bool has_limits_ = false;
  TxnId holder_{};
  struct MovedOut {
    uint32_t column;
    std::vector<std::byte> value;  // as it was when it was moved out
    LargeRef ref{};
    bool is_written = false;
    bool is_used = false;
  };
  std::vector<std::unique_ptr<MovedOut>> moved_out_;
  std::vector<std::byte> bools_;
};

}  // namespace mortise::heap
