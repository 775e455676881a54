// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does something run at the same time as something else?
//
// Invariants
//   H1  A Thread is joined before its destruction.  (Asserted: a forgotten thread outlives what it
//       uses.)
//   H2  this_thread::index() is unique among living threads and small: indexes are used again, so
//       they fit arrays.
//
// Threads: a Thread belongs to whoever spawned it.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "kernel/base/unique_function.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::platform {

class Thread {
 public:
  Thread() = default;
  Thread(Thread&& other) noexcept = default;
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();

  // `name` appears in tools; the system cuts it at 15 characters.  `limit` (53000) when the
  // system gives no more threads.  `stack_bytes` 0: the system's usual size.
  static Result<Thread> spawn(std::string_view name, UniqueFunction<void()> body,
                              size_t stack_bytes = 0);

  bool is_joinable() const { return state_ != nullptr; }
  // Waits for the end.  Precondition: is_joinable(), and not the calling thread itself.
  void join();

 private:
  struct State;
  explicit Thread(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

namespace this_thread {
// Unique among living threads, reused after their end (H2).
uint32_t index();
// The system's number, for logs.
uint64_t id();
// Gives the processor away once; also a yield point.
void yield();
// Sleeps until the deadline (monotonic_ns).  Not in tests, not to wait for somebody.
void sleep_until(uint64_t deadline_ns);
}  // namespace this_thread

// Processors that this process may use (affinity and cgroup quota respected), at least 1.
uint32_t cpu_count();

}  // namespace mortise::platform
