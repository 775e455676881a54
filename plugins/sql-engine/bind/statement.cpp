// SPDX-License-Identifier: Apache-2.0
//
// Whole statements, and single expressions that stand outside of one: defaults, checks.

#include "bind/binder.hpp"
#include "bind/fold.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {

Binder::Binder(const BindEnvironment& environment, std::vector<mortise_type_t> parameter_types)
    : environment_(environment),
      parameters_(std::move(parameter_types)),
      stack_begin_(static_cast<const char*>(__builtin_frame_address(0))) {
  if (environment_.session != nullptr) plan_.columns.set_interrupt(environment_.session->interrupt);
}

Status Binder::check_way() const {
  const auto* here = static_cast<const char*>(__builtin_frame_address(0));
  const size_t used = static_cast<size_t>(
      stack_begin_ > here ? stack_begin_ - here : here - stack_begin_);  // NOLINT: one stack
  if (used > environment_.stack_bytes_max) {
    return Status(Code::limit, "54001", "stack depth limit exceeded")
        .with(MORTISE_ERROR_FIELD_HINT, "The statement is nested too deeply.");
  }
  if (plan_.columns.is_interrupted()) {
    return Status(Code::cancelled, "57014", "canceling statement due to user request");
  }
  return {};
}

Result<LogicalPlan> Binder::bind(Node statement) {
  switch (statement.kind()) {
    case MORTISE_SYNTAX_INSERT: {
      plan_.kind = StatementKind::insert;
      MORTISE_TRY_ASSIGN(plan_.root, insert(statement));
      break;
    }
    case MORTISE_SYNTAX_UPDATE: {
      plan_.kind = StatementKind::update;
      MORTISE_TRY_ASSIGN(plan_.root, update(statement));
      break;
    }
    case MORTISE_SYNTAX_DELETE: {
      plan_.kind = StatementKind::erase;
      MORTISE_TRY_ASSIGN(plan_.root, erase(statement));
      break;
    }
    case MORTISE_SYNTAX_COPY: {
      MORTISE_TRY_ASSIGN(plan_.root, copy(statement));
      break;
    }
    case MORTISE_SYNTAX_MERGE:
      return bind_error("0A000", "MERGE is not supported", statement.position());
    default: {
      plan_.kind = StatementKind::select;
      MORTISE_TRY_ASSIGN(BoundQuery bound, query(statement, nullptr, false));
      MORTISE_TRY(resolve_outputs(bound));
      finish_results(bound);
      plan_.root = std::move(bound.plan);
      break;
    }
  }
  if (plan_.kind != StatementKind::select && plan_.kind != StatementKind::copy_out) {
    plan_.is_read_only = false;
  }
  MORTISE_TRY(finish_parameters());
  return std::move(plan_);
}

Result<LogicalPlan> Binder::bind_query_alone(Node node) {
  allows_parameters_ = !parameters_.empty();
  allows_into_ = true;
  MORTISE_TRY_ASSIGN(BoundQuery bound, query(node, nullptr, false));
  MORTISE_TRY(resolve_outputs(bound));
  finish_results(bound);
  plan_.root = std::move(bound.plan);
  MORTISE_TRY(finish_parameters());
  return std::move(plan_);
}

Result<LogicalPlan> Binder::bind_row(Node list, const std::vector<mortise_type_t>& types) {
  Scope scope(nullptr);
  auto made = std::make_unique<Values>();
  std::vector<ExpressionPtr>& row = made->rows.emplace_back();
  size_t i = 0;
  for (const Node node : list) {
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(node, scope, Clause::execute_argument));
    if (types[i].sql_type == MORTISE_SQL_UNKNOWN) {
      MORTISE_TRY_ASSIGN(e, resolve_unknown(std::move(e)));
    } else {
      const mortise_type_t source = e->type;
      bool is_possible = false;
      MORTISE_TRY_ASSIGN(e, try_coerce(std::move(e), types[i], Coercion::assignment, is_possible));
      if (!is_possible) {
        return bind_error("42804",
                          "parameter $" + std::to_string(i + 1) + " of type " + type_name(source) +
                              " cannot be coerced to the expected type " + type_name(types[i]),
                          node.position(), "You will need to rewrite or cast the expression.");
      }
    }
    const ColumnId id = plan_.columns.add("", e->type);
    made->outputs.push_back(id);
    plan_.results.push_back({id, "", e->type, 0, 0});
    row.push_back(std::move(e));
    ++i;
  }
  plan_.root = std::move(made);
  MORTISE_TRY(finish_parameters());
  return std::move(plan_);
}

void Binder::finish_results(const BoundQuery& bound) {
  for (const BoundQuery::Output& output : bound.outputs) {
    plan_.results.push_back(
        {output.id, output.name, plan_.columns[output.id].type, output.table, output.attribute});
  }
}

Status Binder::finish_parameters() {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    if (parameters_[i].sql_type != MORTISE_SQL_UNKNOWN) continue;
    return bind_error("42P18",
                      "could not determine data type of parameter $" + std::to_string(i + 1), 0);
  }
  plan_.parameters = parameters_;
  return {};
}

