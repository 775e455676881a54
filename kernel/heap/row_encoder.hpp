// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do the rows of a batch become stored rows, all at once?
//
// Column at a time, as a scan reads them: the sizes of all rows first, then one block for all, then
// each column's values into their places.
//
// Invariants
//   E1  The bodies are those that append_body() makes of the same values.
//
// Threads: one at a time.

#include <cstddef>
#include <vector>

#include "kernel/heap/row_layout.hpp"
#include "mortise/batch.h"

namespace mortise::heap {

// Rows one after the other, each in its row_space: version words (left 0) and body.
struct EncodedRows {
  std::vector<std::byte> bytes;
  std::vector<uint32_t> sizes;    // words and body
  std::vector<size_t> positions;  // in bytes

  size_t count() const { return sizes.size(); }
};

class RowEncoder {
 public:
  // `rows` has the layout's columns that are not dropped, in its order.
  RowEncoder(const TableLayout& layout, const mortise_batch_t& rows)
      : layout_(layout), rows_(rows) {}

  // False, and nothing appended, when a row with its version words is larger than that.
  bool append(uint32_t row_bytes_max, EncodedRows& into);

 private:
  // One column of the batch and where it belongs.
  struct Source {
    const mortise_column_t* column;
    const TableLayout::Column* target;
    uint32_t index;
  };
  template <typename F>
  void each_row(const Source& source, F&& f) const;
  template <typename F>
  void each_null(const Source& source, F&& f) const;
  void measure(EncodedRows& into);
  void put_headers(std::byte* const* bodies) const;
  void put_fixed(const Source& source, std::byte* const* bodies) const;
  void put_nulls(const Source& source, std::byte* const* bodies) const;
  void put_var(const Source& source, std::byte* const* bodies, std::vector<uint16_t>& ends) const;
  uint32_t ends_offset(uint32_t i) const;

  const TableLayout& layout_;
  const mortise_batch_t& rows_;
  std::vector<Source> sources_;
  bool has_dropped_ = false;
  std::vector<uint8_t> has_nulls_;
  std::vector<uint32_t> sizes_;  // words and body
};

}  // namespace mortise::heap
