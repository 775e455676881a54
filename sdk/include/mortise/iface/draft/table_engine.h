/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how are a table's rows stored, found by row id, scanned and changed?
 *
 * The kernel offers the row heap in slot "heap"; plugins offer others (column store).  An engine
 * deals in physical columns and row ids; it knows no names, no constraints, no SQL types.
 *
 * Invariants
 *   H1  A row id names one row from insert until no view can see any version of it; an update keeps
 *       it.  It is never 0.
 *   H2  A scan returns each row that its view sees exactly once; within a page in row-id order.
 *   H3  A change waits for the transaction that holds the row, or answers as the wait mode says; it
 *       never overwrites a version that the view does not see without saying MORTISE_ROW_CHANGED.
 *   H4  A batch call that fails leaves its rows partly changed; the caller rolls back to a
 *   savepoint
 *       or aborts.  Outcomes below zero never occur: failures are statuses.
 */

#include "mortise/batch.h"
#include "mortise/filter.h"
#include "mortise/iface/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_TABLE_ENGINE "mortise.table_engine/1"

typedef struct mortise_table mortise_table_t;
typedef struct mortise_table_scan mortise_table_scan_t;

/* A stored column.  Columns are only ever appended: a dropped one keeps its place. */
typedef struct mortise_table_column {
  mortise_type_t type;
  uint32_t is_dropped; /* 1: reads as null, written as null */
  uint32_t has_missing_value;
  /* What rows from before the column was added read as: one value as in a column's `data` (BOOL:
   * one
   * byte); used if has_missing_value, else they read as null. */
  const void *missing_value;
} mortise_table_column_t;    /* frozen */

typedef struct mortise_table_desc {
  uint32_t struct_size_bytes;
  uint32_t columns_count;
  const mortise_table_column_t *columns;
  mortise_object_id_t object; /* owner in the catalog */
  mortise_segment_id_t segment; /* as `create` gave it; 0 when creating */
  uint32_t fill_percent;        /* 10..100; 0 = the engine's default */
  uint32_t has_key_columns;     /* 0: every column counts as part of a key */
  /* Columns of unique keys: an update of none of them locks its rows as
   * MORTISE_ROW_LOCK_NO_KEY_UPDATE, else as UPDATE. */
  const uint32_t *key_columns;
  uint32_t key_columns_count;
  uint32_t reserved;
} mortise_table_desc_t;

typedef struct mortise_table_stats {
  uint32_t struct_size_bytes;
  uint32_t reserved;
  uint64_t rows_estimate; /* within a few percent; committed or not */
  uint64_t pages_count;
  uint64_t size_bytes;
} mortise_table_stats_t;

typedef struct mortise_scan_options {
  uint32_t struct_size_bytes;
  uint32_t columns_count;
  const uint32_t *columns; /* table columns wanted, in the order wanted; may be none (count only) */
  const mortise_filter_t *filters; /* conjunction; applied whole */
  uint32_t filters_count;
  uint32_t wants_row_ids; /* 1: batches carry row ids */
  uint32_t part_index;    /* this scan is part part_index of parts_count disjoint ranges */
  uint32_t parts_count;   /* 0 or 1 = all of it */
  uint32_t batch_rows_max; /* 0 = MORTISE_BATCH_ROWS_DEFAULT */
  uint32_t reserved;
} mortise_scan_options_t;

/* What happened to one row of a batch. */
#define MORTISE_ROW_DONE 0u
#define MORTISE_ROW_CHANGED 1u /* a newer committed version exists that the view does not see */
#define MORTISE_ROW_GONE 2u    /* deleted by a committed transaction, or never there */
#define MORTISE_ROW_SELF 3u    /* this very command has changed it already */
#define MORTISE_ROW_LOCKED 4u  /* held by another transaction (SKIP_LOCKED only) */

/* Row lock strengths, weakest first (FOR KEY SHARE ... FOR UPDATE). */
#define MORTISE_ROW_LOCK_KEY_SHARE 1u
#define MORTISE_ROW_LOCK_SHARE 2u
#define MORTISE_ROW_LOCK_NO_KEY_UPDATE 3u
#define MORTISE_ROW_LOCK_UPDATE 4u

