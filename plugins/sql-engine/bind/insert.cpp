// SPDX-License-Identifier: Apache-2.0
//
// INSERT and ON CONFLICT.

#include <algorithm>

#include "bind/binder.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

bool is_plain_values(Node query) {
  return query.is(MORTISE_SYNTAX_VALUES) && !query[0] && query[2].count() == 0 && !query[3] &&
         !query[4];
}

}  // namespace

// The table columns that a list names, or all of them.
Status Binder::column_list(Node list, const Relation& relation, std::vector<uint32_t>& columns) {
  for (const Node item : list) {
    const int32_t position = relation.find_column(item.text());
    if (position < 0) {
      return bind_error("42703",
                        "column \"" + std::string(item.text()) + "\" of relation \"" +
                            relation.name() + "\" does not exist",
                        item.position());
    }
    const auto column = static_cast<uint32_t>(position);
    if (std::find(columns.begin(), columns.end(), column) != columns.end()) {
      return bind_error("42701",
                        "column \"" + std::string(item.text()) + "\" specified more than once",
                        item.position());
    }
    columns.push_back(column);
  }
  if (list.count() > 0) return {};
  for (uint32_t i = 0; i < relation.columns_count(); ++i) {
    if (!relation.columns()[i].is_dropped) columns.push_back(i);
  }
  return {};
}

Result<LogicalPtr> Binder::insert(Node node) {
  Scope scope(nullptr);
  MORTISE_TRY(with(node[0], node, scope));
  MORTISE_TRY_ASSIGN(const RelationPtr relation, target_relation(node[1], "insert into"));
  use_relation(relation, MORTISE_MODE_IX);
  std::vector<uint32_t> columns;
  MORTISE_TRY(column_list(node[2], *relation, columns));
  auto made = std::make_unique<Insert>();
  made->relation = relation;
  made->source.resize(relation->columns_count(), kNoColumn);
  MORTISE_TRY_ASSIGN(made->row, new_row(*relation));
  LogicalPtr input;
  if (node[3] && !is_plain_values(node[3])) {
    MORTISE_TRY_ASSIGN(input, insert_query(node, *relation, columns, made->source, scope));
  } else {
    MORTISE_TRY_ASSIGN(input, insert_values(node, *relation, columns, made->source, scope));
  }
  MORTISE_TRY_ASSIGN(input, compute_generated(*relation, std::move(input), made->source));
  made->inputs.push_back(std::move(input));
  MORTISE_TRY(add_checks(*relation, made->row, made->checks));
  const std::string alias(node[1].text().empty() ? relation->name() : node[1].text());
  if (node[4]) MORTISE_TRY(on_conflict(node[4], *made, alias));
  for (const ColumnId id : made->row) {
    if (id != kNoColumn) made->outputs.push_back(id);
  }
  Scope result(nullptr);
  result.items.push_back(row_item(*relation, alias, made->row));
  MORTISE_TRY_ASSIGN(LogicalPtr plan, returning(node[5], std::move(made), result));
  return attach_common_tables(std::move(plan), scope);
}

ScopeItem Binder::row_item(const Relation& relation, std::string_view alias,
                           const std::vector<ColumnId>& row) {
  ScopeItem item;
  item.alias.assign(alias);
  for (uint32_t i = 0; i < relation.columns_count(); ++i) {
    const schema::ColumnDef& c = relation.columns()[i];
    if (c.is_dropped || row[i] == kNoColumn) continue;
    item.columns.push_back({c.name, row[i], c.type, relation.id(), i + 1});
  }
  return item;
}

// An identity or generated column takes no value of the user's.
Status Binder::check_writable(const schema::ColumnDef& column, bool overrides, uint32_t position) {
  if (column.generated != 0) {
    return Status(Code::invalid, "428C9",
                  "cannot insert a non-DEFAULT value into column \"" + column.name + "\"")
        .with(MORTISE_ERROR_FIELD_DETAIL, "Column \"" + column.name + "\" is a generated column.")
        .at(position);
  }
  if (column.identity != 'a' || overrides) return {};
  return Status(Code::invalid, "428C9",
                "cannot insert a non-DEFAULT value into column \"" + column.name + "\"")
      .with(MORTISE_ERROR_FIELD_DETAIL,
            "Column \"" + column.name + "\" is an identity column defined as GENERATED ALWAYS.")
      .with(MORTISE_ERROR_FIELD_HINT, "Use OVERRIDING SYSTEM VALUE to override.")
      .at(position);
}

