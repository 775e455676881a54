/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a plugin keep its own structures on the kernel's pages?
 *
 * Pages belong to segments; a segment belongs to a catalog object.  A page is read under a guard
 * and
 * changed only inside a mini-transaction (mtr): the changes of one mtr reach the disk together or
 * not at all.  The kernel logs them as byte ranges, so recovery repeats them without the plugin.
 *
 * Rules of use
 *   1. Fix and allocate first, change afterwards: from the first change to mtr_commit nothing may
 *      fail and nothing may wait but for the log.
 *   2. Latch order: parent before child, left before right, then allocation.
 *   3. Never wait for a lock or another plugin while holding a guard.
 *   4. Bytes read under an optimistic guard are hints until `validate` says 1: check every offset
 *      before following it, copy before comparing.
 *
 * Invariants
 *   G1  The first MORTISE_PAGE_HEADER_BYTES of a page are the kernel's; offsets below it are
 *   refused.
 *   G2  An mtr's changes are in the log before any of its pages can be written to disk.
 *   G3  A page's version changes whenever its content may have.
 */

#include "mortise/iface/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_PAGE "mortise.page/1"
#define MORTISE_PAGE_UNIT_BYTES 4096u
#define MORTISE_PAGE_HEADER_BYTES 32u
#define MORTISE_PAGE_CLASS_MAX 8u /* page size = 4 KiB << class */

#define MORTISE_LATCH_OPTIMISTIC 1u
#define MORTISE_LATCH_SHARED 2u
#define MORTISE_LATCH_EXCLUSIVE 3u

/* Why the page is wanted: advice for replacement and prefetch. */
#define MORTISE_HINT_NONE 0u
#define MORTISE_HINT_SCAN 1u  /* once, in order */
#define MORTISE_HINT_INNER 2u /* an index's inner page: stays */
#define MORTISE_HINT_UNDO 3u

typedef struct mortise_mtr mortise_mtr_t;

/* A fixed page.  The caller's memory; filled by fix, invalid after unfix (or the mtr's end). */
typedef struct mortise_page {
  uint8_t *data; /* size_bytes; changed through the mtr only */
  mortise_page_id_t id;
  uint64_t version;
  void *frame; /* the kernel's */
  uint32_t size_bytes;
  uint32_t latch; /* MORTISE_LATCH_* */
} mortise_page_t; /* frozen: 40 bytes */

typedef struct mortise_iface_page {
  mortise_header_t header;

  /* Gives a page type a number that stays with the instance; the same name and format give the same
   * number again.  `format` is the plugin's; a newer one than the plugin knows is its to refuse.
   * [control] */
  mortise_status_t(MORTISE_CALL *type_register)(mortise_str_t name, uint32_t format, uint8_t *type,
                                                mortise_error_t *error);

  /* Creates a segment whose anchor page is of `type`.  The anchor keeps its id for the segment's
   * life
   * and is the place for a root pointer.  Undone if the transaction aborts.
   * [worker] */
  mortise_status_t(MORTISE_CALL *segment_create)(mortise_txn_t *txn, mortise_object_id_t owner,
                                                 uint8_t type, mortise_segment_id_t *segment,
                                                 mortise_page_id_t *anchor, mortise_error_t *error);

  /* Drops a segment when the transaction commits; its pages are reused once no view can need them.
   * [worker] */
  mortise_status_t(MORTISE_CALL *segment_drop)(mortise_txn_t *txn, mortise_segment_id_t segment,
                                               mortise_error_t *error);

  /* Anchor page and size of a segment.  MORTISE_E_NOT_FOUND.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *segment_info)(mortise_segment_id_t segment,
                                               mortise_page_id_t *anchor, uint64_t *pages_count,
                                               mortise_error_t *error);

  /* Fixes a page.  MORTISE_E_CORRUPT (XX001) names a damaged page; MORTISE_E_LIMIT (53200): every
   * frame of the pool is in use.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *fix)(mortise_page_id_t id, uint32_t latch, uint32_t hint,
                                      mortise_page_t *page, mortise_error_t *error);

  /* 1: what was read since `fix` is what the page held.  Shared and exclusive guards: always 1.
   * [any] */
  uint32_t(MORTISE_CALL *validate)(const mortise_page_t *page);

  /* Lets go.  [any] */
  void(MORTISE_CALL *unfix)(mortise_page_t *page);

  /* Asks for pages to be read in the background.  [any, concurrent] */
  void(MORTISE_CALL *prefetch)(const mortise_page_id_t *ids, uint32_t ids_count);

  /* Begins a mini-transaction; `txn` may be null for changes that belong to no transaction
   * (splits).
   * [worker] */
  mortise_status_t(MORTISE_CALL *mtr_begin)(mortise_txn_t *txn, mortise_mtr_t **mtr,
                                            mortise_error_t *error);

  /* Fixes a page exclusively; held until the mtr ends.  A page already in the mtr is returned
   * again.
   * [worker] */
  mortise_status_t(MORTISE_CALL *mtr_fix)(mortise_mtr_t *mtr, mortise_page_id_t id,
                                          mortise_page_t *page, mortise_error_t *error);

  /* Turns an optimistic guard into an exclusive one of the mtr.  MORTISE_AGAIN: the page has
   * changed;
   * the guard is gone, start over.
   * [worker] */
  mortise_status_t(MORTISE_CALL *mtr_upgrade)(mortise_mtr_t *mtr, mortise_page_t *page,
                                              mortise_error_t *error);

  /* Allocates a page of a segment: zeroed after its header, exclusive, in the mtr.
   * [worker] */
  mortise_status_t(MORTISE_CALL *mtr_allocate)(mortise_mtr_t *mtr, mortise_segment_id_t segment,
                                               uint32_t size_class, uint8_t type,
                                               mortise_page_t *page, mortise_error_t *error);

  /* Gives a page of the mtr back to its segment.  [worker] */
  mortise_status_t(MORTISE_CALL *mtr_free)(mortise_mtr_t *mtr, mortise_page_t *page,
                                           mortise_error_t *error);

  /* Change bytes of a page in the mtr, and log it.  Offsets count from the page's start.  Cannot
   * fail; a range outside the page ends the process (a fault of the plugin).
   * `write` copies, `move` is memmove inside the page, `fill` is memset.
   * [worker] */
  void(MORTISE_CALL *mtr_write)(mortise_mtr_t *mtr, mortise_page_t *page, uint32_t offset_bytes,
                                const void *bytes, uint32_t size_bytes);
  void(MORTISE_CALL *mtr_move)(mortise_mtr_t *mtr, mortise_page_t *page, uint32_t to_bytes,
                               uint32_t from_bytes, uint32_t size_bytes);
  void(MORTISE_CALL *mtr_fill)(mortise_mtr_t *mtr, mortise_page_t *page, uint32_t offset_bytes,
                               uint32_t size_bytes, uint8_t value);

  /* Ends the mtr: logs its changes as one record, releases its pages.  Nothing is durable yet; a
   * transaction's commit makes it so.
   * [worker] */
  mortise_status_t(MORTISE_CALL *mtr_commit)(mortise_mtr_t *mtr, mortise_error_t *error);

  /* Ends an mtr that has changed nothing; asserts that.  Allocated pages go back.
   * [worker] */
  void(MORTISE_CALL *mtr_cancel)(mortise_mtr_t *mtr);
} mortise_iface_page_t;

#ifdef __cplusplus
}
#endif
