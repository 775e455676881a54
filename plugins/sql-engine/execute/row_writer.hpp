// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what has to hold for a row to be stored, and who else has to hear of it?
//
// Shared by insert and update: tests of not-null and check constraints, index entries, and what to
// do when a unique index reports an equal key.
//
// Threads: one per cursor.

#include "execute/change.hpp"

namespace mortise::sql_engine {

class RowWriter {
 public:
  RowWriter(Run& run, const StoredRow& stored);
  ~RowWriter();
  RowWriter(const RowWriter&) = delete;
  RowWriter& operator=(const RowWriter&) = delete;

  // Tests the rows; columns by table position.  23502, 23514.
  Status test(const Batch& row);
  // Adds entries for the rows (row ids set, by row) to the indexes that hold one of `changed`, or
  // to all of them.  23505.
  Status index(const Batch& row, const std::vector<bool>* changed);
  // Makes plain columns of constant ones: what is stored is read row by row.
  Status flatten(Batch& row, uint32_t rows_count);

  struct Conflict {
    uint32_t row = 0;  // of the batch
    mortise_row_id_t other = 0;
  };

 private:
  Status index_one(const IndexInfo& index, const Batch& row);
  Status refuse_duplicates(const IndexInfo& index, const Batch& row,
                           const std::vector<Conflict>& conflicts);
  Result<std::vector<mortise_column_t>> whole_row(const Batch& row, uint32_t at);
  std::string row_text(const Batch& row, uint32_t at);

  Run& run_;
  const StoredRow& stored_;
  const Relation& relation_;
  Evaluation checks_;
  std::vector<ColumnBuffer> plain_;
  std::vector<ColumnBuffer> keys_;
  mortise_table_scan_t* old_row_ = nullptr;
};

// 23505 with the key's values.
Status duplicate_key(Run& run, const Relation& relation, const IndexInfo& index, const Batch& row,
                     uint32_t at);

}  // namespace mortise::sql_engine
