// SPDX-License-Identifier: Apache-2.0

// Functions that put texts together: ||, concat, concat_ws.

#include "text/any_text.hpp"
#include "text/lists.hpp"

namespace mortise::sql_functions {
namespace {

Result<mortise_view_t> joined(Call& call, std::string_view a, std::string_view b) {
  const uint64_t size = a.size() + b.size();
  if (size > Call::kStringSizeBytesMax) return Status(Code::limit, "54000", "string is too long");
  char small[MORTISE_VIEW_INLINE_BYTES_MAX];
  char* place = small;
  if (size > MORTISE_VIEW_INLINE_BYTES_MAX) {
    place = call.allocate(size);
    if (place == nullptr) return no_memory("out of memory");
  }
  if (!a.empty()) std::memcpy(place, a.data(), a.size());
  if (!b.empty()) std::memcpy(place + a.size(), b.data(), b.size());
  return view_to({place, size});
}

Status concatenate(Call& call) {
  const Strings a(call.column(0));
  const Strings b(call.column(1));
  auto* out = call.data<mortise_view_t>();
  return call.each([&](uint32_t row) -> Status {
    MORTISE_TRY_ASSIGN(out[row], joined(call, a[row], b[row]));
    return {};
  });
}

Status concatenate_any(Call& call) {
  MORTISE_TRY_ASSIGN(const AnyText a, AnyText::of(call, 0, true));
  MORTISE_TRY_ASSIGN(const AnyText b, AnyText::of(call, 1, true));
  auto* out = call.data<mortise_view_t>();
  return call.each([&](uint32_t row) -> Status {
    MORTISE_TRY_ASSIGN(out[row], joined(call, a[row], b[row]));
    return {};
  });
}

Status gather(Call& call, uint32_t first, std::vector<AnyText>* texts) {
  for (uint32_t i = first; i < call.arguments().columns_count; ++i) {
    MORTISE_TRY_ASSIGN(AnyText text, AnyText::of(call, i, false));
    texts->push_back(text);
  }
  return {};
}

Status concat(Call& call) {
  std::vector<AnyText> texts;
  MORTISE_TRY(gather(call, 0, &texts));
  std::string joined_text;
  return call.each([&](uint32_t row) -> Status {
    joined_text.clear();
    for (const AnyText& text : texts) {
      if (text.is_valid(row)) joined_text.append(text[row]);
    }
    return call.set_copy(row, joined_text);
  });
}

Status concat_with_separator(Call& call) {
  const Strings separators(call.column(0));
  std::vector<AnyText> texts;
  MORTISE_TRY(gather(call, 1, &texts));
  std::string joined_text;
  return call.each([&](uint32_t row) -> Status {
    if (!separators.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    joined_text.clear();
    bool is_first = true;
    for (const AnyText& text : texts) {
      if (!text.is_valid(row)) continue;
      if (!is_first) joined_text.append(separators[row]);
      joined_text.append(text[row]);
      is_first = false;
    }
    return call.set_copy(row, joined_text);
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,text:text">(1258, "textcat", &batch<&concatenate>, {.symbol = "||"}),
    scalar<"bytea,bytea:bytea">(2011, "byteacat", &batch<&concatenate>, {.symbol = "||"}),
    scalar<"text,anynonarray:text">(2003, "textanycat", &batch<&concatenate_any>,
                                    {.symbol = "||", .volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"anynonarray,text:text">(2004, "anytextcat", &batch<&concatenate_any>,
                                    {.symbol = "||", .volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"any:text">(3058, "concat", &batch<&concat>,
                       {.volatility = MORTISE_VOLATILITY_STABLE,
                        .is_strict = false,
                        .variadic_type = MORTISE_SQL_ANY}),
    scalar<"text,any:text">(3059, "concat_ws", &batch<&concat_with_separator>,
                            {.volatility = MORTISE_VOLATILITY_STABLE,
                             .is_strict = false,
                             .variadic_type = MORTISE_SQL_ANY}),
};

}  // namespace

const FunctionList kJoinFunctions = kTable;

}  // namespace mortise::sql_functions
