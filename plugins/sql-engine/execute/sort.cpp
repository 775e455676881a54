// SPDX-License-Identifier: Apache-2.0
#include "execute/sort.hpp"

#include <algorithm>

namespace mortise::sql_engine {

namespace {

// From this bound on, a heap costs more than sorting everything.
constexpr uint64_t kTopRowsMax = 65536;
// A top-N store is rebuilt when it holds this many times what is wanted.
constexpr uint64_t kTopSlack = 4;

struct Entry {
  uint64_t prefix;
  uint8_t* row;
};

struct SortState final : OperatorState {
  explicit SortState(const SortOperator& o) : op(o) {}

  const SortOperator& op;
  RowLayout layout;
  std::vector<RowKey> keys;
  std::vector<uint32_t> shown;  // layout column of each result column
  uint64_t rows_max = UINT64_MAX;
  struct Worker {
    RowStore store;
    std::vector<Entry> entries;
    std::unique_ptr<Evaluation> evaluation;
    std::vector<mortise_column_t> columns;
    uint64_t threshold_prefix = UINT64_MAX;  // top-N: rows above it are not wanted
  };
  std::vector<Worker> workers;

  bool less(const Entry& a, const Entry& b) const {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return compare_rows(layout, keys, a.row, b.row) < 0;
  }
};

void sort_entries(const SortState& state, std::vector<Entry>& entries) {
  std::sort(entries.begin(), entries.end(),
            [&](const Entry& a, const Entry& b) { return state.less(a, b); });
}

// Keeps the first rows_max rows and drops the others' memory.
Status shrink(Run& run, const SortState& state, SortState::Worker& worker) {
  std::vector<Entry>& entries = worker.entries;
  const auto nth = entries.begin() + static_cast<int64_t>(state.rows_max);
  std::nth_element(entries.begin(), nth, entries.end(),
                   [&](const Entry& a, const Entry& b) { return state.less(a, b); });
  entries.resize(state.rows_max);
  worker.threshold_prefix = 0;
  for (const Entry& entry : entries) {
    worker.threshold_prefix = std::max(worker.threshold_prefix, entry.prefix);
  }
  RowStore store(run.memory(), state.layout);
  const uint32_t columns = state.layout.columns_count();
  std::vector<ColumnBuffer> buffers(columns);
  for (uint32_t c = 0; c < columns; ++c) {
    MORTISE_TRY(buffers[c].open(run.memory(), state.layout.type(c)));
  }
  uint8_t* rows[kBatchRows];
  for (size_t begin = 0; begin < entries.size(); begin += kBatchRows) {
    const auto count = static_cast<uint32_t>(std::min<size_t>(kBatchRows, entries.size() - begin));
    for (uint32_t i = 0; i < count; ++i) rows[i] = entries[begin + i].row;
    std::vector<mortise_column_t> copied;
    for (uint32_t c = 0; c < columns; ++c) {
      buffers[c].reset();
      state.layout.gather(c, rows, count, all_rows(), buffers[c]);
      copied.push_back(buffers[c].column(count));
    }
    MORTISE_TRY(store.append(copied, all_rows(), count, rows));
    for (uint32_t i = 0; i < count; ++i) entries[begin + i].row = rows[i];
  }
  worker.store = std::move(store);
  return {};
}

Status collect(Run& run, const SortOperator& op, SortState& state, SortState::Worker& worker,
               const Batch& batch) {
  Evaluation& evaluation = *worker.evaluation;
  evaluation.begin();
  const auto keys = static_cast<uint32_t>(op.keys.size());
  worker.columns.resize(state.layout.columns_count());
  for (uint32_t k = 0; k < keys; ++k) {
    MORTISE_TRY(evaluation.evaluate(k, batch, &worker.columns[k]));
  }
  for (size_t c = 0; c < op.columns.size(); ++c) {
    if (state.shown[c] >= keys) worker.columns[state.shown[c]] = batch.columns[op.columns[c]];
  }
  uint8_t* rows[kBatchRows];
  const uint16_t* from = batch.selection == nullptr ? all_rows() : batch.selection;
  MORTISE_TRY(worker.store.append(worker.columns, from, batch.selected_count, rows));
  for (uint32_t i = 0; i < batch.selected_count; ++i) {
    const uint64_t prefix = encode_prefix(state.layout, state.keys[0], rows[i]);
    if (prefix <= worker.threshold_prefix) worker.entries.push_back({prefix, rows[i]});
  }
  if (state.rows_max > kTopRowsMax) return {};
  const uint64_t held_max = std::max<uint64_t>(state.rows_max * kTopSlack, 4 * kBatchRows);
  if (worker.store.rows_count() <= held_max || worker.entries.size() <= state.rows_max) return {};
  return shrink(run, state, worker);
}

class SortCursor final : public Cursor {
 public:
  SortCursor(Run& run, const SortOperator& op, SortState& state)
      : run_(run), op_(op), state_(state), at_(state.workers.size()) {}

