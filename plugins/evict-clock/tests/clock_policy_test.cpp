// SPDX-License-Identifier: Apache-2.0
//
// Goal: C1 and C2, and that one pass over much data does not cost the pages that are used.
// Method: a pool in miniature drives the policy; hits are counted.
#include "clock_policy.hpp"

#include <doctest/doctest.h>

#include <random>
#include <unordered_map>

namespace mortise::evict_clock {
namespace {

struct FrameRow {
  uint64_t page = MORTISE_FRAME_NO_PAGE;
  uint16_t touch = 0;
  uint8_t size_class = 0;
};

class MiniPool {
 public:
  explicit MiniPool(uint32_t frames) : frames_(frames), policy_(view()) {}

  // True on a hit.
  bool use(uint64_t page, uint32_t access = MORTISE_ACCESS_RANDOM) {
    ++tick_;
    const auto found = where_.find(page);
    if (found != where_.end()) {
      frames_[found->second].touch = static_cast<uint16_t>(tick_);
      return true;
    }
    uint32_t frame = static_cast<uint32_t>(where_.size());
    if (frame == frames_.size()) {
      REQUIRE(policy_.pick({&frame, 1}, 0) == 1);
      policy_.on_evicted(frame, frames_[frame].page);
      where_.erase(frames_[frame].page);
    }
    frames_[frame].page = page;
    frames_[frame].touch = static_cast<uint16_t>(tick_);
    where_[page] = frame;
    policy_.on_loaded(frame, page, access);
    return false;
  }
  ClockPolicy& policy() { return policy_; }
  bool holds(uint64_t page) const { return where_.contains(page); }

 private:
  mortise_frames_t view() {
    return {sizeof(mortise_frames_t),
            static_cast<uint32_t>(frames_.size()),
            reinterpret_cast<const uint8_t*>(frames_.data()),
            sizeof(FrameRow),
            offsetof(FrameRow, page),
            offsetof(FrameRow, touch),
            offsetof(FrameRow, size_class)};
  }
  std::vector<FrameRow> frames_;
  std::unordered_map<uint64_t, uint32_t> where_;
  uint64_t tick_ = 0;
  ClockPolicy policy_;
};

TEST_CASE("clock: a scan of much more than the pool leaves the used pages alone") {
  MiniPool pool(100);
  for (int round = 0; round < 5; ++round) {
    for (uint64_t page = 0; page < 80; ++page) pool.use(page);
  }
  for (uint64_t page = 1000; page < 3000; ++page) pool.use(page, MORTISE_ACCESS_SCAN);

  int kept = 0;
  for (uint64_t page = 0; page < 80; ++page) kept += pool.holds(page) ? 1 : 0;
  CHECK(kept >= 79);
}

TEST_CASE("clock: pages read once leave before pages read twice, scan hint or not") {
  MiniPool pool(100);
  for (int round = 0; round < 8; ++round) {
    for (uint64_t page = 0; page < 60; ++page) pool.use(page);
    for (uint64_t page = 0; page < 60; ++page) {
      pool.use(10'000 + static_cast<uint64_t>(round) * 1000 + page);
    }
  }
  int kept = 0;
  for (uint64_t page = 0; page < 60; ++page) kept += pool.holds(page) ? 1 : 0;
  CHECK(kept >= 55);
}

TEST_CASE("clock: a ghost that comes back goes to main") {
  MiniPool pool(10);
  for (uint64_t page = 0; page < 11; ++page) pool.use(page);
  const uint32_t before = pool.policy().main_count();
  REQUIRE_FALSE(pool.holds(0));

  pool.use(0);

  CHECK(pool.policy().main_count() == before + 1);
}

TEST_CASE("clock: C1 every frame is in one place, whatever happens") {
  constexpr uint32_t kSeed = 20261121;
  MESSAGE("seed " << kSeed);
  std::mt19937 random(kSeed);
  MiniPool pool(50);
  for (int i = 0; i < 20'000; ++i) {
    pool.use(random() % 200, static_cast<uint32_t>(random() % 5));
    const ClockPolicy& p = pool.policy();
    REQUIRE(p.probation_count() + p.main_count() + p.cold_count() <= 50);
  }
  const ClockPolicy& p = pool.policy();
  CHECK(p.probation_count() + p.main_count() + p.cold_count() == 50);
}

TEST_CASE("clock: C2 picking from a pool where everything is touched ends with victims") {
  MiniPool pool(100);
  for (uint64_t page = 0; page < 100; ++page) pool.use(page);
  for (uint64_t page = 0; page < 100; ++page) pool.use(page);
  std::vector<uint32_t> victims(10);
  CHECK(pool.policy().pick(victims, 0) == 10);
  CHECK(pool.policy().pick(victims, 3) == 0);
}

TEST_CASE("clock: a skewed load hits nearly as often as knowing the future would allow") {
  constexpr uint32_t kSeed = 7;
  MESSAGE("seed " << kSeed);
  std::mt19937 random(kSeed);
  std::geometric_distribution<uint64_t> skewed(0.02);
  MiniPool pool(100);
  int hits = 0;
  constexpr int kUses = 50'000;
  for (int i = 0; i < kUses; ++i) hits += pool.use(skewed(random)) ? 1 : 0;
  // The 100 most used pages hold 1 - 0.98^100 = 86.7 % of all uses.
  CHECK(hits > kUses * 78 / 100);
}

}  // namespace
}  // namespace mortise::evict_clock
