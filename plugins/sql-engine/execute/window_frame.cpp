// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "execute/scan.hpp"
#include "execute/window_rows.hpp"

namespace mortise::sql_engine {

namespace {

// Column `a` of one row against column `b` of another, both of one type and not null.
int compare_values(const RowLayout& layout, uint32_t a, const uint8_t* a_row, uint32_t b,
                   const uint8_t* b_row) {
  return visit_physical(layout.type(a).physical, [&](auto order) -> int {
    using Order = decltype(order);
    typename Order::Value x;
    typename Order::Value y;
    std::memcpy(&x, a_row + layout.offset(a), sizeof(x));
    std::memcpy(&y, b_row + layout.offset(b), sizeof(y));
    if (Order::less(x, y)) return -1;
    return Order::equal(x, y) ? 0 : 1;
  });
}

}  // namespace

int64_t WindowRows::integer_at(uint64_t row, uint32_t column, bool* is_null) const {
  const RowLayout& layout = store.layout();
  const uint8_t* at = rows[row];
  *is_null = layout.is_null(at, column);
  if (layout.type(column).physical == MORTISE_PHYSICAL_INT64) {
    int64_t value;
    std::memcpy(&value, at + layout.offset(column), sizeof(value));
    return value;
  }
  int32_t value;
  std::memcpy(&value, at + layout.offset(column), sizeof(value));
  return value;
}

Status WindowFrames::open(Run& run) {
  Evaluation evaluation(run, frame_.offsets);
  std::vector<mortise_column_t> columns;
  MORTISE_TRY(evaluate_constants(evaluation, frame_.offsets, columns));
  const size_t count = (frame_.has_start_offset ? 1 : 0) + (frame_.has_end_offset ? 1 : 0);
  const bool is_range = frame_.unit == FrameUnit::range;
  size_t at = 0;
  for (const bool is_start : {true, false}) {
    if (!(is_start ? frame_.has_start_offset : frame_.has_end_offset)) continue;
    const mortise_column_t& value = columns[at];
    if (value.validity != nullptr && !get_bit(value.validity, 0)) {
      const std::string which = is_start ? "starting" : "ending";
      return {Code::invalid, "22004", "frame " + which + " offset must not be null"};
    }
    if (is_range) {
      if (Booleans(columns[count + at])[0]) {
        return {Code::invalid, "22013", "invalid preceding or following size in window function"};
      }
    } else {
      const int64_t offset = mortise::Values<int64_t>(value)[0];
      if (offset < 0) {
        const std::string which = is_start ? "starting" : "ending";
        return {Code::invalid, "22013", "frame " + which + " offset must not be negative"};
      }
      (is_start ? start_offset_ : end_offset_) = offset;
    }
    ++at;
  }
  return {};
}

uint64_t WindowFrames::rows_bound(uint64_t row, bool is_end) const {
  const uint64_t low = rows_.partition_begin[row];
  const uint64_t high = rows_.partition_end[row];
  const auto offset = static_cast<uint64_t>(is_end ? end_offset_ : start_offset_);
  const uint64_t extra = is_end ? 1 : 0;
  if ((is_end ? frame_.end : frame_.start) == FrameBound::preceding) {
    return offset > row - low ? low : row - offset + extra;
  }
  return offset >= high - row ? high : row + offset + extra;
}

// First row of the peer group that lies `offset` groups away, or its end.
uint64_t WindowFrames::group_bound(uint64_t row, bool is_end) const {
  const uint64_t low = rows_.partition_begin[row];
  const uint64_t high = rows_.partition_end[row];
  const int64_t offset = is_end ? end_offset_ : start_offset_;
  const bool is_preceding = (is_end ? frame_.end : frame_.start) == FrameBound::preceding;
  const auto here = static_cast<int64_t>(rows_.peers_number[row]);
  const auto last = static_cast<int64_t>(rows_.peers_number[high - 1]);
  if (is_preceding && offset > here) return low;
  if (!is_preceding && offset > last - here) return high;
  const auto wanted = static_cast<uint64_t>(is_preceding ? here - offset : here + offset);
  uint64_t begin = low;
  uint64_t end = high - 1;
  while (begin < end) {  // the first row of the wanted group
    const uint64_t middle = begin + (end - begin) / 2;
    if (rows_.peers_number[middle] < wanted) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return is_end ? rows_.peers_end[begin] : begin;
}

// Nulls are peers of each other and in no other row's range.
uint64_t WindowFrames::range_bound(uint64_t row, bool is_end) {
  const RowLayout& layout = rows_.store.layout();
  const auto value = static_cast<uint32_t>(frame_.range_value);
  const auto limit = static_cast<uint32_t>(is_end ? frame_.range_end : frame_.range_start);
  if (layout.is_null(rows_.rows[row], value)) {
    return is_end ? rows_.peers_end[row] : rows_.peers_begin[row];
  }
  uint64_t begin = rows_.partition_begin[row];
  uint64_t end = rows_.partition_end[row];
  if (layout.is_null(rows_.rows[begin], value)) begin = rows_.peers_end[begin];
  if (layout.is_null(rows_.rows[end - 1], value)) end = rows_.peers_begin[end - 1];
  while (begin < end) {  // the first row past the limit, or at it
    const uint64_t middle = begin + (end - begin) / 2;
    int order = compare_values(layout, value, rows_.rows[middle], limit, rows_.rows[row]);
    if (is_descending_) order = -order;
    if (order < 0 || (is_end && order == 0)) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

uint64_t WindowFrames::bound(uint64_t row, bool is_end) {
  switch (is_end ? frame_.end : frame_.start) {
    case FrameBound::unbounded_preceding:
      return rows_.partition_begin[row];
    case FrameBound::unbounded_following:
      return rows_.partition_end[row];
    case FrameBound::current_row:
      if (frame_.unit == FrameUnit::rows) return is_end ? row + 1 : row;
      return is_end ? rows_.peers_end[row] : rows_.peers_begin[row];
    case FrameBound::preceding:
    case FrameBound::following:
      break;
  }
  if (frame_.unit == FrameUnit::rows) return rows_bound(row, is_end);
  return frame_.unit == FrameUnit::groups ? group_bound(row, is_end) : range_bound(row, is_end);
}

RowRange WindowFrames::frame_of(uint64_t row) {
  const uint64_t begin = bound(row, false);
  return {begin, std::max(begin, bound(row, true))};
}

void WindowFrames::parts_of(uint64_t row, std::vector<RowRange>& parts) {
  parts.clear();
  const RowRange frame = frame_of(row);
  const auto add = [&](uint64_t begin, uint64_t end) {
    if (begin < end) parts.push_back({begin, end});
  };
  RowRange hole{frame.end, frame.end};
  if (frame_.exclude == 1) hole = {row, row + 1};
  if (frame_.exclude >= 2) hole = {rows_.peers_begin[row], rows_.peers_end[row]};
  add(frame.begin, std::min(frame.end, hole.begin));
  if (frame_.exclude == 3 && row >= frame.begin && row < frame.end) add(row, row + 1);
  add(std::max(frame.begin, hole.end), frame.end);
}

}  // namespace mortise::sql_engine
