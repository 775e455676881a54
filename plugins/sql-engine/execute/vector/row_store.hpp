// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are rows kept for hash tables and sorts?
//
// As records of one fixed size, columns side by side, long strings in an arena beside them:
//
//   | header | null bits, 1 = null | column 0 | column 1 | ... | trailer, 16-byte aligned |
//
// The header is the user's (hash and next pointer of a join, hash of an aggregate), so is the
// trailer (aggregate states).  Booleans take one byte.
//
// Invariants
//   W1  A row never moves while its store lives; rows are 16-byte aligned.
//   W2  The bytes of a null value are zero.
//
// Threads: [any] on distinct stores; a store that is no longer appended to may be read by all.

#include <cstdint>
#include <span>
#include <vector>

#include "execute/vector/batch.hpp"
#include "execute/vector/value_order.hpp"

namespace mortise::sql_engine {

class RowLayout {
 public:
  RowLayout() = default;
  RowLayout(std::span<const mortise_type_t> types, uint32_t header_bytes, uint32_t trailer_bytes);

  uint32_t row_bytes() const { return row_bytes_; }
  uint32_t trailer_offset() const { return trailer_offset_; }
  uint32_t columns_count() const { return static_cast<uint32_t>(types_.size()); }
  uint32_t offset(uint32_t column) const { return offsets_[column]; }
  const mortise_type_t& type(uint32_t column) const { return types_[column]; }
  std::span<const mortise_type_t> types() const { return types_; }

  bool is_null(const uint8_t* row, uint32_t column) const {
    return (row[nulls_offset_ + column / 8] >> (column % 8) & 1) != 0;
  }
  void set_null(uint8_t* row, uint32_t column) const {
    auto& byte = row[nulls_offset_ + column / 8];
    byte = static_cast<uint8_t>(byte | (1U << (column % 8)));
  }

  // Writes rows `from[i]` of a column into column `c` of targets[i].  False when `heap` is full.
  bool scatter(uint32_t c, const mortise_column_t& column, const uint16_t* from, uint32_t count,
               uint8_t* const* targets, Arena& heap) const;

  // Reads column `c` of sources[i] into row to[i] of a buffer (whose bits are all ones).
  void gather(uint32_t c, const uint8_t* const* sources, uint32_t count, const uint16_t* to,
              ColumnBuffer& target) const;

  // Keeps in `candidates` (indexes into rows and from) those where column `c` of rows[i] equals row
  // from[i] of `column`, nulls being equal; the others go to `rejected`.  Returns how many stay.
  uint32_t match(uint32_t c, const mortise_column_t& column, const uint16_t* from,
                 const uint8_t* const* rows, uint16_t* candidates, uint32_t count,
                 uint16_t* rejected, uint32_t* rejected_count) const;

  // Whether two rows are equal in the first `columns_count` columns.
  bool rows_equal(const uint8_t* a, const uint8_t* b, uint32_t columns_count) const;

 private:
  std::vector<mortise_type_t> types_;
  std::vector<uint32_t> offsets_;
  uint32_t nulls_offset_ = 0;
  uint32_t trailer_offset_ = 0;
  uint32_t row_bytes_ = 0;
};

class RowStore {
 public:
  static constexpr uint64_t kFirstChunkBytes = 16 * 1024;
  static constexpr uint64_t kChunkBytesMax = 1024 * 1024;

  RowStore() = default;
  RowStore(const Memory& memory, RowLayout layout)
      : memory_(memory), layout_(std::move(layout)), heap_(memory) {}
  RowStore(RowStore&&) noexcept = default;
  RowStore& operator=(RowStore&&) noexcept = default;

  const RowLayout& layout() const { return layout_; }
  uint64_t rows_count() const { return rows_count_; }
  uint64_t reserved_bytes() const { return chunks_bytes_ + heap_.reserved_bytes(); }
  Arena& heap() { return heap_; }

  // Adds `count` zeroed rows and tells where they stand.
  Status append(uint32_t count, uint8_t** rows);
  // Adds rows and fills their columns from those of a batch.
  Status append(std::span<const mortise_column_t> columns, const uint16_t* from, uint32_t count,
                uint8_t** rows);

  // Calls body(rows, count) for runs of contiguous rows: row i stands at rows + i * row_bytes.
  template <typename Body>
  void each_run(Body&& body) const {
    for (const Chunk& chunk : chunks_) {
      if (chunk.rows_count != 0) body(chunk.block.data(), chunk.rows_count);
    }
  }
  size_t runs_count() const { return chunks_.size(); }
  std::pair<uint8_t*, uint64_t> run(size_t index) const {
    return {chunks_[index].block.data(), chunks_[index].rows_count};
  }

  // Takes over the rows of another store of the same layout; nothing moves (W1).
  void adopt(RowStore&& other);
  void clear();

 private:
  struct Chunk {
    Block block;
    uint64_t rows_count;
    uint64_t rows_max;
  };
  Memory memory_;
  RowLayout layout_;
  Arena heap_;
  std::vector<Chunk> chunks_;
  uint64_t chunks_bytes_ = 0;
  uint64_t rows_count_ = 0;
};

}  // namespace mortise::sql_engine
