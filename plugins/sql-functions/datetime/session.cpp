// SPDX-License-Identifier: Apache-2.0

#include "datetime/session.hpp"

#include <algorithm>
#include <cctype>
#include <string>

#include "datetime/calendar.hpp"
#include "instance.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_functions {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

const Zone& utc() {
  static const std::unique_ptr<Zone> zone = Zone::parse_posix("UTC0");
  return *zone;
}

int64_t floor_seconds(int64_t microseconds) {
  int64_t seconds = microseconds / kMicrosecondsPerSecond;
  if (microseconds % kMicrosecondsPerSecond < 0) --seconds;
  return seconds - int64_t{kUnixEpochDays} * 86400;
}

std::optional<int64_t> shifted(int64_t timestamp, int64_t seconds) {
  int64_t result;
  if (__builtin_add_overflow(timestamp, seconds * kMicrosecondsPerSecond, &result) ||
      !is_valid_timestamp(result)) {
    return std::nullopt;
  }
  return result;
}

}  // namespace

TimeSession::TimeSession(const mortise_session_context_t* context) : zone(&utc()) {
  now_us = 0;
  statement_us = 0;
  if (context == nullptr) return;
  now_us = context->transaction_time_us;
  statement_us = context->statement_time_us;
  if (context->time_zone.size_bytes != 0) {
    const Zone* found = instance().zones.find(view_of(context->time_zone));
    if (found != nullptr) zone = found;
  }
  const std::string dates = lower(view_of(context->date_style));
  const auto has = [&](const char* word) { return dates.find(word) != std::string::npos; };
  if (has("postgres")) date_style = DateStyle::postgres;
  if (has("sql")) date_style = DateStyle::sql;
  if (has("german")) {
    date_style = DateStyle::german;
    date_order = DateOrder::dmy;
  }
  if (has("mdy") || has("us") || has("noneuro")) date_order = DateOrder::mdy;
  if (has("dmy") || (has("euro") && !has("noneuro"))) date_order = DateOrder::dmy;
  if (has("ymd")) date_order = DateOrder::ymd;
  const std::string intervals = lower(view_of(context->interval_style));
  if (intervals == "postgres_verbose") interval_style = IntervalStyle::postgres_verbose;
  if (intervals == "sql_standard") interval_style = IntervalStyle::sql_standard;
  if (intervals == "iso_8601") interval_style = IntervalStyle::iso_8601;
}

std::optional<int64_t> to_local(const Zone& zone, int64_t timestamptz) {
  return shifted(timestamptz, zone.at(floor_seconds(timestamptz)).seconds_east);
}
std::optional<int64_t> from_local(const Zone& zone, int64_t timestamp) {
  return shifted(timestamp, -zone.at_local(floor_seconds(timestamp)).seconds_east);
}

ZoneOffset TimeSession::at(int64_t timestamptz) const {
  return zone->at(floor_seconds(timestamptz));
}
ZoneOffset TimeSession::at_local(int64_t timestamp) const {
  return zone->at_local(floor_seconds(timestamp));
}
std::optional<int64_t> TimeSession::to_local(int64_t timestamptz) const {
  return sql_functions::to_local(*zone, timestamptz);
}
std::optional<int64_t> TimeSession::from_local(int64_t timestamp) const {
  return sql_functions::from_local(*zone, timestamp);
}

}  // namespace mortise::sql_functions
