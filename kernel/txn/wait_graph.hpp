// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: does anybody wait for himself?
//
// Every wait for another transaction (its row, its lock) is entered here as edges from the waiter
// to those it waits for.  The one who begins to wait follows the edges; when they lead back to it,
// it is the victim: nothing has been undone yet that it would have to wait for.
//
// Invariants
//   W1  A waiter's edges are in the graph before it sleeps, and out of it before it goes on.
//   W2  A cycle is reported only if each of its waits still stands when it is looked at again
//       under the lock (no phantom victims): edges of somebody who has been granted are removed by
//       the one who grants, not when the sleeper gets to run.
//
// Threads: [any, concurrent].

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::txn {

class WaitGraph {
 public:
  // Enters (or replaces) the waiter's edges.  `conflict` 40P01, with the cycle in the detail and
  // nothing entered, when they close one.
  Status enter(uint64_t waiter, const std::vector<uint64_t>& blockers, const std::string& what);
  // Somebody it waited for has let go.  Does nothing when it is not waiting.
  void replace(uint64_t waiter, std::vector<uint64_t> blockers);
  void leave(uint64_t waiter);
  // The first one it waits for, 0 = it does not wait.
  uint64_t blocker_of(uint64_t waiter);
  size_t waiting_count();

 private:
  struct Node {
    std::vector<uint64_t> blockers;
    std::string what;
  };
  bool find_path(uint64_t from, uint64_t to, std::vector<uint64_t>& path) MORTISE_REQUIRES(mutex_);

  platform::Mutex mutex_{platform::LockRank::leaf};
  std::unordered_map<uint64_t, Node> nodes_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace mortise::txn
