/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: which rows have this key, or lie between these keys?
 *
 * An index maps keys to row ids.  It knows nothing of transactions: it holds an entry for every
 * version of a row that any view might still see, and possibly for versions that nobody will (an
 * aborted insert).  Whoever reads through it fetches the row and compares the visible version's key
 * with the entry's: that one rule makes every stale entry harmless, and makes recovery need no
 * index code.
 *
 * Invariants
 *   I1  (key, row id) occurs at most once; inserting a pair that is there does nothing.
 *   I2  Every (key, row id) that was inserted and not erased is found, also by scans that started
 *       before the insert's mtr and reach its place after it.
 *   I3  Entries are returned in key order, ties in row-id order; a scan returns each entry once.
 *   I4  `insert` with conflict reporting is atomic with respect to other such inserts of an equal
 *   key:
 *       of two concurrent ones at least one sees the other.
 */

#include "mortise/batch.h"
#include "mortise/iface/page.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_INDEX "mortise.index/1"

/* header.capabilities */
#define MORTISE_INDEX_ORDERED 1u  /* range scans, both directions */
#define MORTISE_INDEX_UNIQUE 2u   /* conflict reporting */
#define MORTISE_INDEX_INCLUDES 4u /* columns beside the key */

typedef struct mortise_index mortise_index_t;
typedef struct mortise_index_scan mortise_index_scan_t;

#define MORTISE_INDEX_DESCENDING 1u
#define MORTISE_INDEX_NULLS_FIRST 2u

typedef struct mortise_index_column {
  mortise_type_t type;
  uint32_t flags; /* MORTISE_INDEX_DESCENDING | MORTISE_INDEX_NULLS_FIRST */
  uint32_t reserved;
} mortise_index_column_t; /* frozen */

typedef struct mortise_index_desc {
  uint32_t struct_size_bytes;
  uint32_t columns_count; /* key columns first, then includes_count included ones */
  const mortise_index_column_t *columns;
  uint32_t includes_count;
  uint32_t fill_percent;      /* of pages made by build; 0 = default */
  mortise_object_id_t object; /* owner in the catalog */
  mortise_segment_id_t segment; /* as `create` gave it; 0 when creating */
} mortise_index_desc_t;

/* A bound of a range: values for the leading key columns, as row 0 of a batch. */
typedef struct mortise_index_bound {
  const mortise_batch_t *values; /* null = open; its columns_count may be less than the key's */
  uint32_t is_inclusive;
  uint32_t reserved;
} mortise_index_bound_t;

/* An insert that met an equal key. */
typedef struct mortise_index_conflict {
  uint32_t row_index; /* position among the selected rows that were inserted */
  uint32_t reserved;
  mortise_row_id_t row_id; /* of the other entry */
} mortise_index_conflict_t;  /* frozen */

/* Receives conflicts; may be called several times in one insert, no latch is held. */
typedef void(MORTISE_CALL *mortise_index_on_conflict_t)(void *context,
                                                        const mortise_index_conflict_t *conflicts,
                                                        uint32_t conflicts_count);

typedef struct mortise_index_stats {
  uint32_t struct_size_bytes;
  uint32_t height; /* 1 = a leaf alone */
  uint64_t entries_estimate;
  uint64_t pages_count;
} mortise_index_stats_t;

