// SPDX-License-Identifier: Apache-2.0

#include "tests/expression.hpp"

#include <algorithm>

#include "mortise/cpp/boundary.hpp"
#include "numeric/value_column.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {

TestColumn::TestColumn(const mortise_type_t& type, uint32_t rows)
    : type_(type), validity_(bitmap_size_bytes(rows) / 8, ~uint64_t{0}) {
  const uint64_t bytes = type.physical == MORTISE_PHYSICAL_BOOL
                             ? bitmap_size_bytes(rows)
                             : uint64_t{width_bytes(type.physical)} * rows + 64;
  data_.resize(bytes / 16 + 4);
}

TestSession::TestSession() {
  context.struct_size_bytes = sizeof(context);
  context.extra_float_digits = 1;
  context.time_zone = literal("UTC");
  context.date_style = literal("ISO, MDY");
  context.interval_style = literal("postgres");
  context.bytea_output = literal("hex");
  context.user = literal("tester");
  context.session_user = literal("tester");
  context.database = literal("testdb");
  context.schema = literal("public");
  evaluation_.struct_size_bytes = sizeof(evaluation_);
  evaluation_.session = &context;
  evaluation_.arena = this;
  evaluation_.allocate = &TestSession::allocate;
}

void* TestSession::allocate(void* arena, uint64_t size_bytes, mortise_error_t*) {
  auto& list = static_cast<TestSession*>(arena)->arena_;
  list.emplace_back(size_bytes / 16 + 1);
  return list.back().data();
}

Result<mortise_type_t> TestSession::type_of(std::string_view text) {
  const size_t open = text.find('(');
  const std::string_view name = text.substr(0, open);
  for (const mortise_type_info_t& info : registry().types) {
    if (view_of(info.name) != name) continue;
    int32_t modifier = -1;
    ErrorSlot slot;
    if (open != std::string_view::npos) {
      if (info.modifier_in == nullptr) return not_found("the type takes no modifier");
      std::vector<int64_t> values;
      std::string list(text.substr(open + 1, text.size() - open - 2));
      for (size_t at = 0; at != std::string::npos;) {
        values.push_back(std::stoll(list.substr(at)));
        at = list.find(',', at);
        if (at != std::string::npos) ++at;
      }
      const auto status = info.modifier_in(values.data(), static_cast<uint32_t>(values.size()),
                                           &modifier, slot.get());
      if (status < 0) return slot.status(status);
    }
    mortise_type_t type{};
    const auto status = info.resolve(modifier, &type, slot.get());
    if (status < 0) return slot.status(status);
    return type;
  }
  return not_found("no such type");
}

Result<std::unique_ptr<TestColumn>> TestSession::column_of(const mortise_type_t& type,
                                                           const Text& text) {
  constexpr uint32_t kRows = 2;
  auto column = std::make_unique<TestColumn>(type, kRows);
  TestColumn source({MORTISE_SQL_TEXT, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0}, kRows);
  for (uint32_t row = 0; row < kRows; ++row) {
    if (text) {
      auto* copy = static_cast<char*>(allocate(this, text->size() + 1, nullptr));
      std::memcpy(copy, text->data(), text->size());
      static_cast<mortise_view_t*>(source.data())[row] = view_to({copy, text->size()});
    } else {
      clear_bit(source.validity(), row);
    }
  }
  const mortise_column_t in = source.in();
  const mortise_type_t source_type = source.type();
  const mortise_arguments_t arguments{&in, &source_type, 1, kRows, nullptr, kRows, 0};
  mortise_column_out_t out = column->out();
  const mortise_type_info_t* info = find_type(type.sql_type);
  ErrorSlot slot;
  const auto status = info->text_in(&evaluation_, &type, &arguments, &out, slot.get());
  if (status < 0) return slot.status(status);
  return column;
}

Result<Text> TestSession::text_of(TestColumn& column, uint32_t row) {
  return text_of(column.in(), column.type(), row);
}

