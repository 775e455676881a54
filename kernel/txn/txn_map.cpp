// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/txn_map.hpp"

#include <algorithm>

#include "mortise/cpp/assert.hpp"

namespace mortise::txn {
namespace {

constexpr uint64_t kActive = uint64_t{1} << 62;
constexpr uint64_t kCommitted = uint64_t{2} << 62;
constexpr uint64_t kAborting = uint64_t{3} << 62;
constexpr uint64_t kAborted = kAborting | 1;
constexpr uint64_t kValueMask = kActive - 1;

TxnOutcome outcome_of(uint64_t word) {
  switch (word >> 62) {
    case 2:
      return {TxnState::committed, Scn{word & kValueMask}};
    case 3:
      return {word == kAborted ? TxnState::aborted : TxnState::aborting, kNoScn};
    default:
      return {TxnState::active, kNoScn};
  }
}

}  // namespace

TxnMap::~TxnMap() = default;

void TxnMap::recover(TxnId next, Scn ancient, const std::vector<TxnId>& losers) {
  MORTISE_ASSERT(next_.load() == oldest_.load());  // nothing has begun
  next_.store(raw(next));
  oldest_.store(raw(next));
  ancient_.store(raw(ancient));
  losers_ = std::make_unique<Loser[]>(losers.size());
  losers_count_ = static_cast<uint32_t>(losers.size());
  std::vector<TxnId> sorted = losers;
  std::sort(sorted.begin(), sorted.end());
  for (uint32_t i = 0; i < losers_count_; ++i) {
    MORTISE_ASSERT(sorted[i] < next);
    losers_[i].txn = raw(sorted[i]);
    losers_[i].word.store(kAborting);
  }
  losers_open_.store(losers_count_);
}

TxnMap::Loser* TxnMap::find_loser(uint64_t txn) const {
  Loser* end = losers_.get() + losers_count_;
  Loser* found = std::lower_bound(losers_.get(), end, txn,
                                  [](const Loser& a, uint64_t b) { return a.txn < b; });
  return found != end && found->txn == txn ? found : nullptr;
}

std::atomic<uint64_t>* TxnMap::word_of(uint64_t txn) const {
  Chunk* chunk =
      directory_[(txn / kChunkEntries) % kDirectoryEntries].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : &chunk->words[txn % kChunkEntries];
}

TxnMap::Chunk* TxnMap::take_chunk() {
  if (!free_.empty()) {
    Chunk* chunk = free_.back();
    free_.pop_back();
    for (std::atomic<uint64_t>& word : chunk->words) word.store(0, std::memory_order_relaxed);
    return chunk;
  }
  chunks_.push_back(std::make_unique<Chunk>());
  return chunks_.back().get();
}

Result<TxnId> TxnMap::begin() {
  platform::Lock lock(mutex_);
  const uint64_t txn = next_.load(std::memory_order_relaxed);
  if (txn - oldest_.load(std::memory_order_relaxed) >= kSpanMax) {
    return limit("too many transactions have begun since the oldest open one");
  }
  std::atomic<Chunk*>& place = directory_[(txn / kChunkEntries) % kDirectoryEntries];
  if (place.load(std::memory_order_relaxed) == nullptr) {
    place.store(take_chunk(), std::memory_order_release);
  }
  word_of(txn)->store(kActive, std::memory_order_release);
  next_.store(txn + 1, std::memory_order_release);
  return TxnId{txn};
}

void TxnMap::store(TxnId txn, uint64_t word) {
  if (Loser* loser = find_loser(raw(txn)); loser != nullptr) {
    const uint64_t before = loser->word.exchange(word, std::memory_order_seq_cst);
    if (before == kAborting && word == kAborted) losers_open_.fetch_sub(1);
    return;
  }
  MORTISE_ASSERT(raw(txn) >= oldest_.load(std::memory_order_relaxed));
  word_of(raw(txn))->store(word, std::memory_order_seq_cst);
}

void TxnMap::set_committed(TxnId txn, Scn scn) {
  MORTISE_ASSERT(raw(scn) <= kValueMask);
  store(txn, kCommitted | raw(scn));
}
void TxnMap::set_aborting(TxnId txn) {
  store(txn, kAborting);
}
void TxnMap::set_aborted(TxnId txn) {
  store(txn, kAborted);
}

TxnOutcome TxnMap::find(TxnId txn) const {
  if (raw(txn) >= oldest_.load(std::memory_order_seq_cst)) {
    if (std::atomic<uint64_t>* place = word_of(raw(txn)); place != nullptr) {
      const uint64_t word = place->load(std::memory_order_seq_cst);
      // Overtaken by trim()?  Then the word may be another transaction's.
      if (raw(txn) >= oldest_.load(std::memory_order_seq_cst)) return outcome_of(word);
    }
  }
  if (losers_count_ != 0 && losers_open_.load(std::memory_order_seq_cst) != 0) {
    if (const Loser* loser = find_loser(raw(txn)); loser != nullptr) {
      return outcome_of(loser->word.load(std::memory_order_seq_cst));
    }
  }
  return {TxnState::committed, ancient()};
}

TxnMap::Settled TxnMap::settle(Scn visible) {
  platform::Lock lock(mutex_);
  if (losers_open_.load(std::memory_order_seq_cst) != 0) return settled_;
  const uint64_t next = next_.load(std::memory_order_relaxed);
  uint64_t txn = std::max(raw(settled_.txn), oldest_.load(std::memory_order_relaxed));
  uint64_t scn = std::max(raw(settled_.scn), ancient_.load(std::memory_order_relaxed));
  for (; txn < next; ++txn) {
    const TxnOutcome outcome = outcome_of(word_of(txn)->load(std::memory_order_seq_cst));
    if (outcome.state == TxnState::committed && outcome.scn <= visible) {
      scn = std::max(scn, raw(outcome.scn));
    } else if (outcome.state != TxnState::aborted) {
      break;
    }
  }
  settled_ = {TxnId{txn}, Scn{scn}};
  return settled_;
}

void TxnMap::trim(Scn horizon) {
  platform::Lock lock(mutex_);
  uint64_t oldest = oldest_.load(std::memory_order_relaxed);
  uint64_t ancient = ancient_.load(std::memory_order_relaxed);
  const uint64_t next = next_.load(std::memory_order_relaxed);
  const uint64_t first = oldest;
  while (oldest < next) {
    const uint64_t word = word_of(oldest)->load(std::memory_order_seq_cst);
    const TxnOutcome outcome = outcome_of(word);
    if (outcome.state == TxnState::committed && outcome.scn < horizon) {
      ancient = std::max(ancient, raw(outcome.scn));
    } else if (outcome.state != TxnState::aborted) {
      break;
    }
    ++oldest;
  }
  if (oldest == first) return;
  ancient_.store(ancient, std::memory_order_seq_cst);
  oldest_.store(oldest, std::memory_order_seq_cst);
  for (uint64_t chunk = first / kChunkEntries; chunk < oldest / kChunkEntries; ++chunk) {
    Chunk* unused = directory_[chunk % kDirectoryEntries].exchange(nullptr);
    if (unused != nullptr) free_.push_back(unused);
  }
}

}  // namespace mortise::txn
