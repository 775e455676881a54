// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/row_reader.hpp"

#include <algorithm>

namespace mortise::heap {
namespace {

constexpr uint32_t kPagesPerStep = 256;

}  // namespace

RowReader::RowReader(Table& table, txn::Transaction* txn, const mortise_read_view_t& view,
                     ScanOptions options)
    : table_(table),
      txns_(table.heap().txns()),
      txn_(txn),
      visibility_(txns_, view),
      options_(std::move(options)),
      page_arena_(table.heap().account()),
      arena_(table.heap().account()) {}

RowReader::~RowReader() {
  if (!is_pinned_) return;
  txns_.unpin_snapshot(*txn_, Scn{visibility_.view().snapshot});
  txn_->note_dependency(visibility_.newest_seen());
}

Result<std::unique_ptr<RowReader>> RowReader::open(Table& table, txn::Transaction* txn,
                                                   const mortise_read_view_t& view,
                                                   ScanOptions options) {
  const uint32_t columns = table.layout().column_count();
  for (const uint32_t column : options.columns) {
    if (column >= columns) return invalid("scan asks for a column that is not there");
  }
  for (const mortise_filter_t& filter : options.filters) {
    if (filter.column_index >= columns) {
      return invalid("filter names a column that is not there");
    }
    if (filter.operation < MORTISE_FILTER_EQ || filter.operation > MORTISE_FILTER_BLOOM) {
      return unsupported("filter has an unknown operation: " + std::to_string(filter.operation));
    }
  }
  if (options.batch_rows_max == 0) options.batch_rows_max = MORTISE_BATCH_ROWS_DEFAULT;
  options.batch_rows_max = std::min(options.batch_rows_max, MORTISE_BATCH_ROWS_MAX);
  std::unique_ptr<RowReader> reader(new RowReader(table, txn, view, std::move(options)));
  if (txn != nullptr && !reader->visibility_.is_latest()) {
    MORTISE_TRY(reader->txns_.pin_snapshot(*txn, Scn{view.snapshot}));
    reader->is_pinned_ = true;
  }
  return reader;
}

std::vector<std::byte>& RowReader::scratch() {
  if (scratch_used_ == scratch_.size()) {
    scratch_.push_back(std::make_unique<std::vector<std::byte>>());
  }
  return *scratch_[scratch_used_++];
}

Status RowReader::prepare(uint32_t capacity) {
  arena_.reset();
  rows_ = 0;
  buffers_.resize(options_.columns.size());
  for (size_t i = 0; i < buffers_.size(); ++i) {
    MORTISE_TRY(buffers_[i].prepare(table_.layout().column(options_.columns[i]), capacity, arena_));
  }
  row_ids_.clear();
  return {};
}

// Moves to the next page of the part; false behind the last.
Result<bool> RowReader::next_page() {
  space::Spaces& spaces = txns_.storage().spaces();
  if (!has_range_) {
    has_range_ = true;
    const uint64_t parts = std::max(1u, options_.parts_count);
    MORTISE_TRY_ASSIGN(const space::SegmentInfo info, spaces.find_segment(table_.state().segment));
    range_.extent_begin = info.extent_count * options_.part_index / parts;
    // The last part takes what is added meanwhile.
    range_.extent_end = options_.part_index + 1 >= parts
                            ? UINT64_MAX
                            : info.extent_count * (options_.part_index + 1) / parts;
  }
  next_slot_ = 0;
  for (;;) {
    while (page_index_ < pages_.size() &&
           pages_[page_index_].size_class != table_.state().page_class) {
      ++page_index_;
    }
    if (page_index_ < pages_.size()) {
      page_done_ = false;
      return true;
    }
    if (range_.extent_begin >= range_.extent_end) return false;
    MORTISE_TRY_ASSIGN(pages_, spaces.scan(table_.state().segment, range_, kPagesPerStep));
    page_index_ = 0;
    if (pages_.empty()) return false;
    std::vector<PageId> ahead;
    for (const space::PageRef& ref : pages_) {
      if (ref.size_class == table_.state().page_class) ahead.push_back(ref.id);
    }
    txns_.storage().pool().prefetch(
        ahead, {.size_class = table_.state().page_class, .hint = buffer::AccessHint::scan});
  }
}

// The version of a row that the view sees.
Result<bool> RowReader::find_row(const HeapPage& page, RowId id, std::span<const std::byte>& body) {
  StoredRow row;
  if (!page.row(id.slot(), row)) {
    if (id.slot() < page.slot_count() && !page.is_dead(id.slot())) {
      return corrupt("row is out of its page's bounds: slot " + std::to_string(id.slot()));
    }
    return false;
  }
  if (row.undo.has(txn::kVersionRemoteBody)) return false;
  if (row.undo.has(txn::kVersionMoved)) {
    // Settle the common cases before reading another page.
    std::vector<std::byte>& hold = scratch();
    MORTISE_TRY(read_remote(txns_.storage(), table_.state().space, table_.state().page_class, id,
                            row, hold));
    row.body = hold;
  }
  return find_version(txns_, visibility_, row, {id.page(table_.state().space), id.slot()},
                      scratch(), body);
}

Status RowReader::collect_slow(const HeapPage& page, uint32_t room) {
  const PageId page_id = page::read_header(page.bytes().data()).page_id;
  uint32_t slot = next_slot_;
  for (; slot < page.slot_count() && candidates_.size() < room; ++slot) {
    if (page.is_dead(slot)) continue;
    std::span<const std::byte> body;
    MORTISE_TRY_ASSIGN(const bool is_seen, find_row(page, RowId::make(page_id, slot), body));
    if (is_seen) candidates_.push_back({body, slot});
  }
  next_slot_ = slot;
  return {};
}

Status RowReader::collect(const HeapPage& page, uint32_t room) {
  candidates_.clear();
  scratch_used_ = 0;
  const bool all_are_seen = page.irregular() == 0 && page.max_writer() < visibility_.settled();
  if (!all_are_seen) {
    MORTISE_TRY(collect_slow(page, room));
  } else {
    uint32_t slot = next_slot_;
    for (; slot < page.slot_count() && candidates_.size() < room; ++slot) {
      StoredRow row;
      if (page.row(slot, row)) candidates_.push_back({row.body, slot});
    }
    next_slot_ = slot;
  }
  page_done_ = next_slot_ >= page.slot_count();
  return {};
}

// Leaves in `passing_` the candidates that pass all filters (D2).
Status RowReader::filter_rows() {
  const uint32_t count = static_cast<uint32_t>(candidates_.size());
  passing_.resize(scan::words_of(count) * 64 + 64);
  if (options_.filters.empty()) {
    for (uint32_t i = 0; i < count; ++i) passing_[i] = static_cast<uint16_t>(i);
    passing_.resize(count);
    return {};
  }
  page_arena_.reset();
  std::vector<uint64_t> bits(scan::words_of(count), ~uint64_t{0});
  scan::clear_tail(bits.data(), count);
  for (const mortise_filter_t& filter : options_.filters) {
    const TableLayout::Column& column = table_.layout().column(filter.column_index);
    ColumnBuffer buffer;
    MORTISE_TRY(buffer.prepare(column, count, page_arena_));
    for (uint32_t i = 0; i < count; ++i) {
      RowView row;
      if (!view_row(candidates_[i].body, row)) return corrupt("stored row makes no sense");
      const bool is_out = !scan::test_bit(bits.data(), i);
      const ValueSource value =
          is_out ? ValueSource{} : stored_value(table_.layout(), row, filter.column_index);
      MORTISE_TRY(buffer.put(value, i, false, txns_.storage(), page_arena_));
    }
    scan::filter_column(scan::simd(), column.type, buffer.column(), count, filter, bits.data());
  }
  uint32_t passed = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (scan::test_bit(bits.data(), i)) passing_[passed++] = static_cast<uint16_t>(i);
  }
  passing_.resize(passed);
  return {};
}

