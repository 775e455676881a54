// SPDX-License-Identifier: Apache-2.0
//
// Longer than 500 lines, because hash, plain and sorted grouping share states.

#include "execute/aggregate.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "execute/sort_order.hpp"
#include "execute/vector/group_table.hpp"

namespace mortise::sql_engine {

namespace {

// Below this many groups in all, merging in parallel costs more than it saves.
constexpr uint64_t kParallelMergeGroupsMin = 8192;
constexpr uint32_t kPartitionsCount = 16;

// By bits that a table uses neither for a row's place (the highest) nor for its salt (the lowest).
uint32_t partition_of(const uint8_t* row) {
  return static_cast<uint32_t>(GroupTable::hash_of(row) >> 24) % kPartitionsCount;
}

// Where the calls' states stand in a row.
struct StatesLayout {
  explicit StatesLayout(const AggregateOperator& op) {
    for (const LoweredAggregate& call : op.calls) {
      offsets.push_back(size_bytes);
      size_bytes += call.function->aggregate->state_size_bytes;
    }
  }
  std::vector<uint32_t> offsets;
  uint32_t size_bytes = 0;
};

// Rows of a call with ORDER BY: group pointer, order keys, arguments.
struct OrderedRows {
  RowStore store;
  std::vector<uint8_t*> rows;
};

// What one worker has of one grouping set.
struct SetGroups {
  SetGroups(const Memory& memory, const RowLayout& layout) : table(memory, layout) {}
  GroupTable table;
  uint8_t* only_row = nullptr;                        // when the set has no groups
  std::vector<std::unique_ptr<GroupTable>> distinct;  // per call, or null
  std::vector<std::unique_ptr<OrderedRows>> ordered;  // per call, or null
};

struct AggregateState final : OperatorState {
  AggregateState(Run& r, const AggregateOperator& o) : run(r), op(o), states(o) {}

  Run& run;
  const AggregateOperator& op;
  StatesLayout states;
  RowLayout layout;
  // One per worker: groups per set, and the memory that states allocate from.
  struct Worker {
    std::vector<std::unique_ptr<SetGroups>> sets;
    std::unique_ptr<Arena> arena;
    mortise_evaluation_t abi{};
  };
  std::vector<Worker> workers;
  std::vector<std::unique_ptr<GroupTable>> merged;
  // What is shown: runs of rows, each of one grouping set.
  struct Output {
    std::vector<uint8_t*> rows;
    uint32_t set = 0;
  };
  std::vector<Output> outputs;
  std::atomic<uint32_t> next_output{0};

  uint32_t sets_count() const {
    return op.sets.empty() ? 1 : static_cast<uint32_t>(op.sets.size());
  }
  bool set_has_groups(uint32_t set) const {
    return op.sets.empty() ? op.groups_count != 0 : !op.sets[set].empty();
  }
  bool is_in_set(uint32_t set, uint32_t group) const {
    if (op.sets.empty()) return true;
    const std::vector<uint32_t>& members = op.sets[set];
    return std::find(members.begin(), members.end(), group) != members.end();
  }
};

// Adds batches to one worker's groups.
class Grouper {
 public:
  Grouper(Run& run, const AggregateOperator& op, AggregateState& state,
          AggregateState::Worker& worker)
      : run_(run), op_(op), state_(state), worker_(worker), evaluation_(run, op.program) {}

  Status open();
  Status add(const Batch& batch);
  Status finish_ordered();

 private:
  Status add_to_set(const Batch& batch, uint32_t set);
  Status update(const Batch& batch, uint32_t call_index, SetGroups& groups);
  Status narrow(const Batch& batch, const LoweredAggregate& call, Selection* rows);
  Status keep_new(const LoweredAggregate& call, GroupTable& table, Selection* rows);
  Status keep_ordered(const LoweredAggregate& call, OrderedRows& ordered, Selection rows);
  Status call_update(const LoweredAggregate& call, uint32_t call_index, SetGroups& groups,
                     const mortise_column_t* arguments, uint32_t rows_count, Selection rows);

