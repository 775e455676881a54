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

std::string repeated(std::string_view piece, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += piece;
  return out;
}

TEST_CASE("toml: T1 what is nested too deeply is refused with its line before it is parsed") {
  const int many = 100'000;
  const std::string texts[] = {
      repeated("a.", many) + "a = 1", "[" + repeated("a.", many) + "a]",
      "[[" + repeated("'a' . ", many) + "a]]", repeated("\"a\".", many) + "a = 1",
      "a = " + repeated("[", many), "a = " + repeated("[\n", many), "a = " + repeated("{a=", many),
      "a = { " + repeated("a.", many) + "a = 1 }",
      // Behind what ends strings in uncommon ways.
      "a = [\"\"\"x\"\"\"\"\", " + repeated("{a.a=", many),
      "a = ['''x''''', " + repeated("[", many), "a = [\"\\\\\", " + repeated("[", many),
      "a = ['\\', " + repeated("[", many), "a = [ # \"\n" + repeated("[", many),
      "a = \"\"\"\n\\\n\"\"\" \nb" + repeated(".b", many) + " = 1"};
  for (const std::string& text : texts) {
    CAPTURE(text.substr(0, 40));
    const auto table = parse_toml(text, "f.toml");
    REQUIRE_FALSE(table.has_value());
    CHECK(table.error().sqlstate() == "F0000");
    CHECK(table.error().message().starts_with("f.toml:"));
  }
}

TEST_CASE("toml: dots and brackets in strings, comments and numbers are no nesting") {
  const std::string dots = repeated("a.", 100);
  const std::string brackets = repeated("[{", 100);
  const auto table =
      parse_toml("a = \"" + dots + brackets + "\" # " + dots + brackets + "\nb = '''\n" + brackets +
                     "\n'''\nc = [" + repeated("1.5, ", 100) + "]\nd.e.f = '" + dots + "'\n",
                 "f.toml");

  REQUIRE(table.has_value());
  CHECK(table->find("a")->text == dots + brackets);
  CHECK(table->find("c")->items.size() == 100);
}

TEST_CASE("toml: a text beyond 1 MiB is refused") {
  const auto table = parse_toml("# " + std::string(kTomlBytesMax, 'x'), "f.toml");

  REQUIRE_FALSE(table.has_value());
  CHECK(table.error().message() == "f.toml:1: the file is larger than 1 MiB");
}

TEST_CASE("toml: random pieces of TOML give a table or a failure with a line") {
  uint64_t state = 20'240'601;
  MESSAGE("seed " << state);
  const auto next = [&](uint64_t below) {
    state = state * 6'364'136'223'846'793'005 + 1'442'695'040'888'963'407;
    return (state >> 33) % below;
  };
  const std::string_view pieces[] = {"a",  "b",   ".",        "=",    " ",   "\n",     "[",
                                     "]",  "{",   "}",        "\"",   "'",   "\"\"\"", "'''",
                                     "\\", "#",   ",",        "1",    "1.5", "true",   "1979-05-27",
                                     "-",  "inf", "\xC3\xBC", "\xFF", "\r"};
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (uint64_t i = next(40); i-- > 0;) text += pieces[next(std::size(pieces))];
    CAPTURE(text);
    const auto table = parse_toml(text, "f.toml");
    if (!table) CHECK(table.error().message().starts_with("f.toml:"));
  }
}

}  // namespace
}  // namespace mortise::config
