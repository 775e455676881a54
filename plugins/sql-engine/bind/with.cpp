// SPDX-License-Identifier: Apache-2.0
//
// WITH.  A common table that is read once, or is marked NOT MATERIALIZED, is bound where it is
// read, like a subquery; the others become CommonTable nodes around the query.

#include "bind/binder.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

// How often a plain name occurs as a table below a node.  A name that an inner WITH hides is
// counted too, which costs a materialization and nothing else.
uint32_t count_references(Node node, std::string_view name) {
  uint32_t count = 0;
  if (node.is(MORTISE_SYNTAX_TABLE) && node[0].count() == 1 && node[0][0].text() == name) ++count;
  for (const Node child : node) {
    if (child) count += count_references(child, name);
  }
  return count;
}

bool is_change(Node query) {
  return query.is(MORTISE_SYNTAX_INSERT) || query.is(MORTISE_SYNTAX_UPDATE) ||
         query.is(MORTISE_SYNTAX_DELETE) || query.is(MORTISE_SYNTAX_MERGE);
}

}  // namespace

// `rest` is the statement that the WITH belongs to.
Status Binder::with(Node node, Node rest, Scope& scope) {
  if (!node) return {};
  const bool is_recursive = node.has(MORTISE_SYNTAX_FLAG_A);
  for (uint32_t i = 0; i < node.count(); ++i) {
    const Node entry = node[i];
    for (const auto& known : scope.common_tables) {
      if (known->name == entry.text()) {
        return bind_error("42712",
                          "WITH query name \"" + known->name + "\" specified more than once",
                          entry.position());
      }
    }
    if (is_change(entry[1])) {
      return bind_error("0A000", "data-modifying statements in WITH are not supported",
                        entry.position());
    }
    auto table = std::make_unique<CommonTableName>();
    table->name.assign(entry.text());
    table->node = entry;
    table->index = ++common_tables_count_;
    table->is_recursive = is_recursive && count_references(entry[1], table->name) > 0;
    uint32_t references = 0;
    for (uint32_t later = i + 1; later < node.count(); ++later) {
      references += count_references(node[later][1], table->name);
    }
    for (const Node part : rest) {
      if (part && part.id() != node.id()) references += count_references(part, table->name);
    }
    const bool is_kept = entry.has(MORTISE_SYNTAX_FLAG_A);
    const bool is_never_kept = entry.has(MORTISE_SYNTAX_FLAG_B);
    table->is_inlined = !table->is_recursive && !is_kept && (references <= 1 || is_never_kept);
    table->visible_before = scope.common_tables.size();
    CommonTableName& made = *table;
    if (table->is_recursive) {
      scope.common_tables.push_back(std::move(table));
      MORTISE_TRY(recursive_common_table(scope, made));
    } else if (!made.is_inlined || references == 0) {
      MORTISE_TRY(define_common_table(scope, made, references > 0));
      scope.common_tables.push_back(std::move(table));
    } else {
      scope.common_tables.push_back(std::move(table));
    }
  }
  return {};
}

Status Binder::define_common_table(Scope& scope, CommonTableName& table, bool is_read) {
  MORTISE_TRY_ASSIGN(BoundQuery bound, common_table_query(scope, table));
  for (const BoundQuery::Output& output : bound.outputs) {
    table.columns.push_back(
        {output.name, output.id, plan_.columns[output.id].type, output.table, output.attribute});
  }
  MORTISE_TRY(name_common_columns(table));
  if (!is_read) {
    table.is_inlined = true;  // bound for its errors alone
    return {};
  }
  table.plan = std::move(bound.plan);
  return {};
}

Status Binder::name_common_columns(CommonTableName& table) {
  const Node names = table.node[0];
  if (names.count() > table.columns.size()) {
    return bind_error("42P10",
                      "WITH query \"" + table.name + "\" has " +
                          std::to_string(table.columns.size()) + " columns available but " +
                          std::to_string(names.count()) + " columns specified",
                      table.node.position());
  }
  size_t i = 0;
  for (const Node name : names) table.columns[i++].name = name.text();
  return {};
}

// Binds the definition as it stands in its WITH: it sees the common tables before it, and the
// levels around the query, but none of the query's own tables.
Result<BoundQuery> Binder::common_table_query(Scope& scope, CommonTableName& table) {
  const bool were_hidden = scope.are_items_hidden;
  const size_t visible = scope.common_tables_visible;
  scope.are_items_hidden = true;
  scope.common_tables_visible = table.visible_before;
  Result<BoundQuery> bound = query(table.node[1], &scope, false);
  scope.common_tables_visible = visible;
  scope.are_items_hidden = were_hidden;
  return bound;
}

