// SPDX-License-Identifier: Apache-2.0

#include "numeric/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

using Kind = Decimal::Kind;

// Appends the base-10,000 groups of |mantissa| * 10^-scale, last first.
void split_big(BigInt magnitude, uint32_t scale, std::vector<uint16_t>& digits) {
  if (const uint32_t odd = scale % 4; odd != 0) magnitude *= big_power_of_ten(4 - odd);
  constexpr uint64_t kChunk = 10'000'000'000'000'000ULL;
  BigInt quotient;
  while (magnitude != 0) {
    BigInt rest;
    boost::multiprecision::divide_qr(magnitude, BigInt(kChunk), quotient, rest);
    auto chunk = static_cast<uint64_t>(rest);
    for (int i = 0; i < 4; ++i, chunk /= 10000) {
      digits.push_back(static_cast<uint16_t>(chunk % 10000));
    }
    magnitude.swap(quotient);
  }
  while (!digits.empty() && digits.back() == 0) digits.pop_back();
}

// The magnitude as 128 bits when it fits.
std::optional<Uint128> small_magnitude(const BigInt& value) {
  const auto& backend = value.backend();
  if (backend.size() > 2) return std::nullopt;
  Uint128 result = backend.limbs()[0];
  if (backend.size() == 2) result |= static_cast<Uint128>(backend.limbs()[1]) << 64;
  return result;
}

uint32_t decimal_digits_count(const BigInt& magnitude) {
  if (magnitude == 0) return 0;
  const auto bits = boost::multiprecision::msb(magnitude);
  auto count = static_cast<uint32_t>(static_cast<double>(bits) * 0.30102999566398120);
  while (big_power_of_ten(count) <= magnitude) ++count;
  return count;
}

// Rounded half away from zero.
BigInt divide_rounded(const BigInt& a, const BigInt& b) {
  BigInt quotient;
  BigInt rest;
  boost::multiprecision::divide_qr(a, b, quotient, rest);
  if (abs(rest) * 2 >= abs(b)) quotient += (a < 0) != (b < 0) ? -1 : 1;
  return quotient;
}

void append_group(uint32_t group, std::string& out) {
  out.push_back(static_cast<char>('0' + group / 1000));
  out.push_back(static_cast<char>('0' + group / 100 % 10));
  out.push_back(static_cast<char>('0' + group / 10 % 10));
  out.push_back(static_cast<char>('0' + group % 10));
}

const char* special_text(NumericClass number_class) {
  if (number_class == NumericClass::nan) return "NaN";
  return number_class == NumericClass::positive_infinity ? "Infinity" : "-Infinity";
}

// Both as mantissas at the larger scale.
std::pair<BigInt, BigInt> aligned(const Decimal& a, const Decimal& b) {
  if (a.scale == b.scale) return {a.mantissa, b.mantissa};
  if (a.scale < b.scale) {
    return {a.mantissa * big_power_of_ten(b.scale - a.scale), b.mantissa};
  }
  return {a.mantissa, b.mantissa * big_power_of_ten(a.scale - b.scale)};
}

// What `division_scale` looks at: weight and value of the first base-10,000 digit.
void first_group(const Decimal& a, int32_t* weight, uint32_t* digit) {
  *weight = 0;
  *digit = 0;
  if (a.mantissa == 0) return;
  const int32_t exponent = a.integer_digits() - 1;
  *weight = exponent >= 0 ? exponent / 4 : -((3 - exponent) / 4);
  const int32_t drop = static_cast<int32_t>(a.scale) + *weight * 4;
  const BigInt magnitude = abs(a.mantissa);
  const BigInt group = drop >= 0
                           ? BigInt(magnitude / big_power_of_ten(static_cast<uint32_t>(drop)))
                           : BigInt(magnitude * big_power_of_ten(static_cast<uint32_t>(-drop)));
  *digit = static_cast<uint32_t>(group);
}

}  // namespace

BigInt to_big(Int128 value) {
  const bool is_negative = value < 0;
  const Uint128 magnitude =
      is_negative ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  BigInt result = static_cast<uint64_t>(magnitude >> 64);
  if (result != 0) result <<= 64;
  result += static_cast<uint64_t>(magnitude);
  return is_negative ? BigInt(-result) : result;
}

BigInt big_power_of_ten(uint32_t exponent) {
  if (exponent < kPowersOfTen.size()) return to_big(kPowersOfTen[exponent]);
  return boost::multiprecision::pow(BigInt(10), exponent);
}

Decimal Decimal::of(Int128 value, uint32_t value_scale) {
  Decimal result;
  result.mantissa = to_big(value);
  result.scale = value_scale;
  return result;
}

Decimal Decimal::of_kind(Kind kind) {
  Decimal result;
  result.kind = kind;
  return result;
}

