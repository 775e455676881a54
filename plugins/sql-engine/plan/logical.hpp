// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because it is the vocabulary of plans, looked things up in.

// Answers: what does a statement mean, before anybody decides how to do it?
//
// A tree of LogicalNode, bottom up: scans, joins, aggregates, ... and for changes one Insert,
// Update or Delete at the top, under the Project of its RETURNING list.  Every node makes columns
// that have ids (`outputs`); expressions name them by id, so that nodes can be moved freely.
//
// Invariants
//   L1  An id is made by exactly one node of the whole plan, subqueries included; nodes that only
//       pass rows on (Filter, Sort, Limit, Distinct, LockRows, Join) output their inputs' ids.  A
//       Project passes a column on by listing it under its own id.
//   L2  An expression names only ids that the node's inputs make, or that a node around its
//       subquery (or on the left of a lateral join) makes.
//   L3  `outputs` holds what a node makes for others; nodes may drop ids there that nobody reads.
//
// Threads: built by one thread.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mortise/iface/draft/query.h"
#include "mortise/iface/draft/sysview.h"
#include "plan/expression.hpp"
#include "schema/relation.hpp"

namespace mortise::sql_engine {

struct ColumnInfo {
  std::string name;
  mortise_type_t type{};
  std::string table;  // what the query calls it, if it is a table's column
};

// Gives out the ids of a statement and knows what they stand for.  Id 0 is never given.
class ColumnTable {
 public:
  ColumnTable() : columns_(1) {}
  ColumnId add(std::string name, const mortise_type_t& type) {
    columns_.push_back({std::move(name), type, {}});
    return static_cast<ColumnId>(columns_.size() - 1);
  }
  void set_table(ColumnId id, std::string_view table) {
    columns_[static_cast<uint32_t>(id)].table.assign(table);
  }
  // EXPLAIN says t.a; the texts of logical plans say which of several a#1 it is.
  void hide_numbers() { has_numbers_ = false; }
  bool has_numbers() const { return has_numbers_; }
  const ColumnInfo& operator[](ColumnId id) const { return columns_[static_cast<uint32_t>(id)]; }
  void set_type(ColumnId id, const mortise_type_t& type) {
    columns_[static_cast<uint32_t>(id)].type = type;
  }
  uint32_t count() const { return static_cast<uint32_t>(columns_.size()); }
  // The session's word: not 0 once the statement is to end.  All who plan have the table at hand.
  void set_interrupt(const uint32_t* interrupt) { interrupt_ = interrupt; }
  bool is_interrupted() const {
    return interrupt_ != nullptr && __atomic_load_n(interrupt_, __ATOMIC_RELAXED) != 0;
  }

