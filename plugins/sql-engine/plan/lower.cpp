// SPDX-License-Identifier: Apache-2.0
//
// Longer than 500 lines, because one function per logical operator.
//
// The walk itself, and the nodes whose lowering is short.
#include <algorithm>

#include "execute/aggregate.hpp"
#include "execute/project.hpp"
#include "execute/set_operation.hpp"
#include "execute/sort.hpp"
#include "execute/sources_of_rows.hpp"
#include "mortise/cpp/boundary.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

// Numbers under which a run keeps rows: CTEs and working tables must not meet.
uint32_t common_table_number(uint32_t index) {
  return index * 2;
}
uint32_t working_table_number(uint32_t index) {
  return index * 2 + 1;
}

}  // namespace

int32_t place_of(std::span<const ColumnId> ids, ColumnId id) {
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == id) return static_cast<int32_t>(i);
  }
  return -1;
}

OperatorPtr Lowering::seal(OperatorPtr op, Ids ids, double rows) {
  std::vector<mortise_type_t> types;
  for (const ColumnId id : ids) types.push_back(columns_[id].type);
  op->set_columns(std::move(ids), std::move(types));
  op->index = fragment_.operators_count++;
  op->rows_estimate = std::max(rows, 1.0);
  op->cost_estimate = op->rows_estimate;
  for (const OperatorPtr& input : op->inputs) op->cost_estimate += input->cost_estimate;
  return op;
}

Scope Lowering::scope_of(std::span<const ColumnId> inputs) const {
  Scope scope;
  scope.inputs = inputs;
  scope.fragment = &fragment_;
  scope.lower_subquery = [this](const Subquery& subquery, const Expression* test) {
    return lower_subquery(subquery, test);
  };
  return scope;
}

std::string Lowering::text_of_all(std::span<const Expression* const> parts,
                                  std::string_view glue) const {
  if (parts.size() == 1) return text_of_expression(*parts[0]);
  std::string text;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) text += glue;
    text += text_of_expression(*parts[i]);
  }
  return text;
}

Status Lowering::lower_root(const LogicalNode& node, const std::vector<ColumnId>& needed) {
  IdSet wanted;
  wanted.add(needed);
  MORTISE_TRY_ASSIGN(OperatorPtr root, lower(node, wanted));
  if (root->ids != needed) {
    auto project = std::make_unique<ProjectOperator>();
    std::vector<ExpressionPtr> columns;
    std::vector<const Expression*> roots;
    for (const ColumnId id : needed) {
      columns.push_back(make_column(id, columns_[id].type));
      roots.push_back(columns.back().get());
    }
    MORTISE_TRY_ASSIGN(project->expressions, compile(roots, scope_of(root->ids)));
    const double rows = root->rows_estimate;
    project->inputs.push_back(std::move(root));
    root = seal(std::move(project), needed, rows);
  }
  fragment_.root = std::move(root);
  return {};
}

Result<std::unique_ptr<Fragment>> Lowering::lower_nested(const LogicalNode& node,
                                                         const Ids& results) const {
  auto fragment = std::make_unique<Fragment>();
  fragment->outer = free_columns(node);
  for (const ColumnId id : fragment->outer) fragment->outer_types.push_back(columns_[id].type);
  Lowering nested(services_, columns_, *fragment);
  nested.kept_ = kept_;
  MORTISE_TRY(nested.lower_root(node, results));
  return fragment;
}

