// SPDX-License-Identifier: Apache-2.0
//
// Answers: what do updates cost that nobody may forget yet?
//
// 2,000,000 updates of 1,000 rows, 100 to a transaction, under a reader that was there before the
// first one; then the reader looks at the table, looks again, and ends.  Expected: the table's pages
// stay as many as they were (`table_growth` 0), undo is back at its base (`undo_left` 0) after one
// round of maintenance, and the second look of the reader costs a small part of the first.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "kernel/heap/heap.hpp"
#include "kernel/heap/row_reader.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/recovery/storage.hpp"

namespace mortise {
namespace {

constexpr mortise_type_t kInt64{20, -1, MORTISE_PHYSICAL_INT64, 0, 0, 0};
constexpr uint32_t kRows = 1'000;
constexpr uint32_t kRowsPerUpdate = 100;
constexpr uint32_t kUpdates = 2'000'000;

void require(const Status& status) {
  if (status) return;
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  std::abort();
}
template <typename T>
T take(Result<T> result) {
  require(result.status());
  return std::move(*result);
}

struct World {
  platform::SimDisk disk{1};
  memory::MemoryAccount account{"instance", "bench", nullptr};
  txn::TxnManager txns{{.undo_retention_us = 0}};
  heap::Heap heap{account};
  std::unique_ptr<recovery::Storage> storage;
  std::unique_ptr<heap::Table> table;
  std::vector<mortise_row_id_t> ids = std::vector<mortise_row_id_t>(kRows);
  std::vector<int64_t> keys = std::vector<int64_t>(kRows + 8);
  std::vector<int64_t> amounts = std::vector<int64_t>(kRows + 8);

  World() {
    heap.attach(txns);
    const auto options = [] {
      recovery::StorageOptions made;
      made.pool.pool_bytes = uint64_t{768} << 20;
      made.background_threads = true;
      return made;
    };
    require(recovery::Storage::create(disk, "/db", options()));
    storage = take(recovery::Storage::open(disk, "/db", options(), &txns));
    const mortise_table_column_t columns[] = {{kInt64, 0, 0, nullptr}, {kInt64, 0, 0, nullptr}};
    mortise_table_desc_t desc{};
    desc.struct_size_bytes = sizeof(desc);
    desc.columns_count = 2;
    desc.columns = columns;
    desc.object = 16384;
    txn::Transaction* txn = take(txns.begin({}));
    take(txns.statement_begin(*txn));
    desc.segment = raw(take(heap.create(*txn, desc)));
    table = take(heap::Table::open(heap, desc));
    for (uint32_t i = 0; i < kRows; ++i) keys[i] = i;
    const mortise_column_t data[] = {{nullptr, keys.data(), 0, 0}, {nullptr, amounts.data(), 0, 0}};
    const mortise_type_t types[] = {kInt64, kInt64};
    require(table->insert(*txn, batch(2, data, types, kRows, nullptr), ids.data()));
    require(txns.commit(txn, txn::Durability::lazy));
  }

  static mortise_batch_t batch(uint32_t columns, const mortise_column_t* data,
                               const mortise_type_t* types, uint32_t rows,
                               const mortise_row_id_t* ids) {
    mortise_batch_t batch{};
    batch.struct_size_bytes = sizeof(batch);
    batch.rows_count = rows;
    batch.selected_count = rows;
    batch.columns_count = columns;
    batch.columns = data;
    batch.types = types;
    batch.row_ids = ids;
    return batch;
  }

  void update(uint32_t first, int64_t value) {
    txn::Transaction* txn = take(txns.begin({}));
    const mortise_read_view_t view = take(txns.statement_begin(*txn));
    for (uint32_t i = 0; i < kRowsPerUpdate; ++i) amounts[i] = value;
    const mortise_column_t data[] = {{nullptr, amounts.data(), 0, 0}};
    const mortise_type_t types[] = {kInt64};
    const uint32_t columns[] = {1};
    uint8_t outcomes[kRowsPerUpdate];
    require(table->update(*txn, view, columns,
                          batch(1, data, types, kRowsPerUpdate, ids.data() + first), MORTISE_WAIT,
                          outcomes));
    require(txns.commit(txn, txn::Durability::lazy));
  }

  // Answers how long it took.
  double look(const mortise_read_view_t& view, int64_t expected) {
    const uint64_t begin = platform::monotonic_ns();
    heap::ScanOptions options;
    options.columns = {1};
    auto reader = take(heap::RowReader::open(*table, nullptr, view, options));
    uint32_t rows = 0;
    mortise_batch_t batch;
    while (take(reader->next(batch))) {
      for (uint32_t i = 0; i < batch.rows_count; ++i) {
        if (static_cast<const int64_t*>(batch.columns[0].data)[i] != expected) std::abort();
        ++rows;
      }
    }
    if (rows != kRows) std::abort();
    return static_cast<double>(platform::monotonic_ns() - begin) / 1e9;
  }

  double pages() {
    mortise_table_stats_t stats{};
    require(table->stats(stats));
    return static_cast<double>(stats.pages_count);
  }
};

void hot_updates(benchmark::State& state) {
  World w;
  require(w.txns.maintain());
  const double pages = w.pages();
  const double undo = static_cast<double>(w.txns.undo().segment_count());
  const mortise_read_view_t old = take(w.txns.read_open(kNoScn));
  for (auto _ : state) {
    for (uint32_t done = 0; done < kUpdates; done += kRowsPerUpdate) {
      w.update(done % kRows, done / kRows + 1);
      if (done % 100'000 == 0) require(w.txns.maintain());
    }
  }
  state.SetItemsProcessed(kUpdates);
  state.counters["table_growth"] = w.pages() - pages;
  state.counters["undo_segments"] = static_cast<double>(w.txns.undo().segment_count()) - undo;
  state.counters["first_look_s"] = w.look(old, 0);
  state.counters["second_look_s"] = w.look(old, 0);
  w.txns.read_close(old);
  require(w.txns.maintain());
  state.counters["undo_left"] = static_cast<double>(w.txns.undo().segment_count()) - undo;
  const mortise_read_view_t now = take(w.txns.read_open(kNoScn));
  w.look(now, kUpdates / kRows);
  w.txns.read_close(now);
}
BENCHMARK(hot_updates)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace mortise