Status Binder::check_value_count(Node node, size_t given, size_t wanted, Node row) {
  if (given > wanted) {
    const Node extra = row[static_cast<uint32_t>(wanted)];
    return bind_error("42601", "INSERT has more expressions than target columns",
                      extra.is(MORTISE_SYNTAX_TARGET) ? extra[0].position() : extra.position());
  }
  if (node[2].count() > 0 && given < wanted) {
    return bind_error("42601", "INSERT has more target columns than expressions",
                      node[2][static_cast<uint32_t>(given)].position());
  }
  return {};
}

// VALUES and DEFAULT VALUES: one node whose rows are complete.
Result<LogicalPtr> Binder::insert_values(Node node, const Relation& relation,
                                         const std::vector<uint32_t>& columns,
                                         std::vector<ColumnId>& source, Scope& scope) {
  auto made = std::make_unique<Values>();
  std::vector<int32_t> place(relation.columns_count(), -1);  // of a table column in a written row
  const Node rows = node[3] ? node[3][1] : Node();
  const bool overrides_system = node.number() == 2;
  size_t width = 0;
  for (const Node row : rows) {
    if (row.count() != rows[0].count()) {
      return bind_error("42601", "VALUES lists must all be the same length", row[0].position());
    }
    MORTISE_TRY(check_value_count(node, row.count(), columns.size(), row));
    width = row.count();
  }
  for (size_t i = 0; i < width; ++i) place[columns[i]] = static_cast<int32_t>(i);
  for (uint32_t i = 0; i < relation.columns_count(); ++i) {
    const schema::ColumnDef& column = relation.columns()[i];
    if (column.is_dropped || column.generated != 0) continue;
    source[i] = plan_.columns.add(column.name, column.type);
    made->outputs.push_back(source[i]);
  }
  const uint32_t rows_count = rows ? rows.count() : 1;
  for (uint32_t r = 0; r < rows_count; ++r) {
    std::vector<ExpressionPtr>& made_row = made->rows.emplace_back();
    for (uint32_t i = 0; i < relation.columns_count(); ++i) {
      const schema::ColumnDef& column = relation.columns()[i];
      const Node value = place[i] >= 0 ? rows[r][static_cast<uint32_t>(place[i])] : Node();
      const bool is_default = !value || value.is(MORTISE_SYNTAX_DEFAULT);
      if (column.is_dropped) continue;
      if (!is_default) MORTISE_TRY(check_writable(column, overrides_system, value.position()));
      if (column.generated != 0) continue;
      ExpressionPtr e;
      const bool ignores_user = node.number() == 1 && column.identity != 0;
      if (is_default || ignores_user) {
        MORTISE_TRY_ASSIGN(e, default_of(relation, i));
      } else {
        MORTISE_TRY_ASSIGN(e, expression(value, scope, Clause::insert_values));
        MORTISE_TRY_ASSIGN(e, coerce_assigned(std::move(e), column));
      }
      made_row.push_back(std::move(e));
    }
  }
  return LogicalPtr(std::move(made));
}

Result<LogicalPtr> Binder::insert_query(Node node, const Relation& relation,
                                        const std::vector<uint32_t>& columns,
                                        std::vector<ColumnId>& source, Scope& scope) {
  MORTISE_TRY_ASSIGN(BoundQuery bound, query(node[3], &scope, true));
  const Node list = node[3].is(MORTISE_SYNTAX_SELECT) ? node[3][2] : Node();
  MORTISE_TRY(check_value_count(node, bound.outputs.size(), columns.size(), list));
  std::vector<mortise_type_t> types;
  for (size_t i = 0; i < bound.outputs.size(); ++i) {
    const schema::ColumnDef& column = relation.columns()[columns[i]];
    const mortise_type_t type = plan_.columns[bound.outputs[i].id].type;
    MORTISE_TRY(check_writable(column, node.number() == 2, 0));
    if (!registry().can_coerce(type.sql_type, column.type.sql_type, Coercion::assignment)) {
      return bind_error("42804",
                        "column \"" + column.name + "\" is of type " + type_name(column.type) +
                            " but expression is of type " + type_name(type),
                        list ? list[static_cast<uint32_t>(i)][0].position() : 0,
                        "You will need to rewrite or cast the expression.");
    }
    types.push_back(column.type);
  }
  MORTISE_TRY(coerce_outputs(bound, types, Coercion::assignment));
  for (size_t i = 0; i < bound.outputs.size(); ++i) source[columns[i]] = bound.outputs[i].id;
  return fill_defaults(relation, std::move(bound.plan), source);
}

