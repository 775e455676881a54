// SPDX-License-Identifier: Apache-2.0
#include "types/timestamp.hpp"

#include <charconv>

namespace mortise::sql_catalog {
namespace {

// Takes digits off the front; false if there are none.
bool take_number(std::string_view& text, int64_t& value) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || value < 0) return false;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return true;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

// Days from 2000-01-01 to a date of the Gregorian calendar; Howard Hinnant's days_from_civil with
// its epoch moved.
int64_t days_from_date(int64_t year, int64_t month, int64_t day) {
  year -= month <= 2 ? 1 : 0;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146'097 + day_of_era - 730'425;
}

}  // namespace

std::optional<int64_t> read_timestamp(std::string_view text) {
  if (text == "infinity") return INT64_MAX;
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  if (!take_number(text, year) || !take(text, '-') || !take_number(text, month) ||
      !take(text, '-') || !take_number(text, day)) {
    return std::nullopt;
  }
  int64_t seconds = days_from_date(year, month, day) * 86'400;
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if ((take(text, ' ') || take(text, 'T')) && take_number(text, hour) && take(text, ':') &&
      take_number(text, minute)) {
    if (take(text, ':') && !take_number(text, second)) return std::nullopt;
    seconds += hour * 3'600 + minute * 60 + second;
  }
  int64_t fraction = 0;
  if (take(text, '.') && !take_number(text, fraction)) return std::nullopt;
  const bool is_west = text.starts_with('-');
  if (take(text, '+') || take(text, '-')) {
    int64_t offset_hours = 0;
    int64_t offset_minutes = 0;
    if (!take_number(text, offset_hours)) return std::nullopt;
    if (take(text, ':') && !take_number(text, offset_minutes)) return std::nullopt;
    const int64_t offset = offset_hours * 3'600 + offset_minutes * 60;
    seconds += is_west ? offset : -offset;
  }
  return seconds * 1'000'000;
}

}  // namespace mortise::sql_catalog
