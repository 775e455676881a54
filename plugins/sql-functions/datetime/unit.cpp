// SPDX-License-Identifier: Apache-2.0

#include "datetime/unit.hpp"

#include <cctype>

namespace mortise::sql_functions {
namespace {

struct Name {
  std::string_view name;
  DateUnit unit;
};
constexpr Name kNames[] = {
    {"c", DateUnit::century},
    {"cent", DateUnit::century},
    {"centuries", DateUnit::century},
    {"century", DateUnit::century},
    {"d", DateUnit::day},
    {"day", DateUnit::day},
    {"days", DateUnit::day},
    {"dec", DateUnit::decade},
    {"decade", DateUnit::decade},
    {"decades", DateUnit::decade},
    {"decs", DateUnit::decade},
    {"dow", DateUnit::weekday},
    {"doy", DateUnit::year_day},
    {"epoch", DateUnit::epoch},
    {"h", DateUnit::hour},
    {"hour", DateUnit::hour},
    {"hours", DateUnit::hour},
    {"hr", DateUnit::hour},
    {"hrs", DateUnit::hour},
    {"isodow", DateUnit::iso_weekday},
    {"isoyear", DateUnit::iso_year},
    {"j", DateUnit::julian},
    {"jd", DateUnit::julian},
    {"julian", DateUnit::julian},
    {"m", DateUnit::minute},
    {"microseconds", DateUnit::microsecond},
    {"microsecond", DateUnit::microsecond},
    {"mil", DateUnit::millennium},
    {"millennia", DateUnit::millennium},
    {"millennium", DateUnit::millennium},
    {"millisecond", DateUnit::millisecond},
    {"milliseconds", DateUnit::millisecond},
    {"mils", DateUnit::millennium},
    {"min", DateUnit::minute},
    {"mins", DateUnit::minute},
    {"minute", DateUnit::minute},
    {"minutes", DateUnit::minute},
    {"mon", DateUnit::month},
    {"mons", DateUnit::month},
    {"month", DateUnit::month},
    {"months", DateUnit::month},
    {"ms", DateUnit::millisecond},
    {"msec", DateUnit::millisecond},
    {"mseconds", DateUnit::millisecond},
    {"msecs", DateUnit::millisecond},
    {"qtr", DateUnit::quarter},
    {"quarter", DateUnit::quarter},
    {"s", DateUnit::second},
    {"sec", DateUnit::second},
    {"second", DateUnit::second},
    {"seconds", DateUnit::second},
    {"secs", DateUnit::second},
    {"timezone", DateUnit::zone},
    {"timezone_h", DateUnit::zone_hour},
    {"timezone_hour", DateUnit::zone_hour},
    {"timezone_m", DateUnit::zone_minute},
    {"timezone_minute", DateUnit::zone_minute},
    {"us", DateUnit::microsecond},
    {"usec", DateUnit::microsecond},
    {"useconds", DateUnit::microsecond},
    {"usecs", DateUnit::microsecond},
    {"w", DateUnit::week},
    {"week", DateUnit::week},
    {"weeks", DateUnit::week},
    {"y", DateUnit::year},
    {"year", DateUnit::year},
    {"years", DateUnit::year},
    {"yr", DateUnit::year},
    {"yrs", DateUnit::year},
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

}  // namespace

DateUnit date_unit_of(std::string_view name) {
  const std::string wanted = lower(name);
  for (const Name& entry : kNames) {
    if (entry.name == wanted) return entry.unit;
  }
  return DateUnit::none;
}

Status unit_not_supported(std::string_view unit, std::string_view type_name) {
  std::string message("unit \"");
  message.append(lower(unit)).append("\" not supported for type ").append(type_name);
  return unsupported(std::move(message));
}

Status unit_not_recognized(std::string_view unit, std::string_view type_name) {
  std::string message("unit \"");
  message.append(lower(unit)).append("\" not recognized for type ").append(type_name);
  return {Code::invalid, "22023", std::move(message)};
}

}  // namespace mortise::sql_functions
