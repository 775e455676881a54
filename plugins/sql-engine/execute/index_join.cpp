// SPDX-License-Identifier: Apache-2.0
#include "execute/index_join.hpp"

#include <algorithm>
#include <cstring>

#include "execute/hash_join.hpp"
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

namespace {

struct Pair {
  uint16_t left;  // row of the left batch
  mortise_row_id_t row_id;
  auto operator<=>(const Pair&) const = default;
};

class IndexJoinCursor final : public Cursor {
 public:
  IndexJoinCursor(Run& run, const IndexJoin& op, CursorPtr input)
      : run_(run),
        op_(op),
        index_(op.relation->indexes[op.index_position]),
        input_(std::move(input)),
        keys_(run, op.keys),
        condition_(run, op.condition) {}
  ~IndexJoinCursor() override {
    if (fetch_ != nullptr) op_.relation->engine->scan_close(fetch_);
  }

  Status open() {
    const uint32_t keys_count = op_.keys.roots_count();
    key_buffers_.resize(keys_count);
    for (uint32_t k = 0; k < keys_count; ++k) {
      key_types_.push_back(op_.relation->columns()[index_.columns()[k]].type);
      MORTISE_TRY(key_buffers_[k].open(run_.memory(), key_types_[k]));
    }
    left_columns_ = op_.inputs[0]->columns_count();
    left_buffers_.resize(left_columns_);
    const mortise_read_view_t view = run_.view();
    ErrorSlot error;
    return error.status(op_.relation->engine->fetch_open(
        op_.relation->table, run_.context().txn, &view, op_.fetched.data(),
        static_cast<uint32_t>(op_.fetched.size()), &fetch_, error.get()));
  }

  Result<bool> next(Batch& out) override {
    while (true) {
      MORTISE_TRY(run_.check_interrupt());
      if (at_ < pairs_.size()) {
        MORTISE_TRY_ASSIGN(const bool any, show_pairs(out));
        if (any) return true;
        continue;
      }
      if (has_left_) {
        has_left_ = false;
        if (show_rest(out)) return true;
        continue;
      }
      MORTISE_TRY_ASSIGN(const bool more, input_->next(left_));
      if (!more) return false;
      has_left_ = true;
      MORTISE_TRY(look_up());
    }
  }

 private:
  bool shows_pairs_of_type() const {
    return op_.join_type == JoinType::inner || op_.join_type == JoinType::left;
  }

  Status look_up() {
    pairs_.clear();
    at_ = 0;
    std::memset(found_, 0, sizeof(found_));
    keys_.begin();
    const uint32_t keys_count = op_.keys.roots_count();
    std::vector<mortise_column_t> columns(keys_count);
    for (uint32_t k = 0; k < keys_count; ++k) {
      MORTISE_TRY(keys_.evaluate(k, left_, &columns[k]));
    }
    key_rows_.clear();
    for (uint32_t i = 0; i < left_.selected_count; ++i) {
      const auto row = static_cast<uint16_t>(left_.row_at(i));
      bool is_valid = true;
      for (const mortise_column_t& c : columns) {
        is_valid =
            is_valid && (c.validity == nullptr || get_bit(c.validity, is_constant(c) ? 0 : row));
      }
      if (is_valid) key_rows_.push_back(row);  // N2
    }
    if (key_rows_.empty()) return {};
    Batch keys;
    const auto count = static_cast<uint32_t>(key_rows_.size());
    for (uint32_t k = 0; k < keys_count; ++k) {
      key_buffers_[k].reset();
      gather(columns[k], key_rows_.data(), count, key_buffers_[k], 0);
      keys.columns.push_back(key_buffers_[k].column(count));
    }
    keys.select_all(count);
    MORTISE_TRY(note_reads(keys));
    const mortise_batch_t packed = abi_batch(keys, key_types_.data());
    ErrorSlot error;
    MORTISE_TRY(
        error.status(index_.method->lookup(index_.handle, &packed, on_found, this, error.get())));
    std::sort(pairs_.begin(), pairs_.end());
    pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());  // N1
    place_of_key_.assign(kBatchRows, 0);
    for (uint32_t i = 0; i < count; ++i) place_of_key_[key_rows_[i]] = static_cast<uint16_t>(i);
    return {};
  }

