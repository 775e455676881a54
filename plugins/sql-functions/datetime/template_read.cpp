// SPDX-License-Identifier: Apache-2.0

// to_timestamp and to_date: reading by a template.
//
// Blanks and separators of text and template meet loosely unless FX asks for more, as in
// PostgreSQL.  Fields that contradict each other fail with 22007, values out of range with 22008.

#include <algorithm>
#include <span>

#include "datetime/arithmetic.hpp"
#include "datetime/lists.hpp"
#include "datetime/parse.hpp"
#include "datetime/session_row.hpp"
#include "datetime/template.hpp"
#include "datetime/template_fields.hpp"
#include "text/character.hpp"

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

// What strtol would take: blanks, a sign, digits.  Nothing is taken where no digit is.
struct Digits {
  int64_t value = 0;  // bounded, to look out of range
  size_t taken_bytes = 0;
};
Digits digits_of(std::string_view text) {
  size_t i = 0;
  while (i < text.size() && is_space(text[i])) ++i;
  const bool is_negative = i < text.size() && text[i] == '-';
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  const size_t first = i;
  int64_t value = 0;
  for (; i < text.size() && is_digit(text[i]); ++i) {
    value = std::min<int64_t>(value * 10 + (text[i] - '0'), int64_t{1} << 40);
  }
  if (i == first) return {};
  return {is_negative ? -value : value, i};
}

// Years of fewer than four digits come closest to 2020.
int32_t whole_year(int32_t year) {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}

Status bad_value(std::string_view value, std::string_view field, std::string detail) {
  std::string message("invalid value \"");
  message.append(value).append("\" for \"").append(field).append("\"");
  return Status(Code::invalid, "22007", std::move(message))
      .with(MORTISE_ERROR_FIELD_DETAIL, std::move(detail));
}
Status wrong_width(Status&& status) {
  return std::move(status).with(
      MORTISE_ERROR_FIELD_HINT,
      "If your source string is not fixed-width, try using the \"FM\" modifier.");
}

class TemplateReader {
 public:
  TemplateReader(const std::vector<TemplateNode>& nodes, std::string_view text)
      : nodes_(nodes), whole_(text), rest_(text) {}

  Result<TemplateReading> read() {
    for (at_ = 0; at_ < nodes_.size() && !rest_.empty(); ++at_) {
      const TemplateNode& node = nodes_[at_];
      const bool is_field = node.kind == TemplateNode::Kind::field;
      if (is_field && node.field == DateField::fixed) {
        is_fixed_ = true;
        continue;
      }
      if (!is_fixed_ && (is_field || at_ == 0)) skip_blanks();
      if (!is_field) {
        take_other(node);
        continue;
      }
      if (rest_.empty()) break;
      MORTISE_TRY(settle_convention(node));
      MORTISE_TRY(field(node));
      if (!is_fixed_) {
        skipped_ = 0;
        skip_blanks();
      }
    }
    return fields_.compose(whole_);
  }

 private:
  void skip_blanks() {
    while (!rest_.empty() && is_space(rest_[0])) {
      rest_.remove_prefix(1);
      ++skipped_;
    }
  }
  void take_character() { rest_.remove_prefix(character_bytes(rest_)); }
  // Separators meet one of the text's or nothing; other characters meet any, unless more was
  // skipped before than the template says.
  void take_other(const TemplateNode& node) {
    if (is_fixed_) {
      take_character();
    } else if (node.kind == TemplateNode::Kind::character) {
      if (skipped_ > 0) {
        --skipped_;
      } else {
        take_character();
      }
    } else {
      --skipped_;
      if (!rest_.empty() && (is_space(rest_[0]) || is_separator(rest_[0]))) {
        rest_.remove_prefix(1);
        ++skipped_;
      }
    }
  }

