// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do values of rows become one column of a batch?
//
// Column at a time: the rows of a page that store the column in its place, which are nearly all,
// give it by strided loads (fixed width) or by their ends and one block of copied bytes (var).
// Rows from before the column was added, and large values, are put one by one.
//
// Invariants
//   D1  Buffers are aligned and padded as batch.h (B1) says.
//
// Threads: one at a time.

#include "kernel/heap/large_value.hpp"
#include "kernel/heap/page_rows.hpp"
#include "kernel/heap/row_layout.hpp"
#include "kernel/memory/arena.hpp"
#include "kernel/recovery/storage.hpp"
#include "mortise/batch.h"

namespace mortise::heap {

// Whether long bytes stay where the rows stand, or come along.
enum class LongBytes : uint8_t { stay, copy };

class ColumnBuffer;

// A value that is read when its row's page has been let go of.
struct LargeLater {
  ColumnBuffer* buffer;
  uint32_t row;
  LargeRef ref;
};

// Where large values come from.
struct LargeSource {
  LargeValues& values;
  recovery::Storage& storage;
  std::vector<LargeLater>* later;  // null: read at once
};

// One column's values for up to `capacity` rows.
class ColumnBuffer {
 public:
  // `arena` keeps the buffers and what is copied.
  Status prepare(const TableLayout::Column& column, uint32_t capacity, memory::Arena& arena);
  // As after prepare(), for the first `rows` rows.
  void restart(uint32_t rows);
  // The column of all rows of the page, from row `first` of the buffer on.
  Status gather(const PageRows& rows, const TableLayout& layout, uint32_t index, uint32_t first,
                LongBytes long_bytes, const LargeSource& large, memory::Arena& arena);
  // One value.
  Status put(const ValueSource& value, uint32_t row, LongBytes long_bytes, const LargeSource& large,
             memory::Arena& arena);
  // What no row is in reads as null.
  void put_null(uint32_t row);
  // A value that was put off.
  Status put_large(const LargeRef& ref, uint32_t row, const LargeSource& large,
                   memory::Arena& arena);
  mortise_column_t column() const;

 private:
  void gather_fixed(const PageRows& rows, uint32_t offset, uint32_t first);
  Status gather_var(const PageRows& rows, uint32_t var_index, uint32_t first, LongBytes long_bytes,
                    memory::Arena& arena, bool& any_large);
  Status gather_large(const PageRows& rows, uint32_t var_index, uint32_t first,
                      const LargeSource& large, memory::Arena& arena);
  Status take_large(std::span<const std::byte> bytes, uint32_t row, const LargeSource& large,
                    memory::Arena& arena);
  void put_view(std::span<const std::byte> bytes, uint32_t row);

  uint16_t physical_ = 0;
  uint16_t width_ = 0;
  bool is_var_ = false;
  bool has_nulls_ = false;
  uint32_t capacity_ = 0;
  uint64_t* validity_ = nullptr;
  std::byte* data_ = nullptr;
};

}  // namespace mortise::heap
