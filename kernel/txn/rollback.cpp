// SPDX-License-Identifier: Apache-2.0

// Taking changes back: savepoints, abort, and the losers of a crash.
//
// The chain of undo records is walked backwards.  Each step is one mini-transaction: the pages as
// they were, the record marked, and the place to go on from in the log record's payload (M3).

#include <algorithm>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/txn/txn_manager.hpp"

namespace mortise::txn {

Result<uint64_t> TxnManager::savepoint(Transaction& txn) {
  if (txn.has_failed_) {
    return Status(Code::invalid, "25P02",
                  "current transaction is aborted, commands ignored until end of transaction");
  }
  const uint64_t id = txn.next_savepoint_++;
  txn.savepoints_.push_back({id, txn.undo_head_, txn.locks_.count()});
  return id;
}

Status TxnManager::rollback_to(Transaction& txn, uint64_t savepoint) {
  while (!txn.savepoints_.empty() && txn.savepoints_.back().id > savepoint) {
    txn.savepoints_.pop_back();
  }
  if (txn.savepoints_.empty() || txn.savepoints_.back().id != savepoint) {
    return Status(Code::invalid, "3B001", "savepoint does not exist");
  }
  const Transaction::Savepoint to = txn.savepoints_.back();
  if (raw(txn.id_) != 0) {
    Rollback rollback{txn.id_, txn.undo_head_, &txn.mutex_, &txn.undo_head_};
    if (Status status = undo_until(rollback, to.undo_head); !status) {
      txn.has_failed_ = true;  // half of it is taken back: all of it has to be
      return status;
    }
  }
  for (UniqueFunction<void(uint64_t)>& action : txn.at_rollback_) action(savepoint);
  locks_.release_since(txn.locks_, to.lock_count);
  if (raw(txn.id_) != 0) waits_.tell(txn.id_);
  txn.has_failed_ = false;
  return {};
}

void TxnManager::abort(Transaction* txn) {
  if (!txn->has_log_) return end_without_log(txn);
  map_.set_aborting(txn->id_);
  Rollback rollback{txn->id_, txn->undo_head_, &txn->mutex_, &txn->undo_head_};
  Status status = undo_until(rollback, UndoPtr());
  if (status) {
    platform::Lock lock(txn->mutex_);
    status = log_abort(txn->id_);
    if (status) {
      txn->has_ended_ = true;
      map_.set_aborted(txn->id_);
    }
  }
  // The id stays `aborting`: readers go on through the undo chain.
  if (!status) keep_unfinished(txn->id_, txn->undo_head_, std::move(status));
  end(txn, false, clock_.last());
}

// Before the live transaction is forgotten, so that every checkpoint sees one of the two.
void TxnManager::keep_unfinished(TxnId txn, UndoPtr head, Status reason) {
  platform::Lock lock(unfinished_mutex_);
  Unfinished& kept = unfinished_[txn];
  kept.head = head;
  kept.since = clock_.last();
  kept.reason = std::move(reason);
}

size_t TxnManager::unfinished_rollbacks() {
  platform::Lock lock(unfinished_mutex_);
  return unfinished_.size();
}

Scn TxnManager::oldest_unfinished(Scn otherwise) {
  platform::Lock lock(unfinished_mutex_);
  for (const auto& [txn, kept] : unfinished_) otherwise = std::min(otherwise, kept.since);
  return otherwise;
}

Status TxnManager::reason_of_unfinished(TxnId txn) {
  platform::Lock lock(unfinished_mutex_);
  const auto found = unfinished_.find(txn);
  if (found == unfinished_.end()) return {};
  const Status& reason = found->second.reason;
  return Status(reason.code(), reason.sqlstate(),
                "a transaction that changed this could not be rolled back: " +
                    std::string(reason.message()))
      .with(MORTISE_ERROR_FIELD_HINT, "it is tried again while the instance runs and at its start");
}

// One at a time (maintain).
void TxnManager::retry_unfinished() {
  std::vector<TxnId> txns;
  {
    platform::Lock lock(unfinished_mutex_);
    for (const auto& [txn, kept] : unfinished_) txns.push_back(txn);
  }
  for (const TxnId txn : txns) {
    Rollback rollback{txn, UndoPtr(), &unfinished_mutex_, nullptr};
    {
      platform::Lock lock(unfinished_mutex_);
      rollback.kept_head = &unfinished_.at(txn).head;
      rollback.head = *rollback.kept_head;
    }
    Status status = undo_until(rollback, UndoPtr());
    if (!status) {
      platform::Lock lock(unfinished_mutex_);
      unfinished_.at(txn).reason = std::move(status);
      continue;
    }
    {
      platform::Lock lock(unfinished_mutex_);
      if (!log_abort(txn)) return;
      unfinished_.erase(txn);
    }
    map_.set_aborted(txn);
    waits_.tell(txn);
  }
}

Status TxnManager::log_abort(TxnId txn) {
  std::byte header[log::kRecordHeaderBytes];
  log::encode_header(header, {.txn = txn, .kind = log::RecordKind::abort});
  const std::span<const std::byte> part(header);
  storage_->log().append({&part, 1});
  return storage_->log().is_writable() ? Status() : storage_->log().status();
}

Status TxnManager::undo_until(Rollback& rollback, UndoPtr stop) {
  while (rollback.head != stop) {
    if (rollback.head.is_null()) return internal("undo chain ends before the savepoint");
    MORTISE_TRY_ASSIGN(const UndoCopy copy, undo_.read(rollback.head));
    if (copy.record.txn != rollback.txn) {
      return corrupt("undo record belongs to transaction " + std::to_string(raw(copy.record.txn)) +
                     ", expected " + std::to_string(raw(rollback.txn)));
    }
    if (copy.record.has(kUndoUndone)) return corrupt("undo record was taken back before");
    MORTISE_TRY(undo_one(rollback, rollback.head, copy.record));
  }
  return {};
}

Status TxnManager::undo_one(Rollback& rollback, UndoPtr at, const UndoRecord& record) {
  for (;;) {
    log::Mtr mtr(storage_->mtr_context(), rollback.txn);
    Result<Progress> progress = apply_undo(mtr, at, record);
    Status marked;
    if (progress && *progress == Progress::done) marked = undo_.mark(mtr, at, kUndoUndone);
    if (!progress || !marked) {
      Status failure = progress ? std::move(marked) : std::move(progress.error());
      if (failure.code() != Code::busy) return failure;
      mtr.abort();  // somebody holds a latch against our order: let him through
      platform::this_thread::yield();
      continue;
    }
    const UndoPtr next = *progress == Progress::done ? record.previous : at;
    std::byte payload[8];
    store_le(payload, next.word());
    if (rollback.mutex != nullptr) {
      platform::Lock lock(*rollback.mutex);
      mtr.commit({.kind = log::RecordKind::undo_step, .flags = 0, .payload = payload});
      *rollback.kept_head = next;
    } else {
      mtr.commit({.kind = log::RecordKind::undo_step, .flags = 0, .payload = payload});
    }
    rollback.head = next;
    if (*progress == Progress::done) return {};
  }
}

Result<Progress> TxnManager::apply_undo(log::Mtr& mtr, UndoPtr at, const UndoRecord& record) {
  switch (record.kind) {
    case UndoKind::segment_create:
      MORTISE_TRY(storage_->spaces().drop_segment(mtr, record.segment));
      mtr.after_commit([this, segment = record.segment] { row_undo_->forget(segment); });
      return Progress::done;
    case UndoKind::segment_drop:  // was only an intention
    case UndoKind::large_drop:
      return Progress::done;
    case UndoKind::fragment:
      return corrupt("undo fragment in a transaction's chain");
    case UndoKind::insert:
    case UndoKind::update:
    case UndoKind::remove:
    case UndoKind::lock:
    case UndoKind::large_create:
      return row_undo_->undo(mtr, at, record);
  }
  MORTISE_UNREACHABLE();
}

}  // namespace mortise::txn