typedef struct mortise_iface_table_engine {
  mortise_header_t header;

  /* Creates the storage of a table; undone if the transaction aborts.
   * [worker] */
  mortise_status_t(MORTISE_CALL *create)(mortise_txn_t *txn, const mortise_table_desc_t *desc,
                                         mortise_segment_id_t *segment, mortise_error_t *error);

  /* Drops it when the transaction commits.
   * [worker] */
  mortise_status_t(MORTISE_CALL *drop)(mortise_txn_t *txn, mortise_segment_id_t segment,
                                       mortise_error_t *error);

  /* Opens a handle for reading and changing.  `desc` is copied.  Handles are cheap; many may be
   * open,
   * with different (older) column lists.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *open)(const mortise_table_desc_t *desc, mortise_table_t **table,
                                       mortise_error_t *error);
  /* [worker] */
  void(MORTISE_CALL *close)(mortise_table_t *table);

  /* Inserts the batch's selected rows; all columns that are not dropped, in table order.
   * `row_ids` receives selected_count ids.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *insert)(mortise_table_t *table, mortise_txn_t *txn,
                                         const mortise_batch_t *rows, mortise_row_id_t *row_ids,
                                         mortise_error_t *error);

  /* Sets `columns` of the rows named by the batch's row_ids to the batch's columns.  `outcomes`
   * receives one MORTISE_ROW_* per selected row.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *update)(mortise_table_t *table, mortise_txn_t *txn,
                                         const mortise_read_view_t *view, const uint32_t *columns,
                                         const mortise_batch_t *rows, uint32_t wait,
                                         uint8_t *outcomes, mortise_error_t *error);

  /* Deletes rows.  [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *erase)(mortise_table_t *table, mortise_txn_t *txn,
                                        const mortise_read_view_t *view,
                                        const mortise_row_id_t *row_ids, uint32_t rows_count,
                                        uint32_t wait, uint8_t *outcomes, mortise_error_t *error);

  /* Locks the newest version of rows until the transaction ends.  MORTISE_ROW_CHANGED: locked, and
   * newer than the view; read it again with MORTISE_READ_LATEST.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *lock)(mortise_table_t *table, mortise_txn_t *txn,
                                       const mortise_read_view_t *view,
                                       const mortise_row_id_t *row_ids, uint32_t rows_count,
                                       uint32_t strength, uint32_t wait, uint8_t *outcomes,
                                       mortise_error_t *error);

  /* Opens a scan.  `txn` may be null (background readers); with one, SERIALIZABLE remembers it.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *scan_open)(mortise_table_t *table, mortise_txn_t *txn,
                                            const mortise_read_view_t *view,
                                            const mortise_scan_options_t *options,
                                            mortise_table_scan_t **scan, mortise_error_t *error);

  /* Gives the next batch, never an empty one; MORTISE_END after the last.  Valid until the next
   * call.
   * [worker] */
  mortise_status_t(MORTISE_CALL *scan_next)(mortise_table_scan_t *scan, mortise_batch_t *batch,
                                            mortise_error_t *error);
  /* [worker] */
  void(MORTISE_CALL *scan_close)(mortise_table_scan_t *scan);

  /* Opens a reader of rows by id with a fixed choice of columns; reused for many calls.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *fetch_open)(mortise_table_t *table, mortise_txn_t *txn,
                                             const mortise_read_view_t *view,
                                             const uint32_t *columns, uint32_t columns_count,
                                             mortise_table_scan_t **scan, mortise_error_t *error);

  /* Reads rows by id: up to MORTISE_BATCH_ROWS_MAX.  The batch has one physical row per id asked,
   * in
   * that order; `selection` leaves out rows the view does not see.  Valid until the next call.
   * [worker] */
  mortise_status_t(MORTISE_CALL *fetch)(mortise_table_scan_t *scan, const mortise_row_id_t *row_ids,
                                        uint32_t rows_count, mortise_batch_t *batch,
                                        mortise_error_t *error);

  /* For unique checks: waits until no other running transaction holds the rows' newest versions
   * (per `wait`), then says per row 1 if the newest version, committed or own, is alive and its
   * `columns` equal the batch's, else 0.  Null never equals unless `nulls_are_equal`.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *probe)(mortise_table_t *table, mortise_txn_t *txn,
                                        const uint32_t *columns, uint32_t nulls_are_equal,
                                        const mortise_batch_t *keys, uint32_t wait,
                                        uint8_t *is_alive, mortise_error_t *error);

  /* [any, concurrent] */
  mortise_status_t(MORTISE_CALL *stats)(mortise_table_t *table, mortise_table_stats_t *stats,
                                        mortise_error_t *error);

  /* Checks every labelled invariant of the stored table; findings go to `report`, one call each.
   * MORTISE_E_CORRUPT if there was any.
   * [worker] */
  mortise_status_t(MORTISE_CALL *verify)(mortise_table_t *table,
                                         void(MORTISE_CALL *report)(void *context,
                                                                    mortise_str_t finding),
                                         void *context, mortise_error_t *error);
} mortise_iface_table_engine_t;

#ifdef __cplusplus
}
#endif
