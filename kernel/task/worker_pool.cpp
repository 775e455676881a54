// SPDX-License-Identifier: Apache-2.0
#include "kernel/task/worker_pool.hpp"

#include <utility>

#include "mortise/cpp/assert.hpp"

namespace mortise::task {
namespace {

using platform::Lock;
using platform::Thread;

struct Place {
  const WorkerPool* pool = nullptr;
  uint32_t index = 0;
};
thread_local Place current_place;

size_t slot(Priority priority) {
  return static_cast<size_t>(priority);
}

}  // namespace

Result<std::unique_ptr<WorkerPool>> WorkerPool::start(const Options& options) {
  const uint32_t count = options.worker_count == 0 ? platform::cpu_count() : options.worker_count;
  std::unique_ptr<WorkerPool> pool(new WorkerPool);
  for (uint32_t i = 0; i < count; ++i) pool->workers_.push_back(std::make_unique<Worker>());
  for (uint32_t i = 0; i < count; ++i) {
    const std::string name = options.name + "-" + std::to_string(i);
    WorkerPool* const self = pool.get();
    // On failure the destructor stops those that run.
    MORTISE_TRY_ASSIGN(pool->workers_[i]->thread,
                       Thread::spawn(name, [self, i] { self->serve(i); }));
  }
  return pool;
}

WorkerPool::~WorkerPool() {
  stop();
}

std::optional<uint32_t> WorkerPool::current_worker_index() const {
  if (current_place.pool != this) return std::nullopt;
  return current_place.index;
}

Status WorkerPool::submit(Priority priority, Task task) {
  MORTISE_ASSERT(task.run != nullptr);
  const std::optional<uint32_t> index = current_worker_index();
  unfinished_.fetch_add(1, std::memory_order_seq_cst);
  // Pairs with stop(): it sets stopping_ before it reads unfinished_, we the other way round.
  if (!index.has_value() && stopping_.load(std::memory_order_seq_cst)) {
    unfinished_.fetch_sub(1, std::memory_order_seq_cst);
    signal_.fetch_add(1, std::memory_order_seq_cst);
    platform::park_wake_all(signal_);
    return Status(Code::cancelled, "57P01", "the worker pool is stopping");
  }
  Queue& queue = index.has_value() ? workers_[*index]->queue : common_;
  queued_[slot(priority)].fetch_add(1, std::memory_order_relaxed);
  {
    Lock lock(queue.mutex);
    queue.tasks[slot(priority)].push_back(task);
  }
  signal_.fetch_add(1, std::memory_order_seq_cst);  // W4
  if (sleepers_.load(std::memory_order_seq_cst) != 0) platform::park_wake(signal_, 1);
  return {};
}

bool WorkerPool::take_newest(Queue& queue, Priority priority, Task* task) {
  Lock lock(queue.mutex);
  std::deque<Task>& tasks = queue.tasks[slot(priority)];
  if (tasks.empty()) return false;
  *task = tasks.back();
  tasks.pop_back();
  return true;
}

bool WorkerPool::take_oldest(Queue& queue, Priority priority, Task* task) {
  Lock lock(queue.mutex);
  std::deque<Task>& tasks = queue.tasks[slot(priority)];
  if (tasks.empty()) return false;
  *task = tasks.front();
  tasks.pop_front();
  return true;
}

bool WorkerPool::find_of(Priority priority, std::optional<uint32_t> index, Task* task) {
  std::atomic<uint64_t>& queued = queued_[slot(priority)];
  if (queued.load(std::memory_order_relaxed) == 0) return false;
  bool found = index.has_value() && take_newest(workers_[*index]->queue, priority, task);
  found = found || take_oldest(common_, priority, task);
  const size_t count = workers_.size();
  const size_t first = index.has_value() ? *index + 1 : 0;
  for (size_t i = 0; i < count && !found; ++i) {
    found = take_oldest(workers_[(first + i) % count]->queue, priority, task);
  }
  if (found) queued.fetch_sub(1, std::memory_order_relaxed);
  return found;
}

bool WorkerPool::find(std::optional<uint32_t> index, Task* task) {
  const bool from_below =
      index.has_value() && ++workers_[*index]->turn % kFairnessPeriod == 0;  // W3
  for (uint32_t i = 0; i < kPriorityCount; ++i) {
    const uint32_t level = from_below ? kPriorityCount - 1 - i : i;
    if (find_of(static_cast<Priority>(level), index, task)) return true;
  }
  return false;
}

bool WorkerPool::help() {
  Task task;
  if (!find(current_worker_index(), &task)) return false;
  task.run(task.context);
  if (unfinished_.fetch_sub(1, std::memory_order_seq_cst) == 1 &&
      stopping_.load(std::memory_order_seq_cst)) {
    signal_.fetch_add(1, std::memory_order_seq_cst);
    platform::park_wake_all(signal_);
  }
  return true;
}

void WorkerPool::serve(uint32_t index) {
  current_place = {this, index};
  while (true) {
    const uint32_t seen = signal_.load(std::memory_order_seq_cst);  // W4: before the look
    if (help()) continue;
    if (stopping_.load(std::memory_order_seq_cst) &&
        unfinished_.load(std::memory_order_seq_cst) == 0) {
      break;
    }
    sleepers_.fetch_add(1, std::memory_order_seq_cst);
    platform::park_wait(signal_, seen);
    sleepers_.fetch_sub(1, std::memory_order_seq_cst);
  }
  current_place = {};
}

void WorkerPool::stop() {
  MORTISE_ASSERT(!current_worker_index().has_value());  // a worker cannot wait for itself
  Lock lock(stop_mutex_);
  if (stopped_) return;
  stopped_ = true;
  stopping_.store(true, std::memory_order_seq_cst);
  signal_.fetch_add(1, std::memory_order_seq_cst);
  platform::park_wake_all(signal_);
  for (const std::unique_ptr<Worker>& worker : workers_) {
    if (worker->thread.is_joinable()) worker->thread.join();
  }
  MORTISE_ASSERT(unfinished_.load() == 0 || workers_.empty());  // W2
}

uint64_t WorkerPool::queued_count() const {
  uint64_t sum = 0;
  for (const std::atomic<uint64_t>& queued : queued_) sum += queued.load(std::memory_order_relaxed);
  return sum;
}

}  // namespace mortise::task
