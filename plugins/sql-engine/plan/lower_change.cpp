// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "execute/change.hpp"
#include "execute/copy.hpp"
#include "execute/lock_rows.hpp"
#include "execute/upsert.hpp"
#include "mortise/cpp/boundary.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

// An index whose plugin is missing keeps entries of rows that must not go nor change.
Status check_online(const Relation& relation) {
  for (const IndexInfo& index : relation.indexes) MORTISE_TRY(Status(index.offline));
  return {};
}

// Indexes that cannot be kept up to date yet make the table read-only rather than wrong.
Status check_indexes(const Relation& relation) {
  MORTISE_TRY(check_online(relation));
  for (const IndexInfo& index : relation.indexes) {
    const bool has_expression = std::find(index.columns().begin(), index.columns().end(),
                                          kExpressionColumn) != index.columns().end();
    if (has_expression || !index.definition.predicate.empty()) {
      return unsupported(
          "a table with an index on an expression or with a predicate cannot be "
          "changed yet: " +
          index.name());
    }
  }
  return {};
}

Result<Program> compile_all(const std::vector<Assignment>& assignments, const Scope& scope) {
  std::vector<const Expression*> roots;
  for (const Assignment& a : assignments) roots.push_back(a.value.get());
  return compile(roots, scope);
}

// Old values go on where the stored row is looked at: by checks, generated columns, RETURNING, and
// by indexes of which another column changes.
std::vector<bool> old_values_needed(const Update& update, const std::vector<bool>& is_assigned,
                                    const IdSet& needed) {
  const Relation& relation = *update.relation;
  IdSet row_read;
  for (const RowCheck& check : update.checks) row_read.add(*check.condition);
  for (const Assignment& a : update.generated) row_read.add(*a.value);
  std::vector<bool> is_old_needed(relation.columns_count(), false);
  for (uint32_t c = 0; c < update.row.size(); ++c) {
    is_old_needed[c] =
        update.row[c] != kNoColumn && (row_read.has(update.row[c]) || needed.has(update.row[c]));
  }
  for (const IndexInfo& index : relation.indexes) {
    const bool is_touched = std::any_of(index.columns().begin(), index.columns().end(),
                                        [&](uint32_t c) { return is_assigned[c]; });
    for (const uint32_t c : index.columns()) {
      is_old_needed[c] = is_old_needed[c] || is_touched;
    }
  }
  return is_old_needed;
}

}  // namespace

Status Lowering::lower_stored_row(const RelationPtr& relation, const Ids& row,
                                  const std::vector<RowCheck>& row_checks,
                                  StoredRow& stored) const {
  stored.relation = relation;
  stored.row = row;
  std::vector<const Expression*> checks;
  for (const RowCheck& check : row_checks) {
    checks.push_back(check.condition.get());
    stored.check_names.push_back(check.constraint);
  }
  MORTISE_TRY_ASSIGN(stored.checks, compile(checks, scope_of(row)));
  return {};
}

