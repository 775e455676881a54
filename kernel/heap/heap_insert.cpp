// SPDX-License-Identifier: Apache-2.0

// Insertion: a batch is encoded first, then put on pages as many rows at a time as fit; each page
// is one step with one undo record for all of its new slots.

#include <algorithm>
#include <cstring>

#include "kernel/heap/heap.hpp"
#include "kernel/heap/row_encoder.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::heap {

// Moves the longest values out of line until the row fits into half a page.
Status Table::make_narrow(txn::Transaction& txn, std::vector<ValueSource>& values,
                          std::vector<std::unique_ptr<LargeRef>>& refs) {
  const uint32_t usable = usable_bytes(page::bytes_of(state_->page_class));
  while (kVersionBytes + body_bytes(layout_, values) > usable / 2) {
    ValueSource* longest = nullptr;
    for (ValueSource& value : values) {
      if (value.is_null || value.is_large || value.var.size() <= 2 * kLargeRefBytes) continue;
      if (longest == nullptr || value.var.size() > longest->var.size()) longest = &value;
    }
    if (longest == nullptr) break;
    MORTISE_TRY_ASSIGN(
        const LargeRef ref,
        heap_.large_values().write(txn, state_->segment, state_->page_class, longest->var));
    refs.push_back(std::make_unique<LargeRef>(ref));
    longest->var = std::as_bytes(std::span<const LargeRef, 1>(refs.back().get(), 1));
    longest->is_large = true;
  }
  if (kVersionBytes + body_bytes(layout_, values) > usable) {
    return limit("row is too wide: " + std::to_string(body_bytes(layout_, values)) +
                 " bytes after its long values were moved out");
  }
  return {};
}

Status Table::stage(txn::Transaction& txn, const mortise_batch_t& rows, EncodedRows& staged) {
  const uint32_t columns = layout_.column_count();
  std::vector<uint32_t> source(columns, UINT32_MAX);
  uint32_t next = 0;
  for (uint32_t i = 0; i < columns; ++i) {
    if (!layout_.column(i).is_dropped) source[i] = next++;
  }
  if (next != rows.columns_count) {
    return invalid("insert has " + std::to_string(rows.columns_count) + " columns, expected " +
                   std::to_string(next));
  }
  const uint32_t half = usable_bytes(page::bytes_of(state_->page_class)) / 2;
  if (RowEncoder(layout_, rows).append(half, staged)) return {};
  // Some row has to move values out of line.
  std::vector<ValueSource> values(columns);
  std::vector<std::byte> bools(columns);
  std::vector<std::unique_ptr<LargeRef>> refs;
  for (uint32_t i = 0; i < rows.selected_count; ++i) {
    const uint32_t row = rows.selection == nullptr ? i : rows.selection[i];
    for (uint32_t c = 0; c < columns; ++c) {
      values[c] = source[c] == UINT32_MAX
                      ? ValueSource{}
                      : batch_value(rows.columns[source[c]], layout_.column(c), row, &bools[c]);
    }
    if (kVersionBytes + body_bytes(layout_, values) > half) {
      refs.clear();
      MORTISE_TRY(make_narrow(txn, values, refs));
    }
    const size_t position = staged.bytes.size();
    staged.bytes.resize(position + kVersionBytes);
    MORTISE_TRY(append_body(layout_, values, staged.bytes));
    const uint32_t size = static_cast<uint32_t>(staged.bytes.size() - position);
    staged.positions.push_back(position);
    staged.sizes.push_back(size);
    staged.bytes.resize(position + row_space(size));
  }
  return {};
}

// After a restart nobody knows where there is room: the newest pages are likely places.
Status Table::look_for_target() {
  if (state_->has_looked_for_target.exchange(true)) return {};
  space::Spaces& spaces = heap_.storage().spaces();
  MORTISE_TRY_ASSIGN(const space::SegmentInfo info, spaces.find_segment(state_->segment));
  if (info.extent_count == 0) return {};
  space::ScanRange range{info.extent_count - 1, info.extent_count};
  MORTISE_TRY_ASSIGN(const std::vector<space::PageRef> pages,
                     spaces.scan(state_->segment, range, 64));
  size_t noted = 0;
  for (size_t i = pages.size(); i-- > 0 && noted < 4;) {
    if (pages[i].size_class != state_->page_class) continue;
    state_->note_room(pages[i].id);
    ++noted;
  }
  return {};
}