Result<std::unique_ptr<Fragment>> Lowering::lower_subquery(const Subquery& subquery,
                                                           const Expression* test) const {
  if (test == nullptr) {
    Ids results = subquery.columns;
    if (results.size() > 1) results.resize(1);
    return lower_nested(*subquery.plan, results);
  }
  auto fragment = std::make_unique<Fragment>();
  fragment->outer = free_columns(*subquery.plan);
  IdSet made;
  collect_made(*subquery.plan, made);
  std::vector<ColumnId> read;
  collect_columns(*test, read);
  Ids inner;
  for (const ColumnId id : read) {
    if (made.has(id)) {
      inner.push_back(id);
    } else if (place_of(fragment->outer, id) < 0) {
      fragment->outer.push_back(id);
    }
  }
  for (const ColumnId id : fragment->outer) fragment->outer_types.push_back(columns_[id].type);
  Lowering nested(services_, columns_, *fragment);
  nested.kept_ = kept_;
  MORTISE_TRY(nested.lower_root(*subquery.plan, inner));
  auto project = std::make_unique<ProjectOperator>();
  MORTISE_TRY_ASSIGN(project->expressions, compile(*test, nested.scope_of(fragment->root->ids)));
  const double rows = fragment->root->rows_estimate;
  project->inputs.push_back(std::move(fragment->root));
  OperatorPtr sealed = nested.seal(std::move(project), {}, rows);
  sealed->types.push_back(test->type);
  sealed->physical.push_back(test->type.physical);
  fragment->root = std::move(sealed);
  return fragment;
}

Result<OperatorPtr> Lowering::lower(const LogicalNode& node, const IdSet& needed) {
  if (columns_.is_interrupted()) {
    return Status(Code::cancelled, "57014", "canceling statement due to user request");
  }
  switch (node.kind) {
    case LogicalKind::scan:
      return lower_scan(static_cast<const Scan&>(node), needed);
    case LogicalKind::system_scan:
      return lower_system_scan(static_cast<const SystemScan&>(node), needed);
    case LogicalKind::table_function:
      return lower_table_function(static_cast<const TableFunction&>(node));
    case LogicalKind::values:
      return lower_values(static_cast<const Values&>(node), needed);
    case LogicalKind::common_table_scan:
      return lower_common_table_scan(static_cast<const CommonTableScan&>(node), needed);
    case LogicalKind::working_table_scan:
      return lower_working_table_scan(static_cast<const WorkingTableScan&>(node));
    case LogicalKind::copy_source:
      return lower_copy_source(static_cast<const CopySource&>(node));
    case LogicalKind::filter:
      return lower_filter(static_cast<const Filter&>(node), needed);
    case LogicalKind::project:
      return lower_project(static_cast<const Project&>(node), needed);
    case LogicalKind::project_set:
      return lower_project_set(static_cast<const ProjectSet&>(node), needed);
    case LogicalKind::join:
      return lower_join(static_cast<const Join&>(node), needed);
    case LogicalKind::aggregate:
      return lower_aggregate(static_cast<const Aggregate&>(node), needed);
    case LogicalKind::window:
      return lower_window(static_cast<const Window&>(node), needed);
    case LogicalKind::sort:
      return lower_sort(static_cast<const Sort&>(node), needed, nullptr);
    case LogicalKind::distinct:
      return lower_distinct(static_cast<const Distinct&>(node), needed);
    case LogicalKind::limit:
      return lower_limit(static_cast<const Limit&>(node), needed);
    case LogicalKind::set_operation:
      return lower_set_operation(static_cast<const SetOperation&>(node), needed);
    case LogicalKind::lock_rows:
      return lower_lock_rows(static_cast<const LockRows&>(node), needed);
    case LogicalKind::common_table:
      return lower_common_table(static_cast<const CommonTable&>(node), needed);
    case LogicalKind::recursive_union:
      return lower_recursive_union(static_cast<const RecursiveUnion&>(node));
    case LogicalKind::insert:
      return lower_insert(static_cast<const Insert&>(node), needed);
    case LogicalKind::update:
      return lower_update(static_cast<const Update&>(node), needed);
    case LogicalKind::erase:
      return lower_erase(static_cast<const Erase&>(node), needed);
    case LogicalKind::copy_out:
      return lower_copy_out(static_cast<const CopyOut&>(node));
    case LogicalKind::merge:
      return unsupported("MERGE cannot be carried out yet");
  }
  return internal("an unknown kind of logical node");
}

