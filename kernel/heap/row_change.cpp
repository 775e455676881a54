// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/row_change.hpp"

#include <algorithm>

#include "kernel/heap/row_patch.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::heap {

Result<uint8_t> RowChange::run(RowId id, uint32_t batch_row) {
  batch_row_ = batch_row;
  has_limits_ = false;
  moved_out_.clear();
  for (;;) {
    uint8_t outcome = MORTISE_ROW_GONE;
    Result<Next> next = attempt(id, outcome);
    if (!next) return std::move(next.error());
    if (*next == Next::done) return outcome;
    if (*next == Next::make_large) {
      MORTISE_TRY(write_out_of_line());
      continue;
    }
    MORTISE_TRY_ASSIGN(const Next after, wait(*next, id, outcome));
    if (after == Next::done) return outcome;
  }
}

Result<RowChange::Next> RowChange::attempt(RowId id, uint8_t& outcome) {
  txn::TxnStep step(txn_);
  Result<Next> next = attempt_in(step, id, outcome);
  if (!next && next.error().code() == Code::busy) {
    step.mtr().abort();
    platform::this_thread::yield();
    return Next::again;
  }
  return next;
}

Result<RowChange::Next> RowChange::attempt_in(txn::TxnStep& step, RowId id, uint8_t& outcome) {
  TableState& state = table_.state();
  const PageId page_id = id.page(state.space);
  MORTISE_TRY_ASSIGN(const log::PageX page,
                     step.mtr().exclusive(page_id, {.size_class = state.page_class}));
  const HeapPage view(page.bytes());
  StoredRow row;
  outcome = MORTISE_ROW_GONE;
  if (!view.belongs_to(state.segment) || !view.row(id.slot(), row) ||
      row.undo.has(txn::kVersionRemoteBody)) {
    return Next::done;
  }
  MORTISE_TRY_ASSIGN(const Judgement judgement, judge(row, {page_id, id.slot()}));
  outcome = judgement.outcome;
  holder_ = judgement.holder;
  if (judgement.next != Next::done || !judgement.may_change) return judgement.next;
  const bool shares = kind_ == Kind::lock && strength_ <= MORTISE_ROW_LOCK_SHARE;
  if (shares) return share(id, judgement, outcome);
  txn::LockTable& locks = txns_.locks();
  if (locks.row_lock_count() != 0 &&
      locks.is_contested(txn_.locks(), lock_key(id), txn::row_mode_of(strength_))) {
    return Next::wait_for_lock;
  }
  if (kind_ == Kind::lock && judgement.is_held_by_us && judgement.own_strength >= strength_) {
    return Next::done;
  }
  BodyPlacement placement(heap_, state, step.mtr(), page, id.slot());
  MORTISE_TRY(placement.open());
  return change(step, placement, id, judgement);
}

// The newest version: whose is it, and what lies below?
Result<RowChange::Judgement> RowChange::judge(const StoredRow& row, const RowPlace& place) {
  Judgement judgement;
  judgement.old_writer = row.writer;
  if (row.writer.is_txn() && row.writer.txn() == txn_.id()) {
    judgement.is_held_by_us = true;
    MORTISE_TRY_ASSIGN(const txn::UndoCopy copy, txns_.undo().read(row.undo));
    judgement.own_strength =
        copy.record.kind == txn::UndoKind::lock || copy.record.kind == txn::UndoKind::update
            ? strength_of(copy.record)
            : uint8_t{MORTISE_ROW_LOCK_UPDATE};
  } else if (row.writer.is_txn()) {
    const txn::TxnOutcome holder = txns_.map().find(row.writer.txn());
    if (holder.state == txn::TxnState::committed) {
      judgement.old_writer = txn::Writer::of(holder.scn);
    } else {
      bool waits = true;
      if (kind_ == Kind::lock && strength_ == MORTISE_ROW_LOCK_KEY_SHARE) {
        MORTISE_TRY_ASSIGN(const bool is_weak, is_weak_holder(row.writer.txn(), row.undo));
        waits = !is_weak;
      }
      if (waits) {
        judgement.next = Next::wait_for_holder;
        judgement.holder = row.writer.txn();
        return judgement;
      }
      judgement.may_change = true;
      judgement.outcome = MORTISE_ROW_DONE;
      return judgement;
    }
  }
  MORTISE_TRY(judge_content(judgement.old_writer, row.undo, place, judgement));
  return judgement;
}

