// SPDX-License-Identifier: Apache-2.0
#include "execute/row_writer.hpp"

#include <algorithm>

#include "execute/expression/nodes.hpp"
#include "execute/value_text.hpp"

namespace mortise::sql_engine {

namespace {

Status located(Status&& status, const Relation& relation) {
  return std::move(status)
      .with(MORTISE_ERROR_FIELD_SCHEMA, relation.schema_name)
      .with(MORTISE_ERROR_FIELD_TABLE, relation.name());
}

struct ConflictList {
  const Batch* rows;
  std::vector<RowWriter::Conflict> found;
};

void MORTISE_CALL on_conflict(void* context, const mortise_index_conflict_t* conflicts,
                              uint32_t conflicts_count) {
  auto& list = *static_cast<ConflictList*>(context);
  for (uint32_t i = 0; i < conflicts_count; ++i) {
    const uint32_t row = list.rows->row_at(conflicts[i].row_index);
    if (list.rows->row_ids[row] == conflicts[i].row_id) continue;
    list.found.push_back({row, conflicts[i].row_id});
  }
}

}  // namespace

RowWriter::~RowWriter() {
  if (old_row_ != nullptr) relation_.engine->scan_close(old_row_);
}

RowWriter::RowWriter(Run& run, const StoredRow& stored)
    : run_(run), stored_(stored), relation_(*stored.relation), checks_(run, stored.checks) {}

// What an update left unread stands in the table.
Result<std::vector<mortise_column_t>> RowWriter::whole_row(const Batch& row, uint32_t at) {
  std::vector<mortise_column_t> columns = row.columns;
  std::vector<uint32_t> unknown;
  for (uint32_t c = 0; c < stored_.is_known.size(); ++c) {
    if (!stored_.is_known[c] && !relation_.columns()[c].is_dropped) unknown.push_back(c);
  }
  if (unknown.empty()) return columns;
  const mortise_read_view_t view = run_.view();
  mortise_batch_t found{};
  found.struct_size_bytes = sizeof(found);
  ErrorSlot error;
  if (old_row_ != nullptr) relation_.engine->scan_close(old_row_);
  old_row_ = nullptr;
  MORTISE_TRY(error.status(
      relation_.engine->fetch_open(relation_.table, run_.context().txn, &view, unknown.data(),
                                   static_cast<uint32_t>(unknown.size()), &old_row_, error.get())));
  // The row once per place up to its own, so that its values stand where the others' stand.
  const std::vector<mortise_row_id_t> ids(size_t{at} + 1, row.row_ids[at]);
  MORTISE_TRY(
      error.status(relation_.engine->fetch(old_row_, ids.data(), at + 1, &found, error.get())));
  for (uint32_t i = 0; i < unknown.size(); ++i) columns[unknown[i]] = found.columns[i];
  return columns;
}

std::string RowWriter::row_text(const Batch& row, uint32_t at) {
  const Result<std::vector<mortise_column_t>> columns = whole_row(row, at);
  if (!columns) return {};  // the constraint's own words have to do
  std::string text = "Failing row contains (";
  bool is_first = true;
  for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
    if (relation_.columns()[c].is_dropped) continue;
    if (!is_first) text += ", ";
    is_first = false;
    std::string value = value_text(run_, relation_.columns()[c].type, (*columns)[c], at);
    if (value.size() > 64) value = value.substr(0, 64) + "...";
    text += value;
  }
  return text + ").";
}

Status RowWriter::test(const Batch& row) {
  for (uint32_t c = 0; c < relation_.columns_count(); ++c) {
    const schema::ColumnDef& column = relation_.columns()[c];
    if (!column.is_not_null || column.is_dropped || row.columns[c].validity == nullptr) continue;
    if (!stored_.is_known.empty() && !stored_.is_known[c]) continue;
    for (uint32_t i = 0; i < row.selected_count; ++i) {
      const uint32_t at = row.row_at(i);
      const uint32_t bit = is_constant(row.columns[c]) ? 0 : at;
      if (get_bit(row.columns[c].validity, bit)) continue;
      Status failure =
          located(Status(Code::invalid, "23502",
                         "null value in column \"" + column.name + "\" of relation \"" +
                             relation_.name() + "\" violates not-null constraint"),
                  relation_)
              .with(MORTISE_ERROR_FIELD_COLUMN, column.name)
              .with(MORTISE_ERROR_FIELD_DETAIL, row_text(row, at));
      return run_.located(std::move(failure), at);
    }
  }
  if (stored_.checks.is_empty()) return {};
  checks_.begin();
  uint16_t failed[kBatchRows];
  for (uint32_t k = 0; k < stored_.checks.roots_count(); ++k) {
    mortise_column_t answer{};
    MORTISE_TRY(checks_.evaluate(k, row, &answer));
    if (rows_where(answer, selection_of(row), false, failed) == 0) continue;
    Status failure =
        located(Status(Code::invalid, "23514",
                       "new row for relation \"" + relation_.name() +
                           "\" violates check constraint \"" + stored_.check_names[k] + "\""),
                relation_)
            .with(MORTISE_ERROR_FIELD_CONSTRAINT, stored_.check_names[k])
            .with(MORTISE_ERROR_FIELD_DETAIL, row_text(row, failed[0]));
    return run_.located(std::move(failure), failed[0]);
  }
  return {};
}

