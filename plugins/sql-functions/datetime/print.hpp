// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how are dates, times, timestamps and intervals written?
//
// In the session's DateStyle and IntervalStyle, to the character as PostgreSQL writes them.
//
// Threads: pure functions over the session; [worker].

#include <string>

#include "datetime/session.hpp"
#include "evaluate.hpp"

namespace mortise::sql_functions {

void append_date(int32_t days, const TimeSession& session, std::string& out);
void append_time(int64_t time, std::string& out);
void append_timestamp(int64_t timestamp, const TimeSession& session, std::string& out);
void append_timestamptz(int64_t timestamp, const TimeSession& session, std::string& out);
void append_interval(const Interval& value, IntervalStyle style, std::string& out);

// "+02", "-08:30", "+05:30:10".
void append_zone_offset(int32_t seconds_east, std::string& out);
// The number with at least so many digits, zeros in front.
void append_padded(int64_t value, int32_t width, std::string& out);

}  // namespace mortise::sql_functions