  Run& run_;
  const AggregateOperator& op_;
  AggregateState& state_;
  AggregateState::Worker& worker_;
  Evaluation evaluation_;
  std::vector<mortise_column_t> columns_;  // of the program's roots
  std::vector<mortise_column_t> set_keys_;
  std::vector<bool> is_known_;
  ConstantSlot null_;
  uint64_t hashes_[kBatchRows] = {};
  uint8_t* groups_[kBatchRows] = {};        // dense
  uint8_t* group_of_row_[kBatchRows] = {};  // by row
  void* states_[kBatchRows] = {};           // by row
  uint16_t narrowed_[kBatchRows] = {};
  uint16_t scratch_[kBatchRows] = {};
};

RowLayout distinct_layout(const LoweredAggregate& call) {
  std::vector<mortise_type_t> types(1);
  types[0].physical = MORTISE_PHYSICAL_INT64;  // the group's address
  types.insert(types.end(), call.argument_types.begin(), call.argument_types.end());
  return {types, GroupTable::kHeaderBytes, 0};
}

Status Grouper::open() {
  const Memory& memory = run_.memory();
  worker_.arena = std::make_unique<Arena>(memory);
  worker_.abi.struct_size_bytes = sizeof(worker_.abi);
  worker_.abi.session = run_.context().session;
  worker_.abi.view = &run_.context().view;
  worker_.abi.arena = worker_.arena.get();
  worker_.abi.allocate = Arena::allocate_for_function;
  for (uint32_t s = 0; s < state_.sets_count(); ++s) {
    auto groups = std::make_unique<SetGroups>(memory, state_.layout);
    if (!state_.set_has_groups(s)) {
      MORTISE_TRY(groups->table.store().append(1, &groups->only_row));
      for (uint32_t g = 0; g < op_.groups_count; ++g) state_.layout.set_null(groups->only_row, g);
    }
    for (uint32_t c = 0; c < op_.calls.size(); ++c) {
      const LoweredAggregate& call = op_.calls[c];
      groups->distinct.push_back(
          call.is_distinct ? std::make_unique<GroupTable>(memory, distinct_layout(call)) : nullptr);
      auto& ordered = groups->ordered.emplace_back();
      if (call.order.empty()) continue;
      ordered = std::make_unique<OrderedRows>();
      std::vector<mortise_type_t> types(1);
      types[0].physical = MORTISE_PHYSICAL_INT64;
      for (const auto& key : call.order) types.push_back(op_.program.type(key.root));
      types.insert(types.end(), call.argument_types.begin(), call.argument_types.end());
      ordered->store = RowStore(memory, RowLayout(types, 0, 0));
    }
    worker_.sets.push_back(std::move(groups));
  }
  columns_.resize(op_.program.roots_count());
  return {};
}

Status Grouper::add(const Batch& batch) {
  evaluation_.begin();
  is_known_.assign(op_.program.roots_count(), false);
  for (uint32_t g = 0; g < op_.groups_count; ++g) {
    MORTISE_TRY(evaluation_.evaluate(g, batch, &columns_[g]));
    is_known_[g] = true;
  }
  for (uint32_t s = 0; s < state_.sets_count(); ++s) MORTISE_TRY(add_to_set(batch, s));
  return {};
}

Status Grouper::add_to_set(const Batch& batch, uint32_t set) {
  SetGroups& groups = *worker_.sets[set];
  const uint16_t* rows = batch.selection == nullptr ? all_rows() : batch.selection;
  if (groups.only_row == nullptr) {
    set_keys_.assign(columns_.begin(), columns_.begin() + op_.groups_count);
    for (uint32_t g = 0; g < op_.groups_count; ++g) {
      if (!state_.is_in_set(set, g)) {
        set_keys_[g] = {null_.validity, null_.value, MORTISE_COLUMN_CONSTANT, 0};
      }
      hash_column(set_keys_[g], state_.layout.type(g).physical, rows, batch.selected_count, g == 0,
                  hashes_);
    }
    MORTISE_TRY(groups.table.find_or_add(set_keys_, rows, batch.selected_count, hashes_, groups_));
    for (uint32_t i = 0; i < batch.selected_count; ++i) group_of_row_[rows[i]] = groups_[i];
  } else {
    for (uint32_t i = 0; i < batch.selected_count; ++i) group_of_row_[rows[i]] = groups.only_row;
  }
  for (uint32_t c = 0; c < op_.calls.size(); ++c) MORTISE_TRY(update(batch, c, groups));
  return {};
}

// Leaves out what the filter and strictness leave out, and computes the arguments.
Status Grouper::narrow(const Batch& batch, const LoweredAggregate& call, Selection* rows) {
  Batch view = batch;
  if (call.filter >= 0) {
    MORTISE_TRY(evaluation_.filter(static_cast<uint32_t>(call.filter), view, narrowed_));
    *rows = selection_of(view);
    if (rows->count == 0) return {};
  }
  const auto compute = [&](uint32_t root) -> Status {
    if (is_known_[root]) return {};
    MORTISE_TRY(evaluation_.evaluate(root, view, &columns_[root]));
    is_known_[root] = call.filter < 0;
    return {};
  };
  for (uint32_t a = 0; a < call.arguments_count; ++a) {
    MORTISE_TRY(compute(call.arguments_begin + a));
  }
  for (const LoweredAggregate::Key& key : call.order) MORTISE_TRY(compute(key.root));
  if (call.function->is_strict == 0) return {};
  for (uint32_t a = 0; a < call.arguments_count; ++a) {
    const mortise_column_t& column = columns_[call.arguments_begin + a];
    if (column.validity == nullptr) continue;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rows->count; ++i) {
      const uint32_t row = rows->row(i);
      narrowed_[kept] = static_cast<uint16_t>(row);
      kept += get_bit(column.validity, is_constant(column) ? 0 : row) ? 1 : 0;
    }
    *rows = {narrowed_, kept};
  }
  return {};
}

// DISTINCT: leaves the rows whose arguments are new to their group.
Status Grouper::keep_new(const LoweredAggregate& call, GroupTable& table, Selection* rows) {
  std::vector<mortise_column_t> keys = {{nullptr, group_of_row_, 0, 0}};
  for (uint32_t a = 0; a < call.arguments_count; ++a) {
    keys.push_back(columns_[call.arguments_begin + a]);
  }
  const uint16_t* from = rows->rows == nullptr ? all_rows() : rows->rows;
  for (uint32_t k = 0; k < keys.size(); ++k) {
    hash_column(keys[k], table.layout().type(k).physical, from, rows->count, k == 0, hashes_);
  }
  uint32_t added = 0;
  MORTISE_TRY(table.find_or_add(keys, from, rows->count, hashes_, groups_, scratch_, &added));
  std::sort(scratch_, scratch_ + added);
  for (uint32_t i = 0; i < added; ++i) narrowed_[i] = from[scratch_[i]];
  *rows = {narrowed_, added};
  return {};
}

Status Grouper::keep_ordered(const LoweredAggregate& call, OrderedRows& ordered, Selection rows) {
  std::vector<mortise_column_t> columns = {{nullptr, group_of_row_, 0, 0}};
  for (const LoweredAggregate::Key& key : call.order) columns.push_back(columns_[key.root]);
  for (uint32_t a = 0; a < call.arguments_count; ++a) {
    columns.push_back(columns_[call.arguments_begin + a]);
  }
  const uint16_t* from = rows.rows == nullptr ? all_rows() : rows.rows;
  MORTISE_TRY(ordered.store.append(columns, from, rows.count, groups_));
  ordered.rows.insert(ordered.rows.end(), groups_, groups_ + rows.count);
  return {};
}

Status Grouper::update(const Batch& batch, uint32_t call_index, SetGroups& groups) {
  const LoweredAggregate& call = op_.calls[call_index];
  Selection rows = selection_of(batch);
  MORTISE_TRY(narrow(batch, call, &rows));
  if (rows.count != 0 && groups.distinct[call_index] != nullptr) {
    MORTISE_TRY(keep_new(call, *groups.distinct[call_index], &rows));
  }
  if (rows.count == 0) return {};
  if (groups.ordered[call_index] != nullptr) {
    return keep_ordered(call, *groups.ordered[call_index], rows);
  }
  return call_update(call, call_index, groups, columns_.data() + call.arguments_begin,
                     batch.rows_count, rows);
}

Status Grouper::call_update(const LoweredAggregate& call, uint32_t call_index, SetGroups& groups,
                            const mortise_column_t* arguments, uint32_t rows_count,
                            Selection rows) {
  const mortise_aggregate_t& aggregate = *call.function->aggregate;
  const mortise_arguments_t packed = {arguments,
                                      call.argument_types.data(),
                                      call.arguments_count,
                                      rows_count,
                                      rows.rows,
                                      rows.count,
                                      0};
  const uint32_t offset = state_.layout.trailer_offset() + state_.states.offsets[call_index];
  ErrorSlot error;
  if (groups.only_row != nullptr && aggregate.update_one != nullptr) {
    return error.status(aggregate.update_one(&worker_.abi, call.bound(), &packed,
                                             groups.only_row + offset, error.get()));
  }
  if (rows.rows == nullptr) {
    for (uint32_t row = 0; row < rows.count; ++row) states_[row] = group_of_row_[row] + offset;
  } else {
    for (uint32_t i = 0; i < rows.count; ++i) {
      states_[rows.rows[i]] = group_of_row_[rows.rows[i]] + offset;
    }
  }
  return error.status(aggregate.update(&worker_.abi, call.bound(), &packed, states_, error.get()));
}

// Sorts the rows of calls with ORDER BY and hands them over in that order.
Status Grouper::finish_ordered() {
  for (auto& groups : worker_.sets) {
    for (uint32_t c = 0; c < op_.calls.size(); ++c) {
      if (groups->ordered[c] == nullptr) continue;
      const LoweredAggregate& call = op_.calls[c];
      OrderedRows& ordered = *groups->ordered[c];
      const RowLayout& layout = ordered.store.layout();
      std::vector<RowKey> keys = {{0, false, false}};
      for (uint32_t k = 0; k < call.order.size(); ++k) {
        keys.push_back({k + 1, call.order[k].is_descending, call.order[k].is_nulls_first});
      }
      std::stable_sort(
          ordered.rows.begin(), ordered.rows.end(),
          [&](const uint8_t* a, const uint8_t* b) { return compare_rows(layout, keys, a, b) < 0; });
      std::vector<ColumnBuffer> buffers(call.arguments_count);
      for (uint32_t a = 0; a < buffers.size(); ++a) {
        MORTISE_TRY(buffers[a].open(run_.memory(), call.argument_types[a]));
      }
      for (size_t begin = 0; begin < ordered.rows.size(); begin += kBatchRows) {
        const auto count =
            static_cast<uint32_t>(std::min<size_t>(kBatchRows, ordered.rows.size() - begin));
        uint8_t** rows = ordered.rows.data() + begin;
        std::vector<mortise_column_t> arguments;
        for (uint32_t a = 0; a < buffers.size(); ++a) {
          buffers[a].reset();
          layout.gather(static_cast<uint32_t>(1 + call.order.size() + a), rows, count, all_rows(),
                        buffers[a]);
          arguments.push_back(buffers[a].column(count));
        }
        for (uint32_t i = 0; i < count; ++i) {
          std::memcpy(&group_of_row_[i], rows[i] + layout.offset(0), sizeof(uint8_t*));
        }
        MORTISE_TRY(call_update(call, c, *groups, arguments.data(), count, {nullptr, count}));
      }
    }
  }
  return {};
}

// Merges rows of other workers into a table; calls' `merge` get whole arrays.
class Merger {
 public:
  Merger(AggregateState& state, GroupTable& into, const mortise_evaluation_t& abi)
      : state_(state), into_(into), abi_(abi) {}

