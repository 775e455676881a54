// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which snapshots may somebody still read through?
//
// Every reader publishes its snapshot in a slot; the horizon is the least of them, of visible_scn,
// and of what retention asks for.  Versions that ended before the horizon can be forgotten.
//
// Invariants
//   H1  horizon() <= every snapshot that open()/open_as_of() has granted and close() has not taken
//       back.  A reader stores its snapshot and then looks at the horizon again; whoever raises
//       the horizon stores it and then looks at the slots again.  One of the two sees the other.
//   H2  horizon() never goes back.
//
// Threads: a slot belongs to one reader; the rest [any, concurrent].

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernel/base/ids.hpp"
#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::txn {

class Horizon {
 public:
  struct alignas(64) Slot {
    std::atomic<uint64_t> snapshot{UINT64_MAX};  // UINT64_MAX: nobody reads through it
    uint32_t index = 0;
  };

  Horizon();
  ~Horizon();
  Horizon(const Horizon&) = delete;
  Horizon& operator=(const Horizon&) = delete;

  // At start: nothing before `scn` can be read.  [control]
  void recover(Scn scn);

  Slot* acquire();
  void release(Slot* slot);

  // Takes the newest snapshot.  An older one in the slot is replaced.
  Scn open(Slot& slot, const std::atomic<uint64_t>& visible);
  // Moves the slot to `scn`; false when the horizon has passed it (the slot is then unchanged).
  bool open_as_of(Slot& slot, Scn scn);
  void close(Slot& slot) { slot.snapshot.store(UINT64_MAX, std::memory_order_release); }

  // Raises the horizon as far as readers and `wanted` allow; answers it.
  Scn advance(Scn wanted);
  // What may have been forgotten is older than this.
  Scn current() const { return Scn{horizon_.load(std::memory_order_seq_cst)}; }
  // The safe bound of the last advance(): versions that ended before it are nobody's.
  Scn safe() const { return Scn{safe_.load(std::memory_order_acquire)}; }

 private:
  static constexpr uint32_t kChunkSlots = 256;
  static constexpr uint32_t kChunksMax = 4096;
  struct Chunk {
    std::array<Slot, kChunkSlots> slots;
  };

  uint64_t least_snapshot() const;

  std::atomic<uint64_t> horizon_{0};
  std::atomic<uint64_t> safe_{0};
  std::atomic<uint32_t> chunk_count_{0};
  std::unique_ptr<std::atomic<Chunk*>[]> chunks_;
  platform::Mutex mutex_{platform::LockRank::leaf};
  std::vector<Slot*> free_ MORTISE_GUARDED_BY(mutex_);
  platform::Mutex advance_mutex_{platform::LockRank::leaf};
};

}  // namespace mortise::txn