// Copies the wanted columns of the rows that passed.
Status RowReader::emit(PageId page_id) {
  for (const uint16_t i : passing_) {
    RowView row;
    if (!view_row(candidates_[i].body, row)) return corrupt("stored row makes no sense");
    for (size_t c = 0; c < buffers_.size(); ++c) {
      const ValueSource value = stored_value(table_.layout(), row, options_.columns[c]);
      MORTISE_TRY(buffers_[c].put(value, rows_, true, txns_.storage(), arena_));
    }
    if (options_.wants_row_ids) {
      row_ids_.push_back(RowId::make(page_id, candidates_[i].slot).word);
    }
    ++rows_;
  }
  return {};
}

Status RowReader::read_page(PageId page_id, uint32_t room) {
  MORTISE_TRY_ASSIGN(
      const buffer::SharedGuard guard,
      txns_.storage().pool().shared(
          page_id, {.size_class = table_.state().page_class, .hint = buffer::AccessHint::scan}));
  const HeapPage page(guard.bytes());
  if (!page.belongs_to(table_.state().segment)) {
    // Allocated and not formatted yet, or a page of the segment with another purpose.
    page_done_ = true;
    return {};
  }
  MORTISE_TRY(collect(page, room));
  MORTISE_TRY(filter_rows());
  return emit(page_id);
}

