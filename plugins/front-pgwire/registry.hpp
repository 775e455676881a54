// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who is connected, and which connection does a cancel request mean?
//
// Invariants
//   R1  A connection is in the registry from accept until its last reference is about to go.
//   R2  A cancel request needs number and secret; a wrong one is ignored without an answer, as the
//       protocol has none.
//
// Threads: [any, concurrent]

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "mortise/cpp/result.hpp"
#include "mortise/cpp/sync.hpp"

namespace mortise::front_pgwire {

class Connection;

class Registry {
 public:
  explicit Registry(uint32_t connections_max) : connections_max_(connections_max) {}

  // Takes a number for a new connection.  53300 when there are too many.
  Status add(const std::shared_ptr<Connection>& connection, uint32_t* process_id, uint32_t* secret);
  void remove(uint32_t process_id);

  // Ends what the connection's session runs now (R2).
  void cancel(uint32_t process_id, uint32_t secret);

  // Closes all connections, and waits until they are gone.
  void close_all();
  void wait_empty();

 private:
  struct Entry {
    std::weak_ptr<Connection> connection;
    uint32_t secret;
  };

  const uint32_t connections_max_;
  Mutex mutex_;
  CondVar emptied_;
  std::unordered_map<uint32_t, Entry> entries_ MORTISE_GUARDED_BY(mutex_);
  uint32_t last_process_id_ MORTISE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mortise::front_pgwire
