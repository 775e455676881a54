// SPDX-License-Identifier: Apache-2.0

// regexp_match and regexp_split_to_array, and parse_ident.

#include "text/regex_array.hpp"
#include "mortise/cpp/array_text.hpp"
#include "text/lists.hpp"
#include "text/pieces.hpp"
#include "text/regex_loop.hpp"

namespace mortise::sql_functions {

void add_text(ArrayBuilder& builder, std::string_view text) {
  if (text.data() == nullptr) return builder.add_null();
  const mortise_view_t view = view_to(text);
  builder.add({nullptr, &view, 0, 0}, 0);
}

std::string match_array(const RegexMatch& match) {
  ArrayBuilder builder(MORTISE_SQL_TEXT, MORTISE_PHYSICAL_TEXT);
  if (match.size() == 1) {
    add_text(builder, match[0]);
  } else {
    for (size_t i = 1; i < match.size(); ++i) add_text(builder, match[i]);
  }
  return builder.finish();
}

namespace {

using Array = Result<std::optional<std::string>>;

Array match_flags(RegexCache& cache, std::string_view text, std::string_view pattern,
                  std::string_view flags) {
  MORTISE_TRY_ASSIGN(
      const RegexOptions options,
      parse_local_options(flags, "regexp_match", "Use the regexp_matches function instead."));
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, options));
  RegexMatch match;
  if (!regex->find(text, 0, &match)) return std::optional<std::string>();
  return std::optional<std::string>(match_array(match));
}
Array match_plain(RegexCache& cache, std::string_view text, std::string_view pattern) {
  return match_flags(cache, text, pattern, {});
}

Result<std::string> split_flags(RegexCache& cache, std::string_view text, std::string_view pattern,
                                std::string_view flags) {
  MORTISE_TRY_ASSIGN(const RegexOptions options,
                     parse_local_options(flags, "regexp_split_to_array"));
  MORTISE_TRY_ASSIGN(const Regex* regex, cache.get(pattern, options));
  ArrayBuilder builder(MORTISE_SQL_TEXT, MORTISE_PHYSICAL_TEXT);
  for (const std::string_view piece : split_by_regex(text, *regex)) {
    add_text(builder, piece.empty() ? std::string_view("") : piece);
  }
  return builder.finish();
}
Result<std::string> split_plain(RegexCache& cache, std::string_view text,
                                std::string_view pattern) {
  return split_flags(cache, text, pattern, {});
}

bool begins_name(char c) {
  return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}
bool continues_name(char c) {
  return begins_name(c) || (c >= '0' && c <= '9') || c == '$';
}

Status bad_name(std::string_view text, std::string detail = {}) {
  Status status(Code::invalid, "22023",
                "string is not a valid identifier: \"" + std::string(text) + "\"");
  if (detail.empty()) return status;
  return std::move(status).with(MORTISE_ERROR_FIELD_DETAIL, std::move(detail));
}

// The quoted name at the front of `rest`, without its quotes.
Result<std::string> take_quoted(std::string_view text, std::string_view& rest) {
  std::string name;
  for (rest.remove_prefix(1);; rest.remove_prefix(1)) {
    if (rest.empty()) return bad_name(text, "String has unclosed double quotes.");
    if (rest[0] != '"') {
      name.push_back(rest[0]);
    } else if (rest.size() > 1 && rest[1] == '"') {
      name.push_back('"');
      rest.remove_prefix(1);
    } else {
      break;
    }
  }
  rest.remove_prefix(1);
  if (name.empty()) return bad_name(text, "Quoted identifier must not be empty.");
  return name;
}
std::string take_plain(std::string_view& rest) {
  std::string name;
  while (!rest.empty() && continues_name(rest[0])) {
    const char c = rest[0];
    name.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    rest.remove_prefix(1);
  }
  return name;
}

Result<std::string> parse_name(std::string_view text, bool is_strict) {
  ArrayBuilder builder(MORTISE_SQL_TEXT, MORTISE_PHYSICAL_TEXT);
  std::string_view rest = text;
  const auto skip_spaces = [&] {
    while (!rest.empty() && is_array_space(rest[0])) rest.remove_prefix(1);
  };
  skip_spaces();
  for (bool is_behind_dot = false;; is_behind_dot = true) {
    std::string name;
    if (!rest.empty() && rest[0] == '"') {
      MORTISE_TRY_ASSIGN(name, take_quoted(text, rest));
    } else if (!rest.empty() && begins_name(rest[0])) {
      name = take_plain(rest);
    } else if (!rest.empty() && rest[0] == '.') {
      return bad_name(text, "No valid identifier before \".\".");
    } else if (is_behind_dot) {
      return bad_name(text, "No valid identifier after \".\".");
    } else {
      return bad_name(text);
    }
    add_text(builder, name);
    skip_spaces();
    if (rest.empty()) return builder.finish();
    if (rest[0] != '.') {
      if (is_strict) return bad_name(text);
      return builder.finish();
    }
    rest.remove_prefix(1);
    skip_spaces();
  }
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,text:_text">(3396, "regexp_match", regex_row<&match_plain>),
    scalar<"text,text,text:_text">(3397, "regexp_match", regex_row<&match_flags>),
    scalar<"text,text:_text">(2767, "regexp_split_to_array", regex_row<&split_plain>),
    scalar<"text,text,text:_text">(2768, "regexp_split_to_array", regex_row<&split_flags>),
    scalar<"text,bool:_text">(1268, "parse_ident", row<&parse_name>),
};

}  // namespace

const FunctionList kRegexArrayFunctions = kTable;

}  // namespace mortise::sql_functions
