// SPDX-License-Identifier: Apache-2.0
//
// Select lists, stars, ORDER BY and DISTINCT.

#include "bind/call_parts.hpp"
#include "bind/select_state.hpp"
#include "mortise/cpp/assert.hpp"
#include "syntax/sql_text.hpp"

namespace mortise::sql_engine {
namespace {

bool is_plain_name(Node node) {
  return node.is(MORTISE_SYNTAX_COLUMN) && node.count() == 1 && node[0].is(MORTISE_SYNTAX_NAME);
}

// How well a name fits: 2 = of a column, function or construct, 1 = of a type, 0 = none.
int name_and_strength(Node node, std::string& name) {
  const auto fixed = [&](std::string_view word) {
    name.assign(word);
    return 2;
  };
  switch (node.kind()) {
    case MORTISE_SYNTAX_COLUMN: {
      for (const Node part : node) {
        if (part.is(MORTISE_SYNTAX_NAME)) name.assign(part.text());
      }
      return name.empty() ? 0 : 2;
    }
    case MORTISE_SYNTAX_CALL:
      for (const Node part : node[0]) name.assign(part.text());
      return 2;
    case MORTISE_SYNTAX_CAST: {
      const int inner = name_and_strength(node[0], name);
      if (inner > 1) return inner;
      for (const Node part : node[1][0]) name.assign(part.text());
      return 1;
    }
    case MORTISE_SYNTAX_COLLATE:
      return name_and_strength(node[0], name);
    case MORTISE_SYNTAX_FIELD:
      return fixed(node[1].text());
    case MORTISE_SYNTAX_SUBSCRIPT:
      return name_and_strength(node[0], name);
    case MORTISE_SYNTAX_CASE: {
      const int inner = node[2] ? name_and_strength(node[2], name) : 0;
      if (inner > 1) return inner;
      name = "case";
      return 1;
    }
    case MORTISE_SYNTAX_BOOLEAN:
      name = "bool";
      return 1;
    case MORTISE_SYNTAX_SQL_VALUE:
      return fixed(node.text());
    case MORTISE_SYNTAX_COALESCE:
      return fixed("coalesce");
    case MORTISE_SYNTAX_GREATEST:
      return fixed("greatest");
    case MORTISE_SYNTAX_LEAST:
      return fixed("least");
    case MORTISE_SYNTAX_NULLIF:
      return fixed("nullif");
    case MORTISE_SYNTAX_GROUPING:
      return fixed("grouping");
    case MORTISE_SYNTAX_EXISTS:
      return fixed("exists");
    case MORTISE_SYNTAX_ARRAY:
    case MORTISE_SYNTAX_ARRAY_QUERY:
      return fixed("array");
    case MORTISE_SYNTAX_ROW:
      return fixed("row");
    case MORTISE_SYNTAX_AT_TIME_ZONE:
      return fixed("timezone");
    case MORTISE_SYNTAX_SUBQUERY: {
      Node query = node[0];
      while (query.is(MORTISE_SYNTAX_SET_OPERATION)) query = query[1];
      if (query.is(MORTISE_SYNTAX_VALUES)) return fixed("column1");
      const Node target = query[2][0];
      if (!target.text().empty()) return fixed(target.text());
      return name_and_strength(target[0], name);
    }
    default:
      return 0;
  }
}

// Which table's column an output is, for RowDescription.
void note_origin(const Scope& scope, ColumnId id, mortise_object_id_t& table, uint32_t& attribute) {
  for (const ScopeItem& item : scope.items) {
    for (const ScopeColumn& c : item.columns) {
      if (c.id != id) continue;
      table = c.table;
      attribute = c.attribute;
      return;
    }
  }
}

}  // namespace

std::string default_name(Node expression) {
  std::string name;
  return name_and_strength(expression, name) > 0 ? name : "?column?";
}

// A row on the wire counts its columns in 16 bits; the number is PostgreSQL's.
constexpr size_t kTargetsMax = 1664;

Status Binder::targets(Node list, SelectState& state, Clause clause) {
  for (const Node target : list) {
    const Node value = target[0];
    const bool is_star = value.is(MORTISE_SYNTAX_COLUMN) && value.count() > 0 &&
                         value[value.count() - 1].is(MORTISE_SYNTAX_STAR);
    if (is_star || value.is(MORTISE_SYNTAX_STAR)) {
      MORTISE_TRY(star(value, state));
      continue;
    }
    SelectState::TargetEntry entry;
    is_plain_target_ = target.text().empty() && value.is(MORTISE_SYNTAX_COLUMN);
    Result<ExpressionPtr> bound = expression(value, state.scope, clause);
    is_plain_target_ = false;
    MORTISE_TRY_ASSIGN(entry.expression, std::move(bound));
    if (!state.keeps_unknown) {
      MORTISE_TRY_ASSIGN(entry.expression, resolve_unknown(std::move(entry.expression)));
    }
    entry.name.assign(target.text().empty() ? default_name(value) : std::string(target.text()));
    if (entry.expression->kind == ExpressionKind::column) {
      note_origin(state.scope, entry.expression->column, entry.table, entry.attribute);
    }
    state.targets.push_back(std::move(entry));
  }
  if (state.targets.size() > kTargetsMax) {
    return bind_error(
        "54011", "target lists can have at most " + std::to_string(kTargetsMax) + " entries", 0);
  }
  return {};
}

Status Binder::star(Node column_node, SelectState& state) {
  std::string_view schema;
  std::string_view table;
  std::string_view name;
  if (column_node.is(MORTISE_SYNTAX_COLUMN)) {
    MORTISE_TRY(split_column_name(column_node, schema, table, name));
  }
  Reference made;
  made.kind = Reference::Kind::star;
  made.position_bytes = column_node.position();
  const auto note = [&](const ScopeItem& item, const ScopeColumn& c) {
    if (references() == nullptr) return;
    if (!made.text.empty()) made.text.append(", ");
    if (item.is_table_visible && !item.alias.empty()) {
      made.text.append(quoted_identifier(item.alias)).append(".");
    }
    made.text.append(quoted_identifier(c.name));
    if (c.table == 0) return;
    Reference column;
    column.kind = Reference::Kind::column;
    column.relation = c.table;
    column.attribute = c.attribute;
    references()->push_back(std::move(column));  // position 0: in no place of its own
  };
  const auto add = [&](const ScopeItem& item, const ScopeColumn& c) {
    note(item, c);
    SelectState::TargetEntry entry;
    entry.name = c.name;
    entry.expression = make_column(c.id, c.type, column_node.position());
    entry.table = c.table;
    entry.attribute = c.attribute;
    state.targets.push_back(std::move(entry));
  };
  if (table.empty()) {
    bool has_table = false;
    for (const ScopeItem& item : state.scope.items) {
      has_table = true;
      if (!item.are_columns_visible) continue;
      for (const ScopeColumn& c : item.columns) add(item, c);
    }
    if (!has_table) {
      return bind_error("42601", "SELECT * with no tables specified is not valid",
                        column_node.position());
    }
    if (references() != nullptr) references()->push_back(std::move(made));
    return {};
  }
  for (Scope* level = &state.scope; level != nullptr; level = level->parent) {
    if (level->are_items_hidden) continue;
    for (const ScopeItem& item : level->items) {
      if (!item.is_table_visible || item.alias != table) continue;
      if (!schema.empty() && schema != item.schema) continue;
      for (const ScopeColumn& c : item.columns) {
        for (Scope* inner = &state.scope; inner != level; inner = inner->parent) {
          inner->note_outer(c.id);
        }
        add(item, c);
      }
      if (references() != nullptr) references()->push_back(std::move(made));
      return {};
    }
  }
  return no_such_table(table, state.scope, column_node.position());
}

// The target that an ORDER BY, GROUP BY or DISTINCT ON item means; added as a hidden one if needed.
Result<size_t> Binder::target_for(Node node, SelectState& state, Clause clause,
                                  std::string_view place) {
  const bool is_group = clause == Clause::group_by;
  if (is_plain_name(node)) {
    const std::string_view name = node[0].text();
    bool is_column = false;
    if (is_group) {
      for (const ScopeItem& item : state.scope.items) {
        if (!item.are_columns_visible) continue;
        for (const ScopeColumn& c : item.columns) is_column = is_column || c.name == name;
      }
    }
    if (!is_column) {
      size_t found = SIZE_MAX;
      for (size_t i = 0; i < state.targets.size(); ++i) {
        const SelectState::TargetEntry& target = state.targets[i];
        if (target.is_hidden || target.name != name) continue;
        if (found == SIZE_MAX) {
          found = i;
        } else if (!is_equal(*state.targets[found].expression, *target.expression)) {
          return bind_error("42702",
                            std::string(place) + " \"" + std::string(name) + "\" is ambiguous",
                            node.position());
        }
      }
      if (found != SIZE_MAX) return found;
    }
  }
  if (node.is(MORTISE_SYNTAX_INTEGER)) {
    int64_t left = node.number();
    for (size_t i = 0; i < state.targets.size() && left > 0; ++i) {
      if (state.targets[i].is_hidden) continue;
      if (--left == 0) return i;
    }
    return bind_error("42P10",
                      std::string(place) + " position " + std::to_string(node.number()) +
                          " is not in select list",
                      node.position());
  }
  if (node.is(MORTISE_SYNTAX_STRING) || node.is(MORTISE_SYNTAX_NUMERIC) ||
      node.is(MORTISE_SYNTAX_NULL) || node.is(MORTISE_SYNTAX_BOOLEAN)) {
    return bind_error("42601", "non-integer constant in " + std::string(place), node.position());
  }
  SelectState::TargetEntry entry;
  MORTISE_TRY_ASSIGN(entry.expression, expression(node, state.scope, clause));
  MORTISE_TRY_ASSIGN(entry.expression, resolve_unknown(std::move(entry.expression)));
  for (size_t i = 0; i < state.targets.size(); ++i) {
    if (is_equal(*state.targets[i].expression, *entry.expression)) return i;
  }
  entry.name = default_name(node);
  entry.is_hidden = true;
  state.targets.push_back(std::move(entry));
  return state.targets.size() - 1;
}

Status Binder::sort_keys(Node list, SelectState& state) {
  for (const Node key : list) {
    MORTISE_TRY_ASSIGN(const size_t target,
                       target_for(key[0], state, Clause::order_by, "ORDER BY"));
    if (state.targets[target].expression->type.sql_type == MORTISE_SQL_UNKNOWN) {
      MORTISE_TRY_ASSIGN(state.targets[target].expression,
                         resolve_unknown(std::move(state.targets[target].expression)));
    }
    if (!key.text().empty() && key.text() != "<" && key.text() != ">") {
      return bind_error("42809",
                        "operator " + std::string(key.text()) + " is not a valid ordering operator",
                        key.position(),
                        "Ordering operators must be \"<\" or \">\" members of btree operator "
                        "families.");
    }
    SortKey direction;
    set_direction(key, direction);
    bool is_known = false;
    for (const SelectState::SortEntry& known : state.sort) {
      is_known = is_known || known.target == target;
    }
    if (is_known) continue;
    state.sort.push_back(
        {target, direction.is_descending, direction.is_nulls_first, key[0].position()});
  }
  return {};
}

Status Binder::distinct(Node node, SelectState& state) {
  if (!node.has(MORTISE_SYNTAX_DISTINCT) && node[1].count() == 0) return {};
  if (node[1].count() == 0) {
    state.is_distinct = true;
    for (const SelectState::SortEntry& entry : state.sort) {
      if (!state.targets[entry.target].is_hidden) continue;
      return bind_error("42P10",
                        "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                        entry.position);
    }
    return {};
  }
  for (const Node item : node[1]) {
    MORTISE_TRY_ASSIGN(const size_t target,
                       target_for(item, state, Clause::distinct_on, "DISTINCT ON"));
    state.distinct_on.push_back(target);
  }
  // ORDER BY must begin with the DISTINCT ON expressions, in any order.
  std::vector<bool> is_matched(state.distinct_on.size(), false);
  bool is_past = false;
  for (const SelectState::SortEntry& entry : state.sort) {
    bool is_on = false;
    for (size_t i = 0; i < state.distinct_on.size(); ++i) {
      if (state.distinct_on[i] != entry.target) continue;
      is_on = true;
      is_matched[i] = true;
    }
    if (!is_on) is_past = true;
    if (is_on && is_past) {
      return bind_error("42P10",
                        "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                        node[1].position());
    }
  }
  if (!is_past) return {};
  for (size_t i = 0; i < is_matched.size(); ++i) {
    if (is_matched[i]) continue;
    return bind_error("42P10",
                      "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                      node[1][static_cast<uint32_t>(i)].position());
  }
  return {};
}

}  // namespace mortise::sql_engine
