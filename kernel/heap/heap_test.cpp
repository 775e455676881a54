// SPDX-License-Identifier: Apache-2.0
//
// Goal:   rows are stored, seen, changed and taken back as table_engine.h promises.
// Method: one instance on a simulated disk, few threads; crashes and concurrency have tests of
//         their own (crash_test.cpp, isolation_test.cpp, stress_test.cpp).

#include <algorithm>

#include "kernel/heap/test_instance.hpp"
#include "kernel/platform/random.hpp"

namespace mortise::heap {
namespace {

TEST_CASE("heap: what was inserted is read by its own later command and by others after commit") {
  TestTable t;
  txn::Transaction* writer = t.begin();
  txn::Transaction* reader = t.begin();
  insert_rows(*t.table, *writer, {{1, 10, "one"}, {2, std::nullopt, std::nullopt}});
  CHECK(t.scan(writer).empty());  // the same command
  t.next_statement(writer);
  CHECK(t.scan(writer).size() == 2);
  t.next_statement(reader);
  CHECK(t.scan(reader).empty());
  require_ok(t.commit(writer));
  CHECK(t.scan(reader).empty());  // its statement's snapshot is older
  t.next_statement(reader);
  const auto rows = t.scan(reader);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].row == Row{1, 10, "one"});
  CHECK(rows[1].row == Row{2, std::nullopt, std::nullopt});
  require_ok(t.commit(reader));
  t.verify();
}

TEST_CASE("heap: an old view goes on seeing what was updated and deleted") {
  TestTable t;
  txn::Transaction* writer = t.begin();
  const auto ids = insert_rows(*t.table, *writer, {{1, 10, "one"}, {2, 20, "two"}, {3, 30, "x"}});
  require_ok(t.commit(writer));
  txn::Transaction* old = t.begin({.isolation = txn::Isolation::repeatable_read});
  for (int64_t round = 1; round <= 5; ++round) {
    txn::Transaction* txn = t.begin();
    const std::string text(static_cast<size_t>(round) * 17, 'y');
    CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 10 + round, text}) ==
          MORTISE_ROW_DONE);
    if (round == 3) CHECK(erase_row(*t.table, *txn, txn->view(), ids[1]) == MORTISE_ROW_DONE);
    require_ok(t.commit(txn));
  }
  t.next_statement(old);
  const auto before = t.scan(old);
  REQUIRE(before.size() == 3);
  CHECK(before[0].row == Row{1, 10, "one"});
  CHECK(before[1].row == Row{2, 20, "two"});
  require_ok(t.commit(old));
  const auto now = t.scan_now();
  REQUIRE(now.size() == 2);
  CHECK(now[0].row == Row{1, 15, std::string(85, 'y')});
  CHECK(now[0].id == ids[0]);
  t.verify();
}

TEST_CASE("heap: H1 a row keeps its id when it outgrows its page and comes back") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  std::vector<Row> rows;
  for (int64_t i = 0; i < 60; ++i) rows.push_back({i, i, std::string(40, 'a')});
  const auto ids = insert_rows(*t.table, *txn, rows);
  require_ok(t.commit(txn));
  txn::Transaction* old = t.begin({.isolation = txn::Isolation::repeatable_read});
  for (const size_t size : {size_t{1500}, size_t{1900}, size_t{10}, size_t{1700}}) {
    txn = t.begin();
    for (size_t i = 0; i < ids.size(); i += 3) {
      rows[i].text = std::string(size, static_cast<char>('b' + i % 20));
      CHECK(update_row(*t.table, *txn, txn->view(), ids[i], rows[i]) == MORTISE_ROW_DONE);
    }
    require_ok(t.commit(txn));
    t.verify();
    auto found = t.scan_now();
    REQUIRE(found.size() == rows.size());
    std::ranges::sort(found, {}, [](const FoundRow& f) { return f.row.id; });
    for (size_t i = 0; i < rows.size(); ++i) {
      CHECK(found[i].row == rows[i]);
      CHECK(found[i].id == ids[i]);
    }
  }
  const auto before = t.scan(old);
  REQUIRE(before.size() == 60);
  CHECK(std::ranges::all_of(before,
                            [](const FoundRow& f) { return f.row.text == std::string(40, 'a'); }));
  require_ok(t.commit(old));
}