Decimal Decimal::read(std::string_view bytes) {
  Decimal result;
  const std::optional<NumericParts> parts = read_numeric(bytes);
  if (!parts) return result;
  if (parts->number_class == NumericClass::nan) return of_kind(Kind::nan);
  if (parts->number_class == NumericClass::positive_infinity) {
    return of_kind(Kind::positive_infinity);
  }
  if (parts->number_class == NumericClass::negative_infinity) {
    return of_kind(Kind::negative_infinity);
  }
  result.scale = parts->scale;
  if (parts->digits_count == 0) return result;
  if (const std::optional<Int128> small = to_int128(*parts, parts->scale)) {
    result.mantissa = to_big(*small);
    return result;
  }
  for (uint32_t i = 0; i < parts->digits_count; ++i) {
    result.mantissa = result.mantissa * 10000 + parts->digit(i);
  }
  const int32_t last_weight = parts->weight - static_cast<int32_t>(parts->digits_count) + 1;
  const int32_t shift = last_weight * 4 + static_cast<int32_t>(parts->scale);
  if (shift >= 0) {
    result.mantissa *= big_power_of_ten(static_cast<uint32_t>(shift));
  } else {
    result.mantissa /= big_power_of_ten(static_cast<uint32_t>(-shift));
  }
  if (parts->number_class == NumericClass::negative) result.mantissa = -result.mantissa;
  return result;
}

int Decimal::sign() const {
  if (kind == Kind::positive_infinity) return 1;
  if (kind == Kind::negative_infinity) return -1;
  return kind == Kind::nan ? 0 : mantissa.sign();
}

bool Decimal::is_integer() const {
  return is_finite() && (scale == 0 || mantissa % big_power_of_ten(scale) == 0);
}

int32_t Decimal::integer_digits() const {
  if (mantissa == 0) return std::numeric_limits<int32_t>::min() / 2;
  return static_cast<int32_t>(decimal_digits_count(abs(mantissa))) - static_cast<int32_t>(scale);
}

Result<std::string> Decimal::bytes() const {
  std::string out;
  if (!is_finite()) {
    out.resize(3);
    const NumericClass number_class = kind == Kind::nan ? NumericClass::nan
                                      : kind == Kind::positive_infinity
                                          ? NumericClass::positive_infinity
                                          : NumericClass::negative_infinity;
    write_numeric_special(number_class, 0, out.data());
    return out;
  }
  if (scale > static_cast<uint32_t>(kNumericScaleMax)) {
    return round_at(*this, kNumericScaleMax).bytes();
  }
  if (const std::optional<Uint128> small = small_magnitude(mantissa);
      small && *small < static_cast<Uint128>(kDecimal128Nan)) {
    out.resize(kNumericOfInt128SizeBytesMax);
    const auto value = static_cast<Int128>(*small);
    out.resize(write_numeric(mantissa < 0 ? -value : value, scale, out.data()));
    return out;
  }
  if (integer_digits() > kNumericIntegerDigitsMax) return numeric_overflow();
  std::vector<uint16_t> digits;
  split_big(abs(mantissa), scale, digits);
  std::reverse(digits.begin(), digits.end());
  const int32_t weight =
      static_cast<int32_t>(digits.size()) - 1 - static_cast<int32_t>((scale + 3) / 4);
  out.resize(numeric_size_bytes_max(digits.size()));
  out.resize(write_numeric<uint16_t>(mantissa < 0, weight, digits, static_cast<uint16_t>(scale),
                                     out.data()));
  return out;
}

std::string Decimal::text() const {
  std::string out;
  if (const Result<std::string> encoded = bytes()) append_numeric_text(*encoded, out);
  return out;
}

double Decimal::to_double() const {
  if (kind == Kind::nan) return std::nan("");
  if (kind == Kind::positive_infinity) return HUGE_VAL;
  if (kind == Kind::negative_infinity) return -HUGE_VAL;
  const std::string digits = text();
  double value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec == std::errc::result_out_of_range) {
    return integer_digits() > 0 ? std::copysign(HUGE_VAL, mantissa.sign()) : 0.0;
  }
  return value;
}

std::optional<Int128> Decimal::to_int128_at(uint32_t at_scale) const {
  if (!is_finite()) return std::nullopt;
  const Decimal rounded = round_at(*this, static_cast<int32_t>(at_scale));
  BigInt value = rounded.mantissa;
  if (rounded.scale < at_scale) value *= big_power_of_ten(at_scale - rounded.scale);
  const std::optional<Uint128> small = small_magnitude(value);
  if (!small || *small >= static_cast<Uint128>(kPowersOfTen[kDecimal128DigitsMax])) {
    return std::nullopt;
  }
  const auto magnitude = static_cast<Int128>(*small);
  return value < 0 ? -magnitude : magnitude;
}

