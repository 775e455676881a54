// SPDX-License-Identifier: Apache-2.0

// date, time, timestamp, timestamptz and interval.

#include <algorithm>

#include "datetime/calendar.hpp"
#include "datetime/interval_parse.hpp"
#include "datetime/parse.hpp"
#include "datetime/print.hpp"
#include "types/lists.hpp"

namespace mortise::sql_functions {
namespace {

Result<int32_t> date_in(const TimeSession& session, Call&, std::string_view text) {
  return parse_date(text, session);
}
std::string date_out(const TimeSession& session, Call&, int32_t value) {
  std::string out;
  append_date(value, session, out);
  return out;
}
Result<int32_t> date_receive(std::string_view bytes) {
  MORTISE_TRY_ASSIGN(const int32_t value, read_fixed<int32_t>(bytes));
  if (is_finite_date(value) && !is_valid_date(value)) {
    return Status(Code::invalid, "22008", "date out of range");
  }
  return value;
}

Result<int64_t> time_in(const TimeSession& session, Call& call, std::string_view text) {
  MORTISE_TRY_ASSIGN(const int64_t value, parse_time(text, session));
  return round_seconds(value, modifier_of(call));
}
std::string time_out(int64_t value) {
  std::string out;
  append_time(value, out);
  return out;
}
Result<int64_t> time_receive(Call& call, std::string_view bytes) {
  MORTISE_TRY_ASSIGN(const int64_t value, read_fixed<int64_t>(bytes));
  if (value < 0 || value > kMicrosecondsPerDay) {
    return Status(Code::invalid, "22008", "time out of range");
  }
  return round_seconds(value, modifier_of(call));
}

Result<int64_t> timestamp_in(const TimeSession& session, Call& call, std::string_view text) {
  MORTISE_TRY_ASSIGN(const int64_t value, parse_timestamp(text, session));
  return round_seconds(value, modifier_of(call));
}
std::string timestamp_out(const TimeSession& session, Call&, int64_t value) {
  std::string out;
  append_timestamp(value, session, out);
  return out;
}
Result<int64_t> timestamptz_in(const TimeSession& session, Call& call, std::string_view text) {
  MORTISE_TRY_ASSIGN(const int64_t value, parse_timestamptz(text, session));
  return round_seconds(value, modifier_of(call));
}
std::string timestamptz_out(const TimeSession& session, Call&, int64_t value) {
  std::string out;
  append_timestamptz(value, session, out);
  return out;
}
Result<int64_t> timestamp_receive(Call& call, std::string_view bytes) {
  MORTISE_TRY_ASSIGN(const int64_t value, read_fixed<int64_t>(bytes));
  if (is_finite_timestamp(value) && !is_valid_timestamp(value)) {
    return Status(Code::invalid, "22008", "timestamp out of range");
  }
  return round_seconds(value, modifier_of(call));
}

Result<Interval> interval_in(const TimeSession& session, Call& call, std::string_view text) {
  return parse_interval(text, modifier_of(call), session.interval_style);
}
std::string interval_out(const TimeSession& session, Call&, Interval value) {
  std::string out;
  append_interval(value, session.interval_style, out);
  return out;
}
Result<Interval> interval_receive(Call& call, std::string_view bytes) {
  if (bytes.size() != 16) return bad_binary("bind parameter");
  const Interval value{read_big_endian<int64_t>(bytes.data()),
                       read_big_endian<int32_t>(bytes.data() + 8),
                       read_big_endian<int32_t>(bytes.data() + 12)};
  return fit_interval(value, modifier_of(call));
}
std::string interval_send(Interval value) {
  std::string out;
  append_big_endian(value.microseconds, out);
  append_big_endian(value.days, out);
  append_big_endian(value.months, out);
  return out;
}

template <bool kIsTime>
mortise_status_t MORTISE_CALL precision_in(const int64_t* values, uint32_t count, int32_t* modifier,
                                           mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (count != 1) return invalid("invalid type modifier");
    if (values[0] < 0) {
      return invalid(std::string(kIsTime ? "TIME(" : "TIMESTAMP(") + std::to_string(values[0]) +
                     ") precision must not be negative");
    }
    *modifier = static_cast<int32_t>(std::min<int64_t>(values[0], 6));
    return {};
  });
}
uint32_t copy_out(const std::string& text, char* buffer, uint32_t capacity_bytes) {
  std::memcpy(buffer, text.data(), std::min<size_t>(capacity_bytes, text.size()));
  return static_cast<uint32_t>(text.size());
}
uint32_t MORTISE_CALL precision_out(int32_t modifier, char* buffer, uint32_t capacity_bytes) {
  if (modifier < 0) return 0;
  return copy_out("(" + std::to_string(modifier) + ")", buffer, capacity_bytes);
}

