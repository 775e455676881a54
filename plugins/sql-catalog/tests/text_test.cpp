// SPDX-License-Identifier: Apache-2.0
//
// Goal:   names, expressions and times are written and read as PostgreSQL does it.
// Method: pure functions on literals.

#include <doctest/doctest.h>

#include "definition/definition.hpp"
#include "text/array.hpp"
#include "text/identifier.hpp"
#include "text/words.hpp"
#include "types/timestamp.hpp"

namespace mortise::sql_catalog {
namespace {

TEST_CASE("names with dots fall into their parts") {
  CHECK(*split_name(" Public . \"My Table\" ") == std::vector<std::string>{"public", "My Table"});
  CHECK(*split_name("\"a\"\"b\"") == std::vector<std::string>{"a\"b"});
  CHECK(split_name("").error().sqlstate() == "42602");
  CHECK(split_name("a.").error().sqlstate() == "42602");
  CHECK(split_name("a b").error().sqlstate() == "42602");
  CHECK(split_list("\"$user\", public,Other") ==
        std::vector<std::string>{"$user", "public", "other"});
  CHECK(split_list("").empty());
}

TEST_CASE("arrays: elements are quoted where they need it") {
  CHECK(array_text(std::vector<std::string>{"a", "b c", "", "null", "q\"\\"}) ==
        R"({a,"b c","","null","q\"\\"})");
  const auto elements = array_elements(R"({a,"b c",NULL,"null","q\"\\"})");
  REQUIRE(elements);
  CHECK((*elements)[1] == "b c");
  CHECK_FALSE((*elements)[2].has_value());
  CHECK((*elements)[3] == "null");
  CHECK((*elements)[4] == "q\"\\");
  CHECK(array_elements("{}")->empty());
  CHECK_FALSE(array_elements("{a,}"));
  CHECK_FALSE(array_elements("{a}}"));
}

TEST_CASE("expressions get parentheses unless they are names, literals or calls") {
  CHECK(parenthesized("a > 0", false) == "(a > 0)");
  CHECK(parenthesized("(a > 0)", false) == "(a > 0)");
  CHECK(parenthesized("(a) > (b)", false) == "((a) > (b))");
  CHECK(parenthesized("f(a, 'x)')", false) == "f(a, 'x)')");
  CHECK(parenthesized("f(a) + 1", false) == "(f(a) + 1)");
  CHECK(parenthesized("'x'::text", false) == "'x'::text");
  CHECK(parenthesized("(a > (-10))", false) == "(a > '-10'::integer)");
}

TEST_CASE("pretty expressions lose the parentheses that PostgreSQL finds superfluous") {
  const auto pretty = [](std::string_view text) { return parenthesized(text, true); };
  CHECK(pretty("((a > 0))") == "a > 0");
  CHECK(pretty("((a > 0) AND (b < 5))") == "a > 0 AND b < 5");
  CHECK(pretty("((a > 0) OR ((b < 5) AND (c = 1)))") == "a > 0 OR b < 5 AND c = 1");
  CHECK(pretty("((a > 0) AND ((b < 5) OR (c = 1)))") == "a > 0 AND (b < 5 OR c = 1)");
  CHECK(pretty("(NOT (a > 0))") == "NOT a > 0");
  CHECK(pretty("(a > (0)::numeric)") == "a > 0::numeric");
  CHECK(pretty("((a + b) > c)") == "(a + b) > c");
  CHECK(pretty("((a * b) + c)") == "a * b + c");
  CHECK(pretty("((a - b) - c)") == "a - b - c");
  CHECK(pretty("(a - (b - c))") == "a - (b - c)");
  CHECK(pretty("((a + b) * c)") == "(a + b) * c");
  CHECK(pretty("lower((a || b))") == "lower(a || b)");
  CHECK(pretty("(length((a)::text) > 3)") == "length(a::text) > 3");
  CHECK(pretty("(a = ANY (ARRAY[1, 2]))") == "a = ANY (ARRAY[1, 2])");
  CHECK(pretty("(a IS NOT NULL)") == "a IS NOT NULL");
  CHECK(pretty("((a || 'x (y)') <> '')") == "(a || 'x (y)') <> ''");
}

TEST_CASE("numbers are shown as constants") {
  CHECK(constant_text("5") == "5");
  CHECK(constant_text("(-1)") == "'-1'::integer");
  CHECK(constant_text("3000000000") == "'3000000000'::bigint");
  CHECK(constant_text("- 1.5") == "'-1.5'::numeric");
  CHECK(constant_text("1.5") == "1.5");
  CHECK(constant_text("a") == "");
}

TEST_CASE("times of the catalog") {
  CHECK(read_timestamp("2000-01-01 00:00:00+00") == 0);
  CHECK(read_timestamp("2000-01-02") == int64_t{86'400} * 1'000'000);
  CHECK(read_timestamp("2000-01-01 02:00:00+02") == 0);
  CHECK(read_timestamp("1999-12-31 22:30:00-01:30") == 0);
  CHECK(read_timestamp("infinity") == INT64_MAX);
  CHECK_FALSE(read_timestamp("").has_value());
  CHECK(to_timestamptz(946'684'800'000'000) == 0);
}

TEST_CASE("lists of words") {
  CHECK(words("a  b\nc", " \n") == std::vector<std::string_view>{"a", "b", "c"});
  CHECK(words("a||b|", "|") == std::vector<std::string_view>{"a", "", "b", ""});
}

}  // namespace
}  // namespace mortise::sql_catalog
