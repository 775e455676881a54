// SPDX-License-Identifier: Apache-2.0
//
// Expressions that are neither names, operators, calls nor subqueries, and the switch over all
// kinds.
//
// Longer than 500 lines, because each kind is a few lines.

#include <algorithm>

#include <charconv>

#include "bind/binder.hpp"
#include "bind/decimal_literal.hpp"
#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

constexpr uint32_t kDepthMax = 10000;  // of what is taken apart later, on another stack

ExpressionPtr make(ExpressionKind kind, const mortise_type_t& type, uint32_t position) {
  auto e = std::make_unique<Expression>();
  e->kind = kind;
  e->type = type;
  e->position_bytes = position;
  return e;
}

}  // namespace

Status bind_error(std::string_view sqlstate, std::string message, uint32_t position) {
  const Code code = sqlstate == "0A000" ? Code::unsupported : Code::invalid;
  return Status(code, sqlstate, std::move(message)).at(position);
}

Status bind_error(std::string_view sqlstate, std::string message, uint32_t position,
                  std::string hint) {
  Status status = bind_error(sqlstate, std::move(message), position);
  return std::move(status).with(MORTISE_ERROR_FIELD_HINT, std::move(hint));
}

uint32_t expression_position(const Expression& expression) {
  uint32_t first = 0;
  walk(expression, [&](const Expression& e) {
    if (e.position_bytes != 0 && (first == 0 || e.position_bytes < first)) first = e.position_bytes;
  });
  return first;
}

std::string Binder::type_name(const mortise_type_t& type) const {
  return registry().type_name(type.sql_type, -1);
}

namespace {

// Expressions that the grammar reads and nobody here means anything by.
std::string_view word_of(uint32_t kind) {
  switch (kind) {
    case MORTISE_SYNTAX_BIT_STRING:
      return "a bit string";
    case MORTISE_SYNTAX_STAR:
      return "row expansion via \"*\" in this place";
    case MORTISE_SYNTAX_FIELD:
      return "selecting a field of a composite value";
    case MORTISE_SYNTAX_CURRENT_OF:
      return "WHERE CURRENT OF";
    case MORTISE_SYNTAX_NAMED_ARGUMENT:
      return "a named argument";
    default:
      return "this expression";
  }
}

// Types of PostgreSQL that are known and not there: no mistyped names.
constexpr std::string_view kMissingTypes[] = {
    "json",           "jsonb",         "jsonpath",     "xml",
    "money",          "timetz",        "bit",          "varbit",
    "inet",           "cidr",          "macaddr",      "macaddr8",
    "point",          "line",          "lseg",         "box",
    "path",           "polygon",       "circle",       "tsvector",
    "tsquery",        "int4range",     "int8range",    "numrange",
    "tsrange",        "tstzrange",     "daterange",    "int4multirange",
    "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange",
    "datemultirange", "pg_lsn",        "pg_snapshot",  "refcursor",
    "hstore",         "citext",        "geometry",     "geography"};

}  // namespace

Result<ExpressionPtr> Binder::expression(Node node, Scope& scope, Clause clause) {
  if (depth_ >= kDepthMax) {
    return Status(Code::limit, "54001", "stack depth limit exceeded")
        .with(MORTISE_ERROR_FIELD_HINT, "The statement's expressions are nested too deeply.");
  }
  MORTISE_TRY(check_way());
  ++depth_;
  Result<ExpressionPtr> result = expression_inner(node, scope, clause);
  --depth_;
  return result;
}

