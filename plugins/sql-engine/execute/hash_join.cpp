// SPDX-License-Identifier: Apache-2.0
//
// Longer than 500 lines, because building and probing share the row header.
#include "execute/hash_join.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace mortise::sql_engine {

namespace {

constexpr uint64_t kPointerMask = (uint64_t{1} << 48) - 1;
constexpr uint64_t kMatchedBit = uint64_t{1} << 63;

// The first 16 bytes of a row.
struct RowHeader {
  uint64_t hash;
  uint64_t next;  // pointer; kMatchedBit when a left row has matched it
};

RowHeader& header_of(uint8_t* row) {
  return *reinterpret_cast<RowHeader*>(row);
}
uint8_t* row_at(uint64_t word) {
  return reinterpret_cast<uint8_t*>(word & kPointerMask);
}
// Relaxed: others may be setting the bit that marks a match.
uint8_t* next_of(uint8_t* row) {
  return row_at(__atomic_load_n(&header_of(row).next, __ATOMIC_RELAXED));
}
uint64_t tag_of(uint64_t hash) {
  return uint64_t{1} << (48 + (hash & 15));
}

struct HashJoinState final : OperatorState {
  std::vector<RowStore> stores;  // one per worker
  RowLayout layout;
  Block directory_block;
  uint64_t* directory = nullptr;
  uint32_t shift = 63;
  uint64_t rows_count = 0;
  std::atomic<bool> has_null_key{false};

  uint64_t place(uint64_t hash) const { return hash >> shift; }
};

// Fills one worker's store.
class Builder {
 public:
  Builder(Run& run, const HashJoin& op, HashJoinState& state, RowStore& store)
      : op_(op),
        state_(state),
        store_(store),
        keys_(run, op.right_keys),
        valid_(std::make_unique<uint16_t[]>(kBatchRows)) {}

  Status add(const Batch& batch) {
    keys_.begin();
    const uint32_t keys_count = op_.right_keys.roots_count();
    columns_.resize(keys_count + op_.right_kept.size());
    for (uint32_t k = 0; k < keys_count; ++k) {
      MORTISE_TRY(keys_.evaluate(k, batch, &columns_[k]));
    }
    for (size_t c = 0; c < op_.right_kept.size(); ++c) {
      columns_[keys_count + c] = batch.columns[op_.right_kept[c]];
    }
    const uint16_t* rows = batch.selection == nullptr ? all_rows() : batch.selection;
    uint32_t count = batch.selected_count;
    MORTISE_TRY(take_nulls(keys_count, &rows, &count));
    if (count == 0) return {};
    for (uint32_t k = 0; k < keys_count; ++k) {
      hash_column(columns_[k], state_.layout.type(k).physical, rows, count, k == 0, hashes_);
    }
    MORTISE_TRY(store_.append(columns_, rows, count, rows_));
    for (uint32_t i = 0; i < count; ++i) header_of(rows_[i]) = {hashes_[i], 1};
    return {};
  }

 private:
  // J1.  A row that is kept outside of all chains has `next` 0, others get 1 until they are linked.
  Status take_nulls(uint32_t keys_count, const uint16_t** rows, uint32_t* count) {
    bool has_nulls = false;
    for (uint32_t k = 0; k < keys_count; ++k) {
      has_nulls = has_nulls || columns_[k].validity != nullptr;
    }
    if (!has_nulls) return {};
    uint32_t kept = 0;
    uint32_t nulls = 0;
    for (uint32_t i = 0; i < *count; ++i) {
      const uint16_t row = (*rows)[i];
      bool is_valid = true;
      for (uint32_t k = 0; k < keys_count; ++k) {
        const mortise_column_t& c = columns_[k];
        is_valid =
            is_valid && (c.validity == nullptr || get_bit(c.validity, is_constant(c) ? 0 : row));
      }
      if (is_valid) {
        valid_[kept++] = row;
      } else {
        null_rows_[nulls++] = row;
      }
    }
    if (nulls != 0) state_.has_null_key.store(true, std::memory_order_relaxed);
    if (nulls != 0 && op_.keeps_unmatched_right()) {
      MORTISE_TRY(store_.append(columns_, null_rows_, nulls, rows_));
    }
    *rows = valid_.get();
    *count = kept;
    return {};
  }

