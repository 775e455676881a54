// SPDX-License-Identifier: Apache-2.0
//
// Aggregates as window functions.

#include <algorithm>
#include <cstring>

#include "execute/window_rows.hpp"

namespace mortise::sql_engine {

namespace {

constexpr uint64_t kFanOut = 16;        // rows or nodes that a node of the tree stands for
constexpr uint64_t kTreeRowsMin = 128;  // frames below it are added row by row

// The argument columns of kBatchRows rows, and which of them count.
struct Chunk {
  uint64_t number = UINT64_MAX;
  std::vector<ColumnBuffer> buffers;
  std::vector<mortise_column_t> columns;
  uint32_t rows_count = 0;
  bool counts[kBatchRows] = {};
};

class AggregateWork {
 public:
  AggregateWork(Run& run, WindowRows& rows, WindowFrames& frames, const LoweredWindowCall& call,
                std::vector<ColumnBuffer>& results)
      : run_(run),
        rows_(rows),
        frames_(frames),
        call_(call),
        methods_(*call.function->aggregate),
        results_(results),
        frame_arena_(run.memory()),
        tree_arena_(run.memory()) {}

  Status open() {
    abi_.struct_size_bytes = sizeof(abi_);
    abi_.session = run_.context().session;
    abi_.view = &run_.context().view;
    abi_.arena = &frame_arena_;
    abi_.allocate = Arena::allocate_for_function;
    MORTISE_TRY_ASSIGN(state_, Block::allocate(run_.memory(), methods_.state_size_bytes));
    return result_.open(run_.memory(), call_.type, 64);
  }

  Status compute() {
    std::vector<RowRange> parts;
    std::vector<RowRange> last;
    for (uint64_t row = 0; row < rows_.count; ++row) {
      if (row % kBatchRows == 0) MORTISE_TRY(run_.check_interrupt());
      frames_.parts_of(row, parts);
      const bool is_first = row == rows_.partition_begin[row];
      if (!is_first && parts == last) {
        repeat(row);
        continue;
      }
      const bool goes_on = !is_first && frames_.only_grow() && !last.empty();
      if (goes_on) {
        MORTISE_TRY(add_rows({last[0].end, parts[0].end}, state_.data()));
      } else {
        MORTISE_TRY(start_anew());
        for (const RowRange& part : parts) MORTISE_TRY(add_part(part));
      }
      MORTISE_TRY(finish(row));
      std::swap(parts, last);
    }
    return {};
  }

 private:
  Status start_anew() {
    if (state_.size_bytes() != 0) std::memset(state_.data(), 0, state_.size_bytes());
    frame_arena_.reset();
    return {};
  }

  void repeat(uint64_t row) {
    const auto from = static_cast<uint16_t>((row - 1) % kBatchRows);
    gather(results_[(row - 1) / kBatchRows].column_with_validity(), &from, 1,
           results_[row / kBatchRows], static_cast<uint32_t>(row % kBatchRows));
  }

  Status finish(uint64_t row) {
    mortise_column_out_t out = result_.out();
    void* states[1] = {state_.data()};
    ErrorSlot error;
    MORTISE_TRY(error.status(methods_.finish(&abi_, call_.bound(), states, 1, &out, error.get())));
    const uint16_t first = 0;
    return gather_deep(result_.column(1), &first, 1, results_[row / kBatchRows],
                       static_cast<uint32_t>(row % kBatchRows), *rows_.arena);
  }

  Result<Chunk*> load(uint64_t number) {
    Chunk& chunk = chunks_[number % 2];
    if (chunk.number == number) return &chunk;
    const RowLayout& layout = rows_.store.layout();
    uint8_t* const* rows = rows_.rows.data() + number * kBatchRows;
    chunk.number = number;
    chunk.rows_count =
        static_cast<uint32_t>(std::min<uint64_t>(kBatchRows, rows_.count - number * kBatchRows));
    chunk.buffers.resize(call_.arguments_count);
    chunk.columns.clear();
    std::fill(chunk.counts, chunk.counts + chunk.rows_count, true);
    if (call_.filter >= 0) {
      const auto filter = static_cast<uint32_t>(call_.filter);
      for (uint32_t i = 0; i < chunk.rows_count; ++i) {
        chunk.counts[i] = !layout.is_null(rows[i], filter) && rows[i][layout.offset(filter)] != 0;
      }
    }
    for (uint32_t a = 0; a < call_.arguments_count; ++a) {
      const uint32_t column = call_.arguments_begin + a;
      ColumnBuffer& buffer = chunk.buffers[a];
      if (!buffer.is_open()) MORTISE_TRY(buffer.open(run_.memory(), call_.argument_types[a]));
      buffer.reset();
      layout.gather(column, rows, chunk.rows_count, all_rows(), buffer);
      chunk.columns.push_back(buffer.column(chunk.rows_count));
      if (call_.function->is_strict == 0) continue;
      for (uint32_t i = 0; i < chunk.rows_count; ++i) {
        chunk.counts[i] = chunk.counts[i] && !layout.is_null(rows[i], column);
      }
    }
    return &chunk;
  }

