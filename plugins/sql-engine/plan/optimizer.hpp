// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a logical plan become a better one?
//
// Three rewrites, each on the whole tree:
//   unnest       EXISTS, IN and scalar aggregates over correlated queries become semi, anti and
//                left joins (after Neumann and Kemper 2015 in aim, by patterns in fact: what does
//                not match stays an expression that is run again per distinct outer value)
//   push_down    conditions move to where their columns come from; outer joins whose null rows are
//                rejected anyway become inner joins
//   order_joins  runs of inner joins are ordered by estimated size: dynamic programming up to
//                kJoinsExact inputs, greedily beyond
//
// Threads: one.

#include <span>
#include <vector>

#include "plan/logical.hpp"
#include "schema/services.hpp"

namespace mortise::sql_engine {

// A set of column ids.
class IdSet {
 public:
  void add(ColumnId id) {
    const auto at = static_cast<uint32_t>(id);
    if (at >= bits_.size()) bits_.resize(at + 1);
    bits_[at] = true;
  }
  void add(std::span<const ColumnId> ids) {
    for (const ColumnId id : ids) add(id);
  }
  // The columns that an expression reads.
  void add(const Expression& expression) {
    std::vector<ColumnId> ids;
    collect_columns(expression, ids);
    add(ids);
  }
  bool has(ColumnId id) const {
    const auto at = static_cast<uint32_t>(id);
    return at < bits_.size() && bits_[at];
  }

 private:
  std::vector<bool> bits_;
};

// Ids that the nodes of a tree make or pass on.
void collect_made(const LogicalNode& node, IdSet& made);
// Ids that a tree reads but does not make, each once.
std::vector<ColumnId> free_columns(const LogicalNode& node);
// True if the expression reads no id outside of `made`.
bool reads_only(const Expression& expression, const IdSet& made);
// True if it reads at least one id of `made`.
bool reads_any(const Expression& expression, const IdSet& made);

Status optimize(LogicalPlan& plan, const Services& services);

LogicalPtr unnest(LogicalPtr node, ColumnTable& columns);
LogicalPtr push_down(LogicalPtr node, std::vector<ExpressionPtr> conditions, ColumnTable& columns);
// Joins `leaves` by `conditions`, all of which read only the leaves (or columns around the query).
LogicalPtr order_joins(std::vector<LogicalPtr> leaves, std::vector<ExpressionPtr> conditions);

// Estimates.
double estimate_rows(const LogicalNode& node);
double selectivity(const Expression& condition);
// Number of rows of a stored table, from its engine; 1000 when nobody knows.
double table_rows(const Relation& relation);

// What looking a key up in an index and fetching its rows costs, in rows scanned and hashed.
constexpr double kLookupCostRows = 20;
// Rows that a key of an index that is not unique is expected to have.
constexpr double kRowsPerKey = 8;

LogicalPtr make_filter(LogicalPtr input, std::vector<ExpressionPtr> conditions);

}  // namespace mortise::sql_engine
