// SPDX-License-Identifier: Apache-2.0

// ~ and its relatives, SIMILAR TO, and the functions that find and replace by regular expression.
//
// The operators compile a constant pattern when the call is bound; the functions keep the last one.

#include <algorithm>

#include "evaluate.hpp"
#include "failures.hpp"
#include "text/lists.hpp"
#include "text/padding.hpp"
#include "text/regex_loop.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

RegexOptions options_for(bool folds_case) {
  RegexOptions options;
  options.folds_case = folds_case;
  return options;
}

template <bool kFolds>
mortise_status_t MORTISE_CALL bind_regex(const mortise_bind_argument_t* arguments, uint32_t,
                                         mortise_type_t*, void** state, mortise_error_t* error) {
  *state = nullptr;
  if (arguments[1].constant == nullptr) return MORTISE_OK;
  return guard(error, [&]() -> Status {
    const auto* view = static_cast<const mortise_view_t*>(arguments[1].constant);
    // A bad pattern fails when a row meets it, not before.
    Result<Regex> regex = Regex::compile(text_of(*view), options_for(kFolds));
    if (regex) *state = new Regex(*std::move(regex));
    return {};
  });
}
void MORTISE_CALL unbind_regex(void* state) {
  delete static_cast<Regex*>(state);
}

template <bool kFolds, bool kIsNegated, bool kIsPadded>
Status match_rows(Call& call) {
  const Strings texts(call.column(0));
  const Strings patterns(call.column(1));
  const auto* bound = call.state<Regex>();
  auto* words = call.data<uint64_t>();
  RegexCache cache;
  return call.each([&](uint32_t row) -> Status {
    const Regex* regex = bound;
    if (regex == nullptr) {
      MORTISE_TRY_ASSIGN(regex, cache.get(patterns[row], options_for(kFolds)));
    }
    std::string_view text = texts[row];
    if constexpr (kIsPadded) {
      MORTISE_TRY_ASSIGN(text, padded(call, text, call.type(0).modifier));
    }
    assign_bit(words, row, regex->is_found_in(text) != kIsNegated);
    return {};
  });
}
template <bool kFolds, bool kIsNegated, bool kIsPadded = false>
constexpr mortise_function_evaluate_t match = &batch<&match_rows<kFolds, kIsNegated, kIsPadded>>;

// \1 to \9 and \& name groups in a replacement.
void append_replacement(std::string_view replacement, const RegexMatch& match, std::string* out) {
  for (size_t i = 0; i < replacement.size(); ++i) {
    const char c = replacement[i];
    if (c != '\\' || i + 1 == replacement.size()) {
      out->push_back(c);
      continue;
    }
    const char mark = replacement[++i];
    if (mark >= '1' && mark <= '9') {
      const auto group = static_cast<size_t>(mark - '0');
      if (group < match.size()) out->append(match[group]);
    } else if (mark == '&') {
      out->append(match[0]);
    } else if (mark == '\\') {
      out->push_back('\\');
    } else {
      out->push_back('\\');
      out->push_back(mark);
    }
  }
}

// Replaces the occurrence `wanted`, all from the first on when it is 0.
std::string replaced(const Regex& regex, std::string_view text, std::string_view replacement,
                     size_t start, int64_t wanted) {
  std::string out;
  size_t copied = 0;
  each_match(regex, text, start, [&](const RegexMatch& match, int64_t number) {
    if (wanted != 0 && number < wanted) return true;
    const auto begin = static_cast<size_t>(match[0].data() - text.data());
    out.append(text.substr(copied, begin - copied));
    append_replacement(replacement, match, &out);
    copied = begin + match[0].size();
    return wanted == 0;
  });
  out.append(text.substr(copied));
  return out;
}

Result<std::string> replace_first(RegexCache& cache, std::string_view text,
                                  std::string_view pattern, std::string_view replacement) {
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, {}));
  return replaced(*regex, text, replacement, 0, 1);
}
Result<std::string> replace_by_flags(RegexCache& cache, std::string_view text,
                                     std::string_view pattern, std::string_view replacement,
                                     std::string_view flags) {
  if (!flags.empty() && flags[0] >= '0' && flags[0] <= '9') {
    return Status(Code::invalid, "22023",
                  "invalid regular expression option: \"" + std::string(1, flags[0]) + "\"")
        .with(MORTISE_ERROR_FIELD_HINT,
              "If you meant to use regexp_replace() with a start parameter, cast the fourth "
              "argument to integer explicitly.");
  }
  MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(flags, true));
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, options));
  return replaced(*regex, text, replacement, 0, options.is_global ? 0 : 1);
}

