// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which failures do many functions share, and how are they worded?
//
// SQLSTATE and text are PostgreSQL's, because drivers and people match on them.
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_functions {

inline Status out_of_range(std::string_view what) {
  return {Code::invalid, "22003", std::string(what) + " out of range"};
}
inline Status division_by_zero() {
  return {Code::invalid, "22012", "division by zero"};
}
inline Status float_overflow() {
  return {Code::invalid, "22003", "value out of range: overflow"};
}
inline Status float_underflow() {
  return {Code::invalid, "22003", "value out of range: underflow"};
}
inline Status numeric_overflow() {
  return {Code::invalid, "22003", "value overflows numeric format"};
}
// invalid input syntax for type integer: "x"
inline Status bad_syntax(std::string_view type_name, std::string_view text,
                         std::string_view sqlstate = "22P02") {
  std::string message("invalid input syntax for type ");
  message.append(type_name).append(": \"").append(text).append("\"");
  return {Code::invalid, sqlstate, std::move(message)};
}
inline Status value_out_of_range(std::string_view text, std::string_view type_name) {
  std::string message("value \"");
  message.append(text).append("\" is out of range for type ").append(type_name);
  return {Code::invalid, "22003", std::move(message)};
}
inline Status bad_binary(std::string_view what) {
  return {Code::invalid, "22P03", "incorrect binary data format in " + std::string(what)};
}

}  // namespace mortise::sql_functions
