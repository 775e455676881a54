// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/service/services.hpp"

#include <memory>

#include "kernel/plugin/service/lifetimes.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/iface/activity.h"
#include "mortise/iface/io.h"
#include "mortise/iface/log.h"
#include "mortise/iface/memory.h"
#include "mortise/iface/metrics.h"
#include "mortise/iface/settings.h"
#include "mortise/iface/sync.h"
#include "mortise/iface/task.h"

namespace mortise::plugin {

namespace {

// Changed by install and remove only, while no plugin runs (S1).
std::unique_ptr<ServiceBackends>& installed() {
  static std::unique_ptr<ServiceBackends> backends;
  return backends;
}

}  // namespace

Status install_services(ServiceBackends backends) {
  if (installed() != nullptr) return busy("an instance is open in this process already");
  installed() = std::make_unique<ServiceBackends>(std::move(backends));
  open_root_account();
  return {};
}

void remove_services() {
  if (installed() == nullptr) return;
  close_listeners();
  close_root_account();
  installed().reset();
}

const ServiceBackends& service_backends() {
  MORTISE_ASSERT(installed() != nullptr);
  return *installed();
}

std::vector<ServiceTable> basic_services() {
  return {{MORTISE_IFACE_LOG, log_table()},
          {MORTISE_IFACE_MEMORY, memory_table()},
          {MORTISE_IFACE_SETTINGS, settings_table()},
          {MORTISE_IFACE_METRICS, metrics_table()},
          {MORTISE_IFACE_SYNC, sync_table()},
          {MORTISE_IFACE_TASK, task_table()},
          {MORTISE_IFACE_IO, io_table()},
          {MORTISE_IFACE_ACTIVITY, activity_table()}};
}

}  // namespace mortise::plugin
