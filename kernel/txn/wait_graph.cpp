// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/wait_graph.hpp"

#include <unordered_set>

namespace mortise::txn {

bool WaitGraph::find_path(uint64_t from, uint64_t to, std::vector<uint64_t>& path) {
  // Depth first over an explicit stack; `path` holds the way to the node at its top.
  std::unordered_set<uint64_t> seen;
  struct Step {
    uint64_t node;
    size_t next;
  };
  std::vector<Step> stack{{from, 0}};
  while (!stack.empty()) {
    Step& top = stack.back();
    if (top.node == to) {
      for (const Step& step : stack) path.push_back(step.node);
      return true;
    }
    const auto found = nodes_.find(top.node);
    if (found == nodes_.end() || top.next == found->second.blockers.size()) {
      stack.pop_back();
      continue;
    }
    const uint64_t next = found->second.blockers[top.next++];
    if (seen.insert(next).second) stack.push_back({next, 0});
  }
  return false;
}

Status WaitGraph::enter(uint64_t waiter, const std::vector<uint64_t>& blockers,
                        const std::string& what) {
  platform::Lock lock(mutex_);
  nodes_.erase(waiter);
  for (const uint64_t blocker : blockers) {
    std::vector<uint64_t> path;
    if (blocker == waiter || !find_path(blocker, waiter, path)) continue;
    std::string detail = "transaction " + std::to_string(waiter) + " waits for " + what +
                         ", held by transaction " + std::to_string(blocker);
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      detail += "\ntransaction " + std::to_string(path[i]) + " waits for " + nodes_[path[i]].what +
                ", held by transaction " + std::to_string(path[i + 1]);
    }
    return Status(Code::conflict, "40P01", "deadlock detected")
        .with(MORTISE_ERROR_FIELD_DETAIL, std::move(detail))
        .with(MORTISE_ERROR_FIELD_HINT, "retry the transaction");
  }
  nodes_[waiter] = {blockers, what};
  return {};
}

void WaitGraph::replace(uint64_t waiter, std::vector<uint64_t> blockers) {
  platform::Lock lock(mutex_);
  const auto found = nodes_.find(waiter);
  if (found != nodes_.end()) found->second.blockers = std::move(blockers);
}

void WaitGraph::leave(uint64_t waiter) {
  platform::Lock lock(mutex_);
  nodes_.erase(waiter);
}

uint64_t WaitGraph::blocker_of(uint64_t waiter) {
  platform::Lock lock(mutex_);
  const auto found = nodes_.find(waiter);
  return found == nodes_.end() || found->second.blockers.empty() ? 0
                                                                 : found->second.blockers.front();
}

size_t WaitGraph::waiting_count() {
  platform::Lock lock(mutex_);
  return nodes_.size();
}

}  // namespace mortise::txn