  const HashJoin& op_;
  HashJoinState& state_;
  RowStore& store_;
  Evaluation keys_;
  std::vector<mortise_column_t> columns_;
  std::unique_ptr<uint16_t[]> valid_;
  uint16_t null_rows_[kBatchRows] = {};
  uint64_t hashes_[kBatchRows] = {};
  uint8_t* rows_[kBatchRows] = {};
};

// Puts the rows of a run into their chains; several workers at once.
void link_rows(HashJoinState& state, uint8_t* rows, uint64_t count, bool is_alone) {
  const uint64_t row_bytes = state.layout.row_bytes();
  for (uint64_t i = 0; i < count; ++i) {
    uint8_t* row = rows + i * row_bytes;
    RowHeader& header = header_of(row);
    if (header.next == 0) continue;  // J1
    uint64_t& entry = state.directory[state.place(header.hash)];
    const uint64_t self = reinterpret_cast<uint64_t>(row) | tag_of(header.hash);
    if (is_alone) {
      header.next = entry & kPointerMask;
      entry = (entry & ~kPointerMask) | self;
      continue;
    }
    uint64_t seen = __atomic_load_n(&entry, __ATOMIC_RELAXED);
    do {
      header.next = seen & kPointerMask;
    } while (!__atomic_compare_exchange_n(&entry, &seen, (seen & ~kPointerMask) | self, true,
                                          __ATOMIC_RELEASE, __ATOMIC_RELAXED));
  }
}

Status build_table(Run& run, const HashJoin& op, HashJoinState& state) {
  const Operator& input = *op.inputs[1];
  const uint32_t workers = drain_workers(run, input);
  std::vector<std::unique_ptr<Builder>> builders;
  state.stores.reserve(workers);
  for (uint32_t w = 0; w < workers; ++w) {
    state.stores.emplace_back(run.memory(), state.layout);
    builders.push_back(std::make_unique<Builder>(run, op, state, state.stores[w]));
  }
  MORTISE_TRY(drain(run, input, workers, [&](uint32_t worker, const Batch& batch) {
    return builders[worker]->add(batch);
  }));
  std::vector<std::pair<uint8_t*, uint64_t>> runs;
  for (const RowStore& store : state.stores) {
    state.rows_count += store.rows_count();
    for (size_t i = 0; i < store.runs_count(); ++i) runs.push_back(store.run(i));
  }
  uint32_t bits = 6;
  while ((uint64_t{1} << bits) < state.rows_count * 2) ++bits;
  const uint64_t bytes = (uint64_t{1} << bits) * sizeof(uint64_t);
  MORTISE_TRY_ASSIGN(state.directory_block, Block::allocate(run.memory(), bytes));
  state.directory = reinterpret_cast<uint64_t*>(state.directory_block.data());
  std::memset(state.directory, 0, bytes);
  state.shift = 64 - bits;
  const bool is_alone = run.workers_max() <= 1 || state.rows_count < 65536;
  if (is_alone) {
    for (const auto& [rows, count] : runs) link_rows(state, rows, count, true);
    return {};
  }
  return run_parallel(run, static_cast<uint32_t>(runs.size()), [&](uint32_t index) {
    link_rows(state, runs[index].first, runs[index].second, false);
    return Status();
  });
}

// A right side that fails is only asked if there is a row on the left: NOT IN (SELECT 1/0) over
// no rows is no error.  (It has been read first, because that is cheaper whenever there are some.)
Status forgive_unasked(Run& run, const HashJoin& op, HashJoinState& state, Status failure) {
  if (op.marks_right() || failure.code() == Code::cancelled) return failure;
  MORTISE_TRY(op.inputs[0]->prepare(run));
  MORTISE_TRY_ASSIGN(const CursorPtr input, open_cursor(run, *op.inputs[0]));
  Batch batch;
  for (;;) {
    batch.selected_count = 0;
    MORTISE_TRY_ASSIGN(const bool more, input->next(batch));
    if (batch.selected_count > 0) return failure;
    if (!more) break;
  }
  state.stores.clear();
  state.rows_count = 0;
  constexpr uint64_t kBytes = 64 * sizeof(uint64_t);
  MORTISE_TRY_ASSIGN(state.directory_block, Block::allocate(run.memory(), kBytes));
  state.directory = reinterpret_cast<uint64_t*>(state.directory_block.data());
  std::memset(state.directory, 0, kBytes);
  state.shift = 64 - 6;
  return {};
}

// A filter is worth its while where it leaves out most of what is read.
constexpr double kScanRowsPerKeyMin = 3;
constexpr uint64_t kFilterBitsPerKey = 16;

// J4.  Gathers the keys of all rows and adds their hashes.
Status fill_key_filter(Run& run, const HashJoinState& state,
                       const HashJoin::KeyFilterOffer& offer) {
  KeyFilter& filter = run.key_filter(offer.number);
  filter = {};
  const mortise_iface_simd_t* simd = run.services().simd;
  const auto rows_count = static_cast<double>(state.rows_count);
  if (simd == nullptr || rows_count * kScanRowsPerKeyMin > offer.scan_rows) return {};
  uint64_t words = 8;
  while (words * 64 < state.rows_count * kFilterBitsPerKey) words *= 2;
  MORTISE_TRY_ASSIGN(filter.words, Block::allocate(run.memory(), words * sizeof(uint64_t)));
  std::memset(filter.words.data(), 0, words * sizeof(uint64_t));
  filter.bloom = {reinterpret_cast<uint64_t*>(filter.words.data()), words};
  const mortise_type_t& type = state.layout.type(offer.key);
  ColumnBuffer keys;
  MORTISE_TRY(keys.open(run.memory(), type));
  uint64_t hashes[kBatchRows];
  const uint8_t* rows[kBatchRows];
  uint32_t count = 0;
  const auto flush = [&] {
    keys.reset();
    state.layout.gather(offer.key, rows, count, all_rows(), keys);
    simd->hash(type.physical, keys.data<uint8_t>(), nullptr, count, 0, 0, hashes);
    simd->bloom_add(&filter.bloom, hashes, count);
    count = 0;
  };
  for (const RowStore& store : state.stores) {
    store.each_run([&](const uint8_t* begin, uint64_t in_run) {
      for (uint64_t i = 0; i < in_run; ++i) {
        rows[count++] = begin + i * state.layout.row_bytes();
        if (count == kBatchRows) flush();
      }
    });
  }
  if (count != 0) flush();
  return {};
}

class HashJoinCursor final : public Cursor {
 public:
  HashJoinCursor(Run& run, const HashJoin& op, HashJoinState& state, CursorPtr input)
      : run_(run),
        op_(op),
        state_(state),
        input_(std::move(input)),
        keys_(run, op.left_keys),
        residual_(run, op.residual) {}

