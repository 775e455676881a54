// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are window functions computed?
//
// All rows are kept and sorted by partition and order; calls are then computed over positions in
// that order.  Ranking functions need the bounds of partitions and peers only.  Functions that pick
// a row (lag, first_value, ...) compute its position and gather.  Aggregates whose frame only grows
// are carried along, for a state is finished without being changed; other frames are put together
// from states of aligned runs of rows (Leis et al., "Efficient Processing of Window Functions in
// Analytical SQL Queries", 2015), so that a wide frame costs a few merges per row.
//
// Threads: as operator.hpp; computed by one.

#include "execute/expression/program.hpp"

namespace mortise::sql_engine {

struct LoweredWindowCall {
  const mortise_function_t* function = nullptr;
  std::shared_ptr<const BoundState> state;
  uint32_t arguments_begin = 0;  // columns of the kept rows
  uint32_t arguments_count = 0;
  std::vector<mortise_type_t> argument_types;
  int32_t filter = -1;  // column of the kept rows
  mortise_type_t type{};
  const void* bound() const { return state ? state->get() : nullptr; }
};

struct WindowFrame {
  FrameUnit unit = FrameUnit::range;
  FrameBound start = FrameBound::unbounded_preceding;
  FrameBound end = FrameBound::current_row;
  uint32_t exclude = 0;  // as Window::exclude
  // RANGE with offsets: columns of the kept rows, -1 = none.
  int32_t range_value = -1;
  int32_t range_start = -1;
  int32_t range_end = -1;
  // Roots without columns: the offsets that there are, then for RANGE whether each is negative.
  Program offsets;
  bool has_start_offset = false;
  bool has_end_offset = false;
};

class WindowOperator final : public Operator {
 public:
  Status prepare(Run& run) const override;
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "WindowAgg"; }

  // Roots: partition keys, order keys, arguments, filters and range columns; kept in that order,
  // then the input's columns `passed`.
  Program program;
  uint32_t partition_count = 0;
  struct Key {
    bool is_descending = false;
    bool is_nulls_first = false;
  };
  std::vector<Key> order;
  std::vector<uint32_t> passed;
  std::vector<LoweredWindowCall> calls;
  WindowFrame frame;
  // Result: passed columns, then calls.
};

}  // namespace mortise::sql_engine
