// SPDX-License-Identifier: Apache-2.0
#include "execute/project.hpp"

#include <algorithm>

#include "execute/scan.hpp"
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

namespace {

class FilterCursor final : public Cursor {
 public:
  FilterCursor(Run& run, const FilterOperator& op, CursorPtr input)
      : run_(run),
        input_(std::move(input)),
        evaluation_(run, op.condition),
        selection_(std::make_unique<uint16_t[]>(kBatchRows)) {}

  Result<bool> next(Batch& out) override {
    while (true) {
      MORTISE_TRY_ASSIGN(const bool more, input_->next(out));
      if (!more) return false;
      evaluation_.begin();
      MORTISE_TRY(evaluation_.filter(0, out, selection_.get()));
      if (out.selected_count != 0) return true;
      MORTISE_TRY(run_.check_interrupt());
    }
  }

 private:
  Run& run_;
  CursorPtr input_;
  Evaluation evaluation_;
  std::unique_ptr<uint16_t[]> selection_;
};

class ProjectCursor final : public Cursor {
 public:
  ProjectCursor(Run& run, const ProjectOperator& op, CursorPtr input)
      : op_(op), input_(std::move(input)), evaluation_(run, op.expressions) {}

  Result<bool> next(Batch& out) override {
    MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
    if (!more) return false;
    evaluation_.begin();
    out.columns.resize(op_.expressions.roots_count());
    for (uint32_t i = 0; i < op_.expressions.roots_count(); ++i) {
      MORTISE_TRY(evaluation_.evaluate(i, batch_, &out.columns[i]));
    }
    out.rows_count = batch_.rows_count;
    out.selection = batch_.selection;
    out.selected_count = batch_.selected_count;
    out.row_ids = nullptr;
    return true;
  }

 private:
  const ProjectOperator& op_;
  CursorPtr input_;
  Evaluation evaluation_;
  Batch batch_;
};

struct LimitState final : OperatorState {
  LimitBounds bounds;
};

class LimitCursor final : public Cursor {
 public:
  LimitCursor(Run& run, const LimitOperator& op, LimitBounds bounds, CursorPtr input)
      : op_(op),
        input_(std::move(input)),
        skip_(bounds.offset),
        left_(bounds.limit),
        ties_(run, op.tie_keys),
        heap_(run.memory()),
        selection_(std::make_unique<uint16_t[]>(kBatchRows)) {}

  Result<bool> next(Batch& out) override {
    if (left_ == 0 && !is_in_ties_) return false;
    while (true) {
      MORTISE_TRY_ASSIGN(const bool more, input_->next(out));
      if (!more) return false;
      if (skip_ >= out.selected_count) {
        skip_ -= out.selected_count;
        continue;
      }
      if (is_in_ties_) return extend_ties(out);
      const auto first = static_cast<uint32_t>(skip_);
      skip_ = 0;
      const auto taken =
          static_cast<uint32_t>(std::min<uint64_t>(left_, out.selected_count - first));
      left_ -= taken;
      if (op_.is_with_ties && left_ == 0) return begin_ties(out, first, taken);
      narrow(out, first, taken);
      return true;
    }
  }

 private:
  void narrow(Batch& out, uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      selection_[i] = static_cast<uint16_t>(out.row_at(first + i));
    }
    out.selection = selection_.get();
    out.selected_count = count;
  }

  // Keeps the keys of the last row and goes on while rows equal it.
  Result<bool> begin_ties(Batch& out, uint32_t first, uint32_t taken) {
    std::vector<mortise_column_t> keys;
    MORTISE_TRY(keys_of(out, keys));
    const uint32_t last = out.row_at(first + taken - 1);
    last_.clear();
    for (uint32_t k = 0; k < keys.size(); ++k) {
      last_.push_back(Datum::of(op_.tie_keys.type(k), keys[k], is_constant(keys[k]) ? 0 : last));
    }
    is_in_ties_ = true;
    uint32_t count = taken;
    while (first + count < out.selected_count && equals_last(keys, out.row_at(first + count))) {
      count += 1;
    }
    if (first + count < out.selected_count) is_in_ties_ = false;
    narrow(out, first, count);
    return true;
  }

  Result<bool> extend_ties(Batch& out) {
    std::vector<mortise_column_t> keys;
    MORTISE_TRY(keys_of(out, keys));
    uint32_t count = 0;
    while (count < out.selected_count && equals_last(keys, out.row_at(count))) count += 1;
    if (count < out.selected_count) is_in_ties_ = false;
    if (count == 0) return false;
    narrow(out, 0, count);
    return true;
  }

  Status keys_of(const Batch& batch, std::vector<mortise_column_t>& keys) {
    ties_.begin();
    keys.resize(op_.tie_keys.roots_count());
    for (uint32_t i = 0; i < keys.size(); ++i) MORTISE_TRY(ties_.evaluate(i, batch, &keys[i]));
    return {};
  }

  bool equals_last(const std::vector<mortise_column_t>& keys, uint32_t row) const {
    for (size_t k = 0; k < keys.size(); ++k) {
      const bool is_same = visit_physical(last_[k].type().physical, [&](auto order) {
        using Order = decltype(order);
        const OrderedValues<Order> held(last_[k].column());
        const OrderedValues<Order> values(keys[k]);
        if (held.is_valid(0) != values.is_valid(row)) return false;
        return !held.is_valid(0) || Order::equal(held[0], values[row]);
      });
      if (!is_same) return false;
    }
    return true;
  }

  const LimitOperator& op_;
  CursorPtr input_;
  uint64_t skip_;
  uint64_t left_;
  Evaluation ties_;
  Arena heap_;
  std::unique_ptr<uint16_t[]> selection_;
  std::vector<Datum> last_;
  bool is_in_ties_ = false;
};

}  // namespace

Result<CursorPtr> FilterOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<FilterCursor>(run, *this, std::move(input)));
}

Result<CursorPtr> ProjectOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<ProjectCursor>(run, *this, std::move(input)));
}

Result<LimitBounds> evaluate_limit(Run& run, const Program& bounds, bool has_limit,
                                   bool has_offset) {
  Evaluation evaluation(run, bounds);
  std::vector<mortise_column_t> columns;
  MORTISE_TRY(evaluate_constants(evaluation, bounds, columns));
  LimitBounds result;
  const auto value = [&](size_t root) -> int64_t {
    const mortise::Values<int64_t> values(columns[root]);
    return values.is_valid(0) ? values[0] : -1;
  };
  const auto is_null = [&](size_t root) {
    return !mortise::Values<int64_t>(columns[root]).is_valid(0);
  };
  if (has_limit && !is_null(0)) {
    if (value(0) < 0) return Status(Code::invalid, "2201W", "LIMIT must not be negative");
    result.limit = static_cast<uint64_t>(value(0));
  }
  const size_t offset_root = has_limit ? 1 : 0;
  if (has_offset && !is_null(offset_root)) {
    if (value(offset_root) < 0) {
      return Status(Code::invalid, "2201X", "OFFSET must not be negative");
    }
    result.offset = static_cast<uint64_t>(value(offset_root));
  }
  return result;
}

Status LimitOperator::prepare(Run& run) const {
  auto& state = run.make_state<LimitState>(*this);
  MORTISE_TRY_ASSIGN(state.bounds, evaluate_limit(run, bounds, has_limit, has_offset));
  return Operator::prepare(run);
}

Result<CursorPtr> LimitOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<LimitCursor>(run, *this, run.state<LimitState>(*this).bounds,
                                                 std::move(input)));
}

}  // namespace mortise::sql_engine
