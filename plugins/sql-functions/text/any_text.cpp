// SPDX-License-Identifier: Apache-2.0

#include "text/any_text.hpp"

#include "types/known_type.hpp"

namespace mortise::sql_functions {

Result<AnyText> AnyText::of(Call& call, uint32_t index, bool as_cast) {
  const mortise_column_t& column = call.column(index);
  const mortise_type_t& type = call.type(index);
  const bool is_text = type.physical == MORTISE_PHYSICAL_TEXT &&
                       (type.sql_type != MORTISE_SQL_BPCHAR || type.modifier < 0 || as_cast);
  if (is_text) return AnyText(column, static_cast<const mortise_view_t*>(column.data));
  const mortise_type_info_t* info = known_type(type.sql_type);
  if (info == nullptr) {
    return unsupported("no text form for type " + std::to_string(type.sql_type));
  }
  const uint32_t rows = is_constant(column) ? 1 : call.rows_count();
  const uint64_t bitmap_bytes = bitmap_size_bytes(rows);
  char* memory = call.allocate(bitmap_bytes + uint64_t{rows} * sizeof(mortise_view_t) + 64);
  if (memory == nullptr) return no_memory("out of memory");
  // Long strings before this may have left the chunk at any byte.
  memory += (64 - reinterpret_cast<uintptr_t>(memory) % 64) % 64;
  std::memset(memory, 0xFF, bitmap_bytes);
  auto* views = reinterpret_cast<mortise_view_t*>(memory + bitmap_bytes);
  if (type.sql_type == MORTISE_SQL_BOOL && as_cast) {
    const Booleans in(column);
    for (uint32_t row = 0; row < rows; ++row) views[row] = view_to(in[row] ? "true" : "false");
    return AnyText(column, views);
  }
  mortise_column_out_t out{reinterpret_cast<uint64_t*>(memory), views, 0, 0};
  mortise_arguments_t arguments = call.arguments();
  arguments.columns = &column;
  arguments.types = &type;
  arguments.columns_count = 1;
  if (is_constant(column)) {
    arguments.rows_count = 1;
    arguments.selection = nullptr;
    arguments.selected_count = 1;
  }
  ErrorSlot slot;
  const mortise_status_t status =
      info->text_out(call.evaluation(), &type, &arguments, &out, slot.get());
  if (status < 0) return slot.status(status);
  return AnyText(column, views);
}

}  // namespace mortise::sql_functions
