// SPDX-License-Identifier: Apache-2.0

// Casts between bool, integers, floats and object ids.
//
// Floats round half to even on their way to integers, as the machine does and PostgreSQL with it.

#include <cmath>
#include <limits>

#include "casts/lists.hpp"
#include "evaluate.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

template <typename T>
constexpr const char* kName = sizeof(T) == 2 ? "smallint" : (sizeof(T) == 4 ? "integer" : "bigint");

template <typename From, typename To>
To widen(From v) {
  return static_cast<To>(v);
}
template <typename From, typename To>
Result<To> narrow(From v) {
  if (v < std::numeric_limits<To>::min() || v > std::numeric_limits<To>::max()) {
    return out_of_range(kName<To>);
  }
  return static_cast<To>(v);
}
template <typename From, typename To>
Result<To> round_to(From v) {
  const From rounded = std::rint(v);
  constexpr From kLow = static_cast<From>(std::numeric_limits<To>::min());
  if (std::isnan(v) || rounded < kLow || rounded >= -kLow) return out_of_range(kName<To>);
  return static_cast<To>(rounded);
}
Result<float> double_to_float(double v) {
  const auto result = static_cast<float>(v);
  if (std::isinf(result) && !std::isinf(v)) return float_overflow();
  if (result == 0 && v != 0) return float_underflow();
  return result;
}

bool int_to_bool(int32_t v) {
  return v != 0;
}
int32_t bool_to_int(bool v) {
  return v ? 1 : 0;
}

// int4 keeps its bits on the way to an oid, which has no sign.
int64_t int_to_oid(int32_t v) {
  return static_cast<uint32_t>(v);
}
int64_t small_to_oid(int16_t v) {
  return static_cast<uint32_t>(static_cast<int32_t>(v));
}
Result<int64_t> big_to_oid(int64_t v) {
  if (v < 0 || v > std::numeric_limits<uint32_t>::max()) {
    return Status(Code::invalid, "22003", "OID out of range");
  }
  return v;
}
int32_t oid_to_int(int64_t v) {
  return static_cast<int32_t>(static_cast<uint32_t>(v));
}
int64_t same(int64_t v) {
  return v;
}

constexpr mortise_cast_t kTable[] = {
    cast<"int2:int4">(MORTISE_CAST_IMPLICIT, row<&widen<int16_t, int32_t>>),
    cast<"int2:int8">(MORTISE_CAST_IMPLICIT, row<&widen<int16_t, int64_t>>),
    cast<"int4:int8">(MORTISE_CAST_IMPLICIT, row<&widen<int32_t, int64_t>>),
    cast<"int4:int2">(MORTISE_CAST_ASSIGNMENT, row<&narrow<int32_t, int16_t>>),
    cast<"int8:int2">(MORTISE_CAST_ASSIGNMENT, row<&narrow<int64_t, int16_t>>),
    cast<"int8:int4">(MORTISE_CAST_ASSIGNMENT, row<&narrow<int64_t, int32_t>>),
    cast<"int2:float4">(MORTISE_CAST_IMPLICIT, row<&widen<int16_t, float>>),
    cast<"int2:float8">(MORTISE_CAST_IMPLICIT, row<&widen<int16_t, double>>),
    cast<"int4:float4">(MORTISE_CAST_IMPLICIT, row<&widen<int32_t, float>>),
    cast<"int4:float8">(MORTISE_CAST_IMPLICIT, row<&widen<int32_t, double>>),
    cast<"int8:float4">(MORTISE_CAST_IMPLICIT, row<&widen<int64_t, float>>),
    cast<"int8:float8">(MORTISE_CAST_IMPLICIT, row<&widen<int64_t, double>>),
    cast<"float4:float8">(MORTISE_CAST_IMPLICIT, row<&widen<float, double>>),
    cast<"float8:float4">(MORTISE_CAST_ASSIGNMENT, row<&double_to_float>),
    cast<"float4:int2">(MORTISE_CAST_ASSIGNMENT, row<&round_to<float, int16_t>>),
    cast<"float4:int4">(MORTISE_CAST_ASSIGNMENT, row<&round_to<float, int32_t>>),
    cast<"float4:int8">(MORTISE_CAST_ASSIGNMENT, row<&round_to<float, int64_t>>),
    cast<"float8:int2">(MORTISE_CAST_ASSIGNMENT, row<&round_to<double, int16_t>>),
    cast<"float8:int4">(MORTISE_CAST_ASSIGNMENT, row<&round_to<double, int32_t>>),
    cast<"float8:int8">(MORTISE_CAST_ASSIGNMENT, row<&round_to<double, int64_t>>),
    cast<"int4:bool">(MORTISE_CAST_EXPLICIT, row<&int_to_bool>),
    cast<"bool:int4">(MORTISE_CAST_EXPLICIT, row<&bool_to_int>),
    cast<"int2:oid">(MORTISE_CAST_IMPLICIT, row<&small_to_oid>),
    cast<"int4:oid">(MORTISE_CAST_IMPLICIT, row<&int_to_oid>),
    cast<"int8:oid">(MORTISE_CAST_IMPLICIT, row<&big_to_oid>),
    cast<"oid:int4">(MORTISE_CAST_ASSIGNMENT, row<&oid_to_int>),
    cast<"oid:int8">(MORTISE_CAST_ASSIGNMENT, row<&same>),
    relabel<"oid:regclass">(MORTISE_CAST_IMPLICIT),
    relabel<"oid:regtype">(MORTISE_CAST_IMPLICIT),
    relabel<"oid:regproc">(MORTISE_CAST_IMPLICIT),
    relabel<"regclass:oid">(MORTISE_CAST_IMPLICIT),
    relabel<"regtype:oid">(MORTISE_CAST_IMPLICIT),
    relabel<"regproc:oid">(MORTISE_CAST_IMPLICIT),
    cast<"int2:regclass">(MORTISE_CAST_IMPLICIT, row<&small_to_oid>),
    cast<"int4:regclass">(MORTISE_CAST_IMPLICIT, row<&int_to_oid>),
    cast<"int8:regclass">(MORTISE_CAST_IMPLICIT, row<&big_to_oid>),
    cast<"regclass:int4">(MORTISE_CAST_ASSIGNMENT, row<&oid_to_int>),
    cast<"regclass:int8">(MORTISE_CAST_ASSIGNMENT, row<&same>),
    cast<"int2:regtype">(MORTISE_CAST_IMPLICIT, row<&small_to_oid>),
    cast<"int4:regtype">(MORTISE_CAST_IMPLICIT, row<&int_to_oid>),
    cast<"int8:regtype">(MORTISE_CAST_IMPLICIT, row<&big_to_oid>),
    cast<"regtype:int4">(MORTISE_CAST_ASSIGNMENT, row<&oid_to_int>),
    cast<"regtype:int8">(MORTISE_CAST_ASSIGNMENT, row<&same>),
    cast<"int2:regproc">(MORTISE_CAST_IMPLICIT, row<&small_to_oid>),
    cast<"int4:regproc">(MORTISE_CAST_IMPLICIT, row<&int_to_oid>),
    cast<"int8:regproc">(MORTISE_CAST_IMPLICIT, row<&big_to_oid>),
    cast<"regproc:int4">(MORTISE_CAST_ASSIGNMENT, row<&oid_to_int>),
    cast<"regproc:int8">(MORTISE_CAST_ASSIGNMENT, row<&same>),
};

}  // namespace

const CastList kNumberCasts = kTable;

}  // namespace mortise::sql_functions
