// SPDX-License-Identifier: Apache-2.0
#include "execute/change.hpp"

#include <algorithm>

#include "execute/newest_rows.hpp"
#include "execute/row_writer.hpp"

namespace mortise::sql_engine {

namespace {

// Columns of a table that are stored, in table order, as the engine wants them.
void stored_columns(const Relation& relation, const Batch& row, Batch& out,
                    std::vector<mortise_type_t>& types) {
  for (uint32_t c = 0; c < relation.columns_count(); ++c) {
    if (relation.columns()[c].is_dropped) continue;
    out.columns.push_back(row.columns[c]);
    types.push_back(relation.columns()[c].type);
  }
  out.rows_count = row.rows_count;
  out.selection = row.selection;
  out.selected_count = row.selected_count;
}

class InsertCursor final : public Cursor {
 public:
  InsertCursor(Run& run, const InsertOperator& op, CursorPtr input)
      : run_(run), op_(op), input_(std::move(input)), writer_(run, op.stored) {}

  Result<bool> next(Batch& out) override {
    MORTISE_TRY(run_.check_interrupt());
    MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
    if (!more) return false;
    const Relation& relation = *op_.stored.relation;
    row_.columns.clear();
    for (const int32_t place : op_.source) {
      row_.columns.push_back(
          place < 0 ? mortise_column_t{null_.validity, null_.value, MORTISE_COLUMN_CONSTANT, 0}
                    : batch_.columns[static_cast<size_t>(place)]);
    }
    row_.rows_count = batch_.rows_count;
    row_.selection = batch_.selection;
    row_.selected_count = batch_.selected_count;
    row_.row_ids = nullptr;
    MORTISE_TRY(writer_.test(row_));
    MORTISE_TRY(writer_.flatten(row_, row_.rows_count));
    Batch stored;
    std::vector<mortise_type_t> types;
    stored_columns(relation, row_, stored, types);
    const mortise_batch_t packed = abi_batch(stored, types.data());
    ErrorSlot error;
    MORTISE_TRY(error.status(relation.engine->insert(relation.table, run_.context().txn, &packed,
                                                     dense_ids_, error.get())));
    for (uint32_t i = 0; i < row_.selected_count; ++i) row_ids_[row_.row_at(i)] = dense_ids_[i];
    row_.row_ids = row_ids_;
    MORTISE_TRY(writer_.index(row_, nullptr));
    run_.rows_changed += row_.selected_count;
    out.columns.clear();
    for (const uint32_t c : op_.shown) out.columns.push_back(row_.columns[c]);
    out.rows_count = row_.rows_count;
    out.selection = row_.selection;
    out.selected_count = row_.selected_count;
    out.row_ids = nullptr;
    return true;
  }

 private:
  Run& run_;
  const InsertOperator& op_;
  CursorPtr input_;
  RowWriter writer_;
  Batch batch_;
  Batch row_;
  ConstantSlot null_;
  mortise_row_id_t dense_ids_[kBatchRows] = {};
  mortise_row_id_t row_ids_[kBatchRows] = {};
};

// Sorts outcomes: rows that are done, rows to look at again.  Fails where the isolation level
// forbids going on.
Status sort_outcomes(const Run& run, const Batch& batch, const uint8_t* outcomes,
                     std::vector<uint16_t>& done, std::vector<uint16_t>& changed) {
  const bool is_strict = run.context().isolation != MORTISE_ISOLATION_READ_COMMITTED;
  for (uint32_t i = 0; i < batch.selected_count; ++i) {
    const auto row = static_cast<uint16_t>(batch.row_at(i));
    switch (outcomes[i]) {
      case MORTISE_ROW_DONE:
        done.push_back(row);
        break;
      case MORTISE_ROW_CHANGED:
        if (is_strict) return lost_update();
        changed.push_back(row);
        break;
      case MORTISE_ROW_GONE:
        if (is_strict) return lost_delete();
        break;
      default:
        break;  // changed by this very command already, or skipped
    }
  }
  return {};
}

Status read_row_ids(const Batch& batch, uint32_t place, mortise_row_id_t* row_ids) {
  const mortise::Values<int64_t> values(batch.columns[place]);
  for (uint32_t i = 0; i < batch.selected_count; ++i) {
    const uint32_t row = batch.row_at(i);
    row_ids[row] = values.is_valid(row) ? static_cast<mortise_row_id_t>(values[row]) : 0;
    if (row_ids[row] == 0) return internal("a row to be changed has no row id");
  }
  return {};
}

class UpdateCursor final : public Cursor {
 public:
  UpdateCursor(Run& run, const UpdateOperator& op, CursorPtr input)
      : run_(run),
        op_(op),
        relation_(*op.stored.relation),
        input_(std::move(input)),
        writer_(run, op.stored),
        newest_(run, relation_, op.old_places),
        assignments_(run, op.assignments),
        generated_(run, op.generated_values),
        recheck_(run, op.recheck),
        changed_columns_(relation_.columns_count(), false) {
    for (const uint32_t c : op.assigned) changed_columns_[c] = true;
    for (const uint32_t c : op.generated) changed_columns_[c] = true;
  }

