// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: has somebody asked this work to stop, and why?
//
// Work asks check() between its steps; whoever waits for a lock or a client registers a callback
// that ends the wait.
//
// Invariants
//   X1  The first reason counts; later requests change nothing.
//   X2  After ~CancellationCallback its function is not running and will not run.
//
// Threads: [any, concurrent]

#include <atomic>
#include <cstdint>
#include <list>

#include "kernel/base/unique_function.hpp"
#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::task {

class CancellationCallback;

class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  // `reason` is what the cancelled work answers: cancelled("canceling statement due to ...").
  // Precondition: reason is a failure.
  void request(Status reason);
  // One load.
  bool is_requested() const { return requested_.load(std::memory_order_acquire); }
  // The reason, or ok.
  Status check() const;
  // Back to not requested: for a session's next statement.  No request may be running.
  void reset();

 private:
  friend class CancellationCallback;
  std::atomic<bool> requested_{false};  // set after reason_, which is constant from then on
  mutable platform::Mutex mutex_{platform::LockRank::cancellation};
  platform::CondVar called_;
  Status reason_ MORTISE_GUARDED_BY(mutex_);
  std::list<CancellationCallback*> callbacks_ MORTISE_GUARDED_BY(mutex_);
  CancellationCallback* running_ MORTISE_GUARDED_BY(mutex_) = nullptr;
  uint64_t running_thread_ MORTISE_GUARDED_BY(mutex_) = 0;
};

// Runs `function` once when the cancellation is requested: at once if it is already, on the
// requesting thread otherwise.  The function must be short and must not wait.
class CancellationCallback {
 public:
  CancellationCallback(Cancellation& cancellation, UniqueFunction<void()> function);
  ~CancellationCallback();
  CancellationCallback(const CancellationCallback&) = delete;
  CancellationCallback& operator=(const CancellationCallback&) = delete;

 private:
  friend class Cancellation;
  Cancellation& cancellation_;
  UniqueFunction<void()> function_;
};

}  // namespace mortise::task