  Status open();
  // Ends the search and shows rows of the table (is_right_only).
  void show_right() { phase_ = Phase::unmatched_right; }
  Result<bool> next(Batch& out) override;

 private:
  enum class Phase : uint8_t { input, first, rounds, rest, unmatched_right, end };

  Result<bool> take_input();
  Status find_matches();
  void look_further(uint16_t* candidates, uint32_t* count);
  Status test_residual();
  Status note_found();
  Status first_round(Batch& out, bool* has_rows);
  Status more_rounds(Batch& out, bool* has_rows);
  Status flush_pairs(Batch& out);
  Status show_rest(Batch& out, bool* has_rows);
  Status show_mark(Batch& out);
  Result<bool> show_unmatched_right(Batch& out);
  Status gather_right(const uint8_t* const* rows, uint32_t count, const uint16_t* to);

  bool shows_pairs() const {
    return op_.join_type != JoinType::semi && op_.join_type != JoinType::anti &&
           op_.join_type != JoinType::anti_nulls && op_.join_type != JoinType::mark;
  }
  bool is_shown(uint8_t* row) const {
    const bool is_matched =
        (__atomic_load_n(&header_of(row).next, __ATOMIC_RELAXED) & kMatchedBit) != 0;
    return is_matched == (op_.is_right_only && op_.join_type == JoinType::semi);
  }

