// SPDX-License-Identifier: Apache-2.0
//
// Goal:   what a function owns is moved with it and freed once.
// Method: captures that count themselves, small ones in place and large ones on the heap.

#include "kernel/base/unique_function.hpp"

#include <doctest/doctest.h>

#include <array>
#include <memory>

namespace mortise {
namespace {

TEST_CASE("unique function: owns what cannot be copied") {
  auto number = std::make_unique<int>(41);
  UniqueFunction<int(int)> add = [n = std::move(number)](int x) { return *n + x; };
  UniqueFunction<int(int)> moved = std::move(add);
  CHECK_FALSE(static_cast<bool>(add));
  CHECK(moved(1) == 42);
}

TEST_CASE("unique function: large captures go to the heap and are freed once") {
  const auto counted = std::make_shared<int>(0);
  {
    UniqueFunction<size_t()> f = [counted, ballast = std::array<size_t, 40>{7}] {
      return ballast[0];
    };
    CHECK(counted.use_count() == 2);
    UniqueFunction<size_t()> g;
    g = std::move(f);
    CHECK(g() == 7);
    CHECK(counted.use_count() == 2);
    g = nullptr;
    CHECK(counted.use_count() == 1);
  }
  CHECK(counted.use_count() == 1);
}

}  // namespace
}  // namespace mortise
