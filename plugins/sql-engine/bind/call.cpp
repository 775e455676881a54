// SPDX-License-Identifier: Apache-2.0
//
// Calls of functions: scalar ones, aggregates, set-returning ones, and types used like functions.
//
// Longer than 500 lines, because all kinds of calls share the search for the function.

#include "bind/call_parts.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

bool allows_aggregates(Clause clause) {
  switch (clause) {
    case Clause::select_list:
    case Clause::having:
    case Clause::order_by:
    case Clause::distinct_on:
    case Clause::window_argument:
    case Clause::window_partition:
    case Clause::window_order:
    case Clause::window_frame:
      return true;
    default:
      return false;
  }
}

bool allows_sets(Clause clause) {
  switch (clause) {
    case Clause::select_list:
    case Clause::order_by:
    case Clause::distinct_on:
    case Clause::group_by:
      return true;
    default:
      return false;
  }
}

bool is_same_call(const AggregateCall& a, const AggregateCall& b) {
  if (a.function != b.function || a.is_distinct != b.is_distinct) return false;
  if (a.filter != nullptr || b.filter != nullptr || !a.order.empty() || !b.order.empty()) {
    return false;
  }
  if (a.arguments.size() != b.arguments.size()) return false;
  for (size_t i = 0; i < a.arguments.size(); ++i) {
    if (!is_equal(*a.arguments[i], *b.arguments[i])) return false;
    if (volatility(*a.arguments[i]) == MORTISE_VOLATILITY_VOLATILE) return false;
  }
  return true;
}

// DISTINCT without an order of its own hands values over as PostgreSQL finds them: sorted.
void sort_distinct(AggregateCall& call) {
  if (!call.is_distinct || !call.order.empty()) return;
  const std::string_view name(call.function->name.data, call.function->name.size_bytes);
  if (name != "string_agg" && name != "array_agg") return;
  for (const ExpressionPtr& argument : call.arguments) {
    if (argument->kind == ExpressionKind::constant) continue;
    SortKey key;
    key.expression = clone(*argument);
    call.order.push_back(std::move(key));
  }
}

// The level whose rows an aggregate runs over: the innermost that one of its columns belongs to.
Scope* owner_of(const AggregateCall& call, Scope& scope) {
  std::vector<ColumnId> ids;
  for (const ExpressionPtr& argument : call.arguments) collect_columns(*argument, ids);
  if (call.filter != nullptr) collect_columns(*call.filter, ids);
  if (ids.empty()) return &scope;
  for (Scope* level = &scope; level != nullptr; level = level->parent) {
    for (const ColumnId id : ids) {
      if (level->owns(id)) return level;
    }
  }
  return &scope;
}

}  // namespace

std::string_view name_of(Clause clause) {
  switch (clause) {
    case Clause::select_list:
      return "SELECT";
    case Clause::where:
      return "WHERE";
    case Clause::having:
      return "HAVING";
    case Clause::group_by:
      return "GROUP BY";
    case Clause::order_by:
      return "ORDER BY";
    case Clause::distinct_on:
      return "DISTINCT ON";
    case Clause::join_on:
      return "JOIN conditions";
    case Clause::limit:
      return "LIMIT";
    case Clause::offset:
      return "OFFSET";
    case Clause::values:
    case Clause::insert_values:
      return "VALUES";
    case Clause::update_set:
      return "UPDATE";
    case Clause::returning:
      return "RETURNING";
    case Clause::check:
      return "check constraints";
    case Clause::default_value:
      return "DEFAULT expressions";
    case Clause::index_expression:
      return "index expressions";
    case Clause::index_predicate:
      return "index predicates";
    case Clause::function_from:
      return "functions in FROM";
    case Clause::filter:
      return "FILTER";
    case Clause::window_argument:
    case Clause::aggregate_argument:
      return "aggregate arguments";
    case Clause::window_partition:
      return "window PARTITION BY";
    case Clause::window_order:
      return "window ORDER BY";
    case Clause::window_frame:
      return "window frame";
    case Clause::call_argument:
      return "CALL arguments";
    case Clause::execute_argument:
      return "EXECUTE parameters";
    case Clause::generated:
      return "column generation expressions";
    case Clause::policy:
      return "policy expressions";
    case Clause::using_type:
      return "transform expressions";
    case Clause::copy_where:
      return "COPY FROM WHERE conditions";
  }
  return "this place";
}

