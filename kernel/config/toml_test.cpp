// SPDX-License-Identifier: Apache-2.0
//
// Goal: whoever misspells a key is told where and what was meant.
// Method: small texts, and the exact message.
#include "kernel/config/toml.hpp"

#include <doctest/doctest.h>

namespace mortise::config {
namespace {

TEST_CASE("toml: values keep their line and their order") {
  const auto table = parse_toml("b = 1\na = \"x\"\n[t]\nc = [true, 2.5]\n", "f.toml");

  REQUIRE(table.has_value());
  CHECK(table->members[0].first == "b");
  CHECK(table->members[1].second.line == 2);
  CHECK(table->find("t")->find("c")->items[1].real == 2.5);
  CHECK(table->find("nothing") == nullptr);
}

TEST_CASE("toml: T1 a syntax error names file and line") {
  const auto table = parse_toml("a = 1\nb = = 2\n", "f.toml");

  REQUIRE_FALSE(table.has_value());
  CHECK(table.error().message().substr(0, 9) == "f.toml:2:");
  CHECK(table.error().sqlstate() == "F0000");
}

TEST_CASE("toml: T2 an unknown key is answered with the nearest known one") {
  const auto table = parse_toml("name = \"x\"\nsummry = \"y\"\n", "f.toml");
  REQUIRE(table.has_value());
  TableReader reader(*table, "f.toml");

  CHECK(reader.require_text("name") == "x");
  CHECK(reader.text("summary", "").empty());

  CHECK(reader.finish().message() == "f.toml:2: unknown key 'summry' (did you mean 'summary'?)");
}

TEST_CASE("toml: T1 a value of the wrong kind is refused with both kinds") {
  const auto table = parse_toml("enable = \"yes\"\n", "f.toml");
  REQUIRE(table.has_value());
  TableReader reader(*table, "f.toml");

  CHECK(reader.boolean("enable", true));

  CHECK(reader.finish().message() ==
        "f.toml:1: 'enable' has to be true or false, not a text in quotes");
}

TEST_CASE("toml: quoted text comes back as it was") {
  const std::string text("a \"b\" \\ \n \x01 ü");

  const auto table = parse_toml("a = " + toml_quoted(text), "f.toml");

  REQUIRE(table.has_value());
  CHECK(table->find("a")->text == text);
}

}  // namespace
}  // namespace mortise::config
