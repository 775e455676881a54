// SPDX-License-Identifier: Apache-2.0
//
// Goal: grouping, ordering, sets, recursion, scans and changes do what SQL says.
// Method: plans made by hand over in-memory tables; random data with nulls and duplicates against
// references over std::map and std::sort; the seed is printed.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "fake_host.hpp"

namespace mortise::sql_engine::testing {

namespace {

constexpr uint32_t kInt = MORTISE_SQL_INT8;
constexpr uint32_t kText = MORTISE_SQL_TEXT;
constexpr uint64_t kSeed = 1906;

FakeTable random_table(size_t count, int64_t keys) {
  MESSAGE("seed " << kSeed);
  std::mt19937_64 random(kSeed);
  FakeTable table("t", {{"k", kInt}, {"n", kInt}, {"s", kText}});
  for (size_t i = 0; i < count; ++i) {
    const Cell key = random() % 9 == 0
                         ? nil()
                         : num(static_cast<int64_t>(random() % static_cast<uint64_t>(keys)));
    const Cell number =
        random() % 5 == 0 ? nil() : num(static_cast<int64_t>(random() % 1000) - 500);
    table.add({key, number, txt("a text of some length " + std::to_string(random() % 30))});
  }
  return table;
}

AggregateCall call_of(PlanMaker& maker, std::string_view name, ExpressionPtr argument) {
  AggregateCall made;
  std::vector<uint32_t> types;
  if (argument != nullptr) {
    types.push_back(argument->type.sql_type);
    made.arguments.push_back(std::move(argument));
  }
  made.function = function(name, types);
  made.type = type_of(made.function->return_type);
  made.id = maker.plan.columns.add(std::string(name), made.type);
  return made;
}

LogicalPtr filter_of(LogicalPtr input, ExpressionPtr condition) {
  auto filter = std::make_unique<Filter>();
  filter->outputs = input->outputs;
  filter->condition = std::move(condition);
  filter->inputs.push_back(std::move(input));
  return filter;
}

}  // namespace

TEST_CASE(
    "groups agree with a map, with nulls as a group and strict aggregates passing over them") {
  for (const int64_t keys : {4, 3000}) {
    FakeTable table = random_table(20000, keys);
    PlanMaker maker;
    auto scan = maker.scan(table);
    auto aggregate = std::make_unique<Aggregate>();
    const ColumnId key = maker.column("key", kInt);
    const ColumnId text = maker.column("text", kText);
    aggregate->groups.push_back({key, maker.col(scan->outputs[0])});
    aggregate->groups.push_back({text, maker.col(scan->outputs[2])});
    aggregate->calls.push_back(call_of(maker, "sum", maker.col(scan->outputs[1])));
    aggregate->calls.push_back(call_of(maker, "count", nullptr));
    aggregate->calls.push_back(call_of(maker, "max", maker.col(scan->outputs[1])));
    AggregateCall distinct = call_of(maker, "count", maker.col(scan->outputs[1]));
    distinct.is_distinct = true;
    aggregate->calls.push_back(std::move(distinct));
    AggregateCall filtered = call_of(maker, "count", nullptr);
    filtered.filter = binary(">", maker.col(scan->outputs[1]), constant(int64_t{100}));
    aggregate->calls.push_back(std::move(filtered));
    std::vector<ColumnId> outputs = {key, text};
    for (const AggregateCall& call : aggregate->calls) outputs.push_back(call.id);
    aggregate->outputs = outputs;
    aggregate->inputs.push_back(std::move(scan));
    FakeHost host;
    Outcome outcome = host.run(maker.finish(std::move(aggregate), outputs));
    REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));

    struct Group {
      Cell sum = nil(), max = nil();
      int64_t count = 0, above = 0;
      std::set<int64_t> seen;
    };
    std::map<std::pair<Cell, Cell>, Group> expected;
    for (const CellRow& row : table.rows) {
      Group& g = expected[{row[0], row[2]}];
      g.count += 1;
      if (row[1].is_null) continue;
      g.sum = num((g.sum.is_null ? 0 : g.sum.number) + row[1].number);
      g.max = num(g.max.is_null ? row[1].number : std::max(g.max.number, row[1].number));
      g.above += row[1].number > 100 ? 1 : 0;
      g.seen.insert(row[1].number);
    }
    std::vector<CellRow> rows;
    for (const auto& [keys_of, g] : expected) {
      rows.push_back({keys_of.first, keys_of.second, g.sum, num(g.count), g.max,
                      num(static_cast<int64_t>(g.seen.size())), num(g.above)});
    }
    std::sort(rows.begin(), rows.end());
    std::sort(outcome.rows.begin(), outcome.rows.end());
    CHECK(outcome.rows == rows);
  }
}