Result<ExpressionPtr> Binder::call(Node node, Scope& scope, Clause clause) {
  CallParts parts;
  parts.node = node;
  for (const Node part : node[0]) {
    parts.schema = parts.name;
    parts.name = part.text();
  }
  parts.is_star = node.has(MORTISE_SYNTAX_FLAG_A);
  parts.is_distinct = node.has(MORTISE_SYNTAX_DISTINCT);
  parts.is_within_group = node.has(MORTISE_SYNTAX_FLAG_C);
  parts.clause = clause;
  if (node.has(MORTISE_SYNTAX_FLAG_B)) {
    return bind_error("0A000", "VARIADIC arguments are not supported", node.position());
  }
  const bool may_be_aggregate = is_aggregate_name(parts.name);
  const bool has_window = static_cast<bool>(node[4]);
  Clause inner = clause;
  if (has_window) inner = Clause::window_argument;
  if (may_be_aggregate && !has_window && allows_aggregates(clause)) {
    inner = Clause::aggregate_argument;
  }
  const bool could_round = can_round_scales_;
  can_round_scales_ = may_be_aggregate && (parts.name == "sum" || parts.name == "avg");
  parts.outer_before = mark_outer(scope);
  for (const Node argument : node[1]) {
    if (argument.is(MORTISE_SYNTAX_NAMED_ARGUMENT)) {
      return bind_error("0A000", "named arguments are not supported", argument.position());
    }
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(argument, scope, inner));
    parts.arguments.push_back(std::move(e));
  }
  can_round_scales_ = could_round;
  MORTISE_TRY(within_group(parts, scope, inner));
  for (const ExpressionPtr& e : parts.arguments) parts.types.push_back(e->type.sql_type);
  Registry::Choice choice = registry().choose_function(parts.name, parts.types);
  if (!parts.schema.empty() && parts.schema != "pg_catalog") choice = {};
  if (choice.function == nullptr) {
    MORTISE_TRY_ASSIGN(ExpressionPtr as_type, type_call(parts));
    if (as_type != nullptr) return as_type;
    return no_such_function(parts, choice);
  }
  MORTISE_TRY(coerce_arguments(parts.arguments, choice));
  parts.choice = std::move(choice);
  return call_of_kind(parts, scope, clause);
}

bool Binder::is_aggregate_name(std::string_view name) const {
  for (const mortise_function_t* f : registry().functions(name)) {
    if (f->kind == MORTISE_FUNCTION_AGGREGATE) return true;
  }
  return false;
}

std::vector<size_t> Binder::mark_outer(const Scope& scope) const {
  std::vector<size_t> counts;
  for (const Scope* level = &scope; level != nullptr; level = level->parent) {
    counts.push_back(level->outer.size());
  }
  return counts;
}

Result<ExpressionPtr> Binder::call_of_kind(CallParts& parts, Scope& scope, Clause clause) {
  const mortise_function_t& f = *parts.choice.function;
  const Node node = parts.node;
  const std::string name(parts.name);
  if (node[4]) {
    if (f.kind != MORTISE_FUNCTION_AGGREGATE && f.kind != MORTISE_FUNCTION_WINDOW) {
      return bind_error(
          "42809",
          "OVER specified, but " + name + " is not a window function nor an aggregate function",
          node.position());
    }
    return window_call(parts, scope, clause);
  }
  if (f.kind == MORTISE_FUNCTION_WINDOW) {
    return bind_error("42809", "window function " + name + " requires an OVER clause",
                      node.position());
  }
  if (f.kind == MORTISE_FUNCTION_AGGREGATE) return aggregate_call(parts, scope, clause);
  static constexpr std::pair<uint32_t, std::string_view> kNotHere[] = {
      {MORTISE_SYNTAX_DISTINCT, "DISTINCT"}};
  for (const auto& [flag, word] : kNotHere) {
    if (!node.has(flag)) continue;
    return bind_error(
        "42809", std::string(word) + " specified, but " + name + " is not an aggregate function",
        node.position());
  }
  if (parts.is_star) {
    return bind_error("42809",
                      name + "(*) specified, but " + name + " is not an aggregate function",
                      node.position());
  }
  if (node[2].count() > 0) {
    return bind_error("42809", "ORDER BY specified, but " + name + " is not an aggregate function",
                      node.position());
  }
  if (node[3]) {
    return bind_error("42809", "FILTER specified, but " + name + " is not an aggregate function",
                      node.position());
  }
  if (f.kind == MORTISE_FUNCTION_TABLE || f.returns_set != 0) {
    return set_call(parts, scope, clause);
  }
  return make_call(f, std::move(parts.arguments), parts.choice, node.position());
}

