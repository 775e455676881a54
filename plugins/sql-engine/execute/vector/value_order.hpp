// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because one template per physical type.

// Answers: when are two physical values equal, which one is smaller, and what is their hash?
//
// The order is that of types.h: floats with NaN greatest and -0 equal to 0, decimals of one scale
// as integers, intervals by their length, numeric bytes without the display scale, strings and
// uuids by their bytes.  `visit_physical` turns a MORTISE_PHYSICAL_* into one of the ordered types
// below.
//
// Invariants
//   O1  equal(a, b) implies hash(a) == hash(b), also between INT16, INT32 and INT64, between
//       FLOAT32 and FLOAT64, and between DECIMAL64 and DECIMAL128 of one scale.
//
// Threads: [any].

#include <cmath>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/ordered.hpp"

namespace mortise::sql_engine {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

constexpr int64_t kDecimal64Nan = INT64_MAX;
constexpr Int128 kDecimal128Nan = static_cast<Int128>(~Uint128{0} >> 1);

constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;
constexpr int64_t kDaysPerMonth = 30;

inline uint64_t mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ULL;
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ULL;
  x ^= x >> 32;
  return x;
}

inline uint64_t combine(uint64_t a, uint64_t b) {
  return mix(a ^ (b + 0x9E3779B97F4A7C15ULL + (a << 6) + (a >> 2)));
}

constexpr uint64_t kNullHash = 0xBF58476D1CE4E5B9ULL;

