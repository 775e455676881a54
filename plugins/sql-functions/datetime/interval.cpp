// SPDX-License-Identifier: Apache-2.0

// Functions of intervals: sums, products, normal forms.

#include <cmath>

#include "datetime/arithmetic.hpp"
#include "datetime/calendar.hpp"
#include "datetime/lists.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

Result<Interval> interval_minus(const Interval& a, const Interval& b) {
  Interval difference;
  if (__builtin_sub_overflow(a.microseconds, b.microseconds, &difference.microseconds) ||
      __builtin_sub_overflow(a.days, b.days, &difference.days) ||
      __builtin_sub_overflow(a.months, b.months, &difference.months)) {
    return interval_out_of_range();
  }
  return difference;
}

// Cuts the noise below a microsecond, as PostgreSQL's TSROUND.
double rounded_seconds(double seconds) {
  return std::rint(seconds * 1e6) / 1e6;
}

// Whole months and days stay; the fraction of a month goes to days (30 each), that of a day to
// time.
Result<Interval> scaled(const Interval& v, double factor, bool is_division) {
  const auto scale = [&](double part) { return is_division ? part / factor : part * factor; };
  const double months = scale(v.months);
  const double days = scale(v.days);
  if (std::isnan(months) || std::fabs(months) > INT32_MAX || std::isnan(days) ||
      std::fabs(days) > INT32_MAX) {
    return interval_out_of_range();
  }
  Interval result;
  result.months = static_cast<int32_t>(months);
  result.days = static_cast<int32_t>(days);
  const double month_rest = rounded_seconds((months - result.months) * 30);
  double day_rest = (days - result.days) + month_rest - static_cast<int32_t>(month_rest);
  double seconds = rounded_seconds(day_rest * 86400);
  if (std::fabs(seconds) >= 86400) {
    result.days += static_cast<int32_t>(seconds / 86400);
    seconds -= static_cast<int32_t>(seconds / 86400) * 86400;
  }
  result.days += static_cast<int32_t>(month_rest);
  const double exact = std::rint(scale(static_cast<double>(v.microseconds)) + seconds * 1e6);
  if (std::isnan(exact) || exact < -9223372036854775808.0 || exact >= 9223372036854775808.0) {
    return interval_out_of_range();
  }
  result.microseconds = static_cast<int64_t>(exact);
  return result;
}
Result<Interval> multiply(const Interval& v, double factor) {
  return scaled(v, factor, false);
}
Result<Interval> multiply_swapped(double factor, const Interval& v) {
  return scaled(v, factor, false);
}
Result<Interval> justify(const Interval& v) {
  Interval result = v;
  if ((result.days > 0 && result.microseconds > 0) ||
      (result.days < 0 && result.microseconds < 0)) {
    const auto days = static_cast<int32_t>(result.microseconds / kMicrosecondsPerDay);
    result.microseconds -= days * kMicrosecondsPerDay;
    if (__builtin_add_overflow(result.days, days, &result.days)) return interval_out_of_range();
  }
  MORTISE_TRY_ASSIGN(result, justify_hours(result));
  const int32_t months = result.days / 30;
  result.days -= months * 30;
  if (__builtin_add_overflow(result.months, months, &result.months)) {
    return interval_out_of_range();
  }
  if (result.months > 0 && (result.days < 0 || (result.days == 0 && result.microseconds < 0))) {
    result.days += 30;
    --result.months;
  } else if (result.months < 0 &&
             (result.days > 0 || (result.days == 0 && result.microseconds > 0))) {
    result.days -= 30;
    ++result.months;
  }
  if (result.days > 0 && result.microseconds < 0) {
    result.microseconds += kMicrosecondsPerDay;
    --result.days;
  } else if (result.days < 0 && result.microseconds > 0) {
    result.microseconds -= kMicrosecondsPerDay;
    ++result.days;
  }
  return result;
}

bool is_finite_interval(const Interval&) {
  return true;
}

constexpr mortise_function_t kTable[] = {
    scalar<"interval,interval:interval">(1169, "interval_pl", row<&interval_plus>,
                                         {.symbol = "+", .commutator = "+"}),
    scalar<"interval,interval:interval">(1170, "interval_mi", row<&interval_minus>,
                                         {.symbol = "-"}),
    scalar<"interval:interval">(1168, "interval_um", row<&negated>, {.symbol = "-"}),
    scalar<"interval,float8:interval">(1618, "interval_mul", row<&multiply>,
                                       {.symbol = "*", .commutator = "*"}),
    scalar<"float8,interval:interval">(1624, "mul_d_interval", row<&multiply_swapped>,
                                       {.symbol = "*", .commutator = "*"}),
    scalar<"interval,float8:interval">(1326, "interval_div", row<&interval_divide>,
                                       {.symbol = "/"}),
    scalar<"interval:interval">(1175, "justify_hours", row<&justify_hours>),
    scalar<"interval:interval">(1295, "justify_days", row<&justify_days>),
    scalar<"interval:interval">(2711, "justify_interval", row<&justify>),
    scalar<"interval:bool">(1390, "isfinite", row<&is_finite_interval>),
};

}  // namespace

Result<Interval> interval_divide(const Interval& v, double divisor) {
  if (divisor == 0) return division_by_zero();
  return scaled(v, divisor, true);
}

const FunctionList kIntervalFunctions = kTable;

}  // namespace mortise::sql_functions
