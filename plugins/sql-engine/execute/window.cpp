// SPDX-License-Identifier: Apache-2.0
#include "execute/window.hpp"

#include <algorithm>
#include <cstring>

#include "execute/sort_order.hpp"
#include "execute/window_rows.hpp"

namespace mortise::sql_engine {

namespace {

constexpr uint32_t kOrdinalBytes = 8;  // a row's header: its number in the input

Status collect(Run& run, const WindowOperator& op, WindowRows& state) {
  std::vector<mortise_type_t> types;
  for (uint32_t r = 0; r < op.program.roots_count(); ++r) types.push_back(op.program.type(r));
  for (const uint32_t place : op.passed) types.push_back(op.inputs[0]->types[place]);
  state.store = RowStore(run.memory(), RowLayout(types, kOrdinalBytes, 0));
  Evaluation evaluation(run, op.program);
  std::vector<mortise_column_t> columns(types.size());
  const auto keep = [&](uint32_t, const Batch& batch) -> Status {
    evaluation.begin();
    for (uint32_t r = 0; r < op.program.roots_count(); ++r) {
      MORTISE_TRY(evaluation.evaluate(r, batch, &columns[r]));
    }
    for (size_t p = 0; p < op.passed.size(); ++p) {
      columns[op.program.roots_count() + p] = batch.columns[op.passed[p]];
    }
    uint8_t* rows[kBatchRows];
    const uint16_t* from = batch.selection == nullptr ? all_rows() : batch.selection;
    MORTISE_TRY(state.store.append(columns, from, batch.selected_count, rows));
    for (uint32_t i = 0; i < batch.selected_count; ++i) {
      std::memcpy(rows[i], &state.count, kOrdinalBytes);
      ++state.count;
    }
    return {};
  };
  return drain(run, *op.inputs[0], 1, keep);
}

struct Entry {
  uint64_t prefix;
  uint8_t* row;
};

// By partition and order; rows that are equal there stay in the order they came.
Status sort_rows(Run& run, const WindowOperator& op, WindowRows& state) {
  MORTISE_TRY(state.rows.allocate(run.memory(), state.count));
  std::vector<RowKey> keys;
  for (uint32_t p = 0; p < op.partition_count; ++p) keys.push_back({p, false, false});
  for (uint32_t o = 0; o < op.order.size(); ++o) {
    keys.push_back({op.partition_count + o, op.order[o].is_descending, op.order[o].is_nulls_first});
  }
  const RowLayout& layout = state.store.layout();
  HeldArray<Entry> entries;
  MORTISE_TRY(entries.allocate(run.memory(), state.count));
  uint64_t at = 0;
  state.store.each_run([&](uint8_t* first, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i, ++at) {
      uint8_t* row = first + i * layout.row_bytes();
      entries[at] = {keys.empty() ? 0 : encode_prefix(layout, keys[0], row), row};
    }
  });
  if (!keys.empty()) {
    std::sort(entries.data(), entries.data() + state.count, [&](const Entry& a, const Entry& b) {
      if (a.prefix != b.prefix) return a.prefix < b.prefix;
      const int order = compare_rows(layout, keys, a.row, b.row);
      if (order != 0) return order < 0;
      uint64_t ordinals[2];
      std::memcpy(&ordinals[0], a.row, kOrdinalBytes);
      std::memcpy(&ordinals[1], b.row, kOrdinalBytes);
      return ordinals[0] < ordinals[1];
    });
  }
  for (uint64_t i = 0; i < state.count; ++i) state.rows[i] = entries[i].row;
  return {};
}

Status find_bounds(Run& run, const WindowOperator& op, WindowRows& state) {
  for (auto* list : {&state.partition_begin, &state.partition_end, &state.peers_begin,
                     &state.peers_end, &state.peers_number}) {
    MORTISE_TRY(list->allocate(run.memory(), state.count));
  }
  std::vector<RowKey> partition;
  std::vector<RowKey> order;
  for (uint32_t p = 0; p < op.partition_count; ++p) partition.push_back({p, false, false});
  for (uint32_t o = 0; o < op.order.size(); ++o) {
    order.push_back({op.partition_count + o, false, false});
  }
  const RowLayout& layout = state.store.layout();
  for (uint64_t i = 0; i < state.count; ++i) {
    const bool begins_partition =
        i == 0 || compare_rows(layout, partition, state.rows[i - 1], state.rows[i]) != 0;
    const bool begins_peers =
        begins_partition || compare_rows(layout, order, state.rows[i - 1], state.rows[i]) != 0;
    state.partition_begin[i] = begins_partition ? i : state.partition_begin[i - 1];
    state.peers_begin[i] = begins_peers ? i : state.peers_begin[i - 1];
    state.peers_number[i] =
        begins_partition ? 0 : state.peers_number[i - 1] + (begins_peers ? 1 : 0);
  }
  for (uint64_t i = state.count; i-- > 0;) {
    const bool ends_partition = i + 1 == state.count || state.partition_begin[i + 1] == i + 1;
    const bool ends_peers = i + 1 == state.count || state.peers_begin[i + 1] == i + 1;
    state.partition_end[i] = ends_partition ? i + 1 : state.partition_end[i + 1];
    state.peers_end[i] = ends_peers ? i + 1 : state.peers_end[i + 1];
  }
  return {};
}

class WindowCursor final : public Cursor {
 public:
  WindowCursor(Run& run, const WindowOperator& op, WindowRows& state)
      : run_(run), op_(op), state_(state) {}

