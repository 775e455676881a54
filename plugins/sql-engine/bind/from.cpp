// SPDX-License-Identifier: Apache-2.0
//
// The tables of FROM: stored and system relations, views, subqueries, functions.  Joins: join.cpp.

#include <algorithm>

#include "bind/binder.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

mortise_type_t row_id_type() {
  return Datum::int64(0).type();
}

// Lock modes from weak to strong, for a relation that is used twice.
uint32_t strength(uint32_t mode) {
  return mode == MORTISE_MODE_SCHEMA_S ? 0 : mode;
}

}  // namespace

void Binder::use_relation(const RelationPtr& relation, uint32_t mode) {
  for (RelationUse& use : plan_.relations) {
    if (use.relation->id() != relation->id()) continue;
    if (strength(mode) > strength(use.mode)) use.mode = mode;
    return;
  }
  plan_.relations.push_back({relation, mode});
}

Status Binder::add_item(std::vector<ScopeItem>& items, ScopeItem item, uint32_t position) {
  for (const ScopeItem& known : items) {
    const bool is_same =
        known.is_table_visible && item.is_table_visible && !item.alias.empty() &&
        known.alias == item.alias &&
        (known.schema.empty() || item.schema.empty() || known.schema == item.schema);
    if (is_same) {
      return bind_error("42712", "table name \"" + item.alias + "\" specified more than once",
                        position);
    }
  }
  items.push_back(std::move(item));
  return {};
}

Status Binder::rename_columns(ScopeItem& item, Node names, uint32_t position) {
  if (names.count() > item.columns.size()) {
    return bind_error("42P10",
                      "table \"" + item.alias + "\" has " + std::to_string(item.columns.size()) +
                          " columns available but " + std::to_string(names.count()) +
                          " columns specified",
                      position);
  }
  size_t i = 0;
  for (const Node name : names) {
    item.columns[i].has_own_name = false;
    item.columns[i++].name = name.text();
  }
  return {};
}

// FROM a, b, c: each with all before it, as cross joins; null for no FROM.
Result<LogicalPtr> Binder::from_list(Node list, Scope& scope) {
  LogicalPtr plan;
  for (const Node node : list) {
    MORTISE_TRY_ASSIGN(FromResult result, from_item(node, scope));
    bool is_lateral = false;
    if (plan != nullptr) {
      is_lateral = refers_to(*result.plan, scope.items);
      auto join = std::make_unique<Join>();
      join->type = is_lateral ? JoinType::inner : JoinType::cross;
      join->is_lateral = is_lateral;
      join->outputs = plan->outputs;
      join->outputs.insert(join->outputs.end(), result.plan->outputs.begin(),
                           result.plan->outputs.end());
      join->inputs.push_back(std::move(plan));
      join->inputs.push_back(std::move(result.plan));
      plan = std::move(join);
    } else {
      plan = std::move(result.plan);
    }
    for (ScopeItem& item : result.items) {
      MORTISE_TRY(add_item(scope.items, std::move(item), node.position()));
    }
  }
  return plan;
}

Result<Binder::FromResult> Binder::from_item(Node node, Scope& scope) {
  MORTISE_TRY(check_way());
  switch (node.kind()) {
    case MORTISE_SYNTAX_TABLE:
      return from_table(node, scope);
    case MORTISE_SYNTAX_DERIVED:
      return from_derived(node, scope);
    case MORTISE_SYNTAX_FUNCTION_TABLE:
      return from_function(node, scope);
    case MORTISE_SYNTAX_JOIN:
      return from_join(node, scope);
    default:
      return bind_error("0A000", "this kind of table expression is not supported", node.position());
  }
}

