// SPDX-License-Identifier: Apache-2.0
#include "btree.hpp"

#include <cstring>

namespace mortise::index_btree {
namespace {

// The anchor page, after the kernel's header.
struct Anchor {
  uint32_t magic;
  uint32_t format;
  mortise_page_id_t root;
};
constexpr uint32_t kMagic = 0x31525442;  // "BTR1"
constexpr uint32_t kFormat = 1;

// A cheap look at a node's header before it is searched; `check` is the thorough one.
Status check_header(const Node& node, const mortise_page_t& page) {
  const NodeHeader h = node.header();
  const uint32_t slots_end = kSlotsAt + h.count * static_cast<uint32_t>(sizeof(Slot));
  if (page.size_bytes == kNodeBytes && slots_end <= h.cells_begin && h.cells_begin <= kNodeBytes &&
      h.prefix_bytes <= h.lower_bytes) {
    return {};
  }
  return node.check(page.id).is_ok() ? corrupt("index node has another size than it should")
                                     : node.check(page.id);
}

}  // namespace

BTree::BTree(const Environment& env, const mortise_index_desc_t& desc)
    : env_(env),
      segment_(desc.segment),
      columns_(desc.columns, desc.columns + desc.columns_count) {}

Result<mortise_segment_id_t> BTree::create(const Environment& env, mortise_txn_t* txn,
                                           const mortise_index_desc_t& desc) {
  MORTISE_TRY(check_columns({desc.columns, desc.columns_count}));
  if (desc.includes_count != 0) return unsupported("index-btree stores no included columns");
  ErrorSlot error;
  mortise_segment_id_t segment = 0;
  mortise_page_id_t anchor_id = 0;
  MORTISE_TRY(error.status(env.pages->segment_create(txn, desc.object, env.page_type, &segment,
                                                     &anchor_id, error.get())));
  MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env.pages, txn));
  MORTISE_TRY_ASSIGN(mortise_page_t anchor_page, mtr.fix(anchor_id));
  MORTISE_TRY_ASSIGN(mortise_page_t root, mtr.allocate(segment, kNodeClass, env.page_type));
  Image(NodePlan{}, kNodeBytes).write_to(*env.pages, mtr.get(), &root);
  const Anchor anchor{kMagic, kFormat, root.id};
  env.pages->mtr_write(mtr.get(), &anchor_page, kHeaderAt, &anchor, sizeof anchor);
  MORTISE_TRY(mtr.commit());
  return segment;
}

Result<std::unique_ptr<BTree>> BTree::open(const Environment& env,
                                           const mortise_index_desc_t& desc) {
  MORTISE_TRY(check_columns({desc.columns, desc.columns_count}));
  std::unique_ptr<BTree> tree(new BTree(env, desc));
  ErrorSlot error;
  mortise_page_id_t anchor_id = 0;
  uint64_t pages_count = 0;
  MORTISE_TRY(
      error.status(env.pages->segment_info(desc.segment, &anchor_id, &pages_count, error.get())));
  MORTISE_TRY_ASSIGN(Guard guard, Guard::shared(*env.pages, anchor_id, MORTISE_HINT_INNER));
  Anchor anchor;
  std::memcpy(&anchor, guard.page().data + kHeaderAt, sizeof anchor);
  if (anchor.magic != kMagic) return corrupt("segment does not hold a B-tree");
  if (anchor.format != kFormat) {
    return unsupported("B-tree has format " + std::to_string(anchor.format) +
                       ", this index-btree reads format 1");
  }
  tree->root_ = anchor.root;
  return tree;
}

Result<Guard> BTree::fix(mortise_page_id_t id) const {
  MORTISE_TRY_ASSIGN(Guard guard, Guard::shared(*env_.pages, id, MORTISE_HINT_NONE));
  MORTISE_TRY(check_header(guard.node(), guard.page()));
  return guard;
}

Result<Guard> BTree::find_leaf(std::string_view entry) const {
  MORTISE_TRY_ASSIGN(Guard guard, fix(root_));
  while (!guard.node().is_leaf()) {
    const Node node = guard.node();
    MORTISE_TRY_ASSIGN(Guard child, fix(node.child(node.child_index(entry))));
    guard = std::move(child);
  }
  return guard;
}

