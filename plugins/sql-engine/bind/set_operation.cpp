// SPDX-License-Identifier: Apache-2.0
//
// UNION, INTERSECT, EXCEPT and VALUES, and giving a query's columns other types.

#include "bind/call_parts.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

// The node that computes a column, below nodes that only pass rows on.
LogicalNode* maker_of(LogicalNode* node) {
  for (;;) {
    switch (node->kind) {
      case LogicalKind::sort:
      case LogicalKind::limit:
      case LogicalKind::distinct:
      case LogicalKind::filter:
        node = node->inputs[0].get();
        break;
      case LogicalKind::common_table:
        node = node->inputs[1].get();
        break;
      default:
        return node;
    }
  }
}

// The expressions that a column is made of, if they can be changed in place.
std::vector<ExpressionPtr*> sources_of(LogicalNode* plan, ColumnId id) {
  std::vector<ExpressionPtr*> result;
  LogicalNode* maker = maker_of(plan);
  if (auto* project = as<Project>(maker)) {
    for (NamedExpression& n : project->expressions) {
      if (n.id == id) result.push_back(&n.expression);
    }
  } else if (auto* values = as<Values>(maker)) {
    for (size_t i = 0; i < values->outputs.size(); ++i) {
      if (values->outputs[i] != id) continue;
      for (auto& row : values->rows) result.push_back(&row[i]);
    }
  }
  return result;
}

bool is_same(const mortise_type_t& a, const mortise_type_t& b) {
  return a.sql_type == b.sql_type && a.modifier == b.modifier && a.physical == b.physical &&
         a.precision == b.precision && a.scale == b.scale;
}

// What later steps down a chain of set operations take of the stack, and how many they may be.
constexpr size_t kLinkStackBytes = 4096;
constexpr size_t kChainMax = 10000;

// A set operation with nothing around it.
bool is_link(Node node) {
  return node.is(MORTISE_SYNTAX_SET_OPERATION) && !node[0] && node[3].count() == 0 && !node[4] &&
         !node[5] && node[6].count() == 0;
}

std::string_view word_of(int64_t number) {
  static constexpr std::string_view kWords[] = {"UNION", "UNION", "INTERSECT", "EXCEPT"};
  return kWords[number >= 1 && number <= 3 ? number : 0];
}

}  // namespace

// Brings a query's columns to `types`.  Untyped literals become values of their type where they
// stand; everything else is cast in a Project on top, under new ids.
Status Binder::coerce_outputs(BoundQuery& bound, const std::vector<mortise_type_t>& types,
                              Coercion context) {
  MORTISE_ASSERT(types.size() == bound.outputs.size());
  std::vector<NamedExpression> casts;
  for (size_t i = 0; i < types.size(); ++i) {
    BoundQuery::Output& output = bound.outputs[i];
    const mortise_type_t type = plan_.columns[output.id].type;
    if (is_same(type, types[i])) continue;
    if (type.sql_type == MORTISE_SQL_UNKNOWN) {
      std::vector<ExpressionPtr*> sources = sources_of(bound.plan.get(), output.id);
      for (ExpressionPtr* source : sources) {
        MORTISE_TRY_ASSIGN(*source, coerce(std::move(*source), types[i], context));
      }
      if (!sources.empty()) {
        plan_.columns.set_type(output.id, types[i]);
        continue;
      }
    }
    const ColumnId id = plan_.columns.add(output.name, types[i]);
    MORTISE_TRY_ASSIGN(ExpressionPtr e, coerce(make_column(output.id, type), types[i], context));
    plan_.columns.set_type(id, e->type);
    casts.push_back({id, std::move(e)});
    output.id = id;
    output.table = 0;
    output.attribute = 0;
  }
  bound.plan = add_computed(std::move(bound.plan), std::move(casts));
  return {};
}

Status Binder::resolve_outputs(BoundQuery& bound) {
  MORTISE_TRY_ASSIGN(const mortise_type_t text, registry().resolve(MORTISE_SQL_TEXT));
  std::vector<mortise_type_t> types;
  for (const BoundQuery::Output& output : bound.outputs) {
    const mortise_type_t type = plan_.columns[output.id].type;
    types.push_back(type.sql_type == MORTISE_SQL_UNKNOWN ? text : type);
  }
  return coerce_outputs(bound, types, Coercion::implicit);
}

