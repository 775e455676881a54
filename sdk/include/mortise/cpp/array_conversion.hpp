// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do columns of arrays become text or wire bytes, and come back?
//
// Rows are taken apart into one column of elements (cpp/element_column.hpp), the element type
// converts that column in pieces of a batch, and rows are put together again.
//
// Threads: [worker, concurrent].

#include <optional>
#include <vector>

#include "mortise/cpp/array_text_reader.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/element_column.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise {

// The form that elements have within an array (AY1 of cpp/array_type.hpp).
constexpr mortise_type_t array_element_form(mortise_type_t type) {
  if (type.sql_type != MORTISE_SQL_NUMERIC) return type;
  return {type.sql_type, type.modifier, MORTISE_PHYSICAL_NUMERIC, 0, 0, type.collation};
}
inline Result<mortise_type_t> array_element_type(const mortise_type_info_t& element,
                                                 int32_t modifier) {
  mortise_type_t type{};
  ErrorSlot slot;
  MORTISE_TRY(slot.status(element.resolve(modifier, &type, slot.get())));
  return array_element_form(type);
}

// What a conversion of a column of arrays works with.
struct ArrayConversion {
  using Function = decltype(mortise_type_info_t::text_in);

  const mortise_type_info_t& element;
  const mortise_type_t& type;  // the array's
  const mortise_evaluation_t* evaluation;

  Result<mortise_type_t> element_type() const { return array_element_type(element, type.modifier); }
  Status convert(Function function, const mortise_type_t& element_type,
                 const mortise_type_t& in_type, const ElementColumn& in, ElementColumn& out) const {
    if (function == nullptr) {
      return unsupported("type " + std::string(view_of(element.display)) +
                         " does not have this form");
    }
    for (size_t piece = 0; piece < in.pieces(); ++piece) {
      const mortise_column_t column = in.column(piece);
      const uint32_t rows = in.rows(piece);
      const mortise_arguments_t arguments{&column, &in_type, 1, rows, nullptr, rows, 0};
      mortise_column_out_t made = out.out(piece);
      ErrorSlot slot;
      MORTISE_TRY(slot.status(function(evaluation, &element_type, &arguments, &made, slot.get())));
      out.set_flags(piece, made.flags);
    }
    return {};
  }
  // Sets a row of a result to a copy of `bytes`.
  Status set(mortise_column_out_t& out, uint32_t row, std::string_view bytes) const {
    if (bytes.size() <= MORTISE_VIEW_INLINE_BYTES_MAX) {
      data_of<mortise_view_t>(out)[row] = view_to(bytes);
      return {};
    }
    if (bytes.size() > kSizeBytesMax) return limit("array size exceeds the maximum allowed");
    ErrorSlot slot;
    auto* place =
        static_cast<char*>(evaluation->allocate(evaluation->arena, bytes.size(), slot.get()));
    if (place == nullptr) return slot.status(MORTISE_E_NO_MEMORY);
    std::memcpy(place, bytes.data(), bytes.size());
    data_of<mortise_view_t>(out)[row] = view_to({place, bytes.size()});
    return {};
  }

  static constexpr size_t kSizeBytesMax = 1024 * 1024 * 1024 - 1;
  static constexpr mortise_type_t kText{MORTISE_SQL_TEXT, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0};
  static constexpr mortise_type_t kBytes{MORTISE_SQL_BYTEA, -1, MORTISE_PHYSICAL_BYTES, 0, 0, 0};
};

// Calls body(row) for selected rows that are not null and passes nulls through.
template <typename Body>
Status each_array(const mortise_arguments_t& arguments, mortise_column_out_t& out, Body&& body) {
  const Strings values(arguments.columns[0]);
  const bool is_dense = arguments.selection == nullptr;
  const uint32_t count = is_dense ? arguments.rows_count : arguments.selected_count;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t row = is_dense ? i : arguments.selection[i];
    if (!values.is_valid(row)) {
      clear_bit(out.validity, row);
      continue;
    }
    MORTISE_TRY(body(row, values[row]));
  }
  return {};
}

// A row that is being put together, with its place among all elements.
struct ArrayRow {
  uint32_t row;
  size_t first;
  uint32_t count;
  ArrayShape shape;
};

