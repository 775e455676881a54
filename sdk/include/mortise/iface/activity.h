/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: who is connected, and what are they doing?
 *
 * The query engine registers each session and says what it does; monitors read the list
 * (pg_stat_activity) and ask for sessions to be cancelled or ended.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_ACTIVITY "mortise.activity/1"

typedef uint64_t mortise_activity_t; /* generation:32 | index:32; 0 = none */

#define MORTISE_ACTIVITY_IDLE 0u
#define MORTISE_ACTIVITY_ACTIVE 1u
#define MORTISE_ACTIVITY_IDLE_IN_TRANSACTION 2u
#define MORTISE_ACTIVITY_FAILED_IN_TRANSACTION 3u

typedef struct mortise_activity_info {
  uint32_t struct_size_bytes;
  uint32_t process_id;
  mortise_str_t user;
  mortise_str_t database;
  mortise_str_t application_name;
  mortise_str_t client_address;
  mortise_str_t statement; /* the current or the last one */
  uint32_t state;          /* MORTISE_ACTIVITY_* */
  uint32_t reserved;
  uint64_t txid;
  int64_t connected_us; /* microseconds since 1970 */
  int64_t transaction_began_us;
  int64_t statement_began_us;
  int64_t state_changed_us;
} mortise_activity_info_t;

typedef struct mortise_iface_activity {
  mortise_header_t header;

  /* Registers a session; strings are copied.  `cancel` (end the statement) and `terminate` (end the
   * session) may be called from any thread until `end` returns.  MORTISE_E_LIMIT (53300): too many.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *begin)(const mortise_activity_info_t *info,
                                        void(MORTISE_CALL *cancel)(void *context),
                                        void(MORTISE_CALL *terminate)(void *context), void *context,
                                        mortise_activity_t *activity, mortise_error_t *error);

  /* Says what the session does now; `statement` is copied up to the setting
   * activity_statement_size;
   * a null `data` leaves it as it was.
   * [any] */
  void(MORTISE_CALL *set_state)(mortise_activity_t activity, uint32_t state, uint64_t txid,
                                mortise_str_t statement);
  void(MORTISE_CALL *set_application_name)(mortise_activity_t activity, mortise_str_t name);

  /* [any] */
  void(MORTISE_CALL *end)(mortise_activity_t activity);

  /* Visits sessions; strings live for the call.  `visit` returns 0 to go on.  [any, concurrent] */
  void(MORTISE_CALL *each)(int32_t(MORTISE_CALL *visit)(void *context,
                                                        const mortise_activity_info_t *info),
                           void *context);

  /* 1 if there was such a session.  [any, concurrent] */
  uint32_t(MORTISE_CALL *cancel)(uint32_t process_id);
  uint32_t(MORTISE_CALL *terminate)(uint32_t process_id);
} mortise_iface_activity_t;

#ifdef __cplusplus
}
#endif
