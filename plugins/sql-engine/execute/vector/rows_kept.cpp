// SPDX-License-Identifier: Apache-2.0
#include "execute/vector/rows_kept.hpp"

#include <algorithm>

namespace mortise::sql_engine {

Status RowsKept::append(const Batch& batch) {
  const uint16_t* rows = batch.selection == nullptr ? all_rows() : batch.selection;
  uint32_t left = batch.selected_count;
  while (left != 0) {
    if (chunks_.empty() || chunks_.back().rows_count == kBatchRows) {
      Chunk chunk;
      for (const mortise_type_t& type : types_) {
        ColumnBuffer& buffer = chunk.columns.emplace_back();
        MORTISE_TRY(buffer.open(memory_, type));
      }
      chunks_.push_back(std::move(chunk));
    }
    Chunk& chunk = chunks_.back();
    const uint32_t taken = std::min(left, kBatchRows - chunk.rows_count);
    for (size_t c = 0; c < types_.size(); ++c) {
      MORTISE_TRY(
          gather_deep(batch.columns[c], rows, taken, chunk.columns[c], chunk.rows_count, heap_));
    }
    chunk.rows_count += taken;
    rows_count_ += taken;
    rows += taken;
    left -= taken;
  }
  return {};
}

void RowsKept::read(size_t index, Batch& out) const {
  const Chunk& chunk = chunks_[index];
  out.columns.clear();
  for (const ColumnBuffer& buffer : chunk.columns) {
    out.columns.push_back(buffer.column(chunk.rows_count));
  }
  out.row_ids = nullptr;
  out.select_all(chunk.rows_count);
}

void RowsKept::clear() {
  chunks_.clear();
  heap_ = Arena(memory_);
  rows_count_ = 0;
}

}  // namespace mortise::sql_engine
