// SPDX-License-Identifier: Apache-2.0
//
// Goal:   statements get the plans they mean, and the errors that PostgreSQL 15 gives: SQLSTATE,
//         text, position and hint.
// Method: hand-built trees over a fake catalog (bind_world.hpp); plans are compared as text.  Error
//         texts were read from a running PostgreSQL 15.  Whole SQL is tried by tests/sql.

#include <doctest/doctest.h>

#include "tests/bind_world.hpp"

namespace mortise::sql_engine::testing {
namespace {

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a star stands for the table's columns in order") {
  Maker m;
  const Result<LogicalPlan> plan =
      bind_statement(m, m.select({.targets = {m.star()}, .from = {m.table("t")}}));
  REQUIRE(plan);
  REQUIRE(plan->results.size() == 3);
  CHECK(plan->results[0].name == "a");
  CHECK(plan->results[2].name == "c");
  CHECK(plan->results[1].table == 16384);
  CHECK(plan->results[1].attribute == 2);
}

TEST_CASE("a column that is not there is named, with the nearest one as a hint") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.column("bb", 8)}, .from = {m.table("t")}})) ==
        "42703 column \"bb\" does not exist @8 HINT Perhaps you meant to reference the column "
        "\"t.b\".");
  CHECK(bound_text(m, m.select({.targets = {m.column("t", "x", 8)}, .from = {m.table("t")}})) ==
        "42703 column t.x does not exist @8");
}

TEST_CASE("a table that is not there is named") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.number(1)}, .from = {m.table("nope")}})) ==
        "42P01 relation \"nope\" does not exist");
  CHECK(bound_text(m, m.select({.targets = {m.column("x", "a", 8)}, .from = {m.table("t")}})) ==
        "42P01 missing FROM-clause entry for table \"x\" @8");
  CHECK(bound_text(m, m.select({.targets = {m.column("t", "a", 8)},
                                .from = {m.table("t", "alias")}})) ==
        "42P01 invalid reference to FROM-clause entry for table \"t\" @8 HINT Perhaps you meant to "
        "reference the table alias \"alias\".");
}

TEST_CASE("a name in two tables is ambiguous") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.column("a", 8)},
                                .from = {m.table("t"), m.table("u")}})) ==
        "42702 column reference \"a\" is ambiguous @8");
}

TEST_CASE("a condition must be boolean") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.number(1)},
                                .from = {m.table("t")},
                                .where = m.column("a", 21)})) ==
        "42804 argument of WHERE must be type boolean, not type integer @21");
}

TEST_CASE("an operator that is not there is named by its types") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.op("+", m.column("a"), m.column("b"), 10)},
                                .from = {m.table("t")}})) ==
        "42883 operator does not exist: integer + text @10 HINT No operator matches the given name "
        "and argument types. You might need to add explicit type casts.");
}

TEST_CASE("a function that is not there is named by its types") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.call("frob", {m.number(1), m.string("x")})}})) ==
        "42883 function frob(integer, unknown) does not exist HINT No function matches the given "
        "name and argument types. You might need to add explicit type casts.");
}

TEST_CASE("an untyped literal becomes what its place needs, or is refused where it stands") {
  Maker m;
  CHECK(has(bound_text(m, m.select({.targets = {m.number(1)},
                                    .from = {m.table("t")},
                                    .where = m.op("=", m.column("a"), m.string("42"))})),
            "(a#1 = 42)"));
  CHECK(bound_text(m, m.select({.targets = {m.number(1)},
                                .from = {m.table("t")},
                                .where = m.op("=", m.column("a"), m.string("x", 30))})) ==
        "22P02 invalid input syntax for type integer: \"x\" @30");
}

TEST_CASE("a column beside an aggregate must be grouped") {
  Maker m;
  const Id count = m.call("count", {}, MORTISE_SYNTAX_FLAG_A);
  CHECK(bound_text(m, m.select({.targets = {m.column("b", 8), count}, .from = {m.table("t")}})) ==
        "42803 column \"t.b\" must appear in the GROUP BY clause or be used in an aggregate "
        "function @8");
  CHECK(has(bound_text(m, m.select({.targets = {m.column("b"), count},
                                    .from = {m.table("t")},
                                    .group = {m.column("b")}})),
            "Aggregate [b#2 AS b#"));
}

TEST_CASE("a grouped primary key determines the other columns") {
  Maker m;
  const Id count = m.call("count", {}, MORTISE_SYNTAX_FLAG_A);
  CHECK(has(bound_text(m, m.select({.targets = {m.column("b"), count},
                                    .from = {m.table("t")},
                                    .group = {m.column("a")}})),
            "Aggregate [a#1 AS a#"));
}

