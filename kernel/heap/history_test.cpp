// SPDX-License-Identifier: Apache-2.0
//
// Goal:   many updates under an old reader cost undo and nothing else, and old versions of hot rows
//         are found without walking all of their chains again and again.
// Method: one instance on a simulated disk; few rows, many rounds of updates; sizes before, under
//         and after the reader.

#include <map>

#include "kernel/heap/test_instance.hpp"
#include "kernel/platform/random.hpp"

namespace mortise::heap {
namespace {

mortise_table_stats_t stats_of(Table& table) {
  mortise_table_stats_t stats{};
  require_ok(table.stats(stats));
  return stats;
}

void close_and_reopen(TestTable& t) {
  t.table.reset();
  require_ok(t.instance->storage->close());
  t.instance.reset();
  t.reopen();
}

TEST_CASE("history: updates under an old reader do not make the table grow, and undo goes away") {
  TestTable t(3, false, {.undo_retention_us = 0});
  constexpr int64_t kRows = 100;
  constexpr int64_t kRounds = 200;  // bench/micro/hot_update_bench.cpp does it for longer
  std::vector<Row> rows;
  for (int64_t id = 0; id < kRows; ++id) rows.push_back({id, 0, "hot row " + std::to_string(id)});
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, rows);
  require_ok(t.commit(txn));
  require_ok(t.txns().maintain());
  const uint64_t pages = stats_of(*t.table).pages_count;
  const uint64_t undo_base = t.txns().undo().segment_count();
  const mortise_read_view_t old = take(t.txns().read_open(kNoScn));
  for (int64_t round = 1; round <= kRounds; ++round) {
    txn = t.begin();
    for (size_t i = 0; i < ids.size(); ++i) {
      Row row = rows[i];
      row.amount = round;
      REQUIRE(update_row(*t.table, *txn, txn->view(), ids[i], row) == MORTISE_ROW_DONE);
    }
    require_ok(t.commit(txn));
    if (round % 50 == 0) require_ok(t.txns().maintain());
  }
  CHECK(stats_of(*t.table).pages_count == pages);
  CHECK(t.txns().undo().segment_count() > undo_base + 5);
  CHECK(take(try_scan(*t.table, nullptr, old)).size() == kRows);
  for (const FoundRow& row : take(try_scan(*t.table, nullptr, old))) CHECK(row.row.amount == 0);
  t.txns().read_close(old);
  require_ok(t.txns().maintain());
  CHECK(t.txns().undo().segment_count() <= undo_base + 1);
  CHECK(stats_of(*t.table).pages_count == pages);
  for (const FoundRow& row : t.scan_now()) CHECK(row.row.amount == kRounds);
  t.verify();
}

TEST_CASE("history: K1 readers of every age find their version of a hot row, and find it again") {
  TestTable t(4);
  platform::Random random(4);
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 0, "a"}, {2, 0, "b"}, {3, 0, "c"}});
  require_ok(t.commit(txn));
  struct Reader {
    mortise_read_view_t view;
    std::map<int64_t, Row> rows;
  };
  std::vector<Reader> readers;
  std::map<int64_t, Row> now = {{1, {1, 0, "a"}}, {2, {2, 0, "b"}}, {3, {3, 0, "c"}}};
  for (int64_t round = 1; round <= 2500; ++round) {
    if (round % 100 == 0) readers.push_back({take(t.txns().read_open(kNoScn)), now});
    txn = t.begin();
    const size_t which = random.below(10) < 8 ? 0 : 1 + random.below(2);
    Row row{static_cast<int64_t>(which + 1), round, std::string(1 + random.below(30), 'h')};
    // A row that is changed twice by one transaction has a version that names it in its chain.
    for (uint64_t k = 0; k < 1 + random.below(2); ++k) {
      t.next_statement(txn);
      REQUIRE(update_row(*t.table, *txn, txn->view(), ids[which], row) == MORTISE_ROW_DONE);
    }
    if (which == 2 && random.one_in(3)) {
      t.txns().abort(txn);
      continue;
    }
    require_ok(t.commit(txn));
    now[row.id] = row;
  }
  CHECK(t.instance->heap.known_versions().size_bytes() == 0);
  for (int pass = 0; pass < 3; ++pass) {
    for (size_t i = readers.size(); i > 1; --i) std::swap(readers[i - 1], readers[random.below(i)]);
    for (const Reader& reader : readers) {
      const auto found = take(try_scan(*t.table, nullptr, reader.view));
      REQUIRE(found.size() == 3);
      for (const FoundRow& row : found) CHECK(row.row == reader.rows.at(row.row.id));
    }
    CHECK(t.instance->heap.known_versions().size_bytes() > 0);
  }
  CHECK(t.instance->heap.known_versions().size_bytes() <= VersionCache::kBytesMax);
  for (const Reader& reader : readers) t.txns().read_close(reader.view);
}

TEST_CASE("history: K2 the versions that are kept stay within their bound") {
  memory::MemoryAccount account("instance", "test", nullptr);
  {
    VersionCache cache(account);
    KnownVersion version;
    for (uint32_t i = 0; i < 100'000; ++i) {
      version.writer = txn::Writer::of(Scn{100 + i % 7});
      version.until = Scn{200};
      version.body.assign(500, std::byte{1});
      cache.add({SegmentId{1}, PageId{i / 10}, i % 10}, version);
      REQUIRE(cache.size_bytes() <= VersionCache::kBytesMax);
      REQUIRE(account.used_bytes() == cache.size_bytes());
    }
    CHECK(cache.size_bytes() > VersionCache::kBytesMax / 2);
    KnownVersion found;
    CHECK(cache.find({SegmentId{1}, PageId{9999}, 9}, Scn{150}, found));
    CHECK(!cache.find({SegmentId{1}, PageId{0}, 0}, Scn{150}, found));
  }
  CHECK(account.used_bytes() == 0);
}

TEST_CASE("history: the row count is exact after a close") {
  TestTable t(6);
  txn::Transaction* txn = t.begin();
  std::vector<Row> rows;
  for (int64_t id = 0; id < 700; ++id) rows.push_back({id, id, "row"});
  const auto ids = insert_rows(*t.table, *txn, rows);
  require_ok(t.commit(txn));
  CHECK(stats_of(*t.table).rows_estimate == 700);
  require_ok(t.instance->heap.store_row_counts());
  close_and_reopen(t);
  CHECK(stats_of(*t.table).rows_estimate == 700);
}

TEST_CASE("history: a scan finds the room that a restart has forgotten") {
  TestTable t(7, false, {.undo_retention_us = 0});
  std::vector<Row> rows;
  for (int64_t id = 0; id < 2000; ++id) rows.push_back({id, id, std::string(100, 'r')});
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, rows);
  require_ok(t.commit(txn));
  txn = t.begin();
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i % 4 != 0) REQUIRE(erase_row(*t.table, *txn, txn->view(), ids[i]) == MORTISE_ROW_DONE);
  }
  require_ok(t.commit(txn));
  require_ok(t.txns().maintain());
  close_and_reopen(t);
  const uint64_t pages = stats_of(*t.table).pages_count;
  CHECK(t.scan_now().size() == 500);
  txn = t.begin();
  for (int64_t id = 0; id < 1000; id += 100) {
    insert_rows(*t.table, *txn, {rows.begin() + id, rows.begin() + id + 100});
  }
  require_ok(t.commit(txn));
  CHECK(stats_of(*t.table).pages_count <= pages + 1);
  CHECK(t.scan_now().size() == 1500);
  t.verify();
}

}  // namespace
}  // namespace mortise::heap