Result<ExpressionPtr> Binder::expression_inner(Node node, Scope& scope, Clause clause) {
  switch (node.kind()) {
    case MORTISE_SYNTAX_NULL:
    case MORTISE_SYNTAX_BOOLEAN:
    case MORTISE_SYNTAX_INTEGER:
    case MORTISE_SYNTAX_NUMERIC:
    case MORTISE_SYNTAX_STRING:
      return literal(node);
    case MORTISE_SYNTAX_PARAMETER:
      return parameter(node);
    case MORTISE_SYNTAX_COLUMN:
      return column(node, scope, clause);
    case MORTISE_SYNTAX_OPERATOR:
      return operation(node, scope, clause);
    case MORTISE_SYNTAX_AND:
    case MORTISE_SYNTAX_OR:
    case MORTISE_SYNTAX_NEGATION:
    case MORTISE_SYNTAX_IS_NULL:
    case MORTISE_SYNTAX_IS_BOOLEAN:
      return logical(node, scope, clause);
    case MORTISE_SYNTAX_DISTINCT_FROM:
      return distinct_from(node, scope, clause);
    case MORTISE_SYNTAX_NULLIF:
      return nullif(node, scope, clause);
    case MORTISE_SYNTAX_IN_LIST:
      return in_list(node, scope, clause);
    case MORTISE_SYNTAX_LIKE:
      return like(node, scope, clause);
    case MORTISE_SYNTAX_BETWEEN:
      return between(node, scope, clause);
    case MORTISE_SYNTAX_CASE:
      return case_when(node, scope, clause);
    case MORTISE_SYNTAX_COALESCE:
    case MORTISE_SYNTAX_GREATEST:
    case MORTISE_SYNTAX_LEAST:
      return same_type_list(node, scope, clause);
    case MORTISE_SYNTAX_CALL:
      return call(node, scope, clause);
    case MORTISE_SYNTAX_SQL_VALUE:
      return sql_value(node);
    case MORTISE_SYNTAX_CAST:
      return cast(node, scope, clause);
    case MORTISE_SYNTAX_COLLATE:
      return collate(node, scope, clause);
    case MORTISE_SYNTAX_SUBQUERY:
    case MORTISE_SYNTAX_EXISTS:
      return subquery(node, scope, clause);
    case MORTISE_SYNTAX_QUANTIFIED_QUERY:
      return quantified_query(node, scope, clause);
    case MORTISE_SYNTAX_GROUPING:
      return grouping_call(node, scope, clause);
    case MORTISE_SYNTAX_AT_TIME_ZONE:
      return at_time_zone(node, scope, clause);
    case MORTISE_SYNTAX_DEFAULT:
      return bind_error("42601", "DEFAULT is not allowed in this context", node.position());
    case MORTISE_SYNTAX_ROW:
      return bind_error("0A000", "row values are supported in comparisons only", node.position());
    case MORTISE_SYNTAX_ARRAY:
      return array(node, scope, clause, {});
    case MORTISE_SYNTAX_ARRAY_QUERY:
      return array_query(node, scope);
    case MORTISE_SYNTAX_SUBSCRIPT:
      return subscript(node, scope, clause);
    case MORTISE_SYNTAX_QUANTIFIED:
      return quantified_array(node, scope, clause);
    default:
      return bind_error("0A000", std::string(word_of(node.kind())) + " is not supported",
                        node.position());
  }
}

Result<ExpressionPtr> Binder::at_time_zone(Node node, Scope& scope, Clause clause) {
  std::vector<ExpressionPtr> arguments(2);
  MORTISE_TRY_ASSIGN(arguments[0], expression(node[1], scope, clause));
  MORTISE_TRY_ASSIGN(arguments[1], expression(node[0], scope, clause));
  return call_named("timezone", std::move(arguments), node.position());
}

