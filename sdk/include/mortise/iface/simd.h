/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: who does the same thing to many values at once?
 *
 * The kernel's vector core, as functions over whole columns of a batch.  The level (scalar, SSE4,
 * AVX2, AVX-512) is chosen at start from what the processor and the system support; the environment
 * variable MORTISE_SIMD=scalar|sse4|avx2|avx512 lowers it.
 *
 * Words
 *   bits    a bitmap as in a batch: bit i = row i, little-endian 64-bit words.  A function that
 *           writes `bits` writes whole words and clears what lies behind the last row.
 *   data    values as in a column's `data` (mortise/types.h), `rows` of them; BOOL: a bitmap.
 *   Reads
 *           may go up to the 64-byte padding of a batch buffer (batch.h, B1), never further.
 *   value   one value as it stands in `data`; BOOL: one byte.
 *
 * Invariants
 *   V1  Results are the same, bit for bit, at every level and on every processor.  A sum of floats
 *   is
 *       made in 16 lanes (row i in lane i mod 16) that are added as a tree: lane k and k+8, then
 *       k and k+4, k+2, k+1.  A NaN that a function makes is the canonical one.
 *   V2  The order of values is that of the physical type (types.h): NaN equals itself and is
 *   greater
 *       than all, -0 equals 0.
 *   V3  Values of null rows are read, never interpreted: they may be anything but a view with a
 *       size that its pointer does not cover.
 */

#include "mortise/batch.h"
#include "mortise/filter.h"
#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_SIMD "mortise.simd/1"

#define MORTISE_SIMD_SCALAR 0u
#define MORTISE_SIMD_SSE4 1u
#define MORTISE_SIMD_AVX2 2u
#define MORTISE_SIMD_AVX512 3u

typedef struct mortise_int128 {
  uint64_t low;
  int64_t high;
} mortise_int128_t; /* frozen: 16 bytes; as DECIMAL128 stands in memory */

/* What MORTISE_FILTER_BLOOM's `values` points to: a blocked filter; words_count is a power of two
 * from 8 on, blocks of 8 words (64 bytes).  Made of hashes as `hash` gives them with seed 0. */
typedef struct mortise_bloom {
  uint64_t *words;
  uint64_t words_count;
} mortise_bloom_t; /* frozen */

typedef struct mortise_iface_simd {
  mortise_header_t header;

  /* MORTISE_SIMD_*.  [any, concurrent] */
  uint32_t(MORTISE_CALL *level)(void);

  /* Compares each value with one: MORTISE_FILTER_EQ .. MORTISE_FILTER_GE.  All physical types.
   * [any, concurrent] */
  void(MORTISE_CALL *compare)(uint16_t physical, uint32_t operation, const void *data,
                              uint32_t rows, const void *value, uint64_t *bits);

  /* Compares row with row of two columns of one type.  [any, concurrent] */
  void(MORTISE_CALL *compare_columns)(uint16_t physical, uint32_t operation, const void *left,
                                      const void *right, uint32_t rows, uint64_t *bits);

  /* low <= x <= high.  [any, concurrent] */
  void(MORTISE_CALL *between)(uint16_t physical, const void *data, uint32_t rows, const void *low,
                              const void *high, uint64_t *bits);

  /* Equal to one of `values_count` values.  [any, concurrent] */
  void(MORTISE_CALL *in_set)(uint16_t physical, const void *data, uint32_t rows,
                             const void *values, uint32_t values_count, uint64_t *bits);

  /* TEXT, BYTES: starts with the value.  [any, concurrent] */
  void(MORTISE_CALL *prefix)(const mortise_view_t *data, uint32_t rows,
                             const mortise_view_t *value, uint64_t *bits);

  /* Clears the bits of rows that do not pass `filter` (column_index is not looked at).  Nulls pass
   * as
   * filter.h says.  Knows MORTISE_COLUMN_CONSTANT.
   * [any, concurrent] */
  void(MORTISE_CALL *filter)(const mortise_type_t *type, const mortise_column_t *column,
                             uint32_t rows, const mortise_filter_t *filter, uint64_t *bits);

  /* Bitmap algebra over `rows` bits; `out` may be one of the inputs.  `b` null = all ones.
   * [any, concurrent] */
  void(MORTISE_CALL *bits_and)(const uint64_t *a, const uint64_t *b, uint32_t rows, uint64_t *out);
  void(MORTISE_CALL *bits_or)(const uint64_t *a, const uint64_t *b, uint32_t rows, uint64_t *out);
  void(MORTISE_CALL *bits_and_not)(const uint64_t *a, const uint64_t *b, uint32_t rows,
                                   uint64_t *out);
  uint32_t(MORTISE_CALL *bits_count)(const uint64_t *bits, uint32_t rows);

  /* Writes the positions of ones, ascending, and answers how many.  `selection` has room for `rows`
   * entries rounded up to 64.
   * [any, concurrent] */
  uint32_t(MORTISE_CALL *bits_to_selection)(const uint64_t *bits, uint32_t rows,
                                            uint16_t *selection);

  /* out[i] = data[selection[i]] for values of 1, 2, 4, 8 or 16 bytes; `gather_bits` for bitmaps.
   * [any, concurrent] */
  void(MORTISE_CALL *gather)(uint32_t width_bytes, const void *data, const uint16_t *selection,
                             uint32_t count, void *out);
  void(MORTISE_CALL *gather_bits)(const uint64_t *bits, const uint16_t *selection, uint32_t count,
                                  uint64_t *out);

  /* Aggregates rows whose bit in `mask` is set (null = all); answers how many those are.
   * `sum_int`: INT16, INT32, INT64, DECIMAL64 (NaN must not occur); exact in 128 bits.
   * `sum_float`: FLOAT32, FLOAT64, in double.
   * `extreme`: the least or greatest value, all fixed-width types and views, into `value`
   * (untouched when no row counts; a view borrows).
   * [any, concurrent] */
  uint32_t(MORTISE_CALL *sum_int)(uint16_t physical, const void *data, const uint64_t *mask,
                                  uint32_t rows, mortise_int128_t *sum);
  uint32_t(MORTISE_CALL *sum_float)(uint16_t physical, const void *data, const uint64_t *mask,
                                    uint32_t rows, double *sum);
  uint32_t(MORTISE_CALL *extreme)(uint16_t physical, const void *data, const uint64_t *mask,
                                  uint32_t rows, uint32_t greatest, void *value);

  /* hashes[i] = hash of the value and hashes[i] before (`combine` 1) or of the value and `seed`.
   * Equal values (V2) have equal hashes, INT16, INT32 and INT64 among each other, also FLOAT32 and
   * FLOAT64.  Nulls (validity null = none) hash alike.  Stable within a process only.
   * [any, concurrent] */
  void(MORTISE_CALL *hash)(uint16_t physical, const void *data, const uint64_t *validity,
                           uint32_t rows, uint64_t seed, uint32_t combine, uint64_t *hashes);

  /* Adds hashes to a filter; clears bits of rows whose hash is certainly not in it.
   * [any, concurrent] */
  void(MORTISE_CALL *bloom_add)(const mortise_bloom_t *bloom, const uint64_t *hashes,
                                uint32_t rows);
  void(MORTISE_CALL *bloom_test)(const mortise_bloom_t *bloom, const uint64_t *hashes,
                                 uint32_t rows, uint64_t *bits);
} mortise_iface_simd_t;

#ifdef __cplusplus
}
#endif
