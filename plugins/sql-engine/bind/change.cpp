// SPDX-License-Identifier: Apache-2.0
//
// UPDATE, DELETE and RETURNING.

#include <algorithm>

#include "bind/binder.hpp"
#include "bind/select_state.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {

// The target table beside the FROM or USING list, filtered.
Result<Binder::Target> Binder::change_target(Node table, Node from, Node where, Scope& scope,
                                             std::string_view verb) {
  Target target;
  MORTISE_TRY_ASSIGN(target.relation, target_relation(table, verb));
  target.alias.assign(table.text().empty() ? target.relation->name() : table.text());
  ScopeItem item;
  MORTISE_TRY_ASSIGN(std::unique_ptr<Scan> scan,
                     scan_relation(target.relation, target.alias, MORTISE_MODE_IX, item, true));
  if (table.text().empty()) item.schema = target.relation->schema_name;
  target.row_id = scan->row_id;
  target.old_row.resize(target.relation->columns_count(), kNoColumn);
  for (const ScopeColumn& c : item.columns) target.old_row[c.attribute - 1] = c.id;
  target.plan = std::move(scan);
  MORTISE_TRY_ASSIGN(LogicalPtr others, from_list(from, scope));
  target.others = scope.items;
  std::vector<ScopeItem> items;
  MORTISE_TRY(add_item(items, std::move(item), table.position()));
  for (const ScopeItem& other : target.others) {
    MORTISE_TRY(add_item(items, other, from.position()));
  }
  scope.items = std::move(items);
  if (others != nullptr) {
    auto join = std::make_unique<Join>();
    join->type = JoinType::cross;
    join->outputs = target.plan->outputs;
    join->outputs.insert(join->outputs.end(), others->outputs.begin(), others->outputs.end());
    join->inputs.push_back(std::move(target.plan));
    join->inputs.push_back(std::move(others));
    target.plan = std::move(join);
  }
  if (where.is(MORTISE_SYNTAX_CURRENT_OF)) {
    return bind_error("0A000", "WHERE CURRENT OF is not supported", where.position());
  }
  if (where) {
    auto filter = std::make_unique<Filter>();
    MORTISE_TRY_ASSIGN(filter->condition, boolean(where, scope, Clause::where, "WHERE"));
    target.recheck = clone(*filter->condition);
    filter->outputs = target.plan->outputs;
    filter->inputs.push_back(std::move(target.plan));
    target.plan = std::move(filter);
  }
  return target;
}

Result<LogicalPtr> Binder::update(Node node) {
  Scope scope(nullptr);
  MORTISE_TRY(with(node[0], node, scope));
  MORTISE_TRY_ASSIGN(Target target, change_target(node[1], node[3], node[4], scope, "update"));
  auto made = std::make_unique<Update>();
  made->relation = target.relation;
  made->row_id = target.row_id;
  made->old_row = std::move(target.old_row);
  made->recheck = std::move(target.recheck);
  MORTISE_TRY_ASSIGN(made->row, new_row(*target.relation));
  MORTISE_TRY(assignments(node[2], *target.relation, scope, made->assignments));
  MORTISE_TRY(generate_again(*target.relation, made->row, made->generated));
  MORTISE_TRY(add_checks(*target.relation, made->row, made->checks));
  for (const ColumnId id : made->row) {
    if (id != kNoColumn) made->outputs.push_back(id);
  }
  add_other_outputs(target, made->outputs);
  Scope result(nullptr);
  result.items.push_back(row_item(*target.relation, target.alias, made->row));
  for (const ScopeItem& other : target.others) result.items.push_back(other);
  made->inputs.push_back(std::move(target.plan));
  MORTISE_TRY_ASSIGN(LogicalPtr plan, returning(node[5], std::move(made), result));
  return attach_common_tables(std::move(plan), scope);
}

void Binder::add_other_outputs(const Target& target, std::vector<ColumnId>& outputs) {
  for (const ScopeItem& other : target.others) {
    for (const ScopeColumn& c : other.columns) {
      if (std::find(outputs.begin(), outputs.end(), c.id) == outputs.end()) {
        outputs.push_back(c.id);
      }
    }
  }
}

// Generated columns of a changed row, over its own columns.
Status Binder::generate_again(const Relation& relation, const std::vector<ColumnId>& row,
                              std::vector<Assignment>& generated) {
  for (uint32_t i = 0; i < relation.columns_count(); ++i) {
    const schema::ColumnDef& column = relation.columns()[i];
    if (column.is_dropped || column.generated == 0) continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e, bind_text_on_relation(column.default_text, &relation, row,
                                                              Clause::generated));
    MORTISE_TRY_ASSIGN(e, coerce_assigned(std::move(e), column));
    generated.push_back({i, std::move(e)});
  }
  return {};
}

