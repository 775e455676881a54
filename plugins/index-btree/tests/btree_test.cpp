// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a tree holds what a std::set of entries holds, in the same order, through splits of every
//         kind, and each labelled invariant stands after each step.
// Method: random entries of random lengths against std::set, verify() along the way; scans both
//         ways over random ranges; failures of every fix and allocation.  Seeds are printed.

#include "btree.hpp"

#include <doctest/doctest.h>

#include <random>
#include <set>

#include "memory_pages.hpp"
#include "mortise/cpp/batch.hpp"
#include "scan.hpp"
#include "sorted_entries.hpp"

namespace mortise::index_btree {
namespace {

mortise_index_desc_t desc_of(mortise_segment_id_t segment) {
  static const mortise_index_column_t column = {{.sql_type = 0,
                                                 .modifier = -1,
                                                 .physical = MORTISE_PHYSICAL_BYTES,
                                                 .precision = 0,
                                                 .scale = 0,
                                                 .collation = 0},
                                                0,
                                                0};
  mortise_index_desc_t desc{};
  desc.struct_size_bytes = sizeof desc;
  desc.columns = &column;
  desc.columns_count = 1;
  desc.segment = segment;
  return desc;
}

struct Fixture {
  MemoryPages pages;
  Environment env{&pages.table(), 40};
  std::unique_ptr<BTree> tree;

  Fixture() {
    Result<mortise_segment_id_t> segment = BTree::create(env, nullptr, desc_of(0));
    REQUIRE(segment.has_value());
    Result<std::unique_ptr<BTree>> opened = BTree::open(env, desc_of(*segment));
    REQUIRE(opened.has_value());
    tree = std::move(*opened);
  }

  void check() const {
    const Status status =
        tree->verify([](std::string_view finding) { MESSAGE(std::string(finding)); });
    REQUIRE(status.is_ok());
  }

