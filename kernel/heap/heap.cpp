// SPDX-License-Identifier: Apache-2.0

// Tables come and go, and what all handles of one share.

#include "kernel/heap/heap.hpp"

#include <algorithm>

namespace mortise::heap {
namespace {

// The owner's area of the anchor page.
constexpr uint32_t kMagic = 0x50414548;  // "HEAP"
constexpr uint8_t kFormat = 1;
constexpr uint32_t kMagicOffset = space::kOwnerAreaOffset;
constexpr uint32_t kFormatOffset = kMagicOffset + 4;
constexpr uint32_t kClassOffset = kMagicOffset + 5;
constexpr uint32_t kRowsOffset = kMagicOffset + 8;

// Row pages are 4 KiB unless not even two of the narrowest rows fit.
Result<page::SizeClass> class_for(const TableLayout& layout) {
  const uint32_t row = kVersionBytes + layout.narrow_body_bytes();
  for (uint8_t c = 0; c <= static_cast<uint8_t>(page::SizeClass::kib32); ++c) {
    const page::SizeClass size_class = static_cast<page::SizeClass>(c);
    if (row <= usable_bytes(page::bytes_of(size_class)) / 2) return size_class;
  }
  if (row <= usable_bytes(page::bytes_of(page::SizeClass::kib32))) return page::SizeClass::kib32;
  return limit("a row of this table can be " + std::to_string(row) + " bytes wide, too many");
}

}  // namespace

void TableState::note_room(PageId page) {
  if (roomy_count.load(std::memory_order_relaxed) >= kRoomyMax) return;
  platform::Lock lock(mutex);
  if (!is_roomy.insert(page).second) return;
  roomy.push_back(page);
  roomy_count.fetch_add(1, std::memory_order_relaxed);
}

PageId TableState::take_roomy() {
  if (roomy_count.load(std::memory_order_relaxed) == 0) return kNoPage;
  platform::Lock lock(mutex);
  if (roomy.empty()) return kNoPage;
  const PageId page = roomy.back();
  roomy.pop_back();
  is_roomy.erase(page);
  roomy_count.fetch_sub(1, std::memory_order_relaxed);
  return page;
}

Result<SegmentId> Heap::create(txn::Transaction& txn, const mortise_table_desc_t& desc) {
  MORTISE_TRY_ASSIGN(const TableLayout layout, TableLayout::make(desc));
  MORTISE_TRY_ASSIGN(const page::SizeClass size_class, class_for(layout));
  MORTISE_TRY(txns_->start_writing(txn));
  for (;;) {
    txn::TxnStep step(txn);
    log::Mtr& mtr = step.mtr();
    MORTISE_TRY_ASSIGN(const space::SegmentInfo made,
                       storage().spaces().create_segment(mtr, SpaceId{0}, desc.object));
    MORTISE_TRY_ASSIGN(const log::PageX anchor, mtr.exclusive(made.anchor));
    mtr.store(anchor, kMagicOffset, kMagic);
    mtr.store(anchor, kFormatOffset, kFormat);
    mtr.store(anchor, kClassOffset, size_class);
    mtr.store(anchor, kRowsOffset, int64_t{0});
    if (Status status = step.reserve(0); !status) {
      if (status.code() == Code::busy) continue;
      return status;
    }
    txn::UndoRecord record;
    record.kind = txn::UndoKind::segment_create;
    record.segment = made.id;
    step.append(record);
    step.commit();
    return made.id;
  }
}

Status Heap::drop(txn::Transaction& txn, SegmentId segment) {
  MORTISE_TRY(storage().spaces().find_segment(segment).status());
  MORTISE_TRY(txns_->start_writing(txn));
  for (;;) {
    txn::TxnStep step(txn);
    if (Status status = step.reserve(0); !status) {
      if (status.code() == Code::busy) continue;
      return status;
    }
    txn::UndoRecord record;
    record.kind = txn::UndoKind::segment_drop;
    record.segment = segment;
    step.append(record);
    txn.note_purge_work();
    step.commit();
    return {};
  }
}

Result<std::shared_ptr<TableState>> Heap::state_of(SegmentId segment) {
  {
    platform::Lock lock(mutex_);
    const auto found = tables_.find(segment);
    if (found != tables_.end()) return found->second;
  }
  MORTISE_TRY_ASSIGN(const space::SegmentInfo info, storage().spaces().find_segment(segment));
  if (info.dropping) return not_found("table is gone: segment " + std::to_string(raw(segment)));
  auto state = std::make_shared<TableState>();
  state->segment = segment;
  state->space = space::space_of(segment);
  state->anchor = info.anchor;
  {
    MORTISE_TRY_ASSIGN(const buffer::SharedGuard anchor, storage().pool().shared(info.anchor));
    if (load_le<uint32_t>(anchor.data() + kMagicOffset) != kMagic) {
      return corrupt("segment is no table: " + std::to_string(raw(segment)));
    }
    if (load_le<uint8_t>(anchor.data() + kFormatOffset) != kFormat) {
      return unsupported("table has a newer format: segment " + std::to_string(raw(segment)));
    }
    state->page_class = load_le<page::SizeClass>(anchor.data() + kClassOffset);
    if (state->page_class > page::SizeClass::kib32) return corrupt("table has a wrong page size");
    state->rows.store(load_le<int64_t>(anchor.data() + kRowsOffset));
    state->rows_stored.store(state->rows.load());
  }
  platform::Lock lock(mutex_);
  return tables_.emplace(segment, std::move(state)).first->second;
}

void Heap::forget(SegmentId segment) {
  platform::Lock lock(mutex_);
  tables_.erase(segment);
}

Result<std::unique_ptr<Table>> Table::open(Heap& heap, const mortise_table_desc_t& desc) {
  MORTISE_TRY_ASSIGN(TableLayout layout, TableLayout::make(desc));
  MORTISE_TRY_ASSIGN(std::shared_ptr<TableState> state, heap.state_of(SegmentId{desc.segment}));
  const uint32_t page_bytes = page::bytes_of(state->page_class);
  if (kVersionBytes + layout.narrow_body_bytes() > usable_bytes(page_bytes)) {
    return limit("the table's columns do not fit its pages of " + std::to_string(page_bytes) +
                 " bytes any more");
  }
  std::unique_ptr<Table> table(new Table(heap, std::move(layout), std::move(state)));
  const uint32_t fill = desc.fill_percent == 0 ? 95 : std::clamp(desc.fill_percent, 10u, 100u);
  table->fill_reserve_bytes_ = page_bytes * (100 - fill) / 100;
  if (desc.struct_size_bytes >= offsetof(mortise_table_desc_t, key_columns) + sizeof(void*) &&
      desc.has_key_columns != 0) {
    table->has_key_columns_ = true;
    table->key_columns_.assign(desc.key_columns, desc.key_columns + desc.key_columns_count);
  }
  return table;
}

bool Table::is_key_column(uint32_t column) const {
  return !has_key_columns_ ||
         std::find(key_columns_.begin(), key_columns_.end(), column) != key_columns_.end();
}

// The count survives crashes within a few percent: it is stored when it has moved by 1/32; and
// exactly when the instance is closed.
Status Table::store_row_count() {
  const int64_t stored = state_->rows_stored.load(std::memory_order_relaxed);
  return heap_.store_row_count(*state_, std::max<int64_t>(1024, stored / 32));
}

Status Heap::store_row_count(TableState& state, int64_t rows_least) {
  const int64_t rows = state.rows.load(std::memory_order_relaxed);
  if (std::abs(rows - state.rows_stored.load(std::memory_order_relaxed)) < rows_least) return {};
  state.rows_stored.store(rows, std::memory_order_relaxed);
  log::Mtr mtr(storage().mtr_context());
  MORTISE_TRY_ASSIGN(const log::PageX anchor, mtr.exclusive(state.anchor));
  mtr.store(anchor, kRowsOffset, rows);
  mtr.commit();
  return {};
}

Status Heap::store_row_counts() {
  std::vector<std::shared_ptr<TableState>> all;
  {
    platform::Lock lock(mutex_);
    for (const auto& [segment, state] : tables_) all.push_back(state);
  }
  for (const std::shared_ptr<TableState>& state : all) MORTISE_TRY(store_row_count(*state, 1));
  return {};
}

Status Table::stats(mortise_table_stats_t& stats) {
  MORTISE_TRY_ASSIGN(const space::SegmentInfo info,
                     heap_.storage().spaces().find_segment(state_->segment));
  stats.rows_estimate = static_cast<uint64_t>(std::max<int64_t>(0, state_->rows.load()));
  stats.pages_count = info.page_count;
  stats.size_bytes = info.extent_count * space::kExtentUnits * page::kUnitBytes;
  return {};
}

}  // namespace mortise::heap
