// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a definition written down so that older and newer readers both understand it?
//
// A record is a row of fields: tag (varint), size in bytes (varint), that many bytes.  A field may
// occur several times (a list) and may hold a record.  Integers are varints (signed ones zigzag).
// This is the body of catalog objects; mortise/cpp/schema.hpp has the tags.
//
// Invariants
//   W1  A reader passes over tags that it does not know; a missing field reads as its default.
//   W2  Tags are never reused within a kind of record.
//
// Threads: value types; a reader borrows its bytes.

#include <cstdint>
#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"

namespace mortise::record {

class Writer {
 public:
  void bytes(uint32_t tag, std::string_view value) {
    varint(tag);
    varint(value.size());
    out_.append(value);
  }
  void text(uint32_t tag, std::string_view value) {
    if (!value.empty()) bytes(tag, value);
  }
  void unsigned_integer(uint32_t tag, uint64_t value) {
    if (value != 0) integer_field(tag, value);
  }
  void integer(uint32_t tag, int64_t value) {
    const auto u = static_cast<uint64_t>(value);
    unsigned_integer(tag, (u << 1) ^ (value < 0 ? ~uint64_t{0} : 0));
  }
  void boolean(uint32_t tag, bool value) { unsigned_integer(tag, value ? 1 : 0); }
  // An element of a list: written also when it is 0.
  void element(uint32_t tag, uint64_t value) { integer_field(tag, value); }
  void nested(uint32_t tag, const Writer& inner) { bytes(tag, inner.out_); }

  const std::string& str() const& { return out_; }
  std::string&& str() && { return std::move(out_); }

 private:
  void varint(uint64_t value) {
    while (value >= 0x80) {
      out_.push_back(static_cast<char>(static_cast<uint8_t>(value | 0x80)));
      value >>= 7;
    }
    out_.push_back(static_cast<char>(static_cast<uint8_t>(value)));
  }
  void integer_field(uint32_t tag, uint64_t value) {
    uint64_t size_bytes = 1;
    for (uint64_t rest = value >> 7; rest != 0; rest >>= 7) ++size_bytes;
    varint(tag);
    varint(size_bytes);
    varint(value);
  }

  std::string out_;
};

struct Field {
  uint32_t tag = 0;
  std::string_view value;

  uint64_t unsigned_integer() const {
    uint64_t result = 0;
    uint32_t shift = 0;
    for (const char c : value) {
      if (shift > 63) break;
      result |= static_cast<uint64_t>(static_cast<uint8_t>(c) & 0x7F) << shift;
      shift += 7;
    }
    return result;
  }
  int64_t integer() const {
    const uint64_t u = unsigned_integer();
    return static_cast<int64_t>((u >> 1) ^ (~(u & 1) + 1));
  }
  bool boolean() const { return unsigned_integer() != 0; }
  std::string text() const { return std::string(value); }
};

// Reads field after field; the bytes are checked, since they come from disk.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  // Calls visit(field) for every field.  XX001 if the bytes end within one.
  template <typename Visit>
  Status each(Visit&& visit) {
    while (!rest_.empty()) {
      Field field;
      uint64_t tag = 0;
      uint64_t size_bytes = 0;
      if (!varint(tag) || !varint(size_bytes) || size_bytes > rest_.size() || tag > UINT32_MAX) {
        return corrupt("catalog record ends within a field");
      }
      field.tag = static_cast<uint32_t>(tag);
      field.value = rest_.substr(0, size_bytes);
      rest_.remove_prefix(size_bytes);
      visit(static_cast<const Field&>(field));
    }
    return {};
  }

 private:
  bool varint(uint64_t& value) {
    value = 0;
    for (uint32_t shift = 0; shift <= 63; shift += 7) {
      if (rest_.empty()) return false;
      const auto c = static_cast<uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<uint64_t>(c & 0x7F) << shift;
      if ((c & 0x80) == 0) return true;
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace mortise::record
