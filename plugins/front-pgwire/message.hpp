// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does a message of the protocol begin and end, and what are its fields?
//
// A message is a type byte (none in the startup phase), a 32-bit big-endian length that counts
// itself but not the type, and the fields.  Reading is checked at every step: a field that passes
// the end fails the whole message with 08P01.
//
// Source: PostgreSQL 15 documentation, chapter 55 (Frontend/Backend Protocol).
//
// Threads: value types; one message, one thread.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace mortise::front_pgwire {

inline uint32_t load_u32(const uint8_t* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, 4);
  return __builtin_bswap32(value);
}

// Reads the fields of one message.  After a field that is not there `is_good` is false and every
// further read answers zero or empty.
class FieldReader {
 public:
  explicit FieldReader(std::string_view body) : rest_(body) {}

  uint8_t u8() { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() { return static_cast<uint16_t>(number(2)); }
  uint32_t u32() { return static_cast<uint32_t>(number(4)); }
  int32_t i32() { return static_cast<int32_t>(u32()); }
  std::string_view bytes(uint64_t size) {
    if (!is_good_ || size > rest_.size()) return fail();
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  // A string that ends with a zero byte, without it.
  std::string_view text() {
    const size_t end = rest_.find('\0');
    if (!is_good_ || end == std::string_view::npos) return fail();
    const std::string_view taken = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return taken;
  }
  std::string_view rest() const { return rest_; }
  bool is_good() const { return is_good_; }
  // All fields read, nothing left over.
  bool is_done() const { return is_good_ && rest_.empty(); }

 private:
  uint64_t number(uint32_t size) {
    const std::string_view taken = bytes(size);
    uint64_t value = 0;
    for (const char c : taken) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }
  std::string_view fail() {
    is_good_ = false;
    rest_ = {};
    return {};
  }

  std::string_view rest_;
  bool is_good_ = true;
};

// Builds outgoing messages one after another in one buffer.
class MessageWriter {
 public:
  void begin(char type) {
    buffer_.push_back(type);
    length_at_ = buffer_.size();
    buffer_.append(4, '\0');
  }
  void end() { put_u32(length_at_, static_cast<uint32_t>(buffer_.size() - length_at_)); }

  void u8(uint8_t value) { buffer_.push_back(static_cast<char>(value)); }
  void u16(uint16_t value) {
    u8(static_cast<uint8_t>(value >> 8));
    u8(static_cast<uint8_t>(value));
  }
  void u32(uint32_t value) {
    const uint32_t swapped = __builtin_bswap32(value);
    append(&swapped, 4);
  }
  void text(std::string_view value) {
    buffer_.append(value);
    buffer_.push_back('\0');
  }
  void bytes(std::string_view value) { buffer_.append(value); }

  // For a length that is known later: its place, and filling it in.
  size_t reserve_u32() {
    buffer_.append(4, '\0');
    return buffer_.size() - 4;
  }
  void put_u32(size_t at, uint32_t value) {
    const uint32_t swapped = __builtin_bswap32(value);
    std::memcpy(buffer_.data() + at, &swapped, 4);
  }

  size_t size_bytes() const { return buffer_.size(); }
  std::string& buffer() { return buffer_; }

 private:
  void append(const void* bytes, size_t size) {
    buffer_.append(static_cast<const char*>(bytes), size);
  }

  std::string buffer_;
  size_t length_at_ = 0;
};

}  // namespace mortise::front_pgwire
