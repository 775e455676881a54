// SPDX-License-Identifier: Apache-2.0
#include "execute/sources_of_rows.hpp"

#include <algorithm>
#include <cstring>

#include "execute/scan.hpp"

namespace mortise::sql_engine {

namespace {

struct SystemViewState final : OperatorState {
  std::unique_ptr<Evaluation> evaluation;
  std::vector<mortise_column_t> values;
};

class SystemViewCursor final : public Cursor {
 public:
  SystemViewCursor(Run& run, const SystemViewScan& op, SystemViewState& state)
      : run_(run), op_(op), state_(state), arena_(run.memory()) {
    abi_.struct_size_bytes = sizeof(abi_);
    abi_.session = run.context().session;
    abi_.view = &run.context().view;
    abi_.arena = &arena_;
    abi_.allocate = Arena::allocate_for_function;
  }
  ~SystemViewCursor() override {
    if (cursor_ != nullptr) op_.view->close(cursor_);
  }

  Result<bool> next(Batch& out) override {
    if (cursor_ == nullptr) MORTISE_TRY(open());
    while (!slicer_.next(out, op_.physical)) {
      mortise_batch_t batch{};
      batch.struct_size_bytes = sizeof(batch);
      ErrorSlot error;
      const mortise_status_t answer = op_.view->next(cursor_, &batch, error.get());
      MORTISE_TRY(error.status(answer));
      MORTISE_TRY(run_.check_interrupt());
      if (answer == MORTISE_END) return false;
      slicer_.start(batch);
    }
    return true;
  }

 private:
  Status open() {
    std::vector<mortise_sysview_hint_t> hints;
    for (size_t i = 0; i < op_.hints.size(); ++i) {
      const mortise_column_t& value = state_.values[i];
      if (value.validity != nullptr && !get_bit(value.validity, 0)) continue;
      hints.push_back({op_.hints[i], 0, value.data});
    }
    const mortise_read_view_t view = run_.view();
    ErrorSlot error;
    return error.status(op_.view->open(op_.view->context, &abi_, &view, op_.columns.data(),
                                       static_cast<uint32_t>(op_.columns.size()), hints.data(),
                                       static_cast<uint32_t>(hints.size()), &cursor_, error.get()));
  }

