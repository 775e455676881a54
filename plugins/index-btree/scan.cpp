// SPDX-License-Identifier: Apache-2.0
#include "scan.hpp"

#include <algorithm>

#include "mortise/cpp/batch.hpp"

namespace mortise::index_btree {

Status Scan::read_forward() {
  Guard guard;
  uint32_t index = 0;
  if (!has_begun_) {
    MORTISE_TRY_ASSIGN(guard, tree_.find_leaf(range_.begin));
    index = guard.node().lower_bound(range_.begin);
  } else {
    MORTISE_TRY_ASSIGN(guard, tree_.fix(right_));
  }
  const Node node = guard.node();
  for (; index < node.count(); ++index) {
    std::string entry = node.full(index);
    if (range_.end.has_value() && entry >= *range_.end) {
      has_ended_ = true;
      break;
    }
    if (has_begun_ && entry <= last_) continue;
    add(std::move(entry));
  }
  has_begun_ = true;
  if (!entries_.empty()) last_ = entries_.back();
  right_ = node.header().right;
  if (right_ == 0) has_ended_ = true;
  return {};
}

Status Scan::read_backward() {
  MORTISE_TRY_ASSIGN(Guard guard, tree_.find_leaf_below(below_.has_value() ? &*below_ : nullptr));
  const Node node = guard.node();
  uint32_t index = below_.has_value() ? node.lower_bound(*below_) : node.count();
  while (index-- > 0) {
    std::string entry = node.full(index);
    if (entry < range_.begin) {
      has_ended_ = true;
      break;
    }
    add(std::move(entry));
  }
  below_ = std::string(node.lower());
  if (below_->empty() || *below_ <= range_.begin) has_ended_ = true;
  return {};
}

Result<bool> Scan::next(uint32_t rows_max, mortise_batch_t* batch) {
  while (returned_ == entries_.size()) {
    if (has_ended_) return false;
    entries_.clear();
    returned_ = 0;
    MORTISE_TRY(is_backward_ ? read_backward() : read_forward());
  }
  const size_t count =
      std::min<size_t>(std::max<uint32_t>(rows_max, 1), entries_.size() - returned_);
  const auto first = entries_.begin() + static_cast<ptrdiff_t>(returned_);
  current_.assign(std::make_move_iterator(first),
                  std::make_move_iterator(first + static_cast<ptrdiff_t>(count)));
  returned_ += count;
  views_.resize((count + 3) / 4 * 4);
  row_ids_.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const std::string_view entry = current_[i];
    views_[i] = view_to(entry.substr(0, entry.size() - 8));
    row_ids_[i] = row_id_of(entry);
  }
  column_.data = views_.data();
  type_.modifier = -1;
  type_.physical = MORTISE_PHYSICAL_BYTES;
  batch->rows_count = batch->selected_count = static_cast<uint32_t>(count);
  batch->columns_count = 1;
  batch->selection = nullptr;
  batch->columns = &column_;
  batch->types = &type_;
  batch->row_ids = row_ids_.data();
  return true;
}

}  // namespace mortise::index_btree
