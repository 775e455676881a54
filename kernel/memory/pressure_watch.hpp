// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: is memory getting scarce, how soon, and who can give some back?
//
// Looks at an account from time to time, measures how fast it grows, and asks those who hold what
// can be made again (caches) to let go of it: all of them from `warning` on, and already when the
// account would be full within seconds at its present rate.  What cannot wait is refused by the
// account itself (53200).
//
// Invariants
//   N1  Shrinkers run on the looker's thread with no lock of the watch held by anybody else's call;
//       they are asked again only after kPauseNs, unless the level has risen.
//
// Threads: add() [control]; look() by one thread at a time; last() [any].

#include <atomic>
#include <cstdint>
#include <vector>

#include "kernel/base/unique_function.hpp"
#include "kernel/memory/account.hpp"

namespace mortise::memory {

class PressureWatch {
 public:
  static constexpr uint64_t kForecastSeconds = 5;
  static constexpr uint64_t kPauseNs = 1'000'000'000;
  static constexpr uint64_t kNever = UINT64_MAX;

  struct Look {
    Pressure level = Pressure::normal;
    uint64_t seconds_left = kNever;  // at the present rate
    uint64_t given_back_bytes = 0;
    bool has_changed = false;  // the level, since the last look
  };

  explicit PressureWatch(const MemoryAccount& account) : account_(account) {}

  // `shrink` answers how many bytes it gave back.
  void add(UniqueFunction<uint64_t()> shrink) { shrinkers_.push_back(std::move(shrink)); }
  // `now_ns` is monotonic.
  Look look(uint64_t now_ns);
  Pressure last() const { return last_.load(std::memory_order_relaxed); }

 private:
  uint64_t seconds_left(uint64_t now_ns);

  const MemoryAccount& account_;
  std::vector<UniqueFunction<uint64_t()>> shrinkers_;
  std::atomic<Pressure> last_{Pressure::normal};
  bool has_looked_ = false;
  uint64_t looked_ns_ = 0;
  uint64_t shrunk_ns_ = 0;
  uint64_t used_bytes_ = 0;
  double growth_ = 0;  // bytes a second, smoothed
};

}  // namespace mortise::memory
