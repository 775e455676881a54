// SPDX-License-Identifier: Apache-2.0
//
// Bringing an expression to a type, and several to one.
//
// numeric has three physical forms (types.h).  A column of numeric(12,2) is a DECIMAL64; values of
// different scales cannot share one without changing what is shown (1.5 would read 1.50), so they
// meet as NUMERIC, unless the value only goes into a sum, where scales add up anyway.

#include <algorithm>

#include "bind/binder.hpp"
#include "bind/decimal_literal.hpp"
#include "bind/fold.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine {
namespace {

bool is_same_form(const mortise_type_t& a, const mortise_type_t& b) {
  return a.physical == b.physical && a.precision == b.precision && a.scale == b.scale;
}

bool is_integer(uint32_t type) {
  return type == MORTISE_SQL_INT2 || type == MORTISE_SQL_INT4 || type == MORTISE_SQL_INT8;
}

uint32_t digits_of_integer(uint32_t type) {
  if (type == MORTISE_SQL_INT2) return 5;
  return type == MORTISE_SQL_INT4 ? 10 : 19;
}

bool is_constant_value(const Expression& e) {
  return e.kind == ExpressionKind::constant && !e.constant.is_null();
}

bool is_decimal(const mortise_type_t& type) {
  return type.physical == MORTISE_PHYSICAL_DECIMAL64 ||
         type.physical == MORTISE_PHYSICAL_DECIMAL128;
}

// 'now' and its kin mean another moment each time the statement runs.
bool may_mean_now(uint32_t sql_type, std::string_view text) {
  switch (sql_type) {
    case MORTISE_SQL_DATE:
    case MORTISE_SQL_TIME:
    case MORTISE_SQL_TIMETZ:
    case MORTISE_SQL_TIMESTAMP:
    case MORTISE_SQL_TIMESTAMPTZ:
      return text.find_first_of("oO") != std::string_view::npos;
    default:
      return false;
  }
}

}  // namespace

Result<ExpressionPtr> Binder::coerce(ExpressionPtr e, const mortise_type_t& target,
                                     Coercion context) {
  const mortise_type_t source = e->type;
  const uint32_t position = expression_position(*e);
  bool is_possible = false;
  MORTISE_TRY_ASSIGN(e, try_coerce(std::move(e), target, context, is_possible));
  if (is_possible) return e;
  return bind_error("42846", "cannot cast type " + type_name(source) + " to " + type_name(target),
                    position);
}

Result<ExpressionPtr> Binder::try_coerce(ExpressionPtr e, const mortise_type_t& target,
                                         Coercion context, bool& is_possible) {
  is_possible = true;
  const uint32_t source = e->type.sql_type;
  if (source == target.sql_type) {
    const bool needs_modifier = target.modifier != -1 && target.modifier != e->type.modifier;
    if (!needs_modifier && is_same_form(e->type, target)) return e;
    return apply_modifier(std::move(e), target, context);
  }
  if (source == MORTISE_SQL_UNKNOWN) {
    if (e->kind == ExpressionKind::constant) {
      return read_literal(std::move(e), target, context);
    }
    if (e->kind == ExpressionKind::parameter) {
      mortise_type_t& settled = parameters_[e->parameter_index];
      if (settled.sql_type == MORTISE_SQL_UNKNOWN) {
        MORTISE_TRY_ASSIGN(settled, registry().resolve(target.sql_type));
      }
      e->type = settled;
      return try_coerce(std::move(e), target, context, is_possible);
    }
  }
  const CastPath path = registry().cast_path(source, target.sql_type, context);
  if (path.kind == CastPath::Kind::elements) {
    return cast_array(std::move(e), target, context, is_possible);
  }
  if (path.kind == CastPath::Kind::none) {
    is_possible = false;
    return e;
  }
  return cast_with(std::move(e), target, path, context);
}

