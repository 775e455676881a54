// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who may look at a frame, who may change it, and has it changed since I looked?
//
// One 64-bit word, after vmcache's and LeanStore's: a state and a version that is never reset.
//
//   bit 63     somebody sleeps
//   bits 56-62 0 free, 1..124 shared holders, 126 exclusive
//   bits 0-55  version; grows when an exclusive holder leaves that has changed something
//
// Our differences: sleepers are noted in the word itself, so that an unlock knows without a fence
// whether to wake; the version stays when nothing was changed.
//
// Invariants
//   L1  The version never goes back, also when the frame gets another page.
//   L2  What an optimistic reader has read is true if `validate` says so after the last read.
//   L3  A waiter spins kSpinsMax times at most, then it sleeps.
//   L4  Whoever sleeps on a condition (`lock_*_while`) asks for it after it is noted as a sleeper;
//       so a condition that ends under the exclusive latch ends the sleep.
//
// Threads: [any, concurrent]

#include <atomic>
#include <cstdint>

#include "kernel/base/function_ref.hpp"

namespace mortise::buffer {

class Latch {
 public:
  static constexpr uint32_t kSharedMax = 124;
  static constexpr uint32_t kSpinsMax = 64;

  bool try_lock_shared();
  void lock_shared();
  void unlock_shared();
  bool try_lock_exclusive();
  void lock_exclusive();
  // Give up, without the latch, when it cannot be had at once and `holds` does not (L4).  Who has
  // got the latch asks again: the condition may have ended before.
  using Condition = FunctionRef<bool()>;
  bool lock_shared_while(Condition holds);
  bool lock_exclusive_while(Condition holds);
  // Exclusive, if nobody is inside and the version is still this one.
  bool try_upgrade(uint64_t version);
  // `changed`: optimistic readers have to start over (L2).
  void unlock_exclusive(bool changed);
  // The exclusive holder becomes a shared one, without a moment in between.
  void downgrade(bool changed);

  // Begins an optimistic read.  False while an exclusive holder is inside.
  bool try_begin(uint64_t& version) const {
    const uint64_t word = word_.load(std::memory_order_acquire);
    version = word & kVersionMask;
    return (word & kStateMask) != kExclusive;
  }
  bool validate(uint64_t version) const {
#if !defined(__SANITIZE_THREAD__)  // it knows no fences; there, readers hold the latch
    std::atomic_thread_fence(std::memory_order_acquire);
#endif
    const uint64_t word = word_.load(std::memory_order_relaxed);
    return (word & kVersionMask) == version && (word & kStateMask) != kExclusive;
  }

  // Of the exclusive holder: what optimistic readers had seen before it came.
  uint64_t version() const { return word_.load(std::memory_order_relaxed) & kVersionMask; }

  bool is_exclusive() const {
    return (word_.load(std::memory_order_relaxed) & kStateMask) == kExclusive;
  }
  bool is_free() const { return (word_.load(std::memory_order_relaxed) & kStateMask) == 0; }

 private:
  static constexpr uint64_t kVersionMask = (uint64_t{1} << 56) - 1;
  static constexpr uint64_t kOneShared = uint64_t{1} << 56;
  static constexpr uint64_t kStateMask = uint64_t{127} << 56;
  static constexpr uint64_t kExclusive = uint64_t{126} << 56;
  static constexpr uint64_t kSleepers = uint64_t{1} << 63;

  bool lock(bool for_shared, const Condition* holds);
  bool wait(bool for_shared, const Condition* holds);
  void wake();

  std::atomic<uint64_t> word_{0};
  std::atomic<uint32_t> wake_count_{0};  // the word that sleepers park on
};

}  // namespace mortise::buffer
