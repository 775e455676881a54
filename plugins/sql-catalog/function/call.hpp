// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a plain C++ function become a function of mortise.functions/1?
//
//   std::optional<bool> table_is_visible(Call& call, int64_t oid);
//   scalar<"oid:bool", &table_is_visible>(2079, "pg_table_is_visible")
//
// The signature is checked at compile time against the C++ types: oid and the reg types are
// int64_t, texts are std::string_view.  A result may be optional (null) or a Result.  One Call
// serves a whole batch, so what it has read of the catalog serves all rows.
//
// Invariants
//   L1  Wrapped functions are strict unless an argument is std::optional, which asks for nulls too.
//
// Threads: [worker, concurrent]; a Call belongs to one evaluation.

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "catalog/objects.hpp"
#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/iface/draft/functions.h"
#include "types/physical.hpp"

namespace mortise::sql_catalog {

class Call {
 public:
  explicit Call(const mortise_evaluation_t* evaluation) : evaluation_(evaluation) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  const mortise_session_context_t* session() const { return evaluation_->session; }
  const Services& services() const { return instance().services; }
  const Providers& providers() const { return instance().providers(); }
  const mortise_evaluation_t* evaluation() const { return evaluation_; }
  // Made when first asked for.
  Objects& objects() {
    if (!objects_) objects_.emplace(instance(), evaluation_);
    return *objects_;
  }
  // Memory for a long string of the result.
  Result<std::string_view> keep(std::string_view text);

 private:
  const mortise_evaluation_t* evaluation_;
  std::optional<Objects> objects_;
};

// Reads an argument's column as T.
template <typename T>
struct Argument {
  explicit Argument(const mortise_column_t& column) : values(column) {}
  T operator[](uint32_t row) const { return values[row]; }
  bool is_valid(uint32_t row) const { return values.is_valid(row); }
  Values<T> values;
};
template <>
struct Argument<bool> {
  explicit Argument(const mortise_column_t& column) : values(column) {}
  bool operator[](uint32_t row) const { return values[row]; }
  bool is_valid(uint32_t row) const { return values.is_valid(row); }
  Booleans values;
};
template <>
struct Argument<std::string_view> {
  explicit Argument(const mortise_column_t& column) : values(column) {}
  std::string_view operator[](uint32_t row) const { return values[row]; }
  bool is_valid(uint32_t row) const { return values.is_valid(row); }
  Strings values;
};
template <typename T>
struct Argument<std::optional<T>> {
  explicit Argument(const mortise_column_t& column) : inner(column) {}
  std::optional<T> operator[](uint32_t row) const {
    if (!inner.is_valid(row)) return std::nullopt;
    return inner[row];
  }
  Argument<T> inner;
};

// Writes one row of the result.
template <typename T>
Status write(Call& call, mortise_column_out_t& out, uint32_t row, const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    assign_bit(data_of<uint64_t>(out), row, value);
  } else if constexpr (std::is_arithmetic_v<T>) {
    data_of<T>(out)[row] = value;
  } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
    MORTISE_TRY_ASSIGN(const std::string_view kept, call.keep(value));
    data_of<mortise_view_t>(out)[row] = view_to(kept);
  } else if constexpr (requires { value.error(); }) {
    if (!value) return value.error();
    return write(call, out, row, *value);
  } else {
    if (value.has_value()) return write(call, out, row, *value);
    clear_bit(out.validity, row);
  }
  return {};
}

// What a C++ type may stand for in a signature.
template <typename T>
struct Meaning {
  static constexpr bool fits(uint16_t physical) {
    if constexpr (std::is_same_v<T, bool>) return physical == MORTISE_PHYSICAL_BOOL;
    if constexpr (std::is_same_v<T, int16_t>) return physical == MORTISE_PHYSICAL_INT16;
    if constexpr (std::is_same_v<T, int32_t>) return physical == MORTISE_PHYSICAL_INT32;
    if constexpr (std::is_same_v<T, int64_t>) return physical == MORTISE_PHYSICAL_INT64;
    if constexpr (std::is_same_v<T, double>) return physical == MORTISE_PHYSICAL_FLOAT64;
    // An array is handed over and given back as its value (types/array_value.hpp).
    return physical == MORTISE_PHYSICAL_TEXT || physical == MORTISE_PHYSICAL_ORDERED;
  }
};
template <typename T>
struct Meaning<std::optional<T>> : Meaning<T> {};
template <typename T>
struct Meaning<Result<T>> : Meaning<T> {};

