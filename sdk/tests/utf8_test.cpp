// SPDX-License-Identifier: Apache-2.0
//
// Goal: bytes pass as text if and only if they are what some characters encode to.
// Method: every code point's bytes pass at every distance from a word of eight bytes; every
// sequence of up to three bytes from the borders of the table, and of four with few leads, passes
// if and only if encoding what it decodes to gives it back.
#include "mortise/cpp/utf8.hpp"

#include <doctest/doctest.h>

#include <vector>

namespace mortise {
namespace {

std::string encoded(uint32_t point) {
  const auto tail = [&](uint32_t shift) { return static_cast<char>(0x80 | (point >> shift & 63)); };
  if (point < 0x80) return {static_cast<char>(point)};
  if (point < 0x800) return {static_cast<char>(0xC0 | point >> 6), tail(0)};
  if (point < 0x10000) return {static_cast<char>(0xE0 | point >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | point >> 18), tail(12), tail(6), tail(0)};
}

bool is_character(uint32_t point) {
  return point != 0 && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

// Whether some character's encoding is a prefix of the bytes, found by decoding without checks.
bool begins_with_character(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  for (size_t size = 1; size <= 4 && size <= bytes.size(); ++size) {
    uint32_t point = size == 1 ? byte(0) : byte(0) & (0x7Fu >> size);
    for (size_t i = 1; i < size; ++i) point = point << 6 | (byte(i) & 63u);
    if (is_character(point) && encoded(point) == bytes.substr(0, size)) return true;
  }
  return false;
}

const std::vector<uint8_t> kBorders = {0x00, 0x01, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                       0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
                                       0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF};

void try_all(std::string& text, size_t size, uint64_t* differing) {
  if (text.size() == size) {
    size_t bad_bytes = 0;
    const bool is_good = utf8_character_bytes(text, &bad_bytes) > 0;
    *differing += is_good != begins_with_character(text) ? 1 : 0;
    return;
  }
  for (const uint8_t b : kBorders) {
    text.push_back(static_cast<char>(b));
    try_all(text, size, differing);
    text.pop_back();
  }
}

}  // namespace

TEST_CASE("utf8: the bytes of every character pass, wherever they stand") {
  uint64_t refused = 0;
  for (uint32_t point = 1; point <= 0x10FFFF; ++point) {
    if (!is_character(point)) continue;
    const std::string text = std::string(point % 9, 'a') + encoded(point) + "bcdefghij";
    refused += check_utf8(text).is_ok() ? 0 : 1;
  }
  CHECK(refused == 0);
}

TEST_CASE("utf8: sequences of border bytes pass if they encode a character") {
  for (size_t size = 1; size <= 4; ++size) {
    uint64_t differing = 0;
    std::string text;
    try_all(text, size, &differing);
    CHECK_MESSAGE(differing == 0, size << " bytes");
  }
}

TEST_CASE("utf8: what is refused is named by its bytes") {
  CHECK(check_utf8("plain, and long enough for words").is_ok());
  const Status failure = check_utf8("0123456789\xE2\x82x");
  CHECK(failure.sqlstate() == "22021");
  CHECK(failure.message() == "invalid byte sequence for encoding \"UTF8\": 0xe2 0x82 0x78");
  CHECK(check_utf8("a\xFFxyz").message() == "invalid byte sequence for encoding \"UTF8\": 0xff");
  CHECK(check_utf8(std::string_view("abcdefg\0h", 9)).sqlstate() == "22021");
  CHECK(check_utf8("abcdefgh\xC3").message() ==
        "invalid byte sequence for encoding \"UTF8\": 0xc3");
}

}  // namespace mortise
