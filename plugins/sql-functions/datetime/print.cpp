// SPDX-License-Identifier: Apache-2.0

#include "datetime/print.hpp"

#include <charconv>

#include "datetime/calendar.hpp"

namespace mortise::sql_functions {
namespace {

constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr const char* kWeekdays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

// ".5", ".000001": nothing when zero.
void append_fraction(int64_t microseconds, std::string& out) {
  if (microseconds == 0) return;
  out.push_back('.');
  append_padded(microseconds, 6, out);
  while (out.back() == '0') out.pop_back();
}

void append_clock(const CivilTime& t, std::string& out) {
  append_padded(t.hour, 2, out);
  out.push_back(':');
  append_padded(t.minute, 2, out);
  out.push_back(':');
  append_padded(t.second, 2, out);
  append_fraction(t.microsecond, out);
}

int32_t shown_year(const CivilDate& d) {
  return d.year > 0 ? d.year : 1 - d.year;
}

// Month and day with a mark between, in the session's order.
void append_month_day(const CivilDate& d, DateOrder order, char mark, std::string& out) {
  append_padded(order == DateOrder::dmy ? d.day : d.month, 2, out);
  out.push_back(mark);
  append_padded(order == DateOrder::dmy ? d.month : d.day, 2, out);
}

void append_civil_date(const CivilDate& d, const TimeSession& session, std::string& out) {
  switch (session.date_style) {
    case DateStyle::iso:
      append_padded(shown_year(d), 4, out);
      out.push_back('-');
      append_padded(d.month, 2, out);
      out.push_back('-');
      append_padded(d.day, 2, out);
      return;
    case DateStyle::sql:
      append_month_day(d, session.date_order, '/', out);
      out.push_back('/');
      append_padded(shown_year(d), 4, out);
      return;
    case DateStyle::german:
      append_month_day(d, DateOrder::dmy, '.', out);
      out.push_back('.');
      append_padded(shown_year(d), 4, out);
      return;
    case DateStyle::postgres:
      append_month_day(d, session.date_order, '-', out);
      out.push_back('-');
      append_padded(shown_year(d), 4, out);
      return;
  }
}

struct ShownZone {
  int32_t seconds_east;
  std::string_view abbreviation;
};

void append_civil(int64_t local, const ShownZone* zone, const TimeSession& session,
                  std::string& out) {
  const CivilTime t = civil_time_of(local);
  if (session.date_style == DateStyle::postgres) {
    out.append(kWeekdays[weekday_of(day_of_timestamp(local))]).push_back(' ');
    const bool day_first = session.date_order == DateOrder::dmy;
    if (day_first) {
      append_padded(t.date.day, 2, out);
      out.push_back(' ');
    }
    out.append(kMonths[t.date.month - 1]);
    if (!day_first) {
      out.push_back(' ');
      append_padded(t.date.day, 2, out);
    }
    out.push_back(' ');
    append_clock(t, out);
    out.push_back(' ');
    append_padded(shown_year(t.date), 4, out);
  } else {
    append_civil_date(t.date, session, out);
    out.push_back(' ');
    append_clock(t, out);
  }
  if (zone != nullptr) {
    if (session.date_style == DateStyle::iso) {
      append_zone_offset(zone->seconds_east, out);
    } else {
      const std::string_view name = zone->abbreviation;
      out.push_back(' ');
      if (name.empty() || name[0] == '+' || name[0] == '-') {
        append_zone_offset(zone->seconds_east, out);
      } else {
        out.append(name);
      }
    }
  }
  if (t.date.year <= 0) out.append(" BC");
}

void append_number(int64_t value, std::string& out) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

struct IntervalFields {
  int64_t years;
  int64_t months;
  int64_t days;
  int64_t hours;
  int64_t minutes;
  int64_t seconds;
  int64_t microseconds;
};
IntervalFields fields_of(const Interval& v) {
  const int64_t us = v.microseconds;
  return {v.months / 12,
          v.months % 12,
          v.days,
          us / kMicrosecondsPerHour,
          us / kMicrosecondsPerMinute % 60,
          us / kMicrosecondsPerSecond % 60,
          us % kMicrosecondsPerSecond};
}

// "1 year 2 mons -3 days +04:05:06": a sign is shown where it differs from the one before.
void append_postgres_interval(const IntervalFields& f, std::string& out) {
  bool is_empty = true;
  bool was_negative = false;
  const auto part = [&](int64_t value, const char* unit) {
    if (value == 0) return;
    if (!is_empty) out.push_back(' ');
    if (was_negative && value > 0) out.push_back('+');
    append_number(value, out);
    out.push_back(' ');
    out.append(unit);
    if (value != 1) out.push_back('s');
    was_negative = value < 0;
    is_empty = false;
  };
  part(f.years, "year");
  part(f.months, "mon");
  part(f.days, "day");
  if (!is_empty && f.hours == 0 && f.minutes == 0 && f.seconds == 0 && f.microseconds == 0) return;
  const bool is_negative = f.hours < 0 || f.minutes < 0 || f.seconds < 0 || f.microseconds < 0;
  if (!is_empty) out.push_back(' ');
  if (is_negative) {
    out.push_back('-');
  } else if (was_negative) {
    out.push_back('+');
  }
  append_padded(std::abs(f.hours), 2, out);
  out.push_back(':');
  append_padded(std::abs(f.minutes), 2, out);
  out.push_back(':');
  append_padded(std::abs(f.seconds), 2, out);
  append_fraction(std::abs(f.microseconds), out);
}

void append_iso_interval(const IntervalFields& f, std::string& out) {
  const size_t start = out.size();
  out.push_back('P');
  const auto part = [&](int64_t value, char unit) {
    if (value == 0) return;
    append_number(value, out);
    out.push_back(unit);
  };
  part(f.years, 'Y');
  part(f.months, 'M');
  part(f.days, 'D');
  if (f.hours != 0 || f.minutes != 0 || f.seconds != 0 || f.microseconds != 0) {
    out.push_back('T');
    part(f.hours, 'H');
    part(f.minutes, 'M');
    if (f.seconds != 0 || f.microseconds != 0) {
      if (f.seconds < 0 || f.microseconds < 0) out.push_back('-');
      append_number(std::abs(f.seconds), out);
      append_fraction(std::abs(f.microseconds), out);
      out.push_back('S');
    }
  }
  if (out.size() == start + 1) out.append("T0S");
}

void append_verbose_interval(const IntervalFields& f, std::string& out) {
  out.append("@");
  bool is_first = true;
  bool is_ago = false;
  const auto part = [&](int64_t value, const char* unit) {
    if (value == 0) return;
    if (is_first) {
      is_ago = value < 0;
      value = std::abs(value);
      is_first = false;
    } else if (is_ago) {
      value = -value;
    }
    out.push_back(' ');
    append_number(value, out);
    out.push_back(' ');
    out.append(unit);
    if (value != 1) out.push_back('s');
  };
  part(f.years, "year");
  part(f.months, "mon");
  part(f.days, "day");
  part(f.hours, "hour");
  part(f.minutes, "min");
  if (f.seconds != 0 || f.microseconds != 0) {
    out.push_back(' ');
    const bool is_negative = f.seconds < 0 || f.microseconds < 0;
    if (is_first) {
      is_ago = is_negative;
    } else if (is_negative != is_ago) {
      out.push_back('-');
    }
    is_first = false;
    append_number(std::abs(f.seconds), out);
    append_fraction(std::abs(f.microseconds), out);
    out.append(std::abs(f.seconds) != 1 || f.microseconds != 0 ? " secs" : " sec");
  }
  if (is_first) out.append(" 0");
  if (is_ago) out.append(" ago");
}

void append_standard_interval(const IntervalFields& in, std::string& out) {
  IntervalFields f = in;
  const bool has_negative = f.years < 0 || f.months < 0 || f.days < 0 || f.hours < 0 ||
                            f.minutes < 0 || f.seconds < 0 || f.microseconds < 0;
  const bool has_positive = f.years > 0 || f.months > 0 || f.days > 0 || f.hours > 0 ||
                            f.minutes > 0 || f.seconds > 0 || f.microseconds > 0;
  const bool has_year_month = f.years != 0 || f.months != 0;
  const bool has_clock = f.hours != 0 || f.minutes != 0 || f.seconds != 0 || f.microseconds != 0;
  const bool has_day_time = f.days != 0 || has_clock;
  const auto clock = [&](int32_t hour_width) {
    append_padded(std::abs(f.hours), hour_width, out);
    out.push_back(':');
    append_padded(std::abs(f.minutes), 2, out);
    out.push_back(':');
    append_padded(std::abs(f.seconds), 2, out);
    append_fraction(std::abs(f.microseconds), out);
  };
  if (has_negative && !has_positive && !(has_year_month && has_day_time)) {
    out.push_back('-');
    f = {-f.years, -f.months, -f.days, -f.hours, -f.minutes, -f.seconds, -f.microseconds};
  } else if ((has_negative && has_positive) || (has_year_month && has_day_time)) {
    out.push_back(f.years < 0 || f.months < 0 ? '-' : '+');
    append_number(std::abs(f.years), out);
    out.push_back('-');
    append_number(std::abs(f.months), out);
    out.append(f.days < 0 ? " -" : " +");
    append_number(std::abs(f.days), out);
    const bool is_negative = f.hours < 0 || f.minutes < 0 || f.seconds < 0 || f.microseconds < 0;
    out.append(is_negative ? " -" : " +");
    clock(1);
    return;
  }
  if (!has_negative && !has_positive) {
    out.push_back('0');
  } else if (has_year_month) {
    append_number(f.years, out);
    out.push_back('-');
    append_number(f.months, out);
  } else if (f.days != 0) {
    append_number(f.days, out);
    out.push_back(' ');
    clock(1);
  } else {
    clock(1);
  }
}

}  // namespace

void append_padded(int64_t value, int32_t width, std::string& out) {
  char digits[24];
  const auto size =
      static_cast<int32_t>(std::to_chars(digits, digits + sizeof(digits), value).ptr - digits);
  for (int32_t i = size; i < width; ++i) out.push_back('0');
  out.append(digits, static_cast<size_t>(size));
}

void append_zone_offset(int32_t seconds_east, std::string& out) {
  out.push_back(seconds_east < 0 ? '-' : '+');
  const int32_t seconds = std::abs(seconds_east);
  append_padded(seconds / 3600, 2, out);
  if (seconds % 3600 == 0) return;
  out.push_back(':');
  append_padded(seconds / 60 % 60, 2, out);
  if (seconds % 60 == 0) return;
  out.push_back(':');
  append_padded(seconds % 60, 2, out);
}

void append_date(int32_t days, const TimeSession& session, std::string& out) {
  if (!is_finite_date(days)) {
    out.append(days == kDateInfinity ? "infinity" : "-infinity");
    return;
  }
  const CivilDate d = civil_of(days);
  append_civil_date(d, session, out);
  if (d.year <= 0) out.append(" BC");
}

void append_time(int64_t time, std::string& out) {
  append_padded(time / kMicrosecondsPerHour, 2, out);
  out.push_back(':');
  append_padded(time / kMicrosecondsPerMinute % 60, 2, out);
  out.push_back(':');
  append_padded(time / kMicrosecondsPerSecond % 60, 2, out);
  append_fraction(time % kMicrosecondsPerSecond, out);
}

void append_timestamp(int64_t timestamp, const TimeSession& session, std::string& out) {
  if (!is_finite_timestamp(timestamp)) {
    out.append(timestamp == kTimestampInfinity ? "infinity" : "-infinity");
    return;
  }
  append_civil(timestamp, nullptr, session, out);
}

void append_timestamptz(int64_t timestamp, const TimeSession& session, std::string& out) {
  if (!is_finite_timestamp(timestamp)) {
    out.append(timestamp == kTimestampInfinity ? "infinity" : "-infinity");
    return;
  }
  const ZoneOffset offset = session.at(timestamp);
  const ShownZone zone{offset.seconds_east, offset.abbreviation};
  append_civil(timestamp + offset.seconds_east * kMicrosecondsPerSecond, &zone, session, out);
}

void append_interval(const Interval& value, IntervalStyle style, std::string& out) {
  const IntervalFields fields = fields_of(value);
  switch (style) {
    case IntervalStyle::postgres:
      return append_postgres_interval(fields, out);
    case IntervalStyle::postgres_verbose:
      return append_verbose_interval(fields, out);
    case IntervalStyle::sql_standard:
      return append_standard_interval(fields, out);
    case IntervalStyle::iso_8601:
      return append_iso_interval(fields, out);
  }
}

}  // namespace mortise::sql_functions
