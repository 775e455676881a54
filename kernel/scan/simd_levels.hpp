// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the tables of the levels come from?  (Between the simd_*.cpp files only.)
//
// Threads: pure functions; vector_table is called under the initialisation of a static.

#include <cstdint>

#include "kernel/scan/simd.hpp"

namespace mortise::scan {

// iface/simd.h, V1.
inline constexpr uint32_t kFloatLanes = 16;

// A hash's eight bits in a Bloom filter: the block of 64 bytes by its high half, the bit of word k
// by six bits of its product with kBloomSpread, from bit 6 k on.
inline constexpr uint64_t kBloomSpread = 0x9E3779B97F4A7C15ull;
inline constexpr uint32_t kBloomWords = 8;
inline constexpr uint32_t kBloomBits = 6;
inline uint64_t* bloom_block(const mortise_bloom_t& bloom, uint64_t hash) {
  return bloom.words + ((hash >> 32) & (bloom.words_count / kBloomWords - 1)) * kBloomWords;
}

// The tree of V1; destroys `lanes`.  A NaN becomes the canonical one.
double add_lanes(double* lanes);

const SimdTable& scalar_table();
// Null when processor or system lack the level.  `level` is not scalar.
const SimdTable* vector_table(SimdLevel level);

}  // namespace mortise::scan
