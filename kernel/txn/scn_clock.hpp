// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which number does the next commit get?
//
// A hybrid logical clock (Kulkarni et al.): 42 bits of milliseconds since 2020-01-01 UTC and 20
// bits that count within a millisecond.  When the wall clock stands still or goes back, the count
// goes on from the last number.
//
// Invariants
//   C1  next() is greater than every number given or observed before, over restarts too: recovery
//       observes the greatest SCN it finds.
//
// Threads: next [one at a time: the log's ordering lock]; the rest [any, concurrent].

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "kernel/base/ids.hpp"
#include "kernel/platform/clock.hpp"

namespace mortise::txn {

inline constexpr int64_t kScnEpochUs = 1'577'836'800'000'000;  // 2020-01-01 00:00 UTC
inline constexpr uint32_t kScnLogicalBits = 20;
inline constexpr uint64_t kScnLogicalMax = (uint64_t{1} << kScnLogicalBits) - 1;
inline constexpr uint64_t kScnMillisecondsMax = (uint64_t{1} << 42) - 1;

// The first SCN of the millisecond that `time_us` (since 1970) lies in; 0 for times before 2020.
constexpr Scn first_scn_of(int64_t time_us) {
  if (time_us <= kScnEpochUs) return kNoScn;
  const uint64_t ms = static_cast<uint64_t>(time_us - kScnEpochUs) / 1000;
  return Scn{std::min(ms, kScnMillisecondsMax) << kScnLogicalBits};
}
// The last one: a view AS OF a time sees all commits of its millisecond.
constexpr Scn last_scn_of(int64_t time_us) {
  return Scn{raw(first_scn_of(time_us)) | kScnLogicalMax};
}
constexpr int64_t time_of(Scn scn) {
  return static_cast<int64_t>(raw(scn) >> kScnLogicalBits) * 1000 + kScnEpochUs;
}

class ScnClock {
 public:
  Scn next() {
    const uint64_t now = raw(first_scn_of(platform::realtime_us()));
    const uint64_t scn = std::max(last_.load(std::memory_order_relaxed) + 1, now);
    last_.store(scn, std::memory_order_release);
    return Scn{scn};
  }
  // C1.  During recovery.
  void observe(Scn scn) {
    if (raw(scn) > last_.load(std::memory_order_relaxed)) {
      last_.store(raw(scn), std::memory_order_release);
    }
  }
  Scn last() const { return Scn{last_.load(std::memory_order_acquire)}; }

 private:
  std::atomic<uint64_t> last_{0};
};

}  // namespace mortise::txn
