// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/horizon.hpp"

#include <algorithm>

#include "mortise/cpp/assert.hpp"

namespace mortise::txn {

Horizon::Horizon() : chunks_(std::make_unique<std::atomic<Chunk*>[]>(kChunksMax)) {}

Horizon::~Horizon() {
  for (uint32_t i = 0; i < chunk_count_.load(); ++i) delete chunks_[i].load();
}

void Horizon::recover(Scn scn) {
  horizon_.store(raw(scn));
  safe_.store(raw(scn));
}

Horizon::Slot* Horizon::acquire() {
  platform::Lock lock(mutex_);
  if (free_.empty()) {
    const uint32_t count = chunk_count_.load(std::memory_order_relaxed);
    MORTISE_ASSERT(count < kChunksMax);  // a million readers
    Chunk* chunk = new Chunk();
    for (uint32_t i = kChunkSlots; i-- > 0;) {
      chunk->slots[i].index = count * kChunkSlots + i;
      free_.push_back(&chunk->slots[i]);
    }
    chunks_[count].store(chunk, std::memory_order_release);
    chunk_count_.store(count + 1, std::memory_order_seq_cst);
  }
  Slot* slot = free_.back();
  free_.pop_back();
  return slot;
}

void Horizon::release(Slot* slot) {
  close(*slot);
  platform::Lock lock(mutex_);
  free_.push_back(slot);
}

Scn Horizon::open(Slot& slot, const std::atomic<uint64_t>& visible) {
  for (;;) {
    const uint64_t snapshot = visible.load(std::memory_order_seq_cst);
    slot.snapshot.store(snapshot, std::memory_order_seq_cst);
    if (horizon_.load(std::memory_order_seq_cst) <= snapshot) return Scn{snapshot};
  }
}

bool Horizon::open_as_of(Slot& slot, Scn scn) {
  const uint64_t before = slot.snapshot.load(std::memory_order_relaxed);
  slot.snapshot.store(std::min(before, raw(scn)), std::memory_order_seq_cst);
  if (horizon_.load(std::memory_order_seq_cst) <= raw(scn)) return true;
  slot.snapshot.store(before, std::memory_order_seq_cst);
  return false;
}

uint64_t Horizon::least_snapshot() const {
  uint64_t least = UINT64_MAX;
  const uint32_t count = chunk_count_.load(std::memory_order_seq_cst);
  for (uint32_t i = 0; i < count; ++i) {
    for (const Slot& slot : chunks_[i].load(std::memory_order_acquire)->slots) {
      least = std::min(least, slot.snapshot.load(std::memory_order_seq_cst));
    }
  }
  return least;
}

Scn Horizon::advance(Scn wanted) {
  platform::Lock lock(advance_mutex_);
  const uint64_t candidate = std::min(raw(wanted), least_snapshot());
  if (candidate > horizon_.load(std::memory_order_relaxed)) {
    horizon_.store(candidate, std::memory_order_seq_cst);
  }
  // A reader that did not see the new horizon has stored its snapshot before: it is seen here.
  const uint64_t safe = std::min(horizon_.load(std::memory_order_relaxed), least_snapshot());
  if (safe > safe_.load(std::memory_order_relaxed)) safe_.store(safe, std::memory_order_release);
  return Scn{safe_.load(std::memory_order_relaxed)};
}

}  // namespace mortise::txn