Result<ExpressionPtr> Binder::literal(Node node) {
  switch (node.kind()) {
    case MORTISE_SYNTAX_NULL: {
      mortise_type_t type = Datum::unknown("").type();
      return make_constant(Datum::null(type), node.position());
    }
    case MORTISE_SYNTAX_BOOLEAN:
      return make_constant(Datum::boolean(node.number() != 0), node.position());
    case MORTISE_SYNTAX_INTEGER:
      return make_constant(Datum::int32(static_cast<int32_t>(node.number())), node.position());
    case MORTISE_SYNTAX_STRING:
      return make_constant(Datum::unknown(node.text()), node.position());
    default:
      break;
  }
  const std::string_view digits = node.text();
  int64_t whole = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
  if (read.ec == std::errc() && read.ptr == digits.data() + digits.size()) {
    // A dialect may have taken the sign in: -2147483648 is an integer though 2147483648 is not.
    if (whole == INT32_MIN) return make_constant(Datum::int32(INT32_MIN), node.position());
    return make_constant(Datum::int64(whole), node.position());
  }
  if (std::optional<Datum> decimal = decimal_literal(digits)) {
    return make_constant(std::move(*decimal), node.position());
  }
  MORTISE_TRY_ASSIGN(const mortise_type_t numeric, registry().resolve(MORTISE_SQL_NUMERIC));
  return read_literal(make_constant(Datum::unknown(digits), node.position()), numeric,
                      Coercion::explicit_);
}

Result<ExpressionPtr> Binder::parameter(Node node) {
  const int64_t number = node.number();
  if (number < 1 || number > 65535 || !allows_parameters_) {
    return bind_error("42P02", "there is no parameter $" + std::to_string(number), node.position());
  }
  const auto index = static_cast<uint32_t>(number - 1);
  if (index >= parameters_.size()) {
    parameters_.resize(index + 1, Datum::unknown("").type());
  }
  ExpressionPtr e = make(ExpressionKind::parameter, parameters_[index], node.position());
  e->parameter_index = index;
  return e;
}

Result<ExpressionPtr> Binder::boolean(Node node, Scope& scope, Clause clause,
                                      std::string_view place) {
  MORTISE_TRY_ASSIGN(ExpressionPtr e, expression(node, scope, clause));
  if (e->type.sql_type == MORTISE_SQL_BOOL) return e;
  const uint32_t position = expression_position(*e);
  const std::string was = type_name(e->type);
  bool is_possible = false;
  MORTISE_TRY_ASSIGN(e, try_coerce(std::move(e), boolean_type(), Coercion::implicit, is_possible));
  if (is_possible) return e;
  return bind_error("42804",
                    "argument of " + std::string(place) + " must be type boolean, not type " + was,
                    position);
}

Result<ExpressionPtr> Binder::logical(Node node, Scope& scope, Clause clause) {
  switch (node.kind()) {
    case MORTISE_SYNTAX_AND:
    case MORTISE_SYNTAX_OR: {
      const bool is_and = node.is(MORTISE_SYNTAX_AND);
      ExpressionPtr e = make(is_and ? ExpressionKind::conjunction : ExpressionKind::disjunction,
                             boolean_type(), node.position());
      for (const Node child : node) {
        MORTISE_TRY_ASSIGN(ExpressionPtr part,
                           boolean(child, scope, clause, is_and ? "AND" : "OR"));
        e->children.push_back(std::move(part));
      }
      return e;
    }
    case MORTISE_SYNTAX_NEGATION: {
      ExpressionPtr e = make(ExpressionKind::negation, boolean_type(), node.position());
      MORTISE_TRY_ASSIGN(ExpressionPtr part, boolean(node[0], scope, clause, "NOT"));
      e->children.push_back(std::move(part));
      return e;
    }
    case MORTISE_SYNTAX_IS_BOOLEAN: {
      static constexpr std::string_view kPlaces[] = {
          "IS FALSE", "IS TRUE", "IS UNKNOWN", "IS NOT FALSE", "IS NOT TRUE", "IS NOT UNKNOWN"};
      const auto truth = static_cast<size_t>(node.number());
      MORTISE_ASSERT(truth < 3);
      ExpressionPtr e = make(ExpressionKind::is_boolean, boolean_type(), node.position());
      e->truth = static_cast<Truth>(truth);
      e->is_negated = node.has(MORTISE_SYNTAX_NOT);
      MORTISE_TRY_ASSIGN(ExpressionPtr part,
                         boolean(node[0], scope, clause, kPlaces[truth + (e->is_negated ? 3 : 0)]));
      e->children.push_back(std::move(part));
      return e;
    }
    default:
      break;
  }
  if (node[0].is(MORTISE_SYNTAX_ROW)) return row_is_null(node, scope, clause);
  ExpressionPtr e = make(ExpressionKind::is_null, boolean_type(), node.position());
  e->is_negated = node.has(MORTISE_SYNTAX_NOT);
  MORTISE_TRY_ASSIGN(ExpressionPtr value, expression(node[0], scope, clause));
  MORTISE_TRY_ASSIGN(value, resolve_unknown(std::move(value)));
  e->children.push_back(std::move(value));
  return e;
}

