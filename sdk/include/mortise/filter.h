/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a condition on stored rows cross the ABI?
 *
 * As a conjunction of simple tests on columns, evaluated where the rows stand, before anything is
 * copied.  Null never passes a test but MORTISE_FILTER_IS_NULL (SQL's unknown).  The order of
 * values is that of the physical type (types.h).
 */

#include "mortise/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_FILTER_EQ 1u
#define MORTISE_FILTER_NE 2u
#define MORTISE_FILTER_LT 3u
#define MORTISE_FILTER_LE 4u
#define MORTISE_FILTER_GT 5u
#define MORTISE_FILTER_GE 6u
#define MORTISE_FILTER_BETWEEN 7u /* values[0] <= x <= values[1] */
#define MORTISE_FILTER_IN 8u      /* equal to one of values_count values */
#define MORTISE_FILTER_PREFIX 9u  /* TEXT, BYTES: starts with values[0] */
#define MORTISE_FILTER_IS_NULL 10u
#define MORTISE_FILTER_NOT_NULL 11u
#define MORTISE_FILTER_BLOOM 12u /* hash may be in the set: see simd.h; values points to it */

typedef struct mortise_filter {
  uint32_t column_index; /* of the table, from 0, in storage order */
  uint32_t operation;    /* MORTISE_FILTER_* */
  /* values_count values as they stand in a column's `data`, one byte per BOOL */
  const void *values;
  uint32_t values_count;
  uint32_t reserved;
} mortise_filter_t; /* frozen */

#ifdef __cplusplus
}
#endif
