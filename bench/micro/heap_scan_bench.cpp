// SPDX-License-Identifier: Apache-2.0
//
// Answers: what does it cost to read rows of a heap table as columns?
//
// A table like TPC-H's lineitem (16 columns, about 150 bytes a row) of 600,000 rows in memory, read
// at the kernel's level: without the SQL engine, by one thread.  `per_row` is time per row that
// stands in the table, `per_value` per value that was asked for, `bandwidth` the bytes of pages per
// second; compare it with the row `page_copy`, which only copies the same pages.
//
// Expected on a machine of 3 GHz: at most 15 ns a row for two columns behind three filters, 1 to 2
// ns a value for columns of fixed width, 4 for strings.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "kernel/heap/heap.hpp"
#include "kernel/heap/row_reader.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/recovery/storage.hpp"

namespace mortise {
namespace {

constexpr mortise_type_t kInt64{20, -1, MORTISE_PHYSICAL_INT64, 0, 0, 0};
constexpr mortise_type_t kInt32{23, -1, MORTISE_PHYSICAL_INT32, 0, 0, 0};
constexpr mortise_type_t kMoney{1700, -1, MORTISE_PHYSICAL_DECIMAL64, 2, 0, 0};
constexpr mortise_type_t kDate{1082, -1, MORTISE_PHYSICAL_INT32, 0, 0, 0};
constexpr mortise_type_t kText{25, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0};

enum Column : uint32_t {
  kOrderKey,
  kPartKey,
  kSuppKey,
  kLineNumber,
  kQuantity,
  kPrice,
  kDiscount,
  kTax,
  kReturnFlag,
  kLineStatus,
  kShipDate,
  kCommitDate,
  kReceiptDate,
  kInstruct,
  kMode,
  kComment,
  kColumnCount
};
constexpr std::array<mortise_type_t, kColumnCount> kTypes = {
    kInt64, kInt32, kInt32, kInt32, kMoney, kMoney, kMoney, kMoney,
    kText,  kText,  kDate,  kDate,  kDate,  kText,  kText,  kText};
constexpr uint32_t kRows = 600'000;
constexpr uint32_t kRowsPerBatch = 2048;
constexpr int32_t kFirstDate = 8036;
constexpr uint32_t kDates = 2526;

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

// The columns of one batch of made-up line items.
class LineItems {
 public:
  explicit LineItems(uint64_t seed) : random_(seed) {
    for (auto& column : data_) column.resize(kRowsPerBatch * sizeof(mortise_view_t) / 8 + 8);
  }

