// SPDX-License-Identifier: Apache-2.0

// to_timestamp and to_date: reading by a template.
//
// Blanks and separators of text and template meet loosely unless FX asks for more, as in
// PostgreSQL.  Fields that contradict each other fail with 22007, values out of range with 22008.

#include <algorithm>

#include "datetime/arithmetic.hpp"
#include "datetime/lists.hpp"
#include "datetime/session_row.hpp"
#include "datetime/template.hpp"

namespace mortise::sql_functions {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}
char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
bool is_letter(char c) {
  return upper(c) >= 'A' && upper(c) <= 'Z';
}
bool is_separator(char c) {
  return c > 0x20 && c < 0x7F && !is_digit(c) && !is_letter(c);
}
bool matches(std::string_view text, std::string_view word) {
  if (text.size() < word.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    if (upper(text[i]) != upper(word[i])) return false;
  }
  return true;
}

Status bad_value(std::string_view value, std::string_view field, const char* detail) {
  std::string message("invalid value \"");
  message.append(value).append("\" for \"").append(field).append("\"");
  return Status(Code::invalid, "22007", std::move(message))
      .with(MORTISE_ERROR_FIELD_DETAIL, detail);
}
Status field_out_of_range(std::string_view text) {
  std::string message("date/time field value out of range: \"");
  message.append(text).append("\"");
  return {Code::invalid, "22008", std::move(message)};
}

class TemplateReader {
 public:
  TemplateReader(const std::vector<TemplateNode>& nodes, std::string_view text)
      : nodes_(nodes), whole_(text), rest_(text) {}

  Result<TemplateReading> read() {
    int32_t skipped = 0;
    for (at_ = 0; at_ < nodes_.size() && !rest_.empty(); ++at_) {
      const TemplateNode& node = nodes_[at_];
      const bool is_field = node.kind == TemplateNode::Kind::field;
      if (is_field && node.field == DateField::fixed) {
        is_fixed_ = true;
        continue;
      }
      if (!is_fixed_ && (is_field || at_ == 0)) {
        while (!rest_.empty() && is_space(rest_[0])) {
          rest_.remove_prefix(1);
          ++skipped;
        }
      }
      if (node.kind == TemplateNode::Kind::space || node.kind == TemplateNode::Kind::separator) {
        if (is_fixed_) {
          rest_.remove_prefix(1);
        } else {
          --skipped;
          if (!rest_.empty() && (is_space(rest_[0]) || is_separator(rest_[0]))) {
            rest_.remove_prefix(1);
            ++skipped;
          }
        }
        continue;
      }
      if (!is_field) {
        if (!is_fixed_ && skipped > 0) {
          --skipped;
        } else {
          take_character();
        }
        continue;
      }
      if (rest_.empty()) break;
      MORTISE_TRY(field(node));
      skipped = 0;
      if (!is_fixed_) {
        while (!rest_.empty() && is_space(rest_[0])) {
          rest_.remove_prefix(1);
          ++skipped;
        }
      }
    }
    return compose();
  }

 private:
  void take_character() {
    size_t size = 1;
    while (size < rest_.size() && (static_cast<uint8_t>(rest_[size]) & 0xC0) == 0x80) ++size;
    rest_.remove_prefix(size);
  }
  // Whether the field's digits end by themselves, so that all of them belong to it.
  bool is_last_of_digits() const {
    if (nodes_[at_].has_ordinal) return true;
    if (at_ + 1 >= nodes_.size()) return true;
    const TemplateNode& next = nodes_[at_ + 1];
    if (next.kind != TemplateNode::Kind::field) {
      return !(next.text.size() == 1 && is_digit(next.text[0]));
    }
    switch (next.field) {
      case DateField::am:
      case DateField::ad:
      case DateField::day_name:
      case DateField::day_short:
      case DateField::month_name:
      case DateField::month_short:
      case DateField::roman_month:
      case DateField::zone_name:
      case DateField::offset:
      case DateField::zone_hours:
      case DateField::fixed:
        return true;
      default:
        return false;
    }
  }

