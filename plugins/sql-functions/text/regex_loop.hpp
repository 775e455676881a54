// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a function over one text and its regular expression walk a column, and a text's
// matches?
//
// Threads: [worker, concurrent].

#include "evaluate.hpp"
#include "text/regex.hpp"

namespace mortise::sql_functions {

// The cache of a function over single values lives as long as the column's loop.
template <auto Function, typename Signature = decltype(Function)>
struct RegexLoop;
template <auto Function, typename R, typename... A>
struct RegexLoop<Function, R (*)(RegexCache&, A...)> {
  static Status run(Call& call) { return walk(call, std::index_sequence_for<A...>()); }
  template <size_t... I>
  static Status walk(Call& call, std::index_sequence<I...>) {
    RegexCache cache;
    std::tuple<Reader<std::remove_cvref_t<A>>...> readers{
        Reader<std::remove_cvref_t<A>>(call, static_cast<uint32_t>(I))...};
    return call.each([&](uint32_t at) -> Status {
      return Writer<R>::write(call, at, Function(cache, std::get<I>(readers)[at]...));
    });
  }
};
template <auto Function>
constexpr mortise_function_evaluate_t regex_row = &batch<&RegexLoop<Function>::run>;

using RegexMatch = std::vector<std::string_view>;

// Calls use(match, number) for each match from byte `start` on, until it answers false.
template <typename Use>
void each_match(const Regex& regex, std::string_view text, size_t start, Use&& use) {
  RegexMatch match;
  for (int64_t number = 1; regex.find(text, start, &match); ++number) {
    if (!use(match, number)) return;
    const auto end = static_cast<size_t>(match[0].data() + match[0].size() - text.data());
    if (!match[0].empty()) {
      start = end;
    } else {
      start = end + 1;
      while (start < text.size() && (static_cast<uint8_t>(text[start]) & 0xC0) == 0x80) ++start;
    }
  }
}

// Options of a function that finds one match or all pieces: g is refused by the function's name.
inline Result<RegexOptions> parse_local_options(std::string_view letters, const char* function,
                                                const char* hint = nullptr) {
  MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(letters, true));
  if (!options.is_global) return options;
  Status status(Code::invalid, "22023",
                std::string(function) + "() does not support the \"global\" option");
  if (hint == nullptr) return status;
  return std::move(status).with(MORTISE_ERROR_FIELD_HINT, hint);
}

}  // namespace mortise::sql_functions