TEST_CASE("an aggregate without groups gives one row, also for no input") {
  FakeTable table("t", {{"k", kInt}});
  PlanMaker maker;
  auto scan = maker.scan(table);
  auto aggregate = std::make_unique<Aggregate>();
  aggregate->calls.push_back(call_of(maker, "sum", maker.col(scan->outputs[0])));
  aggregate->calls.push_back(call_of(maker, "count", nullptr));
  const std::vector<ColumnId> outputs = {aggregate->calls[0].id, aggregate->calls[1].id};
  aggregate->outputs = outputs;
  aggregate->inputs.push_back(std::move(scan));
  FakeHost host;
  Outcome outcome = host.run(maker.finish(std::move(aggregate), outputs));
  CHECK(outcome.rows == std::vector<CellRow>{{nil(), num(0)}});
}

TEST_CASE("grouping sets group once each and say which columns count") {
  FakeTable table = random_table(500, 5);
  PlanMaker maker;
  auto scan = maker.scan(table);
  auto aggregate = std::make_unique<Aggregate>();
  const ColumnId key = maker.column("key", kInt);
  const ColumnId text = maker.column("text", kText);
  aggregate->groups.push_back({key, maker.col(scan->outputs[0])});
  aggregate->groups.push_back({text, maker.col(scan->outputs[2])});
  aggregate->sets = {{0, 1}, {0}, {}};
  aggregate->calls.push_back(call_of(maker, "count", nullptr));
  const std::vector<ColumnId> outputs = {key, text, aggregate->calls[0].id};
  aggregate->outputs = outputs;
  aggregate->inputs.push_back(std::move(scan));
  FakeHost host;
  Outcome outcome = host.run(maker.finish(std::move(aggregate), outputs));
  std::map<CellRow, int64_t> expected;
  std::vector<CellRow> rows;
  for (const CellRow& row : table.rows) expected[{row[0], row[2]}] += 1;
  for (const auto& [k, count] : expected) rows.push_back({k[0], k[1], num(count)});
  expected.clear();
  for (const CellRow& row : table.rows) expected[{row[0]}] += 1;
  for (const auto& [k, count] : expected) rows.push_back({k[0], nil(), num(count)});
  rows.push_back({nil(), nil(), num(500)});
  std::sort(rows.begin(), rows.end());
  std::sort(outcome.rows.begin(), outcome.rows.end());
  CHECK(outcome.rows == rows);
}

TEST_CASE("ORDER BY within an aggregate call orders what it sees") {
  FakeTable table("t", {{"g", kInt}, {"s", kText}});
  for (const char* s : {"d", "b", "a", "c"}) table.add({num(1), txt(s)});
  PlanMaker maker;
  auto scan = maker.scan(table);
  auto aggregate = std::make_unique<Aggregate>();
  AggregateCall joined = call_of(maker, "joined", maker.col(scan->outputs[1]));
  joined.order.push_back({maker.col(scan->outputs[1]), true, false});
  aggregate->calls.push_back(std::move(joined));
  const std::vector<ColumnId> outputs = {aggregate->calls[0].id};
  aggregate->outputs = outputs;
  aggregate->inputs.push_back(std::move(scan));
  FakeHost host;
  CHECK(host.run(maker.finish(std::move(aggregate), outputs)).rows ==
        std::vector<CellRow>{{txt("dcba")}});
}