  // Digits, at most `width` unless they end by themselves; answers how many.
  Result<size_t> number(const TemplateNode& node, int32_t width, int32_t* value) {
    size_t i = 0;
    bool is_negative = false;
    const bool is_open = node.is_fill_mode || is_last_of_digits();
    const size_t limit = is_open ? rest_.size() : static_cast<size_t>(width);
    if (!rest_.empty() && (rest_[0] == '-' || rest_[0] == '+') && is_open) {
      is_negative = rest_[0] == '-';
      i = 1;
    }
    int64_t result = 0;
    size_t digits = 0;
    while (i < rest_.size() && i < limit && is_digit(rest_[i])) {
      result = std::min<int64_t>(result * 10 + (rest_[i] - '0'), int64_t{1} << 40);
      ++i;
      ++digits;
    }
    if (!is_open && digits < static_cast<size_t>(width) && rest_.size() < limit) {
      std::string message("source string too short for \"");
      message.append(node.text).append("\" formatting field");
      return Status(Code::invalid, "22007", std::move(message))
          .with(MORTISE_ERROR_FIELD_DETAIL, "Field requires " + std::to_string(width) +
                                                " characters, but only " +
                                                std::to_string(rest_.size()) + " remain.");
    }
    if (digits == 0) {
      const std::string_view shown = is_open ? rest_ : rest_.substr(0, limit);
      return bad_value(
          shown.substr(0, std::min<size_t>(shown.size(), static_cast<size_t>(std::max(width, 1)))),
          node.text, "Value must be an integer.");
    }
    if (!is_open && digits < limit) {
      return bad_value(rest_.substr(0, limit), node.text, "Value must be an integer.");
    }
    if (is_negative) result = -result;
    if (result > INT32_MAX || result < INT32_MIN) {
      return Status(
          Code::invalid, "22008",
          "value for \"" + std::string(node.text) + "\" in source string is out of range");
    }
    *value = static_cast<int32_t>(result);
    rest_.remove_prefix(i);
    return digits;
  }
  Status set(std::optional<int32_t>* place, int32_t value, const TemplateNode& node) {
    if (place->has_value() && **place != value) {
      return Status(Code::invalid, "22007",
                    "conflicting values for \"" + std::string(node.text) +
                        "\" field in formatting string")
          .with(MORTISE_ERROR_FIELD_DETAIL,
                "This value contradicts a previous setting for the same field type.");
    }
    *place = value;
    return {};
  }
  Status set_number(std::optional<int32_t>* place, const TemplateNode& node, int32_t width) {
    int32_t value = 0;
    MORTISE_TRY(number(node, width, &value));
    if (node.has_ordinal) rest_.remove_prefix(std::min<size_t>(2, rest_.size()));
    return set(place, value, node);
  }

