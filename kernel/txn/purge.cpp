// SPDX-License-Identifier: Apache-2.0

// What happens behind the horizon: what only old views needed is given back.
//
// Deleted rows become dead slots, large values that nobody refers to are freed, dropped segments
// go;
// then undo segments are dropped whole.  All of it can be repeated: a step that was done is
// recognised by what it left, or by the record's mark that is set in the same mini-transaction.

#include <algorithm>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/txn/txn_manager.hpp"

namespace mortise::txn {
namespace {

constexpr uint32_t kReclaimExtentsMax = 64;

bool has_purge_work(const UndoRecord& record) {
  if (record.has(kUndoUndone) || record.has(kUndoPurged)) return false;
  return record.kind == UndoKind::remove || record.kind == UndoKind::large_drop ||
         record.kind == UndoKind::segment_drop;
}

}  // namespace

Status TxnManager::maintain() {
  platform::Lock one_at_a_time(maintain_mutex_);
  retry_unfinished();
  const Scn visible = queue_.visible();
  const uint64_t undo_bytes = undo_.segment_count() * (uint64_t{256} << 10);
  Scn wanted = visible;
  const int64_t kept_us = static_cast<int64_t>(undo_retention_us_.load());
  if (kept_us != 0 && undo_bytes <= settings_.undo_retention_bytes) {
    wanted = std::min(visible, first_scn_of(platform::realtime_us() - kept_us));
  }
  const Scn safe = horizon_.advance(wanted);
  map_.trim(safe);
  MORTISE_TRY_ASSIGN(const Scn purged, purge_before(safe));
  MORTISE_TRY(undo_.drop_before(oldest_unfinished(purged)).status());
  for (;;) {
    MORTISE_TRY_ASSIGN(const uint32_t freed, storage_->spaces().reclaim(kReclaimExtentsMax));
    if (freed == 0) return {};
  }
}

Result<Scn> TxnManager::purge_before(Scn horizon) {
  for (;;) {
    PurgeItem item;
    Scn scn{};
    {
      platform::Lock lock(purge_mutex_);
      if (purge_queue_.empty() || purge_queue_.begin()->first >= horizon) {
        return purge_queue_.empty() ? horizon : std::min(horizon, purge_queue_.begin()->first);
      }
      scn = purge_queue_.begin()->first;
      item = purge_queue_.begin()->second;
      purge_queue_.erase(purge_queue_.begin());
    }
    if (Status status = purge_item(item); !status) {
      platform::Lock lock(purge_mutex_);
      purge_queue_.emplace(scn, item);
      return status;
    }
  }
}

Status TxnManager::purge_item(const PurgeItem& item) {
  for (UndoPtr at = item.head; !at.is_null();) {
    MORTISE_TRY_ASSIGN(const UndoCopy copy, undo_.read(at));
    if (copy.record.txn != item.txn) return corrupt("undo record belongs to another transaction");
    if (has_purge_work(copy.record)) MORTISE_TRY(purge_record(at, copy.record));
    at = item.is_single ? UndoPtr() : copy.record.previous;
  }
  return {};
}

Status TxnManager::purge_record(UndoPtr at, const UndoRecord& record) {
  for (;;) {
    log::Mtr mtr(storage_->mtr_context());
    Result<Progress> progress = apply_purge(mtr, at, record);
    Status marked;
    if (progress && *progress == Progress::done) marked = undo_.mark(mtr, at, kUndoPurged);
    if (!progress || !marked) {
      Status failure = progress ? std::move(marked) : std::move(progress.error());
      if (failure.code() != Code::busy) return failure;
      mtr.abort();
      platform::this_thread::yield();
      continue;
    }
    mtr.commit();
    if (*progress == Progress::done) return {};
  }
}

Result<Progress> TxnManager::apply_purge(log::Mtr& mtr, UndoPtr at, const UndoRecord& record) {
  if (record.kind == UndoKind::segment_drop) {
    MORTISE_TRY(storage_->spaces().drop_segment(mtr, record.segment));
    mtr.after_commit([this, segment = record.segment] { row_undo_->forget(segment); });
    return Progress::done;
  }
  return row_undo_->purge(mtr, at, record);
}

// After a restart: whatever the segments hold and was not purged is to be purged, once the horizon
// has passed the restart.
Status TxnManager::rebuild_purge_queue(Scn scn) {
  return undo_.each([&](UndoPtr at, const UndoRecord& record) -> Status {
    if (!has_purge_work(record)) return {};
    if (map_.find(record.txn).state != TxnState::committed) return {};
    platform::Lock lock(purge_mutex_);
    purge_queue_.emplace(scn, PurgeItem{record.txn, at, true});
    return {};
  });
}

}  // namespace mortise::txn
