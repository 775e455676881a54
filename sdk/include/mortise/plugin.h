/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: what is a plugin?
 *
 * A shared library with one exported function, mortise_plugin_query_v1 (entry.h), that returns a
 * constant description: who it is, what it needs, what it offers, and how to start and stop it.
 * The same facts stand in plugin.toml, where the host reads them before any code runs; a
 * difference between the two refuses the plugin.
 *
 * Life
 *   query        pure: no allocation, no I/O, no threads; may be called out of process
 *   start        all needs are resolved; reads settings, opens what it serves
 *   ...          active: its tables are called
 *   stop         no call of its tables is running or will come; everything is given back
 *   The library is never unmapped.
 *
 * Invariants
 *   P1  The description and all tables are constant and live as long as the process.
 *   P2  Providers start before, and stop after, those who need them.
 *   P3  State hangs on the instance that `start` returns; a plugin has no mutable globals but the
 *       host pointer it was started with.
 */

#include "mortise/host.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mortise_need {
  mortise_str_t interface_id; /* "mortise.page/1" */
  mortise_str_t slot;         /* "" = any provider */
  uint16_t minor_min;
  uint16_t is_optional; /* 1: starts without it */
  uint32_t reserved;
} mortise_need_t; /* frozen */

typedef struct mortise_offer {
  mortise_str_t interface_id;
  mortise_str_t slot;
  const void *table; /* begins with mortise_header_t */
} mortise_offer_t;   /* frozen */

typedef struct mortise_plugin mortise_plugin_t;
struct mortise_plugin {
  mortise_header_t header;
  mortise_str_t name;        /* "index-btree": folder, target, manifest and log scope */
  mortise_str_t version;     /* SemVer */
  mortise_str_t sdk_version; /* of the headers it was compiled with */
  const mortise_need_t *needs;
  uint32_t needs_count;
  uint32_t offers_count;
  const mortise_offer_t *offers;

  /* Begins serving.  `*instance` is handed to `stop`.  A failure leaves nothing behind and its text
   * goes to the operator.
   * [control & !active] */
  mortise_status_t(MORTISE_CALL *start)(const mortise_host_t *host, void **instance,
                                        mortise_error_t *error);

  /* Asks for quiet: refuse new work, cancel what runs, close listeners; returns at once.  May be
   * null.
   * [control & active] */
  void(MORTISE_CALL *drain)(void *instance);

  /* Ends the instance and gives everything back.  Cannot fail.
   * [control & active] */
  void(MORTISE_CALL *stop)(void *instance);
};

#ifdef __cplusplus
}
#endif
