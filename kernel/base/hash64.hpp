// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are bytes spread over a hash table?
//
// A multiply-and-fold hash after wyhash's final version (Wang Yi), reduced: 64x64->128 multiplies,
// 48 bytes per round in three lanes.  Difference: constants and the treatment of short inputs are
// ours, so values are not wyhash's.  Not for storage (values may change between versions) and
// not against an adversary who knows the seed.
//
// Threads: pure functions.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mortise {

uint64_t hash64(std::span<const std::byte> bytes, uint64_t seed = 0);
uint64_t hash64(std::string_view text, uint64_t seed = 0);

namespace hash64_detail {

// Odd, with about as many ones as zeros; digits of the golden ratio, the square roots of 2, 3, 5.
inline constexpr uint64_t kA = 0x9E3779B97F4A7C15ull;
inline constexpr uint64_t kB = 0x6A09E667F3BCC909ull;
inline constexpr uint64_t kC = 0xBB67AE8584CAA73Bull;
inline constexpr uint64_t kD = 0x3C6EF372FE94F82Bull;

__extension__ typedef unsigned __int128 Wide;

constexpr uint64_t fold(uint64_t a, uint64_t b) {
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace hash64_detail

// One number: two multiplies.
constexpr uint64_t hash64(uint64_t value, uint64_t seed = 0) {
  using namespace hash64_detail;
  return fold(kA ^ seed, fold(value ^ kB, seed ^ kC) ^ kD);
}

// For std::unordered_map<std::string, X, TextHash, std::equal_to<>>: finds by string_view.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return static_cast<size_t>(hash64(text)); }
};

}  // namespace mortise
