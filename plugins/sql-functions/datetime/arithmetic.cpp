// SPDX-License-Identifier: Apache-2.0

#include "datetime/arithmetic.hpp"

#include "datetime/calendar.hpp"
#include "datetime/lists.hpp"
#include "datetime/session_row.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

Result<int32_t> date_plus_days(int32_t days, int32_t more) {
  if (!is_finite_date(days)) return days;
  const int64_t sum = int64_t{days} + more;
  if (!is_valid_date(sum)) return date_out_of_range();
  return static_cast<int32_t>(sum);
}
Result<int32_t> days_plus_date(int32_t more, int32_t days) {
  return date_plus_days(days, more);
}
Result<int32_t> date_minus_days(int32_t days, int32_t fewer) {
  if (!is_finite_date(days)) return days;
  const int64_t difference = int64_t{days} - fewer;
  if (!is_valid_date(difference)) return date_out_of_range();
  return static_cast<int32_t>(difference);
}
Result<int32_t> date_difference(int32_t a, int32_t b) {
  if (!is_finite_date(a) || !is_finite_date(b)) {
    return Status(Code::invalid, "22008", "cannot subtract infinite dates");
  }
  return a - b;
}

Result<int64_t> date_plus_interval(int32_t days, const Interval& span) {
  MORTISE_TRY_ASSIGN(const int64_t timestamp, timestamp_of_date(days));
  return timestamp_plus(timestamp, span);
}
Result<int64_t> date_minus_interval(int32_t days, const Interval& span) {
  MORTISE_TRY_ASSIGN(const Interval back, negated(span));
  return date_plus_interval(days, back);
}
Result<int64_t> date_plus_time(int32_t days, int64_t time) {
  MORTISE_TRY_ASSIGN(const int64_t timestamp, timestamp_of_date(days));
  if (!is_finite_timestamp(timestamp)) return timestamp;
  if (!is_valid_timestamp(timestamp + time)) return timestamp_out_of_range();
  return timestamp + time;
}
Result<int64_t> time_plus_date(int64_t time, int32_t days) {
  return date_plus_time(days, time);
}

Result<int64_t> timestamp_minus(int64_t timestamp, const Interval& span) {
  MORTISE_TRY_ASSIGN(const Interval back, negated(span));
  return timestamp_plus(timestamp, back);
}
Result<int64_t> timestamptz_minus(const TimeSession& session, int64_t timestamp,
                                  const Interval& span) {
  MORTISE_TRY_ASSIGN(const Interval back, negated(span));
  return timestamptz_plus(session, timestamp, back);
}

int64_t wrapped_time(int64_t time) {
  const int64_t rest = time % kMicrosecondsPerDay;
  return rest < 0 ? rest + kMicrosecondsPerDay : rest;
}
int64_t time_plus(int64_t time, const Interval& span) {
  return wrapped_time(time + span.microseconds % kMicrosecondsPerDay);
}
int64_t time_minus(int64_t time, const Interval& span) {
  return wrapped_time(time - span.microseconds % kMicrosecondsPerDay);
}
Interval time_difference(int64_t a, int64_t b) {
  return {a - b, 0, 0};
}

Result<int64_t> interval_plus_date(const Interval& span, int32_t days) {
  return date_plus_interval(days, span);
}
Result<int64_t> interval_plus_timestamp(const Interval& span, int64_t timestamp) {
  return timestamp_plus(timestamp, span);
}
Result<int64_t> interval_plus_timestamptz(const TimeSession& session, const Interval& span,
                                          int64_t timestamp) {
  return timestamptz_plus(session, timestamp, span);
}
int64_t interval_plus_time(const Interval& span, int64_t time) {
  return time_plus(time, span);
}

Status cannot_subtract_infinite() {
  return {Code::invalid, "22008", "cannot subtract infinite timestamps"};
}

