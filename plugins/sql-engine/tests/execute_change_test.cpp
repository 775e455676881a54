// SPDX-License-Identifier: Apache-2.0
//
// Goal: rows are stored, changed and removed with their constraints and indexes, and concurrent
// changes are met as the isolation level says.
// Method: plans by hand over in-memory tables whose engine can pretend that somebody else was
// faster.
#include <doctest/doctest.h>

#include <algorithm>

#include "fake_host.hpp"

namespace mortise::sql_engine::testing {

namespace {

constexpr uint32_t kInt = MORTISE_SQL_INT8;
constexpr uint32_t kText = MORTISE_SQL_TEXT;

LogicalPlan insert_plan(const FakeTable& table, const std::vector<CellRow>& rows,
                        bool has_returning = false) {
  PlanMaker maker;
  auto values = std::make_unique<Values>();
  auto insert = std::make_unique<Insert>();
  insert->relation = table.relation();
  for (const schema::ColumnDef& column : table.relation()->columns()) {
    values->outputs.push_back(maker.plan.columns.add(column.name, column.type));
    insert->row.push_back(maker.plan.columns.add(column.name, column.type));
  }
  insert->source = values->outputs;
  insert->outputs = insert->row;
  for (const CellRow& row : rows) {
    auto& made = values->rows.emplace_back();
    for (size_t c = 0; c < row.size(); ++c) {
      const mortise_type_t& type = table.relation()->columns()[c].type;
      if (row[c].is_null) {
        made.push_back(make_constant(Datum::null(type)));
      } else if (type.physical == MORTISE_PHYSICAL_TEXT) {
        made.push_back(constant(row[c].text));
      } else {
        made.push_back(constant(row[c].number));
      }
    }
  }
  insert->inputs.push_back(std::move(values));
  maker.plan.kind = StatementKind::insert;
  const std::vector<ColumnId> results = has_returning ? insert->row : std::vector<ColumnId>();
  return maker.finish(std::move(insert), results);
}

// UPDATE t SET n = n + 1 WHERE k < bound RETURNING k, n.
LogicalPlan update_plan(const FakeTable& table, int64_t bound) {
  PlanMaker maker;
  auto scan = maker.scan(table, true);
  auto update = std::make_unique<Update>();
  update->relation = table.relation();
  update->row_id = scan->row_id;
  update->old_row.assign(scan->outputs.begin(), scan->outputs.end() - 1);
  for (const schema::ColumnDef& column : table.relation()->columns()) {
    update->row.push_back(maker.plan.columns.add(column.name, column.type));
  }
  update->outputs = update->row;
  update->assignments.push_back(
      {1, binary("+", maker.col(scan->outputs[1]), constant(int64_t{1}))});
  ExpressionPtr condition = binary("<", maker.col(scan->outputs[0]), constant(bound));
  update->recheck = clone(*condition);
  auto filter = std::make_unique<Filter>();
  filter->outputs = scan->outputs;
  filter->condition = std::move(condition);
  filter->inputs.push_back(std::move(scan));
  update->inputs.push_back(std::move(filter));
  maker.plan.kind = StatementKind::update;
  const std::vector<ColumnId> results = update->row;
  return maker.finish(std::move(update), results);
}

LogicalPlan erase_plan(const FakeTable& table, int64_t bound) {
  PlanMaker maker;
  auto scan = maker.scan(table, true);
  auto erase = std::make_unique<Erase>();
  erase->relation = table.relation();
  erase->row_id = scan->row_id;
  erase->old_row.assign(scan->outputs.begin(), scan->outputs.end() - 1);
  erase->outputs = erase->old_row;
  ExpressionPtr condition = binary("<", maker.col(scan->outputs[0]), constant(bound));
  erase->recheck = clone(*condition);
  auto filter = std::make_unique<Filter>();
  filter->outputs = scan->outputs;
  filter->condition = std::move(condition);
  filter->inputs.push_back(std::move(scan));
  erase->inputs.push_back(std::move(filter));
  maker.plan.kind = StatementKind::erase;
  return maker.finish(std::move(erase), {});
}

FakeTable numbers(int64_t count) {
  FakeTable table("t", {{"k", kInt}, {"n", kInt}});
  for (int64_t i = 0; i < count; ++i) table.add({num(i), num(i * 10)});
  return table;
}

Relation& change(const FakeTable& table) { return const_cast<Relation&>(*table.relation()); }

}  // namespace

TEST_CASE("inserted rows are in the table, counted and returned") {
  FakeTable table("t", {{"k", kInt}, {"s", kText}});
  const std::vector<CellRow> rows = {{num(1), txt("one")}, {num(2), nil()}};
  FakeHost host;
  Outcome outcome = host.run(insert_plan(table, rows, true));
  REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
  CHECK(table.live_rows() == rows);
  CHECK(outcome.rows == rows);
  CHECK(outcome.count == 2);
}

TEST_CASE("a null where none may be ends with 23502 and names the column") {
  FakeTable table("t", {{"k", kInt}, {"s", kText}});
  change(table).definition.columns[1].is_not_null = true;
  FakeHost host;
  Outcome outcome = host.run(insert_plan(table, {{num(1), nil()}}));
  CHECK(outcome.status.sqlstate() == "23502");
  CHECK(outcome.status.message() ==
        "null value in column \"s\" of relation \"t\" violates not-null constraint");
  CHECK(outcome.status.field(MORTISE_ERROR_FIELD_COLUMN) == "s");
  CHECK(table.rows.empty());
}

TEST_CASE("a living equal key ends with 23505, a dead one does not") {
  for (const bool is_dead : {false, true}) {
    FakeTable table = numbers(10);
    table.add_index("t_pkey", {0}, true);
    if (is_dead) table.is_alive[3] = false;
    FakeHost host;
    Outcome outcome = host.run(insert_plan(table, {{num(100), num(0)}, {num(3), num(0)}}));
    if (is_dead) {
      CHECK(outcome.status.is_ok());
    } else {
      CHECK(outcome.status.sqlstate() == "23505");
      CHECK(outcome.status.message() ==
            "duplicate key value violates unique constraint \"t_pkey\"");
    }
  }
}

TEST_CASE("two equal keys within one statement are refused") {
  FakeTable table("t", {{"k", kInt}, {"n", kInt}});
  table.add_index("t_pkey", {0}, true);
  FakeHost host;
  CHECK(host.run(insert_plan(table, {{num(1), num(0)}, {num(1), num(0)}})).status.sqlstate() ==
        "23505");
}

TEST_CASE("an update changes what its condition names and nothing else") {
  FakeTable table = numbers(10);
  FakeHost host;
  Outcome outcome = host.run(update_plan(table, 3));
  REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
  CHECK(outcome.count == 3);
  CHECK(outcome.rows ==
        std::vector<CellRow>{{num(0), num(1)}, {num(1), num(11)}, {num(2), num(21)}});
  CHECK(table.rows[3][1] == num(30));
}

TEST_CASE("READ COMMITTED looks again at a row that another transaction changed") {
  FakeTable table = numbers(5);
  // Somebody commits n = 1000 for row 1, and moves row 2 out of the condition.
  table.before_change = [&](uint64_t row) -> uint8_t {
    if (row == 1) table.rows[1][1] = num(1000);
    if (row == 2) table.rows[2][0] = num(77);
    return row == 1 || row == 2 ? MORTISE_ROW_CHANGED : MORTISE_ROW_DONE;
  };
  FakeHost host;
  Outcome outcome = host.run(update_plan(table, 4));
  REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
  CHECK(table.rows[0][1] == num(1));
  CHECK(table.rows[1][1] == num(1001));
  CHECK(table.rows[2] == CellRow{num(77), num(20)});
  CHECK(table.rows[3][1] == num(31));
  CHECK(outcome.count == 3);
}

TEST_CASE("REPEATABLE READ fails with 40001 instead") {
  FakeTable table = numbers(5);
  table.before_change = [](uint64_t row) -> uint8_t {
    return row == 1 ? MORTISE_ROW_CHANGED : MORTISE_ROW_DONE;
  };
  FakeHost host;
  host.isolation = MORTISE_ISOLATION_REPEATABLE_READ;
  Outcome outcome = host.run(update_plan(table, 4));
  CHECK(outcome.status.sqlstate() == "40001");
  CHECK(outcome.status.message() == "could not serialize access due to concurrent update");
}

TEST_CASE("deleted rows are gone, and a row deleted by somebody else is passed over") {
  FakeTable table = numbers(6);
  table.before_change = [](uint64_t row) -> uint8_t {
    return row == 2 ? MORTISE_ROW_GONE : MORTISE_ROW_DONE;
  };
  FakeHost host;
  Outcome outcome = host.run(erase_plan(table, 4));
  REQUIRE_MESSAGE(outcome.status.is_ok(), std::string(outcome.status.message()));
  CHECK(outcome.count == 3);
  CHECK(std::count(table.is_alive.begin(), table.is_alive.end(), true) == 3);
}

}  // namespace mortise::sql_engine::testing
