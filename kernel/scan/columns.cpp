// SPDX-License-Identifier: Apache-2.0

// Chooses kernels by physical type, and does what has no vector form: wide values, views, hashes.

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "kernel/base/hash64.hpp"
#include "kernel/scan/simd.hpp"
#include "kernel/scan/simd_levels.hpp"
#include "kernel/scan/value_order.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::scan {
namespace {

// The element kind of a type that has kernels; kElementCount if it has none.
Element element_of(uint16_t physical) {
  switch (physical) {
    case MORTISE_PHYSICAL_INT16:
      return i16;
    case MORTISE_PHYSICAL_INT32:
      return i32;
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return i64;
    case MORTISE_PHYSICAL_FLOAT32:
      return f32;
    case MORTISE_PHYSICAL_FLOAT64:
      return f64;
    default:
      return kElementCount;
  }
}

struct Plan {
  Relation relation;
  bool invert;
};
Plan plan_of(uint32_t operation) {
  switch (operation) {
    case MORTISE_FILTER_EQ:
      return {Relation::equal, false};
    case MORTISE_FILTER_NE:
      return {Relation::equal, true};
    case MORTISE_FILTER_LT:
      return {Relation::less, false};
    case MORTISE_FILTER_LE:
      return {Relation::greater, true};
    case MORTISE_FILTER_GT:
      return {Relation::greater, false};
    default:
      return {Relation::less, true};
  }
}

void finish(uint64_t* bits, uint32_t rows, bool invert) {
  if (invert) {
    for (uint32_t word = 0; word < words_of(rows); ++word) bits[word] = ~bits[word];
  }
  clear_tail(bits, rows);
}

template <typename Test>
void fill_bits(uint32_t rows, uint64_t* bits, Test&& test) {
  for (uint32_t word = 0; word < words_of(rows); ++word) {
    const uint32_t end = std::min(rows, word * 64 + 64);
    uint64_t value = 0;
    for (uint32_t i = word * 64; i < end; ++i) value |= uint64_t{test(i)} << (i % 64);
    bits[word] = value;
  }
}

const uint8_t* value_at(uint16_t physical, const void* data, uint32_t i) {
  return static_cast<const uint8_t*>(data) + size_t{i} * width_of(physical);
}

// Words of a comparison of packed booleans.
uint64_t compare_bools(uint32_t operation, uint64_t a, uint64_t b) {
  switch (operation) {
    case MORTISE_FILTER_EQ:
      return ~(a ^ b);
    case MORTISE_FILTER_NE:
      return a ^ b;
    case MORTISE_FILTER_LT:
      return ~a & b;
    case MORTISE_FILTER_LE:
      return ~a | b;
    case MORTISE_FILTER_GT:
      return a & ~b;
    default:
      return a | ~b;
  }
}

// Equality of strings: size and prefix in one comparison decide nearly always.
void equal_views(const mortise_view_t* data, uint32_t rows, const mortise_view_t& value,
                 uint64_t* bits) {
  uint64_t head;
  uint64_t tail;
  std::memcpy(&head, &value, sizeof(head));
  std::memcpy(&tail, &value.u, sizeof(tail));
  const bool is_short = value.size_bytes <= MORTISE_VIEW_INLINE_BYTES_MAX;
  fill_bits(rows, bits, [&](uint32_t i) {
    uint64_t words[2];
    std::memcpy(words, data + i, sizeof(words));
    if (words[0] != head) return false;
    if (is_short) return words[1] == tail;
    return std::memcmp(data[i].u.data, value.u.data, value.size_bytes) == 0;
  });
}

}  // namespace

namespace {

// std::popcount is a call into a library on processors of unknown age.
uint32_t ones_of(uint64_t word) {
  word -= (word >> 1) & 0x5555555555555555ull;
  word = (word & 0x3333333333333333ull) + ((word >> 2) & 0x3333333333333333ull);
  word = (word + (word >> 4)) & 0x0F0F0F0F0F0F0F0Full;
  return static_cast<uint32_t>((word * 0x0101010101010101ull) >> 56);
}

}  // namespace