// WITHIN GROUP (ORDER BY x): x becomes the last arguments.
Status Binder::within_group(CallParts& parts, Scope& scope, Clause clause) {
  if (!parts.is_within_group) return {};
  for (const Node key : parts.node[2]) {
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(key[0], scope, clause));
    parts.arguments.push_back(std::move(e));
  }
  return {};
}

Result<ExpressionPtr> Binder::call_named(std::string_view name,
                                         std::vector<ExpressionPtr> arguments, uint32_t position) {
  std::vector<uint32_t> types;
  for (const ExpressionPtr& e : arguments) types.push_back(e->type.sql_type);
  const Registry::Choice choice = registry().choose_function(name, types);
  if (choice.function == nullptr) {
    std::string shown;
    for (const uint32_t type : types) {
      if (!shown.empty()) shown.append(", ");
      shown.append(registry().type_name(type));
    }
    return bind_error(
        "42883", "function pg_catalog." + std::string(name) + "(" + shown + ") does not exist",
        position,
        "No function matches the given name and argument types. You might need to add "
        "explicit type casts.");
  }
  return make_call(*choice.function, std::move(arguments), choice, position);
}

Status Binder::coerce_arguments(std::vector<ExpressionPtr>& arguments,
                                const Registry::Choice& choice) {
  MORTISE_ASSERT(choice.arguments.size() == arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    MORTISE_TRY_ASSIGN(const mortise_type_t type,
                       argument_type(*arguments[i], choice.arguments[i]));
    MORTISE_TRY_ASSIGN(arguments[i], coerce(std::move(arguments[i]), type, Coercion::implicit));
  }
  return {};
}

Result<ExpressionPtr> Binder::make_call(const mortise_function_t& function,
                                        std::vector<ExpressionPtr> arguments,
                                        const Registry::Choice& choice, uint32_t position) {
  MORTISE_TRY(coerce_arguments(arguments, choice));
  auto e = std::make_unique<Expression>();
  e->kind = ExpressionKind::call;
  e->position_bytes = position;
  e->function = &function;
  Status status = bind_function(function, arguments, choice.result, e->type, e->state);
  if (!status) return std::move(status).at(position);
  e->children = std::move(arguments);
  return fold(std::move(e));
}

Status Binder::bind_function(const mortise_function_t& function,
                             const std::vector<ExpressionPtr>& arguments, uint32_t result_type,
                             mortise_type_t& type, std::shared_ptr<const BoundState>& state) {
  if (result_type == MORTISE_SQL_VOID || result_type == MORTISE_SQL_RECORD) {
    type = {};
    type.sql_type = result_type;
    type.modifier = -1;
    type.physical = MORTISE_PHYSICAL_TEXT;
  } else if (result_type == MORTISE_SQL_ANY) {
    return unsupported("function " + std::string(view_of(function.name)) +
                       " has no definite result type");
  } else {
    MORTISE_TRY_ASSIGN(type, registry().resolve(result_type));
  }
  if (function.bind == nullptr) return {};
  std::vector<mortise_bind_argument_t> facts(arguments.size());
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Expression& e = *arguments[i];
    facts[i].type = e.type;
    if (e.kind != ExpressionKind::constant) continue;
    facts[i].constant = e.constant.is_null() ? nullptr : e.constant.data();
    facts[i].is_null = e.constant.is_null() ? 1 : 0;
  }
  void* bound = nullptr;
  ErrorSlot error;
  MORTISE_TRY(error.status(function.bind(facts.data(), static_cast<uint32_t>(facts.size()), &type,
                                         &bound, error.get())));
  if (bound != nullptr || function.unbind != nullptr) {
    state = std::make_shared<BoundState>(bound, function.unbind);
  }
  return {};
}

