// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do the fields of an interval's text add up?
//
// Months, days and microseconds are summed apart; fractions go down to the next smaller of them (30
// days to a month, 24 hours to a day).  Shared by the readers of the two notations
// (interval_parse.cpp, interval_iso.cpp).
//
// Threads: pure functions and value types; [any].

#include <optional>
#include <string_view>

#include "evaluate.hpp"

namespace mortise::sql_functions::interval_text {

enum class Unit {
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
  millennium
};
// none for a word that is no unit.
Unit find_unit(std::string_view name);

enum class Fault { none, bad_format, overflow };

// Sums up what the fields say; false once something has overflowed.
class Sum {
 public:
  bool months(int64_t count) { return add(&months_, count); }
  bool days(int64_t count) { return add(&days_, count); }
  bool microseconds(int64_t count) { return !__builtin_add_overflow(us_, count, &us_); }
  bool microseconds_of(int64_t count, int64_t unit) {
    int64_t product;
    return !__builtin_mul_overflow(count, unit, &product) && microseconds(product);
  }
  // Fractions go down: of a month into days, of a day into time.
  bool fraction_of_days(double fraction);
  bool fraction_of(double fraction, int64_t days_in_unit);
  bool add_unit(Unit unit, int64_t value, double fraction);

  bool negate() {
    if (us_ == INT64_MIN) return false;
    us_ = -us_;
    months_ = -months_;
    days_ = -days_;
    return true;
  }
  std::optional<Interval> value() const {
    if (months_ != static_cast<int32_t>(months_) || days_ != static_cast<int32_t>(days_)) {
      return std::nullopt;
    }
    return Interval{us_, static_cast<int32_t>(days_), static_cast<int32_t>(months_)};
  }

 private:
  static bool add(int64_t* to, int64_t count) {
    return !__builtin_add_overflow(*to, count, to) && *to <= INT32_MAX && *to >= INT32_MIN;
  }
  int64_t months_ = 0;
  int64_t days_ = 0;
  int64_t us_ = 0;
};

// "12", "-3.5": whole part and fraction.
bool read_number(std::string_view text, int64_t* whole, double* fraction, bool* is_overflow);

// "h:m", "h:m:s.f", "m:s.f": a clock time of any length, in microseconds.
Fault read_clock(std::string_view text, bool is_minute_second, int64_t* result);

// ISO 8601: P1Y2M3DT4H5M6S, P0001-02-03T04:05:06, P1.5W.  The text begins with the P.
Fault read_iso(std::string_view text, Sum* sum);

}  // namespace mortise::sql_functions::interval_text