uint32_t count_bits(const uint64_t* bits, uint32_t rows) {
  uint32_t count = 0;
  for (uint32_t word = 0; word < rows / 64; ++word) count += ones_of(bits[word]);
  if (rows % 64 != 0) {
    count += ones_of(bits[rows / 64] & ((uint64_t{1} << (rows % 64)) - 1));
  }
  return count;
}

void compare_column(const SimdTable& table, uint16_t physical, uint32_t operation, const void* data,
                    uint32_t rows, const void* value, uint64_t* bits) {
  if (rows == 0) return;
  const Element element = element_of(physical);
  if (element != kElementCount) {
    const Plan plan = plan_of(operation);
    table.compare[element](data, rows, value, plan.relation, bits);
    return finish(bits, rows, plan.invert);
  }
  if (physical == MORTISE_PHYSICAL_BOOL) {
    const uint64_t other = *static_cast<const uint8_t*>(value) != 0 ? ~uint64_t{0} : 0;
    const uint64_t* words = static_cast<const uint64_t*>(data);
    for (uint32_t w = 0; w < words_of(rows); ++w) {
      bits[w] = compare_bools(operation, words[w], other);
    }
    return clear_tail(bits, rows);
  }
  if ((operation == MORTISE_FILTER_EQ || operation == MORTISE_FILTER_NE) &&
      (physical == MORTISE_PHYSICAL_TEXT || physical == MORTISE_PHYSICAL_BYTES)) {
    equal_views(static_cast<const mortise_view_t*>(data), rows, load_value<mortise_view_t>(value),
                bits);
    return finish(bits, rows, operation == MORTISE_FILTER_NE);
  }
  fill_bits(rows, bits, [&](uint32_t i) {
    return passes(operation, compare_values(physical, value_at(physical, data, i), value));
  });
}

void compare_two_columns(const SimdTable& table, uint16_t physical, uint32_t operation,
                         const void* left, const void* right, uint32_t rows, uint64_t* bits) {
  if (rows == 0) return;
  const Element element = element_of(physical);
  if (element != kElementCount) {
    const Plan plan = plan_of(operation);
    table.compare_columns[element](left, right, rows, plan.relation, bits);
    return finish(bits, rows, plan.invert);
  }
  if (physical == MORTISE_PHYSICAL_BOOL) {
    const uint64_t* a = static_cast<const uint64_t*>(left);
    const uint64_t* b = static_cast<const uint64_t*>(right);
    for (uint32_t w = 0; w < words_of(rows); ++w) bits[w] = compare_bools(operation, a[w], b[w]);
    return clear_tail(bits, rows);
  }
  fill_bits(rows, bits, [&](uint32_t i) {
    return passes(operation, compare_values(physical, value_at(physical, left, i),
                                            value_at(physical, right, i)));
  });
}

void column_between(const SimdTable& table, uint16_t physical, const void* data, uint32_t rows,
                    const void* low, const void* high, uint64_t* bits) {
  if (rows == 0) return;
  const Element element = element_of(physical);
  if (element != kElementCount) {
    table.between[element](data, rows, low, high, bits);
    return clear_tail(bits, rows);
  }
  if (physical == MORTISE_PHYSICAL_BOOL) {
    const bool least = *static_cast<const uint8_t*>(low) != 0;
    const bool most = *static_cast<const uint8_t*>(high) != 0;
    const uint64_t* words = static_cast<const uint64_t*>(data);
    for (uint32_t w = 0; w < words_of(rows); ++w) {
      bits[w] = (least ? 0 : ~words[w]) | (most ? words[w] : 0);
    }
    return clear_tail(bits, rows);
  }
  fill_bits(rows, bits, [&](uint32_t i) {
    const uint8_t* value = value_at(physical, data, i);
    return compare_values(physical, low, value) <= 0 && compare_values(physical, value, high) <= 0;
  });
}

