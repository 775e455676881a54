// SPDX-License-Identifier: Apache-2.0

#include "datetime/interval_parse.hpp"

#include <cctype>
#include <cmath>
#include <string>
#include <vector>

#include "datetime/calendar.hpp"
#include "datetime/parse.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

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
Unit find_unit(std::string_view name) {
  for (const UnitName& entry : kUnits) {
    if (entry.name == name) return entry.unit;
  }
  return Unit::none;
}

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
  bool fraction_of_days(double fraction) {
    const double exact = fraction * static_cast<double>(kMicrosecondsPerDay);
    return microseconds(static_cast<int64_t>(std::rint(exact)));
  }
  bool fraction_of(double fraction, int64_t days_in_unit) {
    const double exact = fraction * static_cast<double>(days_in_unit);
    const auto whole = static_cast<int64_t>(exact);
    return days(whole) && fraction_of_days(exact - static_cast<double>(whole));
  }
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

enum class Fault { none, bad_format, overflow };

// "12", "-3.5": sign, whole part and fraction.
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

// "h:m", "h:m:s.f", "m:s.f": a clock time of any length, in microseconds.
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

// The unit of a number without one, by the range of the type.
Unit default_unit(int32_t range) {
  if (range == kIntervalYear) return Unit::year;
  if (range == kIntervalMonth || range == (kIntervalYear | kIntervalMonth)) return Unit::month;
  if (range == kIntervalDay) return Unit::day;
  if ((range & kIntervalSecond) != 0) return Unit::second;
  if (range == kIntervalHour || range == (kIntervalDay | kIntervalHour)) return Unit::hour;
  if ((range & kIntervalMinute) != 0) return Unit::minute;
  return Unit::second;
}

std::vector<std::string> split(std::string_view text, bool* is_valid) {
  std::vector<std::string> fields;
  *is_valid = true;
  size_t i = 0;
  const auto peek = [&] { return i < text.size() ? text[i] : '\0'; };
  while (i < text.size()) {
    const char c = text[i];
    std::string field;
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '@' || c == ',') {
      ++i;
      continue;
    }
    const auto take = [&] {
      field.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(text[i++]))));
    };
    if (c == '+' || c == '-') {
      take();
      while (std::isspace(static_cast<unsigned char>(peek())) != 0) ++i;
      if (!is_digit(peek()) && peek() != '.') *is_valid = false;
    }
    if (is_alpha(peek())) {
      while (is_alpha(peek())) take();
    } else if (is_digit(peek()) || peek() == '.') {
      while (is_digit(peek()) || peek() == '.' || peek() == ':') take();
      if (peek() == '-') {  // years-months
        take();
        while (is_digit(peek())) take();
      }
    } else {
      *is_valid = false;
      return fields;
    }
    fields.push_back(std::move(field));
    if (fields.size() > 25) *is_valid = false;
    if (!*is_valid) return fields;
  }
  return fields;
}

// A field of digits that has its unit in its own shape: a clock or years-months.
Fault read_shaped(const std::string& field, int32_t range, Sum* sum, bool* is_shaped) {
  *is_shaped = true;
  if (field.find(':') != std::string::npos) {
    int64_t us = 0;
    const bool is_minute_second = range == (kIntervalMinute | kIntervalSecond);
    if (const Fault fault = read_clock(field, is_minute_second, &us); fault != Fault::none) {
      return fault;
    }
    return sum->microseconds(us) ? Fault::none : Fault::overflow;
  }
  const size_t mark = field.find('-', 1);
  if (mark == std::string::npos) {
    *is_shaped = false;
    return Fault::none;
  }
  int64_t years = 0;
  int64_t months = 0;
  double fraction = 0;
  bool is_overflow = false;
  if (!read_number(std::string_view(field).substr(0, mark), &years, &fraction, &is_overflow) ||
      fraction != 0 ||
      !read_number(std::string_view(field).substr(mark + 1), &months, &fraction, &is_overflow)) {
    return is_overflow ? Fault::overflow : Fault::bad_format;
  }
  if (months >= 12 || years > INT32_MAX) return Fault::overflow;
  if (field[0] == '-') months = -months;
  return sum->months(years * 12) && sum->months(months) ? Fault::none : Fault::overflow;
}