Result<Binder::FromResult> Binder::from_table(Node node, Scope& scope) {
  if (node[0].count() == 1) {
    const std::string_view name = node[0][0].text();
    for (Scope* level = &scope; level != nullptr; level = level->parent) {
      const size_t visible = std::min(level->common_tables.size(), level->common_tables_visible);
      for (size_t i = visible; i-- > 0;) {
        if (level->common_tables[i]->name != name) continue;
        return from_common_table(node, *level->common_tables[i], level, scope);
      }
    }
  }
  MORTISE_TRY_ASSIGN(const Names::Found found, find_table(node));
  if (found.view != nullptr) return from_system_view(node, *found.view);
  if (found.relation->definition.kind == schema::RelationKind::view) {
    return from_view(node, found.relation);
  }
  FromResult result;
  ScopeItem item;
  const std::string_view alias =
      node.text().empty() ? std::string_view(found.relation->name()) : node.text();
  MORTISE_TRY_ASSIGN(std::unique_ptr<Scan> scan,
                     scan_relation(found.relation, alias, MORTISE_MODE_SCHEMA_S, item, true));
  if (node.text().empty()) item.schema = found.relation->schema_name;
  MORTISE_TRY(rename_columns(item, node[1], node.position()));
  if (node[2]) MORTISE_TRY(sample(node[2], *scan));
  result.plan = std::move(scan);
  result.items.push_back(std::move(item));
  return result;
}

Result<std::unique_ptr<Scan>> Binder::scan_relation(const RelationPtr& relation,
                                                    std::string_view alias, uint32_t mode,
                                                    ScopeItem& item, bool has_row_id) {
  use_relation(relation, mode);
  auto scan = std::make_unique<Scan>();
  scan->relation = relation;
  scan->alias.assign(alias);
  scan->oldest_snapshot = environment_.oldest_snapshot;
  item.alias.assign(alias);
  item.relation = relation;
  item.scan = scan.get();
  const auto& columns = relation->columns();
  for (uint32_t i = 0; i < columns.size(); ++i) {
    if (columns[i].is_dropped) continue;
    const ColumnId id = plan_.columns.add(columns[i].name, columns[i].type);
    plan_.columns.set_table(id, alias);
    scan->columns.push_back(i);
    scan->outputs.push_back(id);
    item.columns.push_back({columns[i].name, id, columns[i].type, relation->id(), i + 1});
  }
  if (has_row_id) {
    scan->row_id = plan_.columns.add("ctid", row_id_type());
    scan->outputs.push_back(scan->row_id);
    item.row_id = scan->row_id;
  }
  return scan;
}

Status Binder::sample(Node node, Scan& scan) {
  const std::string_view method = node.text();
  if (method != "bernoulli" && method != "system") {
    return bind_error("42704", "tablesample method " + std::string(method) + " does not exist",
                      node.position());
  }
  if (node[0].count() != 1) {
    return bind_error("2202H",
                      "tablesample method " + std::string(method) + " requires 1 argument, not " +
                          std::to_string(node[0].count()),
                      node.position());
  }
  MORTISE_TRY_ASSIGN(const mortise_type_t real, registry().resolve(MORTISE_SQL_FLOAT8));
  MORTISE_TRY_ASSIGN(const Datum percent, evaluate(node[0][0], real, Clause::function_from));
  const bool is_in_range =
      !percent.is_null() && percent.as_double() >= 0 && percent.as_double() <= 100;
  if (!is_in_range) {
    return bind_error("2202H", "sample percentage must be between 0 and 100", node.position());
  }
  scan.sample_percent = percent.as_double();
  scan.is_sample_system = method == "system";
  if (node[1]) {
    MORTISE_TRY_ASSIGN(const Datum seed, evaluate(node[1], real, Clause::function_from));
    if (seed.is_null()) {
      return bind_error("2202G", "TABLESAMPLE REPEATABLE parameter cannot be null",
                        node.position());
    }
    scan.sample_seed = static_cast<int64_t>(seed.as_double());
  }
  return {};
}