TEST_CASE("aggregates stand where rows are grouped") {
  Maker m;
  const Id sum = m.call("sum", {m.column("a")});
  CHECK(bound_text(m, m.select({.targets = {m.number(1)},
                                .from = {m.table("t")},
                                .where = m.op(">", sum, m.number(1))})) ==
        "42803 aggregate functions are not allowed in WHERE");
  const Id nested = m.call("sum", {m.call("sum", {m.column("a")})});
  CHECK(bound_text(m, m.select({.targets = {nested}, .from = {m.table("t")}})) ==
        "42803 aggregate function calls cannot be nested");
}

TEST_CASE("equal aggregates are computed once") {
  Maker m;
  const Result<LogicalPlan> plan = bind_statement(
      m, m.select({.targets = {m.call("sum", {m.column("a")}), m.call("sum", {m.column("a")})},
                   .from = {m.table("t")}}));
  REQUIRE(plan);
  const auto* aggregate = as<Aggregate>(plan->root->inputs[0].get());
  REQUIRE(aggregate != nullptr);
  CHECK(aggregate->calls.size() == 1);
}

TEST_CASE("ORDER BY knows aliases, positions and expressions") {
  Maker m;
  CHECK(has(bound_text(m, m.select({.targets = {m.target(m.column("a"), "x")},
                                    .from = {m.table("t")},
                                    .order = {m.sort(m.column("x"))}})),
            "Sort x#"));
  CHECK(bound_text(m, m.select({.targets = {m.column("a")},
                                .from = {m.table("t")},
                                .order = {m.sort(m.number(3, 30))}})) ==
        "42P10 ORDER BY position 3 is not in select list @30");
  const Result<LogicalPlan> plan = bind_statement(
      m, m.select({.targets = {m.column("a")},
                   .from = {m.table("t")},
                   .order = {m.sort(m.column("b"), MORTISE_SYNTAX_DESCENDING)}}));
  REQUIRE(plan);
  CHECK(plan->results.size() == 1);  // the sort key is carried along, not shown
  CHECK(plan->root->outputs.size() == 2);
}

TEST_CASE("DISTINCT sorts by what it shows") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.column("a")},
                                .from = {m.table("t")},
                                .order = {m.sort(m.column("b", 40))},
                                .flags = MORTISE_SYNTAX_DISTINCT})) ==
        "42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list @40");
}

TEST_CASE("the types of a UNION's columns must meet") {
  Maker m;
  const Id left = m.select({.targets = {m.column("a")}, .from = {m.table("t")}});
  const Id right = m.select({.targets = {m.column("b", 30)}, .from = {m.table("t")}});
  const Id both =
      m.node(MORTISE_SYNTAX_SET_OPERATION, {0, left, right, 0, 0, 0, 0}, {}, 1);
  CHECK(bound_text(m, both) == "42804 UNION types integer and text cannot be matched @30");
}

TEST_CASE("an untyped literal of a UNION takes the other side's type") {
  Maker m;
  const Id left = m.select({.targets = {m.string("7")}});
  const Id right = m.select({.targets = {m.column("a")}, .from = {m.table("t")}});
  const Result<LogicalPlan> plan = bind_statement(
      m, m.node(MORTISE_SYNTAX_SET_OPERATION, {0, left, right, 0, 0, 0, 0}, {}, 1));
  REQUIRE(plan);
  CHECK(plan->results[0].type.sql_type == MORTISE_SQL_INT4);
}

TEST_CASE("a correlated subquery lists what it reads of the query around it") {
  Maker m;
  const Id inner = m.select({.targets = {m.number(1)},
                             .from = {m.table("u")},
                             .where = m.op("=", m.column("u", "a"), m.column("t", "a"))});
  const std::string text = bound_text(
      m, m.select({.targets = {m.column("b")},
                   .from = {m.table("t")},
                   .where = m.node(MORTISE_SYNTAX_EXISTS, {inner})}));
  CHECK(has(text, "SubPlan outer a#1"));
}

TEST_CASE("USING merges its columns and puts them first") {
  Maker m;
  const Id join = m.node(MORTISE_SYNTAX_JOIN,
                         {m.table("t"), m.table("u"), 0, m.list({m.name("a")}), 0}, {}, 1);
  const Result<LogicalPlan> plan =
      bind_statement(m, m.select({.targets = {m.star()}, .from = {join}}));
  REQUIRE(plan);
  std::string names;
  for (const ResultColumn& c : plan->results) names.append(c.name).append(" ");
  CHECK(names == "a b c d ");
  CHECK(has(bound_text(m, m.select({.targets = {m.column("a")}, .from = {join}})), "Join"));
}

