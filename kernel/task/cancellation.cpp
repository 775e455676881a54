// SPDX-License-Identifier: Apache-2.0
#include "kernel/task/cancellation.hpp"

#include <algorithm>

#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::task {

using platform::Lock;

void Cancellation::request(Status reason) {
  MORTISE_ASSERT(!reason.is_ok());
  Lock lock(mutex_);
  if (requested_.load(std::memory_order_relaxed)) return;  // X1
  reason_ = std::move(reason);
  requested_.store(true, std::memory_order_release);
  running_thread_ = platform::this_thread::id();
  while (!callbacks_.empty()) {
    CancellationCallback* const callback = callbacks_.front();
    callbacks_.pop_front();
    running_ = callback;
    lock.unlock();
    callback->function_();
    lock.lock();
    running_ = nullptr;
    called_.notify_all();
  }
}

Status Cancellation::check() const {
  if (!is_requested()) return {};
  Lock lock(mutex_);
  return reason_;
}

void Cancellation::reset() {
  Lock lock(mutex_);
  MORTISE_ASSERT(running_ == nullptr);
  requested_.store(false, std::memory_order_relaxed);
  reason_ = Status();
}

CancellationCallback::CancellationCallback(Cancellation& cancellation,
                                           UniqueFunction<void()> function)
    : cancellation_(cancellation), function_(std::move(function)) {
  Lock lock(cancellation_.mutex_);
  if (cancellation_.requested_.load(std::memory_order_relaxed)) {
    lock.unlock();
    function_();
    return;
  }
  cancellation_.callbacks_.push_back(this);
}

CancellationCallback::~CancellationCallback() {
  Lock lock(cancellation_.mutex_);
  std::list<CancellationCallback*>& callbacks = cancellation_.callbacks_;
  if (const auto found = std::ranges::find(callbacks, this); found != callbacks.end()) {
    callbacks.erase(found);
    return;
  }
  // X2, except when the function itself ends its registration.
  if (cancellation_.running_thread_ == platform::this_thread::id()) return;
  while (cancellation_.running_ == this) cancellation_.called_.wait(cancellation_.mutex_);
}

}  // namespace mortise::task