Status bad_parameter(const char* name, int64_t value) {
  return {Code::invalid, "22023",
          "invalid value for parameter \"" + std::string(name) + "\": " + std::to_string(value)};
}
// Byte of a position in characters.
Result<size_t> start_of(std::string_view text, int32_t position) {
  if (position <= 0) return bad_parameter("start", position);
  const auto skipped = static_cast<uint64_t>(position - 1);
  if (skipped > count_characters(text)) return text.size() + 1;
  return static_cast<size_t>(bytes_of_characters(text, skipped));
}

Result<std::string> replace_from(RegexCache& cache, std::string_view text, std::string_view pattern,
                                 std::string_view replacement, int32_t start, int32_t number,
                                 std::string_view flags) {
  if (start <= 0) return bad_parameter("start", start);
  if (number < 0) return bad_parameter("n", number);
  MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(flags, true));
  MORTISE_TRY_ASSIGN(const size_t at, start_of(text, start));
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, options));
  return replaced(*regex, text, replacement, at, number);
}
Result<std::string> replace_from_plain(RegexCache& cache, std::string_view text,
                                       std::string_view pattern, std::string_view replacement,
                                       int32_t start, int32_t number) {
  return replace_from(cache, text, pattern, replacement, start, number, "");
}
Result<std::string> replace_from_first(RegexCache& cache, std::string_view text,
                                       std::string_view pattern, std::string_view replacement,
                                       int32_t start) {
  return replace_from(cache, text, pattern, replacement, start, 1, "");
}

// The first group if there is one, else the whole match.
Result<std::optional<std::string_view>> substring_by_regex(RegexCache& cache, std::string_view text,
                                                           std::string_view pattern) {
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, {}));
  RegexMatch match;
  if (!regex->find(text, 0, &match)) return std::optional<std::string_view>();
  if (regex->groups_count() == 0) return std::optional(match[0]);
  if (match[1].data() == nullptr) return std::optional<std::string_view>();
  return std::optional(match[1]);
}
Result<std::optional<std::string_view>> substring_similar(RegexCache& cache, std::string_view text,
                                                          std::string_view pattern,
                                                          std::string_view escape) {
  MORTISE_TRY_ASSIGN(const std::string regex, similar_to_regex(pattern, escape, true));
  return substring_by_regex(cache, text, regex);
}

Result<bool> like_flags(RegexCache& cache, std::string_view text, std::string_view pattern,
                        std::string_view flags) {
  MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(flags, false));
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, options));
  return regex->is_found_in(text);
}
Result<bool> like_plain(RegexCache& cache, std::string_view text, std::string_view pattern) {
  return like_flags(cache, text, pattern, "");
}

Result<int32_t> count_from(RegexCache& cache, std::string_view text, std::string_view pattern,
                           int32_t start, std::string_view flags) {
  if (start <= 0) return bad_parameter("start", start);
  MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(flags, false));
  MORTISE_TRY_ASSIGN(const size_t at, start_of(text, start));
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, options));
  int32_t count = 0;
  each_match(*regex, text, at, [&](const RegexMatch&, int64_t) {
    ++count;
    return true;
  });
  return count;
}
Result<int32_t> count_from_plain(RegexCache& cache, std::string_view text, std::string_view pattern,
                                 int32_t start) {
  return count_from(cache, text, pattern, start, "");
}
Result<int32_t> count_plain(RegexCache& cache, std::string_view text, std::string_view pattern) {
  return count_from(cache, text, pattern, 1, "");
}

