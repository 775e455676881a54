// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "plan/optimizer.hpp"

namespace mortise::sql_engine {

void collect_made(const LogicalNode& node, IdSet& made) {
  made.add(node.outputs);
  for (const LogicalPtr& input : node.inputs) collect_made(*input, made);
}

namespace {

void collect_read(const LogicalNode& node, std::vector<ColumnId>& read) {
  each_expression(node, [&](const ExpressionPtr& expression) {
    if (expression != nullptr) collect_columns(*expression, read);
  });
  for (const LogicalPtr& input : node.inputs) collect_read(*input, read);
}

}  // namespace

std::vector<ColumnId> free_columns(const LogicalNode& node) {
  IdSet made;
  collect_made(node, made);
  std::vector<ColumnId> read;
  collect_read(node, read);
  std::vector<ColumnId> free;
  IdSet seen;
  for (const ColumnId id : read) {
    if (made.has(id) || seen.has(id)) continue;
    seen.add(id);
    free.push_back(id);
  }
  return free;
}

bool reads_only(const Expression& expression, const IdSet& made) {
  std::vector<ColumnId> ids;
  collect_columns(expression, ids);
  return std::all_of(ids.begin(), ids.end(), [&](ColumnId id) { return made.has(id); });
}

bool reads_any(const Expression& expression, const IdSet& made) {
  std::vector<ColumnId> ids;
  collect_columns(expression, ids);
  return std::any_of(ids.begin(), ids.end(), [&](ColumnId id) { return made.has(id); });
}

LogicalPtr make_filter(LogicalPtr input, std::vector<ExpressionPtr> conditions) {
  if (conditions.empty()) return input;
  auto filter = std::make_unique<Filter>();
  filter->outputs = input->outputs;
  filter->condition = make_conjunction(std::move(conditions));
  filter->inputs.push_back(std::move(input));
  return filter;
}

}  // namespace mortise::sql_engine
