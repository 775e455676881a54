// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does something run as long as the instance does?
//
// A named thread with a stop token: cleaner, checkpointer, purge.  It sleeps in the token, where a
// nudge or the stop wakes it.
//
// Invariants
//   Z1  A nudge that comes while the worker works is not lost: its next wait returns at once.
//
// Threads: the token by the worker; nudge [any, concurrent]; start and stop by the owner.

#include <cstdint>
#include <memory>
#include <string_view>

#include "kernel/base/unique_function.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::task {

class StopToken {
 public:
  bool is_stopping() const { return stopping_.load(std::memory_order_acquire); }
  // Sleeps until a nudge, the stop or the deadline.  True: go on; false: stop.
  bool wait_until(uint64_t deadline_ns);

 private:
  friend class BackgroundWorker;
  void nudge();
  void stop();
  std::atomic<uint32_t> nudges_{0};
  uint32_t seen_ = 0;  // owned by the worker
  std::atomic<bool> stopping_{false};
};

class BackgroundWorker {
 public:
  BackgroundWorker() = default;
  BackgroundWorker(BackgroundWorker&& other) noexcept = default;
  BackgroundWorker& operator=(BackgroundWorker&& other) noexcept;
  ~BackgroundWorker();  // stops

  static Result<BackgroundWorker> start(std::string_view name,
                                        UniqueFunction<void(StopToken&)> body);
  bool is_running() const { return token_ != nullptr; }
  void nudge();
  // Asks and waits.  Does nothing when it is not running.
  void stop();

 private:
  std::unique_ptr<StopToken> token_;
  platform::Thread thread_;
};

}  // namespace mortise::task