Status RowWriter::flatten(Batch& row, uint32_t rows_count) {
  plain_.resize(row.columns.size());
  for (uint32_t c = 0; c < row.columns.size(); ++c) {
    if (!is_constant(row.columns[c])) continue;
    if (!plain_[c].is_open()) {
      MORTISE_TRY(plain_[c].open(run_.memory(), relation_.columns()[c].type));
    }
    plain_[c].reset();
    copy_rows(row.columns[c], {nullptr, rows_count}, plain_[c]);
    row.columns[c] = plain_[c].column(rows_count);
  }
  return {};
}

Status RowWriter::index(const Batch& row, const std::vector<bool>* changed) {
  for (const IndexInfo& index : relation_.indexes) {
    if (index.handle == nullptr) continue;
    const bool is_touched =
        changed == nullptr ||
        std::any_of(index.columns().begin(), index.columns().end(),
                    [&](uint32_t c) { return c != kExpressionColumn && (*changed)[c]; });
    if (is_touched) MORTISE_TRY(index_one(index, row));
  }
  return {};
}

Status RowWriter::index_one(const IndexInfo& index, const Batch& row) {
  Batch entries;
  std::vector<mortise_type_t> types;
  for (const uint32_t c : index.columns()) {
    entries.columns.push_back(row.columns[c]);
    types.push_back(relation_.columns()[c].type);
  }
  entries.rows_count = row.rows_count;
  entries.selection = row.selection;
  entries.selected_count = row.selected_count;
  entries.row_ids = row.row_ids;
  const mortise_batch_t packed = abi_batch(entries, types.data());
  ConflictList conflicts{&row, {}};
  const uint32_t nulls_are_equal = index.definition.is_nulls_not_distinct ? 1 : 0;
  ErrorSlot error;
  MORTISE_TRY(error.status(
      index.method->insert(index.handle, run_.context().txn, &packed, nulls_are_equal,
                           index.is_unique() ? on_conflict : nullptr, &conflicts, error.get())));
  if (conflicts.found.empty()) return {};
  return refuse_duplicates(index, row, conflicts.found);
}

// An equal key counts only if its row lives: the index also knows dead ones.
Status RowWriter::refuse_duplicates(const IndexInfo& index, const Batch& row,
                                    const std::vector<Conflict>& conflicts) {
  const uint32_t keys_count = index.keys_count();
  std::vector<mortise_type_t> types;
  keys_.clear();
  keys_.resize(keys_count);
  for (uint32_t k = 0; k < keys_count; ++k) {
    types.push_back(relation_.columns()[index.columns()[k]].type);
    MORTISE_TRY(keys_[k].open(run_.memory(), types[k]));
  }
  for (size_t begin = 0; begin < conflicts.size(); begin += kBatchRows) {
    const auto count =
        static_cast<uint32_t>(std::min<size_t>(kBatchRows, conflicts.size() - begin));
    uint16_t from[kBatchRows];
    std::vector<mortise_row_id_t> others(count);
    for (uint32_t i = 0; i < count; ++i) {
      from[i] = static_cast<uint16_t>(conflicts[begin + i].row);
      others[i] = conflicts[begin + i].other;
    }
    Batch keys;
    for (uint32_t k = 0; k < keys_count; ++k) {
      keys_[k].reset();
      gather(row.columns[index.columns()[k]], from, count, keys_[k], 0);
      keys.columns.push_back(keys_[k].column(count));
    }
    keys.select_all(count);
    keys.row_ids = others.data();
    const mortise_batch_t packed = abi_batch(keys, types.data());
    std::vector<uint8_t> is_alive(count, 0);
    ErrorSlot error;
    MORTISE_TRY(error.status(
        relation_.engine->probe(relation_.table, run_.context().txn, index.columns().data(),
                                index.definition.is_nulls_not_distinct ? 1 : 0, &packed,
                                MORTISE_WAIT, is_alive.data(), error.get())));
    for (uint32_t i = 0; i < count; ++i) {
      if (is_alive[i] == 0) continue;
      return run_.located(duplicate_key(run_, relation_, index, row, from[i]), from[i]);
    }
  }
  return {};
}

Status duplicate_key(Run& run, const Relation& relation, const IndexInfo& index, const Batch& row,
                     uint32_t at) {
  std::string names;
  std::string values;
  for (uint32_t k = 0; k < index.keys_count(); ++k) {
    const uint32_t c = index.columns()[k];
    if (k != 0) {
      names += ", ";
      values += ", ";
    }
    names += relation.columns()[c].name;
    values += value_text(run, relation.columns()[c].type, row.columns[c], at);
  }
  return located(Status(Code::duplicate, "23505",
                        "duplicate key value violates unique constraint \"" + index.name() + "\""),
                 relation)
      .with(MORTISE_ERROR_FIELD_CONSTRAINT, index.name())
      .with(MORTISE_ERROR_FIELD_DETAIL, "Key (" + names + ")=(" + values + ") already exists.");
}

}  // namespace mortise::sql_engine
