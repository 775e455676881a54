// SPDX-License-Identifier: Apache-2.0
#include "execute/newest_rows.hpp"

#include <algorithm>

namespace mortise::sql_engine {

Status lost_update() {
  return conflict("could not serialize access due to concurrent update");
}
Status lost_delete() {
  return conflict("could not serialize access due to concurrent delete");
}

NewestRows::NewestRows(Run& run, const Relation& relation, std::span<const int32_t> places)
    : run_(run), relation_(relation) {
  for (uint32_t c = 0; c < places.size(); ++c) {
    if (places[c] < 0) continue;
    columns_.push_back(c);
    places_.push_back(static_cast<size_t>(places[c]));
  }
}

NewestRows::~NewestRows() {
  if (fetch_ != nullptr) relation_.engine->scan_close(fetch_);
}

Status NewestRows::lock_and_read(Batch& batch, const mortise_row_id_t* row_ids,
                                 uint16_t* selection) {
  std::vector<uint8_t> outcomes;
  MORTISE_TRY(lock(batch, row_ids, MORTISE_ROW_LOCK_UPDATE, outcomes));
  return read(batch, row_ids, selection);
}

Status NewestRows::lock(const Batch& batch, const mortise_row_id_t* row_ids, uint32_t strength,
                        std::vector<uint8_t>& outcomes) {
  const uint32_t count = batch.selected_count;
  std::vector<mortise_row_id_t> ids(count);
  outcomes.resize(count);
  for (uint32_t i = 0; i < count; ++i) ids[i] = row_ids[batch.row_at(i)];
  const mortise_read_view_t view = run_.view();
  ErrorSlot error;
  return error.status(relation_.engine->lock(relation_.table, run_.context().txn, &view, ids.data(),
                                             count, strength, MORTISE_WAIT, outcomes.data(),
                                             error.get()));
}

Status NewestRows::read(Batch& batch, const mortise_row_id_t* row_ids, uint16_t* selection) {
  const uint32_t count = batch.selected_count;
  std::vector<mortise_row_id_t> ids(count);
  for (uint32_t i = 0; i < count; ++i) ids[i] = row_ids[batch.row_at(i)];
  // The view of now: the statement's own may be older than the transaction's id.
  mortise_read_view_t newest = run_.view();
  run_.services().txn->view(run_.context().txn, &newest);
  newest.flags |= MORTISE_READ_LATEST;
  newest.command = UINT32_MAX;  // what this very command has made, too
  if (fetch_ != nullptr) relation_.engine->scan_close(fetch_);
  fetch_ = nullptr;
  ErrorSlot error;
  MORTISE_TRY(error.status(
      relation_.engine->fetch_open(relation_.table, run_.context().txn, &newest, columns_.data(),
                                   static_cast<uint32_t>(columns_.size()), &fetch_, error.get())));
  mortise_batch_t rows{};
  rows.struct_size_bytes = sizeof(rows);
  MORTISE_TRY(error.status(relation_.engine->fetch(fetch_, ids.data(), count, &rows, error.get())));
  std::vector<bool> is_there(count, rows.selection == nullptr);
  for (uint32_t i = 0; rows.selection != nullptr && i < rows.selected_count; ++i) {
    is_there[rows.selection[i]] = true;
  }
  return merge(batch, rows, is_there, selection);
}

// Rows of the batch that were not asked about keep their values: they belong to others.
Status NewestRows::merge(Batch& batch, const mortise_batch_t& rows,
                         const std::vector<bool>& is_there, uint16_t* selection) {
  buffers_.resize(columns_.size());
  other_buffers_.resize(columns_.size());
  for (size_t c = 0; c < columns_.size(); ++c) {
    mortise_column_t& column = batch.columns[places_[c]];
    // Two buffers in turn: the column may stand in one of them from the last time.
    ColumnBuffer& buffer = buffers_[c].is_open() && column.data == buffers_[c].data<void>()
                               ? other_buffers_[c]
                               : buffers_[c];
    if (!buffer.is_open()) {
      MORTISE_TRY(buffer.open(run_.memory(), relation_.columns()[columns_[c]].type));
    }
    buffer.reset();
    gather(column, all_rows(), batch.rows_count, buffer, 0);
    for (uint32_t i = 0; i < batch.selected_count; ++i) {
      if (!is_there[i]) continue;
      const auto from = static_cast<uint16_t>(i);
      set_bit(buffer.validity(), batch.row_at(i));
      gather(rows.columns[c], &from, 1, buffer, batch.row_at(i));
    }
    column = buffer.column(batch.rows_count);
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < batch.selected_count; ++i) {
    const auto row = static_cast<uint16_t>(batch.row_at(i));
    selection[kept] = row;
    kept += is_there[i] ? 1 : 0;
  }
  batch.selection = selection;
  batch.selected_count = kept;
  return {};
}

}  // namespace mortise::sql_engine