// One value: the mask of fields.  Two: the mask and the digits of seconds.
mortise_status_t MORTISE_CALL interval_modifier_in(const int64_t* values, uint32_t count,
                                                   int32_t* modifier, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (count == 0 || count > 2) return invalid("invalid INTERVAL type modifier");
    const int64_t range = values[0] & kIntervalFullRange;
    int64_t precision = kIntervalFullPrecision;
    if (count == 2) {
      if (values[1] < 0) {
        return invalid("INTERVAL(" + std::to_string(values[1]) +
                       ") precision must not be negative");
      }
      precision = std::min<int64_t>(values[1], 6);
    } else if (range == kIntervalFullRange) {
      *modifier = -1;
      return {};
    }
    *modifier = static_cast<int32_t>(range << 16 | precision);
    return {};
  });
}
uint32_t MORTISE_CALL interval_modifier_out(int32_t modifier, char* buffer,
                                            uint32_t capacity_bytes) {
  if (modifier < 0) return 0;
  struct Field {
    int32_t bit;
    const char* name;
  };
  constexpr Field kFields[] = {{kIntervalYear, "year"},     {kIntervalMonth, "month"},
                               {kIntervalDay, "day"},       {kIntervalHour, "hour"},
                               {kIntervalMinute, "minute"}, {kIntervalSecond, "second"}};
  const int32_t range = (modifier >> 16) & kIntervalFullRange;
  std::string text;
  if (range != kIntervalFullRange) {
    const char* last = nullptr;
    for (const Field& field : kFields) {
      if ((range & field.bit) == 0) continue;
      if (text.empty()) {
        text = std::string(" ") + field.name;
      } else {
        last = field.name;
      }
    }
    if (last != nullptr) text.append(" to ").append(last);
  }
  const int32_t precision = modifier & kIntervalFullPrecision;
  if (precision != kIntervalFullPrecision) text.append("(" + std::to_string(precision) + ")");
  return copy_out(text, buffer, capacity_bytes);
}

constexpr mortise_type_info_t kTable[] = {
    describe_type({MORTISE_SQL_DATE, 1182, "date", "date", 4, 'D', false},
                  &resolve_fixed<MORTISE_SQL_DATE, MORTISE_PHYSICAL_INT32>, convert<&date_in>,
                  convert<&date_out>, convert<&date_receive>, convert<&write_fixed<int32_t>>),
    with_modifier(
        describe_type({MORTISE_SQL_TIME, 1183, "time", "time without time zone", 8, 'D', false},
                      &resolve_fixed<MORTISE_SQL_TIME, MORTISE_PHYSICAL_INT64>, convert<&time_in>,
                      convert<&time_out>, convert<&time_receive>, convert<&write_fixed<int64_t>>),
        &precision_in<true>, &precision_out),
    with_modifier(describe_type({MORTISE_SQL_TIMESTAMP, 1115, "timestamp",
                                 "timestamp without time zone", 8, 'D', false},
                                &resolve_fixed<MORTISE_SQL_TIMESTAMP, MORTISE_PHYSICAL_INT64>,
                                convert<&timestamp_in>, convert<&timestamp_out>,
                                convert<&timestamp_receive>, convert<&write_fixed<int64_t>>),
                  &precision_in<false>, &precision_out),
    with_modifier(describe_type({MORTISE_SQL_TIMESTAMPTZ, 1185, "timestamptz",
                                 "timestamp with time zone", 8, 'D', true},
                                &resolve_fixed<MORTISE_SQL_TIMESTAMPTZ, MORTISE_PHYSICAL_INT64>,
                                convert<&timestamptz_in>, convert<&timestamptz_out>,
                                convert<&timestamp_receive>, convert<&write_fixed<int64_t>>),
                  &precision_in<false>, &precision_out),
    with_modifier(describe_type({MORTISE_SQL_INTERVAL, 1187, "interval", "interval", 16, 'T', true},
                                &resolve_fixed<MORTISE_SQL_INTERVAL, MORTISE_PHYSICAL_INTERVAL>,
                                convert<&interval_in>, convert<&interval_out>,
                                convert<&interval_receive>, convert<&interval_send>),
                  &interval_modifier_in, &interval_modifier_out),
};

constexpr auto kAll = with_array_types<kTable>();

}  // namespace

const TypeList kTimeTypes = kAll;

}  // namespace mortise::sql_functions
