// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/row_layout.hpp"

#include <cstring>
#include <string>

#include "mortise/cpp/assert.hpp"

namespace mortise::heap {

bool view_row(std::span<const std::byte> body, RowView& row) {
  if (body.size() < kBodyHeaderBytes) return false;
  row.body = body.data();
  row.body_bytes = static_cast<uint32_t>(body.size());
  row.columns = load_le<uint16_t>(body.data());
  row.fixed_bytes = load_le<uint16_t>(body.data() + 2);
  row.var_count = load_le<uint16_t>(body.data() + 4);
  row.flags = load_le<uint8_t>(body.data() + 6);
  const bool has_nulls = (row.flags & kRowHasNulls) != 0;
  const uint32_t null_bytes = has_nulls ? (row.columns + 7u) / 8 : 0;
  const uint32_t ends = kBodyHeaderBytes + row.fixed_bytes + null_bytes;
  const uint32_t var = ends + 2u * row.var_count;
  if (var > body.size()) return false;
  row.nulls = has_nulls ? body.data() + kBodyHeaderBytes + row.fixed_bytes : nullptr;
  row.var_ends = body.data() + ends;
  row.var = body.data() + var;
  row.var_bytes = row.body_bytes - var;
  return true;
}

void collect_large(const RowView& row, std::vector<LargeRef>& refs) {
  if ((row.flags & kRowHasLarge) == 0) return;
  for (uint32_t i = 0; i < row.var_count; ++i) {
    const RowView::Var var = row.var_at(i);
    if (!var.is_large || var.bytes.size() != kLargeRefBytes) continue;
    LargeRef ref;
    std::memcpy(&ref, var.bytes.data(), sizeof(ref));
    refs.push_back(ref);
  }
}

Result<TableLayout> TableLayout::make(const mortise_table_desc_t& desc) {
  if (desc.columns_count > kColumnsMax) {
    return Status(Code::limit, "54011", "tables can have at most 1600 columns");
  }
  TableLayout layout;
  layout.columns_.reserve(desc.columns_count);
  for (uint32_t i = 0; i < desc.columns_count; ++i) {
    const mortise_table_column_t& from = desc.columns[i];
    const uint32_t width = scan::width_of(from.type.physical);
    if (width == 0) {
      return invalid("column has an unknown physical type: " + std::to_string(from.type.physical));
    }
    Column column{};
    column.type = from.type;
    column.is_dropped = from.is_dropped != 0;
    column.is_var = scan::is_view(from.type.physical);
    column.width = static_cast<uint16_t>(width);
    column.has_missing = from.has_missing_value != 0 && from.missing_value != nullptr;
    if (column.has_missing && column.is_var) {
      const auto view = scan::load_value<mortise_view_t>(from.missing_value);
      const std::byte* bytes = reinterpret_cast<const std::byte*>(scan::view_data(view));
      column.missing.assign(bytes, bytes + view.size_bytes);
    } else if (column.has_missing) {
      const std::byte* bytes = static_cast<const std::byte*>(from.missing_value);
      column.missing.assign(bytes, bytes + width);
    }
    if (column.is_var) {
      column.var_index = static_cast<uint16_t>(layout.var_count_++);
    } else {
      column.fixed_offset = static_cast<uint16_t>(layout.fixed_bytes_);
      layout.fixed_bytes_ += width;
    }
    layout.columns_.push_back(std::move(column));
  }
  for (Column& column : layout.columns_) {  // after the vector has stopped moving
    if (column.is_var) {
      column.missing_view =
          scan::make_view(column.missing.data(), static_cast<uint32_t>(column.missing.size()));
    }
  }
  return layout;
}

uint32_t TableLayout::narrow_body_bytes() const {
  return kBodyHeaderBytes + fixed_bytes_ + (column_count() + 7) / 8 +
         var_count_ * (2 + kLargeRefBytes);
}

ValueSource stored_value(const TableLayout& layout, const RowView& row, uint32_t index) {
  const TableLayout::Column& column = layout.column(index);
  ValueSource value;
  if (column.is_dropped) return value;
  if (index >= row.columns) {
    value.is_null = !column.has_missing;
    if (column.is_var) {
      value.var = column.missing;
    } else {
      value.fixed = column.missing.data();
    }
    return value;
  }
  if (row.is_null(index)) return value;
  if (column.is_var) {
    if (column.var_index >= row.var_count) return value;
    const RowView::Var var = row.var_at(column.var_index);
    value.var = var.bytes;
    value.is_large = var.is_large;
  } else {
    if (column.fixed_offset + uint32_t{column.width} > row.fixed_bytes) return value;
    value.fixed = row.body + kBodyHeaderBytes + column.fixed_offset;
  }
  value.is_null = false;
  return value;
}

ValueSource batch_value(const mortise_column_t& column, const TableLayout::Column& target,
                        uint32_t index, std::byte* scratch) {
  ValueSource value;
  const uint32_t row = (column.flags & MORTISE_COLUMN_CONSTANT) != 0 ? 0 : index;
  if (column.validity != nullptr && ((column.validity[row / 64] >> (row % 64)) & 1) == 0) {
    return value;
  }
  value.is_null = false;
  const std::byte* data = static_cast<const std::byte*>(column.data);
  if (target.type.physical == MORTISE_PHYSICAL_BOOL) {
    const uint64_t word = static_cast<const uint64_t*>(column.data)[row / 64];
    *scratch = static_cast<std::byte>((word >> (row % 64)) & 1);
    value.fixed = scratch;
  } else if (target.is_var) {
    const mortise_view_t* view = static_cast<const mortise_view_t*>(column.data) + row;
    value.var = {reinterpret_cast<const std::byte*>(scan::view_data(*view)), view->size_bytes};
  } else {
    value.fixed = data + size_t{row} * target.width;
  }
  return value;
}

uint64_t body_bytes(const TableLayout& layout, std::span<const ValueSource> values) {
  uint64_t bytes = kBodyHeaderBytes + layout.fixed_bytes() + 2 * layout.var_count();
  bool has_nulls = false;
  for (const ValueSource& value : values) {
    has_nulls = has_nulls || value.is_null;
    if (!value.is_null) bytes += value.var.size();
  }
  return has_nulls ? bytes + (values.size() + 7) / 8 : bytes;
}

Status append_body(const TableLayout& layout, std::span<const ValueSource> values,
                   std::vector<std::byte>& into) {
  MORTISE_ASSERT(values.size() == layout.column_count());
  const uint64_t size = body_bytes(layout, values);
  if (size >= kVarLarge) return limit("row is too wide: " + std::to_string(size) + " bytes");
  const size_t begin = into.size();
  into.resize(begin + size);
  std::byte* body = into.data() + begin;
  const uint32_t columns = layout.column_count();
  uint8_t flags = 0;
  for (const ValueSource& value : values) {
    if (value.is_null) flags |= kRowHasNulls;
    if (value.is_large) flags |= kRowHasLarge;
  }
  store_le(body, static_cast<uint16_t>(columns));
  store_le(body + 2, static_cast<uint16_t>(layout.fixed_bytes()));
  store_le(body + 4, static_cast<uint16_t>(layout.var_count()));
  store_le(body + 6, flags);
  std::byte* fixed = body + kBodyHeaderBytes;
  std::byte* nulls = fixed + layout.fixed_bytes();
  std::byte* ends = nulls + ((flags & kRowHasNulls) != 0 ? (columns + 7) / 8 : 0);
  std::byte* var = ends + 2 * layout.var_count();
  uint32_t end = 0;
  for (uint32_t i = 0; i < columns; ++i) {
    const TableLayout::Column& column = layout.column(i);
    const ValueSource& value = values[i];
    if (value.is_null) nulls[i / 8] |= static_cast<std::byte>(1u << (i % 8));
    if (!column.is_var) {
      if (!value.is_null) std::memcpy(fixed + column.fixed_offset, value.fixed, column.width);
      continue;
    }
    if (!value.is_null && !value.var.empty()) {
      std::memcpy(var + end, value.var.data(), value.var.size());
      end += static_cast<uint32_t>(value.var.size());
    }
    const uint16_t word = static_cast<uint16_t>(end | (value.is_large ? kVarLarge : 0u));
    store_le(ends + 2 * column.var_index, word);
  }
  return {};
}

}  // namespace mortise::heap
