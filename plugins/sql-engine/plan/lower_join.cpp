// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "execute/hash_join.hpp"
#include "execute/nested_loop.hpp"
#include "mortise/cpp/boundary.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

// A left side this many times smaller than the right one is worth building on instead.
constexpr double kSwapFactor = 2;

struct JoinKey {
  const Expression* left;
  const Expression* right;
  const Expression* condition;
  mortise_type_t form;
};

// Splits a join's condition into equalities between the sides and the rest.
void split_keys(const std::vector<ExpressionPtr>& parts, const IdSet& left, const IdSet& right,
                std::vector<JoinKey>& keys, std::vector<const Expression*>& rest) {
  for (const ExpressionPtr& part : parts) {
    const Expression& e = *part;
    JoinKey key{nullptr, nullptr, &e, {}};
    if (e.kind == ExpressionKind::call && e.children.size() == 2 && !has_subquery(e) &&
        view_of(e.function->operator_symbol) == "=" &&
        common_form(*e.function, e.child(0).type, e.child(1).type, &key.form)) {
      for (size_t side = 0; side < 2; ++side) {
        const Expression& a = e.child(side);
        const Expression& b = e.child(1 - side);
        if (reads_any(a, left) && !reads_any(a, right) && reads_any(b, right) &&
            !reads_any(b, left)) {
          key.left = &a;
          key.right = &b;
        }
      }
    }
    if (key.left != nullptr) {
      keys.push_back(key);
    } else {
      rest.push_back(&e);
    }
  }
}

JoinType swapped(JoinType type) {
  if (type == JoinType::left) return JoinType::right;
  if (type == JoinType::right) return JoinType::left;
  return type;
}

bool outputs_right(JoinType type) {
  return type != JoinType::semi && type != JoinType::anti && type != JoinType::anti_nulls &&
         type != JoinType::mark;
}

// Types that know their other side, too: swapping the inputs says nothing about is_right_only.
bool may_change_sides(JoinType type) {
  return type != JoinType::semi && type != JoinType::anti;
}

// What the join shows of its inputs: the operator's columns and their ids.
std::vector<ColumnId> shown_columns(HashJoin& op, const Operator& left, const Operator& right,
                                    bool shows_left, bool shows_right, const IdSet& needed) {
  std::vector<ColumnId> ids;
  for (uint32_t c = 0; c < left.ids.size(); ++c) {
    if (!shows_left || !needed.has(left.ids[c])) continue;
    op.columns.push_back({true, c});
    ids.push_back(left.ids[c]);
  }
  const uint32_t keys_count = op.left_keys.roots_count();
  for (uint32_t k = 0; k < op.right_kept.size() && shows_right; ++k) {
    const ColumnId id = right.ids[op.right_kept[k]];
    if (!needed.has(id)) continue;
    op.columns.push_back({false, keys_count + k});
    ids.push_back(id);
  }
  return ids;
}

}  // namespace

Result<OperatorPtr> Lowering::lower_join(const Join& join, const IdSet& needed) {
  if (join.is_lateral) return lower_lateral(join, needed);
  JoinType type = join.type == JoinType::cross ? JoinType::inner : join.type;
  const LogicalNode* left = join.inputs[0].get();
  const LogicalNode* right = join.inputs[1].get();
  MORTISE_TRY_ASSIGN(OperatorPtr indexed, try_index_join(join, type, *left, *right, needed));
  if (indexed == nullptr && type == JoinType::inner) {
    MORTISE_TRY_ASSIGN(indexed, try_index_join(join, type, *right, *left, needed));
  }
  if (indexed != nullptr) return indexed;
  const double left_rows = estimate_rows(*left);
  const double right_rows = estimate_rows(*right);
  const bool may_swap = type == JoinType::inner || type == JoinType::left || type == JoinType::full;
  const double factor = type == JoinType::inner ? 1 : kSwapFactor;
  if ((may_swap && left_rows * factor < right_rows) ||
      (type == JoinType::right && left_rows * kSwapFactor >= right_rows)) {
    std::swap(left, right);
    type = swapped(type);
  }
  // The side that is shown is kept where the one that is only asked is larger.
  if ((type == JoinType::semi || type == JoinType::anti) && left_rows * kSwapFactor < right_rows) {
    std::swap(left, right);
  }
  bool is_possible = false;
  MORTISE_TRY_ASSIGN(OperatorPtr hashed,
                     lower_hash_join(join, type, *left, *right, needed, &is_possible));
  if (is_possible) return hashed;
  return lower_nested_loop(join, needed);
}