inline Status build_arrays(const ArrayConversion& conversion, const mortise_type_t& element_type,
                           const std::vector<ArrayRow>& rows, const ElementColumn& elements,
                           mortise_column_out_t& out) {
  ArrayBuilder builder(element_type.sql_type, element_type.physical);
  for (const ArrayRow& r : rows) {
    for (size_t i = r.first; i < r.first + r.count; ++i) {
      builder.add(elements.column(i / ElementColumn::kPieceRows),
                  static_cast<uint32_t>(i % ElementColumn::kPieceRows));
    }
    MORTISE_TRY(conversion.set(out, r.row, builder.finish(r.shape.span())));
  }
  return {};
}

inline Status array_text_in(const ArrayConversion& conversion, const mortise_arguments_t& arguments,
                            mortise_column_out_t& result) {
  MORTISE_TRY_ASSIGN(const mortise_type_t type, conversion.element_type());
  ArrayTextElements parsed;
  std::vector<ArrayRow> rows;
  MORTISE_TRY(each_array(arguments, result, [&](uint32_t row, std::string_view text) -> Status {
    const size_t first = parsed.list.size();
    MORTISE_TRY_ASSIGN(const ArrayShape shape, ArrayTextReader(text).read(parsed));
    rows.push_back({row, first, static_cast<uint32_t>(parsed.list.size() - first), shape});
    return {};
  }));
  ElementColumn texts(MORTISE_PHYSICAL_TEXT, parsed.list.size());
  ElementColumn values(type.physical, parsed.list.size());
  for (size_t i = 0; i < parsed.list.size(); ++i) {
    if (parsed.list[i].is_null) {
      texts.set_null(i);
    } else {
      texts.set(i, parsed.text(parsed.list[i]));
    }
  }
  MORTISE_TRY(
      conversion.convert(conversion.element.text_in, type, ArrayConversion::kText, texts, values));
  return build_arrays(conversion, type, rows, values, result);
}

// Takes arrays apart, converts their elements, and hands each row with its array, the column of
// what the elements became and the first of its own to `write`, which appends what the row becomes.
template <typename Write>
Status write_arrays(const ArrayConversion& conversion, ArrayConversion::Function function,
                    const mortise_arguments_t& arguments, mortise_column_out_t& result,
                    Write&& write) {
  MORTISE_TRY_ASSIGN(const mortise_type_t type, conversion.element_type());
  size_t count = 0;
  MORTISE_TRY(each_array(arguments, result, [&](uint32_t, std::string_view value) -> Status {
    MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
    if (array.element_physical() != type.physical) {
      return corrupt("array elements have another form than their type");
    }
    count += array.count();
    return {};
  }));
  ElementColumn values(type.physical, count);
  ElementColumn written(MORTISE_PHYSICAL_TEXT, count);
  size_t at = 0;
  MORTISE_TRY(each_array(arguments, result, [&](uint32_t, std::string_view value) -> Status {
    MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
    for (uint32_t i = 0; i < array.count(); ++i, ++at) {
      if (array.is_null(i)) {
        values.set_null(at);
      } else {
        mortise_column_out_t piece = values.out(at / ElementColumn::kPieceRows);
        array.read(i, piece, static_cast<uint32_t>(at % ElementColumn::kPieceRows));
      }
    }
    return {};
  }));
  MORTISE_TRY(conversion.convert(function, type, type, values, written));
  at = 0;
  std::string out;
  return each_array(arguments, result, [&](uint32_t row, std::string_view value) -> Status {
    MORTISE_TRY_ASSIGN(const ArrayView array, ArrayView::open(value));
    out.clear();
    write(row, array, written, at, out);
    at += array.count();
    return conversion.set(result, row, out);
  });
}

inline Status array_text_out(const ArrayConversion& conversion,
                             const mortise_arguments_t& arguments, mortise_column_out_t& result) {
  return write_arrays(conversion, conversion.element.text_out, arguments, result,
                      [](uint32_t, const ArrayView& array, const ElementColumn& texts, size_t first,
                         std::string& out) {
                        append_array_text(
                            array.dimensions(),
                            [&](uint32_t i) -> std::optional<std::string_view> {
                              if (!texts.is_valid(first + i)) return std::nullopt;
                              return texts.bytes(first + i);
                            },
                            out);
                      });
}

}  // namespace mortise