  Status open() {
    buffers_.resize(op_.passed.size());
    for (size_t c = 0; c < buffers_.size(); ++c) {
      MORTISE_TRY(buffers_[c].open(run_.memory(), op_.types[c]));
    }
    return {};
  }

  Result<bool> next(Batch& out) override {
    MORTISE_TRY(run_.check_interrupt());
    if (at_ >= state_.count) return false;
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(kBatchRows, state_.count - at_));
    out.columns.clear();
    for (uint32_t c = 0; c < buffers_.size(); ++c) {
      buffers_[c].reset();
      state_.store.layout().gather(op_.program.roots_count() + c, state_.rows.data() + at_, count,
                                   all_rows(), buffers_[c]);
      out.columns.push_back(buffers_[c].column(count));
    }
    for (const std::vector<ColumnBuffer>& results : state_.results) {
      out.columns.push_back(results[at_ / kBatchRows].column(count));
    }
    out.row_ids = nullptr;
    out.select_all(count);
    at_ += count;
    return true;
  }

 private:
  Run& run_;
  const WindowOperator& op_;
  WindowRows& state_;
  std::vector<ColumnBuffer> buffers_;
  uint64_t at_ = 0;
};

}  // namespace

Status WindowOperator::prepare(Run& run) const {
  MORTISE_TRY(inputs[0]->prepare(run));
  auto& state = run.make_state<WindowRows>(*this);
  MORTISE_TRY(collect(run, *this, state));
  MORTISE_TRY(sort_rows(run, *this, state));
  MORTISE_TRY(find_bounds(run, *this, state));
  WindowFrames frames(frame, state, !order.empty() && order[0].is_descending);
  MORTISE_TRY(frames.open(run));
  state.arena = std::make_unique<Arena>(run.memory());
  const uint64_t chunks = (state.count + kBatchRows - 1) / kBatchRows;
  for (const LoweredWindowCall& call : calls) {
    std::vector<ColumnBuffer>& results = state.results.emplace_back(chunks);
    for (ColumnBuffer& made : results) {
      MORTISE_TRY(made.open(run.memory(), call.type));
      made.reset();
    }
    MORTISE_TRY(call.function->kind == MORTISE_FUNCTION_AGGREGATE
                    ? compute_window_aggregate(run, state, frames, call, results)
                    : compute_window_call(run, state, frames, call, results));
  }
  return {};
}

Result<CursorPtr> WindowOperator::open(Run& run) const {
  auto cursor = std::make_unique<WindowCursor>(run, *this, run.state<WindowRows>(*this));
  MORTISE_TRY(cursor->open());
  return CursorPtr(std::move(cursor));
}

}  // namespace mortise::sql_engine
