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
// One number: two multiplies.
uint64_t hash64(uint64_t value, uint64_t seed = 0);

// For std::unordered_map<std::string, X, TextHash, std::equal_to<>>: finds by string_view.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return static_cast<size_t>(hash64(text)); }
};

}  // namespace mortise
