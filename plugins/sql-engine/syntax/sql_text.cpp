// SPDX-License-Identifier: Apache-2.0

#include "syntax/sql_text.hpp"

#include <algorithm>
#include <array>

namespace mortise::sql_engine {
namespace {

// Words that cannot be a plain column name.
constexpr std::array<std::string_view, 77> kReserved = {"all",          "analyse",
                                                        "analyze",      "and",
                                                        "any",          "array",
                                                        "as",           "asc",
                                                        "asymmetric",   "both",
                                                        "case",         "cast",
                                                        "check",        "collate",
                                                        "column",       "constraint",
                                                        "create",       "current_catalog",
                                                        "current_date", "current_role",
                                                        "current_time", "current_timestamp",
                                                        "current_user", "default",
                                                        "deferrable",   "desc",
                                                        "distinct",     "do",
                                                        "else",         "end",
                                                        "except",       "false",
                                                        "fetch",        "for",
                                                        "foreign",      "from",
                                                        "grant",        "group",
                                                        "having",       "in",
                                                        "initially",    "intersect",
                                                        "into",         "lateral",
                                                        "leading",      "limit",
                                                        "localtime",    "localtimestamp",
                                                        "not",          "null",
                                                        "offset",       "on",
                                                        "only",         "or",
                                                        "order",        "placing",
                                                        "primary",      "references",
                                                        "returning",    "select",
                                                        "session_user", "some",
                                                        "symmetric",    "table",
                                                        "then",         "to",
                                                        "trailing",     "true",
                                                        "union",        "unique",
                                                        "user",         "using",
                                                        "variadic",     "when",
                                                        "where",        "window",
                                                        "with"};

class Writer {
 public:
  Status write(Node node, std::string& out);

