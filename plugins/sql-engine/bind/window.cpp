// SPDX-License-Identifier: Apache-2.0
//
// Window calls, their definitions and frames, and GROUPING().

#include "bind/call_parts.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

bool allows_windows(Clause clause) {
  return clause == Clause::select_list || clause == Clause::order_by ||
         clause == Clause::distinct_on;
}

bool is_same_list(const std::vector<ExpressionPtr>& a, const std::vector<ExpressionPtr>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (!is_equal(*a[i], *b[i])) return false;
  }
  return true;
}

bool is_same_order(const std::vector<SortKey>& a, const std::vector<SortKey>& b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i].is_descending != b[i].is_descending || a[i].is_nulls_first != b[i].is_nulls_first) {
      return false;
    }
    if (!is_equal(*a[i].expression, *b[i].expression)) return false;
  }
  return true;
}

bool is_same_offset(const ExpressionPtr& a, const ExpressionPtr& b) {
  if (a == nullptr || b == nullptr) return a == b;
  return is_equal(*a, *b);
}

bool is_same_window(const Window& a, const Window& b) {
  return a.unit == b.unit && a.start == b.start && a.end == b.end && a.exclude == b.exclude &&
         is_same_offset(a.start_offset, b.start_offset) &&
         is_same_offset(a.end_offset, b.end_offset) && is_same_list(a.partition, b.partition) &&
         is_same_order(a.order, b.order);
}

// Types in which RANGE with an offset is computed, by the order's type; value 0 = it is not.
struct RangeTypes {
  uint32_t value = 0;
  uint32_t offset = 0;
};

RangeTypes range_types(uint32_t order) {
  switch (order) {
    case MORTISE_SQL_INT2:
    case MORTISE_SQL_INT4:
    case MORTISE_SQL_INT8:
      return {MORTISE_SQL_NUMERIC, MORTISE_SQL_INT8};
    case MORTISE_SQL_NUMERIC:
      return {MORTISE_SQL_NUMERIC, MORTISE_SQL_NUMERIC};
    case MORTISE_SQL_FLOAT4:
    case MORTISE_SQL_FLOAT8:
      return {MORTISE_SQL_FLOAT8, MORTISE_SQL_FLOAT8};
    case MORTISE_SQL_DATE:
    case MORTISE_SQL_TIMESTAMP:
      return {MORTISE_SQL_TIMESTAMP, MORTISE_SQL_INTERVAL};
    case MORTISE_SQL_TIMESTAMPTZ:
      return {MORTISE_SQL_TIMESTAMPTZ, MORTISE_SQL_INTERVAL};
    case MORTISE_SQL_TIME:  // as an interval, which does not wrap at midnight
    case MORTISE_SQL_INTERVAL:
      return {MORTISE_SQL_INTERVAL, MORTISE_SQL_INTERVAL};
    default:
      return {};
  }
}

const WindowDefinition* find_window(const Scope& scope, std::string_view name) {
  for (const WindowDefinition& d : scope.window_definitions) {
    if (d.name == name) return &d;
  }
  return nullptr;
}

}  // namespace

void set_direction(Node key, SortKey& sort) {
  sort.is_descending = key.has(MORTISE_SYNTAX_DESCENDING) || key.text() == ">";
  sort.is_nulls_first = sort.is_descending;
  if (key.has(MORTISE_SYNTAX_NULLS_FIRST)) sort.is_nulls_first = true;
  if (key.has(MORTISE_SYNTAX_NULLS_LAST)) sort.is_nulls_first = false;
}

bool is_one_of(const Expression& e, const std::vector<ExpressionPtr>& list) {
  for (const ExpressionPtr& candidate : list) {
    if (is_equal(e, *candidate)) return true;
  }
  return false;
}

