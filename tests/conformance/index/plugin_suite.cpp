// SPDX-License-Identifier: Apache-2.0
//
// Goal:   every provider of mortise.index/1 keeps the contract of iface/draft/index.h (I1, I2, I3).
// Method: this file is linked into the unit tests of each plugin that offers the interface, with a
//         kernel on a simulated disk.  What the index holds is compared with a std::set, whose
//         order is written down a second time (values.cpp).  Threads and crashes stand in
//         concurrency_suite.cpp and crash_suite.cpp.  Seeds are printed; MORTISE_SEED repeats one.

#include <algorithm>

#include "tests/conformance/index/subject.hpp"

namespace mortise::conformance {
namespace {

const mortise_type_t kInt64 = type_of(MORTISE_PHYSICAL_INT64);
const mortise_type_t kText = type_of(MORTISE_PHYSICAL_TEXT);

Row random_key(const std::vector<mortise_type_t>& types, RandomBits& random, Domain domain) {
  Row key;
  for (const mortise_type_t& type : types) key.push_back(random_nullable(type, random, domain));
  return key;
}

std::vector<Entry> random_entries(const std::vector<mortise_type_t>& types, RandomBits& random,
                                  size_t count, Domain domain) {
  std::vector<Entry> entries;
  for (size_t i = 0; i < count; ++i) {
    entries.push_back({random_key(types, random, domain), random() % 1000 + 1});
  }
  return entries;
}

Entry int_entry(int64_t key, mortise_row_id_t row_id) {
  return {{int_value(kInt64, key)}, row_id};
}

// The pieces of every scan agree with the model: all of it, both ways, in small and large bites.
void check_scans(Subject& subject, const Model& model) {
  std::vector<Found> expected = subject.expected(model);
  CHECK(subject.scan() == expected);
  CHECK(subject.scan({}, {}, false, 7) == expected);
  std::reverse(expected.begin(), expected.end());
  CHECK(subject.scan({}, {}, true, 100) == expected);
}

TEST_CASE("index: I3 every type in every direction comes back in key order, ties by row id") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(index_world(seed()));
  for (const mortise_type_t& type : all_types()) {
    for (uint32_t flags = 0; flags <= 3; ++flags) {
      CAPTURE(name_of(type));
      CAPTURE(flags);
      Subject subject(world, columns_of({type}, flags));
      Model model = subject.empty_model();
      for (const Domain domain : {Domain::few, Domain::wide}) {
        const auto entries = random_entries({type}, random, 150, domain);
        subject.insert(entries, &random);
        model.insert(entries.begin(), entries.end());
      }
      check_scans(subject, model);
      CHECK(subject.verify() == "");
    }
  }
}

TEST_CASE("index: I3 several columns of mixed types and directions keep their order") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(index_world(seed()));
  for (int round = 0; round < 12; ++round) {
    std::vector<mortise_type_t> types;
    std::vector<mortise_index_column_t> columns;
    for (uint64_t i = 0; i < 2 + random() % 3; ++i) {
      types.push_back(all_types()[random() % all_types().size()]);
      columns.push_back({types.back(), static_cast<uint32_t>(random() % 4), 0});
    }
    Subject subject(world, columns);
    Model model = subject.empty_model();
    const auto entries = random_entries(types, random, 400, Domain::few);
    subject.insert(entries);
    model.insert(entries.begin(), entries.end());
    check_scans(subject, model);
    CHECK(subject.verify() == "");
  }
}

TEST_CASE("index: a range holds what lies between its bounds, inclusive and exclusive, both ways") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(index_world(seed()));
  for (const mortise_type_t& type : all_types()) {
    CAPTURE(name_of(type));
    const std::vector<mortise_type_t> types = {type, kInt64};
    const auto flags = static_cast<uint32_t>(random() % 4);
    CAPTURE(flags);
    Subject subject(world, {{type, flags, 0}, {kInt64, 0, 0}});
    Model model = subject.empty_model();
    const auto entries = random_entries(types, random, 500, Domain::few);
    subject.insert(entries);
    model.insert(entries.begin(), entries.end());
    const auto random_bound = [&]() -> Bound {
      if (random() % 8 == 0) return {};
      Row values = random_key(types, random, Domain::few);
      values.resize(random() % 2 + 1);
      return {values, random() % 2 == 0};
    };
    for (int i = 0; i < 40; ++i) {
      const Bound lower = random_bound();
      const Bound upper = random_bound();
      std::vector<Found> expected = subject.expected(model, lower, upper);
      const auto rows_max = static_cast<uint32_t>(random() % 60 + 1);
      CHECK(subject.scan(lower, upper, false, rows_max) == expected);
      std::reverse(expected.begin(), expected.end());
      CHECK(subject.scan(lower, upper, true, rows_max) == expected);
    }
  }
}