Result<OperatorPtr> Lowering::lower_insert(const Insert& insert, const IdSet& needed) {
  MORTISE_TRY(check_indexes(*insert.relation));
  IdSet below;
  for (const ColumnId id : insert.source) {
    if (id != kNoColumn) below.add(id);
  }
  for (const Assignment& a : insert.on_conflict.assignments) below.add(*a.value);
  if (insert.on_conflict.condition != nullptr) below.add(*insert.on_conflict.condition);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*insert.inputs[0], below));
  std::vector<int32_t> source;
  for (const ColumnId id : insert.source) {
    const int32_t place = id == kNoColumn ? -1 : place_of(input->ids, id);
    if (id != kNoColumn && place < 0) return internal("a value to be inserted is not there");
    source.push_back(place);
  }
  Ids ids;
  std::vector<uint32_t> shown;
  for (uint32_t c = 0; c < insert.row.size(); ++c) {
    if (insert.row[c] == kNoColumn || !needed.has(insert.row[c])) continue;
    shown.push_back(c);
    ids.push_back(insert.row[c]);
  }
  const double rows = input->rows_estimate;
  if (insert.on_conflict.action != ConflictAction::none) {
    MORTISE_TRY_ASSIGN(auto upsert, lower_upsert(insert, *input));
    upsert->source = std::move(source);
    upsert->shown = std::move(shown);
    upsert->inputs.push_back(std::move(input));
    return seal(std::move(upsert), std::move(ids), rows);
  }
  auto op = std::make_unique<InsertOperator>();
  MORTISE_TRY(lower_stored_row(insert.relation, insert.row, insert.checks, op->stored));
  op->source = std::move(source);
  op->shown = std::move(shown);
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<std::unique_ptr<UpsertOperator>> Lowering::lower_upsert(const Insert& insert,
                                                               const Operator& input) const {
  const OnConflict& conflict = insert.on_conflict;
  auto op = std::make_unique<UpsertOperator>();
  MORTISE_TRY(lower_stored_row(insert.relation, insert.row, insert.checks, op->stored));
  op->arbiters = conflict.arbiters;
  if (op->arbiters.empty()) {
    for (uint32_t i = 0; i < insert.relation->indexes.size(); ++i) {
      if (insert.relation->indexes[i].is_unique()) op->arbiters.push_back(i);
    }
  }
  op->updates = conflict.action == ConflictAction::update;
  if (!op->updates) return op;
  Ids both = input.ids;
  for (uint32_t c = 0; c < insert.relation->columns_count(); ++c) {
    both.push_back(c < conflict.existing.size() ? conflict.existing[c] : kNoColumn);
  }
  for (const Assignment& a : conflict.assignments) op->assigned.push_back(a.column);
  MORTISE_TRY_ASSIGN(op->assignments, compile_all(conflict.assignments, scope_of(both)));
  for (const Assignment& a : conflict.generated) op->generated.push_back(a.column);
  MORTISE_TRY_ASSIGN(op->generated_values, compile_all(conflict.generated, scope_of(insert.row)));
  if (conflict.condition != nullptr) {
    op->has_condition = true;
    MORTISE_TRY_ASSIGN(op->condition, compile(*conflict.condition, scope_of(both)));
  }
  return op;
}