  Run& run_;
  const HashJoin& op_;
  HashJoinState& state_;
  CursorPtr input_;
  Evaluation keys_;
  Evaluation residual_;
  Phase phase_ = Phase::input;
  Batch probe_;
  const uint16_t* probe_rows_ = nullptr;  // dense index -> row of probe_
  std::vector<mortise_column_t> key_columns_;
  uint64_t hashes_[kBatchRows] = {};
  uint8_t* chain_[kBatchRows] = {};   // by dense index: where the search goes on
  uint16_t active_[kBatchRows] = {};  // dense indexes still looking
  uint32_t active_count_ = 0;
  uint16_t match_[kBatchRows] = {};  // dense indexes with a match in this round
  uint8_t* match_row_[kBatchRows] = {};
  uint32_t match_count_ = 0;
  uint16_t match_probe_row_[kBatchRows] = {};
  uint8_t* candidate_row_[kBatchRows] = {};
  uint64_t found_[kBatchRows / 64] = {};  // by dense index
  uint64_t null_key_[kBatchRows / 64] = {};
  bool has_null_key_ = false;
  uint16_t pair_probe_row_[kBatchRows] = {};
  uint8_t* pair_row_[kBatchRows] = {};
  uint32_t pairs_count_ = 0;
  uint16_t selection_[kBatchRows] = {};
  std::vector<ColumnBuffer> right_;  // one per column of a row that is shown
  std::vector<ColumnBuffer> left_;   // for pairs
  std::vector<ColumnBuffer> residual_right_;
  std::vector<ConstantSlot> nulls_;
  ColumnBuffer mark_;
  Arena heap_;
  size_t run_index_ = 0;
  uint64_t run_row_ = 0;
  size_t store_index_ = 0;
};

Status HashJoinCursor::open() {
  right_.resize(op_.columns.size());
  left_.resize(op_.columns.size());
  nulls_.resize(op_.columns.size());
  for (size_t c = 0; c < op_.columns.size(); ++c) {
    if (!op_.columns[c].is_left) MORTISE_TRY(right_[c].open(run_.memory(), op_.types[c]));
  }
  if (op_.join_type == JoinType::mark) MORTISE_TRY(mark_.open(run_.memory(), boolean_type()));
  return {};
}

Result<bool> HashJoinCursor::next(Batch& out) {
  while (true) {
    bool has_rows = false;
    switch (phase_) {
      case Phase::input: {
        MORTISE_TRY_ASSIGN(const bool more, take_input());
        if (!more) {
          const bool shows_right = op_.keeps_unmatched_right() && !op_.is_right_only;
          phase_ = shows_right ? Phase::unmatched_right : Phase::end;
        } else {
          phase_ = Phase::first;
        }
        break;
      }
      case Phase::first:
        MORTISE_TRY(first_round(out, &has_rows));
        phase_ = active_count_ != 0 ? Phase::rounds : Phase::rest;
        break;
      case Phase::rounds:
        MORTISE_TRY(more_rounds(out, &has_rows));
        if (active_count_ == 0 && pairs_count_ == 0) phase_ = Phase::rest;
        break;
      case Phase::rest:
        MORTISE_TRY(show_rest(out, &has_rows));
        phase_ = Phase::input;
        break;
      case Phase::unmatched_right:
        return show_unmatched_right(out);
      case Phase::end:
        return false;
    }
    if (has_rows) return true;
    MORTISE_TRY(run_.check_interrupt());
  }
}

Result<bool> HashJoinCursor::take_input() {
  MORTISE_TRY_ASSIGN(const bool more, input_->next(probe_));
  if (!more) return false;
  keys_.begin();
  const uint32_t keys_count = op_.left_keys.roots_count();
  key_columns_.resize(keys_count);
  const uint32_t count = probe_.selected_count;
  probe_rows_ = probe_.selection == nullptr ? all_rows() : probe_.selection;
  has_null_key_ = false;
  for (uint32_t k = 0; k < keys_count; ++k) {
    MORTISE_TRY(keys_.evaluate(k, probe_, &key_columns_[k]));
    hash_column(key_columns_[k], state_.layout.type(k).physical, probe_rows_, count, k == 0,
                hashes_);
    has_null_key_ = has_null_key_ || key_columns_[k].validity != nullptr;
  }
  std::memset(found_, 0, sizeof(found_));
  if (has_null_key_) std::memset(null_key_, 0, sizeof(null_key_));
  active_count_ = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t entry = state_.directory[state_.place(hashes_[i])];
    chain_[i] = row_at(entry);
    active_[active_count_] = static_cast<uint16_t>(i);
    active_count_ += (entry & tag_of(hashes_[i])) != 0 ? 1 : 0;
  }
  if (!has_null_key_) return true;
  uint32_t kept = 0;
  for (uint32_t k = 0; k < keys_count; ++k) {
    const mortise_column_t& c = key_columns_[k];
    if (c.validity == nullptr) continue;
    for (uint32_t i = 0; i < count; ++i) {
      if (!get_bit(c.validity, is_constant(c) ? 0 : probe_rows_[i])) set_bit(null_key_, i);
    }
  }
  for (uint32_t a = 0; a < active_count_; ++a) {
    const uint16_t i = active_[a];
    active_[kept] = i;
    kept += get_bit(null_key_, i) ? 0 : 1;
  }
  active_count_ = kept;
  return true;
}