// ROW(a, b) IS NULL: all are null; IS NOT NULL: none is.
Result<ExpressionPtr> Binder::row_is_null(Node node, Scope& scope, Clause clause) {
  std::vector<ExpressionPtr> elements;
  MORTISE_TRY(row_elements(node[0], scope, clause, elements));
  std::vector<ExpressionPtr> tests;
  for (ExpressionPtr& element : elements) {
    ExpressionPtr e = make(ExpressionKind::is_null, boolean_type(), node.position());
    e->is_negated = node.has(MORTISE_SYNTAX_NOT);
    MORTISE_TRY_ASSIGN(element, resolve_unknown(std::move(element)));
    e->children.push_back(std::move(element));
    tests.push_back(std::move(e));
  }
  return make_conjunction(std::move(tests));
}

Result<ExpressionPtr> Binder::case_when(Node node, Scope& scope, Clause clause) {
  ExpressionPtr operand;
  if (node[0]) {
    MORTISE_TRY_ASSIGN(operand, expression(node[0], scope, clause));
    MORTISE_TRY_ASSIGN(operand, resolve_unknown(std::move(operand)));
  }
  ExpressionPtr e = make(ExpressionKind::case_when, {}, node.position());
  for (const Node when : node[1]) {
    if (operand == nullptr) {
      MORTISE_TRY_ASSIGN(ExpressionPtr condition, boolean(when[0], scope, clause, "CASE/WHEN"));
      e->children.push_back(std::move(condition));
    } else {
      MORTISE_TRY_ASSIGN(ExpressionPtr value, expression(when[0], scope, clause));
      MORTISE_TRY_ASSIGN(ExpressionPtr condition,
                         apply_operator("=", clone(*operand), std::move(value), when.position()));
      e->children.push_back(std::move(condition));
    }
    MORTISE_TRY_ASSIGN(ExpressionPtr result, expression(when[1], scope, clause));
    e->children.push_back(std::move(result));
  }
  if (node[2]) {
    MORTISE_TRY_ASSIGN(ExpressionPtr result, expression(node[2], scope, clause));
    e->children.push_back(std::move(result));
  } else {
    e->children.push_back(make_constant(Datum::null(Datum::unknown("").type())));
  }
  // PostgreSQL looks at the ELSE first.
  std::vector<ExpressionPtr*> results{&e->children.back()};
  for (size_t i = 1; i + 1 < e->children.size(); i += 2) results.push_back(&e->children[i]);
  MORTISE_TRY(unify(results, "CASE", e->type));
  return e;
}

Result<ExpressionPtr> Binder::same_type_list(Node node, Scope& scope, Clause clause) {
  ExpressionKind kind = ExpressionKind::coalesce;
  std::string_view what = "COALESCE";
  if (node.is(MORTISE_SYNTAX_GREATEST)) {
    kind = ExpressionKind::greatest;
    what = "GREATEST";
  } else if (node.is(MORTISE_SYNTAX_LEAST)) {
    kind = ExpressionKind::least;
    what = "LEAST";
  }
  ExpressionPtr e = make(kind, {}, node.position());
  for (const Node child : node) {
    MORTISE_TRY_ASSIGN(ExpressionPtr value, expression(child, scope, clause));
    e->children.push_back(std::move(value));
  }
  std::vector<ExpressionPtr*> values;
  for (ExpressionPtr& child : e->children) values.push_back(&child);
  MORTISE_TRY(unify(values, what, e->type));
  return e;
}

