// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what became of transaction T?
//
// One word per transaction from the oldest that matters on: active, committed at an SCN, aborting
// or aborted.  What is older was committed before every view that can still be asked for, so one
// number (`ancient`) stands for the SCN of all of them.
//
//   word   0 = never begun · 01 active · 10 + SCN committed · 11 aborting (1: rolled back)
//
// Invariants
//   T1  A committed word is set before visible_scn reaches its SCN; so a view that was taken before
//       a row was read never finds `active` for a commit that it must see.
//   T2  trim(horizon) forgets only transactions that are finished and, if committed, below horizon.
//   T3  `ancient` >= the SCN of every forgotten commit, and <= every view that may still ask.
//
// Chunks are never given back to the system, only to other ids, so a reader that is overtaken by
// trim() reads some other word and then sees that its id is forgotten.
//
// Threads: [any, concurrent]; trim one at a time (its own lock).

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernel/base/ids.hpp"
#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::txn {

enum class TxnState : uint8_t { active, committed, aborting, aborted };

struct TxnOutcome {
  TxnState state;
  Scn scn;  // of a committed one; an upper bound if it was forgotten
};

class TxnMap {
 public:
  // Bounds how many transactions may begin while the oldest unfinished one stays open.
  static constexpr uint64_t kSpanMax = (uint64_t{1} << 28) - (uint64_t{1} << 12);

  TxnMap() = default;
  TxnMap(const TxnMap&) = delete;
  TxnMap& operator=(const TxnMap&) = delete;
  ~TxnMap();

  // Before the first begin: ids go on from `next`; what is older was committed at or before
  // `ancient`, except for `losers`, which are to be rolled back.  [control]
  void recover(TxnId next, Scn ancient, const std::vector<TxnId>& losers);

  // A new id, active.  `limit` 54000 past kSpanMax.
  Result<TxnId> begin();
  // `scn` becomes the outcome (T1).  Under the log's ordering lock.
  void set_committed(TxnId txn, Scn scn);
  void set_aborting(TxnId txn);
  void set_aborted(TxnId txn);

  TxnOutcome find(TxnId txn) const;
  bool is_finished(TxnId txn) const {
    const TxnState state = find(txn).state;
    return state == TxnState::committed || state == TxnState::aborted;
  }

  // Forgets (T2).
  void trim(Scn horizon);
  // All transactions before `txn` are finished; those that committed did so at or before `scn`. So
  // a page without a younger writer shows its head versions to every view from `scn` on.
  struct Settled {
    TxnId txn;
    Scn scn;
  };
  // As far as that is true for commits up to `visible`.
  Settled settle(Scn visible);
  TxnId next_id() const { return TxnId{next_.load(std::memory_order_acquire)}; }
  // Everything older is finished: its changes are committed or gone.
  TxnId oldest_kept() const { return TxnId{oldest_.load(std::memory_order_acquire)}; }
  Scn ancient() const { return Scn{ancient_.load(std::memory_order_acquire)}; }

 private:
  static constexpr uint32_t kChunkEntries = 4096;
  static constexpr uint32_t kDirectoryEntries = 1u << 16;
  struct Chunk {
    std::array<std::atomic<uint64_t>, kChunkEntries> words;
  };
  struct Loser {
    uint64_t txn;
    std::atomic<uint64_t> word;
  };

  std::atomic<uint64_t>* word_of(uint64_t txn) const;
  Loser* find_loser(uint64_t txn) const;
  Chunk* take_chunk() MORTISE_REQUIRES(mutex_);
  void store(TxnId txn, uint64_t word);

  std::atomic<uint64_t> next_{1};
  std::atomic<uint64_t> oldest_{1};
  std::atomic<uint64_t> ancient_{1};
  std::atomic<uint32_t> losers_open_{0};
  std::unique_ptr<Loser[]> losers_;  // sorted; constant after recover()
  uint32_t losers_count_ = 0;
  std::unique_ptr<std::atomic<Chunk*>[]> directory_ =
      std::make_unique<std::atomic<Chunk*>[]>(kDirectoryEntries);

  platform::Mutex mutex_{platform::LockRank::leaf};
  Settled settled_ MORTISE_GUARDED_BY(mutex_){TxnId{1}, Scn{1}};
  std::vector<Chunk*> free_ MORTISE_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Chunk>> chunks_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace mortise::txn