Result<ExpressionPtr> Binder::cast_with(ExpressionPtr e, const mortise_type_t& target,
                                        const CastPath& path, Coercion context) {
  if (target.sql_type == MORTISE_SQL_NUMERIC && is_integer(e->type.sql_type) &&
      is_constant_value(*e) && target.modifier == -1 && is_decimal(target) && target.scale == 0 &&
      target.physical == MORTISE_PHYSICAL_DECIMAL64) {
    return make_constant(decimal_datum(e->constant.as_integer(), target.precision, 0),
                         e->position_bytes);
  }
  auto c = std::make_unique<Expression>();
  c->kind = ExpressionKind::cast;
  c->is_explicit_cast = context == Coercion::explicit_;
  c->type = target;
  switch (path.kind) {
    case CastPath::Kind::function: {
      c->cast_method = CastMethod::function;
      c->cast_function = path.cast;
      MORTISE_TRY(bind_cast(*c, *e));
      c->children.push_back(std::move(e));
      c = fold(std::move(c));
      // A cast may answer in a narrower form than it was asked for.  Whoever wrote it is glad of
      // that; where values of several expressions meet, or are stored, the form is the target's.
      if (context == Coercion::explicit_ || is_same_form(c->type, target)) return c;
      return apply_modifier(std::move(c), target, context);
    }
    case CastPath::Kind::same_bytes: {
      c->cast_method = CastMethod::same_bytes;
      MORTISE_TRY_ASSIGN(c->type, registry().resolve(target.sql_type));
      c->children.push_back(std::move(e));
      break;
    }
    case CastPath::Kind::text_in: {
      c->cast_method = CastMethod::text_in;
      c->text_type = registry().type(target.sql_type);
      if (c->text_type == nullptr) {
        return unsupported("type " + type_name(target) + " is not supported");
      }
      c->children.push_back(std::move(e));
      return c;
    }
    default: {
      c->cast_method = CastMethod::text_out;
      c->text_type = registry().type(e->type.sql_type);
      MORTISE_TRY_ASSIGN(c->type, registry().resolve(MORTISE_SQL_TEXT));
      c->children.push_back(std::move(e));
      c = fold(std::move(c));
      if (target.sql_type == MORTISE_SQL_TEXT) return c;
      auto renamed = std::make_unique<Expression>();
      renamed->kind = ExpressionKind::cast;
      renamed->cast_method = CastMethod::same_bytes;
      MORTISE_TRY_ASSIGN(renamed->type, registry().resolve(target.sql_type));
      renamed->children.push_back(std::move(c));
      c = std::move(renamed);
      break;
    }
  }
  c = fold(std::move(c));
  if (target.modifier == -1) return c;
  return apply_modifier(std::move(c), target, context);
}

// Binds a cast function for a value; the type of `cast` is the wanted one and may become narrower.
Status Binder::bind_cast(Expression& cast, const Expression& value) {
  const mortise_cast_t& function = *cast.cast_function;
  if (function.bind == nullptr) return {};
  const uint8_t is_explicit = cast.is_explicit_cast ? 1 : 0;
  mortise_bind_argument_t arguments[2] = {};
  arguments[0].type = value.type;
  if (value.kind == ExpressionKind::constant) {
    arguments[0].constant = value.constant.is_null() ? nullptr : value.constant.data();
    arguments[0].is_null = value.constant.is_null() ? 1 : 0;
  }
  arguments[1].type = boolean_type();
  arguments[1].constant = &is_explicit;
  void* state = nullptr;
  ErrorSlot error;
  MORTISE_TRY(error.status(function.bind(arguments, 2, &cast.type, &state, error.get())));
  if (state != nullptr || function.unbind != nullptr) {
    cast.state = std::make_shared<BoundState>(state, function.unbind);
  }
  return {};
}

// The cast of a type to itself that applies the modifier, or changes the form of a numeric.
Result<ExpressionPtr> Binder::apply_modifier(ExpressionPtr e, const mortise_type_t& target,
                                             Coercion context) {
  const mortise_type_info_t* info = registry().type(target.sql_type);
  if (info != nullptr && info->element_type != 0 && target.modifier != -1) {
    bool is_possible = false;
    return cast_array(std::move(e), target, context, is_possible);
  }
  const mortise_cast_t* cast = registry().length_cast(target.sql_type);
  if (cast == nullptr) {
    // A type that takes a modifier but changes nothing by it.
    e->type.modifier = target.modifier;
    if (e->kind == ExpressionKind::constant) e->constant.set_type(e->type);
    return e;
  }
  if (e->kind == ExpressionKind::constant && e->constant.is_null()) {
    return make_constant(Datum::null(target), e->position_bytes);
  }
  auto c = std::make_unique<Expression>();
  c->kind = ExpressionKind::cast;
  c->cast_method = CastMethod::function;
  c->cast_function = cast;
  c->type = target;
  c->is_explicit_cast = context == Coercion::explicit_;
  MORTISE_TRY(bind_cast(*c, *e));
  c->children.push_back(std::move(e));
  return fold(std::move(c));
}

