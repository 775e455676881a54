// SPDX-License-Identifier: Apache-2.0
#include "execute/nested_loop.hpp"

#include <algorithm>
#include <cstring>

#include "execute/hash_join.hpp"

namespace mortise::sql_engine {

namespace {

struct NestedLoopState final : OperatorState {
  NestedLoopState(const Memory& memory, std::span<const mortise_type_t> types)
      : right(memory, types) {}
  RowsKept right;
  std::vector<uint64_t> matched;  // bit per right row (right, full)
};

class NestedLoopCursor final : public Cursor {
 public:
  NestedLoopCursor(Run& run, const NestedLoop& op, NestedLoopState& state, CursorPtr input)
      : run_(run),
        op_(op),
        state_(state),
        input_(std::move(input)),
        condition_(run, op.condition),
        slots_(op.inputs[1]->columns_count()) {}

  Result<bool> next(Batch& out) override {
    while (true) {
      if (phase_ == Phase::input) {
        MORTISE_TRY_ASSIGN(const bool more, input_->next(left_));
        if (more) {
          begin_left();
        } else {
          phase_ = op_.keeps_unmatched_right() ? Phase::unmatched_right : Phase::end;
          chunk_ = row_ = 0;
        }
      }
      bool has_rows = false;
      if (phase_ == Phase::loop) {
        MORTISE_TRY(try_right_row(out, &has_rows));
      } else if (phase_ == Phase::rest) {
        MORTISE_TRY(show_rest(out, &has_rows));
        phase_ = Phase::input;
      } else if (phase_ == Phase::unmatched_right) {
        return show_unmatched_right(out);
      } else if (phase_ == Phase::end) {
        return false;
      }
      if (has_rows) return true;
    }
  }

 private:
  enum class Phase : uint8_t { input, loop, rest, unmatched_right, end };

  bool shows_pairs() const {
    return op_.join_type != JoinType::semi && op_.join_type != JoinType::anti &&
           op_.join_type != JoinType::anti_nulls && op_.join_type != JoinType::mark;
  }

  void begin_left() {
    phase_ = Phase::loop;
    chunk_ = row_ = 0;
    std::memset(found_, 0, sizeof(found_));
    std::memset(unknown_, 0, sizeof(unknown_));
    undecided_count_ = left_.selected_count;
    for (uint32_t i = 0; i < undecided_count_; ++i) {
      undecided_[i] = static_cast<uint16_t>(left_.row_at(i));
    }
    both_ = left_;
    both_.columns.resize(left_.columns.size() + slots_.size());
  }

  // One right row against all left rows that still look for a partner.
  Status try_right_row(Batch& out, bool* has_rows) {
    if (chunk_ == state_.right.chunks_count() || undecided_count_ == 0) {
      phase_ = Phase::rest;
      return {};
    }
    if (row_ == 0) {
      MORTISE_TRY(run_.check_interrupt());
      state_.right.read(chunk_, right_);
    }
    for (size_t c = 0; c < slots_.size(); ++c) {
      both_.columns[left_.columns.size() + c] =
          slots_[c].set(right_.columns[c], row_, op_.inputs[1]->physical[c]);
    }
    both_.selection = undecided_;
    both_.selected_count = undecided_count_;
    const uint64_t right_row = chunk_ * kBatchRows + row_;
    if (++row_ == right_.rows_count) {
      row_ = 0;
      chunk_ += 1;
    }
    MORTISE_TRY(test());
    if (both_.selected_count == 0) return {};
    if (op_.keeps_unmatched_right()) set_bit(state_.matched.data(), right_row);
    MORTISE_TRY(note_found());
    if (!shows_pairs()) return {};
    show(out);
    *has_rows = true;
    return {};
  }

  // Narrows `both_` to the left rows for which the condition is true; notes the unknown ones.
  Status test() {
    if (!op_.has_condition) {
      std::memcpy(passed_, undecided_, undecided_count_ * sizeof(uint16_t));
      both_.selection = passed_;
      return {};
    }
    condition_.begin();
    if (op_.join_type != JoinType::anti_nulls && op_.join_type != JoinType::mark) {
      const uint16_t* before = both_.selection;
      MORTISE_TRY(condition_.filter(0, both_, passed_));
      if (both_.selection == nullptr) {
        std::memcpy(passed_, before, both_.selected_count * sizeof(uint16_t));
        both_.selection = passed_;
      }
      return {};
    }
    mortise_column_t answer{};
    MORTISE_TRY(condition_.evaluate(0, both_, &answer));
    const Booleans values(answer);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < undecided_count_; ++i) {
      const uint16_t row = undecided_[i];
      if (!values.is_valid(row)) {
        set_bit(unknown_, row);
      } else if (values[row]) {
        passed_[kept++] = row;
      }
    }
    both_.selection = passed_;
    both_.selected_count = kept;
    return {};
  }