TEST_CASE("heap: a value of many megabytes goes out of line and comes back whole") {
  TestTable t;
  platform::Random random(7);
  std::string large(3'000'000, ' ');
  for (char& c : large) c = static_cast<char>('a' + random.below(26));
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 1, large}, {2, 2, std::string(5000, 'q')}});
  require_ok(t.commit(txn));
  auto rows = t.scan_now();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].row.text == large);
  CHECK(rows[1].row.text == std::string(5000, 'q'));
  txn::Transaction* old = t.begin({.isolation = txn::Isolation::repeatable_read});
  txn = t.begin();
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 5, "short"}) == MORTISE_ROW_DONE);
  CHECK(update_row(*t.table, *txn, txn->view(), ids[1], {2, 6, large}) == MORTISE_ROW_DONE);
  require_ok(t.commit(txn));
  CHECK(t.scan(old)[0].row.text == large);
  require_ok(t.commit(old));
  CHECK(t.scan_now()[1].row.text == large);
  t.instance->txns.set_undo_retention_us(0);
  require_ok(t.txns().maintain());
  CHECK(t.scan_now()[0].row == Row{1, 5, "short"});
  require_ok(t.instance->storage->spaces().verify(SpaceId{0}));
}

TEST_CASE("heap: rollback and rollback to a savepoint leave nothing behind") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 10, "one"}, {2, 20, "two"}});
  require_ok(t.commit(txn));
  txn = t.begin();
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 11, std::string(1900, 'z')}) ==
        MORTISE_ROW_DONE);
  t.next_statement(txn);
  const uint64_t savepoint = take(t.txns().savepoint(*txn));
  CHECK(erase_row(*t.table, *txn, txn->view(), ids[1]) == MORTISE_ROW_DONE);
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 12, std::string(30000, 'w')}) ==
        MORTISE_ROW_DONE);
  insert_rows(*t.table, *txn, {{3, 30, "three"}});
  require_ok(t.txns().rollback_to(*txn, savepoint));
  t.next_statement(txn);
  auto rows = t.scan(txn);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].row == Row{1, 11, std::string(1900, 'z')});
  CHECK(rows[1].row == Row{2, 20, "two"});
  t.txns().abort(txn);
  rows = t.scan_now();
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].row == Row{1, 10, "one"});
  CHECK(rows[1].row == Row{2, 20, "two"});
  t.verify();
  CHECK(t.txns().rollback_to(*t.begin(), 9).sqlstate() == "3B001");
}

TEST_CASE("heap: a change of a change in one command is reported, not made") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 10, "one"}});
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 11, "a"}) == MORTISE_ROW_SELF);
  t.next_statement(txn);
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 11, "a"}) == MORTISE_ROW_DONE);
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 12, "b"}) == MORTISE_ROW_SELF);
  t.next_statement(txn);
  CHECK(erase_row(*t.table, *txn, txn->view(), ids[0]) == MORTISE_ROW_DONE);
  CHECK(erase_row(*t.table, *txn, txn->view(), ids[0]) == MORTISE_ROW_SELF);
  t.next_statement(txn);
  CHECK(erase_row(*t.table, *txn, txn->view(), ids[0]) == MORTISE_ROW_GONE);
  require_ok(t.commit(txn));
}

