// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the letters of a to_char pattern for dates and times stand for?
//
// A pattern is split once into nodes: fields ("YYYY", "Mon") with their modifiers, separators and
// other characters.  Writing is template_write.cpp, reading template_read.cpp.
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>
#include <vector>

#include "datetime/calendar.hpp"
#include "datetime/session.hpp"
#include "evaluate.hpp"

namespace mortise::sql_functions {

enum class DateField {
  am,  // with the spelling of the node's text
  ad,
  century,
  day_name,
  day_short,
  year_day,
  iso_year_day,
  month_day,
  weekday,
  iso_weekday,
  fraction,  // FF1 to FF6: digits in `width`
  hour_12,
  hour_24,
  julian,
  minute,
  month,
  month_name,
  month_short,
  millisecond,
  microsecond,
  offset,
  quarter,
  roman_month,
  second,
  day_second,
  zone_name,
  zone_hours,
  zone_minutes,
  week,
  iso_week,
  month_week,
  year,  // digits in `width`
  year_comma,
  iso_year,
  fixed,  // FX: a mode, not a field
};

struct TemplateNode {
  enum class Kind { field, separator, space, character } kind;
  std::string_view text;  // as the pattern has it; of a character its bytes
  DateField field = DateField::fixed;
  int32_t width = 0;
  bool is_fill_mode = false;   // FM
  bool is_translated = false;  // TM: names do not fill a column
  bool has_ordinal = false;    // TH, th
  bool is_ordinal_upper = false;
};

// The nodes; their texts point into the pattern.
std::vector<TemplateNode> parse_template(std::string_view pattern);

// What a template writes.  Interval parts may be negative and beyond their usual bounds.
struct TemplateTime {
  int64_t year;
  int32_t month;  // 0 within intervals of whole years
  int64_t day;
  int64_t hour;
  int32_t minute;
  int32_t second;
  int32_t microsecond;
  int64_t year_day;
  int32_t days;  // since 2000-01-01; of an interval what its numbers would be as a date
  bool is_interval;
  bool has_zone;
  int32_t seconds_east;
  std::string_view abbreviation;
};
Result<std::string> write_template(const std::vector<TemplateNode>& nodes, const TemplateTime& t);

// Local time read by a template, and the offset if it named one.
struct TemplateReading {
  int32_t days;
  int64_t time;
  std::optional<int32_t> seconds_east;
  int32_t fraction_digits;  // the moment is rounded to them; 0 = as it is
};
Result<TemplateReading> read_template(const std::vector<TemplateNode>& nodes,
                                      std::string_view text);

extern const char* const kMonthNames[12];
extern const char* const kWeekdayNames[7];
extern const char* const kRomanMonths[12];  // XII first, as they are looked for

}  // namespace mortise::sql_functions