Status RowChange::judge_content(txn::Writer writer, txn::UndoPtr undo, const RowPlace& place,
                                Judgement& judgement) {
  while (undo.has(txn::kVersionLockOnly)) {  // C2
    const bool is_own = writer.is_txn() && writer.txn() == txn_.id();
    // A lock that every view sees: so is whatever it locked, and its undo may be gone.
    if (!is_own && writer.scn() <= txns_.oldest_safe()) break;
    Result<txn::UndoCopy> read = txns_.undo().read(undo);
    if (!read) {
      if (!is_own && read.error().code() == Code::stale) break;  // safe to forget since we asked
      return std::move(read.error());
    }
    const txn::UndoCopy& copy = *read;
    if (!names_row(copy.record, place)) return corrupt("undo record names another row");
    // A lock's transaction may have changed the row before it locked it again.
    if (!copy.record.old_writer.is_txn() || is_own) writer = copy.record.old_writer;
    undo = copy.record.old_undo;
  }
  const bool is_deleted = undo.has(txn::kVersionDeleted);
  if (writer.is_txn() && writer.txn() == txn_.id()) {
    MORTISE_TRY_ASSIGN(const uint32_t command, txns_.undo().command_of(undo));
    const bool is_this_command =
        command >= view_.command && (view_.flags & MORTISE_READ_LATEST) == 0;
    judgement.may_change = !is_deleted && (!is_this_command || kind_ == Kind::lock);
    judgement.outcome = is_this_command ? MORTISE_ROW_SELF
                        : is_deleted    ? MORTISE_ROW_GONE
                                        : MORTISE_ROW_DONE;
    if (kind_ == Kind::lock && !is_deleted) judgement.outcome = MORTISE_ROW_DONE;
    return {};
  }
  if (writer.scn() > txns_.visible_scn()) txn_.note_dependency(writer.scn());
  if (is_deleted) return {};  // GONE
  const bool is_newer =
      raw(writer.scn()) > view_.snapshot && (view_.flags & MORTISE_READ_LATEST) == 0;
  judgement.may_change = !is_newer || kind_ == Kind::lock;
  judgement.outcome = is_newer ? MORTISE_ROW_CHANGED : MORTISE_ROW_DONE;
  return {};
}

// Has the holder only done what leaves keys alone?
Result<bool> RowChange::is_weak_holder(TxnId holder, txn::UndoPtr undo) {
  for (;;) {
    MORTISE_TRY_ASSIGN(const txn::UndoCopy copy, txns_.undo().read(undo));
    const bool can_be_weak =
        copy.record.kind == txn::UndoKind::lock || copy.record.kind == txn::UndoKind::update;
    if (!can_be_weak || strength_of(copy.record) >= MORTISE_ROW_LOCK_UPDATE) return false;
    const txn::Writer older = copy.record.old_writer;
    if (!older.is_txn() || older.txn() != holder) return true;
    undo = copy.record.old_undo;
  }
}

// Share locks stand in the lock table; the latch keeps writers from slipping in between.
Result<RowChange::Next> RowChange::share(RowId id, const Judgement& judgement, uint8_t& outcome) {
  outcome = judgement.outcome;
  const auto granted =
      txns_.locks().try_acquire(txn_.locks(), lock_key(id), txn::row_mode_of(strength_));
  return granted == txn::LockTable::Outcome::granted ? Next::done : Next::wait_for_lock;
}

Result<RowChange::Next> RowChange::change(txn::TxnStep& step, BodyPlacement& row, RowId id,
                                          const Judgement& judgement) {
  if (kind_ == Kind::update) return update(step, row, id, judgement);
  std::vector<LargeRef> dropped;
  if (kind_ == Kind::erase) {
    RowView view;
    if (!view_row(row.body(), view)) return corrupt("stored row makes no sense");
    collect_large(view, dropped);
    MORTISE_TRY(append_drops(step, dropped));
  }
  std::byte details[8] = {};
  store_le(details, static_cast<uint8_t>(strength_));
  MORTISE_TRY(step.reserve(sizeof(details)));
  txn::UndoRecord record;
  record.kind = kind_ == Kind::erase ? txn::UndoKind::remove : txn::UndoKind::lock;
  record.page = id.page(table_.state().space);
  record.slot = static_cast<uint16_t>(id.slot());
  record.segment = table_.state().segment;
  record.old_writer = judgement.old_writer;
  record.old_undo = row.row().undo;
  record.details = details;
  const uint8_t flag = kind_ == Kind::erase ? txn::kVersionDeleted : txn::kVersionLockOnly;
  const txn::UndoPtr undo = step.append(record).with(flag);
  row.set_version(txn::Writer::of(txn_.id()), undo);
  row.note_writer(txn_.id());
  step.commit();
  if (kind_ == Kind::erase) {
    txn_.note_purge_work();
    table_.state().rows.fetch_sub(1, std::memory_order_relaxed);
  }
  return Next::done;
}