void column_in_set(const SimdTable& table, uint16_t physical, const void* data, uint32_t rows,
                   const void* values, uint32_t values_count, uint64_t* bits) {
  constexpr uint32_t kProbesMax = 16;  // more of them: a search per row is cheaper
  if (rows == 0) return;
  if (values_count <= kProbesMax || physical == MORTISE_PHYSICAL_BOOL) {
    std::vector<uint64_t> one(words_of(rows));
    std::fill_n(bits, words_of(rows), uint64_t{0});
    for (uint32_t v = 0; v < values_count; ++v) {
      compare_column(table, physical, MORTISE_FILTER_EQ, data, rows, value_at(physical, values, v),
                     one.data());
      for (uint32_t w = 0; w < words_of(rows); ++w) bits[w] |= one[w];
    }
    return;
  }
  std::vector<const uint8_t*> sorted(values_count);
  for (uint32_t v = 0; v < values_count; ++v) sorted[v] = value_at(physical, values, v);
  const auto less = [physical](const uint8_t* a, const uint8_t* b) {
    return compare_values(physical, a, b) < 0;
  };
  std::sort(sorted.begin(), sorted.end(), less);
  fill_bits(rows, bits, [&](uint32_t i) {
    return std::binary_search(sorted.begin(), sorted.end(), value_at(physical, data, i), less);
  });
}

void column_prefix(const mortise_view_t* data, uint32_t rows, const mortise_view_t& value,
                   uint64_t* bits) {
  const uint8_t* start = view_data(value);
  fill_bits(rows, bits, [&](uint32_t i) {
    return data[i].size_bytes >= value.size_bytes &&
           std::memcmp(view_data(data[i]), start, value.size_bytes) == 0;
  });
}

namespace {

// Some rows at a time: their hashes fit a small buffer.
void filter_bloom(const SimdTable& table, uint16_t physical, const mortise_column_t& column,
                  uint32_t rows, const mortise_bloom_t& bloom, uint64_t* bits) {
  constexpr uint32_t kRowsAtOnce = 512;
  uint64_t hashes[kRowsAtOnce];
  const uint32_t width = width_of(physical);
  for (uint32_t first = 0; first < rows; first += kRowsAtOnce) {
    const uint32_t count = std::min(kRowsAtOnce, rows - first);
    const uint64_t* const validity =
        column.validity == nullptr ? nullptr : column.validity + first / 64;
    const uint8_t* const data =
        static_cast<const uint8_t*>(column.data) +
        (physical == MORTISE_PHYSICAL_BOOL ? first / 8 : size_t{first} * width);
    column_hash(physical, data, validity, count, 0, false, hashes);
    table.bloom_test(bloom, hashes, count, bits + first / 64);
  }
}

// One value that stands for all rows: test it once.
void filter_constant(const SimdTable& table, const mortise_type_t& type,
                     const mortise_column_t& column, uint32_t rows, const mortise_filter_t& filter,
                     uint64_t* bits) {
  alignas(64) uint8_t padded[64] = {};
  const uint32_t width = type.physical == MORTISE_PHYSICAL_BOOL ? 1 : width_of(type.physical);
  std::memcpy(padded, column.data, width);
  uint64_t validity = column.validity == nullptr ? 1 : column.validity[0] & 1;
  const mortise_column_t one = {&validity, padded, 0, 0};
  uint64_t result = 1;
  filter_column(table, type, one, 1, filter, &result);
  if ((result & 1) == 0) std::fill_n(bits, words_of(rows), uint64_t{0});
}

}  // namespace