Result<OperatorPtr> Lowering::lower_values(const Values& values, const IdSet& needed) {
  auto op = std::make_unique<ValuesScan>();
  op->rows_count = static_cast<uint32_t>(values.rows.size());
  Ids ids;
  std::vector<size_t> places;
  for (size_t c = 0; c < values.outputs.size(); ++c) {
    if (!needed.has(values.outputs[c])) continue;
    ids.push_back(values.outputs[c]);
    places.push_back(c);
  }
  std::vector<const Expression*> roots;
  for (const auto& row : values.rows) {
    for (const size_t place : places) roots.push_back(row[place].get());
  }
  MORTISE_TRY_ASSIGN(op->values, compile(roots, scope_of({})));
  return seal(std::move(op), std::move(ids), static_cast<double>(values.rows.size()));
}

Status Lowering::lower_call(const SetCall& call, std::vector<const Expression*>& arguments,
                            LoweredCall& lowered) const {
  lowered.function = call.function;
  lowered.state = call.state;
  lowered.arguments_begin = static_cast<uint32_t>(arguments.size());
  lowered.arguments_count = static_cast<uint32_t>(call.arguments.size());
  for (const ExpressionPtr& argument : call.arguments) {
    arguments.push_back(argument.get());
    lowered.argument_types.push_back(argument->type);
  }
  for (const ColumnId id : call.columns) lowered.types.push_back(columns_[id].type);
  const bool is_known =
      call.function->kind == MORTISE_FUNCTION_TABLE ||
      (call.function->kind == MORTISE_FUNCTION_SCALAR && lowered.types.size() == 1);
  return is_known ? Status() : unsupported("a function of this kind cannot stand in FROM");
}

Result<OperatorPtr> Lowering::lower_table_function(const TableFunction& function) {
  auto op = std::make_unique<FunctionScan>();
  op->alias = function.alias;
  std::vector<const Expression*> arguments;
  Ids ids;
  op->calls.resize(function.calls.size());
  for (size_t i = 0; i < function.calls.size(); ++i) {
    MORTISE_TRY(lower_call(function.calls[i], arguments, op->calls[i]));
    ids.insert(ids.end(), function.calls[i].columns.begin(), function.calls[i].columns.end());
  }
  if (function.ordinality != kNoColumn) {
    op->has_ordinality = true;
    ids.push_back(function.ordinality);
  }
  MORTISE_TRY_ASSIGN(op->arguments, compile(arguments, scope_of({})));
  return seal(std::move(op), std::move(ids), estimate_rows(function));
}

Result<OperatorPtr> Lowering::lower_project_set(const ProjectSet& set, const IdSet& needed) {
  auto op = std::make_unique<ProjectSetOperator>();
  std::vector<const Expression*> arguments;
  op->calls.resize(set.calls.size());
  IdSet below = needed;
  for (size_t i = 0; i < set.calls.size(); ++i) {
    MORTISE_TRY(lower_call(set.calls[i], arguments, op->calls[i]));
  }
  for (const Expression* argument : arguments) below.add(*argument);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*set.inputs[0], below));
  MORTISE_TRY_ASSIGN(op->arguments, compile(arguments, scope_of(input->ids)));
  Ids ids;
  for (uint32_t c = 0; c < input->ids.size(); ++c) {
    if (!needed.has(input->ids[c])) continue;
    op->passed.push_back(c);
    ids.push_back(input->ids[c]);
  }
  for (const SetCall& call : set.calls) {
    ids.insert(ids.end(), call.columns.begin(), call.columns.end());
  }
  const double rows = input->rows_estimate * 10;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_filter(const Filter& filter, const IdSet& needed) {
  IdSet below = needed;
  below.add(*filter.condition);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*filter.inputs[0], below));
  return filtered(std::move(input), {filter.condition.get()});
}