void RowReader::finish(mortise_batch_t& batch, uint32_t rows, bool with_ids) {
  columns_.clear();
  types_.clear();
  for (size_t i = 0; i < buffers_.size(); ++i) {
    columns_.push_back(buffers_[i].column());
    types_.push_back(table_.layout().column(options_.columns[i]).type);
  }
  batch = {};
  batch.struct_size_bytes = sizeof(batch);
  batch.rows_count = rows;
  batch.columns_count = static_cast<uint32_t>(columns_.size());
  batch.selected_count = rows;
  batch.columns = columns_.data();
  batch.types = types_.data();
  batch.row_ids = with_ids ? row_ids_.data() : nullptr;
}

Result<bool> RowReader::next(mortise_batch_t& batch) {
  MORTISE_TRY(prepare(options_.batch_rows_max));
  while (rows_ < options_.batch_rows_max) {
    if (txn_ != nullptr && txn_->options().interrupt != nullptr &&
        __atomic_load_n(txn_->options().interrupt, __ATOMIC_RELAXED) != 0) {
      return cancelled("canceling statement due to user request");
    }
    if (page_done_) {
      MORTISE_TRY_ASSIGN(const bool is_there, next_page());
      if (!is_there) break;
    }
    MORTISE_TRY(read_page(pages_[page_index_].id, options_.batch_rows_max - rows_));
    if (page_done_) ++page_index_;
  }
  if (rows_ == 0) return false;
  finish(batch, rows_, options_.wants_row_ids);
  return true;
}

Status RowReader::fetch(std::span<const mortise_row_id_t> row_ids, mortise_batch_t& batch) {
  const uint32_t count = static_cast<uint32_t>(row_ids.size());
  if (count > MORTISE_BATCH_ROWS_MAX) return limit("too many rows in one fetch");
  MORTISE_TRY(prepare(std::max(1u, count)));
  selection_.clear();
  const TableState& state = table_.state();
  buffer::SharedGuard guard;
  for (uint32_t i = 0; i < count; ++i) {
    const RowId id{row_ids[i]};
    const PageId page_id = id.page(state.space);
    if (!guard || guard.id() != page_id) {
      guard.release();
      MORTISE_TRY_ASSIGN(guard,
                         txns_.storage().pool().shared(page_id, {.size_class = state.page_class}));
    }
    const HeapPage page(guard.bytes());
    scratch_used_ = 0;
    std::span<const std::byte> body;
    bool is_seen = false;
    if (page.belongs_to(state.segment)) {
      MORTISE_TRY_ASSIGN(is_seen, find_row(page, id, body));
    }
    RowView row;
    if (is_seen && !view_row(body, row)) return corrupt("stored row makes no sense");
    for (size_t c = 0; c < buffers_.size(); ++c) {
      if (!is_seen) {
        buffers_[c].put_null(i);
        continue;
      }
      MORTISE_TRY(buffers_[c].put(stored_value(table_.layout(), row, options_.columns[c]), i, true,
                                  txns_.storage(), arena_));
    }
    if (is_seen) selection_.push_back(static_cast<uint16_t>(i));
  }
  row_ids_.assign(row_ids.begin(), row_ids.end());
  finish(batch, count, true);
  batch.selected_count = static_cast<uint32_t>(selection_.size());
  batch.selection = selection_.size() == count ? nullptr : selection_.data();
  return {};
}

}  // namespace mortise::heap