  static mortise_status_t MORTISE_CALL on_found(void* context, const uint32_t* key_indexes,
                                                const mortise_row_id_t* row_ids, uint32_t count,
                                                mortise_error_t*) {
    auto& self = *static_cast<IndexJoinCursor*>(context);
    for (uint32_t i = 0; i < count; ++i) {
      self.pairs_.push_back({self.key_rows_[key_indexes[i]], row_ids[i]});
    }
    return MORTISE_OK;
  }

  // SERIALIZABLE remembers what was looked for, found or not.
  Status note_reads(const Batch& keys) {
    if (run_.context().isolation != MORTISE_ISOLATION_SERIALIZABLE) return {};
    const mortise_iface_txn_t* txn = run_.services().txn;
    if (txn == nullptr || run_.context().txn == nullptr) return {};
    std::vector<mortise_filter_t> filters(keys.columns.size());
    for (uint32_t row = 0; row < keys.rows_count; ++row) {
      for (size_t k = 0; k < filters.size(); ++k) {
        const uint32_t width = width_bytes(key_types_[k].physical);
        filters[k] = {index_.columns()[k], MORTISE_FILTER_EQ,
                      static_cast<const uint8_t*>(keys.columns[k].data) + uint64_t{row} * width, 1,
                      0};
      }
      ErrorSlot error;
      MORTISE_TRY(
          error.status(txn->note_read(run_.context().txn, op_.relation->id(), filters.data(),
                                      static_cast<uint32_t>(filters.size()), error.get())));
    }
    return {};
  }

  // Fetches the rows of the next pairs and shows those that match.
  Result<bool> show_pairs(Batch& out) {
    const auto count = static_cast<uint32_t>(std::min<size_t>(kBatchRows, pairs_.size() - at_));
    for (uint32_t i = 0; i < count; ++i) {
      pair_left_[i] = pairs_[at_ + i].left;
      ids_[i] = pairs_[at_ + i].row_id;
    }
    at_ += count;
    mortise_batch_t rows{};
    rows.struct_size_bytes = sizeof(rows);
    ErrorSlot error;
    MORTISE_TRY(error.status(op_.relation->engine->fetch(fetch_, ids_, count, &rows, error.get())));
    Batch both;
    both.rows_count = count;
    both.selected_count = 0;
    for (uint32_t i = 0; i < rows.selected_count; ++i) {
      const auto row =
          static_cast<uint16_t>(rows.selection == nullptr ? i : uint32_t{rows.selection[i]});
      selection_[both.selected_count++] = row;
    }
    both.selection = selection_;
    for (uint32_t k = 0; k < op_.keys.roots_count() && both.selected_count != 0; ++k) {
      keep_equal(k, rows.columns[k], both);
    }
    if (both.selected_count == 0) return false;
    for (uint32_t c = 0; c < left_columns_; ++c) {
      ColumnBuffer& buffer = left_buffers_[c];
      if (is_constant(left_.columns[c])) {
        both.columns.push_back(left_.columns[c]);
        continue;
      }
      if (!buffer.is_open()) MORTISE_TRY(buffer.open(run_.memory(), op_.inputs[0]->types[c]));
      buffer.reset();
      gather(left_.columns[c], pair_left_, count, buffer, 0);
      both.columns.push_back(buffer.column(count));
    }
    both.columns.insert(both.columns.end(), rows.columns, rows.columns + rows.columns_count);
    if (op_.has_row_id) both.columns.push_back({nullptr, ids_, 0, 0});
    if (!op_.condition.is_empty()) {
      condition_.begin();
      MORTISE_TRY(condition_.filter(0, both, passed_));
      if (both.selected_count == 0) return false;
    }
    for (uint32_t i = 0; i < both.selected_count; ++i) {
      set_bit(found_, pair_left_[both.row_at(i)]);
    }
    if (!shows_pairs_of_type()) return false;
    out.columns.clear();
    for (const uint32_t place : op_.columns) out.columns.push_back(both.columns[place]);
    out.rows_count = both.rows_count;
    out.selection = both.selection;
    out.selected_count = both.selected_count;
    out.row_ids = nullptr;
    return true;
  }

