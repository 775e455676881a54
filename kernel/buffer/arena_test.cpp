// SPDX-License-Identifier: Apache-2.0
//
// Goal:   A1, A2: frames are given out once, sizes share the arena without fragments.
// Method: random takes and returns against a set; drains.

#include "kernel/buffer/arena.hpp"

#include <doctest/doctest.h>

#include <set>

#include "kernel/platform/random.hpp"

namespace mortise::buffer {
namespace {

TEST_CASE("arena: A1 frames of all sizes never overlap") {
  Arena arena;
  REQUIRE(arena.create(4096 * page::kUnitBytes, false));
  platform::Random random(3);
  std::vector<std::pair<uint32_t, uint32_t>> held;  // index, units
  std::vector<bool> used(arena.unit_count());
  for (int step = 0; step < 20'000; ++step) {
    if (!held.empty() && random.one_in(2)) {
      const size_t i = random.below(held.size());
      for (uint32_t u = 0; u < held[i].second; ++u) used[held[i].first + u] = false;
      arena.give_back(held[i].first);
      held[i] = held.back();
      held.pop_back();
      continue;
    }
    const auto size_class = static_cast<page::SizeClass>(random.below(page::kSizeClassCount));
    const uint32_t index = arena.take(size_class);
    if (index == Arena::kNone) continue;
    for (uint32_t u = 0; u < page::units_of(size_class); ++u) {
      REQUIRE(!used[index + u]);
      used[index + u] = true;
    }
    held.emplace_back(index, page::units_of(size_class));
  }
  CHECK(arena.verify());
  for (const auto& [index, units] : held) arena.give_back(index);
  CHECK(arena.free_units() == arena.unit_count());
  CHECK(arena.verify());
}

TEST_CASE("arena: a superframe whose pages have left serves another size") {
  Arena arena;
  REQUIRE(arena.create(64 * page::kUnitBytes, false));
  std::vector<uint32_t> small;
  for (uint32_t i = arena.take(page::SizeClass::kib4); i != Arena::kNone;
       i = arena.take(page::SizeClass::kib4)) {
    small.push_back(i);
  }
  CHECK(small.size() == 64);
  CHECK(arena.take(page::SizeClass::kib64) == Arena::kNone);
  CHECK(arena.take(page::SizeClass::mib1) == Arena::kNone);  // larger than a tiny superframe
  std::vector<uint32_t> in_use;
  const uint32_t drained = arena.begin_drain(page::SizeClass::kib64, in_use);
  REQUIRE(drained != Arena::kNone);
  for (uint32_t index : in_use) arena.give_back(index);
  CHECK(arena.take(page::SizeClass::kib4) == Arena::kNone);  // A2
  arena.end_drain(drained);
  CHECK(arena.take(page::SizeClass::kib64) != Arena::kNone);
}

TEST_CASE("arena: less than 64 frames is refused") {
  Arena arena;
  CHECK(arena.create(63 * page::kUnitBytes, false).code() == Code::invalid);
}

}  // namespace
}  // namespace mortise::buffer
