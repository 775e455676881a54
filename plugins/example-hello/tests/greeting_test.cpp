// SPDX-License-Identifier: Apache-2.0
//
// Goal: the greeting is whole, whatever the name.
// Method: names that are short, empty and not ASCII.
#include "greeting.hpp"

#include <doctest/doctest.h>

#include <string>

namespace mortise::example_hello {
namespace {

std::string greet(std::string_view word, std::string_view name) {
  std::string out(greeting_size_bytes(word, name), '?');
  write_greeting(word, name, out.data());
  return out;
}

TEST_CASE("greeting: word and name stand in one sentence") {
  CHECK(greet("Hello", "Ann") == "Hello, Ann!");
  CHECK(greet("Grüß Gott", "Jürgen") == "Grüß Gott, Jürgen!");
}

TEST_CASE("greeting: an empty name is greeted too") {
  CHECK(greet("Hello", "") == "Hello, !");
}

}  // namespace
}  // namespace mortise::example_hello
