// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because a whole small instance for tests stands in it.

// Answers: how do tests of transactions and rows get a small instance that can crash?
//
// An instance on a simulated disk, a table of (id INT64, amount INT64, text TEXT), and batches for
// it.
//
// Threads: open and crash by one thread; the rest as the parts.

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/heap/heap.hpp"
#include "kernel/heap/row_reader.hpp"
#include "kernel/platform/sim_disk.hpp"

namespace mortise::heap {

inline void require_ok(const Status& status) {
  if (!status) INFO(std::string(status.sqlstate()), " ", std::string(status.message()));
  REQUIRE_MESSAGE(status.is_ok(), std::string(status.sqlstate())
                                      << " " << std::string(status.message()));
}
template <typename T>
T take(Result<T> result) {
  if (!result) require_ok(result.error());
  return std::move(*result);
}

inline recovery::StorageOptions small_storage(bool threads) {
  recovery::StorageOptions options;
  options.pool.pool_bytes = uint64_t{8} << 20;
  options.pool.space_units_max = 1u << 20;
  options.pool.huge_pages = false;
  options.log.ring_bytes = 8u << 20;
  options.log.segment_bytes = 1u << 20;
  options.log.flusher_thread = threads;
  options.redo_threads = 0;
  options.background_threads = false;
  return options;
}

// One run of an instance: from open to crash or close.
struct Instance {
  memory::MemoryAccount account{"instance", "test", nullptr};
  txn::TxnManager txns;
  Heap heap{account};
  std::unique_ptr<recovery::Storage> storage;

  explicit Instance(txn::TxnSettings settings) : txns(settings) { heap.attach(txns); }
  static Result<std::unique_ptr<Instance>> open(platform::IoBackend& io,
                                                txn::TxnSettings settings = {},
                                                bool threads = false) {
    auto instance = std::make_unique<Instance>(settings);
    MORTISE_TRY_ASSIGN(instance->storage,
                       recovery::Storage::open(io, "/db", small_storage(threads), &instance->txns));
    return instance;
  }
};

struct Row {
  int64_t id = 0;
  std::optional<int64_t> amount;
  std::optional<std::string> text;
  friend bool operator==(const Row&, const Row&) = default;
};

constexpr mortise_type_t kInt64{20, -1, MORTISE_PHYSICAL_INT64, 0, 0, 0};
constexpr mortise_type_t kText{25, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0};

struct TestDesc {
  std::vector<mortise_table_column_t> columns = {
      {kInt64, 0, 0, nullptr}, {kInt64, 0, 0, nullptr}, {kText, 0, 0, nullptr}};
  mortise_table_desc_t desc(SegmentId segment = {}) const {
    mortise_table_desc_t d{};
    d.struct_size_bytes = sizeof(d);
    d.columns_count = static_cast<uint32_t>(columns.size());
    d.columns = columns.data();
    d.object = 16384;
    d.segment = raw(segment);
    return d;
  }
};

// Rows as a batch of the test table's columns (or of some of them).
class RowBatch {
 public:
  explicit RowBatch(const std::vector<Row>& rows, std::vector<mortise_row_id_t> ids = {},
                    std::vector<uint32_t> columns = {0, 1, 2})
      : rows_(rows), row_ids_(std::move(ids)) {
    const size_t n = rows_.size();
    ids_.resize(n + 8);
    amounts_.resize(n + 8);
    texts_.resize(n + 4);
    amount_bits_.assign(n / 64 + 1, ~uint64_t{0});
    text_bits_.assign(n / 64 + 1, ~uint64_t{0});
    for (size_t i = 0; i < n; ++i) {
      ids_[i] = rows_[i].id;
      const uint32_t at = static_cast<uint32_t>(i);
      if (rows_[i].amount) amounts_[i] = *rows_[i].amount;
      if (!rows_[i].amount) scan::clear_bit(amount_bits_.data(), at);
      if (rows_[i].text) {
        texts_[i] =
            scan::make_view(rows_[i].text->data(), static_cast<uint32_t>(rows_[i].text->size()));
      } else {
        scan::clear_bit(text_bits_.data(), at);
      }
    }
    const mortise_column_t all[3] = {{nullptr, ids_.data(), 0, 0},
                                     {amount_bits_.data(), amounts_.data(), 0, 0},
                                     {text_bits_.data(), texts_.data(), 0, 0}};
    const mortise_type_t types[3] = {kInt64, kInt64, kText};
    for (const uint32_t c : columns) {
      columns_.push_back(all[c]);
      types_.push_back(types[c]);
    }
    batch_.struct_size_bytes = sizeof(batch_);
    batch_.rows_count = static_cast<uint32_t>(n);
    batch_.selected_count = batch_.rows_count;
    batch_.columns_count = static_cast<uint32_t>(columns_.size());
    batch_.columns = columns_.data();
    batch_.types = types_.data();
    batch_.row_ids = row_ids_.empty() ? nullptr : row_ids_.data();
  }
  RowBatch(const RowBatch&) = delete;
  RowBatch& operator=(const RowBatch&) = delete;
  const mortise_batch_t& batch() const { return batch_; }