 private:
  std::vector<ColumnInfo> columns_;
  const uint32_t* interrupt_ = nullptr;
  bool has_numbers_ = true;
};

enum class LogicalKind : uint8_t {
  scan,
  system_scan,
  table_function,
  values,
  common_table_scan,
  working_table_scan,
  copy_source,
  filter,
  project,
  project_set,
  join,
  aggregate,
  window,
  sort,
  distinct,
  limit,
  set_operation,
  lock_rows,
  common_table,
  recursive_union,
  insert,
  update,
  erase,
  merge,
  copy_out,
};

struct LogicalNode {
  explicit LogicalNode(LogicalKind k) : kind(k) {}
  virtual ~LogicalNode() = default;
  const LogicalKind kind;
  std::vector<std::unique_ptr<LogicalNode>> inputs;
  std::vector<ColumnId> outputs;
  double rows_estimate = -1;  // the optimizer's; below 0 = unknown
};
using LogicalPtr = std::unique_ptr<LogicalNode>;

template <LogicalKind K>
struct LogicalBase : LogicalNode {
  static constexpr LogicalKind kKind = K;
  LogicalBase() : LogicalNode(K) {}
};
// The node as its own type, or null.
template <typename Node>
Node* as(LogicalNode* node) {
  return node != nullptr && node->kind == Node::kKind ? static_cast<Node*>(node) : nullptr;
}
template <typename Node>
const Node* as(const LogicalNode* node) {
  return node != nullptr && node->kind == Node::kKind ? static_cast<const Node*>(node) : nullptr;
}

struct SortKey {
  ExpressionPtr expression;
  bool is_descending = false;
  bool is_nulls_first = false;  // PostgreSQL's default is already filled in
};

struct NamedExpression {
  ColumnId id = kNoColumn;
  ExpressionPtr expression;
};

// Reads a stored table.  outputs[i] is table column columns[i]; `row_id`, if set, is an INT64
// column of row ids (and stands in `outputs` too, past the columns).  `filters` is filled by the
// optimizer.
struct Scan : LogicalBase<LogicalKind::scan> {
  RelationPtr relation;
  std::string alias;
  std::vector<uint32_t> columns;
  ColumnId row_id = kNoColumn;
  std::vector<ExpressionPtr> filters;  // a conjunction
  double sample_percent = -1;          // TABLESAMPLE; below 0 = all rows
  bool is_sample_system = false;       // by page instead of by row
  int64_t sample_seed = -1;            // REPEATABLE
  // The snapshot that it may be read by: indexes that are complete from a later SCN are not used.
  mortise_scn_t oldest_snapshot = UINT64_MAX;
};

// Reads a system relation; outputs[i] is view column columns[i].
struct SystemScan : LogicalBase<LogicalKind::system_scan> {
  const mortise_sysview_t* view = nullptr;
  std::string alias;
  std::vector<uint32_t> columns;
  std::vector<ExpressionPtr> filters;
};

// A set-returning call.  `arguments` may refer to the left side of a lateral join.  A scalar
// function in FROM is a call whose function has kind SCALAR: one row, one column.
struct SetCall {
  const mortise_function_t* function = nullptr;
  std::shared_ptr<const BoundState> state;
  std::vector<ExpressionPtr> arguments;
  std::vector<ColumnId> columns;  // of its result
  uint32_t position_bytes = 0;
};

// ROWS FROM (calls...): side by side, shorter ones padded with nulls; usually one call.
struct TableFunction : LogicalBase<LogicalKind::table_function> {
  std::vector<SetCall> calls;
  ColumnId ordinality = kNoColumn;
  std::string alias;
};

// Rows of expressions; no outputs and one row: SELECT without FROM.
struct Values : LogicalBase<LogicalKind::values> {
  std::vector<std::vector<ExpressionPtr>> rows;
};

struct Filter : LogicalBase<LogicalKind::filter> {
  ExpressionPtr condition;
};

// Computes columns; everything else of the input is dropped unless listed.  An expression that is a
// plain column passes it on, under a new id or its own.
struct Project : LogicalBase<LogicalKind::project> {
  std::vector<NamedExpression> expressions;
};

// Set-returning calls of a select list: each input row yields as many rows as the longest call, the
// others padded with nulls; no row if all are empty.  Input columns are passed on.
struct ProjectSet : LogicalBase<LogicalKind::project_set> {
  std::vector<SetCall> calls;
};

// semi, anti, mark and single are made by the optimizer from subqueries, never by the binder.
enum class JoinType : uint8_t {
  inner,
  left,
  right,
  full,
  cross,
  semi,        // rows of the left that have a match; outputs the left only
  anti,        // rows of the left that have none (NOT EXISTS)
  anti_nulls,  // NOT IN: a row whose condition is unknown for any right row does not pass either
  mark,        // all rows of the left, and `mark`: true, false or null as IN says
  single,      // left join that fails with 21000 if a left row has more than one match
};

struct Join : LogicalBase<LogicalKind::join> {
  JoinType type = JoinType::inner;
  bool is_lateral = false;  // the right side's expressions refer to the left side's columns
  ExpressionPtr condition;  // null = true
  ColumnId mark = kNoColumn;
};

struct AggregateCall {
  ColumnId id = kNoColumn;
  const mortise_function_t* function = nullptr;
  std::shared_ptr<const BoundState> state;
  std::vector<ExpressionPtr> arguments;  // none: count(*)
  bool is_distinct = false;
  ExpressionPtr filter;        // FILTER (WHERE ...); may be null
  std::vector<SortKey> order;  // ORDER BY within the call, and WITHIN GROUP
  mortise_type_t type{};
};

// Groups.  No `groups`: one row, also for no input.  With `sets`, each names the group indexes that
// count; the others are null.  grouping[i].id is GROUPING(arguments): bits by group index.
struct Aggregate : LogicalBase<LogicalKind::aggregate> {
  struct Grouping {
    ColumnId id = kNoColumn;
    std::vector<uint32_t> groups;
  };
  std::vector<NamedExpression> groups;
  std::vector<AggregateCall> calls;
  std::vector<std::vector<uint32_t>> sets;
  std::vector<Grouping> grouping;
};

enum class FrameUnit : uint8_t { range, rows, groups };
enum class FrameBound : uint8_t {
  unbounded_preceding,
  preceding,
  current_row,
  following,
  unbounded_following
};
struct WindowCall {
  ColumnId id = kNoColumn;
  const mortise_function_t* function = nullptr;  // AGGREGATE or WINDOW
  std::shared_ptr<const BoundState> state;
  std::vector<ExpressionPtr> arguments;
  ExpressionPtr filter;
  mortise_type_t type{};
};
// All calls of one window definition; input columns are passed on.
//
// RANGE with offsets: a row is in the frame if its `range_value` lies between `range_start` and
// `range_end` of the current row; all three are of one type.  `*_is_negative` tests the offsets.
struct Window : LogicalBase<LogicalKind::window> {
  std::vector<ExpressionPtr> partition;
  std::vector<SortKey> order;
  FrameUnit unit = FrameUnit::range;
  FrameBound start = FrameBound::unbounded_preceding;
  FrameBound end = FrameBound::current_row;
  ExpressionPtr start_offset;
  ExpressionPtr end_offset;
  ExpressionPtr range_value;
  ExpressionPtr range_start;
  ExpressionPtr range_end;
  ExpressionPtr start_is_negative;
  ExpressionPtr end_is_negative;
  uint32_t exclude = 0;  // 0 none 1 current row 2 group 3 ties
  std::vector<WindowCall> calls;
};

struct Sort : LogicalBase<LogicalKind::sort> {
  std::vector<SortKey> keys;
};

// DISTINCT: `on` empty = over all outputs.  DISTINCT ON keeps the first row of each group in the
// order of the input, which is sorted by `on` first if there is an ORDER BY at all.
struct Distinct : LogicalBase<LogicalKind::distinct> {
  std::vector<ExpressionPtr> on;
};

// Both are bigint expressions without columns of the input; null = none.  With ties, the input is a
// Sort whose keys say what a tie is.
struct Limit : LogicalBase<LogicalKind::limit> {
  ExpressionPtr limit;
  ExpressionPtr offset;
  bool is_with_ties = false;
};

enum class SetOperationType : uint8_t { unite, intersect, except };
// outputs[i] is column i of either side: left[i] and right[i], which have its type already.
struct SetOperation : LogicalBase<LogicalKind::set_operation> {
  SetOperationType type = SetOperationType::unite;
  bool is_all = false;
  std::vector<ColumnId> left;
  std::vector<ColumnId> right;
};

// FOR UPDATE and the like: locks the rows named by `row_id` and reads changed ones again; `recheck`
// is then tested on the newest version (READ COMMITTED), whose columns come as `columns` say.
struct LockRows : LogicalBase<LogicalKind::lock_rows> {
  struct Target {
    RelationPtr relation;
    ColumnId row_id = kNoColumn;
    uint32_t strength = MORTISE_ROW_LOCK_UPDATE;
    uint32_t wait = MORTISE_WAIT;
    std::vector<std::pair<uint32_t, ColumnId>> columns;  // (table column, its id)
  };
  std::vector<Target> targets;
  ExpressionPtr recheck;  // over ids of the input; may be null
};

// WITH name AS (inputs[0]) inputs[1]: evaluated once, read by every CommonTableScan of that index.
// Outputs those of inputs[1].  References that may be inlined are inlined by the binder.
struct CommonTable : LogicalBase<LogicalKind::common_table> {
  uint32_t index = 0;
  std::string name;
};
// outputs[i] is column source[i] of the definition.
struct CommonTableScan : LogicalBase<LogicalKind::common_table_scan> {
  uint32_t index = 0;
  std::string name;
  std::string alias;
  std::vector<ColumnId> source;
};
// inputs[0] once, then inputs[1] until it yields nothing new; inputs[1] reads the last round's rows
// through WorkingTableScan of the same index.  outputs[i] is left[i], right[i].
struct RecursiveUnion : LogicalBase<LogicalKind::recursive_union> {
  uint32_t index = 0;
  bool is_all = true;
  std::vector<ColumnId> left;
  std::vector<ColumnId> right;
};
struct WorkingTableScan : LogicalBase<LogicalKind::working_table_scan> {
  uint32_t index = 0;
  std::string alias;
};

// Changes.  `columns` of these speak of positions in Relation::columns().

// A check on the row about to be stored; 23514 with the constraint's name if it is false.
struct RowCheck {
  std::string constraint;
  ExpressionPtr condition;  // over the node's `row` ids
};

struct Assignment {
  uint32_t column = 0;  // of the table
  ExpressionPtr value;  // already of the column's type
};

enum class ConflictAction : uint8_t { none, nothing, update };
struct OnConflict {
  ConflictAction action = ConflictAction::none;
  // Indexes (positions in Relation::indexes()) whose conflicts count; empty = any unique one.
  std::vector<uint32_t> arbiters;
  std::vector<ColumnId> existing;  // ids of the row that is there, one per table column (kNoColumn
                                   // for dropped ones); EXCLUDED is the input's `source`
  std::vector<Assignment> assignments;  // over `existing` and the input's ids
  std::vector<Assignment> generated;    // computed after the others, over `row` ids
  ExpressionPtr condition;              // over `existing` and the input's ids; may be null
};

// Inserts the input's rows.  source[i] is the value of table column i: the binder has filled in
// defaults and casts; kNoColumn for dropped columns.  row[i] names column i of the row as stored,
// for checks, RETURNING (those listed in `outputs`).
struct Insert : LogicalBase<LogicalKind::insert> {
  RelationPtr relation;
  std::vector<ColumnId> source;
  std::vector<ColumnId> row;
  std::vector<RowCheck> checks;
  OnConflict on_conflict;
};

// Updates the rows named by `row_id` of the input.  old_row[i] names table column i as the scan
// reads it (kNoColumn if the input does not carry it; the executor fetches what indexes need),
// row[i] the column as stored.  `recheck` is the statement's WHERE over the input's columns: when a
// row has changed meanwhile (READ COMMITTED) it is locked, read anew, tested and assigned again.
// outputs: those of `row` and of the input that RETURNING reads.
struct Update : LogicalBase<LogicalKind::update> {
  RelationPtr relation;
  ColumnId row_id = kNoColumn;
  std::vector<ColumnId> old_row;
  std::vector<ColumnId> row;
  std::vector<Assignment> assignments;  // generated columns included, over `row`
  std::vector<Assignment> generated;    // computed after the others, over `row` ids
  std::vector<RowCheck> checks;
  ExpressionPtr recheck;
};

struct Erase : LogicalBase<LogicalKind::erase> {
  RelationPtr relation;
  ColumnId row_id = kNoColumn;
  std::vector<ColumnId> old_row;
  ExpressionPtr recheck;
};

// MERGE: inputs[0] is the source left-joined with the target.
struct Merge : LogicalBase<LogicalKind::merge> {
  struct When {
    bool is_matched = false;
    uint32_t action = 0;  // as MORTISE_SYNTAX_MERGE_WHEN
    ExpressionPtr condition;
    std::vector<Assignment> assignments;
  };
  RelationPtr relation;
  ColumnId row_id = kNoColumn;
  std::vector<ColumnId> old_row;
  std::vector<ColumnId> row;
  std::vector<When> whens;
  std::vector<RowCheck> checks;
};

// COPY.

struct CopyOptions {
  enum class Format : uint8_t { text, csv, binary };
  Format format = Format::text;
  char delimiter = '\t';
  char quote = '"';
  char escape = '"';
  bool has_header = false;
  bool is_header_matched = false;  // HEADER MATCH
  std::string null_text = "\\N";
  bool is_quote_all = false;         // FORCE_QUOTE *
  std::vector<bool> force_quote;     // per column; empty = none
  std::vector<bool> force_not_null;  // CSV in: the null text is an empty string there
  std::vector<bool> force_null;      // CSV in: also a quoted null text is null
};

// Rows from the client (COPY ... FROM STDIN), converted by the types' text_in or binary_in.  Errors
// carry WHERE "COPY t, line 3, column b: \"x\"".  Input of an Insert.
struct CopySource : LogicalBase<LogicalKind::copy_source> {
  RelationPtr relation;
  std::vector<uint32_t> columns;  // outputs[i] is for table column columns[i]
  CopyOptions options;
};

// COPY ... TO STDOUT: writes the input's `outputs` to the sink; makes none itself.
struct CopyOut : LogicalBase<LogicalKind::copy_out> {
  std::vector<ColumnId> columns;
  std::vector<std::string> names;
  CopyOptions options;
};

// The whole.

enum class StatementKind : uint8_t { select, insert, update, erase, merge, copy_in, copy_out };

struct ResultColumn {
  ColumnId id = kNoColumn;
  std::string name;
  mortise_type_t type{};
  mortise_object_id_t table = 0;  // 0 = not a plain column
  uint32_t attribute = 0;
};

// A table that the statement touches and how; locked before it runs.
struct RelationUse {
  RelationPtr relation;
  uint32_t mode = MORTISE_MODE_IS;
};

struct LogicalPlan {
  StatementKind kind = StatementKind::select;
  ColumnTable columns;
  LogicalPtr root;
  std::vector<ResultColumn> results;  // what the client gets; empty for changes without RETURNING
  std::vector<mortise_type_t> parameters;  // as inferred
  std::vector<RelationUse> relations;      // each once
  bool is_cacheable = true;                // another run of the same text means the same
  bool is_read_only = true;                // it changes and locks nothing
};

// A deep copy; ids stay.
LogicalPtr clone(const LogicalNode& node);

// Calls visit(expression pointer&) for every expression that stands in the node itself.
void each_expression(LogicalNode& node, const std::function<void(ExpressionPtr&)>& visit);
void each_expression(const LogicalNode& node,
                     const std::function<void(const ExpressionPtr&)>& visit);

// The plan as text, one line per node, for tests and EXPLAIN (LOGICAL).
std::string to_text(const LogicalNode& node, const ColumnTable& columns);
// An expression as SQL-like text; columns by name.
std::string to_text(const Expression& expression, const ColumnTable& columns);

}  // namespace mortise::sql_engine