// A page of the table with contiguous room for `bytes_needed` (slots included), held by the step.
Result<log::PageX> Table::target_page(txn::TxnStep& step, uint32_t bytes_needed) {
  log::Mtr& mtr = step.mtr();
  const buffer::FixOptions options{.size_class = state_->page_class};
  std::atomic<uint64_t>& target =
      state_->targets[platform::this_thread::index() % TableState::kTargetCount];
  const PageId current{target.load(std::memory_order_relaxed)};
  if (current != kNoPage) {
    MORTISE_TRY_ASSIGN(const log::PageX page, mtr.exclusive(current, options));
    const HeapPage view(page.bytes());
    if (view.belongs_to(state_->segment) &&
        view.contiguous_bytes() >= bytes_needed + fill_reserve_bytes_) {
      return page;
    }
    mtr.release_unchanged(page);
  }
  MORTISE_TRY(look_for_target());
  for (PageId roomy = state_->take_roomy(); roomy != kNoPage; roomy = state_->take_roomy()) {
    MORTISE_TRY_ASSIGN(const log::PageX page, mtr.exclusive(roomy, options));
    HeapPageWriter writer(mtr, page);
    if (writer.view().belongs_to(state_->segment) &&
        writer.view().free_bytes() >= bytes_needed + fill_reserve_bytes_ &&
        writer.view().free_bytes() >= page.size_bytes() / 8) {
      if (writer.view().contiguous_bytes() < bytes_needed) writer.make_contiguous();
      mtr.after_commit([&target, roomy] { target.store(raw(roomy), std::memory_order_relaxed); });
      return page;
    }
    mtr.release_unchanged(page);
  }
  MORTISE_TRY_ASSIGN(const log::PageX page,
                     heap_.storage().spaces().allocate_page(
                         mtr, state_->segment, state_->page_class, page::PageType::heap));
  HeapPageWriter(mtr, page).format(state_->segment);
  mtr.after_commit([&target, id = page.id()] { target.store(raw(id), std::memory_order_relaxed); });
  return page;
}

// Puts rows from `next` on onto one page.
Status Table::place(txn::Transaction& txn, EncodedRows& staged, size_t& next,
                    mortise_row_id_t* row_ids) {
  txn::TxnStep step(txn);
  const auto needed = [&](size_t i) { return row_space(staged.sizes[i]) + kSlotBytes; };
  MORTISE_TRY_ASSIGN(const log::PageX page, target_page(step, needed(next)));
  HeapPageWriter writer(step.mtr(), page);
  uint32_t room = writer.view().contiguous_bytes();
  room -= std::min(room, fill_reserve_bytes_);
  room = std::max(room, needed(next));
  size_t end = next;
  while (end < staged.sizes.size() && needed(end) <= room) room -= needed(end++);
  MORTISE_TRY(step.reserve(0));
  txn::UndoRecord record;
  record.kind = txn::UndoKind::insert;
  record.page = page.id();
  record.slot = static_cast<uint16_t>(writer.view().slot_count());
  record.count = static_cast<uint16_t>(end - next);
  record.segment = state_->segment;
  const txn::UndoPtr undo = step.append(record);
  for (size_t i = next; i < end; ++i) {
    std::byte* at = staged.bytes.data() + staged.positions[i];
    store_le(at, txn::Writer::of(txn.id()).word());
    store_le(at + 8, undo.word());
  }
  const size_t begin_byte = staged.positions[next];
  const size_t end_byte = staged.positions[end - 1] + row_space(staged.sizes[end - 1]);
  const uint32_t first = writer.append_rows(
      std::span<const std::byte>(staged.bytes).subspan(begin_byte, end_byte - begin_byte),
      std::span<const uint32_t>(staged.sizes).subspan(next, end - next));
  MORTISE_ASSERT(first == record.slot);
  writer.note_writer(txn.id());
  const PageId id = page.id();
  step.commit();
  for (size_t i = next; i < end; ++i) {
    row_ids[i] = RowId::make(id, first + static_cast<uint32_t>(i - next)).word;
  }
  state_->rows.fetch_add(static_cast<int64_t>(end - next), std::memory_order_relaxed);
  next = end;
  return {};
}

Status Table::insert(txn::Transaction& txn, const mortise_batch_t& rows,
                     mortise_row_id_t* row_ids) {
  MORTISE_TRY(heap_.txns().start_writing(txn));
  EncodedRows staged;
  MORTISE_TRY(stage(txn, rows, staged));
  for (size_t next = 0; next < staged.sizes.size();) {
    Status status = place(txn, staged, next, row_ids);
    if (status.code() == Code::busy) {
      platform::this_thread::yield();
      continue;
    }
    MORTISE_TRY(std::move(status));
  }
  return store_row_count();
}

}  // namespace mortise::heap
