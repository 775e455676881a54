// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: in which order may locks be taken?
//
// Invariants
//   K1  A thread that waits for a lock holds only locks of lower rank.  Debug builds assert it.
//   K2  Locks of equal rank are never held together, except `unranked`, which takes no part.
//   K3  try_lock may break the order, because it does not wait; what is locked after it may not.
//
// Outermost first; a new lock gets a line here, between its neighbours.
//
// Threads: the held set belongs to the calling thread (or fiber).

#include <cstdint>

namespace mortise::platform {

enum class LockRank : uint16_t {
  unranked = 0,

  instance = 1000,           // start and stop of the whole
  plugin_registry = 1100,    // loader and registry
  settings = 1200,           // kernel/config
  session = 2000,            // one client's state
  catalog = 3000,            // names and definitions
  catalog_store = 3100,      // the bootstrap catalog's SQLite connection
  lock_table = 4200,         // row and table locks
  heap = 5000,               // free space, segment growth
  undo = 5100,
  checkpoint = 6000,
  space = 6100,        // extents of a page space
  buffer_pool = 6200,  // free lists, eviction
  double_write = 6300,
  space_file = 6400,  // growth of one file of pages
  transaction_table = 6500,  // who is active; a checkpoint asks
  transaction = 6600,        // one transaction's end of its undo chain: held while it is logged
  log_order = 6900,     // SCN order = order of commit records
  log_flush = 7000,     // whoever writes the log
  log_segments = 7050,  // which segment files there are
  log_buffer = 7100,
  task_pool = 8000,  // queues of the worker pool
  task_group = 8100,
  timer = 8200,
  network = 8300,       // tables of listeners and connections
  connection = 8310,    // one connection's outgoing bytes
  cancellation = 8400,  // who wants to hear of a cancellation
  metrics = 9000,
  log_sink = 9100,  // text logging: allowed below nearly everything
  memory_account = 9200,
  memory_slab = 9300,
  io_reap = 9350,   // waiting for completions
  io_queue = 9400,  // inside an IoBackend
  sim_disk = 9500,
  leaf = 9999,  // takes nothing else while held
};

// "buffer_pool"; "rank 1234" is never needed, every value has a name.
const char* name_of(LockRank rank);

#ifndef NDEBUG
inline constexpr bool kLockRanksChecked = true;
#else
inline constexpr bool kLockRanksChecked = false;
#endif

// The locks one thread holds.  A simulator keeps one per fiber and switches with the fiber.
struct HeldLocks {
  static constexpr uint32_t kHeldMax = 64;
  struct Held {
    const void* lock;
    uint16_t rank;
  };
  uint32_t count = 0;
  Held held[kHeldMax];
};

// Makes `held` the calling thread's set; nullptr goes back to the thread's own.  Answers the
// previous one.
HeldLocks* install_held_locks(HeldLocks* held);

// Assert K1 and K2 and keep the set.  Called by the locks; also for latches elsewhere.
void check_lock_order(const void* lock, uint16_t rank);
void note_locked(const void* lock, uint16_t rank);
void note_unlocked(const void* lock);
// For assertions: does the calling thread hold it?  Always true where ranks are not checked.
bool holds_lock(const void* lock);

}  // namespace mortise::platform