  Result<bool> next(Batch& out) override {
    while (true) {
      MORTISE_TRY(run_.check_interrupt());
      if (again_.empty()) {
        MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
        if (!more) return false;
        MORTISE_TRY(read_row_ids(batch_, op_.row_id_place, row_ids_));
        view_ = run_.view();
      } else {
        MORTISE_TRY(look_again());
        if (batch_.selected_count == 0) continue;
      }
      done_.clear();
      MORTISE_TRY(change());
      if (done_.empty()) continue;
      run_.rows_changed += done_.size();
      show(out);
      return true;
    }
  }

 private:
  // Rows of the batch that somebody else had changed: newest version, condition again.
  Status look_again() {
    std::copy(again_.begin(), again_.end(), selection_);
    batch_.selection = selection_;
    batch_.selected_count = static_cast<uint32_t>(again_.size());
    again_.clear();
    MORTISE_TRY(newest_.lock_and_read(batch_, row_ids_, narrowed_));
    view_.flags |= MORTISE_READ_LATEST;
    if (batch_.selected_count == 0 || !op_.has_recheck) return {};
    recheck_.begin();
    return recheck_.filter(0, batch_, selection_);
  }

  Status change() {
    assignments_.begin();
    row_.columns.clear();
    for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
      const int32_t place = op_.old_places[c];
      row_.columns.push_back(
          place < 0 ? mortise_column_t{null_.validity, null_.value, MORTISE_COLUMN_CONSTANT, 0}
                    : batch_.columns[static_cast<size_t>(place)]);
    }
    for (uint32_t a = 0; a < op_.assigned.size(); ++a) {
      MORTISE_TRY(assignments_.evaluate(a, batch_, &row_.columns[op_.assigned[a]]));
    }
    row_.rows_count = batch_.rows_count;
    row_.selection = batch_.selection;
    row_.selected_count = batch_.selected_count;
    row_.row_ids = row_ids_;
    generated_.begin();
    for (uint32_t g = 0; g < op_.generated.size(); ++g) {
      mortise_column_t value{};
      MORTISE_TRY(generated_.evaluate(g, row_, &value));
      row_.columns[op_.generated[g]] = value;
    }
    MORTISE_TRY(writer_.test(row_));
    MORTISE_TRY(writer_.flatten(row_, row_.rows_count));
    MORTISE_TRY(store());
    if (done_.empty()) return {};
    Batch stored = row_;
    stored.selection = done_.data();
    stored.selected_count = static_cast<uint32_t>(done_.size());
    return writer_.index(stored, &changed_columns_);
  }

  Status store() {
    Batch values;
    std::vector<uint32_t> columns;
    std::vector<mortise_type_t> types;
    for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
      if (!changed_columns_[c]) continue;
      columns.push_back(c);
      types.push_back(relation_.columns()[c].type);
      values.columns.push_back(row_.columns[c]);
    }
    values.rows_count = row_.rows_count;
    values.selection = row_.selection;
    values.selected_count = row_.selected_count;
    values.row_ids = row_ids_;
    const mortise_batch_t packed = abi_batch(values, types.data());
    std::vector<uint8_t> outcomes(row_.selected_count);
    ErrorSlot error;
    MORTISE_TRY(error.status(relation_.engine->update(relation_.table, run_.context().txn, &view_,
                                                      columns.data(), &packed, MORTISE_WAIT,
                                                      outcomes.data(), error.get())));
    return sort_outcomes(run_, row_, outcomes.data(), done_, again_);
  }

