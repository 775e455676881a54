// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the bodies of a page's rows stand, and the parts of each?
//
// The rows of one page that a view sees, as arrays: body, size, slot, and the offsets of the parts
// behind the fixed prefix.  Column buffers gather from it, one column at a time; the page stays
// latched meanwhile.
//
// Invariants
//   P1  Behind every body kSlackBytes can be read: a body that ends near the page's end, or stands
//       elsewhere, is copied.
//   P2  The offsets of every row lie inside its body (view_row's rule, R2).
//
// Threads: one at a time.

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/heap/row_layout.hpp"
#include "kernel/memory/arena.hpp"

namespace mortise::heap {

class PageRows {
 public:
  static constexpr uint32_t kSlackBytes = 32;
  // More than the greatest page has room for.
  static constexpr uint32_t kRowsMax = 1280;

  explicit PageRows(memory::MemoryAccount& account) : copies_(account) {}

  // No rows; those to come stand on this page or elsewhere.
  void begin(std::span<const std::byte> page);
  // Precondition: count() < kRowsMax.  `corrupt` when the bytes are no body.
  Status add(std::span<const std::byte> body, uint32_t slot) {
    const std::byte* const end = body.data() + body.size() + kSlackBytes;
    if (body.data() < page_begin_ || end > page_end_) [[unlikely]]
      return add_copy(body, slot);
    return append(body, slot);
  }
  // Leaves the rows whose bit is set.
  void keep(const uint64_t* bits);

  uint32_t count() const { return count_; }
  // For what belongs to the rows of this page.
  memory::Arena& copies() {
    has_copies_ = true;
    return copies_;
  }
  // Changes whenever the rows do.
  uint32_t generation() const { return generation_; }

  std::span<const std::byte> body(uint32_t i) const { return {bodies_[i], sizes_[i]}; }
  const std::byte* const* bodies() const { return bodies_; }
  uint32_t slot(uint32_t i) const { return slots_[i]; }
  // Where the var_ends of row i begin, and its var bytes.
  uint32_t ends_offset(uint32_t i) const { return ends_[i]; }
  uint32_t var_offset(uint32_t i) const { return vars_[i]; }
  uint32_t size(uint32_t i) const { return sizes_[i]; }

  // Do all rows store the column in the place where the layout has it?
  bool all_store(const TableLayout::Column& column, uint32_t index) const {
    if (index >= columns_min_ || column.is_dropped) return false;
    return column.is_var ? column.var_index < vars_min_
                         : column.fixed_offset + uint32_t{column.width} <= fixed_min_;
  }
  bool any_nulls() const { return any_nulls_; }
  bool is_null(uint32_t i, uint32_t column) const {
    const uint32_t at = nulls_[i];
    return at != 0 &&
           ((static_cast<uint8_t>(bodies_[i][at + column / 8]) >> (column % 8)) & 1) != 0;
  }

 private:
  Status add_copy(std::span<const std::byte> body, uint32_t slot);
  Status append(std::span<const std::byte> body, uint32_t slot) {
    if (body.size() < kBodyHeaderBytes) return no_body(slot);
    const uint64_t header = load_le<uint64_t>(body.data());
    if (header != header_ || !has_header_) [[unlikely]]
      read_header(header);
    if (vars_of_header_ > body.size()) return no_body(slot);
    bodies_[count_] = body.data();
    sizes_[count_] = static_cast<uint32_t>(body.size());
    slots_[count_] = static_cast<uint16_t>(slot);
    nulls_[count_] = static_cast<uint32_t>(nulls_of_header_);
    ends_[count_] = ends_of_header_;
    vars_[count_] = vars_of_header_;
    ++count_;
    return {};
  }
  void read_header(uint64_t header);
  static Status no_body(uint32_t slot);

  const std::byte* page_begin_ = nullptr;
  const std::byte* page_end_ = nullptr;
  memory::Arena copies_;
  bool has_copies_ = false;

  // What the last body's first eight bytes say; neighbours mostly say the same.
  bool has_header_ = false;
  uint64_t header_ = 0;
  uint32_t nulls_of_header_ = 0;
  uint32_t ends_of_header_ = 0;
  uint32_t vars_of_header_ = 0;

  // Of all rows.
  uint32_t columns_min_ = 0;
  uint32_t fixed_min_ = 0;
  uint32_t vars_min_ = 0;
  bool any_nulls_ = false;

  uint32_t count_ = 0;
  uint32_t generation_ = 0;
  const std::byte* bodies_[kRowsMax];
  uint32_t sizes_[kRowsMax];
  uint32_t nulls_[kRowsMax];  // 0: none
  uint32_t ends_[kRowsMax];
  uint32_t vars_[kRowsMax];
  uint16_t slots_[kRowsMax];
};

}  // namespace mortise::heap
