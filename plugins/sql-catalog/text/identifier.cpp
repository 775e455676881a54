// SPDX-License-Identifier: Apache-2.0
#include "text/identifier.hpp"

#include <algorithm>

#include "text/words.hpp"

namespace mortise::sql_catalog {
namespace {

// Keywords of PostgreSQL 15 that are not free to be names everywhere.
constexpr std::string_view kKeywords = R"(
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
boolean both case cast char character check coalesce collate collation column concurrently
constraint create cross current_catalog current_date current_role current_schema current_time
current_timestamp current_user dec decimal default deferrable desc distinct do else end except
exists extract false fetch float for foreign freeze from full grant greatest group grouping
having ilike in initially inner inout int integer intersect interval into is isnull join
lateral leading least left like limit localtime localtimestamp national natural nchar none
normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay
placing position precision primary real references returning right row select session_user
setof similar smallint some substring symmetric table tablesample then time timestamp to
trailing treat trim true union unique user using values varchar variadic verbose when where
window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse
xmlpi xmlroot xmlserialize xmltable
)";

bool is_keyword(std::string_view name) {
  static const std::vector<std::string_view> sorted = words(kKeywords, " \n");
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool is_part(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '$';
}
char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view after_spaces(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  return text;
}

// Takes one name off the front; false if there is none.
bool take_name(std::string_view& text, std::string& name) {
  text = after_spaces(text);
  name.clear();
  if (text.starts_with('"')) {
    text.remove_prefix(1);
    for (;;) {
      const size_t end = text.find('"');
      if (end == std::string_view::npos) return false;
      name.append(text.substr(0, end));
      text.remove_prefix(end + 1);
      if (!text.starts_with('"')) break;
      name.push_back('"');
      text.remove_prefix(1);
    }
    text = after_spaces(text);
    return !name.empty();
  }
  while (!text.empty() && (name.empty() ? is_letter(text.front()) : is_part(text.front()))) {
    name.push_back(lower(text.front()));
    text.remove_prefix(1);
  }
  text = after_spaces(text);
  return !name.empty();
}

}  // namespace

std::string quote_identifier(std::string_view name) {
  bool is_plain = !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_');
  for (const char c : name) {
    is_plain = is_plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  }
  if (is_plain && !is_keyword(name)) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string quote_literal(std::string_view text) {
  std::string out = text.find('\\') == std::string_view::npos ? "'" : "E'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

Result<std::vector<std::string>> split_name(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  std::string_view rest = text;
  for (;;) {
    if (!take_name(rest, part)) return Status(Code::invalid, "42602", "invalid name syntax");
    parts.push_back(part);
    if (rest.empty()) return parts;
    if (rest.front() != '.') return Status(Code::invalid, "42602", "invalid name syntax");
    rest.remove_prefix(1);
  }
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> names;
  std::string name;
  while (!after_spaces(text).empty()) {
    text = after_spaces(text);
    if (text.starts_with('$')) {  // $user, written without quotes
      text.remove_prefix(1);
      if (!take_name(text, name)) return names;
      name.insert(0, "$");
    } else if (!take_name(text, name)) {
      return names;
    }
    names.push_back(name);
    if (!text.starts_with(',')) return names;
    text.remove_prefix(1);
  }
  return names;
}

}  // namespace mortise::sql_catalog
