// SPDX-License-Identifier: Apache-2.0
//
// Goal:   every provider of mortise.table_engine/1 stores, finds and changes rows as
//         iface/draft/table_engine.h says (H1, H2, H4).
// Method: one thread over a kernel on a simulated disk; the rows that a scan gives are compared
//         with the rows that went in.  Filters, isolation and crashes have files of their own.
//         Seeds are printed; MORTISE_SEED repeats one.

#include <algorithm>

#include "tests/conformance/table_engine/store.hpp"

namespace mortise::conformance {
namespace {

TEST_CASE("table: rows of every type come back as they went in, by scan and by row id") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(table_world(seed()));
  Store store(world, all_types());
  Contents model;
  RowIds all;
  for (const size_t count : {size_t{1}, size_t{300}, size_t{2048}}) {
    const Rows rows = random_rows(all_types(), random, count, Domain::wide);
    const RowIds ids = store.insert(rows, &random);
    model.merge(contents_of(ids, rows));
    all.insert(all.end(), ids.begin(), ids.end());
  }
  CHECK(model.size() == all.size());  // H1: no id was given twice
  CHECK(store.scan_now() == model);
  std::shuffle(all.begin(), all.end(), random);
  Txn txn(world);
  const auto rows = store.fetch(txn, all, store.all_columns());
  for (size_t i = 0; i < all.size(); ++i) REQUIRE(rows[i] == model.at(all[i]));
  CHECK(store.verify() == "");
}

TEST_CASE("table: a scan gives the columns that were asked for, in that order, in small batches") {
  RandomBits random(seed());
  World world(table_world(seed()));
  Store store(world, all_types());
  const Rows rows = random_rows(all_types(), random, 700, Domain::wide);
  const RowIds ids = store.insert(rows);
  for (const std::vector<uint32_t>& columns :
       {std::vector<uint32_t>{}, std::vector<uint32_t>{12}, std::vector<uint32_t>{8, 0, 5},
        std::vector<uint32_t>{9, 10, 9}}) {
    Contents expected;
    for (size_t i = 0; i < ids.size(); ++i) {
      Row row;
      for (const uint32_t c : columns) row.push_back(rows[i][c]);
      expected.emplace(ids[i], row);
    }
    ScanWish wish;
    wish.columns = columns;
    for (const uint32_t most : {0u, 1u, 64u, 1000u}) {
      wish.batch_rows_max = most;
      CHECK(store.scan_now(wish) == expected);
    }
  }
}

TEST_CASE(
    "table: H1 an update keeps the row's id through every size, and other columns as they are") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(table_world(seed()));
  Store store(world, all_types());
  Rows rows = random_rows(all_types(), random, 200, Domain::wide);
  const RowIds ids = store.insert(rows);
  for (int round = 0; round < 25; ++round) {
    CAPTURE(round);
    std::vector<uint32_t> columns = store.all_columns();
    std::shuffle(columns.begin(), columns.end(), random);
    columns.resize(random() % 4 + 1);
    Txn txn(world);
    RowIds some;
    Rows values;
    for (size_t i = 0; i < ids.size(); ++i) {
      if (random() % 3 != 0) continue;
      some.push_back(ids[i]);
      values.push_back(random_row(store.types(columns), random, Domain::wide));
      for (size_t c = 0; c < columns.size(); ++c) {
        const uint16_t physical = store.columns()[columns[c]].type.physical;
        const bool is_string =
            physical == MORTISE_PHYSICAL_TEXT || physical == MORTISE_PHYSICAL_BYTES;
        if (is_string && random() % 6 == 0) {
          values.back()[c] = string_value(std::string(random() % 12'000, 'L'));
        }
        rows[i][columns[c]] = values.back()[c];
      }
    }
    const Outcomes outcomes = store.update(txn, columns, some, values, MORTISE_WAIT, &random);
    CHECK(outcomes == Outcomes(some.size(), MORTISE_ROW_DONE));
    require_ok(txn.commit());
    REQUIRE(store.scan_now() == contents_of(ids, rows));
    if (round % 6 == 0) require_ok(world.maintain());
  }
  CHECK(store.verify() == "");
}

TEST_CASE("table: a deleted row is gone for later views and stays for earlier ones") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  Rows rows;
  for (int64_t i = 0; i < 100; ++i) rows.push_back(plain_row(i, i, "row"));
  const RowIds ids = store.insert(rows);
  Txn old(world, kRepeatableRead);
  Txn txn(world);
  CHECK(store.erase(txn, {ids[3], ids[50]}) == Outcomes{MORTISE_ROW_DONE, MORTISE_ROW_DONE});
  require_ok(txn.commit());
  CHECK(store.scan_now().size() == 98);
  old.next_statement();
  CHECK(store.scan(old) == contents_of(ids, rows));
  CHECK(store.fetch(old, {ids[3]}, {0})[0] == Row{rows[3][0]});
  Txn later(world);
  CHECK(store.fetch(later, {ids[3], ids[4]}, {0})[0] == std::nullopt);
  CHECK(store.erase(later, {ids[3]}) == Outcomes{MORTISE_ROW_GONE});
  CHECK(store.update(later, {1}, {ids[50]}, {{int_value(plain_types()[0], 1)}}) ==
        Outcomes{MORTISE_ROW_GONE});
  CHECK(store.verify() == "");
}

TEST_CASE("table: a command does not see its own changes, the next command does") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  const RowIds ids = store.insert({plain_row(1, 10, "one"), plain_row(2, 20, "two")});
  for (const uint32_t isolation : {kReadCommitted, kRepeatableRead}) {
    Txn txn(world, isolation);
    const Contents before = store.scan(txn);
    const RowIds added = store.insert(txn, {plain_row(3, 30, "three")});
    CHECK(store.update(txn, {1}, {ids[0]}, {{null_value()}}) == Outcomes{MORTISE_ROW_DONE});
    CHECK(store.erase(txn, {ids[1]}) == Outcomes{MORTISE_ROW_DONE});
    CHECK(store.scan(txn) == before);
    CHECK(store.erase(txn, {ids[1]}) == Outcomes{MORTISE_ROW_SELF});
    CHECK(store.update(txn, {1}, {ids[0]}, {{null_value()}}) == Outcomes{MORTISE_ROW_SELF});
    txn.next_statement();
    CHECK(store.scan(txn) == Contents{{ids[0], plain_row(1, std::nullopt, "one")},
                                      {added[0], plain_row(3, 30, "three")}});
    CHECK(store.erase(txn, {ids[1]}) == Outcomes{MORTISE_ROW_GONE});
    txn.abort();
    CHECK(store.scan_now() == before);
  }
  CHECK(store.verify() == "");
}

