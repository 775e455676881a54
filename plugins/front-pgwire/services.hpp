// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: whom does the front call?
//
// Threads: filled in start, then constant: [any, concurrent].

#include "framer.hpp"
#include "mortise/iface/draft/query.h"
#include "mortise/iface/io.h"
#include "mortise/iface/log.h"
#include "mortise/iface/metrics.h"
#include "mortise/iface/task.h"
#include "types.hpp"

namespace mortise::front_pgwire {

class Registry;

struct Services {
  const mortise_iface_io_t* io;
  const mortise_iface_log_t* log;
  const mortise_iface_metrics_t* metrics;
  const mortise_iface_query_t* query;
  const mortise_iface_task_t* task;
  const Types* types;
  Registry* registry;
  MessageMemory memory;
  uint64_t message_bytes_max;
  mortise_metric_t statements_total;
  mortise_metric_t unauthenticated;
  mortise_metric_t unauthenticated_closed_total;
};

}  // namespace mortise::front_pgwire
