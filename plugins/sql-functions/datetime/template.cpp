// SPDX-License-Identifier: Apache-2.0

#include "datetime/template.hpp"
#include "text/character.hpp"

namespace mortise::sql_functions {
namespace {

struct Keyword {
  std::string_view text;
  DateField field;
  int32_t width;
};
// Longer ones before their beginnings.  All are known in upper and lower case; names of days and
// months also with a capital.
constexpr Keyword kKeywords[] = {
    {"A.D.", DateField::ad, 0},
    {"A.M.", DateField::am, 0},
    {"AD", DateField::ad, 0},
    {"AM", DateField::am, 0},
    {"B.C.", DateField::ad, 0},
    {"BC", DateField::ad, 0},
    {"CC", DateField::century, 2},
    {"DAY", DateField::day_name, 0},
    {"DDD", DateField::year_day, 3},
    {"DD", DateField::month_day, 2},
    {"DY", DateField::day_short, 0},
    {"D", DateField::weekday, 1},
    {"FF1", DateField::fraction, 1},
    {"FF2", DateField::fraction, 2},
    {"FF3", DateField::fraction, 3},
    {"FF4", DateField::fraction, 4},
    {"FF5", DateField::fraction, 5},
    {"FF6", DateField::fraction, 6},
    {"FX", DateField::fixed, 0},
    {"HH24", DateField::hour_24, 2},
    {"HH12", DateField::hour_12, 2},
    {"HH", DateField::hour_12, 2},
    {"IDDD", DateField::iso_year_day, 3},
    {"ID", DateField::iso_weekday, 1},
    {"IW", DateField::iso_week, 2},
    {"IYYY", DateField::iso_year, 4},
    {"IYY", DateField::iso_year, 3},
    {"IY", DateField::iso_year, 2},
    {"I", DateField::iso_year, 1},
    {"J", DateField::julian, 0},
    {"MI", DateField::minute, 2},
    {"MM", DateField::month, 2},
    {"MONTH", DateField::month_name, 0},
    {"MON", DateField::month_short, 0},
    {"MS", DateField::millisecond, 3},
    {"OF", DateField::offset, 0},
    {"P.M.", DateField::am, 0},
    {"PM", DateField::am, 0},
    {"Q", DateField::quarter, 1},
    {"RM", DateField::roman_month, 0},
    {"SSSSS", DateField::day_second, 0},
    {"SSSS", DateField::day_second, 0},
    {"SS", DateField::second, 2},
    {"TZH", DateField::zone_hours, 2},
    {"TZM", DateField::zone_minutes, 2},
    {"TZ", DateField::zone_name, 0},
    {"US", DateField::microsecond, 6},
    {"WW", DateField::week, 2},
    {"W", DateField::month_week, 1},
    {"Y,YYY", DateField::year_comma, 0},
    {"YYYY", DateField::year, 4},
    {"YYY", DateField::year, 3},
    {"YY", DateField::year, 2},
    {"Y", DateField::year, 1},
};

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
bool is_lower_letter(char c) {
  return c >= 'a' && c <= 'z';
}

// A keyword is all in one case, or a name with a capital.
bool is_written_so(std::string_view text, const Keyword& keyword) {
  bool has_lower = false;
  bool has_upper = false;
  for (size_t i = 0; i < keyword.text.size(); ++i) {
    if (upper(text[i]) != keyword.text[i]) return false;
    has_lower |= is_lower_letter(text[i]);
    has_upper |= text[i] >= 'A' && text[i] <= 'Z';
  }
  if (!has_lower || !has_upper) return true;
  const bool is_name =
      keyword.field == DateField::day_name || keyword.field == DateField::day_short ||
      keyword.field == DateField::month_name || keyword.field == DateField::month_short;
  if (!is_name || is_lower_letter(text[0])) return false;
  for (size_t i = 1; i < keyword.text.size(); ++i) {
    if (!is_lower_letter(text[i])) return false;
  }
  return true;
}

const Keyword* find_keyword(std::string_view text) {
  for (const Keyword& keyword : kKeywords) {
    if (text.size() >= keyword.text.size() && is_written_so(text, keyword)) return &keyword;
  }
  return nullptr;
}

bool is_separator(char c) {
  const bool is_letter_or_digit =
      is_lower_letter(upper(c) == c ? '\0' : c) || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return c > 0x20 && c < 0x7F && !is_letter_or_digit;
}

}  // namespace

const char* const kMonthNames[12] = {"January",   "February", "March",    "April",
                                     "May",       "June",     "July",     "August",
                                     "September", "October",  "November", "December"};
const char* const kWeekdayNames[7] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};
const char* const kRomanMonths[12] = {"XII", "XI", "X",  "IX",  "VIII", "VII",
                                      "VI",  "V",  "IV", "III", "II",   "I"};

std::vector<TemplateNode> parse_template(std::string_view pattern) {
  std::vector<TemplateNode> nodes;
  const auto put_character = [&](TemplateNode::Kind kind) {
    TemplateNode node{kind, pattern.substr(0, character_bytes(pattern))};
    pattern.remove_prefix(node.text.size());
    nodes.push_back(node);
  };
  while (!pattern.empty()) {
    bool is_fill_mode = false;
    bool is_translated = false;
    while (pattern.starts_with("FM") || pattern.starts_with("fm") || pattern.starts_with("TM") ||
           pattern.starts_with("tm")) {
      (upper(pattern[0]) == 'F' ? is_fill_mode : is_translated) = true;
      pattern.remove_prefix(2);
    }
    if (pattern.empty()) break;
    if (const Keyword* keyword = find_keyword(pattern)) {
      TemplateNode node{TemplateNode::Kind::field, pattern.substr(0, keyword->text.size())};
      node.field = keyword->field;
      node.width = keyword->width;
      node.is_fill_mode = is_fill_mode;
      node.is_translated = is_translated;
      pattern.remove_prefix(keyword->text.size());
      while (pattern.starts_with("TH") || pattern.starts_with("th") || pattern.starts_with("SP")) {
        if (pattern[0] != 'S') {
          node.has_ordinal = true;
          node.is_ordinal_upper = pattern[0] == 'T';
        }
        pattern.remove_prefix(2);
      }
      nodes.push_back(node);
    } else if (pattern[0] == '"') {
      pattern.remove_prefix(1);
      while (!pattern.empty() && pattern[0] != '"') {
        if (pattern[0] == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
        put_character(TemplateNode::Kind::character);
      }
      if (!pattern.empty()) pattern.remove_prefix(1);
    } else {
      if (pattern[0] == '\\' && pattern.size() > 1 && pattern[1] == '"') pattern.remove_prefix(1);
      const char c = pattern[0];
      put_character(c == ' ' || (c >= '\t' && c <= '\r') ? TemplateNode::Kind::space
                    : is_separator(c)                    ? TemplateNode::Kind::separator
                                                         : TemplateNode::Kind::character);
    }
  }
  return nodes;
}

}  // namespace mortise::sql_functions
