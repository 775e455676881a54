// SPDX-License-Identifier: Apache-2.0
#include "execute/set_operation.hpp"

#include <algorithm>
#include <cstring>

#include "execute/vector/group_table.hpp"

namespace mortise::sql_engine {

namespace {

void pick(const Batch& batch, const std::vector<uint32_t>& places, Batch& out) {
  out.columns.clear();
  for (const uint32_t place : places) out.columns.push_back(batch.columns[place]);
  out.rows_count = batch.rows_count;
  out.selection = batch.selection;
  out.selected_count = batch.selected_count;
  out.row_ids = nullptr;
}

class AppendCursor final : public Cursor {
 public:
  AppendCursor(Run& run, const AppendOperator& op) : run_(run), op_(op) {}

  Result<bool> next(Batch& out) override {
    while (at_ < op_.inputs.size()) {
      if (input_ == nullptr) {
        MORTISE_TRY_ASSIGN(input_, open_cursor(run_, *op_.inputs[at_]));
      }
      MORTISE_TRY_ASSIGN(const bool more, input_->next(batch_));
      if (more) {
        pick(batch_, op_.columns[at_], out);
        return true;
      }
      input_.reset();
      at_ += 1;
    }
    return false;
  }

 private:
  Run& run_;
  const AppendOperator& op_;
  CursorPtr input_;
  Batch batch_;
  size_t at_ = 0;
};

// Whole rows, each once, with a count per side in the trailer.
class RowSet {
 public:
  RowSet(const Memory& memory, std::span<const mortise_type_t> types)
      : table_(memory, RowLayout(types, GroupTable::kHeaderBytes, 16)) {}

  // rows[i] answers for the i-th selected row; `added` lists those that are new.
  Status find_or_add(const Batch& batch, uint8_t** rows, uint16_t* added, uint32_t* added_count) {
    const uint16_t* from = batch.selection == nullptr ? all_rows() : batch.selection;
    if (batch.columns.empty()) std::fill(hashes_, hashes_ + batch.selected_count, 0);
    for (uint32_t c = 0; c < batch.columns.size(); ++c) {
      hash_column(batch.columns[c], table_.layout().type(c).physical, from, batch.selected_count,
                  c == 0, hashes_);
    }
    return table_.find_or_add(batch.columns, from, batch.selected_count, hashes_, rows, added,
                              added_count);
  }
  uint64_t* counts(uint8_t* row) {
    return reinterpret_cast<uint64_t*>(row + table_.layout().trailer_offset());
  }
  GroupTable& table() { return table_; }

 private:
  GroupTable table_;
  uint64_t hashes_[kBatchRows] = {};
};

struct SetOperationState final : OperatorState {
  std::unique_ptr<RowSet> rows;
  std::vector<std::pair<uint8_t*, uint64_t>> shown;  // (row, how often)
};

uint64_t times_shown(SetOperationType operation, bool is_all, const uint64_t* counts) {
  switch (operation) {
    case SetOperationType::unite:
      return 1;
    case SetOperationType::intersect:
      if (is_all) return std::min(counts[0], counts[1]);
      return counts[0] != 0 && counts[1] != 0 ? 1 : 0;
    case SetOperationType::except:
      if (is_all) return counts[0] > counts[1] ? counts[0] - counts[1] : 0;
      return counts[0] != 0 && counts[1] == 0 ? 1 : 0;
  }
  return 0;
}

class SetOperationCursor final : public Cursor {
 public:
  SetOperationCursor(Run& run, const SetOperationOperator& op, SetOperationState& state)
      : run_(run), op_(op), state_(state) {}

  Status open() {
    buffers_.resize(op_.columns_count());
    for (size_t c = 0; c < buffers_.size(); ++c) {
      MORTISE_TRY(buffers_[c].open(run_.memory(), op_.types[c]));
    }
    return {};
  }

