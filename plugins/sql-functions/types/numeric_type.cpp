// SPDX-License-Identifier: Apache-2.0

// The text, binary and physical forms of numeric.
//
// numeric(p,s) is an integer with a scale up to 38 digits; without a modifier, with more digits or
// with a scale that is negative or beyond the precision it is NUMERIC bytes.

#include "mortise/cpp/numeric.hpp"

#include "numeric/text.hpp"
#include "numeric/value_column.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

constexpr int32_t kPrecisionMax = 1000;
constexpr int32_t kScaleMax = 1000;

mortise_status_t MORTISE_CALL resolve(int32_t modifier, mortise_type_t* type, mortise_error_t*) {
  *type = numeric_type_of(modifier);
  return MORTISE_OK;
}

mortise_status_t MORTISE_CALL modifier_in(const int64_t* values, uint32_t count, int32_t* modifier,
                                          mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (count == 0 || count > 2) return invalid("invalid NUMERIC type modifier");
    if (values[0] < 1 || values[0] > kPrecisionMax) {
      return invalid("NUMERIC precision " + std::to_string(values[0]) +
                     " must be between 1 and 1000");
    }
    const int64_t scale = count == 2 ? values[1] : 0;
    if (scale < -kScaleMax || scale > kScaleMax) {
      return invalid("NUMERIC scale " + std::to_string(scale) + " must be between -1000 and 1000");
    }
    *modifier = static_cast<int32_t>((values[0] << 16 | (scale & 0x7FF)) + 4);
    return {};
  });
}

uint32_t MORTISE_CALL modifier_out(int32_t modifier, char* buffer, uint32_t capacity_bytes) {
  if (modifier < 0) return 0;
  const NumericModifier parts = numeric_modifier_of(modifier);
  const std::string text =
      "(" + std::to_string(parts.precision) + "," + std::to_string(parts.scale) + ")";
  std::memcpy(buffer, text.data(), std::min<size_t>(capacity_bytes, text.size()));
  return static_cast<uint32_t>(text.size());
}

Status text_in(Call& call) {
  const Strings in(call.column(0));
  const mortise_type_t& type = *call.state<mortise_type_t>();
  return call.each([&](uint32_t row) -> Status {
    if (!in.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    return store_numeric_text(call, row, type, in[row]);
  });
}

Status text_out(Call& call) {
  const NumericColumn in(call, 0);
  std::string text;
  return call.each([&](uint32_t row) -> Status {
    if (!in.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    text.clear();
    if (in.is_bytes()) {
      append_numeric_text(in.bytes(row), text);
    } else if (const std::optional<SmallDecimal> value = in.small(row)) {
      append_decimal_text(value->value, value->scale, text);
    } else {
      text = "NaN";
    }
    return call.set_copy(row, text);
  });
}

// ndigits, weight, sign, dscale, digits: 16 bits each.
constexpr uint16_t kSignNegative = 0x4000;
constexpr uint16_t kSignNan = 0xC000;
constexpr uint16_t kSignPositiveInfinity = 0xD000;
constexpr uint16_t kSignNegativeInfinity = 0xF000;

Status receive(Call& call, uint32_t row, const mortise_type_t& type, std::string_view bytes) {
  if (bytes.size() < 8) {
    return {Code::invalid, "08P01", "insufficient data left in message"};
  }
  const auto count = read_big_endian<uint16_t>(bytes.data());
  const auto weight = read_big_endian<int16_t>(bytes.data() + 2);
  const auto sign = read_big_endian<uint16_t>(bytes.data() + 4);
  const auto scale = read_big_endian<uint16_t>(bytes.data() + 6);
  if (sign == kSignNan) return emit_fitted(call, row, type, Decimal::of_kind(Decimal::Kind::nan));
  if (sign == kSignPositiveInfinity || sign == kSignNegativeInfinity) {
    return emit_fitted(
        call, row, type,
        Decimal::of_kind(sign == kSignPositiveInfinity ? Decimal::Kind::positive_infinity
                                                       : Decimal::Kind::negative_infinity));
  }
  if (sign != 0 && sign != kSignNegative) {
    return {Code::invalid, "22P03", "invalid sign in external \"numeric\" value"};
  }
  if (scale > kNumericScaleMax) {
    return {Code::invalid, "22P03", "invalid scale in external \"numeric\" value"};
  }
  if (bytes.size() != 8 + size_t{2} * count) return bad_binary("bind parameter");
  std::vector<uint16_t> digits(count);
  for (size_t i = 0; i < count; ++i) {
    digits[i] = read_big_endian<uint16_t>(bytes.data() + 8 + 2 * i);
    if (digits[i] > 9999) {
      return {Code::invalid, "22P03", "invalid digit in external \"numeric\" value"};
    }
  }
  std::string encoded(numeric_size_bytes_max(count), '\0');
  encoded.resize(
      write_numeric<uint16_t>(sign == kSignNegative, weight, digits, scale, encoded.data()));
  // Digits past the scale are cut, as numeric_recv does.
  return emit_fitted(call, row, type, cut_at(Decimal::read(encoded), scale));
}

Status binary_in(Call& call) {
  const Strings in(call.column(0));
  const mortise_type_t& type = *call.state<mortise_type_t>();
  return call.each([&](uint32_t row) -> Status {
    if (!in.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    return receive(call, row, type, in[row]);
  });
}

std::string send(std::string_view bytes) {
  const NumericParts parts = read_numeric(bytes).value_or(NumericParts{});
  uint16_t sign = 0;
  if (parts.number_class == NumericClass::negative) sign = kSignNegative;
  if (parts.number_class == NumericClass::nan) sign = kSignNan;
  if (parts.number_class == NumericClass::positive_infinity) sign = kSignPositiveInfinity;
  if (parts.number_class == NumericClass::negative_infinity) sign = kSignNegativeInfinity;
  std::string out;
  append_big_endian(static_cast<uint16_t>(parts.digits_count), out);
  append_big_endian(static_cast<int16_t>(parts.digits_count == 0 ? 0 : parts.weight), out);
  append_big_endian(sign, out);
  append_big_endian(parts.scale, out);
  for (uint32_t i = 0; i < parts.digits_count; ++i) {
    append_big_endian(static_cast<uint16_t>(parts.digit(i)), out);
  }
  return out;
}

Status binary_out(Call& call) {
  const NumericColumn in(call, 0);
  return call.each([&](uint32_t row) -> Status {
    if (!in.is_valid(row)) {
      call.set_null(row);
      return {};
    }
    char buffer[kNumericOfInt128SizeBytesMax];
    return call.set_copy(row, send(in.bytes_of(row, buffer)));
  });
}

constexpr mortise_type_info_t kTable[] = {
    with_modifier(describe_type({MORTISE_SQL_NUMERIC, 1231, "numeric", "numeric", -1, 'N', false},
                                &resolve, &convert_batch<&text_in>, &convert_batch<&text_out>,
                                &convert_batch<&binary_in>, &convert_batch<&binary_out>),
                  &modifier_in, &modifier_out),
};

constexpr auto kAll = with_array_types<kTable>();

}  // namespace

const TypeList kNumericTypes = kAll;

}  // namespace mortise::sql_functions
