// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which moment do the fields that a template has read make?
//
// 0 is "not given", as in PostgreSQL: a month 00 is January.  A date defaults to the first of
// January of 1 BC, a time to midnight.
//
// Threads: pure functions; [any].

#include "datetime/template.hpp"

namespace mortise::sql_functions {

struct TemplateFields {
  enum class Convention { any, gregorian, iso_week };

  Convention convention = Convention::any;
  bool uses_half_day = false;  // HH12, or AM and PM
  int32_t hour = 0;
  int32_t half = 0;  // 1 is PM
  int32_t minute = 0;
  int32_t second = 0;
  int32_t day_second = 0;
  int32_t millisecond = 0;
  int32_t microsecond = 0;
  int32_t fraction_digits = 0;  // FF1 to FF6
  int32_t year = 0;
  int32_t year_digits = 0;
  int32_t century = 0;
  int32_t era = 0;  // 1 is BC
  int32_t month = 0;
  int32_t day = 0;
  int32_t year_day = 0;
  int32_t julian = 0;
  int32_t week = 0;
  int32_t month_week = 0;
  int32_t weekday = 0;    // 1 is Sunday
  int32_t zone_sign = 0;  // -1, 1
  int32_t zone_hours = 0;
  int32_t zone_minutes = 0;

  // 22008 with the text that was read when a field is out of range.  A year that no date has gives
  // a day that is no valid date.
  Result<TemplateReading> compose(std::string_view whole) const;
};

}  // namespace mortise::sql_functions
