// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/lock_rank.hpp"

#include <cstdio>
#include <utility>

#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

thread_local HeldLocks own_locks;
thread_local HeldLocks* current_locks = nullptr;

HeldLocks& held_locks() {
  return current_locks != nullptr ? *current_locks : own_locks;
}

}  // namespace

const char* name_of(LockRank rank) {
  switch (rank) {
#define MORTISE_RANK_NAME(name) \
  case LockRank::name:          \
    return #name
    MORTISE_RANK_NAME(unranked);
    MORTISE_RANK_NAME(instance);
    MORTISE_RANK_NAME(plugin_registry);
    MORTISE_RANK_NAME(settings);
    MORTISE_RANK_NAME(session);
    MORTISE_RANK_NAME(catalog);
    MORTISE_RANK_NAME(catalog_store);
    MORTISE_RANK_NAME(transaction_table);
    MORTISE_RANK_NAME(transaction);
    MORTISE_RANK_NAME(lock_table);
    MORTISE_RANK_NAME(heap);
    MORTISE_RANK_NAME(undo);
    MORTISE_RANK_NAME(checkpoint);
    MORTISE_RANK_NAME(space);
    MORTISE_RANK_NAME(buffer_pool);
    MORTISE_RANK_NAME(double_write);
    MORTISE_RANK_NAME(space_file);
    MORTISE_RANK_NAME(log_order);
    MORTISE_RANK_NAME(log_flush);
    MORTISE_RANK_NAME(log_segments);
    MORTISE_RANK_NAME(log_buffer);
    MORTISE_RANK_NAME(task_pool);
    MORTISE_RANK_NAME(task_group);
    MORTISE_RANK_NAME(timer);
    MORTISE_RANK_NAME(network);
    MORTISE_RANK_NAME(connection);
    MORTISE_RANK_NAME(cancellation);
    MORTISE_RANK_NAME(metrics);
    MORTISE_RANK_NAME(log_sink);
    MORTISE_RANK_NAME(memory_account);
    MORTISE_RANK_NAME(memory_slab);
    MORTISE_RANK_NAME(io_reap);
    MORTISE_RANK_NAME(io_queue);
    MORTISE_RANK_NAME(sim_disk);
    MORTISE_RANK_NAME(leaf);
#undef MORTISE_RANK_NAME
  }
  return "unnamed";
}

HeldLocks* install_held_locks(HeldLocks* held) {
  return std::exchange(current_locks, held);
}

void check_lock_order(const void* lock, uint16_t rank) {
  const HeldLocks& mine = held_locks();
  for (uint32_t i = 0; i < mine.count; ++i) {
    const HeldLocks::Held& held = mine.held[i];
    if (held.lock == lock) {
      std::fprintf(stderr, "mortise: lock %s (%u) taken twice\n",
                   name_of(static_cast<LockRank>(rank)), rank);
      MORTISE_ASSERT(held.lock != lock);
    }
    if (rank != 0 && held.rank != 0 && held.rank >= rank) {
      std::fprintf(stderr, "mortise: lock %s (%u) wanted while %s (%u) is held\n",
                   name_of(static_cast<LockRank>(rank)), rank,
                   name_of(static_cast<LockRank>(held.rank)), held.rank);
      MORTISE_ASSERT(held.rank < rank);  // K1, K2
    }
  }
}

void note_locked(const void* lock, uint16_t rank) {
  HeldLocks& mine = held_locks();
  MORTISE_ASSERT(mine.count < HeldLocks::kHeldMax);
  mine.held[mine.count++] = {lock, rank};
}

void note_unlocked(const void* lock) {
  HeldLocks& mine = held_locks();
  for (uint32_t i = mine.count; i > 0; --i) {
    if (mine.held[i - 1].lock != lock) continue;
    for (uint32_t j = i; j < mine.count; ++j) mine.held[j - 1] = mine.held[j];
    --mine.count;
    return;
  }
  MORTISE_UNREACHABLE();  // unlocked by a thread that does not hold it
}

bool holds_lock(const void* lock) {
  if constexpr (!kLockRanksChecked) return true;
  const HeldLocks& mine = held_locks();
  for (uint32_t i = 0; i < mine.count; ++i) {
    if (mine.held[i].lock == lock) return true;
  }
  return false;
}

}  // namespace mortise::platform
