// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a row look like now, if somebody changed it since the snapshot?
//
// Locks rows and reads their newest committed versions into the columns of a batch, for statements
// that go on with them under READ COMMITTED.
//
// Threads: one.

#include "execute/operator.hpp"

namespace mortise::sql_engine {

class NewestRows {
 public:
  // `places[c]` is the place in the batch of table column c, -1 = not carried.
  NewestRows(Run& run, const Relation& relation, std::span<const int32_t> places);
  ~NewestRows();
  NewestRows(const NewestRows&) = delete;
  NewestRows& operator=(const NewestRows&) = delete;

  // Locks the batch's rows and puts their newest values over the old ones; narrows the batch to
  // those that are still there.  `row_ids` by row; `selection` holds kBatchRows.
  Status lock_and_read(Batch& batch, const mortise_row_id_t* row_ids, uint16_t* selection);
  // Locks them; outcomes[i] is MORTISE_ROW_* of the batch's selected row i.
  Status lock(const Batch& batch, const mortise_row_id_t* row_ids, uint32_t strength,
              std::vector<uint8_t>& outcomes);
  // Reads them; they are locked already.
  Status read(Batch& batch, const mortise_row_id_t* row_ids, uint16_t* selection);

 private:
  Status merge(Batch& batch, const mortise_batch_t& rows, const std::vector<bool>& is_there,
               uint16_t* selection);

  Run& run_;
  const Relation& relation_;
  std::vector<uint32_t> columns_;
  std::vector<size_t> places_;
  mortise_table_scan_t* fetch_ = nullptr;
  std::vector<ColumnBuffer> buffers_;
  std::vector<ColumnBuffer> other_buffers_;
};

// What the isolation level says about rows that others changed or deleted: 40001.
Status lost_update();
Status lost_delete();

}  // namespace mortise::sql_engine
