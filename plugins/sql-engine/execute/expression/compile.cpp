// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "execute/expression/nodes.hpp"

namespace mortise::sql_engine {

class Compiler {
 public:
  explicit Compiler(const Scope& scope) : scope_(scope) {}

  Status add_root(const Expression& expression) {
    program_.owned_.push_back(clone(expression));
    MORTISE_TRY_ASSIGN(const Node* root, make(*program_.owned_.back(), false));
    program_.roots_.push_back(root);
    return {};
  }
  Status add_root(const Expression& expression, const mortise_type_t& form) {
    MORTISE_TRY(add_root(expression));
    const mortise_type_t& from = program_.roots_.back()->type;
    if (from.physical == form.physical && from.scale == form.scale) return {};
    NodePtr widened = make_widen_node({program_.roots_.back()});
    widened->type = form;
    widened->slot = static_cast<uint32_t>(program_.nodes_.size());
    program_.roots_.back() = widened.get();
    program_.nodes_.push_back(std::move(widened));
    return {};
  }
  Program finish() { return std::move(program_); }

 private:
  struct Known {
    const Expression* expression;
    Node* node;
  };

  // `is_lazy`: below an operand that is evaluated for some of the rows only; such nodes are not
  // shared, because a result for some rows would be overwritten by one for others.
  Result<const Node*> make(const Expression& expression, bool is_lazy) {
    const bool may_share = !is_lazy && is_worth_sharing(expression);
    if (may_share) {
      for (const Known& known : known_) {
        if (is_equal(*known.expression, expression)) {
          known.node->is_shared = true;
          return static_cast<const Node*>(known.node);
        }
      }
    }
    MORTISE_TRY_ASSIGN(NodePtr made, make_kind(expression, is_lazy));
    Node* node = made.get();
    node->type = expression.type;
    node->slot = static_cast<uint32_t>(program_.nodes_.size());
    program_.nodes_.push_back(std::move(made));
    if (may_share) known_.push_back({&expression, node});
    return static_cast<const Node*>(node);
  }

  static bool is_worth_sharing(const Expression& expression) {
    switch (expression.kind) {
      case ExpressionKind::call:
      case ExpressionKind::cast:
      case ExpressionKind::case_when:
      case ExpressionKind::in_list:
        return volatility(expression) != MORTISE_VOLATILITY_VOLATILE && !has_subquery(expression);
      default:
        return false;
    }
  }

  Result<Children> children_of(const Expression& expression, bool is_lazy) {
    Children children;
    for (size_t i = 0; i < expression.children.size(); ++i) {
      const bool is_some = is_lazy || (i != 0 && is_lazy_kind(expression.kind));
      MORTISE_TRY_ASSIGN(const Node* child, make(expression.child(i), is_some));
      children.push_back(child);
    }
    return children;
  }

  static bool is_lazy_kind(ExpressionKind kind) {
    return kind == ExpressionKind::conjunction || kind == ExpressionKind::disjunction ||
           kind == ExpressionKind::case_when || kind == ExpressionKind::coalesce ||
           kind == ExpressionKind::in_list;
  }

