// SPDX-License-Identifier: Apache-2.0
#include "registry.hpp"

#include <vector>

#include "connection.hpp"

namespace mortise::front_pgwire {

std::shared_ptr<Connection> Registry::take_first_visitor() {
  const auto first = door_.begin();
  std::shared_ptr<Connection> connection = first->second.connection.lock();
  door_.erase(first);
  services_.metrics->add(services_.unauthenticated, -1);
  return connection;
}

void Registry::turn_away(const std::vector<std::shared_ptr<Connection>>& visitors,
                         const Status& reason) {
  for (const std::shared_ptr<Connection>& visitor : visitors) {
    if (visitor == nullptr) continue;  // it has just ended by itself
    services_.metrics->add(services_.unauthenticated_closed_total, 1);
    visitor->end_with(reason);
  }
}

uint64_t Registry::enter_door(const std::shared_ptr<Connection>& connection) {
  const uint64_t deadline_ns = HostParking::service->monotonic_ns() + limits_.authentication_ns;
  std::vector<std::shared_ptr<Connection>> pushed_out;
  uint64_t ticket = 0;
  {
    Lock lock(mutex_);
    while (door_.size() >= door_max_) pushed_out.push_back(take_first_visitor());
    ticket = ++last_ticket_;
    door_.emplace(ticket, Visitor{connection, deadline_ns});
  }
  services_.metrics->add(services_.unauthenticated, 1);
  turn_away(pushed_out, {Code::limit, "53300",
                         "too many connections wait for authentication: the oldest one goes"});
  return ticket;
}

void Registry::leave_door(uint64_t ticket) {
  size_t left = 0;
  {
    Lock lock(mutex_);
    left = door_.erase(ticket);
  }
  if (left != 0) services_.metrics->add(services_.unauthenticated, -1);
}

void Registry::sweep_door() {
  std::vector<std::shared_ptr<Connection>> late;
  {
    Lock lock(mutex_);
    if (door_.empty()) return;
    const uint64_t now_ns = HostParking::service->monotonic_ns();
    while (!door_.empty() && door_.begin()->second.deadline_ns <= now_ns) {
      late.push_back(take_first_visitor());
    }
  }
  turn_away(late, {Code::cancelled, "57014", "canceling authentication due to timeout"});
}

Status Registry::add(const std::shared_ptr<Connection>& connection, uint32_t* process_id,
                     uint32_t* secret) {
  HostParking::service->random(secret, sizeof *secret);
  Lock lock(mutex_);
  if (entries_.size() >= limits_.connections_max) {
    return {Code::limit, "53300", "sorry, too many clients already"};
  }
  do {
    last_process_id_ = last_process_id_ % INT32_MAX + 1;  // positive: clients read it as int32
  } while (entries_.contains(last_process_id_));
  *process_id = last_process_id_;
  entries_.emplace(*process_id, Entry{connection, *secret});
  return {};
}

void Registry::remove(uint32_t process_id) {
  Lock lock(mutex_);
  entries_.erase(process_id);
  if (entries_.empty()) emptied_.notify_all();
}

void Registry::cancel(uint32_t process_id, uint32_t secret) {
  std::shared_ptr<Connection> connection;
  {
    Lock lock(mutex_);
    const auto found = entries_.find(process_id);
    if (found == entries_.end() || found->second.secret != secret) return;  // R2
    connection = found->second.connection.lock();
  }
  if (connection != nullptr) connection->cancel();
}

void Registry::close_all() {
  std::vector<std::shared_ptr<Connection>> connections;
  {
    Lock lock(mutex_);
    for (auto& [id, entry] : entries_) {
      if (auto connection = entry.connection.lock()) connections.push_back(std::move(connection));
    }
    for (auto& [ticket, visitor] : door_) {
      if (auto connection = visitor.connection.lock()) connections.push_back(std::move(connection));
    }
  }
  const Status reason(Code::cancelled, "57P01",
                      "terminating connection due to administrator command");
  for (const auto& connection : connections) connection->end_with(reason);
}

void Registry::wait_empty() {
  Lock lock(mutex_);
  while (!entries_.empty()) emptied_.wait(mutex_);
}

}  // namespace mortise::front_pgwire