void filter_column(const SimdTable& table, const mortise_type_t& type,
                   const mortise_column_t& column, uint32_t rows, const mortise_filter_t& filter,
                   uint64_t* bits) {
  if (rows == 0) return;
  if ((column.flags & MORTISE_COLUMN_CONSTANT) != 0) {
    return filter_constant(table, type, column, rows, filter, bits);
  }
  const uint32_t words = words_of(rows);
  if (filter.operation == MORTISE_FILTER_IS_NULL) {
    for (uint32_t w = 0; w < words; ++w) {
      bits[w] &= column.validity == nullptr ? 0 : ~column.validity[w];
    }
    return;
  }
  if (column.validity != nullptr) {
    for (uint32_t w = 0; w < words; ++w) bits[w] &= column.validity[w];
  }
  if (filter.operation == MORTISE_FILTER_NOT_NULL) return;
  uint64_t passed[MORTISE_BATCH_ROWS_MAX / 64];
  const uint8_t* values = static_cast<const uint8_t*>(filter.values);
  const uint16_t physical = type.physical;
  switch (filter.operation) {
    case MORTISE_FILTER_BETWEEN:
      column_between(table, physical, column.data, rows, values, values + width_of(physical),
                     passed);
      break;
    case MORTISE_FILTER_IN:
      column_in_set(table, physical, column.data, rows, values, filter.values_count, passed);
      break;
    case MORTISE_FILTER_PREFIX:
      column_prefix(static_cast<const mortise_view_t*>(column.data), rows,
                    load_value<mortise_view_t>(values), passed);
      break;
    case MORTISE_FILTER_BLOOM: {
      return filter_bloom(table, physical, column, rows,
                          *reinterpret_cast<const mortise_bloom_t*>(values), bits);
    }
    default:
      compare_column(table, physical, filter.operation, column.data, rows, values, passed);
  }
  for (uint32_t w = 0; w < words; ++w) bits[w] &= passed[w];
}

namespace {

// Masks arrive null or with tails of any content; kernels want neither.
class Mask {
 public:
  Mask(const uint64_t* mask, uint32_t rows) {
    const uint32_t words = words_of(rows);
    if (mask == nullptr) {
      std::fill_n(words_, words, ~uint64_t{0});
    } else {
      std::copy_n(mask, words, words_);
    }
    clear_tail(words_, rows);
  }
  const uint64_t* words() const { return words_; }

 private:
  uint64_t words_[MORTISE_BATCH_ROWS_MAX / 64];
};

}  // namespace

uint32_t column_sum_int(const SimdTable& table, uint16_t physical, const void* data,
                        const uint64_t* mask, uint32_t rows, mortise_int128_t* sum) {
  *sum = {0, 0};
  if (rows == 0) return 0;
  const Mask rows_mask(mask, rows);
  table.sum_int[element_of(physical)](data, rows_mask.words(), rows, sum);
  return count_bits(rows_mask.words(), rows);
}

uint32_t column_sum_float(const SimdTable& table, uint16_t physical, const void* data,
                          const uint64_t* mask, uint32_t rows, double* sum) {
  *sum = 0;
  if (rows == 0) return 0;
  const Mask rows_mask(mask, rows);
  table.sum_float[element_of(physical) - f32](data, rows_mask.words(), rows, sum);
  return count_bits(rows_mask.words(), rows);
}

uint32_t column_extreme(const SimdTable& table, uint16_t physical, const void* data,
                        const uint64_t* mask, uint32_t rows, bool greatest, void* value) {
  if (rows == 0) return 0;
  const Mask rows_mask(mask, rows);
  const uint32_t count = count_bits(rows_mask.words(), rows);
  if (count == 0) return 0;
  const Element element = element_of(physical);
  if (element != kElementCount) {
    table.extreme[element](data, rows_mask.words(), rows, greatest, value);
    return count;
  }
  if (physical == MORTISE_PHYSICAL_BOOL) {
    uint64_t any = 0;
    uint64_t all = ~uint64_t{0};
    for (uint32_t w = 0; w < words_of(rows); ++w) {
      const uint64_t word = static_cast<const uint64_t*>(data)[w];
      any |= word & rows_mask.words()[w];
      all &= word | ~rows_mask.words()[w];
    }
    *static_cast<uint8_t*>(value) = greatest ? any != 0 : all == ~uint64_t{0};
    return count;
  }
  const uint8_t* best = nullptr;
  for (uint32_t i = 0; i < rows; ++i) {
    if (!test_bit(rows_mask.words(), i)) continue;
    const uint8_t* candidate = value_at(physical, data, i);
    const int order = best == nullptr ? 0 : compare_values(physical, candidate, best);
    if (best == nullptr || (greatest ? order > 0 : order < 0)) best = candidate;
  }
  std::memcpy(value, best, width_of(physical));
  return count;
}

namespace {

constexpr uint64_t kNullHash = 0x9AE16A3B2F90404Full;

uint64_t mix(uint64_t x, uint64_t seed) {
  return hash64(x, seed);
}
uint64_t hash_int128(Int128 value, uint64_t seed) {
  return mix(static_cast<uint64_t>(value >> 64), mix(static_cast<uint64_t>(value), seed));
}

}  // namespace

