// SPDX-License-Identifier: Apache-2.0
//
// Goal:   NUMERIC bytes hold and order every value, and decimals compute exactly.
// Method: pairs of values drawn at random (seed printed) are encoded, ordered by memcmp and
//         compared with the order and the arithmetic of big integers.

#include "numeric/decimal.hpp"

#include <doctest/doctest.h>

#include <random>

#include "mortise/cpp/numeric.hpp"

namespace mortise::sql_functions {
namespace {

constexpr uint64_t kSeed = 20000101;

Decimal draw(std::mt19937_64& engine) {
  Decimal value;
  const auto digits = engine() % 45;
  for (uint64_t i = 0; i < digits; ++i) value.mantissa = value.mantissa * 10 + engine() % 10;
  if (engine() % 4 == 0) value.mantissa *= big_power_of_ten(static_cast<uint32_t>(engine() % 9));
  if (engine() % 2 == 0) value.mantissa = -value.mantissa;
  value.scale = static_cast<uint32_t>(engine() % 25);
  return value;
}

int sign_of(int v) {
  return v < 0 ? -1 : (v > 0 ? 1 : 0);
}

TEST_CASE("N1: bytes without the scale are equal exactly when the values are") {
  INFO("seed " << kSeed);
  std::mt19937_64 engine(kSeed);
  for (int i = 0; i < 20000; ++i) {
    const Decimal a = draw(engine);
    const Decimal b = i % 3 == 0 ? round_at(a, static_cast<int32_t>(a.scale) + 3) : draw(engine);
    const std::string a_bytes = *a.bytes();
    const std::string b_bytes = *b.bytes();
    REQUIRE(read_numeric(a_bytes).has_value());
    CHECK(sign_of(compare_numeric(a_bytes, b_bytes)) == sign_of(compare(a, b)));
    const Decimal back = Decimal::read(a_bytes);
    CHECK(back.mantissa == a.mantissa);
    CHECK(back.scale == a.scale);
  }
}

TEST_CASE("N1: zeros inside of a negative number do not disturb the order") {
  const std::string one = *Decimal::of(-1).bytes();
  const std::string more = *Decimal::of(-100000001, 8).bytes();
  CHECK(compare_numeric(more, one) < 0);
}

TEST_CASE("compare_decimal agrees with big integers across scales") {
  INFO("seed " << kSeed);
  std::mt19937_64 engine(kSeed);
  for (int i = 0; i < 20000; ++i) {
    const auto a = static_cast<int64_t>(engine()) >> (engine() % 60);
    const auto b = i % 2 == 0 ? a : static_cast<int64_t>(engine()) >> (engine() % 60);
    const auto a_scale = static_cast<uint32_t>(engine() % 19);
    const auto b_scale = static_cast<uint32_t>(engine() % 19);
    CHECK(sign_of(compare_decimal(a, a_scale, b, b_scale)) ==
          sign_of(compare(Decimal::of(a, a_scale), Decimal::of(b, b_scale))));
  }
}

TEST_CASE("128-bit numbers pass through NUMERIC bytes unchanged") {
  INFO("seed " << kSeed);
  std::mt19937_64 engine(kSeed);
  for (int i = 0; i < 20000; ++i) {
    Int128 value = static_cast<Int128>(static_cast<int64_t>(engine())) * 1'000'000'007;
    value >>= engine() % 90;
    const auto scale = static_cast<uint32_t>(engine() % 30);
    char buffer[kNumericOfInt128SizeBytesMax];
    const uint32_t size = write_numeric(value, scale, buffer);
    const auto parts = read_numeric({buffer, size});
    REQUIRE(parts.has_value());
    const auto back = to_int128(*parts, scale);
    REQUIRE(back.has_value());
    CHECK(*back == value);
  }
}

TEST_CASE("N2: bytes that are not canonical are refused") {
  CHECK_FALSE(read_numeric("").has_value());
  CHECK_FALSE(read_numeric("ab").has_value());
  CHECK_FALSE(read_numeric(std::string(7, '\x40')).has_value());
  std::string good = *Decimal::of(12345).bytes();
  good[3] = '\xFF';
  CHECK_FALSE(read_numeric(good).has_value());
}

TEST_CASE("quotient times divisor comes back within half a digit") {
  INFO("seed " << kSeed);
  std::mt19937_64 engine(kSeed);
  for (int i = 0; i < 5000; ++i) {
    const Decimal a = draw(engine);
    const Decimal b = draw(engine);
    if (b.mantissa == 0) continue;
    const Decimal q = *divide(a, b);
    const Decimal error = absolute(subtract(a, multiply(q, b)));
    Decimal half = multiply(absolute(b), Decimal::of(5, q.scale + 1));
    CHECK(compare(error, half) <= 0);
  }
}

TEST_CASE("the square of a root comes back within its last digit") {
  std::mt19937_64 engine(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const Decimal a = absolute(draw(engine));
    const Decimal root = *square_root(a);
    const Decimal unit = Decimal::of(1, root.scale);
    const Decimal low = subtract(root, unit);
    const Decimal high = add(root, unit);
    CHECK(compare(multiply(high, high), a) > 0);
    if (low.sign() > 0) CHECK(compare(multiply(low, low), a) < 0);
  }
}

}  // namespace
}  // namespace mortise::sql_functions
