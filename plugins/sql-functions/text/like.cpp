// SPDX-License-Identifier: Apache-2.0

// LIKE, ILIKE and their negations on text, name, char(n) and bytea.
//
// A constant pattern is compiled when the call is bound; otherwise the last one is kept, since a
// pattern column repeats itself as a rule.  char(n) matches with its blanks, as in PostgreSQL.

#include <memory>

#include "evaluate.hpp"
#include "text/like_pattern.hpp"
#include "text/lists.hpp"
#include "text/padding.hpp"

namespace mortise::sql_functions {
namespace {

template <bool kFolds>
mortise_status_t MORTISE_CALL bind_pattern(const mortise_bind_argument_t* arguments, uint32_t,
                                           mortise_type_t*, void** state, mortise_error_t* error) {
  *state = nullptr;
  if (arguments[1].constant == nullptr) return MORTISE_OK;
  return guard(error, [&]() -> Status {
    const auto* view = static_cast<const mortise_view_t*>(arguments[1].constant);
    *state = new LikePattern(LikePattern::compile(text_of(*view), kFolds));
    return {};
  });
}
void MORTISE_CALL unbind_pattern(void* state) {
  delete static_cast<LikePattern*>(state);
}

template <bool kFolds, bool kIsNegated, bool kIsPadded>
Status like(Call& call) {
  const Strings texts(call.column(0));
  const Strings patterns(call.column(1));
  const auto* bound = call.state<LikePattern>();
  auto* words = call.data<uint64_t>();
  std::optional<LikePattern> kept;
  std::string kept_text;
  return call.each([&](uint32_t row) -> Status {
    const LikePattern* pattern = bound;
    if (pattern == nullptr) {
      if (!kept || kept_text != patterns[row]) {
        kept = LikePattern::compile(patterns[row], kFolds);
        kept_text = patterns[row];
      }
      pattern = &*kept;
    }
    std::string_view text = texts[row];
    if constexpr (kIsPadded) {
      MORTISE_TRY_ASSIGN(text, padded(call, text, call.type(0).modifier));
    }
    MORTISE_TRY_ASSIGN(const bool is_match, pattern->matches(text));
    assign_bit(words, row, is_match != kIsNegated);
    return {};
  });
}

template <bool kFolds, bool kIsNegated, bool kIsPadded = false>
constexpr mortise_function_evaluate_t match = &batch<&like<kFolds, kIsNegated, kIsPadded>>;

// LIKE ... ESCAPE: rewrites the pattern so that its escape character is the backslash.
Result<std::string> like_escape(std::string_view pattern, std::string_view escape) {
  std::string out;
  if (escape.empty()) {
    for (const char c : pattern) {
      if (c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    return out;
  }
  size_t characters = 0;
  for (const char c : escape) characters += (static_cast<uint8_t>(c) & 0xC0) != 0x80 ? 1 : 0;
  if (characters != 1) {
    return Status(Code::invalid, "22025", "invalid escape string")
        .with(MORTISE_ERROR_FIELD_HINT, "Escape string must be empty or one character.");
  }
  if (escape == "\\") return std::string(pattern);
  bool was_escape = false;
  for (size_t i = 0; i < pattern.size();) {
    if (!was_escape && pattern.substr(i).starts_with(escape)) {
      out.push_back('\\');
      was_escape = true;
      i += escape.size();
      continue;
    }
    if (pattern[i] == '\\' && !was_escape) out.push_back('\\');
    out.push_back(pattern[i++]);
    was_escape = false;
  }
  return out;
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,text:bool">(850, "textlike", match<false, false>,
                             {.symbol = "~~",
                              .negator = "!~~",
                              .bind = &bind_pattern<false>,
                              .unbind = &unbind_pattern}),
    scalar<"text,text:bool">(851, "textnlike", match<false, true>,
                             {.symbol = "!~~",
                              .negator = "~~",
                              .bind = &bind_pattern<false>,
                              .unbind = &unbind_pattern}),
    scalar<"text,text:bool">(1633, "texticlike", match<true, false>,
                             {.symbol = "~~*",
                              .negator = "!~~*",
                              .bind = &bind_pattern<true>,
                              .unbind = &unbind_pattern}),
    scalar<"text,text:bool">(1634, "texticnlike", match<true, true>,
                             {.symbol = "!~~*",
                              .negator = "~~*",
                              .bind = &bind_pattern<true>,
                              .unbind = &unbind_pattern}),
    scalar<"name,text:bool">(858, "namelike", match<false, false>,
                             {.symbol = "~~",
                              .negator = "!~~",
                              .bind = &bind_pattern<false>,
                              .unbind = &unbind_pattern}),
    scalar<"name,text:bool">(859, "namenlike", match<false, true>,
                             {.symbol = "!~~",
                              .negator = "~~",
                              .bind = &bind_pattern<false>,
                              .unbind = &unbind_pattern}),
    scalar<"name,text:bool">(1635, "nameiclike", match<true, false>,
                             {.symbol = "~~*",
                              .negator = "!~~*",
                              .bind = &bind_pattern<true>,
                              .unbind = &unbind_pattern}),
    scalar<"name,text:bool">(1636, "nameicnlike", match<true, true>,
                             {.symbol = "!~~*",
                              .negator = "~~*",
                              .bind = &bind_pattern<true>,
                              .unbind = &unbind_pattern}),
    scalar<"bpchar,text:bool">(1631, "bpcharlike", match<false, false, true>,
                               {.symbol = "~~",
                                .negator = "!~~",
                                .bind = &bind_pattern<false>,
                                .unbind = &unbind_pattern}),
    scalar<"bpchar,text:bool">(1632, "bpcharnlike", match<false, true, true>,
                               {.symbol = "!~~",
                                .negator = "~~",
                                .bind = &bind_pattern<false>,
                                .unbind = &unbind_pattern}),
    scalar<"bpchar,text:bool">(1660, "bpchariclike", match<true, false, true>,
                               {.symbol = "~~*",
                                .negator = "!~~*",
                                .bind = &bind_pattern<true>,
                                .unbind = &unbind_pattern}),
    scalar<"bpchar,text:bool">(1661, "bpcharicnlike", match<true, true, true>,
                               {.symbol = "!~~*",
                                .negator = "~~*",
                                .bind = &bind_pattern<true>,
                                .unbind = &unbind_pattern}),
    scalar<"bytea,bytea:bool">(2005, "bytealike", match<false, false>,
                               {.symbol = "~~",
                                .negator = "!~~",
                                .bind = &bind_pattern<false>,
                                .unbind = &unbind_pattern}),
    scalar<"bytea,bytea:bool">(2006, "byteanlike", match<false, true>,
                               {.symbol = "!~~",
                                .negator = "~~",
                                .bind = &bind_pattern<false>,
                                .unbind = &unbind_pattern}),
    scalar<"text,text:bool">(1569, "like", match<false, false>,
                             {.bind = &bind_pattern<false>, .unbind = &unbind_pattern}),
    scalar<"text,text:bool">(1570, "notlike", match<false, true>,
                             {.bind = &bind_pattern<false>, .unbind = &unbind_pattern}),
    scalar<"text,text:text">(1637, "like_escape", row<&like_escape>),
};

}  // namespace

const FunctionList kLikeFunctions = kTable;

}  // namespace mortise::sql_functions