  Status field(const TemplateNode& node) {
    switch (node.field) {
      case DateField::hour_12:
        uses_half_day_ = true;
        return set_number(&hour_, node, 2);
      case DateField::hour_24:
        return set_number(&hour_, node, 2);
      case DateField::minute:
        return set_number(&minute_, node, 2);
      case DateField::second:
        return set_number(&second_, node, 2);
      case DateField::day_second:
        return set_number(&day_second_, node, 5);
      case DateField::month:
        return set_number(&month_, node, 2);
      case DateField::month_day:
        return set_number(&day_, node, 2);
      case DateField::year_day:
        return set_number(&year_day_, node, 3);
      case DateField::julian:
        return set_number(&julian_, node, 7);
      case DateField::century:
        return set_number(&century_, node, 2);
      case DateField::week:
        return set_number(&week_, node, 2);
      case DateField::iso_week:
        is_iso_ = true;
        return set_number(&week_, node, 2);
      case DateField::month_week:
        return set_number(&month_week_, node, 1);
      case DateField::weekday:
        return set_number(&weekday_, node, 1);
      case DateField::iso_weekday:
        is_iso_ = true;
        return set_number(&weekday_, node, 1);
      case DateField::iso_year_day:
        is_iso_ = true;
        return set_number(&year_day_, node, 3);
      case DateField::quarter: {
        std::optional<int32_t> ignored;
        return set_number(&ignored, node, 1);
      }
      case DateField::millisecond:
      case DateField::microsecond:
      case DateField::fraction:
        return read_fraction(node);
      case DateField::year:
      case DateField::iso_year:
      case DateField::year_comma:
        return read_year(node);
      case DateField::offset:
      case DateField::zone_hours:
      case DateField::zone_minutes:
        return read_offset(node);
      case DateField::zone_name:
        return unsupported("formatting field \"" + std::string(node.text) +
                           "\" is only supported in to_char");
      default:
        return read_name(node);
    }
  }

  // Digits of a fraction count from its left.
  Status read_fraction(const TemplateNode& node) {
    int32_t value = 0;
    const int32_t width = node.width;
    MORTISE_TRY_ASSIGN(const size_t digits, number(node, width, &value));
    int64_t us = value;
    const auto places = static_cast<size_t>(node.field == DateField::millisecond ? 3 : 6);
    for (size_t i = digits; i < places; ++i) us *= 10;
    if (node.field == DateField::millisecond) us *= 1000;
    return set(&microsecond_, static_cast<int32_t>(std::min<int64_t>(us, INT32_MAX)), node);
  }

  // Years of fewer than four digits come closest to 2020.
  Status read_year(const TemplateNode& node) {
    int32_t value = 0;
    if (node.field == DateField::iso_year) is_iso_ = true;
    if (node.field == DateField::year_comma) {
      const size_t comma = rest_.find(',');
      int32_t thousands = 0;
      size_t i = 0;
      for (; i < comma && i < rest_.size() && is_digit(rest_[i]); ++i) {
        thousands = std::min(thousands * 10 + (rest_[i] - '0'), 1'000'000);
      }
      if (comma == std::string_view::npos || i != comma || comma + 4 > rest_.size()) {
        return {Code::invalid, "22007", "invalid input string for \"Y,YYY\""};
      }
      for (i = comma + 1; i < comma + 4; ++i) value = value * 10 + (rest_[i] - '0');
      rest_.remove_prefix(comma + 4);
      year_digits_ = 4;
      return set(&year_, thousands * 1000 + value, node);
    }
    MORTISE_TRY_ASSIGN(const size_t digits, number(node, node.width, &value));
    if (node.has_ordinal) rest_.remove_prefix(std::min<size_t>(2, rest_.size()));
    if (digits < 4 && node.width < 4) {
      if (value < 70) {
        value += 2000;
      } else if (value < 100) {
        value += 1900;
      } else if (value < 520) {
        value += 2000;
      } else if (value < 1000) {
        value += 1000;
      }
    }
    year_digits_ = node.width;
    return set(&year_, value, node);
  }

  Status read_offset(const TemplateNode& node) {
    if (node.field != DateField::zone_minutes) {
      bool is_negative = false;
      if (!rest_.empty() && (rest_[0] == '+' || rest_[0] == '-' || rest_[0] == ' ')) {
        is_negative = rest_[0] == '-';
        rest_.remove_prefix(1);
      }
      int32_t hours = 0;
      MORTISE_TRY(number(node, 2, &hours));
      zone_sign_ = is_negative ? -1 : 1;
      zone_seconds_ = hours * 3600;
      if (node.field == DateField::offset && !rest_.empty() && rest_[0] == ':') {
        rest_.remove_prefix(1);
        int32_t minutes = 0;
        MORTISE_TRY(number(node, 2, &minutes));
        *zone_seconds_ += minutes * 60;
      }
      return {};
    }
    int32_t minutes = 0;
    MORTISE_TRY(number(node, 2, &minutes));
    zone_seconds_ = zone_seconds_.value_or(0) + minutes * 60;
    return {};
  }

