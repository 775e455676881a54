/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a plugin say what happened?
 *
 * A line is an event name and named fields, not a sentence; the host adds time, thread and scope
 * and decides where it goes.  No secrets; no row contents above `trace`; never in a loop over rows.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_LOG "mortise.log/1"

#define MORTISE_LOG_TRACE 0u
#define MORTISE_LOG_DEBUG 1u
#define MORTISE_LOG_INFO 2u  /* state changed */
#define MORTISE_LOG_WARN 3u  /* we coped */
#define MORTISE_LOG_ERROR 4u /* somebody must act */

typedef struct mortise_log_field {
  mortise_str_t name;
  mortise_str_t value;
} mortise_log_field_t; /* frozen */

typedef struct mortise_iface_log {
  mortise_header_t header;

  /* True when a line of this level would be kept; ask before building costly fields.
   * [any, concurrent] */
  uint32_t(MORTISE_CALL *is_enabled)(mortise_str_t scope, uint32_t level);

  /* Writes one line.  Everything is borrowed for the call.  Cannot fail; a sink that cannot keep
   * up drops lines and counts them.
   * [any, concurrent] */
  void(MORTISE_CALL *write)(mortise_str_t scope, uint32_t level, mortise_str_t event,
                            const mortise_log_field_t *fields, uint32_t fields_count);
} mortise_iface_log_t;

#ifdef __cplusplus
}
#endif