// The group of the wanted occurrence; null data when it is not there.
Result<std::string_view> occurrence(RegexCache& cache, std::string_view text,
                                    std::string_view pattern, int32_t start, int32_t number,
                                    std::string_view flags, int32_t group) {
  if (start <= 0) return bad_parameter("start", start);
  if (number <= 0) return bad_parameter("n", number);
  if (group < 0) return bad_parameter("subexpr", group);
  MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(flags, false));
  MORTISE_TRY_ASSIGN(const size_t at, start_of(text, start));
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, options));
  std::string_view found;
  each_match(*regex, text, at, [&](const RegexMatch& match, int64_t seen) {
    if (seen < number) return true;
    if (static_cast<size_t>(group) < match.size()) found = match[static_cast<size_t>(group)];
    return false;
  });
  return found;
}

Result<std::optional<std::string_view>> substr_full(RegexCache& cache, std::string_view text,
                                                    std::string_view pattern, int32_t start,
                                                    int32_t number, std::string_view flags,
                                                    int32_t group) {
  MORTISE_TRY_ASSIGN(const std::string_view found,
                     occurrence(cache, text, pattern, start, number, flags, group));
  if (found.data() == nullptr) return std::optional<std::string_view>();
  return std::optional(found);
}
Result<std::optional<std::string_view>> substr_plain(RegexCache& cache, std::string_view text,
                                                     std::string_view pattern) {
  return substr_full(cache, text, pattern, 1, 1, "", 0);
}
Result<std::optional<std::string_view>> substr_from(RegexCache& cache, std::string_view text,
                                                    std::string_view pattern, int32_t start) {
  return substr_full(cache, text, pattern, start, 1, "", 0);
}
Result<std::optional<std::string_view>> substr_number(RegexCache& cache, std::string_view text,
                                                      std::string_view pattern, int32_t start,
                                                      int32_t number) {
  return substr_full(cache, text, pattern, start, number, "", 0);
}
Result<std::optional<std::string_view>> substr_flags(RegexCache& cache, std::string_view text,
                                                     std::string_view pattern, int32_t start,
                                                     int32_t number, std::string_view flags) {
  return substr_full(cache, text, pattern, start, number, flags, 0);
}

Result<int32_t> instr_full(RegexCache& cache, std::string_view text, std::string_view pattern,
                           int32_t start, int32_t number, int32_t end_option,
                           std::string_view flags, int32_t group) {
  if (end_option != 0 && end_option != 1) return bad_parameter("endoption", end_option);
  MORTISE_TRY_ASSIGN(const std::string_view found,
                     occurrence(cache, text, pattern, start, number, flags, group));
  if (found.data() == nullptr) return 0;
  const auto begin = static_cast<size_t>(found.data() - text.data());
  const size_t at = end_option == 1 ? begin + found.size() : begin;
  return static_cast<int32_t>(count_characters(text.substr(0, at))) + 1;
}
Result<int32_t> instr_plain(RegexCache& cache, std::string_view text, std::string_view pattern) {
  return instr_full(cache, text, pattern, 1, 1, 0, "", 0);
}
Result<int32_t> instr_from(RegexCache& cache, std::string_view text, std::string_view pattern,
                           int32_t start) {
  return instr_full(cache, text, pattern, start, 1, 0, "", 0);
}
Result<int32_t> instr_number(RegexCache& cache, std::string_view text, std::string_view pattern,
                             int32_t start, int32_t number) {
  return instr_full(cache, text, pattern, start, number, 0, "", 0);
}

