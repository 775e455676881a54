// SPDX-License-Identifier: Apache-2.0

// Scans: page by page, see row_reader.hpp.  Fetching by id is in row_fetch.cpp.

#include "kernel/heap/row_reader.hpp"

#include <algorithm>

namespace mortise::heap {
namespace {

constexpr uint32_t kPagesPerStep = 256;
constexpr uint32_t kPagesAhead = 128;  // asked for before they are wanted
constexpr uint32_t kPagesPerAsk = 32;
constexpr uint32_t kRoomShare = 4;   // free room worth remembering: one part in so many
constexpr uint32_t kLineBytes = 64;  // what one prefetch instruction brings

// What a test of one value costs, roughly: the order of filters.
uint32_t cost_of(const mortise_filter_t& filter, const TableLayout::Column& column) {
  switch (filter.operation) {
    case MORTISE_FILTER_IS_NULL:
    case MORTISE_FILTER_NOT_NULL:
      return 0;
    case MORTISE_FILTER_IN:
      return column.is_var ? 5 : 2;
    case MORTISE_FILTER_BLOOM:
      return column.is_var ? 6 : 4;
    default:
      return column.is_var ? 3 : 1;
  }
}

}  // namespace

RowReader::RowReader(Table& table, txn::Transaction* txn, const mortise_read_view_t& view,
                     ScanOptions options)
    : table_(table),
      txns_(table.heap().txns()),
      txn_(txn),
      visibility_(txns_, view),
      options_(std::move(options)),
      page_rows_(table.heap().account()),
      filter_arena_(table.heap().account()),
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
  MORTISE_TRY(reader->prepare_filters());
  if (txn != nullptr && !reader->visibility_.is_latest()) {
    MORTISE_TRY(reader->txns_.pin_snapshot(*txn, Scn{view.snapshot}));
    reader->is_pinned_ = true;
  }
  return reader;
}

Status RowReader::prepare_filters() {
  const TableLayout& layout = table_.layout();
  filters_ = options_.filters;
  std::stable_sort(filters_.begin(), filters_.end(),
                   [&](const mortise_filter_t& a, const mortise_filter_t& b) {
                     return cost_of(a, layout.column(a.column_index)) <
                            cost_of(b, layout.column(b.column_index));
                   });
  for (const mortise_filter_t& filter : filters_) {
    const auto is_it = [&](const FilterColumn& known) {
      return known.column == filter.column_index;
    };
    if (std::any_of(filter_columns_.begin(), filter_columns_.end(), is_it)) continue;
    FilterColumn& added = filter_columns_.emplace_back();
    added.column = filter.column_index;
    MORTISE_TRY(added.values.prepare(layout.column(filter.column_index), PageRows::kRowsMax,
                                     filter_arena_));
  }
  return {};
}

Status RowReader::prepare(uint32_t capacity) {
  arena_.reset();
  large_later_.clear();
  rows_ = 0;
  buffers_.resize(options_.columns.size());
  for (size_t i = 0; i < buffers_.size(); ++i) {
    MORTISE_TRY(buffers_[i].prepare(table_.layout().column(options_.columns[i]), capacity, arena_));
  }
  row_ids_.clear();
  return {};
}

// Appends the pages of the next extents; none behind the last.
Status RowReader::load_pages() {
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
  pages_.erase(pages_.begin(), pages_.begin() + static_cast<ptrdiff_t>(page_index_));
  ahead_index_ -= page_index_;
  page_index_ = 0;
  const size_t before = pages_.size();
  while (pages_.size() == before) {
    if (range_.extent_begin >= range_.extent_end) break;
    MORTISE_TRY_ASSIGN(const std::vector<space::PageRef> refs,
                       spaces.scan(table_.state().segment, range_, kPagesPerStep));
    if (refs.empty()) break;
    for (const space::PageRef& ref : refs) {
      if (ref.size_class == table_.state().page_class) pages_.push_back(ref.id);
    }
  }
  has_all_pages_ = pages_.size() == before;
  return {};
}

