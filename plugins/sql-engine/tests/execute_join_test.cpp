// SPDX-License-Identifier: Apache-2.0
//
// Goal: every kind of join answers what nested loops over plain vectors answer.
// Method: random small tables with nulls and duplicates, joined by the executor (hash join, with
// and without a residual condition; nested loop) and by a naive reference; rows compared as
// multisets.
#include <doctest/doctest.h>

#include <algorithm>
#include <random>

#include "fake_host.hpp"

namespace mortise::sql_engine::testing {

namespace {

void fill(FakeTable& table, std::mt19937_64& random, size_t count, int64_t keys) {
  for (size_t i = 0; i < count; ++i) {
    const auto key = static_cast<int64_t>(random() % static_cast<uint64_t>(keys));
    const Cell cell = random() % 10 == 0 ? nil() : num(key);
    table.add({cell, num(static_cast<int64_t>(random() % 100)),
               random() % 7 == 0 ? nil() : txt("value number " + std::to_string(random() % 50))});
  }
}

bool matches(const CellRow& a, const CellRow& b, bool has_residual) {
  if (a[0].is_null || b[0].is_null || a[0] != b[0]) return false;
  return !has_residual || a[1] < b[1];
}

std::vector<CellRow> reference(const FakeTable& left, const FakeTable& right, JoinType type,
                               bool has_residual) {
  std::vector<CellRow> result;
  std::vector<bool> right_found(right.rows.size(), false);
  const CellRow nulls(3, nil());
  const bool right_has_null = std::any_of(right.rows.begin(), right.rows.end(),
                                          [](const CellRow& r) { return r[0].is_null; });
  for (const CellRow& a : left.rows) {
    bool found = false;
    for (size_t r = 0; r < right.rows.size(); ++r) {
      if (!matches(a, right.rows[r], has_residual)) continue;
      found = true;
      right_found[r] = true;
      CellRow both = a;
      both.insert(both.end(), right.rows[r].begin(), right.rows[r].end());
      if (type == JoinType::inner || type == JoinType::left || type == JoinType::right ||
          type == JoinType::full) {
        result.push_back(both);
      }
    }
    CellRow alone = a;
    alone.insert(alone.end(), nulls.begin(), nulls.end());
    if (!found && (type == JoinType::left || type == JoinType::full)) result.push_back(alone);
    if (found && type == JoinType::semi) result.push_back(a);
    if (!found && type == JoinType::anti) result.push_back(a);
    const bool is_unknown = !found && !right.rows.empty() && (a[0].is_null || right_has_null);
    if (type == JoinType::anti_nulls && !found && !is_unknown) result.push_back(a);
    if (type == JoinType::mark) {
      CellRow marked = a;
      marked.push_back(is_unknown ? nil() : num(found ? 1 : 0));
      result.push_back(marked);
    }
  }
  for (size_t r = 0; r < right.rows.size(); ++r) {
    if (right_found[r] || (type != JoinType::right && type != JoinType::full)) continue;
    CellRow alone = nulls;
    alone.insert(alone.end(), right.rows[r].begin(), right.rows[r].end());
    result.push_back(alone);
  }
  std::sort(result.begin(), result.end());
  return result;
}

LogicalPlan join_plan(const FakeTable& left, const FakeTable& right, JoinType type,
                      bool has_residual, bool is_hashed) {
  PlanMaker maker;
  auto a = maker.scan(left);
  auto b = maker.scan(right);
  std::vector<ExpressionPtr> conditions;
  if (is_hashed) {
    conditions.push_back(binary("=", maker.col(a->outputs[0]), maker.col(b->outputs[0])));
  } else {
    // The same, in a form that no hash table helps with.
    conditions.push_back(
        binary("=",
               binary("+", maker.col(a->outputs[0]),
                      binary("*", maker.col(b->outputs[0]), constant(int64_t{-1}))),
               constant(int64_t{0})));
  }
  if (has_residual) {
    conditions.push_back(binary("<", maker.col(a->outputs[1]), maker.col(b->outputs[1])));
  }
  auto join = std::make_unique<Join>();
  join->type = type;
  join->condition = make_conjunction(std::move(conditions));
  std::vector<ColumnId> outputs = a->outputs;
  const bool shows_right = type == JoinType::inner || type == JoinType::left ||
                           type == JoinType::right || type == JoinType::full;
  if (shows_right) outputs.insert(outputs.end(), b->outputs.begin(), b->outputs.end());
  if (type == JoinType::mark) {
    join->mark = maker.column("mark", MORTISE_SQL_BOOL);
    outputs.push_back(join->mark);
  }
  join->outputs = outputs;
  join->inputs.push_back(std::move(a));
  join->inputs.push_back(std::move(b));
  return maker.finish(std::move(join), outputs);
}

}  // namespace

TEST_CASE("joins of every kind agree with nested loops over vectors") {
  const uint64_t seed = 20261121;
  MESSAGE("seed " << seed);
  std::mt19937_64 random(seed);
  const JoinType types[] = {JoinType::inner, JoinType::left, JoinType::right, JoinType::full,
                            JoinType::semi,  JoinType::anti, JoinType::mark,  JoinType::anti_nulls};
  for (int round = 0; round < 12; ++round) {
    FakeTable left("l",
                   {{"k", MORTISE_SQL_INT8}, {"n", MORTISE_SQL_INT8}, {"s", MORTISE_SQL_TEXT}});
    FakeTable right("r",
                    {{"k", MORTISE_SQL_INT8}, {"n", MORTISE_SQL_INT8}, {"s", MORTISE_SQL_TEXT}});
    fill(left, random, random() % 300, 40);
    fill(right, random, round == 0 ? 0 : random() % 300, 40);
    for (const JoinType type : types) {
      for (const bool is_hashed : {true, false}) {
        for (const bool has_residual : {false, true}) {
          if (has_residual && (type == JoinType::mark || type == JoinType::anti_nulls)) continue;
          FakeHost host;
          Outcome outcome = host.run(join_plan(left, right, type, has_residual, is_hashed));
          CHECK_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
          std::sort(outcome.rows.begin(), outcome.rows.end());
          CHECK_MESSAGE(outcome.rows == reference(left, right, type, has_residual),
                        "round " << round << " type " << static_cast<int>(type) << " hashed "
                                 << is_hashed << " residual " << has_residual);
        }
      }
    }
  }
}

TEST_CASE("a join to many duplicates of a key gives every pair") {
  FakeTable left("l", {{"k", MORTISE_SQL_INT8}, {"n", MORTISE_SQL_INT8}, {"s", MORTISE_SQL_TEXT}});
  FakeTable right("r", {{"k", MORTISE_SQL_INT8}, {"n", MORTISE_SQL_INT8}, {"s", MORTISE_SQL_TEXT}});
  for (int64_t i = 0; i < 5000; ++i) left.add({num(i % 3), num(i), txt("left")});
  for (int64_t i = 0; i < 60; ++i) right.add({num(i % 3), num(i), txt("a right side text")});
  FakeHost host;
  Outcome outcome = host.run(join_plan(left, right, JoinType::inner, false, true));
  CHECK(outcome.status.is_ok());
  CHECK(outcome.rows.size() == 5000 * 20);
}

}  // namespace mortise::sql_engine::testing
