// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which operators carry out a logical plan?
//
// `Lowering` walks a logical tree with the set of columns that are needed above, makes the operator
// for each node and compiles its expressions against the places of its inputs' columns.  Columns
// that nobody reads are never made.  Nested queries that are run again and again become fragments
// of their own; columns around them become outer slots.
//
// Invariants
//   Y1  A lowered operator makes the needed ids that its node outputs, and perhaps others; parents
//       find columns by id, never by position.
//
// Threads: one.

#include <map>

#include "execute/expression/program.hpp"
#include "execute/operator.hpp"
#include "plan/optimizer.hpp"

namespace mortise::sql_engine {

struct LoweredCall;
struct PushedFilter;
struct StoredRow;
class UpsertOperator;

class Lowering {
 public:
  Lowering(const Services& services, const ColumnTable& columns, Fragment& fragment)
      : services_(services), columns_(columns), fragment_(fragment) {}

  // Lowers the fragment's tree; `needed` in this order are the root's columns.
  Status lower_root(const LogicalNode& node, const std::vector<ColumnId>& needed);

 private:
  using Ids = std::vector<ColumnId>;
  using Lowered = Result<OperatorPtr>;

  Lowered lower(const LogicalNode& node, const IdSet& needed);
  Lowered lower_scan(const Scan& scan, const IdSet& needed);
  Lowered lower_system_scan(const SystemScan& scan, const IdSet& needed);
  Lowered lower_values(const Values& values, const IdSet& needed);
  Lowered lower_table_function(const TableFunction& function);
  Lowered lower_project_set(const ProjectSet& set, const IdSet& needed);
  Lowered lower_filter(const Filter& filter, const IdSet& needed);
  Lowered lower_project(const Project& project, const IdSet& needed);
  Lowered lower_join(const Join& join, const IdSet& needed);
  Lowered lower_lateral(const Join& join, const IdSet& needed);
  Lowered lower_hash_join(const Join& join, JoinType type, const LogicalNode& left_node,
                          const LogicalNode& right_node, const IdSet& needed, bool* is_possible);
  // Null where an index is no help or not worth it.
  Lowered try_index_join(const Join& join, JoinType type, const LogicalNode& left_node,
                         const LogicalNode& right_node, const IdSet& needed);
  Lowered lower_nested_loop(const Join& join, const IdSet& needed);
  Lowered lower_aggregate(const Aggregate& aggregate, const IdSet& needed);
  Lowered lower_sort(const Sort& sort, const IdSet& needed, const Limit* limit);
  Lowered lower_distinct(const Distinct& distinct, const IdSet& needed);
  Lowered lower_limit(const Limit& limit, const IdSet& needed);
  Lowered lower_set_operation(const SetOperation& operation, const IdSet& needed);
  Lowered lower_common_table(const CommonTable& table, const IdSet& needed);
  Lowered lower_common_table_scan(const CommonTableScan& scan, const IdSet& needed);
  Lowered lower_recursive_union(const RecursiveUnion& recursion);
  Lowered lower_working_table_scan(const WorkingTableScan& scan);
  Lowered lower_window(const Window& window, const IdSet& needed);
  Lowered lower_lock_rows(const LockRows& lock, const IdSet& needed);
  Lowered lower_insert(const Insert& insert, const IdSet& needed);
  Lowered lower_update(const Update& update, const IdSet& needed);
  Lowered lower_erase(const Erase& erase, const IdSet& needed);
  Status lower_stored_row(const RelationPtr& relation, const Ids& row,
                          const std::vector<RowCheck>& row_checks, StoredRow& stored) const;
  Result<std::unique_ptr<UpsertOperator>> lower_upsert(const Insert& insert,
                                                       const Operator& input) const;
  Lowered lower_copy_source(const CopySource& source);
  Lowered lower_copy_out(const CopyOut& copy);

  // Gives an operator its columns and its number.
  OperatorPtr seal(OperatorPtr op, Ids ids, double rows);
  Scope scope_of(std::span<const ColumnId> inputs) const;
  // The conjunction of conditions over columns `inputs`.
  Result<Program> compile_conjunction(std::span<const Expression* const> conditions,
                                      std::span<const ColumnId> inputs) const;
  Result<std::unique_ptr<Fragment>> lower_subquery(const Subquery& subquery,
                                                   const Expression* test) const;
  // A tree as a fragment of its own.
  Result<std::unique_ptr<Fragment>> lower_nested(const LogicalNode& node, const Ids& results) const;
  Status lower_call(const SetCall& call, std::vector<const Expression*>& arguments,
                    LoweredCall& lowered) const;
  // Splits a scan's conditions into those that the engine can test and others.
  void choose_filters(const Scan& scan, std::vector<PushedFilter>& pushed,
                      std::vector<ExpressionPtr>& values, std::vector<std::string>& texts,
                      std::vector<const Expression*>& rest) const;
  Result<OperatorPtr> try_index_scan(const Scan& scan, const IdSet& needed);
  Result<OperatorPtr> filtered(OperatorPtr input, const std::vector<const Expression*>& conditions);
  std::string text_of_expression(const Expression& e) const { return to_text(e, columns_); }
  std::string text_of_all(std::span<const Expression* const> parts, std::string_view glue) const;

  struct Kept {
    Ids ids;  // of the rows that are kept under a number
    double rows = 0;
  };
  // Shared with nested fragments: CTEs are read from anywhere below their definition.
  std::shared_ptr<std::map<uint32_t, Kept>> kept_ = std::make_shared<std::map<uint32_t, Kept>>();

  bool locks_one_at_a_time_ = false;  // below a LIMIT

  const Services& services_;
  const ColumnTable& columns_;
  Fragment& fragment_;
};

// Place of an id among columns, or -1.
int32_t place_of(std::span<const ColumnId> ids, ColumnId id);

// A comparison `column operation value` that a table or index can test, with the value in the
// column's physical form.  False where that is not possible exactly.
struct SimpleCondition {
  ColumnId column = kNoColumn;
  uint32_t operation = 0;  // MORTISE_FILTER_*
  std::vector<ExpressionPtr> values;
  bool is_exact = true;  // false: the condition has to be tested again
};
bool simplify(const Expression& condition, const IdSet& columns, const ColumnTable& table,
              SimpleCondition* simple);

}  // namespace mortise::sql_engine
