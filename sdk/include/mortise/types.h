/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: which words does the ABI consist of?
 *
 * Fixed-width integers, double, pointers, and structs of those: nothing else crosses.  64-bit
 * little-endian machines only.  No enum (its width is the compiler's), no bool, no size_t, no
 * bit-field, no exception, no allocation on one side that the other side frees.
 *
 * Invariants
 *   A1  A struct that the other side allocates, embeds or strides over never grows.  Such structs
 *       are marked "frozen".  Arrays of others travel as base, count and stride.
 *   A2  Every function table begins with mortise_header_t and grows at its end only; a reader
 *       checks struct_size_bytes before it touches a later member (MORTISE_HAS).
 *   A3  Reserved members are zero.
 */

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define MORTISE_CALL __cdecl
#define MORTISE_EXPORT __declspec(dllexport)
#else
#define MORTISE_CALL
#define MORTISE_EXPORT __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* First member of every function table and every struct that may grow. */
typedef struct mortise_header {
  uint32_t struct_size_bytes; /* sizeof at the provider's compile time */
  uint16_t major;             /* of the interface this struct belongs to */
  uint16_t minor;
  uint64_t capabilities; /* bits, their meaning is the interface's */
} mortise_header_t;      /* frozen: 16 bytes */

/* True when `table`, of type `type`, was built with member `member` and has it set. */
#define MORTISE_HAS(type, table, member)                                                   \
  ((table)->header.struct_size_bytes >= offsetof(type, member) + sizeof((table)->member) && \
   (table)->member != 0)

/* UTF-8, not terminated.  Borrowed for the call unless the function says otherwise. */
typedef struct mortise_str {
  const char *data;
  uint64_t size_bytes;
} mortise_str_t; /* frozen */

typedef struct mortise_bytes {
  const uint8_t *data;
  uint64_t size_bytes;
} mortise_bytes_t; /* frozen */

/* Identifiers.  Plain integers in C; the C++ layer wraps each in a type of its own. */
typedef uint64_t mortise_page_id_t;   /* space:16 | page_no:48, page_no in units of 4 KiB */
/* opaque to all but the table engine that made it; 0 = none */
typedef uint64_t mortise_row_id_t;
typedef uint64_t mortise_scn_t;       /* 62 bits: milliseconds since 2020-01-01:42 | logical:20 */
typedef uint64_t mortise_txid_t;      /* node:16 | sequence:48; 0 = none */
typedef uint64_t mortise_lsn_t;       /* byte position in a log stream */
typedef uint32_t mortise_object_id_t; /* catalog object; below 16384 built in; 0 = none */
typedef uint32_t mortise_segment_id_t; /* a set of pages with one owner; 0 = none */

/* How the values of a column stand in memory and in a row.  Widths in bytes are those of one value
 * in a column's `data`.  The order of values is the order a filter, a sort key and an index use. */
#define MORTISE_PHYSICAL_NONE 0
#define MORTISE_PHYSICAL_BOOL 1       /* bitmap in memory, one byte in a row; false < true */
#define MORTISE_PHYSICAL_INT16 2      /* 2 */
#define MORTISE_PHYSICAL_INT32 3      /* 4; also dates: days since 2000-01-01 */
/* 8; also times and timestamps: microseconds, since 2000-01-01 */
#define MORTISE_PHYSICAL_INT64 4
/* 4; NaN equals itself and is greater than all, -0 equals 0 */
#define MORTISE_PHYSICAL_FLOAT32 5
#define MORTISE_PHYSICAL_FLOAT64 6    /* 8; as FLOAT32 */
#define MORTISE_PHYSICAL_DECIMAL64 7  /* 8; value * 10^scale; INT64_MAX is NaN, greater than all */
#define MORTISE_PHYSICAL_DECIMAL128 8 /* 16; value * 10^scale; the greatest value is NaN */
#define MORTISE_PHYSICAL_TEXT 9       /* 16, a mortise_view_t; valid UTF-8; order of the bytes */
#define MORTISE_PHYSICAL_BYTES 10     /* 16, a mortise_view_t; order of the bytes */
#define MORTISE_PHYSICAL_UUID 11      /* 16; order of the bytes */
#define MORTISE_PHYSICAL_INTERVAL 12  /* 16, a mortise_interval_t; order by its length in time */
#define MORTISE_PHYSICAL_NUMERIC 13   /* 16, a mortise_view_t of numeric bytes (iface/type.h) */
/* 16, a mortise_view_t of a key, more bytes, and their number in the last four (little-endian);
 * order of the key's bytes: arrays and whatever else makes its own key (cpp/ordered.hpp) */
#define MORTISE_PHYSICAL_ORDERED 14

typedef struct mortise_interval {
  int64_t microseconds;
  int32_t days;
  int32_t months;
} mortise_interval_t; /* frozen: 16 bytes */

/* A string or byte value.  Up to 12 bytes stand in place; a longer one keeps its first 4 bytes for
 * quick comparison and a pointer to all of it.  Unused bytes of a short value are zero, so that
 * two short values are equal if their 16 bytes are. */
typedef struct mortise_view {
  uint32_t size_bytes;
  uint8_t prefix[4];
  union {
    uint8_t rest[8];
    const uint8_t *data;
  } u;
} mortise_view_t; /* frozen: 16 bytes */
#define MORTISE_VIEW_INLINE_BYTES_MAX 12

/* What a value means.  SQL types are numbered as PostgreSQL numbers them, so that drivers agree. */
typedef struct mortise_type {
  uint32_t sql_type;  /* type id (iface/type.h), 0 when it has no SQL meaning */
  int32_t modifier;   /* as declared, in PostgreSQL's encoding; -1 = none */
  uint16_t physical;  /* MORTISE_PHYSICAL_* */
  uint8_t precision;  /* DECIMAL64 and DECIMAL128: digits in all; else 0 */
  uint8_t scale;      /* DECIMAL64 and DECIMAL128: digits after the point; else 0 */
  uint32_t collation; /* object id; 0 = order of the bytes */
} mortise_type_t;     /* frozen: 16 bytes */

#ifdef __cplusplus
}
#endif