  Status add(uint8_t* row) {
    MORTISE_TRY_ASSIGN(uint8_t * held, into_.find_or_link(row));
    if (held == nullptr) return {};
    return add(held, row);
  }
  Status add(uint8_t* held, uint8_t* row) {
    held_[count_] = held;
    from_[count_++] = row;
    // One row may be met twice within a chunk: `merge` takes them in order.
    return count_ == kBatchRows ? flush() : Status();
  }
  Status flush() {
    void* into[kBatchRows];
    void* from[kBatchRows];
    for (uint32_t c = 0; c < state_.op.calls.size() && count_ != 0; ++c) {
      const uint32_t offset = state_.layout.trailer_offset() + state_.states.offsets[c];
      for (uint32_t i = 0; i < count_; ++i) {
        into[i] = held_[i] + offset;
        from[i] = from_[i] + offset;
      }
      const LoweredAggregate& call = state_.op.calls[c];
      ErrorSlot error;
      MORTISE_TRY(error.status(
          call.function->aggregate->merge(&abi_, call.bound(), into, from, count_, error.get())));
    }
    count_ = 0;
    return {};
  }

 private:
  AggregateState& state_;
  GroupTable& into_;
  const mortise_evaluation_t& abi_;
  uint8_t* held_[kBatchRows] = {};
  uint8_t* from_[kBatchRows] = {};
  uint32_t count_ = 0;
};

void list_rows(const RowStore& store, std::vector<uint8_t*>& rows) {
  rows.reserve(rows.size() + store.rows_count());
  const uint64_t row_bytes = store.layout().row_bytes();
  store.each_run([&](uint8_t* begin, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) rows.push_back(begin + i * row_bytes);
  });
}