Result<Binder::FromResult> Binder::from_common_table(Node node, CommonTableName& table,
                                                     Scope* owner, Scope& scope) {
  FromResult result;
  ScopeItem item;
  item.alias.assign(node.text().empty() ? std::string_view(table.name) : node.text());
  if (table.is_inlined) {
    const size_t outer_before = owner->outer.size();
    MORTISE_TRY_ASSIGN(BoundQuery bound, common_table_query(*owner, table));
    // What it reads of the levels around its owner passes through the levels in between.
    for (size_t i = outer_before; i < owner->outer.size(); ++i) {
      for (Scope* level = &scope; level != owner; level = level->parent) {
        level->note_outer(owner->outer[i]);
      }
    }
    table.columns.clear();
    for (const BoundQuery::Output& output : bound.outputs) {
      table.columns.push_back(
          {output.name, output.id, plan_.columns[output.id].type, output.table, output.attribute});
    }
    MORTISE_TRY(name_common_columns(table));
    item.columns = table.columns;
    result.plan = std::move(bound.plan);
  } else {
    const bool is_working = table.is_recursive && table.plan == nullptr;
    LogicalPtr plan;
    std::vector<ColumnId> ids;
    std::vector<ColumnId> sources;
    for (const ScopeColumn& c : table.columns) {
      const ColumnId id = plan_.columns.add(c.name, c.type);
      ids.push_back(id);
      sources.push_back(c.id);
      item.columns.push_back({c.name, id, c.type, 0, 0});
    }
    if (is_working) {
      if (table.is_self_referenced) {
        return bind_error(
            "42P19",
            "recursive reference to query \"" + table.name + "\" must not appear more than once",
            node.position());
      }
      table.is_self_referenced = true;
      auto scan = std::make_unique<WorkingTableScan>();
      scan->index = table.index;
      scan->alias = item.alias;
      plan = std::move(scan);
    } else {
      auto scan = std::make_unique<CommonTableScan>();
      scan->index = table.index;
      scan->name = table.name;
      scan->alias = item.alias;
      scan->source = std::move(sources);
      plan = std::move(scan);
    }
    plan->outputs = std::move(ids);
    result.plan = std::move(plan);
  }
  MORTISE_TRY(rename_columns(item, node[1], node.position()));
  result.items.push_back(std::move(item));
  return result;
}

// WITH RECURSIVE t AS (first UNION [ALL] next): `next` reads t.
Status Binder::recursive_common_table(Scope& scope, CommonTableName& table) {
  const Node body = table.node[1];
  const bool has_shape = body.is(MORTISE_SYNTAX_SET_OPERATION) && body.number() == 1;
  if (!has_shape) {
    return bind_error("42P19",
                      "recursive query \"" + table.name +
                          "\" does not have the form non-recursive-term UNION [ALL] recursive-term",
                      table.node.position());
  }
  if (count_references(body[1], table.name) > 0) {
    return bind_error("42P19",
                      "recursive reference to query \"" + table.name +
                          "\" must not appear within its non-recursive term",
                      table.node.position());
  }
  const bool has_more = body[3].count() > 0 || body[4] || body[5] || body[6].count() > 0;
  if (has_more) {
    return bind_error("0A000",
                      "ORDER BY, OFFSET, LIMIT and FOR UPDATE in a recursive query are "
                      "not implemented",
                      body.position());
  }
  const bool were_hidden = scope.are_items_hidden;
  scope.are_items_hidden = true;
  Scope inner(&scope);
  Status status = recursive_parts(inner, body, table);
  scope.are_items_hidden = were_hidden;
  return status;
}

Status Binder::recursive_parts(Scope& inner, Node body, CommonTableName& table) {
  MORTISE_TRY(with(body[0], body, inner));
  MORTISE_TRY_ASSIGN(BoundQuery first, query(body[1], &inner, false));
  auto node = std::make_unique<RecursiveUnion>();
  node->index = table.index;
  node->is_all = body.has(MORTISE_SYNTAX_ALL);
  for (const BoundQuery::Output& output : first.outputs) {
    const mortise_type_t type = plan_.columns[output.id].type;
    const ColumnId id = plan_.columns.add(output.name, type);
    table.columns.push_back({output.name, id, type, 0, 0});
    node->left.push_back(output.id);
    node->outputs.push_back(id);
  }
  MORTISE_TRY(name_common_columns(table));
  MORTISE_TRY_ASSIGN(BoundQuery next, query(body[2], &inner, true));
  if (next.outputs.size() != first.outputs.size()) {
    return bind_error("42601", "each UNION query must have the same number of columns",
                      body[2].position());
  }
  std::vector<mortise_type_t> types;
  for (size_t i = 0; i < first.outputs.size(); ++i) {
    const mortise_type_t mine = plan_.columns[first.outputs[i].id].type;
    const mortise_type_t other = plan_.columns[next.outputs[i].id].type;
    const uint32_t both[2] = {mine.sql_type, other.sql_type};
    const uint32_t common = registry().common_type(both, nullptr);
    if (common != mine.sql_type) {
      const uint32_t shown = common == 0 ? other.sql_type : common;
      return bind_error("42804",
                        "recursive query \"" + table.name + "\" column " + std::to_string(i + 1) +
                            " has type " + type_name(mine) + " in non-recursive term but type " +
                            registry().type_name(shown) + " overall",
                        body[1].position(),
                        "Cast the output of the non-recursive term to the correct type.");
    }
    types.push_back(mine);
  }
  MORTISE_TRY(coerce_outputs(next, types, Coercion::implicit));
  for (const BoundQuery::Output& output : next.outputs) node->right.push_back(output.id);
  MORTISE_TRY_ASSIGN(next.plan, attach_common_tables(std::move(next.plan), inner));
  node->inputs.push_back(std::move(first.plan));
  node->inputs.push_back(std::move(next.plan));
  table.plan = std::move(node);
  return {};
}

// Puts the level's definitions around its plan, the first outermost.
Result<LogicalPtr> Binder::attach_common_tables(LogicalPtr plan, Scope& scope) {
  for (size_t i = scope.common_tables.size(); i-- > 0;) {
    CommonTableName& table = *scope.common_tables[i];
    if (table.plan == nullptr) continue;
    auto node = std::make_unique<CommonTable>();
    node->index = table.index;
    node->name = table.name;
    node->outputs = plan->outputs;
    node->inputs.push_back(std::move(table.plan));
    node->inputs.push_back(std::move(plan));
    plan = std::move(node);
  }
  return plan;
}

}  // namespace mortise::sql_engine