TEST_CASE("index: I1 a pair stands once, however often it was inserted; erasing twice is nothing") {
  RandomBits random(seed());
  World world(index_world(seed()));
  Subject subject(world, columns_of({kInt64}));
  subject.insert({int_entry(7, 1), int_entry(7, 1), int_entry(7, 2)});
  subject.insert({int_entry(7, 2), int_entry(7, 1)});
  CHECK(subject.scan().size() == 2);
  require_ok(subject.try_erase({int_entry(7, 3), int_entry(8, 1)}));
  CHECK(subject.scan().size() == 2);
  require_ok(subject.try_erase({int_entry(7, 1)}, &random));
  require_ok(subject.try_erase({int_entry(7, 1)}));
  Model model = subject.empty_model();
  model.insert(int_entry(7, 2));
  CHECK(subject.scan() == subject.expected(model));
  subject.insert({int_entry(7, 1)});
  CHECK(subject.scan().size() == 2);
  CHECK(subject.verify() == "");
}

TEST_CASE("index: an insert is told of the other entries with an equal key, nulls when asked") {
  World world(index_world(seed()));
  Subject subject(world, columns_of({kInt64, kText}));
  if ((subject.api().header.capabilities & MORTISE_INDEX_UNIQUE) == 0) return;
  const auto entry = [](int64_t number, Value text, mortise_row_id_t row_id) {
    return Entry{{int_value(kInt64, number), std::move(text)}, row_id};
  };
  CHECK(subject
            .insert_unique({entry(1, string_value("a"), 1), entry(2, string_value("a"), 2),
                            entry(1, null_value(), 3)},
                           false)
            .empty());
  CHECK(subject.insert_unique({entry(1, string_value("a"), 1)}, false).empty());  // itself
  RandomBits random(seed());
  CHECK(subject.insert_unique({entry(9, string_value("x"), 10), entry(1, string_value("a"), 11),
                               entry(2, string_value("a"), 12)},
                              false, &random) == std::vector<Conflict>{{1, 1}, {2, 2}});
  CHECK(subject.insert_unique({entry(1, string_value("a"), 13)}, false) ==
        std::vector<Conflict>{{0, 1}, {0, 11}});
  CHECK(subject.insert_unique({entry(1, null_value(), 4)}, false).empty());
  CHECK(subject.insert_unique({entry(1, null_value(), 5)}, true) ==
        std::vector<Conflict>{{0, 3}, {0, 4}});
  CHECK(subject.scan().size() == 9);  // each was added in any case
}

TEST_CASE("index: I4 of equal keys in one batch at least one is told of the other") {
  World world(index_world(seed()));
  Subject subject(world, columns_of({kInt64}));
  if ((subject.api().header.capabilities & MORTISE_INDEX_UNIQUE) == 0) return;
  const auto conflicts =
      subject.insert_unique({int_entry(5, 1), int_entry(6, 2), int_entry(5, 3)}, false);
  CHECK_FALSE(conflicts.empty());
  for (const Conflict& conflict : conflicts) {
    CHECK((conflict == Conflict{0, 3} || conflict == Conflict{2, 1}));
  }
}