uint64_t hash_value(uint16_t physical, const void* value, uint64_t seed) {
  switch (physical) {
    case MORTISE_PHYSICAL_BOOL:
      return mix(load_value<uint8_t>(value) != 0, seed);
    case MORTISE_PHYSICAL_INT16:
      return mix(static_cast<uint64_t>(int64_t{load_value<int16_t>(value)}), seed);
    case MORTISE_PHYSICAL_INT32:
      return mix(static_cast<uint64_t>(int64_t{load_value<int32_t>(value)}), seed);
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return mix(load_value<uint64_t>(value), seed);
    case MORTISE_PHYSICAL_FLOAT32:
      return mix(static_cast<uint64_t>(float_key(double{load_value<float>(value)})), seed);
    case MORTISE_PHYSICAL_FLOAT64:
      return mix(static_cast<uint64_t>(float_key(load_value<double>(value))), seed);
    case MORTISE_PHYSICAL_DECIMAL128:
      return hash_int128(load_int128(value), seed);
    case MORTISE_PHYSICAL_UUID:
      return mix(load_value<uint64_t>(static_cast<const uint8_t*>(value) + 8),
                 mix(load_value<uint64_t>(value), seed));
    case MORTISE_PHYSICAL_INTERVAL:
      return hash_int128(interval_length(value), seed);
    default: {
      const mortise_view_t view = load_value<mortise_view_t>(value);
      return hash64(std::as_bytes(std::span(view_data(view), ordered_size(physical, view))), seed);
    }
  }
}

namespace {

template <typename Value>
void hash_rows(const uint64_t* validity, uint32_t rows, uint64_t seed, bool combine,
               uint64_t* hashes, Value&& value) {
  for (uint32_t i = 0; i < rows; ++i) {
    const uint64_t before = combine ? hashes[i] : seed;
    const bool is_null = validity != nullptr && !test_bit(validity, i);
    hashes[i] = is_null ? mix(kNullHash, before) : value(i, before);
  }
}

}  // namespace

void column_hash(uint16_t physical, const void* data, const uint64_t* validity, uint32_t rows,
                 uint64_t seed, bool combine, uint64_t* hashes) {
  const auto integers = [&]<typename T>(const T* values) {
    hash_rows(validity, rows, seed, combine, hashes, [values](uint32_t i, uint64_t before) {
      return mix(static_cast<uint64_t>(int64_t{values[i]}), before);
    });
  };
  switch (physical) {
    case MORTISE_PHYSICAL_BOOL:
      return hash_rows(validity, rows, seed, combine, hashes, [&](uint32_t i, uint64_t before) {
        return mix(test_bit(static_cast<const uint64_t*>(data), i), before);
      });
    case MORTISE_PHYSICAL_INT16:
      return integers(static_cast<const int16_t*>(data));
    case MORTISE_PHYSICAL_INT32:
      return integers(static_cast<const int32_t*>(data));
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return integers(static_cast<const int64_t*>(data));
    default:
      return hash_rows(validity, rows, seed, combine, hashes, [&](uint32_t i, uint64_t before) {
        return hash_value(physical, value_at(physical, data, i), before);
      });
  }
}

void bloom_add(const mortise_bloom_t& bloom, const uint64_t* hashes, uint32_t rows) {
  MORTISE_ASSERT(std::has_single_bit(bloom.words_count) && bloom.words_count >= kBloomWords);
  for (uint32_t i = 0; i < rows; ++i) {
    uint64_t* const block = bloom_block(bloom, hashes[i]);
    uint64_t spread = hashes[i] * kBloomSpread;
    for (uint32_t k = 0; k < kBloomWords; ++k, spread >>= kBloomBits) {
      block[k] |= uint64_t{1} << (spread & 63);
    }
  }
}

void bloom_test(const SimdTable& table, const mortise_bloom_t& bloom, const uint64_t* hashes,
                uint32_t rows, uint64_t* bits) {
  table.bloom_test(bloom, hashes, rows, bits);
}

}  // namespace mortise::scan