  Result<bool> next(Batch& out) override {
    MORTISE_TRY(run_.check_interrupt());
    uint8_t* rows[kBatchRows];
    uint32_t count = 0;
    while (count < kBatchRows && at_ < state_.shown.size()) {
      if (done_ == state_.shown[at_].second) {
        at_ += 1;
        done_ = 0;
        continue;
      }
      rows[count++] = state_.shown[at_].first;
      done_ += 1;
    }
    if (count == 0) return false;
    out.columns.clear();
    for (uint32_t c = 0; c < buffers_.size(); ++c) {
      buffers_[c].reset();
      state_.rows->table().layout().gather(c, rows, count, all_rows(), buffers_[c]);
      out.columns.push_back(buffers_[c].column(count));
    }
    out.row_ids = nullptr;
    out.select_all(count);
    return true;
  }

 private:
  Run& run_;
  const SetOperationOperator& op_;
  SetOperationState& state_;
  std::vector<ColumnBuffer> buffers_;
  size_t at_ = 0;
  uint64_t done_ = 0;
};

class DistinctOnCursor final : public Cursor {
 public:
  DistinctOnCursor(Run& run, const DistinctOnOperator& op, CursorPtr input,
                   std::span<const mortise_type_t> types)
      : op_(op), input_(std::move(input)), evaluation_(run, op.keys), rows_(run.memory(), types) {}

  Result<bool> next(Batch& out) override {
    while (true) {
      MORTISE_TRY_ASSIGN(const bool more, input_->next(out));
      if (!more) return false;
      evaluation_.begin();
      Batch keys;
      keys.rows_count = out.rows_count;
      keys.selection = out.selection;
      keys.selected_count = out.selected_count;
      keys.columns.resize(op_.keys.roots_count());
      for (uint32_t k = 0; k < keys.columns.size(); ++k) {
        MORTISE_TRY(evaluation_.evaluate(k, out, &keys.columns[k]));
      }
      uint8_t* groups[kBatchRows];
      uint16_t added[kBatchRows];
      uint32_t count = 0;
      MORTISE_TRY(rows_.find_or_add(keys, groups, added, &count));
      if (count == 0) continue;
      // Later passes over the batch may have added keys out of order.
      std::sort(added, added + count);
      for (uint32_t i = 0; i < count; ++i) {
        selection_[i] = static_cast<uint16_t>(keys.row_at(added[i]));
      }
      out.selection = selection_;
      out.selected_count = count;
      return true;
    }
  }

 private:
  const DistinctOnOperator& op_;
  CursorPtr input_;
  Evaluation evaluation_;
  RowSet rows_;
  uint16_t selection_[kBatchRows] = {};
};

struct KeptState final : OperatorState {
  KeptState(const Memory& memory, std::span<const mortise_type_t> types) : rows(memory, types) {}
  RowsKept rows;
};

class KeptRowsCursor final : public Cursor {
 public:
  explicit KeptRowsCursor(const RowsKept& rows) : rows_(rows) {}
  Result<bool> next(Batch& out) override {
    if (at_ == rows_.chunks_count()) return false;
    rows_.read(at_++, out);
    return true;
  }

 private:
  const RowsKept& rows_;
  size_t at_ = 0;
};

// Adds what is wanted of a round to the result and to the next round's working table.
class RecursionRound {
 public:
  RecursionRound(Run& run, const RecursiveUnionOperator& op, RowsKept& all)
      : op_(op), all_(all), known_(run.memory(), op.types) {}

  Status add(const Batch& batch, int side, RowsKept& fresh) {
    Batch picked;
    pick(batch, op_.columns[side], picked);
    if (!op_.is_all) {
      uint8_t* rows[kBatchRows];
      uint16_t added[kBatchRows];
      uint32_t count = 0;
      MORTISE_TRY(known_.find_or_add(picked, rows, added, &count));
      if (count == 0) return {};
      std::sort(added, added + count);
      for (uint32_t i = 0; i < count; ++i) {
        selection_[i] = static_cast<uint16_t>(picked.row_at(added[i]));
      }
      picked.selection = selection_;
      picked.selected_count = count;
    }
    MORTISE_TRY(all_.append(picked));
    return fresh.append(picked);
  }

