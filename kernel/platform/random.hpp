// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do random numbers come from?
//
// `Random` is a seeded generator (xoshiro256++ of Blackman and Vigna, seeded through splitmix64):
// same seed, same numbers, on every machine.  Not for secrets: those come from fill_random_secret.
//
// Threads: one Random per thread; the functions [any, concurrent].

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mortise/cpp/result.hpp"

namespace mortise::platform {

class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t next();
  // 0 <= x < bound, every value equally likely.  Precondition: bound > 0.
  uint64_t below(uint64_t bound);
  // begin <= x <= last.  Precondition: begin <= last.
  uint64_t between(uint64_t begin, uint64_t last);
  // True once in `times`.
  bool one_in(uint64_t times) { return below(times) == 0; }
  // 0 <= x < 1.
  double fraction();
  void fill(std::span<std::byte> into);

 private:
  std::array<uint64_t, 4> state_;
};

// A seed that differs from run to run; from the Scheduler when one is installed.
uint64_t random_seed();

// Bytes nobody can guess, from the operating system.  Code::io where it has none.
Status fill_random_secret(std::span<std::byte> into);

}  // namespace mortise::platform
