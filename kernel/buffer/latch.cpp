// SPDX-License-Identifier: Apache-2.0
#include "kernel/buffer/latch.hpp"

#include "kernel/platform/parking.hpp"
#include "kernel/platform/scheduler.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/basic_sync.hpp"

namespace mortise::buffer {

bool Latch::try_lock_shared() {
  uint64_t word = word_.load(std::memory_order_relaxed);
  while ((word & kStateMask) < kSharedMax * kOneShared) {
    if (word_.compare_exchange_weak(word, word + kOneShared, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

bool Latch::try_lock_exclusive() {
  uint64_t word = word_.load(std::memory_order_relaxed);
  while ((word & kStateMask) == 0) {
    if (word_.compare_exchange_weak(word, word | kExclusive, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

bool Latch::try_upgrade(uint64_t version) {
  uint64_t word = word_.load(std::memory_order_relaxed);
  while ((word & kStateMask) == 0 && (word & kVersionMask) == version) {
    if (word_.compare_exchange_weak(word, word | kExclusive, std::memory_order_acquire,
                                    std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void Latch::lock_shared() {
  MORTISE_YIELD("latch.shared");
  (void)lock(true, nullptr);
}

void Latch::lock_exclusive() {
  MORTISE_YIELD("latch.exclusive");
  (void)lock(false, nullptr);
}

bool Latch::lock_shared_while(Condition holds) {
  MORTISE_YIELD("latch.shared");
  return lock(true, &holds);
}

bool Latch::lock_exclusive_while(Condition holds) {
  MORTISE_YIELD("latch.exclusive");
  return lock(false, &holds);
}

bool Latch::lock(bool for_shared, const Condition* holds) {
  for (uint32_t spin = 0; for_shared ? !try_lock_shared() : !try_lock_exclusive(); ++spin) {
    if (spin < kSpinsMax) {
      cpu_relax();
    } else if (!wait(for_shared, holds)) {
      return false;
    }
  }
  return true;
}

// Sleeps once, unless the latch became free; then the caller tries again.  False: `holds` does not.
bool Latch::wait(bool for_shared, const Condition* holds) {
  const uint32_t seen = wake_count_.load(std::memory_order_acquire);
  // Acquire: what an exclusive holder did before it let go shows in `holds` (L4).
  uint64_t word = word_.load(std::memory_order_acquire);
  for (;;) {
    const uint64_t state = word & kStateMask;
    if (for_shared ? state < kSharedMax * kOneShared : state == 0) return true;
    if ((word & kSleepers) != 0) break;
    if (word_.compare_exchange_weak(word, word | kSleepers, std::memory_order_acquire)) break;
  }
  if (holds != nullptr && !(*holds)()) return false;
  platform::park_wait(wake_count_, seen);
  return true;
}

void Latch::wake() {
  wake_count_.fetch_add(1, std::memory_order_release);
  platform::park_wake_all(wake_count_);
}

void Latch::unlock_shared() {
  uint64_t word = word_.load(std::memory_order_relaxed);
  uint64_t next = 0;
  do {
    MORTISE_DEBUG_ASSERT((word & kStateMask) != 0);
    MORTISE_DEBUG_ASSERT((word & kStateMask) != kExclusive);
    next = word - kOneShared;
    // Sleepers wait for the last one out, or for the count to fall below its bound.
    next &= ~kSleepers;
  } while (!word_.compare_exchange_weak(word, next, std::memory_order_release,
                                        std::memory_order_relaxed));
  if ((word & kSleepers) != 0) wake();
}

void Latch::unlock_exclusive(bool changed) {
  const uint64_t word = word_.load(std::memory_order_relaxed);
  MORTISE_ASSERT((word & kStateMask) == kExclusive);
  const uint64_t version = ((word & kVersionMask) + (changed ? 1 : 0)) & kVersionMask;
  const uint64_t before = word_.exchange(version, std::memory_order_release);
  if ((before & kSleepers) != 0) wake();
}

void Latch::downgrade(bool changed) {
  const uint64_t word = word_.load(std::memory_order_relaxed);
  MORTISE_ASSERT((word & kStateMask) == kExclusive);
  const uint64_t version = ((word & kVersionMask) + (changed ? 1 : 0)) & kVersionMask;
  const uint64_t before = word_.exchange(version | kOneShared, std::memory_order_release);
  if ((before & kSleepers) != 0) wake();
}

}  // namespace mortise::buffer