template <typename Body>
Status each_row(const RowStore& store, Body&& body) {
  Status failure;
  const uint64_t row_bytes = store.layout().row_bytes();
  store.each_run([&](uint8_t* begin, uint64_t count) {
    for (uint64_t i = 0; i < count && failure.is_ok(); ++i) failure = body(begin + i * row_bytes);
  });
  return failure;
}

Status merge_only_rows(AggregateState& state, uint32_t set) {
  SetGroups& first = *state.workers[0].sets[set];
  Merger merger(state, first.table, state.workers[0].abi);
  for (size_t w = 1; w < state.workers.size(); ++w) {
    MORTISE_TRY(merger.add(first.only_row, state.workers[w].sets[set]->only_row));
  }
  MORTISE_TRY(merger.flush());
  state.outputs.push_back({{first.only_row}, set});
  return {};
}

Status merge_serially(AggregateState& state, uint32_t set) {
  SetGroups& first = *state.workers[0].sets[set];
  Merger merger(state, first.table, state.workers[0].abi);
  for (size_t w = 1; w < state.workers.size(); ++w) {
    MORTISE_TRY(each_row(state.workers[w].sets[set]->table.store(),
                         [&](uint8_t* row) { return merger.add(row); }));
  }
  MORTISE_TRY(merger.flush());
  AggregateState::Output output;
  output.set = set;
  list_rows(first.table.store(), output.rows);
  output.rows.insert(output.rows.end(), first.table.linked().begin(), first.table.linked().end());
  state.outputs.push_back(std::move(output));
  return {};
}

