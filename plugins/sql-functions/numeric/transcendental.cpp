// SPDX-License-Identifier: Apache-2.0

// Roots, logarithms and powers of unbounded decimals.
//
// The scales of results are PostgreSQL's (sixteen significant digits at least, by an estimate of
// the result's size).  The values are computed in binary fixed point with 96 guard bits and rounded
// once, so they are the correctly rounded ones; PostgreSQL computes in decimal with eight guard
// digits and differs only where those do not settle the last digit.

#include <algorithm>
#include <cmath>
#include <optional>

#include "failures.hpp"
#include "numeric/decimal.hpp"

namespace mortise::sql_functions {
namespace {

using Kind = Decimal::Kind;

constexpr double kLog10OfE = 0.434294481903252;
constexpr int32_t kResultScaleMax = 2000;
constexpr uint32_t kGuardBits = 96;

int32_t clamp_scale(int32_t scale, int32_t at_least) {
  return std::min(std::max({scale, at_least, 0}), kDisplayScaleMax);
}

// Binary fixed point: value * 2^bits.
struct Fixed {
  uint32_t bits;

  BigInt one() const { return BigInt(1) << bits; }
  BigInt times(const BigInt& a, const BigInt& b) const { return BigInt(a * b) >> bits; }
  BigInt over(const BigInt& a, const BigInt& b) const { return BigInt(a << bits) / b; }
  BigInt of(const Decimal& a) const {
    return BigInt(a.mantissa << bits) / big_power_of_ten(a.scale);
  }
  Decimal back(const BigInt& a, int32_t scale) const {
    Decimal result;
    const BigInt scaled = abs(a) * big_power_of_ten(static_cast<uint32_t>(scale));
    result.mantissa = (scaled + (BigInt(1) << (bits - 1))) >> bits;
    if (a < 0) result.mantissa = -result.mantissa;
    result.scale = static_cast<uint32_t>(scale);
    return result;
  }

  // 2 * artanh(z), |z| well below 1.
  BigInt twice_artanh(const BigInt& z) const {
    const BigInt square = times(z, z);
    BigInt term = z;
    BigInt sum = z;
    for (uint32_t n = 3; term != 0; n += 2) {
      term = times(term, square);
      sum += term / n;
      if (abs(term) <= 1) break;
    }
    return sum * 2;
  }
  BigInt ln2() const { return twice_artanh(one() / 3); }

  // ln(m / 2^bits), m > 0.
  BigInt ln(const BigInt& value) const {
    // value = m * 2^shift with m in [1/2, 1); near one no shift, to lose no digits.
    const auto top = static_cast<int64_t>(boost::multiprecision::msb(value)) + 1;
    int64_t shift = top - static_cast<int64_t>(bits);
    if (shift == 1 && value < one() * 3 / 2) shift = 0;
    BigInt m = shift >= 0 ? BigInt(value >> static_cast<uint32_t>(shift))
                          : BigInt(value << static_cast<uint32_t>(-shift));
    uint32_t roots = 0;
    const BigInt near_one = one() >> 6;
    while (abs(BigInt(m - one())) > near_one) {
      m = boost::multiprecision::sqrt(BigInt(m << bits));
      ++roots;
    }
    const BigInt z = over(m - one(), m + one());
    BigInt result = twice_artanh(z) << roots;
    if (shift != 0) result += ln2() * shift;
    return result;
  }

