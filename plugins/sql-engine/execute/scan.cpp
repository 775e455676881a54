// SPDX-License-Identifier: Apache-2.0
#include "execute/scan.hpp"

#include <algorithm>
#include <cstring>

#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

namespace {

// A part is worth a cursor's trouble from this size on, and there are some for each worker, so
// that none waits long for the last.
constexpr uint64_t kPartRowsMin = 16384;
constexpr uint32_t kPartsPerWorker = 8;

struct TableScanState final : OperatorState {
  FilterValues filters;
  bool is_empty = false;
  uint32_t parts_count = 1;
  std::atomic<uint32_t> next_part{0};
};

class TableScanCursor final : public Cursor {
 public:
  TableScanCursor(Run& run, const TableScan& op, TableScanState& state)
      : run_(run), op_(op), state_(state) {}
  ~TableScanCursor() override { close(); }

  Result<bool> next(Batch& out) override {
    while (true) {
      if (slicer_.next(out, op_.physical)) {
        if (op_.has_row_id) {
          out.columns.push_back({nullptr, out.row_ids, 0, 0});
        }
        return true;
      }
      MORTISE_TRY_ASSIGN(const bool more, advance());
      if (!more) return false;
    }
  }

 private:
  Result<bool> advance() {
    while (true) {
      if (scan_ == nullptr) {
        if (state_.is_empty) return false;
        const uint32_t part = state_.next_part.fetch_add(1, std::memory_order_relaxed);
        if (part >= state_.parts_count) return false;
        MORTISE_TRY(open(part));
      }
      mortise_batch_t batch{};
      batch.struct_size_bytes = sizeof(batch);
      ErrorSlot error;
      const mortise_status_t answer = op_.relation->engine->scan_next(scan_, &batch, error.get());
      MORTISE_TRY(error.status(answer));
      MORTISE_TRY(run_.check_interrupt());
      if (answer == MORTISE_END) {
        close();
        continue;
      }
      slicer_.start(batch);
      return true;
    }
  }

  Status open(uint32_t part) {
    mortise_scan_options_t options{};
    options.struct_size_bytes = sizeof(options);
    options.columns = op_.columns.data();
    options.columns_count = static_cast<uint32_t>(op_.columns.size());
    options.filters = state_.filters.filters().data();
    options.filters_count = static_cast<uint32_t>(state_.filters.filters().size());
    options.wants_row_ids = op_.has_row_id ? 1 : 0;
    options.part_index = part;
    options.parts_count = state_.parts_count;
    options.batch_rows_max = kBatchRows;
    const mortise_read_view_t view = run_.view();
    ErrorSlot error;
    return error.status(op_.relation->engine->scan_open(op_.relation->table, run_.context().txn,
                                                        &view, &options, &scan_, error.get()));
  }

  void close() {
    if (scan_ != nullptr) op_.relation->engine->scan_close(scan_);
    scan_ = nullptr;
  }

  Run& run_;
  const TableScan& op_;
  TableScanState& state_;
  mortise_table_scan_t* scan_ = nullptr;
  BatchSlicer slicer_;
};

}  // namespace

Status evaluate_constants(Evaluation& evaluation, const Program& program,
                          std::vector<mortise_column_t>& columns) {
  Batch one;
  one.select_all(1);
  evaluation.begin();
  columns.resize(program.roots_count());
  for (uint32_t i = 0; i < program.roots_count(); ++i) {
    MORTISE_TRY(evaluation.evaluate(i, one, &columns[i]));
  }
  return {};
}

