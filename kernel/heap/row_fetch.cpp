// SPDX-License-Identifier: Apache-2.0

// Rows by id: page by page whatever the order of the ids, each page latched once.

#include <algorithm>
#include <numeric>

#include "kernel/heap/row_reader.hpp"

namespace mortise::heap {

// `order_` names the ids in the order of their pages and slots.
void RowReader::sort_ids(std::span<const mortise_row_id_t> row_ids) {
  order_.resize(row_ids.size());
  std::iota(order_.begin(), order_.end(), 0u);
  if (std::is_sorted(row_ids.begin(), row_ids.end())) return;
  std::stable_sort(order_.begin(), order_.end(),
                   [&](uint32_t a, uint32_t b) { return row_ids[a] < row_ids[b]; });
}

// Copies the columns of the rows in `page_rows_` to where their ids stand.
Status RowReader::put_fetched() {
  const uint32_t count = page_rows_.count();
  if (count == 0) return {};
  const uint32_t first = positions_.front();
  // In the order asked for, and without a gap: the common case.
  bool is_run = true;
  for (uint32_t i = 1; i < count; ++i) is_run = is_run && positions_[i] == first + i;
  for (size_t c = 0; c < buffers_.size(); ++c) {
    if (is_run) {
      MORTISE_TRY(buffers_[c].gather(page_rows_, table_.layout(), options_.columns[c], first,
                                     LongBytes::copy, large_later(), arena_));
      continue;
    }
    for (uint32_t i = 0; i < count; ++i) {
      RowView row;
      if (!view_row(page_rows_.body(i), row)) return corrupt("stored row makes no sense");
      MORTISE_TRY(buffers_[c].put(stored_value(table_.layout(), row, options_.columns[c]),
                                  positions_[i], LongBytes::copy, large_later(), arena_));
    }
  }
  for (uint32_t i = 0; i < count; ++i) scan::set_bit(seen_.data(), positions_[i]);
  return {};
}

Status RowReader::fetch_page(std::span<const mortise_row_id_t> row_ids, uint32_t begin,
                             uint32_t end) {
  const TableState& state = table_.state();
  const PageId page_id = RowId{row_ids[order_[begin]]}.page(state.space);
  MORTISE_TRY_ASSIGN(buffer::SharedGuard guard,
                     txns_.storage().pool().shared(page_id, {.size_class = state.page_class}));
  const HeapPage page(guard.bytes());
  page_rows_.begin(page.bytes());
  positions_.clear();
  const bool is_ours = page.belongs_to(state.segment);
  for (uint32_t i = begin; i < end; ++i) {
    const uint32_t position = order_[i];
    const RowId id{row_ids[position]};
    std::span<const std::byte> body;
    bool is_seen = false;
    if (is_ours) {
      MORTISE_TRY_ASSIGN(is_seen, find_row(page, id, body));
    }
    if (!is_seen) {
      for (ColumnBuffer& buffer : buffers_) buffer.put_null(position);
      continue;
    }
    if (page_rows_.count() == PageRows::kRowsMax) {
      MORTISE_TRY(put_fetched());
      page_rows_.begin(page.bytes());
      positions_.clear();
    }
    MORTISE_TRY(page_rows_.add(body, id.slot()));
    positions_.push_back(position);
  }
  MORTISE_TRY(put_fetched());
  guard.release();
  return read_large_values();
}

Status RowReader::fetch(std::span<const mortise_row_id_t> row_ids, mortise_batch_t& batch) {
  const uint32_t count = static_cast<uint32_t>(row_ids.size());
  if (count > MORTISE_BATCH_ROWS_MAX) return limit("too many rows in one fetch");
  MORTISE_TRY(prepare(std::max(1u, count)));
  const TableState& state = table_.state();
  buffer::Pool& pool = txns_.storage().pool();
  sort_ids(row_ids);
  seen_.assign(scan::words_of(count), 0);
  pages_.clear();
  std::vector<uint32_t>& begins = page_begins_;
  begins.clear();
  for (uint32_t i = 0; i < count; ++i) {
    const PageId page_id = RowId{row_ids[order_[i]]}.page(state.space);
    if (!pages_.empty() && pages_.back() == page_id) continue;
    pages_.push_back(page_id);
    begins.push_back(i);
  }
  begins.push_back(count);
  if (pages_.size() > 1) pool.prefetch(pages_, {.size_class = state.page_class});
  for (size_t p = 0; p < pages_.size(); ++p) {
    if (p + 1 < pages_.size()) __builtin_prefetch(pool.place_hint(pages_[p + 1]));
    MORTISE_TRY(fetch_page(row_ids, begins[p], begins[p + 1]));
  }
  selection_.resize(count + 64);
  const uint32_t seen = scan::simd().bits_to_selection(seen_.data(), count, selection_.data());
  row_ids_.assign(row_ids.begin(), row_ids.end());
  finish(batch, count, true);
  batch.selected_count = seen;
  batch.selection = seen == count ? nullptr : selection_.data();
  return {};
}

}  // namespace mortise::heap