  Status add_rows(RowRange range, uint8_t* state) {
    while (range.begin < range.end) {
      const uint64_t number = range.begin / kBatchRows;
      const uint64_t end = std::min(range.end, (number + 1) * kBatchRows);
      MORTISE_TRY_ASSIGN(const Chunk* chunk, load(number));
      uint32_t kept = 0;
      for (uint64_t i = range.begin - number * kBatchRows; i < end - number * kBatchRows; ++i) {
        selected_[kept] = static_cast<uint16_t>(i);
        kept += chunk->counts[i] ? 1 : 0;
      }
      range.begin = end;
      if (kept != 0) MORTISE_TRY(add_selected(*chunk, kept, state));
    }
    return {};
  }

  Status add_selected(const Chunk& chunk, uint32_t count, uint8_t* state) {
    const mortise_arguments_t packed = {chunk.columns.data(),
                                        call_.argument_types.data(),
                                        call_.arguments_count,
                                        chunk.rows_count,
                                        selected_,
                                        count,
                                        0};
    ErrorSlot error;
    if (methods_.update_one != nullptr) {
      return error.status(methods_.update_one(&abi_, call_.bound(), &packed, state, error.get()));
    }
    for (uint32_t i = 0; i < count; ++i) states_[selected_[i]] = state;
    return error.status(methods_.update(&abi_, call_.bound(), &packed, states_, error.get()));
  }

  Status merge(uint8_t* into, const uint8_t* from) {
    void* to[1] = {into};
    void* source[1] = {const_cast<uint8_t*>(from)};
    ErrorSlot error;
    return error.status(methods_.merge(&abi_, call_.bound(), to, source, 1, error.get()));
  }

  // Level l holds the states of aligned runs of kFanOut^(l+1) rows.
  Status build_tree() {
    abi_.arena = &tree_arena_;
    const uint32_t width = methods_.state_size_bytes;
    for (uint64_t nodes = rows_.count / kFanOut; nodes != 0; nodes /= kFanOut) {
      MORTISE_TRY(run_.check_interrupt());
      MORTISE_TRY_ASSIGN(Block level, Block::allocate(run_.memory(), nodes * width));
      std::memset(level.data(), 0, nodes * width);
      for (uint64_t n = 0; n < nodes; ++n) {
        uint8_t* node = level.data() + n * width;
        if (levels_.empty()) {
          MORTISE_TRY(add_rows({n * kFanOut, (n + 1) * kFanOut}, node));
          continue;
        }
        for (uint64_t child = n * kFanOut; child < (n + 1) * kFanOut; ++child) {
          MORTISE_TRY(merge(node, levels_.back().data() + child * width));
        }
      }
      levels_.push_back(std::move(level));
    }
    abi_.arena = &frame_arena_;
    return {};
  }

  // In ascending order: some aggregates care.
  Status add_part(RowRange part) {
    if (part.size() < kTreeRowsMin || frames_.only_grow()) return add_rows(part, state_.data());
    if (levels_.empty()) MORTISE_TRY(build_tree());
    while (part.begin < part.end) {
      size_t level = 0;
      uint64_t span = 1;
      while (level < levels_.size() && part.begin % (span * kFanOut) == 0 &&
             part.begin + span * kFanOut <= part.end) {
        span *= kFanOut;
        ++level;
      }
      if (level == 0) {
        const uint64_t aligned = (part.begin / kFanOut + 1) * kFanOut;
        const uint64_t end = std::min(part.end, aligned);
        MORTISE_TRY(add_rows({part.begin, end}, state_.data()));
        part.begin = end;
        continue;
      }
      const uint8_t* node =
          levels_[level - 1].data() + part.begin / span * methods_.state_size_bytes;
      MORTISE_TRY(merge(state_.data(), node));
      part.begin += span;
    }
    return {};
  }

  Run& run_;
  WindowRows& rows_;
  WindowFrames& frames_;
  const LoweredWindowCall& call_;
  const mortise_aggregate_t& methods_;
  std::vector<ColumnBuffer>& results_;
  Arena frame_arena_;  // of the state at hand
  Arena tree_arena_;
  mortise_evaluation_t abi_{};
  Block state_;
  ColumnBuffer result_;
  Chunk chunks_[2];
  std::vector<Block> levels_;
  uint16_t selected_[kBatchRows] = {};
  void* states_[kBatchRows] = {};
};

}  // namespace

Status compute_window_aggregate(Run& run, WindowRows& rows, WindowFrames& frames,
                                const LoweredWindowCall& call, std::vector<ColumnBuffer>& results) {
  const auto work = std::make_unique<AggregateWork>(run, rows, frames, call, results);
  MORTISE_TRY(work->open());
  return work->compute();
}

}  // namespace mortise::sql_engine
