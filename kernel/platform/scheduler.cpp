// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/scheduler.hpp"

namespace mortise::platform {
namespace {

thread_local Scheduler* installed = nullptr;

}  // namespace

namespace internal {

// Raised before a thread may ask for its Scheduler and lowered by that thread only, so a relaxed
// load on the same thread always sees its own installation.
std::atomic<uint32_t> installed_count{0};

Scheduler* scheduler_of_this_thread() {
  return installed;
}

void yield_to_scheduler(const char* point) {
  if (installed != nullptr) installed->yield(point);
}

}  // namespace internal

Scheduler* install_scheduler(Scheduler* scheduler) {
  Scheduler* const previous = installed;
  if (scheduler != nullptr && previous == nullptr) internal::installed_count.fetch_add(1);
  if (scheduler == nullptr && previous != nullptr) internal::installed_count.fetch_sub(1);
  installed = scheduler;
  return previous;
}

}  // namespace mortise::platform
