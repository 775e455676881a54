// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because one class binds all expressions and statements.

// Answers: what does a statement's syntax tree mean?
//
// One Binder per statement: it resolves names against the catalog, chooses overloads, inserts casts
// and builds the logical plan.  Error texts, SQLSTATEs and positions are PostgreSQL 15's; positions
// are byte offsets here and become characters where the statement's text is known (session).
//
// The sources are split by what is bound: expression.cpp, operator.cpp, call.cpp, subquery.cpp,
// coerce.cpp, fold.cpp; name.cpp, from.cpp, with.cpp; select.cpp, target.cpp, group.cpp,
// window.cpp, set_operation.cpp; insert.cpp, change.cpp, copy.cpp.
//
// Invariants
//   B1  Every column id comes from `plan.columns`; every relation used stands in `plan.relations`.
//   B2  A parameter has one type; the first place that asks for one settles it.
//
// Threads: one.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bind/registry.hpp"
#include "bind/scope.hpp"
#include "schema/names.hpp"

namespace mortise::sql_engine {

struct BindEnvironment {
  const Registry* registry = nullptr;
  Names* names = nullptr;
  const mortise_session_context_t* session = nullptr;
  const mortise_read_view_t* view = nullptr;         // what `names` reads under; may be null
  const mortise_iface_dialect_t* dialect = nullptr;  // reads stored expressions again
  mortise_scn_t oldest_snapshot = UINT64_MAX;        // Scan::oldest_snapshot
  // The text is a stored one: names without a schema are those of pg_catalog and public, whatever
  // the reader's search path says.
  bool is_stored_text = false;
  // How much of the caller's stack binding may take; 54001 beyond.
  size_t stack_bytes_max = size_t{1} << 20;
};

// A place in a text where it names a stored relation or a column of one, for those who store the
// text: B1  only what the text itself says is noted, not what the views that it reads say.
struct Reference {
  enum class Kind : uint8_t { table, column, star, literal };
  Kind kind = Kind::table;
  uint32_t position_bytes = 0;  // from 1
  mortise_object_id_t relation = 0;
  uint32_t attribute = 0;     // column
  bool is_qualified = false;  // table, literal: with its schema
  bool has_alias = false;     // table
  bool is_target = false;     // column: a target without a name of its own
  std::string text;           // star: the columns that it stands for
};

// A bound query: its plan and the columns that count, in order.
struct BoundQuery {
  struct Output {
    std::string name;
    ColumnId id = kNoColumn;
    mortise_object_id_t table = 0;
    uint32_t attribute = 0;
  };
  LogicalPtr plan;
  std::vector<Output> outputs;
};

class Binder {
 public:
  Binder(const BindEnvironment& environment, std::vector<mortise_type_t> parameter_types);

  // Binds SELECT, VALUES, INSERT, UPDATE, DELETE or COPY.
  Result<LogicalPlan> bind(Node statement);
  // Binds a query whose columns become a table's (CREATE TABLE AS, views); no parameters left open.
  Result<LogicalPlan> bind_query_alone(Node query);
  // Binds one expression on a table's columns: defaults (relation null), checks, index expressions,
  // ALTER ... USING.  Column i of the table has id `row[i]`.
  Result<ExpressionPtr> bind_on_relation(Node expression, const Relation* relation,
                                         const std::vector<ColumnId>& row, Clause clause);
  Result<ExpressionPtr> bind_text_on_relation(std::string_view sql, const Relation* relation,
                                              const std::vector<ColumnId>& row, Clause clause);
  // One row of expressions without columns, each brought to its type (UNKNOWN: as it is).
  Result<LogicalPlan> bind_row(Node list, const std::vector<mortise_type_t>& types);
  // The type that a TYPE node names.
  Result<mortise_type_t> bind_type(Node type);
  // An expression without columns or subqueries, as `type`, evaluated now.
  Result<Datum> evaluate(Node expression, const mortise_type_t& type, Clause clause);

  LogicalPlan& plan() { return plan_; }

  // Notes what the texts bound from now on refer to.
  void note_references(std::vector<Reference>* references) { references_ = references; }

  // Public for the DDL, which builds plans of its own.
  Result<ExpressionPtr> coerce(ExpressionPtr e, const mortise_type_t& target, Coercion context);
  Result<ExpressionPtr> coerce_assigned(ExpressionPtr e, const schema::ColumnDef& column);
  Result<std::unique_ptr<Scan>> scan_relation(const RelationPtr& relation, std::string_view alias,
                                              uint32_t mode, ScopeItem& item, bool has_row_id);
  Result<ExpressionPtr> default_of(const Relation& relation, uint32_t column);