 private:
  Status list(Node nodes, std::string_view between, std::string& out) {
    bool is_first = true;
    for (const Node node : nodes) {
      if (!is_first) out.append(between);
      is_first = false;
      MORTISE_TRY(write(node, out));
    }
    return {};
  }
  Status nested(Node node, std::string& out) {
    out.append("(");
    MORTISE_TRY(list(node, node.is(MORTISE_SYNTAX_AND) ? " AND " : " OR ", out));
    out.append(")");
    return {};
  }
  Status literal(Node node, std::string& out);
  Status names(Node nodes, std::string& out);
  Status call(Node node, std::string& out);
  Status type(Node node, std::string& out);
  Status case_when(Node node, std::string& out);
  Status binary(Node left, std::string_view symbol, Node right, std::string& out) {
    out.append("(");
    if (left) {
      MORTISE_TRY(write(left, out));
      out.append(" ");
    }
    out.append(symbol);
    if (left || symbol != "-") out.append(" ");
    MORTISE_TRY(write(right, out));
    out.append(")");
    return {};
  }
  Status worded(Node node, std::string& out);
  Status list_call(std::string_view word, Node node, std::string& out) {
    out.append(word).append("(");
    MORTISE_TRY(list(node, ", ", out));
    out.append(")");
    return {};
  }
};

Status Writer::literal(Node node, std::string& out) {
  switch (node.kind()) {
    case MORTISE_SYNTAX_NULL:
      out.append("NULL");
      break;
    case MORTISE_SYNTAX_BOOLEAN:
      out.append(node.number() != 0 ? "true" : "false");
      break;
    case MORTISE_SYNTAX_INTEGER:
      out.append(std::to_string(node.number()));
      break;
    case MORTISE_SYNTAX_NUMERIC:
      out.append(node.text());
      break;
    default:
      out.append(quoted_literal(node.text()));
      break;
  }
  return {};
}

Status Writer::names(Node nodes, std::string& out) {
  bool is_first = true;
  for (const Node name : nodes) {
    if (!is_first) out.append(".");
    is_first = false;
    out.append(name.is(MORTISE_SYNTAX_STAR) ? "*" : quoted_identifier(name.text()));
  }
  return {};
}

Status Writer::type(Node node, std::string& out) {
  // The grammar's own names for the usual types are shown as SQL spells them.
  static constexpr std::pair<std::string_view, std::string_view> kSpelled[] = {
      {"int2", "smallint"},
      {"int4", "integer"},
      {"int8", "bigint"},
      {"float4", "real"},
      {"float8", "double precision"},
      {"bool", "boolean"},
      {"varchar", "character varying"},
      {"bpchar", "character"},
      {"timestamp", "timestamp without time zone"},
      {"timestamptz", "timestamp with time zone"},
      {"time", "time without time zone"},
      {"timetz", "time with time zone"}};
  std::string_view name;
  std::string_view schema;
  for (const Node part : node[0]) {
    schema = name;
    name = part.text();
  }
  std::string shown = quoted_identifier(name);
  for (const auto& [word, spelled] : kSpelled) {
    if (word == name && (schema.empty() || schema == "pg_catalog")) shown.assign(spelled);
  }
  if (node[1].count() > 0) {
    std::string modifiers("(");
    MORTISE_TRY(list(node[1], ",", modifiers));
    modifiers.append(")");
    const size_t with = shown.find(" with");
    shown.insert(with == std::string::npos ? shown.size() : with, modifiers);
  }
  out.append(shown);
  for (uint32_t i = 0; i < node[2].count(); ++i) out.append("[]");
  return {};
}

Status Writer::call(Node node, std::string& out) {
  if (node[4] || node[3] || node[2].count() > 0) {
    return unsupported("this call is not supported in a stored expression");
  }
  std::string_view schema;
  std::string_view name;
  for (const Node part : node[0]) {
    schema = name;
    name = part.text();
  }
  if (!schema.empty() && schema != "pg_catalog") {
    out.append(quoted_identifier(schema)).append(".");
  }
  out.append(quoted_identifier(name)).append("(");
  if (node.has(MORTISE_SYNTAX_FLAG_A)) out.append("*");
  MORTISE_TRY(list(node[1], ", ", out));
  out.append(")");
  return {};
}

Status Writer::case_when(Node node, std::string& out) {
  out.append("CASE");
  if (node[0]) {
    out.append(" ");
    MORTISE_TRY(write(node[0], out));
  }
  for (const Node when : node[1]) {
    out.append(" WHEN ");
    MORTISE_TRY(write(when[0], out));
    out.append(" THEN ");
    MORTISE_TRY(write(when[1], out));
  }
  if (node[2]) {
    out.append(" ELSE ");
    MORTISE_TRY(write(node[2], out));
  }
  out.append(" END");
  return {};
}

// What SQL writes in words.
Status Writer::worded(Node node, std::string& out) {
  const bool is_negated = node.has(MORTISE_SYNTAX_NOT);
  out.append("(");
  MORTISE_TRY(write(node[0], out));
  switch (node.kind()) {
    case MORTISE_SYNTAX_IS_NULL:
      out.append(is_negated ? " IS NOT NULL" : " IS NULL");
      break;
    case MORTISE_SYNTAX_IS_BOOLEAN: {
      static constexpr std::string_view kWords[] = {"FALSE", "TRUE", "UNKNOWN"};
      out.append(is_negated ? " IS NOT " : " IS ");
      out.append(kWords[static_cast<size_t>(node.number()) % 3]);
      break;
    }
    case MORTISE_SYNTAX_DISTINCT_FROM:
      out.append(is_negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
      MORTISE_TRY(write(node[1], out));
      break;
    case MORTISE_SYNTAX_IN_LIST:
      out.append(is_negated ? " NOT IN (" : " IN (");
      MORTISE_TRY(list(node[1], ", ", out));
      out.append(")");
      break;
    case MORTISE_SYNTAX_BETWEEN:
      out.append(is_negated ? " NOT BETWEEN " : " BETWEEN ");
      if (node.has(MORTISE_SYNTAX_FLAG_A)) out.append("SYMMETRIC ");
      MORTISE_TRY(write(node[1], out));
      out.append(" AND ");
      MORTISE_TRY(write(node[2], out));
      break;
    case MORTISE_SYNTAX_LIKE: {
      const std::string_view word = node.has(MORTISE_SYNTAX_FLAG_B)   ? "SIMILAR TO "
                                    : node.has(MORTISE_SYNTAX_FLAG_A) ? "ILIKE "
                                                                      : "LIKE ";
      out.append(is_negated ? " NOT " : " ").append(word);
      MORTISE_TRY(write(node[1], out));
      if (node[2]) {
        out.append(" ESCAPE ");
        MORTISE_TRY(write(node[2], out));
      }
      break;
    }
    default: {  // AT TIME ZONE
      out.append(" AT TIME ZONE ");
      MORTISE_TRY(write(node[1], out));
      break;
    }
  }
  out.append(")");
  return {};
}

Status Writer::write(Node node, std::string& out) {
  switch (node.kind()) {
    case MORTISE_SYNTAX_NULL:
    case MORTISE_SYNTAX_BOOLEAN:
    case MORTISE_SYNTAX_INTEGER:
    case MORTISE_SYNTAX_NUMERIC:
    case MORTISE_SYNTAX_STRING:
      return literal(node, out);
    case MORTISE_SYNTAX_COLUMN:
      return names(node, out);
    case MORTISE_SYNTAX_OPERATOR:
      return binary(node[0], node.text() == "!=" ? "<>" : node.text(), node[1], out);
    case MORTISE_SYNTAX_AND:
    case MORTISE_SYNTAX_OR:
      return nested(node, out);
    case MORTISE_SYNTAX_NEGATION:
      out.append("(NOT ");
      MORTISE_TRY(write(node[0], out));
      out.append(")");
      return {};
    case MORTISE_SYNTAX_IS_NULL:
    case MORTISE_SYNTAX_IS_BOOLEAN:
    case MORTISE_SYNTAX_DISTINCT_FROM:
    case MORTISE_SYNTAX_IN_LIST:
    case MORTISE_SYNTAX_BETWEEN:
    case MORTISE_SYNTAX_LIKE:
    case MORTISE_SYNTAX_AT_TIME_ZONE:
      return worded(node, out);
    case MORTISE_SYNTAX_QUANTIFIED:
      out.append("(");
      MORTISE_TRY(write(node[0], out));
      out.append(" ")
          .append(node.text())
          .append(node.has(MORTISE_SYNTAX_ALL) ? " ALL (" : " ANY (");
      MORTISE_TRY(write(node[1], out));
      out.append("))");
      return {};
    case MORTISE_SYNTAX_ARRAY:
      out.append("ARRAY[");
      MORTISE_TRY(list(node, ", ", out));
      out.append("]");
      return {};
    case MORTISE_SYNTAX_CASE:
      return case_when(node, out);
    case MORTISE_SYNTAX_COALESCE:
      return list_call("COALESCE", node, out);
    case MORTISE_SYNTAX_GREATEST:
      return list_call("GREATEST", node, out);
    case MORTISE_SYNTAX_LEAST:
      return list_call("LEAST", node, out);
    case MORTISE_SYNTAX_NULLIF:
      return list_call("NULLIF", node, out);
    case MORTISE_SYNTAX_ROW:
      return list_call("ROW", node, out);
    case MORTISE_SYNTAX_CALL:
      return call(node, out);
    case MORTISE_SYNTAX_SQL_VALUE: {
      for (const char c : node.text()) {
        out.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c));
      }
      const bool has_precision = node.number() >= 0 && node.text() != "current_date" &&
                                 node.text().find("time") != std::string_view::npos;
      if (has_precision) out.append("(").append(std::to_string(node.number())).append(")");
      return {};
    }
    case MORTISE_SYNTAX_CAST: {
      const Node value = node[0];
      const bool is_plain = value.is(MORTISE_SYNTAX_STRING) || value.is(MORTISE_SYNTAX_CALL) ||
                            value.is(MORTISE_SYNTAX_NULL) || value.is(MORTISE_SYNTAX_BOOLEAN);
      if (!is_plain) out.append("(");
      MORTISE_TRY(write(value, out));
      if (!is_plain) out.append(")");
      out.append("::");
      return type(node[1], out);
    }
    case MORTISE_SYNTAX_COLLATE: {
      out.append("(");
      MORTISE_TRY(write(node[0], out));
      out.append(" COLLATE ");
      MORTISE_TRY(names(node[1], out));
      out.append(")");
      return {};
    }
    default:
      return unsupported("this kind of expression cannot be stored");
  }
}

}  // namespace

std::string quoted_identifier(std::string_view name) {
  bool is_plain = !name.empty() && ((name[0] >= 'a' && name[0] <= 'z') || name[0] == '_');
  for (const char c : name) {
    is_plain = is_plain && ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_');
  }
  if (is_plain && !std::binary_search(kReserved.begin(), kReserved.end(), name)) {
    return std::string(name);
  }
  std::string out("\"");
  for (const char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

std::string quoted_literal(std::string_view text) {
  const bool has_backslash = text.find('\\') != std::string_view::npos;
  std::string out(has_backslash ? "E'" : "'");
  for (const char c : text) {
    if (c == '\'' || c == '\\') out.push_back(c);
    out.push_back(c);
  }
  return out + "'";
}

Result<std::string> sql_text(Node expression) {
  std::string out;
  MORTISE_TRY(Writer().write(expression, out));
  return out;
}

}  // namespace mortise::sql_engine
