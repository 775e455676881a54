// SPDX-License-Identifier: Apache-2.0
//
// Goal:   calls give what PostgreSQL 15 gives, in text, and fail as it fails.
// Method: single calls from text to text (expression.hpp), each with constant and full columns.
//         The broad comparison with a live server is tests/differential.py.

#include <doctest/doctest.h>

#include "tests/expression.hpp"

namespace mortise::sql_functions {
namespace {

std::string call(std::string_view name, const std::vector<std::string>& types,
                 const std::vector<Text>& values) {
  TestSession session;
  return session.call(name, types, values).shown();
}

TEST_CASE("arithmetic: integers overflow with 22003") {
  CHECK(call("+", {"int4", "int4"}, {"1", "2"}) == "3");
  CHECK(call("+", {"int4", "int4"}, {"2147483647", "1"}) == "ERROR 22003: integer out of range");
  CHECK(call("*", {"int8", "int8"}, {"9223372036854775807", "2"}) ==
        "ERROR 22003: bigint out of range");
  CHECK(call("/", {"int4", "int4"}, {"1", "0"}) == "ERROR 22012: division by zero");
  CHECK(call("/", {"int4", "int4"}, {"-7", "2"}) == "-3");
  CHECK(call("+", {"int4", "int4"}, {"1", std::nullopt}) == "NULL");
}

TEST_CASE("numeric: results show the digits that PostgreSQL shows") {
  CHECK(call("/", {"numeric", "numeric"}, {"1", "3"}) == "0.33333333333333333333");
  CHECK(call("+", {"numeric(10,2)", "numeric(5,1)"}, {"1.10", "2.5"}) == "3.60");
  CHECK(call("*", {"numeric(30,4)", "numeric(30,6)"}, {"1.5", "2.25"}) == "3.3750000000");
  CHECK(call("sqrt", {"numeric"}, {"2"}) == "1.414213562373095");
  CHECK(call("round", {"numeric", "int4"}, {"2.345", "2"}) == "2.35");
  CHECK(call("ln", {"numeric"}, {"2"}) == "0.6931471805599453");
}

TEST_CASE("dates: intervals move by the calendar") {
  CHECK(call("+", {"date", "interval"}, {"1994-01-31", "1 month"}) == "1994-02-28 00:00:00");
  CHECK(call("extract", {"text", "date"}, {"year", "1995-03-15"}) == "1995");
}

}  // namespace
}  // namespace mortise::sql_functions
