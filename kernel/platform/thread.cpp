// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/thread.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/os_error.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {

struct Thread::State {
  std::string name;
  UniqueFunction<void()> body;
  pthread_t handle{};
  bool is_system_thread = false;
  std::atomic<uint32_t> finished{0};  // set by a Scheduler's thread, read by join
};

namespace {

// The smallest number that no living thread has.
class IndexPool {
 public:
  uint32_t acquire() {
    Lock lock(mutex_);
    if (free_.empty()) return next_++;
    const uint32_t index = free_.top();
    free_.pop();
    return index;
  }
  void release(uint32_t index) {
    Lock lock(mutex_);
    free_.push(index);
  }

 private:
  Mutex mutex_{LockRank::leaf};
  std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> free_
      MORTISE_GUARDED_BY(mutex_);
  uint32_t next_ MORTISE_GUARDED_BY(mutex_) = 0;
};

// Never destroyed: threads may end after main's statics.
IndexPool& index_pool() {
  static IndexPool* const pool = new IndexPool;
  return *pool;
}

constexpr uint32_t kNoIndex = UINT32_MAX;
thread_local uint32_t thread_index = kNoIndex;

struct IndexReturner {
  ~IndexReturner() {
    if (thread_index != kNoIndex) index_pool().release(std::exchange(thread_index, kNoIndex));
  }
};

// "200000 100000" or "max 100000" in the cgroup's cpu.max.
uint32_t cgroup_cpu_count() {
  std::FILE* file = std::fopen("/sys/fs/cgroup/cpu.max", "re");
  if (file == nullptr) return UINT32_MAX;
  unsigned long long quota = 0;
  unsigned long long period = 0;
  const int fields = std::fscanf(file, "%llu %llu", &quota, &period);
  std::fclose(file);
  if (fields != 2 || period == 0) return UINT32_MAX;
  return static_cast<uint32_t>(std::max<uint64_t>(1, (quota + period - 1) / period));
}

}  // namespace

Thread& Thread::operator=(Thread&& other) noexcept {
  MORTISE_ASSERT(state_ == nullptr);  // H1
  state_ = std::move(other.state_);
  return *this;
}

Thread::~Thread() {
  MORTISE_ASSERT(state_ == nullptr);  // H1
}

Result<Thread> Thread::spawn(std::string_view name, UniqueFunction<void()> body,
                             size_t stack_bytes) {
  auto state = std::make_shared<State>();
  state->name = name.substr(0, 15);
  state->body = std::move(body);
  if (Scheduler* scheduler = current_scheduler()) {
    MORTISE_TRY(scheduler->spawn(name, [state] {
      state->body();
      state->body = nullptr;
      state->finished.store(1, std::memory_order_release);
      park_wake_all(state->finished);
    }));
    return Thread(std::move(state));
  }
  state->is_system_thread = true;
  auto* passed = new std::shared_ptr<State>(state);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  int error = 0;
  if (stack_bytes != 0) error = pthread_attr_setstacksize(&attributes, stack_bytes);
  if (error == 0) {
    error = pthread_create(
        &state->handle, &attributes,
        [](void* context) -> void* {
          std::unique_ptr<std::shared_ptr<State>> mine(
              static_cast<std::shared_ptr<State>*>(context));
          pthread_setname_np(pthread_self(), (*mine)->name.c_str());
          (*mine)->body();
          (*mine)->body = nullptr;
          return nullptr;
        },
        passed);
  }
  pthread_attr_destroy(&attributes);
  if (error != 0) {
    delete passed;
    return Status(Code::limit, "53000",
                  "could not start thread \"" + std::string(name) + "\": " + errno_text(error));
  }
  return Thread(std::move(state));
}

void Thread::join() {
  MORTISE_ASSERT(state_ != nullptr);
  if (state_->is_system_thread) {
    const int error = pthread_join(state_->handle, nullptr);
    MORTISE_ASSERT(error == 0);
  } else {
    while (state_->finished.load(std::memory_order_acquire) == 0) {
      park_wait(state_->finished, 0);
    }
  }
  state_.reset();
}

namespace this_thread {

uint32_t index() {
  if (thread_index == kNoIndex) [[unlikely]] {
    thread_local IndexReturner returner;
    (void)returner;
    thread_index = index_pool().acquire();
  }
  return thread_index;
}

uint64_t id() {
  return static_cast<uint64_t>(syscall(SYS_gettid));
}

void yield() {
  if (Scheduler* scheduler = current_scheduler()) {
    scheduler->yield("thread.yield");
    return;
  }
  sched_yield();
}

void sleep_until(uint64_t deadline_ns) {
  const std::atomic<uint32_t> nobody_wakes{0};
  while (park_wait(nobody_wakes, 0, deadline_ns)) {
  }
}

}  // namespace this_thread

uint32_t cpu_count() {
  static const uint32_t count = [] {
    cpu_set_t set;
    CPU_ZERO(&set);
    uint32_t allowed = 1;
    if (sched_getaffinity(0, sizeof(set), &set) == 0) {
      allowed = static_cast<uint32_t>(std::max(1, CPU_COUNT(&set)));
    } else {
      allowed = static_cast<uint32_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
    }
    return std::min(allowed, cgroup_cpu_count());
  }();
  return count;
}

}  // namespace mortise::platform
