// SPDX-License-Identifier: Apache-2.0
//
// Joins: ON, USING and NATURAL, and who sees what of them.
//
// With USING, the join gets an item of its own with the merged columns first; the joined tables'
// items stay for qualified names only.  A join with an alias hides them altogether.

#include <algorithm>

#include "bind/binder.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

void collect(const LogicalNode& node, std::vector<ColumnId>& ids) {
  each_expression(node, [&](const ExpressionPtr& e) { collect_columns(*e, ids); });
  for (const LogicalPtr& input : node.inputs) collect(*input, ids);
}

bool has_item_column(const std::vector<ScopeItem>& items, ColumnId id) {
  for (const ScopeItem& item : items) {
    for (const ScopeColumn& c : item.columns) {
      if (c.id == id) return true;
    }
  }
  return false;
}

const ScopeColumn* find_visible(const std::vector<ScopeItem>& items, std::string_view name,
                                bool& is_ambiguous) {
  const ScopeColumn* found = nullptr;
  for (const ScopeItem& item : items) {
    if (!item.are_columns_visible) continue;
    for (const ScopeColumn& c : item.columns) {
      if (c.name != name) continue;
      if (found != nullptr) is_ambiguous = true;
      found = &c;
    }
  }
  return found;
}

}  // namespace

bool refers_to(const LogicalNode& plan, const std::vector<ScopeItem>& items) {
  std::vector<ColumnId> ids;
  collect(plan, ids);
  return std::any_of(ids.begin(), ids.end(),
                     [&](ColumnId id) { return has_item_column(items, id); });
}

Result<Binder::FromResult> Binder::from_join(Node node, Scope& scope) {
  const std::vector<ScopeItem> before = scope.items;
  Result<FromResult> left = from_item(node[0], scope);
  if (!left) return std::move(left.error());
  for (const ScopeItem& item : left->items) scope.items.push_back(item);
  Result<FromResult> right = from_item(node[1], scope);
  if (!right) {
    scope.items = before;
    return std::move(right.error());
  }
  FromResult result;
  auto join = std::make_unique<Join>();
  switch (node.number()) {
    case 2:
      join->type = JoinType::left;
      break;
    case 3:
      join->type = JoinType::right;
      break;
    case 4:
      join->type = JoinType::full;
      break;
    case 5:
      join->type = JoinType::cross;
      break;
    default:
      join->type = JoinType::inner;
      break;
  }
  Status status = finish_join(node, std::move(join), *left, *right, scope, result);
  scope.items = before;
  if (!status) return status;
  return result;
}

