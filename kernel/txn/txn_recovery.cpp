// SPDX-License-Identifier: Apache-2.0

// What a crash leaves open, and how it is closed.
//
//   checkpoint payload: format u32, count u32, next txn u64, last SCN u64, then count times
//                       {txn u64, undo head u64}: the transactions that have changed something
//
// Analysis reads every record from the redo position on.  A record with a transaction's id says in
// its payload where that transaction's rollback would begin (txn_step.hpp, S1), so the last one
// wins; a commit or abort closes it.  Losers are taken back before the instance opens.

#include <algorithm>

#include "kernel/base/bytes.hpp"
#include "kernel/txn/txn_manager.hpp"

namespace mortise::txn {
namespace {

constexpr uint32_t kPayloadFormat = 1;
constexpr size_t kPayloadHeaderBytes = 24;
constexpr size_t kPayloadEntryBytes = 16;

}  // namespace

Result<std::vector<std::byte>> TxnManager::checkpoint_payload() {
  std::vector<std::pair<TxnId, UndoPtr>> open;
  const TxnId next = map_.next_id();
  const Scn last = clock_.last();
  for (uint32_t i = 0; i < kShardCount; ++i) {
    platform::Lock lock(shards_[i].mutex);
    for (const auto& [id, txn] : shards_[i].writers) {
      platform::Lock txn_lock(txn->mutex_);
      if (!txn->has_ended_ && !txn->undo_head_.is_null()) open.emplace_back(id, txn->undo_head_);
    }
  }
  {
    // After the live ones: a rollback that fails moves from there to here (M4).
    platform::Lock lock(unfinished_mutex_);
    for (const auto& [id, kept] : unfinished_) {
      const auto is_same = [id = id](const auto& entry) { return entry.first == id; };
      if (std::none_of(open.begin(), open.end(), is_same)) open.emplace_back(id, kept.head);
    }
  }
  std::vector<std::byte> payload(kPayloadHeaderBytes + open.size() * kPayloadEntryBytes);
  store_le(payload.data(), kPayloadFormat);
  store_le(payload.data() + 4, static_cast<uint32_t>(open.size()));
  store_le(payload.data() + 8, next);
  store_le(payload.data() + 16, last);
  std::byte* at = payload.data() + kPayloadHeaderBytes;
  for (const auto& [id, head] : open) {
    store_le(at, id);
    store_le(at + 8, head.word());
    at += kPayloadEntryBytes;
  }
  return payload;
}

Status TxnManager::on_checkpoint(std::span<const std::byte> payload) {
  if (payload.empty()) return {};
  if (payload.size() < kPayloadHeaderBytes) return corrupt("checkpoint is too short");
  if (load_le<uint32_t>(payload.data()) != kPayloadFormat) {
    return unsupported("checkpoint has another format: " +
                       std::to_string(load_le<uint32_t>(payload.data())));
  }
  const uint64_t count = load_le<uint32_t>(payload.data() + 4);
  if (payload.size() != kPayloadHeaderBytes + count * kPayloadEntryBytes) {
    return corrupt("checkpoint has a wrong size");
  }
  next_txn_ = load_le<TxnId>(payload.data() + 8);
  last_scn_ = std::max(last_scn_, load_le<Scn>(payload.data() + 16));
  for (uint64_t i = 0; i < count; ++i) {
    const std::byte* at = payload.data() + kPayloadHeaderBytes + i * kPayloadEntryBytes;
    open_[load_le<TxnId>(at)] = UndoPtr(load_le<uint64_t>(at + 8));
  }
  return {};
}

Status TxnManager::on_record(const log::RecordView& record) {
  const TxnId id = record.txn();
  if (raw(id) == 0) return {};
  if (id >= next_txn_) next_txn_ = next(id);
  switch (record.kind()) {
    case log::RecordKind::commit:
      if (record.payload().size() < sizeof(uint64_t)) return corrupt("commit record is too short");
      last_scn_ = std::max(last_scn_, load_le<Scn>(record.payload().data()));
      open_.erase(id);
      return {};
    case log::RecordKind::abort:
      open_.erase(id);
      return {};
    case log::RecordKind::page_changes:
    case log::RecordKind::undo_step:
      // Changes of a transaction that need no undo (an index's) come without a payload.
      if (record.payload().size() == sizeof(uint64_t)) {
        open_[id] = UndoPtr(load_le<uint64_t>(record.payload().data()));
      }
      return {};
    default:
      return {};
  }
}

Status TxnManager::on_redo_done(recovery::Storage& storage) {
  storage_ = &storage;
  std::vector<TxnId> losers;
  for (const auto& [id, head] : open_) losers.push_back(id);
  map_.recover(next_txn_, last_scn_, losers);
  clock_.observe(last_scn_);
  queue_.recover(last_scn_);
  horizon_.recover(last_scn_);
  MORTISE_TRY(undo_.open(storage, last_scn_));
  for (const auto& [id, head] : open_) {
    Rollback rollback{id, head};
    Status status = undo_until(rollback, UndoPtr());
    if (status.code() == Code::corrupt) {
      // One damaged page keeps its rows from being taken back, not the rest from being used.
      keep_unfinished(id, rollback.head, std::move(status));
      continue;
    }
    MORTISE_TRY(std::move(status));
    MORTISE_TRY(log_abort(id));
    map_.set_aborted(id);
    ++losers_undone_;
  }
  open_.clear();
  return rebuild_purge_queue(last_scn_);
}

}  // namespace mortise::txn