  Status open() {
    buffers_.resize(op_.columns.size());
    for (size_t c = 0; c < buffers_.size(); ++c) {
      MORTISE_TRY(buffers_[c].open(run_.memory(), op_.types[c]));
    }
    return {};
  }

  Result<bool> next(Batch& out) override {
    MORTISE_TRY(run_.check_interrupt());
    uint8_t* rows[kBatchRows];
    uint32_t count = 0;
    while (count < kBatchRows) {
      uint8_t* row = take_least();
      if (row == nullptr) break;
      rows[count++] = row;
    }
    if (count == 0) return false;
    out.columns.clear();
    for (size_t c = 0; c < buffers_.size(); ++c) {
      buffers_[c].reset();
      state_.layout.gather(state_.shown[c], rows, count, all_rows(), buffers_[c]);
      out.columns.push_back(buffers_[c].column(count));
    }
    out.row_ids = nullptr;
    out.select_all(count);
    return true;
  }

 private:
  // The least of the runs' heads.  There are as many runs as workers: few.
  uint8_t* take_least() {
    const Entry* least = nullptr;
    size_t of = 0;
    for (size_t w = 0; w < at_.size(); ++w) {
      const std::vector<Entry>& entries = state_.workers[w].entries;
      if (at_[w] == entries.size()) continue;
      if (least == nullptr || state_.less(entries[at_[w]], *least)) {
        least = &entries[at_[w]];
        of = w;
      }
    }
    if (least == nullptr) return nullptr;
    at_[of] += 1;
    return least->row;
  }

  Run& run_;
  const SortOperator& op_;
  SortState& state_;
  std::vector<size_t> at_;
  std::vector<ColumnBuffer> buffers_;
};

}  // namespace

Status SortOperator::prepare(Run& run) const {
  MORTISE_TRY(inputs[0]->prepare(run));
  auto& state = run.make_state<SortState>(*this, *this);
  std::vector<mortise_type_t> row_types;
  for (uint32_t k = 0; k < keys.size(); ++k) {
    row_types.push_back(key_program.type(k));
    state.keys.push_back({k, keys[k].is_descending, keys[k].is_nulls_first});
  }
  for (size_t c = 0; c < columns.size(); ++c) {
    // A key that is a plain column of the input is not kept twice.
    uint32_t at = static_cast<uint32_t>(row_types.size());
    for (uint32_t k = 0; k < keys.size(); ++k) {
      if (key_program.plain_column(k) == static_cast<int32_t>(columns[c])) at = k;
    }
    if (at == row_types.size()) row_types.push_back(types[c]);
    state.shown.push_back(at);
  }
  state.layout = RowLayout(row_types, 0, 0);
  if (has_limit) {
    MORTISE_TRY_ASSIGN(const LimitBounds limits,
                       evaluate_limit(run, bounds, has_limit, has_offset));
    if (limits.limit < UINT64_MAX - limits.offset) state.rows_max = limits.limit + limits.offset;
  }
  if (state.rows_max == 0) return {};
  const uint32_t workers = drain_workers(run, *inputs[0]);
  state.workers.resize(workers);
  for (SortState::Worker& worker : state.workers) {
    worker.store = RowStore(run.memory(), state.layout);
    worker.evaluation = std::make_unique<Evaluation>(run, key_program);
  }
  MORTISE_TRY(drain(run, *inputs[0], workers, [&](uint32_t worker, const Batch& batch) {
    return collect(run, *this, state, state.workers[worker], batch);
  }));
  return run_parallel(run, workers, [&](uint32_t worker) {
    sort_entries(state, state.workers[worker].entries);
    return Status();
  });
}

Result<CursorPtr> SortOperator::open(Run& run) const {
  auto cursor = std::make_unique<SortCursor>(run, *this, run.state<SortState>(*this));
  MORTISE_TRY(cursor->open());
  return CursorPtr(std::move(cursor));
}

}  // namespace mortise::sql_engine
