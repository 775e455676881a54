/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does work get onto the machine's cores?
 *
 * As tasks.  `submit` takes short work that computes; `submit_blocking` takes work that may wait
 * for
 * locks, disk or a client and runs on an elastic pool; `parallel` splits one long job into morsels
 * that idle workers help with.
 *
 * Invariants
 *   T1  A task runs once, or never if the host stops first; `submit*` after stop is refused.
 *   T2  A task that was submitted has finished before the plugin's `stop` is called.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_TASK "mortise.task/1"

#define MORTISE_PRIORITY_HIGH 0u
#define MORTISE_PRIORITY_NORMAL 1u
#define MORTISE_PRIORITY_BACKGROUND 2u

typedef void(MORTISE_CALL *mortise_task_run_t)(void *context);
/* Called once per morsel; a status other than MORTISE_OK stops the others. */
typedef mortise_status_t(MORTISE_CALL *mortise_morsel_run_t)(void *context, uint64_t morsel_index,
                                                             uint32_t worker_index,
                                                             mortise_error_t *error);
typedef uint64_t mortise_timer_t; /* generation:32 | index:32; 0 = none */

typedef struct mortise_iface_task {
  mortise_header_t header;

  /* Number of workers: the degree of parallelism of `parallel`.
   * [any, concurrent] */
  uint32_t(MORTISE_CALL *workers_count)(void);

  /* Queues short work.  [any, concurrent] */
  mortise_status_t(MORTISE_CALL *submit)(uint32_t priority, mortise_task_run_t run, void *context,
                                         mortise_error_t *error);

  /* Queues work that may wait.  MORTISE_E_LIMIT when the pool is at its maximum and its queue is
   * full.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *submit_blocking)(mortise_task_run_t run, void *context,
                                                  mortise_error_t *error);

  /* Runs morsels 0 .. morsels_count-1 on up to `workers_max` workers and the caller itself; returns
   * when all have ended.  `worker_index` is below workers_max+1 and not shared by two calls at a
   * time.  The first failure is returned and stops the rest.
   * [worker] */
  mortise_status_t(MORTISE_CALL *parallel)(uint64_t morsels_count, uint32_t workers_max,
                                           mortise_morsel_run_t run, void *context,
                                           mortise_error_t *error);

  /* Runs `run` after `delay_ns`, then every `period_ns` (0 = once), on a worker.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *timer_start)(uint64_t delay_ns, uint64_t period_ns,
                                              mortise_task_run_t run, void *context,
                                              mortise_timer_t *timer, mortise_error_t *error);

  /* Ends a timer; when it returns, `run` is not running and will not run again.
   * [worker] */
  void(MORTISE_CALL *timer_stop)(mortise_timer_t timer);
} mortise_iface_task_t;

#ifdef __cplusplus
}
#endif
