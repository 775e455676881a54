// SPDX-License-Identifier: Apache-2.0
//
// Inserting where there is no room: the node becomes two, its parent gets one more separator, and
// so on upwards while parents are full.  Everything is planned on copies first; when no step can
// fail any more, the copies are written.

#include "btree.hpp"

namespace mortise::index_btree {

// A page and what will be written to it.
struct BTree::Write {
  mortise_page_t page;
  Image image;
};

namespace {

struct Halves {
  NodePlan left;
  NodePlan right;
  std::string between;  // the right one's lower fence
};

// Divides a plan that is too large.  `at` is the first item on the right (in an inner node: the
// item that moves up).
Halves divide(const NodePlan& plan, size_t at) {
  Halves h;
  h.left.level = h.right.level = plan.level;
  const auto middle = plan.items.begin() + static_cast<ptrdiff_t>(at);
  h.left.items.assign(plan.items.begin(), middle);
  if (plan.level == 0) {
    h.between = separator(plan.items[at - 1].bytes, plan.items[at].bytes);
    h.right.items.assign(middle, plan.items.end());
  } else {
    h.between = plan.items[at].bytes;
    h.left.last_child = plan.items[at].child;
    h.right.items.assign(middle + 1, plan.items.end());
    h.right.last_child = plan.last_child;
  }
  h.left.lower = plan.lower;
  h.left.upper = h.between;
  h.left.has_upper = true;
  h.right.lower = h.between;
  h.right.upper = plan.upper;
  h.right.has_upper = plan.has_upper;
  h.right.right = plan.right;
  return h;
}

// Where to divide: in the middle by bytes; at the end when the node is the last of its level and
// grew there, which is how ascending keys arrive: then the left node stays full.
size_t choose_division(const NodePlan& plan, size_t inserted_at) {
  const size_t count = plan.items.size();
  MORTISE_ASSERT(count >= 2);
  const auto fits = [&](size_t at) {
    const Halves h = divide(plan, at);
    return h.left.size_bytes() <= kNodeBytes && h.right.size_bytes() <= kNodeBytes;
  };
  if (!plan.has_upper && inserted_at + 1 == count && fits(count - 1)) return count - 1;
  uint64_t total = 0;
  for (const Item& item : plan.items) total += item.bytes.size() + sizeof(Slot);
  uint64_t left = 0;
  size_t at = 1;
  for (; at + 1 < count; ++at) {
    left += plan.items[at - 1].bytes.size() + sizeof(Slot);
    if (left * 2 >= total) break;
  }
  // Very unequal entries can make the middle a bad place; some place always fits (kKeyBytesMax).
  for (size_t distance = 0; distance < count; ++distance) {
    if (at + distance < count && fits(at + distance)) return at + distance;
    if (at > distance + 1 && fits(at - distance - 1)) return at - distance - 1;
  }
  MORTISE_UNREACHABLE();
}

// Puts (bytes, child) in its place and answers the place.  In an inner node the pointer that stood
// there now means the right half.
size_t add_item(NodePlan& plan, std::string bytes, mortise_page_id_t left,
                mortise_page_id_t right) {
  size_t at = 0;
  while (at < plan.items.size() && plan.items[at].bytes < bytes) ++at;
  if (plan.level != 0) {
    mortise_page_id_t& old = at < plan.items.size() ? plan.items[at].child : plan.last_child;
    MORTISE_ASSERT(old == left);
    old = right;
  }
  plan.items.insert(plan.items.begin() + static_cast<ptrdiff_t>(at), {std::move(bytes), left});
  return at;
}

}  // namespace

// `path` is exclusive from root to leaf.
Status BTree::plan_splits(Mtr& mtr, std::span<mortise_page_t> path, std::string_view entry,
                          std::vector<Write>& writes) {
  std::string bytes(entry);
  mortise_page_id_t left = 0;
  mortise_page_id_t right = 0;
  for (size_t depth = path.size(); depth-- > 0;) {
    mortise_page_t& page = path[depth];
    NodePlan plan = NodePlan::of(Node(page.data, page.size_bytes));
    const size_t at = add_item(plan, std::move(bytes), left, right);
    if (plan.size_bytes() <= kNodeBytes) {
      writes.push_back({page, Image(plan, kNodeBytes)});
      return {};
    }
    Halves halves = divide(plan, choose_division(plan, at));
    MORTISE_TRY_ASSIGN(mortise_page_t right_page,
                       mtr.allocate(segment_, kNodeClass, env_.page_type));
    halves.left.right = right_page.id;
    mortise_page_t left_page = page;
    if (depth == 0) {  // the root keeps its page: both halves move
      MORTISE_TRY_ASSIGN(left_page, mtr.allocate(segment_, kNodeClass, env_.page_type));
      NodePlan root;
      root.level = static_cast<uint16_t>(plan.level + 1);
      root.items.push_back({halves.between, left_page.id});
      root.last_child = right_page.id;
      writes.push_back({page, Image(root, kNodeBytes)});
    }
    writes.push_back({left_page, Image(halves.left, kNodeBytes)});
    writes.push_back({right_page, Image(halves.right, kNodeBytes)});
    bytes = std::move(halves.between);
    left = left_page.id;
    right = right_page.id;
  }
  return {};
}

Status BTree::insert_splitting(mortise_txn_t* txn, std::string_view entry) {
  MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env_.pages, txn));
  std::vector<mortise_page_t> path;
  mortise_page_id_t id = root_;
  while (true) {
    MORTISE_TRY_ASSIGN(mortise_page_t page, mtr.fix(id));
    path.push_back(page);
    const Node node(page.data, page.size_bytes);
    MORTISE_TRY(node.check(page.id));
    if (node.is_leaf()) {
      const uint32_t index = node.lower_bound(entry);
      if (index < node.count() && node.equals(index, entry)) return {};
      break;
    }
    id = node.child(node.child_index(entry));
  }
  std::vector<Write> writes;
  MORTISE_TRY(plan_splits(mtr, path, entry, writes));
  for (Write& write : writes) write.image.write_to(*env_.pages, mtr.get(), &write.page);
  return mtr.commit();
}

}  // namespace mortise::index_btree