Fault read_verbose(const std::vector<std::string>& fields, int32_t range, bool is_standard,
                   Sum* sum) {
  // From the back, as a unit stands behind its number.
  Unit unit = Unit::none;
  bool has_unit = false;
  bool is_ago = false;
  bool has_value = false;
  uint32_t seen = 0;
  for (size_t i = fields.size(); i-- > 0;) {
    const std::string& field = fields[i];
    if (is_alpha(field[0])) {
      if (field == "ago") {
        if (i + 1 != fields.size()) return Fault::bad_format;
        is_ago = true;
        continue;
      }
      unit = find_unit(field);
      if (unit == Unit::none || has_unit) return Fault::bad_format;
      has_unit = true;
      continue;
    }
    std::string text = field;
    if (is_standard && fields[0][0] == '-' && i > 0 && is_digit(text[0])) {
      bool has_other_sign = false;
      for (size_t k = 1; k < fields.size(); ++k) {
        has_other_sign |= fields[k][0] == '-' || fields[k][0] == '+';
      }
      if (!has_other_sign) text.insert(text.begin(), '-');
    }
    has_value = true;
    bool is_shaped = false;
    if (const Fault fault = read_shaped(text, range, sum, &is_shaped); fault != Fault::none) {
      return fault;
    }
    if (is_shaped) {
      if (has_unit && unit != Unit::day) return Fault::bad_format;
      const uint32_t bit = text.find(':') != std::string::npos ? 1U << 30 : 1U << 29;
      if ((seen & bit) != 0) return Fault::bad_format;
      seen |= bit;
      has_unit = false;
      // What stands before a clock without a unit is days.
      unit = bit == 1U << 30 ? Unit::day : Unit::none;
      continue;
    }
    if (!has_unit && unit == Unit::none) unit = default_unit(range);
    int64_t whole = 0;
    double fraction = 0;
    bool is_overflow = false;
    if (!read_number(text, &whole, &fraction, &is_overflow)) {
      return is_overflow ? Fault::overflow : Fault::bad_format;
    }
    const uint32_t bit = 1U << static_cast<uint32_t>(unit);
    if ((seen & bit) != 0) return Fault::bad_format;
    seen |= bit;
    if (!sum->add_unit(unit, whole, fraction)) {
      return unit == Unit::quarter ? Fault::bad_format : Fault::overflow;
    }
    has_unit = false;
    unit = Unit::none;
  }
  if (!has_value || has_unit) return Fault::bad_format;
  if (is_ago && !sum->negate()) return Fault::overflow;
  return Fault::none;
}

