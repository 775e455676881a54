// SPDX-License-Identifier: Apache-2.0
//
// Joins through an index: when they are possible, and when they are worth it.
#include <algorithm>

#include "execute/index_join.hpp"
#include "mortise/cpp/boundary.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

struct IndexKey {
  const Expression* left;
  const Expression* condition;
};

bool is_readable(const IndexInfo& index, const Scan& scan) {
  if (index.definition.complete_from > scan.oldest_snapshot) return false;
  if (index.handle == nullptr || !index.definition.is_valid) return false;
  if (!index.definition.predicate.empty()) return false;
  return std::find(index.columns().begin(), index.columns().end(), kExpressionColumn) ==
         index.columns().end();
}

uint32_t table_column_of(const Scan& scan, ColumnId id) {
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    if (scan.outputs[i] == id) return scan.columns[i];
  }
  return UINT32_MAX;
}

// The leading columns of an index that the conditions equate with expressions of the left side,
// whose values have the column's form.
std::vector<IndexKey> match_keys(const Scan& scan, const IndexInfo& index, const IdSet& left,
                                 const IdSet& right, const std::vector<ExpressionPtr>& parts) {
  std::vector<IndexKey> keys;
  for (uint32_t k = 0; k < index.keys_count(); ++k) {
    const mortise_type_t& form = scan.relation->columns()[index.columns()[k]].type;
    const size_t before = keys.size();
    for (const ExpressionPtr& part : parts) {
      const Expression& e = *part;
      if (e.kind != ExpressionKind::call || e.children.size() != 2 || has_subquery(e)) continue;
      if (view_of(e.function->operator_symbol) != "=") continue;
      for (size_t side = 0; side < 2 && keys.size() == before; ++side) {
        const Expression& column = e.child(side);
        const Expression& value = e.child(1 - side);
        mortise_type_t common{};
        if (column.kind == ExpressionKind::column &&
            table_column_of(scan, column.column) == index.columns()[k] && reads_any(value, left) &&
            !reads_any(value, right) && value.type.physical == form.physical &&
            value.type.scale == form.scale &&
            common_form(*e.function, column.type, value.type, &common)) {
          keys.push_back({&value, &e});
        }
      }
      if (keys.size() != before) break;
    }
    if (keys.size() == before) break;
  }
  return keys;
}

struct Chosen {
  uint32_t position = 0;
  std::vector<IndexKey> keys;  // none: no index is worth it
};

Chosen choose_index(const Scan& scan, const LogicalNode& left, const IdSet& left_made,
                    const std::vector<ExpressionPtr>& parts) {
  Chosen best;
  IdSet right_made;
  right_made.add(scan.outputs);
  const double left_rows = estimate_rows(left);
  const double all_rows = table_rows(*scan.relation);
  double best_cost = all_rows + left_rows;
  for (uint32_t i = 0; i < scan.relation->indexes.size(); ++i) {
    const IndexInfo& index = scan.relation->indexes[i];
    if (!is_readable(index, scan)) continue;
    std::vector<IndexKey> keys = match_keys(scan, index, left_made, right_made, parts);
    if (keys.empty()) continue;
    const bool is_single = index.is_unique() && keys.size() == index.keys_count();
    const double rows = is_single ? 1 : std::min(kRowsPerKey, all_rows);
    const double cost = left_rows * rows * kLookupCostRows;
    if (cost >= best_cost) continue;
    best_cost = cost;
    best = {i, std::move(keys)};
  }
  return best;
}

// Conditions that the index does not answer, and the scan's own.
std::vector<const Expression*> other_conditions(const Scan& scan, const Chosen& chosen,
                                                const std::vector<ExpressionPtr>& parts) {
  std::vector<const Expression*> rest;
  for (const ExpressionPtr& part : parts) {
    const bool is_key =
        std::any_of(chosen.keys.begin(), chosen.keys.end(),
                    [&](const IndexKey& key) { return key.condition == part.get(); });
    if (!is_key) rest.push_back(part.get());
  }
  for (const ExpressionPtr& filter : scan.filters) rest.push_back(filter.get());
  return rest;
}

