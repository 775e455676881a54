// SPDX-License-Identifier: Apache-2.0

// quote_ident, quote_literal, quote_nullable.

#include "mortise/cpp/sql_text.hpp"
#include "text/any_text.hpp"
#include "text/lists.hpp"

namespace mortise::sql_functions {
namespace {

std::string quote_ident(std::string_view name) {
  return quote_identifier(name);
}
std::string quote_text(std::string_view text) {
  return quote_literal(text);
}
std::string quote_nullable_text(std::optional<std::string_view> text) {
  return text ? quote_literal(*text) : std::string("NULL");
}

template <bool kIsNullable>
Status quote_any(Call& call) {
  MORTISE_TRY_ASSIGN(const AnyText text, AnyText::of(call, 0, true));
  return call.each([&](uint32_t row) -> Status {
    if (kIsNullable && !text.is_valid(row)) return call.set_copy(row, "NULL");
    return call.set_copy(row, quote_literal(text[row]));
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"text:text">(1282, "quote_ident", row<&quote_ident>),
    scalar<"text:text">(1283, "quote_literal", row<&quote_text>),
    scalar<"anyelement:text">(1285, "quote_literal", &batch<&quote_any<false>>,
                              {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text:text">(1289, "quote_nullable", row<&quote_nullable_text>, {.is_strict = false}),
    scalar<"anyelement:text">(1290, "quote_nullable", &batch<&quote_any<true>>,
                              {.volatility = MORTISE_VOLATILITY_STABLE, .is_strict = false}),
};

}  // namespace

const FunctionList kQuoteFunctions = kTable;

}  // namespace mortise::sql_functions
