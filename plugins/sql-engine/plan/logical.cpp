// SPDX-License-Identifier: Apache-2.0

#include "plan/logical.hpp"

#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

ExpressionPtr copy(const ExpressionPtr& e) {
  return e == nullptr ? nullptr : clone(*e);
}

std::vector<ExpressionPtr> copy(const std::vector<ExpressionPtr>& list) {
  std::vector<ExpressionPtr> result;
  result.reserve(list.size());
  for (const ExpressionPtr& e : list) result.push_back(copy(e));
  return result;
}

std::vector<NamedExpression> copy(const std::vector<NamedExpression>& list) {
  std::vector<NamedExpression> result;
  result.reserve(list.size());
  for (const NamedExpression& n : list) result.push_back({n.id, copy(n.expression)});
  return result;
}

std::vector<SortKey> copy(const std::vector<SortKey>& list) {
  std::vector<SortKey> result;
  result.reserve(list.size());
  for (const SortKey& k : list) {
    result.push_back({copy(k.expression), k.is_descending, k.is_nulls_first});
  }
  return result;
}

std::vector<Assignment> copy(const std::vector<Assignment>& list) {
  std::vector<Assignment> result;
  result.reserve(list.size());
  for (const Assignment& a : list) result.push_back({a.column, copy(a.value)});
  return result;
}

std::vector<RowCheck> copy(const std::vector<RowCheck>& list) {
  std::vector<RowCheck> result;
  result.reserve(list.size());
  for (const RowCheck& c : list) result.push_back({c.constraint, copy(c.condition)});
  return result;
}

std::vector<SetCall> copy(const std::vector<SetCall>& list) {
  std::vector<SetCall> result;
  result.reserve(list.size());
  for (const SetCall& c : list) {
    SetCall n;
    n.function = c.function;
    n.state = c.state;
    n.arguments = copy(c.arguments);
    n.columns = c.columns;
    n.position_bytes = c.position_bytes;
    result.push_back(std::move(n));
  }
  return result;
}

std::unique_ptr<Scan> copy_own(const Scan& from) {
  auto n = std::make_unique<Scan>();
  n->relation = from.relation;
  n->alias = from.alias;
  n->columns = from.columns;
  n->row_id = from.row_id;
  n->filters = copy(from.filters);
  n->sample_percent = from.sample_percent;
  n->is_sample_system = from.is_sample_system;
  n->sample_seed = from.sample_seed;
  n->oldest_snapshot = from.oldest_snapshot;
  return n;
}

std::unique_ptr<Aggregate> copy_own(const Aggregate& from) {
  auto n = std::make_unique<Aggregate>();
  n->groups = copy(from.groups);
  n->sets = from.sets;
  n->grouping = from.grouping;
  for (const AggregateCall& c : from.calls) {
    AggregateCall call;
    call.id = c.id;
    call.function = c.function;
    call.state = c.state;
    call.arguments = copy(c.arguments);
    call.is_distinct = c.is_distinct;
    call.filter = copy(c.filter);
    call.order = copy(c.order);
    call.type = c.type;
    n->calls.push_back(std::move(call));
  }
  return n;
}

std::unique_ptr<Window> copy_own(const Window& from) {
  auto n = std::make_unique<Window>();
  n->partition = copy(from.partition);
  n->order = copy(from.order);
  n->unit = from.unit;
  n->start = from.start;
  n->end = from.end;
  n->start_offset = copy(from.start_offset);
  n->end_offset = copy(from.end_offset);
  n->range_value = copy(from.range_value);
  n->range_start = copy(from.range_start);
  n->range_end = copy(from.range_end);
  n->start_is_negative = copy(from.start_is_negative);
  n->end_is_negative = copy(from.end_is_negative);
  n->exclude = from.exclude;
  for (const WindowCall& c : from.calls) {
    WindowCall call;
    call.id = c.id;
    call.function = c.function;
    call.state = c.state;
    call.arguments = copy(c.arguments);
    call.filter = copy(c.filter);
    call.type = c.type;
    n->calls.push_back(std::move(call));
  }
  return n;
}

std::unique_ptr<Insert> copy_own(const Insert& from) {
  auto n = std::make_unique<Insert>();
  n->relation = from.relation;
  n->source = from.source;
  n->row = from.row;
  n->checks = copy(from.checks);
  n->on_conflict.action = from.on_conflict.action;
  n->on_conflict.arbiters = from.on_conflict.arbiters;
  n->on_conflict.existing = from.on_conflict.existing;
  n->on_conflict.assignments = copy(from.on_conflict.assignments);
  n->on_conflict.generated = copy(from.on_conflict.generated);
  n->on_conflict.condition = copy(from.on_conflict.condition);
  return n;
}

std::unique_ptr<Update> copy_own(const Update& from) {
  auto n = std::make_unique<Update>();
  n->relation = from.relation;
  n->row_id = from.row_id;
  n->old_row = from.old_row;
  n->row = from.row;
  n->assignments = copy(from.assignments);
  n->generated = copy(from.generated);
  n->checks = copy(from.checks);
  n->recheck = copy(from.recheck);
  return n;
}

