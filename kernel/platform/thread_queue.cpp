// SPDX-License-Identifier: Apache-2.0
//
// Requests are done by a few threads, each with one blocking call at a time.

#include <algorithm>
#include <deque>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "kernel/platform/posix_file.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

class ThreadQueue final : public IoQueue {
 public:
  explicit ThreadQueue(uint32_t depth) : depth_(depth) {}

  ~ThreadQueue() override {
    {
      Lock lock(mutex_);
      stopping_ = true;
    }
    work_.notify_all();
    for (Thread& thread : threads_) thread.join();
    MORTISE_ASSERT(waiting_.empty());
  }

  Status start(uint32_t thread_count) {
    for (uint32_t i = 0; i < thread_count; ++i) {
      MORTISE_TRY_ASSIGN(Thread thread, Thread::spawn("io", [this] { serve(); }));
      threads_.push_back(std::move(thread));
    }
    return {};
  }

  Status submit(std::span<IoRequest* const> requests) override {
    {
      Lock lock(mutex_);
      MORTISE_ASSERT(!stopping_);
      if (in_flight_ + requests.size() > depth_) {
        return limit("I/O queue is full: " + std::to_string(depth_) + " requests");
      }
      for (IoRequest* request : requests) {
        MORTISE_ASSERT(request->file != nullptr);
        waiting_.push_back(request);
      }
      in_flight_ += requests.size();
    }
    if (requests.size() == 1) {
      work_.notify_one();
    } else {
      work_.notify_all();
    }
    return {};
  }

  Result<size_t> reap(std::span<IoRequest*> done, size_t min_count, uint64_t deadline_ns) override {
    Lock lock(mutex_);
    size_t count = 0;
    while (true) {
      while (count < done.size() && !finished_.empty()) {
        done[count++] = finished_.front();
        finished_.pop_front();
        --in_flight_;
      }
      if (count >= std::min({min_count, done.size(), count + in_flight_})) return count;
      if (!progress_.wait_until(mutex_, deadline_ns) && finished_.empty()) return count;
    }
  }

  uint32_t depth() const override { return depth_; }
  size_t in_flight_count() const override {
    Lock lock(mutex_);
    return in_flight_;
  }
  std::string_view kind() const override { return "threads"; }

 private:
  void serve() {
    Lock lock(mutex_);
    while (true) {
      while (waiting_.empty()) {
        if (stopping_) return;
        work_.wait(mutex_);
      }
      IoRequest* const request = waiting_.front();
      waiting_.pop_front();
      lock.unlock();
      request->result = static_cast<PosixFile*>(request->file)->perform(*request);
      lock.lock();
      finished_.push_back(request);
      progress_.notify_all();
    }
  }

  const uint32_t depth_;
  std::vector<Thread> threads_;  // constant after start()
  mutable Mutex mutex_{LockRank::io_queue};
  CondVar work_;
  CondVar progress_;
  std::deque<IoRequest*> waiting_ MORTISE_GUARDED_BY(mutex_);
  std::deque<IoRequest*> finished_ MORTISE_GUARDED_BY(mutex_);
  size_t in_flight_ MORTISE_GUARDED_BY(mutex_) = 0;
  bool stopping_ MORTISE_GUARDED_BY(mutex_) = false;
};

}  // namespace

Result<std::unique_ptr<IoQueue>> make_thread_queue(uint32_t depth, uint32_t thread_count) {
  MORTISE_ASSERT(depth > 0);
  MORTISE_ASSERT(thread_count > 0);
  auto queue = std::make_unique<ThreadQueue>(depth);
  MORTISE_TRY(queue->start(std::min(depth, thread_count)));
  return std::unique_ptr<IoQueue>(std::move(queue));
}

}  // namespace mortise::platform
