// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a thread sleep until a word changes?
//
// The only way to block in the kernel: mutexes, condition variables, latches, joins and queues
// all end here.  A futex on Linux, the installed Scheduler otherwise.
//
// Invariants
//   P1  park_wait never sleeps when the word differs from `expected` at the time of the call.
//   P2  A change of the word followed by park_wake wakes at least min(count, sleepers) sleepers.
//   P3  Wake-ups may be spurious.
//
// Threads: [any, concurrent]

#include <atomic>
#include <cstdint>

#include "mortise/cpp/basic_sync.hpp"  // kNoDeadline

namespace mortise::platform {

// False when the deadline (absolute, monotonic_ns) has passed.
bool park_wait(const std::atomic<uint32_t>& word, uint32_t expected,
               uint64_t deadline_ns = kNoDeadline);
void park_wake(const std::atomic<uint32_t>& word, uint32_t count);
inline void park_wake_all(const std::atomic<uint32_t>& word) {
  park_wake(word, UINT32_MAX);
}

}  // namespace mortise::platform