TEST_CASE("table: a rollback, whole or to a savepoint, leaves what was there before") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(table_world(seed()));
  Store store(world, plain_types());
  Contents committed;
  for (int round = 0; round < 40; ++round) {
    CAPTURE(round);
    Txn txn(world, random() % 2 == 0 ? kReadCommitted : kRepeatableRead);
    Contents now = committed;
    struct Mark {
      uint64_t savepoint;
      Contents contents;
    };
    std::vector<Mark> marks;
    for (int step = 0; step < 8; ++step) {
      if (random() % 3 == 0) marks.push_back({txn.savepoint(), now});
      if (!marks.empty() && random() % 4 == 0) {
        const size_t at = random() % marks.size();
        require_ok(txn.rollback_to(marks[at].savepoint));
        now = marks[at].contents;
        marks.resize(at + 1);
      }
      const size_t length = random() % 6 == 0 ? 9000 : random() % 80;
      const Row row = plain_row(static_cast<int64_t>(random() % 100), step,
                                std::string(length, static_cast<char>('a' + step)));
      for (const auto& [id, old] : Contents(now)) {
        if (random() % 10 == 0) {
          CHECK(store.erase(txn, {id}) == Outcomes{MORTISE_ROW_DONE});
          now.erase(id);
        } else if (random() % 6 == 0) {
          CHECK(store.update(txn, {1, 2}, {id}, {{row[1], row[2]}}) == Outcomes{MORTISE_ROW_DONE});
          now[id] = {old[0], row[1], row[2]};
        }
      }
      now.emplace(store.insert(txn, {row})[0], row);
      txn.next_statement();
      REQUIRE(store.scan(txn) == now);
    }
    if (random() % 2 == 0) {
      require_ok(txn.commit());
      committed = now;
    } else {
      txn.abort();
    }
    REQUIRE(store.scan_now() == committed);
  }
  CHECK(store.verify() == "");
}

