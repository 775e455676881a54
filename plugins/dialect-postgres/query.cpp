// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "reader.hpp"

namespace mortise::dialect_postgres {

// A node that is a query: SELECT, VALUES, set operation, or a data-modifying statement in WITH.
Id Reader::query(Json node) {
  const std::string_view type = node.type();
  if (type == "SelectStmt") return select(node.body());
  if (type == "InsertStmt") return insert(node.body());
  if (type == "UpdateStmt") return update(node.body());
  if (type == "DeleteStmt") return erase(node.body());
  return tree_.refuse(type);
}

Id Reader::with(Json n) {
  if (!n) return 0;
  std::vector<Id> tables;
  n.each("ctes", [&](Json entry) {
    Json t = entry.body();
    if (t["search_clause"]) tree_.refuse("SEARCH", position(t["search_clause"]));
    if (t["cycle_clause"]) tree_.refuse("CYCLE", position(t["cycle_clause"]));
    const std::string_view choice = t.text("ctematerialized");
    const uint32_t flags = choice == "CTEMaterializeAlways"  ? MORTISE_SYNTAX_FLAG_A
                           : choice == "CTEMaterializeNever" ? MORTISE_SYNTAX_FLAG_B
                                                             : 0;
    tables.push_back(
        tree_.node(MORTISE_SYNTAX_COMMON_TABLE,
                   {.flags = flags, .position_bytes = position(t), .text = t.text("ctename")},
                   {names(t["aliascolnames"]), query(t["ctequery"])}));
  });
  return tree_.node(
      MORTISE_SYNTAX_WITH,
      {.flags = n.flag("recursive") ? MORTISE_SYNTAX_FLAG_A : 0, .position_bytes = position(n)},
      tables);
}

Id Reader::targets(Json entries) {
  return list(entries, [this](Json e) {
    Json t = e.body();
    return tree_.node(MORTISE_SYNTAX_TARGET,
                      {.position_bytes = position(t), .text = t.text("name")},
                      {expression(t["val"])});
  });
}

Id Reader::sort(Json n) {
  uint32_t flags = 0;
  std::string_view symbol;
  if (n.text("sortby_dir") == "SORTBY_DESC") flags |= MORTISE_SYNTAX_DESCENDING;
  if (n.text("sortby_dir") == "SORTBY_USING") {
    n.each("useOp", [&](Json part) { symbol = part.body().text("sval"); });
  }
  if (n.text("sortby_nulls") == "SORTBY_NULLS_FIRST") flags |= MORTISE_SYNTAX_NULLS_FIRST;
  if (n.text("sortby_nulls") == "SORTBY_NULLS_LAST") flags |= MORTISE_SYNTAX_NULLS_LAST;
  return tree_.node(MORTISE_SYNTAX_SORT,
                    {.flags = flags, .position_bytes = position(n), .text = symbol},
                    {expression(n["node"])});
}

// Bits of the grammar's frameOptions (nodes/parsenodes.h of PostgreSQL 15).
Id Reader::window(Json n) {
  constexpr int64_t kNonDefault = 0x1;
  constexpr int64_t kRange = 0x2;
  constexpr int64_t kRows = 0x4;
  constexpr int64_t kGroups = 0x8;
  struct Bit {
    int64_t grammar;
    uint32_t flag;
  };
  static constexpr Bit kBits[] = {
      {0x20, MORTISE_SYNTAX_FRAME_START_UNBOUNDED},   {0x100, MORTISE_SYNTAX_FRAME_END_UNBOUNDED},
      {0x200, MORTISE_SYNTAX_FRAME_START_CURRENT},    {0x400, MORTISE_SYNTAX_FRAME_END_CURRENT},
      {0x800, MORTISE_SYNTAX_FRAME_START_PRECEDING},  {0x1000, MORTISE_SYNTAX_FRAME_END_PRECEDING},
      {0x2000, MORTISE_SYNTAX_FRAME_START_FOLLOWING}, {0x4000, MORTISE_SYNTAX_FRAME_END_FOLLOWING},
      {0x8000, MORTISE_SYNTAX_FRAME_EXCLUDE_CURRENT}, {0x10000, MORTISE_SYNTAX_FRAME_EXCLUDE_GROUP},
      {0x20000, MORTISE_SYNTAX_FRAME_EXCLUDE_TIES},
  };
  const int64_t bits = n.number("frameOptions");
  uint32_t flags = 0;
  int64_t mode = 0;
  if ((bits & kNonDefault) != 0) {
    mode = (bits & kRange) != 0 ? 1 : (bits & kRows) != 0 ? 2 : (bits & kGroups) != 0 ? 3 : 0;
    for (const Bit& b : kBits) {
      if ((bits & b.grammar) != 0) flags |= b.flag;
    }
  }
  const std::string_view base = n.text("refname");
  const Id order = list(n["orderClause"], [this](Json e) { return sort(e.body()); });
  return tree_.node(
      MORTISE_SYNTAX_WINDOW,
      {.flags = flags, .position_bytes = position(n), .text = n.text("name"), .number = mode},
      {expressions(n["partitionClause"]), order, expression(n["startOffset"]),
       expression(n["endOffset"]), base.empty() ? 0 : tree_.name(base)});
}

Id Reader::locking(Json n) {
  struct Strength {
    std::string_view word;
    int64_t number;
  };
  static constexpr Strength kStrengths[] = {
      {"LCS_FORKEYSHARE", 1}, {"LCS_FORSHARE", 2}, {"LCS_FORNOKEYUPDATE", 3}, {"LCS_FORUPDATE", 4}};
  int64_t strength = 0;
  for (const Strength& s : kStrengths) {
    if (s.word == n.text("strength")) strength = s.number;
  }
  const std::string_view wait = n.text("waitPolicy");
  const uint32_t flags = wait == "LockWaitSkip"    ? MORTISE_SYNTAX_SKIP_LOCKED
                         : wait == "LockWaitError" ? MORTISE_SYNTAX_NOWAIT
                                                   : 0;
  std::vector<Id> tables;
  n.each("lockedRels", [&](Json e) {
    tables.push_back(tree_.name(e.body().text("relname"), position(e.body())));
  });
  return tree_.node(MORTISE_SYNTAX_LOCKING, {.flags = flags, .number = strength}, tables);
}

Id Reader::group_item(Json node) {
  if (node.type() != "GroupingSet") return expression(node);
  Json n = node.body();
  struct Kind {
    std::string_view word;
    int64_t number;
  };
  static constexpr Kind kKinds[] = {{"GROUPING_SET_EMPTY", 1},
                                    {"GROUPING_SET_SIMPLE", 2},
                                    {"GROUPING_SET_ROLLUP", 3},
                                    {"GROUPING_SET_CUBE", 4},
                                    {"GROUPING_SET_SETS", 5}};
  int64_t number = 0;
  for (const Kind& k : kKinds) {
    if (k.word == n.text("kind")) number = k.number;
  }
  std::vector<Id> entries;
  n.each("content", [&](Json e) { entries.push_back(group_item(e)); });
  return tree_.node(MORTISE_SYNTAX_GROUPING_SET, {.position_bytes = position(n), .number = number},
                    entries);
}

Id Reader::select(Json n) {
  if (n["intoClause"]) return tree_.refuse("SELECT INTO", position(n["intoClause"]["rel"]));
  const Id common = with(n["withClause"]);
  const Id order = list(n["sortClause"], [this](Json e) { return sort(e.body()); });
  const Id limit = expression(n["limitCount"]);
  const Id offset = expression(n["limitOffset"]);
  const Id locks = list(n["lockingClause"], [this](Json e) { return locking(e.body()); });
  uint32_t flags = n.text("limitOption") == "LIMIT_OPTION_WITH_TIES" ? MORTISE_SYNTAX_WITH_TIES : 0;

  const std::string_view op = n.text("op");
  if (!op.empty() && op != "SETOP_NONE") {
    const int64_t number = op == "SETOP_UNION" ? 1 : op == "SETOP_INTERSECT" ? 2 : 3;
    if (n.flag("all")) flags |= MORTISE_SYNTAX_ALL;
    return tree_.node(MORTISE_SYNTAX_SET_OPERATION, {.flags = flags, .number = number},
                      {common, select(n["larg"]), select(n["rarg"]), order, limit, offset, locks});
  }
  if (n["valuesLists"]) {
    const Id rows = list(n["valuesLists"], [this](Json row) {
      return tree_.node(MORTISE_SYNTAX_LIST, {}, children(row.body()["items"]));
    });
    return tree_.node(MORTISE_SYNTAX_VALUES, {.flags = flags},
                      {common, rows, order, limit, offset, locks});
  }

  // Plain DISTINCT arrives as a list of one empty node, DISTINCT ON as a list of expressions.
  Id distinct = 0;
  if (n["distinctClause"]) {
    flags |= MORTISE_SYNTAX_DISTINCT;
    std::vector<Id> on;
    n.each("distinctClause", [&](Json e) {
      if (!e.type().empty()) on.push_back(expression(e));
    });
    distinct = tree_.list(on);
  }
  if (n.flag("groupDistinct")) flags |= MORTISE_SYNTAX_FLAG_A;
  const Id windows = list(n["windowClause"], [this](Json e) { return window(e.body()); });
  return tree_.node(
      MORTISE_SYNTAX_SELECT, {.flags = flags},
      {common, distinct, targets(n["targetList"]),
       list(n["fromClause"], [this](Json e) { return from_item(e); }), expression(n["whereClause"]),
       list(n["groupClause"], [this](Json e) { return group_item(e); }),
       expression(n["havingClause"]), windows, order, limit, offset, locks, 0});
}

Id Reader::table(Json n) {
  std::vector<Id> parts;
  if (!n.text("catalogname").empty()) parts.push_back(tree_.name(n.text("catalogname")));
  if (!n.text("schemaname").empty()) parts.push_back(tree_.name(n.text("schemaname")));
  parts.push_back(tree_.name(n.text("relname")));
  Json alias = n["alias"];
  return tree_.node(MORTISE_SYNTAX_TABLE,
                    {.flags = n.flag("inh") ? 0 : MORTISE_SYNTAX_FLAG_A,
                     .position_bytes = position(n),
                     .text = alias.text("aliasname")},
                    {tree_.list(parts), names(alias["colnames"]), 0});
}

Id Reader::join(Json n) {
  const std::string_view type = n.text("jointype");
  int64_t number = type == "JOIN_LEFT" ? 2 : type == "JOIN_RIGHT" ? 3 : type == "JOIN_FULL" ? 4 : 1;
  const Id condition = expression(n["quals"]);
  const Id columns = names(n["usingClause"]);
  const bool is_natural = n.flag("isNatural");
  if (number == 1 && condition == 0 && columns == 0 && !is_natural) number = 5;
  if (n["join_using_alias"]) tree_.refuse("an alias of JOIN USING");
  Json alias = n["alias"];
  return tree_.node(
      MORTISE_SYNTAX_JOIN,
      {.flags = is_natural ? MORTISE_SYNTAX_FLAG_A : 0,
       .text = alias.text("aliasname"),
       .number = number},
      {from_item(n["larg"]), from_item(n["rarg"]), condition, columns, names(alias["colnames"])});
}

Id Reader::function_table(Json n) {
  uint32_t flags = n.flag("lateral") ? MORTISE_SYNTAX_LATERAL : 0;
  if (n.flag("ordinality")) flags |= MORTISE_SYNTAX_FLAG_A;
  if (n.flag("is_rowsfrom")) flags |= MORTISE_SYNTAX_FLAG_B;
  uint32_t at = 0;
  std::vector<Id> calls;
  n.each("functions", [&](Json pair) {
    bool is_first = true;  // [call, column definitions of ROWS FROM]
    pair.body().each("items", [&](Json item) {
      if (is_first) {
        if (at == 0) at = position(item.body());
        calls.push_back(expression(item));
      } else if (!item.type().empty()) {
        tree_.refuse("a column definition list inside ROWS FROM", at);
      }
      is_first = false;
    });
  });
  Json alias = n["alias"];
  const Id columns = list(n["coldeflist"], [this](Json e) { return column_def(e.body()); });
  return tree_.node(MORTISE_SYNTAX_FUNCTION_TABLE,
                    {.flags = flags, .position_bytes = at, .text = alias.text("aliasname")},
                    {tree_.list(calls), names(alias["colnames"]), columns});
}

Id Reader::from_item(Json node) {
  const std::string_view type = node.type();
  Json n = node.body();
  if (type == "RangeVar") return table(n);
  if (type == "JoinExpr") return join(n);
  if (type == "RangeFunction") return function_table(n);
  if (type == "RangeSubselect") {
    Json alias = n["alias"];
    return tree_.node(
        MORTISE_SYNTAX_DERIVED,
        {.flags = n.flag("lateral") ? MORTISE_SYNTAX_LATERAL : 0, .text = alias.text("aliasname")},
        {query(n["subquery"]), names(alias["colnames"])});
  }
  if (type == "RangeTableSample") {
    std::string_view method;
    n.each("method", [&](Json part) { method = part.body().text("sval"); });
    const Id sample =
        tree_.node(MORTISE_SYNTAX_SAMPLE, {.position_bytes = position(n), .text = method},
                   {expressions(n["args"]), expression(n["repeatable"])});
    Json relation = n["relation"].body();
    Json alias = relation["alias"];
    std::vector<Id> parts;
    if (!relation.text("schemaname").empty()) {
      parts.push_back(tree_.name(relation.text("schemaname")));
    }
    parts.push_back(tree_.name(relation.text("relname")));
    return tree_.node(MORTISE_SYNTAX_TABLE,
                      {.position_bytes = position(relation), .text = alias.text("aliasname")},
                      {tree_.list(parts), names(alias["colnames"]), sample});
  }
  return tree_.refuse(type, position(n));
}

}  // namespace mortise::dialect_postgres
