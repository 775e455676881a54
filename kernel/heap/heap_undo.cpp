// SPDX-License-Identifier: Apache-2.0

// Taking row changes back, and clearing away what only old views needed.

#include "kernel/heap/heap.hpp"
#include "kernel/heap/row_change.hpp"
#include "kernel/heap/row_patch.hpp"

namespace mortise::heap {
namespace {

Status lost(const txn::UndoRecord& record) {
  return corrupt("row is not as its undo record left it: " + page::name_of(record.page) + " slot " +
                 std::to_string(record.slot));
}

}  // namespace

Result<txn::Progress> Heap::undo(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record) {
  switch (record.kind) {
    case txn::UndoKind::insert:
      MORTISE_TRY(undo_insert(mtr, at, record));
      return txn::Progress::done;
    case txn::UndoKind::update:
    case txn::UndoKind::remove:
    case txn::UndoKind::lock:
      MORTISE_TRY(undo_version(mtr, at, record));
      return txn::Progress::done;
    case txn::UndoKind::large_create:
      return free_large_step(storage(), mtr, record.segment, record.page, at.place().word());
    default:
      return internal("undo record of another kind came to the heap");
  }
}

// The slots stay retired: an index may have entries that name them.
Status Heap::undo_insert(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record) {
  MORTISE_TRY_ASSIGN(const std::shared_ptr<TableState> state, state_of(record.segment));
  MORTISE_TRY_ASSIGN(const log::PageX page,
                     mtr.exclusive(record.page, {.size_class = state->page_class}));
  HeapPageWriter writer(mtr, page);
  if (!writer.view().belongs_to(record.segment)) return lost(record);
  for (uint32_t slot = record.slot; slot < uint32_t{record.slot} + record.count; ++slot) {
    StoredRow row;
    if (!writer.view().row(slot, row) || row.undo.place() != at.place()) return lost(record);
    BodyPlacement placement(*this, *state, mtr, page, slot);
    MORTISE_TRY(placement.open());
    placement.kill();
  }
  const int64_t count = record.count;
  mtr.after_commit([state, count, id = record.page] {
    state->rows.fetch_sub(count, std::memory_order_relaxed);
    state->note_room(id);
  });
  return {};
}

Status Heap::undo_version(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record) {
  MORTISE_TRY_ASSIGN(const std::shared_ptr<TableState> state, state_of(record.segment));
  MORTISE_TRY_ASSIGN(const log::PageX page,
                     mtr.exclusive(record.page, {.size_class = state->page_class}));
  const HeapPage view(page.bytes());
  StoredRow row;
  if (!view.belongs_to(record.segment) || !view.row(record.slot, row) ||
      row.undo.place() != at.place()) {
    return lost(record);
  }
  BodyPlacement placement(*this, *state, mtr, page, record.slot);
  MORTISE_TRY(placement.open());
  if (record.kind != txn::UndoKind::update) {
    placement.set_version(record.old_writer, record.old_undo);
    if (record.kind == txn::UndoKind::remove) {
      mtr.after_commit([state] { state->rows.fetch_add(1, std::memory_order_relaxed); });
    }
    return {};
  }
  std::vector<std::byte> joined;
  std::vector<std::byte> older;
  const txn::UndoCopy copy{record, {}};
  MORTISE_TRY_ASSIGN(const std::span<const std::byte> patch, patch_of(txns_->undo(), copy, joined));
  MORTISE_TRY(apply_patch(placement.body(), patch, older));
  MORTISE_TRY(placement.plan(static_cast<uint32_t>(older.size())));
  placement.store(record.old_writer, record.old_undo, older);
  return {};
}

Result<txn::Progress> Heap::purge(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record) {
  // A table that is gone has taken its rows and values along.
  Result<space::SegmentInfo> segment = storage().spaces().find_segment(record.segment);
  if (!segment) {
    if (segment.error().code() == Code::not_found) return txn::Progress::done;
    return std::move(segment.error());
  }
  if (segment->dropping) return txn::Progress::done;
  if (record.kind == txn::UndoKind::large_drop) {
    if (record.details.size() < sizeof(uint64_t)) return corrupt("large drop has no value id");
    return free_large_step(storage(), mtr, record.segment, record.page,
                           load_le<uint64_t>(record.details.data()));
  }
  MORTISE_TRY(purge_deleted(mtr, at, record));
  return txn::Progress::done;
}

// The slot stays retired, its bytes become free.
Status Heap::purge_deleted(log::Mtr& mtr, txn::UndoPtr at, const txn::UndoRecord& record) {
  MORTISE_TRY_ASSIGN(const std::shared_ptr<TableState> state, state_of(record.segment));
  MORTISE_TRY_ASSIGN(const log::PageX page,
                     mtr.exclusive(record.page, {.size_class = state->page_class}));
  const HeapPage view(page.bytes());
  StoredRow row;
  const bool is_as_left = view.belongs_to(record.segment) && view.row(record.slot, row) &&
                          row.undo.place() == at.place() && row.undo.has(txn::kVersionDeleted);
  if (!is_as_left) return {};  // purged before a crash
  BodyPlacement placement(*this, *state, mtr, page, record.slot);
  MORTISE_TRY(placement.open());
  placement.kill();
  mtr.after_commit([state, id = record.page] { state->note_room(id); });
  return {};
}

}  // namespace mortise::heap
