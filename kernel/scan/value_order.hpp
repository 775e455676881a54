// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which of two stored values comes first, and are they equal?
//
// The one definition of the order of physical values (sdk types.h) in the kernel.  Everything
// faster (simd_vector.cpp) is compared with it.
//
// Invariants
//   O1  The order is total: NaN equals itself and is greater than all, -0 equals 0.
//   O2  Equal values have equal hash inputs (`normal` below).
//
// Threads: pure functions.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>

#include "mortise/cpp/ordered.hpp"
#include "mortise/iface/simd.h"
#include "mortise/types.h"

namespace mortise::scan {

// Bytes of one value in a column's data; 1 for BOOL (as a single value), 0 for an unknown type.
constexpr uint32_t width_of(uint16_t physical) {
  switch (physical) {
    case MORTISE_PHYSICAL_BOOL:
      return 1;
    case MORTISE_PHYSICAL_INT16:
      return 2;
    case MORTISE_PHYSICAL_INT32:
    case MORTISE_PHYSICAL_FLOAT32:
      return 4;
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_FLOAT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return 8;
    case MORTISE_PHYSICAL_DECIMAL128:
    case MORTISE_PHYSICAL_TEXT:
    case MORTISE_PHYSICAL_BYTES:
    case MORTISE_PHYSICAL_UUID:
    case MORTISE_PHYSICAL_INTERVAL:
    case MORTISE_PHYSICAL_NUMERIC:
    case MORTISE_PHYSICAL_ORDERED:
      return 16;
    default:
      return 0;
  }
}

// Values whose bytes stand elsewhere when they are long (mortise_view_t).
constexpr bool is_view(uint16_t physical) {
  return physical == MORTISE_PHYSICAL_TEXT || physical == MORTISE_PHYSICAL_BYTES ||
         physical == MORTISE_PHYSICAL_NUMERIC || physical == MORTISE_PHYSICAL_ORDERED;
}

inline const uint8_t* view_data(const mortise_view_t& view) {
  return view.size_bytes <= MORTISE_VIEW_INLINE_BYTES_MAX ? view.prefix : view.u.data;
}

// A view of `bytes`, which stay the owner's when they are long.
inline mortise_view_t make_view(const void* bytes, uint32_t size_bytes) {
  mortise_view_t view{};
  view.size_bytes = size_bytes;
  if (size_bytes <= MORTISE_VIEW_INLINE_BYTES_MAX) {
    // The first four go into the prefix, the rest right behind it: one copy over both.
    if (size_bytes != 0) {
      std::memcpy(reinterpret_cast<uint8_t*>(&view) + sizeof(uint32_t), bytes, size_bytes);
    }
  } else {
    std::memcpy(view.prefix, bytes, sizeof(view.prefix));
    view.u.data = static_cast<const uint8_t*>(bytes);
  }
  return view;
}

// Floats as integers of the same order (O1): NaN is the greatest, -0 is 0.
inline int32_t float_key(float value) {
  if (value != value) return std::numeric_limits<int32_t>::max();
  const int32_t bits = std::bit_cast<int32_t>(value + 0.0f);
  return bits ^ ((bits >> 31) & 0x7FFFFFFF);
}
inline int64_t float_key(double value) {
  if (value != value) return std::numeric_limits<int64_t>::max();
  const int64_t bits = std::bit_cast<int64_t>(value + 0.0);
  return bits ^ ((bits >> 63) & 0x7FFFFFFFFFFFFFFF);
}
inline float float_of_key(int32_t key) {
  if (key == std::numeric_limits<int32_t>::max()) return std::numeric_limits<float>::quiet_NaN();
  return std::bit_cast<float>(key ^ ((key >> 31) & 0x7FFFFFFF));
}
inline double float_of_key(int64_t key) {
  if (key == std::numeric_limits<int64_t>::max()) return std::numeric_limits<double>::quiet_NaN();
  return std::bit_cast<double>(key ^ ((key >> 63) & 0x7FFFFFFFFFFFFFFF));
}

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

inline Int128 load_int128(const void* from) {
  mortise_int128_t parts;
  std::memcpy(&parts, from, sizeof(parts));
  return static_cast<Int128>((UInt128{static_cast<uint64_t>(parts.high)} << 64) | parts.low);
}

// An interval's length in microseconds, as PostgreSQL orders them: 30 days a month.
inline Int128 interval_length(const void* from) {
  mortise_interval_t interval;
  std::memcpy(&interval, from, sizeof(interval));
  const int64_t days = int64_t{interval.months} * 30 + interval.days;
  return Int128{days} * 86'400'000'000 + interval.microseconds;
}

// The bytes that count: NUMERIC and ORDERED end with what equality ignores.
inline uint32_t ordered_size(uint16_t physical, const mortise_view_t& view) {
  if (physical < MORTISE_PHYSICAL_NUMERIC) return view.size_bytes;
  const std::string_view bytes(reinterpret_cast<const char*>(view_data(view)), view.size_bytes);
  return static_cast<uint32_t>(compared_bytes(physical, bytes).size());
}

inline int compare_bytes(const uint8_t* a, uint32_t a_size, const uint8_t* b, uint32_t b_size) {
  const uint32_t both = std::min(a_size, b_size);
  const int order = both == 0 ? 0 : std::memcmp(a, b, both);
  if (order != 0) return order;
  return a_size < b_size ? -1 : (a_size > b_size ? 1 : 0);
}

inline int compare_views(uint16_t physical, const void* a, const void* b) {
  mortise_view_t left;
  mortise_view_t right;
  std::memcpy(&left, a, sizeof(left));
  std::memcpy(&right, b, sizeof(right));
  return compare_bytes(view_data(left), ordered_size(physical, left), view_data(right),
                       ordered_size(physical, right));
}

template <typename T>
int three_way(T a, T b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}
template <typename T>
T load_value(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

// Less than 0, 0 or more than 0.  BOOL: a byte each.
inline int compare_values(uint16_t physical, const void* a, const void* b) {
  switch (physical) {
    case MORTISE_PHYSICAL_BOOL:
      return three_way(load_value<uint8_t>(a) != 0, load_value<uint8_t>(b) != 0);
    case MORTISE_PHYSICAL_INT16:
      return three_way(load_value<int16_t>(a), load_value<int16_t>(b));
    case MORTISE_PHYSICAL_INT32:
      return three_way(load_value<int32_t>(a), load_value<int32_t>(b));
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return three_way(load_value<int64_t>(a), load_value<int64_t>(b));
    case MORTISE_PHYSICAL_FLOAT32:
      return three_way(float_key(load_value<float>(a)), float_key(load_value<float>(b)));
    case MORTISE_PHYSICAL_FLOAT64:
      return three_way(float_key(load_value<double>(a)), float_key(load_value<double>(b)));
    case MORTISE_PHYSICAL_DECIMAL128:
      return three_way(load_int128(a), load_int128(b));
    case MORTISE_PHYSICAL_UUID:
      return std::memcmp(a, b, 16);
    case MORTISE_PHYSICAL_INTERVAL:
      return three_way(interval_length(a), interval_length(b));
    default:
      return compare_views(physical, a, b);
  }
}

// Does an order of `sign` pass MORTISE_FILTER_EQ .. MORTISE_FILTER_GE?
constexpr bool passes(uint32_t operation, int sign) {
  switch (operation) {
    case MORTISE_FILTER_EQ:
      return sign == 0;
    case MORTISE_FILTER_NE:
      return sign != 0;
    case MORTISE_FILTER_LT:
      return sign < 0;
    case MORTISE_FILTER_LE:
      return sign <= 0;
    case MORTISE_FILTER_GT:
      return sign > 0;
    default:
      return sign >= 0;
  }
}

}  // namespace mortise::scan
