// SPDX-License-Identifier: Apache-2.0
//
// Goal:   what is particular to lz4: its layout on disk stays, and its levels mean something.
// Method: bytes written down here.  The contract that all codecs share is tested by
//         tests/conformance/codec.

#include "codec.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace mortise::codec_lz4 {
namespace {

std::vector<uint8_t> bytes_of(std::string_view text) {
  return {text.begin(), text.end()};
}

TEST_CASE("lz4: what an earlier version wrote is read for ever") {
  // "mortise " forty times, made by the first version.
  const std::vector<uint8_t> stored = {0x8f, 0xb7, 0x02, 0xfa, 0x8f, 0x6d, 0x6f, 0x72,
                                       0x74, 0x69, 0x73, 0x65, 0x20, 0x08, 0x00, 0xff,
                                       0x21, 0x50, 0x74, 0x69, 0x73, 0x65, 0x20};
  std::string original;
  for (int i = 0; i < 40; ++i) original += "mortise ";
  std::vector<uint8_t> restored(original.size());
  REQUIRE(decompress(stored, restored).is_ok());
  CHECK(restored == bytes_of(original));

  std::vector<uint8_t> again(size_bytes_max(original.size()));
  const Result<uint64_t> written = compress(bytes_of(original), 0, again);
  REQUIRE(written.has_value());
  again.resize(*written);
  CHECK(again == stored);
}

TEST_CASE("lz4: the block behind the check is LZ4's own format") {
  // A token of 5 literals, the literals: the shortest block for five bytes.
  const std::vector<uint8_t> block = {0x50, 'h', 'e', 'l', 'l', 'o'};
  std::vector<uint8_t> made(size_bytes_max(5));
  const Result<uint64_t> written = compress(bytes_of("hello"), 0, made);
  REQUIRE(written.has_value());
  made.resize(*written);
  CHECK(std::vector<uint8_t>(made.begin() + kCheckBytes, made.end()) == block);
}

TEST_CASE("lz4: a higher level is not larger on text") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "row " + std::to_string(i * 7919 % 1000) + " of a table; ";
  uint64_t previous = UINT64_MAX;
  for (int32_t level : {1, 4, 12}) {
    std::vector<uint8_t> output(size_bytes_max(text.size()));
    const Result<uint64_t> written = compress(bytes_of(text), level, output);
    REQUIRE(written.has_value());
    CHECK(*written <= previous);
    previous = *written;
  }
}

}  // namespace
}  // namespace mortise::codec_lz4