// An untyped literal becomes a value; bad text is an error here and now, as in PostgreSQL.
Result<ExpressionPtr> Binder::read_literal(ExpressionPtr e, const mortise_type_t& target,
                                           Coercion context) {
  const uint32_t position = e->position_bytes;
  if (e->constant.is_null()) return make_constant(Datum::null(target), position);
  const std::string_view text = e->constant.as_text();
  if (target.sql_type == MORTISE_SQL_UNKNOWN) return e;
  if (target.sql_type == MORTISE_SQL_TEXT) {
    return make_constant(Datum::text(target, text), position);
  }
  if (target.sql_type == MORTISE_SQL_NUMERIC && target.modifier == -1 && is_decimal(target)) {
    if (std::optional<Datum> decimal = decimal_literal(text)) {
      if (is_same_form(decimal->type(), target)) {
        return make_constant(std::move(*decimal), position);
      }
    }
  }
  if (may_mean_now(target.sql_type, text)) plan_.is_cacheable = false;
  if (target.sql_type == MORTISE_SQL_REGCLASS) {
    MORTISE_TRY_ASSIGN(ExpressionPtr named, relation_literal(text, target, position));
    if (named != nullptr) return named;
  }
  const bool is_string = registry().category(target.sql_type) == 'S';
  mortise_type_t read_type = target;
  if (is_string && target.modifier != -1) {
    MORTISE_TRY_ASSIGN(read_type, registry().resolve(target.sql_type));
  }
  Expression c;
  c.kind = ExpressionKind::cast;
  c.cast_method = CastMethod::text_in;
  c.type = read_type;
  c.text_type = registry().type(target.sql_type);
  if (c.text_type == nullptr) {
    return unsupported("type " + type_name(target) + " is not supported");
  }
  MORTISE_TRY_ASSIGN(const mortise_type_t text_type, registry().resolve(MORTISE_SQL_TEXT));
  Datum literal = e->constant;
  literal.set_type(text_type);
  Result<Datum> value = evaluate_cast(c, literal, environment_.session, environment_.view);
  if (!value) return std::move(value.error()).at(position);
  ExpressionPtr result = make_constant(std::move(*value), position);
  if (target.modifier == read_type.modifier) return result;
  return apply_modifier(std::move(result), target, context);
}

// 'schema.table'::regclass, looked up now: also what this transaction has made is found.  Null if
// it is not a name that we know.
Result<ExpressionPtr> Binder::relation_literal(std::string_view text, const mortise_type_t& target,
                                               uint32_t position) {
  std::vector<std::string> parts(1);
  bool is_quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const bool is_double = is_quoted && i + 1 < text.size() && text[i + 1] == '"';
      if (is_double) {
        parts.back().push_back('"');
        ++i;
      } else {
        is_quoted = !is_quoted;
      }
    } else if (c == '.' && !is_quoted) {
      parts.emplace_back();
    } else {
      parts.back().push_back(static_cast<char>(!is_quoted && c >= 'A' && c <= 'Z' ? c + 32 : c));
    }
  }
  if (parts.size() > 2 || parts.back().empty()) return ExpressionPtr();
  MORTISE_TRY_ASSIGN(
      const Names::Found found,
      find_relation(parts.size() == 2 ? std::string_view(parts[0]) : std::string_view(),
                    parts.back()));
  if (!found) return ExpressionPtr();
  if (found.relation != nullptr && references() != nullptr) {
    Reference made;
    made.kind = Reference::Kind::literal;
    made.position_bytes = position;
    made.relation = found.relation->id();
    made.is_qualified = parts.size() == 2;
    references()->push_back(std::move(made));
  }
  const int64_t id = found.relation != nullptr ? found.relation->id() : found.view->object;
  return make_constant(Datum::fixed(target, &id), position);
}

