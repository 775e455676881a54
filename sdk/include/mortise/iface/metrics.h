/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how often, how much, how long?
 *
 * Metrics are defined once, at start, and then only added to.  Adding is a relaxed add on a slot of
 * the calling thread: no lock, no lookup.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_METRICS "mortise.metrics/1"

typedef uint32_t mortise_metric_t; /* 0 = none: adding to it does nothing */

#define MORTISE_METRIC_COUNTER 1u   /* only grows */
#define MORTISE_METRIC_GAUGE 2u     /* goes up and down */
#define MORTISE_METRIC_HISTOGRAM 3u /* powers of two of the unit */

typedef struct mortise_iface_metrics {
  mortise_header_t header;

  /* Defines a metric, or finds it when the same definition is there.  `name` carries the unit last
   * ("statements_total", "commit_wait_ns").  MORTISE_E_DUPLICATE for the same name with another
   * kind,
   * MORTISE_E_LIMIT past 4,096 metrics.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *define)(mortise_str_t scope, mortise_str_t name, uint32_t kind,
                                         mortise_str_t help, mortise_metric_t *metric,
                                         mortise_error_t *error);

  /* Adds to a counter or gauge, records into a histogram.
   * [any, concurrent] */
  void(MORTISE_CALL *add)(mortise_metric_t metric, int64_t amount);

  /* Reads the sum over all threads (a histogram: the count of records).
   * [any, concurrent] */
  int64_t(MORTISE_CALL *read)(mortise_metric_t metric);
} mortise_iface_metrics_t;

#ifdef __cplusplus
}
#endif
