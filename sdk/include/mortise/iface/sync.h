/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a plugin wait, tell the time and draw random numbers?
 *
 * Through the host, so that the same plugin runs unchanged under the simulator, where threads are
 * fibers, time is simulated and every choice follows a seed.  mortise/cpp/sync.hpp builds Mutex and
 * CondVar on these calls; a plugin uses no other primitive that waits.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_SYNC "mortise.sync/1"

typedef struct mortise_thread mortise_thread_t;

typedef struct mortise_iface_sync {
  mortise_header_t header;

  /* Sleeps while *word == expected, until woken or until `deadline_ns` of the monotonic clock
   * (UINT64_MAX = for ever).  May wake without reason.
   * [worker, concurrent] */
  void(MORTISE_CALL *park)(const uint32_t *word, uint32_t expected, uint64_t deadline_ns);

  /* Wakes up to `count` threads that sleep on `word`.
   * [any, concurrent] */
  void(MORTISE_CALL *wake)(const uint32_t *word, uint32_t count);

  /* Lets another thread run; a place where the simulator may switch.  `name` is a string literal.
   * [any, concurrent] */
  void(MORTISE_CALL *yield)(const char *name);

  /* Nanoseconds since an arbitrary start; never goes back.
   * [any, concurrent] */
  uint64_t(MORTISE_CALL *monotonic_ns)(void);

  /* Microseconds since 1970-01-01 UTC; may jump.
   * [any, concurrent] */
  int64_t(MORTISE_CALL *realtime_us)(void);

  /* Fills with random bytes: fit for keys outside the simulator, seeded inside.
   * [any, concurrent] */
  void(MORTISE_CALL *random)(void *bytes, uint64_t size_bytes);

  /* Starts a thread of the plugin's own, for libraries that need one.  `name` is copied;
   * `stack_size_bytes` 0 = the host's usual one; only what is touched of it costs memory.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *thread_start)(mortise_str_t name, uint64_t stack_size_bytes,
                                               void(MORTISE_CALL *run)(void *context),
                                               void *context, mortise_thread_t **thread,
                                               mortise_error_t *error);

  /* Waits for its end and frees the handle.
   * [worker] */
  void(MORTISE_CALL *thread_join)(mortise_thread_t *thread);
} mortise_iface_sync_t;

#ifdef __cplusplus
}
#endif
