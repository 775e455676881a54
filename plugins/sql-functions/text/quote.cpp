// SPDX-License-Identifier: Apache-2.0

// quote_ident, quote_literal, quote_nullable.

#include "text/quote.hpp"

#include <algorithm>
#include <iterator>

#include "text/any_text.hpp"
#include "text/lists.hpp"

namespace mortise::sql_functions {
namespace {

// PostgreSQL's keywords but the unreserved ones, in the order of their bytes.
constexpr std::string_view kKeywords[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

bool is_plain_name(std::string_view name) {
  if (name.empty() || !((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

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

std::string quote_identifier(std::string_view name) {
  if (is_plain_name(name) &&
      !std::binary_search(std::begin(kKeywords), std::end(kKeywords), name)) {
    return std::string(name);
  }
  std::string out(1, '"');
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

std::string quote_literal(std::string_view text) {
  std::string out;
  if (text.find('\\') != std::string_view::npos) out.push_back('E');
  out.push_back('\'');
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  out.push_back('\'');
  return out;
}

const FunctionList kQuoteFunctions = kTable;

}  // namespace mortise::sql_functions
