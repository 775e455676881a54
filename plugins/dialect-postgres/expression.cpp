// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "number.hpp"
#include "reader.hpp"

namespace mortise::dialect_postgres {

namespace {
constexpr int64_t kNoBound = -1;
}  // namespace

int64_t Reader::integer(Json n, uint32_t position) const {
  if (n["ival"]) return n.number("ival");
  if (position == 0 || position > whole_.size()) return 0;
  return -first_digits(whole_.substr(position - 1));
}

Id Reader::names(Json entries) {
  return list(entries, [this](Json e) {
    if (e.type() == "A_Star") return tree_.node(MORTISE_SYNTAX_STAR);
    return tree_.name(e.body().text("sval"));
  });
}

std::vector<Id> Reader::children(Json entries) {
  std::vector<Id> ids;
  entries.each([&](Json e) { ids.push_back(expression(e)); });
  return ids;
}

Id Reader::constant(Json n) {
  const uint32_t at = position(n);
  if (n.flag("isnull")) return tree_.node(MORTISE_SYNTAX_NULL, {.position_bytes = at});
  if (Json v = n["ival"]) {
    return tree_.node(MORTISE_SYNTAX_INTEGER, {.position_bytes = at, .number = integer(v, at)});
  }
  if (Json v = n["fval"]) {
    return tree_.node(MORTISE_SYNTAX_NUMERIC, {.position_bytes = at, .text = v.text("fval")});
  }
  if (Json v = n["boolval"]) {
    return tree_.node(MORTISE_SYNTAX_BOOLEAN,
                      {.position_bytes = at, .number = v.flag("boolval") ? 1 : 0});
  }
  if (Json v = n["sval"]) {
    return tree_.node(MORTISE_SYNTAX_STRING, {.position_bytes = at, .text = v.text("sval")});
  }
  if (Json v = n["bsval"]) {
    return tree_.node(MORTISE_SYNTAX_BIT_STRING, {.position_bytes = at, .text = v.text("bsval")});
  }
  return tree_.refuse("this constant", at);
}

Id Reader::column(Json n) {
  std::vector<Id> parts;
  n.each("fields", [&](Json f) {
    parts.push_back(f.type() == "A_Star" ? tree_.node(MORTISE_SYNTAX_STAR)
                                         : tree_.name(f.body().text("sval")));
  });
  return tree_.node(MORTISE_SYNTAX_COLUMN, {.position_bytes = position(n)}, parts);
}

// LIKE, ILIKE and SIMILAR TO.  An ESCAPE clause arrives as a call of like_escape(pattern, escape),
// SIMILAR TO always as similar_to_escape(pattern[, escape]).
Id Reader::like(Json n, uint32_t flags) {
  Json right = n["rexpr"];
  Id pattern = 0;
  Id escape = 0;
  if (right.type() == "FuncCall") {
    Json call = right.body();
    std::string_view name;
    call.each("funcname", [&](Json part) { name = part.body().text("sval"); });
    if (name == "like_escape" || name == "similar_to_escape") {
      std::vector<Id> arguments = children(call["args"]);
      pattern = arguments.empty() ? 0 : arguments[0];
      escape = arguments.size() > 1 ? arguments[1] : 0;
    }
  }
  if (pattern == 0) pattern = expression(right);
  return tree_.node(MORTISE_SYNTAX_LIKE, {.flags = flags, .position_bytes = position(n)},
                    {expression(n["lexpr"]), pattern, escape});
}

Id Reader::between(Json n, std::string_view kind) {
  uint32_t flags = kind.find("NOT") != std::string_view::npos ? MORTISE_SYNTAX_NOT : 0;
  if (kind.find("SYM") != std::string_view::npos) flags |= MORTISE_SYNTAX_FLAG_A;
  std::vector<Id> bounds = children(n["rexpr"].body()["items"]);
  if (bounds.size() != 2) return tree_.refuse("this BETWEEN", position(n));
  return tree_.node(MORTISE_SYNTAX_BETWEEN, {.flags = flags, .position_bytes = position(n)},
                    {expression(n["lexpr"]), bounds[0], bounds[1]});
}

Id Reader::operation(Json n) {
  const std::string_view kind = n.text("kind");
  const uint32_t at = position(n);
  std::vector<std::string_view> name;
  n.each("name", [&](Json part) { name.push_back(part.body().text("sval")); });
  const std::string_view symbol = name.empty() ? std::string_view() : name.back();
  const uint32_t negated = symbol.starts_with('!') || symbol == "<>" ? MORTISE_SYNTAX_NOT : 0;

  if (kind == "AEXPR_OP") {
    std::vector<Id> schema;
    for (size_t i = 0; i + 1 < name.size(); ++i) schema.push_back(tree_.name(name[i]));
    return tree_.node(MORTISE_SYNTAX_OPERATOR, {.position_bytes = at, .text = symbol},
                      {expression(n["lexpr"]), expression(n["rexpr"]), tree_.list(schema)});
  }
  if (kind == "AEXPR_OP_ANY" || kind == "AEXPR_OP_ALL") {
    return tree_.node(MORTISE_SYNTAX_QUANTIFIED,
                      {.flags = kind == "AEXPR_OP_ALL" ? MORTISE_SYNTAX_ALL : 0,
                       .position_bytes = at,
                       .text = symbol},
                      {expression(n["lexpr"]), expression(n["rexpr"])});
  }
  if (kind == "AEXPR_DISTINCT" || kind == "AEXPR_NOT_DISTINCT") {
    return tree_.node(
        MORTISE_SYNTAX_DISTINCT_FROM,
        {.flags = kind == "AEXPR_NOT_DISTINCT" ? MORTISE_SYNTAX_NOT : 0, .position_bytes = at},
        {expression(n["lexpr"]), expression(n["rexpr"])});
  }
  if (kind == "AEXPR_NULLIF") {
    return tree_.node(MORTISE_SYNTAX_NULLIF, {.position_bytes = at},
                      {expression(n["lexpr"]), expression(n["rexpr"])});
  }
  if (kind == "AEXPR_IN") {
    return tree_.node(MORTISE_SYNTAX_IN_LIST, {.flags = negated, .position_bytes = at},
                      {expression(n["lexpr"]), expressions(n["rexpr"].body()["items"])});
  }
  if (kind == "AEXPR_LIKE") return like(n, negated);
  if (kind == "AEXPR_ILIKE") return like(n, negated | MORTISE_SYNTAX_FLAG_A);
  if (kind == "AEXPR_SIMILAR") return like(n, negated | MORTISE_SYNTAX_FLAG_B);
  if (kind.find("BETWEEN") != std::string_view::npos) return between(n, kind);
  return tree_.refuse("this operator", at);
}

Id Reader::call(Json n) {
  uint32_t flags = 0;
  if (n.flag("agg_distinct")) flags |= MORTISE_SYNTAX_DISTINCT;
  if (n.flag("agg_star")) flags |= MORTISE_SYNTAX_FLAG_A;
  if (n.flag("func_variadic")) flags |= MORTISE_SYNTAX_FLAG_B;
  if (n.flag("agg_within_group")) flags |= MORTISE_SYNTAX_FLAG_C;
  const Id order = list(n["agg_order"], [this](Json e) { return sort(e.body()); });
  const Json over = n["over"];
  return tree_.node(MORTISE_SYNTAX_CALL, {.flags = flags, .position_bytes = position(n)},
                    {names(n["funcname"]), expressions(n["args"]), order,
                     expression(n["agg_filter"]), over ? window(over) : 0});
}

Id Reader::sublink(Json n) {
  const std::string_view kind = n.text("subLinkType");
  const uint32_t at = position(n);
  const Id body = query(n["subselect"]);
  if (kind == "EXISTS_SUBLINK") {
    return tree_.node(MORTISE_SYNTAX_EXISTS, {.position_bytes = at}, {body});
  }
  if (kind == "EXPR_SUBLINK") {
    return tree_.node(MORTISE_SYNTAX_SUBQUERY, {.position_bytes = at}, {body});
  }
  if (kind == "ARRAY_SUBLINK") {
    return tree_.node(MORTISE_SYNTAX_ARRAY_QUERY, {.position_bytes = at}, {body});
  }
  if (kind == "ANY_SUBLINK" || kind == "ALL_SUBLINK") {
    std::string_view symbol = "=";  // x IN (query) has no operator name
    n.each("operName", [&](Json part) { symbol = part.body().text("sval"); });
    return tree_.node(MORTISE_SYNTAX_QUANTIFIED_QUERY,
                      {.flags = kind == "ALL_SUBLINK" ? MORTISE_SYNTAX_ALL : 0,
                       .position_bytes = at,
                       .text = symbol},
                      {expression(n["testexpr"]), body});
  }
  return tree_.refuse("this subquery", at);
}

Id Reader::case_of(Json n) {
  const Id branches = list(n["args"], [this](Json w) {
    return tree_.node(MORTISE_SYNTAX_WHEN, {.position_bytes = position(w.body())},
                      {expression(w.body()["expr"]), expression(w.body()["result"])});
  });
  return tree_.node(MORTISE_SYNTAX_CASE, {.position_bytes = position(n)},
                    {expression(n["arg"]), branches, expression(n["defresult"])});
}

// a[1], a[1:2], (row).field, (row).*
Id Reader::indirection(Json n) {
  Id value = expression(n["arg"]);
  n.each("indirection", [&](Json step) {
    if (step.type() == "A_Indices") {
      Json i = step.body();
      value = tree_.node(MORTISE_SYNTAX_SUBSCRIPT,
                         {.flags = i.flag("is_slice") ? MORTISE_SYNTAX_FLAG_A : 0},
                         {value, expression(i["lidx"]), expression(i["uidx"])});
    } else if (step.type() == "A_Star") {
      value = tree_.node(MORTISE_SYNTAX_FIELD, {}, {value, tree_.node(MORTISE_SYNTAX_STAR)});
    } else {
      value = tree_.node(MORTISE_SYNTAX_FIELD, {}, {value, tree_.name(step.body().text("sval"))});
    }
  });
  return value;
}

Id Reader::type_name(Json n) {
  uint32_t flags = n.flag("setof") ? MORTISE_SYNTAX_FLAG_A : 0;
  if (n.flag("pct_type")) flags |= MORTISE_SYNTAX_FLAG_B;
  const Id bounds = list(n["arrayBounds"], [this](Json b) {
    Json written = b.body()["ival"];  // absent for [], which is -1
    return tree_.node(MORTISE_SYNTAX_INTEGER,
                      {.number = written ? b.body().number("ival") : kNoBound});
  });
  return tree_.node(MORTISE_SYNTAX_TYPE, {.flags = flags, .position_bytes = position(n)},
                    {names(n["names"]), expressions(n["typmods"]), bounds});
}

Id Reader::sql_value(Json n) {
  struct Word {
    std::string_view op;
    std::string_view text;
  };
  static constexpr Word kWords[] = {
      {"SVFOP_CURRENT_DATE", "current_date"},
      {"SVFOP_CURRENT_TIME", "current_time"},
      {"SVFOP_CURRENT_TIME_N", "current_time"},
      {"SVFOP_CURRENT_TIMESTAMP", "current_timestamp"},
      {"SVFOP_CURRENT_TIMESTAMP_N", "current_timestamp"},
      {"SVFOP_LOCALTIME", "localtime"},
      {"SVFOP_LOCALTIME_N", "localtime"},
      {"SVFOP_LOCALTIMESTAMP", "localtimestamp"},
      {"SVFOP_LOCALTIMESTAMP_N", "localtimestamp"},
      {"SVFOP_CURRENT_ROLE", "current_role"},
      {"SVFOP_CURRENT_USER", "current_user"},
      {"SVFOP_USER", "user"},
      {"SVFOP_SESSION_USER", "session_user"},
      {"SVFOP_CURRENT_CATALOG", "current_catalog"},
      {"SVFOP_CURRENT_SCHEMA", "current_schema"},
  };
  for (const Word& w : kWords) {
    if (w.op == n.text("op")) {
      const int64_t precision = w.op.ends_with("_N") ? n.number("typmod") : -1;
      return tree_.node(MORTISE_SYNTAX_SQL_VALUE,
                        {.position_bytes = position(n), .text = w.text, .number = precision});
    }
  }
  return tree_.refuse("this SQL value function", position(n));
}

namespace {

// Nodes whose children are just their list of arguments.
struct PlainNode {
  std::string_view type;
  std::string_view list;
  uint32_t kind;
};
constexpr PlainNode kPlainNodes[] = {
    {"CoalesceExpr", "args", MORTISE_SYNTAX_COALESCE},
    {"A_ArrayExpr", "elements", MORTISE_SYNTAX_ARRAY},
    {"GroupingFunc", "args", MORTISE_SYNTAX_GROUPING},
};

}  // namespace

// Expressions that answer true, false or unknown, and casts; nothing for others.
Id Reader::test(std::string_view type, Json n) {
  const uint32_t at = position(n);
  if (type == "BoolExpr") {
    const std::string_view op = n.text("boolop");
    const std::vector<Id> arguments = children(n["args"]);
    const uint32_t kind = op == "AND_EXPR"  ? MORTISE_SYNTAX_AND
                          : op == "OR_EXPR" ? MORTISE_SYNTAX_OR
                                            : MORTISE_SYNTAX_NEGATION;
    return tree_.node(kind, {.position_bytes = at}, arguments);
  }
  if (type == "TypeCast") {
    // A typed literal (date '...') has no position of its own; its type has.
    const uint32_t where = at != 0 ? at : position(n["typeName"]);
    return tree_.node(MORTISE_SYNTAX_CAST, {.position_bytes = where},
                      {expression(n["arg"]), type_name(n["typeName"])});
  }
  if (type == "NullTest") {
    return tree_.node(MORTISE_SYNTAX_IS_NULL,
                      {.flags = n.text("nulltesttype") == "IS_NOT_NULL" ? MORTISE_SYNTAX_NOT : 0,
                       .position_bytes = at},
                      {expression(n["arg"])});
  }
  if (type == "BooleanTest") {
    const std::string_view test = n.text("booltesttype");
    const int64_t wanted = test.ends_with("TRUE") ? 1 : test.ends_with("FALSE") ? 0 : 2;
    const bool negated = test.find("NOT") != std::string_view::npos;
    return tree_.node(
        MORTISE_SYNTAX_IS_BOOLEAN,
        {.flags = negated ? MORTISE_SYNTAX_NOT : 0, .position_bytes = at, .number = wanted},
        {expression(n["arg"])});
  }
  return 0;
}

Id Reader::expression(Json node) {
  if (!node) return 0;
  const std::string_view type = node.type();
  const Json n = node.body();
  const uint32_t at = position(n);
  if (type == "A_Const") return constant(n);
  if (type == "ColumnRef") return column(n);
  if (type == "A_Expr") return operation(n);
  if (type == "FuncCall") return call(n);
  if (type == "SubLink") return sublink(n);
  if (type == "CaseExpr") return case_of(n);
  if (type == "A_Indirection") return indirection(n);
  if (type == "SQLValueFunction") return sql_value(n);
  if (const Id id = test(type, n); id != 0) return id;
  if (type == "ParamRef") {
    return tree_.node(MORTISE_SYNTAX_PARAMETER,
                      {.position_bytes = at, .number = n.number("number")});
  }
  if (type == "MinMaxExpr") {
    return tree_.node(n.text("op") == "IS_LEAST" ? MORTISE_SYNTAX_LEAST : MORTISE_SYNTAX_GREATEST,
                      {.position_bytes = at}, children(n["args"]));
  }
  if (type == "RowExpr") {
    return tree_.node(
        MORTISE_SYNTAX_ROW,
        {.flags = n.text("row_format") == "COERCE_EXPLICIT_CALL" ? MORTISE_SYNTAX_FLAG_A : 0,
         .position_bytes = at},
        children(n["args"]));
  }
  if (type == "CollateClause") {
    return tree_.node(MORTISE_SYNTAX_COLLATE, {.position_bytes = at},
                      {expression(n["arg"]), names(n["collname"])});
  }
  if (type == "NamedArgExpr") {
    return tree_.node(MORTISE_SYNTAX_NAMED_ARGUMENT, {.position_bytes = at, .text = n.text("name")},
                      {expression(n["arg"])});
  }
  if (type == "SetToDefault") return tree_.node(MORTISE_SYNTAX_DEFAULT, {.position_bytes = at});
  if (type == "CurrentOfExpr") {
    return tree_.node(MORTISE_SYNTAX_CURRENT_OF, {.text = n.text("cursor_name")});
  }
  for (const PlainNode& plain : kPlainNodes) {
    if (plain.type == type) {
      return tree_.node(plain.kind, {.position_bytes = at}, children(n[plain.list]));
    }
  }
  return tree_.refuse(type == "XmlExpr" || type == "XmlSerialize" ? "XML" : type, at);
}

}  // namespace mortise::dialect_postgres