// Fetched are the key columns, then what is read above or by conditions; `ids` grows by them.
void add_fetched(const Scan& scan, const Chosen& chosen, const IdSet& read, IndexJoin& op,
                 std::vector<ColumnId>& ids) {
  const IndexInfo& index = scan.relation->indexes[chosen.position];
  const auto fetch = [&](uint32_t column, ColumnId id) {
    op.fetched.push_back(column);
    op.fetched_types.push_back(scan.relation->columns()[column].type);
    ids.push_back(id);
  };
  for (size_t k = 0; k < chosen.keys.size(); ++k) {
    ColumnId id = kNoColumn;
    for (size_t i = 0; i < scan.columns.size(); ++i) {
      if (scan.columns[i] == index.columns()[k]) id = scan.outputs[i];
    }
    fetch(index.columns()[k], id);
  }
  for (size_t i = 0; i < scan.columns.size(); ++i) {
    const bool is_there = place_of(ids, scan.outputs[i]) >= 0;
    if (!is_there && read.has(scan.outputs[i])) fetch(scan.columns[i], scan.outputs[i]);
  }
  if (scan.row_id != kNoColumn && read.has(scan.row_id)) {
    op.has_row_id = true;
    ids.push_back(scan.row_id);
  }
}

bool may_use_index(const Scan* scan, const Join& join, JoinType type) {
  if (scan == nullptr || join.condition == nullptr || scan->sample_percent >= 0) return false;
  return type == JoinType::inner || type == JoinType::left || type == JoinType::semi ||
         type == JoinType::anti;
}

}  // namespace

Result<OperatorPtr> Lowering::try_index_join(const Join& join, JoinType type,
                                             const LogicalNode& left_node,
                                             const LogicalNode& right_node, const IdSet& needed) {
  const auto* scan = as<Scan>(&right_node);
  if (!may_use_index(scan, join, type)) return OperatorPtr();
  IdSet left_made;
  left_made.add(left_node.outputs);
  std::vector<ExpressionPtr> parts;
  split_conjunction(clone(*join.condition), parts);
  const Chosen chosen = choose_index(*scan, left_node, left_made, parts);
  if (chosen.keys.empty()) return OperatorPtr();

  auto op = std::make_unique<IndexJoin>();
  op->join_type = type;
  op->relation = scan->relation;
  op->alias = scan->alias;
  op->index_position = chosen.position;
  const std::vector<const Expression*> rest = other_conditions(*scan, chosen, parts);
  std::vector<const Expression*> keys;
  std::vector<const Expression*> conditions;
  for (const IndexKey& key : chosen.keys) {
    keys.push_back(key.left);
    conditions.push_back(key.condition);
  }
  IdSet below = needed;
  for (const Expression* e : keys) below.add(*e);
  for (const Expression* e : rest) below.add(*e);
  MORTISE_TRY_ASSIGN(OperatorPtr left, lower(left_node, below));
  MORTISE_TRY_ASSIGN(op->keys, compile(keys, scope_of(left->ids)));
  Ids both = left->ids;
  add_fetched(*scan, chosen, below, *op, both);
  if (!rest.empty()) {
    MORTISE_TRY_ASSIGN(op->condition, compile_conjunction(rest, both));
    op->condition_text = text_of_all(rest, " AND ");
  }
  op->keys_text = text_of_all(conditions, " AND ");
  Ids ids;
  const bool shows_right = type == JoinType::inner || type == JoinType::left;
  for (uint32_t c = 0; c < both.size(); ++c) {
    const bool is_left = c < left->ids.size();
    if (both[c] == kNoColumn || !needed.has(both[c]) || (!is_left && !shows_right)) continue;
    op->columns.push_back(c);
    ids.push_back(both[c]);
  }
  op->inputs.push_back(std::move(left));
  return seal(std::move(op), std::move(ids), estimate_rows(join));
}

}  // namespace mortise::sql_engine
