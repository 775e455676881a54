// SPDX-License-Identifier: Apache-2.0

#include "datetime/interval_parse.hpp"

#include <cctype>
#include <string>
#include <vector>

#include "datetime/calendar.hpp"
#include "datetime/interval_text.hpp"
#include "datetime/parse.hpp"
#include "failures.hpp"

namespace mortise::sql_functions {
namespace {

using interval_text::Fault;
using interval_text::find_unit;
using interval_text::read_clock;
using interval_text::read_number;
using interval_text::Sum;
using interval_text::Unit;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_alpha(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
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

// Reads the fields from the back, as a unit stands behind its number.
class VerboseReader {
 public:
  VerboseReader(const std::vector<std::string>& fields, int32_t range, bool is_standard, Sum* sum)
      : fields_(fields), range_(range), is_standard_(is_standard), sum_(sum) {}

  Fault read() {
    for (size_t i = fields_.size(); i-- > 0;) {
      const Fault fault = is_alpha(fields_[i][0]) ? read_word(fields_[i]) : read_value(i);
      if (fault != Fault::none) return fault;
    }
    if (!has_value_ || has_unit_) return Fault::bad_format;
    if (is_ago_ && !sum_->negate()) return Fault::overflow;
    return Fault::none;
  }

 private:
  Fault read_word(const std::string& word) {
    if (word == "ago") {
      is_ago_ = true;
      return Fault::none;
    }
    unit_ = find_unit(word);
    if (unit_ == Unit::none || has_unit_) return Fault::bad_format;
    has_unit_ = true;
    return Fault::none;
  }

  // In the SQL standard's style a minus at the front stands for all fields without a sign.
  std::string signed_text(size_t index) const {
    std::string text = fields_[index];
    if (!is_standard_ || index == 0 || fields_[0][0] != '-' || !is_digit(text[0])) return text;
    for (size_t k = 1; k < fields_.size(); ++k) {
      if (fields_[k][0] == '-' || fields_[k][0] == '+') return text;
    }
    return "-" + text;
  }

  bool is_new(uint32_t bit) {
    const bool was_seen = (seen_ & bit) != 0;
    seen_ |= bit;
    return !was_seen;
  }

  Fault read_value(size_t index) {
    const std::string text = signed_text(index);
    has_value_ = true;
    bool is_shaped = false;
    if (const Fault fault = read_shaped(text, range_, sum_, &is_shaped); fault != Fault::none) {
      return fault;
    }
    if (is_shaped) {
      if (has_unit_ && unit_ != Unit::day) return Fault::bad_format;
      const bool is_clock = text.find(':') != std::string::npos;
      if (!is_new(is_clock ? 1U << 30 : 1U << 29)) return Fault::bad_format;
      has_unit_ = false;
      unit_ = is_clock ? Unit::day : Unit::none;  // what stands before a clock is days
      return Fault::none;
    }
    if (!has_unit_ && unit_ == Unit::none) unit_ = default_unit(range_);
    int64_t whole = 0;
    double fraction = 0;
    bool is_overflow = false;
    if (!read_number(text, &whole, &fraction, &is_overflow)) {
      return is_overflow ? Fault::overflow : Fault::bad_format;
    }
    if (!is_new(1U << static_cast<uint32_t>(unit_))) return Fault::bad_format;
    if (!sum_->add_unit(unit_, whole, fraction)) {
      return unit_ == Unit::quarter ? Fault::bad_format : Fault::overflow;
    }
    has_unit_ = false;
    unit_ = Unit::none;
    return Fault::none;
  }

  const std::vector<std::string>& fields_;
  const int32_t range_;
  const bool is_standard_;
  Sum* sum_;
  Unit unit_ = Unit::none;
  bool has_unit_ = false;
  bool is_ago_ = false;
  bool has_value_ = false;
  uint32_t seen_ = 0;
};

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
    fault = interval_text::read_iso(trimmed, &sum);
  } else {
    const std::vector<std::string> fields = split(trimmed, &is_valid);
    const bool is_standard = style == IntervalStyle::sql_standard;
    fault = !is_valid || fields.empty() ? Fault::bad_format
                                        : VerboseReader(fields, range, is_standard, &sum).read();
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