using PartitionedRows = std::vector<std::vector<uint8_t*>>;

PartitionedRows partition_rows(const RowStore& store) {
  PartitionedRows parts(kPartitionsCount);
  for (auto& part : parts) part.reserve(store.rows_count() / kPartitionsCount * 9 / 8);
  const uint64_t row_bytes = store.layout().row_bytes();
  store.each_run([&](uint8_t* begin, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      uint8_t* row = begin + i * row_bytes;
      parts[partition_of(row)].push_back(row);
    }
  });
  return parts;
}

Status merge_in_parallel(Run& run, AggregateState& state, uint32_t set) {
  const size_t first = state.merged.size();
  for (uint32_t p = 0; p < kPartitionsCount; ++p) {
    state.merged.push_back(std::make_unique<GroupTable>(run.memory(), state.layout));
  }
  // Memory for merged states: an arena per partition, among the workers' so that it lives as long.
  std::vector<AggregateState::Worker> extra(kPartitionsCount);
  for (AggregateState::Worker& worker : extra) {
    worker.arena = std::make_unique<Arena>(run.memory());
    worker.abi = state.workers[0].abi;
    worker.abi.arena = worker.arena.get();
  }
  std::vector<PartitionedRows> rows(state.workers.size());
  MORTISE_TRY(run_parallel(run, static_cast<uint32_t>(rows.size()), [&](uint32_t w) -> Status {
    const bool is_used = !state.workers[w].sets.empty();
    if (is_used) rows[w] = partition_rows(state.workers[w].sets[set]->table.store());
    return {};
  }));
  const auto merge_partition = [&](uint32_t p) -> Status {
    GroupTable& into = *state.merged[first + p];
    size_t most = 0;
    for (const PartitionedRows& own : rows) most = std::max(most, own.empty() ? 0 : own[p].size());
    MORTISE_TRY(into.reserve(most));
    auto merger = std::make_unique<Merger>(state, into, extra[p].abi);
    for (const PartitionedRows& own : rows) {
      if (own.empty()) continue;
      for (uint8_t* row : own[p]) MORTISE_TRY(merger->add(row));
    }
    return merger->flush();
  };
  MORTISE_TRY(run_parallel(run, kPartitionsCount, merge_partition));
  for (AggregateState::Worker& worker : extra) state.workers.push_back(std::move(worker));
  for (uint32_t p = 0; p < kPartitionsCount; ++p) {
    state.outputs.push_back({state.merged[first + p]->linked(), set});
  }
  return {};
}