 private:
  const RecursiveUnionOperator& op_;
  RowsKept& all_;
  RowSet known_;
  uint16_t selection_[kBatchRows] = {};
};

}  // namespace

Result<CursorPtr> AppendOperator::open(Run& run) const {
  return CursorPtr(std::make_unique<AppendCursor>(run, *this));
}

std::string SetOperationOperator::name() const {
  std::string text = "HashSetOp ";
  if (operation == SetOperationType::unite) text += "Union";
  if (operation == SetOperationType::intersect) text += "Intersect";
  if (operation == SetOperationType::except) text += "Except";
  return is_all ? text + " All" : text;
}

Status SetOperationOperator::prepare(Run& run) const {
  MORTISE_TRY(Operator::prepare(run));
  auto& state = run.make_state<SetOperationState>(*this);
  state.rows = std::make_unique<RowSet>(run.memory(), types);
  uint8_t* rows[kBatchRows];
  for (uint32_t side = 0; side < 2; ++side) {
    const auto count_rows = [&](uint32_t, const Batch& batch) -> Status {
      Batch picked;
      pick(batch, columns[side], picked);
      MORTISE_TRY(state.rows->find_or_add(picked, rows, nullptr, nullptr));
      for (uint32_t i = 0; i < picked.selected_count; ++i) {
        state.rows->counts(rows[i])[side] += 1;
      }
      return {};
    };
    MORTISE_TRY(drain(run, *inputs[side], 1, count_rows));
  }
  const RowStore& store = state.rows->table().store();
  const uint64_t row_bytes = store.layout().row_bytes();
  store.each_run([&](uint8_t* begin, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      uint8_t* row = begin + i * row_bytes;
      const uint64_t times = times_shown(operation, is_all, state.rows->counts(row));
      if (times != 0) state.shown.emplace_back(row, times);
    }
  });
  return {};
}

Result<CursorPtr> SetOperationOperator::open(Run& run) const {
  auto cursor =
      std::make_unique<SetOperationCursor>(run, *this, run.state<SetOperationState>(*this));
  MORTISE_TRY(cursor->open());
  return CursorPtr(std::move(cursor));
}

Result<CursorPtr> DistinctOnOperator::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  std::vector<mortise_type_t> key_types;
  for (uint32_t k = 0; k < keys.roots_count(); ++k) key_types.push_back(keys.type(k));
  return CursorPtr(std::make_unique<DistinctOnCursor>(run, *this, std::move(input), key_types));
}

Status CommonTableOperator::prepare(Run& run) const {
  auto& state = run.make_state<KeptState>(*this, run.memory(), inputs[0]->types);
  MORTISE_TRY(inputs[0]->prepare(run));
  MORTISE_TRY(drain(run, *inputs[0], 1,
                    [&](uint32_t, const Batch& batch) { return state.rows.append(batch); }));
  run.keep(number, &state.rows);
  return inputs[1]->prepare(run);
}

Status RecursiveUnionOperator::prepare(Run& run) const {
  auto& state = run.make_state<KeptState>(*this, run.memory(), types);
  RecursionRound round(run, *this, state.rows);
  MORTISE_TRY(inputs[0]->prepare(run));
  auto working = std::make_unique<RowsKept>(run.memory(), types);
  MORTISE_TRY(drain(run, *inputs[0], 1,
                    [&](uint32_t, const Batch& batch) { return round.add(batch, 0, *working); }));
  Run inner(run.context(), *step, &run);
  for (uint32_t slot = 0; slot < outer_slots.size(); ++slot) {
    inner.set_outer(slot, run.outer(outer_slots[slot]), 0);
  }
  while (working->rows_count() != 0) {
    MORTISE_TRY(run.check_interrupt());
    auto fresh = std::make_unique<RowsKept>(run.memory(), types);
    inner.keep(number, working.get());
    MORTISE_TRY(step->root->prepare(inner));
    MORTISE_TRY(drain(inner, *step->root, 1,
                      [&](uint32_t, const Batch& batch) { return round.add(batch, 1, *fresh); }));
    working = std::move(fresh);
  }
  return {};
}

Result<CursorPtr> RecursiveUnionOperator::open(Run& run) const {
  return CursorPtr(std::make_unique<KeptRowsCursor>(run.state<KeptState>(*this).rows));
}

}  // namespace mortise::sql_engine
