// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a file list the functions, aggregates and casts that it defines?
//
// As constant tables at its end, one line each, gathered by registry.cpp:
//
//   scalar<"int4,int4:int4">(177, "int4pl", batch<&add>, {.symbol = "+", .commutator = "+"}),
//
// The signature is checked at compile time against the type names below.  Object ids, volatility
// and strictness are those of PostgreSQL 15 (tests/catalog_check.py compares them with a server).
//
// Threads: constants.

#include <array>
#include <span>
#include <string_view>

#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_functions {

struct TypeName {
  std::string_view name;
  uint32_t sql_type;
};
inline constexpr TypeName kTypeNames[] = {
    {"bool", MORTISE_SQL_BOOL},
    {"bytea", MORTISE_SQL_BYTEA},
    {"char", MORTISE_SQL_CHAR},
    {"name", MORTISE_SQL_NAME},
    {"int8", MORTISE_SQL_INT8},
    {"int2", MORTISE_SQL_INT2},
    {"int4", MORTISE_SQL_INT4},
    {"regproc", MORTISE_SQL_REGPROC},
    {"text", MORTISE_SQL_TEXT},
    {"oid", MORTISE_SQL_OID},
    {"float4", MORTISE_SQL_FLOAT4},
    {"float8", MORTISE_SQL_FLOAT8},
    {"unknown", MORTISE_SQL_UNKNOWN},
    {"bpchar", MORTISE_SQL_BPCHAR},
    {"varchar", MORTISE_SQL_VARCHAR},
    {"date", MORTISE_SQL_DATE},
    {"time", MORTISE_SQL_TIME},
    {"timestamp", MORTISE_SQL_TIMESTAMP},
    {"timestamptz", MORTISE_SQL_TIMESTAMPTZ},
    {"interval", MORTISE_SQL_INTERVAL},
    {"numeric", MORTISE_SQL_NUMERIC},
    {"regclass", MORTISE_SQL_REGCLASS},
    {"regtype", MORTISE_SQL_REGTYPE},
    {"record", MORTISE_SQL_RECORD},
    {"any", MORTISE_SQL_ANY},
    {"anyelement", MORTISE_SQL_ANYELEMENT},
    {"anyarray", MORTISE_SQL_ANYARRAY},
    {"anycompatible", MORTISE_SQL_ANYCOMPATIBLE},
    {"anycompatiblearray", MORTISE_SQL_ANYCOMPATIBLEARRAY},
    {"_int4", 1007},
    {"_text", 1009},
    {"anynonarray", MORTISE_SQL_ANYNONARRAY},
    {"void", MORTISE_SQL_VOID},
    {"uuid", MORTISE_SQL_UUID},
};

template <size_t N>
struct FixedString {
  constexpr FixedString(const char (&source)[N]) {
    for (size_t i = 0; i < N; ++i) text[i] = source[i];
  }
  constexpr std::string_view view() const { return {text, N - 1}; }
  char text[N];
};

// "int4,text:bool", taken apart at compile time.
template <FixedString Text>
struct Signature {
  static constexpr size_t kColon = Text.view().find(':');
  static_assert(kColon != std::string_view::npos);

  // Not constant: reaching it ends the compilation.
  static void unknown_type_name() {}

  static constexpr uint32_t type_of(std::string_view name) {
    for (const TypeName& entry : kTypeNames) {
      if (entry.name == name) return entry.sql_type;
    }
    unknown_type_name();
    return 0;
  }
  static constexpr uint32_t count() {
    if (kColon == 0) return 0;
    uint32_t commas = 0;
    for (const char c : Text.view().substr(0, kColon)) commas += c == ',' ? 1 : 0;
    return commas + 1;
  }
  static constexpr uint32_t kCount = count();
  static constexpr std::array<uint32_t, kCount + 1> parse() {
    std::array<uint32_t, kCount + 1> types{};
    std::string_view rest = Text.view().substr(0, kColon);
    for (uint32_t i = 0; i < kCount; ++i) {
      const size_t comma = rest.find(',');
      types[i] = type_of(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    }
    return types;
  }
  static constexpr std::array<uint32_t, kCount + 1> kArguments = parse();
  static constexpr uint32_t kResult = type_of(Text.view().substr(kColon + 1));
};

// What is not the same for every function.
struct Traits {
  const char* symbol = "";  // as an operator
  const char* commutator = "";
  const char* negator = "";
  uint32_t volatility = MORTISE_VOLATILITY_IMMUTABLE;
  bool is_strict = true;
  bool cannot_fail = false;
  uint32_t defaults_count = 0;
  uint32_t variadic_type = 0;
  mortise_function_bind_t bind = nullptr;
  mortise_function_unbind_t unbind = nullptr;
  const char* help = "";
};

template <FixedString Text>
constexpr mortise_function_t describe(uint32_t oid, uint32_t kind, const char* name,
                                      const Traits& traits) {
  mortise_function_t f{};
  f.oid = oid;
  f.kind = kind;
  f.name = literal(name);
  f.operator_symbol = literal(traits.symbol);
  f.argument_types = Signature<Text>::kArguments.data();
  f.arguments_count = Signature<Text>::kCount;
  f.variadic_type = traits.variadic_type;
  f.return_type = Signature<Text>::kResult;
  f.volatility = traits.volatility;
  f.is_strict = traits.is_strict ? 1 : 0;
  f.cannot_fail = traits.cannot_fail ? 1 : 0;
  f.defaults_count = traits.defaults_count;
  f.bind = traits.bind;
  f.unbind = traits.unbind;
  f.commutator = literal(traits.commutator);
  f.negator = literal(traits.negator);
  f.help = literal(traits.help);
  return f;
}

template <FixedString Text>
constexpr mortise_function_t scalar(uint32_t oid, const char* name,
                                    mortise_function_evaluate_t evaluate,
                                    const Traits& traits = {}) {
  mortise_function_t f = describe<Text>(oid, MORTISE_FUNCTION_SCALAR, name, traits);
  f.evaluate = evaluate;
  return f;
}

template <FixedString Text>
constexpr mortise_function_t aggregate(uint32_t oid, const char* name,
                                       const mortise_aggregate_t* table,
                                       const Traits& traits = {}) {
  mortise_function_t f = describe<Text>(oid, MORTISE_FUNCTION_AGGREGATE, name, traits);
  f.aggregate = table;
  return f;
}

template <FixedString Text>
constexpr mortise_function_t table(uint32_t oid, const char* name,
                                   const mortise_table_function_t* rows,
                                   const Traits& traits = {}) {
  mortise_function_t f = describe<Text>(oid, MORTISE_FUNCTION_TABLE, name, traits);
  f.table = rows;
  f.returns_set = 1;
  return f;
}

// A cast "source:target".
template <FixedString Text>
constexpr mortise_cast_t cast(uint32_t context, mortise_function_evaluate_t evaluate,
                              mortise_function_bind_t bind = nullptr,
                              mortise_function_unbind_t unbind = nullptr) {
  static_assert(Signature<Text>::kCount == 1);
  return {
      Signature<Text>::kArguments[0], Signature<Text>::kResult, context, 0, bind, unbind, evaluate};
}

// A cast that leaves the bytes as they are.
template <FixedString Text>
constexpr mortise_cast_t relabel(uint32_t context) {
  static_assert(Signature<Text>::kCount == 1);
  return {Signature<Text>::kArguments[0],
          Signature<Text>::kResult,
          context,
          1,
          nullptr,
          nullptr,
          nullptr};
}

using FunctionList = std::span<const mortise_function_t>;
using CastList = std::span<const mortise_cast_t>;

}  // namespace mortise::sql_functions