// Keeps kPagesAhead pages on their way.
void RowReader::read_ahead() {
  const size_t wanted = std::min(page_index_ + kPagesAhead, pages_.size());
  if (wanted < ahead_index_ + kPagesPerAsk && wanted < pages_.size()) return;
  ahead_index_ = std::max(ahead_index_, page_index_);
  if (ahead_index_ >= wanted) return;
  txns_.storage().pool().prefetch(
      std::span<const PageId>(pages_).subspan(ahead_index_, wanted - ahead_index_),
      {.size_class = table_.state().page_class, .hint = buffer::AccessHint::scan});
  ahead_index_ = wanted;
}

// Moves to the next page of the part; false behind the last.
Result<bool> RowReader::next_page() {
  next_slot_ = 0;
  if (!has_all_pages_ && page_index_ + kPagesAhead >= pages_.size()) MORTISE_TRY(load_pages());
  if (page_index_ >= pages_.size()) return false;
  read_ahead();
  coming_ = page_index_ + 1 < pages_.size()
                ? txns_.storage().pool().place_hint(pages_[page_index_ + 1])
                : nullptr;
  page_done_ = false;
  return true;
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
    MORTISE_TRY(read_remote(txns_.storage(), table_.state().space, table_.state().page_class, id,
                            row, remote_));
    row.body = remote_;
  }
  return find_version(txns_, visibility_, table_.heap().known_versions(), row,
                      {id.page(table_.state().space), id.slot(), table_.state().segment}, older_,
                      body);
}

Status RowReader::collect_seen(const HeapPage& page, uint32_t room) {
  const PageId page_id = page::read_header(page.bytes().data()).page_id;
  uint32_t slot = next_slot_;
  for (; slot < page.slot_count() && page_rows_.count() < room; ++slot) {
    if (page.is_dead(slot)) continue;
    std::span<const std::byte> body;
    MORTISE_TRY_ASSIGN(const bool is_seen, find_row(page, RowId::make(page_id, slot), body));
    if (is_seen) MORTISE_TRY(page_rows_.add(body, slot));
  }
  next_slot_ = slot;
  return {};
}

Status RowReader::collect_all(const HeapPage& page, uint32_t room) {
  const std::byte* const bytes = page.bytes().data();
  const uint32_t page_bytes = static_cast<uint32_t>(page.bytes().size());
  const uint32_t slots_end = page.slots_end();
  const uint32_t slot_count = page.slot_count();
  // The next page comes nearer while this one is read.
  const uint32_t lines = page_bytes / kLineBytes / (slot_count + 1) + 1;
  const uint32_t lines_end = coming_ == nullptr ? 0 : page_bytes / kLineBytes;
  uint32_t slot = next_slot_;
  uint32_t line = slot * lines;
  for (; slot < slot_count && page_rows_.count() < room; ++slot) {
    for (uint32_t i = 0; i < lines && line < lines_end; ++i, ++line) {
      __builtin_prefetch(coming_ + line * kLineBytes);
    }
    const uint32_t word = load_le<uint32_t>(bytes + kSlotsOffset + slot * kSlotBytes);
    const uint32_t offset = word & 0xFFFF;
    const uint32_t size = word >> 16;
    if (offset < slots_end || size < kVersionBytes || offset + size > page_bytes) {
      if (offset == 0) continue;
      return corrupt("row is out of its page's bounds: slot " + std::to_string(slot));
    }
    MORTISE_TRY(page_rows_.add({bytes + offset + kVersionBytes, size - kVersionBytes}, slot));
  }
  next_slot_ = slot;
  return {};
}

// For those who want no more than how many rows there are.
void RowReader::count_all(const HeapPage& page, uint32_t room) {
  const uint32_t slot_count = page.slot_count();
  uint32_t slot = next_slot_;
  uint32_t found = 0;
  for (; slot < slot_count && found < room; ++slot) found += page.is_dead(slot) ? 0 : 1;
  next_slot_ = slot;
  rows_ += found;
}