// Follows the chains of candidates to the next row with their hash; keeps those that find one.
void HashJoinCursor::look_further(uint16_t* candidates, uint32_t* count) {
  uint32_t kept = 0;
  for (uint32_t k = 0; k < *count; ++k) {
    const uint16_t i = candidates[k];
    uint8_t* row = chain_[i];
    while (row != nullptr && header_of(row).hash != hashes_[i]) row = next_of(row);
    candidate_row_[i] = row;
    chain_[i] = row == nullptr ? nullptr : next_of(row);
    candidates[kept] = i;
    kept += row != nullptr ? 1 : 0;
  }
  *count = kept;
}

// One round: the next match of every active row, if it has one.
Status HashJoinCursor::find_matches() {
  uint16_t candidates[kBatchRows];
  uint16_t rejected[kBatchRows];
  uint32_t count = active_count_;
  std::memcpy(candidates, active_, count * sizeof(uint16_t));
  match_count_ = 0;
  while (count != 0) {
    look_further(candidates, &count);
    uint32_t rejected_count = 0;
    uint32_t kept = count;
    for (uint32_t k = 0; k < op_.left_keys.roots_count() && kept != 0; ++k) {
      kept = state_.layout.match(k, key_columns_[k], probe_rows_,
                                 const_cast<const uint8_t* const*>(candidate_row_), candidates,
                                 kept, rejected, &rejected_count);
    }
    for (uint32_t m = 0; m < kept; ++m) match_[match_count_++] = candidates[m];
    std::memcpy(candidates, rejected, rejected_count * sizeof(uint16_t));
    count = rejected_count;
  }
  // Rejected rows came late: selections have to ascend.
  std::sort(match_, match_ + match_count_);
  for (uint32_t m = 0; m < match_count_; ++m) {
    match_row_[m] = candidate_row_[match_[m]];
    match_probe_row_[m] = probe_rows_[match_[m]];
  }
  if (op_.has_residual && match_count_ != 0) MORTISE_TRY(test_residual());
  MORTISE_TRY(note_found());
  return {};
}