Result<ExpressionPtr> Binder::window_call(CallParts& parts, Scope& scope, Clause clause) {
  const Node node = parts.node;
  if (clause == Clause::aggregate_argument) {
    return bind_error("42803", "aggregate function calls cannot contain window function calls",
                      node.position());
  }
  if (clause == Clause::window_argument || clause == Clause::window_partition ||
      clause == Clause::window_order) {
    return bind_error("42P20",
                      clause == Clause::window_argument
                          ? "window function calls cannot be nested"
                          : "window functions are not allowed in window definitions",
                      node.position());
  }
  if (!allows_windows(clause)) {
    return bind_error("42P20",
                      "window functions are not allowed in " + std::string(name_of(clause)),
                      node.position());
  }
  if (parts.is_distinct) {
    return bind_error("0A000", "DISTINCT is not implemented for window functions", node.position());
  }
  if (node[2].count() > 0) {
    return bind_error("0A000", "aggregate ORDER BY is not implemented for window functions",
                      node.position());
  }
  const mortise_function_t& f = *parts.choice.function;
  if (f.kind == MORTISE_FUNCTION_WINDOW && parts.arguments.size() == 3) {
    // lag and lead: the default stands in for the value, down to its physical form.
    std::vector<ExpressionPtr*> both{&parts.arguments[0], &parts.arguments[2]};
    mortise_type_t type{};
    MORTISE_TRY(unify(both, parts.name, type));
  }
  PendingWindow pending;
  pending.call.function = &f;
  MORTISE_TRY(bind_function(f, parts.arguments, parts.choice.result, pending.call.type,
                            pending.call.state));
  pending.call.arguments = std::move(parts.arguments);
  if (node[3]) {
    if (f.kind != MORTISE_FUNCTION_AGGREGATE) {
      return bind_error("0A000", "FILTER is not implemented for non-aggregate window functions",
                        node.position());
    }
    MORTISE_TRY_ASSIGN(pending.call.filter, boolean(node[3], scope, Clause::filter, "FILTER"));
  }
  Node spec = node[4];
  if (!spec.text().empty()) {
    const WindowDefinition* known = find_window(scope, spec.text());
    if (known == nullptr) {
      return bind_error("42704", "window \"" + std::string(spec.text()) + "\" does not exist",
                        spec.position());
    }
    spec = known->node;
  }
  MORTISE_TRY_ASSIGN(pending.definition, window_definition(spec, scope));
  const mortise_type_t type = pending.call.type;
  const ColumnId id = plan_.columns.add(std::string(parts.name), type);
  pending.call.id = id;
  scope.windows.push_back(std::move(pending));
  return make_column(id, type, node.position());
}

Result<std::unique_ptr<Window>> Binder::window_definition(Node node, Scope& scope) {
  auto window = std::make_unique<Window>();
  Node partition = node[0];
  Node order = node[1];
  if (node[4]) {
    const WindowDefinition* base = find_window(scope, node[4].text());
    if (base == nullptr) {
      return bind_error("42704", "window \"" + std::string(node[4].text()) + "\" does not exist",
                        node[4].position());
    }
    const std::string name(node[4].text());
    if (partition.count() > 0) {
      return bind_error("42P20", "cannot override PARTITION BY clause of window \"" + name + "\"",
                        node.position());
    }
    if (order.count() > 0 && base->node[1].count() > 0) {
      return bind_error("42P20", "cannot override ORDER BY clause of window \"" + name + "\"",
                        node.position());
    }
    if (base->node.number() != 0) {
      return bind_error("42P20",
                        "cannot copy window \"" + name + "\" because it has a frame clause",
                        node.position());
    }
    partition = base->node[0];
    if (order.count() == 0) order = base->node[1];
  }
  for (const Node key : partition) {
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(key, scope, Clause::window_partition));
    MORTISE_TRY_ASSIGN(e, resolve_unknown(std::move(e)));
    window->partition.push_back(std::move(e));
  }
  for (const Node key : order) {
    SortKey sort;
    MORTISE_TRY_ASSIGN(sort.expression, expression(key[0], scope, Clause::window_order));
    MORTISE_TRY_ASSIGN(sort.expression, resolve_unknown(std::move(sort.expression)));
    set_direction(key, sort);
    window->order.push_back(std::move(sort));
  }
  MORTISE_TRY(window_frame(node, scope, *window));
  return window;
}

