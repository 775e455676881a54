/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a plugin show rows that are not stored anywhere?
 *
 * As system relations with a fixed schema, read like tables: pg_catalog, information_schema, sys.*.
 * A provider (slot = its plugin's name) lists relations; the query engine scans them.
 */

#include "mortise/batch.h"
#include "mortise/iface/draft/functions.h"
#include "mortise/iface/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_SYSVIEW "mortise.sysview/1"

typedef struct mortise_sysview_column {
  mortise_str_t name;
  uint32_t sql_type;
  uint32_t reserved;
} mortise_sysview_column_t; /* frozen */

/* An equality that the reader will test anyway; a provider may use it to answer fewer rows. */
typedef struct mortise_sysview_hint {
  uint32_t column_index;
  uint32_t reserved;
  const void *value; /* one value as in a column's `data` */
} mortise_sysview_hint_t; /* frozen */

typedef struct mortise_sysview {
  mortise_object_id_t object; /* pg_class.oid: PostgreSQL's where it has one; below 16384 */
  uint32_t columns_count;
  mortise_str_t schema; /* "pg_catalog", "information_schema", "sys" */
  mortise_str_t name;
  const mortise_sysview_column_t *columns;
  mortise_str_t help;
  void *context; /* the provider's, handed to open */
  uint32_t is_view; /* pg_class.relkind: 1 = v, 0 = r */
  uint32_t reserved;

  /* Opens a read.  `columns` are the wanted ones.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *open)(void *context, const mortise_evaluation_t *evaluation,
                                       const mortise_read_view_t *view, const uint32_t *columns,
                                       uint32_t columns_count, const mortise_sysview_hint_t *hints,
                                       uint32_t hints_count, void **cursor,
                                       mortise_error_t *error);
  /* Gives the next batch of the wanted columns, never empty; MORTISE_END after the last.  Valid
   * until
   * the next call.
   * [worker] */
  mortise_status_t(MORTISE_CALL *next)(void *cursor, mortise_batch_t *batch,
                                       mortise_error_t *error);
  /* [worker] */
  void(MORTISE_CALL *close)(void *cursor);
} mortise_sysview_t;

typedef struct mortise_iface_sysview {
  mortise_header_t header;
  const mortise_sysview_t *views;
  uint32_t views_count;
  uint32_t view_stride_bytes;
} mortise_iface_sysview_t;

#ifdef __cplusplus
}
#endif
