// SPDX-License-Identifier: Apache-2.0

#include "datetime/interval_text.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "datetime/calendar.hpp"

namespace mortise::sql_functions::interval_text {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct UnitName {
  std::string_view name;
  Unit unit;
};
constexpr UnitName kUnits[] = {
    {"c", Unit::century},
    {"cent", Unit::century},
    {"centuries", Unit::century},
    {"century", Unit::century},
    {"d", Unit::day},
    {"day", Unit::day},
    {"days", Unit::day},
    {"dec", Unit::decade},
    {"decade", Unit::decade},
    {"decades", Unit::decade},
    {"decs", Unit::decade},
    {"h", Unit::hour},
    {"hour", Unit::hour},
    {"hours", Unit::hour},
    {"hr", Unit::hour},
    {"hrs", Unit::hour},
    {"m", Unit::minute},
    {"microsecon", Unit::microsecond},
    {"microsecond", Unit::microsecond},
    {"microseconds", Unit::microsecond},
    {"mil", Unit::millennium},
    {"millennia", Unit::millennium},
    {"millennium", Unit::millennium},
    {"millisecon", Unit::millisecond},
    {"millisecond", Unit::millisecond},
    {"milliseconds", Unit::millisecond},
    {"mils", Unit::millennium},
    {"min", Unit::minute},
    {"mins", Unit::minute},
    {"minute", Unit::minute},
    {"minutes", Unit::minute},
    {"mon", Unit::month},
    {"mons", Unit::month},
    {"month", Unit::month},
    {"months", Unit::month},
    {"ms", Unit::millisecond},
    {"msec", Unit::millisecond},
    {"mseconds", Unit::millisecond},
    {"msecs", Unit::millisecond},
    {"qtr", Unit::quarter},
    {"quarter", Unit::quarter},
    {"s", Unit::second},
    {"sec", Unit::second},
    {"second", Unit::second},
    {"seconds", Unit::second},
    {"secs", Unit::second},
    {"us", Unit::microsecond},
    {"usec", Unit::microsecond},
    {"useconds", Unit::microsecond},
    {"usecs", Unit::microsecond},
    {"w", Unit::week},
    {"week", Unit::week},
    {"weeks", Unit::week},
    {"y", Unit::year},
    {"year", Unit::year},
    {"years", Unit::year},
    {"yr", Unit::year},
    {"yrs", Unit::year},
};

}  // namespace

Unit find_unit(std::string_view name) {
  for (const UnitName& entry : kUnits) {
    if (entry.name == name) return entry.unit;
  }
  return Unit::none;
}

bool Sum::fraction_of_days(double fraction) {
  const double exact = fraction * static_cast<double>(kMicrosecondsPerDay);
  return microseconds(static_cast<int64_t>(std::rint(exact)));
}

bool Sum::fraction_of(double fraction, int64_t days_in_unit) {
  const double exact = fraction * static_cast<double>(days_in_unit);
  const auto whole = static_cast<int64_t>(exact);
  return days(whole) && fraction_of_days(exact - static_cast<double>(whole));
}

bool Sum::add_unit(Unit unit, int64_t value, double fraction) {
  const auto sub_seconds = [&](int64_t unit_us) {
    return microseconds_of(value, unit_us) &&
           microseconds(static_cast<int64_t>(std::rint(fraction * static_cast<double>(unit_us))));
  };
  const auto years = [&](int64_t count) {
    int64_t product;
    return !__builtin_mul_overflow(value, count * 12, &product) && months(product) &&
           months(static_cast<int64_t>(std::rint(fraction * static_cast<double>(count * 12))));
  };
  switch (unit) {
    case Unit::microsecond:
      return microseconds(value) && microseconds(static_cast<int64_t>(std::rint(fraction)));
    case Unit::millisecond:
      return sub_seconds(1000);
    case Unit::second:
      return sub_seconds(kMicrosecondsPerSecond);
    case Unit::minute:
      return sub_seconds(kMicrosecondsPerMinute);
    case Unit::hour:
      return sub_seconds(kMicrosecondsPerHour);
    case Unit::day:
      return days(value) && fraction_of_days(fraction);
    case Unit::week:
      return value < INT32_MAX && value > INT32_MIN && days(value * 7) && fraction_of(fraction, 7);
    case Unit::month:
      return months(value) && fraction_of(fraction, 30);
    case Unit::year:
      return years(1);
    case Unit::decade:
      return years(10);
    case Unit::century:
      return years(100);
    case Unit::millennium:
      return years(1000);
    default:
      return false;
  }
}

bool read_number(std::string_view text, int64_t* whole, double* fraction, bool* is_overflow) {
  const bool is_negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  size_t i = 0;
  *whole = 0;
  *is_overflow = false;
  while (i < text.size() && is_digit(text[i])) {
    if (__builtin_mul_overflow(*whole, 10, whole) ||
        __builtin_sub_overflow(*whole, text[i] - '0', whole)) {
      *is_overflow = true;
      return false;
    }
    ++i;
  }
  if (!is_negative) {
    if (*whole == INT64_MIN) {
      *is_overflow = true;
      return false;
    }
    *whole = -*whole;
  }
  *fraction = 0;
  if (i == text.size()) return i > 0;
  if (text[i] != '.') return false;
  const std::string digits = "0" + std::string(text.substr(i));
  for (size_t k = i + 1; k < text.size(); ++k) {
    if (!is_digit(text[k])) return false;
  }
  *fraction = std::stod(digits);
  if (is_negative) *fraction = -*fraction;
  return true;
}

Fault read_clock(std::string_view text, bool is_minute_second, int64_t* result) {
  const bool is_negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  std::vector<std::string_view> parts;
  while (true) {
    const size_t mark = text.find(':');
    parts.push_back(text.substr(0, mark));
    if (mark == std::string_view::npos) break;
    text.remove_prefix(mark + 1);
  }
  if (parts.size() > 3) return Fault::bad_format;
  if (parts.size() == 3 && parts[2].empty()) return Fault::bad_format;
  if (parts.size() == 2 && (is_minute_second || parts[1].find('.') != std::string_view::npos)) {
    parts.insert(parts.begin(), "0");
  }
  int64_t value[3] = {0, 0, 0};
  double fraction = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].empty() && i > 0 && i + 1 == parts.size()) continue;
    bool is_overflow = false;
    double part_fraction = 0;
    if (!read_number(parts[i], &value[i], &part_fraction, &is_overflow)) {
      return is_overflow ? Fault::overflow : Fault::bad_format;
    }
    if (part_fraction != 0 && i != 2) return Fault::bad_format;
    fraction = part_fraction;
  }
  if (value[1] > 59 || value[2] > 60) return Fault::overflow;
  int64_t us;
  if (__builtin_mul_overflow(value[0], kMicrosecondsPerHour, &us)) return Fault::overflow;
  const int64_t rest = value[1] * kMicrosecondsPerMinute + value[2] * kMicrosecondsPerSecond +
                       static_cast<int64_t>(std::rint(fraction * 1e6));
  if (__builtin_add_overflow(us, rest, &us)) return Fault::overflow;
  *result = is_negative ? -us : us;
  return Fault::none;
}

}  // namespace mortise::sql_functions::interval_text
