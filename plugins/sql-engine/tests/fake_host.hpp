// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the executor run on in its unit tests?
//
// Memory with a budget, a table engine and an index that live in vectors, and a short list of
// functions over bigint and text.  All of it does what the interfaces say in the simplest way, so
// that it can serve as the reference, too.
//
// Threads: one.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/execution.hpp"
#include "plan/logical.hpp"

namespace mortise::sql_engine::testing {

mortise_type_t type_of(uint32_t sql_type);

// A value of a test: null, a number or a text.
struct Cell {
  bool is_null = true;
  int64_t number = 0;
  std::string text;
  bool operator==(const Cell&) const = default;
  auto operator<=>(const Cell&) const = default;
};
Cell num(int64_t value);
Cell txt(std::string value);
Cell nil();
using CellRow = std::vector<Cell>;

// Memory that counts and refuses.
class FakeMemory {
 public:
  FakeMemory();
  ~FakeMemory();
  const mortise_iface_memory_t* table() const { return &table_; }
  mortise_account_t* account() { return reinterpret_cast<mortise_account_t*>(this); }
  uint64_t budget_bytes = UINT64_MAX;
  uint64_t used_bytes = 0;
  std::map<void*, uint64_t> blocks;

 private:
  mortise_iface_memory_t table_{};
};

// A table whose versions are its rows: updates overwrite, deletes leave a hole.
class FakeTable {
 public:
  FakeTable(std::string name, std::vector<std::pair<std::string, uint32_t>> columns);
  // An ordered index on columns by position.
  void add_index(std::string name, std::vector<uint32_t> columns, bool is_unique);
  void add(CellRow row);
  const RelationPtr& relation() const { return relation_; }

  std::vector<CellRow> rows;
  std::vector<bool> is_alive;
  std::vector<CellRow> live_rows() const;
  uint64_t rows_estimate = 0;  // 0: the true number
  // Called before a row is changed; answers MORTISE_ROW_*.
  std::function<uint8_t(uint64_t row)> before_change;
  struct Index {
    FakeTable* table;
    std::vector<uint32_t> columns;
    std::vector<std::pair<std::string, mortise_row_id_t>> entries;  // sorted
  };
  std::vector<std::unique_ptr<Index>> indexes;

 private:
  RelationPtr relation_;
  std::shared_ptr<Relation> mutable_relation_;
};

const mortise_function_t* function(std::string_view name, std::vector<uint32_t> arguments);

// What a run leaves.
struct Outcome {
  Status status;
  std::vector<CellRow> rows;
  uint64_t count = 0;
  std::string copied;
};

class FakeHost {
 public:
  FakeHost();
  Outcome run(LogicalPlan plan, std::vector<Datum> parameters = {}, std::string copy_data = {},
              uint64_t rows_max = 0);
  std::vector<std::string> explain(LogicalPlan plan);
  FakeMemory memory;
  Services services;
  uint32_t isolation = MORTISE_ISOLATION_READ_COMMITTED;
  uint32_t interrupt = 0;
  size_t copy_piece_bytes = 7;
};

// Short ways to build plans.
struct PlanMaker {
  LogicalPlan plan;
  ColumnId column(std::string name, uint32_t sql_type) {
    return plan.columns.add(std::move(name), type_of(sql_type));
  }
  std::unique_ptr<Scan> scan(const FakeTable& table, bool has_row_id = false);
  ExpressionPtr col(ColumnId id);
  LogicalPlan finish(LogicalPtr root, std::vector<ColumnId> results);
};
ExpressionPtr constant(int64_t value);
ExpressionPtr constant(std::string value);
ExpressionPtr null_number();
ExpressionPtr call(std::string_view name, std::vector<ExpressionPtr> arguments);
ExpressionPtr binary(std::string_view symbol, ExpressionPtr a, ExpressionPtr b);

}  // namespace mortise::sql_engine::testing
