// SPDX-License-Identifier: Apache-2.0

// The life of a transaction: begin, statements, locks, views, commit.  Taking back is rollback.cpp,
// what happens after a crash txn_recovery.cpp, what happens behind the horizon purge.cpp.

#include "kernel/txn/txn_manager.hpp"

#include <algorithm>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/clock.hpp"

namespace mortise::txn {

Transaction::Transaction(TxnManager& manager, const TxnOptions& options, uint64_t serial)
    : manager_(manager), options_(options), serial_(serial), locks_(serial) {
  began_us_ = platform::realtime_us();
}

Transaction::~Transaction() {
  MORTISE_ASSERT(slot_ == nullptr);  // ended
}

WaitLimits Transaction::wait_limits() const {
  const uint32_t ms = options_.lock_timeout_ms != 0 ? options_.lock_timeout_ms
                                                    : manager_.settings().lock_timeout_ms;
  return {platform::deadline_after_ns(uint64_t{ms} * platform::kNanosecondsPerMillisecond),
          options_.interrupt};
}

TxnManager::TxnManager(TxnSettings settings)
    : settings_(settings),
      undo_retention_us_(settings.undo_retention_us),
      locks_(graph_),
      waits_(graph_, map_),
      shards_(std::make_unique<Shard[]>(kShardCount)) {}

// Transactions that have not ended are forgotten, as in a crash: the next recovery takes them back.
TxnManager::~TxnManager() {
  for (uint32_t i = 0; i < kShardCount; ++i) {
    platform::Lock lock(shards_[i].mutex);
    for (Transaction* txn : shards_[i].all) {
      txn->slot_ = nullptr;
      delete txn;
    }
  }
}

Result<Transaction*> TxnManager::begin(const TxnOptions& options) {
  if (options.isolation == Isolation::serializable) {
    return unsupported("SERIALIZABLE is not available in this version")
        .with(MORTISE_ERROR_FIELD_HINT, "use REPEATABLE READ, which is snapshot isolation");
  }
  auto txn = std::make_unique<Transaction>(*this, options, next_serial_.fetch_add(1));
  txn->slot_ = horizon_.acquire();
  if (raw(options.as_of) != 0) {
    const Scn scn = std::min(options.as_of, queue_.visible());
    if (!horizon_.open_as_of(*txn->slot_, scn)) {
      horizon_.release(txn->slot_);
      txn->slot_ = nullptr;
      return Status(Code::stale, "72000", "snapshot too old: that time is behind undo retention");
    }
    txn->view_.snapshot = raw(scn);
  } else {
    txn->view_.snapshot = raw(horizon_.open(*txn->slot_, queue_.visible_word()));
  }
  Shard& shard = shard_of(txn->serial_);
  platform::Lock lock(shard.mutex);
  shard.all.insert(txn.get());
  return txn.release();
}

Result<mortise_read_view_t> TxnManager::statement_begin(Transaction& txn) {
  if (txn.has_failed_) {
    return Status(Code::invalid, "25P02",
                  "current transaction is aborted, commands ignored until end of transaction");
  }
  const bool is_first = txn.view_.command == 0;
  const bool takes_snapshot = txn.options_.isolation == Isolation::read_committed || is_first;
  if (takes_snapshot && raw(txn.options_.as_of) == 0) {
    if (txn.pins_.empty()) {
      txn.view_.snapshot = raw(horizon_.open(*txn.slot_, queue_.visible_word()));
    } else {
      // An older scan is open: its snapshot stays in the slot and covers the new one (X2).
      txn.view_.snapshot = raw(queue_.visible());
    }
  }
  ++txn.view_.command;
  return txn.view_;
}

Status TxnManager::pin_snapshot(Transaction& txn, Scn snapshot) {
  for (auto& [pinned, count] : txn.pins_) {
    if (pinned == snapshot) {
      ++count;
      return {};
    }
  }
  const uint64_t published = txn.slot_->snapshot.load(std::memory_order_relaxed);
  if (raw(snapshot) < published && !horizon_.open_as_of(*txn.slot_, snapshot)) {
    return Status(Code::stale, "72000", "snapshot too old");
  }
  txn.pins_.emplace_back(snapshot, 1);
  return {};
}

void TxnManager::unpin_snapshot(Transaction& txn, Scn snapshot) {
  uint64_t least = txn.view_.snapshot;
  for (size_t i = 0; i < txn.pins_.size();) {
    auto& [pinned, count] = txn.pins_[i];
    if (pinned == snapshot && --count == 0) {
      txn.pins_.erase(txn.pins_.begin() + static_cast<ptrdiff_t>(i));
      continue;
    }
    least = std::min(least, raw(pinned));
    ++i;
  }
  txn.slot_->snapshot.store(least, std::memory_order_release);
}

Result<mortise_read_view_t> TxnManager::read_open(Scn as_of) {
  Horizon::Slot* slot = horizon_.acquire();
  Scn snapshot = as_of;
  if (raw(as_of) == 0) {
    snapshot = horizon_.open(*slot, queue_.visible_word());
  } else {
    snapshot = std::min(as_of, queue_.visible());
    if (!horizon_.open_as_of(*slot, snapshot)) {
      horizon_.release(slot);
      return Status(Code::stale, "72000", "snapshot too old: that time is behind undo retention");
    }
  }
  platform::Lock lock(read_mutex_);
  read_slots_.emplace(raw(snapshot), slot);
  return mortise_read_view_t{raw(snapshot), 0, 0, 0};
}

void TxnManager::read_close(const mortise_read_view_t& view) {
  Horizon::Slot* slot = nullptr;
  {
    platform::Lock lock(read_mutex_);
    const auto found = read_slots_.find(view.snapshot);
    if (found == read_slots_.end()) return;
    slot = found->second;
    read_slots_.erase(found);
  }
  horizon_.release(slot);
}

Status TxnManager::start_writing(Transaction& txn) {
  if (raw(txn.id_) != 0 && !txn.has_failed_) return {};
  if (txn.is_read_only()) {
    return Status(Code::invalid, "25006", "cannot change data in a read-only transaction");
  }
  if (txn.has_failed_) {
    return Status(Code::invalid, "25P02",
                  "current transaction is aborted, commands ignored until end of transaction");
  }
  if (!storage_->log().is_writable()) return storage_->log().status();
  MORTISE_TRY_ASSIGN(txn.id_, map_.begin());
  txn.lane_ = undo_.borrow();
  txn.view_.txid = raw(txn.id_);
  Shard& shard = shard_of(raw(txn.id_));
  platform::Lock lock(shard.mutex);
  shard.writers.emplace(txn.id_, &txn);
  return {};
}

uint64_t TxnManager::serial_of(TxnId txn) {
  Shard& shard = shard_of(raw(txn));
  platform::Lock lock(shard.mutex);
  const auto found = shard.writers.find(txn);
  return found == shard.writers.end() ? 0 : found->second->serial_;
}

Status TxnManager::lock(Transaction& txn, const LockKey& key, LockMode mode, uint32_t wait) {
  if (wait != MORTISE_WAIT) {
    if (locks_.try_acquire(txn.locks_, key, mode) != LockTable::Outcome::granted) {
      return Status(Code::busy, "55P03", "could not obtain lock on " + describe(key));
    }
    return settle_grant(txn, key, mode, wait);
  }
  Status status = locks_.acquire(txn.locks_, key, mode, txn.wait_limits());
  if (status.code() == Code::conflict) txn.has_failed_ = true;
  MORTISE_TRY(status);
  return settle_grant(txn, key, mode, wait);
}

// M5.  Locks are let go before their commit is visible (M2), so a grant alone says nothing of what
// a snapshot will show.
Status TxnManager::settle_grant(Transaction& txn, const LockKey& key, LockMode mode,
                                uint32_t wait) {
  if (key.lock_class > MORTISE_LOCK_PAGE) return {};
  const bool is_weak = mode == LockMode::is || mode == LockMode::ix || mode == LockMode::schema_s;
  if (!is_weak) {
    txn.has_strong_lock_ = true;
    return queue_.wait_entered();
  }
  const Scn strong{strong_scn_.load(std::memory_order_seq_cst)};
  if (queue_.told() >= strong) return {};
  if (wait != MORTISE_WAIT) {
    return Status(Code::busy, "55P03", "could not obtain lock on " + describe(key));
  }
  return queue_.wait_told(strong);
}

Status TxnManager::wait_for(Transaction& txn, TxnId holder, const WaitLimits& limits,
                            const std::string& what) {
  MORTISE_TRY(reason_of_unfinished(holder));
  Status status = waits_.wait(txn.serial_, holder, serial_of(holder), limits, what);
  if (status.code() == Code::conflict) txn.has_failed_ = true;
  return status;
}

void TxnManager::interrupt(Transaction& txn) {
  waits_.interrupt(txn.serial_);
  locks_.interrupt(txn.serial_);
}

TxnManager::Committed TxnManager::append_commit(Transaction& txn) {
  Committed committed{};
  std::byte payload[16] = {};
  const log::RecordHeader header{
      .txn = txn.id_, .kind = log::RecordKind::commit, .payload_bytes = sizeof(payload)};
  platform::Lock lock(txn.mutex_);
  const log::LogPosition position =
      storage_->log().append_commit(header, payload, [&](std::span<std::byte> into) {
        committed.scn = clock_.next();
        map_.set_committed(txn.id_, committed.scn);
        committed.ticket = queue_.enter(committed.scn);
        // Under the log's ordering lock: the numbers only grow.
        if (txn.has_strong_lock_) strong_scn_.store(raw(committed.scn), std::memory_order_seq_cst);
        store_le(into.data(), committed.scn);
      });
  committed.end = position.end;
  txn.has_ended_ = true;
  return committed;
}

void TxnManager::end(Transaction* txn, bool committed, Scn scn) {
  if (raw(txn->id_) != 0) {
    Shard& shard = shard_of(raw(txn->id_));
    platform::Lock lock(shard.mutex);
    shard.writers.erase(txn->id_);
  }
  locks_.release_since(txn->locks_, 0);
  if (raw(txn->id_) != 0) {
    waits_.tell(txn->id_);
    if (committed && txn->has_purge_work_) {
      platform::Lock lock(purge_mutex_);
      purge_queue_.emplace(scn, PurgeItem{txn->id_, txn->undo_head_, false});
    }
    undo_.give_back(txn->lane_, scn);
  }
  for (UniqueFunction<void(bool)>& action : txn->at_end_) action(committed);
  {
    Shard& shard = shard_of(txn->serial_);
    platform::Lock lock(shard.mutex);
    shard.all.erase(txn);
  }
  horizon_.release(txn->slot_);
  txn->slot_ = nullptr;
  delete txn;
}

// Nothing of it is in the log: there is nothing to make durable or to take back.
void TxnManager::end_without_log(Transaction* txn) {
  if (raw(txn->id_) != 0) map_.set_aborted(txn->id_);
  end(txn, false, clock_.last());
}

Result<bool> TxnManager::commit_then(Transaction* txn, Durability durability,
                                     UniqueFunction<void(const Status&)> done) {
  if (txn->has_failed_) {
    abort(txn);
    return Status(Code::invalid, "25P02",
                  "the transaction has failed and was rolled back instead of committed");
  }
  Scn scn = txn->depends_on_;
  if (!txn->has_log_) {
    end_without_log(txn);
    if (scn <= queue_.visible()) return false;
  } else {
    const Committed committed = append_commit(*txn);
    scn = committed.scn;
    for (UniqueFunction<void(Scn)>& action : txn->at_commit_) action(scn);
    UniqueFunction<void()> on_visible;
    if (!txn->at_visible_.empty()) {
      on_visible = [actions = std::move(txn->at_visible_)]() mutable {
        for (UniqueFunction<void()>& action : actions) action();
      };
    }
    // In a log that has failed nobody gets an answer on credit.
    const bool is_lazy = durability == Durability::lazy && storage_->log().is_writable();
    queue_.ready(committed.ticket, committed.end, is_lazy, std::move(on_visible));
    end(txn, true, scn);
    if (!is_lazy) {
      if (done) {
        storage_->log().on_durable(committed.end, [this](const Status& status) {
          status.is_ok() ? queue_.advance(storage_->log().durable_lsn()) : queue_.fail(status);
        });
      } else if (Status status = storage_->log().wait_durable(committed.end); !status) {
        queue_.fail(status);
        return status;
      }
    }
    if (!done || is_lazy) queue_.advance(storage_->log().durable_lsn());
  }
  if (done) {
    queue_.when_visible(scn, std::move(done));
    return true;
  }
  MORTISE_TRY(queue_.wait_visible(scn));
  return false;
}

Status TxnManager::commit(Transaction* txn, Durability durability) {
  Result<bool> pending = commit_then(txn, durability, {});
  return pending.status();
}

Status TxnManager::prepare(Transaction* txn, std::string_view) {
  abort(txn);
  return unsupported("PREPARE TRANSACTION is not available in this version");
}
Status TxnManager::commit_prepared(std::string_view) {
  return unsupported("COMMIT PREPARED is not available in this version");
}
Status TxnManager::abort_prepared(std::string_view) {
  return unsupported("ROLLBACK PREPARED is not available in this version");
}

void TxnManager::each(FunctionRef<bool(const mortise_txn_info_t&)> visit) {
  for (uint32_t i = 0; i < kShardCount; ++i) {
    std::vector<mortise_txn_info_t> infos;
    {
      platform::Lock lock(shards_[i].mutex);
      for (const Transaction* txn : shards_[i].all) {
        mortise_txn_info_t info{};
        info.struct_size_bytes = sizeof(info);
        info.isolation = static_cast<uint32_t>(txn->options_.isolation);
        info.txid = raw(txn->id_);
        info.snapshot = txn->slot_->snapshot.load(std::memory_order_relaxed);
        info.waits_for = graph_.blocker_of(txn->serial_);
        info.began_us = txn->began_us_;
        info.undo_bytes = txn->undo_bytes_;
        infos.push_back(info);
      }
    }
    for (const mortise_txn_info_t& info : infos) {
      if (!visit(info)) return;
    }
  }
}

}  // namespace mortise::txn