TEST_CASE(
    "index: a lookup finds all entries of a key or of its leading columns, null matches none") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(index_world(seed()));
  for (const mortise_type_t& type : all_types()) {
    CAPTURE(name_of(type));
    const std::vector<mortise_type_t> types = {type, kInt64};
    Subject subject(world, columns_of(types, static_cast<uint32_t>(random() % 4)));
    const EntryOrder order{columns_of(types)};
    const auto entries = random_entries(types, random, 400, Domain::few);
    subject.insert(entries);
    for (const size_t width : {size_t{1}, size_t{2}}) {
      std::vector<Row> keys;
      for (int i = 0; i < 60; ++i) {
        keys.push_back(random_key(types, random, Domain::few));
        keys.back().resize(width);
      }
      const auto found = subject.lookup(keys, &random);
      for (size_t k = 0; k < keys.size(); ++k) {
        std::set<mortise_row_id_t> distinct;
        Model pairs = subject.empty_model();
        for (const Entry& entry : entries) {
          const bool has_null =
              std::any_of(keys[k].begin(), keys[k].end(), [](const Value& v) { return v.is_null; });
          if (!has_null && order.compare_keys(entry.key, keys[k], width) == 0) pairs.insert(entry);
        }
        std::vector<mortise_row_id_t> expected;
        for (const Entry& entry : pairs) expected.push_back(entry.row_id);
        std::sort(expected.begin(), expected.end());
        CHECK(found[k] == expected);
      }
    }
  }
}

TEST_CASE("index: a key with thousands of rows is looked up and scanned whole") {
  World world(index_world(seed()));
  Subject subject(world, columns_of({kText}));
  std::vector<Entry> entries;
  std::vector<mortise_row_id_t> row_ids;
  for (mortise_row_id_t id = 1; id <= 6000; ++id) {
    entries.push_back({{string_value("everybody")}, id * 3});
    row_ids.push_back(id * 3);
  }
  std::shuffle(entries.begin(), entries.end(), RandomBits(seed()));
  subject.insert(entries);
  const auto found = subject.lookup({{string_value("nobody")}, {string_value("everybody")}});
  CHECK(found[0].empty());
  CHECK(found[1] == row_ids);
  const auto scanned = subject.scan({}, {}, false, 999);
  REQUIRE(scanned.size() == row_ids.size());
  for (size_t i = 0; i < row_ids.size(); ++i) REQUIRE(scanned[i].row_id == row_ids[i]);
  CHECK(subject.verify() == "");
}

TEST_CASE("index: build makes the same index as inserts, and tells of equal keys") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(index_world(seed()));
  for (const mortise_type_t& type : all_types()) {
    CAPTURE(name_of(type));
    const std::vector<mortise_type_t> types = {type, kText};
    const auto flags = static_cast<uint32_t>(random() % 4);
    Subject built(world, columns_of(types, flags));
    Subject inserted(world, columns_of(types, flags));
    Model model = built.empty_model();
    const auto entries = random_entries(types, random, 2500, Domain::wide);
    model.insert(entries.begin(), entries.end());
    built.build({model.begin(), model.end()}, false);
    inserted.insert(entries);
    CHECK(built.scan() == inserted.scan());
    check_scans(built, model);
    CHECK(built.verify() == "");
    // A built index goes on as any other.
    const auto more = random_entries(types, random, 300, Domain::wide);
    built.insert(more);
    model.insert(more.begin(), more.end());
    check_scans(built, model);
    CHECK(built.verify() == "");
  }
  Subject unique(world, columns_of({kInt64}));
  std::vector<mortise_row_id_t> equal =
      unique.build({int_entry(1, 1), int_entry(2, 2), int_entry(1, 3), int_entry(3, 4)}, true);
  std::sort(equal.begin(), equal.end());
  CHECK(equal == std::vector<mortise_row_id_t>{1, 3});
  Subject empty(world, columns_of({kInt64}));
  CHECK(empty.build({}, true).empty());
  CHECK(empty.scan().empty());
}

TEST_CASE("index: I2 a scan meets what was inserted ahead of it and nothing behind it") {
  World world(index_world(seed()));
  Subject subject(world, columns_of({kInt64}));
  std::vector<Entry> even;
  for (int64_t i = 0; i < 4000; i += 2) even.push_back(int_entry(i, 1));
  subject.insert(even);
  mortise_index_scan_t* scan = nullptr;
  require_ok(call([&](mortise_error_t* e) {
    return subject.api().scan_open(subject.handle(), nullptr, nullptr, 0, &scan, e);
  }));
  std::vector<Found> found;
  REQUIRE(read_some(subject, scan, 10, found));  // 0 .. 18
  for (int64_t i = 1; i < 10; i += 2) subject.insert({int_entry(i, 1)});
  std::vector<Entry> odd;
  for (int64_t i = 2001; i < 4000; i += 2) odd.push_back(int_entry(i, 1));
  subject.insert(odd);
  while (read_some(subject, scan, 100, found)) {
  }
  subject.api().scan_close(scan);
  Model model = subject.empty_model();
  model.insert(even.begin(), even.end());
  model.insert(odd.begin(), odd.end());
  CHECK(found == subject.expected(model));
  CHECK(subject.verify() == "");
}

