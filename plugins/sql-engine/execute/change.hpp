// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do rows get stored, changed and removed, with all that hangs on them?
//
// Insert, Update and Erase pull their input batch by batch: constraints that a row alone can break
// are tested first (23502, 23514), then the table engine makes the change, then the indexes learn
// about it; equal keys that a unique index reports are looked at in the table, and a living one is
// 23505.  The view's command number keeps a statement from seeing what it does (X1 of txn.h), so
// that its scan may still be running.
//
// A row that somebody else changed since the snapshot: under READ COMMITTED it is locked, read
// again in its newest version, and the statement's condition and assignments are computed anew for
// it; at the stricter levels the statement fails with 40001.
//
// Invariants
//   U1  Rows are counted (Run::rows_changed) once each, and only when they were changed.
//   U2  A failure leaves part of the batch changed; the session rolls back to before the statement
//       (H4 of table_engine.h).
//
// Threads: one cursor each.

#include "execute/expression/program.hpp"
#include "execute/operator.hpp"

namespace mortise::sql_engine {

// What insert and update have in common: the row as it will be stored, one column per table column.
struct StoredRow {
  RelationPtr relation;
  std::vector<ColumnId> row;  // ids of the stored row's columns
  Program checks;             // over the row's columns, by table position
  // By table position: an update leaves columns that nobody looks at unread; empty = all are known.
  std::vector<bool> is_known;
  std::vector<std::string> check_names;
};

class InsertOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Insert on " + stored.relation->name(); }

  StoredRow stored;
  std::vector<int32_t> source;  // place in the input of each table column, -1 = dropped
  std::vector<uint32_t> shown;  // table columns of the result
};

class UpdateOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Update on " + stored.relation->name(); }

  StoredRow stored;
  uint32_t row_id_place = 0;
  std::vector<int32_t> old_places;  // in the input, per table column; -1 = not there
  std::vector<uint32_t> assigned;   // table columns
  Program assignments;              // over the input
  std::vector<uint32_t> generated;  // table columns
  Program generated_values;         // over the row
  bool has_recheck = false;
  Program recheck;              // over the input
  std::vector<int32_t> passed;  // per result column: -1-i = row column i, else input place
};

class EraseOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Delete on " + relation->name(); }

  RelationPtr relation;
  uint32_t row_id_place = 0;
  std::vector<int32_t> old_places;
  bool has_recheck = false;
  Program recheck;
  std::vector<uint32_t> passed;  // places in the input
};

}  // namespace mortise::sql_engine