Result<Guard> BTree::find_leaf_below(const std::string* entry) const {
  MORTISE_TRY_ASSIGN(Guard guard, fix(root_));
  while (!guard.node().is_leaf()) {
    const Node node = guard.node();
    const uint32_t index = entry == nullptr ? node.count() : node.lower_bound(*entry);
    MORTISE_TRY_ASSIGN(Guard child, fix(node.child(index)));
    guard = std::move(child);
  }
  return guard;
}

// Fixes the leaf of `entry` exclusively in the mtr; its parent stays latched until it is held, so
// no split can come between.
Result<mortise_page_t> BTree::fix_leaf(Mtr& mtr, std::string_view entry) const {
  Guard parent;
  mortise_page_id_t id = root_;
  uint32_t level = UINT32_MAX;  // of `id`; unknown for the root
  while (level != 0) {
    if (level == UINT32_MAX) {
      MORTISE_TRY_ASSIGN(Guard root, fix(root_));
      if (root.node().is_leaf()) break;  // it may grow before we hold it: looked at again below
      parent = std::move(root);
    } else {
      MORTISE_TRY_ASSIGN(Guard child, fix(id));
      parent = std::move(child);
    }
    const Node node = parent.node();
    level = node.header().level - 1u;
    id = node.child(node.child_index(entry));
  }
  MORTISE_TRY_ASSIGN(mortise_page_t leaf, mtr.fix(id));
  MORTISE_TRY(check_header(Node(leaf.data, leaf.size_bytes), leaf));
  return leaf;
}

Result<bool> BTree::try_insert(mortise_txn_t* txn, std::string_view entry) {
  MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env_.pages, txn));
  MORTISE_TRY_ASSIGN(mortise_page_t leaf, fix_leaf(mtr, entry));
  const Node node(leaf.data, leaf.size_bytes);
  if (!node.is_leaf()) return false;  // the root has grown meanwhile
  const uint32_t index = node.lower_bound(entry);
  if (index < node.count() && node.equals(index, entry)) return true;
  if (node.needed_bytes(entry) > node.gap_bytes()) return false;
  insert_at(*env_.pages, mtr.get(), &leaf, index, entry, 0);
  MORTISE_TRY(mtr.commit());
  return true;
}

Status BTree::insert(mortise_txn_t* txn, std::string_view entry) {
  MORTISE_TRY_ASSIGN(const bool is_done, try_insert(txn, entry));
  return is_done ? Status() : insert_splitting(txn, entry);
}

Status BTree::erase(std::string_view entry) {
  while (true) {
    MORTISE_TRY_ASSIGN(Mtr mtr, Mtr::begin(*env_.pages, nullptr));
    MORTISE_TRY_ASSIGN(mortise_page_t leaf, fix_leaf(mtr, entry));
    const Node node(leaf.data, leaf.size_bytes);
    if (!node.is_leaf()) continue;  // the root has grown meanwhile
    const uint32_t index = node.lower_bound(entry);
    if (index == node.count() || !node.equals(index, entry)) return {};
    erase_at(*env_.pages, mtr.get(), &leaf, index);
    return mtr.commit();
  }
}

Status BTree::collect(std::string_view prefix, std::vector<mortise_row_id_t>& row_ids) const {
  MORTISE_TRY_ASSIGN(Guard guard, find_leaf(prefix));
  uint32_t index = guard.node().lower_bound(prefix);
  while (true) {
    const Node node = guard.node();
    for (; index < node.count(); ++index) {
      const std::string entry = node.full(index);
      if (!entry.starts_with(prefix)) return {};
      row_ids.push_back(row_id_of(entry));
    }
    const mortise_page_id_t right = node.header().right;
    if (right == 0) return {};
    MORTISE_TRY_ASSIGN(Guard next, fix(right));
    guard = std::move(next);
    index = 0;
  }
}

}  // namespace mortise::index_btree