Result<LogicalPtr> Binder::erase(Node node) {
  Scope scope(nullptr);
  MORTISE_TRY(with(node[0], node, scope));
  MORTISE_TRY_ASSIGN(Target target, change_target(node[1], node[2], node[3], scope, "delete from"));
  auto made = std::make_unique<Erase>();
  made->relation = target.relation;
  made->row_id = target.row_id;
  made->old_row = target.old_row;
  made->recheck = std::move(target.recheck);
  for (const ColumnId id : target.old_row) {
    if (id != kNoColumn) made->outputs.push_back(id);
  }
  add_other_outputs(target, made->outputs);
  Scope result(nullptr);
  result.items.push_back(row_item(*target.relation, target.alias, target.old_row));
  for (const ScopeItem& other : target.others) result.items.push_back(other);
  made->inputs.push_back(std::move(target.plan));
  MORTISE_TRY_ASSIGN(LogicalPtr plan, returning(node[4], std::move(made), result));
  return attach_common_tables(std::move(plan), scope);
}

Status Binder::assign(Node name, ExpressionPtr value, bool is_default, const Relation& relation,
                      std::vector<Assignment>& result) {
  const int32_t position = relation.find_column(name.text());
  if (position < 0) {
    return bind_error("42703",
                      "column \"" + std::string(name.text()) + "\" of relation \"" +
                          relation.name() + "\" does not exist",
                      name.position());
  }
  const auto column = static_cast<uint32_t>(position);
  const schema::ColumnDef& definition = relation.columns()[column];
  for (const Assignment& known : result) {
    if (known.column != column) continue;
    return bind_error("42601", "multiple assignments to same column \"" + definition.name + "\"",
                      name.position());
  }
  const bool is_fixed = definition.generated != 0 || definition.identity == 'a';
  if (is_fixed && !is_default) {
    return Status(Code::invalid, "428C9",
                  "column \"" + definition.name + "\" can only be updated to DEFAULT")
        .with(MORTISE_ERROR_FIELD_DETAIL,
              "Column \"" + definition.name +
                  (definition.generated != 0
                       ? "\" is a generated column."
                       : "\" is an identity column defined as GENERATED ALWAYS."))
        .at(name.position());
  }
  if (definition.generated != 0) return {};
  if (is_default) {
    MORTISE_TRY_ASSIGN(value, default_of(relation, column));
  } else {
    MORTISE_TRY_ASSIGN(value, coerce_assigned(std::move(value), definition));
  }
  result.push_back({column, std::move(value)});
  return {};
}

Status Binder::assignments(Node list, const Relation& relation, Scope& scope,
                           std::vector<Assignment>& result) {
  for (const Node item : list) {
    const Node names = item[0];
    const Node value = item[1];
    if (!names.is(MORTISE_SYNTAX_LIST)) {
      ExpressionPtr e;
      const bool is_default = value.is(MORTISE_SYNTAX_DEFAULT);
      if (!is_default) {
        MORTISE_TRY_ASSIGN(e, expression(value, scope, Clause::update_set));
      }
      MORTISE_TRY(assign(names, std::move(e), is_default, relation, result));
      continue;
    }
    if (!value.is(MORTISE_SYNTAX_ROW)) {
      return bind_error("0A000", "assigning a subquery to several columns at once is not supported",
                        value.position());
    }
    if (value.count() != names.count()) {
      return bind_error("42601", "number of columns does not match number of values",
                        value.position());
    }
    for (uint32_t i = 0; i < names.count(); ++i) {
      ExpressionPtr e;
      const bool is_default = value[i].is(MORTISE_SYNTAX_DEFAULT);
      if (!is_default) {
        MORTISE_TRY_ASSIGN(e, expression(value[i], scope, Clause::update_set));
      }
      MORTISE_TRY(assign(names[i], std::move(e), is_default, relation, result));
    }
  }
  return {};
}

Result<BoundQuery> Binder::returning_list(Node list, LogicalPtr change, Scope& scope) {
  SelectState state(scope, list, false);
  MORTISE_TRY(targets(list, state, Clause::returning));
  state.plan = std::move(change);
  add_projection(state);
  return outputs_of(state);
}

}  // namespace mortise::sql_engine