  Run& run_;
  const SystemViewScan& op_;
  SystemViewState& state_;
  Arena arena_;
  mortise_evaluation_t abi_{};
  void* cursor_ = nullptr;
  BatchSlicer slicer_;
};

}  // namespace

std::string SystemViewScan::name() const {
  std::string text = "Seq Scan on " + std::string(view_of(view->name));
  if (!alias.empty() && alias != view_of(view->name)) text += " " + alias;
  return text;
}

Status SystemViewScan::prepare(Run& run) const {
  auto& state = run.make_state<SystemViewState>(*this);
  state.evaluation = std::make_unique<Evaluation>(run, values);
  return evaluate_constants(*state.evaluation, values, state.values);
}

Result<CursorPtr> SystemViewScan::open(Run& run) const {
  return CursorPtr(
      std::make_unique<SystemViewCursor>(run, *this, run.state<SystemViewState>(*this)));
}

SetReader::SetReader(Run& run, const LoweredCall& call)
    : run_(run), call_(call), arena_(run.memory()) {
  abi_.struct_size_bytes = sizeof(abi_);
  abi_.session = run.context().session;
  abi_.view = &run.context().view;
  abi_.arena = &arena_;
  abi_.allocate = Arena::allocate_for_function;
}

void SetReader::close() {
  if (cursor_ != nullptr) call_.function->table->close(cursor_);
  cursor_ = nullptr;
}

Status SetReader::start(const mortise_column_t* arguments) {
  close();
  arena_.reset();
  at_ = 0;
  batch_ = {};
  is_at_end_ = false;
  const mortise_arguments_t packed = {
      arguments, call_.argument_types.data(), call_.arguments_count, 1, nullptr, 1, 0};
  bool has_null = false;
  for (uint32_t i = 0; i < call_.arguments_count; ++i) {
    has_null = has_null || (arguments[i].validity != nullptr && !get_bit(arguments[i].validity, 0));
  }
  const bool is_null = call_.function->is_strict != 0 && has_null;
  if (call_.function->kind == MORTISE_FUNCTION_TABLE) {
    is_at_end_ = is_null;  // a strict set of a null argument is empty
    if (is_null) return {};
    ErrorSlot error;
    return error.status(call_.function->table->open(
        &abi_, call_.state ? call_.state->get() : nullptr, &packed, &cursor_, error.get()));
  }
  if (!scalar_.is_open()) MORTISE_TRY(scalar_.open(run_.memory(), call_.types[0], 64));
  mortise_column_out_t out = scalar_.out();
  if (is_null) {
    scalar_.set_null(0);
  } else {
    ErrorSlot error;
    MORTISE_TRY(error.status(call_.function->evaluate(
        &abi_, call_.state ? call_.state->get() : nullptr, &packed, &out, error.get())));
  }
  scalar_column_ = scalar_.column(1);
  batch_.rows_count = batch_.selected_count = 1;
  batch_.columns_count = 1;
  batch_.columns = &scalar_column_;
  return {};
}

Result<bool> SetReader::next_row(std::span<ColumnBuffer> targets, uint32_t row, Arena& heap) {
  while (at_ == batch_.selected_count) {
    if (is_at_end_ || cursor_ == nullptr) {
      is_at_end_ = true;
      return false;
    }
    batch_.struct_size_bytes = sizeof(batch_);
    ErrorSlot error;
    const mortise_status_t answer =
        call_.function->table->next(cursor_, &abi_, &batch_, error.get());
    MORTISE_TRY(error.status(answer));
    at_ = 0;
    if (answer == MORTISE_END) {
      batch_ = {};
      is_at_end_ = true;
      return false;
    }
    MORTISE_TRY(run_.check_interrupt());
  }
  const auto from =
      static_cast<uint16_t>(batch_.selection == nullptr ? at_ : uint32_t{batch_.selection[at_]});
  at_ += 1;
  for (size_t c = 0; c < targets.size(); ++c) {
    MORTISE_TRY(gather_deep(batch_.columns[c], &from, 1, targets[c], row, heap));
  }
  return true;
}

namespace {

Status open_buffers(const Memory& memory, std::span<const mortise_type_t> types,
                    std::vector<ColumnBuffer>& buffers) {
  buffers.resize(types.size());
  for (size_t i = 0; i < types.size(); ++i) MORTISE_TRY(buffers[i].open(memory, types[i]));
  return {};
}

class FunctionCursor final : public Cursor {
 public:
  FunctionCursor(Run& run, const FunctionScan& op)
      : op_(op), evaluation_(run, op.arguments), heap_(run.memory()) {
    for (const LoweredCall& call : op.calls) {
      readers_.push_back(std::make_unique<SetReader>(run, call));
    }
    run_ = &run;
  }

  Result<bool> next(Batch& out) override {
    if (!is_open_) MORTISE_TRY(open());
    heap_.reset();
    for (ColumnBuffer& buffer : buffers_) buffer.reset();
    uint32_t rows = 0;
    while (rows < kBatchRows) {
      bool any = false;
      size_t first = 0;
      for (size_t i = 0; i < readers_.size(); ++i) {
        const size_t count = op_.calls[i].types.size();
        const std::span<ColumnBuffer> targets(buffers_.data() + first, count);
        MORTISE_TRY_ASSIGN(const bool more, readers_[i]->next_row(targets, rows, heap_));
        if (!more) {
          for (ColumnBuffer& target : targets) target.set_null(rows);
        }
        any = any || more;
        first += count;
      }
      if (!any) break;
      ordinal_ += 1;
      if (op_.has_ordinality) buffers_.back().data<int64_t>()[rows] = ordinal_;
      rows += 1;
    }
    // The row that found nothing more left nulls behind it; they lie outside the batch.
    out.columns.clear();
    for (const ColumnBuffer& buffer : buffers_) out.columns.push_back(buffer.column(rows));
    out.row_ids = nullptr;
    out.select_all(rows);
    return rows != 0;
  }