Status HashJoinCursor::test_residual() {
  Batch both = probe_;
  if (residual_right_.empty()) {
    residual_right_.resize(op_.right_kept.size());
    for (size_t c = 0; c < residual_right_.size(); ++c) {
      MORTISE_TRY(
          residual_right_[c].open(run_.memory(), op_.row_types[op_.right_keys.roots_count() + c]));
    }
  }
  const uint32_t keys_count = op_.right_keys.roots_count();
  for (uint32_t c = 0; c < residual_right_.size(); ++c) {
    residual_right_[c].reset();
    state_.layout.gather(keys_count + c, match_row_, match_count_, match_probe_row_,
                         residual_right_[c]);
    both.columns.push_back(residual_right_[c].column(probe_.rows_count));
  }
  both.selection = match_probe_row_;
  both.selected_count = match_count_;
  residual_.begin();
  uint16_t passed[kBatchRows];
  MORTISE_TRY(residual_.filter(0, both, passed));
  if (both.selection == nullptr) return {};
  uint32_t kept = 0;
  for (uint32_t m = 0; m < match_count_ && kept < both.selected_count; ++m) {
    if (match_probe_row_[m] != both.selection[kept]) continue;
    match_[kept] = match_[m];
    match_row_[kept] = match_row_[m];
    match_probe_row_[kept] = match_probe_row_[m];
    kept += 1;
  }
  match_count_ = kept;
  return {};
}

// Marks who has found a match, and leaves in `active_` who may find another one.
Status HashJoinCursor::note_found() {
  const bool is_single = op_.join_type == JoinType::single;
  for (uint32_t m = 0; m < match_count_; ++m) {
    if (is_single && get_bit(found_, match_[m])) {
      return {Code::invalid, "21000",
              "more than one row returned by a subquery used as an expression"};
    }
    set_bit(found_, match_[m]);
    if (op_.marks_right()) {
      uint64_t& next = header_of(match_row_[m]).next;
      if ((__atomic_load_n(&next, __ATOMIC_RELAXED) & kMatchedBit) == 0) {
        __atomic_fetch_or(&next, kMatchedBit, __ATOMIC_RELAXED);
      }
    }
  }
  const bool once = !shows_pairs() && !op_.is_right_only;
  uint32_t kept = 0;
  for (uint32_t a = 0; a < active_count_; ++a) {
    const uint16_t i = active_[a];
    active_[kept] = i;
    kept += chain_[i] != nullptr && !(once && get_bit(found_, i)) ? 1 : 0;
  }
  active_count_ = kept;
  return {};
}

Status HashJoinCursor::gather_right(const uint8_t* const* rows, uint32_t count,
                                    const uint16_t* to) {
  for (size_t c = 0; c < op_.columns.size(); ++c) {
    if (op_.columns[c].is_left) continue;
    right_[c].reset();
    state_.layout.gather(op_.columns[c].place, rows, count, to, right_[c]);
  }
  return {};
}

Status HashJoinCursor::first_round(Batch& out, bool* has_rows) {
  if (active_count_ == 0) return {};
  MORTISE_TRY(find_matches());
  if (!shows_pairs() || match_count_ == 0) return {};
  MORTISE_TRY(gather_right(match_row_, match_count_, match_probe_row_));
  out.columns.clear();
  for (size_t c = 0; c < op_.columns.size(); ++c) {
    out.columns.push_back(op_.columns[c].is_left ? probe_.columns[op_.columns[c].place]
                                                 : right_[c].column(probe_.rows_count));
  }
  std::memcpy(selection_, match_probe_row_, match_count_ * sizeof(uint16_t));
  out.rows_count = probe_.rows_count;
  out.row_ids = nullptr;
  out.selected_count = match_count_;
  out.selection = match_count_ == probe_.rows_count ? nullptr : selection_;
  *has_rows = true;
  return {};
}

