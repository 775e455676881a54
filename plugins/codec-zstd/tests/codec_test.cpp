// SPDX-License-Identifier: Apache-2.0
//
// Goal:   what is particular to zstd: one frame, with size and checksum, and nothing else.
// Method: bytes written down here.  The contract that all codecs share is tested by
//         tests/conformance/codec.

#include "codec.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mortise::codec_zstd {
namespace {

std::vector<uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

std::vector<uint8_t> compressed(std::string_view text) {
  std::vector<uint8_t> output(size_bytes_max(text.size()));
  const Result<uint64_t> written = compress(bytes_of(text), 0, output);
  REQUIRE(written.has_value());
  output.resize(*written);
  return output;
}

TEST_CASE("zstd: what an earlier version wrote is read for ever") {
  // "mortise " forty times, made by the first version.
  const std::vector<uint8_t> stored = {0x28, 0xb5, 0x2f, 0xfd, 0x64, 0x40, 0x00, 0x7d, 0x00, 0x00,
                                       0x40, 0x6d, 0x6f, 0x72, 0x74, 0x69, 0x73, 0x65, 0x20, 0x01,
                                       0x00, 0x35, 0x53, 0x0b, 0x17, 0x1d, 0x13, 0xcc, 0xfb};
  std::string original;
  for (int i = 0; i < 40; ++i) original += "mortise ";
  std::vector<uint8_t> restored(original.size());
  REQUIRE(decompress(stored, restored).is_ok());
  CHECK(restored == bytes_of(original));
}

TEST_CASE("zstd: Z1 a frame without checksum is corrupt") {
  // Magic, descriptor 0x20 (single segment, size in one byte, no checksum), size 1, a raw last
  // block of one byte.
  const std::vector<uint8_t> frame = {0x28, 0xb5, 0x2f, 0xfd, 0x20, 0x01, 0x09, 0x00, 0x00, 'x'};
  std::vector<uint8_t> output(1);
  CHECK(decompress(frame, output).code() == Code::corrupt);
}

TEST_CASE("zstd: Z1 two frames, and a skippable frame before or behind, are corrupt") {
  const std::vector<uint8_t> frame = compressed("hello");
  const std::vector<uint8_t> skippable = {0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7};
  std::vector<uint8_t> output(5);
  REQUIRE(decompress(frame, output).is_ok());

  std::vector<uint8_t> twice = frame;
  twice.insert(twice.end(), frame.begin(), frame.end());
  std::vector<uint8_t> large(10);
  CHECK(decompress(twice, large).code() == Code::corrupt);
  CHECK(decompress(twice, output).code() == Code::corrupt);

  std::vector<uint8_t> behind = frame;
  behind.insert(behind.end(), skippable.begin(), skippable.end());
  CHECK(decompress(behind, output).code() == Code::corrupt);
  std::vector<uint8_t> before = skippable;
  before.insert(before.end(), frame.begin(), frame.end());
  CHECK(decompress(before, output).code() == Code::corrupt);
}

TEST_CASE("zstd: Z2 a call that needs much memory does not disturb the next") {
  std::string text;
  for (int64_t i = 0; i < 400000; ++i) text += "row " + std::to_string(i * 7919 % 100000) + "; ";
  std::vector<uint8_t> output(size_bytes_max(text.size()));
  const Result<uint64_t> high = compress(bytes_of(text), kLevelMax, output);
  REQUIRE(high.has_value());
  const Result<uint64_t> low = compress(bytes_of(text), kLevelMin, output);
  REQUIRE(low.has_value());
  CHECK(*high < *low);
  std::vector<uint8_t> restored(text.size());
  REQUIRE(decompress({output.data(), *low}, restored).is_ok());
  CHECK(restored == bytes_of(text));
}

}  // namespace
}  // namespace mortise::codec_zstd