std::optional<int64_t> Decimal::to_int64() const {
  const std::optional<Int128> value = to_int128_at(0);
  if (!value || *value < std::numeric_limits<int64_t>::min() ||
      *value > std::numeric_limits<int64_t>::max()) {
    return std::nullopt;
  }
  return static_cast<int64_t>(*value);
}

void append_numeric_text(std::string_view bytes, std::string& out) {
  const std::optional<NumericParts> read = read_numeric(bytes);
  const NumericParts parts = read.value_or(NumericParts{});
  if (parts.number_class == NumericClass::nan ||
      parts.number_class == NumericClass::positive_infinity ||
      parts.number_class == NumericClass::negative_infinity) {
    out.append(special_text(parts.number_class));
    return;
  }
  if (parts.number_class == NumericClass::negative) out.push_back('-');
  const auto digit_at = [&](int32_t weight) -> uint32_t {
    const int32_t index = parts.weight - weight;
    return parts.digits_count == 0 || index < 0 || index >= static_cast<int32_t>(parts.digits_count)
               ? 0
               : parts.digit(static_cast<uint32_t>(index));
  };
  if (parts.digits_count == 0 || parts.weight < 0) {
    out.push_back('0');
  } else {
    char first[8];
    const auto end = std::to_chars(first, first + sizeof(first), parts.digit(0)).ptr;
    out.append(first, end);
    for (int32_t weight = parts.weight - 1; weight >= 0; --weight) {
      append_group(digit_at(weight), out);
    }
  }
  if (parts.scale == 0) return;
  out.push_back('.');
  const size_t length = out.size() + parts.scale;
  for (int32_t weight = -1; out.size() < length; --weight) append_group(digit_at(weight), out);
  out.resize(length);
}

void append_decimal_text(Int128 value, uint32_t scale, std::string& out) {
  char reversed[48];
  uint32_t count = 0;
  Uint128 magnitude = value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  while (magnitude > std::numeric_limits<uint64_t>::max()) {
    reversed[count++] = static_cast<char>('0' + static_cast<uint32_t>(magnitude % 10));
    magnitude /= 10;
  }
  for (auto rest = static_cast<uint64_t>(magnitude); rest != 0; rest /= 10) {
    reversed[count++] = static_cast<char>('0' + rest % 10);
  }
  while (count <= scale) reversed[count++] = '0';
  if (value < 0) out.push_back('-');
  while (count > 0) {
    if (count == scale) out.push_back('.');
    out.push_back(reversed[--count]);
  }
}

int compare(const Decimal& a, const Decimal& b) {
  const auto rank = [](Kind kind) {
    switch (kind) {
      case Kind::negative_infinity:
        return 0;
      case Kind::finite:
        return 1;
      case Kind::positive_infinity:
        return 2;
      case Kind::nan:
        return 3;
    }
    MORTISE_UNREACHABLE();
  };
  if (!a.is_finite() || !b.is_finite()) return rank(a.kind) - rank(b.kind);
  const auto [x, y] = aligned(a, b);
  return x.compare(y);
}

Decimal negate(Decimal a) {
  if (a.kind == Kind::positive_infinity) return Decimal::of_kind(Kind::negative_infinity);
  if (a.kind == Kind::negative_infinity) return Decimal::of_kind(Kind::positive_infinity);
  a.mantissa = -a.mantissa;
  return a;
}

Decimal absolute(Decimal a) {
  return a.sign() < 0 ? negate(std::move(a)) : a;
}

Decimal add(const Decimal& a, const Decimal& b) {
  if (!a.is_finite() || !b.is_finite()) {
    if (a.is_nan() || b.is_nan()) return Decimal::of_kind(Kind::nan);
    if (a.is_infinite() && b.is_infinite() && a.kind != b.kind) return Decimal::of_kind(Kind::nan);
    return a.is_infinite() ? a : b;
  }
  auto [x, y] = aligned(a, b);
  Decimal result;
  result.mantissa = std::move(x) + y;
  result.scale = std::max(a.scale, b.scale);
  return result;
}

Decimal subtract(const Decimal& a, const Decimal& b) {
  return add(a, negate(b));
}

Decimal multiply(const Decimal& a, const Decimal& b) {
  if (!a.is_finite() || !b.is_finite()) {
    const int sign = a.sign() * b.sign();
    if (a.is_nan() || b.is_nan() || sign == 0) return Decimal::of_kind(Kind::nan);
    return Decimal::of_kind(sign > 0 ? Kind::positive_infinity : Kind::negative_infinity);
  }
  Decimal result;
  result.mantissa = a.mantissa * b.mantissa;
  result.scale = a.scale + b.scale;
  if (result.scale > static_cast<uint32_t>(kNumericScaleMax)) {
    return round_at(std::move(result), kNumericScaleMax);
  }
  return result;
}

