// SPDX-License-Identifier: Apache-2.0

// Functions about values of any type: how many are null, random identifiers, sizes for people.

#include "evaluate.hpp"
#include "instance.hpp"
#include "numeric/value_column.hpp"
#include "session/lists.hpp"

namespace mortise::sql_functions {
namespace {

template <bool kWantsNull>
Status count_nulls(Call& call) {
  auto* out = call.data<int32_t>();
  return call.each([&](uint32_t row) {
    int32_t count = 0;
    for (uint32_t i = 0; i < call.arguments().columns_count; ++i) {
      const mortise_column_t& column = call.column(i);
      const bool is_valid =
          column.validity == nullptr || get_bit(column.validity, is_constant(column) ? 0 : row);
      count += is_valid != kWantsNull ? 1 : 0;
    }
    out[row] = count;
  });
}

// The type's oid travels in the state's pointer.
mortise_status_t MORTISE_CALL bind_type(const mortise_bind_argument_t* arguments, uint32_t,
                                        mortise_type_t*, void** state, mortise_error_t*) {
  *state = reinterpret_cast<void*>(uint64_t{arguments[0].type.sql_type});
  return MORTISE_OK;
}
Status type_of_value(Call& call) {
  const auto type = static_cast<int64_t>(reinterpret_cast<uint64_t>(call.state()));
  return call.each([&](uint32_t row) { call.data<int64_t>()[row] = type; });
}

Result<Uuid> random_uuid() {
  if (instance().sync == nullptr) return unsupported("no random numbers without a host");
  Uuid value{};
  instance().sync->random(value.bytes, sizeof(value.bytes));
  value.bytes[6] = static_cast<uint8_t>((value.bytes[6] & 0x0F) | 0x40);
  value.bytes[8] = static_cast<uint8_t>((value.bytes[8] & 0x3F) | 0x80);
  return value;
}

// Halves of the next unit are rounded up, away from zero.
std::string pretty_size(Int128 size) {
  constexpr const char* kUnits[] = {"bytes", "kB", "MB", "GB", "TB", "PB"};
  constexpr Int128 kLimits[] = {10240, 20479, 20479, 20479, 20479};
  size_t unit = 0;
  const auto magnitude = [&] { return size < 0 ? -size : size; };
  // From kB on the value is kept doubled, so that the half decides.
  while (unit < 5 && magnitude() >= kLimits[unit]) {
    size /= unit == 0 ? 512 : 1024;
    ++unit;
  }
  if (unit > 0) size = (size + (size < 0 ? -1 : 1)) / 2;
  std::string out;
  append_decimal_text(size, 0, out);
  out.push_back(' ');
  out.append(kUnits[unit]);
  return out;
}
std::string pretty_integer_size(int64_t size) {
  return pretty_size(size);
}

constexpr mortise_function_t kTable[] = {
    scalar<"any:int4">(438, "num_nulls", &batch<&count_nulls<true>>,
                       {.is_strict = false, .cannot_fail = true, .variadic_type = MORTISE_SQL_ANY}),
    scalar<"any:int4">(440, "num_nonnulls", &batch<&count_nulls<false>>,
                       {.is_strict = false, .cannot_fail = true, .variadic_type = MORTISE_SQL_ANY}),
    scalar<"any:regtype">(1619, "pg_typeof", &batch<&type_of_value>,
                          {.volatility = MORTISE_VOLATILITY_STABLE,
                           .is_strict = false,
                           .cannot_fail = true,
                           .bind = &bind_type}),
    scalar<":uuid">(3432, "gen_random_uuid", row<&random_uuid>,
                    {.volatility = MORTISE_VOLATILITY_VOLATILE}),
    scalar<"int8:text">(2288, "pg_size_pretty", row<&pretty_integer_size>, {.cannot_fail = true}),
};

}  // namespace

const FunctionList kValueFunctions = kTable;

}  // namespace mortise::sql_functions