  // exp(value / 2^bits) as mantissa and power of two.
  BigInt exp(const BigInt& value, int64_t* power) const {
    const BigInt unit = ln2();
    BigInt k = value / unit;
    BigInt rest = value - k * unit;
    if (rest < 0) {
      rest += unit;
      k -= 1;
    }
    *power = static_cast<int64_t>(k);
    constexpr uint32_t kHalvings = 12;
    const BigInt x = rest >> kHalvings;
    BigInt term = one();
    BigInt sum = one();
    for (uint32_t n = 1; term != 0; ++n) {
      term = times(term, x) / n;
      sum += term;
    }
    for (uint32_t i = 0; i < kHalvings; ++i) sum = times(sum, sum);
    return sum;
  }
};

uint32_t bits_for(int32_t decimal_digits) {
  return static_cast<uint32_t>(std::max(decimal_digits, 1)) * 3322 / 1000 + kGuardBits;
}

// The leading digits of |a| as a double and the power of ten they stand at; exact when short.
double leading(const Decimal& a, int32_t* exponent) {
  const std::string digits = abs(a.mantissa).str();
  const size_t used = std::min<size_t>(digits.size(), 17);
  *exponent = static_cast<int32_t>(digits.size() - used) - static_cast<int32_t>(a.scale);
  return std::stod(digits.substr(0, used));
}

// Decimal weight of ln(a), as PostgreSQL estimates it.
int32_t estimate_ln_weight(const Decimal& a) {
  if (a.sign() <= 0) return 0;
  const Decimal x = subtract(a, Decimal::of(1));
  if (compare(a, Decimal::of(9, 1)) >= 0 && compare(a, Decimal::of(11, 1)) <= 0) {
    if (x.mantissa == 0) return 0;
    return x.integer_digits() - 1;
  }
  int32_t exponent;
  const double head = leading(a, &exponent);
  const double ln = std::log(head) + exponent * 2.302585092994046;
  return static_cast<int32_t>(std::log10(std::fabs(ln)));
}

// ln(a) at a scale; a > 0.
Decimal ln_at(const Decimal& a, int32_t scale) {
  const int32_t size = std::abs(a.integer_digits()) + static_cast<int32_t>(a.scale);
  const Fixed fixed{bits_for(scale + size + 10)};
  return fixed.back(fixed.ln(fixed.of(a)), scale);
}

Status too_large_exponent() {
  return numeric_overflow();
}

// exp(x) at a scale; |x| has been checked.
Decimal exp_at(const Decimal& x, int32_t scale) {
  const double estimate = x.to_double() * kLog10OfE;
  const int32_t digits = scale + std::max(0, static_cast<int32_t>(estimate)) + 20;
  const Fixed fixed{bits_for(digits)};
  int64_t power;
  BigInt value = fixed.exp(fixed.of(x), &power);
  if (power >= 0) {
    value <<= static_cast<uint32_t>(power);
  } else {
    value >>= static_cast<uint32_t>(-power);
  }
  return fixed.back(value, scale);
}

Decimal zero_at(int32_t scale) {
  return Decimal::of(0, static_cast<uint32_t>(scale));
}

// base^exponent for a whole exponent.
Result<Decimal> whole_power(const Decimal& base, int32_t exponent, int32_t scale) {
  if (exponent == 0) return round_at(Decimal::of(1), scale);
  if (exponent == 1) return round_at(base, scale);
  if (exponent == 2) return round_at(multiply(base, base), scale);
  if (base.mantissa == 0) {
    if (exponent < 0) return division_by_zero();
    return zero_at(scale);
  }
  if (exponent == -1) return divide_at(Decimal::of(1), base, scale);
  int32_t head_exponent;
  const double head = leading(base, &head_exponent);
  const double digits = exponent * (std::log10(head) + head_exponent);
  if (digits > 3.0 * 32767 * 4) return too_large_exponent();
  if (digits + 1 < -scale || digits + 1 < -kDisplayScaleMax) return zero_at(scale);
  const int32_t kept = std::max(0, static_cast<int32_t>(std::fabs(digits))) + scale + 40;
  const auto steps = static_cast<uint32_t>(std::abs(static_cast<int64_t>(exponent)));
  const double exact_digits =
      static_cast<double>(steps) * static_cast<double>(abs(base.mantissa).str().size());
  if (exact_digits < 20000) {
    Decimal exact;
    exact.mantissa = boost::multiprecision::pow(base.mantissa, steps);
    exact.scale = base.scale * steps;
    if (exponent < 0) return divide_at(Decimal::of(1), exact, scale);
    return round_at(std::move(exact), scale);
  }
  const Decimal magnitude = absolute(base);
  const Decimal product = multiply(ln_at(magnitude, kept + 20), Decimal::of(exponent));
  Decimal result = exp_at(product, scale);
  if (base.sign() < 0 && exponent % 2 != 0) result = negate(std::move(result));
  if (result.integer_digits() > kNumericIntegerDigitsMax) return too_large_exponent();
  return result;
}

Result<Decimal> fractional_power(const Decimal& base, const Decimal& exponent) {
  const int32_t weight = estimate_ln_weight(base);
  const int32_t rough_scale = clamp_scale(8 - weight, 0);
  const Decimal rough = round_at(multiply(ln_at(base, rough_scale), exponent), rough_scale);
  double value = rough.to_double();
  if (std::fabs(value) > kResultScaleMax * 3.01) {
    if (value > 0) return too_large_exponent();
    return zero_at(kDisplayScaleMax);
  }
  value *= kLog10OfE;
  const int32_t scale =
      clamp_scale(kSignificantDigitsMin - static_cast<int32_t>(value),
                  std::max(static_cast<int32_t>(base.scale), static_cast<int32_t>(exponent.scale)));
  const int32_t ln_scale = scale + std::max(0, static_cast<int32_t>(value)) +
                           std::max(0, exponent.integer_digits()) + 30;
  return exp_at(multiply(ln_at(base, ln_scale), exponent), scale);
}

// power() with an infinity or NaN on either side.
Result<Decimal> special_power(const Decimal& base, const Decimal& exponent) {
  const Decimal one = Decimal::of(1);
  if (exponent.is_finite() && exponent.sign() == 0) return one;
  if (base.is_finite() && compare(base, one) == 0) return one;
  if (base.is_nan() || exponent.is_nan()) return Decimal::of_kind(Kind::nan);
  if (base.sign() == 0 && exponent.sign() < 0) {
    return Status(Code::invalid, "2201F", "zero raised to a negative power is undefined");
  }
  if (base.sign() < 0 && exponent.is_finite() && !exponent.is_integer()) {
    return Status(Code::invalid, "2201F",
                  "a negative number raised to a non-integer power yields a complex result");
  }
  if (exponent.is_infinite()) {
    const int order = compare(absolute(base), one);
    if (order == 0) return one;
    const bool grows = (order > 0) == (exponent.sign() > 0);
    return grows ? Decimal::of_kind(Kind::positive_infinity) : Decimal();
  }
  if (exponent.sign() < 0) return Decimal();
  const bool is_odd = cut_at(exponent, 0).mantissa % 2 != 0;
  return Decimal::of_kind(base.sign() < 0 && is_odd ? Kind::negative_infinity
                                                    : Kind::positive_infinity);
}

Status bad_logarithm(const Decimal& a) {
  return {Code::invalid, "2201E",
          a.sign() == 0 ? "cannot take logarithm of zero"
                        : "cannot take logarithm of a negative number"};
}

}  // namespace

Decimal square_root_at(const Decimal& a, int32_t scale) {
  // sqrt(m / 10^s) * 10^scale = sqrt(m * 10^(2*scale - s)); one more digit decides the rounding.
  const int32_t shift = 2 * (scale + 1) - static_cast<int32_t>(a.scale);
  const BigInt scaled = shift >= 0
                            ? BigInt(a.mantissa * big_power_of_ten(static_cast<uint32_t>(shift)))
                            : BigInt(a.mantissa / big_power_of_ten(static_cast<uint32_t>(-shift)));
  Decimal result;
  result.mantissa = boost::multiprecision::sqrt(scaled);
  result.scale = static_cast<uint32_t>(scale) + 1;
  return round_at(std::move(result), scale);
}

Result<Decimal> square_root(const Decimal& a) {
  if (a.sign() < 0) {
    return Status(Code::invalid, "2201F", "cannot take square root of a negative number");
  }
  if (!a.is_finite()) return a;
  const int32_t exponent = a.mantissa == 0 ? 0 : a.integer_digits() - 1;
  const int32_t weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  const int32_t size = weight >= 0 ? weight * 4 / 2 + 1 : 1 - (1 - weight * 4) / 2;
  const int32_t scale = clamp_scale(kSignificantDigitsMin - size, static_cast<int32_t>(a.scale));
  return square_root_at(a, scale);
}

Result<Decimal> natural_logarithm(const Decimal& a) {
  if (a.is_nan()) return a;
  if (a.sign() <= 0) return bad_logarithm(a);
  if (a.is_infinite()) return a;
  const int32_t scale =
      clamp_scale(kSignificantDigitsMin - estimate_ln_weight(a), static_cast<int32_t>(a.scale));
  return ln_at(a, scale);
}

Result<Decimal> logarithm(const Decimal& base, const Decimal& a) {
  if (base.is_nan() || a.is_nan()) return Decimal::of_kind(Kind::nan);
  if (base.sign() <= 0) return bad_logarithm(base);
  if (a.sign() <= 0) return bad_logarithm(a);
  if (base.is_infinite()) {
    return a.is_infinite() ? Decimal::of_kind(Kind::nan) : Decimal();
  }
  if (a.is_infinite()) return a;
  const int32_t weight = estimate_ln_weight(a) - estimate_ln_weight(base);
  const int32_t scale =
      clamp_scale(kSignificantDigitsMin - weight,
                  std::max(static_cast<int32_t>(base.scale), static_cast<int32_t>(a.scale)));
  const Decimal divisor = ln_at(base, scale + 40);
  if (divisor.mantissa == 0) return division_by_zero();
  return divide_at(ln_at(a, scale + 40), divisor, scale);
}

Result<Decimal> exponential(const Decimal& a) {
  if (a.kind == Kind::negative_infinity) return Decimal();
  if (!a.is_finite()) return a;
  const double value = a.to_double();
  if (std::fabs(value) >= kResultScaleMax * 3.0) {
    if (value > 0) return too_large_exponent();
    return zero_at(kDisplayScaleMax);
  }
  const double weight = std::clamp(value * kLog10OfE, -2000.0, 2000.0);
  const int32_t scale = clamp_scale(kSignificantDigitsMin - static_cast<int32_t>(weight),
                                    static_cast<int32_t>(a.scale));
  return exp_at(a, scale);
}

Result<Decimal> power(const Decimal& base, const Decimal& exponent) {
  if (!base.is_finite() || !exponent.is_finite()) return special_power(base, exponent);
  if (base.sign() == 0 && exponent.sign() < 0) {
    return Status(Code::invalid, "2201F", "zero raised to a negative power is undefined");
  }
  if (exponent.is_integer()) {
    const std::optional<int64_t> whole = exponent.to_int64();
    if (whole && *whole >= std::numeric_limits<int32_t>::min() &&
        *whole <= std::numeric_limits<int32_t>::max()) {
      const int32_t scale = clamp_scale(kSignificantDigitsMin, static_cast<int32_t>(base.scale));
      return whole_power(base, static_cast<int32_t>(*whole), scale);
    }
  } else if (base.sign() < 0) {
    return Status(Code::invalid, "2201F",
                  "a negative number raised to a non-integer power yields a complex result");
  }
  if (base.sign() == 0) return zero_at(kSignificantDigitsMin);
  const bool is_negative = base.sign() < 0 && cut_at(exponent, 0).mantissa % 2 != 0;
  MORTISE_TRY_ASSIGN(Decimal result, fractional_power(absolute(base), exponent));
  return is_negative ? negate(std::move(result)) : std::move(result);
}

}  // namespace mortise::sql_functions