Result<bool> FilterValues::build(Run& run, const Program& values,
                                 std::span<const PushedFilter> filters) {
  filters_.clear();
  bytes_.clear();
  evaluation_ = std::make_unique<Evaluation>(run, values);
  std::vector<mortise_column_t> columns;
  MORTISE_TRY(evaluate_constants(*evaluation_, values, columns));
  for (const PushedFilter& filter : filters) {
    const uint16_t physical = filter.type.physical;
    const uint32_t width = physical == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(physical);
    std::vector<uint8_t>& bytes = bytes_.emplace_back();
    uint32_t count = 0;
    for (uint32_t i = 0; i < filter.values_count; ++i) {
      const mortise_column_t& column = columns[filter.values_begin + i];
      const bool is_null = column.validity != nullptr && !get_bit(column.validity, 0);
      if (is_null && filter.operation == MORTISE_FILTER_IN) continue;
      if (is_null) return false;
      const auto* from = static_cast<const uint8_t*>(column.data);
      bytes.insert(bytes.end(), from, from + width);
      if (physical == MORTISE_PHYSICAL_BOOL) bytes.back() &= 1;
      count += 1;
    }
    if (filter.operation == MORTISE_FILTER_IN && count == 0) return false;
    filters_.push_back({filter.column, filter.operation, nullptr, count, 0});
  }
  for (size_t i = 0; i < filters_.size(); ++i) filters_[i].values = bytes_[i].data();
  return true;
}

std::string TableScan::name() const {
  std::string text = "Seq Scan on " + relation->name();
  if (!alias.empty() && alias != relation->name()) text += " " + alias;
  return text;
}

Status TableScan::prepare(Run& run) const {
  auto& state = run.make_state<TableScanState>(*this);
  MORTISE_TRY_ASSIGN(const bool can_pass, state.filters.build(run, values, filters));
  state.is_empty = !can_pass;
  for (const KeyFilterUse& use : key_filters) {
    const KeyFilter& filter = run.key_filter(use.number);
    if (filter.bloom.words != nullptr) state.filters.add(use.column, filter.bloom);
  }
  if (run.workers_max() > 1) {
    mortise_table_stats_t stats{};
    stats.struct_size_bytes = sizeof(stats);
    ErrorSlot error;
    MORTISE_TRY(error.status(relation->engine->stats(relation->table, &stats, error.get())));
    state.parts_count = static_cast<uint32_t>(std::clamp<uint64_t>(
        stats.rows_estimate / kPartRowsMin, 1, uint64_t{run.workers_max()} * kPartsPerWorker));
  }
  return {};
}

uint32_t TableScan::workers_max(Run& run) const {
  return run.state<TableScanState>(*this).parts_count;
}

Result<CursorPtr> TableScan::open(Run& run) const {
  return CursorPtr(std::make_unique<TableScanCursor>(run, *this, run.state<TableScanState>(*this)));
}

CheckedFetch::~CheckedFetch() {
  if (fetch_ != nullptr) relation_->engine->scan_close(fetch_);
}

Status CheckedFetch::open(Run& run, const Relation& relation, const IndexInfo& index,
                          std::span<const uint32_t> columns) {
  run_ = &run;
  relation_ = &relation;
  index_ = &index;
  arena_ = Arena(run.memory());
  columns_count_ = static_cast<uint32_t>(columns.size());
  std::vector<uint32_t> fetched(columns.begin(), columns.end());
  for (const uint32_t key : index.columns()) {
    if (key == kExpressionColumn)
      return unsupported("an index on an expression cannot be read yet");
    auto at = std::find(fetched.begin(), fetched.end(), key);
    if (at == fetched.end()) {
      fetched.push_back(key);
      at = fetched.end() - 1;
    }
    key_places_.push_back(static_cast<uint32_t>(at - fetched.begin()));
    key_types_.push_back(relation.columns()[key].type);
  }
  const mortise_read_view_t view = run.view();
  ErrorSlot error;
  return error.status(
      relation.engine->fetch_open(relation.table, run.context().txn, &view, fetched.data(),
                                  static_cast<uint32_t>(fetched.size()), &fetch_, error.get()));
}