 private:
  Status open() {
    is_open_ = true;
    MORTISE_TRY(open_buffers(run_->memory(), op_.types, buffers_));
    std::vector<mortise_column_t> arguments;
    MORTISE_TRY(evaluate_constants(evaluation_, op_.arguments, arguments));
    for (size_t i = 0; i < readers_.size(); ++i) {
      MORTISE_TRY(readers_[i]->start(arguments.data() + op_.calls[i].arguments_begin));
    }
    return {};
  }

  Run* run_ = nullptr;
  const FunctionScan& op_;
  Evaluation evaluation_;
  Arena heap_;
  std::vector<std::unique_ptr<SetReader>> readers_;
  std::vector<ColumnBuffer> buffers_;
  int64_t ordinal_ = 0;
  bool is_open_ = false;
};

class ProjectSetCursor final : public Cursor {
 public:
  ProjectSetCursor(Run& run, const ProjectSetOperator& op, CursorPtr input)
      : run_(run),
        op_(op),
        input_(std::move(input)),
        evaluation_(run, op.arguments),
        heap_(run.memory()) {
    for (const LoweredCall& call : op.calls) {
      readers_.push_back(std::make_unique<SetReader>(run, call));
    }
  }

  Result<bool> next(Batch& out) override {
    if (buffers_.empty()) MORTISE_TRY(open_buffers(run_.memory(), op_.types, buffers_));
    heap_.reset();
    for (ColumnBuffer& buffer : buffers_) buffer.reset();
    uint32_t rows = 0;
    while (rows < kBatchRows) {
      if (!is_in_row_) {
        MORTISE_TRY_ASSIGN(const bool more, start_row());
        if (!more) break;
      }
      MORTISE_TRY_ASSIGN(const bool any, add_row(rows));
      is_in_row_ = any;
      rows += any ? 1 : 0;
    }
    out.columns.clear();
    for (const ColumnBuffer& buffer : buffers_) out.columns.push_back(buffer.column(rows));
    out.row_ids = nullptr;
    out.select_all(rows);
    return rows != 0;
  }

 private:
  Result<bool> start_row() {
    if (at_ == batch_.selected_count) {
      at_ = 0;
      batch_.selected_count = 0;
      MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
      if (!more) {
        batch_.selected_count = 0;
        return false;
      }
      evaluation_.begin();
      arguments_.resize(op_.arguments.roots_count());
      for (uint32_t i = 0; i < op_.arguments.roots_count(); ++i) {
        MORTISE_TRY(evaluation_.evaluate(i, batch_, &arguments_[i]));
      }
    }
    row_ = static_cast<uint16_t>(batch_.row_at(at_++));
    slots_.resize(arguments_.size());
    row_arguments_.resize(arguments_.size());
    for (uint32_t i = 0; i < arguments_.size(); ++i) {
      row_arguments_[i] = slots_[i].set(arguments_[i], row_, op_.arguments.type(i).physical);
    }
    for (size_t i = 0; i < readers_.size(); ++i) {
      MORTISE_TRY(readers_[i]->start(row_arguments_.data() + op_.calls[i].arguments_begin));
    }
    return true;
  }

  Result<bool> add_row(uint32_t to) {
    bool any = false;
    size_t first = op_.passed.size();
    for (size_t i = 0; i < readers_.size(); ++i) {
      const size_t count = op_.calls[i].types.size();
      const std::span<ColumnBuffer> targets(buffers_.data() + first, count);
      MORTISE_TRY_ASSIGN(const bool more, readers_[i]->next_row(targets, to, heap_));
      if (!more) {
        for (ColumnBuffer& target : targets) target.set_null(to);
      }
      any = any || more;
      first += count;
    }
    if (!any) {
      for (size_t c = op_.passed.size(); c < buffers_.size(); ++c) {
        set_bit(buffers_[c].validity(), to);
      }
      return false;
    }
    for (size_t c = 0; c < op_.passed.size(); ++c) {
      MORTISE_TRY(gather_deep(batch_.columns[op_.passed[c]], &row_, 1, buffers_[c], to, heap_));
    }
    return true;
  }

