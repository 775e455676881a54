// SPDX-License-Identifier: Apache-2.0
#include "kernel/task/task_group.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::task {

using platform::CondVar;
using platform::Lock;
using platform::LockRank;
using platform::Mutex;

// Shared with the tickets in the pool's queues, which may come late.
struct TaskGroup::State {
  Mutex mutex{LockRank::task_group};
  CondVar ended;
  std::deque<UniqueFunction<Status()>> parts MORTISE_GUARDED_BY(mutex);
  uint64_t running MORTISE_GUARDED_BY(mutex) = 0;
  Status failure MORTISE_GUARDED_BY(mutex);
};

TaskGroup::TaskGroup(WorkerPool& pool, Priority priority)
    : pool_(pool), priority_(priority), state_(std::make_shared<State>()) {}

TaskGroup::~TaskGroup() {
  const Status ignored = wait();  // the owner did not ask
  (void)ignored;
}

bool TaskGroup::run_one(State& state) {
  Lock lock(state.mutex);
  if (state.parts.empty()) return false;
  UniqueFunction<Status()> part = std::move(state.parts.front());
  state.parts.pop_front();
  if (!state.failure.is_ok()) {
    lock.unlock();  // what the part owns may take locks when it goes
    return true;    // G2: dropped
  }
  ++state.running;
  lock.unlock();
  Status status = part();
  part = nullptr;  // what it owns goes before anybody is told that it has ended
  lock.lock();
  --state.running;
  if (!status && state.failure.is_ok()) state.failure = std::move(status);
  state.ended.notify_all();
  return true;
}

void TaskGroup::serve(void* ticket) {
  const std::unique_ptr<std::shared_ptr<State>> state(static_cast<std::shared_ptr<State>*>(ticket));
  run_one(**state);
}

void TaskGroup::run(UniqueFunction<Status()> part) {
  {
    Lock lock(state_->mutex);
    state_->parts.push_back(std::move(part));
  }
  auto ticket = std::make_unique<std::shared_ptr<State>>(state_);
  if (pool_.submit(priority_, {&TaskGroup::serve, ticket.get()})) {
    // The ticket is the pool's now.  A refusal leaves the part to wait().
    (void)ticket.release();
  }
}

Status TaskGroup::wait() {
  while (run_one(*state_)) {
  }
  Lock lock(state_->mutex);
  while (state_->running > 0 || !state_->parts.empty()) {
    if (!state_->parts.empty()) {
      lock.unlock();  // a part has added parts
      run_one(*state_);
      lock.lock();
      continue;
    }
    state_->ended.wait(state_->mutex);
  }
  return std::exchange(state_->failure, Status());
}

namespace {

struct Job {
  uint64_t morsel_count = 0;
  const Cancellation* cancellation = nullptr;
  UniqueFunction<Status(uint64_t, uint32_t)> body;
  std::atomic<uint64_t> next{0};
  std::atomic<bool> failed{false};

  Mutex mutex{LockRank::task_group};
  CondVar ended;
  bool closed MORTISE_GUARDED_BY(mutex) = false;  // no helper may begin any more (G1)
  uint32_t helpers MORTISE_GUARDED_BY(mutex) = 0;
  uint32_t next_slot MORTISE_GUARDED_BY(mutex) = 1;
  Status failure MORTISE_GUARDED_BY(mutex);

  void fail(Status status) {
    Lock lock(mutex);
    if (failure.is_ok()) failure = std::move(status);
    failed.store(true, std::memory_order_relaxed);
  }

  void work(uint32_t slot) {
    while (!failed.load(std::memory_order_relaxed)) {
      const uint64_t morsel = next.fetch_add(1, std::memory_order_relaxed);
      if (morsel >= morsel_count) return;
      Status status = cancellation != nullptr ? cancellation->check() : Status();
      if (status.is_ok()) status = body(morsel, slot);
      if (!status) fail(std::move(status));
    }
  }

  static void serve(void* ticket) {
    const std::unique_ptr<std::shared_ptr<Job>> owner(static_cast<std::shared_ptr<Job>*>(ticket));
    Job& job = **owner;
    Lock lock(job.mutex);
    if (job.closed) return;
    const uint32_t slot = job.next_slot++;
    ++job.helpers;
    lock.unlock();
    job.work(slot);
    lock.lock();
    if (--job.helpers == 0) job.ended.notify_all();
  }
};

uint32_t helper_count(const WorkerPool& pool, const ParallelOptions& options) {
  return std::min(options.helper_count_max, pool.worker_count());
}

}  // namespace

uint32_t parallel_slot_count(const WorkerPool& pool, const ParallelOptions& options) {
  return helper_count(pool, options) + 1;
}

Status parallel_for(WorkerPool& pool, uint64_t morsel_count, const ParallelOptions& options,
                    UniqueFunction<Status(uint64_t, uint32_t)> body) {
  if (morsel_count == 0) return {};
  const auto job = std::make_shared<Job>();
  job->morsel_count = morsel_count;
  job->cancellation = options.cancellation;
  job->body = std::move(body);
  const uint64_t wanted = std::min<uint64_t>(helper_count(pool, options), morsel_count - 1);
  for (uint64_t i = 0; i < wanted; ++i) {
    auto ticket = std::make_unique<std::shared_ptr<Job>>(job);
    if (!pool.submit(options.priority, {&Job::serve, ticket.get()})) break;
    (void)ticket.release();
  }
  job->work(0);
  Lock lock(job->mutex);
  job->closed = true;
  while (job->helpers > 0) job->ended.wait(job->mutex);
  job->body = nullptr;  // late tickets keep the job, not what the caller lent it
  return std::move(job->failure);
}

}  // namespace mortise::task
