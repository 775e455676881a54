// SPDX-License-Identifier: Apache-2.0
#include "execute/upsert.hpp"

#include <algorithm>

#include "execute/newest_rows.hpp"
#include "execute/row_writer.hpp"
#include "execute/vector/rows_kept.hpp"

namespace mortise::sql_engine {

namespace {

Status changed_twice() {
  return Status(Code::invalid, "21000",
                "ON CONFLICT DO UPDATE command cannot affect row a second time")
      .with(MORTISE_ERROR_FIELD_HINT,
            "Ensure that no rows proposed for insertion within the same command have duplicate "
            "constrained values.");
}

class UpsertCursor final : public Cursor {
 public:
  UpsertCursor(Run& run, const UpsertOperator& op, CursorPtr input)
      : run_(run),
        op_(op),
        relation_(*op.stored.relation),
        input_(std::move(input)),
        writer_(run, op.stored),
        assignments_(run, op.assignments),
        condition_(run, op.condition),
        generated_(run, op.generated_values),
        shown_(run.memory(), op.types),
        changed_columns_(relation_.columns_count(), false) {
    for (const uint32_t c : op.assigned) changed_columns_[c] = true;
    for (const uint32_t c : op.generated) changed_columns_[c] = true;
    std::vector<int32_t> places(relation_.columns_count(), -1);
    const auto before = static_cast<int32_t>(op.inputs[0]->columns_count());
    for (uint32_t c = 0; c < places.size(); ++c) {
      if (!relation_.columns()[c].is_dropped) places[c] = before + static_cast<int32_t>(c);
    }
    existing_ = std::make_unique<NewestRows>(run, relation_, places);
  }

  Result<bool> next(Batch& out) override {
    while (true) {
      if (chunk_ < shown_.chunks_count()) {
        shown_.read(chunk_++, out);
        return true;
      }
      shown_.clear();
      chunk_ = 0;
      MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
      if (!more) return false;
      MORTISE_TRY(take_batch());
      MORTISE_TRY(store_all());
    }
  }

 private:
  Status take_batch() {
    row_.columns.clear();
    for (const int32_t place : op_.source) {
      row_.columns.push_back(
          place < 0 ? mortise_column_t{null_.validity, null_.value, MORTISE_COLUMN_CONSTANT, 0}
                    : batch_.columns[static_cast<size_t>(place)]);
    }
    row_.rows_count = batch_.rows_count;
    row_.selection = batch_.selection;
    row_.selected_count = batch_.selected_count;
    MORTISE_TRY(writer_.test(row_));
    return writer_.flatten(row_, row_.rows_count);
  }

  Status store_all() {
    for (uint32_t i = 0; i < batch_.selected_count; ++i) {
      MORTISE_TRY(run_.check_interrupt());
      one_ = static_cast<uint16_t>(batch_.row_at(i));
      while (true) {
        MORTISE_TRY_ASSIGN(const mortise_row_id_t other, find_conflict());
        if (other == 0) {
          MORTISE_TRY_ASSIGN(const bool is_stored, store());
          if (is_stored) break;
          continue;  // somebody was faster
        }
        if (!op_.updates) {
          MORTISE_TRY(check_visible(other));
          break;
        }
        MORTISE_TRY_ASSIGN(const bool is_settled, change(other));
        if (is_settled) break;
      }
    }
    return {};
  }

  Batch one_row() const {
    Batch one = row_;
    one.selection = &one_;
    one.selected_count = 1;
    one.row_ids = row_ids_;
    return one;
  }

  // A living row whose key equals this one's under an arbiter, or 0.
  Result<mortise_row_id_t> find_conflict() {
    for (const uint32_t position : op_.arbiters) {
      const IndexInfo& index = relation_.indexes[position];
      Batch keys = one_row();
      keys.row_ids = nullptr;
      keys.columns.clear();
      std::vector<mortise_type_t> types;
      for (uint32_t k = 0; k < index.keys_count(); ++k) {
        keys.columns.push_back(row_.columns[index.columns()[k]]);
        types.push_back(relation_.columns()[index.columns()[k]].type);
      }
      const mortise_batch_t packed = abi_batch(keys, types.data());
      std::vector<mortise_row_id_t> found;
      ErrorSlot error;
      MORTISE_TRY(error.status(index.method->lookup(
          index.handle, &packed,
          [](void* context, const uint32_t*, const mortise_row_id_t* ids, uint32_t count,
             mortise_error_t*) -> mortise_status_t {
            auto& list = *static_cast<std::vector<mortise_row_id_t>*>(context);
            list.insert(list.end(), ids, ids + count);
            return MORTISE_OK;
          },
          &found, error.get())));
      for (const mortise_row_id_t id : found) {
        MORTISE_TRY_ASSIGN(const bool is_alive, probe(index, keys, types, id));
        if (is_alive) return id;
      }
    }
    return mortise_row_id_t{0};
  }

