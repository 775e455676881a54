// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which locks does a plugin use?
//
// Those of mortise/cpp/basic_sync.hpp over the host's service, so that the plugin runs unchanged in
// the simulator.  `use_sync` is called once, from the plugin's `start`, before any lock is
// contended.
//
//   Mutex mutex_;
//   std::deque<Job> jobs_ MORTISE_GUARDED_BY(mutex_);
//   Lock lock(mutex_);
//   while (jobs_.empty()) changed_.wait(mutex_);
//
// Threads: [any, concurrent]

#include "mortise/cpp/basic_sync.hpp"
#include "mortise/iface/sync.h"

namespace mortise {

struct HostParking {
  static bool wait(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns) {
    service->park(reinterpret_cast<const uint32_t*>(&word), expected, deadline_ns);
    return deadline_ns == kNoDeadline || service->monotonic_ns() < deadline_ns;
  }
  static void wake(const std::atomic<uint32_t>& word, uint32_t count) {
    service->wake(reinterpret_cast<const uint32_t*>(&word), count);
  }
  static void will_lock(const void*, uint16_t) {}
  static void did_lock(const void*, uint16_t) {}
  static void did_unlock(const void*) {}

  // Written once by use_sync; read by everything after.
  static inline const mortise_iface_sync_t* service = nullptr;
};
static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

inline void use_sync(const mortise_iface_sync_t* service) { HostParking::service = service; }

using Mutex = BasicMutex<HostParking>;
using SharedMutex = BasicSharedMutex<HostParking>;
using CondVar = BasicCondVar<HostParking>;
using Lock = BasicLock<Mutex>;
using ExclusiveLock = BasicLock<SharedMutex>;
using SharedLock = BasicSharedLock<SharedMutex>;

}  // namespace mortise
