/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: which changes belong together, who sees them when, and who has to wait for whom?
 *
 * A transaction reads through a view (a snapshot and its own changes) and ends with commit or
 * abort.  The kernel gives it a commit number (SCN); SCN order is the order of commit records in
 * the log and the order in which commits become visible.
 *
 * Invariants
 *   X1  A view with snapshot S sees exactly the commits with SCN <= S, whole, and of its own
 *       transaction the changes of commands before `command`.
 *   X2  When commit has answered MORTISE_OK (or its completion has), the transaction survives
 *       any crash, and every view taken from then on sees it.
 *   X3  A transaction that has failed can only be aborted, or rolled back to a savepoint from
 *       before the failure.
 *   X4  A transaction waits at most lock_timeout for a lock, and never for a cycle: one member of a
 *       cycle fails with SQLSTATE 40P01.
 */

#include "mortise/filter.h"
#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_TXN "mortise.txn/1"

typedef struct mortise_txn mortise_txn_t;

#define MORTISE_ISOLATION_READ_COMMITTED 1u
#define MORTISE_ISOLATION_REPEATABLE_READ 2u
#define MORTISE_ISOLATION_SERIALIZABLE 3u

#define MORTISE_DURABILITY_DURABLE 1u /* on disk before commit answers */
/* soon after; a crash may lose the last moments, nothing else */
#define MORTISE_DURABILITY_LAZY 2u

/* Ignores `snapshot`: sees the newest committed version of each row.  For re-reading a row that the
 * transaction has just locked. */
#define MORTISE_READ_LATEST 1u

/* What a reader sees; a value, copied freely while its transaction (or read_open) lasts. */
typedef struct mortise_read_view {
  mortise_scn_t snapshot;
  mortise_txid_t txid; /* its own changes are visible too; 0 = none */
  uint32_t command;    /* own changes of this command and later ones are not visible */
  uint32_t flags;      /* MORTISE_READ_* */
} mortise_read_view_t; /* frozen: 24 bytes */

typedef struct mortise_txn_options {
  uint32_t struct_size_bytes;
  uint32_t isolation;           /* MORTISE_ISOLATION_* */
  uint32_t is_read_only;        /* 1: changes fail with 25006 */
  uint32_t lock_timeout_ms;     /* 0 = the instance's setting */
  mortise_scn_t as_of;          /* read as of this SCN (implies read only); 0 = now */
  /* a wait ends with MORTISE_E_CANCELLED once this is not 0; may be null */
  const uint32_t *interrupt;
} mortise_txn_options_t;

/* Locks on things that are not rows.  The key's meaning is the class's. */
#define MORTISE_LOCK_TABLE 1u    /* key = object id */
#define MORTISE_LOCK_OBJECT 2u   /* key = object id: schema modes for other catalog objects */
#define MORTISE_LOCK_ADVISORY 3u /* key = the user's */
#define MORTISE_LOCK_PAGE 4u     /* key = page id */

#define MORTISE_MODE_IS 1u  /* intends to read rows */
#define MORTISE_MODE_IX 2u  /* intends to change rows */
#define MORTISE_MODE_S 3u   /* reads all, nobody changes */
#define MORTISE_MODE_SIX 4u /* reads all, changes some */
#define MORTISE_MODE_X 5u   /* changes all; plain reads through a view go on */
/* the definition stays as it is; compatible with all but SCHEMA_X */
#define MORTISE_MODE_SCHEMA_S 6u
#define MORTISE_MODE_SCHEMA_X 7u /* the definition changes: excludes everybody */

#define MORTISE_WAIT 0u
#define MORTISE_NOWAIT 1u      /* fail at once: MORTISE_E_BUSY, 55P03 */
#define MORTISE_SKIP_LOCKED 2u /* rows only: outcome MORTISE_ROW_LOCKED */

typedef struct mortise_txn_info {
  uint32_t struct_size_bytes;
  uint32_t isolation;
  mortise_txid_t txid;
  mortise_scn_t snapshot;
  mortise_txid_t waits_for; /* 0 = it does not wait */
  int64_t began_us;         /* since 1970 */
  uint64_t undo_bytes;
  uint32_t is_prepared;
  uint32_t reserved;
  mortise_str_t global_id; /* of a prepared transaction */
} mortise_txn_info_t;

/* Told once when a commit that answered MORTISE_PENDING has ended.  [io] */
typedef void(MORTISE_CALL *mortise_commit_done_t)(void *context, mortise_status_t status,
                                                  const mortise_error_t *reason);