Result<OperatorPtr> Lowering::lower_project(const Project& project, const IdSet& needed) {
  IdSet below;
  Ids ids;
  std::vector<const Expression*> roots;
  for (const NamedExpression& named : project.expressions) {
    if (!needed.has(named.id)) continue;
    ids.push_back(named.id);
    roots.push_back(named.expression.get());
    below.add(*named.expression);
  }
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*project.inputs[0], below));
  auto op = std::make_unique<ProjectOperator>();
  MORTISE_TRY_ASSIGN(op->expressions, compile(roots, scope_of(input->ids)));
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_aggregate(const Aggregate& aggregate, const IdSet& needed) {
  auto op = std::make_unique<AggregateOperator>();
  IdSet below;
  Ids ids;
  std::vector<const Expression*> roots;
  for (const NamedExpression& group : aggregate.groups) {
    roots.push_back(group.expression.get());
    ids.push_back(group.id);
  }
  op->groups_count = static_cast<uint32_t>(aggregate.groups.size());
  op->groups_text = text_of_all(roots, ", ");
  for (const AggregateCall& call : aggregate.calls) {
    if (!needed.has(call.id)) continue;
    LoweredAggregate lowered;
    lowered.function = call.function;
    lowered.state = call.state;
    lowered.is_distinct = call.is_distinct && !call.arguments.empty();
    lowered.type = call.type;
    lowered.arguments_begin = static_cast<uint32_t>(roots.size());
    lowered.arguments_count = static_cast<uint32_t>(call.arguments.size());
    for (const ExpressionPtr& argument : call.arguments) {
      roots.push_back(argument.get());
      lowered.argument_types.push_back(argument->type);
    }
    if (call.filter != nullptr) {
      lowered.filter = static_cast<int32_t>(roots.size());
      roots.push_back(call.filter.get());
    }
    for (const SortKey& key : call.order) {
      lowered.order.push_back(
          {static_cast<uint32_t>(roots.size()), key.is_descending, key.is_nulls_first});
      roots.push_back(key.expression.get());
    }
    op->calls.push_back(std::move(lowered));
    ids.push_back(call.id);
  }
  op->sets = aggregate.sets;
  for (const Aggregate::Grouping& grouping : aggregate.grouping) {
    if (!needed.has(grouping.id)) continue;
    op->grouping.push_back(grouping.groups);
    ids.push_back(grouping.id);
  }
  for (const Expression* root : roots) below.add(*root);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*aggregate.inputs[0], below));
  MORTISE_TRY_ASSIGN(op->program, compile(roots, scope_of(input->ids)));
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), estimate_rows(aggregate));
}

