// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the overload that PostgreSQL 15 chooses is chosen, and refused where it refuses.
// Method: signatures of PostgreSQL's own functions and operators; the expected answers were read
//         from pg_typeof() of a running PostgreSQL 15.

#include <doctest/doctest.h>

#include "tests/bind_world.hpp"

namespace mortise::sql_engine::testing {
namespace {

constexpr uint32_t kInt4 = MORTISE_SQL_INT4;
constexpr uint32_t kInt8 = MORTISE_SQL_INT8;
constexpr uint32_t kNumeric = MORTISE_SQL_NUMERIC;
constexpr uint32_t kFloat8 = MORTISE_SQL_FLOAT8;
constexpr uint32_t kText = MORTISE_SQL_TEXT;
constexpr uint32_t kVarchar = MORTISE_SQL_VARCHAR;
constexpr uint32_t kUnknown = MORTISE_SQL_UNKNOWN;
constexpr uint32_t kDate = MORTISE_SQL_DATE;

uint32_t result_of(std::string_view symbol, std::vector<uint32_t> arguments) {
  return signatures().choose_operator(symbol, arguments).result;
}

TEST_CASE("arithmetic meets at the wider type") {
  CHECK(result_of("+", {kInt4, kInt4}) == kInt4);
  CHECK(result_of("+", {kInt4, kInt8}) == kInt8);
  CHECK(result_of("*", {kInt4, kNumeric}) == kNumeric);
  CHECK(result_of("/", {kNumeric, kFloat8}) == kFloat8);
}

TEST_CASE("an untyped operand is like the other") {
  const Registry::Choice choice =
      signatures().choose_operator("+", std::vector<uint32_t>{kInt4, kUnknown});
  REQUIRE(choice.function != nullptr);
  CHECK(choice.arguments == std::vector<uint32_t>{kInt4, kInt4});
  CHECK(result_of("=", {kDate, kUnknown}) == MORTISE_SQL_BOOL);
}

TEST_CASE("two untyped operands are text where text is possible") {
  const Registry::Choice choice =
      signatures().choose_operator("=", std::vector<uint32_t>{kUnknown, kUnknown});
  REQUIRE(choice.function != nullptr);
  CHECK(choice.arguments == std::vector<uint32_t>{kText, kText});
}

TEST_CASE("two untyped operands of + are ambiguous") {
  const Registry::Choice choice =
      signatures().choose_operator("+", std::vector<uint32_t>{kUnknown, kUnknown});
  CHECK(choice.function == nullptr);
  CHECK(choice.is_ambiguous);
}

TEST_CASE("a varchar compares as text") {
  const Registry::Choice choice =
      signatures().choose_operator("=", std::vector<uint32_t>{kVarchar, kVarchar});
  REQUIRE(choice.function != nullptr);
  CHECK(choice.arguments == std::vector<uint32_t>{kText, kText});
}

TEST_CASE("an integer and a text have no operator in common") {
  const Registry::Choice choice =
      signatures().choose_operator("+", std::vector<uint32_t>{kInt4, kText});
  CHECK(choice.function == nullptr);
  CHECK_FALSE(choice.is_ambiguous);
}

TEST_CASE("date minus an untyped literal is a date minus a date") {
  CHECK(result_of("-", {kDate, kUnknown}) == kInt4);
  CHECK(result_of("+", {kDate, MORTISE_SQL_INTERVAL}) == MORTISE_SQL_TIMESTAMP);
}

TEST_CASE("round of an integer takes the preferred type of its category") {
  const Registry::Choice choice =
      signatures().choose_function("round", std::vector<uint32_t>{kInt4});
  REQUIRE(choice.function != nullptr);
  CHECK(choice.arguments == std::vector<uint32_t>{kFloat8});
}

TEST_CASE("variadic arguments keep their types") {
  const Registry::Choice choice =
      signatures().choose_function("concat", std::vector<uint32_t>{kInt4, kText, kUnknown});
  REQUIRE(choice.function != nullptr);
  CHECK(choice.arguments == std::vector<uint32_t>{kInt4, kText, kText});
}

TEST_CASE("a polymorphic result follows its arguments") {
  CHECK(signatures().choose_function("same", std::vector<uint32_t>{kInt4, kNumeric}).result ==
        kNumeric);
  CHECK(signatures().choose_function("same", std::vector<uint32_t>{kInt4, kText}).function ==
        nullptr);
}

TEST_CASE("types of UNION and CASE meet within a category") {
  const Registry& r = signatures();
  CHECK(r.common_type(std::vector<uint32_t>{kInt4, kNumeric}, nullptr) == kNumeric);
  CHECK(r.common_type(std::vector<uint32_t>{kUnknown, kInt8}, nullptr) == kInt8);
  CHECK(r.common_type(std::vector<uint32_t>{kUnknown, kUnknown}, nullptr) == kUnknown);
  CHECK(r.common_type(std::vector<uint32_t>{kVarchar, kText}, nullptr) == kVarchar);
  CHECK(r.common_type(std::vector<uint32_t>{kText, kVarchar}, nullptr) == kText);
  CHECK(r.common_type(std::vector<uint32_t>{kDate, MORTISE_SQL_TIMESTAMP}, nullptr) ==
        MORTISE_SQL_TIMESTAMP);
  size_t failed_at = 0;
  CHECK(r.common_type(std::vector<uint32_t>{kInt4, kUnknown, kText}, &failed_at) == 0);
  CHECK(failed_at == 2);
}

TEST_CASE("strings are written by assignment and read only if asked for") {
  const Registry& r = signatures();
  CHECK(r.cast_path(kInt4, kText, Coercion::implicit).kind == CastPath::Kind::none);
  CHECK(r.cast_path(kInt4, kText, Coercion::assignment).kind == CastPath::Kind::text_out);
  CHECK(r.cast_path(kText, kInt4, Coercion::assignment).kind == CastPath::Kind::none);
  CHECK(r.cast_path(kText, kInt4, Coercion::explicit_).kind == CastPath::Kind::text_in);
}

}  // namespace
}  // namespace mortise::sql_engine::testing
