// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which rows do window calls look at, and which of them are in a row's frame?
//
// Positions count the rows of all partitions in sorted order.
//
// Invariants
//   Q1  Frames never leave their partition, and `parts` are ascending, disjoint and not empty.
//
// Threads: one.

#include "execute/vector/row_store.hpp"
#include "execute/window.hpp"

namespace mortise::sql_engine {

struct RowRange {
  uint64_t begin = 0;
  uint64_t end = 0;
  uint64_t size() const { return end - begin; }
  bool operator==(const RowRange&) const = default;
};

// An array that is charged to the query.
template <typename T>
class HeldArray {
 public:
  Status allocate(const Memory& memory, uint64_t count) {
    MORTISE_TRY_ASSIGN(block_, Block::allocate(memory, count * sizeof(T)));
    return {};
  }
  T* data() { return reinterpret_cast<T*>(block_.data()); }
  T& operator[](uint64_t index) { return data()[index]; }
  const T& operator[](uint64_t index) const {
    return reinterpret_cast<const T*>(block_.data())[index];
  }

 private:
  Block block_;
};

struct WindowRows final : OperatorState {
  RowStore store;
  uint64_t count = 0;
  HeldArray<uint8_t*> rows;  // sorted
  // By position.
  HeldArray<uint64_t> partition_begin;
  HeldArray<uint64_t> partition_end;
  HeldArray<uint64_t> peers_begin;
  HeldArray<uint64_t> peers_end;
  HeldArray<uint64_t> peers_number;  // of the peer group in its partition, from 0
  // Per call one buffer per kBatchRows rows; strings live in the arena.
  std::vector<std::vector<ColumnBuffer>> results;
  std::unique_ptr<Arena> arena;

  // An INT32 or INT64 column.
  int64_t integer_at(uint64_t row, uint32_t column, bool* is_null) const;
};

class WindowFrames {
 public:
  WindowFrames(const WindowFrame& frame, const WindowRows& rows, bool is_descending)
      : frame_(frame), rows_(rows), is_descending_(is_descending) {}

  // Evaluates the offsets: 22004, 22013.
  Status open(Run& run);
  // The row's frame without what EXCLUDE leaves out: up to three ranges.
  void parts_of(uint64_t row, std::vector<RowRange>& parts);
  // True if each frame of a partition begins where that of the row before does.
  bool only_grow() const {
    return frame_.start == FrameBound::unbounded_preceding && frame_.exclude == 0;
  }

 private:
  RowRange frame_of(uint64_t row);
  uint64_t bound(uint64_t row, bool is_end);
  uint64_t rows_bound(uint64_t row, bool is_end) const;
  uint64_t group_bound(uint64_t row, bool is_end) const;
  uint64_t range_bound(uint64_t row, bool is_end);

  const WindowFrame& frame_;
  const WindowRows& rows_;
  const bool is_descending_;  // the first order key
  int64_t start_offset_ = 0;
  int64_t end_offset_ = 0;
};

// Computes one call for all rows into `results`.
Status compute_window_call(Run& run, WindowRows& rows, WindowFrames& frames,
                           const LoweredWindowCall& call, std::vector<ColumnBuffer>& results);
Status compute_window_aggregate(Run& run, WindowRows& rows, WindowFrames& frames,
                                const LoweredWindowCall& call, std::vector<ColumnBuffer>& results);

}  // namespace mortise::sql_engine
