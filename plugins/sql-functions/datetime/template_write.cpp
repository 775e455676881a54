// SPDX-License-Identifier: Apache-2.0

// to_char for timestamps and intervals.

#include <cstdlib>

#include "datetime/lists.hpp"
#include "datetime/print.hpp"
#include "datetime/session_row.hpp"
#include "datetime/template.hpp"

namespace mortise::sql_functions {
namespace {

// "%0*d": the sign counts towards the width.
void append_zeroed(int64_t value, int32_t width, std::string& out) {
  if (value < 0) {
    out.push_back('-');
    append_padded(-value, width - 1, out);
  } else {
    append_padded(value, width, out);
  }
}

std::string in_case_of(std::string_view word, std::string_view pattern) {
  std::string out(word);
  const bool is_lower = pattern[0] >= 'a' && pattern[0] <= 'z';
  const bool is_capital = !is_lower && pattern.size() > 1 && pattern[1] >= 'a' && pattern[1] <= 'z';
  for (size_t i = 0; i < out.size(); ++i) {
    const bool wants_upper = !is_lower && (i == 0 || !is_capital);
    if (wants_upper && out[i] >= 'a' && out[i] <= 'z') out[i] = static_cast<char>(out[i] - 32);
    if (!wants_upper && out[i] >= 'A' && out[i] <= 'Z') out[i] = static_cast<char>(out[i] + 32);
  }
  return out;
}

void append_ordinal(std::string& out, bool is_upper) {
  // 11th, 12th, 13th, and by the last digit otherwise.
  const size_t size = out.size();
  const char last = out[size - 1];
  const bool is_teen = size > 1 && out[size - 2] == '1';
  const char* suffix = "th";
  if (!is_teen && last == '1') suffix = "st";
  if (!is_teen && last == '2') suffix = "nd";
  if (!is_teen && last == '3') suffix = "rd";
  out.append(is_upper ? in_case_of(suffix, "XX") : suffix);
}

Status no_interval_field() {
  return Status(Code::invalid, "22007", "invalid format specification for an interval value")
      .with(MORTISE_ERROR_FIELD_HINT, "Intervals are not tied to specific calendar dates.");
}

class TemplateWriter {
 public:
  explicit TemplateWriter(const TemplateTime& t) : t_(t) {}

  Status write(const TemplateNode& node) {
    if (node.kind != TemplateNode::Kind::field) {
      out_.append(node.text);
      return {};
    }
    if (t_.is_interval && needs_calendar(node.field)) return no_interval_field();
    if (is_name(node.field)) {
      write_name(node);
      return {};
    }
    if (is_zone(node.field)) {
      write_zone(node);
      return {};
    }
    const size_t before = out_.size();
    write_number(node);
    if (node.has_ordinal && out_.size() > before) append_ordinal(out_, node.is_ordinal_upper);
    return {};
  }
  std::string take() { return std::move(out_); }

 private:
  static bool is_name(DateField f) {
    return f == DateField::am || f == DateField::ad || f == DateField::day_name ||
           f == DateField::day_short || f == DateField::month_name || f == DateField::month_short ||
           f == DateField::roman_month || f == DateField::fixed;
  }
  static bool is_zone(DateField f) {
    return f == DateField::zone_name || f == DateField::zone_hours ||
           f == DateField::zone_minutes || f == DateField::offset;
  }
  static bool needs_calendar(DateField f) {
    return is_zone(f) || f == DateField::ad || f == DateField::day_name ||
           f == DateField::day_short || f == DateField::month_name || f == DateField::month_short ||
           f == DateField::weekday || f == DateField::iso_weekday;
  }

  // Without FM and TM names fill a column.
  void append_name(std::string_view name, const TemplateNode& node, size_t width) {
    out_.append(name);
    const bool fills = !node.is_fill_mode && !node.is_translated;
    if (fills && name.size() < width) out_.append(width - name.size(), ' ');
  }