  const mortise_batch_t& fill(uint32_t first) {
    static constexpr const char* kModes[] = {"AIR", "TRUCK", "MAIL", "SHIP", "REG AIR"};
    static constexpr const char* kInstructions[] = {"DELIVER IN PERSON", "COLLECT COD", "NONE",
                                                    "TAKE BACK RETURN"};
    for (uint32_t i = 0; i < kRowsPerBatch; ++i) {
      put<int64_t>(kOrderKey, i, (first + i) / 4);
      put<int32_t>(kPartKey, i, static_cast<int32_t>(random_.below(20'000)));
      put<int32_t>(kSuppKey, i, static_cast<int32_t>(random_.below(1'000)));
      put<int32_t>(kLineNumber, i, static_cast<int32_t>((first + i) % 4));
      put<int64_t>(kQuantity, i, static_cast<int64_t>(1 + random_.below(50)) * 100);
      put<int64_t>(kPrice, i, static_cast<int64_t>(90'000 + random_.below(10'000'000)));
      put<int64_t>(kDiscount, i, static_cast<int64_t>(random_.below(11)));
      put<int64_t>(kTax, i, static_cast<int64_t>(random_.below(9)));
      put_text(kReturnFlag, i, random_.below(2) == 0 ? "N" : "R");
      put_text(kLineStatus, i, random_.below(2) == 0 ? "O" : "F");
      const int32_t date = kFirstDate + static_cast<int32_t>(random_.below(kDates));
      put<int32_t>(kShipDate, i, date);
      put<int32_t>(kCommitDate, i, date + 10);
      put<int32_t>(kReceiptDate, i, date + 20);
      put_text(kInstruct, i, kInstructions[random_.below(4)]);
      put_text(kMode, i, kModes[random_.below(5)]);
      static constexpr std::string_view kWords =
          "carefully final packages haggle slyly among the even deposits";
      put_text(kComment, i, kWords.substr(random_.below(16), 10 + random_.below(34)));
    }
    for (uint32_t c = 0; c < kColumnCount; ++c) columns_[c] = {nullptr, data_[c].data(), 0, 0};
    batch_.struct_size_bytes = sizeof(batch_);
    batch_.rows_count = kRowsPerBatch;
    batch_.selected_count = kRowsPerBatch;
    batch_.columns_count = kColumnCount;
    batch_.columns = columns_.data();
    batch_.types = kTypes.data();
    return batch_;
  }

 private:
  template <typename T>
  void put(Column column, uint32_t i, T value) {
    std::memcpy(reinterpret_cast<std::byte*>(data_[column].data()) + i * sizeof(T), &value,
                sizeof(T));
  }
  // The bytes are constants of the program.
  void put_text(Column column, uint32_t i, std::string_view text) {
    const mortise_view_t view = scan::make_view(text.data(), static_cast<uint32_t>(text.size()));
    std::memcpy(data_[column].data() + i * 2, &view, sizeof(view));
  }

  platform::Random random_;
  std::array<std::vector<uint64_t>, kColumnCount> data_;
  std::array<mortise_column_t, kColumnCount> columns_{};
  mortise_batch_t batch_{};
};

struct World {
  platform::SimDisk disk{1};
  memory::MemoryAccount account{"instance", "bench", nullptr};
  txn::TxnManager txns;
  heap::Heap heap{account};
  std::unique_ptr<recovery::Storage> storage;
  std::unique_ptr<heap::Table> table;

  static recovery::StorageOptions options() {
    recovery::StorageOptions options;
    options.pool.pool_bytes = uint64_t{256} << 20;
    options.log.flusher_thread = true;
    options.background_threads = false;
    return options;
  }

  World() {
    heap.attach(txns);
    require(recovery::Storage::create(disk, "/db", options()));
    storage = take(recovery::Storage::open(disk, "/db", options(), &txns));
    std::array<mortise_table_column_t, kColumnCount> columns{};
    for (uint32_t c = 0; c < kColumnCount; ++c) columns[c] = {kTypes[c], 0, 0, nullptr};
    mortise_table_desc_t desc{};
    desc.struct_size_bytes = sizeof(desc);
    desc.columns_count = kColumnCount;
    desc.columns = columns.data();
    desc.object = 16384;
    txn::Transaction* txn = take(txns.begin({}));
    take(txns.statement_begin(*txn));
    desc.segment = raw(take(heap.create(*txn, desc)));
    table = take(heap::Table::open(heap, desc));
    LineItems items(7);
    std::vector<mortise_row_id_t> ids(kRowsPerBatch);
    for (uint32_t first = 0; first < kRows; first += kRowsPerBatch) {
      require(table->insert(*txn, items.fill(first), ids.data()));
    }
    require(txns.commit(txn, txn::Durability::durable));
  }

  uint64_t size_bytes() {
    mortise_table_stats_t stats{};
    require(table->stats(stats));
    return stats.pages_count * page::kUnitBytes;
  }
};

World& world() {
  static World* world = new World;  // lives until the end
  return *world;
}

uint64_t scan_all(const heap::ScanOptions& options) {
  World& w = world();
  const mortise_read_view_t view = take(w.txns.read_open(kNoScn));
  uint64_t rows = 0;
  {
    auto reader = take(heap::RowReader::open(*w.table, nullptr, view, options));
    mortise_batch_t batch;
    while (take(reader->next(batch))) rows += batch.selected_count;
  }
  w.txns.read_close(view);
  return rows;
}

void run(benchmark::State& state, const heap::ScanOptions& options) {
  World& w = world();
  uint64_t found = 0;
  for (auto _ : state) found = scan_all(options);
  const double scans = static_cast<double>(state.iterations());
  using Counter = benchmark::Counter;
  state.counters["per_row"] = Counter(scans * kRows, Counter::kIsRate | Counter::kInvert);
  const double values = static_cast<double>(found * options.columns.size());
  if (values > 0) {
    state.counters["per_value"] = Counter(scans * values, Counter::kIsRate | Counter::kInvert);
  }
  state.counters["rows"] = static_cast<double>(found);
  state.counters["bandwidth"] = Counter(scans * static_cast<double>(w.size_bytes()),
                                        Counter::kIsRate, Counter::OneK::kIs1024);
}

void page_copy(benchmark::State& state) {
  World& w = world();
  std::vector<std::byte> copy(page::kUnitBytes);
  space::ScanRange all;
  std::vector<PageId> pages;
  for (;;) {
    const auto refs = take(w.storage->spaces().scan(w.table->state().segment, all, 256));
    if (refs.empty()) break;
    for (const space::PageRef& ref : refs) pages.push_back(ref.id);
  }
  for (auto _ : state) {
    for (const PageId page : pages) {
      auto guard = take(w.storage->pool().shared(page));
      std::memcpy(copy.data(), guard.data(), copy.size());
      benchmark::DoNotOptimize(copy.data());
    }
  }
  state.counters["bandwidth"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(w.size_bytes()),
      benchmark::Counter::kIsRate, benchmark::Counter::OneK::kIs1024);
}
BENCHMARK(page_copy)->Unit(benchmark::kMillisecond);

void count(benchmark::State& state) {
  run(state, {});
}
BENCHMARK(count)->Unit(benchmark::kMillisecond);

// TPC-H 6: three ranges, two columns of the few rows that are left.
void query_6(benchmark::State& state) {
  static const int32_t dates[] = {kFirstDate + 700, kFirstDate + 1065};
  static const int64_t discounts[] = {5, 7};
  static const int64_t quantity = 2400;
  heap::ScanOptions options;
  options.columns = {kPrice, kDiscount};
  options.filters = {{kShipDate, MORTISE_FILTER_BETWEEN, dates, 2, 0},
                     {kDiscount, MORTISE_FILTER_BETWEEN, discounts, 2, 0},
                     {kQuantity, MORTISE_FILTER_LT, &quantity, 1, 0}};
  run(state, options);
}
BENCHMARK(query_6)->Unit(benchmark::kMillisecond);

// TPC-H 1: nearly all rows, four numbers and two flags.
void query_1(benchmark::State& state) {
  static const int32_t date = kFirstDate + 2460;
  heap::ScanOptions options;
  options.columns = {kReturnFlag, kLineStatus, kQuantity, kPrice, kDiscount, kTax};
  options.filters = {{kShipDate, MORTISE_FILTER_LE, &date, 1, 0}};
  run(state, options);
}
BENCHMARK(query_1)->Unit(benchmark::kMillisecond);

// TPC-H 3: half of the rows, four numbers.
void query_3(benchmark::State& state) {
  static const int32_t date = kFirstDate + 1263;
  heap::ScanOptions options;
  options.columns = {kOrderKey, kPrice, kDiscount, kShipDate};
  options.filters = {{kShipDate, MORTISE_FILTER_GT, &date, 1, 0}};
  run(state, options);
}
BENCHMARK(query_3)->Unit(benchmark::kMillisecond);

void numbers(benchmark::State& state) {
  heap::ScanOptions options;
  options.columns = {kOrderKey, kPartKey,  kSuppKey, kLineNumber, kQuantity,
                     kPrice,    kDiscount, kTax,     kShipDate};
  run(state, options);
}
BENCHMARK(numbers)->Unit(benchmark::kMillisecond);

void comments(benchmark::State& state) {
  heap::ScanOptions options;
  options.columns = {kComment};
  run(state, options);
}
BENCHMARK(comments)->Unit(benchmark::kMillisecond);

void all_columns(benchmark::State& state) {
  heap::ScanOptions options;
  for (uint32_t c = 0; c < kColumnCount; ++c) options.columns.push_back(c);
  options.wants_row_ids = true;
  run(state, options);
}
BENCHMARK(all_columns)->Unit(benchmark::kMillisecond);

// Order keys that a join has left: one in sixteen passes.
void bloom(benchmark::State& state) {
  static std::vector<uint64_t> words;
  static mortise_bloom_t set;
  if (words.empty()) {
    words.resize((kRows / 4 / 16) * 2 / 8 * 8 + 8);
    uint64_t size = 8;
    while (size * 2 <= words.size()) size *= 2;
    words.resize(size + 8);
    auto* const at = words.data() + (8 - reinterpret_cast<uintptr_t>(words.data()) / 8 % 8) % 8;
    set = {at, size};
    std::vector<int64_t> keys;
    for (int64_t key = 0; key < kRows / 4; key += 16) keys.push_back(key);
    keys.resize(keys.size() + 8);
    const uint32_t count = static_cast<uint32_t>(keys.size() - 8);
    std::vector<uint64_t> hashes(count);
    scan::column_hash(MORTISE_PHYSICAL_INT64, keys.data(), nullptr, count, 0, false, hashes.data());
    scan::bloom_add(set, hashes.data(), count);
  }
  heap::ScanOptions options;
  options.columns = {kOrderKey, kPrice, kDiscount};
  options.filters = {{kOrderKey, MORTISE_FILTER_BLOOM, &set, 1, 0}};
  run(state, options);
}
BENCHMARK(bloom)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace mortise