std::unique_ptr<Erase> copy_own(const Erase& from) {
  auto n = std::make_unique<Erase>();
  n->relation = from.relation;
  n->row_id = from.row_id;
  n->old_row = from.old_row;
  n->recheck = copy(from.recheck);
  return n;
}

std::unique_ptr<Merge> copy_own(const Merge& from) {
  auto n = std::make_unique<Merge>();
  n->relation = from.relation;
  n->row_id = from.row_id;
  n->old_row = from.old_row;
  n->row = from.row;
  n->checks = copy(from.checks);
  for (const Merge::When& w : from.whens) {
    n->whens.push_back({w.is_matched, w.action, copy(w.condition), copy(w.assignments)});
  }
  return n;
}

std::unique_ptr<LockRows> copy_own(const LockRows& from) {
  auto n = std::make_unique<LockRows>();
  n->targets = from.targets;
  n->recheck = copy(from.recheck);
  return n;
}

std::unique_ptr<Join> copy_own(const Join& from) {
  auto n = std::make_unique<Join>();
  n->type = from.type;
  n->is_lateral = from.is_lateral;
  n->condition = copy(from.condition);
  n->mark = from.mark;
  return n;
}

std::unique_ptr<Limit> copy_own(const Limit& from) {
  auto n = std::make_unique<Limit>();
  n->limit = copy(from.limit);
  n->offset = copy(from.offset);
  n->is_with_ties = from.is_with_ties;
  return n;
}

template <typename Node>
const Node& of(const LogicalNode& node) {
  return static_cast<const Node&>(node);
}

// Nodes whose members are plain values copy themselves member by member.
template <typename Node, typename... Members>
LogicalPtr copy_plain(const LogicalNode& node, Members... members) {
  auto n = std::make_unique<Node>();
  ((n.get()->*members = static_cast<const Node&>(node).*members), ...);
  return n;
}

LogicalPtr clone_simple(const LogicalNode& node) {
  switch (node.kind) {
    case LogicalKind::table_function: {
      const auto& from = of<TableFunction>(node);
      auto n = std::make_unique<TableFunction>();
      n->calls = copy(from.calls);
      n->ordinality = from.ordinality;
      n->alias = from.alias;
      return n;
    }
    case LogicalKind::values: {
      auto n = std::make_unique<Values>();
      for (const auto& row : of<Values>(node).rows) n->rows.push_back(copy(row));
      return n;
    }
    case LogicalKind::filter: {
      auto n = std::make_unique<Filter>();
      n->condition = copy(of<Filter>(node).condition);
      return n;
    }
    case LogicalKind::project: {
      auto n = std::make_unique<Project>();
      n->expressions = copy(of<Project>(node).expressions);
      return n;
    }
    case LogicalKind::project_set: {
      auto n = std::make_unique<ProjectSet>();
      n->calls = copy(of<ProjectSet>(node).calls);
      return n;
    }
    case LogicalKind::sort: {
      auto n = std::make_unique<Sort>();
      n->keys = copy(of<Sort>(node).keys);
      return n;
    }
    case LogicalKind::distinct: {
      auto n = std::make_unique<Distinct>();
      n->on = copy(of<Distinct>(node).on);
      return n;
    }
    case LogicalKind::set_operation:
      return copy_plain<SetOperation>(node, &SetOperation::type, &SetOperation::is_all,
                                      &SetOperation::left, &SetOperation::right);
    case LogicalKind::common_table:
      return copy_plain<CommonTable>(node, &CommonTable::index, &CommonTable::name);
    case LogicalKind::common_table_scan:
      return copy_plain<CommonTableScan>(node, &CommonTableScan::index, &CommonTableScan::name,
                                         &CommonTableScan::alias, &CommonTableScan::source);
    case LogicalKind::recursive_union:
      return copy_plain<RecursiveUnion>(node, &RecursiveUnion::index, &RecursiveUnion::is_all,
                                        &RecursiveUnion::left, &RecursiveUnion::right);
    case LogicalKind::working_table_scan:
      return copy_plain<WorkingTableScan>(node, &WorkingTableScan::index, &WorkingTableScan::alias);
    case LogicalKind::copy_source:
      return copy_plain<CopySource>(node, &CopySource::relation, &CopySource::columns,
                                    &CopySource::options);
    case LogicalKind::copy_out:
      return copy_plain<CopyOut>(node, &CopyOut::columns, &CopyOut::names, &CopyOut::options);
    default:
      return nullptr;
  }
}