Status CheckedFetch::fetch(const mortise_batch_t& entries, Batch& out) {
  ErrorSlot error;
  mortise_batch_t rows{};
  rows.struct_size_bytes = sizeof(rows);
  MORTISE_TRY(error.status(
      relation_->engine->fetch(fetch_, entries.row_ids, entries.rows_count, &rows, error.get())));
  if (rows.rows_count > kBatchRows) return internal("a table engine fetched more than was asked");
  Batch keys;
  for (const uint32_t place : key_places_) keys.columns.push_back(rows.columns[place]);
  keys.rows_count = rows.rows_count;
  keys.selection = rows.selection;
  keys.selected_count = rows.selected_count;
  encoded_.resize(rows.rows_count);
  selection_.resize(kBatchRows);
  arena_.reset();
  out.columns.assign(rows.columns, rows.columns + columns_count_);
  out.row_ids = entries.row_ids;
  out.rows_count = rows.rows_count;
  out.selection = selection_.data();
  out.selected_count = 0;
  if (rows.selected_count == 0) return {};
  const mortise_batch_t packed = abi_batch(keys, key_types_.data());
  MORTISE_TRY(error.status(index_->method->encode_keys(
      index_->handle, &packed,
      [](void* context, uint64_t size_bytes) {
        return static_cast<Arena*>(context)->allocate(size_bytes);
      },
      &arena_, encoded_.data(), error.get())));
  const Strings wanted(entries.columns[0]);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < rows.selected_count; ++i) {
    const uint32_t row = keys.row_at(i);
    selection_[kept] = static_cast<uint16_t>(row);
    kept += BytesOrder::equal(encoded_[row], wanted.view(row)) ? 1 : 0;
  }
  out.selected_count = kept;
  if (kept == out.rows_count) out.selection = nullptr;
  return {};
}

namespace {

struct IndexScanState final : OperatorState {
  std::unique_ptr<Evaluation> evaluation;
  std::vector<mortise_column_t> values;
  bool is_empty = false;
};

class IndexScanCursor final : public Cursor {
 public:
  IndexScanCursor(Run& run, const IndexScan& op, IndexScanState& state)
      : run_(run), op_(op), state_(state), index_(op.relation->indexes[op.index_position]) {}
  ~IndexScanCursor() override {
    if (scan_ != nullptr) index_.method->scan_close(scan_);
  }

  Status open() {
    for (uint32_t i = 0; i < index_.keys_count(); ++i) {
      types_.push_back(op_.relation->columns()[index_.columns()[i]].type);
    }
    const IndexRange& range = op_.range;
    fill_bound(range.lower, range.is_lower_inclusive, lower_batch_, lower_);
    fill_bound(range.upper, range.is_upper_inclusive, upper_batch_, upper_);
    ErrorSlot error;
    MORTISE_TRY(error.status(index_.method->scan_open(
        index_.handle, &lower_, &upper_, op_.is_backward ? 1 : 0, &scan_, error.get())));
    return fetch_.open(run_, *op_.relation, index_, op_.columns);
  }

  Result<bool> next(Batch& out) override {
    if (state_.is_empty) return false;
    while (true) {
      MORTISE_TRY(run_.check_interrupt());
      mortise_batch_t entries{};
      entries.struct_size_bytes = sizeof(entries);
      ErrorSlot error;
      const mortise_status_t answer =
          index_.method->scan_next(scan_, rows_wanted_, &entries, error.get());
      MORTISE_TRY(error.status(answer));
      if (answer == MORTISE_END) return false;
      rows_wanted_ = std::min(rows_wanted_ * 4, kBatchRows);
      MORTISE_TRY(fetch_.fetch(entries, out));
      if (out.selected_count == 0) continue;
      if (op_.has_row_id) out.columns.push_back({nullptr, out.row_ids, 0, 0});
      return true;
    }
  }

