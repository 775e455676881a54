// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do transactions begin, see, wait and end?
//
// Owns the clock, the map of outcomes, the horizon, the locks, the undo log and the commit queue,
// and is the storage's recovery client: after a crash it finds the losers and takes them back.
//
// Invariants (of iface/txn.h: X1..X4)
//   M1  The SCN is assigned and the commit record's place is fixed under the log's ordering lock,
//       so SCN order is the order of commit records.
//   M2  Locks are let go after the commit record has its place (early release); whoever read what
//       is not durable yet ends only after it is (note_dependency).
//   M3  A rollback step and its mark are one record that says where rollback goes on: nothing is
//       taken back twice, however often recovery is interrupted.
//   M4  A rollback that fails half way (a page cannot be read) is kept: checkpoints name it, its
//       undo stays, maintain() tries again, and whoever wants one of its rows gets the reason.
//   M5  Who is granted a table's, object's, page's or advisory lock sees the commits that it waited
//       for in every view that it takes from then on.  A strong lock (S, SIX, X, SCHEMA_X) waits
//       until all commits so far are visible; a weak one (IS, IX, SCHEMA_S) until those are that
//       held a strong one.
//
// Threads: [any, concurrent] unless said otherwise; a Transaction by one thread at a time.
// Background: docs/internals/transactions.md

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "kernel/recovery/storage.hpp"
#include "kernel/txn/commit_queue.hpp"
#include "kernel/txn/scn_clock.hpp"
#include "kernel/txn/transaction.hpp"
#include "kernel/txn/txn_map.hpp"
#include "kernel/txn/txn_waits.hpp"
#include "mortise/iface/txn.h"

namespace mortise::txn {

struct TxnSettings {
  uint32_t lock_timeout_ms = 30'000;
  uint64_t undo_retention_us = 900'000'000;           // how far back AS OF can look
  uint64_t undo_retention_bytes = uint64_t{1} << 30;  // more undo than that: less time
};

enum class Progress : uint8_t { more, done };

// Who knows what undo records mean for pages: the heap.
class RowUndo {
 public:
  virtual ~RowUndo() = default;
  // Takes the change back, or a part of it (`more`: call again).  Same Mtr, same record.
  virtual Result<Progress> undo(log::Mtr& mtr, UndoPtr at, const UndoRecord& record) = 0;
  // The transaction committed before the horizon: nobody needs what the record kept.
  virtual Result<Progress> purge(log::Mtr& mtr, UndoPtr at, const UndoRecord& record) = 0;
  // The segment is gone; its id may come again.
  virtual void forget(SegmentId segment) = 0;
};

class TxnManager final : public recovery::RecoveryClient {
 public:
  explicit TxnManager(TxnSettings settings = {});
  ~TxnManager() override;

  // Before Storage::open; the object outlives the manager.  [control]
  void set_row_undo(RowUndo* row_undo) { row_undo_ = row_undo; }

  Result<Transaction*> begin(const TxnOptions& options);
  Result<mortise_read_view_t> statement_begin(Transaction& txn);
  // Gives the transaction an id and a lane.  25006 in a read-only one, 25P02 in a failed one.
  Status start_writing(Transaction& txn);
  Result<uint64_t> savepoint(Transaction& txn);
  Status rollback_to(Transaction& txn, uint64_t savepoint);
  // Both end the handle.
  Status commit(Transaction* txn, Durability durability);
  // `done` is told exactly once, if the answer is `true`; else the answer is the outcome.
  Result<bool> commit_then(Transaction* txn, Durability durability,
                           UniqueFunction<void(const Status&)> done);
  void abort(Transaction* txn);
  // Two-phase commit is not there yet: `unsupported`; prepare has aborted the transaction.
  Status prepare(Transaction* txn, std::string_view global_id);
  Status commit_prepared(std::string_view global_id);
  Status abort_prepared(std::string_view global_id);
  void interrupt(Transaction& txn);

  Status lock(Transaction& txn, const LockKey& key, LockMode mode, uint32_t wait);
  // Waits for the transaction that holds a row.  (Looks again when it answers ok.)
  Status wait_for(Transaction& txn, TxnId holder, const WaitLimits& limits,
                  const std::string& what);

  // Keeps `snapshot` readable while a scan of the transaction is open.  72000 when it is not any
  // more.
  Status pin_snapshot(Transaction& txn, Scn snapshot);
  void unpin_snapshot(Transaction& txn, Scn snapshot);
  // A view without a transaction.
  Result<mortise_read_view_t> read_open(Scn as_of);
  void read_close(const mortise_read_view_t& view);

  Scn visible_scn() const { return queue_.visible(); }
  Scn oldest_readable() const { return horizon_.current(); }
  // Versions that ended before it are nobody's.
  Scn oldest_safe() const { return horizon_.safe(); }
  void each(FunctionRef<bool(const mortise_txn_info_t&)> visit);

  // Raises the horizon, purges what is behind it, drops undo, forgets outcomes.
  Status maintain();
  // A page whose youngest writer is older than `txn` shows its head versions to views from `scn`
  // on.
  TxnMap::Settled settled() { return map_.settle(queue_.visible()); }