Status Binder::finish_join(Node node, std::unique_ptr<Join> join, FromResult& left,
                           FromResult& right, Scope& scope, FromResult& result) {
  join->is_lateral = refers_to(*right.plan, left.items);
  if (join->is_lateral && (join->type == JoinType::right || join->type == JoinType::full)) {
    return bind_error("42P10",
                      "invalid reference to FROM-clause entry for table \"" +
                          (left.items.empty() ? std::string() : left.items[0].alias) + "\"",
                      node.position(),
                      "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
  }
  if (join->is_lateral && join->type == JoinType::cross) join->type = JoinType::inner;
  join->outputs = left.plan->outputs;
  join->outputs.insert(join->outputs.end(), right.plan->outputs.begin(), right.plan->outputs.end());
  for (const ScopeItem& item : left.items) {
    MORTISE_TRY(add_item(result.items, item, node.position()));
  }
  for (const ScopeItem& item : right.items) {
    MORTISE_TRY(add_item(result.items, item, node.position()));
  }
  std::vector<std::string> names;
  const bool is_natural = node.has(MORTISE_SYNTAX_FLAG_A);
  if (is_natural) {
    for (const ScopeItem& item : left.items) {
      if (!item.are_columns_visible) continue;
      for (const ScopeColumn& c : item.columns) {
        bool is_ambiguous = false;
        if (find_visible(right.items, c.name, is_ambiguous) != nullptr) names.push_back(c.name);
      }
    }
  }
  for (const Node name : node[3]) names.emplace_back(name.text());
  const bool merges = is_natural || node[3].count() > 0;
  LogicalPtr plan;
  if (merges) {
    ScopeItem merged;
    std::vector<NamedExpression> computed;
    MORTISE_TRY(merge_columns(*join, left, right, names, node, merged, computed));
    join->inputs.push_back(std::move(left.plan));
    join->inputs.push_back(std::move(right.plan));
    plan = add_computed(std::move(join), std::move(computed));
    for (ScopeItem& item : result.items) item.are_columns_visible = false;
    merged.is_table_visible = false;
    result.items.push_back(std::move(merged));
  } else {
    if (node[2]) {
      scope.items = result.items;
      MORTISE_TRY_ASSIGN(join->condition, boolean(node[2], scope, Clause::join_on, "JOIN/ON"));
    }
    join->inputs.push_back(std::move(left.plan));
    join->inputs.push_back(std::move(right.plan));
    plan = std::move(join);
  }
  result.plan = std::move(plan);
  if (!node.text().empty()) return alias_join(node, result);
  return {};
}

// A Project that passes everything on and adds columns.
LogicalPtr Binder::add_computed(LogicalPtr input, std::vector<NamedExpression> computed) {
  if (computed.empty()) return input;
  auto project = std::make_unique<Project>();
  project->outputs = input->outputs;
  for (const ColumnId id : input->outputs) {
    project->expressions.push_back({id, make_column(id, plan_.columns[id].type)});
  }
  for (NamedExpression& c : computed) {
    project->outputs.push_back(c.id);
    project->expressions.push_back(std::move(c));
  }
  project->inputs.push_back(std::move(input));
  return project;
}

// What the views that stand on a merged column have to know of its sides.
static void note_sides(std::vector<Reference>* references, const ScopeColumn* const (&sides)[2]) {
  for (const ScopeColumn* side : sides) {
    if (references == nullptr || side->table == 0) continue;
    Reference made;
    made.kind = Reference::Kind::column;
    made.relation = side->table;
    made.attribute = side->attribute;
    references->push_back(std::move(made));
  }
}

Status Binder::merge_columns(Join& join, FromResult& left, FromResult& right,
                             const std::vector<std::string>& names, Node node, ScopeItem& merged,
                             std::vector<NamedExpression>& computed) {
  std::vector<ExpressionPtr> conditions;
  std::vector<ColumnId> used;
  for (const std::string& name : names) {
    const ScopeColumn* sides[2] = {};
    for (int side = 0; side < 2; ++side) {
      bool is_ambiguous = false;
      sides[side] = find_visible(side == 0 ? left.items : right.items, name, is_ambiguous);
      const std::string which(side == 0 ? "left" : "right");
      if (sides[side] == nullptr) {
        return bind_error("42703",
                          "column \"" + name + "\" specified in USING clause does not exist in " +
                              which + " table",
                          node.position());
      }
      if (is_ambiguous) {
        return bind_error(
            "42702",
            "common column name \"" + name + "\" appears more than once in " + which + " table",
            node.position());
      }
    }
    const ScopeColumn& l = *sides[0];
    const ScopeColumn& r = *sides[1];
    note_sides(references(), sides);
    MORTISE_TRY_ASSIGN(
        ExpressionPtr equal,
        apply_operator("=", make_column(l.id, l.type), make_column(r.id, r.type), node.position()));
    conditions.push_back(std::move(equal));
    used.insert(used.end(), {l.id, r.id});
    ExpressionPtr lc = make_column(l.id, l.type);
    ExpressionPtr rc = make_column(r.id, r.type);
    std::vector<ExpressionPtr*> both{&lc, &rc};
    mortise_type_t type{};
    MORTISE_TRY(unify(both, "JOIN/USING", type));
    ScopeColumn column{name, kNoColumn, type, 0, 0};
    ExpressionPtr value = join.type == JoinType::right ? std::move(rc) : std::move(lc);
    if (join.type == JoinType::full) {
      auto either = std::make_unique<Expression>();
      either->kind = ExpressionKind::coalesce;
      either->type = type;
      either->children.push_back(std::move(value));
      either->children.push_back(std::move(rc));
      value = std::move(either);
    }
    if (value->kind == ExpressionKind::column) {
      const ScopeColumn& from = value->column == l.id ? l : r;
      column = from;
      column.name = name;
    } else {
      column.id = plan_.columns.add(name, type);
      computed.push_back({column.id, std::move(value)});
    }
    merged.columns.push_back(std::move(column));
  }
  for (const FromResult* side : {&left, &right}) {
    for (const ScopeItem& item : side->items) {
      if (!item.are_columns_visible) continue;
      for (const ScopeColumn& c : item.columns) {
        const bool is_merged = std::find(used.begin(), used.end(), c.id) != used.end() &&
                               std::find(names.begin(), names.end(), c.name) != names.end();
        if (!is_merged) merged.columns.push_back(c);
      }
    }
  }
  if (!conditions.empty()) join.condition = make_conjunction(std::move(conditions));
  return {};
}

// (a JOIN b ...) AS j: only j is visible.
Status Binder::alias_join(Node node, FromResult& result) {
  ScopeItem own;
  own.alias.assign(node.text());
  for (const ScopeItem& item : result.items) {
    if (!item.are_columns_visible) continue;
    for (const ScopeColumn& c : item.columns) own.columns.push_back(c);
  }
  MORTISE_TRY(rename_columns(own, node[4], node.position()));
  result.items.clear();
  result.items.push_back(std::move(own));
  return {};
}

}  // namespace mortise::sql_engine
