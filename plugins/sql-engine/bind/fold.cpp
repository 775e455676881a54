// SPDX-License-Identifier: Apache-2.0
//
// Evaluating calls and casts of constants while a statement is bound.
//
// What fails stays as it is: the error belongs to the execution, and only if a row gets there.

#include <deque>

#include "bind/binder.hpp"
#include "bind/fold.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/utf8.hpp"

namespace mortise::sql_engine {
namespace {

// Memory for long strings of one evaluation.
class Blocks {
 public:
  static void* MORTISE_CALL allocate(void* arena, uint64_t size_bytes, mortise_error_t* error) {
    void* block = nullptr;
    (void)guard(error, [&]() -> Status {
      auto& own = static_cast<Blocks*>(arena)->blocks_;
      block = own.emplace_back(std::make_unique<uint64_t[]>(size_bytes / 8 + 1)).get();
      return {};
    });
    return block;
  }

 private:
  std::deque<std::unique_ptr<uint64_t[]>> blocks_;
};

// One result row.
struct Row {
  explicit Row(const mortise_session_context_t* session,
               const mortise_read_view_t* view = nullptr) {
    evaluation.struct_size_bytes = sizeof evaluation;
    evaluation.session = session;
    evaluation.arena = &blocks;
    evaluation.allocate = Blocks::allocate;
    evaluation.view = view;
    for (uint64_t& word : validity) word = ~uint64_t{0};
    out.validity = validity;
    out.data = data;
  }
  Datum read(const mortise_type_t& type) const {
    mortise_column_t column{};
    column.validity = validity;
    column.data = data;
    return Datum::of(type, column, 0);
  }

