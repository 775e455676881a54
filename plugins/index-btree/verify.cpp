// SPDX-License-Identifier: Apache-2.0
//
// Checks the labelled invariants of a whole tree, and estimates its size.

#include "btree.hpp"

namespace mortise::index_btree {
namespace {

std::string page_text(mortise_page_id_t id) {
  return "page " + std::to_string(id >> 48) + "/" + std::to_string(id & 0xFFFFFFFFFFFF);
}

}  // namespace

// `expected_right` has, per level, what the node to the left names as its right neighbour (T3).
Status BTree::verify_node(mortise_page_id_t id, uint32_t level, const std::string& lower,
                          const std::string& upper, bool has_upper,
                          mortise_page_id_t* expected_right,
                          const std::function<void(std::string_view)>& report,
                          uint64_t* findings) const {
  const auto find = [&](const std::string& what) {
    ++*findings;
    report(what + ": " + page_text(id));
  };
  NodePlan plan;
  {
    Result<Guard> guard = Guard::shared(*env_.pages, id, MORTISE_HINT_SCAN);
    if (!guard) {
      find(std::string(guard.error().message()));
      return {};
    }
    const Node node = guard->node();
    if (const Status status = node.check(id); !status.is_ok()) {
      find(std::string(status.message()));
      return {};
    }
    plan = NodePlan::of(node);
  }
  if (plan.level != level) find("T1 node has another level than its parent says");
  if (plan.lower != lower) find("T2 lower fence is not the parent's separator");
  if (plan.upper != upper || plan.has_upper != has_upper) {
    find("T2 upper fence is not the parent's separator");
  }
  if (expected_right[level] != 0 && expected_right[level] != id) {
    find("T3 left neighbour does not point here");
  }
  expected_right[level] = plan.right;
  if (plan.right == 0 && has_upper) find("T3 right neighbour is missing");
  for (const Item& item : plan.items) {
    if (item.bytes < lower || (has_upper && item.bytes >= upper)) {
      find("N1 entry lies outside the fences");
      break;
    }
  }
  if (plan.level == 0 || plan.level != level) return {};
  std::string begin = lower;
  for (const Item& item : plan.items) {
    MORTISE_TRY(verify_node(item.child, level - 1, begin, item.bytes, true, expected_right, report,
                            findings));
    begin = item.bytes;
  }
  return verify_node(plan.last_child, level - 1, begin, upper, has_upper, expected_right, report,
                     findings);
}

Status BTree::verify(const std::function<void(std::string_view)>& report) const {
  uint32_t level = 0;
  {
    MORTISE_TRY_ASSIGN(Guard root, fix(root_));
    level = root.node().header().level;
  }
  if (level >= 64) return corrupt("B-tree is higher than it can be");
  std::vector<mortise_page_id_t> expected_right(64, 0);
  uint64_t findings = 0;
  MORTISE_TRY(verify_node(root_, level, {}, {}, false, expected_right.data(), report, &findings));
  if (findings == 0) return {};
  return corrupt("B-tree is damaged: " + std::to_string(findings) + " findings");
}

Result<double> BTree::fraction_below(std::string_view entry) const {
  double below = 0;
  double width = 1;
  MORTISE_TRY_ASSIGN(Guard guard, fix(root_));
  while (true) {
    const Node node = guard.node();
    if (node.is_leaf()) {
      const double count = node.count() == 0 ? 1 : node.count();
      return below + width * node.lower_bound(entry) / count;
    }
    const uint32_t index = node.child_index(entry);
    width /= node.count() + 1;
    below += width * index;
    MORTISE_TRY_ASSIGN(Guard child, fix(node.child(index)));
    guard = std::move(child);
  }
}

Result<mortise_index_stats_t> BTree::stats() const {
  mortise_index_stats_t stats{};
  stats.struct_size_bytes = sizeof stats;
  // Entries: the fan-out along one path in the middle of the tree.
  double entries = 1;
  MORTISE_TRY_ASSIGN(Guard guard, fix(root_));
  stats.height = guard.node().header().level + 1u;
  while (!guard.node().is_leaf()) {
    const Node node = guard.node();
    entries *= node.count() + 1;
    MORTISE_TRY_ASSIGN(Guard child, fix(node.child(node.count() / 2)));
    guard = std::move(child);
  }
  stats.entries_estimate = static_cast<uint64_t>(entries * guard.node().count());
  guard.release();
  ErrorSlot error;
  mortise_page_id_t anchor = 0;
  MORTISE_TRY(
      error.status(env_.pages->segment_info(segment_, &anchor, &stats.pages_count, error.get())));
  return stats;
}

}  // namespace mortise::index_btree
