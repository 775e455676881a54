// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how long is an interval, for comparing?
//
// A day counts as 24 hours and a month as 30 days, as in PostgreSQL; 128 bits hold every interval.
//
// Threads: pure functions; [any].

#include "mortise/cpp/numeric.hpp"

namespace mortise::sql_functions {

inline constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;

inline Int128 interval_span(const mortise_interval_t& v) {
  const int64_t days = static_cast<int64_t>(v.months) * 30 + v.days;
  return static_cast<Int128>(days) * kMicrosecondsPerDay + v.microseconds;
}

}  // namespace mortise::sql_functions
