// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "reader.hpp"

namespace mortise::dialect_postgres {

Id Reader::insert(Json n) {
  struct Override {
    std::string_view word;
    int64_t number;
  };
  static constexpr Override kOverrides[] = {{"OVERRIDING_USER_VALUE", 1},
                                            {"OVERRIDING_SYSTEM_VALUE", 2}};
  int64_t number = 0;
  for (const Override& o : kOverrides) {
    if (o.word == n.text("override")) number = o.number;
  }
  const Json source = n["selectStmt"];
  const Json conflict = n["onConflictClause"];
  return tree_.node(
      MORTISE_SYNTAX_INSERT, {.number = number},
      {with(n["withClause"]), table(n["relation"]), targets(n["cols"]), source ? query(source) : 0,
       conflict ? on_conflict(conflict) : 0, targets(n["returningList"])});
}

Id Reader::on_conflict(Json n) {
  const Json infer = n["infer"];
  return tree_.node(MORTISE_SYNTAX_ON_CONFLICT,
                    {.position_bytes = position(n),
                     .text = infer.text("conname"),
                     .number = n.text("action") == "ONCONFLICT_UPDATE" ? 2 : 1},
                    {index_elements(infer["indexElems"]), expression(infer["whereClause"]),
                     assignments(n["targetList"]), expression(n["whereClause"])});
}

// `(a, b) = source` arrives as one entry per column, each with a whole copy of the source; the
// first one tells how many follow.
Id Reader::assignments(Json entries) {
  std::vector<Id> result;
  std::vector<Id> together;
  entries.each([&](Json entry) {
    Json t = entry.body();
    if (t["indirection"]) tree_.refuse("assignment to a part of a column", position(t));
    const Id name = tree_.name(t.text("name"), position(t));
    if (t["val"].type() != "MultiAssignRef") {
      result.push_back(tree_.node(MORTISE_SYNTAX_ASSIGN, {.position_bytes = position(t)},
                                  {name, expression(t["val"])}));
      return;
    }
    Json part = t["val"].body();
    together.push_back(name);
    if (part.number("colno") != part.number("ncolumns")) return;
    result.push_back(tree_.node(MORTISE_SYNTAX_ASSIGN, {.position_bytes = position(t)},
                                {tree_.list(together), expression(part["source"])}));
    together.clear();
  });
  return tree_.list(result);
}

Id Reader::update(Json n) {
  return tree_.node(MORTISE_SYNTAX_UPDATE, {},
                    {with(n["withClause"]), table(n["relation"]), assignments(n["targetList"]),
                     list(n["fromClause"], [this](Json e) { return from_item(e); }),
                     expression(n["whereClause"]), targets(n["returningList"])});
}

Id Reader::erase(Json n) {
  return tree_.node(MORTISE_SYNTAX_DELETE, {},
                    {with(n["withClause"]), table(n["relation"]),
                     list(n["usingClause"], [this](Json e) { return from_item(e); }),
                     expression(n["whereClause"]), targets(n["returningList"])});
}

Id Reader::merge(Json n) {
  const Id branches = list(n["mergeWhenClauses"], [this](Json e) { return merge_when(e.body()); });
  return tree_.node(MORTISE_SYNTAX_MERGE, {},
                    {with(n["withClause"]), table(n["relation"]), from_item(n["sourceRelation"]),
                     expression(n["joinCondition"]), branches});
}

Id Reader::merge_when(Json n) {
  const std::string_view command = n.text("commandType");
  const int64_t number = command == "CMD_UPDATE"   ? 2
                         : command == "CMD_DELETE" ? 3
                         : command == "CMD_INSERT" ? 4
                                                   : 1;
  const Id what = number == 2 ? assignments(n["targetList"]) : targets(n["targetList"]);
  return tree_.node(MORTISE_SYNTAX_MERGE_WHEN,
                    {.flags = n.flag("matched") ? MORTISE_SYNTAX_FLAG_A : 0, .number = number},
                    {expression(n["condition"]), what, expressions(n["values"])});
}

Id Reader::copy(Json n) {
  uint32_t flags = n.flag("is_from") ? MORTISE_SYNTAX_FLAG_A : 0;
  if (n.flag("is_program")) flags |= MORTISE_SYNTAX_FLAG_B;
  return tree_.node(MORTISE_SYNTAX_COPY, {.flags = flags, .text = n.text("filename")},
                    {n["relation"] ? table(n["relation"]) : 0, n["query"] ? query(n["query"]) : 0,
                     names(n["attlist"]), options(n["options"]), expression(n["whereClause"])});
}

Id Reader::truncate(Json n) {
  uint32_t flags = n.text("behavior") == "DROP_CASCADE" ? MORTISE_SYNTAX_CASCADE : 0;
  if (n.flag("restart_seqs")) flags |= MORTISE_SYNTAX_FLAG_A;
  std::vector<Id> tables;
  n.each("relations", [&](Json e) { tables.push_back(table(e.body())); });
  return tree_.node(MORTISE_SYNTAX_TRUNCATE, {.flags = flags}, tables);
}

}  // namespace mortise::dialect_postgres
