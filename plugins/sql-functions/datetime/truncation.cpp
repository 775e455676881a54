// SPDX-License-Identifier: Apache-2.0

// date_trunc and date_bin: the start of the field, or of the stride, that a moment lies in.

#include "datetime/arithmetic.hpp"
#include "datetime/calendar.hpp"
#include "datetime/lists.hpp"
#include "datetime/session_row.hpp"
#include "datetime/unit.hpp"
#include "instance.hpp"

namespace mortise::sql_functions {
namespace {

// Unit in microseconds of those below a day, else 0.
int64_t length_of(DateUnit unit) {
  switch (unit) {
    case DateUnit::microsecond:
      return 1;
    case DateUnit::millisecond:
      return 1000;
    case DateUnit::second:
      return kMicrosecondsPerSecond;
    case DateUnit::minute:
      return kMicrosecondsPerMinute;
    case DateUnit::hour:
      return kMicrosecondsPerHour;
    default:
      return 0;
  }
}

// Units that have a length, and the zone, which is told apart later; others are unknown here.
bool is_length_unit(DateUnit unit) {
  switch (unit) {
    case DateUnit::none:
    case DateUnit::julian:
    case DateUnit::iso_year:
    case DateUnit::weekday:
    case DateUnit::iso_weekday:
    case DateUnit::year_day:
    case DateUnit::epoch:
      return false;
    default:
      return true;
  }
}

// First day of the unit that the day lies in; nothing for units that days have not.
std::optional<int32_t> first_day(DateUnit unit, int32_t days) {
  const CivilDate d = civil_of(days);
  const auto year_start = [](int32_t year) { return days_of({year, 1, 1}); };
  switch (unit) {
    case DateUnit::day:
      return days;
    case DateUnit::week:
      return days - (weekday_of(days) + 6) % 7;
    case DateUnit::month:
      return days_of({d.year, d.month, 1});
    case DateUnit::quarter:
      return days_of({d.year, (d.month - 1) / 3 * 3 + 1, 1});
    case DateUnit::year:
      return year_start(d.year);
    case DateUnit::decade:
      return year_start(d.year > 0 ? d.year / 10 * 10 : -((8 - (d.year - 1)) / 10) * 10);
    case DateUnit::century:
      return year_start(d.year > 0 ? (d.year + 99) / 100 * 100 - 99
                                   : -((99 - (d.year - 1)) / 100) * 100 + 1);
    case DateUnit::millennium:
      return year_start(d.year > 0 ? (d.year + 999) / 1000 * 1000 - 999
                                   : -((999 - (d.year - 1)) / 1000) * 1000 + 1);
    default:
      return std::nullopt;
  }
}

Result<int64_t> truncated(std::string_view name, int64_t local, std::string_view type_name) {
  const DateUnit unit = date_unit_of(name);
  if (!is_finite_timestamp(local)) return local;
  if (!is_length_unit(unit)) return unit_not_recognized(name, type_name);
  if (const int64_t length = length_of(unit); length != 0) {
    const int64_t rest = local % length;
    return local - (rest < 0 ? rest + length : rest);
  }
  const std::optional<int32_t> day = first_day(unit, day_of_timestamp(local));
  if (!day) return unit_not_supported(name, type_name);
  const std::optional<int64_t> result = timestamp_of(*day, 0);
  if (!result) return timestamp_out_of_range();
  return *result;
}

Result<int64_t> truncate_timestamp(std::string_view unit, int64_t v) {
  return truncated(unit, v, "timestamp without time zone");
}

Result<int64_t> truncate_in(const Zone& zone, std::string_view name, int64_t v) {
  constexpr const char* kType = "timestamp with time zone";
  const DateUnit unit = date_unit_of(name);
  if (!is_finite_timestamp(v)) return truncated(name, v, kType);
  const std::optional<int64_t> local = to_local(zone, v);
  if (!local) return timestamp_out_of_range();
  MORTISE_TRY_ASSIGN(const int64_t cut, truncated(name, *local, kType));
  // Below a day the offset of the moment itself stays, so that no hour is lost at a change.
  if (length_of(unit) != 0) return cut - (*local - v);
  const std::optional<int64_t> moment = from_local(zone, cut);
  if (!moment) return timestamp_out_of_range();
  return *moment;
}
Result<int64_t> truncate_timestamptz(const TimeSession& session, std::string_view unit, int64_t v) {
  return truncate_in(*session.zone, unit, v);
}
Result<int64_t> truncate_in_named_zone(std::string_view unit, int64_t v, std::string_view name) {
  const Zone* zone = instance().zones.find(name);
  if (zone == nullptr) {
    return Status(Code::invalid, "22023", "time zone \"" + std::string(name) + "\" not recognized");
  }
  return truncate_in(*zone, unit, v);
}

Result<Interval> truncate_interval(std::string_view name, const Interval& v) {
  const DateUnit unit = date_unit_of(name);
  if (!is_length_unit(unit)) return unit_not_recognized(name, "interval");
  Interval result = v;
  if (const int64_t length = length_of(unit); length != 0) {
    result.microseconds -= result.microseconds % length;
    return result;
  }
  result.microseconds = 0;
  if (unit == DateUnit::day) return result;
  result.days = 0;
  int32_t months = 0;
  switch (unit) {
    case DateUnit::month:
      months = 1;
      break;
    case DateUnit::quarter:
      months = 3;
      break;
    case DateUnit::year:
      months = 12;
      break;
    case DateUnit::decade:
      months = 120;
      break;
    case DateUnit::century:
      months = 1200;
      break;
    case DateUnit::millennium:
      months = 12000;
      break;
    case DateUnit::week:
      return Status(unit_not_supported(name, "interval"))
          .with(MORTISE_ERROR_FIELD_DETAIL, "Months usually have fractional weeks.");
    default:
      return unit_not_supported(name, "interval");
  }
  result.months -= result.months % months;
  return result;
}

Result<int64_t> bin(const Interval& stride, int64_t v, int64_t origin) {
  if (!is_finite_timestamp(v)) return v;
  if (!is_finite_timestamp(origin)) {
    return Status(Code::invalid, "22008", "origin out of range");
  }
  if (stride.months != 0) {
    return unsupported("timestamps cannot be binned into intervals containing months or years");
  }
  const Int128 length = interval_span(stride);
  if (length <= 0) return Status(Code::invalid, "22008", "stride must be greater than zero");
  const Int128 distance = Int128{v} - origin;
  Int128 rest = distance % length;
  if (rest < 0) rest += length;
  return static_cast<int64_t>(Int128{v} - rest);
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,timestamp:timestamp">(2020, "date_trunc", row<&truncate_timestamp>),
    scalar<"text,timestamptz:timestamptz">(1217, "date_trunc", session_row<&truncate_timestamptz>,
                                           {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,timestamptz,text:timestamptz">(1284, "date_trunc", row<&truncate_in_named_zone>,
                                                {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,interval:interval">(1218, "date_trunc", row<&truncate_interval>),
    scalar<"interval,timestamp,timestamp:timestamp">(6177, "date_bin", row<&bin>),
    scalar<"interval,timestamptz,timestamptz:timestamptz">(6178, "date_bin", row<&bin>),
};

}  // namespace

const FunctionList kTruncationFunctions = kTable;

}  // namespace mortise::sql_functions