TEST_CASE("rows are sorted by all keys, with nulls where they are wanted, and top-N is a prefix") {
  FakeTable table = random_table(30000, 50);
  for (const bool is_descending : {false, true}) {
    for (const bool is_nulls_first : {false, true}) {
      for (const int64_t limit : {int64_t{0}, int64_t{10}, int64_t{5000}}) {
        PlanMaker maker;
        auto scan = maker.scan(table);
        const std::vector<ColumnId> outputs = scan->outputs;
        auto sort = std::make_unique<Sort>();
        sort->keys.push_back({maker.col(outputs[0]), is_descending, is_nulls_first});
        sort->keys.push_back({maker.col(outputs[2]), false, false});
        sort->keys.push_back({maker.col(outputs[1]), true, true});
        sort->outputs = outputs;
        sort->inputs.push_back(std::move(scan));
        LogicalPtr root = std::move(sort);
        if (limit != 0) {
          auto limited = std::make_unique<Limit>();
          limited->limit = constant(limit);
          limited->offset = constant(int64_t{3});
          limited->outputs = outputs;
          limited->inputs.push_back(std::move(root));
          root = std::move(limited);
        }
        FakeHost host;
        Outcome outcome = host.run(maker.finish(std::move(root), outputs));
        REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
        std::vector<CellRow> rows = table.rows;
        std::stable_sort(rows.begin(), rows.end(), [&](const CellRow& a, const CellRow& b) {
          if (a[0] != b[0]) {
            if (a[0].is_null) return is_nulls_first;
            if (b[0].is_null) return !is_nulls_first;
            return is_descending ? b[0] < a[0] : a[0] < b[0];
          }
          if (a[2] != b[2]) return a[2] < b[2];
          if (a[1] == b[1]) return false;
          if (a[1].is_null || b[1].is_null) return a[1].is_null;
          return b[1] < a[1];
        });
        if (limit != 0) {
          rows.erase(rows.begin(), rows.begin() + 3);
          rows.resize(static_cast<size_t>(limit));
        }
        CHECK(outcome.rows == rows);
      }
    }
  }
}

TEST_CASE("all six set operations count rows as SQL does") {
  FakeTable left("l", {{"a", kInt}});
  FakeTable right("r", {{"a", kInt}});
  std::map<Cell, std::pair<int64_t, int64_t>> counts;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 3000; ++i) {
    const Cell a = random() % 5 == 0 ? nil() : num(static_cast<int64_t>(random() % 20));
    const Cell b = num(static_cast<int64_t>(random() % 30));
    left.add({a});
    counts[a].first += 1;
    if (i % 4 != 0) continue;
    right.add({b});
    counts[b].second += 1;
  }
  for (const SetOperationType type :
       {SetOperationType::unite, SetOperationType::intersect, SetOperationType::except}) {
    for (const bool is_all : {false, true}) {
      PlanMaker maker;
      auto a = maker.scan(left);
      auto b = maker.scan(right);
      auto operation = std::make_unique<SetOperation>();
      operation->type = type;
      operation->is_all = is_all;
      operation->left = a->outputs;
      operation->right = b->outputs;
      operation->outputs = {maker.column("a", kInt)};
      const std::vector<ColumnId> outputs = operation->outputs;
      operation->inputs.push_back(std::move(a));
      operation->inputs.push_back(std::move(b));
      FakeHost host;
      Outcome outcome = host.run(maker.finish(std::move(operation), outputs));
      std::vector<CellRow> rows;
      for (const auto& [cell, count] : counts) {
        const auto [l, r] = count;
        int64_t times = l + r;
        if (type == SetOperationType::unite && !is_all) times = 1;
        if (type == SetOperationType::intersect) {
          times = is_all ? std::min(l, r) : std::min<int64_t>(1, std::min(l, r));
        }
        if (type == SetOperationType::except) {
          times = is_all ? std::max<int64_t>(0, l - r) : (l != 0 && r == 0 ? 1 : 0);
        }
        for (int64_t i = 0; i < times; ++i) rows.push_back({cell});
      }
      std::sort(rows.begin(), rows.end());
      std::sort(outcome.rows.begin(), outcome.rows.end());
      CHECK(outcome.rows == rows);
    }
  }
}

TEST_CASE("a guard in a conjunction keeps the division from being asked") {
  FakeTable table("t", {{"a", kInt}, {"b", kInt}});
  table.add({num(10), num(0)});
  table.add({num(10), num(2)});
  table.add({num(10), nil()});
  PlanMaker maker;
  auto scan = maker.scan(table);
  const std::vector<ColumnId> outputs = scan->outputs;
  std::vector<ExpressionPtr> parts;
  parts.push_back(binary("<>", maker.col(outputs[1]), constant(int64_t{0})));
  parts.push_back(
      binary("=", binary("/", maker.col(outputs[0]), maker.col(outputs[1])), constant(int64_t{5})));
  LogicalPtr root = filter_of(std::move(scan), make_conjunction(std::move(parts)));
  FakeHost host;
  Outcome outcome = host.run(maker.finish(std::move(root), outputs));
  CHECK(outcome.status.is_ok());
  CHECK(outcome.rows == std::vector<CellRow>{{num(10), num(2)}});
}