Result<Program> Lowering::compile_conjunction(std::span<const Expression* const> conditions,
                                              std::span<const ColumnId> inputs) const {
  std::vector<ExpressionPtr> copies;
  for (const Expression* e : conditions) copies.push_back(clone(*e));
  return compile(*make_conjunction(std::move(copies)), scope_of(inputs));
}

Result<OperatorPtr> Lowering::lower_hash_join(const Join& join, JoinType type,
                                              const LogicalNode& left_node,
                                              const LogicalNode& right_node, const IdSet& needed,
                                              bool* is_possible) {
  *is_possible = false;
  if (join.condition == nullptr) return OperatorPtr();
  IdSet left_made;
  IdSet right_made;
  left_made.add(left_node.outputs);
  right_made.add(right_node.outputs);
  std::vector<ExpressionPtr> parts;
  split_conjunction(clone(*join.condition), parts);
  std::vector<JoinKey> keys;
  std::vector<const Expression*> rest;
  split_keys(parts, left_made, right_made, keys, rest);
  if (keys.empty()) return OperatorPtr();
  const bool is_strict_about_nulls = type == JoinType::anti_nulls || type == JoinType::mark;
  if (is_strict_about_nulls && (keys.size() != 1 || !rest.empty())) return OperatorPtr();  // J3
  *is_possible = true;
  const bool is_right_only = &left_node == join.inputs[1].get() && !may_change_sides(type);
  const bool shows_left = !is_right_only;
  const bool shows_right = outputs_right(type) || is_right_only;
  IdSet left_needed = shows_left ? needed : IdSet();
  IdSet right_needed = shows_right ? needed : IdSet();
  std::vector<const Expression*> left_keys;
  std::vector<const Expression*> right_keys;
  std::vector<const Expression*> conditions;
  std::vector<mortise_type_t> forms;
  for (const JoinKey& key : keys) {
    left_keys.push_back(key.left);
    right_keys.push_back(key.right);
    conditions.push_back(key.condition);
    forms.push_back(key.form);
  }
  for (const Expression* e : left_keys) left_needed.add(*e);
  for (const Expression* e : right_keys) right_needed.add(*e);
  for (const Expression* e : rest) {
    left_needed.add(*e);
    right_needed.add(*e);
  }
  MORTISE_TRY_ASSIGN(OperatorPtr left, lower(left_node, left_needed));
  MORTISE_TRY_ASSIGN(OperatorPtr right, lower(right_node, right_needed));
  auto op = std::make_unique<HashJoin>();
  op->join_type = type;
  op->is_right_only = is_right_only;
  MORTISE_TRY_ASSIGN(op->left_keys, compile_as(left_keys, forms, scope_of(left->ids)));
  MORTISE_TRY_ASSIGN(op->right_keys, compile_as(right_keys, forms, scope_of(right->ids)));
  op->row_types = forms;
  IdSet kept;
  if (shows_right) kept = needed;
  for (const Expression* e : rest) kept.add(*e);
  Ids residual_ids = left->ids;
  for (uint32_t c = 0; c < right->ids.size(); ++c) {
    if (!kept.has(right->ids[c])) continue;
    op->right_kept.push_back(c);
    op->row_types.push_back(right->types[c]);
    residual_ids.push_back(right->ids[c]);
  }
  if (!rest.empty()) {
    MORTISE_TRY_ASSIGN(op->residual, compile_conjunction(rest, residual_ids));
    op->has_residual = true;
    op->residual_text = text_of_all(rest, " AND ");
  }
  op->keys_text = text_of_all(conditions, " AND ");
  Ids ids = shown_columns(*op, *left, *right, shows_left, shows_right, needed);
  if (type == JoinType::mark) ids.push_back(join.mark);
  op->inputs.push_back(std::move(left));
  op->inputs.push_back(std::move(right));
  return seal(std::move(op), std::move(ids), estimate_rows(join));
}

