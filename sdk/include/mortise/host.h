/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a plugin reach everything else?
 *
 * Through one pointer, by name.  Host services ("mortise.page/1") and what other plugins offer
 * ("mortise.index/1", slot "btree") are asked for with the same call and come back as the function
 * table that the interface's header defines.  A plugin imports no symbol of the host.
 */

#include "mortise/status.h"
#include "mortise/thread.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct mortise_host mortise_host_t;

struct mortise_host {
  mortise_header_t header;
  mortise_str_t product; /* "mortise"; lives as long as the host */
  mortise_str_t version; /* "0.1.0" */

  /* Finds an interface table, or null: absence is an answer.  `interface_id` is the name with its
   * major, "mortise.index/1"; `slot` names one of several providers and is empty where there can
   * be only one.  The table lives as long as the process.  Names listed in the plugin's needs
   * are guaranteed from `start` on; others may be missing.
   * [any, concurrent & sealed] */
  const void *(MORTISE_CALL *find_interface)(const mortise_host_t *host, mortise_str_t interface_id,
                                             mortise_str_t slot);

  /* Calls `visit` once per provider of an interface, in the order the host has settled for it
   * (chains run in this order).  `visit` returns 0 to go on.
   * [any, concurrent & sealed] */
  void(MORTISE_CALL *each_provider)(const mortise_host_t *host, mortise_str_t interface_id,
                                    int32_t(MORTISE_CALL *visit)(void *context, mortise_str_t slot,
                                                                 const void *table),
                                    void *context);
};

#ifdef __cplusplus
}
#endif
