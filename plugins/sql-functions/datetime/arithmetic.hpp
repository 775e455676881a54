// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is a moment plus an interval, and how far apart are two moments?
//
// Months first, then days, then microseconds, as PostgreSQL; for timestamptz months and days move
// the local clock of the session's zone.  22008 when the result is out of range.
//
// Threads: pure functions; [any].

#include "datetime/session.hpp"
#include "evaluate.hpp"

namespace mortise::sql_functions {

Status timestamp_out_of_range();
Status date_out_of_range();
Status interval_out_of_range();

Result<int64_t> timestamp_plus(int64_t timestamp, const Interval& span);
Result<int64_t> timestamptz_plus(const TimeSession& session, int64_t timestamp,
                                 const Interval& span);
Result<Interval> timestamp_difference(int64_t a, int64_t b);
Result<Interval> negated(const Interval& v);
Result<Interval> interval_plus(const Interval& a, const Interval& b);
Result<Interval> interval_divide(const Interval& v, double divisor);
// Turns every 24 hours into a day, or every 30 days into a month.
Result<Interval> justify_hours(const Interval& v);
Result<Interval> justify_days(const Interval& v);
Result<int64_t> timestamp_of_date(int32_t days);
Result<int64_t> timestamptz_of_date(const TimeSession& session, int32_t days);
Result<int64_t> timestamptz_of_timestamp(const TimeSession& session, int64_t timestamp);
Result<int64_t> timestamp_of_timestamptz(const TimeSession& session, int64_t timestamp);
int32_t date_of_timestamp(int64_t timestamp);
Result<int32_t> date_of_timestamptz(const TimeSession& session, int64_t timestamp);

}  // namespace mortise::sql_functions
