// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what time is it?
//
// Intervals and deadlines use monotonic_ns, which never goes back; what a user sees uses
// realtime_us.  Both come from the installed Scheduler when there is one.
//
// Threads: [any, concurrent]

#include <cstdint>

namespace mortise::platform {

inline constexpr uint64_t kNanosecondsPerMicrosecond = 1000;
inline constexpr uint64_t kNanosecondsPerMillisecond = 1000 * 1000;
inline constexpr uint64_t kNanosecondsPerSecond = 1000 * 1000 * 1000;

uint64_t monotonic_ns();
// Since 1970-01-01 00:00:00 UTC.
int64_t realtime_us();
// CPU time used by the calling thread.
uint64_t thread_cpu_ns();

// monotonic_ns() + duration, saturating at kNoDeadline.
uint64_t deadline_after_ns(uint64_t duration_ns);

}  // namespace mortise::platform