// a UNION b UNION c ... leans to the left and can be long: it is bound from its innermost left
// query outwards, without a step down for each.
Result<BoundQuery> Binder::set_operation(Node node, Scope& scope) {
  MORTISE_TRY(with(node[0], node, scope));
  std::vector<Node> spine{node};
  while (is_link(spine.back()[1])) spine.push_back(spine.back()[1]);
  if (spine.size() > kChainMax || spine.size() * kLinkStackBytes > environment_.stack_bytes_max) {
    return Status(Code::limit, "54001", "stack depth limit exceeded")
        .with(MORTISE_ERROR_FIELD_HINT, "The statement unites too many queries.");
  }
  MORTISE_TRY_ASSIGN(BoundQuery bound, query(spine.back()[1], &scope, true));
  for (size_t i = spine.size(); i-- > 0;) {
    MORTISE_TRY_ASSIGN(BoundQuery right, query(spine[i][2], &scope, true));
    MORTISE_TRY_ASSIGN(bound, unite(spine[i], std::move(bound), std::move(right)));
  }
  if (node[6].count() > 0) {
    return bind_error("0A000", "FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT",
                      node[6].position());
  }
  return order_and_limit(std::move(bound), node[3], node[4], node[5],
                         node.has(MORTISE_SYNTAX_WITH_TIES), scope);
}

Result<BoundQuery> Binder::unite(Node node, BoundQuery left, BoundQuery right) {
  const std::string word(word_of(node.number()));
  if (left.outputs.size() != right.outputs.size()) {
    return bind_error("42601", "each " + word + " query must have the same number of columns",
                      first_target_position(node[2]));
  }
  std::vector<mortise_type_t> types;
  for (size_t i = 0; i < left.outputs.size(); ++i) {
    MORTISE_TRY_ASSIGN(const mortise_type_t type, set_column_type(left, right, i, word));
    types.push_back(type);
  }
  MORTISE_TRY(coerce_outputs(left, types, Coercion::implicit));
  MORTISE_TRY(coerce_outputs(right, types, Coercion::implicit));
  auto set = std::make_unique<SetOperation>();
  set->type = node.number() == 1   ? SetOperationType::unite
              : node.number() == 2 ? SetOperationType::intersect
                                   : SetOperationType::except;
  set->is_all = node.has(MORTISE_SYNTAX_ALL);
  BoundQuery bound;
  for (size_t i = 0; i < types.size(); ++i) {
    set->left.push_back(left.outputs[i].id);
    set->right.push_back(right.outputs[i].id);
    const ColumnId id = plan_.columns.add(left.outputs[i].name, types[i]);
    set->outputs.push_back(id);
    bound.outputs.push_back({left.outputs[i].name, id, 0, 0});
  }
  set->inputs.push_back(std::move(left.plan));
  set->inputs.push_back(std::move(right.plan));
  bound.plan = std::move(set);
  return bound;
}

uint32_t Binder::first_target_position(Node query) {
  while (query.is(MORTISE_SYNTAX_SET_OPERATION)) query = query[1];
  if (query.is(MORTISE_SYNTAX_SELECT) && query[2].count() > 0) {
    const Node target = query[2][0];
    return target.position() != 0 ? target.position() : target[0].position();
  }
  if (query.is(MORTISE_SYNTAX_VALUES) && query[1].count() > 0) return query[1][0][0].position();
  return query.position();
}

Result<mortise_type_t> Binder::set_column_type(BoundQuery& left, BoundQuery& right, size_t index,
                                               const std::string& word) {
  std::vector<const Expression*> facts;
  std::vector<ExpressionPtr> made;
  std::vector<uint32_t> types;
  uint32_t position = 0;
  for (BoundQuery* side : {&left, &right}) {
    const ColumnId id = side->outputs[index].id;
    const std::vector<ExpressionPtr*> sources = sources_of(side->plan.get(), id);
    types.push_back(plan_.columns[id].type.sql_type);
    if (sources.size() == 1) {
      facts.push_back(sources[0]->get());
      position = expression_position(**sources[0]);
    } else {
      made.push_back(make_column(id, plan_.columns[id].type));
      facts.push_back(made.back().get());
    }
  }
  uint32_t common = registry().common_type(types, nullptr);
  if (common == 0) {
    return bind_error("42804",
                      word + " types " + registry().type_name(types[0]) + " and " +
                          registry().type_name(types[1]) + " cannot be matched",
                      position);
  }
  if (common == MORTISE_SQL_UNKNOWN) common = MORTISE_SQL_TEXT;
  return unified_type(facts, common);
}