Status RowChange::append_drops(txn::TxnStep& step, const std::vector<LargeRef>& dropped) {
  for (const LargeRef& ref : dropped) {
    std::byte details[8];
    store_le(details, ref.value_id);
    MORTISE_TRY(step.reserve(sizeof(details)));
    txn::UndoRecord record;
    record.kind = txn::UndoKind::large_drop;
    record.page = PageId{ref.head};
    record.segment = table_.state().segment;
    record.details = details;
    step.append(record);
    txn_.note_purge_work();
  }
  return {};
}

// The values of the new row: those of the batch, else those that are stored.
Status RowChange::make_values(const RowView& old, std::vector<ValueSource>& values) {
  const TableLayout& layout = table_.layout();
  if (old.columns > layout.column_count()) {
    return stale("the table has columns that this handle does not know; open it again");
  }
  values.resize(layout.column_count());
  bools_.resize(layout.column_count());
  for (uint32_t c = 0; c < layout.column_count(); ++c) values[c] = stored_value(layout, old, c);
  for (uint32_t i = 0; i < rows_->columns_count; ++i) {
    const uint32_t column = columns_[i];
    if (column >= layout.column_count()) return invalid("update of a column that is not there");
    if (layout.column(column).is_dropped) continue;
    values[column] =
        batch_value(rows_->columns[i], layout.column(column), batch_row_, &bools_[column]);
  }
  for (std::unique_ptr<MovedOut>& moved : moved_out_) {
    ValueSource& value = values[moved->column];
    moved->is_used =
        !value.is_null && !value.is_large && std::ranges::equal(value.var, moved->value);
    if (!moved->is_used) continue;
    value.var = std::as_bytes(std::span<const LargeRef, 1>(&moved->ref, 1));
    value.is_large = true;
  }
  return {};
}

Result<RowChange::Next> RowChange::update(txn::TxnStep& step, BodyPlacement& row, RowId id,
                                          const Judgement& judgement) {
  const std::vector<std::byte> old_body(row.body().begin(), row.body().end());
  RowView old;
  if (!view_row(old_body, old)) return corrupt("stored row makes no sense");
  std::vector<ValueSource> values;
  MORTISE_TRY(make_values(old, values));
  const uint32_t usable = usable_bytes(page::bytes_of(table_.state().page_class));
  if (kVersionBytes + body_bytes(table_.layout(), values) > usable / 2) {
    // The longest value goes out of line, before the next attempt.
    uint32_t longest = UINT32_MAX;
    for (uint32_t c = 0; c < values.size(); ++c) {
      if (values[c].is_null || values[c].is_large) continue;
      if (values[c].var.size() <= 2 * kLargeRefBytes) continue;
      if (longest == UINT32_MAX || values[c].var.size() > values[longest].var.size()) longest = c;
    }
    if (longest != UINT32_MAX) {
      auto moved = std::make_unique<MovedOut>();
      moved->column = longest;
      moved->value.assign(values[longest].var.begin(), values[longest].var.end());
      moved_out_.push_back(std::move(moved));
      return Next::make_large;
    }
    if (kVersionBytes + body_bytes(table_.layout(), values) > usable) {
      return limit("row is too wide: " + std::to_string(body_bytes(table_.layout(), values)) +
                   " bytes after its long values were moved out");
    }
  }
  std::vector<std::byte> new_body;
  MORTISE_TRY(append_body(table_.layout(), values, new_body));
  std::vector<LargeRef> dropped;
  std::vector<LargeRef> kept;
  RowView fresh;
  MORTISE_ASSERT(view_row(new_body, fresh));
  collect_large(old, dropped);
  collect_large(fresh, kept);
  std::erase_if(dropped, [&](const LargeRef& ref) {
    return std::ranges::any_of(kept, [&](const LargeRef& k) { return k.value_id == ref.value_id; });
  });
  for (const std::unique_ptr<MovedOut>& moved : moved_out_) {
    if (!moved->is_used) dropped.push_back(moved->ref);  // the row changed while it was written
  }
  MORTISE_TRY(row.plan(static_cast<uint32_t>(new_body.size())));
  MORTISE_TRY(append_drops(step, dropped));
  const std::vector<std::byte> patch = make_patch(old_body, new_body);
  std::vector<std::byte> details;
  MORTISE_TRY_ASSIGN(const bool is_fragmented, step.reserve_or_fragment(strength_, patch, details));
  txn::UndoRecord record;
  record.kind = txn::UndoKind::update;
  record.marks = is_fragmented ? txn::kUndoFragmented : 0;
  record.page = id.page(table_.state().space);
  record.slot = static_cast<uint16_t>(id.slot());
  record.segment = table_.state().segment;
  record.old_writer = judgement.old_writer;
  record.old_undo = row.row().undo;
  record.details = details;
  row.store(txn::Writer::of(txn_.id()), step.append(record), new_body);
  row.note_writer(txn_.id());
  step.commit();
  return Next::done;
}

