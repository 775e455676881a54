// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the instruction and the tables are the same function, and it is CRC-32C.
// Method: published values (RFC 3720 B.4), then every length up to beyond both interleaved
//         block sizes and every alignment against the tables.

#include "kernel/base/crc32c.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "kernel/base/bytes.hpp"

namespace mortise {
namespace {

std::vector<std::byte> pattern(size_t size) {
  std::vector<std::byte> bytes(size);
  uint64_t x = 88172645463325252ull;
  for (std::byte& b : bytes) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    b = static_cast<std::byte>(x);
  }
  return bytes;
}

TEST_CASE("crc32c: C2 published values") {
  CHECK(crc32c(0, as_bytes("123456789")) == 0xE3069283u);
  CHECK(crc32c_portable(0, as_bytes("123456789")) == 0xE3069283u);
  const std::vector<std::byte> zeros(32);
  CHECK(crc32c(0, zeros) == 0x8A9136AAu);
  const std::vector<std::byte> ones(32, std::byte{0xFF});
  CHECK(crc32c(0, ones) == 0x62A8AB43u);
  CHECK(crc32c(0, {}) == 0);
}

TEST_CASE("crc32c: both ways agree for every length and alignment") {
  const std::vector<std::byte> bytes = pattern(3 * 4096 + 64);
  for (size_t begin = 0; begin < 9; ++begin) {
    for (size_t size = 0; size < 700; ++size) {
      const auto part = std::span(bytes).subspan(begin, size);
      REQUIRE(crc32c(17, part) == crc32c_portable(17, part));
    }
  }
  for (size_t size = 4000; size < 3 * 4096; size += 61) {
    const auto part = std::span(bytes).subspan(3, size);
    REQUIRE(crc32c(0xFFFFFFFFu, part) == crc32c_portable(0xFFFFFFFFu, part));
  }
}

TEST_CASE("crc32c: C1 goes on from a previous result") {
  const std::vector<std::byte> bytes = pattern(10000);
  const auto all = std::span<const std::byte>(bytes);
  for (const size_t cut : {size_t{0}, size_t{1}, size_t{511}, size_t{4096}, size_t{9999}}) {
    CHECK(crc32c(crc32c(5, all.first(cut)), all.subspan(cut)) == crc32c(5, all));
  }
}

TEST_CASE("crc32c: a seed and a single bit change the result") {
  std::vector<std::byte> bytes = pattern(4096);
  const uint32_t before = crc32c(1, bytes);
  CHECK(crc32c(2, bytes) != before);
  bytes[2000] ^= std::byte{0x10};
  CHECK(crc32c(1, bytes) != before);
}

}  // namespace
}  // namespace mortise