Result<OperatorPtr> Lowering::lower_nested_loop(const Join& join, const IdSet& needed) {
  JoinType type = join.type == JoinType::cross ? JoinType::inner : join.type;
  const LogicalNode* left_node = join.inputs[0].get();
  const LogicalNode* right_node = join.inputs[1].get();
  const bool may_swap = type == JoinType::inner || type == JoinType::full;
  if ((may_swap && estimate_rows(*left_node) < estimate_rows(*right_node)) ||
      type == JoinType::right) {
    std::swap(left_node, right_node);
    type = swapped(type);
  }
  IdSet below = needed;
  if (join.condition != nullptr) below.add(*join.condition);
  MORTISE_TRY_ASSIGN(OperatorPtr left, lower(*left_node, below));
  MORTISE_TRY_ASSIGN(OperatorPtr right, lower(*right_node, below));
  auto op = std::make_unique<NestedLoop>();
  op->join_type = type;
  Ids both = left->ids;
  both.insert(both.end(), right->ids.begin(), right->ids.end());
  if (join.condition != nullptr) {
    op->has_condition = true;
    MORTISE_TRY_ASSIGN(op->condition, compile(*join.condition, scope_of(both)));
    op->condition_text = text_of_expression(*join.condition);
  }
  const size_t shown = outputs_right(type) ? both.size() : left->ids.size();
  Ids ids;
  for (uint32_t c = 0; c < shown; ++c) {
    if (!needed.has(both[c])) continue;
    op->columns.push_back(c);
    ids.push_back(both[c]);
  }
  if (type == JoinType::mark) ids.push_back(join.mark);
  op->inputs.push_back(std::move(left));
  op->inputs.push_back(std::move(right));
  return seal(std::move(op), std::move(ids), estimate_rows(join));
}

Result<OperatorPtr> Lowering::lower_lateral(const Join& join, const IdSet& needed) {
  if (join.type != JoinType::inner && join.type != JoinType::cross && join.type != JoinType::left) {
    return Status(Code::invalid, "42P10",
                  "the right side of a RIGHT or FULL join cannot refer to the left side");
  }
  auto op = std::make_unique<LateralJoin>();
  op->join_type = join.type == JoinType::left ? JoinType::left : JoinType::inner;
  IdSet right_made;
  right_made.add(join.inputs[1]->outputs);
  IdSet right_needed = needed;
  if (join.condition != nullptr) right_needed.add(*join.condition);
  Ids results;
  for (const ColumnId id : join.inputs[1]->outputs) {
    if (right_needed.has(id)) results.push_back(id);
  }
  MORTISE_TRY_ASSIGN(auto fragment, lower_nested(*join.inputs[1], results));
  IdSet left_needed = right_needed;
  left_needed.add(fragment->outer);
  MORTISE_TRY_ASSIGN(OperatorPtr left, lower(*join.inputs[0], left_needed));
  for (const ColumnId id : fragment->outer) {
    const int32_t place = place_of(left->ids, id);
    if (place >= 0) {
      op->outer.push_back({true, static_cast<uint32_t>(place)});
      continue;
    }
    const int32_t slot = place_of(fragment_.outer, id);
    if (slot < 0) return internal("a lateral join reads a column that nothing makes");
    op->outer.push_back({false, static_cast<uint32_t>(slot)});
  }
  Ids both = left->ids;
  both.insert(both.end(), fragment->root->ids.begin(), fragment->root->ids.end());
  if (join.condition != nullptr) {
    op->has_condition = true;
    MORTISE_TRY_ASSIGN(op->condition, compile(*join.condition, scope_of(both)));
  }
  Ids ids;
  for (uint32_t c = 0; c < both.size(); ++c) {
    if (!needed.has(both[c])) continue;
    op->columns.push_back(c);
    ids.push_back(both[c]);
  }
  op->right = std::move(fragment);
  op->inputs.push_back(std::move(left));
  return seal(std::move(op), std::move(ids), estimate_rows(join));
}

}  // namespace mortise::sql_engine
