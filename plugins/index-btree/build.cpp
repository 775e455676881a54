// SPDX-License-Identifier: Apache-2.0
//
// A tree from sorted entries: leaves from left to right, filled to a chosen degree, then the levels
// above.  Each page is one mtr; the root is written last, so a crash in between leaves an empty
// tree and pages that go with the aborted transaction's segment.

#include "btree.hpp"

namespace mortise::index_btree {
namespace {

constexpr uint32_t kFillPercentDefault = 90;

}  // namespace

// Writes the nodes of one inner level.  `children` has the separator after each child but the last.
// Answers the page of the only node when there is just one, which is left to the caller to write.
Result<mortise_page_id_t> BTree::build_level(mortise_txn_t* txn, uint16_t level,
                                             std::vector<Item>& children, mortise_page_id_t last) {
  NodePlan plan;
  plan.level = level;
  std::vector<Item> above;
  ErrorSlot error;
  mortise_page_id_t own_id = 0;
  size_t at = 0;
  const auto write = [&](bool has_more) -> Status {
    MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env_.pages, txn));
    mortise_page_t page{};
    if (own_id == 0) {
      MORTISE_TRY_ASSIGN(page, mtr.allocate(segment_, kNodeClass, env_.page_type));
    } else {
      MORTISE_TRY_ASSIGN(page, mtr.fix(own_id));
    }
    const mortise_page_id_t written_id = page.id;
    own_id = 0;
    if (has_more) {
      MORTISE_TRY_ASSIGN(const mortise_page_t next,
                         mtr.allocate(segment_, kNodeClass, env_.page_type));
      own_id = plan.right = next.id;
    }
    Image(plan, kNodeBytes).write_to(*env_.pages, mtr.get(), &page);
    MORTISE_TRY(mtr.commit());
    above.push_back({plan.upper, written_id});
    return {};
  };
  for (; at < children.size(); ++at) {
    plan.items.push_back(children[at]);
    if (plan.size_bytes() <= kNodeBytes / 100 * kFillPercentDefault || plan.items.size() < 3) {
      continue;
    }
    // The last item becomes the separator to the next node.
    Item moved = std::move(plan.items.back());
    plan.items.pop_back();
    plan.last_child = moved.child;
    plan.upper = moved.bytes;
    plan.has_upper = true;
    MORTISE_TRY(write(true));
    plan = NodePlan{};
    plan.level = level;
    plan.lower = std::move(moved.bytes);
  }
  plan.last_child = last;
  if (above.empty()) {  // one node: the root
    MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env_.pages, txn));
    MORTISE_TRY_ASSIGN(mortise_page_t root, mtr.fix(root_));
    Image(plan, kNodeBytes).write_to(*env_.pages, mtr.get(), &root);
    MORTISE_TRY(mtr.commit());
    return root_;
  }
  MORTISE_TRY(write(false));
  const mortise_page_id_t last_page = above.back().child;
  above.pop_back();
  return build_level(txn, static_cast<uint16_t>(level + 1), above, last_page);
}

Status BTree::build(mortise_txn_t* txn, Source& source, uint32_t fill_percent) {
  {
    MORTISE_TRY_ASSIGN(Guard root, fix(root_));
    if (root.node().count() != 0 || !root.node().is_leaf()) {
      return invalid("only an empty index can be built");
    }
  }
  const uint32_t fill_bytes =
      kNodeBytes / 100 * (fill_percent == 0 ? kFillPercentDefault : fill_percent);
  NodePlan plan;
  std::vector<Item> written;  // upper fence and page of each finished leaf
  mortise_page_id_t own_id = 0;
  std::string_view entry;
  uint32_t size_bytes = plan.size_bytes();
  while (source.next(&entry)) {
    const uint32_t added = static_cast<uint32_t>(entry.size() + sizeof(Slot));
    if (!plan.items.empty() && size_bytes + added > fill_bytes) {
      plan.upper = separator(plan.items.back().bytes, entry);
      plan.has_upper = true;
      MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env_.pages, txn));
      mortise_page_t page{};
      if (own_id == 0) {
        MORTISE_TRY_ASSIGN(page, mtr.allocate(segment_, kNodeClass, env_.page_type));
      } else {
        MORTISE_TRY_ASSIGN(page, mtr.fix(own_id));
      }
      MORTISE_TRY_ASSIGN(const mortise_page_t next,
                         mtr.allocate(segment_, kNodeClass, env_.page_type));
      plan.right = own_id = next.id;
      Image(plan, kNodeBytes).write_to(*env_.pages, mtr.get(), &page);
      MORTISE_TRY(mtr.commit());
      written.push_back({plan.upper, page.id});
      std::string lower = std::move(plan.upper);
      plan = NodePlan{};
      plan.lower = std::move(lower);
      size_bytes = plan.size_bytes();
    }
    plan.items.push_back({std::string(entry), 0});
    size_bytes += added;
  }
  MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env_.pages, txn));
  MORTISE_TRY_ASSIGN(mortise_page_t last, mtr.fix(written.empty() ? root_ : own_id));
  Image(plan, kNodeBytes).write_to(*env_.pages, mtr.get(), &last);
  MORTISE_TRY(mtr.commit());
  if (written.empty()) return {};
  return build_level(txn, 1, written, last.id).status();
}

}  // namespace mortise::index_btree
