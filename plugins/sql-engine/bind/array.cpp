// SPDX-License-Identifier: Apache-2.0
//
// Arrays: ARRAY[...], ARRAY(query), subscripts and slices, x op ANY (array), casts of elements.

#include <limits>

#include "bind/binder.hpp"
#include "bind/fold.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

ExpressionPtr make_of(ExpressionKind kind, const mortise_type_t& type,
                      const mortise_type_t& element, uint32_t position) {
  auto e = std::make_unique<Expression>();
  e->kind = kind;
  e->type = type;
  e->element_type = element;
  e->position_bytes = position;
  return e;
}

bool is_untyped_null(const Expression& e) {
  return e.type.sql_type == MORTISE_SQL_UNKNOWN && e.kind == ExpressionKind::constant &&
         e.constant.is_null();
}

}  // namespace

Result<mortise_type_t> Binder::element_of(const mortise_type_t& array) {
  const mortise_type_info_t* info = registry().type(array.sql_type);
  if (info == nullptr || info->element_type == 0) return mortise_type_t{};
  return registry().resolve(info->element_type);
}

Result<mortise_type_t> Binder::array_of(const mortise_type_t& element, uint32_t position) {
  const mortise_type_info_t* info = registry().type(element.sql_type);
  const bool is_known =
      info != nullptr && info->array_type != 0 && registry().type(info->array_type) != nullptr;
  if (!is_known) {
    return bind_error("42704", "could not find array type for data type " + type_name(element),
                      position);
  }
  return registry().resolve(info->array_type);
}

// `wanted`: the array type of a cast around it; sql_type 0 if there is none.
Result<ExpressionPtr> Binder::array(Node node, Scope& scope, Clause clause,
                                    const mortise_type_t& wanted) {
  std::vector<ExpressionPtr> values;
  std::vector<ExpressionPtr*> list;
  bool is_nested = false;
  for (const Node element : node) {
    ExpressionPtr value;
    if (element.is(MORTISE_SYNTAX_ARRAY)) {
      MORTISE_TRY_ASSIGN(value, array(element, scope, clause, wanted));
      is_nested = true;
    } else {
      MORTISE_TRY_ASSIGN(value, expression(element, scope, clause));
    }
    values.push_back(std::move(value));
  }
  if (values.empty() && wanted.sql_type == 0) {
    return bind_error("42P18", "cannot determine type of empty array", node.position(),
                      "Explicitly cast to the desired type, for example ARRAY[]::integer[].");
  }
  mortise_type_t element{};
  mortise_type_t type = wanted;
  if (wanted.sql_type != 0) {
    MORTISE_TRY_ASSIGN(element, element_of(wanted));
    for (ExpressionPtr& v : values) {
      MORTISE_TRY_ASSIGN(v,
                         coerce(std::move(v), is_nested ? wanted : element, Coercion::explicit_));
    }
  } else {
    for (ExpressionPtr& v : values) list.push_back(&v);
    MORTISE_TRY(unify(list, "ARRAY", element));
    MORTISE_TRY_ASSIGN(const mortise_type_t inner, element_of(element));
    is_nested = inner.sql_type != 0;
    if (is_nested) {
      type = element;
      element = inner;
    } else {
      MORTISE_TRY_ASSIGN(type, array_of(element, node.position()));
      MORTISE_TRY_ASSIGN(element, element_of(type));
    }
  }
  ExpressionPtr made = make_of(ExpressionKind::array, type, element, node.position());
  made->is_all = is_nested;
  for (ExpressionPtr& v : values) {
    if (!is_nested) {
      MORTISE_TRY_ASSIGN(v, in_form(std::move(v), element));
    }
    made->children.push_back(std::move(v));
  }
  return made;
}

// A value in the physical form of array elements: numeric in its free form.
Result<ExpressionPtr> Binder::in_form(ExpressionPtr e, const mortise_type_t& element) {
  if (e->type.physical == element.physical) return e;
  return apply_modifier(std::move(e), element, Coercion::implicit);
}

Result<ExpressionPtr> Binder::array_query(Node node, Scope& scope) {
  std::unique_ptr<Subquery> holder;
  MORTISE_TRY_ASSIGN(const BoundQuery bound,
                     subselect(node[0], scope, Clause::select_list, holder));
  if (bound.outputs.size() != 1) {
    return bind_error("42601", "subquery must return only one column", node.position());
  }
  const mortise_type_t value = plan_.columns[bound.outputs[0].id].type;
  MORTISE_TRY_ASSIGN(const mortise_type_t inner, element_of(value));
  if (inner.sql_type != 0) {
    return bind_error("0A000", "ARRAY over a query of arrays is not supported", node.position());
  }
  MORTISE_TRY_ASSIGN(const mortise_type_t type, array_of(value, node.position()));
  // What a numeric column holds is a decimal; the rows are taken as they are.
  mortise_type_t element = value;
  MORTISE_TRY_ASSIGN(const mortise_type_t plain, element_of(type));
  ExpressionPtr e = make_of(ExpressionKind::array_subquery, type, element, node.position());
  e->subquery = std::move(holder);
  if (value.physical == plain.physical) return e;
  return map_elements(std::move(e), value, plain, type, Coercion::implicit);
}

