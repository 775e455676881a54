// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which part of a date or time does a word name?
//
// As extract, date_part and date_trunc take them, in any case.
//
// Threads: pure functions; [any].

#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_functions {

enum class DateUnit {
  none,
  microsecond,
  millisecond,
  second,
  minute,
  hour,
  day,
  week,
  month,
  quarter,
  year,
  decade,
  century,
  millennium,
  julian,
  iso_year,
  weekday,
  iso_weekday,
  year_day,
  epoch,
  zone,
  zone_hour,
  zone_minute,
};

DateUnit date_unit_of(std::string_view name);

// 0A000: unit "hour" not supported for type date
Status unit_not_supported(std::string_view unit, std::string_view type_name);
// 22023: unit "foo" not recognized for type date
Status unit_not_recognized(std::string_view unit, std::string_view type_name);

// Looks a word up once for as long as it stays the same: it is a constant as a rule.
class UnitLookup {
 public:
  DateUnit operator()(std::string_view name) {
    if (name != last_name_ || !is_set_) {
      last_name_ = name;
      last_ = date_unit_of(name);
      is_set_ = true;
    }
    return last_;
  }

 private:
  std::string last_name_;
  DateUnit last_ = DateUnit::none;
  bool is_set_ = false;
};

}  // namespace mortise::sql_functions
