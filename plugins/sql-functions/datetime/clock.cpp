// SPDX-License-Identifier: Apache-2.0

// The present moment, and moving between zones.
//
// now() and its relatives stand still during a transaction: they are read from the session.  Only
// clock_timestamp and timeofday ask the host's clock.

#include "datetime/arithmetic.hpp"
#include "datetime/calendar.hpp"
#include "datetime/lists.hpp"
#include "datetime/parse.hpp"
#include "datetime/print.hpp"
#include "datetime/session_row.hpp"
#include "instance.hpp"

namespace mortise::sql_functions {
namespace {

int64_t transaction_time(const TimeSession& session) {
  return session.now_us;
}
int64_t statement_time(const TimeSession& session) {
  return session.statement_us;
}
Result<int64_t> clock_time(const TimeSession&) {
  if (instance().sync == nullptr) return unsupported("no clock without a host");
  return instance().sync->realtime_us() + kUnixEpochDays * kMicrosecondsPerDay;
}

Status zone_not_recognized(std::string_view name) {
  std::string message("time zone \"");
  message.append(name).append("\" not recognized");
  return {Code::invalid, "22023", std::move(message)};
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// An abbreviation counts before a zone of the same name, as in PostgreSQL.
Result<int64_t> local_in_zone(std::string_view name, int64_t moment) {
  if (!is_finite_timestamp(moment)) return moment;
  if (const ZoneAbbreviation* fixed = find_abbreviation(lower(name))) {
    const int64_t local = moment + fixed->seconds_east * kMicrosecondsPerSecond;
    if (!is_valid_timestamp(local)) return timestamp_out_of_range();
    return local;
  }
  const Zone* zone = instance().zones.find(name);
  if (zone == nullptr) return zone_not_recognized(name);
  const std::optional<int64_t> local = to_local(*zone, moment);
  if (!local) return timestamp_out_of_range();
  return *local;
}
Result<int64_t> moment_in_zone(std::string_view name, int64_t local) {
  if (!is_finite_timestamp(local)) return local;
  if (const ZoneAbbreviation* fixed = find_abbreviation(lower(name))) {
    const int64_t moment = local - fixed->seconds_east * kMicrosecondsPerSecond;
    if (!is_valid_timestamp(moment)) return timestamp_out_of_range();
    return moment;
  }
  const Zone* zone = instance().zones.find(name);
  if (zone == nullptr) return zone_not_recognized(name);
  const std::optional<int64_t> moment = from_local(*zone, local);
  if (!moment) return timestamp_out_of_range();
  return *moment;
}

Result<int64_t> offset_of(const Interval& offset) {
  if (offset.months != 0 || offset.days != 0) {
    std::string text;
    append_interval(offset, IntervalStyle::postgres, text);
    return Status(Code::invalid, "22023",
                  "interval time zone \"" + text + "\" must not include months or days");
  }
  return offset.microseconds / kMicrosecondsPerSecond * kMicrosecondsPerSecond;
}
Result<int64_t> local_at_offset(const Interval& offset, int64_t moment) {
  if (!is_finite_timestamp(moment)) return moment;
  MORTISE_TRY_ASSIGN(const int64_t east, offset_of(offset));
  if (!is_valid_timestamp(moment + east)) return timestamp_out_of_range();
  return moment + east;
}
Result<int64_t> moment_at_offset(const Interval& offset, int64_t local) {
  if (!is_finite_timestamp(local)) return local;
  MORTISE_TRY_ASSIGN(const int64_t east, offset_of(offset));
  if (!is_valid_timestamp(local - east)) return timestamp_out_of_range();
  return local - east;
}

bool is_finite_moment(int64_t v) {
  return is_finite_timestamp(v);
}
bool is_finite_day(int32_t v) {
  return is_finite_date(v);
}

constexpr mortise_function_t kTable[] = {
    scalar<":timestamptz">(1299, "now", session_row<&transaction_time>,
                           {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":timestamptz">(2647, "transaction_timestamp", session_row<&transaction_time>,
                           {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":timestamptz">(2648, "statement_timestamp", session_row<&statement_time>,
                           {.volatility = MORTISE_VOLATILITY_STABLE, .cannot_fail = true}),
    scalar<":timestamptz">(2649, "clock_timestamp", session_row<&clock_time>,
                           {.volatility = MORTISE_VOLATILITY_VOLATILE}),
    scalar<"text,timestamptz:timestamp">(1159, "timezone", row<&local_in_zone>),
    scalar<"text,timestamp:timestamptz">(2069, "timezone", row<&moment_in_zone>),
    scalar<"interval,timestamptz:timestamp">(1026, "timezone", row<&local_at_offset>),
    scalar<"interval,timestamp:timestamptz">(2070, "timezone", row<&moment_at_offset>),
    scalar<"timestamp:bool">(2048, "isfinite", row<&is_finite_moment>, {.cannot_fail = true}),
    scalar<"timestamptz:bool">(1389, "isfinite", row<&is_finite_moment>, {.cannot_fail = true}),
    scalar<"date:bool">(1373, "isfinite", row<&is_finite_day>, {.cannot_fail = true}),
};

}  // namespace

const FunctionList kClockFunctions = kTable;

}  // namespace mortise::sql_functions
