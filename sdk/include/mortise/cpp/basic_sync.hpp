// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are locks made out of "sleep while this word has this value"?
//
// The kernel and plugins share this text but not the way to sleep: `Parking` says how.  The kernel
// instantiates it with kernel/platform/parking.hpp, plugins with the host's service
// (mortise/cpp/sync.hpp).  Under both, a simulator can take the place of the operating system.
//
// Parking is a class of static functions:
//   bool wait(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns)
//        sleeps while word == expected; may return early; false when the deadline has passed.
//   void wake(const std::atomic<uint32_t>& word, uint32_t count)
//   void will_lock(const void* lock, uint16_t rank)    before a lock that may wait: checks ranks
//   void did_lock(const void* lock, uint16_t rank)     after any lock, also a tried one
//   void did_unlock(const void* lock)
//
// Invariants
//   L1  An uncontended lock or unlock is one atomic instruction and no call into
//   Parking::wait/wake. L2  A thread that waits is woken: a word that may have sleepers says so
//   before they sleep. L3  Deadlines are absolute, on the monotonic clock; kNoDeadline waits for
//   ever. L4  Ranks rise: see kernel/platform/lock_rank.hpp.  Rank 0 takes no part.
//
// The mutex is the three-state futex lock of Drepper's "Futexes Are Tricky"; the shared mutex
// prefers waiting writers, so that readers cannot starve them.  No lock is recursive.
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

// Many readers or one writer.
//
//   state_:  readers (30 bits) | readers sleep (bit 30) | writers sleep (bit 31)
//   readers == kWriter means that a writer holds it.
template <typename Parking>
class MORTISE_CAPABILITY("shared_mutex") BasicSharedMutex {
 public:
  explicit constexpr BasicSharedMutex(uint16_t rank = 0) noexcept : rank_(rank) {}
  BasicSharedMutex(const BasicSharedMutex&) = delete;
  BasicSharedMutex& operator=(const BasicSharedMutex&) = delete;