Status HashJoinCursor::more_rounds(Batch& out, bool* has_rows) {
  while (active_count_ != 0) {
    if (shows_pairs() && pairs_count_ + active_count_ > kBatchRows) break;
    MORTISE_TRY(find_matches());
    if (!shows_pairs()) continue;
    std::memcpy(pair_probe_row_ + pairs_count_, match_probe_row_, match_count_ * sizeof(uint16_t));
    std::memcpy(pair_row_ + pairs_count_, match_row_, match_count_ * sizeof(uint8_t*));
    pairs_count_ += match_count_;
  }
  if (pairs_count_ == 0) return {};
  MORTISE_TRY(flush_pairs(out));
  *has_rows = true;
  return {};
}

Status HashJoinCursor::flush_pairs(Batch& out) {
  MORTISE_TRY(gather_right(pair_row_, pairs_count_, all_rows()));
  out.columns.clear();
  for (size_t c = 0; c < op_.columns.size(); ++c) {
    if (!op_.columns[c].is_left) {
      out.columns.push_back(right_[c].column(pairs_count_));
      continue;
    }
    const mortise_column_t& source = probe_.columns[op_.columns[c].place];
    if (is_constant(source)) {
      out.columns.push_back(source);
      continue;
    }
    if (!left_[c].is_open()) MORTISE_TRY(left_[c].open(run_.memory(), op_.types[c]));
    left_[c].reset();
    gather(source, pair_probe_row_, pairs_count_, left_[c], 0);
    out.columns.push_back(left_[c].column(pairs_count_));
  }
  out.row_ids = nullptr;
  out.select_all(pairs_count_);
  pairs_count_ = 0;
  return {};
}

// What is left to say about a probe batch once all matches are known.
Status HashJoinCursor::show_rest(Batch& out, bool* has_rows) {
  if (op_.is_right_only) return {};
  const uint32_t count = probe_.selected_count;
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
  const bool drops_unknown = op_.join_type == JoinType::anti_nulls && state_.rows_count != 0;
  // (A null among the right keys makes every answer unknown or false.)
  const bool has_right_null = state_.has_null_key.load(std::memory_order_relaxed);
  if (op_.join_type == JoinType::anti_nulls && has_right_null) return {};
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    selection_[kept] = probe_rows_[i];
    const bool is_unknown = drops_unknown && has_null_key_ && get_bit(null_key_, i);
    kept += get_bit(found_, i) == wanted && !is_unknown ? 1 : 0;
  }
  if (kept == 0) return {};
  out.columns.clear();
  for (size_t c = 0; c < op_.columns.size(); ++c) {
    if (op_.columns[c].is_left) {
      out.columns.push_back(probe_.columns[op_.columns[c].place]);
    } else {
      out.columns.push_back({nulls_[c].validity, nulls_[c].value, MORTISE_COLUMN_CONSTANT, 0});
    }
  }
  out.rows_count = probe_.rows_count;
  out.row_ids = probe_.row_ids;
  out.selected_count = kept;
  out.selection = kept == probe_.rows_count ? nullptr : selection_;
  *has_rows = true;
  return {};
}

Status HashJoinCursor::show_mark(Batch& out) {
  const bool has_right_null = state_.has_null_key.load(std::memory_order_relaxed);
  const bool is_empty = state_.rows_count == 0 && !has_right_null;
  mark_.reset();
  for (uint32_t i = 0; i < probe_.selected_count; ++i) {
    const bool is_found = get_bit(found_, i);
    assign_bit(mark_.data<uint64_t>(), probe_rows_[i], is_found);
    const bool is_null_key = has_null_key_ && get_bit(null_key_, i);
    if (!is_found && !is_empty && (has_right_null || is_null_key)) {
      mark_.set_null(probe_rows_[i]);
    }
  }
  out.columns.clear();
  for (const JoinColumn& column : op_.columns) {
    out.columns.push_back(probe_.columns[column.place]);
  }
  out.columns.push_back(mark_.column(probe_.rows_count));
  out.rows_count = probe_.rows_count;
  out.row_ids = probe_.row_ids;
  out.selection = probe_.selection;
  out.selected_count = probe_.selected_count;
  return {};
}

