// SPDX-License-Identifier: Apache-2.0

#include "aggregate/numeric_sum.hpp"

namespace mortise::sql_functions {
namespace {

// high * 2^128 + low, in two's complement.
BigInt wide_value(int64_t high, Uint128 low) {
  BigInt result = high;
  result <<= 64;
  result += static_cast<uint64_t>(low >> 64);
  result <<= 64;
  result += static_cast<uint64_t>(low);
  return result;
}

}  // namespace

// Raises the scale of the integers; false when they might not fit then.
bool NumericSum::rescale(uint32_t wanted) {
  const auto value = static_cast<Int128>(low);
  const bool is_narrow = high == (value < 0 ? -1 : 0);
  Int128 scaled;
  if (!is_narrow || wanted - scale > kDecimal128DigitsMax ||
      __builtin_mul_overflow(value, kPowersOfTen[wanted - scale], &scaled)) {
    return false;
  }
  low = static_cast<Uint128>(scaled);
  high = scaled < 0 ? -1 : 0;
  scale = wanted;
  return true;
}

Status NumericSum::add(Scope& scope, SmallDecimal value) {
  if (value.scale > scale && !rescale(value.scale)) {
    return add_big(scope, Decimal::of(value.value, value.scale));
  }
  if (value.scale < scale) {
    Int128 scaled;  // an overflow leaves it without meaning
    if (scale - value.scale > kDecimal128DigitsMax ||
        __builtin_mul_overflow(value.value, kPowersOfTen[scale - value.scale], &scaled)) {
      return add_big(scope, Decimal::of(value.value, value.scale));
    }
    value.value = scaled;
  }
  add_integer(value.value);
  return {};
}

Status NumericSum::add(Scope& scope, const Decimal& value) {
  switch (value.kind) {
    case Decimal::Kind::nan:
      has_nan = 1;
      return {};
    case Decimal::Kind::positive_infinity:
      has_positive_infinity = 1;
      return {};
    case Decimal::Kind::negative_infinity:
      has_negative_infinity = 1;
      return {};
    case Decimal::Kind::finite:
      return add_big(scope, value);
  }
  MORTISE_UNREACHABLE();
}

Status NumericSum::add_big(Scope& scope, const Decimal& value) {
  Decimal sum = big.size_bytes == 0 ? Decimal() : Decimal::read(big.view());
  MORTISE_TRY_ASSIGN(const std::string bytes, sql_functions::add(sum, value).bytes());
  return big.assign(scope, bytes);
}

Status NumericSum::merge(Scope& scope, const NumericSum& from) {
  has_nan |= from.has_nan;
  has_positive_infinity |= from.has_positive_infinity;
  has_negative_infinity |= from.has_negative_infinity;
  count += from.count;
  if (from.big.size_bytes != 0) MORTISE_TRY(add_big(scope, Decimal::read(from.big.view())));
  if (scale == from.scale) {
    const Uint128 before = low;
    low += from.low;
    high += from.high + (low < before ? 1 : 0);
    return {};
  }
  Decimal value;
  value.mantissa = wide_value(from.high, from.low);
  value.scale = from.scale;
  if (const std::optional<Int128> small = value.to_int128_at(from.scale)) {
    return add(scope, SmallDecimal{*small, from.scale});
  }
  return add_big(scope, value);
}

Decimal NumericSum::total() const {
  if (has_nan != 0 || (has_positive_infinity != 0 && has_negative_infinity != 0)) {
    return Decimal::of_kind(Decimal::Kind::nan);
  }
  if (has_positive_infinity != 0) return Decimal::of_kind(Decimal::Kind::positive_infinity);
  if (has_negative_infinity != 0) return Decimal::of_kind(Decimal::Kind::negative_infinity);
  Decimal sum;
  sum.mantissa = wide_value(high, low);
  sum.scale = scale;
  if (big.size_bytes == 0) return sum;
  return sql_functions::add(sum, Decimal::read(big.view()));
}

}  // namespace mortise::sql_functions