  Status settle_convention(const TemplateNode& node) {
    const TemplateFields::Convention own = convention_of(node.field);
    if (own == TemplateFields::Convention::any) return {};
    if (fields_.convention == TemplateFields::Convention::any) fields_.convention = own;
    if (fields_.convention == own) return {};
    return Status(Code::invalid, "22007", "invalid combination of date conventions")
        .with(MORTISE_ERROR_FIELD_HINT,
              "Do not mix Gregorian and ISO week date conventions in a formatting template.");
  }
  static TemplateFields::Convention convention_of(DateField field) {
    switch (field) {
      case DateField::year_day:
      case DateField::month_day:
      case DateField::weekday:
      case DateField::month:
      case DateField::month_name:
      case DateField::month_short:
      case DateField::roman_month:
      case DateField::week:
      case DateField::month_week:
      case DateField::year:
      case DateField::year_comma:
        return TemplateFields::Convention::gregorian;
      case DateField::iso_year_day:
      case DateField::iso_weekday:
      case DateField::iso_week:
      case DateField::iso_year:
        return TemplateFields::Convention::iso_week;
      default:
        return TemplateFields::Convention::any;
    }
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

  // Digits, exactly `width` unless they end by themselves; answers how many bytes were taken.
  Result<size_t> number(const TemplateNode& node, int32_t width, int32_t* value) {
    size_t blanks = 0;
    while (blanks < rest_.size() && is_space(rest_[blanks])) ++blanks;
    const std::string_view head = rest_.substr(blanks, static_cast<size_t>(width));
    Digits digits;
    if (node.is_fill_mode || is_last_of_digits()) {
      digits = digits_of(rest_);
    } else {
      const std::string needs =
          "Field requires " + std::to_string(width) + " characters, but only ";
      if (head.size() < static_cast<size_t>(width)) {
        std::string message("source string too short for \"");
        message.append(node.text).append("\" formatting field");
        return wrong_width(Status(Code::invalid, "22007", std::move(message))
                               .with(MORTISE_ERROR_FIELD_DETAIL,
                                     needs + std::to_string(head.size()) + " remain."));
      }
      digits = digits_of(head);
      if (digits.taken_bytes > 0 && digits.taken_bytes < head.size()) {
        return wrong_width(bad_value(
            head, node.text, needs + std::to_string(digits.taken_bytes) + " could be parsed."));
      }
      digits.taken_bytes += blanks;
    }
    if (digits.taken_bytes == 0) return bad_value(head, node.text, "Value must be an integer.");
    if (digits.value > INT32_MAX || digits.value < INT32_MIN) {
      return Status(Code::invalid, "22008",
                    "value for \"" + std::string(node.text) + "\" in source string is out of range")
          .with(MORTISE_ERROR_FIELD_DETAIL,
                "Value must be in the range -2147483648 to 2147483647.");
    }
    *value = static_cast<int32_t>(digits.value);
    rest_.remove_prefix(digits.taken_bytes);
    return digits.taken_bytes;
  }
  static Status set(int32_t* place, int32_t value, const TemplateNode& node) {
    if (*place != 0 && *place != value) {
      return Status(Code::invalid, "22007",
                    "conflicting values for \"" + std::string(node.text) +
                        "\" field in formatting string")
          .with(MORTISE_ERROR_FIELD_DETAIL,
                "This value contradicts a previous setting for the same field type.");
    }
    *place = value;
    return {};
  }
  void skip_ordinal(const TemplateNode& node) {
    if (!node.has_ordinal) return;
    for (int i = 0; i < 2 && !rest_.empty(); ++i) take_character();
  }
  Status set_number(int32_t* place, const TemplateNode& node, int32_t width) {
    int32_t value = 0;
    MORTISE_TRY(number(node, width, &value));
    MORTISE_TRY(set(place, value, node));
    skip_ordinal(node);
    return {};
  }

  Status field(const TemplateNode& node) {
    TemplateFields& f = fields_;
    switch (node.field) {
      case DateField::hour_12:
        f.uses_half_day = true;
        return set_number(&f.hour, node, 2);
      case DateField::hour_24:
        return set_number(&f.hour, node, 2);
      case DateField::minute:
        return set_number(&f.minute, node, 2);
      case DateField::second:
        return set_number(&f.second, node, 2);
      case DateField::day_second:
        return set_number(&f.day_second, node, static_cast<int32_t>(node.text.size()));
      case DateField::month:
        return set_number(&f.month, node, 2);
      case DateField::month_day:
        return set_number(&f.day, node, 2);
      case DateField::year_day:
      case DateField::iso_year_day:
        return set_number(&f.year_day, node, 3);
      case DateField::julian:
        return set_number(&f.julian, node, 1);
      case DateField::century:
        return set_number(&f.century, node, 2);
      case DateField::week:
      case DateField::iso_week:
        return set_number(&f.week, node, 2);
      case DateField::month_week:
        return set_number(&f.month_week, node, 1);
      case DateField::weekday:
        return set_number(&f.weekday, node, 1);
      case DateField::iso_weekday:
        MORTISE_TRY(set_number(&f.weekday, node, 1));
        if (++f.weekday > 7) f.weekday = 1;
        return {};
      case DateField::quarter: {  // says nothing about the date
        int32_t ignored = 0;
        return set_number(&ignored, node, 1);
      }
      case DateField::millisecond:
        return read_fraction(node, 3, &f.millisecond);
      case DateField::microsecond:
        return read_fraction(node, 6, &f.microsecond);
      case DateField::fraction:
        f.fraction_digits = node.width;
        return read_fraction(node, node.width, &f.microsecond);
      case DateField::year:
      case DateField::iso_year:
        return read_year(node);
      case DateField::year_comma:
        return read_year_with_comma(node);
      case DateField::zone_hours:
        return read_zone_hours(node);
      case DateField::zone_minutes:
        if (f.zone_sign == 0) f.zone_sign = 1;
        return set_number(&f.zone_minutes, node, 2);
      case DateField::zone_name:
      case DateField::offset:
        return unsupported("formatting field \"" + std::string(node.text) +
                           "\" is only supported in to_char");
      default:
        return read_name(node);
    }
  }

  // Digits of a fraction count from its left: .5 seconds are 500 milliseconds.
  Status read_fraction(const TemplateNode& node, int32_t width, int32_t* place) {
    int32_t value = 0;
    MORTISE_TRY_ASSIGN(const size_t digits, number(node, width, &value));
    MORTISE_TRY(set(place, value, node));
    const size_t places = node.field == DateField::millisecond ? 3 : 6;
    for (size_t i = digits; i < places; ++i) *place *= 10;
    skip_ordinal(node);
    return {};
  }

  Status read_year(const TemplateNode& node) {
    int32_t value = 0;
    MORTISE_TRY_ASSIGN(const size_t digits, number(node, node.width, &value));
    MORTISE_TRY(set(&fields_.year, value, node));
    if (node.width < 4 && digits < 4) fields_.year = whole_year(value);
    fields_.year_digits = node.width;
    skip_ordinal(node);
    return {};
  }
  Status read_year_with_comma(const TemplateNode& node) {
    const Digits thousands = digits_of(rest_);
    const size_t comma = thousands.taken_bytes;
    const bool has_comma = comma > 0 && comma < rest_.size() && rest_[comma] == ',';
    const Digits years = has_comma ? digits_of(rest_.substr(comma + 1, 3)) : Digits();
    if (years.taken_bytes == 0) {
      return {Code::invalid, "22007", "invalid input string for \"Y,YYY\""};
    }
    const int64_t year =
        std::clamp<int64_t>(thousands.value, -2'000'000, 2'000'000) * 1000 + years.value;
    MORTISE_TRY(set(&fields_.year, static_cast<int32_t>(year), node));
    fields_.year_digits = 4;
    rest_.remove_prefix(comma + 1 + years.taken_bytes);
    skip_ordinal(node);
    return {};
  }

  // A minus may have been taken for a separator.
  Status read_zone_hours(const TemplateNode& node) {
    if (rest_[0] == '+' || rest_[0] == '-' || rest_[0] == ' ') {
      fields_.zone_sign = rest_[0] == '-' ? -1 : 1;
      rest_.remove_prefix(1);
    } else {
      fields_.zone_sign = skipped_ > 0 && rest_.data()[-1] == '-' ? -1 : 1;
    }
    return set_number(&fields_.zone_hours, node, 2);
  }

  // The index of the word that the text begins with.
  Result<int32_t> word(const TemplateNode& node, std::span<const char* const> words,
                       size_t length_max = std::string_view::npos) {
    for (size_t i = 0; i < words.size(); ++i) {
      const std::string_view candidate = std::string_view(words[i]).substr(0, length_max);
      if (!matches(rest_, candidate)) continue;
      rest_.remove_prefix(candidate.size());
      return static_cast<int32_t>(i);
    }
    size_t end = 0;
    while (end < rest_.size() && !is_space(rest_[end])) ++end;
    return bad_value(rest_.substr(0, end), node.text,
                     "The given value did not match any of the allowed values for this field.");
  }

  Status read_name(const TemplateNode& node) {
    constexpr const char* kHalves[] = {"am", "pm"};
    constexpr const char* kDottedHalves[] = {"a.m.", "p.m."};
    constexpr const char* kEras[] = {"ad", "bc"};
    constexpr const char* kDottedEras[] = {"a.d.", "b.c."};
    const bool has_dots = node.text.size() > 2;
    constexpr size_t kShort = 3;
    switch (node.field) {
      case DateField::am: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, has_dots ? kDottedHalves : kHalves));
        fields_.uses_half_day = true;
        return set(&fields_.half, index, node);
      }
      case DateField::ad: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, has_dots ? kDottedEras : kEras));
        return set(&fields_.era, index, node);
      }
      case DateField::month_name: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kMonthNames));
        return set(&fields_.month, index + 1, node);
      }
      case DateField::month_short: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kMonthNames, kShort));
        return set(&fields_.month, index + 1, node);
      }
      case DateField::day_name: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kWeekdayNames));
        return set(&fields_.weekday, index + 1, node);
      }
      case DateField::day_short: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kWeekdayNames, kShort));
        return set(&fields_.weekday, index + 1, node);
      }
      case DateField::roman_month: {
        MORTISE_TRY_ASSIGN(const int32_t index, word(node, kRomanMonths));
        return set(&fields_.month, 12 - index, node);
      }
      default:
        return {};
    }
  }

  const std::vector<TemplateNode>& nodes_;
  const std::string_view whole_;
  std::string_view rest_;
  size_t at_ = 0;
  int32_t skipped_ = 0;  // more blanks and separators than the template has
  bool is_fixed_ = false;
  TemplateFields fields_;
};

Result<int64_t> to_timestamp(const TimeSession& session, std::string_view text,
                             std::string_view pattern) {
  MORTISE_TRY_ASSIGN(const TemplateReading reading, read_template(parse_template(pattern), text));
  const std::optional<int64_t> local = timestamp_of(reading.days, reading.time);
  if (!local) return timestamp_out_of_range();
  int64_t moment = 0;
  if (reading.seconds_east) {
    moment = *local - int64_t{*reading.seconds_east} * kMicrosecondsPerSecond;
    if (!is_valid_timestamp(moment)) return timestamp_out_of_range();
  } else {
    MORTISE_TRY_ASSIGN(moment, timestamptz_of_timestamp(session, *local));
  }
  return reading.fraction_digits == 0 ? moment : round_seconds(moment, reading.fraction_digits);
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
