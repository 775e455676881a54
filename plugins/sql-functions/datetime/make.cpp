// SPDX-License-Identifier: Apache-2.0

// make_date and its relatives, timestamps from epoch seconds, and whether two spans overlap.

#include <cmath>

#include "datetime/arithmetic.hpp"
#include "datetime/calendar.hpp"
#include "datetime/lists.hpp"
#include "datetime/print.hpp"
#include "datetime/session_row.hpp"
#include "failures.hpp"
#include "instance.hpp"

namespace mortise::sql_functions {
namespace {

// "2013-07-15": as make_date names what it refuses, 1 BC being the year 0.
std::string date_text(int32_t year, int32_t month, int32_t day) {
  std::string out;
  append_padded(year < 0 ? int64_t{year} + 1 : year, 0, out);
  out.push_back('-');
  append_padded(month, 2, out);
  out.push_back('-');
  append_padded(day, 2, out);
  return out;
}

// Years below zero are BC; there is no year zero.
Result<int32_t> make_date(int32_t year, int32_t month, int32_t day) {
  const auto refuse = [&] {
    return Status(Code::invalid, "22008",
                  "date field value out of range: " + date_text(year, month, day));
  };
  if (year == 0) return refuse();
  const int64_t astronomical = year < 0 ? int64_t{year} + 1 : year;
  if (astronomical < -4800 || astronomical > 5874897 || month < 1 || month > 12 || day < 1) {
    return refuse();
  }
  const auto y = static_cast<int32_t>(astronomical);
  if (day > days_in_month(y, month)) return refuse();
  const int32_t days = days_of({y, month, day});
  if (!is_valid_date(days)) {
    return Status(Code::invalid, "22008", "date out of range: " + date_text(year, month, day));
  }
  return days;
}

std::string clock_text(int32_t hour, int32_t minute, double second) {
  std::string out;
  append_padded(hour, 0, out);
  out.push_back(':');
  append_padded(minute, 2, out);
  out.push_back(':');
  char digits[40];
  if (std::isnan(second)) return out + "NaN";
  out.append(digits, static_cast<size_t>(std::snprintf(digits, sizeof(digits), "%02g", second)));
  return out;
}
Result<int64_t> clock_of(int32_t hour, int32_t minute, double second) {
  const double us = std::rint(second * 1e6);
  const bool is_valid = hour >= 0 && hour <= 24 && minute >= 0 && minute < 60 && second >= 0 &&
                        second <= 60 && !std::isnan(second);
  if (!is_valid) {
    return Status(Code::invalid, "22008",
                  "time field value out of range: " + clock_text(hour, minute, second));
  }
  const int64_t time =
      hour * kMicrosecondsPerHour + minute * kMicrosecondsPerMinute + static_cast<int64_t>(us);
  if (time > kMicrosecondsPerDay) {
    return Status(Code::invalid, "22008",
                  "time field value out of range: " + clock_text(hour, minute, second));
  }
  return time;
}

Result<int64_t> make_timestamp(int32_t year, int32_t month, int32_t day, int32_t hour,
                               int32_t minute, double second) {
  MORTISE_TRY_ASSIGN(const int32_t days, make_date(year, month, day));
  MORTISE_TRY_ASSIGN(const int64_t time, clock_of(hour, minute, second));
  const std::optional<int64_t> result = timestamp_of(days, time);
  if (!result) {
    return Status(Code::invalid, "22008",
                  "timestamp out of range: " + date_text(year, month, day) + " " +
                      clock_text(hour, minute, second));
  }
  return *result;
}
Result<int64_t> make_timestamptz(const TimeSession& session, int32_t year, int32_t month,
                                 int32_t day, int32_t hour, int32_t minute, double second) {
  MORTISE_TRY_ASSIGN(const int64_t local, make_timestamp(year, month, day, hour, minute, second));
  return timestamptz_of_timestamp(session, local);
}
Result<int64_t> make_timestamptz_in(int32_t year, int32_t month, int32_t day, int32_t hour,
                                    int32_t minute, double second, std::string_view name) {
  MORTISE_TRY_ASSIGN(const int64_t local, make_timestamp(year, month, day, hour, minute, second));
  const Zone* zone = instance().zones.find(name);
  if (zone == nullptr) {
    return Status(Code::invalid, "22023", "time zone \"" + std::string(name) + "\" not recognized");
  }
  const std::optional<int64_t> moment = from_local(*zone, local);
  if (!moment) return timestamp_out_of_range();
  return *moment;
}

// Arguments from the right may be missing and count as zero.
Status make_interval(Call& call) {
  auto* out = call.data<Interval>();
  const uint32_t count = call.arguments().columns_count;
  return call.each([&](uint32_t row) -> Status {
    int64_t parts[6] = {0, 0, 0, 0, 0, 0};
    for (uint32_t i = 0; i < 6 && i < count; ++i) {
      parts[i] = Values<int32_t>(call.column(i))[row];
    }
    const double seconds = count > 6 ? Values<double>(call.column(6))[row] : 0;
    if (!std::isfinite(seconds)) return interval_out_of_range();
    const int64_t months = parts[0] * 12 + parts[1];
    const int64_t days = parts[2] * 7 + parts[3];
    const double us =
        std::rint(seconds * 1e6) +
        static_cast<double>(parts[4] * kMicrosecondsPerHour + parts[5] * kMicrosecondsPerMinute);
    if (months != static_cast<int32_t>(months) || days != static_cast<int32_t>(days) ||
        std::fabs(us) >= 9.2233720368547758e18) {
      return interval_out_of_range();
    }
    out[row] = {parts[4] * kMicrosecondsPerHour + parts[5] * kMicrosecondsPerMinute +
                    static_cast<int64_t>(std::rint(seconds * 1e6)),
                static_cast<int32_t>(days), static_cast<int32_t>(months)};
    return {};
  });
}

Result<int64_t> timestamptz_of_epoch(double seconds) {
  if (std::isnan(seconds)) {
    return Status(Code::invalid, "22008", "timestamp cannot be NaN");
  }
  if (std::isinf(seconds)) return seconds > 0 ? kTimestampInfinity : kTimestampMinusInfinity;
  char shown[40];
  std::snprintf(shown, sizeof(shown), "%g", seconds);
  const auto refuse = [&] {
    return Status(Code::invalid, "22008", "timestamp out of range: \"" + std::string(shown) + "\"");
  };
  if (seconds < -210866803200.0 || seconds >= 9224318016000.0) return refuse();
  const double us = std::rint((seconds + double{kUnixEpochDays} * 86400) * 1e6);
  const auto result = static_cast<int64_t>(us);
  if (!is_valid_timestamp(result)) return refuse();
  return result;
}

// SQL's OVERLAPS: half-open spans, in either order, a null end being open.
template <typename T>
std::optional<bool> overlaps(std::optional<T> a, std::optional<T> b, std::optional<T> c,
                             std::optional<T> d) {
  const auto normalise = [](std::optional<T>& start, std::optional<T>& end) {
    if (!start) {
      std::swap(start, end);
    } else if (end && *start > *end) {
      std::swap(start, end);
    }
    return start.has_value();
  };
  if (!normalise(a, b) || !normalise(c, d)) return std::nullopt;
  if (*a > *c) {
    if (!d) return std::nullopt;
    if (*a < *d) return true;
    if (!b) return std::nullopt;
    return false;
  }
  if (*a < *c) {
    if (!b) return std::nullopt;
    if (*c < *b) return true;
    if (!d) return std::nullopt;
    return false;
  }
  if (!b || !d) return std::nullopt;
  return true;
}
using Moment = std::optional<int64_t>;
using Span = std::optional<Interval>;
Result<std::optional<bool>> overlaps_spans(Moment a, Span b, Moment c, Span d) {
  const auto end_of = [](Moment start, const Span& span) -> Result<Moment> {
    if (!start || !span) return Moment();
    MORTISE_TRY_ASSIGN(const int64_t end, timestamp_plus(*start, *span));
    return Moment(end);
  };
  MORTISE_TRY_ASSIGN(const Moment b_end, end_of(a, b));
  MORTISE_TRY_ASSIGN(const Moment d_end, end_of(c, d));
  return overlaps<int64_t>(a, b_end, c, d_end);
}

constexpr mortise_function_t kTable[] = {
    scalar<"int4,int4,int4:date">(3846, "make_date", row<&make_date>),
    scalar<"int4,int4,float8:time">(3847, "make_time", row<&clock_of>),
    scalar<"int4,int4,int4,int4,int4,float8:timestamp">(3461, "make_timestamp",
                                                        row<&make_timestamp>),
    scalar<"int4,int4,int4,int4,int4,float8:timestamptz">(
        3462, "make_timestamptz", session_row<&make_timestamptz>,
        {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"int4,int4,int4,int4,int4,float8,text:timestamptz">(
        3463, "make_timestamptz", row<&make_timestamptz_in>,
        {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"int4,int4,int4,int4,int4,int4,float8:interval">(
        3464, "make_interval", &batch<&make_interval>, {.defaults_count = 7}),
    scalar<"float8:timestamptz">(1158, "to_timestamp", row<&timestamptz_of_epoch>),
    scalar<"timestamp,timestamp,timestamp,timestamp:bool">(
        2041, "overlaps", row<&overlaps<int64_t>>, {.is_strict = false}),
    scalar<"timestamptz,timestamptz,timestamptz,timestamptz:bool">(
        1304, "overlaps", row<&overlaps<int64_t>>, {.is_strict = false}),
    scalar<"time,time,time,time:bool">(1308, "overlaps", row<&overlaps<int64_t>>,
                                       {.is_strict = false}),
    scalar<"timestamp,interval,timestamp,interval:bool">(2042, "overlaps", row<&overlaps_spans>,
                                                         {.is_strict = false}),
};

}  // namespace

const FunctionList kMakeFunctions = kTable;

}  // namespace mortise::sql_functions
