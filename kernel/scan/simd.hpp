// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which function does the work of one vector kernel at this level?
//
// A table of pointers per level, chosen once at start.  Elements are the five machine types; wider
// values (128 bits, views) are handled by code that is the same at every level (columns.cpp).
//
// Invariants
//   D1  Every level gives the same bits as `scalar`, for all lengths, alignments and values.
//   D2  A kernel reads at most to the next multiple of 64 bytes behind the last value.
//
// Threads: tables are constant; [any].
// Background: mortise/iface/simd.h

#include <cstdint>
#include <string_view>

#include "mortise/iface/simd.h"

namespace mortise::scan {

enum class SimdLevel : uint8_t {
  scalar = MORTISE_SIMD_SCALAR,
  sse4 = MORTISE_SIMD_SSE4,
  avx2 = MORTISE_SIMD_AVX2,
  avx512 = MORTISE_SIMD_AVX512,
};
inline constexpr uint32_t kSimdLevelCount = 4;

enum Element : uint8_t { i16, i32, i64, f32, f64, kElementCount };

// The part of a comparison that a kernel computes; the rest is its complement.
enum class Relation : uint8_t { equal, less, greater };

struct SimdTable {
  SimdLevel level;
  // bits[i] = data[i] relation value; tail bits of the last word are unspecified.
  void (*compare[kElementCount])(const void* data, uint32_t rows, const void* value,
                                 Relation relation, uint64_t* bits);
  void (*compare_columns[kElementCount])(const void* left, const void* right, uint32_t rows,
                                         Relation relation, uint64_t* bits);
  void (*between[kElementCount])(const void* data, uint32_t rows, const void* low, const void* high,
                                 uint64_t* bits);
  // `mask` has clear tail bits and is not null.
  void (*extreme[kElementCount])(const void* data, const uint64_t* mask, uint32_t rows,
                                 bool greatest, void* value);
  void (*sum_int[3])(const void* data, const uint64_t* mask, uint32_t rows, mortise_int128_t* sum);
  void (*sum_float[2])(const void* data, const uint64_t* mask, uint32_t rows, double* sum);
  uint32_t (*bits_to_selection)(const uint64_t* bits, uint32_t rows, uint16_t* selection);
  // Clears the bits of the hashes that are not in the set; others stay as they are.
  void (*bloom_test)(const mortise_bloom_t& bloom, const uint64_t* hashes, uint32_t rows,
                     uint64_t* bits);
};

// Is the level supported by processor and system?
bool is_supported(SimdLevel level);
// Precondition: is_supported(level).
const SimdTable& simd_table(SimdLevel level);
// The level in use: MORTISE_SIMD, else the best supported one.  Fixed by the first call.
const SimdTable& simd();
// "scalar", "sse4", "avx2", "avx512".
std::string_view name_of(SimdLevel level);

// The host service.
const mortise_iface_simd_t* simd_service();

// The functions behind the service, with the table to use.
void filter_column(const SimdTable& table, const mortise_type_t& type,
                   const mortise_column_t& column, uint32_t rows, const mortise_filter_t& filter,
                   uint64_t* bits);
void compare_column(const SimdTable& table, uint16_t physical, uint32_t operation, const void* data,
                    uint32_t rows, const void* value, uint64_t* bits);
void compare_two_columns(const SimdTable& table, uint16_t physical, uint32_t operation,
                         const void* left, const void* right, uint32_t rows, uint64_t* bits);
void column_between(const SimdTable& table, uint16_t physical, const void* data, uint32_t rows,
                    const void* low, const void* high, uint64_t* bits);
void column_in_set(const SimdTable& table, uint16_t physical, const void* data, uint32_t rows,
                   const void* values, uint32_t values_count, uint64_t* bits);
void column_prefix(const mortise_view_t* data, uint32_t rows, const mortise_view_t& value,
                   uint64_t* bits);
uint32_t column_sum_int(const SimdTable& table, uint16_t physical, const void* data,
                        const uint64_t* mask, uint32_t rows, mortise_int128_t* sum);
uint32_t column_sum_float(const SimdTable& table, uint16_t physical, const void* data,
                          const uint64_t* mask, uint32_t rows, double* sum);
uint32_t column_extreme(const SimdTable& table, uint16_t physical, const void* data,
                        const uint64_t* mask, uint32_t rows, bool greatest, void* value);
void column_hash(uint16_t physical, const void* data, const uint64_t* validity, uint32_t rows,
                 uint64_t seed, bool combine, uint64_t* hashes);
uint64_t hash_value(uint16_t physical, const void* value, uint64_t seed);
void bloom_add(const mortise_bloom_t& bloom, const uint64_t* hashes, uint32_t rows);
void bloom_test(const SimdTable& table, const mortise_bloom_t& bloom, const uint64_t* hashes,
                uint32_t rows, uint64_t* bits);

constexpr uint32_t words_of(uint32_t rows) {
  return (rows + 63) / 64;
}
// Clears what lies behind the last row.
inline void clear_tail(uint64_t* bits, uint32_t rows) {
  if (rows % 64 != 0) bits[rows / 64] &= (uint64_t{1} << (rows % 64)) - 1;
}
inline bool test_bit(const uint64_t* bits, uint32_t i) {
  return ((bits[i / 64] >> (i % 64)) & 1) != 0;
}
inline void clear_bit(uint64_t* bits, uint32_t i) {
  bits[i / 64] &= ~(uint64_t{1} << (i % 64));
}
inline void set_bit(uint64_t* bits, uint32_t i) {
  bits[i / 64] |= uint64_t{1} << (i % 64);
}
uint32_t count_bits(const uint64_t* bits, uint32_t rows);

}  // namespace mortise::scan
