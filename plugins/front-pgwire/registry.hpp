// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who is connected, who is still at the door, and which connection does a cancel request
// mean?
//
// Everybody is at the door from accept until the session is open, for so long as the
// authentication timeout allows.  The door has room for a share of all connections; past it, whoever
// has stood there longest goes, so that sockets which say nothing cannot keep others out.
//
// Invariants
//   R1  A connection is in `entries_` from its startup message until its last reference is about to
//       go, and in `door_` from accept until its session is open or it has ended.
//   R2  A cancel request needs number and secret; a wrong one is ignored without an answer, as the
//       protocol has none.  It needs a place at the door only: it works when all others are taken.
//   R3  `door_` holds at most door_max_ and is in the order of arrival.
//
// Threads: [any, concurrent]

#include <cstdint>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "mortise/cpp/sync.hpp"
#include "services.hpp"

namespace mortise::front_pgwire {

class Connection;

struct Limits {
  uint32_t connections_max = 0;
  uint64_t authentication_ns = 0;
};

class Registry {
 public:
  Registry(const Services& services, const Limits& limits)
      : services_(services),
        limits_(limits),
        door_max_(std::max(limits.connections_max / 10, kDoorMin)) {}

  // A client has come; the answer is its ticket for leave_door.  May end the one that waits
  // longest (R3).
  uint64_t enter_door(const std::shared_ptr<Connection>& connection);
  // The session is open, or the connection has ended.  Twice is no mistake.
  void leave_door(uint64_t ticket);
  // Ends those whose time is up.
  void sweep_door();

  // Takes a number for a new connection.  53300 when there are too many.
  Status add(const std::shared_ptr<Connection>& connection, uint32_t* process_id, uint32_t* secret);
  void remove(uint32_t process_id);

  // Ends what the connection's session runs now (R2).
  void cancel(uint32_t process_id, uint32_t secret);

  // Closes all connections, and waits until they are gone.
  void close_all();
  void wait_empty();

 private:
  static constexpr uint32_t kDoorMin = 32;

  struct Entry {
    std::weak_ptr<Connection> connection;
    uint32_t secret;
  };
  struct Visitor {
    std::weak_ptr<Connection> connection;
    uint64_t deadline_ns;
  };
  using Door = std::map<uint64_t, Visitor>;  // by ticket, which is the order of arrival

  void turn_away(const std::vector<std::shared_ptr<Connection>>& visitors, const Status& reason);
  std::shared_ptr<Connection> take_first_visitor() MORTISE_REQUIRES(mutex_);

  const Services& services_;
  const Limits limits_;
  const uint32_t door_max_;
  Mutex mutex_;
  CondVar emptied_;
  std::unordered_map<uint32_t, Entry> entries_ MORTISE_GUARDED_BY(mutex_);
  uint32_t last_process_id_ MORTISE_GUARDED_BY(mutex_) = 0;
  Door door_ MORTISE_GUARDED_BY(mutex_);
  uint64_t last_ticket_ MORTISE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mortise::front_pgwire
