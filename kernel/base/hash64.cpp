// SPDX-License-Identifier: Apache-2.0
#include "kernel/base/hash64.hpp"

#include "kernel/base/bytes.hpp"

namespace mortise {
namespace {

using namespace hash64_detail;

// Up to 16 bytes as two overlapping words; every byte is in one of them.
void load_short(const std::byte* at, size_t size, uint64_t& low, uint64_t& high) {
  if (size >= 8) {
    low = load_le<uint64_t>(at);
    high = load_le<uint64_t>(at + size - 8);
  } else if (size >= 4) {
    low = load_le<uint32_t>(at);
    high = load_le<uint32_t>(at + size - 4);
  } else if (size > 0) {
    low = static_cast<uint64_t>(at[0]) << 16 | static_cast<uint64_t>(at[size / 2]) << 8 |
          static_cast<uint64_t>(at[size - 1]);
    high = 0;
  } else {
    low = 0;
    high = 0;
  }
}

}  // namespace

uint64_t hash64(std::span<const std::byte> bytes, uint64_t seed) {
  const std::byte* at = bytes.data();
  size_t left = bytes.size();
  uint64_t state = seed ^ fold(seed ^ kA, kB);
  if (left > 48) {
    uint64_t second = state;
    uint64_t third = state;
    for (; left > 48; at += 48, left -= 48) {
      state = fold(load_le<uint64_t>(at) ^ kB, load_le<uint64_t>(at + 8) ^ state);
      second = fold(load_le<uint64_t>(at + 16) ^ kC, load_le<uint64_t>(at + 24) ^ second);
      third = fold(load_le<uint64_t>(at + 32) ^ kD, load_le<uint64_t>(at + 40) ^ third);
    }
    state ^= second ^ third;
  }
  for (; left > 16; at += 16, left -= 16) {
    state = fold(load_le<uint64_t>(at) ^ kB, load_le<uint64_t>(at + 8) ^ state);
  }
  uint64_t low;
  uint64_t high;
  load_short(at, left, low, high);
  return fold(kA ^ bytes.size(), fold(low ^ kB, high ^ state) ^ kC);
}

uint64_t hash64(std::string_view text, uint64_t seed) {
  return hash64(as_bytes(text), seed);
}

}  // namespace mortise
