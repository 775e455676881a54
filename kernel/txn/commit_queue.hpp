// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: up to which SCN may everybody see?
//
// Commits enter in SCN order (under the log's ordering lock), become ready in any order, and become
// visible in SCN order, each when its commit record is durable or when it asked for less.
//
// Invariants
//   Q1  visible() covers a commit only after it is ready, and durable unless it is lazy, and all
//       commits with smaller SCNs are visible.
//   Q2  A commit's `on_visible` has run when its waiter is told, and runs after visible() covers
//   it.
//
// Threads: [any, concurrent].

#include <atomic>
#include <cstdint>
#include <deque>
#include <vector>

#include "kernel/base/ids.hpp"
#include "kernel/base/unique_function.hpp"
#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::txn {

class CommitQueue {
 public:
  // At start: everything up to `scn` is visible.  [control]
  void recover(Scn scn) {
    visible_.store(raw(scn));
    told_.store(raw(scn));
  }

  // Enters a commit; answers its ticket.  Under the log's ordering lock.
  uint64_t enter(Scn scn);
  // The commit's effects in memory are in place.  `end` is where its record ends.
  // `on_visible` must not wait.
  void ready(uint64_t ticket, Lsn end, bool is_lazy, UniqueFunction<void()> on_visible);
  // Makes visible what can be: the log is durable up to `durable`.
  void advance(Lsn durable);
  // Waits until visible() >= scn.  The log's failure when that can never be.
  Status wait_visible(Scn scn);
  // The same, and until `on_visible` of all commits up to `scn` has run.
  Status wait_told(Scn scn);
  // Waits for all commits that have entered by now, like wait_told.
  Status wait_entered();
  // Calls `done` when visible() >= scn, or with the failure.
  void when_visible(Scn scn, UniqueFunction<void(const Status&)> done);
  // The log has failed: nothing more becomes visible.
  void fail(const Status& reason);

  const std::atomic<uint64_t>& visible_word() const { return visible_; }
  Scn visible() const { return Scn{visible_.load(std::memory_order_seq_cst)}; }
  Scn told() const { return Scn{told_.load(std::memory_order_seq_cst)}; }

 private:
  struct Entry {
    Scn scn{};
    Lsn end{};
    bool is_ready = false;
    bool is_lazy = false;
    UniqueFunction<void()> on_visible;
  };
  struct Waiter {
    Scn scn;
    UniqueFunction<void(const Status&)> done;
  };

  void advance_locked() MORTISE_REQUIRES(mutex_);
  std::vector<Waiter> take_waiters() MORTISE_REQUIRES(mutex_);

  std::atomic<uint64_t> visible_{0};
  std::atomic<uint64_t> told_{0};  // follows visible_: up to here `on_visible` has run
  platform::Mutex mutex_{platform::LockRank::leaf};
  platform::CondVar changed_;
  std::deque<Entry> entries_ MORTISE_GUARDED_BY(mutex_);
  uint64_t first_ticket_ MORTISE_GUARDED_BY(mutex_) = 0;
  Lsn durable_ MORTISE_GUARDED_BY(mutex_){};
  std::vector<Waiter> waiters_ MORTISE_GUARDED_BY(mutex_);
  Status failure_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace mortise::txn