TEST_CASE("index: I2 I3 a scan between which entries come and go misses none and repeats none") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  World world(index_world(seed()));
  for (const bool is_backward : {false, true}) {
    Subject subject(world, columns_of({kText}));
    Model stays = subject.empty_model();
    Model all = subject.empty_model();
    for (const Entry& entry : random_entries({kText}, random, 1500, Domain::wide)) {
      if (random() % 2 == 0) stays.insert(entry);
      all.insert(entry);
    }
    subject.insert({all.begin(), all.end()});
    mortise_index_scan_t* scan = nullptr;
    require_ok(call([&](mortise_error_t* e) {
      return subject.api().scan_open(subject.handle(), nullptr, nullptr, is_backward ? 1 : 0, &scan,
                                     e);
    }));
    std::vector<Found> found;
    while (read_some(subject, scan, 25, found)) {
      const auto some = random_entries({kText}, random, 60, Domain::wide);
      std::vector<Entry> gone;
      for (auto it = all.begin(); it != all.end(); ++it) {
        if (random() % 40 == 0 && !stays.contains(*it)) gone.push_back(*it);
      }
      require_ok(subject.try_erase(gone));
      for (const Entry& entry : gone) all.erase(entry);
      subject.insert(some);
      all.insert(some.begin(), some.end());
    }
    subject.api().scan_close(scan);
    if (is_backward) std::reverse(found.begin(), found.end());
    std::vector<std::pair<std::string, mortise_row_id_t>> pairs;
    for (const Found& f : found) pairs.emplace_back(f.key, f.row_id);
    std::sort(pairs.begin(), pairs.end());
    CHECK(std::adjacent_find(pairs.begin(), pairs.end()) == pairs.end());
    for (const Found& f : subject.expected(stays)) {
      REQUIRE(std::binary_search(pairs.begin(), pairs.end(), std::pair(f.key, f.row_id)));
    }
    check_scans(subject, all);
    CHECK(subject.verify() == "");
  }
}