 private:
  friend class GroupCheck;
  struct CallParts;    // call_parts.hpp
  struct SelectState;  // select_state.hpp

  // Before each step down: 54001 without room on the stack, 57014 if the statement is to end.
  Status check_way() const;
  // expression.cpp
  Result<ExpressionPtr> expression(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> expression_inner(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> boolean(Node node, Scope& scope, Clause clause, std::string_view place);
  Result<ExpressionPtr> at_time_zone(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> literal(Node node);
  Result<ExpressionPtr> parameter(Node node);
  Result<ExpressionPtr> logical(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> case_when(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> same_type_list(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> nullif(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> cast(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> sql_value(Node node);
  Result<ExpressionPtr> collate(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> row_is_null(Node node, Scope& scope, Clause clause);
  // operator.cpp
  Result<ExpressionPtr> operation(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> apply_operator(std::string_view symbol, ExpressionPtr left,
                                       ExpressionPtr right, uint32_t position);
  Result<ExpressionPtr> compare_rows(std::string_view symbol, Node left, Node right, Scope& scope,
                                     Clause clause, uint32_t position);
  Result<ExpressionPtr> row_comparison(std::string_view symbol, std::vector<ExpressionPtr> left,
                                       std::vector<ExpressionPtr> right, uint32_t position);
  Result<ExpressionPtr> negative_literal(Node node);
  Result<ExpressionPtr> in_values(ExpressionPtr needle, std::vector<ExpressionPtr> values,
                                  bool is_negated, uint32_t position);
  Result<ExpressionPtr> distinct_pair(ExpressionPtr left, ExpressionPtr right, bool is_negated,
                                      uint32_t position);
  Result<ExpressionPtr> quantified_array(Node node, Scope& scope, Clause clause);

  // array.cpp
  // sql_type 0 if it is no array type.
  Result<mortise_type_t> element_of(const mortise_type_t& array);
  Result<mortise_type_t> array_of(const mortise_type_t& element, uint32_t position);
  Result<ExpressionPtr> array(Node node, Scope& scope, Clause clause, const mortise_type_t& wanted);
  Result<ExpressionPtr> array_query(Node node, Scope& scope);
  Result<ExpressionPtr> subscript(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> any_element(std::string_view symbol, ExpressionPtr needle,
                                    ExpressionPtr array, bool is_all, uint32_t position);
  Result<ExpressionPtr> map_elements(ExpressionPtr array, const mortise_type_t& from,
                                     const mortise_type_t& to, const mortise_type_t& target,
                                     Coercion context);
  Result<ExpressionPtr> cast_array(ExpressionPtr e, const mortise_type_t& target, Coercion context,
                                   bool& is_possible);
  Result<ExpressionPtr> in_form(ExpressionPtr e, const mortise_type_t& element);
  Result<ExpressionPtr> in_list(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> like(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> between(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> distinct_from(Node node, Scope& scope, Clause clause);
  Status row_elements(Node row, Scope& scope, Clause clause, std::vector<ExpressionPtr>& elements);
  // call.cpp, window.cpp
  Result<ExpressionPtr> call(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> call_named(std::string_view name, std::vector<ExpressionPtr> arguments,
                                   uint32_t position);
  Result<ExpressionPtr> make_call(const mortise_function_t& function,
                                  std::vector<ExpressionPtr> arguments,
                                  const Registry::Choice& choice, uint32_t position);
  Status bind_function(const mortise_function_t& function,
                       const std::vector<ExpressionPtr>& arguments, uint32_t result_type,
                       mortise_type_t& type, std::shared_ptr<const BoundState>& state);
  Status coerce_arguments(std::vector<ExpressionPtr>& arguments, const Registry::Choice& choice);
  Result<ExpressionPtr> aggregate_call(CallParts& parts, Scope& scope, Clause clause);
  Result<ExpressionPtr> window_call(CallParts& parts, Scope& scope, Clause clause);
  Result<ExpressionPtr> set_call(CallParts& parts, Scope& scope, Clause clause);
  Result<ExpressionPtr> type_call(CallParts& parts);
  Result<ExpressionPtr> grouping_call(Node node, Scope& scope, Clause clause);
  Status no_such_function(const CallParts& parts, const Registry::Choice& choice);
  Result<ExpressionPtr> call_of_kind(CallParts& parts, Scope& scope, Clause clause);
  bool is_aggregate_name(std::string_view name) const;
  Status within_group(CallParts& parts, Scope& scope, Clause clause);
  Status check_aggregate(const CallParts& parts);
  Status check_level(const CallParts& parts, const Scope& scope, const Scope& owner, Clause clause);
  std::vector<size_t> mark_outer(const Scope& scope) const;
  void forget_outer(const std::vector<size_t>& before, Scope& scope, const Scope& owner);
  Status set_call_columns(const mortise_function_t& f, const std::vector<ExpressionPtr>& arguments,
                          uint32_t result_type, SetCall& made, mortise_type_t& type);
  Status add_window_nodes(Scope& scope, LogicalPtr& plan);
  Result<ExpressionPtr> range_offset(ExpressionPtr e, const SortKey& order);
  Status range_bound(Window& window, bool is_start);
  Result<std::unique_ptr<Window>> window_definition(Node node, Scope& scope);
  Status window_frame(Node node, Scope& scope, Window& window);
  // subquery.cpp
  Result<ExpressionPtr> subquery(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> quantified_query(Node node, Scope& scope, Clause clause);
  Result<BoundQuery> subselect(Node query, Scope& scope, Clause clause,
                               std::unique_ptr<Subquery>& holder);
  // coerce.cpp, fold.cpp
  Result<ExpressionPtr> try_coerce(ExpressionPtr e, const mortise_type_t& target, Coercion context,
                                   bool& is_possible);
  Result<ExpressionPtr> cast_with(ExpressionPtr e, const mortise_type_t& target,
                                  const CastPath& path, Coercion context);
  Result<ExpressionPtr> apply_modifier(ExpressionPtr e, const mortise_type_t& target,
                                       Coercion context);
  Status bind_cast(Expression& cast, const Expression& value);
  Result<ExpressionPtr> read_literal(ExpressionPtr e, const mortise_type_t& target,
                                     Coercion context);
  Result<mortise_type_t> unified_type(const std::vector<const Expression*>& list,
                                      uint32_t sql_type);
  Result<mortise_type_t> argument_type(const Expression& e, uint32_t sql_type);
  Result<ExpressionPtr> relation_literal(std::string_view text, const mortise_type_t& target,
                                         uint32_t position);
  // Brings all to one type; `what` names the construct in the error ("UNION", "CASE").
  Status unify(std::vector<ExpressionPtr*>& list, std::string_view what, mortise_type_t& type);
  Result<ExpressionPtr> resolve_unknown(ExpressionPtr e);
  ExpressionPtr fold(ExpressionPtr e);
  // name.cpp
  Result<ExpressionPtr> column(Node node, Scope& scope, Clause clause);
  Result<ExpressionPtr> column_named(std::string_view qualifier, std::string_view schema,
                                     std::string_view name, Scope& scope, uint32_t position);
  Status no_such_column(std::string_view qualifier, std::string_view name, const Scope& scope,
                        uint32_t position);
  Status no_such_table(std::string_view name, const Scope& scope, uint32_t position);
  Status split_column_name(Node node, std::string_view& schema, std::string_view& table,
                           std::string_view& column);
  Result<Names::Found> find_table(Node table);
  Result<Names::Found> find_relation(std::string_view schema, std::string_view name);
  // Null unless references of what is being bound just now are wanted.
  std::vector<Reference>* references() {
    return views_depth_ == 0 && stored_depth_ == 0 ? references_ : nullptr;
  }
  // from.cpp, with.cpp
  struct FromResult {
    LogicalPtr plan;
    std::vector<ScopeItem> items;
  };
  Result<LogicalPtr> from_list(Node list, Scope& scope);
  Result<FromResult> from_item(Node node, Scope& scope);
  Result<FromResult> from_table(Node node, Scope& scope);
  Result<FromResult> from_view(Node node, const RelationPtr& view);
  Result<FromResult> from_system_view(Node node, const mortise_sysview_t& view);
  Result<FromResult> from_derived(Node node, Scope& scope);
  Result<FromResult> from_function(Node node, Scope& scope);
  Result<FromResult> from_join(Node node, Scope& scope);
  Result<FromResult> from_common_table(Node node, CommonTableName& table, Scope* owner,
                                       Scope& scope);
  Status finish_join(Node node, std::unique_ptr<Join> join, FromResult& left, FromResult& right,
                     Scope& scope, FromResult& result);
  Status merge_columns(Join& join, FromResult& left, FromResult& right,
                       const std::vector<std::string>& names, Node node, ScopeItem& merged,
                       std::vector<NamedExpression>& computed);
  LogicalPtr add_computed(LogicalPtr input, std::vector<NamedExpression> computed);
  Status alias_join(Node node, FromResult& result);
  Status from_call(Node call_node, Scope& scope, TableFunction& table, ScopeItem& item,
                   std::string& name);
  Status no_such_from_function(Node call_node, const std::vector<uint32_t>& types,
                               const Registry::Choice& choice);
  Status rename_columns(ScopeItem& item, Node names, uint32_t position);
  Status add_item(std::vector<ScopeItem>& items, ScopeItem item, uint32_t position);
  Status sample(Node node, Scan& scan);
  Status with(Node node, Node rest, Scope& scope);
  Status define_common_table(Scope& scope, CommonTableName& table, bool is_read);
  Status name_common_columns(CommonTableName& table);
  Result<BoundQuery> common_table_query(Scope& scope, CommonTableName& table);
  Status recursive_parts(Scope& inner, Node body, CommonTableName& table);
  Result<LogicalPtr> attach_common_tables(LogicalPtr plan, Scope& scope);
  Status recursive_common_table(Scope& scope, CommonTableName& table);
  void use_relation(const RelationPtr& relation, uint32_t mode);
  // select.cpp, target.cpp, group.cpp, set_operation.cpp
  Result<BoundQuery> query(Node node, Scope* parent, bool keeps_unknown);
  Result<BoundQuery> query_in(Node node, Scope& scope, bool keeps_unknown);
  Result<BoundQuery> select(Node node, Scope& scope, bool keeps_unknown);
  Result<BoundQuery> values(Node node, Scope& scope, bool keeps_unknown);
  Result<BoundQuery> set_operation(Node node, Scope& scope);
  Result<BoundQuery> unite(Node node, BoundQuery left, BoundQuery right);
  Status targets(Node list, SelectState& state, Clause clause);
  Status star(Node column_node, SelectState& state);
  Status sort_keys(Node list, SelectState& state);
  Status distinct(Node node, SelectState& state);
  Status group_by(Node node, SelectState& state);
  Status finish_groups(SelectState& state);
  Result<size_t> target_for(Node node, SelectState& state, Clause clause, std::string_view place);
  Result<uint32_t> group_for(Node node, SelectState& state);
  Result<std::vector<std::vector<uint32_t>>> grouping_sets(Node node, SelectState& state);
  void drop_unused_targets(SelectState& state);
  Status settle_grouping(SelectState& state, Aggregate& node);
  void add_set_calls(SelectState& state);
  void add_projection(SelectState& state);
  Result<BoundQuery> finish_select(SelectState& state);
  BoundQuery outputs_of(SelectState& state);
  Status limits(Node limit, Node offset, bool is_with_ties, Scope& scope, LogicalPtr& plan);
  Result<ExpressionPtr> limit_expression(Node node, Scope& scope, std::string_view word);
  uint32_t first_target_position(Node query);
  Result<mortise_type_t> set_column_type(BoundQuery& left, BoundQuery& right, size_t index,
                                         const std::string& word);
  Result<BoundQuery> order_and_limit(BoundQuery bound, Node sort, Node limit, Node offset,
                                     bool is_with_ties, Scope& scope);
  Status sort_outputs(Node list, BoundQuery& bound, std::vector<SortKey>& keys);
  Status check_lockable(const SelectState& state);
  Result<BoundQuery> locking_select(SelectState& state);
  Status lock_rows(Node list, SelectState& state);
  Status coerce_outputs(BoundQuery& bound, const std::vector<mortise_type_t>& types,
                        Coercion context);
  Status resolve_outputs(BoundQuery& bound);
  // insert.cpp, change.cpp, copy.cpp
  struct Target {
    RelationPtr relation;
    std::string alias;
    ColumnId row_id = kNoColumn;
    std::vector<ColumnId> old_row;
    LogicalPtr plan;
    ExpressionPtr recheck;
    std::vector<ScopeItem> others;  // of FROM or USING
  };
  struct CopyLists {
    bool has_delimiter = false;
    bool has_null = false;
    bool has_escape = false;
    Node force_quote;
    Node force_not_null;
    Node force_null;
  };
  Result<LogicalPtr> insert(Node node);
  Result<LogicalPtr> insert_values(Node node, const Relation& relation,
                                   const std::vector<uint32_t>& columns,
                                   std::vector<ColumnId>& source, Scope& scope);
  Result<LogicalPtr> insert_query(Node node, const Relation& relation,
                                  const std::vector<uint32_t>& columns,
                                  std::vector<ColumnId>& source, Scope& scope);
  Result<LogicalPtr> fill_defaults(const Relation& relation, LogicalPtr input,
                                   std::vector<ColumnId>& source);
  Result<LogicalPtr> compute_generated(const Relation& relation, LogicalPtr input,
                                       std::vector<ColumnId>& source);
  Status column_list(Node list, const Relation& relation, std::vector<uint32_t>& columns);
  Status check_writable(const schema::ColumnDef& column, bool overrides, uint32_t position);
  Status check_value_count(Node node, size_t given, size_t wanted, Node row);
  Status find_arbiters(Node node, Insert& made);
  Status on_conflict(Node node, Insert& made, std::string_view alias);
  ScopeItem row_item(const Relation& relation, std::string_view alias,
                     const std::vector<ColumnId>& row);
  Result<LogicalPtr> update(Node node);
  Status generate_again(const Relation& relation, const std::vector<ColumnId>& row,
                        std::vector<Assignment>& generated);
  Result<LogicalPtr> erase(Node node);
  Result<Target> change_target(Node table, Node from, Node where, Scope& scope,
                               std::string_view verb);
  void add_other_outputs(const Target& target, std::vector<ColumnId>& outputs);
  Status assign(Node name, ExpressionPtr value, bool is_default, const Relation& relation,
                std::vector<Assignment>& result);
  Status assignments(Node list, const Relation& relation, Scope& scope,
                     std::vector<Assignment>& result);
  Result<LogicalPtr> returning(Node list, LogicalPtr change, Scope& scope);
  Result<BoundQuery> returning_list(Node list, LogicalPtr change, Scope& scope);
  Result<LogicalPtr> copy(Node node);
  Result<LogicalPtr> copy_in(Node node, CopyOptions options, const CopyLists& lists);
  Result<LogicalPtr> copy_out(Node node, CopyOptions options, const CopyLists& lists);
  Status copy_options(Node list, CopyOptions& options, CopyLists& lists);
  Status copy_option(Node option, CopyOptions& options, CopyLists& lists);
  Status force_list(Node list, const std::vector<std::string>& names, std::vector<bool>& marks,
                    std::string_view what);
  Result<RelationPtr> target_relation(Node table, std::string_view verb);
  Status add_checks(const Relation& relation, const std::vector<ColumnId>& row,
                    std::vector<RowCheck>& checks);
  Result<std::vector<ColumnId>> new_row(const Relation& relation);
  void finish_results(const BoundQuery& query);
  Status finish_parameters();

  std::string type_name(const mortise_type_t& type) const;
  const Registry& registry() const { return *environment_.registry; }

  BindEnvironment environment_;
  LogicalPlan plan_;
  std::vector<mortise_type_t> parameters_;
  std::vector<std::shared_ptr<const Tree>> trees_;  // of stored texts, alive while we bind
  uint32_t common_tables_count_ = 0;
  const char* const stack_begin_;
  uint32_t depth_ = 0;
  uint32_t views_depth_ = 0;
  uint32_t stored_depth_ = 0;  // of defaults, checks and the like
  std::vector<Reference>* references_ = nullptr;
  bool is_plain_target_ = false;  // what is bound next is a target without a name
  bool allows_parameters_ = true;
  bool allows_into_ = false;       // SELECT ... INTO, for the statement that makes the table
  bool can_round_scales_ = false;  // the value goes into a sum: its scale is not shown
};

// A failure with a place in the text (byte offset; 0 = none).
Status bind_error(std::string_view sqlstate, std::string message, uint32_t position);
Status bind_error(std::string_view sqlstate, std::string message, uint32_t position,
                  std::string hint);

// True if an expression of the plan reads a column of these items.
bool refers_to(const LogicalNode& plan, const std::vector<ScopeItem>& items);

// The leftmost place in the text that the expression came from; 0 = unknown.
uint32_t expression_position(const Expression& expression);

// The name that a select-list expression without alias gets ("count", "?column?").
std::string default_name(Node expression);

}  // namespace mortise::sql_engine