  Result<NodePtr> make_kind(const Expression& expression, bool is_lazy) {
    switch (expression.kind) {
      case ExpressionKind::constant:
        return make_constant_node(expression.constant);
      case ExpressionKind::parameter:
        return make_parameter_node(expression.parameter_index);
      case ExpressionKind::column:
        return make_reference(expression.column);
      case ExpressionKind::scalar_subquery:
      case ExpressionKind::exists:
      case ExpressionKind::quantified_subquery:
      case ExpressionKind::array_subquery:
        return make_subquery(expression);
      default:
        break;
    }
    MORTISE_TRY_ASSIGN(Children children, children_of(expression, is_lazy));
    switch (expression.kind) {
      case ExpressionKind::call:
        return make_call_node(expression, std::move(children));
      case ExpressionKind::cast:
        return make_cast_node(expression, std::move(children));
      case ExpressionKind::conjunction:
        return make_junction_node(false, std::move(children));
      case ExpressionKind::disjunction:
        return make_junction_node(true, std::move(children));
      case ExpressionKind::negation:
        return make_negation_node(std::move(children));
      case ExpressionKind::is_null:
        return make_is_null_node(expression.is_negated, std::move(children));
      case ExpressionKind::is_boolean:
        return make_is_boolean_node(expression.truth, expression.is_negated, std::move(children));
      case ExpressionKind::distinct_from:
        return make_distinct_node(expression, std::move(children));
      case ExpressionKind::nullif:
        return make_nullif_node(expression, std::move(children));
      case ExpressionKind::case_when:
        return make_case_node(std::move(children));
      case ExpressionKind::coalesce:
        return make_coalesce_node(std::move(children));
      case ExpressionKind::greatest:
        return make_extreme_node(true, std::move(children));
      case ExpressionKind::least:
        return make_extreme_node(false, std::move(children));
      case ExpressionKind::in_list:
        return make_in_list_node(expression, std::move(children));
      case ExpressionKind::array:
        return make_array_node(expression, std::move(children));
      case ExpressionKind::subscript:
        return make_subscript_node(expression, std::move(children));
      case ExpressionKind::any_element:
      case ExpressionKind::map_elements: {
        const ColumnId places[] = {kElementColumn, kBesideColumn};
        MORTISE_TRY_ASSIGN(Program program, compile(*expression.element, Scope{places, {}, {}}));
        return make_elements_node(expression, std::make_shared<const Program>(std::move(program)),
                                  std::move(children));
      }
      default:
        return internal("an expression of this kind cannot be computed here");
    }
  }

  Result<NodePtr> make_reference(ColumnId id) {
    for (size_t i = 0; i < scope_.inputs.size(); ++i) {
      if (scope_.inputs[i] == id) return make_column_node(static_cast<uint32_t>(i));
    }
    if (scope_.fragment != nullptr) {
      for (size_t i = 0; i < scope_.fragment->outer.size(); ++i) {
        if (scope_.fragment->outer[i] == id) return make_outer_node(static_cast<uint32_t>(i));
      }
    }
    return internal("a column is read where nothing makes it: id " +
                    std::to_string(static_cast<uint32_t>(id)));
  }

  Result<NodePtr> make_subquery(const Expression& expression) {
    if (!scope_.lower_subquery) return unsupported("a subquery is not allowed here");
    const Expression* test =
        expression.kind == ExpressionKind::quantified_subquery ? &expression.child(0) : nullptr;
    MORTISE_TRY_ASSIGN(auto lowered, scope_.lower_subquery(*expression.subquery, test));
    std::shared_ptr<const Fragment> fragment = std::move(lowered);
    Children outer;
    for (size_t i = 0; i < fragment->outer.size(); ++i) {
      MORTISE_TRY_ASSIGN(NodePtr made, make_reference(fragment->outer[i]));
      made->type = fragment->outer_types[i];
      made->slot = static_cast<uint32_t>(program_.nodes_.size());
      outer.push_back(made.get());
      program_.nodes_.push_back(std::move(made));
    }
    if (expression.kind == ExpressionKind::scalar_subquery) {
      return make_scalar_subquery_node(std::move(fragment), std::move(outer));
    }
    if (expression.kind == ExpressionKind::array_subquery) {
      return make_array_subquery_node(std::move(fragment), expression.element_type,
                                      std::move(outer));
    }
    if (expression.kind == ExpressionKind::exists) {
      return make_exists_node(std::move(fragment), expression.is_negated, std::move(outer));
    }
    return make_quantified_node(std::move(fragment), expression.is_all, expression.is_negated,
                                std::move(outer));
  }

  const Scope& scope_;
  Program program_;
  std::vector<Known> known_;
};

Result<Program> compile(std::span<const Expression* const> expressions, const Scope& scope) {
  Compiler compiler(scope);
  for (const Expression* expression : expressions) MORTISE_TRY(compiler.add_root(*expression));
  return compiler.finish();
}

Result<Program> compile_as(std::span<const Expression* const> expressions,
                           std::span<const mortise_type_t> forms, const Scope& scope) {
  Compiler compiler(scope);
  for (size_t i = 0; i < expressions.size(); ++i) {
    MORTISE_TRY(compiler.add_root(*expressions[i], forms[i]));
  }
  return compiler.finish();
}

Result<Program> compile(const Expression& expression, const Scope& scope) {
  const Expression* one[] = {&expression};
  return compile(one, scope);
}

}  // namespace mortise::sql_engine