TEST_CASE("heap: filters are applied, parts cover every row once, fetch answers by id") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  std::vector<Row> rows;
  for (int64_t i = 0; i < 20'000; ++i) {
    rows.push_back(
        {i, i % 7 == 0 ? std::optional<int64_t>() : i % 100, "row " + std::to_string(i)});
  }
  const auto ids = insert_rows(*t.table, *txn, rows);
  require_ok(t.commit(txn));
  const int64_t ten = 10;
  ScanOptions filtered;
  filtered.filters = {{1, MORTISE_FILTER_LT, &ten, 1, 0}};
  const mortise_read_view_t view = take(t.txns().read_open(kNoScn));
  const auto few = take(try_scan(*t.table, nullptr, view, filtered));
  const auto expected = std::ranges::count_if(
      rows, [](const Row& r) { return r.amount.has_value() && *r.amount < 10; });
  CHECK(few.size() == static_cast<size_t>(expected));
  std::vector<int64_t> seen;
  for (uint32_t part = 0; part < 3; ++part) {
    ScanOptions options;
    options.part_index = part;
    options.parts_count = 3;
    for (const FoundRow& f : take(try_scan(*t.table, nullptr, view, options))) {
      seen.push_back(f.row.id);
    }
  }
  std::ranges::sort(seen);
  CHECK(seen.size() == rows.size());
  CHECK(std::ranges::adjacent_find(seen) == seen.end());
  ScanOptions columns;
  columns.columns = {0, 1, 2};
  auto reader = take(RowReader::open(*t.table, nullptr, view, columns));
  const mortise_row_id_t wanted[] = {ids[19'999], ids[5], ids[5]};
  mortise_batch_t batch;
  require_ok(reader->fetch(wanted, batch));
  CHECK(batch.rows_count == 3);
  CHECK(row_at(batch, 0) == rows[19'999]);
  CHECK(row_at(batch, 2) == rows[5]);
  t.txns().read_close(view);
  mortise_table_stats_t stats{};
  require_ok(t.table->stats(stats));
  CHECK(stats.rows_estimate == 20'000);
  t.verify();
}

TEST_CASE("heap: a column added later reads as its missing value, and is stored by an update") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 10, "one"}, {2, 20, "two"}});
  require_ok(t.commit(txn));
  TestDesc wider;
  const int64_t missing = 42;
  const mortise_view_t word = scan::make_view("a longer missing text", 21);
  wider.columns.push_back({kInt64, 0, 1, &missing});
  wider.columns.push_back({kText, 0, 1, &word});
  auto table = take(Table::open(t.instance->heap, wider.desc(t.segment)));
  txn = t.begin();
  CHECK(update_row(*table, *txn, txn->view(), ids[0], {1, 11, "uno"}) == MORTISE_ROW_DONE);
  require_ok(t.commit(txn));
  const mortise_read_view_t view = take(t.txns().read_open(kNoScn));
  ScanOptions options;
  options.columns = {0, 3, 4};
  auto reader = take(RowReader::open(*table, nullptr, view, options));
  mortise_batch_t batch;
  REQUIRE(take(reader->next(batch)));
  REQUIRE(batch.rows_count == 2);
  for (uint32_t i = 0; i < 2; ++i) {
    CHECK(static_cast<const int64_t*>(batch.columns[1].data)[i] == 42);
    const auto text = static_cast<const mortise_view_t*>(batch.columns[2].data)[i];
    CHECK(text.size_bytes == 21);
  }
  reader.reset();
  t.txns().read_close(view);
  CHECK(t.scan_now()[0].row == Row{1, 11, "uno"});  // the older handle reads on
  txn = t.begin();
  const RowBatch batch_row({{1, 12, "x"}}, {ids[0]}, {1, 2});
  const uint32_t columns[] = {1, 2};
  uint8_t outcome = 0;
  CHECK(t.table->update(*txn, txn->view(), columns, batch_row.batch(), 0, &outcome).code() ==
        Code::stale);
  t.txns().abort(txn);
}

TEST_CASE("heap: purge retires deleted rows behind the horizon, and their ids name nothing") {
  TestTable t;
  t.txns().set_undo_retention_us(0);
  txn::Transaction* txn = t.begin();
  std::vector<Row> rows;
  for (int64_t i = 0; i < 500; ++i) rows.push_back({i, i, std::string(100, 'r')});
  const auto ids = insert_rows(*t.table, *txn, rows);
  require_ok(t.commit(txn));
  txn::Transaction* old = t.begin({.isolation = txn::Isolation::repeatable_read});
  txn = t.begin();
  for (size_t i = 0; i < ids.size(); i += 2) {
    CHECK(erase_row(*t.table, *txn, txn->view(), ids[i]) == MORTISE_ROW_DONE);
  }
  require_ok(t.commit(txn));
  require_ok(t.txns().maintain());
  CHECK(t.scan(old).size() == 500);  // the horizon waits for it
  require_ok(t.commit(old));
  t.next_statement(txn = t.begin());
  require_ok(t.txns().maintain());
  CHECK(t.scan(txn).size() == 250);
  const auto more =
      insert_rows(*t.table, *txn, std::vector<Row>(250, Row{9, 9, std::string(100, 'n')}));
  for (const mortise_row_id_t id : more) {
    CHECK(std::ranges::find(ids, id) == ids.end());  // a retired slot is not used again
  }
  CHECK(erase_row(*t.table, *txn, txn->view(), ids[0]) == MORTISE_ROW_GONE);
  require_ok(t.commit(txn));
  t.verify();
}