Status Binder::window_frame(Node node, Scope& scope, Window& window) {
  if (node.number() == 0) return {};
  window.unit = node.number() == 1   ? FrameUnit::range
                : node.number() == 2 ? FrameUnit::rows
                                     : FrameUnit::groups;
  if (node.has(MORTISE_SYNTAX_FRAME_START_UNBOUNDED))
    window.start = FrameBound::unbounded_preceding;
  if (node.has(MORTISE_SYNTAX_FRAME_START_CURRENT)) window.start = FrameBound::current_row;
  if (node.has(MORTISE_SYNTAX_FRAME_START_PRECEDING)) window.start = FrameBound::preceding;
  if (node.has(MORTISE_SYNTAX_FRAME_START_FOLLOWING)) window.start = FrameBound::following;
  if (node.has(MORTISE_SYNTAX_FRAME_END_UNBOUNDED)) window.end = FrameBound::unbounded_following;
  if (node.has(MORTISE_SYNTAX_FRAME_END_CURRENT)) window.end = FrameBound::current_row;
  if (node.has(MORTISE_SYNTAX_FRAME_END_PRECEDING)) window.end = FrameBound::preceding;
  if (node.has(MORTISE_SYNTAX_FRAME_END_FOLLOWING)) window.end = FrameBound::following;
  if (node.has(MORTISE_SYNTAX_FRAME_EXCLUDE_CURRENT)) window.exclude = 1;
  if (node.has(MORTISE_SYNTAX_FRAME_EXCLUDE_GROUP)) window.exclude = 2;
  if (node.has(MORTISE_SYNTAX_FRAME_EXCLUDE_TIES)) window.exclude = 3;
  if (window.unit == FrameUnit::groups && window.order.empty()) {
    return bind_error("42P20", "GROUPS mode requires an ORDER BY clause", node.position());
  }
  const bool has_offset = static_cast<bool>(node[2]) || static_cast<bool>(node[3]);
  if (window.unit == FrameUnit::range && has_offset) {
    if (window.order.size() != 1) {
      return bind_error("42P20",
                        "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY "
                        "column",
                        node.position());
    }
  }
  for (uint32_t side = 0; side < 2; ++side) {
    const Node offset = node[2 + side];
    if (!offset) continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(offset, scope, Clause::window_frame));
    std::vector<ColumnId> ids;
    collect_columns(*e, ids);
    for (const ColumnId id : ids) {
      if (!scope.owns(id)) continue;
      const std::string unit = window.unit == FrameUnit::range  ? "RANGE"
                               : window.unit == FrameUnit::rows ? "ROWS"
                                                                : "GROUPS";
      return bind_error("42P10", "argument of " + unit + " must not contain variables",
                        expression_position(*e));
    }
    ExpressionPtr& kept = side == 0 ? window.start_offset : window.end_offset;
    if (window.unit != FrameUnit::range) {
      MORTISE_TRY_ASSIGN(const mortise_type_t bigint, registry().resolve(MORTISE_SQL_INT8));
      MORTISE_TRY_ASSIGN(kept, coerce(std::move(e), bigint, Coercion::implicit));
      continue;
    }
    MORTISE_TRY_ASSIGN(kept, range_offset(std::move(e), window.order[0]));
    MORTISE_TRY(range_bound(window, side == 0));
  }
  return {};
}

