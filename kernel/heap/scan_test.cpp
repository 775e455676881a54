// SPDX-License-Identifier: Apache-2.0
//
// Goal:   scans and fetches give the values that were stored, whatever the rows' shapes, ages and
//         filters; large values come back whole through a codec, and say so when it is not there.
// Method: random rows with nulls, short and long texts, changed and deleted at random, compared
//         with a plain copy, through every filter, batch size and part; a codec of the test's own.

#include <algorithm>
#include <map>

#include "kernel/heap/test_instance.hpp"
#include "kernel/platform/random.hpp"

namespace mortise::heap {
namespace {

std::string text_of(platform::Random& random) {
  static constexpr size_t kSizes[] = {0, 1, 4, 5, 11, 12, 13, 31, 32, 33, 64, 200};
  std::string text(kSizes[random.below(std::size(kSizes))], ' ');
  for (char& c : text) c = static_cast<char>('a' + random.below(4));
  return text;
}

Row row_of(platform::Random& random, int64_t id) {
  Row row{id, std::nullopt, std::nullopt};
  if (!random.one_in(4)) row.amount = static_cast<int64_t>(random.below(50));
  if (!random.one_in(5)) row.text = text_of(random);
  return row;
}

// A table and what stands in it.
struct Filled {
  TestTable t;
  std::map<mortise_row_id_t, Row> rows;
  platform::Random random;

  explicit Filled(uint64_t seed, bool with_changes) : random(seed) {
    txn::Transaction* txn = t.begin();
    for (int64_t id = 0; id < 3000; id += 100) {
      std::vector<Row> some;
      // Whole pages without a null, and mixed ones.
      for (int64_t i = 0; i < 100; ++i) {
        some.push_back(id < 1000 ? Row{id + i, i % 50, "text " + std::to_string(i)}
                                 : row_of(random, id + i));
      }
      const auto ids = insert_rows(*t.table, *txn, some);
      for (size_t i = 0; i < ids.size(); ++i) rows[ids[i]] = some[i];
    }
    require_ok(t.commit(txn));
    if (with_changes) change();
  }

  void change() {
    txn::Transaction* txn = t.begin();
    for (auto at = rows.begin(); at != rows.end();) {
      if (random.one_in(10)) {
        REQUIRE(erase_row(*t.table, *txn, txn->view(), at->first) == MORTISE_ROW_DONE);
        at = rows.erase(at);
        continue;
      }
      if (random.one_in(8)) {
        at->second = row_of(random, at->second.id);
        if (random.one_in(4)) at->second.text = std::string(1500, 'z');
        REQUIRE(update_row(*t.table, *txn, txn->view(), at->first, at->second) == MORTISE_ROW_DONE);
      }
      ++at;
    }
    require_ok(t.commit(txn));
  }

