// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the binder look things up in, in its unit tests?
//
// Lists of types, functions and casts that hold signatures only, a catalog of two tables, and short
// words to build syntax trees with.
//
// Threads: one.

#include <map>
#include <string>
#include <vector>

#include "bind/binder.hpp"

namespace mortise::sql_engine::testing {

// Types and functions of PostgreSQL's that the rules of overloading are tried on.
const Registry& signatures();

class FakeNames final : public Names {
 public:
  // t (a integer, b text, c numeric(12,2)) with primary key a; u (a integer, d date).
  FakeNames();
  Result<Found> find_relation(std::string_view schema, std::string_view name) override;
  Result<bool> has_schema(std::string_view name) override { return name == "public"; }
  std::string_view database() const override { return "postgres"; }

 private:
  std::map<std::string, RelationPtr, std::less<>> relations_;
};

using Id = mortise_syntax_id_t;

// Builds trees bottom up; positions are given where a test looks at them.
class Maker {
 public:
  Tree tree;

  Id node(uint32_t kind, std::vector<Id> children = {}, std::string_view text = {},
          int64_t number = 0, uint32_t flags = 0, uint32_t position = 0) {
    return tree.add(kind, flags, position, text, number, children.data(),
                    static_cast<uint32_t>(children.size()));
  }
  Id list(std::vector<Id> children) { return node(MORTISE_SYNTAX_LIST, std::move(children)); }
  Id name(std::string_view text) { return node(MORTISE_SYNTAX_NAME, {}, text); }
  Id column(std::string_view text, uint32_t position = 0) {
    return node(MORTISE_SYNTAX_COLUMN, {name(text)}, {}, 0, 0, position);
  }
  Id column(std::string_view table, std::string_view text, uint32_t position = 0) {
    return node(MORTISE_SYNTAX_COLUMN, {name(table), name(text)}, {}, 0, 0, position);
  }
  Id star() { return node(MORTISE_SYNTAX_COLUMN, {node(MORTISE_SYNTAX_STAR)}); }
  Id number(int64_t value, uint32_t position = 0) {
    return node(MORTISE_SYNTAX_INTEGER, {}, {}, value, 0, position);
  }
  Id decimal(std::string_view text) { return node(MORTISE_SYNTAX_NUMERIC, {}, text); }
  Id string(std::string_view text, uint32_t position = 0) {
    return node(MORTISE_SYNTAX_STRING, {}, text, 0, 0, position);
  }
  Id null() { return node(MORTISE_SYNTAX_NULL); }
  Id parameter(int64_t number) { return node(MORTISE_SYNTAX_PARAMETER, {}, {}, number); }
  Id op(std::string_view symbol, Id left, Id right, uint32_t position = 0) {
    return node(MORTISE_SYNTAX_OPERATOR, {left, right, 0}, symbol, 0, 0, position);
  }
  Id call(std::string_view function, std::vector<Id> arguments, uint32_t flags = 0) {
    return node(MORTISE_SYNTAX_CALL, {list({name(function)}), list(std::move(arguments)), 0, 0, 0},
                {}, 0, flags);
  }
  Id table(std::string_view text, std::string_view alias = {}) {
    return node(MORTISE_SYNTAX_TABLE, {list({name(text)}), 0, 0}, alias);
  }
  Id target(Id expression, std::string_view alias = {}) {
    return node(MORTISE_SYNTAX_TARGET, {expression}, alias);
  }
  Id sort(Id expression, uint32_t flags = 0) {
    return node(MORTISE_SYNTAX_SORT, {expression}, {}, 0, flags);
  }
  struct Select {
    Id with = 0;
    std::vector<Id> targets = {};
    std::vector<Id> from = {};
    Id where = 0;
    std::vector<Id> group = {};
    Id having = 0;
    std::vector<Id> order = {};
    Id limit = 0;
    uint32_t flags = 0;
  };
  Id select(Select s) {
    std::vector<Id> targets;
    for (const Id t : s.targets) {
      targets.push_back(tree.node(t).is(MORTISE_SYNTAX_TARGET) ? t : target(t));
    }
    return node(MORTISE_SYNTAX_SELECT,
                {s.with, 0, list(targets), s.from.empty() ? 0 : list(s.from), s.where,
                 s.group.empty() ? 0 : list(s.group), s.having, 0,
                 s.order.empty() ? 0 : list(s.order), s.limit, 0, 0, 0},
                {}, 0, s.flags);
  }
};

// Binds a statement; the plan's text, or the failure as "SQLSTATE message @position".
std::string bound_text(Maker& maker, Id statement);
Result<LogicalPlan> bind_statement(Maker& maker, Id statement,
                                   std::vector<mortise_type_t> parameters = {});

}  // namespace mortise::sql_engine::testing
