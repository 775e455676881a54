// SPDX-License-Identifier: Apache-2.0
#include "relation/rows.hpp"
#include "types/array_value.hpp"

#include <cstring>

namespace mortise::sql_catalog {

std::string_view KeptStrings::keep(std::string_view text) {
  if (text.size() > left_bytes_) {
    const size_t size_bytes = text.size() > kBlockBytes ? text.size() : kBlockBytes;
    blocks_.push_back(std::make_unique<char[]>(size_bytes));
    next_ = blocks_.back().get();
    left_bytes_ = size_bytes;
  }
  char* const place = next_;
  std::memcpy(place, text.data(), text.size());
  next_ += text.size();
  left_bytes_ -= text.size();
  return {place, text.size()};
}

Rows::Rows(std::span<const mortise_sysview_column_t> columns, std::span<const uint32_t> wanted)
    : slots_(columns.size(), -1) {
  for (const uint32_t column : wanted) {
    MORTISE_ASSERT(column < columns.size());
    const mortise_type_t type = plain_type(columns[column].sql_type);
    MORTISE_ASSERT(type.physical != MORTISE_PHYSICAL_NONE);
    if (slots_[column] < 0) {
      slots_[column] = static_cast<int32_t>(types_.size());
      types_.push_back(type);
    }
    outputs_.push_back(static_cast<size_t>(slots_[column]));
    output_types_.push_back(type);
  }
}

void Rows::begin_row() {
  ++rows_count_;
  if (!chunks_.empty() && chunks_.back().rows_count < kRowsPerBatch) {
    row_ = chunks_.back().rows_count++;
    return;
  }
  Chunk& chunk = chunks_.emplace_back();
  chunk.rows_count = 1;
  row_ = 0;
  const auto allocate = [](uint64_t size_bytes, int fill) {
    void* memory = ::operator new(size_bytes, std::align_val_t(64));
    std::memset(memory, fill, size_bytes);
    return Buffer(memory);
  };
  for (const mortise_type_t& type : types_) {
    const uint64_t bitmap_bytes = bitmap_size_bytes(kRowsPerBatch);
    const uint64_t data_bytes = type.physical == MORTISE_PHYSICAL_BOOL
                                    ? bitmap_bytes
                                    : uint64_t{width_bytes(type.physical)} * kRowsPerBatch;
    chunk.columns.push_back({allocate(bitmap_bytes, 0xFF), allocate(data_bytes, 0)});
  }
}

void Rows::add_nulls() {
  begin_row();
  for (size_t slot = 0; slot < types_.size(); ++slot) put_null(slot);
}

void Rows::set_valid(size_t slot) {
  set_bit(static_cast<uint64_t*>(chunks_.back().columns[slot].validity.get()), row_);
}

void Rows::put_null(size_t slot) {
  clear_bit(static_cast<uint64_t*>(chunks_.back().columns[slot].validity.get()), row_);
}

void Rows::put_bool(size_t slot, bool value) {
  MORTISE_ASSERT(types_[slot].physical == MORTISE_PHYSICAL_BOOL);
  assign_bit(data<uint64_t>(slot), row_, value);
}

void Rows::put_integer(size_t slot, int64_t value) {
  switch (types_[slot].physical) {
    case MORTISE_PHYSICAL_INT16:
      data<int16_t>(slot)[row_] = static_cast<int16_t>(value);
      return;
    case MORTISE_PHYSICAL_INT32:
      data<int32_t>(slot)[row_] = static_cast<int32_t>(value);
      return;
    case MORTISE_PHYSICAL_INT64:
      data<int64_t>(slot)[row_] = value;
      return;
    default:
      put_real(slot, static_cast<double>(value));
  }
}

void Rows::put_real(size_t slot, double value) {
  if (types_[slot].physical == MORTISE_PHYSICAL_FLOAT32) {
    data<float>(slot)[row_] = static_cast<float>(value);
    return;
  }
  MORTISE_ASSERT(types_[slot].physical == MORTISE_PHYSICAL_FLOAT64);
  data<double>(slot)[row_] = value;
}

void Rows::put_text(size_t slot, std::string_view value) {
  MORTISE_ASSERT(is_view(types_[slot].physical));
  std::string array;
  if (types_[slot].physical == MORTISE_PHYSICAL_ORDERED) {
    array = array_value(types_[slot].sql_type, value);
    value = array;
  }
  if (value.size() > MORTISE_VIEW_INLINE_BYTES_MAX) value = strings_.keep(value);
  data<mortise_view_t>(slot)[row_] = view_to(value);
}

bool Rows::next(mortise_batch_t& batch) {
  if (next_chunk_ == chunks_.size()) return false;
  Chunk& chunk = chunks_[next_chunk_++];
  chunk.faces.clear();
  for (const size_t slot : outputs_) {
    const Column& column = chunk.columns[slot];
    chunk.faces.push_back(
        {static_cast<const uint64_t*>(column.validity.get()), column.data.get(), 0, 0});
  }
  batch = {};
  batch.struct_size_bytes = sizeof(batch);
  batch.rows_count = chunk.rows_count;
  batch.selected_count = chunk.rows_count;
  batch.columns_count = static_cast<uint32_t>(chunk.faces.size());
  batch.columns = chunk.faces.data();
  batch.types = output_types_.data();
  return true;
}

}  // namespace mortise::sql_catalog
