// SPDX-License-Identifier: Apache-2.0
#include "execute/sort_order.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace mortise::sql_engine {

namespace {

template <typename T>
T load(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

constexpr uint64_t kSign = uint64_t{1} << 63;

uint64_t order_bits(double value) {
  if (std::isnan(value)) return ~uint64_t{0};
  if (value == 0) value = 0;
  const auto bits = std::bit_cast<uint64_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

uint64_t first_bytes(std::string_view bytes) {
  uint64_t word = 0;
  if (!bytes.empty()) std::memcpy(&word, bytes.data(), std::min<size_t>(bytes.size(), 8));
  return __builtin_bswap64(word);
}

// Ascending order, nulls not looked at; one bit is lost to tell nulls apart.
uint64_t encode_value(uint16_t physical, const uint8_t* at) {
  switch (physical) {
    case MORTISE_PHYSICAL_INT16:
      return static_cast<uint64_t>(int64_t{load<int16_t>(at)}) ^ kSign;
    case MORTISE_PHYSICAL_INT32:
      return static_cast<uint64_t>(int64_t{load<int32_t>(at)}) ^ kSign;
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return load<uint64_t>(at) ^ kSign;
    case MORTISE_PHYSICAL_FLOAT32:
      return order_bits(static_cast<double>(load<float>(at)));
    case MORTISE_PHYSICAL_FLOAT64:
      return order_bits(load<double>(at));
    case MORTISE_PHYSICAL_DECIMAL128: {
      const Int128 value = load<Int128>(at);
      return static_cast<uint64_t>(value >> 64) ^ kSign;
    }
    case MORTISE_PHYSICAL_INTERVAL: {
      const Int128 length = interval_length_us(load<mortise_interval_t>(at));
      return static_cast<uint64_t>(length >> 16) ^ kSign;
    }
    case MORTISE_PHYSICAL_UUID:
      return first_bytes({reinterpret_cast<const char*>(at), 8});
    case MORTISE_PHYSICAL_TEXT:
    case MORTISE_PHYSICAL_BYTES:
      return first_bytes(text_of(load<mortise_view_t>(at)));
    case MORTISE_PHYSICAL_NUMERIC:
    case MORTISE_PHYSICAL_ORDERED:
      return first_bytes(compared_bytes(physical, text_of(load<mortise_view_t>(at))));
    default:
      return *at;
  }
}

}  // namespace

int compare_rows(const RowLayout& layout, std::span<const RowKey> keys, const uint8_t* a,
                 const uint8_t* b) {
  for (const RowKey& key : keys) {
    const bool null_a = layout.is_null(a, key.column);
    const bool null_b = layout.is_null(b, key.column);
    if (null_a || null_b) {
      if (null_a && null_b) continue;
      return null_a == key.is_nulls_first ? -1 : 1;
    }
    const uint32_t offset = layout.offset(key.column);
    const int order = visit_physical(layout.type(key.column).physical, [&](auto tag) {
      using Order = decltype(tag);
      using T = typename Order::Value;
      const T left = load<T>(a + offset);
      const T right = load<T>(b + offset);
      if (Order::less(left, right)) return -1;
      return Order::less(right, left) ? 1 : 0;
    });
    if (order != 0) return key.is_descending ? -order : order;
  }
  return 0;
}

// The top bit tells nulls from values, the other 63 hold the value's order: the last bit of it is
// lost, so equal prefixes say nothing about 64-bit values.
uint64_t encode_prefix(const RowLayout& layout, const RowKey& key, const uint8_t* row) {
  const uint64_t null_side = key.is_nulls_first ? 0 : kSign;
  if (layout.is_null(row, key.column)) return key.is_nulls_first ? 0 : ~uint64_t{0};
  uint64_t value = encode_value(layout.type(key.column).physical, row + layout.offset(key.column));
  if (key.is_descending) value = ~value;
  return (value >> 1) | (null_side ^ kSign);
}

}  // namespace mortise::sql_engine
