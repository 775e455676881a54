// SPDX-License-Identifier: Apache-2.0
#include "execute/operator.hpp"

#include <algorithm>

#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {

Status Operator::prepare(Run& run) const {
  for (const OperatorPtr& input : inputs) MORTISE_TRY(input->prepare(run));
  return {};
}

uint32_t Operator::workers_max(Run& run) const {
  static_cast<void>(run);
  return 1;
}

void Operator::set_columns(std::vector<ColumnId> column_ids,
                           std::vector<mortise_type_t> column_types) {
  MORTISE_ASSERT(column_ids.size() == column_types.size());
  ids = std::move(column_ids);
  types = std::move(column_types);
  physical.clear();
  for (const mortise_type_t& type : types) physical.push_back(type.physical);
}

Run::Run(const ExecutionContext& context, const Fragment& fragment, Run* parent)
    : context_(context),
      fragment_(fragment),
      parent_(parent),
      memory_(context.services->memory, context.account),
      states_(fragment.operators_count),
      outer_(fragment.outer.size()),
      outer_slots_(fragment.outer.size()),
      key_filters_(fragment.key_filters_count) {
  if (context.is_analyzed) measured.resize(fragment.operators_count);
}

Status Run::check_interrupt() const {
  const mortise_session_context_t* session = context_.session;
  if (session == nullptr || session->interrupt == nullptr) return {};
  if (__atomic_load_n(session->interrupt, __ATOMIC_RELAXED) == 0) return {};
  return cancelled("canceling statement due to user request");
}

void Run::set_outer(uint32_t slot, const mortise_column_t& column, uint32_t row) {
  outer_[slot] = outer_slots_[slot].set(column, row, fragment_.outer_types[slot].physical);
}

void Run::keep(uint32_t number, const RowsKept* rows) {
  for (auto& [known, kept_rows] : kept_) {
    if (known == number) {
      kept_rows = rows;
      return;
    }
  }
  kept_.emplace_back(number, rows);
}

const RowsKept* Run::kept(uint32_t number) const {
  for (const Run* run = this; run != nullptr; run = run->parent_) {
    for (const auto& [known, rows] : run->kept_) {
      if (known == number) return rows;
    }
  }
  return nullptr;
}

const mortise_sink_t* Run::find_sink() const {
  for (const Run* run = this; run != nullptr; run = run->parent_) {
    if (run->sink != nullptr) return run->sink;
  }
  return nullptr;
}

namespace {

class MeasuringCursor final : public Cursor {
 public:
  MeasuringCursor(Run& run, const Operator& op, CursorPtr inner)
      : run_(run), measured_(run.measured[op.index]), inner_(std::move(inner)) {
    __atomic_fetch_add(&measured_.loops_count, 1, __ATOMIC_RELAXED);
  }

  Result<bool> next(Batch& out) override {
    const mortise_iface_sync_t* sync = run_.services().sync;
    const uint64_t began_ns = sync == nullptr ? 0 : sync->monotonic_ns();
    Result<bool> more = inner_->next(out);
    const uint64_t ended_ns = sync == nullptr ? 0 : sync->monotonic_ns();
    __atomic_fetch_add(&measured_.ns, ended_ns - began_ns, __ATOMIC_RELAXED);
    if (more && *more) {
      __atomic_fetch_add(&measured_.rows_count, out.selected_count, __ATOMIC_RELAXED);
    }
    return more;
  }

 private:
  Run& run_;
  Run::Measured& measured_;
  CursorPtr inner_;
};

struct ParallelBody {
  const std::function<Status(uint32_t)>* body;
};

mortise_status_t MORTISE_CALL run_morsel(void* context, uint64_t morsel_index,
                                         uint32_t worker_index, mortise_error_t* error) {
  static_cast<void>(worker_index);
  return guard(error, [&]() -> Status {
    return (*static_cast<ParallelBody*>(context)->body)(static_cast<uint32_t>(morsel_index));
  });
}

Status drain_one(Run& run, const Operator& input, uint32_t worker, const Consume& consume) {
  MORTISE_TRY_ASSIGN(CursorPtr cursor, open_cursor(run, input));
  Batch batch;
  while (true) {
    MORTISE_TRY(run.check_interrupt());
    MORTISE_TRY_ASSIGN(const bool more, cursor->next(batch));
    if (!more) return {};
    MORTISE_TRY(consume(worker, batch));
  }
}

}  // namespace

Result<CursorPtr> open_cursor(Run& run, const Operator& op) {
  MORTISE_TRY_ASSIGN(CursorPtr cursor, op.open(run));
  if (run.measured.empty()) return cursor;
  return CursorPtr(std::make_unique<MeasuringCursor>(run, op, std::move(cursor)));
}

uint32_t drain_workers(Run& run, const Operator& input) {
  if (run.workers_max() <= 1) return 1;
  return std::max(1U, std::min(run.workers_max(), input.workers_max(run)));
}

Status drain(Run& run, const Operator& input, uint32_t workers, const Consume& consume) {
  if (workers <= 1) return drain_one(run, input, 0, consume);
  return run_parallel(run, workers,
                      [&](uint32_t worker) { return drain_one(run, input, worker, consume); });
}

Status run_parallel(Run& run, uint32_t count, const std::function<Status(uint32_t)>& body) {
  const mortise_iface_task_t* task = run.services().task;
  if (count <= 1 || run.workers_max() <= 1 || task == nullptr) {
    for (uint32_t i = 0; i < count; ++i) MORTISE_TRY(body(i));
    return {};
  }
  ParallelBody context{&body};
  ErrorSlot error;
  const uint32_t helpers = std::min(count, run.workers_max()) - 1;
  return error.status(task->parallel(count, helpers, run_morsel, &context, error.get()));
}

}  // namespace mortise::sql_engine
