// SPDX-License-Identifier: Apache-2.0

// Intervals in the notation of ISO 8601: with designators (P1Y2M3DT4H5M6S), and both alternative
// forms (P0001-02-03T04:05:06, P00010203T040506).

#include <cctype>

#include "datetime/calendar.hpp"
#include "datetime/interval_text.hpp"

namespace mortise::sql_functions::interval_text {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

Unit unit_of_mark(char mark, bool is_time) {
  switch (std::toupper(static_cast<unsigned char>(mark))) {
    case 'Y':
      return is_time ? Unit::none : Unit::year;
    case 'M':
      return is_time ? Unit::minute : Unit::month;
    case 'W':
      return is_time ? Unit::none : Unit::week;
    case 'D':
      return is_time ? Unit::none : Unit::day;
    case 'H':
      return is_time ? Unit::hour : Unit::none;
    case 'S':
      return is_time ? Unit::second : Unit::none;
    default:
      return Unit::none;
  }
}

class IsoReader {
 public:
  IsoReader(std::string_view text, Sum* sum) : rest_(text), sum_(sum) {}

  Fault read() {
    if (rest_.size() < 2) return Fault::bad_format;
    rest_.remove_prefix(1);
    while (!rest_.empty()) {
      if (rest_[0] == 'T' || rest_[0] == 't') {
        is_time_ = true;
        has_field_ = false;
        rest_.remove_prefix(1);
        continue;
      }
      if (const Fault fault = read_field(); fault != Fault::none) return fault;
    }
    return Fault::none;
  }

 private:
  Fault read_field() {
    size_t length = rest_[0] == '-' || rest_[0] == '+' ? 1 : 0;
    while (length < rest_.size() && (is_digit(rest_[length]) || rest_[length] == '.')) ++length;
    int64_t whole = 0;
    double fraction = 0;
    bool is_overflow = false;
    if (!read_number(rest_.substr(0, length), &whole, &fraction, &is_overflow)) {
      return is_overflow ? Fault::overflow : Fault::bad_format;
    }
    const char mark = length < rest_.size() ? rest_[length] : '\0';
    if (is_time_ && (mark == ':' || mark == '\0')) return read_time(whole, length);
    const bool is_alternative = mark == '-' || mark == '\0' || mark == 'T' || mark == 't';
    if (!is_time_ && is_alternative) return read_date(whole, length);
    const Unit unit = unit_of_mark(mark, is_time_);
    if (unit == Unit::none) return Fault::bad_format;
    if (!sum_->add_unit(unit, whole, fraction)) return Fault::overflow;
    has_field_ = true;
    rest_.remove_prefix(length + 1);
    return Fault::none;
  }

  // "04:05:06" or "040506", to the end.
  Fault read_time(int64_t whole, size_t length) {
    const std::string_view digits = rest_.substr(0, rest_.find('.'));
    int64_t us = 0;
    if (!has_field_ && length == rest_.size() && digits.size() == 6) {
      us = whole / 10000 * kMicrosecondsPerHour + whole / 100 % 100 * kMicrosecondsPerMinute +
           whole % 100 * kMicrosecondsPerSecond;
    } else if (has_field_) {
      return Fault::bad_format;
    } else if (const Fault fault = read_clock(rest_, false, &us); fault != Fault::none) {
      return fault;
    }
    rest_ = {};
    return sum_->microseconds(us) ? Fault::none : Fault::overflow;
  }

  // "0001-02-03" or "00010203", up to the T or the end.
  Fault read_date(int64_t years, size_t length) {
    if (has_field_) return Fault::bad_format;
    const size_t end = rest_.find_first_of("Tt");
    const std::string_view date = rest_.substr(0, end);
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end);
    int64_t parts[3] = {years, 0, 0};
    if (length == date.size() && date.size() == 8) {
      parts[0] = years / 10000;
      parts[1] = years / 100 % 100;
      parts[2] = years % 100;
    } else {
      std::string_view more = length < date.size() ? date.substr(length + 1) : std::string_view();
      for (size_t i = 1; i < 3 && !more.empty(); ++i) {
        const size_t mark = more.find('-');
        double fraction = 0;
        bool is_overflow = false;
        if (!read_number(more.substr(0, mark), &parts[i], &fraction, &is_overflow)) {
          return is_overflow ? Fault::overflow : Fault::bad_format;
        }
        more = mark == std::string_view::npos ? std::string_view() : more.substr(mark + 1);
      }
      if (!more.empty()) return Fault::bad_format;
    }
    if (parts[0] > INT32_MAX || !sum_->months(parts[0] * 12) || !sum_->months(parts[1]) ||
        !sum_->days(parts[2])) {
      return Fault::overflow;
    }
    return Fault::none;
  }

  std::string_view rest_;
  Sum* sum_;
  bool is_time_ = false;
  bool has_field_ = false;
};

}  // namespace

Fault read_iso(std::string_view text, Sum* sum) {
  return IsoReader(text, sum).read();
}

}  // namespace mortise::sql_functions::interval_text
