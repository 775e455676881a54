// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/values.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/numeric.hpp"

namespace mortise::conformance {
namespace {

template <typename T>
T as(const Value& value) {
  T result;
  MORTISE_ASSERT(value.bytes.size() == sizeof(T));
  std::memcpy(&result, value.bytes.data(), sizeof(T));
  return result;
}

template <typename T>
Value of(T value) {
  Value result{false, std::string(sizeof(T), '\0')};
  std::memcpy(result.bytes.data(), &value, sizeof(T));
  return result;
}

template <typename T>
int order(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

template <typename T>
int order_floats(T a, T b) {
  if (std::isnan(a) || std::isnan(b)) return order(std::isnan(a), std::isnan(b));
  return order(a, b);
}

Int128 length_of(const mortise_interval_t& interval) {
  return (Int128{interval.months} * 30 + interval.days) * 86'400'000'000 + interval.microseconds;
}

// Digit by digit, without the trick that makes the bytes sortable.
int order_numerics(const Value& a, const Value& b) {
  const std::optional<NumericParts> left = read_numeric(a.bytes);
  const std::optional<NumericParts> right = read_numeric(b.bytes);
  MORTISE_ASSERT(left.has_value() && right.has_value());
  if (left->number_class != right->number_class) {
    return order(static_cast<int>(left->number_class), static_cast<int>(right->number_class));
  }
  const bool is_negative = left->number_class == NumericClass::negative;
  if (!is_negative && left->number_class != NumericClass::positive) return 0;
  int result = order(left->weight, right->weight);
  const uint32_t digits_max = std::max(left->digits_count, right->digits_count);
  for (uint32_t i = 0; result == 0 && i < digits_max; ++i) {
    result = order(i < left->digits_count ? left->digit(i) : 0,
                   i < right->digits_count ? right->digit(i) : 0);
  }
  return is_negative ? -result : result;
}

// As unsigned bytes.
int order_bytes(const std::string& a, const std::string& b) {
  return order<std::string_view>(a, b);
}

Value numeric_of(int64_t unscaled, uint16_t scale, int32_t weight) {
  const bool is_negative = unscaled < 0;
  uint64_t rest =
      is_negative ? ~static_cast<uint64_t>(unscaled) + 1 : static_cast<uint64_t>(unscaled);
  std::vector<uint16_t> digits;
  for (; rest != 0; rest /= 10'000) {
    digits.insert(digits.begin(), static_cast<uint16_t>(rest % 10'000));
  }
  std::string bytes(numeric_size_bytes_max(digits.size()), '\0');
  const uint32_t size =
      digits.empty() ? write_numeric_special(NumericClass::zero, scale, bytes.data())
                     : write_numeric<uint16_t>(is_negative, weight, digits, scale, bytes.data());
  bytes.resize(size);
  return {false, bytes};
}

Value special_numeric(NumericClass number_class) {
  std::string bytes(3, '\0');
  write_numeric_special(number_class, 0, bytes.data());
  return {false, bytes};
}

template <typename T>
T random_integer(RandomBits& random, Domain domain) {
  if (domain == Domain::few) return static_cast<T>(static_cast<int64_t>(random() % 11) - 5);
  switch (random() % 8) {
    case 0:
      return std::numeric_limits<T>::min();
    case 1:
      return std::numeric_limits<T>::max();
    case 2:
      return static_cast<T>(static_cast<int64_t>(random() % 5) - 2);
    default:
      return static_cast<T>(random());
  }
}

template <typename T>
T random_float(RandomBits& random, Domain domain) {
  if (domain == Domain::few) return static_cast<T>(static_cast<int64_t>(random() % 11) - 5);
  constexpr std::array<T, 9> kSpecials = {T{0},
                                          -T{0},
                                          std::numeric_limits<T>::infinity(),
                                          -std::numeric_limits<T>::infinity(),
                                          std::numeric_limits<T>::quiet_NaN(),
                                          std::numeric_limits<T>::denorm_min(),
                                          -std::numeric_limits<T>::denorm_min(),
                                          std::numeric_limits<T>::max(),
                                          std::numeric_limits<T>::lowest()};
  if (random() % 3 == 0) return kSpecials[random() % kSpecials.size()];
  return std::ldexp(static_cast<T>(static_cast<int32_t>(random())),
                    static_cast<int>(random() % 60) - 40);
}

Int128 random_int128(RandomBits& random, Domain domain) {
  if (domain == Domain::few) return static_cast<int64_t>(random() % 11) - 5;
  constexpr Int128 kMost = kPowersOfTen[30] - 1;
  switch (random() % 8) {
    case 0:
      return kDecimal128Nan;
    case 1:
      return random() % 2 == 0 ? kMost : -kMost;
    case 2:
      return static_cast<int64_t>(random() % 5) - 2;
    default: {
      const Int128 wide = static_cast<Int128>(Uint128{random() >> 1} << 64 | random());
      return (random() % 2 == 0 ? wide : -wide) % kPowersOfTen[random() % 30 + 1];
    }
  }
}

int64_t random_decimal64(RandomBits& random, Domain domain) {
  if (domain == Domain::few) return static_cast<int64_t>(random() % 11) - 5;
  if (random() % 8 == 0) return kDecimal64Nan;
  const auto bound = static_cast<int64_t>(kPowersOfTen[random() % 12 + 1]);
  return random_integer<int64_t>(random, domain) % bound;
}

Value random_numeric(RandomBits& random, Domain domain) {
  if (domain == Domain::few) {
    return numeric_of(static_cast<int64_t>(random() % 11) - 5, 0, 0);
  }
  constexpr std::array kSpecials = {NumericClass::negative_infinity, NumericClass::zero,
                                    NumericClass::positive_infinity, NumericClass::nan};
  if (random() % 6 == 0) return special_numeric(kSpecials[random() % kSpecials.size()]);
  const auto weight = static_cast<int32_t>(random() % 7) - 3;
  const int64_t unscaled = random_integer<int64_t>(random, domain) >> (random() % 60);
  return numeric_of(unscaled, static_cast<uint16_t>(random() % 20), weight);
}

std::string random_text(RandomBits& random, Domain domain) {
  if (domain == Domain::few)
    return std::string(1 + random() % 3, static_cast<char>('a' + random() % 3));
  constexpr std::array<std::string_view, 8> kPieces = {
      "a", "b", "ab", "Z", "\xC3\xA9", "\xE6\xB0\xB4", "\xF0\x9F\x8C\xB3", " "};
  const size_t length = random() % 4 == 0 ? random() % 300 : random() % 16;
  std::string text;
  while (text.size() < length) text += kPieces[random() % kPieces.size()];
  return text;
}

std::string random_bytes(RandomBits& random, Domain domain) {
  if (domain == Domain::few) return std::string(random() % 3, static_cast<char>(random() % 2));
  std::string bytes(random() % 4 == 0 ? random() % 300 : random() % 16, '\0');
  const uint64_t alphabet = random() % 2 == 0 ? 3 : 256;
  for (char& c : bytes) c = static_cast<char>(random() % alphabet);
  if (!bytes.empty() && random() % 4 == 0) bytes.back() = static_cast<char>(0xFF);
  return bytes;
}

Value random_uuid(RandomBits& random, Domain domain) {
  std::string bytes(16, '\0');
  if (domain == Domain::few) {
    bytes[random() % 3 * 7] = static_cast<char>(0x80 + random() % 3);
  } else {
    for (char& c : bytes) c = static_cast<char>(random());
  }
  return {false, bytes};
}

Value random_interval(RandomBits& random, Domain domain) {
  if (domain == Domain::few) {  // a month is as long as 30 days: other bytes, an equal value
    return of(mortise_interval_t{0, static_cast<int32_t>(random() % 3) * 30,
                                 static_cast<int32_t>(random() % 3)});
  }
  return of(mortise_interval_t{random_integer<int64_t>(random, domain),
                               random_integer<int32_t>(random, domain),
                               random_integer<int32_t>(random, domain)});
}

// One value as it stands in `data`, at row `row`; BOOL is a bitmap there.
void store(uint16_t physical, const Value& value, uint32_t row, uint8_t* data) {
  if (physical == MORTISE_PHYSICAL_BOOL) {
    assign_bit(reinterpret_cast<uint64_t*>(data), row, value.bytes[0] != 0);
    return;
  }
  const uint32_t width = width_bytes(physical);
  if (is_view(physical)) {
    const mortise_view_t view = view_to(value.bytes);
    std::memcpy(data + size_t{row} * width, &view, width);
    return;
  }
  MORTISE_ASSERT(value.bytes.size() == width);
  std::memcpy(data + size_t{row} * width, value.bytes.data(), width);
}

}  // namespace

uint64_t seed() {
  const char* given = std::getenv("MORTISE_SEED");
  return given == nullptr ? 20260101 : std::strtoull(given, nullptr, 10);
}

mortise_type_t type_of(uint16_t physical) {
  mortise_type_t type{0, -1, physical, 0, 0, 0};
  if (physical == MORTISE_PHYSICAL_DECIMAL64) type.precision = 12;
  if (physical == MORTISE_PHYSICAL_DECIMAL128) type.precision = 30;
  if (type.precision != 0) type.scale = 2;
  return type;
}

const std::vector<mortise_type_t>& all_types() {
  static const std::vector<mortise_type_t> types = [] {
    std::vector<mortise_type_t> made;
    for (uint16_t p = MORTISE_PHYSICAL_BOOL; p <= MORTISE_PHYSICAL_NUMERIC; ++p) {
      made.push_back(type_of(p));
    }
    return made;
  }();
  return types;
}

std::string name_of(const mortise_type_t& type) {
  constexpr std::array kNames = {"none",    "bool",    "int16",     "int32",      "int64",
                                 "float32", "float64", "decimal64", "decimal128", "text",
                                 "bytes",   "uuid",    "interval",  "numeric"};
  return kNames[type.physical];
}

Value null_value() {
  return {};
}

Value int_value(const mortise_type_t& type, int64_t value) {
  switch (width_bytes(type.physical)) {
    case 2:
      return of(static_cast<int16_t>(value));
    case 4:
      return of(static_cast<int32_t>(value));
    default:
      return of(value);
  }
}

Value string_value(std::string bytes) {
  return {false, std::move(bytes)};
}

int64_t int_of(const Value& value) {
  switch (value.bytes.size()) {
    case 2:
      return as<int16_t>(value);
    case 4:
      return as<int32_t>(value);
    default:
      return as<int64_t>(value);
  }
}

int compare(const mortise_type_t& type, const Value& a, const Value& b) {
  switch (type.physical) {
    case MORTISE_PHYSICAL_BOOL:
      return order(a.bytes[0] != 0, b.bytes[0] != 0);
    case MORTISE_PHYSICAL_INT16:
    case MORTISE_PHYSICAL_INT32:
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return order(int_of(a), int_of(b));
    case MORTISE_PHYSICAL_FLOAT32:
      return order_floats(as<float>(a), as<float>(b));
    case MORTISE_PHYSICAL_FLOAT64:
      return order_floats(as<double>(a), as<double>(b));
    case MORTISE_PHYSICAL_DECIMAL128:
      return order(as<Int128>(a), as<Int128>(b));
    case MORTISE_PHYSICAL_INTERVAL:
      return order(length_of(as<mortise_interval_t>(a)), length_of(as<mortise_interval_t>(b)));
    case MORTISE_PHYSICAL_NUMERIC:
      return order_numerics(a, b);
    default:
      return order_bytes(a.bytes, b.bytes);
  }
}

Value random_value(const mortise_type_t& type, RandomBits& random, Domain domain) {
  switch (type.physical) {
    case MORTISE_PHYSICAL_BOOL:
      return {false, std::string(1, static_cast<char>(random() % 2))};
    case MORTISE_PHYSICAL_INT16:
      return of(random_integer<int16_t>(random, domain));
    case MORTISE_PHYSICAL_INT32:
      return of(random_integer<int32_t>(random, domain));
    case MORTISE_PHYSICAL_INT64:
      return of(random_integer<int64_t>(random, domain));
    case MORTISE_PHYSICAL_FLOAT32:
      return of(random_float<float>(random, domain));
    case MORTISE_PHYSICAL_FLOAT64:
      return of(random_float<double>(random, domain));
    case MORTISE_PHYSICAL_DECIMAL64:
      return of(random_decimal64(random, domain));
    case MORTISE_PHYSICAL_DECIMAL128:
      return of(random_int128(random, domain));
    case MORTISE_PHYSICAL_TEXT:
      return {false, random_text(random, domain)};
    case MORTISE_PHYSICAL_UUID:
      return random_uuid(random, domain);
    case MORTISE_PHYSICAL_INTERVAL:
      return random_interval(random, domain);
    case MORTISE_PHYSICAL_NUMERIC:
      return random_numeric(random, domain);
    default:
      return {false, random_bytes(random, domain)};
  }
}

Value random_nullable(const mortise_type_t& type, RandomBits& random, Domain domain) {
  return random() % 8 == 0 ? null_value() : random_value(type, random, domain);
}

AlignedBytes::AlignedBytes(size_t size_bytes) {
  const size_t padded = (size_bytes + 63) / 64 * 64 + 64;
  auto* memory = static_cast<uint8_t*>(::operator new (padded, std::align_val_t{64}));
  std::memset(memory, 0, padded);
  data_.reset(memory);
}

void AlignedBytes::Delete::operator()(uint8_t* p) const {
  ::operator delete (p, std::align_val_t{64});
}

RowsBatch::RowsBatch(std::vector<mortise_type_t> types, const std::vector<Row>& rows,
                     const std::vector<mortise_row_id_t>& row_ids, RandomBits* decoys)
    : types_(std::move(types)) {
  for (size_t i = 0; i < rows.size(); ++i) {
    while (decoys != nullptr && (*decoys)() % 3 == 0) {
      Row decoy;
      for (const mortise_type_t& type : types_) {
        decoy.push_back(random_nullable(type, *decoys, Domain::wide));
      }
      rows_.push_back(std::move(decoy));
      row_ids_.push_back(0);
    }
    selection_.push_back(static_cast<uint16_t>(rows_.size()));
    rows_.push_back(rows[i]);
    row_ids_.push_back(row_ids.empty() ? 0 : row_ids[i]);
  }
  for (size_t c = 0; c < types_.size(); ++c) fill_column(c);
  batch_.struct_size_bytes = sizeof(batch_);
  batch_.rows_count = static_cast<uint32_t>(rows_.size());
  batch_.columns_count = static_cast<uint32_t>(types_.size());
  batch_.selected_count = static_cast<uint32_t>(selection_.size());
  batch_.selection = decoys == nullptr ? nullptr : selection_.data();
  batch_.columns = columns_.data();
  batch_.types = types_.data();
  batch_.row_ids = row_ids.empty() ? nullptr : row_ids_.data();
}

void RowsBatch::fill_column(size_t column) {
  const uint16_t physical = types_[column].physical;
  AlignedBytes validity(bitmap_size_bytes(rows_.size()));
  AlignedBytes data(
      std::max<size_t>(rows_.size() * width_bytes(physical), bitmap_size_bytes(rows_.size())));
  auto* bits = reinterpret_cast<uint64_t*>(validity.data());
  bool has_nulls = false;
  for (uint32_t row = 0; row < rows_.size(); ++row) {
    const Value& value = rows_[row][column];
    has_nulls = has_nulls || value.is_null;
    if (value.is_null) continue;
    set_bit(bits, row);
    store(physical, value, row, data.data());
  }
  columns_.push_back({has_nulls ? bits : nullptr, data.data(), 0, 0});
  buffers_.push_back(std::move(validity));
  buffers_.push_back(std::move(data));
}

Value value_at(const mortise_type_t& type, const mortise_column_t& column, uint32_t row) {
  const uint32_t at = is_constant(column) ? 0 : row;
  if (column.validity != nullptr && !get_bit(column.validity, at)) return null_value();
  if (type.physical == MORTISE_PHYSICAL_BOOL) {
    const bool value = get_bit(static_cast<const uint64_t*>(column.data), at);
    return {false, std::string(1, value ? '\1' : '\0')};
  }
  if (is_view(type.physical)) {
    const mortise_view_t& view = static_cast<const mortise_view_t*>(column.data)[at];
    return {false, std::string(text_of(view))};
  }
  const uint32_t width = width_bytes(type.physical);
  return {false, std::string(static_cast<const char*>(column.data) + size_t{at} * width, width)};
}

RawValues::RawValues(const mortise_type_t& type, std::vector<Value> values)
    : values_(std::move(values)), buffer_(values_.size() * 16) {
  const uint32_t width = type.physical == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(type.physical);
  for (size_t i = 0; i < values_.size(); ++i) {
    uint8_t* at = buffer_.data() + i * width;
    if (type.physical == MORTISE_PHYSICAL_BOOL) {
      *at = static_cast<uint8_t>(values_[i].bytes[0]);
    } else {
      store(type.physical, values_[i], 0, at);
    }
  }
}

}  // namespace mortise::conformance
