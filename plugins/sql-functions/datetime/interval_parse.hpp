// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how long does a text mean?
//
// Reads intervals in all of PostgreSQL's forms: "1 year 2 mons 3 days 04:05:06", "@ 1 hour ago",
// "1-2", "P1Y2M3DT4H5M6S", "P0001-02-03T04:05:06", "1.5 weeks"; fractions go down to smaller
// fields. Also the range and precision modifiers of the type (interval day to second(3)).
//
// Failures: 22007 for what is no interval, 22015 for a field out of range.
//
// Threads: pure functions; [any].

#include <string_view>

#include "datetime/session.hpp"
#include "evaluate.hpp"

namespace mortise::sql_functions {

// Range bits of an interval's modifier (PostgreSQL's INTERVAL_MASK).
inline constexpr int32_t kIntervalYear = 1 << 2;
inline constexpr int32_t kIntervalMonth = 1 << 1;
inline constexpr int32_t kIntervalDay = 1 << 3;
inline constexpr int32_t kIntervalHour = 1 << 10;
inline constexpr int32_t kIntervalMinute = 1 << 11;
inline constexpr int32_t kIntervalSecond = 1 << 12;
inline constexpr int32_t kIntervalFullRange = 0x7FFF;
inline constexpr int32_t kIntervalFullPrecision = 0xFFFF;

Result<Interval> parse_interval(std::string_view text, int32_t modifier, IntervalStyle style);

// Cuts an interval to the fields and the precision that its modifier names.
Interval fit_interval(Interval value, int32_t modifier);

}  // namespace mortise::sql_functions