 private:
  std::vector<Row> rows_;
  std::vector<mortise_row_id_t> row_ids_;
  std::vector<int64_t> ids_;
  std::vector<int64_t> amounts_;
  std::vector<mortise_view_t> texts_;
  std::vector<uint64_t> amount_bits_;
  std::vector<uint64_t> text_bits_;
  std::vector<mortise_column_t> columns_;
  std::vector<mortise_type_t> types_;
  mortise_batch_t batch_{};
};

inline Row row_at(const mortise_batch_t& batch, uint32_t i) {
  Row row;
  row.id = static_cast<const int64_t*>(batch.columns[0].data)[i];
  const auto has = [&](uint32_t c) {
    return batch.columns[c].validity == nullptr || scan::test_bit(batch.columns[c].validity, i);
  };
  if (has(1)) row.amount = static_cast<const int64_t*>(batch.columns[1].data)[i];
  if (has(2)) {
    const auto view = static_cast<const mortise_view_t*>(batch.columns[2].data)[i];
    row.text.emplace(reinterpret_cast<const char*>(scan::view_data(view)), view.size_bytes);
  }
  return row;
}

struct FoundRow {
  Row row;
  mortise_row_id_t id;
};

// All rows that the view sees.
inline Result<std::vector<FoundRow>> try_scan(Table& table, txn::Transaction* txn,
                                              const mortise_read_view_t& view,
                                              ScanOptions options = {}) {
  options.columns = {0, 1, 2};
  options.wants_row_ids = true;
  MORTISE_TRY_ASSIGN(auto reader, RowReader::open(table, txn, view, std::move(options)));
  std::vector<FoundRow> rows;
  for (;;) {
    mortise_batch_t batch;
    MORTISE_TRY_ASSIGN(const bool more, reader->next(batch));
    if (!more) return rows;
    for (uint32_t i = 0; i < batch.rows_count; ++i) {
      rows.push_back({row_at(batch, i), batch.row_ids[i]});
    }
  }
}

inline std::vector<mortise_row_id_t> insert_rows(Table& table, txn::Transaction& txn,
                                                 const std::vector<Row>& rows) {
  const RowBatch batch(rows);
  std::vector<mortise_row_id_t> ids(rows.size());
  require_ok(table.insert(txn, batch.batch(), ids.data()));
  return ids;
}

inline uint8_t update_row(Table& table, txn::Transaction& txn, const mortise_read_view_t& view,
                          mortise_row_id_t id, const Row& row, uint32_t wait = MORTISE_WAIT) {
  const RowBatch batch({row}, {id}, {1, 2});
  const uint32_t columns[] = {1, 2};
  uint8_t outcome = 0xFF;
  require_ok(table.update(txn, view, columns, batch.batch(), wait, &outcome));
  return outcome;
}

inline uint8_t erase_row(Table& table, txn::Transaction& txn, const mortise_read_view_t& view,
                         mortise_row_id_t id, uint32_t wait = MORTISE_WAIT) {
  uint8_t outcome = 0xFF;
  require_ok(table.erase(txn, view, {&id, 1}, wait, &outcome));
  return outcome;
}

// A fresh instance with an empty table.
struct TestTable {
  platform::SimDisk disk;
  txn::TxnSettings settings;
  bool threads;
  std::unique_ptr<Instance> instance;
  SegmentId segment{};
  std::unique_ptr<Table> table;

  explicit TestTable(uint64_t seed = 1, bool with_threads = false, txn::TxnSettings s = {})
      : disk(seed), settings(s), threads(with_threads) {
    settings.undo_retention_us = s.undo_retention_us;
    require_ok(recovery::Storage::create(disk, "/db", small_storage(false)));
    instance = take(Instance::open(disk, settings, threads));
    txn::Transaction* txn = begin();
    segment = take(instance->heap.create(*txn, TestDesc().desc()));
    require_ok(commit(txn));
    table = open_table();
  }

  std::unique_ptr<Table> open_table() {
    return take(Table::open(instance->heap, TestDesc().desc(segment)));
  }
  txn::TxnManager& txns() { return instance->txns; }
  txn::Transaction* begin(txn::TxnOptions options = {}) {
    txn::Transaction* txn = take(txns().begin(options));
    take(txns().statement_begin(*txn));
    return txn;
  }
  mortise_read_view_t next_statement(txn::Transaction* txn) {
    return take(txns().statement_begin(*txn));
  }
  Status commit(txn::Transaction* txn) { return txns().commit(txn, txn::Durability::durable); }
  std::vector<FoundRow> scan(txn::Transaction* txn) {
    return take(try_scan(*table, txn, txn->view()));
  }
  std::vector<FoundRow> scan_now() {
    const mortise_read_view_t view = take(txns().read_open(kNoScn));
    std::vector<FoundRow> rows = take(try_scan(*table, nullptr, view));
    txns().read_close(view);
    return rows;
  }
  // The power fails; nothing that was not durable is sure to survive.
  void crash(uint64_t seed) {
    table.reset();
    disk.crash(seed);
    instance.reset();
  }
  void reopen() {
    instance = take(Instance::open(disk, settings, threads));
    table = open_table();
  }
  void verify() {
    std::string findings;
    const Status status =
        table->verify([&](const std::string& finding) { findings += finding + "\n"; });
    CAPTURE(findings);
    require_ok(status);
  }
};

}  // namespace mortise::heap
