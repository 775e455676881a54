// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do rows stay that are read more than once, in the order they came?
//
// In column buffers of kBatchRows rows with an arena for long strings: the result of a CTE, the
// inner side of a nested loop, the working table of a recursion.
//
// Threads: appended by one thread; read by all once nobody appends.

#include <memory>
#include <span>
#include <vector>

#include "execute/vector/batch.hpp"

namespace mortise::sql_engine {

class RowsKept {
 public:
  RowsKept(const Memory& memory, std::span<const mortise_type_t> types)
      : memory_(memory), types_(types.begin(), types.end()), heap_(memory) {}

  // Copies the selected rows to the end.
  Status append(const Batch& batch);
  uint64_t rows_count() const { return rows_count_; }
  size_t chunks_count() const { return chunks_.size(); }
  // Chunk `index` as a batch; valid until the rows are cleared.
  void read(size_t index, Batch& out) const;
  void clear();
  std::span<const mortise_type_t> types() const { return types_; }

 private:
  struct Chunk {
    std::vector<ColumnBuffer> columns;
    uint32_t rows_count = 0;
  };
  Memory memory_;
  std::vector<mortise_type_t> types_;
  Arena heap_;
  std::vector<Chunk> chunks_;
  uint64_t rows_count_ = 0;
};

}  // namespace mortise::sql_engine
