// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does C++ read, write and compare the forms of `numeric`?
//
// DECIMAL64 and DECIMAL128 are integers with a scale that stands in the type; NUMERIC bytes
// (iface/draft/type.h draws them) hold any value.  This file has the codec of the bytes, the order
// of values across all forms, and exact conversions.  Arithmetic lives in sql-functions.
//
// Invariants
//   N1  Written bytes are canonical: no leading or trailing zero digit, zero has class kZero.  So
//       two values are equal if their bytes without the last two are.
//   N2  `read_numeric` checks its input; nothing else here is called on unchecked bytes.
//
// Threads: pure functions; [any].

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string_view>

#include "mortise/batch.h"
#include "mortise/cpp/int128.hpp"

namespace mortise {

inline constexpr int64_t kDecimal64Nan = std::numeric_limits<int64_t>::max();
inline constexpr Int128 kDecimal128Nan = static_cast<Int128>(~Uint128{0} >> 1);
inline constexpr uint32_t kDecimal64DigitsMax = 18;
inline constexpr uint32_t kDecimal128DigitsMax = 38;

// Class byte of NUMERIC bytes; ascending as the values are.
enum class NumericClass : uint8_t {
  negative_infinity = 0x10,
  negative = 0x20,
  zero = 0x30,
  positive = 0x40,
  positive_infinity = 0x50,
  nan = 0x60,
};

constexpr std::array<Int128, 39> make_powers_of_ten() {
  std::array<Int128, 39> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}
inline constexpr std::array<Int128, 39> kPowersOfTen = make_powers_of_ten();

// NUMERIC bytes taken apart: digits[0] * 10000^weight + digits[1] * 10000^(weight-1) + ...
struct NumericParts {
  NumericClass number_class = NumericClass::zero;
  int32_t weight = 0;
  uint32_t digits_count = 0;
  uint16_t scale = 0;
  const uint8_t* digits = nullptr;
  uint16_t inversion = 0;  // 0xFFFF when negative