int32_t division_scale(const Decimal& a, const Decimal& b) {
  int32_t weight_a;
  int32_t weight_b;
  uint32_t digit_a;
  uint32_t digit_b;
  first_group(a, &weight_a, &digit_a);
  first_group(b, &weight_b, &digit_b);
  int32_t weight = weight_a - weight_b;
  if (digit_a <= digit_b) --weight;
  int32_t scale = kSignificantDigitsMin - weight * 4;
  scale = std::max({scale, static_cast<int32_t>(a.scale), static_cast<int32_t>(b.scale), 0});
  return std::min(scale, kDisplayScaleMax);
}

Decimal divide_at(const Decimal& a, const Decimal& b, int32_t scale) {
  const int32_t shift = scale - static_cast<int32_t>(a.scale) + static_cast<int32_t>(b.scale);
  Decimal result;
  result.scale = static_cast<uint32_t>(scale);
  if (shift >= 0) {
    result.mantissa =
        divide_rounded(a.mantissa * big_power_of_ten(static_cast<uint32_t>(shift)), b.mantissa);
  } else {
    result.mantissa =
        divide_rounded(a.mantissa, b.mantissa * big_power_of_ten(static_cast<uint32_t>(-shift)));
  }
  return result;
}

// The answer of a division with a special operand, by the signs.
static Result<Decimal> divide_special(const Decimal& a, const Decimal& b) {
  if (a.is_nan() || b.is_nan()) return Decimal::of_kind(Kind::nan);
  if (a.is_infinite()) {
    if (b.is_infinite()) return Decimal::of_kind(Kind::nan);
    if (b.sign() == 0) return division_by_zero();
    return Decimal::of_kind(a.sign() * b.sign() > 0 ? Kind::positive_infinity
                                                    : Kind::negative_infinity);
  }
  return Decimal();
}

Result<Decimal> divide(const Decimal& a, const Decimal& b) {
  if (!a.is_finite() || !b.is_finite()) return divide_special(a, b);
  if (b.mantissa == 0) return division_by_zero();
  return divide_at(a, b, division_scale(a, b));
}

Result<Decimal> divide_whole(const Decimal& a, const Decimal& b) {
  if (!a.is_finite() || !b.is_finite()) return divide_special(a, b);
  if (b.mantissa == 0) return division_by_zero();
  const auto [x, y] = aligned(a, b);
  Decimal result;
  result.mantissa = x / y;
  return result;
}

Result<Decimal> modulo(const Decimal& a, const Decimal& b) {
  if (!a.is_finite() || !b.is_finite()) {
    if (a.is_nan() || b.is_nan()) return Decimal::of_kind(Kind::nan);
    if (a.is_infinite()) {
      if (b.sign() == 0) return division_by_zero();
      return Decimal::of_kind(Kind::nan);
    }
    return a;
  }
  if (b.mantissa == 0) return division_by_zero();
  const auto [x, y] = aligned(a, b);
  Decimal result;
  result.mantissa = x % y;
  result.scale = std::max(a.scale, b.scale);
  return result;
}

Decimal round_at(Decimal a, int32_t scale) {
  if (!a.is_finite()) return a;
  const auto current = static_cast<int32_t>(a.scale);
  if (scale < current) {
    a.mantissa =
        divide_rounded(a.mantissa, big_power_of_ten(static_cast<uint32_t>(current - scale)));
    a.scale = static_cast<uint32_t>(std::max(scale, 0));
    if (scale < 0) a.mantissa *= big_power_of_ten(static_cast<uint32_t>(-scale));
  } else if (scale > current) {
    a.mantissa *= big_power_of_ten(static_cast<uint32_t>(scale - current));
    a.scale = static_cast<uint32_t>(scale);
  }
  return a;
}

Decimal cut_at(Decimal a, int32_t scale) {
  if (!a.is_finite()) return a;
  const auto current = static_cast<int32_t>(a.scale);
  if (scale < current) {
    a.mantissa /= big_power_of_ten(static_cast<uint32_t>(current - scale));
    a.scale = static_cast<uint32_t>(std::max(scale, 0));
    if (scale < 0) a.mantissa *= big_power_of_ten(static_cast<uint32_t>(-scale));
    return a;
  }
  return round_at(std::move(a), scale);
}

Decimal ceiling(Decimal a) {
  if (!a.is_finite()) return a;
  const bool goes_up = a.sign() > 0 && !a.is_integer();
  Decimal result = cut_at(std::move(a), 0);
  if (goes_up) result.mantissa += 1;
  return result;
}

Decimal floor(Decimal a) {
  if (!a.is_finite()) return a;
  const bool goes_down = a.sign() < 0 && !a.is_integer();
  Decimal result = cut_at(std::move(a), 0);
  if (goes_down) result.mantissa -= 1;
  return result;
}

}  // namespace mortise::sql_functions
