// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do a mutex and a condition variable sleep and wake?
//
// See basic_sync.hpp for Parking and for L1..L4.  The mutex is the three-state futex lock of
// Drepper's "Futexes Are Tricky".
//
// Threads: [any, concurrent]

#include <atomic>
#include <cstdint>

#include "mortise/cpp/annotations.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise {

inline constexpr uint64_t kNoDeadline = UINT64_MAX;

inline void cpu_relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

template <typename Parking>
class MORTISE_CAPABILITY("mutex") BasicMutex {
 public:
  explicit constexpr BasicMutex(uint16_t rank = 0) noexcept : rank_(rank) {}
  BasicMutex(const BasicMutex&) = delete;
  BasicMutex& operator=(const BasicMutex&) = delete;

  void lock() MORTISE_ACQUIRE() {
    Parking::will_lock(this, rank_);
    uint32_t expected = kFree;
    if (!word_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                       std::memory_order_relaxed)) [[unlikely]] {
      lock_contended();
    }
    Parking::did_lock(this, rank_);
  }
  bool try_lock() MORTISE_TRY_ACQUIRE(true) {
    uint32_t expected = kFree;
    if (!word_.compare_exchange_strong(expected, kHeld, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
      return false;
    }
    Parking::did_lock(this, rank_);
    return true;
  }
  void unlock() MORTISE_RELEASE() {
    Parking::did_unlock(this);
    const uint32_t before = word_.exchange(kFree, std::memory_order_release);
    MORTISE_ASSERT(before != kFree);
    if (before == kHeldWithSleepers) [[unlikely]] {
      Parking::wake(word_, 1);
    }
  }

 private:
  static constexpr uint32_t kFree = 0;
  static constexpr uint32_t kHeld = 1;
  static constexpr uint32_t kHeldWithSleepers = 2;
  static constexpr int kSpins = 64;

  void lock_contended() {
    for (int spin = 0; spin < kSpins; ++spin) {
      uint32_t expected = word_.load(std::memory_order_relaxed);
      if (expected == kFree &&
          word_.compare_exchange_weak(expected, kHeld, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return;
      }
      if (expected == kHeldWithSleepers) break;
      cpu_relax();
    }
    // From here on we may sleep, so whoever frees the lock has to look for us (L2).
    while (word_.exchange(kHeldWithSleepers, std::memory_order_acquire) != kFree) {
      Parking::wait(word_, kHeldWithSleepers, kNoDeadline);
    }
  }

  std::atomic<uint32_t> word_{kFree};
  const uint16_t rank_;
};

// Holds a mutex for a scope.  unlock() and lock() may be called in pairs in between.
template <typename Mutex>
class MORTISE_SCOPED_CAPABILITY BasicLock {
 public:
  explicit BasicLock(Mutex& mutex) MORTISE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~BasicLock() MORTISE_RELEASE() {
    if (held_) mutex_.unlock();
  }
  BasicLock(const BasicLock&) = delete;
  BasicLock& operator=(const BasicLock&) = delete;

  void unlock() MORTISE_RELEASE() {
    MORTISE_ASSERT(held_);
    held_ = false;
    mutex_.unlock();
  }
  void lock() MORTISE_ACQUIRE() {
    MORTISE_ASSERT(!held_);
    mutex_.lock();
    held_ = true;
  }

 private:
  Mutex& mutex_;
  bool held_ = true;
};

// Waits for a change of what a mutex guards.  Wake-ups may be spurious: wait in a loop.
template <typename Parking>
class BasicCondVar {
 public:
  constexpr BasicCondVar() noexcept = default;
  BasicCondVar(const BasicCondVar&) = delete;
  BasicCondVar& operator=(const BasicCondVar&) = delete;

  void wait(BasicMutex<Parking>& mutex) MORTISE_REQUIRES(mutex) { wait_until(mutex, kNoDeadline); }

  // False when the deadline has passed; the mutex is held again either way.
  bool wait_until(BasicMutex<Parking>& mutex, uint64_t deadline_ns) MORTISE_REQUIRES(mutex) {
    // The count is raised under the mutex, so a notifier who changed the state under the mutex
    // after us sees it; the sequence is read before the mutex is free, so its change is not missed.
    waiters_.fetch_add(1, std::memory_order_seq_cst);
    const uint32_t seen = sequence_.load(std::memory_order_seq_cst);
    mutex.unlock();
    const bool in_time = Parking::wait(sequence_, seen, deadline_ns);
    waiters_.fetch_sub(1, std::memory_order_seq_cst);
    mutex.lock();
    return in_time;
  }
  void notify_one() { notify(1); }
  void notify_all() { notify(UINT32_MAX); }

 private:
  void notify(uint32_t count) {
    sequence_.fetch_add(1, std::memory_order_seq_cst);
    if (waiters_.load(std::memory_order_seq_cst) != 0) Parking::wake(sequence_, count);
  }

  std::atomic<uint32_t> sequence_{0};
  std::atomic<uint32_t> waiters_{0};
};

}  // namespace mortise