template <size_t N>
struct FixedString {
  constexpr FixedString(const char (&source)[N]) {
    for (size_t i = 0; i < N; ++i) text[i] = source[i];
  }
  constexpr std::string_view view() const { return {text, N - 1}; }
  char text[N];
};

// "oid,text:bool", taken apart at compile time.
template <FixedString Text>
struct Signature {
  static constexpr size_t kColon = Text.view().find(':');
  static_assert(kColon != std::string_view::npos);
  static consteval uint32_t count() {
    if (kColon == 0) return 0;
    uint32_t commas = 0;
    for (const char c : Text.view().substr(0, kColon)) commas += c == ',' ? 1 : 0;
    return commas + 1;
  }
  static constexpr uint32_t kCount = count();
  static consteval std::array<uint32_t, kCount + 1> parse() {
    std::array<uint32_t, kCount + 1> types{};
    std::string_view rest = Text.view().substr(0, kColon);
    for (uint32_t i = 0; i < kCount; ++i) {
      const size_t comma = rest.find(',');
      types[i] = sql_type_named(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return types;
  }
  static constexpr std::array<uint32_t, kCount + 1> kArguments = parse();
  static constexpr uint32_t kResult = sql_type_named(Text.view().substr(kColon + 1));
};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

// Walks the selected rows for a function over single values.
template <auto Function, typename Type = decltype(Function)>
struct RowLoop;
template <auto Function, typename R, typename... A>
struct RowLoop<Function, R (*)(Call&, A...)> {
  static constexpr uint32_t kCount = sizeof...(A);
  static constexpr bool kIsStrict = !(IsOptional<A>::value || ...);

  template <size_t... I>
  static constexpr bool fits([[maybe_unused]] std::span<const uint32_t> types, uint32_t result,
                             std::index_sequence<I...>) {
    return (Meaning<A>::fits(physical_of(types[I])) && ...) &&
           Meaning<R>::fits(physical_of(result));
  }
  template <size_t... I>
  static Status walk(Call& call, const mortise_arguments_t& arguments, mortise_column_out_t& out,
                     std::index_sequence<I...>) {
    [[maybe_unused]] const std::tuple<Argument<A>...> columns{Argument<A>(arguments.columns[I])...};
    const bool is_dense = arguments.selection == nullptr;
    const uint32_t count = is_dense ? arguments.rows_count : arguments.selected_count;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t row = is_dense ? i : arguments.selection[i];
      MORTISE_TRY(write(call, out, row, Function(call, std::get<I>(columns)[row]...)));
    }
    return {};
  }
  static mortise_status_t MORTISE_CALL evaluate(const mortise_evaluation_t* evaluation, const void*,
                                                const mortise_arguments_t* arguments,
                                                mortise_column_out_t* result,
                                                mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Call call(evaluation);
      return walk(call, *arguments, *result, std::index_sequence_for<A...>());
    });
  }
};

struct Traits {
  uint32_t volatility = MORTISE_VOLATILITY_STABLE;
  uint32_t defaults_count = 0;
  const char* symbol = "";  // as an operator
  const char* negator = "";
  const char* help = "";
};

template <FixedString Text, auto Function>
constexpr mortise_function_t scalar(uint32_t oid, const char* name, const Traits& traits = {}) {
  using Loop = RowLoop<Function>;
  using S = Signature<Text>;
  static_assert(S::kCount == Loop::kCount);
  static_assert(Loop::fits(S::kArguments, S::kResult, std::make_index_sequence<S::kCount>()));
  mortise_function_t f{};
  f.oid = oid;
  f.kind = MORTISE_FUNCTION_SCALAR;
  f.name = literal(name);
  f.operator_symbol = literal(traits.symbol);
  f.commutator = literal(traits.symbol);
  f.negator = literal(traits.negator);
  f.argument_types = S::kArguments.data();
  f.arguments_count = S::kCount;
  f.return_type = S::kResult;
  f.volatility = traits.volatility;
  f.is_strict = Loop::kIsStrict ? 1 : 0;
  f.defaults_count = traits.defaults_count;
  f.evaluate = &Loop::evaluate;
  f.help = literal(traits.help);
  return f;
}

using FunctionList = std::span<const mortise_function_t>;

}  // namespace mortise::sql_catalog
