/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a value of an SQL type look as text and on the wire?
 *
 * A provider (slot = its plugin's name) lists types.  Conversion is by column.  Types are numbered
 * as
 * PostgreSQL numbers them.
 *
 * Numeric bytes (MORTISE_PHYSICAL_NUMERIC), made so that memcmp over all but the last two bytes is
 * the order of the values:
 *   class      1 byte: 0x10 -Infinity, 0x20 negative, 0x30 zero, 0x40 positive, 0x50 +Infinity,
 *              0x60 NaN
 *   exponent   2 bytes big-endian, negative and positive only: weight of the first digit in base
 *              10,000, plus 0x8000; all bits inverted when negative
 *   digits     2 bytes big-endian each, base 10,000, plus 1; first and last digit not zero;
 *              inverted when negative
 *   end        2 bytes 0xFFFF, negative only: above every inverted digit, so that of two negative
 *              numbers the one with more digits is the smaller
 *   scale      2 bytes big-endian: digits to show after the point; not part of the order
 */

#include "mortise/iface/draft/functions.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_TYPE "mortise.type/1"

#define MORTISE_SQL_BOOL 16u
#define MORTISE_SQL_BYTEA 17u
#define MORTISE_SQL_CHAR 18u /* "char", one byte */
#define MORTISE_SQL_NAME 19u
#define MORTISE_SQL_INT8 20u
#define MORTISE_SQL_INT2 21u
#define MORTISE_SQL_INT4 23u
#define MORTISE_SQL_REGPROC 24u
#define MORTISE_SQL_TEXT 25u
#define MORTISE_SQL_OID 26u
#define MORTISE_SQL_JSON 114u
#define MORTISE_SQL_FLOAT4 700u
#define MORTISE_SQL_FLOAT8 701u
#define MORTISE_SQL_UNKNOWN 705u
#define MORTISE_SQL_BPCHAR 1042u
#define MORTISE_SQL_VARCHAR 1043u
#define MORTISE_SQL_DATE 1082u
#define MORTISE_SQL_TIME 1083u
#define MORTISE_SQL_TIMESTAMP 1114u
#define MORTISE_SQL_TIMESTAMPTZ 1184u
#define MORTISE_SQL_INTERVAL 1186u
#define MORTISE_SQL_TIMETZ 1266u
#define MORTISE_SQL_NUMERIC 1700u
#define MORTISE_SQL_REGCLASS 2205u
#define MORTISE_SQL_REGTYPE 2206u
#define MORTISE_SQL_RECORD 2249u
#define MORTISE_SQL_ANY 2276u
#define MORTISE_SQL_ANYARRAY 2277u
#define MORTISE_SQL_ANYNONARRAY 2776u
#define MORTISE_SQL_VOID 2278u
#define MORTISE_SQL_ANYELEMENT 2283u
#define MORTISE_SQL_UUID 2950u
/* Polymorphic, of a family of their own whose members meet in a common type. */
#define MORTISE_SQL_ANYCOMPATIBLE 5077u
#define MORTISE_SQL_ANYCOMPATIBLEARRAY 5078u
#define MORTISE_SQL_ANYCOMPATIBLENONARRAY 5079u

typedef struct mortise_type_info {
  uint32_t sql_type;
  uint32_t array_type;   /* 0 = none */
  mortise_str_t name;    /* catalog name: "int4" */
  mortise_str_t display; /* SQL name: "integer" */
  int32_t length_bytes;  /* pg_type.typlen: -1 variable, -2 C string */
  uint32_t category;     /* pg_type.typcategory, an ASCII letter */
  uint32_t is_preferred; /* in its category */
  uint32_t takes_modifier;

  /* Physical form for a modifier: fills `type` whole (numeric(12,2) gives DECIMAL64, scale 2).
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *resolve)(int32_t modifier, mortise_type_t *type,
                                          mortise_error_t *error);

  /* Modifier from what stands in parentheses, and back (text goes to the buffer; returns its
   * length,
   * 0 for -1).  Null when takes_modifier is 0.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *modifier_in)(const int64_t *values, uint32_t values_count,
                                              int32_t *modifier, mortise_error_t *error);
  uint32_t(MORTISE_CALL *modifier_out)(int32_t modifier, char *buffer, uint32_t capacity_bytes);

  /* Values from and to text.  `arguments` has one TEXT column (in) or one column of the type (out);
   * `type` is the column's, with its modifier, which `text_in` applies.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *text_in)(const mortise_evaluation_t *evaluation,
                                          const mortise_type_t *type,
                                          const mortise_arguments_t *arguments,
                                          mortise_column_out_t *result, mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *text_out)(const mortise_evaluation_t *evaluation,
                                           const mortise_type_t *type,
                                           const mortise_arguments_t *arguments,
                                           mortise_column_out_t *result, mortise_error_t *error);

  /* The same for PostgreSQL's binary form, as BYTES.  22P03 for malformed bytes.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *binary_in)(const mortise_evaluation_t *evaluation,
                                            const mortise_type_t *type,
                                            const mortise_arguments_t *arguments,
                                            mortise_column_out_t *result, mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *binary_out)(const mortise_evaluation_t *evaluation,
                                             const mortise_type_t *type,
                                             const mortise_arguments_t *arguments,
                                             mortise_column_out_t *result, mortise_error_t *error);

  uint32_t element_type; /* of an array type (cpp/array.hpp); 0 for all others */
  uint32_t reserved;
} mortise_type_info_t;

typedef struct mortise_iface_type {
  mortise_header_t header;
  const mortise_type_info_t *types;
  uint32_t types_count;
  uint32_t type_stride_bytes;
} mortise_iface_type_t;

#ifdef __cplusplus
}
#endif
