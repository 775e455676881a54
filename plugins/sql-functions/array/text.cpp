// SPDX-License-Identifier: Apache-2.0

// array_to_string and string_to_array.

#include "array/element.hpp"
#include "array/lists.hpp"
#include "text/pieces.hpp"
#include "types/known_type.hpp"

namespace mortise::sql_functions {
namespace {

// Elements one after the other whatever the dimensions; null ones are left out without a text.
Status join(Call& call) {
  const Strings separators(call.column(1));
  std::optional<Strings> null_texts;
  if (call.arguments().columns_count > 2) null_texts.emplace(call.column(2));
  MORTISE_TRY_ASSIGN(const mortise_type_info_t* element, known_element_type(call.type(0).sql_type));
  MORTISE_TRY(write_arrays({*element, call.type(0), call.evaluation()}, element->text_out,
                           call.arguments(), call.out(),
                           [&](uint32_t row, const ArrayView& array, const ElementColumn& texts,
                               size_t first, std::string& out) {
                             if (!separators.is_valid(row)) return;
                             const bool shows_nulls = null_texts && null_texts->is_valid(row);
                             bool is_first = true;
                             for (size_t i = first; i < first + array.count(); ++i) {
                               if (!texts.is_valid(i) && !shows_nulls) continue;
                               if (!is_first) out.append(separators[row]);
                               is_first = false;
                               out.append(texts.is_valid(i) ? texts.bytes(i) : (*null_texts)[row]);
                             }
                           }));
  return call.each([&](uint32_t row) {
    if (!separators.is_valid(row)) call.set_null(row);
  });
}

Status split(Call& call) {
  const Strings texts(call.column(0));
  const Strings marks(call.column(1));
  std::optional<Strings> null_texts;
  if (call.arguments().columns_count > 2) null_texts.emplace(call.column(2));
  ArrayBuilder builder(MORTISE_SQL_TEXT, MORTISE_PHYSICAL_TEXT);
  return call.each([&](uint32_t row) -> Status {
    if (!texts.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    std::optional<std::string_view> mark;
    if (marks.is_valid(row)) mark = marks[row];
    std::optional<std::string_view> null_text;
    if (null_texts && null_texts->is_valid(row)) null_text = (*null_texts)[row];
    for (const std::string_view piece : split_text(texts[row], mark)) {
      if (null_text == piece) {
        builder.add_null();
      } else {
        const mortise_view_t view = view_to(piece);
        builder.add({nullptr, &view, 0, 0}, 0);
      }
    }
    return call.set_copy(row, builder.finish());
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"anyarray,text:text">(395, "array_to_string", batch<&join>,
                                 {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"anyarray,text,text:text">(
        384, "array_to_string", batch<&join>,
        {.volatility = MORTISE_VOLATILITY_STABLE, .is_strict = false}),
    scalar<"text,text:_text">(394, "string_to_array", batch<&split>, {.is_strict = false}),
    scalar<"text,text,text:_text">(376, "string_to_array", batch<&split>, {.is_strict = false}),
};

}  // namespace

const FunctionList kArrayTexts = kTable;

}  // namespace mortise::sql_functions