TEST_CASE("parameters take their type from where they stand") {
  Maker m;
  const Result<LogicalPlan> plan = bind_statement(
      m, m.select({.targets = {m.column("b")},
                   .from = {m.table("t")},
                   .where = m.op("=", m.column("a"), m.parameter(1))}));
  REQUIRE(plan);
  REQUIRE(plan->parameters.size() == 1);
  CHECK(plan->parameters[0].sql_type == MORTISE_SQL_INT4);
  CHECK(bound_text(m, m.select({.targets = {m.column("b")},
                                .from = {m.table("t")},
                                .where = m.op("=", m.column("a"), m.parameter(2))})) ==
        "42P18 could not determine data type of parameter $1");
}

TEST_CASE("numbers with a point are decimals of the digits written") {
  Maker m;
  const Result<LogicalPlan> plan =
      bind_statement(m, m.select({.targets = {m.decimal("0.05")}}));
  REQUIRE(plan);
  CHECK(plan->results[0].type.sql_type == MORTISE_SQL_NUMERIC);
  CHECK(plan->results[0].type.physical == MORTISE_PHYSICAL_DECIMAL64);
  CHECK(plan->results[0].type.scale == 2);
}

TEST_CASE("INSERT checks its columns and values") {
  Maker m;
  const auto insert = [&](std::vector<Id> columns, std::vector<Id> values) {
    return m.node(MORTISE_SYNTAX_INSERT,
                  {0, m.table("t"), columns.empty() ? 0 : m.list(std::move(columns)),
                   m.node(MORTISE_SYNTAX_VALUES, {0, m.list({m.list(std::move(values))}), 0, 0, 0,
                                                  0}),
                   0, 0});
  };
  CHECK(has(bound_text(m, insert({}, {m.number(1), m.string("x"), m.null()})), "Insert t"));
  CHECK(bound_text(m, insert({}, {m.number(1), m.string("x"), m.number(1), m.number(2, 33)})) ==
        "42601 INSERT has more expressions than target columns @33");
  const auto column = [&](std::string_view name, uint32_t position) {
    return m.node(MORTISE_SYNTAX_TARGET, {0}, name, 0, 0, position);
  };
  CHECK(bound_text(m, insert({column("a", 15), column("b", 18)}, {m.number(1)})) ==
        "42601 INSERT has more target columns than expressions @18");
  CHECK(bound_text(m, insert({column("zz", 15)}, {m.number(1)})) ==
        "42703 column \"zz\" of relation \"t\" does not exist @15");
  CHECK(bound_text(m, insert({column("a", 15)}, {m.column("b", 40)})) ==
        "42703 column \"b\" does not exist @40");
}

TEST_CASE("an assigned value must fit its column") {
  Maker m;
  const Id update = m.node(
      MORTISE_SYNTAX_UPDATE,
      {0, m.table("t"),
       m.list({m.node(MORTISE_SYNTAX_ASSIGN, {m.name("a"), m.column("b", 18)})}), 0, 0, 0});
  CHECK(bound_text(m, update) ==
        "42804 column \"a\" is of type integer but expression is of type text @18 HINT You will "
        "need to rewrite or cast the expression.");
}

TEST_CASE("a common table that is read once is bound where it is read") {
  Maker m;
  const Id definition = m.select({.targets = {m.column("a")}, .from = {m.table("t")}});
  const Id with = m.node(MORTISE_SYNTAX_WITH,
                         {m.node(MORTISE_SYNTAX_COMMON_TABLE, {0, definition}, "w")});
  CHECK_FALSE(has(bound_text(m, m.select({.with = with,
                                          .targets = {m.star()},
                                          .from = {m.table("w")}})),
                  "CommonTable"));
  CHECK(has(bound_text(m, m.select({.with = with,
                                    .targets = {m.column("x", "a")},
                                    .from = {m.table("w", "x"), m.table("w", "y")}})),
            "CommonTable w"));
}

TEST_CASE("a window call needs its window, a plain function must not have one") {
  Maker m;
  CHECK(bound_text(m, m.select({.targets = {m.call("rank", {})}, .from = {m.table("t")}})) ==
        "42809 window function rank requires an OVER clause");
}

}  // namespace
}  // namespace mortise::sql_engine::testing
