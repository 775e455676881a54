// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do rows come from and go to a client in bulk?
//
// `CopyInOperator` reads COPY data from the run's sink, splits it into fields (copy_text.hpp,
// copy_csv in the same file) and converts column by column; an Insert above stores the rows.  A bad
// row ends the statement with its line and column; nothing of it stays, because the statement is
// atomic.
// `CopyOutOperator` writes its input's rows to the sink.
//
// Threads: one cursor each.

#include "execute/operator.hpp"

namespace mortise::sql_engine {

class CopyInOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Copy from client"; }

  RelationPtr relation;
  std::vector<uint32_t> columns;  // of the table, one per field
  CopyOptions options;
};

class CopyOutOperator final : public Operator {
 public:
  Result<CursorPtr> open(Run& run) const override;
  std::string name() const override { return "Copy to client"; }

  std::vector<uint32_t> columns;  // places in the input
  std::vector<mortise_type_t> column_types;
  std::vector<std::string> names;
  CopyOptions options;
};

}  // namespace mortise::sql_engine