Status merge_all(Run& run, AggregateState& state) {
  const size_t workers = state.workers.size();
  for (uint32_t s = 0; s < state.sets_count(); ++s) {
    if (!state.set_has_groups(s)) {
      MORTISE_TRY(merge_only_rows(state, s));
      continue;
    }
    uint64_t groups = 0;
    for (size_t w = 0; w < workers; ++w) groups += state.workers[w].sets[s]->table.groups_count();
    if (workers > 1 && groups >= kParallelMergeGroupsMin && state.sets_count() == 1) {
      MORTISE_TRY(merge_in_parallel(run, state, s));
    } else {
      MORTISE_TRY(merge_serially(state, s));
    }
  }
  return {};
}

class AggregateCursor final : public Cursor {
 public:
  AggregateCursor(Run& run, const AggregateOperator& op, AggregateState& state)
      : run_(run), op_(op), state_(state), arena_(run.memory()) {
    abi_ = state.workers[0].abi;
    abi_.arena = &arena_;
  }

  Status open() {
    buffers_.resize(op_.columns_count());
    for (size_t c = 0; c < buffers_.size(); ++c) {
      MORTISE_TRY(buffers_[c].open(run_.memory(), op_.types[c]));
    }
    return {};
  }

  Result<bool> next(Batch& out) override {
    while (output_ == nullptr || at_ == output_->rows.size()) {
      const uint32_t index = state_.next_output.fetch_add(1, std::memory_order_relaxed);
      if (index >= state_.outputs.size()) return false;
      output_ = &state_.outputs[index];
      at_ = 0;
    }
    const auto count =
        static_cast<uint32_t>(std::min<size_t>(kBatchRows, output_->rows.size() - at_));
    MORTISE_TRY(run_.check_interrupt());
    MORTISE_TRY(show(output_->rows.data() + at_, count, out));
    at_ += count;
    return true;
  }

