// SPDX-License-Identifier: Apache-2.0
#include "datetime/template_fields.hpp"

#include <algorithm>

namespace mortise::sql_functions {
namespace {

constexpr int32_t kNoDay = kDateMinusInfinity + 1;
constexpr int32_t kYearEnd = 5'900'000;
constexpr int32_t kZoneHoursMax = 15;

// The first day of a week that is counted from the first day of a year or a month.
int32_t first_day_of_week(int32_t week) {
  return (std::clamp(week, -100'000, 100'000) - 1) * 7 + 1;
}

Status out_of_range(const char* what, const char* sqlstate, std::string_view text) {
  std::string message(what);
  message.append(" out of range: \"").append(text).append("\"");
  return {Code::invalid, sqlstate, std::move(message)};
}
Status field_out_of_range(std::string_view text) {
  return out_of_range("date/time field value", "22008", text);
}

Result<int64_t> compose_time(const TemplateFields& f, std::string_view whole) {
  int32_t hour = f.hour != 0 ? f.hour : f.day_second / 3600;
  const int32_t minute = f.minute != 0 ? f.minute : f.day_second / 60 % 60;
  const int32_t second = f.second != 0 ? f.second : f.day_second % 60;
  if (f.uses_half_day) {
    if (hour < 1 || hour > 12) {
      return Status(Code::invalid, "22007",
                    "hour \"" + std::to_string(hour) + "\" is invalid for the 12-hour clock")
          .with(MORTISE_ERROR_FIELD_HINT,
                "Use the 24-hour clock, or give an hour between 1 and 12.");
    }
    if (f.half != 0 && hour < 12) {
      hour += 12;
    } else if (f.half == 0 && hour == 12) {
      hour = 0;
    }
  }
  const int64_t fraction = int64_t{f.millisecond} * 1000 + f.microsecond;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
      fraction < 0 || fraction >= kMicrosecondsPerSecond) {
    return field_out_of_range(whole);
  }
  return time_of(hour, minute, second, static_cast<int32_t>(fraction));
}

// The year, from its digits, the century and the era; 0 is 1 BC.
int64_t compose_year(const TemplateFields& f) {
  const bool is_bc = f.era != 0;
  const int64_t century = is_bc ? -int64_t{f.century} : f.century;
  if (f.year == 0) {
    if (century == 0) return 0;
    return century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
  }
  if (century != 0 && f.year_digits <= 2) {
    const int64_t year = f.year % 100;
    if (year == 0) return century * 100 + (century >= 0 ? 0 : 1);
    return century >= 0 ? year + (century - 1) * 100 : (century + 1) * 100 - year + 1;
  }
  const int64_t year = is_bc ? -int64_t{f.year} : f.year;
  return year < 0 ? year + 1 : year;
}

// The date while its parts are put together; which of them are known decides what is checked.
struct Draft {
  int64_t year = 0;
  int32_t month = 1;
  int32_t day = 1;
  bool has_year = false;
  bool has_month = false;
  bool has_day = false;

  bool is_year_usable() const { return year > -5000 && year < kYearEnd; }
  int32_t calendar_year() const { return static_cast<int32_t>(year); }
  void set_days(int64_t days) {
    if (!is_valid_date(days)) {
      year = kYearEnd;
      return;
    }
    const CivilDate civil = civil_of(static_cast<int32_t>(days));
    year = civil.year;
    month = civil.month;
    day = civil.day;
    has_year = has_month = has_day = true;
  }
};

// Month and day of the day `number` of the draft's year, for those that are not known.
void set_year_day(Draft& draft, int32_t number) {
  int32_t month = 1;
  int32_t before = 0;
  while (month <= 12 && number > before + days_in_month(draft.calendar_year(), month)) {
    before += days_in_month(draft.calendar_year(), month++);
  }
  if (draft.month <= 1) draft.month = month;
  if (draft.day <= 1) draft.day = number - before;
  draft.has_month = draft.has_day = true;
}

Result<int32_t> compose_date(const TemplateFields& f, std::string_view whole) {
  const bool is_iso = f.convention == TemplateFields::Convention::iso_week;
  Draft draft;
  draft.year = compose_year(f);
  draft.has_year = f.year != 0 || f.century != 0;
  if (f.julian != 0) draft.set_days(int64_t{f.julian} - kJulianOfEpoch);
  int32_t year_day = f.year_day;
  if (f.week != 0 && is_iso) {
    if (!draft.is_year_usable()) return kNoDay;
    const int32_t weekday = f.weekday == 0 ? 0 : (f.weekday > 1 ? f.weekday - 2 : 6);
    draft.set_days(int64_t{iso_week_start(draft.calendar_year(), 1)} + (int64_t{f.week} - 1) * 7 +
                   weekday);
  } else if (f.week != 0) {
    year_day = first_day_of_week(f.week);
  }
  if (f.month_week != 0 || f.day != 0) {
    draft.day = f.month_week != 0 ? first_day_of_week(f.month_week) : f.day;
    draft.has_day = draft.day != 0;
  }
  if (f.month != 0) {
    draft.month = f.month;
    draft.has_month = true;
  }
  if (year_day != 0 && (draft.month <= 1 || draft.day <= 1)) {
    if (draft.year == 0 && f.era == 0) {
      return Status(Code::invalid, "22007",
                    "cannot calculate day of year without year information");
    }
    if (!draft.is_year_usable()) return kNoDay;
    if (is_iso) {
      draft.set_days(int64_t{iso_week_start(draft.calendar_year(), 1)} - 1 + year_day);
    } else {
      set_year_day(draft, year_day);
    }
  }
  if (draft.has_month && (draft.month < 1 || draft.month > 12)) return field_out_of_range(whole);
  if (draft.has_day && (draft.day < 1 || draft.day > 31)) return field_out_of_range(whole);
  if (!draft.is_year_usable()) return kNoDay;
  const CivilDate date{draft.calendar_year(), draft.month, draft.day};
  if (draft.has_year && draft.has_month && draft.has_day &&
      date.day > days_in_month(date.year, date.month)) {
    return field_out_of_range(whole);
  }
  return days_of(date);
}

}  // namespace

Result<TemplateReading> TemplateFields::compose(std::string_view whole) const {
  TemplateReading reading{};
  MORTISE_TRY_ASSIGN(reading.days, compose_date(*this, whole));
  MORTISE_TRY_ASSIGN(reading.time, compose_time(*this, whole));
  reading.fraction_digits = fraction_digits;
  if (zone_sign != 0) {
    if (zone_hours < 0 || zone_hours > kZoneHoursMax || zone_minutes < 0 || zone_minutes > 59) {
      return out_of_range("time zone displacement", "22009", whole);
    }
    reading.seconds_east = zone_sign * (zone_hours * 3600 + zone_minutes * 60);
  }
  return reading;
}

}  // namespace mortise::sql_functions