  void lock() MORTISE_ACQUIRE() {
    Parking::will_lock(this, rank_);
    uint32_t expected = 0;
    if (!state_.compare_exchange_strong(expected, kWriter, std::memory_order_acquire,
                                        std::memory_order_relaxed)) [[unlikely]] {
      lock_contended();
    }
    Parking::did_lock(this, rank_);
  }
  bool try_lock() MORTISE_TRY_ACQUIRE(true) {
    uint32_t state = state_.load(std::memory_order_relaxed);
    while ((state & kCountMask) == 0) {
      if (state_.compare_exchange_weak(state, state + kWriter, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        Parking::did_lock(this, rank_);
        return true;
      }
    }
    return false;
  }
  void unlock() MORTISE_RELEASE() {
    Parking::did_unlock(this);
    const uint32_t before = state_.fetch_sub(kWriter, std::memory_order_release);
    MORTISE_ASSERT((before & kCountMask) == kWriter);
    const uint32_t after = before - kWriter;
    if (after != 0) [[unlikely]] {
      wake_after(after);
    }
  }

  void lock_shared() MORTISE_ACQUIRE_SHARED() {
    Parking::will_lock(this, rank_);
    uint32_t state = state_.load(std::memory_order_relaxed);
    if (!may_read(state) ||
        !state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                      std::memory_order_relaxed)) [[unlikely]] {
      lock_shared_contended();
    }
    Parking::did_lock(this, rank_);
  }
  bool try_lock_shared() MORTISE_TRY_ACQUIRE_SHARED(true) {
    uint32_t state = state_.load(std::memory_order_relaxed);
    while (may_read(state)) {
      if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
        Parking::did_lock(this, rank_);
        return true;
      }
    }
    return false;
  }
  void unlock_shared() MORTISE_RELEASE_SHARED() {
    Parking::did_unlock(this);
    const uint32_t before = state_.fetch_sub(1, std::memory_order_release);
    MORTISE_ASSERT((before & kCountMask) != 0 && (before & kCountMask) != kWriter);
    const uint32_t after = before - 1;
    // Readers only sleep behind a writer, held or waiting, so a last reader wakes writers.
    if ((after & kCountMask) == 0 && (after & kWritersSleep) != 0) [[unlikely]] {
      wake_after(after);
    }
  }

 private:
  static constexpr uint32_t kCountMask = (1u << 30) - 1;
  static constexpr uint32_t kWriter = kCountMask;
  static constexpr uint32_t kReadersMax = kCountMask - 1;
  static constexpr uint32_t kReadersSleep = 1u << 30;
  static constexpr uint32_t kWritersSleep = 1u << 31;
  static constexpr int kSpins = 64;

  static bool may_read(uint32_t state) {
    return (state & kCountMask) < kReadersMax && (state & (kReadersSleep | kWritersSleep)) == 0;
  }

  void lock_shared_contended() {
    int spins = kSpins;
    uint32_t state = state_.load(std::memory_order_relaxed);
    while (true) {
      if (may_read(state)) {
        if (state_.compare_exchange_weak(state, state + 1, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
          return;
        }
        continue;
      }
      MORTISE_ASSERT((state & kCountMask) != kReadersMax);
      if ((state & (kReadersSleep | kWritersSleep)) == 0 && spins > 0) {
        --spins;
        cpu_relax();
        state = state_.load(std::memory_order_relaxed);
        continue;
      }
      if ((state & kReadersSleep) == 0) {
        if (!state_.compare_exchange_weak(state, state | kReadersSleep, std::memory_order_relaxed,
                                          std::memory_order_relaxed)) {
          continue;
        }
        state |= kReadersSleep;
      }
      Parking::wait(state_, state, kNoDeadline);
      spins = kSpins;
      state = state_.load(std::memory_order_relaxed);
    }
  }

  void lock_contended() {
    int spins = kSpins;
    uint32_t others_sleep = 0;
    uint32_t state = state_.load(std::memory_order_relaxed);
    while (true) {
      if ((state & kCountMask) == 0) {
        if (state_.compare_exchange_weak(state, (state + kWriter) | others_sleep,
                                         std::memory_order_acquire, std::memory_order_relaxed)) {
          return;
        }
        continue;
      }
      if ((state & kWritersSleep) == 0) {
        if (spins > 0) {
          --spins;
          cpu_relax();
          state = state_.load(std::memory_order_relaxed);
          continue;
        }
        if (!state_.compare_exchange_weak(state, state | kWritersSleep, std::memory_order_relaxed,
                                          std::memory_order_relaxed)) {
          continue;
        }
      }
      // Once we have slept we cannot know whether other writers do: leave the bit set for them.
      others_sleep = kWritersSleep;
      const uint32_t seen = writers_turn_.load(std::memory_order_acquire);
      state = state_.load(std::memory_order_relaxed);
      if ((state & kCountMask) == 0 || (state & kWritersSleep) == 0) continue;
      Parking::wait(writers_turn_, seen, kNoDeadline);
      spins = kSpins;
      state = state_.load(std::memory_order_relaxed);
    }
  }

  // The lock is free and somebody sleeps: one writer first, else all readers.  The bits are taken
  // back by the one who succeeds, so of several who free it in turn exactly one wakes.
  void wake_after(uint32_t state) {
    MORTISE_ASSERT((state & kCountMask) == 0);
    if (state == kWritersSleep) {
      if (state_.compare_exchange_strong(state, 0, std::memory_order_relaxed,
                                         std::memory_order_relaxed)) {
        writers_turn_.fetch_add(1, std::memory_order_release);
        Parking::wake(writers_turn_, 1);
        return;
      }
    }
    if (state == (kReadersSleep | kWritersSleep)) {
      if (!state_.compare_exchange_strong(state, kReadersSleep, std::memory_order_relaxed,
                                          std::memory_order_relaxed)) {
        return;  // someone has it again and will free it again
      }
      writers_turn_.fetch_add(1, std::memory_order_release);
      // Parking does not tell whether a writer slept, so readers are woken too: a writer between
      // its look at the state and its sleep must not leave them behind.
      Parking::wake(writers_turn_, 1);
      state = kReadersSleep;
    }
    if (state == kReadersSleep &&
        state_.compare_exchange_strong(state, 0, std::memory_order_relaxed,
                                       std::memory_order_relaxed)) {
      Parking::wake(state_, UINT32_MAX);
    }
  }

  std::atomic<uint32_t> state_{0};
  std::atomic<uint32_t> writers_turn_{0};
  const uint16_t rank_;
};

template <typename SharedMutex>
class MORTISE_SCOPED_CAPABILITY BasicSharedLock {
 public:
  explicit BasicSharedLock(SharedMutex& mutex) MORTISE_ACQUIRE_SHARED(mutex) : mutex_(mutex) {
    mutex_.lock_shared();
  }
  ~BasicSharedLock() MORTISE_RELEASE_GENERIC() { mutex_.unlock_shared(); }
  BasicSharedLock(const BasicSharedLock&) = delete;
  BasicSharedLock& operator=(const BasicSharedLock&) = delete;

 private:
  SharedMutex& mutex_;
};

}  // namespace mortise