LogicalPtr clone_own(const LogicalNode& node) {
  switch (node.kind) {
    case LogicalKind::scan:
      return copy_own(of<Scan>(node));
    case LogicalKind::system_scan: {
      const auto& from = of<SystemScan>(node);
      auto n = std::make_unique<SystemScan>();
      n->view = from.view;
      n->alias = from.alias;
      n->columns = from.columns;
      n->filters = copy(from.filters);
      return n;
    }
    case LogicalKind::join:
      return copy_own(of<Join>(node));
    case LogicalKind::aggregate:
      return copy_own(of<Aggregate>(node));
    case LogicalKind::window:
      return copy_own(of<Window>(node));
    case LogicalKind::limit:
      return copy_own(of<Limit>(node));
    case LogicalKind::lock_rows:
      return copy_own(of<LockRows>(node));
    case LogicalKind::insert:
      return copy_own(of<Insert>(node));
    case LogicalKind::update:
      return copy_own(of<Update>(node));
    case LogicalKind::erase:
      return copy_own(of<Erase>(node));
    case LogicalKind::merge:
      return copy_own(of<Merge>(node));
    default:
      return clone_simple(node);
  }
}

using Visit = std::function<void(ExpressionPtr&)>;

void each(std::vector<ExpressionPtr>& list, const Visit& visit) {
  for (ExpressionPtr& e : list) visit(e);
}
void each(std::vector<NamedExpression>& list, const Visit& visit) {
  for (NamedExpression& n : list) visit(n.expression);
}
void each(std::vector<SortKey>& list, const Visit& visit) {
  for (SortKey& k : list) visit(k.expression);
}
void each(std::vector<Assignment>& list, const Visit& visit) {
  for (Assignment& a : list) visit(a.value);
}
void each(std::vector<RowCheck>& list, const Visit& visit) {
  for (RowCheck& c : list) visit(c.condition);
}
void each(std::vector<SetCall>& list, const Visit& visit) {
  for (SetCall& c : list) each(c.arguments, visit);
}

void each_in_change(LogicalNode& node, const Visit& visit) {
  const auto maybe = [&](ExpressionPtr& e) {
    if (e != nullptr) visit(e);
  };
  if (auto* insert = as<Insert>(&node)) {
    each(insert->checks, visit);
    each(insert->on_conflict.assignments, visit);
    each(insert->on_conflict.generated, visit);
    maybe(insert->on_conflict.condition);
  } else if (auto* update = as<Update>(&node)) {
    each(update->assignments, visit);
    each(update->generated, visit);
    each(update->checks, visit);
    maybe(update->recheck);
  } else if (auto* erase = as<Erase>(&node)) {
    maybe(erase->recheck);
  } else if (auto* merge = as<Merge>(&node)) {
    for (Merge::When& w : merge->whens) {
      maybe(w.condition);
      each(w.assignments, visit);
    }
    each(merge->checks, visit);
  } else if (auto* lock = as<LockRows>(&node)) {
    maybe(lock->recheck);
  }
}

}  // namespace

LogicalPtr clone(const LogicalNode& node) {
  LogicalPtr n = clone_own(node);
  MORTISE_ASSERT(n != nullptr);
  n->outputs = node.outputs;
  n->rows_estimate = node.rows_estimate;
  for (const LogicalPtr& input : node.inputs) n->inputs.push_back(clone(*input));
  return n;
}

void each_expression(LogicalNode& node, const Visit& visit) {
  const auto maybe = [&](ExpressionPtr& e) {
    if (e != nullptr) visit(e);
  };
  if (auto* scan = as<Scan>(&node)) {
    each(scan->filters, visit);
  } else if (auto* system = as<SystemScan>(&node)) {
    each(system->filters, visit);
  } else if (auto* table = as<TableFunction>(&node)) {
    each(table->calls, visit);
  } else if (auto* values = as<Values>(&node)) {
    for (auto& row : values->rows) each(row, visit);
  } else if (auto* filter = as<Filter>(&node)) {
    visit(filter->condition);
  } else if (auto* project = as<Project>(&node)) {
    each(project->expressions, visit);
  } else if (auto* set = as<ProjectSet>(&node)) {
    each(set->calls, visit);
  } else if (auto* join = as<Join>(&node)) {
    maybe(join->condition);
  } else if (auto* aggregate = as<Aggregate>(&node)) {
    each(aggregate->groups, visit);
    for (AggregateCall& c : aggregate->calls) {
      each(c.arguments, visit);
      maybe(c.filter);
      each(c.order, visit);
    }
  } else if (auto* window = as<Window>(&node)) {
    each(window->partition, visit);
    each(window->order, visit);
    maybe(window->start_offset);
    maybe(window->end_offset);
    maybe(window->range_value);
    maybe(window->range_start);
    maybe(window->range_end);
    maybe(window->start_is_negative);
    maybe(window->end_is_negative);
    for (WindowCall& c : window->calls) {
      each(c.arguments, visit);
      maybe(c.filter);
    }
  } else if (auto* sort = as<Sort>(&node)) {
    each(sort->keys, visit);
  } else if (auto* distinct = as<Distinct>(&node)) {
    each(distinct->on, visit);
  } else if (auto* limit = as<Limit>(&node)) {
    maybe(limit->limit);
    maybe(limit->offset);
  } else {
    each_in_change(node, visit);
  }
}

void each_expression(const LogicalNode& node,
                     const std::function<void(const ExpressionPtr&)>& visit) {
  each_expression(const_cast<LogicalNode&>(node), [&](ExpressionPtr& e) { visit(e); });
}

}  // namespace mortise::sql_engine
