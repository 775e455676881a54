// SPDX-License-Identifier: Apache-2.0

// string_to_table, regexp_split_to_table and regexp_matches: a text taken apart into rows.

#include "table/cursor.hpp"
#include "table/lists.hpp"
#include "text/pieces.hpp"
#include "text/regex_array.hpp"

namespace mortise::sql_functions {
namespace {

constexpr uint32_t kTextArray = 1009;
constexpr mortise_type_t kText = {MORTISE_SQL_TEXT, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0};

// Rows made at once; the argument lives no longer than `open`.
struct Pieces {
  std::vector<std::optional<std::string>> rows;
  size_t next = 0;

  Result<uint32_t> fill(Call& out, uint32_t rows_max) {
    uint32_t count = 0;
    for (; count < rows_max && next < rows.size(); ++count, ++next) {
      if (rows[next]) {
        MORTISE_TRY(out.set_copy(count, *rows[next]));
      } else {
        out.set_null(count);
      }
    }
    return count;
  }
  mortise_type_t type() const { return kText; }
};

// A null delimiter splits into characters, an empty one not at all.
struct StringPieces : Pieces {
  static Result<StringPieces> open(Call& call) {
    StringPieces pieces;
    const Strings texts(call.column(0));
    const Strings marks(call.column(1));
    if (!texts.is_valid(0)) return pieces;
    std::optional<std::string_view> mark;
    if (marks.is_valid(0)) mark = marks[0];
    std::optional<std::string_view> null_text;
    if (call.arguments().columns_count > 2 && Strings(call.column(2)).is_valid(0)) {
      null_text = Strings(call.column(2))[0];
    }
    for (const std::string_view piece : split_text(texts[0], mark)) {
      pieces.rows.emplace_back();
      if (null_text != piece) pieces.rows.back() = std::string(piece);
    }
    return pieces;
  }
};

bool has_null(const Call& call) {
  for (uint32_t i = 0; i < call.arguments().columns_count; ++i) {
    if (!Strings(call.column(i)).is_valid(0)) return true;
  }
  return false;
}
std::string_view flags_of(const Call& call) {
  return call.arguments().columns_count > 2 ? Strings(call.column(2))[0] : std::string_view();
}

struct RegexPieces : Pieces {
  static Result<RegexPieces> open(Call& call) {
    RegexPieces pieces;
    if (has_null(call)) return pieces;
    MORTISE_TRY_ASSIGN(const RegexOptions options,
                       parse_local_options(flags_of(call), "regexp_split_to_table"));
    MORTISE_TRY_ASSIGN(const Regex regex, Regex::compile(Strings(call.column(1))[0], options));
    for (const std::string_view piece : split_by_regex(Strings(call.column(0))[0], regex)) {
      pieces.rows.emplace_back(std::string(piece));
    }
    return pieces;
  }
};

// A row with the groups of each match; of the first only, unless the flags have g.
struct RegexMatches : Pieces {
  static Result<RegexMatches> open(Call& call) {
    RegexMatches matches;
    if (has_null(call)) return matches;
    MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(flags_of(call), true));
    MORTISE_TRY_ASSIGN(const Regex regex, Regex::compile(Strings(call.column(1))[0], options));
    each_match(regex, Strings(call.column(0))[0], 0, [&](const RegexMatch& match, int64_t) {
      matches.rows.emplace_back(match_array(match));
      return options.is_global;
    });
    return matches;
  }
  mortise_type_t type() const { return {kTextArray, -1, MORTISE_PHYSICAL_ORDERED, 0, 0, 0}; }
};

constexpr const auto* kStringPieces = set_of<StringPieces, "string_to_table", MORTISE_SQL_TEXT>;
constexpr const auto* kRegexPieces = set_of<RegexPieces, "regexp_split_to_table", MORTISE_SQL_TEXT>;

constexpr const auto* kRegexMatches = set_of<RegexMatches, "regexp_matches", kTextArray>;

constexpr mortise_function_t kEntries[] = {
    table<"text,text:text">(6160, "string_to_table", kStringPieces, {.is_strict = false}),
    table<"text,text,text:text">(6161, "string_to_table", kStringPieces, {.is_strict = false}),
    table<"text,text:text">(2765, "regexp_split_to_table", kRegexPieces),
    table<"text,text,text:text">(2766, "regexp_split_to_table", kRegexPieces),
    table<"text,text:_text">(2763, "regexp_matches", kRegexMatches),
    table<"text,text,text:_text">(2764, "regexp_matches", kRegexMatches),
};

}  // namespace

const FunctionList kSplitFunctions = kEntries;

}  // namespace mortise::sql_functions
