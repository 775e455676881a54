// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/clock.hpp"

#include <ctime>

#include "kernel/platform/scheduler.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/basic_sync.hpp"

namespace mortise::platform {
namespace {

uint64_t read_clock_ns(clockid_t clock) {
  timespec now{};
  const int answer = clock_gettime(clock, &now);
  MORTISE_ASSERT(answer == 0);
  return static_cast<uint64_t>(now.tv_sec) * kNanosecondsPerSecond +
         static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

uint64_t monotonic_ns() {
  if (Scheduler* scheduler = current_scheduler()) return scheduler->monotonic_ns();
  return read_clock_ns(CLOCK_MONOTONIC);
}

int64_t realtime_us() {
  if (Scheduler* scheduler = current_scheduler()) {
    return static_cast<int64_t>(scheduler->realtime_us());
  }
  return static_cast<int64_t>(read_clock_ns(CLOCK_REALTIME) / kNanosecondsPerMicrosecond);
}

uint64_t thread_cpu_ns() {
  return read_clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

uint64_t deadline_after_ns(uint64_t duration_ns) {
  const uint64_t now = monotonic_ns();
  return duration_ns >= kNoDeadline - now ? kNoDeadline : now + duration_ns;
}

}  // namespace mortise::platform
