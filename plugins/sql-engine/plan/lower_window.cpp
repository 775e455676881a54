// SPDX-License-Identifier: Apache-2.0
#include "execute/window.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

using Roots = std::vector<const Expression*>;

LoweredWindowCall lower_window_call(const WindowCall& call, Roots& roots) {
  LoweredWindowCall lowered;
  lowered.function = call.function;
  lowered.state = call.state;
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
  return lowered;
}

// The frame without its offsets, which are compiled apart; its columns join the roots.
void lower_frame(const Window& window, Roots& roots, WindowFrame& frame) {
  frame.unit = window.unit;
  frame.start = window.start;
  frame.end = window.end;
  frame.exclude = window.exclude;
  frame.has_start_offset = window.start_offset != nullptr;
  frame.has_end_offset = window.end_offset != nullptr;
  const auto keep = [&](const ExpressionPtr& expression, int32_t& column) {
    if (expression == nullptr) return;
    column = static_cast<int32_t>(roots.size());
    roots.push_back(expression.get());
  };
  keep(window.range_value, frame.range_value);
  keep(window.range_start, frame.range_start);
  keep(window.range_end, frame.range_end);
}

}  // namespace

Result<OperatorPtr> Lowering::lower_window(const Window& window, const IdSet& needed) {
  auto op = std::make_unique<WindowOperator>();
  Roots roots;
  for (const ExpressionPtr& e : window.partition) roots.push_back(e.get());
  op->partition_count = static_cast<uint32_t>(roots.size());
  for (const SortKey& key : window.order) {
    roots.push_back(key.expression.get());
    op->order.push_back({key.is_descending, key.is_nulls_first});
  }
  lower_frame(window, roots, op->frame);
  Ids results;
  for (const WindowCall& call : window.calls) {
    if (!needed.has(call.id)) continue;
    op->calls.push_back(lower_window_call(call, roots));
    results.push_back(call.id);
  }
  Roots offsets;
  for (const ExpressionPtr* e : {&window.start_offset, &window.end_offset,
                                 &window.start_is_negative, &window.end_is_negative}) {
    if (*e != nullptr) offsets.push_back(e->get());
  }
  MORTISE_TRY_ASSIGN(op->frame.offsets, compile(offsets, scope_of({})));
  IdSet below = needed;
  for (const Expression* root : roots) below.add(*root);
  MORTISE_TRY_ASSIGN(OperatorPtr input, lower(*window.inputs[0], below));
  MORTISE_TRY_ASSIGN(op->program, compile(roots, scope_of(input->ids)));
  Ids ids;
  for (uint32_t c = 0; c < input->ids.size(); ++c) {
    if (!needed.has(input->ids[c])) continue;
    op->passed.push_back(c);
    ids.push_back(input->ids[c]);
  }
  ids.insert(ids.end(), results.begin(), results.end());
  const double rows = input->rows_estimate;
  op->inputs.push_back(std::move(input));
  return seal(std::move(op), std::move(ids), rows);
}

}  // namespace mortise::sql_engine
