// SPDX-License-Identifier: Apache-2.0
//
// The entrance from sessions (plan/execution.hpp): physical plans and their runs.
#include <algorithm>
#include <cstdio>

#include "execute/operator.hpp"
#include "plan/physical.hpp"

namespace mortise::sql_engine {

namespace {

class Plan final : public PhysicalPlan {
 public:
  bool is_short() const override { return is_short_; }
  bool is_read_only() const override { return is_read_only_; }
  std::vector<std::string> explain(bool is_verbose, bool has_costs) const override;

  Fragment fragment;
  StatementKind kind = StatementKind::select;
  std::vector<mortise_type_t> result_types;
  bool is_short_ = false;
  bool is_read_only_ = true;
  std::vector<RelationUse> relations;  // keeps their handles open
};

void explain_operator(const Operator& op, uint32_t depth, bool has_costs, const Run* run,
                      bool has_timing, std::vector<std::string>& lines) {
  if (!op.is_shown) {
    explain_operator(*op.inputs[0], depth, has_costs, run, has_timing, lines);
    return;
  }
  std::string line(depth == 0 ? 0 : depth * 6 - 4, ' ');
  if (depth != 0) line += "->  ";
  line += op.name();
  char text[160];
  if (has_costs) {
    const double input_cost = op.inputs.empty() ? 0 : op.cost_estimate - op.rows_estimate;
    std::snprintf(text, sizeof(text), "  (cost=%.2f..%.2f rows=%.0f width=%zu)", input_cost / 100,
                  op.cost_estimate / 100, op.rows_estimate, op.types.size() * 8);
    line += text;
  }
  if (run != nullptr && !run->measured.empty()) {
    const Run::Measured& m = run->measured[op.index];
    if (has_timing) {
      std::snprintf(text, sizeof(text), " (actual time=%.3f rows=%llu loops=%llu)",
                    static_cast<double>(m.ns) / 1e6, static_cast<unsigned long long>(m.rows_count),
                    static_cast<unsigned long long>(m.loops_count));
    } else {
      std::snprintf(text, sizeof(text), " (actual rows=%llu loops=%llu)",
                    static_cast<unsigned long long>(m.rows_count),
                    static_cast<unsigned long long>(m.loops_count));
    }
    line += text;
  }
  lines.push_back(std::move(line));
  const std::string indent(depth * 6 + 2, ' ');
  for (const std::string& detail : op.details()) lines.push_back(indent + detail);
  for (const OperatorPtr& input : op.inputs) {
    explain_operator(*input, depth + 1, has_costs, run, has_timing, lines);
  }
}

std::vector<std::string> Plan::explain(bool is_verbose, bool has_costs) const {
  static_cast<void>(is_verbose);
  std::vector<std::string> lines;
  explain_operator(*fragment.root, 0, has_costs, nullptr, false, lines);
  return lines;
}

class PlanRun final : public Execution {
 public:
  PlanRun(std::shared_ptr<const Plan> plan, const ExecutionContext& context)
      : plan_(std::move(plan)), run_(context, plan_->fragment, nullptr) {
    const mortise_iface_task_t* task = context.services->task;
    if (task != nullptr && !context.is_short_only) {
      run_.set_workers_max(std::max(1U, task->workers_count()));
    }
  }

  Result<RunState> run(const mortise_sink_t& sink, uint64_t rows_max) override {
    if (run_.context().is_short_only && !plan_->is_short()) return RunState::again;
    run_.sink = &sink;
    Result<RunState> state = pull(sink, rows_max);
    run_.sink = nullptr;
    return state;
  }

  uint64_t rows_count() const override {
    return plan_->kind == StatementKind::select ? rows_shown_ : run_.rows_changed;
  }

  std::vector<std::string> explain_analyze(bool is_verbose, bool has_costs,
                                           bool has_timing) const override {
    static_cast<void>(is_verbose);
    std::vector<std::string> lines;
    explain_operator(*plan_->fragment.root, 0, has_costs, &run_, has_timing, lines);
    return lines;
  }