Result<Binder::FromResult> Binder::from_system_view(Node node, const mortise_sysview_t& view) {
  FromResult result;
  auto scan = std::make_unique<SystemScan>();
  ScopeItem item;
  scan->view = &view;
  scan->alias.assign(node.text().empty() ? view_of(view.name) : node.text());
  item.alias = scan->alias;
  if (node.text().empty()) item.schema.assign(view_of(view.schema));
  for (uint32_t i = 0; i < view.columns_count; ++i) {
    const std::string name(view_of(view.columns[i].name));
    MORTISE_TRY_ASSIGN(const mortise_type_t type, registry().resolve(view.columns[i].sql_type));
    const ColumnId id = plan_.columns.add(name, type);
    scan->columns.push_back(i);
    scan->outputs.push_back(id);
    item.columns.push_back({name, id, type, view.object, i + 1});
  }
  MORTISE_TRY(rename_columns(item, node[1], node.position()));
  result.plan = std::move(scan);
  result.items.push_back(std::move(item));
  return result;
}

// A view is its query, read again.
Result<Binder::FromResult> Binder::from_view(Node node, const RelationPtr& view) {
  use_relation(view, MORTISE_MODE_SCHEMA_S);
  MORTISE_TRY_ASSIGN(std::shared_ptr<const Tree> tree,
                     Tree::parse(*environment_.dialect, view->definition.query));
  trees_.push_back(tree);
  if (tree->statements().size() != 1) {
    return corrupt("view \"" + view->name() + "\" does not hold one query");
  }
  ++views_depth_;
  const bool could_take_parameters = allows_parameters_;
  allows_parameters_ = false;
  Result<BoundQuery> bound = query(tree->root(0), nullptr, false);
  allows_parameters_ = could_take_parameters;
  --views_depth_;
  if (!bound) {
    // Positions are those of the view's text, which the user did not write here.
    const Status& inner = bound.error();
    return Status(inner.code(), inner.sqlstate(), std::string(inner.message()))
        .with(MORTISE_ERROR_FIELD_WHERE, "view \"" + view->name() + "\"");
  }
  FromResult result;
  ScopeItem item;
  item.alias.assign(node.text().empty() ? std::string_view(view->name()) : node.text());
  if (node.text().empty()) item.schema = view->schema_name;
  const auto& columns = view->columns();
  for (size_t i = 0; i < bound->outputs.size(); ++i) {
    const ColumnId id = bound->outputs[i].id;
    const std::string& name = i < columns.size() ? columns[i].name : bound->outputs[i].name;
    item.columns.push_back(
        {name, id, plan_.columns[id].type, view->id(), static_cast<uint32_t>(i + 1)});
  }
  MORTISE_TRY(rename_columns(item, node[1], node.position()));
  result.plan = std::move(bound->plan);
  result.items.push_back(std::move(item));
  return result;
}

Result<Binder::FromResult> Binder::from_derived(Node node, Scope& scope) {
  const bool is_lateral = node.has(MORTISE_SYNTAX_LATERAL);
  const bool were_hidden = scope.are_items_hidden;
  if (!is_lateral) scope.are_items_hidden = true;
  Result<BoundQuery> bound = query(node[0], &scope, false);
  scope.are_items_hidden = were_hidden;
  if (!bound) return std::move(bound.error());
  FromResult result;
  ScopeItem item;
  item.alias.assign(node.text());
  for (const BoundQuery::Output& output : bound->outputs) {
    item.columns.push_back({output.name, output.id, plan_.columns[output.id].type, output.table,
                            output.attribute, false});
  }
  MORTISE_TRY(rename_columns(item, node[1], node.position()));
  result.plan = std::move(bound->plan);
  result.items.push_back(std::move(item));
  return result;
}

