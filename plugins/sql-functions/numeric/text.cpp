// SPDX-License-Identifier: Apache-2.0

#include "numeric/text.hpp"

#include <algorithm>

#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view without_spaces(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool matches(std::string_view text, std::string_view lower_word) {
  return std::equal(text.begin(), text.end(), lower_word.begin(), lower_word.end(),
                    [](char a, char b) {
                      return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
                    });
}

// The parts of "-12.34e5": what stands before and after the point, and the exponent.
struct NumberText {
  bool is_negative = false;
  std::string_view whole;
  std::string_view fraction;
  int64_t exponent = 0;
};

bool split_number(std::string_view text, NumberText* out) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    out->is_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  size_t i = 0;
  while (i < text.size() && is_digit(text[i])) ++i;
  out->whole = text.substr(0, i);
  text.remove_prefix(i);
  if (!text.empty() && text[0] == '.') {
    i = 1;
    while (i < text.size() && is_digit(text[i])) ++i;
    out->fraction = text.substr(1, i - 1);
    text.remove_prefix(i);
  }
  if (out->whole.empty() && out->fraction.empty()) return false;
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  bool is_exponent_negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    is_exponent_negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_digit(c)) return false;
    out->exponent = std::min<int64_t>(out->exponent * 10 + (c - '0'), 2'000'000'000);
  }
  if (is_exponent_negative) out->exponent = -out->exponent;
  return true;
}

std::optional<Decimal> special_value(std::string_view word) {
  bool is_negative = false;
  if (!word.empty() && (word[0] == '+' || word[0] == '-')) {
    is_negative = word[0] == '-';
    word.remove_prefix(1);
  } else if (matches(word, "nan")) {
    return Decimal::of_kind(Decimal::Kind::nan);
  }
  if (matches(word, "infinity") || matches(word, "inf")) {
    return Decimal::of_kind(is_negative ? Decimal::Kind::negative_infinity
                                        : Decimal::Kind::positive_infinity);
  }
  return std::nullopt;
}

// Up to 37 digits without exponent make a SmallDecimal.
std::optional<SmallDecimal> small_number(const NumberText& number) {
  if (number.exponent != 0 || number.whole.size() + number.fraction.size() > 37) {
    return std::nullopt;
  }
  Int128 value = 0;
  for (const char c : number.whole) value = value * 10 + (c - '0');
  for (const char c : number.fraction) value = value * 10 + (c - '0');
  return SmallDecimal{number.is_negative ? -value : value,
                      static_cast<uint32_t>(number.fraction.size())};
}

Result<Decimal> big_number(const NumberText& number) {
  const int64_t shown = static_cast<int64_t>(number.fraction.size()) - number.exponent;
  const int64_t digits = static_cast<int64_t>(number.whole.size()) + number.exponent;
  if (number.exponent > 1'000'000'000 || number.exponent < -1'000'000'000) {
    return numeric_overflow();
  }
  Decimal result;
  std::string text(number.whole);
  text.append(number.fraction);
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  if (!text.empty()) {
    if (digits > kNumericIntegerDigitsMax + 4 || shown > 3'000'000) return numeric_overflow();
    result.mantissa = BigInt(text);
  }
  if (shown >= 0) {
    result.scale = static_cast<uint32_t>(std::min<int64_t>(shown, 1'000'000));
  } else {
    result.mantissa *= big_power_of_ten(result.mantissa == 0 ? 0 : static_cast<uint32_t>(-shown));
  }
  if (result.integer_digits() > kNumericIntegerDigitsMax) return numeric_overflow();
  if (number.is_negative) result.mantissa = -result.mantissa;
  if (result.scale > static_cast<uint32_t>(kNumericScaleMax)) return numeric_overflow();
  return result;
}

}  // namespace

Result<Decimal> parse_numeric(std::string_view text) {
  const std::string_view word = without_spaces(text);
  NumberText number;
  if (!split_number(word, &number)) {
    if (std::optional<Decimal> special = special_value(word)) return *std::move(special);
    return bad_syntax("numeric", text);
  }
  if (const std::optional<SmallDecimal> small = small_number(number)) {
    return Decimal::of(small->value, small->scale);
  }
  return big_number(number);
}

Status emit_fitted(Call& call, uint32_t row, const mortise_type_t& type, const Decimal& value) {
  if (type.physical != MORTISE_PHYSICAL_NUMERIC) return emit_as(call, row, type, value);
  if (type.modifier < 0 || value.is_nan()) return emit_numeric(call, row, value);
  const NumericModifier m = numeric_modifier_of(type.modifier);
  if (value.is_infinite()) {
    return Status(Code::invalid, "22003", "numeric field overflow")
        .with(MORTISE_ERROR_FIELD_DETAIL, "A field with precision " + std::to_string(m.precision) +
                                              ", scale " + std::to_string(m.scale) +
                                              " cannot hold an infinite value.");
  }
  const Decimal rounded = round_at(value, m.scale);
  const int32_t digits = m.precision - m.scale;
  if (rounded.mantissa != 0 && rounded.integer_digits() > digits) {
    const std::string limit = digits == 0 ? "1" : "10^" + std::to_string(digits);
    return Status(Code::invalid, "22003", "numeric field overflow")
        .with(MORTISE_ERROR_FIELD_DETAIL, "A field with precision " + std::to_string(m.precision) +
                                              ", scale " + std::to_string(m.scale) +
                                              " must round to an absolute value less than " +
                                              limit + ".");
  }
  return emit_numeric(call, row, rounded);
}

Status store_numeric_text(Call& call, uint32_t row, const mortise_type_t& type,
                          std::string_view text) {
  NumberText number;
  const std::string_view word = without_spaces(text);
  if (split_number(word, &number)) {
    const std::optional<SmallDecimal> small = small_number(number);
    const bool is_plain = type.physical != MORTISE_PHYSICAL_NUMERIC || type.modifier < 0;
    if (small && is_plain) return emit_as(call, row, type, *small);
  }
  MORTISE_TRY_ASSIGN(const Decimal value, parse_numeric(text));
  return emit_fitted(call, row, type, value);
}

}  // namespace mortise::sql_functions