  void show(Batch& out) {
    out.columns.clear();
    for (const int32_t passed : op_.passed) {
      out.columns.push_back(passed < 0 ? row_.columns[static_cast<size_t>(-1 - passed)]
                                       : batch_.columns[static_cast<size_t>(passed)]);
    }
    out.rows_count = row_.rows_count;
    out.selection = done_.data();
    out.selected_count = static_cast<uint32_t>(done_.size());
    out.row_ids = nullptr;
  }

  Run& run_;
  const UpdateOperator& op_;
  const Relation& relation_;
  CursorPtr input_;
  RowWriter writer_;
  NewestRows newest_;
  Evaluation assignments_;
  Evaluation generated_;
  Evaluation recheck_;
  std::vector<bool> changed_columns_;
  mortise_read_view_t view_{};
  Batch batch_;
  Batch row_;
  ConstantSlot null_;
  std::vector<uint16_t> done_;
  std::vector<uint16_t> again_;
  uint16_t selection_[kBatchRows] = {};
  uint16_t narrowed_[kBatchRows] = {};
  mortise_row_id_t row_ids_[kBatchRows] = {};
};

class EraseCursor final : public Cursor {
 public:
  EraseCursor(Run& run, const EraseOperator& op, CursorPtr input)
      : run_(run),
        op_(op),
        relation_(*op.relation),
        input_(std::move(input)),
        newest_(run, relation_, op.old_places),
        recheck_(run, op.recheck) {}

  Result<bool> next(Batch& out) override {
    while (true) {
      MORTISE_TRY(run_.check_interrupt());
      if (again_.empty()) {
        MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
        if (!more) return false;
        MORTISE_TRY(read_row_ids(batch_, op_.row_id_place, row_ids_));
        view_ = run_.view();
      } else {
        MORTISE_TRY(look_again());
        if (batch_.selected_count == 0) continue;
      }
      done_.clear();
      MORTISE_TRY(remove());
      if (done_.empty()) continue;
      run_.rows_changed += done_.size();
      out.columns.clear();
      for (const uint32_t place : op_.passed) out.columns.push_back(batch_.columns[place]);
      out.rows_count = batch_.rows_count;
      out.selection = done_.data();
      out.selected_count = static_cast<uint32_t>(done_.size());
      out.row_ids = nullptr;
      return true;
    }
  }

 private:
  Status look_again() {
    std::copy(again_.begin(), again_.end(), selection_);
    batch_.selection = selection_;
    batch_.selected_count = static_cast<uint32_t>(again_.size());
    again_.clear();
    MORTISE_TRY(newest_.lock_and_read(batch_, row_ids_, narrowed_));
    view_.flags |= MORTISE_READ_LATEST;
    if (batch_.selected_count == 0 || !op_.has_recheck) return {};
    recheck_.begin();
    return recheck_.filter(0, batch_, selection_);
  }

  Status remove() {
    std::vector<mortise_row_id_t> ids(batch_.selected_count);
    for (uint32_t i = 0; i < batch_.selected_count; ++i) ids[i] = row_ids_[batch_.row_at(i)];
    std::vector<uint8_t> outcomes(ids.size());
    ErrorSlot error;
    MORTISE_TRY(error.status(relation_.engine->erase(relation_.table, run_.context().txn, &view_,
                                                     ids.data(), static_cast<uint32_t>(ids.size()),
                                                     MORTISE_WAIT, outcomes.data(), error.get())));
    return sort_outcomes(run_, batch_, outcomes.data(), done_, again_);
  }

  Run& run_;
  const EraseOperator& op_;
  const Relation& relation_;
  CursorPtr input_;
  NewestRows newest_;
  Evaluation recheck_;
  mortise_read_view_t view_{};
  Batch batch_;
  std::vector<uint16_t> done_;
  std::vector<uint16_t> again_;
  uint16_t selection_[kBatchRows] = {};
  uint16_t narrowed_[kBatchRows] = {};
  mortise_row_id_t row_ids_[kBatchRows] = {};
};

}  // namespace

Result<CursorPtr> InsertOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<InsertCursor>(run, *this, std::move(input)));
}

Result<CursorPtr> UpdateOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<UpdateCursor>(run, *this, std::move(input)));
}

Result<CursorPtr> EraseOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<EraseCursor>(run, *this, std::move(input)));
}

}  // namespace mortise::sql_engine
