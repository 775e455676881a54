// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which entries lie between two bounds, in order?
//
// A scan copies one leaf at a time and holds no latch between calls.  Forward it follows right
// pointers and passes over what it has returned already (a leaf may have split meanwhile); backward
// it goes down the tree anew for the greatest entries below the last leaf's lower fence.
//
// Threads: one scan, one thread at a time.

#include <optional>
#include <string>
#include <vector>

#include "btree.hpp"

namespace mortise::index_btree {

// Entries e with begin <= e, and e < end when there is an end.
struct Range {
  std::string begin;
  std::optional<std::string> end;
};

class Scan {
 public:
  Scan(const BTree& tree, Range range, bool is_backward)
      : tree_(tree), range_(std::move(range)), is_backward_(is_backward), below_(range_.end) {}

  // Fills `batch` with up to `rows_max` entries: encoded keys and row ids.  False after the last.
  Result<bool> next(uint32_t rows_max, mortise_batch_t* batch);

 private:
  Status read_forward();
  Status read_backward();
  void add(std::string entry) { entries_.push_back(std::move(entry)); }

  const BTree& tree_;
  const Range range_;
  const bool is_backward_;

  bool has_begun_ = false;
  bool has_ended_ = false;
  mortise_page_id_t right_ = 0;       // forward: the next leaf
  std::string last_;                  // forward: the last entry read
  std::optional<std::string> below_;  // backward: only entries below are left

  std::vector<std::string> entries_;  // of one leaf, in scan order
  size_t returned_ = 0;               // how many of them went out
  std::vector<std::string> current_;  // what the last batch points into
  std::vector<mortise_view_t> views_;
  std::vector<mortise_row_id_t> row_ids_;
  mortise_column_t column_{};
  mortise_type_t type_{};
};

}  // namespace mortise::index_btree