Result<ExpressionPtr> Binder::nullif(Node node, Scope& scope, Clause clause) {
  MORTISE_TRY_ASSIGN(ExpressionPtr left, expression(node[0], scope, clause));
  MORTISE_TRY_ASSIGN(ExpressionPtr right, expression(node[1], scope, clause));
  ExpressionPtr result = clone(*left);
  const mortise_type_t right_type = right->type;
  MORTISE_TRY_ASSIGN(ExpressionPtr equal,
                     apply_operator("=", std::move(left), std::move(right), node.position()));
  if (equal->kind == ExpressionKind::constant) {
    const bool is_equal_constant = !equal->constant.is_null() && equal->constant.as_bool();
    if (result->type.sql_type == MORTISE_SQL_UNKNOWN && right_type.sql_type != 0) {
      MORTISE_TRY_ASSIGN(result, coerce(std::move(result), right_type, Coercion::implicit));
    }
    MORTISE_TRY_ASSIGN(result, resolve_unknown(std::move(result)));
    return is_equal_constant ? make_constant(Datum::null(result->type)) : std::move(result);
  }
  ExpressionPtr e = make(ExpressionKind::nullif, {}, node.position());
  e->function = equal->function;
  e->state = equal->state;
  e->children = std::move(equal->children);
  if (result->type.sql_type == MORTISE_SQL_UNKNOWN) {
    MORTISE_TRY_ASSIGN(result, coerce(std::move(result), e->child(0).type, Coercion::implicit));
  }
  e->type = result->type;
  e->children.push_back(std::move(result));
  return e;
}

Result<ExpressionPtr> Binder::cast(Node node, Scope& scope, Clause clause) {
  MORTISE_TRY_ASSIGN(const mortise_type_t target, bind_type(node[1]));
  ExpressionPtr value;
  const mortise_type_info_t* info = registry().type(target.sql_type);
  if (node[0].is(MORTISE_SYNTAX_ARRAY) && info != nullptr && info->element_type != 0) {
    MORTISE_TRY_ASSIGN(const mortise_type_t plain, registry().resolve(target.sql_type));
    MORTISE_TRY_ASSIGN(value, array(node[0], scope, clause, plain));
  } else {
    MORTISE_TRY_ASSIGN(value, expression(node[0], scope, clause));
  }
  const mortise_type_t source = value->type;
  bool is_possible = false;
  MORTISE_TRY_ASSIGN(value, try_coerce(std::move(value), target, Coercion::explicit_, is_possible));
  if (!is_possible) {
    return bind_error("42846", "cannot cast type " + type_name(source) + " to " + type_name(target),
                      node.position());
  }
  value->is_explicit_cast = true;
  if (node.position() != 0 && value->kind == ExpressionKind::cast) {
    value->position_bytes = node.position();
  }
  return value;
}

Result<ExpressionPtr> Binder::collate(Node node, Scope& scope, Clause clause) {
  MORTISE_TRY_ASSIGN(ExpressionPtr value, expression(node[0], scope, clause));
  std::string_view name;
  for (const Node part : node[1]) name = part.text();
  // All of these are the order of the bytes, which is the only one there is so far.
  if (name != "default" && name != "C" && name != "POSIX" && name != "ucs_basic") {
    return bind_error(
        "42704", "collation \"" + std::string(name) + "\" for encoding \"UTF8\" does not exist",
        node.position());
  }
  MORTISE_TRY_ASSIGN(value, resolve_unknown(std::move(value)));
  if (registry().category(value->type.sql_type) != 'S') {
    return bind_error("42804", "collations are not supported by type " + type_name(value->type),
                      node.position());
  }
  return value;
}