  Status note_found() {
    for (uint32_t i = 0; i < both_.selected_count; ++i) {
      const uint16_t row = passed_[i];
      if (op_.join_type == JoinType::single && get_bit(found_, row)) {
        return {Code::invalid, "21000",
                "more than one row returned by a subquery used as an expression"};
      }
      set_bit(found_, row);
    }
    if (shows_pairs()) return {};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < undecided_count_; ++i) {
      const uint16_t row = undecided_[i];
      undecided_[kept] = row;
      kept += get_bit(found_, row) ? 0 : 1;
    }
    undecided_count_ = kept;
    return {};
  }

  void show(Batch& out) {
    out.columns.clear();
    for (const uint32_t place : op_.columns) out.columns.push_back(both_.columns[place]);
    out.rows_count = both_.rows_count;
    out.row_ids = nullptr;
    out.selection = both_.selection;
    out.selected_count = both_.selected_count;
  }

  void set_right_null() {
    for (size_t c = 0; c < slots_.size(); ++c) {
      both_.columns[left_.columns.size() + c] = {null_.validity, null_.value,
                                                 MORTISE_COLUMN_CONSTANT, 0};
    }
  }

  Status show_rest(Batch& out, bool* has_rows) {
    bool wanted = false;
    switch (op_.join_type) {
      case JoinType::semi:
        wanted = true;
        break;
      case JoinType::left:
      case JoinType::full:
      case JoinType::single:
      case JoinType::anti:
      case JoinType::anti_nulls:
        break;
      case JoinType::mark:
        *has_rows = true;
        return show_mark(out);
      default:
        return {};
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < left_.selected_count; ++i) {
      const auto row = static_cast<uint16_t>(left_.row_at(i));
      passed_[kept] = row;
      const bool is_unknown = op_.join_type == JoinType::anti_nulls && get_bit(unknown_, row);
      kept += get_bit(found_, row) == wanted && !is_unknown ? 1 : 0;
    }
    if (kept == 0) return {};
    set_right_null();
    both_.selection = passed_;
    both_.selected_count = kept;
    show(out);
    *has_rows = true;
    return {};
  }

  Status show_mark(Batch& out) {
    if (!mark_.is_open()) MORTISE_TRY(mark_.open(run_.memory(), boolean_type()));
    mark_.reset();
    for (uint32_t i = 0; i < left_.selected_count; ++i) {
      const uint32_t row = left_.row_at(i);
      assign_bit(mark_.data<uint64_t>(), row, get_bit(found_, row));
      if (!get_bit(found_, row) && get_bit(unknown_, row)) mark_.set_null(row);
    }
    set_right_null();
    both_.selection = left_.selection;
    both_.selected_count = left_.selected_count;
    show(out);
    out.columns.push_back(mark_.column(left_.rows_count));
    return {};
  }

  Result<bool> show_unmatched_right(Batch& out) {
    while (chunk_ < state_.right.chunks_count()) {
      state_.right.read(chunk_, right_);
      uint32_t kept = 0;
      for (uint32_t row = 0; row < right_.rows_count; ++row) {
        passed_[kept] = static_cast<uint16_t>(row);
        kept += get_bit(state_.matched.data(), chunk_ * kBatchRows + row) ? 0 : 1;
      }
      chunk_ += 1;
      if (kept == 0) continue;
      const size_t left_columns = op_.inputs[0]->columns_count();
      out.columns.clear();
      for (const uint32_t place : op_.columns) {
        if (place < left_columns) {
          out.columns.push_back({null_.validity, null_.value, MORTISE_COLUMN_CONSTANT, 0});
        } else {
          out.columns.push_back(right_.columns[place - left_columns]);
        }
      }
      out.row_ids = nullptr;
      out.rows_count = right_.rows_count;
      out.selection = passed_;
      out.selected_count = kept;
      return true;
    }
    return false;
  }

  Run& run_;
  const NestedLoop& op_;
  NestedLoopState& state_;
  CursorPtr input_;
  Evaluation condition_;
  std::vector<ConstantSlot> slots_;
  ConstantSlot null_;
  Phase phase_ = Phase::input;
  Batch left_;
  Batch right_;
  Batch both_;
  size_t chunk_ = 0;
  uint32_t row_ = 0;
  uint16_t undecided_[kBatchRows] = {};
  uint32_t undecided_count_ = 0;
  uint16_t passed_[kBatchRows] = {};
  uint64_t found_[kBatchRows / 64] = {};
  uint64_t unknown_[kBatchRows / 64] = {};
  ColumnBuffer mark_;
};

class LateralCursor final : public Cursor {
 public:
  LateralCursor(Run& run, const LateralJoin& op, CursorPtr input)
      : run_(run),
        op_(op),
        input_(std::move(input)),
        inner_(run.context(), *op.right, &run),
        condition_(run, op.condition),
        slots_(op.inputs[0]->columns_count()) {}

