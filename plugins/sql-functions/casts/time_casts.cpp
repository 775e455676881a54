// SPDX-License-Identifier: Apache-2.0

// Casts among date, time, timestamp, timestamptz and interval.

#include "casts/lists.hpp"
#include "datetime/arithmetic.hpp"
#include "datetime/calendar.hpp"
#include "datetime/interval_parse.hpp"
#include "datetime/parse.hpp"
#include "datetime/session_row.hpp"

namespace mortise::sql_functions {
namespace {

int64_t fit_seconds(Call& call, int64_t value) {
  return round_seconds(value, bound_modifier(call.state()));
}
Interval fit_span(Call& call, Interval value) {
  return fit_interval(value, bound_modifier(call.state()));
}
int64_t fit_day(Call& call, int64_t value) {
  return round_seconds(value, bound_modifier(call.state()));
}

std::optional<int64_t> time_part(int64_t timestamp) {
  if (!is_finite_timestamp(timestamp)) return std::nullopt;
  return time_of_timestamp(timestamp);
}
std::optional<int64_t> timestamp_to_time(Call& call, int64_t timestamp) {
  const std::optional<int64_t> time = time_part(timestamp);
  if (!time) return std::nullopt;
  return fit_day(call, *time);
}
Result<std::optional<int64_t>> timestamptz_to_time(const TimeSession& session, int64_t moment) {
  MORTISE_TRY_ASSIGN(const int64_t local, timestamp_of_timestamptz(session, moment));
  return time_part(local);
}
int64_t interval_to_time(Call& call, Interval value) {
  const int64_t rest = value.microseconds % kMicrosecondsPerDay;
  return fit_day(call, rest < 0 ? rest + kMicrosecondsPerDay : rest);
}
Interval time_to_interval(Call& call, int64_t time) {
  return fit_span(call, Interval{time, 0, 0});
}

// Both directions between local time and moments, then the target's precision.
template <auto Convert>
Status in_zone(Call& call) {
  const TimeSession session(call.session());
  const Values<int64_t> in(call.column(0));
  const int32_t modifier = bound_modifier(call.state());
  auto* out = call.data<int64_t>();
  return call.each([&](uint32_t row) -> Status {
    MORTISE_TRY_ASSIGN(const int64_t value, Convert(session, in[row]));
    out[row] = round_seconds(value, modifier);
    return {};
  });
}

constexpr mortise_cast_t kTable[] = {
    cast<"date:timestamp">(MORTISE_CAST_IMPLICIT, row<&timestamp_of_date>),
    cast<"date:timestamptz">(MORTISE_CAST_IMPLICIT, session_row<&timestamptz_of_date>),
    cast<"timestamp:date">(MORTISE_CAST_ASSIGNMENT, row<&date_of_timestamp>),
    cast<"timestamptz:date">(MORTISE_CAST_ASSIGNMENT, session_row<&date_of_timestamptz>),
    cast<"timestamp:time">(MORTISE_CAST_ASSIGNMENT, row<&timestamp_to_time>, &bind_modifier),
    cast<"timestamptz:time">(MORTISE_CAST_ASSIGNMENT, session_row<&timestamptz_to_time>),
    cast<"timestamp:timestamptz">(MORTISE_CAST_IMPLICIT,
                                  &batch<&in_zone<&timestamptz_of_timestamp>>, &bind_modifier),
    cast<"timestamptz:timestamp">(MORTISE_CAST_ASSIGNMENT,
                                  &batch<&in_zone<&timestamp_of_timestamptz>>, &bind_modifier),
    cast<"time:interval">(MORTISE_CAST_IMPLICIT, row<&time_to_interval>, &bind_modifier),
    cast<"interval:time">(MORTISE_CAST_ASSIGNMENT, row<&interval_to_time>, &bind_modifier),
    cast<"time:time">(MORTISE_CAST_IMPLICIT, row<&fit_seconds>, &bind_modifier),
    cast<"timestamp:timestamp">(MORTISE_CAST_IMPLICIT, row<&fit_seconds>, &bind_modifier),
    cast<"timestamptz:timestamptz">(MORTISE_CAST_IMPLICIT, row<&fit_seconds>, &bind_modifier),
    cast<"interval:interval">(MORTISE_CAST_IMPLICIT, row<&fit_span>, &bind_modifier),
};

}  // namespace

const CastList kTimeCasts = kTable;

}  // namespace mortise::sql_functions