TEST_CASE("heap: undo segments go when the horizon has passed them, and an older view is refused") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 0, "a"}});
  require_ok(t.commit(txn));
  const Scn past = t.txns().visible_scn();
  for (int64_t i = 0; i < 3000; ++i) {
    txn = t.begin();
    REQUIRE(update_row(*t.table, *txn, txn->view(), ids[0],
                       {1, i, std::string(static_cast<size_t>(100 + i % 50), 'u')}) ==
            MORTISE_ROW_DONE);
    require_ok(t.txns().commit(txn, txn::Durability::lazy));
  }
  const mortise_read_view_t view = take(t.txns().read_open(past));
  CHECK(take(try_scan(*t.table, nullptr, view))[0].row == Row{1, 0, "a"});
  t.txns().read_close(view);
  const uint64_t before = t.txns().undo().segment_count();
  t.txns().set_undo_retention_us(0);
  require_ok(t.txns().maintain());
  CHECK(t.txns().undo().segment_count() < before);
  CHECK(t.txns().undo().segment_count() <= 2);
  CHECK(t.txns().read_open(past).error().sqlstate() == "72000");
  CHECK(t.scan_now()[0].row.amount == 2999);
  require_ok(t.instance->storage->spaces().verify(txn::kUndoSpace));
}

TEST_CASE("heap: a row that was only locked can be changed when the lock's undo is long gone") {
  TestTable t;
  t.txns().set_undo_retention_us(0);
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 0, "locked"}, {2, 0, "busy"}});
  require_ok(t.commit(txn));
  txn = t.begin();
  uint8_t outcome = 0xFF;
  require_ok(
      t.table->lock(*txn, txn->view(), {ids.data(), 1}, MORTISE_ROW_LOCK_UPDATE, 0, &outcome));
  REQUIRE(outcome == MORTISE_ROW_DONE);
  require_ok(t.commit(txn));
  // The lock's undo segment is dropped, and its place serves another one.
  for (int round = 0; round < 3; ++round) {
    for (int64_t i = 0; i < 1500; ++i) {
      txn = t.begin();
      REQUIRE(update_row(*t.table, *txn, txn->view(), ids[1],
                         {2, i, std::string(300, static_cast<char>('a' + i % 2))}) ==
              MORTISE_ROW_DONE);
      require_ok(t.txns().commit(txn, txn::Durability::lazy));
    }
    require_ok(t.txns().maintain());
  }
  require_ok(t.instance->storage->close());
  t.table.reset();
  t.instance.reset();
  t.reopen();
  // All that is known of the lock's transaction now is that it committed before the restart.
  txn = t.begin();
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 1, "changed"}) == MORTISE_ROW_DONE);
  require_ok(t.commit(txn));
  t.verify();
}

TEST_CASE("heap: a lazy commit in a log that has failed is no success") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  insert_rows(*t.table, *txn, {{1, 0, "a"}});
  t.instance->storage->log().stop(Status(Code::io, "58030", "pulled out"));
  CHECK(t.txns().commit(txn, txn::Durability::lazy).sqlstate() == "58030");
}