  Result<bool> next(Batch& out) override {
    while (true) {
      if (cursor_ == nullptr) {
        MORTISE_TRY_ASSIGN(const bool more, start_row());
        if (!more) return false;
      }
      MORTISE_TRY_ASSIGN(const bool more, cursor_->next(right_));
      if (!more) {
        cursor_.reset();
        if (op_.join_type == JoinType::left && !is_found_) {
          show_null(out);
          return true;
        }
        continue;
      }
      MORTISE_TRY_ASSIGN(const bool any, combine(out));
      if (any) return true;
    }
  }

 private:
  Result<bool> start_row() {
    MORTISE_TRY(run_.check_interrupt());
    while (at_ == left_.selected_count) {
      at_ = left_.selected_count = 0;
      MORTISE_TRY_ASSIGN(const bool more, input_->next(left_));
      if (!more) {
        left_.selected_count = 0;
        return false;
      }
    }
    const uint32_t row = left_.row_at(at_++);
    for (size_t c = 0; c < slots_.size(); ++c) slots_column(c, row);
    for (uint32_t o = 0; o < op_.outer.size(); ++o) {
      const LateralJoin::Outer& outer = op_.outer[o];
      inner_.set_outer(o, outer.is_left ? left_.columns[outer.place] : run_.outer(outer.place),
                       outer.is_left ? row : 0);
    }
    is_found_ = false;
    MORTISE_TRY(op_.right->root->prepare(inner_));
    MORTISE_TRY_ASSIGN(cursor_, open_cursor(inner_, *op_.right->root));
    return true;
  }

  void slots_column(size_t c, uint32_t row) {
    left_values_.resize(slots_.size());
    left_values_[c] = slots_[c].set(left_.columns[c], row, op_.inputs[0]->physical[c]);
  }

  Result<bool> combine(Batch& out) {
    both_ = right_;
    both_.columns = left_values_;
    both_.columns.insert(both_.columns.end(), right_.columns.begin(), right_.columns.end());
    if (op_.has_condition) {
      condition_.begin();
      MORTISE_TRY(condition_.filter(0, both_, selection_));
      if (both_.selected_count == 0) return false;
    }
    is_found_ = true;
    show(out);
    return true;
  }

  void show(Batch& out) {
    out.columns.clear();
    for (const uint32_t place : op_.columns) out.columns.push_back(both_.columns[place]);
    out.row_ids = nullptr;
    out.rows_count = both_.rows_count;
    out.selection = both_.selection;
    out.selected_count = both_.selected_count;
  }

  void show_null(Batch& out) {
    both_.columns = left_values_;
    both_.columns.resize(left_values_.size() + op_.right->root->columns_count(),
                         {null_.validity, null_.value, MORTISE_COLUMN_CONSTANT, 0});
    both_.select_all(1);
    show(out);
  }

  Run& run_;
  const LateralJoin& op_;
  CursorPtr input_;
  Run inner_;
  Evaluation condition_;
  std::vector<ConstantSlot> slots_;
  std::vector<mortise_column_t> left_values_;
  ConstantSlot null_;
  CursorPtr cursor_;
  Batch left_;
  Batch right_;
  Batch both_;
  uint32_t at_ = 0;
  bool is_found_ = false;
  uint16_t selection_[kBatchRows] = {};
};

}  // namespace

std::string NestedLoop::name() const {
  return join_name("Nested Loop", join_type);
}

std::vector<std::string> NestedLoop::details() const {
  if (!has_condition) return {};
  return {"Join Filter: " + condition_text};
}

uint32_t NestedLoop::workers_max(Run& run) const {
  return keeps_unmatched_right() ? 1 : inputs[0]->workers_max(run);
}

Status NestedLoop::prepare(Run& run) const {
  const Operator& right = *inputs[1];
  auto& state = run.make_state<NestedLoopState>(*this, run.memory(), right.types);
  MORTISE_TRY(right.prepare(run));
  MORTISE_TRY(drain(run, right, 1,
                    [&](uint32_t, const Batch& batch) { return state.right.append(batch); }));
  if (keeps_unmatched_right()) {
    state.matched.assign(state.right.rows_count() / 64 + 1, 0);
  }
  return inputs[0]->prepare(run);
}

Result<CursorPtr> NestedLoop::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<NestedLoopCursor>(run, *this, run.state<NestedLoopState>(*this),
                                                      std::move(input)));
}

std::string LateralJoin::name() const {
  return join_name("Nested Loop", join_type);
}

Result<CursorPtr> LateralJoin::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  return CursorPtr(std::make_unique<LateralCursor>(run, *this, std::move(input)));
}

}  // namespace mortise::sql_engine