  void write_name(const TemplateNode& node) {
    constexpr size_t kLongestName = 9;
    switch (node.field) {
      case DateField::am: {
        const bool is_pm = t_.hour % 24 >= 12;
        const bool has_dots = node.text.size() > 2;
        out_.append(in_case_of(has_dots ? (is_pm ? "p.m." : "a.m.") : (is_pm ? "pm" : "am"),
                               node.text[0] >= 'a' ? "x" : "XX"));
        return;
      }
      case DateField::ad: {
        const bool is_bc = t_.year <= 0;
        const bool has_dots = node.text.size() > 2;
        out_.append(in_case_of(has_dots ? (is_bc ? "b.c." : "a.d.") : (is_bc ? "bc" : "ad"),
                               node.text[0] >= 'a' ? "x" : "XX"));
        return;
      }
      case DateField::day_name:
        append_name(in_case_of(kWeekdayNames[weekday_of(t_.days)], node.text), node, kLongestName);
        return;
      case DateField::day_short:
        out_.append(in_case_of(std::string_view(kWeekdayNames[weekday_of(t_.days)]).substr(0, 3),
                               node.text));
        return;
      case DateField::month_name:
        if (t_.month == 0) return;
        append_name(in_case_of(kMonthNames[t_.month - 1], node.text), node, kLongestName);
        return;
      case DateField::month_short:
        if (t_.month == 0) return;
        out_.append(
            in_case_of(std::string_view(kMonthNames[t_.month - 1]).substr(0, 3), node.text));
        return;
      case DateField::roman_month:
        write_roman(node);
        return;
      default:
        return;
    }
  }

  // Months of an interval count from its end when negative, and whole years have none.
  void write_roman(const TemplateNode& node) {
    constexpr size_t kLongestRoman = 4;
    int32_t month = t_.month;
    if (month == 0) {
      if (t_.year == 0) return;
      month = t_.year >= 0 ? 12 : 1;
    } else if (month < 0) {
      month += 13;
    }
    const std::string roman = kRomanMonths[12 - month];
    out_.append(node.text[0] == 'r' ? in_case_of(roman, "x") : roman);
    if (!node.is_fill_mode && roman.size() < kLongestRoman) {
      out_.append(kLongestRoman - roman.size(), ' ');
    }
  }

  void write_zone(const TemplateNode& node) {
    const int32_t seconds = std::abs(t_.seconds_east);
    const char sign = t_.seconds_east < 0 ? '-' : '+';
    switch (node.field) {
      case DateField::zone_name:
        if (t_.has_zone) {
          out_.append(node.text[0] == 't' ? in_case_of(t_.abbreviation, "x")
                                          : std::string(t_.abbreviation));
        }
        return;
      case DateField::zone_hours:
        out_.push_back(sign);
        append_padded(seconds / 3600, 2, out_);
        return;
      case DateField::zone_minutes:
        append_padded(seconds / 60 % 60, 2, out_);
        return;
      default:
        out_.push_back(sign);
        append_padded(seconds / 3600, node.is_fill_mode ? 0 : 2, out_);
        if (seconds / 60 % 60 != 0) {
          out_.push_back(':');
          append_padded(seconds / 60 % 60, 2, out_);
        }
        return;
    }
  }

  // With leading zeros unless FM.
  void append_narrow(int64_t value, const TemplateNode& node, int32_t width) {
    append_zeroed(value, node.is_fill_mode ? 0 : width, out_);
  }
  // The same, where a negative number is one wider.
  void append_field(int64_t value, const TemplateNode& node, int32_t width) {
    append_zeroed(value, node.is_fill_mode ? 0 : (value < 0 ? width + 1 : width), out_);
  }
  int64_t shown_year(int64_t year) const { return t_.is_interval || year > 0 ? year : -(year - 1); }