inline uint64_t fold_multiply(uint64_t a, uint64_t b) {
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// Hashes bytes eight at a time by folded 128-bit products, after wyhash (Wang Yi), without its
// 48-byte lanes: keys are short.
inline uint64_t hash_bytes(std::string_view bytes) {
  constexpr uint64_t kA = 0xA0761D6478BD642FULL;
  constexpr uint64_t kB = 0xE7037ED1A0B428DBULL;
  uint64_t h = kA ^ bytes.size();
  const char* p = bytes.data();
  size_t left = bytes.size();
  while (left >= 16) {
    uint64_t a;
    uint64_t b;
    std::memcpy(&a, p, 8);
    std::memcpy(&b, p + 8, 8);
    h = fold_multiply(a ^ kB, b ^ h);
    p += 16;
    left -= 16;
  }
  uint64_t a = 0;
  uint64_t b = 0;
  if (left >= 8) {
    std::memcpy(&a, p, 8);
    std::memcpy(&b, p + left - 8, 8);
  } else if (left != 0) {
    std::memcpy(&a, p, left);
  }
  return fold_multiply(a ^ kB, b ^ h);
}

inline Int128 interval_length_us(const mortise_interval_t& v) {
  const int64_t days = int64_t{v.months} * kDaysPerMonth + v.days;
  return static_cast<Int128>(days) * kMicrosecondsPerDay + v.microseconds;
}

inline uint64_t hash_int128(Int128 v) {
  const auto low = static_cast<int64_t>(v);
  if (static_cast<Int128>(low) == v) return mix(static_cast<uint64_t>(low));
  return combine(mix(static_cast<uint64_t>(low)), static_cast<uint64_t>(v >> 64));
}

// Order types: `Value` is what stands in a column's data.

template <typename T>
struct IntegerOrder {
  using Value = T;
  static bool equal(const T& a, const T& b) { return a == b; }
  static bool less(const T& a, const T& b) { return a < b; }
  static uint64_t hash(const T& v) { return mix(static_cast<uint64_t>(static_cast<int64_t>(v))); }
};

template <typename T>
struct FloatOrder {
  using Value = T;
  static bool equal(const T& a, const T& b) { return a == b || (std::isnan(a) && std::isnan(b)); }
  static bool less(const T& a, const T& b) { return a < b || (std::isnan(b) && !std::isnan(a)); }
  static uint64_t hash(const T& v) {
    double d = static_cast<double>(v);
    if (std::isnan(d)) return kNullHash ^ 1;
    if (d == 0) d = 0;  // -0 equals 0
    uint64_t bits;
    std::memcpy(&bits, &d, 8);
    return mix(bits);
  }
};

struct Decimal64Order : IntegerOrder<int64_t> {
  static uint64_t hash(const int64_t& v) {
    return v == kDecimal64Nan ? kNullHash ^ 2 : mix(static_cast<uint64_t>(v));
  }
};

struct Decimal128Order {
  using Value = Int128;
  static bool equal(const Int128& a, const Int128& b) { return a == b; }
  static bool less(const Int128& a, const Int128& b) { return a < b; }
  static uint64_t hash(const Int128& v) {
    return v == kDecimal128Nan ? kNullHash ^ 2 : hash_int128(v);
  }
};

inline uint64_t first_word(const mortise_view_t& v) {
  uint64_t w;
  std::memcpy(&w, &v, 8);
  return w;
}

struct BytesOrder {
  using Value = mortise_view_t;
  static bool equal(const mortise_view_t& a, const mortise_view_t& b) {
    if (first_word(a) != first_word(b)) return false;  // size and first four bytes
    if (a.size_bytes <= MORTISE_VIEW_INLINE_BYTES_MAX) {
      return std::memcmp(a.u.rest, b.u.rest, 8) == 0;
    }
    return std::memcmp(a.u.data, b.u.data, a.size_bytes) == 0;
  }
  static bool less(const mortise_view_t& a, const mortise_view_t& b) {
    return text_of(a) < text_of(b);
  }
  static uint64_t hash(const mortise_view_t& v) { return hash_bytes(text_of(v)); }
};

// NUMERIC and ORDERED end with what is shown but not compared.
template <uint16_t kPhysical>
struct KeyOrder {
  using Value = mortise_view_t;
  static std::string_view value_part(const mortise_view_t& v) {
    return compared_bytes(kPhysical, text_of(v));
  }
  static bool equal(const mortise_view_t& a, const mortise_view_t& b) {
    return value_part(a) == value_part(b);
  }
  static bool less(const mortise_view_t& a, const mortise_view_t& b) {
    return value_part(a) < value_part(b);
  }
  static uint64_t hash(const mortise_view_t& v) { return hash_bytes(value_part(v)); }
};

struct UuidValue {
  uint8_t bytes[16];
};

struct UuidOrder {
  using Value = UuidValue;
  static std::string_view bytes_of(const UuidValue& v) {
    return {reinterpret_cast<const char*>(v.bytes), sizeof(v.bytes)};
  }
  static bool equal(const UuidValue& a, const UuidValue& b) { return bytes_of(a) == bytes_of(b); }
  static bool less(const UuidValue& a, const UuidValue& b) { return bytes_of(a) < bytes_of(b); }
  static uint64_t hash(const UuidValue& v) { return hash_bytes(bytes_of(v)); }
};

struct IntervalOrder {
  using Value = mortise_interval_t;
  static bool equal(const Value& a, const Value& b) {
    return interval_length_us(a) == interval_length_us(b);
  }
  static bool less(const Value& a, const Value& b) {
    return interval_length_us(a) < interval_length_us(b);
  }
  static uint64_t hash(const Value& v) { return hash_int128(interval_length_us(v)); }
};

// A boolean as one byte, as rows and filters hold it.
struct BoolOrder {
  using Value = uint8_t;
  static bool equal(const uint8_t& a, const uint8_t& b) { return a == b; }
  static bool less(const uint8_t& a, const uint8_t& b) { return a < b; }
  static uint64_t hash(const uint8_t& v) { return mix(v); }
};

// Calls body with an object of the order type of a physical type.
template <typename Body>
decltype(auto) visit_physical(uint16_t physical, Body&& body) {
  switch (physical) {
    case MORTISE_PHYSICAL_INT16:
      return body(IntegerOrder<int16_t>{});
    case MORTISE_PHYSICAL_INT32:
      return body(IntegerOrder<int32_t>{});
    case MORTISE_PHYSICAL_INT64:
      return body(IntegerOrder<int64_t>{});
    case MORTISE_PHYSICAL_FLOAT32:
      return body(FloatOrder<float>{});
    case MORTISE_PHYSICAL_FLOAT64:
      return body(FloatOrder<double>{});
    case MORTISE_PHYSICAL_DECIMAL64:
      return body(Decimal64Order{});
    case MORTISE_PHYSICAL_DECIMAL128:
      return body(Decimal128Order{});
    case MORTISE_PHYSICAL_TEXT:
    case MORTISE_PHYSICAL_BYTES:
      return body(BytesOrder{});
    case MORTISE_PHYSICAL_NUMERIC:
      return body(KeyOrder<MORTISE_PHYSICAL_NUMERIC>{});
    case MORTISE_PHYSICAL_ORDERED:
      return body(KeyOrder<MORTISE_PHYSICAL_ORDERED>{});
    case MORTISE_PHYSICAL_UUID:
      return body(UuidOrder{});
    case MORTISE_PHYSICAL_INTERVAL:
      return body(IntervalOrder{});
    default:
      return body(BoolOrder{});
  }
}

// Reads a column of an order type: booleans as bytes, all else in place.
template <typename Order>
class OrderedValues {
 public:
  explicit OrderedValues(const mortise_column_t& column) : values_(column) {}
  const typename Order::Value& operator[](uint64_t row) const { return values_[row]; }
  bool is_valid(uint64_t row) const { return values_.is_valid(row); }
  bool has_nulls() const { return values_.has_nulls(); }

 private:
  mortise::Values<typename Order::Value> values_;
};

template <>
class OrderedValues<BoolOrder> {
 public:
  explicit OrderedValues(const mortise_column_t& column)
      : bits_(column), has_nulls_(column.validity != nullptr) {}
  uint8_t operator[](uint64_t row) const { return bits_[row] ? 1 : 0; }
  bool is_valid(uint64_t row) const { return bits_.is_valid(row); }
  bool has_nulls() const { return has_nulls_; }

 private:
  Booleans bits_;
  bool has_nulls_;
};

// Hashes the selected rows of a column: hashes[i] for row rows[i].  With `is_first` it sets, else
// it combines.  Nulls hash alike.
void hash_column(const mortise_column_t& column, uint16_t physical, const uint16_t* rows,
                 uint32_t count, bool is_first, uint64_t* hashes);

}  // namespace mortise::sql_engine