typedef struct mortise_iface_txn {
  mortise_header_t header;

  /* Begins a transaction.  It costs no log and gets its txid with its first change.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *begin)(const mortise_txn_options_t *options, mortise_txn_t **txn,
                                        mortise_error_t *error);

  /* Begins a statement: READ COMMITTED takes a new snapshot; all levels make earlier commands'
   * changes visible to this one.
   * [any] */
  mortise_status_t(MORTISE_CALL *statement_begin)(mortise_txn_t *txn, mortise_read_view_t *view,
                                                  mortise_error_t *error);

  /* The view of the current statement.  [any] */
  void(MORTISE_CALL *view)(const mortise_txn_t *txn, mortise_read_view_t *view);

  /* The transaction's id, assigned now if it has none yet; 0 if read only.  [any] */
  mortise_txid_t(MORTISE_CALL *id)(mortise_txn_t *txn);

  /* Marks a place to return to; ids grow within a transaction.  [any] */
  mortise_status_t(MORTISE_CALL *savepoint)(mortise_txn_t *txn, uint64_t *savepoint,
                                            mortise_error_t *error);

  /* Undoes all changes since the savepoint and releases row locks taken since.  The savepoint
   * stays.
   * [worker] */
  mortise_status_t(MORTISE_CALL *rollback_to)(mortise_txn_t *txn, uint64_t savepoint,
                                              mortise_error_t *error);

  /* Makes the changes permanent and ends the handle, whatever is answered.  MORTISE_PENDING only
   * when `done` is given: the handle has ended, the outcome follows.  MORTISE_E_CONFLICT (40001):
   * validation failed, everything is undone.
   * [worker]; with `done` also [loop] */
  mortise_status_t(MORTISE_CALL *commit)(mortise_txn_t *txn, uint32_t durability,
                                         mortise_commit_done_t done, void *context,
                                         mortise_error_t *error);

  /* Undoes everything and ends the handle.  Cannot fail: what cannot be undone now (disk gone) is
   * undone by the next recovery.
   * [worker] */
  void(MORTISE_CALL *abort)(mortise_txn_t *txn);

  /* Wakes a wait of the transaction so that it looks at options.interrupt.  [any, concurrent] */
  void(MORTISE_CALL *interrupt)(mortise_txn_t *txn);

  /* Two-phase commit.  `prepare` ends the handle; the transaction waits, over restarts, for one of
   * the other two.  42710 for a global id in use, 42704 for an unknown one.
   * [worker] */
  mortise_status_t(MORTISE_CALL *prepare)(mortise_txn_t *txn, mortise_str_t global_id,
                                          mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *commit_prepared)(mortise_str_t global_id, mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *abort_prepared)(mortise_str_t global_id, mortise_error_t *error);

  /* Takes a lock, held until the transaction ends (or rolls back to before it).  Locks add up.
   * [worker] */
  mortise_status_t(MORTISE_CALL *lock)(mortise_txn_t *txn, uint32_t lock_class, uint64_t key,
                                       uint32_t mode, uint32_t wait, mortise_error_t *error);

  /* Gives back one advisory lock before the end; 1 if it was held.  [any] */
  uint32_t(MORTISE_CALL *unlock_advisory)(mortise_txn_t *txn, uint64_t key, uint32_t mode);

  /* Remembers, for SERIALIZABLE, that rows of `table` passing all filters were looked for: also
   * those not found.  Table scans remember by themselves; index probes call this.  At other
   * levels it does nothing.
   * [any] */
  mortise_status_t(MORTISE_CALL *note_read)(mortise_txn_t *txn, mortise_object_id_t table,
                                            const mortise_filter_t *filters, uint32_t filters_count,
                                            mortise_error_t *error);

  /* Opens a view without a transaction, for background readers; MORTISE_E_STALE (72000) when
   * `as_of`
   * is older than what undo still holds.  0 = now.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *read_open)(mortise_scn_t as_of, mortise_read_view_t *view,
                                            mortise_error_t *error);
  void(MORTISE_CALL *read_close)(const mortise_read_view_t *view);

  /* The newest SCN that a view taken now would see.  [any, concurrent] */
  mortise_scn_t(MORTISE_CALL *visible_scn)(void);

  /* SCN of a point in time (microseconds since 1970) and back.  [any, concurrent] */
  mortise_scn_t(MORTISE_CALL *scn_at)(int64_t time_us);
  int64_t(MORTISE_CALL *time_of)(mortise_scn_t scn);

  /* Visits running and prepared transactions.  `visit` returns 0 to go on.  [any, concurrent] */
  void(MORTISE_CALL *each)(int32_t(MORTISE_CALL *visit)(void *context,
                                                        const mortise_txn_info_t *info),
                           void *context);
} mortise_iface_txn_t;

#ifdef __cplusplus
}
#endif