TEST_CASE("table: the parts of a scan are disjoint and together the whole") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(table_world(seed()));
  Store store(world, plain_types());
  for (const size_t count : {size_t{0}, size_t{1}, size_t{5000}}) {
    Rows rows;
    for (size_t i = 0; i < count; ++i) {
      rows.push_back(plain_row(static_cast<int64_t>(i), i % 9, std::string(random() % 60, 'p')));
    }
    if (count > 0) store.insert(rows);
    const Contents whole = store.scan_now();
    for (const uint32_t parts : {1u, 2u, 3u, 7u, 64u, 1000u}) {
      CAPTURE(parts);
      Contents together;
      size_t total = 0;
      for (uint32_t part = 0; part < parts; ++part) {
        ScanWish wish;
        wish.part_index = part;
        wish.parts_count = parts;
        Contents some = store.scan_now(wish);
        total += some.size();
        together.merge(some);
      }
      CHECK(total == whole.size());
      CHECK(together == whole);
    }
  }
  Contents none;
  mortise_read_view_t view{};
  require_ok(call([&](mortise_error_t* e) { return world.txns().read_open(0, &view, e); }));
  ScanWish beyond;
  beyond.part_index = 3;
  beyond.parts_count = 3;
  CHECK(store.try_scan(nullptr, view, beyond, none).code() == Code::invalid);
  world.txns().read_close(&view);
}

TEST_CASE("table: columns that were added read as their missing value, dropped ones as null") {
  RandomBits random(seed());
  World world(table_world(seed()));
  Store old(world, plain_types());
  const RowIds ids = old.insert({plain_row(1, 10, "one"), plain_row(2, std::nullopt, "two")});
  std::vector<RawValues*> kept;
  std::vector<mortise_table_column_t> columns = old.columns();
  Row missing;
  std::vector<std::unique_ptr<RawValues>> raw;
  for (const mortise_type_t& type : all_types()) {
    missing.push_back(random_value(type, random, Domain::wide));
    raw.push_back(std::make_unique<RawValues>(type, std::vector<Value>{missing.back()}));
    columns.push_back({type, 0, 1, raw.back()->data()});
  }
  columns.push_back({plain_types()[2], 0, 0, nullptr});
  missing.push_back(null_value());
  columns[1].is_dropped = 1;
  Store wide(old, columns);
  raw.clear();  // the desc was copied

  const auto widened = [&](Row row) {
    row.erase(row.begin() + 1);
    row.insert(row.end(), missing.begin(), missing.end());
    return row;
  };
  Contents expected = {{ids[0], widened(plain_row(1, 10, "one"))},
                       {ids[1], widened(plain_row(2, std::nullopt, "two"))}};
  CHECK(wide.scan_now() == expected);
  ScanWish dropped;
  dropped.columns = std::vector<uint32_t>{1, 0};
  CHECK(wide.scan_now(dropped).at(ids[0]) == Row{null_value(), int_value(plain_types()[0], 1)});

  Txn txn(world);
  CHECK(wide.update(txn, {2}, {ids[0]}, {{string_value("uno")}}) == Outcomes{MORTISE_ROW_DONE});
  const Row fresh = random_row(wide.types(wide.all_columns()), random, Domain::wide);
  const RowIds added = wide.insert(txn, {fresh});
  require_ok(txn.commit());
  expected[ids[0]][1] = string_value("uno");
  expected[added[0]] = fresh;
  CHECK(wide.scan_now() == expected);
  // A filter sees the missing value as any other.
  const RawValues wanted(plain_types()[0], {missing[3]});
  ScanWish filtered;
  const uint32_t int64_column = 3 + MORTISE_PHYSICAL_INT64 - 1;
  filtered.filters = {
      {int64_column, MORTISE_FILTER_EQ, const_cast<RawValues&>(wanted).data(), 1, 0}};
  CHECK(wide.scan_now(filtered).count(ids[1]) == 1);
  // The older handle reads on.
  CHECK(old.scan_now().at(ids[0])[2] == string_value("uno"));
  CHECK(wide.verify() == "");
}

