// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: in which shape do rows travel between operators?
//
// `Batch` is a view: columns as in batch.h, a selection, perhaps row ids.  `ColumnBuffer` owns the
// memory of one column that an operator fills.  Types are known by the plan and do not travel.
//
// Invariants
//   C1  Within the executor a batch has at most kBatchRows physical rows; sources slice what is
//       longer (BatchSlicer).
//   C2  A batch is valid until its producer is asked for the next one.
//   C3  A ColumnBuffer's validity bitmap is all ones where no null was set since reset().
//
// Threads: [any] on distinct objects.

#include <cstdint>
#include <span>
#include <vector>

#include "execute/vector/memory.hpp"
#include "mortise/cpp/batch.hpp"

namespace mortise::sql_engine {

constexpr uint32_t kBatchRows = MORTISE_BATCH_ROWS_DEFAULT;

struct Batch {
  uint32_t rows_count = 0;
  uint32_t selected_count = 0;
  const uint16_t* selection = nullptr;
  const mortise_row_id_t* row_ids = nullptr;
  std::vector<mortise_column_t> columns;

  void select_all(uint32_t rows) {
    rows_count = selected_count = rows;
    selection = nullptr;
  }
  uint32_t row_at(uint32_t i) const { return selection == nullptr ? i : selection[i]; }
};

// The ABI's view of a batch; borrows everything.
mortise_batch_t abi_batch(const Batch& batch, const mortise_type_t* types);

// Calls body(row) for each selected row of a batch.
template <typename Body>
void for_each_row(const Batch& batch, Body&& body) {
  for_each_selected(batch.rows_count, batch.selection, batch.selected_count,
                    std::forward<Body>(body));
}

// One column of memory.
class ColumnBuffer {
 public:
  ColumnBuffer() = default;

  Status open(const Memory& memory, const mortise_type_t& type, uint32_t rows = kBatchRows);
  bool is_open() const { return block_.data() != nullptr; }
  const mortise_type_t& type() const { return type_; }
  uint32_t rows_max() const { return rows_max_; }

  template <typename T>
  T* data() {
    return reinterpret_cast<T*>(block_.data());
  }
  uint64_t* validity() { return validity_; }
  void reset() { reset(rows_max_); }
  void reset(uint32_t rows);  // all valid (C3)
  void set_null(uint32_t row) { clear_bit(validity_, row); }

  mortise_column_out_t out() {
    reset();
    return {validity_, block_.data(), 0, 0};
  }
  // What stands in rows 0..rows-1; without a bitmap if there is no null among them.
  mortise_column_t column(uint32_t rows, uint32_t flags = 0) const;
  // Without looking for nulls.
  mortise_column_t column_with_validity() const { return {validity_, block_.data(), 0, 0}; }

 private:
  Block block_;
  uint64_t* validity_ = nullptr;
  uint32_t rows_max_ = 0;
  mortise_type_t type_{};
};

// True when all of bits 0..rows-1 are set.
bool all_valid(const uint64_t* validity, uint32_t rows);

// Copies rows `from[i]` of a column to rows `to + i` of a buffer.  Views are copied, not their
// bytes.
// The buffer's bits from `to` on must be ones.
void gather(const mortise_column_t& source, const uint16_t* from, uint32_t count,
            ColumnBuffer& target, uint32_t to);
// As gather, with long strings copied into `heap`.
Status gather_deep(const mortise_column_t& source, const uint16_t* from, uint32_t count,
                   ColumnBuffer& target, uint32_t to, Arena& heap);

// Points a column at one value of another, as a constant.  `bit` holds a boolean's value.
struct ConstantSlot {
  alignas(16) uint8_t value[64] = {};
  alignas(8) uint64_t validity[8] = {};
  mortise_column_t set(const mortise_column_t& column, uint32_t row, uint16_t physical);
};

// Cuts batches of other producers into pieces of at most kBatchRows rows (C1).
class BatchSlicer {
 public:
  void start(const mortise_batch_t& batch);
  // False after the last piece.  Pieces without a selected row are left out.
  bool next(Batch& piece, std::span<const uint16_t> physical_types);

 private:
  mortise_batch_t source_{};
  uint32_t next_row_ = 0;
  uint32_t next_selected_ = 0;
  std::vector<uint16_t> selection_;
};

// 0, 1, 2, ... kBatchRows-1: the selection that selects all.
const uint16_t* all_rows();

}  // namespace mortise::sql_engine