  Run& run_;
  const ProjectSetOperator& op_;
  CursorPtr input_;
  Evaluation evaluation_;
  Arena heap_;
  std::vector<std::unique_ptr<SetReader>> readers_;
  std::vector<ColumnBuffer> buffers_;
  std::vector<mortise_column_t> arguments_;
  std::vector<ConstantSlot> slots_;
  std::vector<mortise_column_t> row_arguments_;
  Batch batch_;
  uint32_t at_ = 0;
  uint16_t row_ = 0;
  bool is_in_row_ = false;
};

class ValuesCursor final : public Cursor {
 public:
  ValuesCursor(Run& run, const ValuesScan& op) : run_(run), op_(op), evaluation_(run, op.values) {}

  Result<bool> next(Batch& out) override {
    const uint32_t rows = std::min(kBatchRows, op_.rows_count - at_);
    if (rows == 0) return false;
    if (op_.columns_count() == 0 || (rows == 1 && op_.rows_count == 1)) {
      if (op_.columns_count() != 0) MORTISE_TRY(evaluate_constants(evaluation_, op_.values, one_));
      out.columns = one_;
    } else {
      if (buffers_.empty()) MORTISE_TRY(open_buffers(run_.memory(), op_.types, buffers_));
      MORTISE_TRY(fill(rows));
      out.columns.clear();
      for (const ColumnBuffer& buffer : buffers_) out.columns.push_back(buffer.column(rows));
    }
    out.row_ids = nullptr;
    out.select_all(rows);
    at_ += rows;
    return true;
  }

 private:
  Status fill(uint32_t rows) {
    Batch one;
    one.select_all(1);
    evaluation_.begin();
    for (ColumnBuffer& buffer : buffers_) buffer.reset();
    const uint32_t columns = op_.columns_count();
    const uint16_t first = 0;
    for (uint32_t row = 0; row < rows; ++row) {
      for (uint32_t c = 0; c < columns; ++c) {
        mortise_column_t column{};
        MORTISE_TRY(evaluation_.evaluate((at_ + row) * columns + c, one, &column));
        gather(column, &first, 1, buffers_[c], row);
      }
    }
    return {};
  }

  Run& run_;
  const ValuesScan& op_;
  Evaluation evaluation_;
  std::vector<ColumnBuffer> buffers_;
  std::vector<mortise_column_t> one_;
  uint32_t at_ = 0;
};

class KeptCursor final : public Cursor {
 public:
  KeptCursor(const KeptScan& op, const RowsKept& rows) : op_(op), rows_(rows) {}

  Result<bool> next(Batch& out) override {
    if (at_ == rows_.chunks_count()) return false;
    rows_.read(at_++, whole_);
    out.columns.clear();
    for (const uint32_t place : op_.columns) out.columns.push_back(whole_.columns[place]);
    out.row_ids = nullptr;
    out.select_all(whole_.rows_count);
    return true;
  }

 private:
  const KeptScan& op_;
  const RowsKept& rows_;
  Batch whole_;
  size_t at_ = 0;
};

}  // namespace

std::string FunctionScan::name() const {
  std::string text = "Function Scan on " + std::string(view_of(calls[0].function->name));
  if (!alias.empty() && alias != view_of(calls[0].function->name)) text += " " + alias;
  return text;
}

Result<CursorPtr> FunctionScan::open(Run& run) const {
  return CursorPtr(std::make_unique<FunctionCursor>(run, *this));
}

Result<CursorPtr> ProjectSetOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<ProjectSetCursor>(run, *this, std::move(input)));
}

Result<CursorPtr> ValuesScan::open(Run& run) const {
  return CursorPtr(std::make_unique<ValuesCursor>(run, *this));
}

Result<CursorPtr> KeptScan::open(Run& run) const {
  const RowsKept* rows = run.kept(number);
  if (rows == nullptr) return internal("rows of " + kept_name + " are read before they are there");
  return CursorPtr(std::make_unique<KeptCursor>(*this, *rows));
}

}  // namespace mortise::sql_engine