  void write_number(const TemplateNode& node) {
    switch (node.field) {
      case DateField::hour_12: {
        const int64_t hour = t_.hour % 12;
        return append_field(hour == 0 ? 12 : hour, node, 2);
      }
      case DateField::hour_24:
        return append_field(t_.hour, node, 2);
      case DateField::minute:
        return append_field(t_.minute, node, 2);
      case DateField::second:
        return append_field(t_.second, node, 2);
      case DateField::millisecond:
        return append_zeroed(t_.microsecond / 1000, 3, out_);
      case DateField::microsecond:
        return append_zeroed(t_.microsecond, 6, out_);
      case DateField::fraction: {
        int32_t value = t_.microsecond;
        for (int32_t i = node.width; i < 6; ++i) value /= 10;
        return append_zeroed(value, node.width, out_);
      }
      case DateField::day_second:
        return append_zeroed(t_.hour * 3600 + t_.minute * 60 + t_.second, 0, out_);
      case DateField::month:
        return append_field(t_.month, node, 2);
      case DateField::month_day:
        return append_narrow(t_.day, node, 2);
      case DateField::year_day:
        return append_narrow(t_.year_day, node, 3);
      case DateField::iso_year_day:
        return append_narrow(t_.days - iso_week_start(iso_week().year, 1) + 1, node, 3);
      case DateField::weekday:
        return append_zeroed(weekday_of(t_.days) + 1, 0, out_);
      case DateField::iso_weekday:
        return append_zeroed(weekday_of(t_.days) == 0 ? 7 : weekday_of(t_.days), 0, out_);
      default:
        return write_calendar_number(node);
    }
  }

  void write_calendar_number(const TemplateNode& node) {
    switch (node.field) {
      case DateField::week:
        return append_narrow((t_.year_day - 1) / 7 + 1, node, 2);
      case DateField::iso_week:
        return append_narrow(iso_week().week, node, 2);
      case DateField::month_week:
        return append_zeroed((t_.day - 1) / 7 + 1, 0, out_);
      case DateField::quarter:
        if (t_.month != 0) append_zeroed((t_.month - 1) / 3 + 1, 0, out_);
        return;
      case DateField::julian:
        return append_zeroed(int64_t{t_.days} + kJulianOfEpoch, 0, out_);
      case DateField::century: {
        int64_t century = t_.year / 100;
        if (!t_.is_interval) century = t_.year > 0 ? (t_.year - 1) / 100 + 1 : t_.year / 100 - 1;
        if (century > 99 || century < -99) return append_zeroed(century, 0, out_);
        return append_field(century, node, 2);
      }
      case DateField::year_comma: {
        const int64_t year = shown_year(t_.year);
        append_zeroed(year / 1000, 0, out_);
        out_.push_back(',');
        return append_zeroed(year % 1000, 3, out_);
      }
      case DateField::year:
        return append_year(shown_year(t_.year), node);
      case DateField::iso_year:
        return append_year(shown_year(iso_week().year), node);
      default:
        return;
    }
  }
  // One wider in a negative year, also for the last digits of one that is not.
  void append_year(int64_t year, const TemplateNode& node) {
    int64_t power = 1;
    for (int32_t i = 0; i < node.width; ++i) power *= 10;
    const int32_t width = node.width + (shown_year(t_.year) < 0 && node.width > 1 ? 1 : 0);
    append_narrow(node.width == 4 ? year : year % power, node, width);
  }

  // Of an interval: the week of the date that its numbers would be, counted from its own year.
  IsoWeek iso_week() const {
    if (!t_.is_interval) return iso_week_of(t_.days);
    const auto year = static_cast<int32_t>(t_.year);
    const auto week_from = [&](int32_t first_year) {
      return (t_.days - iso_week_start(first_year, 1)) / 7 + 1;
    };
    if (t_.days < iso_week_start(year, 1)) return {year - 1, week_from(year - 1)};
    const int32_t week = week_from(year);
    if (week >= 52 && t_.days >= iso_week_start(year + 1, 1)) {
      return {year + 1, week_from(year + 1)};
    }
    return {year, week};
  }