// The form in which a function takes an argument: numeric keeps the form it has, integers become
// decimals without a fraction.
Result<mortise_type_t> Binder::argument_type(const Expression& e, uint32_t sql_type) {
  if (e.type.sql_type == sql_type) return e.type;
  if (sql_type == MORTISE_SQL_NUMERIC) {
    if (is_integer(e.type.sql_type)) {
      if (is_constant_value(e)) {
        const int64_t value = e.constant.as_integer();
        uint32_t digits = 1;
        for (uint64_t rest = static_cast<uint64_t>(value < 0 ? -(value + 1) : value) / 10;
             rest != 0; rest /= 10) {
          ++digits;
        }
        return decimal_type(digits, 0);
      }
      return decimal_type(digits_of_integer(e.type.sql_type), 0);
    }
    if (e.type.sql_type == MORTISE_SQL_UNKNOWN && is_constant_value(e)) {
      if (const std::optional<Datum> decimal = decimal_literal(e.constant.as_text())) {
        return decimal->type();
      }
    }
  }
  return registry().resolve(sql_type);
}

Result<mortise_type_t> Binder::unified_type(const std::vector<const Expression*>& list,
                                            uint32_t sql_type) {
  std::vector<mortise_type_t> types;
  for (const Expression* e : list) {
    const bool is_null = e->kind == ExpressionKind::constant && e->constant.is_null();
    if (is_null && e->type.sql_type == MORTISE_SQL_UNKNOWN) continue;
    MORTISE_TRY_ASSIGN(const mortise_type_t type, argument_type(*e, sql_type));
    types.push_back(type);
  }
  if (types.empty()) return registry().resolve(sql_type);
  const bool is_one_type = std::all_of(types.begin(), types.end(), [&](const mortise_type_t& t) {
    return t.modifier == types[0].modifier && is_same_form(t, types[0]);
  });
  if (is_one_type) return types[0];
  if (sql_type != MORTISE_SQL_NUMERIC) return registry().resolve(sql_type);
  uint32_t whole = 0;
  uint32_t scale = 0;
  bool is_one_scale = true;
  for (const mortise_type_t& t : types) {
    if (!is_decimal(t)) return registry().resolve(sql_type);
    is_one_scale = is_one_scale && t.scale == types[0].scale;
    whole = std::max<uint32_t>(whole, t.precision - std::min(t.precision, t.scale));
    scale = std::max<uint32_t>(scale, t.scale);
  }
  const bool fits = whole + scale <= kDecimal128DigitsMax;
  if (!fits || (!is_one_scale && !can_round_scales_)) return registry().resolve(sql_type);
  return decimal_type(std::max<uint32_t>(whole + scale, 1), scale);
}

Status Binder::unify(std::vector<ExpressionPtr*>& list, std::string_view what,
                     mortise_type_t& type) {
  std::vector<uint32_t> types;
  std::vector<const Expression*> expressions;
  for (ExpressionPtr* e : list) {
    types.push_back((*e)->type.sql_type);
    expressions.push_back(e->get());
  }
  size_t failed_at = 0;
  uint32_t common = registry().common_type(types, &failed_at);
  if (common == 0) {
    uint32_t before = MORTISE_SQL_UNKNOWN;
    for (size_t i = 0; i < failed_at && before == MORTISE_SQL_UNKNOWN; ++i) before = types[i];
    return bind_error("42804",
                      std::string(what) + " types " + registry().type_name(before) + " and " +
                          registry().type_name(types[failed_at]) + " cannot be matched",
                      expression_position(**list[failed_at]));
  }
  if (common == MORTISE_SQL_UNKNOWN) common = MORTISE_SQL_TEXT;
  MORTISE_TRY_ASSIGN(type, unified_type(expressions, common));
  for (ExpressionPtr* e : list) {
    MORTISE_TRY_ASSIGN(*e, coerce(std::move(*e), type, Coercion::implicit));
  }
  return {};
}

Result<ExpressionPtr> Binder::resolve_unknown(ExpressionPtr e) {
  if (e->type.sql_type != MORTISE_SQL_UNKNOWN) return e;
  MORTISE_TRY_ASSIGN(const mortise_type_t text, registry().resolve(MORTISE_SQL_TEXT));
  return coerce(std::move(e), text, Coercion::implicit);
}

Result<ExpressionPtr> Binder::coerce_assigned(ExpressionPtr e, const schema::ColumnDef& column) {
  const mortise_type_t source = e->type;
  const uint32_t position = expression_position(*e);
  bool is_possible = false;
  MORTISE_TRY_ASSIGN(e, try_coerce(std::move(e), column.type, Coercion::assignment, is_possible));
  if (is_possible) return e;
  return bind_error("42804",
                    "column \"" + column.name + "\" is of type " + type_name(column.type) +
                        " but expression is of type " + type_name(source),
                    position, "You will need to rewrite or cast the expression.");
}

}  // namespace mortise::sql_engine