Status Binder::from_call(Node call_node, Scope& scope, TableFunction& table, ScopeItem& item,
                         std::string& name) {
  std::vector<uint32_t> types;
  SetCall made;
  std::string_view function_name;
  std::string_view schema;
  for (const Node part : call_node[0]) {
    schema = function_name;
    function_name = part.text();
  }
  for (const Node argument : call_node[1]) {
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(argument, scope, Clause::function_from));
    types.push_back(e->type.sql_type);
    made.arguments.push_back(std::move(e));
  }
  Registry::Choice choice = registry().choose_function(function_name, types);
  if (!schema.empty() && schema != "pg_catalog") choice = {};
  if (choice.function == nullptr) {
    return no_such_from_function(call_node, types, choice);
  }
  const mortise_function_t& f = *choice.function;
  if (f.kind == MORTISE_FUNCTION_AGGREGATE || f.kind == MORTISE_FUNCTION_WINDOW) {
    return bind_error(f.kind == MORTISE_FUNCTION_AGGREGATE ? "42803" : "42P20",
                      std::string(f.kind == MORTISE_FUNCTION_AGGREGATE ? "aggregate" : "window") +
                          " functions are not allowed in functions in FROM",
                      call_node.position());
  }
  MORTISE_TRY(coerce_arguments(made.arguments, choice));
  made.function = &f;
  made.position_bytes = call_node.position();
  mortise_type_t type{};
  MORTISE_TRY(set_call_columns(f, made.arguments, choice.result, made, type));
  name.assign(function_name);
  for (const ColumnId id : made.columns) {
    item.columns.push_back({plan_.columns[id].name, id, plan_.columns[id].type, 0, 0});
    table.outputs.push_back(id);
  }
  table.calls.push_back(std::move(made));
  return {};
}

Status Binder::no_such_from_function(Node call_node, const std::vector<uint32_t>& types,
                                     const Registry::Choice& choice) {
  std::string shown;
  for (const Node part : call_node[0]) {
    if (!shown.empty()) shown.append(".");
    shown.append(part.text());
  }
  shown.append("(");
  for (size_t i = 0; i < types.size(); ++i) {
    if (i > 0) shown.append(", ");
    shown.append(registry().type_name(types[i]));
  }
  shown.append(")");
  if (choice.is_ambiguous) {
    return bind_error("42725", "function " + shown + " is not unique", call_node.position(),
                      "Could not choose a best candidate function. You might need to add explicit "
                      "type casts.");
  }
  return bind_error("42883", "function " + shown + " does not exist", call_node.position(),
                    "No function matches the given name and argument types. You might need to add "
                    "explicit type casts.");
}

Result<Binder::FromResult> Binder::from_function(Node node, Scope& scope) {
  FromResult result;
  ScopeItem item;
  std::string name;
  const bool has_ordinality = node.has(MORTISE_SYNTAX_FLAG_A);
  const bool is_one_call = node[0].count() == 1;
  if (node[2].count() > 0) {
    return bind_error("0A000", "a column definition list for a function is not supported",
                      node.position());
  }
  auto table = std::make_unique<TableFunction>();
  for (const Node call_node : node[0]) {
    if (call_node.is(MORTISE_SYNTAX_CALL)) {
      MORTISE_TRY(from_call(call_node, scope, *table, item, name));
      continue;
    }
    if (!is_one_call || has_ordinality) {
      return bind_error("0A000", "only calls are supported in ROWS FROM", call_node.position());
    }
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(call_node, scope, Clause::function_from));
    auto values = std::make_unique<Values>();
    name = default_name(call_node);
    const ColumnId id = plan_.columns.add(name, e->type);
    item.columns.push_back({name, id, e->type, 0, 0});
    values->outputs.push_back(id);
    values->rows.emplace_back().push_back(std::move(e));
    result.plan = std::move(values);
  }
  item.alias.assign(node.text().empty() ? std::string_view(name) : node.text());
  // A function with one column lends the table's alias to it.
  const bool has_one_column = item.columns.size() == 1 && is_one_call;
  if (has_one_column && (table->calls.empty() || table->calls[0].function->table == nullptr ||
                         table->calls[0].function->table->columns_count <= 1)) {
    item.columns[0].name = item.alias;
  }
  if (has_ordinality) {
    const mortise_type_t bigint = Datum::int64(0).type();
    table->ordinality = plan_.columns.add("ordinality", bigint);
    table->outputs.push_back(table->ordinality);
    item.columns.push_back({"ordinality", table->ordinality, bigint, 0, 0});
  }
  MORTISE_TRY(rename_columns(item, node[1], node.position()));
  table->alias = item.alias;
  if (result.plan == nullptr) result.plan = std::move(table);
  result.items.push_back(std::move(item));
  return result;
}

}  // namespace mortise::sql_engine
