// SPDX-License-Identifier: Apache-2.0
#include "kernel/task/blocking_pool.hpp"

#include <algorithm>
#include <utility>

#include "kernel/platform/clock.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::task {

using platform::Lock;
using platform::Thread;

BlockingPool::BlockingPool(const Options& options)
    : options_(options), thread_count_max_(options.thread_count_max) {
  MORTISE_ASSERT(options.thread_count_max > 0);
}

BlockingPool::~BlockingPool() {
  stop();
}

Status BlockingPool::add_thread() {
  auto member = std::make_unique<Member>();
  Member* const self = member.get();
  // The new thread waits for mutex_, which we hold, so it finds itself complete.
  MORTISE_TRY_ASSIGN(self->thread, Thread::spawn(options_.name, [this, self] { serve(self); }));
  members_.push_back(std::move(member));
  ++alive_;
  return {};
}

Status BlockingPool::submit(Task task) {
  MORTISE_ASSERT(task.run != nullptr);
  join_ended();
  Lock lock(mutex_);
  if (stopping_) return Status(Code::cancelled, "57P01", "the thread pool is stopping");
  if (idle_ <= queue_.size()) {
    // Everybody is busy or will be with what is queued.
    const bool may_grow = alive_ < thread_count_max_;
    const Status grown = may_grow ? add_thread() : Status();
    if (alive_ == 0) return grown;
    if ((!may_grow || !grown) && queue_.size() >= options_.queue_count_max) {
      return Status(Code::limit, "53000",
                    "too much work: " + std::to_string(alive_) + " threads are busy and " +
                        std::to_string(queue_.size()) + " tasks wait");
    }
  }
  queue_.push_back(task);
  lock.unlock();
  work_.notify_one();
  return {};
}

void BlockingPool::serve(Member* self) {
  Lock lock(mutex_);
  while (true) {
    if (!queue_.empty()) {
      const Task task = queue_.front();
      queue_.pop_front();
      lock.unlock();
      task.run(task.context);
      lock.lock();
      if (alive_ > thread_count_max_ && queue_.empty()) break;
      continue;
    }
    if (stopping_) break;
    ++idle_;
    const bool in_time = work_.wait_until(mutex_, platform::deadline_after_ns(options_.idle_ns));
    --idle_;
    if (!in_time && queue_.empty() && !stopping_) break;
  }
  --alive_;
  self->ended = true;
}

void BlockingPool::join_ended() {
  std::vector<std::unique_ptr<Member>> ended;
  {
    Lock lock(mutex_);
    // Counting first keeps the usual case, in which nobody has ended, free of moves.
    if (alive_ == members_.size()) return;
    const auto gone = std::stable_partition(members_.begin(), members_.end(),
                                            [](const auto& member) { return !member->ended; });
    std::move(gone, members_.end(), std::back_inserter(ended));
    members_.erase(gone, members_.end());
  }
  for (const std::unique_ptr<Member>& member : ended) member->thread.join();
}

void BlockingPool::stop() {
  std::vector<std::unique_ptr<Member>> members;
  {
    Lock lock(mutex_);
    stopping_ = true;
    members.swap(members_);
  }
  work_.notify_all();
  for (const std::unique_ptr<Member>& member : members) member->thread.join();
  Lock lock(mutex_);
  MORTISE_ASSERT(alive_ == 0);     // E3
  MORTISE_ASSERT(queue_.empty());  // E3
}

uint32_t BlockingPool::thread_count() const {
  Lock lock(mutex_);
  return alive_;
}
uint32_t BlockingPool::busy_count() const {
  Lock lock(mutex_);
  return alive_ - idle_;
}
uint32_t BlockingPool::queued_count() const {
  Lock lock(mutex_);
  return static_cast<uint32_t>(queue_.size());
}
void BlockingPool::set_thread_count_max(uint32_t thread_count_max) {
  MORTISE_ASSERT(thread_count_max > 0);
  Lock lock(mutex_);
  thread_count_max_ = thread_count_max;
}

}  // namespace mortise::task