Result<Text> TestSession::text_of(const mortise_column_t& in, const mortise_type_t& type,
                                  uint32_t row) {
  const mortise_type_info_t* info = find_type(type.sql_type);
  if (info == nullptr) return not_found("result type is not known");
  TestColumn text({MORTISE_SQL_TEXT, -1, MORTISE_PHYSICAL_TEXT, 0, 0, 0}, row + 1);
  const uint16_t selected = static_cast<uint16_t>(row);
  const mortise_arguments_t arguments{&in, &type, 1, row + 1, &selected, 1, 0};
  mortise_column_out_t out = text.out();
  ErrorSlot slot;
  const auto status = info->text_out(&evaluation_, &type, &arguments, &out, slot.get());
  if (status < 0) return slot.status(status);
  if (!get_bit(text.validity(), row)) return Text();
  return Text(std::string(mortise::text_of(static_cast<mortise_view_t*>(text.data())[row])));
}

namespace {

Outcome outcome_of(Result<Text>&& result) {
  if (result) return {*std::move(result), {}};
  return {{},
          std::string(result.error().sqlstate()) + ": " + std::string(result.error().message())};
}

bool is_array(uint32_t sql_type) {
  const mortise_type_info_t* info = find_type(sql_type);
  return info != nullptr && info->element_type != 0;
}
bool takes(uint32_t wanted, uint32_t given) {
  switch (wanted) {
    case MORTISE_SQL_ANY:
    case MORTISE_SQL_ANYELEMENT:
      return true;
    case MORTISE_SQL_ANYNONARRAY:
    case MORTISE_SQL_ANYCOMPATIBLE:
      return !is_array(given);
    case MORTISE_SQL_ANYARRAY:
    case MORTISE_SQL_ANYCOMPATIBLEARRAY:
      return is_array(given);
    default:
      return wanted == given;
  }
}

// The result's type for the arguments' types.
uint32_t result_type_of(const mortise_function_t& f, const std::vector<mortise_type_t>& types) {
  const uint32_t declared = f.return_type;
  const bool is_array_wanted =
      declared == MORTISE_SQL_ANYARRAY || declared == MORTISE_SQL_ANYCOMPATIBLEARRAY;
  if (!is_array_wanted) return declared;
  for (const mortise_type_t& type : types) {
    if (is_array(type.sql_type) && f.argument_types[0] != MORTISE_SQL_ANYELEMENT) {
      return type.sql_type;
    }
  }
  return find_type(types[0].sql_type)->array_type;
}

bool matches(const mortise_function_t& f, std::string_view name,
             const std::vector<mortise_type_t>& types) {
  if (view_of(f.name) != name && view_of(f.operator_symbol) != name) return false;
  const bool is_variadic = f.variadic_type != 0;
  if (is_variadic ? types.size() < f.arguments_count : types.size() != f.arguments_count) {
    return false;
  }
  for (size_t i = 0; i < types.size(); ++i) {
    const uint32_t wanted = f.argument_types[std::min<size_t>(i, f.arguments_count - 1)];
    if (!takes(wanted, types[i].sql_type)) return false;
  }
  return true;
}

}  // namespace

Result<Text> TestSession::run(const mortise_function_t& function,
                              std::vector<std::unique_ptr<TestColumn>>& columns, bool is_constant) {
  std::vector<mortise_column_t> in;
  std::vector<mortise_type_t> types;
  std::vector<mortise_bind_argument_t> bound;
  bool has_null = false;
  for (auto& column : columns) {
    in.push_back(column->in(is_constant));
    types.push_back(column->type());
    const bool is_null = !get_bit(column->validity(), 0);
    has_null |= is_null;
    bound.push_back({column->type(), is_constant && !is_null ? column->data() : nullptr,
                     is_constant && is_null ? 1U : 0U, 0});
  }
  if (function.is_strict != 0 && has_null) return Text();
  mortise_type_t result_type{};
  ErrorSlot slot;
  const mortise_type_info_t* info = find_type(result_type_of(function, types));
  if (info == nullptr) return not_found("result type is not known");
  info->resolve(-1, &result_type, slot.get());
  void* state = nullptr;
  if (function.bind != nullptr) {
    const auto status = function.bind(bound.data(), static_cast<uint32_t>(bound.size()),
                                      &result_type, &state, slot.get());
    if (status < 0) return slot.status(status);
  }
  TestColumn result(result_type, 2);
  mortise_column_out_t out = result.out();
  const mortise_arguments_t arguments{
      in.data(), types.data(), static_cast<uint32_t>(in.size()), 2, nullptr, 2, 0};
  const auto status = function.evaluate(&evaluation_, state, &arguments, &out, slot.get());
  if (function.unbind != nullptr && state != nullptr) function.unbind(state);
  if (status < 0) return slot.status(status);
  return text_of(result, 1);
}