 private:
  // The equalities, then the bound of the next column on this side, if there is one.  A side
  // without one ends at the equalities: nulls of the next column lie within them and are dropped by
  // the condition itself, which stays above the scan when the range cannot say it.
  void fill_bound(int32_t root, bool is_inclusive, Batch& batch, mortise_index_bound_t& bound) {
    for (uint32_t i = 0; i < op_.range.equal_count; ++i) batch.columns.push_back(state_.values[i]);
    if (root >= 0) batch.columns.push_back(state_.values[static_cast<size_t>(root)]);
    batch.select_all(1);
    abi_[&batch == &upper_batch_ ? 1 : 0] = abi_batch(batch, types_.data());
    bound.values = batch.columns.empty() ? nullptr : &abi_[&batch == &upper_batch_ ? 1 : 0];
    bound.is_inclusive = root < 0 || is_inclusive ? 1 : 0;
    bound.reserved = 0;
  }

  Run& run_;
  const IndexScan& op_;
  IndexScanState& state_;
  const IndexInfo& index_;
  std::vector<mortise_type_t> types_;
  Batch lower_batch_;
  Batch upper_batch_;
  mortise_batch_t abi_[2] = {};
  mortise_index_bound_t lower_{};
  mortise_index_bound_t upper_{};
  mortise_index_scan_t* scan_ = nullptr;
  uint32_t rows_wanted_ = 32;  // small first: many scans want few rows
  CheckedFetch fetch_;
};

// Remembers what was looked for, found or not (SERIALIZABLE).
Status note_range(Run& run, const IndexScan& op, const std::vector<mortise_column_t>& values) {
  if (run.context().isolation != MORTISE_ISOLATION_SERIALIZABLE) return {};
  const mortise_iface_txn_t* txn = run.services().txn;
  if (txn == nullptr || run.context().txn == nullptr) return {};
  const std::vector<uint32_t>& keys = op.relation->indexes[op.index_position].columns();
  std::vector<mortise_filter_t> filters;
  for (uint32_t i = 0; i < op.range.equal_count; ++i) {
    filters.push_back({keys[i], MORTISE_FILTER_EQ, values[i].data, 1, 0});
  }
  const uint32_t next = op.range.equal_count;
  if (op.range.lower >= 0) {
    const uint32_t operation = op.range.is_lower_inclusive ? MORTISE_FILTER_GE : MORTISE_FILTER_GT;
    filters.push_back(
        {keys[next], operation, values[static_cast<size_t>(op.range.lower)].data, 1, 0});
  }
  if (op.range.upper >= 0) {
    const uint32_t operation = op.range.is_upper_inclusive ? MORTISE_FILTER_LE : MORTISE_FILTER_LT;
    filters.push_back(
        {keys[next], operation, values[static_cast<size_t>(op.range.upper)].data, 1, 0});
  }
  ErrorSlot error;
  return error.status(txn->note_read(run.context().txn, op.relation->id(), filters.data(),
                                     static_cast<uint32_t>(filters.size()), error.get()));
}

}  // namespace

std::string IndexScan::name() const {
  std::string text = is_backward ? "Index Scan Backward using " : "Index Scan using ";
  text += relation->indexes[index_position].name() + " on " + relation->name();
  if (!alias.empty() && alias != relation->name()) text += " " + alias;
  return text;
}

Status IndexScan::prepare(Run& run) const {
  auto& state = run.make_state<IndexScanState>(*this);
  state.evaluation = std::make_unique<Evaluation>(run, values);
  MORTISE_TRY(evaluate_constants(*state.evaluation, values, state.values));
  for (mortise_column_t& column : state.values) {
    if (column.validity != nullptr && !get_bit(column.validity, 0)) state.is_empty = true;
    column.flags = 0;  // bounds are row 0 of a batch of one row
  }
  return note_range(run, *this, state.values);
}

Result<CursorPtr> IndexScan::open(Run& run) const {
  auto& state = run.state<IndexScanState>(*this);
  auto cursor = std::make_unique<IndexScanCursor>(run, *this, state);
  if (!state.is_empty) MORTISE_TRY(cursor->open());
  return CursorPtr(std::move(cursor));
}

}  // namespace mortise::sql_engine
