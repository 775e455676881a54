// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a value become bytes whose memcmp order is the value's order?
//
// Two users.  Indexes encode keys, one value after the other, each of which ends itself.  Types
// whose values the kernel has no word for (arrays, rows, ranges) stand as MORTISE_PHYSICAL_ORDERED:
// a key made of such encodings, then whatever else the type wants back, then the size of that.
// Every sort, hash, join, filter and index looks at the key and knows nothing of the type.
//
//   ORDERED value:  key  rest  rest_size:u32 little-endian
//
// Invariants
//   K1  encode(a) < encode(b) by memcmp exactly if a < b (types.h), and equal values have equal
//       encodings; no encoding is a proper prefix of another one of its type.
//   K2  A malformed ORDERED value (its last four bytes name more than there is) is all key.
//
// Threads: pure functions.

#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <string_view>

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/int128.hpp"

namespace mortise {

inline constexpr size_t kOrderedTailBytes = sizeof(uint32_t);

// Where the key of an ORDERED value ends (K2).
inline size_t ordered_key_bytes(std::string_view value) {
  if (value.size() < kOrderedTailBytes) return value.size();
  uint32_t rest_bytes = 0;
  std::memcpy(&rest_bytes, value.data() + value.size() - kOrderedTailBytes, kOrderedTailBytes);
  const size_t room = value.size() - kOrderedTailBytes;
  return rest_bytes > room ? value.size() : room - rest_bytes;
}

// What stands behind the key.
inline std::string_view ordered_rest(std::string_view value) {
  const size_t key_bytes = ordered_key_bytes(value);
  if (key_bytes + kOrderedTailBytes > value.size()) return {};
  return value.substr(key_bytes, value.size() - key_bytes - kOrderedTailBytes);
}

// Appends `rest` to a key and makes an ORDERED value of it.
inline void finish_ordered(std::string_view rest, std::string& key) {
  const auto rest_bytes = static_cast<uint32_t>(rest.size());
  key.append(rest);
  key.append(reinterpret_cast<const char*>(&rest_bytes), sizeof(rest_bytes));
}

// The bytes of a TEXT, BYTES, NUMERIC or ORDERED value that order and equality look at.
inline std::string_view compared_bytes(uint16_t physical, std::string_view value) {
  switch (physical) {
    case MORTISE_PHYSICAL_NUMERIC:  // the scale to show ends it
      return value.substr(0, value.size() < 2 ? 0 : value.size() - 2);
    case MORTISE_PHYSICAL_ORDERED:
      return value.substr(0, ordered_key_bytes(value));
    default:
      return value;
  }
}

template <typename Unsigned>
void append_big_endian(Unsigned value, std::string& out) {
  for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<uint8_t>(value >> shift)));
  }
}

namespace ordered {

template <typename Signed, typename Unsigned>
void append_integer(Signed value, std::string& out) {
  constexpr Unsigned kSign = Unsigned{1} << (sizeof(Unsigned) * 8 - 1);
  append_big_endian<Unsigned>(static_cast<Unsigned>(static_cast<Unsigned>(value) ^ kSign), out);
}

template <typename Float, typename Bits>
void append_float(Float value, std::string& out) {
  constexpr Bits kSign = Bits{1} << (sizeof(Bits) * 8 - 1);
  Bits bits = ~Bits{0};
  if (!std::isnan(value)) {
    bits = std::bit_cast<Bits>(value == 0 ? Float{0} : value);
    bits = (bits & kSign) != 0 ? ~bits : bits | kSign;
  }
  append_big_endian<Bits>(bits, out);
}

inline void append_interval(const mortise_interval_t& value, std::string& out) {
  const Int128 days = Int128{value.months} * 30 + value.days;
  append_integer<Int128, Uint128>(days * 86'400'000'000 + value.microseconds, out);
}

// 00 becomes 00 FF, and 00 01 ends it.
inline void append_escaped(std::string_view bytes, std::string& out) {
  size_t at = 0;
  while (true) {
    const size_t zero = bytes.find('\0', at);
    out.append(bytes.substr(at, zero - at));
    if (zero == std::string_view::npos) break;
    out.append("\x00\xFF", 2);
    at = zero + 1;
  }
  out.append("\x00\x01", 2);
}

}  // namespace ordered

// Appends the encoding of a value that is not null.
inline void append_ordered(const mortise_column_t& column, uint16_t physical, uint32_t row,
                           std::string& out) {
  switch (physical) {
    case MORTISE_PHYSICAL_BOOL:
      out.push_back(Booleans(column)[row] ? 1 : 0);
      return;
    case MORTISE_PHYSICAL_INT16:
      return ordered::append_integer<int16_t, uint16_t>(Values<int16_t>(column)[row], out);
    case MORTISE_PHYSICAL_INT32:
      return ordered::append_integer<int32_t, uint32_t>(Values<int32_t>(column)[row], out);
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return ordered::append_integer<int64_t, uint64_t>(Values<int64_t>(column)[row], out);
    case MORTISE_PHYSICAL_DECIMAL128:
      return ordered::append_integer<Int128, Uint128>(Values<Int128>(column)[row], out);
    case MORTISE_PHYSICAL_FLOAT32:
      return ordered::append_float<float, uint32_t>(Values<float>(column)[row], out);
    case MORTISE_PHYSICAL_FLOAT64:
      return ordered::append_float<double, uint64_t>(Values<double>(column)[row], out);
    case MORTISE_PHYSICAL_INTERVAL:
      return ordered::append_interval(Values<mortise_interval_t>(column)[row], out);
    case MORTISE_PHYSICAL_UUID: {
      struct Uuid {
        char bytes[16];
      };
      out.append(Values<Uuid>(column)[row].bytes, 16);
      return;
    }
    default:
      return ordered::append_escaped(compared_bytes(physical, Strings(column)[row]), out);
  }
}

}  // namespace mortise
