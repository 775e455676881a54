// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: in which transaction do a session's statements run?
//
//             statement                 BEGIN
//   idle  ------------->  implicit  ------------->  block
//     ^                      | sync                   | COMMIT, ROLLBACK
//     +----------------------+------------------------+
//
// Outside of a block, what happens up to the next `sync` is one implicit transaction.  An error
// makes a block failed: only ROLLBACK, COMMIT (which then rolls back) and ROLLBACK TO are accepted.
// The kernel's transaction begins with the first statement that needs one, so that SET TRANSACTION
// can come before it.
//
// Invariants
//   T1  `txn()` is null when idle.
//   T2  After a failure nothing runs in the transaction before it is rolled back, whole or to a
//       savepoint.
//
// Threads: the session's.

#include <string>
#include <string_view>
#include <vector>

#include "schema/services.hpp"

namespace mortise::sql_engine {

class Transaction {
 public:
  struct Options {
    uint32_t isolation = MORTISE_ISOLATION_READ_COMMITTED;
    bool is_read_only = false;
    bool is_deferrable = false;
  };
  struct Savepoint {
    std::string name;
    uint64_t id = 0;
    size_t settings_mark = 0;
    bool has_id = false;  // taken in the kernel: its transaction had begun
  };

  explicit Transaction(const Services& services) : services_(services) {}
  ~Transaction() { abort(); }

  bool is_idle() const { return state_ == State::idle; }
  bool is_block() const { return state_ == State::block; }
  bool is_failed() const { return is_failed_; }
  bool has_begun() const { return txn_ != nullptr; }
  bool has_run_statements() const { return has_run_statements_; }
  mortise_txn_t* txn() const { return txn_; }
  const Options& options() const { return options_; }
  Options& options() { return options_; }
  std::vector<Savepoint>& savepoints() { return savepoints_; }

  // Starts an implicit transaction if idle; `defaults` are its options.
  void enter(const Options& defaults);
  void begin_block(const Options& options);
  // The end of a block that has become an implicit transaction's part is left to sync.
  Status ensure_begun(uint32_t lock_timeout_ms, const uint32_t* interrupt);
  // Begins a statement and gives its view.
  Status statement_begin(mortise_read_view_t& view);

  void fail() {
    if (state_ != State::idle) is_failed_ = true;
  }
  void recover() { is_failed_ = false; }

  Status savepoint(std::string_view name, size_t settings_mark);
  // The position of the newest savepoint of that name, or -1.
  int64_t find_savepoint(std::string_view name) const;
  Status roll_back_to(size_t position);
  void release(size_t position);

  // Both leave the session idle.  MORTISE_PENDING through `is_pending` only when `done` is given.
  Status commit(uint32_t durability, mortise_commit_done_t done, void* context, bool* is_pending);
  void abort();
  // Ends the kernel's transaction, undoing everything, and stays in the block.
  void abandon_work();
  Status prepare(std::string_view global_id);

 private:
  enum class State : uint8_t { idle, implicit, block };
  void become_idle();

  const Services& services_;
  State state_ = State::idle;
  bool is_failed_ = false;
  bool has_run_statements_ = false;
  mortise_txn_t* txn_ = nullptr;
  Options options_;
  std::vector<Savepoint> savepoints_;
};

}  // namespace mortise::sql_engine
