// SPDX-License-Identifier: Apache-2.0

// extract and date_part: one field of a date, time, timestamp or interval.
//
// A part is a whole number with a scale (seconds have six digits, milliseconds three), so that
// `extract` gives the numeric that PostgreSQL 15 gives and `date_part` its float8.  The parts of an
// infinite timestamp are infinite where they grow without bound, else null.

#include <cmath>

#include "datetime/arithmetic.hpp"
#include "datetime/calendar.hpp"
#include "datetime/lists.hpp"
#include "datetime/session_row.hpp"
#include "datetime/unit.hpp"
#include "numeric/value_column.hpp"

namespace mortise::sql_functions {
namespace {

struct Part {
  enum class Kind {
    number,
    null,
    infinity,
    minus_infinity,
    julian,
    unsupported
  } kind = Kind::number;
  Int128 value = 0;
  uint32_t scale = 0;
};
Part whole(int64_t value) {
  return {Part::Kind::number, value, 0};
}
Part scaled(Int128 value, uint32_t scale) {
  return {Part::Kind::number, value, scale};
}
constexpr Part kUnsupported{Part::Kind::unsupported};

// Years do not count zero; decades and centuries run away from it.
Part year_part(DateUnit unit, int64_t year) {
  const int64_t shown = year > 0 ? year : year - 1;
  switch (unit) {
    case DateUnit::year:
      return whole(shown);
    case DateUnit::decade:
      return whole(year >= 0 ? year / 10 : -((8 - (year - 1)) / 10));
    case DateUnit::century:
      return whole(year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100));
    case DateUnit::millennium:
      return whole(year > 0 ? (year + 999) / 1000 : -((999 - (year - 1)) / 1000));
    default:
      return kUnsupported;
  }
}

Part date_fields(DateUnit unit, int32_t days) {
  const CivilDate d = civil_of(days);
  switch (unit) {
    case DateUnit::day:
      return whole(d.day);
    case DateUnit::month:
      return whole(d.month);
    case DateUnit::quarter:
      return whole((d.month - 1) / 3 + 1);
    case DateUnit::week:
      return whole(iso_week_of(days).week);
    case DateUnit::iso_year: {
      const int32_t year = iso_week_of(days).year;
      return whole(year > 0 ? year : year - 1);
    }
    case DateUnit::weekday:
      return whole(weekday_of(days));
    case DateUnit::iso_weekday:
      return whole(weekday_of(days) == 0 ? 7 : weekday_of(days));
    case DateUnit::year_day:
      return whole(days - days_of({d.year, 1, 1}) + 1);
    default:
      return year_part(unit, d.year);
  }
}

Part time_fields(DateUnit unit, int64_t time) {
  switch (unit) {
    case DateUnit::microsecond:
      return whole(time % kMicrosecondsPerMinute);
    case DateUnit::millisecond:
      return scaled(time % kMicrosecondsPerMinute, 3);
    case DateUnit::second:
      return scaled(time % kMicrosecondsPerMinute, 6);
    case DateUnit::minute:
      return whole(time / kMicrosecondsPerMinute % 60);
    case DateUnit::hour:
      return whole(time / kMicrosecondsPerHour);
    default:
      return kUnsupported;
  }
}

bool is_time_unit(DateUnit unit) {
  return unit == DateUnit::microsecond || unit == DateUnit::millisecond ||
         unit == DateUnit::second || unit == DateUnit::minute || unit == DateUnit::hour;
}

bool is_zone_unit(DateUnit unit) {
  return unit == DateUnit::zone || unit == DateUnit::zone_hour || unit == DateUnit::zone_minute;
}

Part infinite_part(DateUnit unit, bool is_positive) {
  switch (unit) {
    case DateUnit::year:
    case DateUnit::decade:
    case DateUnit::century:
    case DateUnit::millennium:
    case DateUnit::julian:
    case DateUnit::iso_year:
    case DateUnit::epoch:
      return {is_positive ? Part::Kind::infinity : Part::Kind::minus_infinity};
    case DateUnit::none:
      return kUnsupported;
    default:
      return {Part::Kind::null};
  }
}

Part local_part(DateUnit unit, int64_t local) {
  if (is_time_unit(unit)) return time_fields(unit, time_of_timestamp(local));
  if (unit == DateUnit::julian) return {Part::Kind::julian, local};
  return date_fields(unit, day_of_timestamp(local));
}

struct OfTimestamp {
  using Value = int64_t;
  static constexpr const char* kName = "timestamp without time zone";
  static Part part(const TimeSession&, DateUnit unit, int64_t v) {
    if (!is_finite_timestamp(v)) return infinite_part(unit, v > 0);
    if (unit == DateUnit::epoch) {
      return scaled(Int128{v} - Int128{kUnixEpochDays} * kMicrosecondsPerDay, 6);
    }
    return local_part(unit, v);
  }
};

struct OfTimestamptz {
  using Value = int64_t;
  static constexpr const char* kName = "timestamp with time zone";
  static Part part(const TimeSession& session, DateUnit unit, int64_t v) {
    if (!is_finite_timestamp(v)) return infinite_part(unit, v > 0);
    if (unit == DateUnit::epoch) return OfTimestamp::part(session, unit, v);
    const int32_t east = session.at(v).seconds_east;
    if (unit == DateUnit::zone) return whole(east);
    if (unit == DateUnit::zone_hour) return whole(east / 3600);
    if (unit == DateUnit::zone_minute) return whole(east / 60 % 60);
    return local_part(unit, v + east * kMicrosecondsPerSecond);
  }
};

struct OfDate {
  using Value = int32_t;
  static constexpr const char* kName = "date";
  static Part part(const TimeSession&, DateUnit unit, int32_t v) {
    if (is_time_unit(unit) || is_zone_unit(unit)) return kUnsupported;
    if (!is_finite_date(v)) return infinite_part(unit, v > 0);
    if (unit == DateUnit::julian) return whole(int64_t{v} + kJulianOfEpoch);
    if (unit == DateUnit::epoch) return whole((int64_t{v} - kUnixEpochDays) * 86400);
    return date_fields(unit, v);
  }
};

// date_part of a date is that of its midnight.
struct OfMidnight {
  using Value = int32_t;
  static constexpr const char* kName = "timestamp without time zone";
  static Status check(int32_t v) {
    MORTISE_TRY(timestamp_of_date(v));
    return {};
  }
  static Part part(const TimeSession& session, DateUnit unit, int32_t v) {
    return OfTimestamp::part(session, unit, timestamp_of_date(v).value_or(0));
  }
};

struct OfTime {
  using Value = int64_t;
  static constexpr const char* kName = "time without time zone";
  static Part part(const TimeSession&, DateUnit unit, int64_t v) {
    if (unit == DateUnit::epoch) return scaled(v, 6);
    return time_fields(unit, v);
  }
};

struct OfInterval {
  using Value = Interval;
  static constexpr const char* kName = "interval";
  // date_part adds the parts as float8s, and shows how they were rounded.
  static double epoch_seconds(const Interval& v) {
    double seconds = static_cast<double>(v.microseconds) / 1e6;
    seconds += 365.25 * 86400 * (v.months / 12);
    seconds += 30.0 * 86400 * (v.months % 12);
    seconds += 86400.0 * v.days;
    return seconds;
  }
  static Part part(const TimeSession&, DateUnit unit, const Interval& v) {
    switch (unit) {
      case DateUnit::day:
        return whole(v.days);
      case DateUnit::month:
        return whole(v.months % 12);
      case DateUnit::quarter:
        return whole(v.months % 12 / 3 + 1);
      case DateUnit::year:
        return whole(v.months / 12);
      case DateUnit::decade:
        return whole(v.months / 120);
      case DateUnit::century:
        return whole(v.months / 1200);
      case DateUnit::millennium:
        return whole(v.months / 12000);
      case DateUnit::epoch: {
        const int64_t quarter_days =
            int64_t{1461} * (v.months / 12) + int64_t{120} * (v.months % 12) + int64_t{4} * v.days;
        return scaled(Int128{quarter_days} * (kMicrosecondsPerDay / 4) + v.microseconds, 6);
      }
      default:
        return time_fields(unit, v.microseconds);
    }
  }
};

Status emit_extract(Call& call, uint32_t row, const Part& part) {
  switch (part.kind) {
    case Part::Kind::number:
      return emit_numeric(call, row, part.value, part.scale);
    case Part::Kind::infinity:
      return emit_numeric(call, row, Decimal::of_kind(Decimal::Kind::positive_infinity));
    case Part::Kind::minus_infinity:
      return emit_numeric(call, row, Decimal::of_kind(Decimal::Kind::negative_infinity));
    case Part::Kind::julian: {
      const auto local = static_cast<int64_t>(part.value);
      MORTISE_TRY_ASSIGN(const Decimal fraction, divide(Decimal::of(time_of_timestamp(local)),
                                                        Decimal::of(kMicrosecondsPerDay)));
      const int64_t day = int64_t{day_of_timestamp(local)} + kJulianOfEpoch;
      return emit_numeric(call, row, add(Decimal::of(day), fraction));
    }
    default:
      call.set_null(row);
      return {};
  }
}

Status emit_float(Call& call, uint32_t row, const Part& part) {
  double value = 0;
  switch (part.kind) {
    case Part::Kind::number:
      value = static_cast<double>(part.value) / static_cast<double>(kPowersOfTen[part.scale]);
      break;
    case Part::Kind::infinity:
      value = HUGE_VAL;
      break;
    case Part::Kind::minus_infinity:
      value = -HUGE_VAL;
      break;
    case Part::Kind::julian: {
      const auto local = static_cast<int64_t>(part.value);
      value = day_of_timestamp(local) + kJulianOfEpoch +
              static_cast<double>(time_of_timestamp(local)) / 86400e6;
      break;
    }
    default:
      call.set_null(row);
      return {};
  }
  call.data<double>()[row] = value;
  return {};
}

template <typename Source, bool kIsNumeric>
Status part_rows(Call& call) {
  const TimeSession session(call.session());
  const Strings names(call.column(0));
  const Values<typename Source::Value> values(call.column(1));
  UnitLookup lookup;
  return call.each([&](uint32_t row) -> Status {
    if constexpr (requires { Source::check(values[row]); }) MORTISE_TRY(Source::check(values[row]));
    const DateUnit unit = lookup(names[row]);
    if (unit == DateUnit::none) return unit_not_recognized(names[row], Source::kName);
    if constexpr (!kIsNumeric && requires { Source::epoch_seconds(values[row]); }) {
      if (unit == DateUnit::epoch) {
        call.data<double>()[row] = Source::epoch_seconds(values[row]);
        return {};
      }
    }
    const Part part = Source::part(session, unit, values[row]);
    if (part.kind == Part::Kind::unsupported) return unit_not_supported(names[row], Source::kName);
    return kIsNumeric ? emit_extract(call, row, part) : emit_float(call, row, part);
  });
}
template <typename Source>
constexpr mortise_function_evaluate_t extract = &batch<&part_rows<Source, true>>;
template <typename Source>
constexpr mortise_function_evaluate_t date_part = &batch<&part_rows<Source, false>>;

constexpr mortise_function_t kTable[] = {
    scalar<"text,date:numeric">(6199, "extract", extract<OfDate>),
    scalar<"text,time:numeric">(6200, "extract", extract<OfTime>),
    scalar<"text,timestamp:numeric">(6202, "extract", extract<OfTimestamp>),
    scalar<"text,timestamptz:numeric">(6203, "extract", extract<OfTimestamptz>,
                                       {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,interval:numeric">(6204, "extract", extract<OfInterval>),
    scalar<"text,date:float8">(1384, "date_part", date_part<OfMidnight>),
    scalar<"text,time:float8">(1385, "date_part", date_part<OfTime>),
    scalar<"text,timestamp:float8">(2021, "date_part", date_part<OfTimestamp>),
    scalar<"text,timestamptz:float8">(1171, "date_part", date_part<OfTimestamptz>,
                                      {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,interval:float8">(1172, "date_part", date_part<OfInterval>),
};

}  // namespace

const FunctionList kPartFunctions = kTable;

}  // namespace mortise::sql_functions