Status RowChange::write_out_of_line() {
  for (std::unique_ptr<MovedOut>& moved : moved_out_) {
    if (moved->is_written) continue;
    MORTISE_TRY_ASSIGN(moved->ref,
                       heap_.large_values().write(txn_, table_.state().segment,
                                                  table_.state().page_class, moved->value));
    moved->is_written = true;
  }
  return {};
}

Result<RowChange::Next> RowChange::wait(Next next, RowId id, uint8_t& outcome) {
  if (next == Next::again) return next;
  const std::string what = txn::describe(lock_key(id));
  if (wait_ == MORTISE_SKIP_LOCKED) {
    outcome = MORTISE_ROW_LOCKED;
    return Next::done;
  }
  if (wait_ == MORTISE_NOWAIT) {
    return Status(Code::busy, "55P03", "could not obtain lock on row")
        .with(MORTISE_ERROR_FIELD_DETAIL, what);
  }
  if (!has_limits_) {
    limits_ = txn_.wait_limits();
    has_limits_ = true;
  }
  if (next == Next::wait_for_holder) {
    MORTISE_TRY(txns_.wait_for(txn_, holder_, limits_, what));
  } else {
    MORTISE_TRY(
        txns_.locks().acquire(txn_.locks(), lock_key(id), txn::row_mode_of(strength_), limits_));
  }
  return Next::again;
}

namespace {

uint32_t row_of(const mortise_batch_t& rows, uint32_t i) {
  return rows.selection == nullptr ? i : rows.selection[i];
}

}  // namespace

Status Table::update(txn::Transaction& txn, const mortise_read_view_t& view,
                     const uint32_t* columns, const mortise_batch_t& rows, uint32_t wait,
                     uint8_t* outcomes) {
  MORTISE_TRY(heap_.txns().start_writing(txn));
  uint32_t strength = MORTISE_ROW_LOCK_NO_KEY_UPDATE;
  for (uint32_t i = 0; i < rows.columns_count; ++i) {
    if (is_key_column(columns[i])) strength = MORTISE_ROW_LOCK_UPDATE;
  }
  RowChange change(*this, txn, view, RowChange::Kind::update, strength, wait);
  change.set_source(columns, &rows);
  for (uint32_t i = 0; i < rows.selected_count; ++i) {
    const uint32_t row = row_of(rows, i);
    MORTISE_TRY_ASSIGN(outcomes[i], change.run(RowId{rows.row_ids[row]}, row));
  }
  return {};
}

Status Table::erase(txn::Transaction& txn, const mortise_read_view_t& view,
                    std::span<const mortise_row_id_t> row_ids, uint32_t wait, uint8_t* outcomes) {
  MORTISE_TRY(heap_.txns().start_writing(txn));
  RowChange change(*this, txn, view, RowChange::Kind::erase, MORTISE_ROW_LOCK_UPDATE, wait);
  for (size_t i = 0; i < row_ids.size(); ++i) {
    MORTISE_TRY_ASSIGN(outcomes[i], change.run(RowId{row_ids[i]}, 0));
  }
  return store_row_count();
}

Status Table::lock(txn::Transaction& txn, const mortise_read_view_t& view,
                   std::span<const mortise_row_id_t> row_ids, uint32_t strength, uint32_t wait,
                   uint8_t* outcomes) {
  MORTISE_TRY(heap_.txns().start_writing(txn));
  RowChange change(*this, txn, view, RowChange::Kind::lock, strength, wait);
  for (size_t i = 0; i < row_ids.size(); ++i) {
    MORTISE_TRY_ASSIGN(outcomes[i], change.run(RowId{row_ids[i]}, 0));
  }
  return {};
}

}  // namespace mortise::heap