  // The longest of the words that fits; its index.
  Result<int32_t> word(const TemplateNode& node, const char* const* words, int32_t count,
                       size_t length_max) {
    int32_t found = -1;
    size_t best = 0;
    for (int32_t i = 0; i < count; ++i) {
      const std::string_view candidate = std::string_view(words[i]).substr(0, length_max);
      if (matches(rest_, candidate) && candidate.size() > best) {
        found = i;
        best = candidate.size();
      }
    }
    if (found < 0) {
      size_t end = 0;
      while (end < rest_.size() && !is_space(rest_[end])) ++end;
      return bad_value(rest_.substr(0, end), node.text,
                       "The given value did not match any of the allowed values for this field.");
    }
    rest_.remove_prefix(best);
    return found;
  }

  Status read_name(const TemplateNode& node) {
    constexpr const char* kHalves[] = {"am", "pm", "a.m.", "p.m."};
    constexpr const char* kEras[] = {"bc", "ad", "b.c.", "a.d."};
    constexpr size_t kWhole = 20;
    switch (node.field) {
      case DateField::am: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kHalves, 4, kWhole));
        uses_half_day_ = true;
        return set(&half_, index % 2, node);
      }
      case DateField::ad: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kEras, 4, kWhole));
        return set(&era_, index % 2, node);
      }
      case DateField::month_name: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kMonthNames, 12, kWhole));
        return set(&month_, index + 1, node);
      }
      case DateField::month_short: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kMonthNames, 12, 3));
        return set(&month_, index + 1, node);
      }
      case DateField::day_name: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kWeekdayNames, 7, kWhole));
        return set(&weekday_, index + 1, node);
      }
      case DateField::day_short: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kWeekdayNames, 7, 3));
        return set(&weekday_, index + 1, node);
      }
      case DateField::roman_month: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kRomanMonths, 12, kWhole));
        return set(&month_, 12 - index, node);
      }
      default:
        return {};
    }
  }

  Result<int64_t> compose_time() const {
    int32_t hour = hour_.value_or(0);
    int32_t minute = minute_.value_or(0);
    int32_t second = second_.value_or(0);
    if (day_second_) {
      hour = *day_second_ / 3600;
      minute = *day_second_ / 60 % 60;
      second = *day_second_ % 60;
    }
    if (uses_half_day_) {
      if (hour < 1 || hour > 12) {
        return Status(Code::invalid, "22007",
                      "hour \"" + std::to_string(hour) + "\" is invalid for the 12-hour clock")
            .with(MORTISE_ERROR_FIELD_HINT,
                  "Use the 24-hour clock, or give an hour between 1 and 12.");
      }
      if (half_ == 1 && hour < 12) hour += 12;
      if (half_ != 1 && hour == 12) hour = 0;
    }
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
        microsecond_.value_or(0) >= 1'000'000) {
      return field_out_of_range(whole_);
    }
    return time_of(hour, minute, second, microsecond_.value_or(0));
  }

  // The year, from its digits, the century and the era; 0 is 1 BC.
  int64_t compose_year() const {
    const bool is_bc = era_ == 0;
    if (year_) {
      int64_t year = *year_;
      if (century_ && year_digits_ <= 2) {
        year %= 100;
        year = year != 0 ? year + (int64_t{*century_} - 1) * 100 : int64_t{*century_} * 100;
      } else if (is_bc && year > 0) {
        year = -(year - 1);
      } else if (year < 0) {
        ++year;
      }
      return year;
    }
    if (century_) {
      int64_t century = *century_;
      if (is_bc) century = -century;
      return century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
    }
    return 0;
  }

  Result<int32_t> compose_date() const {
    if (julian_) return *julian_ - kJulianOfEpoch;
    const int64_t year = compose_year();
    if (year < -4800 || year > 5'900'000) return field_out_of_range(whole_);
    const auto y = static_cast<int32_t>(year);
    if (is_iso_) {
      if (year_day_) return iso_week_start(y, 1) + *year_day_ - 1;
      const int32_t weekday = weekday_.value_or(1);
      return iso_week_start(y, week_.value_or(1)) + (weekday == 0 ? 7 : weekday) - 1;
    }
    int32_t month = month_.value_or(1);
    int32_t day = day_.value_or(1);
    if (week_ && !year_day_ && !month_ && !day_) {
      return days_of({y, 1, 1}) + (*week_ - 1) * 7;
    }
    if (month_week_ && !day_) day = (*month_week_ - 1) * 7 + 1;
    if (year_day_ && !month_) {
      if (!year_) {
        return Status(Code::invalid, "22007",
                      "cannot calculate day of year without year information");
      }
      if (*year_day_ < 1 || *year_day_ > (is_leap_year(y) ? 366 : 365)) {
        return field_out_of_range(whole_);
      }
      return days_of({y, 1, 1}) + *year_day_ - 1;
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in_month(y, month)) {
      return field_out_of_range(whole_);
    }
    return days_of({y, month, day});
  }

  Result<TemplateReading> compose() const {
    TemplateReading reading{};
    MORTISE_TRY_ASSIGN(reading.time, compose_time());
    MORTISE_TRY_ASSIGN(reading.days, compose_date());
    if (zone_seconds_) reading.seconds_east = zone_sign_ * *zone_seconds_;
    return reading;
  }

  const std::vector<TemplateNode>& nodes_;
  const std::string_view whole_;
  std::string_view rest_;
  size_t at_ = 0;
  bool is_fixed_ = false;
  bool is_iso_ = false;
  bool uses_half_day_ = false;
  int32_t year_digits_ = 4;
  int32_t zone_sign_ = 1;
  std::optional<int32_t> zone_seconds_;
  std::optional<int32_t> hour_, minute_, second_, microsecond_, day_second_, half_;
  std::optional<int32_t> year_, century_, era_, month_, day_, year_day_, julian_;
  std::optional<int32_t> week_, month_week_, weekday_;
};