typedef struct mortise_iface_index {
  mortise_header_t header; /* capabilities: MORTISE_INDEX_* */

  /* Creates an empty index; undone if the transaction aborts.  MORTISE_E_UNSUPPORTED for a type or
   * option it does not know.
   * [worker] */
  mortise_status_t(MORTISE_CALL *create)(mortise_txn_t *txn, const mortise_index_desc_t *desc,
                                         mortise_segment_id_t *segment, mortise_error_t *error);
  /* Drops it when the transaction commits.  [worker] */
  mortise_status_t(MORTISE_CALL *drop)(mortise_txn_t *txn, mortise_segment_id_t segment,
                                       mortise_error_t *error);

  /* Opens a handle; `desc` is copied.  [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *open)(const mortise_index_desc_t *desc, mortise_index_t **index,
                                       mortise_error_t *error);
  /* [worker] */
  void(MORTISE_CALL *close)(mortise_index_t *index);

  /* Adds the batch's selected rows: columns as in the desc, row_ids set.  With `on_conflict`, tells
   * the row ids of other entries with an equal key; keys with a null part conflict only when
   * `nulls_are_equal`.  The entry is added in any case: the caller decides by looking at the rows.
   * MORTISE_E_LIMIT (54000) for a key that is too long.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *insert)(mortise_index_t *index, mortise_txn_t *txn,
                                         const mortise_batch_t *rows, uint32_t nulls_are_equal,
                                         mortise_index_on_conflict_t on_conflict, void *context,
                                         mortise_error_t *error);

  /* Removes entries; those that are not there are passed over.  The caller makes sure that no
   * version with that key lives or comes to life meanwhile.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *erase)(mortise_index_t *index, const mortise_batch_t *rows,
                                        mortise_error_t *error);

  /* Fills a new index from batches pulled through `next` (as scan_next of a table: columns as in
   * the
   * desc, row ids), in any order.  Equal keys go to `on_conflict` with both row ids in turn, if
   * set.
   * [worker] */
  mortise_status_t(MORTISE_CALL *build)(
      mortise_index_t *index, mortise_txn_t *txn,
      mortise_status_t(MORTISE_CALL *next)(void *source, mortise_batch_t *batch,
                                           mortise_error_t *error),
      void *source, mortise_index_on_conflict_t on_conflict, void *context, mortise_error_t *error);

  /* Opens a scan between two bounds.  `is_backward` needs MORTISE_INDEX_ORDERED.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *scan_open)(mortise_index_t *index,
                                            const mortise_index_bound_t *lower,
                                            const mortise_index_bound_t *upper,
                                            uint32_t is_backward, mortise_index_scan_t **scan,
                                            mortise_error_t *error);

  /* Gives up to `rows_max` entries: a batch of one BYTES column, the encoded keys, and row ids.
   * MORTISE_END after the last.  Valid until the next call.
   * [worker] */
  mortise_status_t(MORTISE_CALL *scan_next)(mortise_index_scan_t *scan, uint32_t rows_max,
                                            mortise_batch_t *batch, mortise_error_t *error);
  /* [worker] */
  void(MORTISE_CALL *scan_close)(mortise_index_scan_t *scan);

  /* Finds all entries whose leading columns equal the rows of `keys` (its columns_count may be less
   * than the key's); null parts match nothing.  Answers through `visit`, in any order, in chunks:
   * positions among the selected rows of `keys`, and row ids.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *lookup)(
      mortise_index_t *index, const mortise_batch_t *keys,
      mortise_status_t(MORTISE_CALL *visit)(void *context, const uint32_t *key_indexes,
                                            const mortise_row_id_t *row_ids, uint32_t count,
                                            mortise_error_t *error),
      void *context, mortise_error_t *error);

  /* Encodes key columns as the index does, so that an entry can be compared with a fetched row by
   * its bytes.  `out` holds rows_count views; longer bytes come from `allocate`.
   * [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *encode_keys)(mortise_index_t *index, const mortise_batch_t *keys,
                                              void *(MORTISE_CALL *allocate)(void *context,
                                                                             uint64_t size_bytes),
                                              void *context, mortise_view_t *out,
                                              mortise_error_t *error);

  /* Estimates how many entries lie between two bounds.  [worker & active, concurrent] */
  mortise_status_t(MORTISE_CALL *estimate)(mortise_index_t *index,
                                           const mortise_index_bound_t *lower,
                                           const mortise_index_bound_t *upper, double *entries,
                                           mortise_error_t *error);
  /* [any, concurrent] */
  mortise_status_t(MORTISE_CALL *stats)(mortise_index_t *index, mortise_index_stats_t *stats,
                                        mortise_error_t *error);

  /* Checks every labelled invariant; findings go to `report`.  MORTISE_E_CORRUPT if any.
   * [worker] */
  mortise_status_t(MORTISE_CALL *verify)(mortise_index_t *index,
                                         void(MORTISE_CALL *report)(void *context,
                                                                    mortise_str_t finding),
                                         void *context, mortise_error_t *error);
} mortise_iface_index_t;

#ifdef __cplusplus
}
#endif