Result<std::string> similar_escape(std::string_view pattern, std::string_view escape) {
  return similar_to_regex(pattern, escape);
}
Result<std::string> similar_escape_plain(std::string_view pattern) {
  return similar_to_regex(pattern, "\\");
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,text:bool">(
        1254, "textregexeq", match<false, false>,
        {.symbol = "~", .negator = "!~", .bind = &bind_regex<false>, .unbind = &unbind_regex}),
    scalar<"text,text:bool">(
        1256, "textregexne", match<false, true>,
        {.symbol = "!~", .negator = "~", .bind = &bind_regex<false>, .unbind = &unbind_regex}),
    scalar<"text,text:bool">(
        1238, "texticregexeq", match<true, false>,
        {.symbol = "~*", .negator = "!~*", .bind = &bind_regex<true>, .unbind = &unbind_regex}),
    scalar<"text,text:bool">(
        1239, "texticregexne", match<true, true>,
        {.symbol = "!~*", .negator = "~*", .bind = &bind_regex<true>, .unbind = &unbind_regex}),
    scalar<"name,text:bool">(
        79, "nameregexeq", match<false, false>,
        {.symbol = "~", .negator = "!~", .bind = &bind_regex<false>, .unbind = &unbind_regex}),
    scalar<"name,text:bool">(
        1252, "nameregexne", match<false, true>,
        {.symbol = "!~", .negator = "~", .bind = &bind_regex<false>, .unbind = &unbind_regex}),
    scalar<"name,text:bool">(
        1240, "nameicregexeq", match<true, false>,
        {.symbol = "~*", .negator = "!~*", .bind = &bind_regex<true>, .unbind = &unbind_regex}),
    scalar<"name,text:bool">(
        1241, "nameicregexne", match<true, true>,
        {.symbol = "!~*", .negator = "~*", .bind = &bind_regex<true>, .unbind = &unbind_regex}),
    scalar<"bpchar,text:bool">(
        1658, "bpcharregexeq", match<false, false, true>,
        {.symbol = "~", .negator = "!~", .bind = &bind_regex<false>, .unbind = &unbind_regex}),
    scalar<"bpchar,text:bool">(
        1659, "bpcharregexne", match<false, true, true>,
        {.symbol = "!~", .negator = "~", .bind = &bind_regex<false>, .unbind = &unbind_regex}),
    scalar<"bpchar,text:bool">(
        1656, "bpcharicregexeq", match<true, false, true>,
        {.symbol = "~*", .negator = "!~*", .bind = &bind_regex<true>, .unbind = &unbind_regex}),
    scalar<"bpchar,text:bool">(
        1657, "bpcharicregexne", match<true, true, true>,
        {.symbol = "!~*", .negator = "~*", .bind = &bind_regex<true>, .unbind = &unbind_regex}),
    scalar<"text,text,text:text">(2284, "regexp_replace", regex_row<&replace_first>),
    scalar<"text,text,text,text:text">(2285, "regexp_replace", regex_row<&replace_by_flags>),
    scalar<"text,text,text,int4:text">(6253, "regexp_replace", regex_row<&replace_from_first>),
    scalar<"text,text,text,int4,int4:text">(6252, "regexp_replace", regex_row<&replace_from_plain>),
    scalar<"text,text,text,int4,int4,text:text">(6251, "regexp_replace", regex_row<&replace_from>),
    scalar<"text,text:text">(2073, "substring", regex_row<&substring_by_regex>),
    scalar<"text,text,text:text">(2074, "substring", regex_row<&substring_similar>),
    scalar<"text,text:bool">(6263, "regexp_like", regex_row<&like_plain>),
    scalar<"text,text,text:bool">(6264, "regexp_like", regex_row<&like_flags>),
    scalar<"text,text:int4">(6254, "regexp_count", regex_row<&count_plain>),
    scalar<"text,text,int4:int4">(6255, "regexp_count", regex_row<&count_from_plain>),
    scalar<"text,text,int4,text:int4">(6256, "regexp_count", regex_row<&count_from>),
    scalar<"text,text:text">(6265, "regexp_substr", regex_row<&substr_plain>),
    scalar<"text,text,int4:text">(6266, "regexp_substr", regex_row<&substr_from>),
    scalar<"text,text,int4,int4:text">(6267, "regexp_substr", regex_row<&substr_number>),
    scalar<"text,text,int4,int4,text:text">(6268, "regexp_substr", regex_row<&substr_flags>),
    scalar<"text,text,int4,int4,text,int4:text">(6269, "regexp_substr", regex_row<&substr_full>),
    scalar<"text,text:int4">(6257, "regexp_instr", regex_row<&instr_plain>),
    scalar<"text,text,int4:int4">(6258, "regexp_instr", regex_row<&instr_from>),
    scalar<"text,text,int4,int4:int4">(6259, "regexp_instr", regex_row<&instr_number>),
    scalar<"text,text,int4,int4,int4,text,int4:int4">(6262, "regexp_instr", regex_row<&instr_full>),
    scalar<"text,text:text">(1986, "similar_to_escape", row<&similar_escape>),
    scalar<"text:text">(1987, "similar_to_escape", row<&similar_escape_plain>),
};

}  // namespace

const FunctionList kRegexFunctions = kTable;

}  // namespace mortise::sql_functions
