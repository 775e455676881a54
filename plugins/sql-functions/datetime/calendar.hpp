// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which day is this number, and which number is this day?
//
// Dates are days and timestamps microseconds since 2000-01-01, Gregorian before its time too, as in
// PostgreSQL; year 0 is 1 BC.  The extreme values stand for the infinities.
//
// Threads: pure functions; [any].

#include <cstdint>
#include <limits>
#include <optional>

#include "datetime/interval_span.hpp"

namespace mortise::sql_functions {

inline constexpr int32_t kDateInfinity = std::numeric_limits<int32_t>::max();
inline constexpr int32_t kDateMinusInfinity = std::numeric_limits<int32_t>::min();
inline constexpr int64_t kTimestampInfinity = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kTimestampMinusInfinity = std::numeric_limits<int64_t>::min();

inline constexpr int32_t kJulianOfEpoch = 2451545;  // 2000-01-01
inline constexpr int32_t kUnixEpochDays = -10957;   // 1970-01-01
inline constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
inline constexpr int64_t kMicrosecondsPerMinute = 60 * kMicrosecondsPerSecond;
inline constexpr int64_t kMicrosecondsPerHour = 60 * kMicrosecondsPerMinute;

// First and first-too-late day and microsecond: 4713-11-24 BC to 5874897 and 294276.
inline constexpr int32_t kDateMin = -kJulianOfEpoch;
inline constexpr int32_t kDateEnd = 2147483494 - kJulianOfEpoch;
inline constexpr int64_t kTimestampMin = -211'813'488'000'000'000;
inline constexpr int64_t kTimestampEnd = 9'223'371'331'200'000'000;

struct CivilDate {
  int32_t year;  // 0 is 1 BC
  int32_t month;
  int32_t day;
};
struct CivilTime {
  CivilDate date;
  int32_t hour;
  int32_t minute;
  int32_t second;
  int32_t microsecond;
};

constexpr bool is_leap_year(int32_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
constexpr int32_t days_in_month(int32_t year, int32_t month) {
  constexpr int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[month - 1] + (month == 2 && is_leap_year(year) ? 1 : 0);
}

// Days since 2000-01-01 of any proleptic Gregorian day; month 1..12, any day number.
constexpr int32_t days_of(CivilDate d) {
  const int64_t y = static_cast<int64_t>(d.year) - (d.month <= 2 ? 1 : 0);
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return static_cast<int32_t>(era * 146097 + day_of_era - 730425);
}
constexpr CivilDate civil_of(int32_t days) {
  const int64_t z = static_cast<int64_t>(days) + 730425;
  const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t day_of_era = z - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * shifted + 2) / 5 + 1;
  const int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  return {static_cast<int32_t>(year_of_era + era * 400 + (month <= 2 ? 1 : 0)),
          static_cast<int32_t>(month), static_cast<int32_t>(day)};
}
static_assert(days_of({2000, 1, 1}) == 0);
static_assert(days_of({1970, 1, 1}) == kUnixEpochDays);
static_assert(days_of({-4712, 1, 1}) == -2451507);

constexpr bool is_finite_date(int32_t v) {
  return v != kDateInfinity && v != kDateMinusInfinity;
}
constexpr bool is_finite_timestamp(int64_t v) {
  return v != kTimestampInfinity && v != kTimestampMinusInfinity;
}
constexpr bool is_valid_date(int64_t days) {
  return days >= kDateMin && days < kDateEnd;
}
constexpr bool is_valid_timestamp(int64_t v) {
  return v >= kTimestampMin && v < kTimestampEnd;
}

// Day number, rounded down, and the time within the day.
constexpr int32_t day_of_timestamp(int64_t v) {
  int64_t days = v / kMicrosecondsPerDay;
  if (v % kMicrosecondsPerDay < 0) --days;
  return static_cast<int32_t>(days);
}
constexpr int64_t time_of_timestamp(int64_t v) {
  const int64_t rest = v % kMicrosecondsPerDay;
  return rest < 0 ? rest + kMicrosecondsPerDay : rest;
}
constexpr CivilTime civil_time_of(int64_t v) {
  const int64_t time = time_of_timestamp(v);
  return {civil_of(day_of_timestamp(v)), static_cast<int32_t>(time / kMicrosecondsPerHour),
          static_cast<int32_t>(time / kMicrosecondsPerMinute % 60),
          static_cast<int32_t>(time / kMicrosecondsPerSecond % 60),
          static_cast<int32_t>(time % kMicrosecondsPerSecond)};
}
constexpr int64_t time_of(int32_t hour, int32_t minute, int32_t second, int32_t microsecond) {
  return hour * kMicrosecondsPerHour + minute * kMicrosecondsPerMinute +
         second * kMicrosecondsPerSecond + microsecond;
}
// Nothing outside the range of timestamps.
constexpr std::optional<int64_t> timestamp_of(int64_t days, int64_t time) {
  if (days < kDateMin - 2 || days > 110'000'000) return std::nullopt;
  const Int128 exact = static_cast<Int128>(days) * kMicrosecondsPerDay + time;
  if (exact < kTimestampMin || exact >= kTimestampEnd) return std::nullopt;
  return static_cast<int64_t>(exact);
}

// 0 = Sunday.
constexpr int32_t weekday_of(int32_t days) {
  const int64_t shifted = (static_cast<int64_t>(days) + 6) % 7;
  return static_cast<int32_t>(shifted < 0 ? shifted + 7 : shifted);
}
// ISO 8601 week and the year it belongs to.
struct IsoWeek {
  int32_t year;
  int32_t week;
};
constexpr IsoWeek iso_week_of(int32_t days) {
  const int32_t weekday = (weekday_of(days) + 6) % 7;  // 0 = Monday
  const int32_t thursday = days - weekday + 3;
  const CivilDate civil = civil_of(thursday);
  return {civil.year, (thursday - days_of({civil.year, 1, 1})) / 7 + 1};
}
// Monday of an ISO week.
constexpr int32_t iso_week_start(int32_t year, int32_t week) {
  const int32_t fourth = days_of({year, 1, 4});
  return fourth - (weekday_of(fourth) + 6) % 7 + (week - 1) * 7;
}

// The same day so many months later, the last day of the month where there is none.
constexpr std::optional<int64_t> add_months(int32_t days, int64_t months) {
  const CivilDate d = civil_of(days);
  const int64_t total = static_cast<int64_t>(d.year) * 12 + d.month - 1 + months;
  const int64_t year = (total >= 0 ? total : total - 11) / 12;
  if (year < -4800 || year > 5'900'000) return std::nullopt;
  const auto month = static_cast<int32_t>(total - year * 12) + 1;
  const int32_t last = days_in_month(static_cast<int32_t>(year), month);
  return days_of({static_cast<int32_t>(year), month, d.day < last ? d.day : last});
}

}  // namespace mortise::sql_functions