 private:
  Status show(uint8_t* const* rows, uint32_t count, Batch& out) {
    arena_.reset();
    out.columns.clear();
    for (uint32_t g = 0; g < op_.groups_count; ++g) {
      buffers_[g].reset();
      state_.layout.gather(g, rows, count, all_rows(), buffers_[g]);
      out.columns.push_back(buffers_[g].column(count));
    }
    for (uint32_t c = 0; c < op_.calls.size(); ++c) {
      ColumnBuffer& buffer = buffers_[op_.groups_count + c];
      mortise_column_out_t result = buffer.out();
      const uint32_t offset = state_.layout.trailer_offset() + state_.states.offsets[c];
      void* states[kBatchRows];
      for (uint32_t i = 0; i < count; ++i) states[i] = rows[i] + offset;
      const LoweredAggregate& call = op_.calls[c];
      ErrorSlot error;
      MORTISE_TRY(error.status(call.function->aggregate->finish(&abi_, call.bound(), states, count,
                                                                &result, error.get())));
      out.columns.push_back(buffer.column(count, result.flags & MORTISE_COLUMN_CONSTANT));
    }
    for (uint32_t g = 0; g < op_.grouping.size(); ++g) {
      ColumnBuffer& buffer = buffers_[op_.groups_count + op_.calls.size() + g];
      int32_t bits = 0;
      for (const uint32_t group : op_.grouping[g]) {
        bits = bits * 2 + (state_.is_in_set(output_->set, group) ? 0 : 1);
      }
      buffer.data<int32_t>()[0] = bits;
      out.columns.push_back({nullptr, buffer.data<int32_t>(), MORTISE_COLUMN_CONSTANT, 0});
    }
    out.row_ids = nullptr;
    out.select_all(count);
    return {};
  }

  Run& run_;
  const AggregateOperator& op_;
  AggregateState& state_;
  Arena arena_;
  mortise_evaluation_t abi_{};
  std::vector<ColumnBuffer> buffers_;
  const AggregateState::Output* output_ = nullptr;
  size_t at_ = 0;
};

}  // namespace

std::string AggregateOperator::name() const {
  if (!sets.empty()) return "MixedAggregate";
  return groups_count == 0 ? "Aggregate" : "HashAggregate";
}

std::vector<std::string> AggregateOperator::details() const {
  if (groups_count == 0) return {};
  return {"Group Key: " + groups_text};
}

Status AggregateOperator::prepare(Run& run) const {
  MORTISE_TRY(inputs[0]->prepare(run));
  auto& state = run.make_state<AggregateState>(*this, run, *this);
  const std::span<const mortise_type_t> keys(types.data(), groups_count);
  state.layout = RowLayout(keys, GroupTable::kHeaderBytes, std::max(state.states.size_bytes, 16U));
  bool is_serial = false;
  for (const LoweredAggregate& call : calls) {
    is_serial = is_serial || call.is_distinct || !call.order.empty() ||
                call.function->aggregate->merge == nullptr;
  }
  const uint32_t workers = is_serial ? 1 : drain_workers(run, *inputs[0]);
  state.workers.resize(workers);
  std::vector<std::unique_ptr<Grouper>> groupers;
  for (uint32_t w = 0; w < workers; ++w) {
    groupers.push_back(std::make_unique<Grouper>(run, *this, state, state.workers[w]));
    MORTISE_TRY(groupers.back()->open());
  }
  MORTISE_TRY(drain(run, *inputs[0], workers, [&](uint32_t worker, const Batch& batch) {
    return groupers[worker]->add(batch);
  }));
  for (auto& grouper : groupers) MORTISE_TRY(grouper->finish_ordered());
  return merge_all(run, state);
}

uint32_t AggregateOperator::workers_max(Run& run) const {
  return std::max(1U, static_cast<uint32_t>(run.state<AggregateState>(*this).outputs.size()));
}

Result<CursorPtr> AggregateOperator::open(Run& run) const {
  auto& state = run.state<AggregateState>(*this);
  auto cursor = std::make_unique<AggregateCursor>(run, *this, state);
  MORTISE_TRY(cursor->open());
  return CursorPtr(std::move(cursor));
}

}  // namespace mortise::sql_engine