  uint32_t digit(uint32_t index) const {
    const uint32_t raw = static_cast<uint32_t>(digits[2 * index] << 8 | digits[2 * index + 1]);
    return (raw ^ inversion) - 1;
  }
};

// Takes bytes apart; nothing when they are not canonical (N2).
inline std::optional<NumericParts> read_numeric(std::string_view bytes) {
  if (bytes.size() < 3) return std::nullopt;
  const auto* p = reinterpret_cast<const uint8_t*>(bytes.data());
  NumericParts parts;
  parts.number_class = static_cast<NumericClass>(p[0]);
  const size_t end = bytes.size() - 2;
  parts.scale = static_cast<uint16_t>(p[end] << 8 | p[end + 1]);
  switch (parts.number_class) {
    case NumericClass::zero:
    case NumericClass::nan:
    case NumericClass::negative_infinity:
    case NumericClass::positive_infinity:
      return bytes.size() == 3 ? std::optional(parts) : std::nullopt;
    case NumericClass::negative:
    case NumericClass::positive:
      break;
    default:
      return std::nullopt;
  }
  const bool is_negative = parts.number_class == NumericClass::negative;
  const size_t head_and_tail = is_negative ? 7 : 5;
  if (bytes.size() < head_and_tail + 2 || bytes.size() % 2 == 0) return std::nullopt;
  parts.inversion = is_negative ? 0xFFFF : 0;
  const auto exponent = static_cast<uint16_t>((p[1] << 8 | p[2]) ^ parts.inversion);
  parts.weight = static_cast<int32_t>(exponent) - 0x8000;
  parts.digits = p + 3;
  parts.digits_count = static_cast<uint32_t>((bytes.size() - head_and_tail) / 2);
  for (uint32_t i = 0; i < parts.digits_count; ++i) {
    if (parts.digit(i) > 9999) return std::nullopt;
  }
  if (parts.digit(0) == 0 || parts.digit(parts.digits_count - 1) == 0) return std::nullopt;
  return parts;
}

// Bytes that write_numeric needs for so many base-10,000 digits.
constexpr uint64_t numeric_size_bytes_max(uint64_t digits_count) {
  return 7 + 2 * digits_count;
}
inline constexpr uint64_t kNumericOfInt128SizeBytesMax = numeric_size_bytes_max(12);

// Writes a value that is not finite, or zero.  Returns the size: 3.
inline uint32_t write_numeric_special(NumericClass number_class, uint16_t scale, char* out) {
  out[0] = static_cast<char>(number_class);
  out[1] = static_cast<char>(scale >> 8);
  out[2] = static_cast<char>(scale & 0xFF);
  return 3;
}

// Writes digits (each below 10,000; zeros at either end are dropped) and returns the size.
// Precondition: the weight of the first digit that is not zero fits in 16 bits.
template <typename Digit>
uint32_t write_numeric(bool is_negative, int32_t weight, std::span<const Digit> digits,
                       uint16_t scale, char* out) {
  while (!digits.empty() && digits.front() == 0) {
    digits = digits.subspan(1);
    --weight;
  }
  while (!digits.empty() && digits.back() == 0) digits = digits.first(digits.size() - 1);
  if (digits.empty()) return write_numeric_special(NumericClass::zero, scale, out);
  const uint32_t inversion = is_negative ? 0xFFFF : 0;
  uint32_t at = 0;
  const auto put = [&](uint32_t value) {
    out[at++] = static_cast<char>(value >> 8 & 0xFF);
    out[at++] = static_cast<char>(value & 0xFF);
  };
  out[at++] = static_cast<char>(is_negative ? NumericClass::negative : NumericClass::positive);
  put(static_cast<uint32_t>(weight + 0x8000) ^ inversion);
  for (const Digit digit : digits) put((static_cast<uint32_t>(digit) + 1) ^ inversion);
  if (is_negative) put(0xFFFF);
  put(scale);
  return at;
}

// Base-10,000 digits of magnitude * 10^-scale, last first.  Returns their count (at most 12).
inline uint32_t split_magnitude(Uint128 magnitude, uint32_t scale, uint16_t* digits) {
  uint32_t count = 0;
  if (const uint32_t odd = scale % 4; odd != 0) {
    const auto power = static_cast<uint32_t>(kPowersOfTen[odd]);
    const auto rest = static_cast<uint32_t>(magnitude % power);
    digits[count++] = static_cast<uint16_t>(rest * static_cast<uint32_t>(kPowersOfTen[4 - odd]));
    magnitude /= power;
  }
  constexpr uint64_t kChunk = 10'000'000'000'000'000ULL;
  while (magnitude > std::numeric_limits<uint64_t>::max()) {
    auto chunk = static_cast<uint64_t>(magnitude % kChunk);
    magnitude /= kChunk;
    for (int i = 0; i < 4; ++i, chunk /= 10000) {
      digits[count++] = static_cast<uint16_t>(chunk % 10000);
    }
  }
  for (auto rest = static_cast<uint64_t>(magnitude); rest != 0; rest /= 10000) {
    digits[count++] = static_cast<uint16_t>(rest % 10000);
  }
  return count;
}

// Writes value * 10^-scale; `out` has kNumericOfInt128SizeBytesMax bytes.  Not for NaN.
inline uint32_t write_numeric(Int128 value, uint32_t scale, char* out) {
  if (value == 0) {
    return write_numeric_special(NumericClass::zero, static_cast<uint16_t>(scale), out);
  }
  const Uint128 magnitude = value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  uint16_t reversed[13];
  const uint32_t count = split_magnitude(magnitude, scale, reversed);
  uint16_t digits[13];
  for (uint32_t i = 0; i < count; ++i) digits[i] = reversed[count - 1 - i];
  const auto fraction_groups = static_cast<int32_t>((scale + 3) / 4);
  return write_numeric<uint16_t>(value < 0, static_cast<int32_t>(count) - 1 - fraction_groups,
                                 {digits, count}, static_cast<uint16_t>(scale), out);
}

// The value times 10^scale when it is finite, exact and below 10^38, else nothing.
inline std::optional<Int128> to_int128(const NumericParts& parts, uint32_t scale) {
  if (parts.number_class == NumericClass::zero) return Int128{0};
  if (parts.digits_count == 0) return std::nullopt;
  if (parts.weight > 9 || scale > kDecimal128DigitsMax) return std::nullopt;
  const int32_t last_weight = parts.weight - static_cast<int32_t>(parts.digits_count) + 1;
  Uint128 value = 0;
  const auto limit = static_cast<Uint128>(kPowersOfTen[kDecimal128DigitsMax]);
  if (parts.digits_count > 10) return std::nullopt;
  for (uint32_t i = 0; i < parts.digits_count; ++i) {
    if (value >= limit / 10000) return std::nullopt;
    value = value * 10000 + parts.digit(i);
  }
  int32_t shift = last_weight * 4 + static_cast<int32_t>(scale);
  for (; shift < 0; ++shift) {
    if (value % 10 != 0) return std::nullopt;
    value /= 10;
  }
  if (shift > static_cast<int32_t>(kDecimal128DigitsMax)) return std::nullopt;
  if (value >= limit / static_cast<Uint128>(kPowersOfTen[static_cast<size_t>(shift)])) {
    return std::nullopt;
  }
  value *= static_cast<Uint128>(kPowersOfTen[static_cast<size_t>(shift)]);
  const auto result = static_cast<Int128>(value);
  return parts.number_class == NumericClass::negative ? -result : result;
}

// Below zero, zero or above zero as a < b, a = b, a > b.  NaN equals itself and is the greatest.
inline int compare_numeric(std::string_view a, std::string_view b) {
  const size_t a_size = a.size() < 2 ? 0 : a.size() - 2;
  const size_t b_size = b.size() < 2 ? 0 : b.size() - 2;
  const size_t shorter = a_size < b_size ? a_size : b_size;
  const int order = shorter == 0 ? 0 : std::memcmp(a.data(), b.data(), shorter);
  if (order != 0) return order;
  return a_size == b_size ? 0 : (a_size < b_size ? -1 : 1);
}

// The same for integers with scales; NaN must be kDecimal128Nan on either side.
inline int compare_decimal(Int128 a, uint32_t a_scale, Int128 b, uint32_t b_scale) {
  if (a == kDecimal128Nan || b == kDecimal128Nan || a_scale == b_scale || (a < 0) != (b < 0)) {
    return a < b ? -1 : (a > b ? 1 : 0);
  }
  const bool is_swapped = a_scale > b_scale;
  const Int128 coarse = is_swapped ? b : a;  // has the smaller scale
  const Int128 fine = is_swapped ? a : b;
  const Int128 power = kPowersOfTen[is_swapped ? a_scale - b_scale : b_scale - a_scale];
  const Int128 quotient = fine / power;
  int order = coarse < quotient ? -1 : (coarse > quotient ? 1 : 0);
  if (order == 0) {
    const Int128 rest = fine - quotient * power;
    order = rest > 0 ? -1 : (rest < 0 ? 1 : 0);
  }
  return is_swapped ? -order : order;
}

}  // namespace mortise
