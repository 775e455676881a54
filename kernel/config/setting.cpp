// SPDX-License-Identifier: Apache-2.0
#include "kernel/config/setting.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>

#include "kernel/base/nearest_name.hpp"

namespace mortise::config {

namespace {

struct Unit {
  std::string_view name;
  int64_t factor;
};

// Longest names are not first: the whole rest of the text has to be the unit.
constexpr std::array<Unit, 14> kByteUnits = {{{"B", 1},
                                              {"kB", 1LL << 10},
                                              {"KB", 1LL << 10},
                                              {"KiB", 1LL << 10},
                                              {"MB", 1LL << 20},
                                              {"MiB", 1LL << 20},
                                              {"GB", 1LL << 30},
                                              {"GiB", 1LL << 30},
                                              {"TB", 1LL << 40},
                                              {"TiB", 1LL << 40},
                                              {"k", 1LL << 10},
                                              {"M", 1LL << 20},
                                              {"G", 1LL << 30},
                                              {"T", 1LL << 40}}};
constexpr std::array<Unit, 5> kDurationUnits = {
    {{"ms", 1}, {"s", 1000}, {"min", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<std::string_view, 7> kTypeNames = {"bool",  "int",      "float", "text",
                                                        "bytes", "duration", "enum"};

Status wrong(const SettingSpec& spec, std::string_view text, std::string_view what) {
  std::string message("'");
  message.append(spec.name).append("' is '").append(text).append("', but has to be ").append(what);
  const std::string range = range_of(spec);
  if (!range.empty()) message.append(", ").append(range);
  return invalid(std::move(message));
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// "1.5GB" -> 1610612736.  False when it is no quantity or does not fit.
bool parse_quantity(std::string_view text, std::span<const Unit> units, int64_t* out) {
  double number = 0;
  int64_t whole = 0;
  const char* end = text.data() + text.size();
  const auto as_integer = std::from_chars(text.data(), end, whole);
  const auto as_real = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (as_real.ec != std::errc() || as_integer.ec == std::errc::result_out_of_range) return false;
  const std::string_view unit =
      trimmed(std::string_view(as_real.ptr, static_cast<size_t>(end - as_real.ptr)));
  int64_t factor = 1;
  if (!unit.empty()) {
    const auto found =
        std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
    if (found == units.end()) return false;
    factor = found->factor;
  }
  if (as_integer.ec == std::errc() && as_integer.ptr == as_real.ptr) {
    return !__builtin_mul_overflow(whole, factor, out);
  }
  const double product = std::round(number * static_cast<double>(factor));
  if (!(std::fabs(product) < 9.2e18)) return false;
  *out = static_cast<int64_t>(product);
  return true;
}

bool parse_boolean(std::string_view text, bool* out) {
  for (std::string_view yes : {"true", "on", "yes", "1"}) {
    if (text == yes) return *out = true, true;
  }
  for (std::string_view no : {"false", "off", "no", "0"}) {
    if (text == no) return *out = false, true;
  }
  return false;
}

bool parse_integer(const SettingSpec& spec, std::string_view text, int64_t* out) {
  if (spec.type == SettingType::bytes) return parse_quantity(text, kByteUnits, out);
  if (spec.type == SettingType::duration) return parse_quantity(text, kDurationUnits, out);
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *out);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

bool parse_real(std::string_view text, double* out) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *out);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && std::isfinite(*out);
}

std::string_view wanted_of(SettingType type) {
  switch (type) {
    case SettingType::boolean:
      return "true or false";
    case SettingType::integer:
      return "an integer";
    case SettingType::real:
      return "a number";
    case SettingType::bytes:
      return "a size such as 64MiB";
    case SettingType::duration:
      return "a duration such as 250ms";
    default:
      return "a text";
  }
}

Result<SettingValue> parse_integral(const SettingSpec& spec, std::string_view text) {
  SettingValue value;
  if (!parse_integer(spec, text, &value.integer)) return wrong(spec, text, wanted_of(spec.type));
  int64_t bound = 0;
  const bool below =
      !spec.minimum.empty() && parse_integer(spec, spec.minimum, &bound) && value.integer < bound;
  const bool above =
      !spec.maximum.empty() && parse_integer(spec, spec.maximum, &bound) && value.integer > bound;
  if (below || above) return wrong(spec, text, wanted_of(spec.type));
  value.real = static_cast<double>(value.integer);
  value.text = spec.type == SettingType::bytes      ? bytes_text(value.integer)
               : spec.type == SettingType::duration ? duration_text(value.integer)
                                                    : std::to_string(value.integer);
  return value;
}

Result<SettingValue> parse_real_value(const SettingSpec& spec, std::string_view text) {
  SettingValue value;
  if (!parse_real(text, &value.real)) return wrong(spec, text, wanted_of(spec.type));
  double bound = 0;
  const bool below =
      !spec.minimum.empty() && parse_real(spec.minimum, &bound) && value.real < bound;
  const bool above =
      !spec.maximum.empty() && parse_real(spec.maximum, &bound) && value.real > bound;
  if (below || above) return wrong(spec, text, wanted_of(spec.type));
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value.real);
  value.text.assign(buffer, end.ptr);
  return value;
}

Result<SettingValue> parse_choice(const SettingSpec& spec, std::string_view text) {
  for (size_t i = 0; i < spec.choices.size(); ++i) {
    if (spec.choices[i] == text) {
      return SettingValue{std::string(text), static_cast<int64_t>(i), static_cast<double>(i)};
    }
  }
  std::string message("'");
  message.append(spec.name).append("' is '").append(text).append("', but has to be ");
  message.append(range_of(spec));
  message.append(did_you_mean(text, std::span<const std::string>(spec.choices)));
  return invalid(std::move(message));
}

std::string quantity_text(int64_t amount, std::span<const Unit> units_descending) {
  for (const Unit& unit : units_descending) {
    if (amount != 0 && amount % unit.factor == 0) {
      return std::to_string(amount / unit.factor).append(unit.name);
    }
  }
  return std::to_string(amount).append(units_descending.back().name);
}

}  // namespace

std::string_view name_of(SettingType type) {
  return kTypeNames[static_cast<size_t>(type)];
}

Result<SettingType> setting_type_of(std::string_view name) {
  for (size_t i = 0; i < kTypeNames.size(); ++i) {
    if (kTypeNames[i] == name) return static_cast<SettingType>(i);
  }
  return invalid(std::string("no such type: '")
                     .append(name)
                     .append("'")
                     .append(did_you_mean(name, std::span<const std::string_view>(kTypeNames))));
}

Result<SettingValue> parse_setting(const SettingSpec& spec, std::string_view given) {
  if (spec.type == SettingType::text) {
    if (given.find('\0') != std::string_view::npos) {
      return invalid(std::string("'").append(spec.name).append("' contains a zero byte"));
    }
    return SettingValue{std::string(given), 0, 0};
  }
  const std::string_view text = trimmed(given);
  switch (spec.type) {
    case SettingType::boolean: {
      bool value = false;
      if (!parse_boolean(text, &value)) return wrong(spec, text, wanted_of(spec.type));
      return SettingValue{value ? "true" : "false", value ? 1 : 0, value ? 1.0 : 0.0};
    }
    case SettingType::real:
      return parse_real_value(spec, text);
    case SettingType::choice:
      return parse_choice(spec, text);
    default:
      return parse_integral(spec, text);
  }
}

Status check_setting(const SettingSpec& spec) {
  if (spec.name.empty() || spec.name.find(' ') != std::string::npos) {
    return invalid(std::string("a setting has a bad name: '").append(spec.name).append("'"));
  }
  if (spec.type == SettingType::choice && spec.choices.empty()) {
    return invalid(std::string("'").append(spec.name).append("' is an enum without choices"));
  }
  const bool has_range = !spec.minimum.empty() || !spec.maximum.empty();
  const bool is_ranged = spec.type == SettingType::integer || spec.type == SettingType::real ||
                         spec.type == SettingType::bytes || spec.type == SettingType::duration;
  if (has_range && !is_ranged) {
    return invalid(
        std::string("'").append(spec.name).append("' has a range, but its type has none"));
  }
  for (const std::string* bound : {&spec.minimum, &spec.maximum}) {
    if (!bound->empty()) MORTISE_TRY(parse_setting(spec, *bound));
  }
  return parse_setting(spec, spec.default_text).status();
}

std::string range_of(const SettingSpec& spec) {
  std::string out;
  if (spec.type == SettingType::choice) {
    out = "one of";
    for (const std::string& c : spec.choices)
      out.append(&c == &spec.choices[0] ? " " : ", ").append(c);
  } else if (!spec.minimum.empty() && !spec.maximum.empty()) {
    out.append("between ").append(spec.minimum).append(" and ").append(spec.maximum);
  } else if (!spec.minimum.empty()) {
    out.append("at least ").append(spec.minimum);
  } else if (!spec.maximum.empty()) {
    out.append("at most ").append(spec.maximum);
  }
  return out;
}

std::string bytes_text(int64_t bytes) {
  static constexpr std::array<Unit, 5> kUnits = {
      {{"TiB", 1LL << 40}, {"GiB", 1LL << 30}, {"MiB", 1LL << 20}, {"KiB", 1LL << 10}, {"B", 1}}};
  return quantity_text(bytes, kUnits);
}

std::string duration_text(int64_t milliseconds) {
  static constexpr std::array<Unit, 5> kUnits = {
      {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}};
  return quantity_text(milliseconds, kUnits);
}

}  // namespace mortise::config