Result<ExpressionPtr> Binder::sql_value(Node node) {
  const std::string_view name = node.text();
  struct Entry {
    std::string_view name;
    std::string_view function;
    uint32_t type;
  };
  static constexpr Entry kEntries[] = {{"current_date", "now", MORTISE_SQL_DATE},
                                       {"current_time", "now", MORTISE_SQL_TIMETZ},
                                       {"current_timestamp", "now", MORTISE_SQL_TIMESTAMPTZ},
                                       {"localtime", "now", MORTISE_SQL_TIME},
                                       {"localtimestamp", "now", MORTISE_SQL_TIMESTAMP},
                                       {"current_role", "current_user", 0},
                                       {"current_user", "current_user", 0},
                                       {"user", "current_user", 0},
                                       {"session_user", "session_user", 0},
                                       {"current_catalog", "current_database", 0},
                                       {"current_schema", "current_schema", 0}};
  for (const Entry& entry : kEntries) {
    if (entry.name != name) continue;
    MORTISE_TRY_ASSIGN(ExpressionPtr e, call_named(entry.function, {}, node.position()));
    if (entry.type == 0) return e;
    const bool takes_precision = entry.type != MORTISE_SQL_DATE && node.number() >= 0;
    MORTISE_TRY_ASSIGN(
        const mortise_type_t target,
        registry().resolve(entry.type, takes_precision ? static_cast<int32_t>(node.number()) : -1));
    return coerce(std::move(e), target, Coercion::explicit_);
  }
  return bind_error("0A000", std::string(name) + " is not supported", node.position());
}

Result<mortise_type_t> Binder::bind_type(Node type) {
  std::string_view schema;
  std::string_view name;
  for (const Node part : type[0]) {
    schema = name;
    name = part.text();
  }
  if (type.has(MORTISE_SYNTAX_FLAG_B)) {
    return bind_error("0A000", "%TYPE is not supported", type.position());
  }
  const mortise_type_info_t* info = registry().type(name);
  if (info == nullptr || (!schema.empty() && schema != "pg_catalog")) {
    std::string shown(schema);
    if (!shown.empty()) shown.append(".");
    shown.append(name);
    const bool is_missing =
        info == nullptr && std::find(std::begin(kMissingTypes), std::end(kMissingTypes), name) !=
                               std::end(kMissingTypes);
    if (is_missing) {
      return bind_error("0A000", "type " + std::string(name) + " is not supported", type.position(),
                        "It is not there yet; keep such values as text.");
    }
    return bind_error("42704", "type \"" + shown + "\" does not exist", type.position());
  }
  std::vector<int64_t> values;
  for (const Node value : type[1]) {
    if (!value.is(MORTISE_SYNTAX_INTEGER)) {
      return bind_error("42601", "type modifiers must be simple constants or identifiers",
                        type.position());
    }
    values.push_back(value.number());
  }
  int32_t modifier = -1;
  if (!values.empty()) {
    if (info->takes_modifier == 0 || info->modifier_in == nullptr) {
      return bind_error("42601",
                        "type modifier is not allowed for type \"" + std::string(name) + "\"",
                        type.position());
    }
    ErrorSlot error;
    Status status = error.status(info->modifier_in(
        values.data(), static_cast<uint32_t>(values.size()), &modifier, error.get()));
    if (!status) return std::move(status).at(type.position());
  }
  const bool is_array = type[2] && type[2].count() > 0;
  if (!is_array) return registry().resolve(info->sql_type, modifier);
  MORTISE_TRY_ASSIGN(const mortise_type_t element, registry().resolve(info->sql_type));
  MORTISE_TRY_ASSIGN(const mortise_type_t array, array_of(element, type.position()));
  return registry().resolve(array.sql_type, modifier);
}

}  // namespace mortise::sql_engine