Outcome TestSession::input(std::string_view type, const Text& text) {
  return outcome_of([&]() -> Result<Text> {
    MORTISE_TRY_ASSIGN(const mortise_type_t resolved, type_of(type));
    MORTISE_TRY_ASSIGN(auto column, column_of(resolved, text));
    return text_of(*column, 1);
  }());
}

Outcome TestSession::call(std::string_view name, const std::vector<std::string>& types,
                          const std::vector<Text>& values) {
  return outcome_of([&]() -> Result<Text> {
    std::vector<mortise_type_t> resolved;
    std::vector<std::unique_ptr<TestColumn>> columns;
    for (size_t i = 0; i < types.size(); ++i) {
      MORTISE_TRY_ASSIGN(const mortise_type_t type, type_of(types[i]));
      MORTISE_TRY_ASSIGN(auto column, column_of(type, values[i]));
      resolved.push_back(type);
      columns.push_back(std::move(column));
    }
    for (const mortise_function_t& f : registry().functions) {
      if (f.kind != MORTISE_FUNCTION_SCALAR || !matches(f, name, resolved)) continue;
      Result<Text> by_column = run(f, columns, false);
      Result<Text> by_constant = run(f, columns, true);
      const bool agree = by_column.has_value() == by_constant.has_value() &&
                         (by_column ? *by_column == *by_constant
                                    : by_column.error().message() == by_constant.error().message());
      if (!agree) {
        return internal("constant and column arguments give different results: " +
                        outcome_of(std::move(by_column)).shown() + " and " +
                        outcome_of(std::move(by_constant)).shown());
      }
      return by_column;
    }
    return not_found("no such function: " + std::string(name));
  }());
}

Outcome TestSession::cast(std::string_view from, std::string_view to, const Text& value,
                          bool is_explicit) {
  return outcome_of([&]() -> Result<Text> {
    MORTISE_TRY_ASSIGN(const mortise_type_t source, type_of(from));
    MORTISE_TRY_ASSIGN(mortise_type_t target, type_of(to));
    MORTISE_TRY_ASSIGN(auto column, column_of(source, value));
    if (!value) return Text();
    for (const mortise_cast_t& c : registry().casts) {
      if (c.source_type != source.sql_type || c.target_type != target.sql_type) continue;
      if (c.is_binary_same != 0) {
        if (target.modifier < 0) return text_of(*column, 1);
        const std::string base(to.substr(0, to.find('(')));
        const Outcome own = cast(base, to, value, is_explicit);
        if (!own.error.empty()) {
          return Status(Code::invalid, own.error.substr(0, 5), own.error.substr(7));
        }
        return own.text;
      }
      uint64_t flag = is_explicit ? 1 : 0;
      const mortise_bind_argument_t bound[2] = {
          {source, nullptr, 0, 0},
          {{MORTISE_SQL_BOOL, -1, MORTISE_PHYSICAL_BOOL, 0, 0, 0}, &flag, 0, 0}};
      void* state = nullptr;
      ErrorSlot slot;
      if (c.bind != nullptr) {
        const auto status = c.bind(bound, 2, &target, &state, slot.get());
        if (status < 0) return slot.status(status);
      }
      TestColumn result(target, 2);
      mortise_column_out_t out = result.out();
      const mortise_column_t in = column->in();
      const mortise_arguments_t arguments{&in, &source, 1, 2, nullptr, 2, 0};
      const auto status = c.evaluate(&evaluation_, state, &arguments, &out, slot.get());
      if (status < 0) return slot.status(status);
      return text_of(result, 1);
    }
    return not_found("no such cast");
  }());
}

Result<Text> TestSession::run_rows(const mortise_function_t& function,
                                   std::vector<std::unique_ptr<TestColumn>>& columns) {
  std::vector<mortise_column_t> in;
  std::vector<mortise_type_t> types;
  for (auto& column : columns) {
    in.push_back(column->in(true));
    types.push_back(column->type());
    if (function.is_strict != 0 && !get_bit(column->validity(), 0)) return Text();
  }
  const mortise_arguments_t arguments{
      in.data(), types.data(), static_cast<uint32_t>(in.size()), 1, nullptr, 1, 0};
  ErrorSlot slot;
  void* cursor = nullptr;
  auto status = function.table->open(&evaluation_, nullptr, &arguments, &cursor, slot.get());
  if (status < 0) return slot.status(status);
  Text out;
  mortise_batch_t batch{};
  while ((status = function.table->next(cursor, &evaluation_, &batch, slot.get())) == MORTISE_OK) {
    for (uint32_t row = 0; row < batch.rows_count; ++row) {
      MORTISE_TRY_ASSIGN(const Text text, text_of(batch.columns[0], batch.types[0], row));
      out = (out ? *out + "|" : "") + text.value_or("NULL");
    }
  }
  function.table->close(cursor);
  if (status < 0) return slot.status(status);
  return out;
}