  // What a scan with these filters finds, and what `passes` says.
  template <typename F>
  void compare(std::vector<mortise_filter_t> filters, F&& passes, uint32_t batch_rows = 0) {
    ScanOptions options;
    options.filters = std::move(filters);
    options.batch_rows_max = batch_rows;
    const mortise_read_view_t view = take(t.txns().read_open(kNoScn));
    const auto found = take(try_scan(*t.table, nullptr, view, options));
    t.txns().read_close(view);
    size_t expected = 0;
    for (const auto& [id, row] : rows) expected += passes(row) ? 1 : 0;
    CHECK(found.size() == expected);
    for (const FoundRow& row : found) {
      REQUIRE(rows.contains(row.id));
      CHECK(row.row == rows.at(row.id));
      CHECK(passes(row.row));
    }
  }
};

TEST_CASE("scan: D2 rows of any shape pass the filters that they should, with all their values") {
  for (const bool with_changes : {false, true}) {
    const uint64_t seed = with_changes ? 11 : 12;
    CAPTURE(seed);
    Filled f(seed, with_changes);
    const int64_t ten = 10;
    const int64_t range[] = {20, 40};
    const std::string prefix = "aa";
    const mortise_view_t start = scan::make_view(prefix.data(), 2);
    const auto all = [](const Row&) { return true; };
    const auto few = [&](const Row& row) { return row.amount && *row.amount < ten; };
    const auto between = [&](const Row& row) {
      return row.amount && *row.amount >= 20 && *row.amount <= 40;
    };
    const auto starts = [&](const Row& row) { return row.text && row.text->starts_with("aa"); };
    for (const uint32_t batch_rows : {0u, 1u, 7u, 100u}) {
      f.compare({}, all, batch_rows);
      f.compare({{1, MORTISE_FILTER_LT, &ten, 1, 0}}, few, batch_rows);
    }
    f.compare({{1, MORTISE_FILTER_BETWEEN, range, 2, 0}}, between);
    f.compare({{2, MORTISE_FILTER_PREFIX, &start, 1, 0}}, starts);
    f.compare({{2, MORTISE_FILTER_IS_NULL, nullptr, 0, 0}},
              [](const Row& row) { return !row.text; });
    f.compare({{2, MORTISE_FILTER_PREFIX, &start, 1, 0},
               {1, MORTISE_FILTER_BETWEEN, range, 2, 0},
               {2, MORTISE_FILTER_NOT_NULL, nullptr, 0, 0},
               {0, MORTISE_FILTER_GT, &ten, 1, 0}},
              [&](const Row& row) { return starts(row) && between(row) && row.id > ten; });
  }
}

TEST_CASE("scan: a scan without columns counts the rows that its view sees") {
  Filled f(21, true);
  const auto count = [&] {
    const mortise_read_view_t view = take(f.t.txns().read_open(kNoScn));
    auto reader = take(RowReader::open(*f.t.table, nullptr, view, {}));
    uint64_t rows = 0;
    mortise_batch_t batch;
    while (take(reader->next(batch))) {
      CHECK(batch.rows_count <= MORTISE_BATCH_ROWS_DEFAULT);
      rows += batch.selected_count;
    }
    reader.reset();
    f.t.txns().read_close(view);
    return rows;
  };
  CHECK(count() == f.rows.size());
  txn::Transaction* writer = f.t.begin();
  insert_rows(*f.t.table, *writer, {{1, 1, "one"}});
  CHECK(count() == f.rows.size());
  require_ok(f.t.commit(writer));
  CHECK(count() == f.rows.size() + 1);
}

TEST_CASE("fetch: rows come in the order asked for, repeated and missing ones included") {
  Filled f(31, true);
  std::vector<mortise_row_id_t> ids;
  for (const auto& [id, row] : f.rows) ids.push_back(id);
  for (int i = 0; i < 200; ++i) ids.push_back(ids[f.random.below(ids.size())]);
  ids.push_back(RowId::make(RowId{ids[0]}.page(f.t.table->state().space), 4000).word);
  const mortise_read_view_t view = take(f.t.txns().read_open(kNoScn));
  ScanOptions options;
  options.columns = {0, 1, 2};
  auto reader = take(RowReader::open(*f.t.table, nullptr, view, options));
  for (int round = 0; round < 3; ++round) {
    mortise_batch_t batch;
    require_ok(reader->fetch(ids, batch));
    CHECK(batch.rows_count == ids.size());
    CHECK(batch.selected_count == ids.size() - 1);
    for (uint32_t i = 0; i < batch.selected_count; ++i) {
      const uint32_t at = batch.selection == nullptr ? i : batch.selection[i];
      REQUIRE(f.rows.contains(ids[at]));
      CHECK(row_at(batch, at) == f.rows.at(ids[at]));
    }
    for (size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[f.random.below(i)]);
  }
  reader.reset();
  f.t.txns().read_close(view);
}

// Runs of one byte as {count, byte}: enough of a codec.
mortise_status_t MORTISE_CALL compress_runs(mortise_bytes_t input, int32_t, uint8_t* output,
                                            uint64_t capacity, uint64_t* size, mortise_error_t*) {
  uint64_t used = 0;
  for (uint64_t i = 0; i < input.size_bytes;) {
    uint64_t run = 1;
    while (run < 255 && i + run < input.size_bytes && input.data[i + run] == input.data[i]) ++run;
    if (used + 2 > capacity) return MORTISE_E_LIMIT;
    output[used++] = static_cast<uint8_t>(run);
    output[used++] = input.data[i];
    i += run;
  }
  *size = used;
  return MORTISE_OK;
}
mortise_status_t MORTISE_CALL expand_runs(mortise_bytes_t input, uint8_t* output, uint64_t size,
                                          mortise_error_t*) {
  uint64_t done = 0;
  for (uint64_t i = 0; i + 1 < input.size_bytes; i += 2) {
    for (uint32_t k = 0; k < input.data[i]; ++k) {
      if (done == size) return MORTISE_E_CORRUPT;
      output[done++] = input.data[i + 1];
    }
  }
  return done == size ? MORTISE_OK : MORTISE_E_CORRUPT;
}
uint64_t MORTISE_CALL twice(uint64_t size) {
  return 2 * size;
}

class RunCodec final : public Codecs {
 public:
  const mortise_iface_codec_t* find(std::string_view name) override {
    static constexpr mortise_iface_codec_t kCodec = {
        {sizeof(mortise_iface_codec_t), 1, 0, 0}, 0, 0, 0, 0, twice, compress_runs, expand_runs};
    return is_there && name == "runs" ? &kCodec : nullptr;
  }
  bool is_there = true;
};

uint64_t pages_of(Table& table) {
  mortise_table_stats_t stats{};
  require_ok(table.stats(stats));
  return stats.pages_count;
}

TEST_CASE("large: L3 a compressed value takes few pages, comes back whole, and names its codec") {
  TestTable t;
  RunCodec codec;
  t.instance->heap.large_values().set_codecs(&codec, "runs");
  platform::Random random(5);
  std::string even(5'000'000, 'x');
  even[4'000'000] = 'y';
  std::string noise(100'000, ' ');
  for (char& c : noise) c = static_cast<char>('a' + random.below(26));
  std::string mixed = std::string(2'000'000, 'm') + noise;
  const uint64_t before = pages_of(*t.table);
  txn::Transaction* txn = t.begin();
  insert_rows(*t.table, *txn, {{1, 1, even}});
  require_ok(t.commit(txn));
  CHECK(pages_of(*t.table) - before < 5'000'000 / 64 / 1024);
  txn = t.begin();
  insert_rows(*t.table, *txn, {{2, 2, noise}, {3, 3, mixed}, {4, 4, std::string(3000, 'k')}});
  require_ok(t.commit(txn));
  const auto check_all = [&] {
    const auto rows = t.scan_now();
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].row.text == even);
    CHECK(rows[1].row.text == noise);
    CHECK(rows[2].row.text == mixed);
    CHECK(rows[3].row.text == std::string(3000, 'k'));
  };
  check_all();
  // Recovery needs no codec; only reading the values does, and it says which.
  t.crash(9);
  t.reopen();
  const mortise_read_view_t view = take(t.txns().read_open(kNoScn));
  auto scan = try_scan(*t.table, nullptr, view);
  t.txns().read_close(view);
  REQUIRE(!scan);
  CHECK(scan.error().sqlstate() == "0A000");
  CHECK(scan.error().message().find("\"runs\"") != std::string::npos);
  t.instance->heap.large_values().set_codecs(&codec, "");
  check_all();
}

TEST_CASE("large: L3 damaged frames are corrupt and leave the reader's other bytes alone") {
  TestTable t;
  RunCodec codec;
  t.instance->heap.large_values().set_codecs(&codec, "runs");
  txn::Transaction* txn = t.begin();
  LargeValues& values = t.instance->heap.large_values();
  require_ok(t.txns().start_writing(*txn));
  const std::string text(1'500'000, 'x');
  LargeRef ref = take(
      values.write(*txn, t.segment, t.table->state().page_class, std::as_bytes(std::span(text))));
  CHECK(ref.flags == kLargeCompressed);
  const auto read = [&](const LargeRef& from) {
    std::vector<std::byte> into(from.size_bytes + 64, std::byte{0x5A});
    const Status status = values.read(*t.instance->storage, from, {into.data(), from.size_bytes});
    for (size_t i = from.size_bytes; i < into.size(); ++i) CHECK(into[i] == std::byte{0x5A});
    return status;
  };
  require_ok(read(ref));
  LargeRef shorter = ref;
  shorter.size_bytes -= 1;
  CHECK(read(shorter).code() == Code::corrupt);
  LargeRef longer = ref;
  longer.size_bytes += 1;
  CHECK(read(longer).code() == Code::corrupt);
  LargeRef unknown = ref;
  unknown.flags = 2;
  CHECK(read(unknown).code() == Code::unsupported);
  platform::Random random(8);
  for (int round = 0; round < 300; ++round) {
    // Any byte of the frame, its lengths above all.
    const uint32_t offset = 56 + static_cast<uint32_t>(random.below(round < 150 ? 14 : 200));
    std::byte old;
    const auto put = [&](std::byte value) {
      log::Mtr mtr(t.instance->storage->mtr_context());
      const log::PageX page = take(mtr.exclusive(PageId{ref.head}));
      old = page.data()[offset];
      mtr.store(page, offset, value);
      mtr.commit();
    };
    put(static_cast<std::byte>(random.below(256)));
    const std::byte kept = old;
    static_cast<void>(read(ref));
    put(kept);
  }
  require_ok(read(ref));
  require_ok(t.commit(txn));
}

}  // namespace
}  // namespace mortise::heap