TEST_CASE("a failing expression ends the run with its SQLSTATE") {
  FakeTable table("t", {{"a", kInt}});
  table.add({num(0)});
  PlanMaker maker;
  auto scan = maker.scan(table);
  auto project = std::make_unique<Project>();
  const ColumnId id = maker.column("x", kInt);
  project->expressions.push_back(
      {id, binary("/", constant(int64_t{1}), maker.col(scan->outputs[0]))});
  project->outputs = {id};
  project->inputs.push_back(std::move(scan));
  FakeHost host;
  CHECK(host.run(maker.finish(std::move(project), {id})).status.sqlstate() == "22012");
}

TEST_CASE(
    "a unique key is read through its index and a changed key is not found under the old one") {
  FakeTable table("t", {{"k", kInt}, {"n", kInt}});
  for (int64_t i = 0; i < 1000; ++i) table.add({num(i), num(i * i)});
  table.add_index("t_pkey", {0}, true);
  table.rows[7][0] = num(5000);  // the entry for 7 is stale now
  for (const auto& [wanted, expected] :
       std::vector<std::pair<int64_t, size_t>>{{8, 1}, {7, 0}, {2000, 0}}) {
    PlanMaker maker;
    auto scan = maker.scan(table);
    const std::vector<ColumnId> outputs = scan->outputs;
    LogicalPtr root =
        filter_of(std::move(scan), binary("=", maker.col(outputs[0]), constant(wanted)));
    FakeHost host;
    LogicalPlan plan = maker.finish(std::move(root), outputs);
    CHECK(host.run(std::move(plan)).rows.size() == expected);
  }
  PlanMaker maker;
  auto scan = maker.scan(table);
  const std::vector<ColumnId> outputs = scan->outputs;
  LogicalPtr root =
      filter_of(std::move(scan), binary("=", constant(int64_t{3}), maker.col(outputs[0])));
  FakeHost host;
  CHECK(host.explain(maker.finish(std::move(root), outputs))[0].find("Index Scan") == 0);
}

TEST_CASE("EXISTS, NOT EXISTS and a correlated aggregate become joins and answer alike") {
  FakeTable outer_table("o", {{"k", kInt}});
  FakeTable inner_table("i", {{"k", kInt}, {"n", kInt}});
  for (int64_t i = 0; i < 50; ++i) outer_table.add({num(i)});
  for (int64_t i = 0; i < 200; ++i) inner_table.add({num(i % 20), num(i)});
  for (const bool is_negated : {false, true}) {
    PlanMaker maker;
    auto scan = maker.scan(outer_table);
    auto inner = maker.scan(inner_table);
    const std::vector<ColumnId> outputs = scan->outputs;
    auto exists = std::make_unique<Expression>();
    exists->kind = ExpressionKind::exists;
    exists->type = boolean_type();
    exists->is_negated = is_negated;
    exists->subquery = std::make_unique<Subquery>();
    exists->subquery->columns = {inner->outputs[0]};
    exists->subquery->outer = {outputs[0]};
    ExpressionPtr condition = binary("=", maker.col(inner->outputs[0]), maker.col(outputs[0]));
    exists->subquery->plan = filter_of(std::move(inner), std::move(condition));
    LogicalPtr root = filter_of(std::move(scan), std::move(exists));
    FakeHost host;
    Outcome outcome = host.run(maker.finish(std::move(root), outputs));
    CHECK_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
    CHECK(outcome.rows.size() == (is_negated ? 30 : 20));
  }
}