  Result<bool> probe(const IndexInfo& index, const Batch& keys,
                     const std::vector<mortise_type_t>& types, mortise_row_id_t id) {
    // The row asked about stands at this row's place.
    std::vector<mortise_row_id_t> ids(keys.rows_count, 0);
    ids[one_] = id;
    Batch asked = keys;
    asked.row_ids = ids.data();
    const mortise_batch_t packed = abi_batch(asked, types.data());
    uint8_t is_alive[1] = {0};
    ErrorSlot error;
    MORTISE_TRY(error.status(
        relation_.engine->probe(relation_.table, run_.context().txn, index.columns().data(),
                                index.definition.is_nulls_not_distinct ? 1 : 0, &packed,
                                MORTISE_WAIT, is_alive, error.get())));
    return is_alive[0] != 0;
  }

  Result<bool> store() {
    Batch stored;
    std::vector<mortise_type_t> types;
    for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
      if (relation_.columns()[c].is_dropped) continue;
      stored.columns.push_back(row_.columns[c]);
      types.push_back(relation_.columns()[c].type);
    }
    stored.rows_count = row_.rows_count;
    stored.selection = &one_;
    stored.selected_count = 1;
    const mortise_batch_t packed = abi_batch(stored, types.data());
    mortise_row_id_t id = 0;
    ErrorSlot error;
    MORTISE_TRY(error.status(
        relation_.engine->insert(relation_.table, run_.context().txn, &packed, &id, error.get())));
    row_ids_[one_] = id;
    const Status indexed = writer_.index(one_row(), nullptr);
    if (indexed.is_ok()) {
      run_.rows_changed += 1;
      MORTISE_TRY(show(row_));
      return true;
    }
    if (indexed.code() != Code::duplicate || !is_arbiter_of(indexed)) return indexed;
    const mortise_read_view_t newest = newest_view();
    uint8_t outcome = 0;
    MORTISE_TRY(error.status(relation_.engine->erase(relation_.table, run_.context().txn, &newest,
                                                     &id, 1, MORTISE_WAIT, &outcome, error.get())));
    return false;
  }

  // Without MORTISE_READ_LATEST a command may not touch again what it has made itself.
  mortise_read_view_t newest_view() const {
    mortise_read_view_t view = run_.view();
    view.flags |= MORTISE_READ_LATEST;
    return view;
  }

  bool is_strict() const { return run_.context().isolation != MORTISE_ISOLATION_READ_COMMITTED; }

  // Z2 for a row that is left alone.
  Status check_visible(mortise_row_id_t other) {
    if (!is_strict()) return {};
    row_ids_[one_] = other;
    std::vector<uint8_t> outcomes;
    MORTISE_TRY(existing_->lock(one_row(), row_ids_, MORTISE_ROW_LOCK_KEY_SHARE, outcomes));
    return outcomes[0] == MORTISE_ROW_CHANGED ? lost_update() : Status();
  }

  bool is_arbiter_of(const Status& duplicate) const {
    const std::string_view constraint = duplicate.field(MORTISE_ERROR_FIELD_CONSTRAINT);
    return std::any_of(op_.arbiters.begin(), op_.arbiters.end(), [&](uint32_t position) {
      return relation_.indexes[position].name() == constraint;
    });
  }

