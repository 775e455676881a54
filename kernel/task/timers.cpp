// SPDX-License-Identifier: Apache-2.0
#include "kernel/task/timers.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "kernel/platform/clock.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::task {

using platform::Lock;

// Guarded by Timers::mutex_, but for what is constant and for `function`, which only a run touches.
struct Timers::Timer {
  uint64_t handle = 0;  // constant once it is scheduled
  uint64_t period_ns = 0;
  UniqueFunction<void()> function;
  uint64_t due_ns = 0;
  bool running = false;
  bool stopped = false;
  uint64_t running_thread = 0;
};

struct Timers::Firing {
  Timers* timers;
  std::shared_ptr<Timer> timer;
};

Timers::Timers(WorkerPool& workers) : workers_(workers) {}

Result<std::unique_ptr<Timers>> Timers::start(WorkerPool& workers) {
  std::unique_ptr<Timers> timers(new Timers(workers));
  Timers* const self = timers.get();
  MORTISE_TRY_ASSIGN(timers->thread_, BackgroundWorker::start("timers", [self](StopToken& token) {
                       self->serve(token);
                     }));
  return timers;
}

Timers::~Timers() {
  thread_.stop();
  Lock lock(mutex_);
  for (const auto& [due, timer] : due_) timer->stopped = true;
  due_.clear();
  while (running_count_ > 0) ended_.wait(mutex_);
}

void Timers::schedule(const std::shared_ptr<Timer>& timer) {
  const bool is_first = due_.empty() || timer->due_ns < due_.begin()->first;
  due_.emplace(timer->due_ns, timer);
  if (is_first) thread_.nudge();
}

Result<TimerId> Timers::add(uint64_t delay_ns, uint64_t period_ns,
                            UniqueFunction<void()> function) {
  auto timer = std::make_shared<Timer>();
  timer->period_ns = period_ns;
  timer->function = std::move(function);
  timer->due_ns = platform::deadline_after_ns(delay_ns);
  const uint64_t handle = table_.add(timer);
  if (handle == 0) return limit("too many timers: " + std::to_string(kTimersMax));
  timer->handle = handle;
  Lock lock(mutex_);
  schedule(timer);
  return TimerId{handle};
}

bool Timers::stop(TimerId id) {
  const std::shared_ptr<Timer> timer = table_.remove(static_cast<uint64_t>(id));
  if (timer == nullptr) return false;
  Lock lock(mutex_);
  timer->stopped = true;
  const auto [begin, end] = due_.equal_range(timer->due_ns);
  const auto found = std::find_if(begin, end, [&](const auto& e) { return e.second == timer; });
  if (found != end) due_.erase(found);
  if (timer->running_thread == platform::this_thread::id()) return true;
  while (timer->running) ended_.wait(mutex_);  // I2
  return true;
}

void Timers::serve(StopToken& token) {
  uint64_t next_ns = kNoDeadline;
  while (token.wait_until(next_ns)) {
    std::vector<std::shared_ptr<Timer>> ready;
    const uint64_t now = platform::monotonic_ns();
    {
      Lock lock(mutex_);
      while (!due_.empty() && due_.begin()->first <= now) {
        std::shared_ptr<Timer> timer = std::move(due_.begin()->second);
        due_.erase(due_.begin());
        timer->running = true;
        ++running_count_;
        ready.push_back(std::move(timer));
      }
      next_ns = due_.empty() ? kNoDeadline : due_.begin()->first;
    }
    for (std::shared_ptr<Timer>& timer : ready) {
      auto firing = std::make_unique<Firing>(Firing{this, timer});
      if (workers_.submit(Priority::high, {&Timers::fire, firing.get()})) {
        (void)firing.release();
      } else {
        Lock lock(mutex_);
        timer->stopped = true;  // the workers are stopping, and so are we
        lock.unlock();
        finish(timer);
      }
    }
  }
}

void Timers::fire(void* context) {
  const std::unique_ptr<Firing> firing(static_cast<Firing*>(context));
  Timer& timer = *firing->timer;
  Timers& timers = *firing->timers;
  {
    Lock lock(timers.mutex_);
    timer.running_thread = platform::this_thread::id();
    if (timer.stopped) {
      lock.unlock();
      timers.finish(firing->timer);
      return;
    }
  }
  timer.function();
  timers.finish(firing->timer);
}

void Timers::finish(const std::shared_ptr<Timer>& timer) {
  bool gone = timer->period_ns == 0;
  // A timer that runs once is gone before its end is told, so that a stop() finds either nothing
  // or something to wait for.
  if (gone) table_.remove(timer->handle);
  Lock lock(mutex_);
  MORTISE_ASSERT(timer->running);
  timer->running = false;
  timer->running_thread = 0;
  gone = gone || timer->stopped;
  if (!gone) {
    const uint64_t now = platform::monotonic_ns();
    timer->due_ns = std::max(timer->due_ns + timer->period_ns, now);  // I1
    schedule(timer);
  }
  --running_count_;
  ended_.notify_all();
}

}  // namespace mortise::task