  Blocks blocks;
  mortise_evaluation_t evaluation{};
  mortise_column_out_t out{};
  alignas(64) uint64_t validity[8];
  alignas(64) uint8_t data[64] = {};
};

mortise_arguments_t arguments_of(const std::vector<mortise_column_t>& columns,
                                 const std::vector<mortise_type_t>& types) {
  mortise_arguments_t a{};
  a.columns = columns.data();
  a.types = types.data();
  a.columns_count = static_cast<uint32_t>(columns.size());
  a.rows_count = 1;
  a.selected_count = 1;
  return a;
}

bool is_session_free(uint32_t sql_type) {
  switch (sql_type) {
    case MORTISE_SQL_TIMESTAMPTZ:
    case MORTISE_SQL_TIMETZ:
    case MORTISE_SQL_REGCLASS:
    case MORTISE_SQL_REGTYPE:
    case MORTISE_SQL_REGPROC:
      return false;
    default:
      return true;
  }
}

bool is_foldable_cast(const Expression& e) {
  if (e.children.size() != 1 || e.child(0).kind != ExpressionKind::constant) return false;
  const uint32_t source = e.child(0).type.sql_type;
  switch (e.cast_method) {
    case CastMethod::same_bytes:
      return true;
    case CastMethod::function:
      return is_session_free(source) && is_session_free(e.type.sql_type);
    case CastMethod::text_out:
      return source == MORTISE_SQL_INT4 || source == MORTISE_SQL_INT8 ||
             source == MORTISE_SQL_INT2 || source == MORTISE_SQL_BOOL ||
             source == MORTISE_SQL_NUMERIC;
    case CastMethod::text_in:
      return false;
  }
  return false;
}

}  // namespace

Result<Datum> evaluate_cast(const Expression& cast, const Datum& value,
                            const mortise_session_context_t* session,
                            const mortise_read_view_t* view) {
  if (cast.cast_method == CastMethod::same_bytes) {
    Datum d = value;
    d.set_type(cast.type);
    return d;
  }
  if (value.is_null()) return Datum::null(cast.type);
  Row row(session, view);
  const std::vector<mortise_column_t> columns{value.column()};
  const std::vector<mortise_type_t> types{value.type()};
  const mortise_arguments_t arguments = arguments_of(columns, types);
  ErrorSlot error;
  mortise_status_t status = MORTISE_OK;
  switch (cast.cast_method) {
    case CastMethod::function:
      status = cast.cast_function->evaluate(&row.evaluation, cast.bound(), &arguments, &row.out,
                                            error.get());
      break;
    case CastMethod::text_in:
      status =
          cast.text_type->text_in(&row.evaluation, &cast.type, &arguments, &row.out, error.get());
      break;
    default:
      status =
          cast.text_type->text_out(&row.evaluation, &types[0], &arguments, &row.out, error.get());
      break;
  }
  MORTISE_TRY(error.status(status));
  return row.read(cast.type);
}

Result<Datum> evaluate_call(const Expression& call, const mortise_session_context_t* session) {
  Row row(session);
  std::vector<mortise_column_t> columns;
  std::vector<mortise_type_t> types;
  for (const ExpressionPtr& child : call.children) {
    if (child->constant.is_null() && call.function->is_strict != 0) return Datum::null(call.type);
    columns.push_back(child->constant.column());
    types.push_back(child->type);
  }
  const mortise_arguments_t arguments = arguments_of(columns, types);
  ErrorSlot error;
  MORTISE_TRY(error.status(
      call.function->evaluate(&row.evaluation, call.bound(), &arguments, &row.out, error.get())));
  return row.read(call.type);
}

Result<Datum> read_value(const mortise_type_info_t& info, const mortise_type_t& type,
                         const mortise_type_t& text_type, std::string_view bytes, bool is_binary,
                         const mortise_session_context_t* session) {
  mortise_type_t given_type = text_type;
  if (is_binary) {
    given_type.sql_type = MORTISE_SQL_BYTEA;
    given_type.physical = MORTISE_PHYSICAL_BYTES;
  } else {
    MORTISE_TRY(check_utf8(bytes));
  }
  const auto convert = is_binary ? info.binary_in : info.text_in;
  if (convert == nullptr) {
    return unsupported("type " + std::string(view_of(info.display)) +
                       " has no input in this format");
  }
  Row row(session);
  const Datum given = Datum::text(given_type, bytes);
  const std::vector<mortise_column_t> columns{given.column()};
  const std::vector<mortise_type_t> types{given_type};
  const mortise_arguments_t arguments = arguments_of(columns, types);
  ErrorSlot error;
  MORTISE_TRY(error.status(convert(&row.evaluation, &type, &arguments, &row.out, error.get())));
  return row.read(type);
}

Result<std::string> write_text(const mortise_type_info_t& info, const Datum& value,
                               const mortise_session_context_t* session) {
  Row row(session);
  const std::vector<mortise_column_t> columns{value.column()};
  const std::vector<mortise_type_t> types{value.type()};
  const mortise_arguments_t arguments = arguments_of(columns, types);
  ErrorSlot error;
  MORTISE_TRY(
      error.status(info.text_out(&row.evaluation, &types[0], &arguments, &row.out, error.get())));
  mortise_type_t text{};
  text.sql_type = MORTISE_SQL_TEXT;
  text.modifier = -1;
  text.physical = MORTISE_PHYSICAL_TEXT;
  return std::string(row.read(text).as_text());
}

ExpressionPtr Binder::fold(ExpressionPtr e) {
  const uint32_t position = e->position_bytes;
  if (e->kind == ExpressionKind::cast && is_foldable_cast(*e)) {
    Result<Datum> value =
        evaluate_cast(*e, e->child(0).constant, environment_.session, environment_.view);
    if (!value) return e;
    const uint32_t inner = e->child(0).position_bytes;
    return make_constant(std::move(*value), inner != 0 ? inner : position);
  }
  if (e->kind != ExpressionKind::call || e->function->kind != MORTISE_FUNCTION_SCALAR) return e;
  if (e->function->volatility != MORTISE_VOLATILITY_IMMUTABLE || e->children.empty()) return e;
  for (const ExpressionPtr& child : e->children) {
    if (child->kind != ExpressionKind::constant) return e;
  }
  Result<Datum> value = evaluate_call(*e, environment_.session);
  if (!value) return e;
  return make_constant(std::move(*value), position);
}

}  // namespace mortise::sql_engine