// Years, months and days between two local timestamps, by the calendar.
Interval calendar_age(int64_t a, int64_t b) {
  const bool is_negative = a < b;
  const CivilTime later = civil_time_of(is_negative ? b : a);
  const CivilTime earlier = civil_time_of(is_negative ? a : b);
  int64_t us = time_of(later.hour, later.minute, later.second, later.microsecond) -
               time_of(earlier.hour, earlier.minute, earlier.second, earlier.microsecond);
  int32_t days = later.date.day - earlier.date.day;
  int32_t months =
      (later.date.year - earlier.date.year) * 12 + later.date.month - earlier.date.month;
  if (us < 0) {
    us += kMicrosecondsPerDay;
    --days;
  }
  if (days < 0) {
    // Borrows the length of the month in which the earlier argument lies.
    days += days_in_month(earlier.date.year, earlier.date.month);
    --months;
  }
  if (is_negative) return {-us, -days, -months};
  return {us, days, months};
}
// PostgreSQL 15 takes infinity for the moment that its number names.
Result<Interval> age(int64_t a, int64_t b) {
  if (a == kTimestampMinusInfinity || b == kTimestampMinusInfinity) {
    return timestamp_out_of_range();
  }
  return calendar_age(a, b);
}
// The local time of a moment, and of infinity as a number.
Result<int64_t> local_number(const TimeSession& session, int64_t moment) {
  if (moment != kTimestampInfinity) return timestamp_of_timestamptz(session, moment);
  int64_t local;
  const int64_t east = session.at(moment).seconds_east * kMicrosecondsPerSecond;
  return __builtin_add_overflow(moment, east, &local) ? moment : local;
}
Result<Interval> age_in_zone(const TimeSession& session, int64_t a, int64_t b) {
  MORTISE_TRY_ASSIGN(const int64_t local_a, local_number(session, a));
  MORTISE_TRY_ASSIGN(const int64_t local_b, local_number(session, b));
  return age(local_a, local_b);
}
int64_t midnight_today(const TimeSession& session) {
  const int64_t local = session.to_local(session.now_us).value_or(session.now_us);
  return int64_t{day_of_timestamp(local)} * kMicrosecondsPerDay;
}
Result<Interval> age_until_today(const TimeSession& session, int64_t v) {
  return age(midnight_today(session), v);
}
Result<Interval> age_in_zone_until_today(const TimeSession& session, int64_t v) {
  MORTISE_TRY_ASSIGN(const int64_t local, timestamp_of_timestamptz(session, v));
  return age(midnight_today(session), local);
}