Result<OperatorPtr> Lowering::lower_update(const Update& update, const IdSet& needed) {
  const Relation& relation = *update.relation;
  MORTISE_TRY(check_indexes(relation));
  std::vector<bool> is_assigned(relation.columns_count(), false);
  for (const auto* list : {&update.assignments, &update.generated}) {
    for (const Assignment& a : *list) is_assigned[a.column] = true;
  }
  IdSet below;
  below.add(update.row_id);
  for (const Assignment& a : update.assignments) below.add(*a.value);
  if (update.recheck != nullptr) below.add(*update.recheck);
  const std::vector<bool> is_old_needed = old_values_needed(update, is_assigned, needed);
  for (uint32_t c = 0; c < update.old_row.size(); ++c) {
    const ColumnId id = update.old_row[c];
    if (is_old_needed[c] && !is_assigned[c] && id == kNoColumn &&
        !relation.columns()[c].is_dropped) {
      return internal("an update needs a column that its input does not carry");
    }
    if (id != kNoColumn && is_old_needed[c]) below.add(id);
  }
  for (const ColumnId id : update.outputs) {
    if (needed.has(id)) below.add(id);
  }
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*update.inputs[0], below));
  auto op = std::make_unique<UpdateOperator>();
  MORTISE_TRY(lower_stored_row(update.relation, update.row, update.checks, op->stored));
  const int32_t row_id = place_of(input->ids, update.row_id);
  if (row_id < 0) return internal("an update's input carries no row ids");
  op->row_id_place = static_cast<uint32_t>(row_id);
  for (const ColumnId id : update.old_row) {
    op->old_places.push_back(id == kNoColumn ? -1 : place_of(input->ids, id));
  }
  for (const Assignment& a : update.assignments) op->assigned.push_back(a.column);
  for (uint32_t c = 0; c < relation.columns_count(); ++c) {
    op->stored.is_known.push_back(is_assigned[c] || op->old_places[c] >= 0);
  }
  MORTISE_TRY_ASSIGN(op->assignments, compile_all(update.assignments, scope_of(input->ids)));
  for (const Assignment& a : update.generated) op->generated.push_back(a.column);
  MORTISE_TRY_ASSIGN(op->generated_values, compile_all(update.generated, scope_of(update.row)));
  if (update.recheck != nullptr) {
    op->has_recheck = true;
    MORTISE_TRY_ASSIGN(op->recheck, compile(*update.recheck, scope_of(input->ids)));
  }
  Ids ids;
  for (const ColumnId id : update.outputs) {
    if (!needed.has(id)) continue;
    const int32_t in_row = place_of(update.row, id);
    const int32_t in_input = place_of(input->ids, id);
    if (in_row < 0 && in_input < 0) return internal("RETURNING reads a column that is not there");
    op->passed.push_back(in_row >= 0 ? -1 - in_row : in_input);
    ids.push_back(id);
  }
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_erase(const Erase& erase, const IdSet& needed) {
  MORTISE_TRY(check_online(*erase.relation));
  IdSet below = needed;
  below.add(erase.row_id);
  if (erase.recheck != nullptr) below.add(*erase.recheck);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*erase.inputs[0], below));
  auto op = std::make_unique<EraseOperator>();
  op->relation = erase.relation;
  const int32_t row_id = place_of(input->ids, erase.row_id);
  if (row_id < 0) return internal("a delete's input carries no row ids");
  op->row_id_place = static_cast<uint32_t>(row_id);
  for (const ColumnId id : erase.old_row) {
    op->old_places.push_back(id == kNoColumn ? -1 : place_of(input->ids, id));
  }
  if (erase.recheck != nullptr) {
    op->has_recheck = true;
    MORTISE_TRY_ASSIGN(op->recheck, compile(*erase.recheck, scope_of(input->ids)));
  }
  Ids ids;
  for (uint32_t c = 0; c < input->ids.size(); ++c) {
    if (!needed.has(input->ids[c])) continue;
    op->passed.push_back(c);
    ids.push_back(input->ids[c]);
  }
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_lock_rows(const LockRows& lock, const IdSet& needed) {
  IdSet below = needed;
  if (lock.recheck != nullptr) below.add(*lock.recheck);
  for (const LockRows::Target& target : lock.targets) below.add(target.row_id);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*lock.inputs[0], below));
  auto op = std::make_unique<LockRowsOperator>();
  for (const LockRows::Target& target : lock.targets) {
    LockRowsOperator::Target lowered;
    lowered.relation = target.relation;
    const int32_t row_id = place_of(input->ids, target.row_id);
    if (row_id < 0) return internal("rows to be locked carry no row ids");
    lowered.row_id_place = static_cast<uint32_t>(row_id);
    lowered.strength = target.strength;
    lowered.wait = target.wait;
    lowered.places.assign(target.relation->columns_count(), -1);
    for (const auto& [column, id] : target.columns) {
      lowered.places[column] = place_of(input->ids, id);
    }
    op->targets.push_back(std::move(lowered));
  }
  if (lock.recheck != nullptr) {
    op->has_recheck = true;
    MORTISE_TRY_ASSIGN(op->recheck, compile(*lock.recheck, scope_of(input->ids)));
  }
  op->is_one_at_a_time = locks_one_at_a_time_;
  Ids ids = input->ids;
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_copy_source(const CopySource& source) {
  auto op = std::make_unique<CopyInOperator>();
  op->relation = source.relation;
  op->columns = source.columns;
  op->options = source.options;
  return seal(std::move(op), source.outputs, 1000);
}

Result<OperatorPtr> Lowering::lower_copy_out(const CopyOut& copy) {
  IdSet below;
  below.add(copy.columns);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*copy.inputs[0], below));
  auto op = std::make_unique<CopyOutOperator>();
  for (const ColumnId id : copy.columns) {
    const int32_t place = place_of(input->ids, id);
    if (place < 0) return internal("COPY writes a column that is not there");
    op->columns.push_back(static_cast<uint32_t>(place));
    op->column_types.push_back(columns_[id].type);
  }
  op->names = copy.names;
  op->options = copy.options;
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), {}, rows);
}

}  // namespace mortise::sql_engine
