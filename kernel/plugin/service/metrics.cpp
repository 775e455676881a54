// SPDX-License-Identifier: Apache-2.0
#include "kernel/observe/metrics.hpp"

#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/metrics.h"

namespace mortise::plugin {

namespace {

static_assert(static_cast<uint32_t>(observe::MetricKind::counter) == MORTISE_METRIC_COUNTER);
static_assert(static_cast<uint32_t>(observe::MetricKind::gauge) == MORTISE_METRIC_GAUGE);
static_assert(static_cast<uint32_t>(observe::MetricKind::histogram) == MORTISE_METRIC_HISTOGRAM);

mortise_status_t MORTISE_CALL define(mortise_str_t scope, mortise_str_t name, uint32_t kind,
                                     mortise_str_t help, mortise_metric_t* metric,
                                     mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (kind < MORTISE_METRIC_COUNTER || kind > MORTISE_METRIC_HISTOGRAM) {
      return invalid("there is no metric kind " + std::to_string(kind));
    }
    MORTISE_TRY_ASSIGN(*metric, service_backends().metrics->define(
                                    view_of(scope), view_of(name),
                                    static_cast<observe::MetricKind>(kind), view_of(help)));
    return {};
  });
}

void MORTISE_CALL add(mortise_metric_t metric, int64_t amount) {
  service_backends().metrics->add(metric, amount);
}

int64_t MORTISE_CALL read(mortise_metric_t metric) {
  return service_backends().metrics->read(metric);
}

constexpr mortise_iface_metrics_t kTable = {header_of<mortise_iface_metrics_t>(), define, add,
                                            read};

}  // namespace

const void* metrics_table() {
  return &kTable;
}

}  // namespace mortise::plugin