Outcome TestSession::rows(std::string_view name, const std::vector<std::string>& types,
                          const std::vector<Text>& values) {
  return outcome_of([&]() -> Result<Text> {
    std::vector<mortise_type_t> resolved;
    std::vector<std::unique_ptr<TestColumn>> columns;
    for (size_t i = 0; i < types.size(); ++i) {
      MORTISE_TRY_ASSIGN(const mortise_type_t type, type_of(types[i]));
      MORTISE_TRY_ASSIGN(auto column, column_of(type, values[i]));
      resolved.push_back(type);
      columns.push_back(std::move(column));
    }
    for (const mortise_function_t& f : registry().functions) {
      if (f.kind == MORTISE_FUNCTION_TABLE && matches(f, name, resolved)) {
        return run_rows(f, columns);
      }
    }
    return not_found("no such function: " + std::string(name));
  }());
}

Outcome TestSession::aggregate(std::string_view name, const std::vector<std::string>& types,
                               const std::vector<std::vector<Text>>& rows) {
  return outcome_of([&]() -> Result<Text> {
    std::vector<mortise_type_t> resolved;
    for (const std::string& type : types) {
      MORTISE_TRY_ASSIGN(const mortise_type_t t, type_of(type));
      resolved.push_back(t);
    }
    for (const mortise_function_t& f : registry().functions) {
      if (f.kind != MORTISE_FUNCTION_AGGREGATE || !matches(f, name, resolved)) continue;
      mortise_type_t result_type{};
      ErrorSlot slot;
      find_type(result_type_of(f, resolved))->resolve(-1, &result_type, slot.get());
      std::vector<mortise_bind_argument_t> bound;
      for (const mortise_type_t& type : resolved) bound.push_back({type, nullptr, 0, 0});
      void* state = nullptr;
      if (f.bind != nullptr) {
        f.bind(bound.data(), static_cast<uint32_t>(bound.size()), &result_type, &state, slot.get());
      }
      // Rows go alternately into two states, which are merged at the end.
      std::vector<Int128> memory(2 * f.aggregate->state_size_bytes / 16);
      void* states[2] = {memory.data(), memory.data() + f.aggregate->state_size_bytes / 16};
      for (size_t r = 0; r < rows.size(); ++r) {
        std::vector<mortise_column_t> in;
        std::vector<std::unique_ptr<TestColumn>> columns;
        bool has_null = false;
        for (size_t i = 0; i < types.size(); ++i) {
          MORTISE_TRY_ASSIGN(auto column, column_of(resolved[i], rows[r][i]));
          has_null |= !rows[r][i].has_value();
          in.push_back(column->in());
          columns.push_back(std::move(column));
        }
        if (f.is_strict != 0 && has_null) continue;
        const uint16_t selected = 1;
        const mortise_arguments_t arguments{
            in.data(), resolved.data(), static_cast<uint32_t>(in.size()), 2, &selected, 1, 0};
        void* const per_row[2] = {nullptr, states[2 * r / rows.size()]};
        const auto status =
            r % 3 == 0 && f.aggregate->update_one != nullptr
                ? f.aggregate->update_one(&evaluation_, state, &arguments,
                                          states[2 * r / rows.size()], slot.get())
                : f.aggregate->update(&evaluation_, state, &arguments, per_row, slot.get());
        if (status < 0) return slot.status(status);
      }
      auto status = f.aggregate->merge(&evaluation_, state, &states[0], &states[1], 1, slot.get());
      if (status < 0) return slot.status(status);
      TestColumn result(result_type, 2);
      mortise_column_out_t out = result.out();
      status = f.aggregate->finish(&evaluation_, state, &states[0], 1, &out, slot.get());
      if (status < 0) return slot.status(status);
      return text_of(result, 0);
    }
    return not_found("no such aggregate: " + std::string(name));
  }());
}

}  // namespace mortise::sql_functions
