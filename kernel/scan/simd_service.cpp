// SPDX-License-Identifier: Apache-2.0

// The door of the vector core: which level is in use, and the table that plugins see.

#include <algorithm>
#include <array>

#include "kernel/platform/process.hpp"
#include "kernel/scan/simd_levels.hpp"
#include "kernel/scan/value_order.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::scan {
namespace {

struct Levels {
  std::array<const SimdTable*, kSimdLevelCount> tables{};
  const SimdTable* chosen = nullptr;

  Levels() {
    tables[0] = &scalar_table();
    chosen = tables[0];
    for (uint8_t level = 1; level < kSimdLevelCount; ++level) {
      tables[level] = vector_table(static_cast<SimdLevel>(level));
      if (tables[level] != nullptr) chosen = tables[level];
    }
    const std::string wanted = platform::environment("MORTISE_SIMD").value_or("");
    for (uint8_t level = 0; level < kSimdLevelCount; ++level) {
      if (wanted == name_of(static_cast<SimdLevel>(level)) && tables[level] != nullptr) {
        chosen = tables[level];
      }
    }
  }
};

const Levels& levels() {
  static const Levels all;
  return all;
}

uint32_t level() {
  return static_cast<uint32_t>(simd().level);
}
void compare(uint16_t physical, uint32_t operation, const void* data, uint32_t rows,
             const void* value, uint64_t* bits) {
  compare_column(simd(), physical, operation, data, rows, value, bits);
}
void compare_columns(uint16_t physical, uint32_t operation, const void* left, const void* right,
                     uint32_t rows, uint64_t* bits) {
  compare_two_columns(simd(), physical, operation, left, right, rows, bits);
}
void between(uint16_t physical, const void* data, uint32_t rows, const void* low, const void* high,
             uint64_t* bits) {
  column_between(simd(), physical, data, rows, low, high, bits);
}
void in_set(uint16_t physical, const void* data, uint32_t rows, const void* values,
            uint32_t values_count, uint64_t* bits) {
  column_in_set(simd(), physical, data, rows, values, values_count, bits);
}
void prefix(const mortise_view_t* data, uint32_t rows, const mortise_view_t* value,
            uint64_t* bits) {
  column_prefix(data, rows, *value, bits);
}
void filter(const mortise_type_t* type, const mortise_column_t* column, uint32_t rows,
            const mortise_filter_t* condition, uint64_t* bits) {
  filter_column(simd(), *type, *column, rows, *condition, bits);
}

void bits_and(const uint64_t* a, const uint64_t* b, uint32_t rows, uint64_t* out) {
  for (uint32_t w = 0; w < words_of(rows); ++w) out[w] = b == nullptr ? a[w] : a[w] & b[w];
  clear_tail(out, rows);
}
void bits_or(const uint64_t* a, const uint64_t* b, uint32_t rows, uint64_t* out) {
  for (uint32_t w = 0; w < words_of(rows); ++w) out[w] = b == nullptr ? ~uint64_t{0} : a[w] | b[w];
  clear_tail(out, rows);
}
void bits_and_not(const uint64_t* a, const uint64_t* b, uint32_t rows, uint64_t* out) {
  for (uint32_t w = 0; w < words_of(rows); ++w) out[w] = b == nullptr ? 0 : a[w] & ~b[w];
  clear_tail(out, rows);
}
uint32_t bits_to_selection(const uint64_t* bits, uint32_t rows, uint16_t* selection) {
  if (rows == 0) return 0;
  if (rows % 64 == 0) return simd().bits_to_selection(bits, rows, selection);
  // The last word's tail is the caller's: it must not be counted.
  const uint32_t whole = rows / 64 * 64;
  uint32_t count = whole == 0 ? 0 : simd().bits_to_selection(bits, whole, selection);
  for (uint32_t i = whole; i < rows; ++i) {
    if (test_bit(bits, i)) selection[count++] = static_cast<uint16_t>(i);
  }
  return count;
}

template <typename T>
void gather_as(const void* data, const uint16_t* selection, uint32_t count, void* out) {
  const T* from = static_cast<const T*>(data);
  T* to = static_cast<T*>(out);
  for (uint32_t i = 0; i < count; ++i) to[i] = from[selection[i]];
}
void gather(uint32_t width_bytes, const void* data, const uint16_t* selection, uint32_t count,
            void* out) {
  switch (width_bytes) {
    case 1:
      return gather_as<uint8_t>(data, selection, count, out);
    case 2:
      return gather_as<uint16_t>(data, selection, count, out);
    case 4:
      return gather_as<uint32_t>(data, selection, count, out);
    case 8:
      return gather_as<uint64_t>(data, selection, count, out);
    default:
      MORTISE_ASSERT(width_bytes == sizeof(mortise_int128_t));
      return gather_as<mortise_int128_t>(data, selection, count, out);
  }
}
void gather_bits(const uint64_t* bits, const uint16_t* selection, uint32_t count, uint64_t* out) {
  for (uint32_t base = 0; base < count; base += 64) {
    uint64_t word = 0;
    for (uint32_t i = base; i < std::min(count, base + 64); ++i) {
      word |= uint64_t{test_bit(bits, selection[i])} << (i - base);
    }
    out[base / 64] = word;
  }
}

uint32_t sum_int(uint16_t physical, const void* data, const uint64_t* mask, uint32_t rows,
                 mortise_int128_t* sum) {
  return column_sum_int(simd(), physical, data, mask, rows, sum);
}
uint32_t sum_float(uint16_t physical, const void* data, const uint64_t* mask, uint32_t rows,
                   double* sum) {
  return column_sum_float(simd(), physical, data, mask, rows, sum);
}
uint32_t extreme(uint16_t physical, const void* data, const uint64_t* mask, uint32_t rows,
                 uint32_t greatest, void* value) {
  return column_extreme(simd(), physical, data, mask, rows, greatest != 0, value);
}
void hash(uint16_t physical, const void* data, const uint64_t* validity, uint32_t rows,
          uint64_t seed, uint32_t combine, uint64_t* hashes) {
  column_hash(physical, data, validity, rows, seed, combine != 0, hashes);
}
void add_to_bloom(const mortise_bloom_t* bloom, const uint64_t* hashes, uint32_t rows) {
  bloom_add(*bloom, hashes, rows);
}
void test_bloom(const mortise_bloom_t* bloom, const uint64_t* hashes, uint32_t rows,
                uint64_t* bits) {
  bloom_test(simd(), *bloom, hashes, rows, bits);
}

constexpr mortise_iface_simd_t kService = {
    {sizeof(mortise_iface_simd_t), 1, 0, 0},
    level,
    compare,
    compare_columns,
    between,
    in_set,
    prefix,
    filter,
    bits_and,
    bits_or,
    bits_and_not,
    [](const uint64_t* bits, uint32_t rows) { return count_bits(bits, rows); },
    bits_to_selection,
    gather,
    gather_bits,
    sum_int,
    sum_float,
    extreme,
    hash,
    add_to_bloom,
    test_bloom,
};

}  // namespace

std::string_view name_of(SimdLevel wanted) {
  switch (wanted) {
    case SimdLevel::scalar:
      return "scalar";
    case SimdLevel::sse4:
      return "sse4";
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::avx512:
      return "avx512";
  }
  MORTISE_UNREACHABLE();
}

bool is_supported(SimdLevel wanted) {
  return levels().tables[static_cast<uint8_t>(wanted)] != nullptr;
}

const SimdTable& simd_table(SimdLevel wanted) {
  MORTISE_ASSERT(is_supported(wanted));
  return *levels().tables[static_cast<uint8_t>(wanted)];
}

const SimdTable& simd() {
  static const SimdTable& chosen = *levels().chosen;
  return chosen;
}

const mortise_iface_simd_t* simd_service() {
  return &kService;
}

}  // namespace mortise::scan
