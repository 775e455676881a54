// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which locks does the kernel use?
//
//   Mutex mutex_{LockRank::catalog};
//   std::map<...> names_ MORTISE_GUARDED_BY(mutex_);
//   Lock lock(mutex_);
//   while (names_.empty()) changed_.wait(mutex_);
//
// The text of the locks is shared with plugins (mortise/cpp/basic_sync.hpp, L1..L4).
//
// Threads: [any, concurrent]

#include "kernel/platform/lock_rank.hpp"
#include "kernel/platform/parking.hpp"
#include "kernel/platform/scheduler.hpp"
#include "mortise/cpp/basic_sync.hpp"

namespace mortise::platform {

struct KernelParking {
  static bool wait(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns) {
    return park_wait(word, expected, deadline_ns);
  }
  static void wake(const std::atomic<uint32_t>& word, uint32_t count) { park_wake(word, count); }
  static void will_lock(const void* lock, uint16_t rank) {
    MORTISE_YIELD("mutex.lock");
    if constexpr (kLockRanksChecked) check_lock_order(lock, rank);
  }
  static void did_lock(const void* lock, uint16_t rank) {
    if constexpr (kLockRanksChecked) note_locked(lock, rank);
  }
  static void did_unlock(const void* lock) {
    if constexpr (kLockRanksChecked) note_unlocked(lock);
  }
};

class MORTISE_CAPABILITY("mutex") Mutex : public BasicMutex<KernelParking> {
 public:
  constexpr Mutex() noexcept = default;
  explicit constexpr Mutex(LockRank rank) noexcept
      : BasicMutex<KernelParking>(static_cast<uint16_t>(rank)) {}
};

class MORTISE_CAPABILITY("shared_mutex") SharedMutex : public BasicSharedMutex<KernelParking> {
 public:
  constexpr SharedMutex() noexcept = default;
  explicit constexpr SharedMutex(LockRank rank) noexcept
      : BasicSharedMutex<KernelParking>(static_cast<uint16_t>(rank)) {}
};

using CondVar = BasicCondVar<KernelParking>;
using Lock = BasicLock<Mutex>;
using ExclusiveLock = BasicLock<SharedMutex>;
using SharedLock = BasicSharedLock<SharedMutex>;

}  // namespace mortise::platform
