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
// No lock is recursive.
//
// Threads: [any, concurrent]

#include "mortise/cpp/basic_mutex.hpp"         // IWYU pragma: export
#include "mortise/cpp/basic_shared_mutex.hpp"  // IWYU pragma: export
