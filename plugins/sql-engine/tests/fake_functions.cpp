// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "fake_host.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_engine::testing {

namespace {

template <typename Operation>
mortise_status_t MORTISE_CALL compare_numbers(const mortise_evaluation_t*, const void*,
                                              const mortise_arguments_t* a,
                                              mortise_column_out_t* out, mortise_error_t*) {
  const mortise::Values<int64_t> x(a->columns[0]);
  const mortise::Values<int64_t> y(a->columns[1]);
  for_each_selected(a->rows_count, a->selection, a->selected_count, [&](uint32_t row) {
    assign_bit(data_of<uint64_t>(*out), row, Operation{}(x[row], y[row]));
  });
  return MORTISE_OK;
}

template <typename Operation>
mortise_status_t MORTISE_CALL compare_texts(const mortise_evaluation_t*, const void*,
                                            const mortise_arguments_t* a, mortise_column_out_t* out,
                                            mortise_error_t*) {
  const Strings x(a->columns[0]);
  const Strings y(a->columns[1]);
  for_each_selected(a->rows_count, a->selection, a->selected_count, [&](uint32_t row) {
    assign_bit(data_of<uint64_t>(*out), row, Operation{}(x[row], y[row]));
  });
  return MORTISE_OK;
}

struct Divide {
  static bool apply(int64_t a, int64_t b, int64_t* result) {
    if (b == 0) return false;
    *result = a / b;
    return true;
  }
};
struct Add {
  static bool apply(int64_t a, int64_t b, int64_t* result) {
    *result = a + b;
    return true;
  }
};
struct Multiply {
  static bool apply(int64_t a, int64_t b, int64_t* result) {
    *result = a * b;
    return true;
  }
};

template <typename Operation>
mortise_status_t MORTISE_CALL compute(const mortise_evaluation_t*, const void*,
                                      const mortise_arguments_t* a, mortise_column_out_t* out,
                                      mortise_error_t* error) {
  const mortise::Values<int64_t> x(a->columns[0]);
  const mortise::Values<int64_t> y(a->columns[1]);
  bool ok = true;
  for_each_selected(a->rows_count, a->selection, a->selected_count, [&](uint32_t row) {
    ok = Operation::apply(x[row], y[row], data_of<int64_t>(*out) + row) && ok;
  });
  if (ok) return MORTISE_OK;
  error->set(error, "22012", str_of("division by zero"));
  return MORTISE_E_INVALID;
}

struct NumberState {
  int64_t value;
  int64_t count;
};

struct SumStep {
  static void add(NumberState& s, int64_t v) { s.value += v; }
};
struct MaxStep {
  static void add(NumberState& s, int64_t v) { s.value = s.count == 0 ? v : std::max(s.value, v); }
};
struct MinStep {
  static void add(NumberState& s, int64_t v) { s.value = s.count == 0 ? v : std::min(s.value, v); }
};

template <typename Step>
mortise_status_t MORTISE_CALL update_numbers(const mortise_evaluation_t*, const void*,
                                             const mortise_arguments_t* a, void* const* states,
                                             mortise_error_t*) {
  const mortise::Values<int64_t> values(a->columns[0]);
  for_each_selected(a->rows_count, a->selection, a->selected_count, [&](uint32_t row) {
    auto& state = *static_cast<NumberState*>(states[row]);
    Step::add(state, values[row]);
    state.count += 1;
  });
  return MORTISE_OK;
}

template <typename Step>
mortise_status_t MORTISE_CALL merge_numbers(const mortise_evaluation_t*, const void*,
                                            void* const* into, void* const* from, uint32_t count,
                                            mortise_error_t*) {
  for (uint32_t i = 0; i < count; ++i) {
    auto& a = *static_cast<NumberState*>(into[i]);
    const auto& b = *static_cast<const NumberState*>(from[i]);
    if (b.count == 0) continue;
    Step::add(a, b.value);
    a.count += b.count;
  }
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL finish_numbers(const mortise_evaluation_t*, const void*,
                                             void* const* states, uint32_t count,
                                             mortise_column_out_t* out, mortise_error_t*) {
  for (uint32_t i = 0; i < count; ++i) {
    const auto& state = *static_cast<const NumberState*>(states[i]);
    data_of<int64_t>(*out)[i] = state.value;
    if (state.count == 0) clear_bit(out->validity, i);
  }
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL update_count(const mortise_evaluation_t*, const void*,
                                           const mortise_arguments_t* a, void* const* states,
                                           mortise_error_t*) {
  for_each_selected(a->rows_count, a->selection, a->selected_count,
                    [&](uint32_t row) { static_cast<NumberState*>(states[row])->value += 1; });
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL merge_count(const mortise_evaluation_t*, const void*,
                                          void* const* into, void* const* from, uint32_t count,
                                          mortise_error_t*) {
  for (uint32_t i = 0; i < count; ++i) {
    static_cast<NumberState*>(into[i])->value += static_cast<NumberState*>(from[i])->value;
  }
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL finish_count(const mortise_evaluation_t*, const void*,
                                           void* const* states, uint32_t count,
                                           mortise_column_out_t* out, mortise_error_t*) {
  for (uint32_t i = 0; i < count; ++i) {
    data_of<int64_t>(*out)[i] = static_cast<NumberState*>(states[i])->value;
  }
  return MORTISE_OK;
}

// Texts joined in the order of arrival; its bytes live in the arena.
struct TextState {
  char* data;
  uint64_t size_bytes;
};

mortise_status_t MORTISE_CALL update_joined(const mortise_evaluation_t* e, const void*,
                                            const mortise_arguments_t* a, void* const* states,
                                            mortise_error_t* error) {
  const Strings texts(a->columns[0]);
  mortise_status_t status = MORTISE_OK;
  for_each_selected(a->rows_count, a->selection, a->selected_count, [&](uint32_t row) {
    auto& state = *static_cast<TextState*>(states[row]);
    const std::string_view text = texts[row];
    auto* grown = static_cast<char*>(e->allocate(e->arena, state.size_bytes + text.size(), error));
    if (grown == nullptr) {
      status = MORTISE_E_NO_MEMORY;
      return;
    }
    if (state.size_bytes != 0) std::memcpy(grown, state.data, state.size_bytes);
    if (!text.empty()) std::memcpy(grown + state.size_bytes, text.data(), text.size());
    state = {grown, state.size_bytes + text.size()};
  });
  return status;
}

mortise_status_t MORTISE_CALL finish_joined(const mortise_evaluation_t*, const void*,
                                            void* const* states, uint32_t count,
                                            mortise_column_out_t* out, mortise_error_t*) {
  for (uint32_t i = 0; i < count; ++i) {
    const auto& state = *static_cast<const TextState*>(states[i]);
    data_of<mortise_view_t>(*out)[i] = view_to({state.data, state.size_bytes});
    if (state.data == nullptr) clear_bit(out->validity, i);
  }
  return MORTISE_OK;
}

struct Series {
  int64_t next;
  int64_t last;
  alignas(64) int64_t values[64];
  mortise_column_t column;
};

mortise_status_t MORTISE_CALL open_series(const mortise_evaluation_t*, const void*,
                                          const mortise_arguments_t* a, void** cursor,
                                          mortise_error_t*) {
  const mortise::Values<int64_t> from(a->columns[0]);
  const mortise::Values<int64_t> to(a->columns[1]);
  *cursor = new Series{from[0], to[0], {}, {}};
  return MORTISE_OK;
}
mortise_status_t MORTISE_CALL next_series(void* cursor, const mortise_evaluation_t*,
                                          mortise_batch_t* batch, mortise_error_t*) {
  auto& series = *static_cast<Series*>(cursor);
  uint32_t count = 0;
  while (count < 64 && series.next <= series.last) series.values[count++] = series.next++;
  if (count == 0) return MORTISE_END;
  series.column = {nullptr, series.values, 0, 0};
  batch->rows_count = batch->selected_count = count;
  batch->columns_count = 1;
  batch->selection = nullptr;
  batch->columns = &series.column;
  return MORTISE_OK;
}
void MORTISE_CALL close_series(void* cursor) {
  delete static_cast<Series*>(cursor);
}

constexpr uint32_t kNumbers[] = {MORTISE_SQL_INT8, MORTISE_SQL_INT8};
constexpr uint32_t kTexts[] = {MORTISE_SQL_TEXT, MORTISE_SQL_TEXT};

mortise_function_t scalar(const char* name, const char* symbol, const uint32_t* arguments,
                          uint32_t result, mortise_function_evaluate_t evaluate) {
  mortise_function_t f{};
  f.kind = MORTISE_FUNCTION_SCALAR;
  f.name = {name, std::strlen(name)};
  f.operator_symbol = {symbol, std::strlen(symbol)};
  f.argument_types = arguments;
  f.arguments_count = 2;
  f.return_type = result;
  f.volatility = MORTISE_VOLATILITY_IMMUTABLE;
  f.is_strict = 1;
  f.cannot_fail = std::strcmp(name, "int8div") == 0 ? 0 : 1;
  f.evaluate = evaluate;
  return f;
}

mortise_function_t aggregate(const char* name, const uint32_t* arguments, uint32_t count,
                             uint32_t result, const mortise_aggregate_t* methods) {
  mortise_function_t f{};
  f.kind = MORTISE_FUNCTION_AGGREGATE;
  f.name = {name, std::strlen(name)};
  f.argument_types = arguments;
  f.arguments_count = count;
  f.return_type = result;
  f.volatility = MORTISE_VOLATILITY_IMMUTABLE;
  f.is_strict = 1;
  f.aggregate = methods;
  return f;
}

template <typename Step>
const mortise_aggregate_t* number_methods() {
  static const mortise_aggregate_t methods = {sizeof(mortise_aggregate_t), sizeof(NumberState),
                                              update_numbers<Step>,        nullptr,
                                              merge_numbers<Step>,         finish_numbers};
  return &methods;
}

const std::vector<mortise_function_t>& all() {
  static const mortise_aggregate_t count_methods = {sizeof(mortise_aggregate_t),
                                                    sizeof(NumberState),
                                                    update_count,
                                                    nullptr,
                                                    merge_count,
                                                    finish_count};
  static const mortise_aggregate_t joined_methods = {sizeof(mortise_aggregate_t),
                                                     sizeof(TextState),
                                                     update_joined,
                                                     nullptr,
                                                     nullptr,
                                                     finish_joined};
  static const mortise_str_t series_columns[] = {{"generate_series", 15}};
  static const uint32_t series_types[] = {MORTISE_SQL_INT8};
  static const mortise_table_function_t series_methods = {sizeof(mortise_table_function_t),
                                                          1,
                                                          series_columns,
                                                          series_types,
                                                          open_series,
                                                          next_series,
                                                          close_series};
  static const std::vector<mortise_function_t> functions = [] {
    constexpr uint32_t kBool = MORTISE_SQL_BOOL;
    std::vector<mortise_function_t> f = {
        scalar("int8eq", "=", kNumbers, kBool, compare_numbers<std::equal_to<>>),
        scalar("int8ne", "<>", kNumbers, kBool, compare_numbers<std::not_equal_to<>>),
        scalar("int8lt", "<", kNumbers, kBool, compare_numbers<std::less<>>),
        scalar("int8le", "<=", kNumbers, kBool, compare_numbers<std::less_equal<>>),
        scalar("int8gt", ">", kNumbers, kBool, compare_numbers<std::greater<>>),
        scalar("int8ge", ">=", kNumbers, kBool, compare_numbers<std::greater_equal<>>),
        scalar("int8pl", "+", kNumbers, MORTISE_SQL_INT8, compute<Add>),
        scalar("int8mul", "*", kNumbers, MORTISE_SQL_INT8, compute<Multiply>),
        scalar("int8div", "/", kNumbers, MORTISE_SQL_INT8, compute<Divide>),
        scalar("texteq", "=", kTexts, kBool, compare_texts<std::equal_to<>>),
        scalar("textlt", "<", kTexts, kBool, compare_texts<std::less<>>),
        aggregate("sum", kNumbers, 1, MORTISE_SQL_INT8, number_methods<SumStep>()),
        aggregate("max", kNumbers, 1, MORTISE_SQL_INT8, number_methods<MaxStep>()),
        aggregate("min", kNumbers, 1, MORTISE_SQL_INT8, number_methods<MinStep>()),
        aggregate("count", kNumbers, 0, MORTISE_SQL_INT8, &count_methods),
        aggregate("count", kNumbers, 1, MORTISE_SQL_INT8, &count_methods),
        aggregate("joined", kTexts, 1, MORTISE_SQL_TEXT, &joined_methods),
    };
    mortise_function_t series =
        aggregate("generate_series", kNumbers, 2, MORTISE_SQL_INT8, nullptr);
    series.kind = MORTISE_FUNCTION_TABLE;
    series.returns_set = 1;
    series.table = &series_methods;
    f.push_back(series);
    return f;
  }();
  return functions;
}

}  // namespace

const mortise_function_t* function(std::string_view name, std::vector<uint32_t> arguments) {
  for (const mortise_function_t& f : all()) {
    if (view_of(f.name) != name && view_of(f.operator_symbol) != name) continue;
    if (f.arguments_count != arguments.size()) continue;
    if (std::equal(arguments.begin(), arguments.end(), f.argument_types)) return &f;
  }
  return nullptr;
}

}  // namespace mortise::sql_engine::testing