Status RowReader::collect(const HeapPage& page, uint32_t room) {
  page_rows_.begin(page.bytes());
  const bool all_are_seen = page.irregular() == 0 && page.max_writer() < visibility_.settled();
  const bool only_counts = options_.columns.empty() && !options_.wants_row_ids && filters_.empty();
  if (all_are_seen && only_counts) {
    count_all(page, room);
  } else {
    room = std::min(room, PageRows::kRowsMax);
    MORTISE_TRY(all_are_seen ? collect_all(page, room) : collect_seen(page, room));
  }
  page_done_ = next_slot_ >= page.slot_count();
  return {};
}

// Leaves in `page_rows_` the rows that pass all filters (D2).
Status RowReader::filter_rows() {
  uint64_t bits[scan::words_of(PageRows::kRowsMax)];
  const scan::SimdTable& simd = scan::simd();
  uint32_t count = page_rows_.count();
  const auto fill = [&] {
    std::fill_n(bits, scan::words_of(count), ~uint64_t{0});
    scan::clear_tail(bits, count);
  };
  fill();
  for (const mortise_filter_t& filter : filters_) {
    if (count == 0) return {};
    FilterColumn& column = *std::find_if(
        filter_columns_.begin(), filter_columns_.end(),
        [&](const FilterColumn& known) { return known.column == filter.column_index; });
    if (column.generation != page_rows_.generation()) {
      column.generation = page_rows_.generation();
      column.values.restart(count);
      MORTISE_TRY(column.values.gather(page_rows_, table_.layout(), column.column, 0,
                                       LongBytes::stay, large_now(), page_rows_.copies()));
    }
    scan::filter_column(simd, table_.layout().column(column.column).type, column.values.column(),
                        count, filter, bits);
    const uint32_t passed = scan::count_bits(bits, count);
    if (passed > count / 2) continue;
    page_rows_.keep(bits);
    count = passed;
    fill();
  }
  if (scan::count_bits(bits, count) != count) page_rows_.keep(bits);
  return {};
}

// Copies the wanted columns of the rows that passed.
Status RowReader::emit(PageId page_id) {
  const uint32_t count = page_rows_.count();
  if (count == 0) return {};
  for (size_t c = 0; c < buffers_.size(); ++c) {
    MORTISE_TRY(buffers_[c].gather(page_rows_, table_.layout(), options_.columns[c], rows_,
                                   LongBytes::copy, large_later(), arena_));
  }
  if (options_.wants_row_ids) {
    const uint64_t base = RowId::make(page_id, 0).word;
    for (uint32_t i = 0; i < count; ++i) row_ids_.push_back(base | page_rows_.slot(i));
  }
  rows_ += count;
  return {};
}

// A reader of the newest versions holds no snapshot that would keep their values.
LargeSource RowReader::large_later() {
  LargeSource source = large_now();
  if (!visibility_.is_latest()) source.later = &large_later_;
  return source;
}

Status RowReader::read_large_values() {
  for (const LargeLater& value : large_later_) {
    MORTISE_TRY(value.buffer->put_large(value.ref, value.row, large_now(), arena_));
  }
  large_later_.clear();
  return {};
}

Status RowReader::read_page(PageId page_id, uint32_t room) {
  MORTISE_TRY_ASSIGN(
      buffer::SharedGuard guard,
      txns_.storage().pool().shared(
          page_id, {.size_class = table_.state().page_class, .hint = buffer::AccessHint::scan}));
  const HeapPage page(guard.bytes());
  if (!page.belongs_to(table_.state().segment)) {
    // Allocated and not formatted yet, or a page of the segment with another purpose.
    page_done_ = true;
    return {};
  }
  // Readers pass by anyway: they find room that nobody remembers, after a restart above all.
  if (next_slot_ == 0 && page.free_bytes() >= page.bytes().size() / kRoomShare) {
    table_.state().note_room(page_id);
  }
  MORTISE_TRY(collect(page, room));
  if (!filters_.empty()) MORTISE_TRY(filter_rows());
  MORTISE_TRY(emit(page_id));
  guard.release();
  return read_large_values();
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
    MORTISE_TRY(read_page(pages_[page_index_], options_.batch_rows_max - rows_));
    if (page_done_) ++page_index_;
  }
  if (rows_ == 0) return false;
  finish(batch, rows_, options_.wants_row_ids);
  return true;
}

}  // namespace mortise::heap