TEST_CASE(
    "a scalar subquery that is not unnested is run for each outer value, and fails for two rows") {
  FakeTable outer_table("o", {{"k", kInt}});
  FakeTable inner_table("i", {{"k", kInt}, {"n", kInt}});
  for (int64_t i = 0; i < 10; ++i) outer_table.add({num(i)});
  for (int64_t i = 0; i < 5; ++i) inner_table.add({num(i), num(i * 10)});
  for (const bool has_two : {false, true}) {
    if (has_two) inner_table.add({num(3), num(31)});
    PlanMaker maker;
    auto scan = maker.scan(outer_table);
    auto inner = maker.scan(inner_table);
    auto value = std::make_unique<Expression>();
    value->kind = ExpressionKind::scalar_subquery;
    value->type = type_of(kInt);
    value->subquery = std::make_unique<Subquery>();
    value->subquery->columns = {inner->outputs[1]};
    value->subquery->outer = {scan->outputs[0]};
    ExpressionPtr condition =
        binary("=", maker.col(inner->outputs[0]), maker.col(scan->outputs[0]));
    value->subquery->plan = filter_of(std::move(inner), std::move(condition));
    auto project = std::make_unique<Project>();
    const ColumnId id = maker.column("v", kInt);
    project->expressions.push_back({id, std::move(value)});
    project->outputs = {id};
    project->inputs.push_back(std::move(scan));
    FakeHost host;
    Outcome outcome = host.run(maker.finish(std::move(project), {id}));
    if (has_two) {
      CHECK(outcome.status.sqlstate() == "21000");
    } else {
      REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
      CHECK(outcome.rows.size() == 10);
      CHECK(outcome.rows[4] == CellRow{num(40)});
      CHECK(outcome.rows[7] == CellRow{nil()});
    }
  }
}

TEST_CASE("a recursive query counts to a hundred") {
  PlanMaker maker;
  auto first = std::make_unique<Values>();
  first->outputs = {maker.column("n", kInt)};
  first->rows.emplace_back();
  first->rows[0].push_back(constant(int64_t{1}));
  auto recursion = std::make_unique<RecursiveUnion>();
  recursion->outputs = {maker.column("n", kInt)};
  auto working = std::make_unique<WorkingTableScan>();
  working->outputs = {maker.column("w", kInt)};
  auto project = std::make_unique<Project>();
  const ColumnId next = maker.column("next", kInt);
  project->expressions.push_back(
      {next, binary("+", maker.col(working->outputs[0]), constant(int64_t{1}))});
  project->outputs = {next};
  ExpressionPtr condition = binary("<", maker.col(working->outputs[0]), constant(int64_t{100}));
  project->inputs.push_back(filter_of(std::move(working), std::move(condition)));
  recursion->left = first->outputs;
  recursion->right = {next};
  const std::vector<ColumnId> outputs = recursion->outputs;
  recursion->inputs.push_back(std::move(first));
  recursion->inputs.push_back(std::move(project));
  FakeHost host;
  Outcome outcome = host.run(maker.finish(std::move(recursion), outputs));
  REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
  CHECK(outcome.rows.size() == 100);
  CHECK(outcome.rows.back() == CellRow{num(100)});
}

TEST_CASE("a suspended run goes on where it stopped") {
  FakeTable table = random_table(5000, 10);
  PlanMaker maker;
  auto scan = maker.scan(table);
  const std::vector<ColumnId> outputs = scan->outputs;
  FakeHost host;
  Outcome outcome = host.run(maker.finish(std::move(scan), outputs), {}, {}, 37);
  CHECK(outcome.rows == table.rows);
  CHECK(outcome.count == 5000);
}

TEST_CASE("a query past its budget ends with 53200 and gives all memory back") {
  FakeTable table = random_table(50000, 50000);
  PlanMaker maker;
  auto scan = maker.scan(table);
  const std::vector<ColumnId> outputs = scan->outputs;
  auto sort = std::make_unique<Sort>();
  sort->keys.push_back({maker.col(outputs[2]), false, false});
  sort->outputs = outputs;
  sort->inputs.push_back(std::move(scan));
  FakeHost host;
  host.memory.budget_bytes = 1000000;
  Outcome outcome = host.run(maker.finish(std::move(sort), outputs));
  CHECK(outcome.status.sqlstate() == "53200");
  CHECK(host.memory.used_bytes == 0);
}

TEST_CASE("a cancelled statement ends with 57014") {
  FakeTable table = random_table(100, 10);
  PlanMaker maker;
  auto scan = maker.scan(table);
  const std::vector<ColumnId> outputs = scan->outputs;
  FakeHost host;
  host.interrupt = 1;
  CHECK(host.run(maker.finish(std::move(scan), outputs)).status.sqlstate() == "57014");
}

}  // namespace mortise::sql_engine::testing