Result<OperatorPtr> Lowering::lower_sort(const Sort& sort, const IdSet& needed,
                                         const Limit* limit) {
  auto op = std::make_unique<SortOperator>();
  IdSet below = needed;
  std::vector<const Expression*> roots;
  for (const SortKey& key : sort.keys) {
    roots.push_back(key.expression.get());
    below.add(*key.expression);
    op->keys.push_back({key.is_descending, key.is_nulls_first});
    if (!op->keys_text.empty()) op->keys_text += ", ";
    op->keys_text += text_of_expression(*key.expression);
    if (key.is_descending) op->keys_text += " DESC";
  }
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*sort.inputs[0], below));
  if (roots.empty()) return input;
  MORTISE_TRY_ASSIGN(op->key_program, compile(roots, scope_of(input->ids)));
  if (limit != nullptr && limit->limit != nullptr && !limit->is_with_ties) {
    std::vector<const Expression*> bounds = {limit->limit.get()};
    op->has_limit = true;
    if (limit->offset != nullptr) {
      op->has_offset = true;
      bounds.push_back(limit->offset.get());
    }
    MORTISE_TRY_ASSIGN(op->bounds, compile(bounds, scope_of({})));
  }
  Ids ids;
  for (uint32_t c = 0; c < input->ids.size(); ++c) {
    if (!needed.has(input->ids[c])) continue;
    op->columns.push_back(c);
    ids.push_back(input->ids[c]);
  }
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_distinct(const Distinct& distinct, const IdSet& needed) {
  IdSet below = needed;
  if (distinct.on.empty()) {
    // All outputs count, read above or not.
    below.add(distinct.outputs);
    MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*distinct.inputs[0], below));
    auto op = std::make_unique<AggregateOperator>();
    std::vector<ExpressionPtr> columns;
    std::vector<const Expression*> roots;
    for (const ColumnId id : distinct.outputs) {
      columns.push_back(make_column(id, columns_[id].type));
      roots.push_back(columns.back().get());
    }
    op->groups_count = static_cast<uint32_t>(roots.size());
    op->groups_text = text_of_all(roots, ", ");
    MORTISE_TRY_ASSIGN(op->program, compile(roots, scope_of(input->ids)));
    op->inputs.push_back(std::move(input));
    return seal(std::move(op), distinct.outputs, estimate_rows(distinct));
  }
  std::vector<const Expression*> roots;
  for (const ExpressionPtr& e : distinct.on) {
    roots.push_back(e.get());
    below.add(*e);
  }
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*distinct.inputs[0], below));
  auto op = std::make_unique<DistinctOnOperator>();
  MORTISE_TRY_ASSIGN(op->keys, compile(roots, scope_of(input->ids)));
  Ids ids = input->ids;
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_limit(const Limit& limit, const IdSet& needed) {
  auto op = std::make_unique<LimitOperator>();
  const LogicalNode* below = limit.inputs[0].get();
  IdSet wanted = needed;
  std::vector<const Expression*> ties;
  if (limit.is_with_ties) {
    if (const auto* sort = as<Sort>(below)) {
      for (const SortKey& key : sort->keys) {
        ties.push_back(key.expression.get());
        wanted.add(*key.expression);
      }
    }
  }
  locks_one_at_a_time_ = true;
  OperatorPtr input;
  if (const auto* sort = as<Sort>(below)) {
    MORTISE_TRY_ASSIGN(input, lower_sort(*sort, wanted, &limit));
  } else if (const auto* project = as<Project>(below);
             project != nullptr && project->inputs[0]->kind == LogicalKind::sort) {
    // The bound may pass a projection: it changes no number of rows.
    IdSet inner;
    Ids ids;
    std::vector<const Expression*> roots;
    for (const NamedExpression& named : project->expressions) {
      if (!wanted.has(named.id)) continue;
      ids.push_back(named.id);
      roots.push_back(named.expression.get());
      inner.add(*named.expression);
    }
    MORTISE_TRY_ASSIGN(OperatorPtr sorted,
                       lower_sort(static_cast<const Sort&>(*project->inputs[0]), inner, &limit));
    auto projection = std::make_unique<ProjectOperator>();
    MORTISE_TRY_ASSIGN(projection->expressions, compile(roots, scope_of(sorted->ids)));
    const double rows = sorted->rows_estimate;
    projection->inputs.push_back(std::move(sorted));
    input = seal(std::move(projection), std::move(ids), rows);
  } else {
    MORTISE_TRY_ASSIGN(input, lower(*below, wanted));
  }
  locks_one_at_a_time_ = false;
  std::vector<const Expression*> bounds;
  if (limit.limit != nullptr) {
    op->has_limit = true;
    bounds.push_back(limit.limit.get());
  }
  if (limit.offset != nullptr) {
    op->has_offset = true;
    bounds.push_back(limit.offset.get());
  }
  op->is_with_ties = limit.is_with_ties;
  MORTISE_TRY_ASSIGN(op->bounds, compile(bounds, scope_of({})));
  MORTISE_TRY_ASSIGN(op->tie_keys, compile(ties, scope_of(input->ids)));
  Ids ids = input->ids;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), estimate_rows(limit));
}

Result<OperatorPtr> Lowering::lower_set_operation(const SetOperation& operation,
                                                  const IdSet& needed) {
  const bool is_append = operation.type == SetOperationType::unite && operation.is_all;
  Ids ids;
  IdSet below[2];
  std::vector<size_t> places;
  for (size_t i = 0; i < operation.outputs.size(); ++i) {
    if (is_append && !needed.has(operation.outputs[i])) continue;
    ids.push_back(operation.outputs[i]);
    places.push_back(i);
    below[0].add(operation.left[i]);
    below[1].add(operation.right[i]);
  }
  std::vector<OperatorPtr> inputs;
  std::vector<std::vector<uint32_t>> columns(2);
  for (size_t side = 0; side < 2; ++side) {
    MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*operation.inputs[side], below[side]));
    for (const size_t place : places) {
      const ColumnId id = side == 0 ? operation.left[place] : operation.right[place];
      const int32_t at = place_of(input->ids, id);
      if (at < 0) return internal("a set operation reads a column that its input lacks");
      columns[side].push_back(static_cast<uint32_t>(at));
    }
    inputs.push_back(std::move(input));
  }
  OperatorPtr op;
  if (is_append) {
    auto append = std::make_unique<AppendOperator>();
    append->columns = std::move(columns);
    op = std::move(append);
  } else {
    auto combined = std::make_unique<SetOperationOperator>();
    combined->operation = operation.type;
    combined->is_all = operation.is_all;
    for (size_t side = 0; side < 2; ++side) combined->columns[side] = std::move(columns[side]);
    op = std::move(combined);
  }
  op->inputs = std::move(inputs);
  return seal(std::move(op), std::move(ids), estimate_rows(operation));
}