Status Binder::check_aggregate(const CallParts& parts) {
  const Node node = parts.node;
  if (parts.is_star && !parts.arguments.empty()) {
    return bind_error("42601", "syntax error at or near \"*\"", node.position());
  }
  if (!parts.is_star && parts.arguments.empty()) {
    return bind_error(
        "42809",
        std::string(parts.name) + "(*) must be used to call a parameterless aggregate function",
        node.position());
  }
  return {};
}

// An aggregate stands where the level that it belongs to allows one: for a level further out, that
// is where it has the subquery.
Status Binder::check_level(const CallParts& parts, const Scope& scope, const Scope& owner,
                           Clause clause) {
  const uint32_t position = parts.node.position();
  const bool is_outer = &owner != &scope;
  const Clause place = is_outer ? owner.clause : clause;
  if (is_outer && owner.is_in_from) {
    return bind_error("42803",
                      "aggregate functions are not allowed in FROM clause of their own query level",
                      position);
  }
  if (place == Clause::aggregate_argument) {
    return bind_error("42803", "aggregate function calls cannot be nested", position);
  }
  if (allows_aggregates(place)) return {};
  return bind_error(
      "42803", "aggregate functions are not allowed in " + std::string(name_of(place)), position);
}

Result<ExpressionPtr> Binder::aggregate_call(CallParts& parts, Scope& scope, Clause clause) {
  MORTISE_TRY(check_aggregate(parts));
  const mortise_function_t& f = *parts.choice.function;
  AggregateCall made;
  made.function = &f;
  made.is_distinct = parts.is_distinct;
  MORTISE_TRY(bind_function(f, parts.arguments, parts.choice.result, made.type, made.state));
  made.arguments = std::move(parts.arguments);
  for (const Node key : parts.node[2]) {
    SortKey sort;
    MORTISE_TRY_ASSIGN(sort.expression, expression(key[0], scope, Clause::aggregate_argument));
    MORTISE_TRY_ASSIGN(sort.expression, resolve_unknown(std::move(sort.expression)));
    set_direction(key, sort);
    if (made.is_distinct && !is_one_of(*sort.expression, made.arguments)) {
      return bind_error("42P10",
                        "in an aggregate with DISTINCT, ORDER BY expressions must appear in "
                        "argument list",
                        expression_position(*sort.expression));
    }
    made.order.push_back(std::move(sort));
  }
  if (parts.node[3]) {
    MORTISE_TRY_ASSIGN(made.filter, boolean(parts.node[3], scope, Clause::filter, "FILTER"));
  }
  Scope* owner = owner_of(made, scope);
  MORTISE_TRY(check_level(parts, scope, *owner, clause));
  sort_distinct(made);
  if (owner != &scope) forget_outer(parts.outer_before, scope, *owner);
  ColumnId id = kNoColumn;
  for (const AggregateCall& known : owner->aggregates) {
    if (is_same_call(known, made)) id = known.id;
  }
  const mortise_type_t type = made.type;
  if (id == kNoColumn) {
    id = plan_.columns.add(std::string(parts.name), type);
    made.id = id;
    owner->aggregates.push_back(std::move(made));
  }
  for (Scope* level = &scope; level != owner; level = level->parent) level->note_outer(id);
  return make_column(id, type, parts.node.position());
}

// What an outer aggregate reads is no outer reference of the levels below any more.
void Binder::forget_outer(const std::vector<size_t>& before, Scope& scope, const Scope& owner) {
  size_t depth = 0;
  for (Scope* level = &scope; level != nullptr && level != &owner; level = level->parent) {
    if (depth < before.size() && level->outer.size() > before[depth]) {
      level->outer.resize(before[depth]);
    }
    ++depth;
  }
}