Result<bool> HashJoinCursor::show_unmatched_right(Batch& out) {
  uint32_t count = 0;
  const uint64_t row_bytes = state_.layout.row_bytes();
  while (count < kBatchRows && store_index_ < state_.stores.size()) {
    const RowStore& store = state_.stores[store_index_];
    if (run_index_ == store.runs_count()) {
      store_index_ += 1;
      run_index_ = 0;
      continue;
    }
    const auto [rows, rows_count] = store.run(run_index_);
    while (run_row_ < rows_count && count < kBatchRows) {
      uint8_t* row = rows + run_row_ * row_bytes;
      pair_row_[count] = row;
      count += is_shown(row) ? 1 : 0;
      run_row_ += 1;
    }
    if (run_row_ == rows_count) {
      run_index_ += 1;
      run_row_ = 0;
    }
  }
  if (count == 0) {
    phase_ = Phase::end;
    return false;
  }
  MORTISE_TRY(gather_right(pair_row_, count, all_rows()));
  out.columns.clear();
  for (size_t c = 0; c < op_.columns.size(); ++c) {
    if (op_.columns[c].is_left) {
      out.columns.push_back({nulls_[c].validity, nulls_[c].value, MORTISE_COLUMN_CONSTANT, 0});
    } else {
      out.columns.push_back(right_[c].column(count));
    }
  }
  out.row_ids = nullptr;
  out.select_all(count);
  return true;
}

}  // namespace

std::string join_name(std::string_view method, JoinType type) {
  std::string text(method);
  switch (type) {
    case JoinType::left:
    case JoinType::single:
      return text + " Left Join";
    case JoinType::right:
      return text + " Right Join";
    case JoinType::full:
      return text + " Full Join";
    case JoinType::semi:
    case JoinType::mark:
      return text + " Semi Join";
    case JoinType::anti:
    case JoinType::anti_nulls:
      return text + " Anti Join";
    default:
      return method == "Nested Loop" ? text : text + " Join";
  }
}

std::string HashJoin::name() const {
  return join_name("Hash", join_type);
}

std::vector<std::string> HashJoin::details() const {
  std::vector<std::string> lines = {"Hash Cond: " + keys_text};
  if (has_residual) lines.push_back("Join Filter: " + residual_text);
  return lines;
}

uint32_t HashJoin::workers_max(Run& run) const {
  return marks_right() ? 1 : inputs[0]->workers_max(run);
}

Status HashJoin::prepare(Run& run) const {
  auto& state = run.make_state<HashJoinState>(*this);
  state.layout = RowLayout(row_types, sizeof(RowHeader), 0);
  Status built = inputs[1]->prepare(run);
  if (built.is_ok()) built = build_table(run, *this, state);
  if (!built.is_ok()) return forgive_unasked(run, *this, state, std::move(built));
  for (const KeyFilterOffer& offer : key_filters) MORTISE_TRY(fill_key_filter(run, state, offer));
  MORTISE_TRY(inputs[0]->prepare(run));
  if (!is_right_only) return {};
  return run_parallel(run, drain_workers(run, *inputs[0]), [&](uint32_t) -> Status {
    MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
    auto cursor = std::make_unique<HashJoinCursor>(run, *this, state, std::move(input));
    MORTISE_TRY(cursor->open());
    Batch none;
    return cursor->next(none).status();
  });
}

Result<CursorPtr> HashJoin::open(Run& run) const {
  if (is_right_only) {
    auto shown =
        std::make_unique<HashJoinCursor>(run, *this, run.state<HashJoinState>(*this), nullptr);
    MORTISE_TRY(shown->open());
    shown->show_right();
    return CursorPtr(std::move(shown));
  }
  MORTISE_TRY_ASSIGN(CursorPtr input, open_cursor(run, *inputs[0]));
  auto cursor = std::make_unique<HashJoinCursor>(run, *this, run.state<HashJoinState>(*this),
                                                 std::move(input));
  MORTISE_TRY(cursor->open());
  return CursorPtr(std::move(cursor));
}

}  // namespace mortise::sql_engine
