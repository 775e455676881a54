// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does one wait for the transaction that holds a row?
//
// The row names its holder (the writer field), so the wait is for that transaction: until it ends,
// or gives something back by rolling back to a savepoint.  The waiter then looks at the row again.
//
// Invariants
//   A1  A wait ends when its transaction ends; at the latest after kRecheckNs, whatever happened,
//       so that the row is looked at again.
//   A2  Edges of the wait graph go away when the holder tells, not when the sleeper runs.
//
// Threads: [any, concurrent].

#include <list>
#include <memory>
#include <string>

#include "kernel/platform/mutex.hpp"
#include "kernel/txn/lock_table.hpp"
#include "kernel/txn/txn_map.hpp"
#include "kernel/txn/wait_graph.hpp"

namespace mortise::txn {

class TxnWaits {
 public:
  static constexpr uint64_t kRecheckNs = 200'000'000;

  TxnWaits(WaitGraph& graph, const TxnMap& map);
  ~TxnWaits();

  // Waits for `holder`, whose owner serial is `holder_serial` (0: nobody's, it is being undone).
  // `busy` 55P03 at the deadline, `cancelled` 57014, `conflict` 40P01.
  Status wait(uint64_t serial, TxnId holder, uint64_t holder_serial, const WaitLimits& limits,
              const std::string& what);
  // The holder has ended or let go of rows.
  void tell(TxnId holder);
  void interrupt(uint64_t serial);

 private:
  static constexpr uint32_t kShardCount = 64;
  struct Waiter {
    TxnId holder;
    uint64_t serial;
    bool is_told = false;
    platform::CondVar changed;
  };
  struct Shard {
    platform::Mutex mutex{platform::LockRank::lock_table};
    std::list<Waiter*> waiters MORTISE_GUARDED_BY(mutex);
  };
  Shard& shard_of(TxnId txn) { return shards_[raw(txn) % kShardCount]; }

  WaitGraph& graph_;
  const TxnMap& map_;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace mortise::txn
