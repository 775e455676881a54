// SPDX-License-Identifier: Apache-2.0
//
// Plans and expressions as text, for tests and EXPLAIN.  Not SQL that could be read again.

#include <string>

#include "mortise/cpp/boundary.hpp"
#include "plan/logical.hpp"

namespace mortise::sql_engine {
namespace {

std::string list(const std::vector<ExpressionPtr>& items, const ColumnTable& columns,
                 std::string_view between) {
  std::string out;
  for (const ExpressionPtr& e : items) {
    if (!out.empty()) out.append(between);
    out.append(to_text(*e, columns));
  }
  return out;
}

std::string decimal_text(int64_t value, uint32_t scale) {
  if (value == INT64_MAX) return "NaN";
  std::string digits = std::to_string(value < 0 ? -value : value);
  if (scale > 0) {
    if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
    digits.insert(digits.size() - scale, ".");
  }
  return value < 0 ? "-" + digits : digits;
}

std::string constant_text(const Datum& d) {
  if (d.is_null()) return "NULL";
  switch (d.type().physical) {
    case MORTISE_PHYSICAL_BOOL:
      return d.as_bool() ? "true" : "false";
    case MORTISE_PHYSICAL_INT16:
    case MORTISE_PHYSICAL_INT32:
    case MORTISE_PHYSICAL_INT64:
      return std::to_string(d.as_integer());
    case MORTISE_PHYSICAL_DECIMAL64:
      return decimal_text(d.as_integer(), d.type().scale);
    case MORTISE_PHYSICAL_FLOAT32:
    case MORTISE_PHYSICAL_FLOAT64:
      return std::to_string(d.as_double());
    case MORTISE_PHYSICAL_TEXT:
      return "'" + std::string(d.as_text()) + "'";
    default:
      return "<value of type " + std::to_string(d.type().sql_type) + ">";
  }
}

std::string column_text(ColumnId id, const ColumnTable& columns) {
  const auto number = static_cast<uint32_t>(id);
  if (number == 0 || number >= columns.count()) return "#" + std::to_string(number);
  const std::string& name = columns[id].name;
  if (!columns.has_numbers() && !name.empty()) {
    const std::string& table = columns[id].table;
    return table.empty() ? name : table + "." + name;
  }
  return (name.empty() ? "?column?" : name) + "#" + std::to_string(number);
}

std::string call_text(const Expression& e, const ColumnTable& columns) {
  const std::string_view symbol = view_of(e.function->operator_symbol);
  if (!symbol.empty() && e.children.size() == 2) {
    return "(" + to_text(e.child(0), columns) + " " + std::string(symbol) + " " +
           to_text(e.child(1), columns) + ")";
  }
  if (!symbol.empty() && e.children.size() == 1) {
    return "(" + std::string(symbol) + to_text(e.child(0), columns) + ")";
  }
  return std::string(view_of(e.function->name)) + "(" + list(e.children, columns, ", ") + ")";
}

std::string case_text(const Expression& e, const ColumnTable& columns) {
  std::string out("CASE");
  for (size_t i = 0; i + 1 < e.children.size(); i += 2) {
    out.append(" WHEN ").append(to_text(e.child(i), columns));
    out.append(" THEN ").append(to_text(e.child(i + 1), columns));
  }
  return out + " ELSE " + to_text(e.child(e.children.size() - 1), columns) + " END";
}

std::string subquery_text(const Expression& e, const ColumnTable& columns) {
  const std::string plan = "(SubPlan)";
  switch (e.kind) {
    case ExpressionKind::exists:
      return (e.is_negated ? "(NOT EXISTS " : "(EXISTS ") + plan + ")";
    case ExpressionKind::quantified_subquery:
      return (e.is_all ? "(ALL " : "(ANY ") + to_text(e.child(0), columns) + " " + plan + ")";
    case ExpressionKind::array_subquery:
      return "ARRAY" + plan;
    default:
      return plan;
  }
}

std::string array_text(const Expression& e, const ColumnTable& columns) {
  switch (e.kind) {
    case ExpressionKind::array:
      return "ARRAY[" + list(e.children, columns, ", ") + "]";
    case ExpressionKind::subscript: {
      std::string out("(" + to_text(e.child(0), columns) + ")");
      const size_t step = e.is_all ? 2 : 1;
      for (size_t i = 1; i + step <= e.children.size(); i += step) {
        out.append("[").append(to_text(e.child(i), columns));
        if (e.is_all) out.append(":").append(to_text(e.child(i + 1), columns));
        out.append("]");
      }
      return out;
    }
    case ExpressionKind::any_element:
      return (e.children.size() > 1 ? to_text(e.child(1), columns) + " " : std::string()) +
             std::string(e.element->function == nullptr
                             ? std::string_view("?")
                             : view_of(e.element->function->operator_symbol)) +
             (e.is_all ? " ALL (" : " ANY (") + to_text(e.child(0), columns) + ")";
    case ExpressionKind::map_elements:
      return "(" + to_text(e.child(0), columns) + ")::" + std::to_string(e.type.sql_type);
    default:
      return "?";
  }
}

std::string keys_text(const std::vector<SortKey>& keys, const ColumnTable& columns) {
  std::string out;
  for (const SortKey& k : keys) {
    if (!out.empty()) out.append(", ");
    out.append(to_text(*k.expression, columns));
    if (k.is_descending) out.append(" DESC");
    if (k.is_nulls_first != k.is_descending) {
      out.append(k.is_nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
  }
  return out;
}

std::string named_text(const std::vector<NamedExpression>& list, const ColumnTable& columns) {
  std::string out;
  for (const NamedExpression& n : list) {
    if (!out.empty()) out.append(", ");
    out.append(to_text(*n.expression, columns)).append(" AS ").append(column_text(n.id, columns));
  }
  return out;
}

std::string ids_text(const std::vector<ColumnId>& ids, const ColumnTable& columns) {
  std::string out;
  for (const ColumnId id : ids) {
    if (!out.empty()) out.append(", ");
    out.append(column_text(id, columns));
  }
  return out;
}

std::string calls_text(const std::vector<SetCall>& calls, const ColumnTable& columns) {
  std::string out;
  for (const SetCall& c : calls) {
    if (!out.empty()) out.append(", ");
    out.append(view_of(c.function->name)).append("(").append(list(c.arguments, columns, ", "));
    out.append(")");
  }
  return out;
}

std::string aggregate_text(const Aggregate& node, const ColumnTable& columns) {
  std::string out("Aggregate [" + named_text(node.groups, columns) + "]");
  for (const AggregateCall& c : node.calls) {
    out.append(" ").append(view_of(c.function->name)).append("(");
    if (c.is_distinct) out.append("DISTINCT ");
    out.append(c.arguments.empty() ? std::string("*") : list(c.arguments, columns, ", "));
    if (!c.order.empty()) out.append(" ORDER BY ").append(keys_text(c.order, columns));
    out.append(")");
    if (c.filter != nullptr) out.append(" FILTER ").append(to_text(*c.filter, columns));
    out.append(" AS ").append(column_text(c.id, columns));
  }
  if (!node.sets.empty()) out.append(" sets ").append(std::to_string(node.sets.size()));
  return out;
}

std::string_view join_text(JoinType type) {
  switch (type) {
    case JoinType::inner:
      return "Join";
    case JoinType::left:
      return "LeftJoin";
    case JoinType::right:
      return "RightJoin";
    case JoinType::full:
      return "FullJoin";
    case JoinType::cross:
      return "CrossJoin";
    case JoinType::semi:
      return "SemiJoin";
    case JoinType::anti:
      return "AntiJoin";
    case JoinType::anti_nulls:
      return "NullAwareAntiJoin";
    case JoinType::mark:
      return "MarkJoin";
    case JoinType::single:
      return "SingleJoin";
  }
  return "Join";
}

std::string assignments_text(const std::vector<Assignment>& list, const Relation& relation,
                             const ColumnTable& columns) {
  std::string out;
  for (const Assignment& a : list) {
    if (!out.empty()) out.append(", ");
    out.append(relation.columns()[a.column].name).append(" = ").append(to_text(*a.value, columns));
  }
  return out;
}

std::string leaf_text(const LogicalNode& node, const ColumnTable& columns) {
  if (const auto* scan = as<Scan>(&node)) {
    std::string out("Scan " + scan->relation->name());
    if (scan->alias != scan->relation->name()) out.append(" ").append(scan->alias);
    if (!scan->filters.empty()) {
      out.append(" filter ").append(list(scan->filters, columns, " AND "));
    }
    return out;
  }
  if (const auto* system = as<SystemScan>(&node)) {
    return "SystemScan " + std::string(view_of(system->view->name));
  }
  if (const auto* call = as<TableFunction>(&node)) {
    return "TableFunction " + calls_text(call->calls, columns);
  }
  if (const auto* values = as<Values>(&node)) {
    std::string out("Values");
    for (const auto& row : values->rows) out.append(" (" + list(row, columns, ", ") + ")");
    return out;
  }
  if (const auto* scan = as<CommonTableScan>(&node)) return "CommonTableScan " + scan->name;
  if (as<WorkingTableScan>(&node) != nullptr) return "WorkingTableScan";
  if (const auto* copy = as<CopySource>(&node)) return "CopySource " + copy->relation->name();
  return {};
}

std::string change_text(const LogicalNode& node, const ColumnTable& columns) {
  if (const auto* insert = as<Insert>(&node)) {
    std::string out("Insert " + insert->relation->name());
    if (insert->on_conflict.action == ConflictAction::nothing) out.append(" on conflict nothing");
    if (insert->on_conflict.action == ConflictAction::update) {
      out.append(" on conflict set ");
      out.append(assignments_text(insert->on_conflict.assignments, *insert->relation, columns));
    }
    return out;
  }
  if (const auto* update = as<Update>(&node)) {
    return "Update " + update->relation->name() + " set " +
           assignments_text(update->assignments, *update->relation, columns);
  }
  if (const auto* erase = as<Erase>(&node)) return "Delete " + erase->relation->name();
  if (const auto* merge = as<Merge>(&node)) return "Merge " + merge->relation->name();
  if (as<CopyOut>(&node) != nullptr) return "CopyOut";
  return {};
}

std::string head_text(const LogicalNode& node, const ColumnTable& columns) {
  if (std::string leaf = leaf_text(node, columns); !leaf.empty()) return leaf;
  if (std::string change = change_text(node, columns); !change.empty()) return change;
  if (const auto* filter = as<Filter>(&node))
    return "Filter " + to_text(*filter->condition, columns);
  if (const auto* p = as<Project>(&node)) return "Project " + named_text(p->expressions, columns);
  if (const auto* p = as<ProjectSet>(&node)) return "ProjectSet " + calls_text(p->calls, columns);
  if (const auto* join = as<Join>(&node)) {
    std::string out(join_text(join->type));
    if (join->is_lateral) out.append(" lateral");
    if (join->condition != nullptr) out.append(" ").append(to_text(*join->condition, columns));
    return out;
  }
  if (const auto* aggregate = as<Aggregate>(&node)) return aggregate_text(*aggregate, columns);
  if (const auto* window = as<Window>(&node)) {
    return "Window partition " + list(window->partition, columns, ", ") + " order " +
           keys_text(window->order, columns);
  }
  if (const auto* sort = as<Sort>(&node)) return "Sort " + keys_text(sort->keys, columns);
  if (const auto* d = as<Distinct>(&node)) {
    return d->on.empty() ? "Distinct" : "Distinct on " + list(d->on, columns, ", ");
  }
  if (const auto* limit = as<Limit>(&node)) {
    std::string out("Limit");
    if (limit->limit != nullptr) out.append(" ").append(to_text(*limit->limit, columns));
    if (limit->offset != nullptr) out.append(" offset ").append(to_text(*limit->offset, columns));
    return out;
  }
  if (const auto* set = as<SetOperation>(&node)) {
    static constexpr std::string_view kNames[] = {"Union", "Intersect", "Except"};
    return std::string(kNames[static_cast<size_t>(set->type)]) + (set->is_all ? " all" : "");
  }
  if (as<LockRows>(&node) != nullptr) return "LockRows";
  if (const auto* c = as<CommonTable>(&node)) return "CommonTable " + c->name;
  if (const auto* r = as<RecursiveUnion>(&node)) {
    return std::string("RecursiveUnion") + (r->is_all ? " all" : "");
  }
  return "?";
}

void node_text(const LogicalNode& node, const ColumnTable& columns, uint32_t depth,
               std::string& out) {
  out.append(depth * 2, ' ').append(head_text(node, columns));
  out.append(" -> ").append(ids_text(node.outputs, columns)).append("\n");
  each_expression(node, [&](const ExpressionPtr& expression) {
    walk(*expression, [&](const Expression& e) {
      if (e.subquery == nullptr) return;
      out.append(depth * 2 + 2, ' ').append("SubPlan");
      if (!e.subquery->outer.empty()) {
        out.append(" outer ").append(ids_text(e.subquery->outer, columns));
      }
      out.append("\n");
      node_text(*e.subquery->plan, columns, depth + 2, out);
    });
  });
  for (const LogicalPtr& input : node.inputs) node_text(*input, columns, depth + 1, out);
}

}  // namespace

std::string to_text(const Expression& e, const ColumnTable& columns) {
  switch (e.kind) {
    case ExpressionKind::constant:
      return constant_text(e.constant);
    case ExpressionKind::column:
      return column_text(e.column, columns);
    case ExpressionKind::parameter:
      return "$" + std::to_string(e.parameter_index + 1);
    case ExpressionKind::call:
      return call_text(e, columns);
    case ExpressionKind::cast:
      return to_text(e.child(0), columns) + "::" + std::to_string(e.type.sql_type);
    case ExpressionKind::conjunction:
      return "(" + list(e.children, columns, " AND ") + ")";
    case ExpressionKind::disjunction:
      return "(" + list(e.children, columns, " OR ") + ")";
    case ExpressionKind::negation:
      return "(NOT " + to_text(e.child(0), columns) + ")";
    case ExpressionKind::is_null:
      return "(" + to_text(e.child(0), columns) + (e.is_negated ? " IS NOT NULL)" : " IS NULL)");
    case ExpressionKind::is_boolean: {
      static constexpr std::string_view kNames[] = {"FALSE", "TRUE", "UNKNOWN"};
      return "(" + to_text(e.child(0), columns) + (e.is_negated ? " IS NOT " : " IS ") +
             std::string(kNames[static_cast<size_t>(e.truth)]) + ")";
    }
    case ExpressionKind::distinct_from:
      return "(" + to_text(e.child(0), columns) +
             (e.is_negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ") +
             to_text(e.child(1), columns) + ")";
    case ExpressionKind::nullif:
      return "NULLIF(" + list(e.children, columns, ", ") + ")";
    case ExpressionKind::case_when:
      return case_text(e, columns);
    case ExpressionKind::coalesce:
      return "COALESCE(" + list(e.children, columns, ", ") + ")";
    case ExpressionKind::greatest:
      return "GREATEST(" + list(e.children, columns, ", ") + ")";
    case ExpressionKind::least:
      return "LEAST(" + list(e.children, columns, ", ") + ")";
    case ExpressionKind::in_list: {
      std::string out("(" + to_text(e.child(0), columns) + (e.is_negated ? " NOT IN (" : " IN ("));
      for (size_t i = 1; i < e.children.size(); ++i) {
        out.append(i > 1 ? ", " : "").append(to_text(e.child(i), columns));
      }
      return out + "))";
    }
    case ExpressionKind::scalar_subquery:
    case ExpressionKind::exists:
    case ExpressionKind::quantified_subquery:
    case ExpressionKind::array_subquery:
      return subquery_text(e, columns);
    default:
      return array_text(e, columns);
  }
}

std::string to_text(const LogicalNode& node, const ColumnTable& columns) {
  std::string out;
  node_text(node, columns, 0, out);
  return out;
}

}  // namespace mortise::sql_engine
