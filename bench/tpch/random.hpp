// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which number does draw n of row r of stream s give?
//
// Every row has a generator of its own, keyed by (stream, row), so that a row does not depend on
// the rows before it: tables, and parts of one table, can be made independently and in parallel
// and still fit together.  The mixing function is SplitMix64 (Steele, Lea, Flood 2014).
//
// Invariants
//   N1  The sequence depends on (kSeed, stream, row) only: not on scale, part, machine or order.
//
// Threads: a value type; [any] on distinct objects.

#include <cstdint>

#include "mortise/cpp/assert.hpp"

namespace mortise::tpch {

// Chosen so that all 22 queries have an answer at scale 0.01 (tests/postgres_test.py).
inline constexpr uint64_t kSeed = 0x6d6f72746973650e;

// One per independent source of numbers.  Values are part of N1: never renumber.
enum class Stream : uint64_t {
  text_pool = 1,
  region = 2,
  nation = 3,
  supplier = 4,
  part = 5,
  partsupp = 6,
  customer = 7,
  order = 8,
  line = 9,
  supplier_remark = 10,
};

class RowRandom {
 public:
  RowRandom(Stream stream, uint64_t row)
      : state_(mix(mix(kSeed ^ (static_cast<uint64_t>(stream) << 56)) + row * kStep)) {}

  uint64_t next() {
    state_ += kStep;
    return mix(state_);
  }

  // Draws from [low, high], both included.
  int64_t uniform(int64_t low, int64_t high) {
    MORTISE_DEBUG_ASSERT(low <= high);
    const auto range = static_cast<uint64_t>(high - low) + 1;
    MORTISE_DEBUG_ASSERT(range <= UINT32_MAX);
    return low + static_cast<int64_t>(((next() >> 32) * range) >> 32);
  }

  // Draws from [0, count).
  uint64_t index(uint64_t count) { return ((next() >> 32) * count) >> 32; }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15;

  static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
  }

  uint64_t state_;
};

}  // namespace mortise::tpch
