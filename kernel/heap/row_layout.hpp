// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: at which byte of a row does column k stand?
//
// A row's body (what follows the 16 bytes of version words):
//
//   off size field
//     0    2 columns      how many columns this row stores; later ones read as their missing value
//     2    2 fixed_bytes  size of the fixed prefix
//     4    2 var_count    entries of var_ends
//     6    1 flags        kRow*
//     7    1 0
//     8      fixed        fixed-width columns in table order, packed; 0 where null
//            nulls        (columns + 7) / 8 bytes, bit = 1: null; only with kRowHasNulls
//            var_ends     var_count times u16: where the value ends, counted from the first value;
//                         bit 15: a reference to a large value (24 bytes) stands there
//            var          bytes of TEXT, BYTES and NUMERIC columns in table order
//
// The fixed prefix comes first, so that a column of fixed width stands at the same offset in every
// row, whatever columns were added later.  Everything behind it can be found from the row alone.
//
// Invariants
//   R1  Columns are only appended, so a column's place in the prefix never changes.
//   R2  view_row() answers only bodies whose parts lie inside them.
//
// Threads: a layout is constant; [any].
// Background: docs/internals/row.md

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/scan/value_order.hpp"
#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/table_engine.h"

namespace mortise::heap {

inline constexpr uint8_t kRowHasNulls = 1;
inline constexpr uint8_t kRowHasLarge = 2;
inline constexpr uint32_t kBodyHeaderBytes = 8;
inline constexpr uint32_t kColumnsMax = 1600;
inline constexpr uint16_t kVarLarge = 0x8000;
inline constexpr uint32_t kLargeRefBytes = 24;

// Where a value stands that is too large for its row.
struct LargeRef {
  uint32_t size_bytes;  // of the value, not of what is stored
  uint8_t flags;        // kLarge*
  uint8_t reserved[3];
  uint64_t head;      // PageId of the first page
  uint64_t value_id;  // as the pages carry it
};
inline constexpr uint8_t kLargeCompressed = 1;  // large_value.hpp
static_assert(sizeof(LargeRef) == kLargeRefBytes);

// A body, taken apart.
struct RowView {
  const std::byte* body = nullptr;
  uint32_t body_bytes = 0;
  uint16_t columns = 0;
  uint16_t fixed_bytes = 0;
  uint16_t var_count = 0;
  uint8_t flags = 0;
  const std::byte* nulls = nullptr;  // null: there are none
  const std::byte* var_ends = nullptr;
  const std::byte* var = nullptr;
  uint32_t var_bytes = 0;

  bool is_null(uint32_t column) const {
    return nulls != nullptr && ((static_cast<uint8_t>(nulls[column / 8]) >> (column % 8)) & 1) != 0;
  }
  struct Var {
    std::span<const std::byte> bytes;
    bool is_large;
  };
  // Precondition: index < var_count.  Empty when the ends make no sense.
  Var var_at(uint32_t index) const {
    const uint32_t begin =
        index == 0 ? 0 : load_le<uint16_t>(var_ends + 2 * (index - 1)) & (kVarLarge - 1);
    const uint16_t end = load_le<uint16_t>(var_ends + 2 * index);
    const uint32_t last = end & (kVarLarge - 1u);
    if (begin > last || last > var_bytes) return {{}, false};
    return {{var + begin, last - begin}, (end & kVarLarge) != 0};
  }
};

// False when the bytes are no body (R2).
bool view_row(std::span<const std::byte> body, RowView& row);

// The large values a body refers to.
void collect_large(const RowView& row, std::vector<LargeRef>& refs);

class TableLayout {
 public:
  struct Column {
    mortise_type_t type;
    bool is_dropped;
    bool is_var;
    bool has_missing;
    uint16_t width;         // of one value in a column's data
    uint16_t fixed_offset;  // in the fixed prefix
    uint16_t var_index;
    mortise_view_t missing_view;     // var columns
    std::vector<std::byte> missing;  // fixed value, or the bytes of missing_view
  };

  // `limit` 54000 for too many columns, `invalid` for an unknown physical type.
  static Result<TableLayout> make(const mortise_table_desc_t& desc);
  TableLayout() = default;
  TableLayout(TableLayout&&) = default;
  TableLayout& operator=(TableLayout&&) = default;
  TableLayout(const TableLayout&) = delete;
  TableLayout& operator=(const TableLayout&) = delete;

  uint32_t column_count() const { return static_cast<uint32_t>(columns_.size()); }
  const Column& column(uint32_t index) const { return columns_[index]; }
  uint32_t fixed_bytes() const { return fixed_bytes_; }
  uint32_t var_count() const { return var_count_; }
  // The least body when every long value stands elsewhere.
  uint32_t narrow_body_bytes() const;

 private:
  std::vector<Column> columns_;
  uint32_t fixed_bytes_ = 0;
  uint32_t var_count_ = 0;
};

// A value on its way into a row.
struct ValueSource {
  const std::byte* fixed = nullptr;  // width bytes; BOOL one byte
  std::span<const std::byte> var;
  bool is_null = true;
  bool is_large = false;  // var holds a LargeRef
};

// The value of a column of a stored row; a column the row does not store gives its missing value.
ValueSource stored_value(const TableLayout& layout, const RowView& row, uint32_t column);
// The value in row `index` of a batch's column.  `scratch` is one byte for BOOL.
ValueSource batch_value(const mortise_column_t& column, const TableLayout::Column& target,
                        uint32_t index, std::byte* scratch);

// Appends the body made of `values` (one per column of the layout).  Var parts beyond 32 KiB in all
// are `limit` 54000; the caller has made long ones large before.
Status append_body(const TableLayout& layout, std::span<const ValueSource> values,
                   std::vector<std::byte>& into);
// How long append_body's result will be.
uint64_t body_bytes(const TableLayout& layout, std::span<const ValueSource> values);

}  // namespace mortise::heap