Result<int64_t> to_timestamp(const TimeSession& session, std::string_view text,
                             std::string_view pattern) {
  MORTISE_TRY_ASSIGN(const TemplateReading reading, read_template(parse_template(pattern), text));
  const std::optional<int64_t> local = timestamp_of(reading.days, reading.time);
  if (!local) return timestamp_out_of_range();
  if (!reading.seconds_east) return timestamptz_of_timestamp(session, *local);
  const int64_t moment = *local - int64_t{*reading.seconds_east} * kMicrosecondsPerSecond;
  if (!is_valid_timestamp(moment)) return timestamp_out_of_range();
  return moment;
}
Result<int32_t> to_date(std::string_view text, std::string_view pattern) {
  MORTISE_TRY_ASSIGN(const TemplateReading reading, read_template(parse_template(pattern), text));
  if (!is_valid_date(reading.days)) {
    return Status(Code::invalid, "22008", "date out of range: \"" + std::string(text) + "\"");
  }
  return reading.days;
}

constexpr mortise_function_t kTable[] = {
    scalar<"text,text:timestamptz">(1778, "to_timestamp", session_row<&to_timestamp>,
                                    {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"text,text:date">(1780, "to_date", row<&to_date>,
                             {.volatility = MORTISE_VOLATILITY_STABLE}),
};

}  // namespace

Result<TemplateReading> read_template(const std::vector<TemplateNode>& nodes,
                                      std::string_view text) {
  return TemplateReader(nodes, text).read();
}

const FunctionList kTemplateReaders = kTable;

}  // namespace mortise::sql_functions