Result<OperatorPtr> Lowering::lower_common_table(const CommonTable& table, const IdSet& needed) {
  IdSet all;
  all.add(table.inputs[0]->outputs);
  MORTISE_TRY_ASSIGN(OperatorPtr definition, lower(*table.inputs[0], all));
  auto op = std::make_unique<CommonTableOperator>();
  op->number = common_table_number(table.index);
  op->table_name = table.name;
  (*kept_)[op->number] = {definition->ids, definition->rows_estimate};
  MORTISE_TRY_ASSIGN(OperatorPtr body, lower(*table.inputs[1], needed));
  Ids ids = body->ids;
  const double rows = body->rows_estimate;
  op->inputs.push_back(std::move(definition));
  op->inputs.push_back(std::move(body));
  return seal(std::move(op), std::move(ids), rows);
}

Result<OperatorPtr> Lowering::lower_common_table_scan(const CommonTableScan& scan,
                                                      const IdSet& needed) {
  auto op = std::make_unique<KeptScan>();
  op->number = common_table_number(scan.index);
  op->title = "CTE Scan";
  op->kept_name = scan.name;
  const auto found = kept_->find(op->number);
  if (found == kept_->end()) return internal("WITH query " + scan.name + " is not planned yet");
  Ids ids;
  for (size_t i = 0; i < scan.outputs.size(); ++i) {
    if (!needed.has(scan.outputs[i])) continue;
    const int32_t place = place_of(found->second.ids, scan.source[i]);
    if (place < 0) return internal("WITH query " + scan.name + " lacks a column");
    op->columns.push_back(static_cast<uint32_t>(place));
    ids.push_back(scan.outputs[i]);
  }
  return seal(std::move(op), std::move(ids), found->second.rows);
}

Result<OperatorPtr> Lowering::lower_recursive_union(const RecursiveUnion& recursion) {
  IdSet left;
  left.add(recursion.left);
  MORTISE_TRY_ASSIGN(OperatorPtr first, lower(*recursion.inputs[0], left));
  auto op = std::make_unique<RecursiveUnionOperator>();
  op->number = working_table_number(recursion.index);
  op->is_all = recursion.is_all;
  for (const ColumnId id : recursion.left) {
    op->columns[0].push_back(static_cast<uint32_t>(place_of(first->ids, id)));
  }
  (*kept_)[op->number] = {recursion.outputs, first->rows_estimate};
  MORTISE_TRY_ASSIGN(auto step, lower_nested(*recursion.inputs[1], recursion.right));
  for (uint32_t i = 0; i < recursion.right.size(); ++i) op->columns[1].push_back(i);
  for (const ColumnId id : step->outer) {
    const int32_t slot = place_of(fragment_.outer, id);
    if (slot < 0) return internal("a recursive query reads a column that nothing makes");
    op->outer_slots.push_back(static_cast<uint32_t>(slot));
  }
  op->step = std::move(step);
  const double rows = first->rows_estimate * 10;
  op->inputs.push_back(std::move(first));
  return seal(std::move(op), recursion.outputs, rows);
}

Result<OperatorPtr> Lowering::lower_working_table_scan(const WorkingTableScan& scan) {
  auto op = std::make_unique<KeptScan>();
  op->number = working_table_number(scan.index);
  op->title = "WorkTable Scan";
  op->kept_name = scan.alias;
  for (uint32_t i = 0; i < scan.outputs.size(); ++i) op->columns.push_back(i);
  const auto found = kept_->find(op->number);
  return seal(std::move(op), scan.outputs, found == kept_->end() ? 10 : found->second.rows);
}

}  // namespace mortise::sql_engine