  // Drops rows whose visible version has another key than was looked up.
  void keep_equal(uint32_t k, const mortise_column_t& column, Batch& both) {
    visit_physical(key_types_[k].physical, [&](auto order) {
      using Order = decltype(order);
      const OrderedValues<Order> fetched(column);
      const OrderedValues<Order> wanted(key_buffers_[k].column_with_validity());
      uint32_t kept = 0;
      for (uint32_t i = 0; i < both.selected_count; ++i) {
        const uint16_t row = selection_[i];
        const uint16_t key = place_of_key_[pair_left_[row]];
        selection_[kept] = row;
        kept += fetched.is_valid(row) && Order::equal(fetched[row], wanted[key]) ? 1 : 0;
      }
      both.selected_count = kept;
    });
  }

  // Left rows by whether they found a match: left joins, semi and anti joins.
  bool show_rest(Batch& out) {
    if (op_.join_type == JoinType::inner) return false;
    const bool wanted = op_.join_type == JoinType::semi;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < left_.selected_count; ++i) {
      const auto row = static_cast<uint16_t>(left_.row_at(i));
      selection_[kept] = row;
      kept += get_bit(found_, row) == wanted ? 1 : 0;
    }
    if (kept == 0) return false;
    out.columns.clear();
    for (const uint32_t place : op_.columns) {
      out.columns.push_back(place < left_columns_ ? left_.columns[place]
                                                  : mortise_column_t{null_.validity, null_.value,
                                                                     MORTISE_COLUMN_CONSTANT, 0});
    }
    out.rows_count = left_.rows_count;
    out.selection = selection_;
    out.selected_count = kept;
    out.row_ids = nullptr;
    return true;
  }

  Run& run_;
  const IndexJoin& op_;
  const IndexInfo& index_;
  CursorPtr input_;
  Evaluation keys_;
  Evaluation condition_;
  mortise_table_scan_t* fetch_ = nullptr;
  uint32_t left_columns_ = 0;
  std::vector<mortise_type_t> key_types_;
  std::vector<ColumnBuffer> key_buffers_;
  std::vector<ColumnBuffer> left_buffers_;
  std::vector<uint16_t> key_rows_;      // left row of each key that is looked up
  std::vector<uint16_t> place_of_key_;  // by left row
  std::vector<Pair> pairs_;
  size_t at_ = 0;
  bool has_left_ = false;
  Batch left_;
  ConstantSlot null_;
  uint16_t pair_left_[kBatchRows] = {};
  mortise_row_id_t ids_[kBatchRows] = {};
  uint16_t selection_[kBatchRows] = {};
  uint16_t passed_[kBatchRows] = {};
  uint64_t found_[kBatchRows / 64] = {};
};

}  // namespace

std::string IndexJoin::name() const {
  std::string text = join_name("Nested Loop", join_type);
  text += " using " + relation->indexes[index_position].name() + " on " + relation->name();
  if (!alias.empty() && alias != relation->name()) text += " " + alias;
  return text;
}

std::vector<std::string> IndexJoin::details() const {
  std::vector<std::string> lines = {"Index Cond: " + keys_text};
  if (!condition_text.empty()) lines.push_back("Join Filter: " + condition_text);
  return lines;
}

Result<CursorPtr> IndexJoin::open(Run& run) const {
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  auto cursor = std::make_unique<IndexJoinCursor>(run, *this, std::move(input));
  MORTISE_TRY(cursor->open());
  return CursorPtr(std::move(cursor));
}

}  // namespace mortise::sql_engine