// An offset of the type that goes with the order's, as PostgreSQL's in_range functions have it.
Result<ExpressionPtr> Binder::range_offset(ExpressionPtr e, const SortKey& order) {
  const mortise_type_t& ordered = order.expression->type;
  const RangeTypes types = range_types(ordered.sql_type);
  const uint32_t position = expression_position(*e);
  const std::string refusal =
      "RANGE with offset PRECEDING/FOLLOWING is not supported for column type " +
      type_name(ordered);
  if (types.value == 0) return bind_error("0A000", refusal, position);
  if (e->type.sql_type != MORTISE_SQL_UNKNOWN &&
      !registry().can_coerce(e->type.sql_type, types.offset, Coercion::implicit)) {
    return bind_error("0A000", refusal + " and offset type " + type_name(e->type), position,
                      "Cast the offset value to an appropriate type.");
  }
  MORTISE_TRY_ASSIGN(const mortise_type_t type, registry().resolve(types.offset));
  return coerce(std::move(e), type, Coercion::implicit);
}

// Where the frame of a row begins or ends, in values of the order; wide enough not to overflow.
Status Binder::range_bound(Window& window, bool is_start) {
  const SortKey& order = window.order[0];
  const RangeTypes types = range_types(order.expression->type.sql_type);
  MORTISE_TRY_ASSIGN(const mortise_type_t type, registry().resolve(types.value));
  if (window.range_value == nullptr) {
    MORTISE_TRY_ASSIGN(window.range_value,
                       coerce(clone(*order.expression), type, Coercion::implicit));
  }
  const Expression& offset = is_start ? *window.start_offset : *window.end_offset;
  const uint32_t position = expression_position(offset);
  const bool is_following = (is_start ? window.start : window.end) == FrameBound::following;
  ExpressionPtr by = clone(offset);
  if (by->type.sql_type == MORTISE_SQL_INT8) {
    MORTISE_TRY_ASSIGN(by, coerce(std::move(by), type, Coercion::implicit));
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr bound,
                     apply_operator(is_following != order.is_descending ? "+" : "-",
                                    clone(*window.range_value), std::move(by), position));
  MORTISE_TRY_ASSIGN((is_start ? window.range_start : window.range_end),
                     coerce(std::move(bound), type, Coercion::implicit));
  MORTISE_TRY_ASSIGN(ExpressionPtr zero, coerce(make_constant(Datum::unknown("0"), position),
                                                offset.type, Coercion::implicit));
  MORTISE_TRY_ASSIGN((is_start ? window.start_is_negative : window.end_is_negative),
                     apply_operator("<", clone(offset), std::move(zero), position));
  return {};
}

// Puts the level's window calls on top of its plan, one node per definition.
Status Binder::add_window_nodes(Scope& scope, LogicalPtr& plan) {
  std::vector<std::unique_ptr<Window>> nodes;
  for (PendingWindow& pending : scope.windows) {
    Window* home = nullptr;
    for (const std::unique_ptr<Window>& node : nodes) {
      if (is_same_window(*node, *pending.definition)) home = node.get();
    }
    if (home == nullptr) home = nodes.emplace_back(std::move(pending.definition)).get();
    home->calls.push_back(std::move(pending.call));
  }
  for (std::unique_ptr<Window>& node : nodes) {
    node->outputs = plan->outputs;
    for (const WindowCall& call : node->calls) node->outputs.push_back(call.id);
    node->inputs.push_back(std::move(plan));
    plan = std::move(node);
  }
  return {};
}

Result<ExpressionPtr> Binder::grouping_call(Node node, Scope& scope, Clause clause) {
  if (clause != Clause::select_list && clause != Clause::having && clause != Clause::order_by) {
    return bind_error("42803",
                      "grouping operations are not allowed in " + std::string(name_of(clause)),
                      node.position());
  }
  if (node.count() > 31) {
    return bind_error("54023", "GROUPING must have fewer than 32 arguments", node.position());
  }
  std::vector<ExpressionPtr> arguments;
  for (const Node argument : node) {
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(argument, scope, clause));
    arguments.push_back(std::move(e));
  }
  const mortise_type_t type = Datum::int32(0).type();
  Aggregate::Grouping grouping;
  grouping.id = plan_.columns.add("grouping", type);
  scope.grouping_calls.push_back(grouping);
  scope.grouping_arguments.push_back(std::move(arguments));
  return make_column(grouping.id, type, node.position());
}

}  // namespace mortise::sql_engine
