/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: what did the operator ask for?
 *
 * Settings are declared in plugin.toml ([settings.name]: type, default, range, scope, help) and
 * read here.  Sources, later ones win: mortise.toml, operator manifest, ALTER SYSTEM, SET.  Values
 * of a plugin's own settings are named "plugin.setting" ("front-pgwire.port"); the kernel's have
 * no plugin part ("buffer_pool_size").
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_SETTINGS "mortise.settings/1"

typedef struct mortise_setting_info {
  mortise_str_t name;
  mortise_str_t value; /* current, as text */
  mortise_str_t default_value;
  mortise_str_t type;   /* bool int float text bytes duration enum */
  mortise_str_t unit;   /* "", "bytes", "ms" */
  mortise_str_t source; /* default file manifest system */
  mortise_str_t help;
  mortise_str_t minimum;
  mortise_str_t maximum;
  mortise_str_t choices;      /* enum: comma separated */
  uint32_t needs_restart;     /* 1: a change waits for the next start */
  uint32_t is_session_scoped; /* 1: SET may change it for a session */
} mortise_setting_info_t;

typedef struct mortise_iface_settings {
  mortise_header_t header;

  /* Reads the instance-wide value.  An unknown name is a fault of the caller: MORTISE_E_NOT_FOUND
   * with the nearest known name.  bytes and duration settings come as integers, in bytes and in
   * milliseconds.  The text of `get_text` is copied into the caller's buffer; `*size_bytes` is its
   * full length, also when the buffer was shorter.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *get_bool)(mortise_str_t name, uint32_t *value,
                                           mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *get_integer)(mortise_str_t name, int64_t *value,
                                              mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *get_float)(mortise_str_t name, double *value,
                                            mortise_error_t *error);
  mortise_status_t(MORTISE_CALL *get_text)(mortise_str_t name, char *buffer,
                                           uint64_t capacity_bytes, uint64_t *size_bytes,
                                           mortise_error_t *error);

  /* Checks a value against a setting's type and range without setting it.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *check)(mortise_str_t name, mortise_str_t value,
                                        mortise_error_t *error);

  /* Changes the instance-wide value and keeps it over restarts (ALTER SYSTEM).
   * [worker] */
  mortise_status_t(MORTISE_CALL *set_system)(mortise_str_t name, mortise_str_t value,
                                             mortise_error_t *error);

  /* Visits every setting in the order of names.  Strings live for the call.  `visit` returns 0 to
   * go on.
   * [any, concurrent] */
  void(MORTISE_CALL *each)(int32_t(MORTISE_CALL *visit)(void *context,
                                                        const mortise_setting_info_t *info),
                           void *context);
} mortise_iface_settings_t;

#ifdef __cplusplus
}
#endif