TEST_CASE("index: an estimate is near the truth") {
  RandomBits random(seed());
  World world(index_world(seed()));
  Subject subject(world, columns_of({kInt64}));
  CHECK(subject.estimate({}, {}) < 10);
  std::vector<Entry> entries;
  for (int64_t i = 0; i < 20'000; ++i) entries.push_back(int_entry(i, 1));
  std::shuffle(entries.begin(), entries.end(), random);
  subject.insert(entries);
  const mortise_index_stats_t stats = subject.stats();
  CHECK(stats.height >= 1);
  CHECK(stats.pages_count >= 1);
  CHECK(stats.entries_estimate > 15'000);
  CHECK(stats.entries_estimate < 25'000);
  const auto between = [&](int64_t low, int64_t high) {
    return subject.estimate({{int_value(kInt64, low)}, true}, {{int_value(kInt64, high)}, false});
  };
  const auto is_near = [](double estimate, double truth) {
    return estimate > truth / 2 - 500 && estimate < truth * 2 + 500;
  };
  CHECK(is_near(subject.estimate({}, {}), 20'000));
  CHECK(is_near(between(0, 10'000), 10'000));
  CHECK(is_near(between(15'000, 20'000), 5'000));
  CHECK(is_near(between(7'000, 7'010), 10));
  CHECK(is_near(between(50'000, 60'000), 0));
  CHECK(is_near(between(600, 500), 0));
}

TEST_CASE("index: a key that is too long is refused with 54000 and leaves the index well") {
  World world(index_world(seed()));
  Subject subject(world, columns_of({kText}));
  std::vector<Found> before = subject.scan();
  for (const size_t size : {size_t{100'000}, size_t{5'000'000}}) {
    Txn txn(world);
    const Status status = subject.try_insert(txn, {{{string_value(std::string(size, 'x'))}, 1}},
                                             nullptr, false, nullptr);
    if (status) break;  // a provider without this bound
    CHECK(status.code() == Code::limit);
    CHECK(status.sqlstate() == "54000");
    txn.abort();
    CHECK(subject.scan() == before);
  }
  subject.insert({{{string_value("short")}, 1}});
  CHECK(subject.verify() == "");
}

TEST_CASE("index: what was created is gone after an abort, and after a drop that committed") {
  World world(index_world(seed()));
  Subject kept(world, columns_of({kInt64}));
  kept.insert({int_entry(1, 1)});
  {
    Txn txn(world);
    mortise_index_desc_t desc = kept.desc();
    desc.segment = 0;
    mortise_segment_id_t made = 0;
    require_ok(
        call([&](mortise_error_t* e) { return kept.api().create(txn.get(), &desc, &made, e); }));
    CHECK(made != 0);
    txn.abort();
    desc.segment = made;
    mortise_index_t* handle = nullptr;
    const Status status =
        call([&](mortise_error_t* e) { return kept.api().open(&desc, &handle, e); });
    CHECK(status.code() == Code::not_found);
    if (status) kept.api().close(handle);
  }
  {
    Txn txn(world);
    require_ok(
        call([&](mortise_error_t* e) { return kept.api().drop(txn.get(), kept.segment(), e); }));
    txn.abort();
  }
  CHECK(kept.scan().size() == 1);
  {
    Txn txn(world);
    require_ok(
        call([&](mortise_error_t* e) { return kept.api().drop(txn.get(), kept.segment(), e); }));
    kept.close();
    require_ok(txn.commit());
  }
  Subject next(world, columns_of({kInt64}));
  next.insert({int_entry(2, 2)});
  CHECK(next.scan().size() == 1);
  CHECK(next.verify() == "");
}

TEST_CASE("index: a column or an option that it does not know is unsupported") {
  World world(index_world(seed()));
  Subject subject(world, columns_of({kInt64}));
  Txn txn(world);
  const auto create = [&](const mortise_index_desc_t& desc) {
    mortise_segment_id_t made = 0;
    return call(
        [&](mortise_error_t* e) { return subject.api().create(txn.get(), &desc, &made, e); });
  };
  const auto unknown = columns_of({type_of(0)});
  mortise_index_desc_t desc = subject.desc();
  desc.segment = 0;
  desc.columns = unknown.data();
  CHECK(create(desc).code() == Code::unsupported);
  if ((subject.api().header.capabilities & MORTISE_INDEX_INCLUDES) == 0) {
    const auto two = columns_of({kInt64, kText});
    desc.columns = two.data();
    desc.columns_count = 2;
    desc.includes_count = 1;
    CHECK(create(desc).code() == Code::unsupported);
  }
}

TEST_CASE("index: I1 I2 I3 a long random life, with restarts, agrees with a set at every check") {
  MESSAGE("seed ", seed());
  RandomBits random(seed());
  WorldOptions options = index_world(seed());
  options.pool_bytes = uint64_t{2} << 20;  // pages come and go
  World world(options);
  for (const Domain domain : {Domain::few, Domain::wide}) {
    const std::vector<mortise_type_t> types = {kText, type_of(MORTISE_PHYSICAL_NUMERIC)};
    Subject subject(world, {{types[0], MORTISE_INDEX_DESCENDING, 0}, {types[1], 0, 0}});
    Model model = subject.empty_model();
    for (int round = 0; round < 60; ++round) {
      CAPTURE(round);
      const auto some = random_entries(types, random, random() % 150 + 1, domain);
      const bool erases = random() % 3 == 0;
      if (erases) {
        std::vector<Entry> gone = some;
        for (const Entry& entry : model) {
          if (random() % 12 == 0) gone.push_back(entry);
        }
        require_ok(subject.try_erase(gone));
        for (const Entry& entry : gone) model.erase(entry);
      } else {
        subject.insert(some, &random);
        model.insert(some.begin(), some.end());
      }
      if (round % 7 == 0) require_ok(world.maintain());
      if (round % 10 == 9) CHECK(subject.verify() == "");
      if (round % 20 == 19) {
        subject.close();
        world.close();
        world.open();
        subject.open();
        check_scans(subject, model);
      }
    }
    CHECK(subject.verify() == "");
    check_scans(subject, model);
  }
}

}  // namespace
}  // namespace mortise::conformance