// Adds the columns that nothing is given for.
Result<LogicalPtr> Binder::fill_defaults(const Relation& relation, LogicalPtr input,
                                         std::vector<ColumnId>& source) {
  std::vector<NamedExpression> computed;
  for (uint32_t i = 0; i < relation.columns_count(); ++i) {
    const schema::ColumnDef& column = relation.columns()[i];
    if (column.is_dropped || column.generated != 0 || source[i] != kNoColumn) continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e, default_of(relation, i));
    source[i] = plan_.columns.add(column.name, column.type);
    computed.push_back({source[i], std::move(e)});
  }
  return add_computed(std::move(input), std::move(computed));
}

// Generated columns are computed from the row as it will stand.
Result<LogicalPtr> Binder::compute_generated(const Relation& relation, LogicalPtr input,
                                             std::vector<ColumnId>& source) {
  std::vector<NamedExpression> computed;
  const std::vector<ColumnId> given = source;
  for (uint32_t i = 0; i < relation.columns_count(); ++i) {
    const schema::ColumnDef& column = relation.columns()[i];
    if (column.is_dropped || column.generated == 0) continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e, bind_text_on_relation(column.default_text, &relation, given,
                                                              Clause::generated));
    MORTISE_TRY_ASSIGN(e, coerce_assigned(std::move(e), column));
    source[i] = plan_.columns.add(column.name, column.type);
    computed.push_back({source[i], std::move(e)});
  }
  return add_computed(std::move(input), std::move(computed));
}

Status Binder::find_arbiters(Node node, Insert& made) {
  const Relation& relation = *made.relation;
  std::vector<uint32_t>& arbiters = made.on_conflict.arbiters;
  if (!node.text().empty()) {
    for (const schema::ConstraintDef& constraint : relation.constraints) {
      if (constraint.name != node.text() || constraint.index == 0) continue;
      for (uint32_t i = 0; i < relation.indexes.size(); ++i) {
        if (relation.indexes[i].id() == constraint.index) arbiters.push_back(i);
      }
    }
    if (!arbiters.empty()) return {};
    return bind_error("42704",
                      "constraint \"" + std::string(node.text()) + "\" for table \"" +
                          relation.name() + "\" does not exist",
                      node.position());
  }
  std::vector<uint32_t> wanted;
  for (const Node element : node[0]) {
    if (element.text().empty()) {
      return bind_error("0A000", "ON CONFLICT on an expression is not supported",
                        element.position());
    }
    const int32_t column = relation.find_column(element.text());
    if (column < 0) {
      return bind_error("42703", "column \"" + std::string(element.text()) + "\" does not exist",
                        element.position());
    }
    wanted.push_back(static_cast<uint32_t>(column));
  }
  if (wanted.empty()) return {};
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  for (uint32_t i = 0; i < relation.indexes.size(); ++i) {
    const IndexInfo& index = relation.indexes[i];
    if (!index.is_unique() || !index.definition.predicate.empty()) continue;
    std::vector<uint32_t> keys(index.columns().begin(),
                               index.columns().begin() + index.keys_count());
    std::sort(keys.begin(), keys.end());
    if (keys == wanted) arbiters.push_back(i);
  }
  if (!arbiters.empty()) return {};
  return bind_error("42P10",
                    "there is no unique or exclusion constraint matching the ON CONFLICT "
                    "specification",
                    0);
}

Status Binder::on_conflict(Node node, Insert& made, std::string_view alias) {
  OnConflict& conflict = made.on_conflict;
  conflict.action = node.number() == 2 ? ConflictAction::update : ConflictAction::nothing;
  MORTISE_TRY(find_arbiters(node, made));
  if (conflict.action == ConflictAction::nothing) return {};
  if (conflict.arbiters.empty()) {
    return bind_error("42601",
                      "ON CONFLICT DO UPDATE requires inference specification or constraint name",
                      node.position(), "For example, ON CONFLICT (column_name).");
  }
  MORTISE_TRY_ASSIGN(conflict.existing, new_row(*made.relation));
  Scope scope(nullptr);
  scope.items.push_back(row_item(*made.relation, alias, conflict.existing));
  ScopeItem excluded = row_item(*made.relation, "excluded", made.source);
  excluded.are_columns_visible = false;
  scope.items.push_back(std::move(excluded));
  MORTISE_TRY(assignments(node[2], *made.relation, scope, conflict.assignments));
  MORTISE_TRY(generate_again(*made.relation, made.row, conflict.generated));
  if (node[3]) {
    MORTISE_TRY_ASSIGN(conflict.condition, boolean(node[3], scope, Clause::where, "WHERE"));
  }
  return {};
}

}  // namespace mortise::sql_engine