Result<ExpressionPtr> Binder::set_call(CallParts& parts, Scope& scope, Clause clause) {
  const mortise_function_t& f = *parts.choice.function;
  if (!allows_sets(clause)) {
    const bool is_nested_aggregate = clause == Clause::aggregate_argument;
    if (is_nested_aggregate) {
      return bind_error("0A000",
                        "aggregate function calls cannot contain set-returning function calls",
                        parts.node.position(),
                        "You might be able to move the set-returning function into a LATERAL FROM "
                        "item.");
    }
    return bind_error("0A000",
                      "set-returning functions are not allowed in " + std::string(name_of(clause)),
                      parts.node.position());
  }
  SetCall made;
  made.function = &f;
  made.position_bytes = parts.node.position();
  mortise_type_t type{};
  MORTISE_TRY(set_call_columns(f, parts.arguments, parts.choice.result, made, type));
  if (made.columns.size() != 1) {
    return bind_error("0A000",
                      "function " + std::string(parts.name) +
                          " returns several columns, which is supported in FROM only",
                      parts.node.position());
  }
  made.arguments = std::move(parts.arguments);
  const ColumnId id = made.columns[0];
  scope.set_calls.push_back(std::move(made));
  return make_column(id, plan_.columns[id].type, parts.node.position());
}

// Gives the columns of a set-returning call their ids and types.
Status Binder::set_call_columns(const mortise_function_t& f,
                                const std::vector<ExpressionPtr>& arguments, uint32_t result_type,
                                SetCall& made, mortise_type_t& type) {
  MORTISE_TRY(bind_function(f, arguments, result_type, type, made.state));
  if (f.table == nullptr || f.table->columns_count <= 1) {
    made.columns.push_back(plan_.columns.add(std::string(view_of(f.name)), type));
    return {};
  }
  for (uint32_t i = 0; i < f.table->columns_count; ++i) {
    MORTISE_TRY_ASSIGN(const mortise_type_t column_type,
                       registry().resolve(f.table->column_types[i]));
    made.columns.push_back(
        plan_.columns.add(std::string(view_of(f.table->column_names[i])), column_type));
  }
  return {};
}

// text(x), int4('7'): a cast in the clothes of a call; null if the name is no type or does not fit.
Result<ExpressionPtr> Binder::type_call(CallParts& parts) {
  if (parts.arguments.size() != 1 || parts.is_star || parts.node[4]) return ExpressionPtr();
  if (!parts.schema.empty() && parts.schema != "pg_catalog") return ExpressionPtr();
  const mortise_type_info_t* info = registry().type(parts.name);
  if (info == nullptr || view_of(info->name) != parts.name) return ExpressionPtr();
  const uint32_t source = parts.types[0];
  const CastPath path = registry().cast_path(source, info->sql_type, Coercion::explicit_);
  const bool fits = source == MORTISE_SQL_UNKNOWN || path.kind == CastPath::Kind::same ||
                    path.kind == CastPath::Kind::same_bytes ||
                    path.kind == CastPath::Kind::function || path.kind == CastPath::Kind::text_out;
  if (!fits) return ExpressionPtr();
  MORTISE_TRY_ASSIGN(const mortise_type_t target, registry().resolve(info->sql_type));
  return coerce(std::move(parts.arguments[0]), target, Coercion::explicit_);
}

Status Binder::no_such_function(const CallParts& parts, const Registry::Choice& choice) {
  std::string shown(parts.schema);
  if (!shown.empty()) {
    MORTISE_TRY_ASSIGN(const bool has_schema, environment_.names->has_schema(parts.schema));
    if (!has_schema) {
      return bind_error("3F000", "schema \"" + shown + "\" does not exist", parts.node.position());
    }
    shown.append(".");
  }
  shown.append(parts.name).append("(");
  if (parts.is_star) shown.append("*");
  for (size_t i = 0; i < parts.types.size(); ++i) {
    if (i > 0) shown.append(", ");
    shown.append(registry().type_name(parts.types[i]));
  }
  shown.append(")");
  if (choice.is_ambiguous) {
    return bind_error("42725", "function " + shown + " is not unique", parts.node.position(),
                      "Could not choose a best candidate function. You might need to add explicit "
                      "type casts.");
  }
  return bind_error("42883", "function " + shown + " does not exist", parts.node.position(),
                    "No function matches the given name and argument types. You might need to add "
                    "explicit type casts.");
}

}  // namespace mortise::sql_engine
