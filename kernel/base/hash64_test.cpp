// SPDX-License-Identifier: Apache-2.0
//
// Goal:   similar inputs spread over the whole range.
// Method: neighbouring numbers and texts into 64 buckets by high and by low bits; single flipped
//         bits must change about half of the result.

#include "kernel/base/hash64.hpp"

#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <set>
#include <string>

namespace mortise {
namespace {

TEST_CASE("hash64: neighbouring numbers fill every bucket evenly") {
  std::array<int, 64> by_low{};
  std::array<int, 64> by_high{};
  for (uint64_t i = 0; i < 64 * 1000; ++i) {
    const uint64_t h = hash64(i);
    ++by_low[h & 63];
    ++by_high[h >> 58];
  }
  for (size_t i = 0; i < 64; ++i) {
    CHECK(by_low[i] > 800);
    CHECK(by_low[i] < 1200);
    CHECK(by_high[i] > 800);
    CHECK(by_high[i] < 1200);
  }
}

TEST_CASE("hash64: texts of every length differ, by content, length and seed") {
  std::set<uint64_t> seen;
  std::string text;
  for (int size = 0; size < 300; ++size) {
    CHECK(seen.insert(hash64(std::string_view(text))).second);
    CHECK(seen.insert(hash64(std::string_view(text), 1)).second);
    text.push_back('\0');
  }
}

TEST_CASE("hash64: one flipped bit changes about half of the result") {
  for (const size_t size : {size_t{1}, size_t{3}, size_t{4}, size_t{8}, size_t{17}, size_t{100}}) {
    std::string text(size, 'x');
    const uint64_t before = hash64(std::string_view(text));
    int changed = 0;
    for (size_t bit = 0; bit < size * 8; ++bit) {
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
      changed += std::popcount(before ^ hash64(std::string_view(text)));
      text[bit / 8] = static_cast<char>(text[bit / 8] ^ (1 << (bit % 8)));
    }
    const double mean = changed / static_cast<double>(size * 8);
    CHECK(mean > 24);
    CHECK(mean < 40);
  }
}

}  // namespace
}  // namespace mortise
