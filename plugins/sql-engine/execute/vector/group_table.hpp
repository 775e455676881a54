// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which row of a store stands for this combination of values?
//
// A hash set of rows with linear probing.  Entries hold a 48-bit pointer and 16 bits of the hash. A
// batch is looked up at once: positions first, then one comparison per key column over all rows
// that found a candidate, then again for those that met another key (after DuckDB's grouped
// aggregate).
//
// Invariants
//   T1  The first 8 bytes of a row (the layout's header) are its hash.
//   T2  At most kFillPercentMax of the entries are used.
//
// Threads: one worker, or read-only.

#include "execute/vector/row_store.hpp"

namespace mortise::sql_engine {

class GroupTable {
 public:
  static constexpr uint32_t kHeaderBytes = 16;
  static constexpr uint64_t kFillPercentMax = 50;

  GroupTable(const Memory& memory, RowLayout layout)
      : memory_(memory), store_(memory, std::move(layout)) {}
  GroupTable(GroupTable&&) noexcept = default;

  // Finds the rows of `count` keys, adding what is new.  rows[i] answers for key i, which stands at
  // row from[i] of the columns.  `added` receives the indexes i that made a row, if not null.
  Status find_or_add(std::span<const mortise_column_t> keys, const uint16_t* from, uint32_t count,
                     const uint64_t* hashes, uint8_t** rows, uint16_t* added = nullptr,
                     uint32_t* added_count = nullptr);
  // The row that equals `row` (of another table with this layout), or null after adding `row`
  // itself, which must live as long as this table.
  Result<uint8_t*> find_or_link(uint8_t* row);

  uint64_t groups_count() const { return groups_count_; }
  RowStore& store() { return store_; }
  const RowLayout& layout() const { return store_.layout(); }
  const std::vector<uint8_t*>& linked() const { return linked_; }

  static uint64_t hash_of(const uint8_t* row) { return *reinterpret_cast<const uint64_t*>(row); }

  // Makes room for so many groups in all.
  Status reserve(uint64_t groups);

 private:
  uint64_t home(uint64_t hash) const { return hash >> shift_; }

  Memory memory_;
  RowStore store_;
  Block block_;
  uint64_t* entries_ = nullptr;
  uint64_t capacity_ = 0;
  uint32_t shift_ = 63;
  uint64_t groups_count_ = 0;
  std::vector<uint8_t*> linked_;
};

}  // namespace mortise::sql_engine