constexpr mortise_function_t kTable[] = {
    scalar<"date,int4:date">(1141, "date_pli", row<&date_plus_days>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"int4,date:date">(2550, "integer_pl_date", row<&days_plus_date>,
                             {.symbol = "+", .commutator = "+"}),
    scalar<"date,int4:date">(1142, "date_mii", row<&date_minus_days>, {.symbol = "-"}),
    scalar<"date,date:int4">(1140, "date_mi", row<&date_difference>, {.symbol = "-"}),
    scalar<"date,interval:timestamp">(2071, "date_pl_interval", row<&date_plus_interval>,
                                      {.symbol = "+", .commutator = "+"}),
    scalar<"date,interval:timestamp">(2072, "date_mi_interval", row<&date_minus_interval>,
                                      {.symbol = "-"}),
    scalar<"interval,date:timestamp">(2546, "interval_pl_date", row<&interval_plus_date>,
                                      {.symbol = "+", .commutator = "+"}),
    scalar<"date,time:timestamp">(1272, "datetime_pl", row<&date_plus_time>,
                                  {.symbol = "+", .commutator = "+"}),
    scalar<"time,date:timestamp">(1296, "timedate_pl", row<&time_plus_date>,
                                  {.symbol = "+", .commutator = "+"}),
    scalar<"timestamp,interval:timestamp">(2032, "timestamp_pl_interval", row<&timestamp_plus>,
                                           {.symbol = "+", .commutator = "+"}),
    scalar<"timestamp,interval:timestamp">(2033, "timestamp_mi_interval", row<&timestamp_minus>,
                                           {.symbol = "-"}),
    scalar<"interval,timestamp:timestamp">(2548, "interval_pl_timestamp",
                                           row<&interval_plus_timestamp>,
                                           {.symbol = "+", .commutator = "+"}),
    scalar<"timestamptz,interval:timestamptz">(
        1189, "timestamptz_pl_interval", session_row<&timestamptz_plus>,
        {.symbol = "+", .commutator = "+", .volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"timestamptz,interval:timestamptz">(
        1190, "timestamptz_mi_interval", session_row<&timestamptz_minus>,
        {.symbol = "-", .volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"interval,timestamptz:timestamptz">(
        2549, "interval_pl_timestamptz", session_row<&interval_plus_timestamptz>,
        {.symbol = "+", .commutator = "+", .volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"timestamp,timestamp:interval">(2031, "timestamp_mi", row<&timestamp_difference>,
                                           {.symbol = "-"}),
    scalar<"timestamptz,timestamptz:interval">(1188, "timestamptz_mi", row<&timestamp_difference>,
                                               {.symbol = "-"}),
    scalar<"time,interval:time">(1747, "time_pl_interval", row<&time_plus>,
                                 {.symbol = "+", .commutator = "+"}),
    scalar<"time,interval:time">(1748, "time_mi_interval", row<&time_minus>, {.symbol = "-"}),
    scalar<"interval,time:time">(1848, "interval_pl_time", row<&interval_plus_time>,
                                 {.symbol = "+", .commutator = "+"}),
    scalar<"time,time:interval">(1690, "time_mi_time", row<&time_difference>, {.symbol = "-"}),
    scalar<"timestamp,timestamp:interval">(2058, "age", row<&age>),
    scalar<"timestamptz,timestamptz:interval">(1199, "age", session_row<&age_in_zone>),
    scalar<"timestamp:interval">(2059, "age", session_row<&age_until_today>,
                                 {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"timestamptz:interval">(1386, "age", session_row<&age_in_zone_until_today>,
                                   {.volatility = MORTISE_VOLATILITY_STABLE}),
};

}  // namespace

Status timestamp_out_of_range() {
  return {Code::invalid, "22008", "timestamp out of range"};
}
Status date_out_of_range() {
  return {Code::invalid, "22008", "date out of range"};
}
Status interval_out_of_range() {
  return {Code::invalid, "22008", "interval out of range"};
}

Result<int64_t> timestamp_plus(int64_t timestamp, const Interval& span) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  int64_t result = timestamp;
  if (span.months != 0 || span.days != 0) {
    std::optional<int64_t> days = day_of_timestamp(timestamp);
    if (span.months != 0) days = add_months(static_cast<int32_t>(*days), span.months);
    if (!days) return timestamp_out_of_range();
    const std::optional<int64_t> moved =
        timestamp_of(*days + span.days, time_of_timestamp(timestamp));
    if (!moved) return timestamp_out_of_range();
    result = *moved;
  }
  if (__builtin_add_overflow(result, span.microseconds, &result) || !is_valid_timestamp(result)) {
    return timestamp_out_of_range();
  }
  return result;
}

Result<int64_t> timestamptz_plus(const TimeSession& session, int64_t timestamp,
                                 const Interval& span) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  int64_t moment = timestamp;
  if (span.months != 0 || span.days != 0) {
    const std::optional<int64_t> local = session.to_local(timestamp);
    if (!local) return timestamp_out_of_range();
    MORTISE_TRY_ASSIGN(const int64_t moved,
                       timestamp_plus(*local, Interval{0, span.days, span.months}));
    const std::optional<int64_t> back = session.from_local(moved);
    if (!back) return timestamp_out_of_range();
    moment = *back;
  }
  return timestamp_plus(moment, Interval{span.microseconds, 0, 0});
}

Result<Interval> justify_hours(const Interval& v) {
  Interval result = v;
  const auto days = static_cast<int32_t>(v.microseconds / kMicrosecondsPerDay);
  result.microseconds -= days * kMicrosecondsPerDay;
  if (__builtin_add_overflow(result.days, days, &result.days)) return interval_out_of_range();
  if (result.days > 0 && result.microseconds < 0) {
    result.microseconds += kMicrosecondsPerDay;
    --result.days;
  } else if (result.days < 0 && result.microseconds > 0) {
    result.microseconds -= kMicrosecondsPerDay;
    ++result.days;
  }
  return result;
}

Result<Interval> justify_days(const Interval& v) {
  Interval result = v;
  const int32_t months = v.days / 30;
  result.days -= months * 30;
  if (__builtin_add_overflow(result.months, months, &result.months)) {
    return interval_out_of_range();
  }
  if (result.months > 0 && result.days < 0) {
    result.days += 30;
    --result.months;
  } else if (result.months < 0 && result.days > 0) {
    result.days -= 30;
    ++result.months;
  }
  return result;
}

Result<Interval> timestamp_difference(int64_t a, int64_t b) {
  if (!is_finite_timestamp(a) || !is_finite_timestamp(b)) return cannot_subtract_infinite();
  return justify_hours(Interval{a - b, 0, 0});
}

Result<Interval> negated(const Interval& v) {
  if (v.microseconds == INT64_MIN || v.days == INT32_MIN || v.months == INT32_MIN) {
    return interval_out_of_range();
  }
  return Interval{-v.microseconds, -v.days, -v.months};
}

Result<Interval> interval_plus(const Interval& a, const Interval& b) {
  Interval sum;
  if (__builtin_add_overflow(a.microseconds, b.microseconds, &sum.microseconds) ||
      __builtin_add_overflow(a.days, b.days, &sum.days) ||
      __builtin_add_overflow(a.months, b.months, &sum.months)) {
    return interval_out_of_range();
  }
  return sum;
}

Result<int64_t> timestamp_of_date(int32_t days) {
  if (days == kDateInfinity) return kTimestampInfinity;
  if (days == kDateMinusInfinity) return kTimestampMinusInfinity;
  const std::optional<int64_t> result = timestamp_of(days, 0);
  if (!result) return Status(Code::invalid, "22008", "date out of range for timestamp");
  return *result;
}

Result<int64_t> timestamptz_of_date(const TimeSession& session, int32_t days) {
  MORTISE_TRY_ASSIGN(const int64_t local, timestamp_of_date(days));
  return timestamptz_of_timestamp(session, local);
}

Result<int64_t> timestamptz_of_timestamp(const TimeSession& session, int64_t timestamp) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  const std::optional<int64_t> moment = session.from_local(timestamp);
  if (!moment) return timestamp_out_of_range();
  return *moment;
}

Result<int64_t> timestamp_of_timestamptz(const TimeSession& session, int64_t timestamp) {
  if (!is_finite_timestamp(timestamp)) return timestamp;
  const std::optional<int64_t> local = session.to_local(timestamp);
  if (!local) return timestamp_out_of_range();
  return *local;
}

int32_t date_of_timestamp(int64_t timestamp) {
  if (timestamp == kTimestampInfinity) return kDateInfinity;
  if (timestamp == kTimestampMinusInfinity) return kDateMinusInfinity;
  return day_of_timestamp(timestamp);
}

Result<int32_t> date_of_timestamptz(const TimeSession& session, int64_t timestamp) {
  MORTISE_TRY_ASSIGN(const int64_t local, timestamp_of_timestamptz(session, timestamp));
  return date_of_timestamp(local);
}

const FunctionList kDateArithmetic = kTable;

}  // namespace mortise::sql_functions
