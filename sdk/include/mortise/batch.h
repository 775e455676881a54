/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: in which shape do rows cross the ABI?
 *
 * As columns, up to 65,536 rows at a time and 2,048 as a rule, never one by one.  Buffers are laid
 * out as Apache Arrow lays them out (validity bitmap, packed booleans, fixed-width values, 16-byte
 * string views), with one difference: a long string's view holds a pointer where Arrow has a
 * buffer number and an offset.  Within a process that makes slicing, gathering and joining
 * strings a copy of 16 bytes; docs/decisions/0001 has the argument.
 *
 * Invariants
 *   B1  Buffers are 64-byte aligned and padded to a multiple of 64 bytes, so that a vector kernel
 *       may read (never write) past the last row up to the padding.
 *   B2  A bit of `validity` is 1 where the value is present.  Null `validity`: all are.
 *       Values under a 0 bit are unspecified but readable; a view there has size 0.
 *   B3  `selection`, if set, is strictly ascending and its entries are below rows_count.
 *   B4  A batch is read-only for whoever receives it, and valid until the producer's next call or
 *       close, unless the function says otherwise.
 */

#include "mortise/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_BATCH_ROWS_MAX 65536u
#define MORTISE_BATCH_ROWS_DEFAULT 2048u
#define MORTISE_BATCH_ALIGNMENT_BYTES 64u

/* One value stands for all rows: buffers hold row 0 only. */
#define MORTISE_COLUMN_CONSTANT 1u

/* A column to read. */
typedef struct mortise_column {
  const uint64_t *validity; /* bit i = row i, little-endian words; null = no nulls */
  const void *data;         /* values; width by mortise_type_t.physical */
  uint32_t flags;           /* MORTISE_COLUMN_* */
  uint32_t reserved;
} mortise_column_t; /* frozen: 24 bytes */

/* A column to fill.  Both buffers are the caller's and hold at least the rows asked for.
 * `validity`
 * arrives with all bits set; the callee clears those of nulls.  Bytes of long strings are
 * allocated by the callee from the arena named by the call. */
typedef struct mortise_column_out {
  uint64_t *validity;
  void *data;
  uint32_t flags; /* the callee may set MORTISE_COLUMN_CONSTANT */
  uint32_t reserved;
} mortise_column_out_t; /* frozen: 24 bytes */

typedef struct mortise_batch {
  uint32_t struct_size_bytes;
  uint32_t rows_count;             /* physical rows in each column */
  uint32_t columns_count;
  uint32_t selected_count;         /* entries of `selection`; equals rows_count without one */
  const uint16_t *selection;       /* rows that count, null = all (B3) */
  const mortise_column_t *columns; /* columns_count */
  const mortise_type_t *types;     /* columns_count */
  const mortise_row_id_t *row_ids; /* rows_count, or null */
} mortise_batch_t;

#ifdef __cplusplus
}
#endif