  const TemplateTime& t_;
  std::string out_;
};

TemplateTime time_of_local(int64_t local) {
  const CivilTime c = civil_time_of(local);
  const int32_t days = day_of_timestamp(local);
  return {c.date.year, c.date.month, c.date.day,    c.hour,
          c.minute,    c.second,     c.microsecond, days - days_of({c.date.year, 1, 1}) + 1,
          days,        false,        false,         0,
          {}};
}

// The last pattern's nodes are kept: it is a constant as a rule.
class TemplateCache {
 public:
  const std::vector<TemplateNode>& get(std::string_view pattern) {
    if (!is_set_ || pattern != pattern_) {
      pattern_ = pattern;
      nodes_ = parse_template(pattern_);
      is_set_ = true;
    }
    return nodes_;
  }

 private:
  std::string pattern_;
  std::vector<TemplateNode> nodes_;
  bool is_set_ = false;
};

template <bool kHasZone>
Status timestamp_rows(Call& call) {
  const TimeSession session(call.session());
  const Values<int64_t> values(call.column(0));
  const Strings patterns(call.column(1));
  TemplateCache cache;
  return call.each([&](uint32_t row) -> Status {
    const int64_t value = values[row];
    if (!is_finite_timestamp(value) || patterns[row].empty()) {
      call.set_null(row);
      return {};
    }
    ZoneOffset offset{};
    if (kHasZone) offset = session.at(value);
    TemplateTime t = time_of_local(value + offset.seconds_east * kMicrosecondsPerSecond);
    t.has_zone = kHasZone;
    t.seconds_east = offset.seconds_east;
    t.abbreviation = offset.abbreviation;
    MORTISE_TRY_ASSIGN(const std::string text, write_template(cache.get(patterns[row]), t));
    return call.set_copy(row, text);
  });
}

// The day that three numbers stand for by PostgreSQL's formula; the month need not be one.
int32_t day_of_numbers(int32_t year, int32_t month, int32_t day) {
  const bool is_late = month > 2;
  const int64_t y = int64_t{year} + (is_late ? 4800 : 4799);
  const int64_t m = int64_t{month} + (is_late ? 1 : 13);
  const int64_t julian = y * 365 - 32167 + y / 4 - y / 100 + y / 400 + 7834 * m / 256 + day;
  return static_cast<int32_t>(julian - kJulianOfEpoch);
}

Status interval_rows(Call& call) {
  const Values<Interval> values(call.column(0));
  const Strings patterns(call.column(1));
  TemplateCache cache;
  return call.each([&](uint32_t row) -> Status {
    if (patterns[row].empty()) {
      call.set_null(row);
      return {};
    }
    const Interval& v = values[row];
    const int64_t us = v.microseconds;
    TemplateTime t{};
    t.year = v.months / 12;
    t.month = v.months % 12;
    t.day = v.days;
    t.hour = us / kMicrosecondsPerHour;
    t.minute = static_cast<int32_t>(us / kMicrosecondsPerMinute % 60);
    t.second = static_cast<int32_t>(us / kMicrosecondsPerSecond % 60);
    t.microsecond = static_cast<int32_t>(us % kMicrosecondsPerSecond);
    t.year_day = (t.year * 12 + t.month) * 30 + t.day;
    t.days = day_of_numbers(v.months / 12, v.months % 12, v.days);
    t.is_interval = true;
    MORTISE_TRY_ASSIGN(const std::string text, write_template(cache.get(patterns[row]), t));
    return call.set_copy(row, text);
  });
}

constexpr mortise_function_t kTable[] = {
    scalar<"timestamp,text:text">(2049, "to_char", &batch<&timestamp_rows<false>>,
                                  {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"timestamptz,text:text">(1770, "to_char", &batch<&timestamp_rows<true>>,
                                    {.volatility = MORTISE_VOLATILITY_STABLE}),
    scalar<"interval,text:text">(1768, "to_char", &batch<&interval_rows>,
                                 {.volatility = MORTISE_VOLATILITY_STABLE}),
};

}  // namespace

Result<std::string> write_template(const std::vector<TemplateNode>& nodes, const TemplateTime& t) {
  TemplateWriter writer(t);
  for (const TemplateNode& node : nodes) MORTISE_TRY(writer.write(node));
  return writer.take();
}

const FunctionList kTemplateWriters = kTable;

}  // namespace mortise::sql_functions
