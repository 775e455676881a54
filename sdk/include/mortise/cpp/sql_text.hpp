// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a name or a text written in SQL, so that it is read back as the same?
//
//   quote_identifier("Order")  "Order"      quote_identifier("id")  id
//   quote_literal("it's")      'it''s'      quote_literal("a\\b")  E'a\\\\b'
//
// The rules are PostgreSQL's, whose texts clients compare: a name stands bare when it is a plain
// lower-case word and no keyword that is reserved anywhere.
//
// Threads: pure functions; [any].

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace mortise {
namespace detail {

// PostgreSQL 15's keywords but the unreserved ones, in the order of their bytes.
// clang-format off
inline constexpr std::string_view kQuotedKeywords[] = {
    "all", "analyse", "analyze", "and", "any", "array", "as", "asc", "asymmetric",
    "authorization", "between", "bigint", "binary", "bit", "boolean", "both", "case", "cast",
    "char", "character", "check", "coalesce", "collate", "collation", "column", "concurrently",
    "constraint", "create", "cross", "current_catalog", "current_date", "current_role",
    "current_schema", "current_time", "current_timestamp", "current_user", "dec", "decimal",
    "default", "deferrable", "desc", "distinct", "do", "else", "end", "except", "exists",
    "extract", "false", "fetch", "float", "for", "foreign", "freeze", "from", "full", "grant",
    "greatest", "group", "grouping", "having", "ilike", "in", "initially", "inner", "inout",
    "int", "integer", "intersect", "interval", "into", "is", "isnull", "join", "lateral",
    "leading", "least", "left", "like", "limit", "localtime", "localtimestamp", "national",
    "natural", "nchar", "none", "normalize", "not", "notnull", "null", "nullif", "numeric",
    "offset", "on", "only", "or", "order", "out", "outer", "overlaps", "overlay", "placing",
    "position", "precision", "primary", "real", "references", "returning", "right", "row",
    "select", "session_user", "setof", "similar", "smallint", "some", "substring", "symmetric",
    "table", "tablesample", "then", "time", "timestamp", "to", "trailing", "treat", "trim",
    "true", "union", "unique", "user", "using", "values", "varchar", "variadic", "verbose",
    "when", "where", "window", "with", "xmlattributes", "xmlconcat", "xmlelement", "xmlexists",
    "xmlforest", "xmlnamespaces", "xmlparse", "xmlpi", "xmlroot", "xmlserialize", "xmltable",
};
// clang-format on
static_assert(std::is_sorted(std::begin(kQuotedKeywords), std::end(kQuotedKeywords)));

}  // namespace detail

inline bool needs_quotes(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (name.empty() || !is_letter(name.front())) return true;
  const bool is_plain = std::all_of(name.begin(), name.end(),
                                    [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  return !is_plain || std::binary_search(std::begin(detail::kQuotedKeywords),
                                         std::end(detail::kQuotedKeywords), name);
}

// Quoted if it has to be.
inline std::string quote_identifier(std::string_view name) {
  if (!needs_quotes(name)) return std::string(name);
  std::string out(1, '"');
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

inline std::string quote_literal(std::string_view text) {
  std::string out(text.find('\\') == std::string_view::npos ? "'" : "E'");
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

}  // namespace mortise