  // Changes the newest version of a conflicting row.  False: it is gone, ask again.
  Result<bool> change(mortise_row_id_t other) {
    row_ids_[one_] = other;
    Batch both = batch_;
    for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
      both.columns.push_back({null_.validity, null_.value, MORTISE_COLUMN_CONSTANT, 0});
    }
    both.selection = &one_;
    both.selected_count = 1;
    std::vector<uint8_t> outcomes;
    MORTISE_TRY(existing_->lock(both, row_ids_, MORTISE_ROW_LOCK_UPDATE, outcomes));
    if (outcomes[0] == MORTISE_ROW_GONE) return false;
    if (outcomes[0] == MORTISE_ROW_CHANGED && is_strict()) return lost_update();
    MORTISE_TRY(existing_->read(both, row_ids_, narrowed_));
    if (both.selected_count == 0) return false;
    if (op_.has_condition) {
      condition_.begin();
      MORTISE_TRY(condition_.filter(0, both, narrowed_));
      if (both.selected_count == 0) return true;
    }
    both.selection = &one_;
    Batch changed;
    const size_t before = batch_.columns.size();
    for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
      changed.columns.push_back(both.columns[before + c]);
    }
    changed.rows_count = both.rows_count;
    changed.selection = &one_;
    changed.selected_count = 1;
    changed.row_ids = row_ids_;
    assignments_.begin();
    for (uint32_t a = 0; a < op_.assigned.size(); ++a) {
      MORTISE_TRY(assignments_.evaluate(a, both, &changed.columns[op_.assigned[a]]));
    }
    generated_.begin();
    for (uint32_t g = 0; g < op_.generated.size(); ++g) {
      mortise_column_t value{};
      MORTISE_TRY(generated_.evaluate(g, changed, &value));
      changed.columns[op_.generated[g]] = value;
    }
    MORTISE_TRY(updater().test(changed));
    MORTISE_TRY(updater().flatten(changed, changed.rows_count));
    // A row that the view sees is changed as the view sees it, so that Z1 shows.
    const bool is_seen = outcomes[0] != MORTISE_ROW_CHANGED;
    MORTISE_TRY(update(changed, is_seen ? run_.view() : newest_view()));
    MORTISE_TRY(updater().index(changed, &changed_columns_));
    run_.rows_changed += 1;
    MORTISE_TRY(show(changed));
    return true;
  }

  Status update(const Batch& changed, const mortise_read_view_t& view) {
    Batch values;
    std::vector<uint32_t> columns;
    std::vector<mortise_type_t> types;
    for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
      if (!changed_columns_[c]) continue;
      columns.push_back(c);
      types.push_back(relation_.columns()[c].type);
      values.columns.push_back(changed.columns[c]);
    }
    values.rows_count = changed.rows_count;
    values.selection = &one_;
    values.selected_count = 1;
    values.row_ids = row_ids_;
    const mortise_batch_t packed = abi_batch(values, types.data());
    uint8_t outcome = MORTISE_ROW_DONE;
    ErrorSlot error;
    MORTISE_TRY(error.status(relation_.engine->update(relation_.table, run_.context().txn, &view,
                                                      columns.data(), &packed, MORTISE_WAIT,
                                                      &outcome, error.get())));
    if (outcome == MORTISE_ROW_SELF) return changed_twice();  // Z1
    if (outcome != MORTISE_ROW_DONE) return lost_update();
    return {};
  }

  // A second writer: the first one's flat columns still hold the proposed rows.
  RowWriter& updater() {
    if (updater_ == nullptr) updater_ = std::make_unique<RowWriter>(run_, op_.stored);
    return *updater_;
  }

  Status show(const Batch& stored) {
    Batch shown;
    for (const uint32_t c : op_.shown) shown.columns.push_back(stored.columns[c]);
    shown.rows_count = stored.rows_count;
    shown.selection = &one_;
    shown.selected_count = 1;
    return shown_.append(shown);
  }

  Run& run_;
  const UpsertOperator& op_;
  const Relation& relation_;
  CursorPtr input_;
  RowWriter writer_;
  std::unique_ptr<RowWriter> updater_;
  std::unique_ptr<NewestRows> existing_;
  Evaluation assignments_;
  Evaluation condition_;
  Evaluation generated_;
  RowsKept shown_;
  size_t chunk_ = 0;
  std::vector<bool> changed_columns_;
  Batch batch_;
  Batch row_;
  ConstantSlot null_;
  uint16_t one_ = 0;  // the row at hand
  uint16_t narrowed_[kBatchRows] = {};
  mortise_row_id_t row_ids_[kBatchRows] = {};
};

}  // namespace

Result<CursorPtr> UpsertOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<UpsertCursor>(run, *this, std::move(input)));
}

}  // namespace mortise::sql_engine