TEST_CASE("table: values of many pages come back whole, are replaced, and rolled back") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(table_world(seed()));
  Store store(world, {type_of(MORTISE_PHYSICAL_TEXT), type_of(MORTISE_PHYSICAL_BYTES)});
  const auto large = [&](size_t size) {
    std::string bytes(size, '\0');
    for (char& c : bytes) c = static_cast<char>('a' + random() % 26);
    return string_value(bytes);
  };
  Rows rows;
  for (const size_t size : {size_t{1}, size_t{3000}, size_t{4096}, size_t{8192}, size_t{70'000},
                            size_t{1'100'000}, size_t{4'000'000}}) {
    rows.push_back({large(size), large(size / 2)});
  }
  const RowIds ids = store.insert(rows);
  CHECK(store.scan_now() == contents_of(ids, rows));
  Txn old(world, kRepeatableRead);
  const Contents before = store.scan(old);
  {
    Txn txn(world);
    for (size_t i = 0; i < ids.size(); ++i) {
      const Row row = {large((i * 700'001) % 1'500'000), null_value()};
      CHECK(store.update(txn, {0, 1}, {ids[i]}, {row}) == Outcomes{MORTISE_ROW_DONE});
    }
    txn.abort();
  }
  CHECK(store.scan_now() == before);
  {
    Txn txn(world);
    for (size_t i = 0; i < ids.size(); ++i) {
      rows[i][0] = large(i * 50'000);
      CHECK(store.update(txn, {0}, {ids[i]}, {{rows[i][0]}}) == Outcomes{MORTISE_ROW_DONE});
    }
    require_ok(txn.commit());
  }
  CHECK(store.scan_now() == contents_of(ids, rows));
  CHECK(store.scan(old) == before);
  CHECK(store.verify() == "");
}

TEST_CASE("table: stats count the rows within a few percent and the pages that hold them") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  const mortise_table_stats_t empty = store.stats();
  CHECK(empty.rows_estimate == 0);
  Rows rows;
  for (int64_t i = 0; i < 10'000; ++i) rows.push_back(plain_row(i, i, std::string(80, 's')));
  RowIds ids = store.insert(rows);
  const mortise_table_stats_t full = store.stats();
  CHECK(full.rows_estimate >= 9'500);
  CHECK(full.rows_estimate <= 10'500);
  CHECK(full.size_bytes >= 10'000 * 80);
  CHECK(full.size_bytes <= 10'000 * 80 * 4);
  CHECK(full.pages_count > 0);
  Txn txn(world);
  ids.resize(4'000);
  CHECK(store.erase(txn, ids) == Outcomes(4'000, MORTISE_ROW_DONE));
  require_ok(txn.commit());
  CHECK(store.stats().rows_estimate >= 5'700);
  CHECK(store.stats().rows_estimate <= 6'300);
  store.close();
  world.close();
  world.open();
  store.open();
  CHECK(store.stats().rows_estimate >= 5'700);
  CHECK(store.stats().rows_estimate <= 6'300);
}

TEST_CASE("table: a read-only transaction changes nothing, an id that names no row is gone") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  const RowIds ids = store.insert({plain_row(1, 1, "one")});
  mortise_txn_options_t options{};
  options.is_read_only = 1;
  Txn reader(world, kReadCommitted, &options);
  RowIds made;
  CHECK(store.try_insert(reader, {plain_row(2, 2, "two")}, made).sqlstate() == "25006");
  reader.abort();
  Txn txn(world);
  CHECK(store.erase(txn, {ids[0] + 1}) == Outcomes{MORTISE_ROW_GONE});
  CHECK(store.fetch(txn, {ids[0] + 1, ids[0]}, {0})[0] == std::nullopt);
  CHECK(store.scan(txn).size() == 1);
}

TEST_CASE("table: what was created is gone after an abort, and after a drop that committed") {
  World world(table_world(seed()));
  Store kept(world, plain_types());
  kept.insert({plain_row(1, 1, "one")});
  {
    Txn txn(world);
    mortise_table_desc_t desc = kept.desc();
    desc.segment = 0;
    mortise_segment_id_t made = 0;
    require_ok(
        call([&](mortise_error_t* e) { return kept.api().create(txn.get(), &desc, &made, e); }));
    txn.abort();
    desc.segment = made;
    mortise_table_t* handle = nullptr;
    const Status status =
        call([&](mortise_error_t* e) { return kept.api().open(&desc, &handle, e); });
    CHECK_FALSE(status.is_ok());
    if (status) kept.api().close(handle);
  }
  {
    Txn txn(world);
    require_ok(
        call([&](mortise_error_t* e) { return kept.api().drop(txn.get(), kept.segment(), e); }));
    txn.abort();
  }
  CHECK(kept.scan_now().size() == 1);
  {
    Txn txn(world);
    require_ok(
        call([&](mortise_error_t* e) { return kept.api().drop(txn.get(), kept.segment(), e); }));
    kept.close();
    require_ok(txn.commit());
  }
  Store next(world, plain_types());
  CHECK(next.scan_now().empty());
  next.insert({plain_row(2, 2, "two")});
  CHECK(next.scan_now().size() == 1);
  CHECK(next.verify() == "");
}

}  // namespace
}  // namespace mortise::conformance