 private:
  Result<RunState> pull(const mortise_sink_t& sink, uint64_t rows_max) {
    MORTISE_TRY(run_.check_interrupt());
    if (cursor_ == nullptr) {
      MORTISE_TRY(plan_->fragment.root->prepare(run_));
      MORTISE_TRY_ASSIGN(cursor_, open_cursor(run_, *plan_->fragment.root));
    }
    uint64_t left = rows_max == 0 ? UINT64_MAX : rows_max;
    while (true) {
      if (shown_of_batch_ < batch_.selected_count) {
        MORTISE_TRY(show(sink, &left));
        if (left == 0) return RunState::suspended;
      }
      MORTISE_TRY(run_.check_interrupt());
      batch_.selected_count = 0;
      MORTISE_TRY_ASSIGN(const bool more, cursor_->next(batch_));
      shown_of_batch_ = 0;
      if (!more) {
        batch_.selected_count = 0;
        return RunState::done;
      }
      if (plan_->result_types.empty() && plan_->kind != StatementKind::select) {
        batch_.selected_count = 0;  // a change without RETURNING shows nothing
      }
    }
  }

  // Hands over what is left of the batch, up to `*left` rows.
  Status show(const mortise_sink_t& sink, uint64_t* left) {
    Batch part = batch_;
    const uint32_t all = batch_.selected_count;
    const auto taken = static_cast<uint32_t>(std::min<uint64_t>(*left, all - shown_of_batch_));
    if (taken != all) {
      for (uint32_t i = 0; i < taken; ++i) {
        selection_[i] = static_cast<uint16_t>(batch_.row_at(shown_of_batch_ + i));
      }
      part.selection = selection_;
      part.selected_count = taken;
    }
    part.row_ids = nullptr;
    const mortise_batch_t packed = abi_batch(part, plan_->result_types.data());
    ErrorSlot error;
    MORTISE_TRY(error.status(sink.rows(sink.context, &packed, error.get())));
    shown_of_batch_ += taken;
    rows_shown_ += taken;
    *left -= taken;
    return {};
  }

  std::shared_ptr<const Plan> plan_;
  Run run_;
  CursorPtr cursor_;
  Batch batch_;
  uint32_t shown_of_batch_ = 0;
  uint64_t rows_shown_ = 0;
  uint16_t selection_[kBatchRows] = {};
};

// A handful of row accesses by key: index scans of one row, values, and changes on them, with
// nothing that keeps rows or loops.
bool is_short_tree(const Operator& op) {
  if (op.rows_estimate > 16 || op.inputs.size() > 1) return false;
  const std::string name = op.name();
  const auto starts = [&](std::string_view prefix) { return name.rfind(prefix, 0) == 0; };
  const bool is_leaf =
      op.inputs.empty() && (starts("Index Scan") || starts("Result") || starts("Values Scan"));
  const bool is_step =
      !op.inputs.empty() && (starts("Filter") || starts("Project") || starts("Limit") ||
                             starts("Insert") || starts("Update") || starts("Delete"));
  if (!is_leaf && !is_step) return false;
  return op.inputs.empty() || is_short_tree(*op.inputs[0]);
}

}  // namespace

Result<PhysicalPlanPtr> prepare(const Services& services, LogicalPlan plan) {
  MORTISE_TRY(optimize(plan, services));
  if (plan.columns.is_interrupted()) {
    return Status(Code::cancelled, "57014", "canceling statement due to user request");
  }
  plan.columns.hide_numbers();
  auto physical = std::make_shared<Plan>();
  physical->kind = plan.kind;
  physical->is_read_only_ = plan.is_read_only;
  physical->relations = std::move(plan.relations);
  std::vector<ColumnId> ids;
  for (const ResultColumn& column : plan.results) {
    ids.push_back(column.id);
    physical->result_types.push_back(column.type);
  }
  Lowering lowering(services, plan.columns, physical->fragment);
  MORTISE_TRY(lowering.lower_root(*plan.root, ids));
  physical->is_short_ = is_short_tree(*physical->fragment.root);
  return PhysicalPlanPtr(std::move(physical));
}

Result<std::unique_ptr<Execution>> open(PhysicalPlanPtr plan, const ExecutionContext& context) {
  MORTISE_ASSERT(context.services != nullptr);
  auto own = std::static_pointer_cast<const Plan>(std::move(plan));
  return std::unique_ptr<Execution>(std::make_unique<PlanRun>(std::move(own), context));
}

}  // namespace mortise::sql_engine