Result<ExpressionPtr> Binder::bind_on_relation(Node node, const Relation* relation,
                                               const std::vector<ColumnId>& row, Clause clause) {
  Scope scope(nullptr);
  if (relation != nullptr) {
    ScopeItem item;
    item.alias = relation->name();
    for (uint32_t i = 0; i < relation->columns_count(); ++i) {
      const schema::ColumnDef& c = relation->columns()[i];
      if (c.is_dropped || row[i] == kNoColumn) continue;
      item.columns.push_back({c.name, row[i], c.type, relation->id(), i + 1});
    }
    scope.items.push_back(std::move(item));
  }
  const bool could_take_parameters = allows_parameters_;
  allows_parameters_ = false;
  Result<ExpressionPtr> e = clause == Clause::check || clause == Clause::index_predicate
                                ? boolean(node, scope, clause, "CHECK")
                                : expression(node, scope, clause);
  allows_parameters_ = could_take_parameters;
  return e;
}

Result<ExpressionPtr> Binder::bind_text_on_relation(std::string_view sql, const Relation* relation,
                                                    const std::vector<ColumnId>& row,
                                                    Clause clause) {
  if (environment_.dialect == nullptr) return internal("no dialect reads stored expressions");
  const std::string text = "SELECT " + std::string(sql);
  MORTISE_TRY_ASSIGN(std::shared_ptr<const Tree> tree, Tree::parse(*environment_.dialect, text));
  trees_.push_back(tree);
  if (tree->statements().size() != 1) return corrupt("a stored expression is not one expression");
  const Node select = tree->root(0);
  ++stored_depth_;
  Result<ExpressionPtr> bound = bind_on_relation(select[2][0][0], relation, row, clause);
  --stored_depth_;
  MORTISE_TRY_ASSIGN(ExpressionPtr e, std::move(bound));
  // Positions are those of the stored text, which is not the user's.
  walk(*e, [](Expression& part) { part.position_bytes = 0; });
  return e;
}

Result<Datum> Binder::evaluate(Node node, const mortise_type_t& type, Clause clause) {
  Scope scope(nullptr);
  MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(node, scope, clause));
  MORTISE_TRY_ASSIGN(e, coerce(std::move(e), type, Coercion::assignment));
  if (e->kind == ExpressionKind::cast && e->child(0).kind == ExpressionKind::constant) {
    return evaluate_cast(*e, e->child(0).constant, environment_.session, environment_.view);
  }
  if (e->kind != ExpressionKind::constant) {
    return bind_error("0A000", "a constant is expected here", node.position());
  }
  return e->constant;
}

// What a column gets when nothing is given for it.
Result<ExpressionPtr> Binder::default_of(const Relation& relation, uint32_t column) {
  const schema::ColumnDef& c = relation.columns()[column];
  if (!c.has_default || c.generated != 0) {
    return make_constant(Datum::null(c.type));
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr e,
                     bind_text_on_relation(c.default_text, nullptr, {}, Clause::default_value));
  return coerce_assigned(std::move(e), c);
}

Status Binder::add_checks(const Relation& relation, const std::vector<ColumnId>& row,
                          std::vector<RowCheck>& checks) {
  for (const schema::ConstraintDef& constraint : relation.constraints) {
    if (constraint.kind != 'c') continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e,
                       bind_text_on_relation(constraint.expression, &relation, row, Clause::check));
    checks.push_back({constraint.name, std::move(e)});
  }
  return {};
}

Result<std::vector<ColumnId>> Binder::new_row(const Relation& relation) {
  std::vector<ColumnId> row;
  for (const schema::ColumnDef& c : relation.columns()) {
    row.push_back(c.is_dropped ? kNoColumn : plan_.columns.add(c.name, c.type));
  }
  return row;
}

Result<RelationPtr> Binder::target_relation(Node table, std::string_view verb) {
  MORTISE_TRY_ASSIGN(const Names::Found found, find_table(table));
  if (found.view != nullptr) {
    return Status(Code::invalid, "42501",
                  "permission denied: \"" +
                      std::string(found.view->name.data, found.view->name.size_bytes) +
                      "\" is a system catalog");
  }
  const schema::RelationKind kind = found.relation->definition.kind;
  if (kind == schema::RelationKind::table) return found.relation;
  if (kind == schema::RelationKind::view) {
    return Status(Code::unsupported, "55000",
                  "cannot " + std::string(verb) + " view \"" + found.relation->name() + "\"")
        .with(MORTISE_ERROR_FIELD_DETAIL, "Changing tables through views is not supported.");
  }
  const std::string what =
      kind == schema::RelationKind::sequence ? "sequence" : "materialized view";
  return Status(Code::invalid, "42809",
                "cannot change " + what + " \"" + found.relation->name() + "\"");
}

// RETURNING: a Project of the list over the changed rows.
Result<LogicalPtr> Binder::returning(Node list, LogicalPtr change, Scope& scope) {
  if (list.count() == 0) return change;
  MORTISE_TRY_ASSIGN(BoundQuery bound, returning_list(list, std::move(change), scope));
  MORTISE_TRY(resolve_outputs(bound));
  finish_results(bound);
  return std::move(bound.plan);
}

}  // namespace mortise::sql_engine