TEST_CASE("heap: a damaged page is named, and everything that stands elsewhere goes on") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  const SegmentId other = take(t.instance->heap.create(*txn, TestDesc().desc()));
  const auto ids = insert_rows(*t.table, *txn, std::vector<Row>(200, Row{1, 1, "here"}));
  require_ok(t.commit(txn));
  auto neighbour = take(Table::open(t.instance->heap, TestDesc().desc(other)));
  txn = t.begin();
  insert_rows(*neighbour, *txn, {{7, 7, "there"}});
  require_ok(t.commit(txn));
  const PageId damaged = RowId{ids[0]}.page(t.table->state().space);
  REQUIRE(damaged != RowId{ids[199]}.page(t.table->state().space));
  // Two batches more, so that the double-write areas hold no copy of the page.
  buffer::Pool& pool = t.instance->storage->pool();
  require_ok(pool.clean_all());
  for (int64_t i = 0; i < 2; ++i) {
    txn = t.begin();
    insert_rows(*neighbour, *txn, {{8 + i, 8, "there"}});
    require_ok(t.commit(txn));
    require_ok(pool.clean_all());
  }
  require_ok(t.disk.flip_bit("/db/spaces/0000.space",
                             (page_number_of(damaged) * page::kUnitBytes + 3000) * 8));
  pool.discard(damaged, 1);

  txn = t.begin();
  const Status refused = try_scan(*t.table, txn, txn->view()).status();
  CHECK(refused.sqlstate() == "XX001");
  CHECK(refused.message().find(page::name_of(damaged)) != std::string_view::npos);
  CHECK(take(try_scan(*neighbour, txn, txn->view())).size() == 3);
  CHECK(update_row(*t.table, *txn, txn->view(), ids[199], {1, 2, "fine"}) == MORTISE_ROW_DONE);
  insert_rows(*neighbour, *txn, {{9, 9, "there"}});
  require_ok(t.commit(txn));
}

// A transaction that has changed the row and cannot be taken back, because its page cannot be read.
void abort_in_vain(TestTable& t, mortise_row_id_t id) {
  txn::Transaction* txn = t.begin();
  REQUIRE(update_row(*t.table, *txn, txn->view(), id, {1, 11, "new"}) == MORTISE_ROW_DONE);
  require_ok(t.instance->storage->pool().clean_all());
  t.instance->storage->pool().discard(RowId{id}.page(t.table->state().space), 1);
  t.disk.fail_operation(platform::SimDisk::Operation::read, 1);
  t.txns().abort(txn);
  CHECK(t.txns().unfinished_rollbacks() == 1);
}

TEST_CASE("heap: M4 a rollback that failed keeps its row and its undo, and is tried again") {
  TestTable t;
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 10, "old"}, {2, 20, "other"}});
  require_ok(t.commit(txn));
  abort_in_vain(t, ids[0]);

  CHECK(t.scan_now()[0].row == Row{1, 10, "old"});
  txn = t.begin();
  const RowBatch change({{1, 12, "mine"}}, {ids[0]}, {1, 2});
  const uint32_t columns[] = {1, 2};
  uint8_t outcome = 0;
  const Status refused =
      t.table->update(*txn, txn->view(), columns, change.batch(), MORTISE_WAIT, &outcome);
  CHECK(refused.sqlstate() == "58030");  // at once, and with the reason
  CHECK(update_row(*t.table, *txn, txn->view(), ids[1], {2, 21, "other"}) == MORTISE_ROW_DONE);
  require_ok(t.commit(txn));

  t.txns().set_undo_retention_us(0);
  require_ok(t.txns().maintain());
  CHECK(t.txns().unfinished_rollbacks() == 0);
  txn = t.begin();
  CHECK(update_row(*t.table, *txn, txn->view(), ids[0], {1, 12, "mine"}) == MORTISE_ROW_DONE);
  require_ok(t.commit(txn));
  t.verify();
}

TEST_CASE("heap: M4 a checkpoint and a crash do not forget a rollback that failed") {
  TestTable t;
  t.txns().set_undo_retention_us(0);
  txn::Transaction* txn = t.begin();
  const auto ids = insert_rows(*t.table, *txn, {{1, 10, "old"}});
  require_ok(t.commit(txn));
  abort_in_vain(t, ids[0]);
  require_ok(t.instance->storage->pool().clean_all());
  require_ok(t.instance->storage->checkpoint());
  t.crash(3);
  t.reopen();
  CHECK(t.txns().losers_undone() == 1);
  CHECK(t.scan_now()[0].row == Row{1, 10, "old"});
  t.verify();
}

}  // namespace
}  // namespace mortise::heap
