// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a typo finds its word and a strange word finds nothing.
// Method: the mistakes people make: a letter lost, doubled, swapped, wrong case.

#include "kernel/base/nearest_name.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

namespace mortise {
namespace {

constexpr std::array<std::string_view, 4> kKnown = {"buffer_pool_size", "port", "listen_address",
                                                    "log_level"};

TEST_CASE("edit distance: counts insertions, deletions, replacements and swaps") {
  CHECK(edit_distance("port", "port") == 0);
  CHECK(edit_distance("port", "PORT") == 0);
  CHECK(edit_distance("prot", "port") == 1);
  CHECK(edit_distance("pot", "port") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("nearest name: a typo finds its word") {
  CHECK(nearest_name("bufer_pool_size", kKnown) == "buffer_pool_size");
  CHECK(nearest_name("prot", kKnown) == "port");
  CHECK(nearest_name("Log_Levle", kKnown) == "log_level");
  CHECK(did_you_mean("ports", kKnown) == " (did you mean 'port'?)");
}

TEST_CASE("nearest name: a strange word finds nothing") {
  CHECK(nearest_name("colour", kKnown).empty());
  CHECK(nearest_name("", kKnown).empty());
  CHECK(nearest_name("x", std::vector<std::string>{"y"}).empty());
  CHECK(did_you_mean("colour", kKnown).empty());
}

}  // namespace
}  // namespace mortise
