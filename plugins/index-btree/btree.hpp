// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does an entry belong, and how does it get there and away?
//
// A B+-tree of entries (key, row id).  The segment's anchor page names the root; the root keeps its
// page for ever and splits by moving its contents into two new children.
//
// Latching.  Readers go down with shared latches, child before parent is released, and along leaves
// from left to right.  An insert that fits does the same with the leaf exclusive.  An insert that
// does not fit starts over with exclusive latches from the root and splits everything it has to in
// one mtr, so no reader ever sees half a split.  All failing steps (fixing, allocating) come before
// the first change.
//
// Invariants
//   T1  All leaves are at level 0; a child's level is its parent's less one.
//   T2  A child's fences are the separators around its pointer.
//   T3  A node's right pointer names the node whose lower fence is this node's upper fence.
//   T4  Nodes are never merged or freed; an empty leaf stays in its place.  A page id read from a
//       node therefore stays valid without a latch.
//
// Crash: each mtr leaves a correct tree; an entry without its row, or of an undone row, is harmless
// (iface/draft/index.h).
//
// Threads: [worker, concurrent]

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "guard.hpp"
#include "key.hpp"
#include "mortise/iface/draft/index.h"

namespace mortise::index_btree {

inline constexpr uint32_t kNodeClass = 1;  // 8 KiB
inline constexpr uint32_t kNodeBytes = MORTISE_PAGE_UNIT_BYTES << kNodeClass;

// What all trees share.
struct Environment {
  const mortise_iface_page_t* pages;
  uint8_t page_type;
};

class BTree {
 public:
  // Creates an empty tree in a segment of its own.
  static Result<mortise_segment_id_t> create(const Environment& env, mortise_txn_t* txn,
                                             const mortise_index_desc_t& desc);
  // XX001 when the anchor is not a tree's.
  static Result<std::unique_ptr<BTree>> open(const Environment& env,
                                             const mortise_index_desc_t& desc);

  // Adds an entry; nothing happens when it is there (I1).
  Status insert(mortise_txn_t* txn, std::string_view entry);
  // Removes an entry if it is there.
  Status erase(std::string_view entry);
  // Appends the row ids of all entries that begin with `prefix`.
  Status collect(std::string_view prefix, std::vector<mortise_row_id_t>& row_ids) const;

  // The leaf where `entry` belongs, fixed shared.
  Result<Guard> find_leaf(std::string_view entry) const;
  // The leaf with the greatest entries below `entry` (without one: of all), fixed shared.
  Result<Guard> find_leaf_below(const std::string* entry) const;
  Result<Guard> fix(mortise_page_id_t id) const;

  // Replaces an empty tree by one made of sorted entries.  `next` answers false after the last.
  class Source {
   public:
    virtual ~Source() = default;
    virtual bool next(std::string_view* entry) = 0;
  };
  Status build(mortise_txn_t* txn, Source& source, uint32_t fill_percent);

  // Position of a key between 0 and 1, and the estimated number of entries.
  Result<double> fraction_below(std::string_view entry) const;
  Result<mortise_index_stats_t> stats() const;
  // Checks N1..N3 and T1..T3; findings go to `report`.
  Status verify(const std::function<void(std::string_view)>& report) const;

  std::span<const mortise_index_column_t> key_columns() const { return columns_; }

 private:
  struct Write;
  struct Split;

  BTree(const Environment& env, const mortise_index_desc_t& desc);

  Result<bool> try_insert(mortise_txn_t* txn, std::string_view entry);
  Status insert_splitting(mortise_txn_t* txn, std::string_view entry);
  Result<mortise_page_t> fix_leaf(Mtr& mtr, std::string_view entry) const;
  Status plan_splits(Mtr& mtr, std::span<mortise_page_t> path, std::string_view entry,
                     std::vector<Write>& writes);
  Status verify_node(mortise_page_id_t id, uint32_t level, const std::string& lower,
                     const std::string& upper, bool has_upper, mortise_page_id_t* expected_right,
                     const std::function<void(std::string_view)>& report, uint64_t* findings) const;
  Result<mortise_page_id_t> build_level(mortise_txn_t* txn, uint16_t level,
                                        std::vector<Item>& children, mortise_page_id_t last);

  const Environment env_;
  const mortise_segment_id_t segment_;
  std::vector<mortise_index_column_t> columns_;
  mortise_page_id_t root_ = 0;
};

}  // namespace mortise::index_btree
