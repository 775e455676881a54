// SPDX-License-Identifier: Apache-2.0
#include "registry.hpp"

#include <vector>

#include "connection.hpp"

namespace mortise::front_pgwire {

Status Registry::add(const std::shared_ptr<Connection>& connection, uint32_t* process_id,
                     uint32_t* secret) {
  HostParking::service->random(secret, sizeof *secret);
  Lock lock(mutex_);
  if (entries_.size() >= connections_max_) {
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
  }
  for (const auto& connection : connections) connection->shut_down();
}

void Registry::wait_empty() {
  Lock lock(mutex_);
  while (!entries_.empty()) emptied_.wait(mutex_);
}

}  // namespace mortise::front_pgwire
