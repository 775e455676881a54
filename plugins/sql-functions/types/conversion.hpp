// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a type's text and binary form become a column function of mortise.type/1?
//
// `convert<&f>` wraps f over single values: R f(In), R f(Call&, In) or
// R f(const TimeSession&, Call&, In).  The call's state is the column's mortise_type_t.  Nulls pass
// through.  `read_fixed` and `write_fixed` do the network byte order of the binary forms.
//
// Threads: [worker, concurrent].

#include <bit>

#include "datetime/session.hpp"
#include "entry.hpp"
#include "evaluate.hpp"
#include "failures.hpp"
#include "mortise/cpp/array_type.hpp"

namespace mortise::sql_functions {

using TypeList = std::span<const mortise_type_info_t>;

template <auto Function, typename Signature = decltype(Function)>
struct ConversionLoop;
template <auto Function, typename R, typename In>
struct ConversionLoop<Function, R (*)(In)> {
  static Status run(Call& call) {
    const Reader<std::remove_cvref_t<In>> in(call, 0);
    return call.each([&](uint32_t at) -> Status {
      if (!in.is_valid(at)) {
        call.set_null(at);
        return {};
      }
      return Writer<R>::write(call, at, Function(in[at]));
    });
  }
};
template <auto Function, typename R, typename In>
struct ConversionLoop<Function, R (*)(Call&, In)> {
  static Status run(Call& call) {
    const Reader<std::remove_cvref_t<In>> in(call, 0);
    return call.each([&](uint32_t at) -> Status {
      if (!in.is_valid(at)) {
        call.set_null(at);
        return {};
      }
      return Writer<R>::write(call, at, Function(call, in[at]));
    });
  }
};
template <auto Function, typename R, typename In>
struct ConversionLoop<Function, R (*)(const TimeSession&, Call&, In)> {
  static Status run(Call& call) {
    const TimeSession session(call.session());
    const Reader<std::remove_cvref_t<In>> in(call, 0);
    return call.each([&](uint32_t at) -> Status {
      if (!in.is_valid(at)) {
        call.set_null(at);
        return {};
      }
      return Writer<R>::write(call, at, Function(session, call, in[at]));
    });
  }
};

// Wraps Status f(Call&).
template <auto Function>
mortise_status_t MORTISE_CALL convert_batch(const mortise_evaluation_t* evaluation,
                                            const mortise_type_t* type,
                                            const mortise_arguments_t* arguments,
                                            mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Call call(evaluation, type, arguments, result);
    return Function(call);
  });
}
using Conversion = decltype(mortise_type_info_t::text_in);
template <auto Function>
constexpr Conversion convert = &convert_batch<&ConversionLoop<Function>::run>;

inline int32_t modifier_of(const Call& call) {
  return call.state<mortise_type_t>()->modifier;
}

template <typename T>
T read_big_endian(const char* bytes) {
  using Bits = std::conditional_t<sizeof(T) == 8, uint64_t,
                                  std::conditional_t<sizeof(T) == 4, uint32_t, uint16_t>>;
  uint64_t bits = 0;
  for (size_t i = 0; i < sizeof(T); ++i) bits = bits << 8 | static_cast<uint8_t>(bytes[i]);
  return std::bit_cast<T>(static_cast<Bits>(bits));
}
// A value of fixed width that fills the message.
template <typename T>
Result<T> read_fixed(std::string_view bytes) {
  if (bytes.size() < sizeof(T)) {
    return Status(Code::invalid, "08P01", "insufficient data left in message");
  }
  if (bytes.size() > sizeof(T)) {
    return Status(Code::invalid, "22P03", "incorrect binary data format in bind parameter");
  }
  return read_big_endian<T>(bytes.data());
}
template <typename T>
std::string write_fixed(T value) {
  using Bits = std::conditional_t<sizeof(T) == 8, uint64_t,
                                  std::conditional_t<sizeof(T) == 4, uint32_t, uint16_t>>;
  std::string out;
  append_big_endian(std::bit_cast<Bits>(value), out);
  return out;
}

// A type without modifier that always has one physical form.
template <uint32_t kSqlType, uint16_t kPhysical>
mortise_status_t MORTISE_CALL resolve_fixed(int32_t modifier, mortise_type_t* type,
                                            mortise_error_t*) {
  *type = {kSqlType, modifier, kPhysical, 0, 0, 0};
  return MORTISE_OK;
}

struct TypeNames {
  uint32_t sql_type;
  uint32_t array_type;
  const char* name;
  const char* display;
  int32_t length_bytes;
  char category;
  bool is_preferred;
};

template <typename Resolve>
constexpr mortise_type_info_t describe_type(const TypeNames& names, Resolve resolve,
                                            Conversion text_in, Conversion text_out,
                                            Conversion binary_in, Conversion binary_out) {
  mortise_type_info_t info{};
  info.sql_type = names.sql_type;
  info.array_type = names.array_type;
  info.name = literal(names.name);
  info.display = literal(names.display);
  info.length_bytes = names.length_bytes;
  info.category = static_cast<uint32_t>(names.category);
  info.is_preferred = names.is_preferred ? 1 : 0;
  info.resolve = resolve;
  info.text_in = text_in;
  info.text_out = text_out;
  info.binary_in = binary_in;
  info.binary_out = binary_out;
  return info;
}
constexpr mortise_type_info_t with_modifier(mortise_type_info_t info,
                                            decltype(mortise_type_info_t::modifier_in) in,
                                            decltype(mortise_type_info_t::modifier_out) out) {
  info.takes_modifier = 1;
  info.modifier_in = in;
  info.modifier_out = out;
  return info;
}

inline std::string_view without_spaces(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace mortise::sql_functions
