// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which moment does a text mean?
//
// Reads what PostgreSQL reads: ISO 8601, run-together digits, month names, day-first and
// month-first dates by DateStyle, AM/PM, BC, Julian days, zone names, abbreviations and offsets,
// and the words now, today, tomorrow, yesterday, epoch, infinity and allballs.
//
// Failures: 22007 for what is no date or time, 22008 for a field out of range, 22009 for a zone
// offset out of range, 22023 for an unknown zone; wording as PostgreSQL.
//
// Threads: pure functions over the session; [worker].

#include <string_view>

#include "datetime/session.hpp"

namespace mortise::sql_functions {

Result<int32_t> parse_date(std::string_view text, const TimeSession& session);
Result<int64_t> parse_time(std::string_view text, const TimeSession& session);
Result<int64_t> parse_timestamp(std::string_view text, const TimeSession& session);
Result<int64_t> parse_timestamptz(std::string_view text, const TimeSession& session);

// Rounds to so many digits of seconds (0..6); negative: leaves it.
int64_t round_seconds(int64_t microseconds, int32_t digits);

// Offset text "+02", "-08:30", "+05:30:10" to seconds east; nothing when malformed; *is_too_far
// when it is past 15:59:59.
std::optional<int32_t> parse_zone_offset(std::string_view text, bool* is_too_far);

// 1..12 for a month's name or short name in lower case, else 0.
int32_t month_of_name(std::string_view lower_name);

}  // namespace mortise::sql_functions