  std::vector<std::string> scan(Range range, bool is_backward, uint32_t rows_max) const {
    Scan scan(*tree, std::move(range), is_backward);
    std::vector<std::string> found;
    while (true) {
      mortise_batch_t batch{};
      Result<bool> more = scan.next(rows_max, &batch);
      REQUIRE(more.has_value());
      if (!*more) break;
      const auto* views = static_cast<const mortise_view_t*>(batch.columns[0].data);
      for (uint32_t i = 0; i < batch.rows_count; ++i) {
        std::string entry(text_of(views[i]));
        append_row_id(batch.row_ids[i], entry);
        found.push_back(std::move(entry));
      }
    }
    return found;
  }
};

std::string random_entry(std::mt19937_64& random, size_t key_bytes_max, uint32_t alphabet) {
  std::string entry;
  const size_t length = random() % (key_bytes_max + 1);
  for (size_t i = 0; i < length; ++i) entry.push_back(static_cast<char>(random() % alphabet));
  append_row_id(random() % 50, entry);
  return entry;
}

void compare(const Fixture& f, const std::set<std::string>& model, std::mt19937_64& random) {
  const std::vector<std::string> all(model.begin(), model.end());
  CHECK(f.scan({}, false, 7) == all);
  CHECK(f.scan({}, true, 1000) == std::vector<std::string>(all.rbegin(), all.rend()));
  for (int i = 0; i < 20; ++i) {
    std::string a = random_entry(random, 6, 4);
    std::string b = random_entry(random, 6, 4);
    if (b < a) std::swap(a, b);
    const std::vector<std::string> inside(model.lower_bound(a), model.lower_bound(b));
    CHECK(f.scan({a, b}, false, 100) == inside);
    CHECK(f.scan({a, b}, true, 3) == std::vector<std::string>(inside.rbegin(), inside.rend()));
  }
}

TEST_CASE("btree: it holds what a set holds, for short and long and skewed entries") {
  struct Shape {
    size_t key_bytes_max;
    uint32_t alphabet;
    int rounds;
  };
  for (const Shape shape :
       {Shape{6, 4, 20000}, Shape{40, 256, 8000}, Shape{kKeyBytesMax, 3, 600}}) {
    const uint64_t seed = 20261121 + shape.key_bytes_max;
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    Fixture f;
    std::set<std::string> model;
    for (int i = 0; i < shape.rounds; ++i) {
      const std::string entry = random_entry(random, shape.key_bytes_max, shape.alphabet);
      if (random() % 4 == 0 && !model.empty()) {
        auto at = model.lower_bound(entry);
        if (at == model.end()) at = model.begin();
        REQUIRE(f.tree->erase(*at).is_ok());
        model.erase(at);
      } else {
        REQUIRE(f.tree->insert(nullptr, entry).is_ok());
        model.insert(entry);
      }
      if (i % (shape.rounds / 8) == 0) f.check();
    }
    f.check();
    compare(f, model, random);
  }
}

TEST_CASE("btree: I1 inserting a pair twice leaves one, erasing what is not there nothing") {
  Fixture f;
  std::string entry = "k";
  append_row_id(7, entry);
  REQUIRE(f.tree->insert(nullptr, entry).is_ok());
  REQUIRE(f.tree->insert(nullptr, entry).is_ok());
  CHECK(f.scan({}, false, 10).size() == 1);
  REQUIRE(f.tree->erase("nothing here").is_ok());
  REQUIRE(f.tree->erase(entry).is_ok());
  CHECK(f.scan({}, false, 10).empty());
}

TEST_CASE("btree: ascending keys leave full leaves behind") {
  Fixture f;
  std::string entry;
  for (uint64_t i = 0; i < 50000; ++i) {
    entry.clear();
    append_row_id(i, entry);  // as the key
    append_row_id(1, entry);
    REQUIRE(f.tree->insert(nullptr, entry).is_ok());
  }
  f.check();
  Result<mortise_index_stats_t> stats = f.tree->stats();
  REQUIRE(stats.has_value());
  // 8 KiB hold at least 300 entries of 16 bytes and 8 of slot.
  CHECK(stats->pages_count < 50000 / 300 + 10);
}

TEST_CASE("btree: collect finds all row ids of a key across leaves") {
  Fixture f;
  for (uint64_t row = 0; row < 5000; ++row) {
    std::string entry = "same";
    append_row_id(row, entry);
    REQUIRE(f.tree->insert(nullptr, entry).is_ok());
  }
  std::vector<mortise_row_id_t> found;
  REQUIRE(f.tree->collect("same", found).is_ok());
  CHECK(found.size() == 5000);
  CHECK(std::is_sorted(found.begin(), found.end()));
}

TEST_CASE("btree: a built tree equals one that grew") {
  for (const size_t count : {size_t{0}, size_t{1}, size_t{300}, size_t{20000}}) {
    CAPTURE(count);
    std::mt19937_64 random(count);
    Fixture f;
    std::set<std::string> model;
    SortedEntries entries;
    while (model.size() < count) {
      const std::string entry = random_entry(random, 30, 20);
      if (model.insert(entry).second) entries.add(entry);
    }
    entries.sort();
    REQUIRE(f.tree->build(nullptr, entries, 0).is_ok());
    f.check();
    compare(f, model, random);
    for (int i = 0; i < 1000; ++i) {
      const std::string entry = random_entry(random, 30, 20);
      model.insert(entry);
      REQUIRE(f.tree->insert(nullptr, entry).is_ok());
    }
    f.check();
    compare(f, model, random);
  }
}

TEST_CASE("btree: a failing fix or allocation leaves the tree as it was") {
  std::mt19937_64 random(5);
  Fixture f;
  std::set<std::string> model;
  for (int i = 0; i < 400; ++i) {
    const std::string entry = random_entry(random, 1200, 3);
    uint64_t n = 1;
    while (true) {
      f.pages.fail_after(n++);
      const Status status = f.tree->insert(nullptr, entry);
      f.pages.fail_after(0);
      if (status.is_ok()) break;
      REQUIRE(n < 100);
    }
    model.insert(entry);
  }
  f.check();
  CHECK(f.scan({}, false, 100) == std::vector<std::string>(model.begin(), model.end()));
}

TEST_CASE("node: damaged bytes are named, never followed") {
  std::mt19937_64 random(11);
  NodePlan plan;
  for (int i = 0; i < 50; ++i)
    plan.items.push_back({"key" + std::to_string(1000 + i) + "12345678", 0});
  const Image image(plan, kNodeBytes);
  std::vector<uint8_t> bytes(kNodeBytes);
  for (int round = 0; round < 20000; ++round) {
    // The image's bytes, with a few of the header and slots overwritten.
    std::memcpy(bytes.data(), image.bytes(), kNodeBytes);
    for (int k = 0; k < 3; ++k) bytes[kHeaderAt + random() % 400] = static_cast<uint8_t>(random());
    (void)Node(bytes.data(), kNodeBytes).check(1);
  }
}

}  // namespace
}  // namespace mortise::index_btree