Result<BoundQuery> Binder::order_and_limit(BoundQuery bound, Node sort, Node limit, Node offset,
                                           bool is_with_ties, Scope& scope) {
  if (sort.count() > 0) {
    auto node = std::make_unique<Sort>();
    MORTISE_TRY(sort_outputs(sort, bound, node->keys));
    node->outputs = bound.plan->outputs;
    node->inputs.push_back(std::move(bound.plan));
    bound.plan = std::move(node);
  }
  MORTISE_TRY(limits(limit, offset, is_with_ties, scope, bound.plan));
  return bound;
}

// ORDER BY of a set operation or VALUES: names and positions of output columns alone.
Status Binder::sort_outputs(Node list, BoundQuery& bound, std::vector<SortKey>& keys) {
  for (const Node key : list) {
    const Node e = key[0];
    size_t found = SIZE_MAX;
    if (e.is(MORTISE_SYNTAX_INTEGER)) {
      if (e.number() < 1 || e.number() > static_cast<int64_t>(bound.outputs.size())) {
        return bind_error(
            "42P10", "ORDER BY position " + std::to_string(e.number()) + " is not in select list",
            e.position());
      }
      found = static_cast<size_t>(e.number() - 1);
    } else if (e.is(MORTISE_SYNTAX_COLUMN) && e.count() == 1 && e[0].is(MORTISE_SYNTAX_NAME)) {
      for (size_t i = 0; i < bound.outputs.size(); ++i) {
        if (bound.outputs[i].name != e[0].text()) continue;
        if (found != SIZE_MAX) {
          return bind_error("42702", "ORDER BY \"" + std::string(e[0].text()) + "\" is ambiguous",
                            e.position());
        }
        found = i;
      }
      if (found == SIZE_MAX) {
        return bind_error("42703", "column \"" + std::string(e[0].text()) + "\" does not exist",
                          e.position());
      }
    } else {
      Status status =
          bind_error("0A000", "invalid UNION/INTERSECT/EXCEPT ORDER BY clause", e.position());
      return std::move(status)
          .with(MORTISE_ERROR_FIELD_DETAIL,
                "Only result column names can be used, not expressions or functions.")
          .with(MORTISE_ERROR_FIELD_HINT,
                "Add the expression/function to every SELECT, or move the UNION into a FROM "
                "clause.");
    }
    SortKey sort;
    const ColumnId id = bound.outputs[found].id;
    sort.expression = make_column(id, plan_.columns[id].type, e.position());
    set_direction(key, sort);
    keys.push_back(std::move(sort));
  }
  return {};
}

Result<BoundQuery> Binder::values(Node node, Scope& scope, bool keeps_unknown) {
  MORTISE_TRY(with(node[0], node, scope));
  auto made = std::make_unique<Values>();
  for (const Node row : node[1]) {
    if (row.count() != node[1][0].count()) {
      return bind_error("42601", "VALUES lists must all be the same length", row[0].position());
    }
    std::vector<ExpressionPtr>& expressions = made->rows.emplace_back();
    for (const Node value : row) {
      MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(value, scope, Clause::values));
      expressions.push_back(std::move(e));
    }
  }
  BoundQuery bound;
  const size_t width = made->rows.empty() ? 0 : made->rows[0].size();
  for (size_t i = 0; i < width; ++i) {
    std::vector<ExpressionPtr*> column_values;
    bool is_unknown = true;
    for (auto& row : made->rows) {
      column_values.push_back(&row[i]);
      is_unknown = is_unknown && row[i]->type.sql_type == MORTISE_SQL_UNKNOWN;
    }
    mortise_type_t type = made->rows[0][i]->type;
    if (!is_unknown || !keeps_unknown) MORTISE_TRY(unify(column_values, "VALUES", type));
    const std::string name = "column" + std::to_string(i + 1);
    const ColumnId id = plan_.columns.add(name, type);
    made->outputs.push_back(id);
    bound.outputs.push_back({name, id, 0, 0});
  }
  bound.plan = std::move(made);
  return order_and_limit(std::move(bound), node[2], node[3], node[4], false, scope);
}

}  // namespace mortise::sql_engine