Result<ExpressionPtr> Binder::subscript(Node node, Scope& scope, Clause clause) {
  std::vector<Node> steps;
  Node inner = node;
  bool is_slice = false;
  for (; inner.is(MORTISE_SYNTAX_SUBSCRIPT); inner = inner[0]) {
    steps.insert(steps.begin(), inner);
    is_slice = is_slice || inner.has(MORTISE_SYNTAX_FLAG_A);
  }
  MORTISE_TRY_ASSIGN(ExpressionPtr value, expression(inner, scope, clause));
  MORTISE_TRY_ASSIGN(const mortise_type_t element, element_of(value->type));
  if (element.sql_type == 0) {
    return bind_error("42804",
                      "cannot subscript type " + type_name(value->type) +
                          " because it does not support subscripting",
                      node.position());
  }
  ExpressionPtr made = make_of(ExpressionKind::subscript, is_slice ? value->type : element, element,
                               node.position());
  made->is_all = is_slice;
  made->children.push_back(std::move(value));
  MORTISE_TRY_ASSIGN(const mortise_type_t integer, registry().resolve(MORTISE_SQL_INT4));
  const auto bound = [&](Node given, int32_t otherwise) -> Result<ExpressionPtr> {
    if (!given) return make_constant(Datum::int32(otherwise), node.position());
    MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(given, scope, clause));
    return coerce(std::move(e), integer, Coercion::assignment);
  };
  for (const Node step : steps) {
    ExpressionPtr lower;
    ExpressionPtr upper;
    if (is_slice) {
      // a[i] among slices means a[1:i].
      const int32_t first =
          step.has(MORTISE_SYNTAX_FLAG_A) ? std::numeric_limits<int32_t>::min() : 1;
      MORTISE_TRY_ASSIGN(lower, bound(step[1], first));
      made->children.push_back(std::move(lower));
    }
    MORTISE_TRY_ASSIGN(upper, bound(step[2], std::numeric_limits<int32_t>::max()));
    made->children.push_back(std::move(upper));
  }
  return made;
}

// x op ANY (array) for an array that is computed.
Result<ExpressionPtr> Binder::any_element(std::string_view symbol, ExpressionPtr needle,
                                          ExpressionPtr array, bool is_all, uint32_t position) {
  if (array->type.sql_type == MORTISE_SQL_UNKNOWN) {
    MORTISE_TRY_ASSIGN(needle, resolve_unknown(std::move(needle)));
    MORTISE_TRY_ASSIGN(const mortise_type_t type, array_of(needle->type, position));
    MORTISE_TRY_ASSIGN(array, coerce(std::move(array), type, Coercion::implicit));
  }
  MORTISE_TRY_ASSIGN(const mortise_type_t element, element_of(array->type));
  if (element.sql_type == 0) {
    return bind_error("42809", "op ANY/ALL (array) requires array on right side", position);
  }
  ExpressionPtr e = make_of(ExpressionKind::any_element, boolean_type(), element, position);
  e->is_all = is_all;
  // Constants and parameters stand in the test itself: untyped ones get their type there.
  const bool is_beside =
      needle->kind != ExpressionKind::constant && needle->kind != ExpressionKind::parameter;
  ExpressionPtr left = is_beside ? make_column(kBesideColumn, needle->type) : clone(*needle);
  MORTISE_TRY_ASSIGN(
      ExpressionPtr test,
      apply_operator(symbol, std::move(left), make_column(kElementColumn, element), position));
  if (test->type.sql_type != MORTISE_SQL_BOOL) {
    return bind_error("42809", "op ANY/ALL (array) requires operator to yield boolean", position);
  }
  e->element = std::move(test);
  e->children.push_back(std::move(array));
  if (is_beside) e->children.push_back(std::move(needle));
  return e;
}

// Brings the elements of `array` from one type to another; the whole becomes `target`.
Result<ExpressionPtr> Binder::map_elements(ExpressionPtr array, const mortise_type_t& from,
                                           const mortise_type_t& to, const mortise_type_t& target,
                                           Coercion context) {
  const uint32_t position = array->position_bytes;
  ExpressionPtr e = make_of(ExpressionKind::map_elements, target, from, position);
  MORTISE_TRY_ASSIGN(ExpressionPtr element, coerce(make_column(kElementColumn, from), to, context));
  MORTISE_TRY_ASSIGN(const mortise_type_t plain, registry().resolve(to.sql_type));
  MORTISE_TRY_ASSIGN(element, in_form(std::move(element), plain));
  e->element = std::move(element);
  e->children.push_back(std::move(array));
  return e;
}

// T[] to U[], or to T[] with a modifier.
Result<ExpressionPtr> Binder::cast_array(ExpressionPtr e, const mortise_type_t& target,
                                         Coercion context, bool& is_possible) {
  MORTISE_TRY_ASSIGN(const mortise_type_t from, element_of(e->type));
  const mortise_type_info_t* info = registry().type(target.sql_type);
  MORTISE_ASSERT(info != nullptr && info->element_type != 0);
  MORTISE_TRY_ASSIGN(const mortise_type_t to,
                     registry().resolve(info->element_type, target.modifier));
  is_possible =
      from.sql_type == to.sql_type ||
      registry().cast_path(from.sql_type, to.sql_type, context).kind != CastPath::Kind::none;
  if (!is_possible) return e;
  if (is_untyped_null(*e)) return make_constant(Datum::null(target), e->position_bytes);
  const bool is_same = from.sql_type == to.sql_type && to.modifier == -1;
  if (!is_same) return map_elements(std::move(e), from, to, target, context);
  // int2vector and int2[]: other types of the same values.
  auto renamed = std::make_unique<Expression>();
  renamed->kind = ExpressionKind::cast;
  renamed->cast_method = CastMethod::same_bytes;
  renamed->type = target;
  renamed->position_bytes = e->position_bytes;
  renamed->children.push_back(std::move(e));
  return renamed;
}

}  // namespace mortise::sql_engine
