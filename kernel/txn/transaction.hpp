// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does one transaction carry with it?
//
// Made by TxnManager::begin, ended by its commit or abort.  Read-only transactions never get an id,
// a lane or a log record.
//
// Invariants
//   X1  `undo_head` names the newest record whose log record has been appended: it changes under
//       `mutex` together with the append, so a checkpoint sees both or neither.
//   X2  A snapshot that a scan still uses keeps the horizon back (pins), also when the statement
//       that opened it is over.
//
// Threads: one at a time, except for what `mutex` guards.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "kernel/base/unique_function.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/txn/horizon.hpp"
#include "kernel/txn/lock_table.hpp"
#include "kernel/txn/undo_log.hpp"
#include "mortise/iface/txn.h"

namespace mortise::txn {

class TxnManager;

// The ABI's handle is this class.
}  // namespace mortise::txn

struct mortise_txn {
 protected:
  mortise_txn() = default;
  ~mortise_txn() = default;
};

namespace mortise::txn {

enum class Isolation : uint8_t { read_committed = 1, repeatable_read = 2, serializable = 3 };
enum class Durability : uint8_t { durable = 1, lazy = 2 };

struct TxnOptions {
  Isolation isolation = Isolation::read_committed;
  bool is_read_only = false;
  uint32_t lock_timeout_ms = 0;  // 0 = the instance's
  Scn as_of{};                   // 0 = now
  const uint32_t* interrupt = nullptr;
};

class Transaction final : public mortise_txn {
 public:
  Transaction(TxnManager& manager, const TxnOptions& options, uint64_t serial);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  static Transaction& of(mortise_txn_t* handle) { return *static_cast<Transaction*>(handle); }
  static const Transaction& of(const mortise_txn_t* handle) {
    return *static_cast<const Transaction*>(handle);
  }

  TxnManager& manager() { return manager_; }
  const TxnOptions& options() const { return options_; }
  uint64_t serial() const { return serial_; }
  TxnId id() const { return id_; }  // 0 before the first change
  const mortise_read_view_t& view() const { return view_; }
  uint32_t command() const { return view_.command; }
  bool is_read_only() const { return options_.is_read_only || raw(options_.as_of) != 0; }
  bool has_failed() const { return has_failed_; }
  void set_failed() { has_failed_ = true; }
  LockOwner& locks() { return locks_; }
  WaitLimits wait_limits() const;
  UndoPtr undo_head() const { return undo_head_; }
  // 0 before the first.
  uint64_t newest_savepoint() const { return next_savepoint_ - 1; }

  // It depends on a commit that may not be visible yet: its own end waits for that.
  void note_dependency(Scn scn) {
    if (scn > depends_on_) depends_on_ = scn;
  }
  // Records with purge work were written.
  void note_purge_work() { has_purge_work_ = true; }

  // Runs with the commit's SCN before anybody can see the commit; must not wait or fail.
  void at_commit(UniqueFunction<void(Scn)> action) { at_commit_.push_back(std::move(action)); }
  // Runs when every new view sees the commit, before the commit is answered; must not wait.
  void at_visible(UniqueFunction<void()> action) { at_visible_.push_back(std::move(action)); }
  // Runs when the transaction is gone, committed or not.
  void at_end(UniqueFunction<void(bool committed)> action) { at_end_.push_back(std::move(action)); }
  // Runs after changes since an undo position were taken back.
  void at_rollback(UniqueFunction<void(uint64_t savepoint)> action) {
    at_rollback_.push_back(std::move(action));
  }

 private:
  friend class TxnManager;
  friend class TxnStep;

  struct Savepoint {
    uint64_t id;
    UndoPtr undo_head;
    size_t lock_count;
  };

  TxnManager& manager_;
  const TxnOptions options_;
  const uint64_t serial_;
  int64_t began_us_ = 0;
  TxnId id_{};
  mortise_read_view_t view_{};
  Horizon::Slot* slot_ = nullptr;
  std::vector<std::pair<Scn, uint32_t>> pins_;  // X2: snapshot, scans
  LockOwner locks_;
  bool has_failed_ = false;
  bool has_purge_work_ = false;
  bool has_log_ = false;          // at least one record in the log
  bool has_strong_lock_ = false;  // M5 of txn_manager.hpp
  Scn depends_on_{};
  UndoLane* lane_ = nullptr;
  uint64_t undo_bytes_ = 0;
  uint64_t next_savepoint_ = 1;
  std::vector<Savepoint> savepoints_;
  std::vector<UniqueFunction<void(Scn)>> at_commit_;
  std::vector<UniqueFunction<void()>> at_visible_;
  std::vector<UniqueFunction<void(bool)>> at_end_;
  std::vector<UniqueFunction<void(uint64_t)>> at_rollback_;

  platform::Mutex mutex_{platform::LockRank::transaction};
  UndoPtr undo_head_;       // X1; read by the owner without the lock
  bool has_ended_ = false;  // its end is in the log
};

}  // namespace mortise::txn
