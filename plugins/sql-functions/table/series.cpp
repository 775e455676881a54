// SPDX-License-Identifier: Apache-2.0

// generate_series over integers, numerics and timestamps.
//
// A step of zero fails; a null argument gives no rows; the end is included.

#include "datetime/arithmetic.hpp"
#include "datetime/calendar.hpp"
#include "numeric/value_column.hpp"
#include "table/cursor.hpp"
#include "table/lists.hpp"

namespace mortise::sql_functions {
namespace {

Status zero_step() {
  return {Code::invalid, "22023", "step size cannot equal zero"};
}
bool has_null(const Call& call) {
  for (uint32_t i = 0; i < call.arguments().columns_count; ++i) {
    if (!Values<int64_t>(call.column(i)).is_valid(0)) return true;
  }
  return false;
}

template <typename T, uint32_t kSqlType, uint16_t kPhysical>
struct IntegerSeries {
  Int128 next = 0;
  Int128 end = -1;
  Int128 step = 1;

  static Result<IntegerSeries> open(Call& call) {
    IntegerSeries series;
    if (has_null(call)) return series;
    series.next = Values<T>(call.column(0))[0];
    series.end = Values<T>(call.column(1))[0];
    if (call.arguments().columns_count > 2) series.step = Values<T>(call.column(2))[0];
    if (series.step == 0) return zero_step();
    return series;
  }
  Result<uint32_t> fill(Call& out, uint32_t rows_max) {
    auto* data = out.data<T>();
    uint32_t count = 0;
    while (count < rows_max && (step > 0 ? next <= end : next >= end)) {
      data[count++] = static_cast<T>(next);
      next += step;
    }
    return count;
  }
  mortise_type_t type() const { return {kSqlType, -1, kPhysical, 0, 0, 0}; }
};
using Series4 = IntegerSeries<int32_t, MORTISE_SQL_INT4, MORTISE_PHYSICAL_INT32>;
using Series8 = IntegerSeries<int64_t, MORTISE_SQL_INT8, MORTISE_PHYSICAL_INT64>;

struct NumericSeries {
  Decimal next;
  Decimal end;
  Decimal step = Decimal::of(1);
  bool is_empty = false;

  static Result<NumericSeries> open(Call& call) {
    NumericSeries series;
    series.is_empty = has_null(call);
    if (series.is_empty) return series;
    series.next = NumericColumn(call, 0).big(0);
    series.end = NumericColumn(call, 1).big(0);
    if (call.arguments().columns_count > 2) series.step = NumericColumn(call, 2).big(0);
    const auto refuse = [](const Decimal& v, const char* what) -> Status {
      if (v.is_finite()) return {};
      return {Code::invalid, "22023",
              std::string(what) + (v.is_nan() ? " cannot be NaN" : " cannot be infinity")};
    };
    MORTISE_TRY(refuse(series.next, "start value"));
    MORTISE_TRY(refuse(series.end, "stop value"));
    MORTISE_TRY(refuse(series.step, "step size"));
    if (series.step.sign() == 0) return zero_step();
    return series;
  }
  Result<uint32_t> fill(Call& out, uint32_t rows_max) {
    uint32_t count = 0;
    while (!is_empty && count < rows_max) {
      const int order = compare(next, end);
      if (step.sign() > 0 ? order > 0 : order < 0) break;
      MORTISE_TRY(emit_numeric(out, count++, next));
      next = add(next, step);
    }
    return count;
  }
  mortise_type_t type() const {
    return {MORTISE_SQL_NUMERIC, -1, MORTISE_PHYSICAL_NUMERIC, 0, 0, 0};
  }
};

template <bool kInZone>
struct TimestampSeries {
  int64_t next = 1;
  int64_t end = 0;
  Interval step{0, 1, 0};
  bool is_forward = true;

  static Result<TimestampSeries> open(Call& call) {
    TimestampSeries series;
    if (has_null(call)) return series;
    series.next = Values<int64_t>(call.column(0))[0];
    series.end = Values<int64_t>(call.column(1))[0];
    series.step = Values<Interval>(call.column(2))[0];
    const Int128 span = interval_span(series.step);
    if (span == 0) return zero_step();
    series.is_forward = span > 0;
    return series;
  }
  Result<uint32_t> fill(Call& out, uint32_t rows_max) {
    const TimeSession session(out.session());
    auto* data = out.data<int64_t>();
    uint32_t count = 0;
    while (count < rows_max && (is_forward ? next <= end : next >= end)) {
      data[count++] = next;
      if constexpr (kInZone) {
        MORTISE_TRY_ASSIGN(next, timestamptz_plus(session, next, step));
      } else {
        MORTISE_TRY_ASSIGN(next, timestamp_plus(next, step));
      }
    }
    return count;
  }
  mortise_type_t type() const {
    return {kInZone ? MORTISE_SQL_TIMESTAMPTZ : MORTISE_SQL_TIMESTAMP,
            -1,
            MORTISE_PHYSICAL_INT64,
            0,
            0,
            0};
  }
};

constexpr const auto* kSeries4 = set_of<Series4, "generate_series", MORTISE_SQL_INT4>;
constexpr const auto* kSeries8 = set_of<Series8, "generate_series", MORTISE_SQL_INT8>;
constexpr const auto* kSeriesNumeric =
    set_of<NumericSeries, "generate_series", MORTISE_SQL_NUMERIC>;
constexpr const auto* kSeriesTimestamp =
    set_of<TimestampSeries<false>, "generate_series", MORTISE_SQL_TIMESTAMP>;
constexpr const auto* kSeriesTimestamptz =
    set_of<TimestampSeries<true>, "generate_series", MORTISE_SQL_TIMESTAMPTZ>;

constexpr mortise_function_t kEntries[] = {
    table<"int4,int4:int4">(1067, "generate_series", kSeries4),
    table<"int4,int4,int4:int4">(1066, "generate_series", kSeries4),
    table<"int8,int8:int8">(1069, "generate_series", kSeries8),
    table<"int8,int8,int8:int8">(1068, "generate_series", kSeries8),
    table<"numeric,numeric:numeric">(3260, "generate_series", kSeriesNumeric),
    table<"numeric,numeric,numeric:numeric">(3259, "generate_series", kSeriesNumeric),
    table<"timestamp,timestamp,interval:timestamp">(938, "generate_series", kSeriesTimestamp),
    table<"timestamptz,timestamptz,interval:timestamptz">(
        939, "generate_series", kSeriesTimestamptz, {.volatility = MORTISE_VOLATILITY_STABLE}),
};

}  // namespace

const FunctionList kSeriesFunctions = kEntries;

}  // namespace mortise::sql_functions