  recovery::Storage& storage() { return *storage_; }
  TxnMap& map() { return map_; }
  const TxnMap& map() const { return map_; }
  UndoLog& undo() { return undo_; }
  LockTable& locks() { return locks_; }
  const TxnSettings& settings() const { return settings_; }
  void set_undo_retention_us(uint64_t us) { undo_retention_us_.store(us); }
  // M4: rollbacks that wait for another try.
  size_t unfinished_rollbacks();
  // Transactions that recovery took back.
  size_t losers_undone() const { return losers_undone_; }

  // recovery::RecoveryClient
  Result<std::vector<std::byte>> checkpoint_payload() override;
  Status on_checkpoint(std::span<const std::byte> payload) override;
  Status on_record(const log::RecordView& record) override;
  Status on_redo_done(recovery::Storage& storage) override;

 private:
  friend class Transaction;
  friend class TxnStep;

  static constexpr uint32_t kShardCount = 16;
  struct Shard {
    platform::Mutex mutex{platform::LockRank::transaction_table};
    std::unordered_set<Transaction*> all MORTISE_GUARDED_BY(mutex);
    std::unordered_map<TxnId, Transaction*, IdHash> writers MORTISE_GUARDED_BY(mutex);
  };
  struct PurgeItem {
    TxnId txn;
    UndoPtr head;
    bool is_single;  // this record alone, found at start; else the whole chain
  };
  // What rollback works on: a live transaction, a loser of a crash, or one of M4.  `kept_head` is
  // what a checkpoint reads under `mutex`; null during recovery.
  struct Rollback {
    TxnId txn;
    UndoPtr head;
    platform::Mutex* mutex = nullptr;
    UndoPtr* kept_head = nullptr;
  };
  struct Unfinished {
    UndoPtr head;
    Scn since{};    // undo from here on stays
    Status reason;  // of the last try
  };

  Shard& shard_of(uint64_t number) { return shards_[number % kShardCount]; }
  uint64_t serial_of(TxnId txn);
  Status undo_until(Rollback& rollback, UndoPtr stop);
  Status undo_one(Rollback& rollback, UndoPtr at, const UndoRecord& record);
  Result<Progress> apply_undo(log::Mtr& mtr, UndoPtr at, const UndoRecord& record);
  Result<Progress> apply_purge(log::Mtr& mtr, UndoPtr at, const UndoRecord& record);
  Status log_abort(TxnId txn);
  void keep_unfinished(TxnId txn, UndoPtr head, Status reason);
  Status reason_of_unfinished(TxnId txn);
  void retry_unfinished();
  // Undo of that time and later is still needed (M4).
  Scn oldest_unfinished(Scn otherwise);
  // Assigns the SCN and appends the commit record; answers where it ends.
  struct Committed {
    Scn scn;
    Lsn end;
    uint64_t ticket;
  };
  Committed append_commit(Transaction& txn);
  Status settle_grant(Transaction& txn, const LockKey& key, LockMode mode, uint32_t wait);
  void end(Transaction* txn, bool committed, Scn scn);
  void end_without_log(Transaction* txn);
  // Answers the SCN before which all purge work is done.
  Result<Scn> purge_before(Scn horizon);
  Status purge_item(const PurgeItem& item);
  Status purge_record(UndoPtr at, const UndoRecord& record);
  Status rebuild_purge_queue(Scn scn);

  const TxnSettings settings_;
  std::atomic<uint64_t> undo_retention_us_;  // the setting, which can change while it runs
  recovery::Storage* storage_ = nullptr;
  RowUndo* row_undo_ = nullptr;
  ScnClock clock_;
  TxnMap map_;
  Horizon horizon_;
  WaitGraph graph_;
  LockTable locks_;
  TxnWaits waits_;
  UndoLog undo_;
  CommitQueue queue_;
  std::atomic<uint64_t> strong_scn_{0};  // M5: of the newest commit that held a strong lock
  std::atomic<uint64_t> next_serial_{1};
  std::unique_ptr<Shard[]> shards_;

  platform::Mutex read_mutex_{platform::LockRank::leaf};
  std::multimap<uint64_t, Horizon::Slot*> read_slots_ MORTISE_GUARDED_BY(read_mutex_);

  platform::Mutex purge_mutex_{platform::LockRank::leaf};
  std::multimap<Scn, PurgeItem> purge_queue_ MORTISE_GUARDED_BY(purge_mutex_);
  // The nodes stay where they are; only retry_unfinished() takes one out.
  platform::Mutex unfinished_mutex_{platform::LockRank::transaction};
  std::map<TxnId, Unfinished> unfinished_ MORTISE_GUARDED_BY(unfinished_mutex_);
  platform::Mutex maintain_mutex_{platform::LockRank::unranked};

  // Analysis, during recovery.
  std::unordered_map<TxnId, UndoPtr, IdHash> open_;
  TxnId next_txn_{1};
  Scn last_scn_{1};
  size_t losers_undone_ = 0;
};

}  // namespace mortise::txn
