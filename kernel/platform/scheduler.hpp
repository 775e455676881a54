// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who decides when a thread sleeps, what time it is, and what is random?
//
// The operating system, unless a Scheduler is installed on the calling thread: then every park,
// wake, spawn, clock and random call of that thread goes there, which lets a simulator run all of
// the kernel as fibers on one thread, in an order that a seed decides.
//
// Invariants
//   Y1  Without an installed Scheduler nothing here costs more than one relaxed load.
//   Y2  What a Scheduler spawns runs under the same Scheduler.
//
// Threads: installation per thread; the rest [any, concurrent].

#include <atomic>
#include <cstdint>
#include <string_view>

#include "kernel/base/unique_function.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::platform {

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  // Sleeps while word == expected.  May return early.  False when the deadline has passed.
  virtual bool park(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns) = 0;
  virtual void wake(const std::atomic<uint32_t>& word, uint32_t count) = 0;
  // `point` names the place ("mutex.lock", "evict.before_absent") and is a string literal.
  virtual void yield(const char* point) = 0;
  virtual Status spawn(std::string_view name, UniqueFunction<void()> body) = 0;
  virtual uint64_t monotonic_ns() = 0;
  virtual uint64_t realtime_us() = 0;
  virtual uint64_t random() = 0;
};

// Installs for the calling thread; nullptr goes back to the operating system.  Answers what was
// installed before.
Scheduler* install_scheduler(Scheduler* scheduler);

namespace internal {
extern std::atomic<uint32_t> installed_count;  // threads with a Scheduler, in the whole process
Scheduler* scheduler_of_this_thread();
void yield_to_scheduler(const char* point);
}  // namespace internal

// The Scheduler of the calling thread, or nullptr for the operating system.
inline Scheduler* current_scheduler() {
  if (internal::installed_count.load(std::memory_order_relaxed) == 0) [[likely]] {
    return nullptr;
  }
  return internal::scheduler_of_this_thread();
}

}  // namespace mortise::platform

// A place where a simulator may switch to another fiber.
#define MORTISE_YIELD(point)                                                                 \
  do {                                                                                       \
    if (::mortise::platform::internal::installed_count.load(std::memory_order_relaxed) != 0) \
        [[unlikely]] {                                                                       \
      ::mortise::platform::internal::yield_to_scheduler(point);                              \
    }                                                                                        \
  } while (false)
