/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: what objects exist, as this transaction sees them?
 *
 * The catalog is rows like any others: (kind, id, parent, name, version, body) under MVCC and log,
 * so
 * DDL is transactional, survives crashes and can be read as of the past.  The kernel knows names
 * and
 * bytes; what a body means is the business of the plugin that owns the kind (the SQL kinds are
 * described in mortise/cpp/schema.hpp, for everybody to read).
 *
 * Invariants
 *   K1  (kind, id) is unique; (kind, parent, name) is unique among objects one view can see.
 *   K2  Ids are never reused.  Ids from 16384 on are user objects.
 *   K3  An object's version is the count of its changes, from 1.
 */

#include "mortise/iface/txn.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_CATALOG "mortise.catalog/1"

#define MORTISE_OBJECT_ID_USER_MIN 16384u

/* Kinds.  Below 1,000 they are fixed here; a plugin's own come from kind_register. */
#define MORTISE_KIND_DATABASE 1u
#define MORTISE_KIND_SCHEMA 2u
#define MORTISE_KIND_RELATION 3u   /* tables, views, sequences: their names share one space */
#define MORTISE_KIND_INDEX 4u      /* parent = relation's schema: also shares that space (K1 is kept
                                      by the SQL engine) */
#define MORTISE_KIND_CONSTRAINT 5u /* parent = relation */
#define MORTISE_KIND_ROLE 6u
#define MORTISE_KIND_TYPE 7u
#define MORTISE_KIND_FUNCTION 8u
#define MORTISE_KIND_COMMENT 9u
#define MORTISE_KIND_SETTING 10u /* values set by ALTER DATABASE / ROLE */
#define MORTISE_KIND_TRIGGER 11u
#define MORTISE_KIND_STATISTICS 12u

typedef struct mortise_object {
  uint32_t struct_size_bytes;
  uint32_t kind;
  mortise_object_id_t id;
  mortise_object_id_t parent;
  mortise_str_t name;
  uint64_t version; /* K3 */
  mortise_bytes_t body;
} mortise_object_t;

typedef int32_t(MORTISE_CALL *mortise_object_visit_t)(void *context,
                                                      const mortise_object_t *object);

typedef struct mortise_iface_catalog {
  mortise_header_t header;

  /* Finds an object and calls `visit` with it; its strings live for the call only.
   * MORTISE_E_NOT_FOUND when the view sees none.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *get)(const mortise_read_view_t *view, uint32_t kind,
                                      mortise_object_id_t id, mortise_object_visit_t visit,
                                      void *context, mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *find)(const mortise_read_view_t *view, uint32_t kind,
                                       mortise_object_id_t parent, mortise_str_t name,
                                       mortise_object_visit_t visit, void *context,
                                       mortise_error_t *error);

  /* Visits the objects of a kind in the order of ids; `parent` 0 = all.  `visit` returns 0 to go
   * on.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *each)(const mortise_read_view_t *view, uint32_t kind,
                                       mortise_object_id_t parent, mortise_object_visit_t visit,
                                       void *context, mortise_error_t *error);

  /* Takes a new id.  Not given back if the transaction aborts.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *next_id)(mortise_object_id_t *id, mortise_error_t *error);

  /* Adds (version 0) or changes (version as read) an object.  MORTISE_E_DUPLICATE: the name is
   * taken;
   * MORTISE_E_CONFLICT: somebody changed it since.  Lock the object first.
   * [worker] */
  mortise_status_t(MORTISE_CALL *put)(mortise_txn_t *txn, const mortise_object_t *object,
                                      mortise_error_t *error);

  /* Removes an object.  MORTISE_E_NOT_FOUND.
   * [worker] */
  mortise_status_t(MORTISE_CALL *erase)(mortise_txn_t *txn, uint32_t kind, mortise_object_id_t id,
                                        mortise_error_t *error);

  /* A number that changes whenever a committed transaction has changed the catalog: caches made
   * under an older number are looked at again.
   * [any, concurrent] */
  uint64_t(MORTISE_CALL *epoch)(void);

  /* Gives a plugin's kind a number that stays with the instance.
   * [control] */
  mortise_status_t(MORTISE_CALL *kind_register)(mortise_str_t name, uint32_t *kind,
                                                mortise_error_t *error);
} mortise_iface_catalog_t;

#ifdef __cplusplus
}
#endif
