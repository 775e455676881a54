// SPDX-License-Identifier: Apache-2.0
#include "kernel/task/background_worker.hpp"

#include <utility>

namespace mortise::task {

bool StopToken::wait_until(uint64_t deadline_ns) {
  while (!is_stopping()) {
    const uint32_t now = nudges_.load(std::memory_order_acquire);
    if (now != seen_) {
      seen_ = now;  // Z1
      break;
    }
    if (!platform::park_wait(nudges_, now, deadline_ns)) break;
  }
  return !is_stopping();
}

void StopToken::nudge() {
  nudges_.fetch_add(1, std::memory_order_release);
  platform::park_wake_all(nudges_);
}

void StopToken::stop() {
  stopping_.store(true, std::memory_order_release);
  nudge();
}

Result<BackgroundWorker> BackgroundWorker::start(std::string_view name,
                                                 UniqueFunction<void(StopToken&)> body) {
  BackgroundWorker worker;
  worker.token_ = std::make_unique<StopToken>();
  StopToken* const token = worker.token_.get();
  MORTISE_TRY_ASSIGN(
      worker.thread_,
      platform::Thread::spawn(name, [token, run = std::move(body)]() mutable { run(*token); }));
  return worker;
}

BackgroundWorker& BackgroundWorker::operator=(BackgroundWorker&& other) noexcept {
  if (this != &other) {
    stop();
    token_ = std::move(other.token_);
    thread_ = std::move(other.thread_);
  }
  return *this;
}

BackgroundWorker::~BackgroundWorker() {
  stop();
}

void BackgroundWorker::nudge() {
  if (token_ != nullptr) token_->nudge();
}

void BackgroundWorker::stop() {
  if (thread_.is_joinable()) {
    token_->stop();
    thread_.join();
  }
  token_.reset();
}

}  // namespace mortise::task