// ISO 8601: P1Y2M3DT4H5M6S, P0001-02-03T04:05:06, P1.5W.
Fault read_iso(std::string_view text, Sum* sum) {
  text.remove_prefix(1);
  bool is_time = false;
  bool has_field = false;
  while (!text.empty()) {
    if (text[0] == 'T' || text[0] == 't') {
      is_time = true;
      has_field = false;
      text.remove_prefix(1);
      continue;
    }
    size_t length = text[0] == '-' || text[0] == '+' ? 1 : 0;
    while (length < text.size() && (is_digit(text[length]) || text[length] == '.')) ++length;
    int64_t whole = 0;
    double fraction = 0;
    bool is_overflow = false;
    if (!read_number(text.substr(0, length), &whole, &fraction, &is_overflow)) {
      return is_overflow ? Fault::overflow : Fault::bad_format;
    }
    const char mark = length < text.size() ? text[length] : '\0';
    if (is_time && (mark == ':' || mark == '\0')) {
      int64_t us = 0;
      if (const Fault fault = read_clock(text, false, &us); fault != Fault::none) return fault;
      return sum->microseconds(us) ? Fault::none : Fault::overflow;
    }
    if (!is_time && mark == '-') {
      const size_t second = text.find('-', length + 1);
      const size_t end = text.find_first_of("Tt");
      int64_t months = 0;
      int64_t days = 0;
      const size_t months_end = second == std::string_view::npos ? end : second;
      if (!read_number(text.substr(length + 1, months_end - length - 1), &months, &fraction,
                       &is_overflow)) {
        return Fault::bad_format;
      }
      if (second != std::string_view::npos && second < end &&
          !read_number(text.substr(second + 1, end - second - 1), &days, &fraction, &is_overflow)) {
        return Fault::bad_format;
      }
      if (!sum->months(whole * 12) || !sum->months(months) || !sum->days(days)) {
        return Fault::overflow;
      }
      has_field = true;
      text.remove_prefix(end == std::string_view::npos ? text.size() : end);
      continue;
    }
    Unit unit = Unit::none;
    switch (std::toupper(static_cast<unsigned char>(mark))) {
      case 'Y':
        unit = is_time ? Unit::none : Unit::year;
        break;
      case 'M':
        unit = is_time ? Unit::minute : Unit::month;
        break;
      case 'W':
        unit = is_time ? Unit::none : Unit::week;
        break;
      case 'D':
        unit = is_time ? Unit::none : Unit::day;
        break;
      case 'H':
        unit = is_time ? Unit::hour : Unit::none;
        break;
      case 'S':
        unit = is_time ? Unit::second : Unit::none;
        break;
      default:
        break;
    }
    if (unit == Unit::none) return Fault::bad_format;
    if (!sum->add_unit(unit, whole, fraction)) return Fault::overflow;
    has_field = true;
    text.remove_prefix(length + 1);
  }
  return has_field ? Fault::none : Fault::bad_format;
}

}  // namespace

Result<Interval> parse_interval(std::string_view text, int32_t modifier, IntervalStyle style) {
  const int32_t range = modifier < 0 ? kIntervalFullRange : (modifier >> 16) & 0x7FFF;
  Sum sum;
  bool is_valid = true;
  std::string_view trimmed = text;
  while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.front())) != 0) {
    trimmed.remove_prefix(1);
  }
  while (!trimmed.empty() && std::isspace(static_cast<unsigned char>(trimmed.back())) != 0) {
    trimmed.remove_suffix(1);
  }
  Fault fault;
  if (trimmed.size() > 1 && (trimmed[0] == 'P' || trimmed[0] == 'p')) {
    fault = read_iso(trimmed, &sum);
  } else {
    const std::vector<std::string> fields = split(trimmed, &is_valid);
    const bool is_standard = style == IntervalStyle::sql_standard;
    fault = !is_valid || fields.empty() ? Fault::bad_format
                                        : read_verbose(fields, range, is_standard, &sum);
  }
  const std::optional<Interval> value = sum.value();
  if (fault == Fault::bad_format) return bad_syntax("interval", text, "22007");
  if (fault == Fault::overflow || !value) {
    return Status(Code::invalid, "22015",
                  "interval field value out of range: \"" + std::string(text) + "\"");
  }
  return fit_interval(*value, modifier);
}

Interval fit_interval(Interval value, int32_t modifier) {
  if (modifier < 0) return value;
  const int32_t range = (modifier >> 16) & 0x7FFF;
  const int32_t precision = modifier & 0xFFFF;
  if (range != kIntervalFullRange) {
    const auto cut_to = [&](int64_t unit) { value.microseconds -= value.microseconds % unit; };
    if (range == kIntervalYear) {
      value.months = value.months / 12 * 12;
      value.days = 0;
      value.microseconds = 0;
    } else if ((range & (kIntervalDay | kIntervalHour | kIntervalMinute | kIntervalSecond)) == 0) {
      value.days = 0;
      value.microseconds = 0;
    } else if (range == kIntervalDay) {
      value.microseconds = 0;
    } else if ((range & kIntervalSecond) == 0) {
      cut_to((range & kIntervalMinute) != 0 ? kMicrosecondsPerMinute : kMicrosecondsPerHour);
    }
  }
  if (precision != kIntervalFullPrecision && precision < 6) {
    value.microseconds = round_seconds(value.microseconds, precision);
  }
  return value;
}

}  // namespace mortise::sql_functions
