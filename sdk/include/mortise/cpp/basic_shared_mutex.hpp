// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do many readers and few writers share?
//
// See basic_sync.hpp for Parking and for L1..L4.  Waiting writers go first, so that readers cannot
// starve them; therefore a reader must not take the same lock again.
//
// Threads: [any, concurrent]

#include <atomic>
#include <cstdint>

#include "mortise/cpp/annotations.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/basic_mutex.hpp"

namespace mortise {

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
