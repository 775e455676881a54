// SPDX-License-Identifier: Apache-2.0

// string_to_table and regexp_split_to_table: a text taken apart into rows.

#include "table/cursor.hpp"
#include "table/lists.hpp"
#include "text/character.hpp"
#include "text/regex.hpp"

namespace mortise::sql_functions {
namespace {

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
    if (!texts.is_valid(0) || texts[0].empty()) return pieces;
    std::optional<std::string_view> null_text;
    if (call.arguments().columns_count > 2 && Strings(call.column(2)).is_valid(0)) {
      null_text = Strings(call.column(2))[0];
    }
    const auto put = [&](std::string_view piece) {
      if (null_text == piece) {
        pieces.rows.emplace_back();
      } else {
        pieces.rows.emplace_back(std::string(piece));
      }
    };
    std::string_view rest = texts[0];
    if (!marks.is_valid(0)) {
      while (!rest.empty()) {
        const size_t size = character_bytes(rest);
        put(rest.substr(0, size));
        rest.remove_prefix(size);
      }
      return pieces;
    }
    const std::string_view mark = marks[0];
    while (!mark.empty()) {
      const size_t at = rest.find(mark);
      if (at == std::string_view::npos) break;
      put(rest.substr(0, at));
      rest.remove_prefix(at + mark.size());
    }
    put(rest);
    return pieces;
  }
};

struct RegexPieces : Pieces {
  static Result<RegexPieces> open(Call& call) {
    RegexPieces pieces;
    const uint32_t count = call.arguments().columns_count;
    for (uint32_t i = 0; i < count; ++i) {
      if (!Strings(call.column(i)).is_valid(0)) return pieces;
    }
    const std::string_view flags = count > 2 ? Strings(call.column(2))[0] : std::string_view();
    MORTISE_TRY_ASSIGN(const RegexOptions options, parse_regex_options(flags, false));
    MORTISE_TRY_ASSIGN(const Regex regex, Regex::compile(Strings(call.column(1))[0], options));
    const std::string_view text = Strings(call.column(0))[0];
    size_t piece_start = 0;
    size_t from = 0;
    std::vector<std::string_view> match;
    while (from <= text.size() && regex.find(text, from, &match)) {
      const auto begin = static_cast<size_t>(match[0].data() - text.data());
      const size_t end = begin + match[0].size();
      // An empty match at the end, or right behind the last, splits nothing.
      if (match[0].empty() && begin >= text.size()) break;
      if (end > piece_start) {
        pieces.rows.emplace_back(std::string(text.substr(piece_start, begin - piece_start)));
        piece_start = end;
      }
      from = match[0].empty() ? begin + character_bytes(text.substr(begin)) : end;
    }
    pieces.rows.emplace_back(std::string(text.substr(piece_start)));
    return pieces;
  }
};

constexpr const auto* kStringPieces = set_of<StringPieces, "string_to_table", MORTISE_SQL_TEXT>;
constexpr const auto* kRegexPieces = set_of<RegexPieces, "regexp_split_to_table", MORTISE_SQL_TEXT>;

constexpr mortise_function_t kEntries[] = {
    table<"text,text:text">(6160, "string_to_table", kStringPieces, {.is_strict = false}),
    table<"text,text,text:text">(6161, "string_to_table", kStringPieces, {.is_strict = false}),
    table<"text,text:text">(2765, "regexp_split_to_table", kRegexPieces),
    table<"text,text,text:text">(2766, "regexp_split_to_table", kRegexPieces),
};

}  // namespace

const FunctionList kSplitFunctions = kEntries;

}  // namespace mortise::sql_functions
