// SPDX-License-Identifier: Apache-2.0

#include "session/settings.hpp"

#include <charconv>
#include <cmath>

#include "mortise/cpp/assert.hpp"

namespace mortise::sql_engine {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return result;
}

Status unknown(std::string_view name) {
  return Status(Code::not_found, "42704",
                "unrecognized configuration parameter \"" + std::string(name) + "\"");
}

Status bad_value(const SettingRule& rule, std::string_view value) {
  return Status(Code::invalid, "22023",
                "invalid value for parameter \"" + std::string(rule.name) + "\": \"" +
                    std::string(value) + "\"");
}

bool read_bool(std::string_view text, bool& value) {
  const std::string t = lower(text);
  const auto is_prefix = [&](std::string_view word, size_t letters_min) {
    return t.size() >= letters_min && t.size() <= word.size() && word.substr(0, t.size()) == t;
  };
  value = is_prefix("true", 1) || is_prefix("yes", 1) || t == "on" || t == "1";
  return value || is_prefix("false", 1) || is_prefix("no", 1) || is_prefix("off", 2) || t == "0";
}

struct Unit {
  std::string_view name;
  std::string_view base;
  double factor;
};
constexpr Unit kUnits[] = {
    {"us", "ms", 0.001},  {"ms", "ms", 1},       {"s", "ms", 1000},          {"min", "ms", 60000},
    {"h", "ms", 3600000}, {"d", "ms", 86400000}, {"B", "kB", 1.0 / 1024},    {"kB", "kB", 1},
    {"MB", "kB", 1024},   {"GB", "kB", 1048576}, {"TB", "kB", 1073741824.0}, {"kB", "8kB", 0.125},
    {"MB", "8kB", 128},   {"GB", "8kB", 131072}, {"TB", "8kB", 134217728.0}};

// "30s" for a setting in ms is 30000.
bool read_number(const SettingRule& rule, std::string_view text, double& value) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc()) return false;
  std::string_view unit = text.substr(static_cast<size_t>(read.ptr - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  while (!unit.empty() && unit.back() == ' ') unit.remove_suffix(1);
  if (unit.empty()) return true;
  for (const Unit& u : kUnits) {
    if (u.name != unit || u.base != rule.unit) continue;
    value *= u.factor;
    return true;
  }
  return false;
}

// The value of a setting with a unit as SHOW shows it: in the largest unit that divides it.
std::string with_unit(const SettingRule& rule, const std::string& value) {
  if (rule.unit.empty() || value == "0" || value.empty() || value[0] == '-') return value;
  int64_t number = 0;
  std::from_chars(value.data(), value.data() + value.size(), number);
  std::string best = value + std::string(rule.unit == "8kB" ? "" : rule.unit);
  for (const Unit& u : kUnits) {
    if (u.base != rule.unit || u.factor < 1) continue;
    const auto factor = static_cast<int64_t>(u.factor);
    if (number % factor == 0) best = std::to_string(number / factor) + std::string(u.name);
  }
  if (rule.unit == "8kB" && number % 128 != 0) best = std::to_string(number * 8) + "kB";
  return best;
}

// "german, ymd" in PostgreSQL's spelling; both parts are optional.
bool read_date_style(std::string_view current, std::string& value) {
  std::string style(current.substr(0, current.find(',')));
  std::string order(current.substr(current.find(',') + 2));
  size_t at = 0;
  const std::string all = lower(value);
  bool is_order_set = false;
  while (at <= all.size()) {
    size_t comma = all.find(',', at);
    if (comma == std::string::npos) comma = all.size();
    std::string word = all.substr(at, comma - at);
    while (!word.empty() && word.front() == ' ') word.erase(0, 1);
    while (!word.empty() && word.back() == ' ') word.pop_back();
    at = comma + 1;
    if (word == "iso") {
      style = "ISO";
    } else if (word == "sql") {
      style = "SQL";
    } else if (word.starts_with("postgres")) {
      style = "Postgres";
    } else if (word == "german") {
      style = "German";
      if (!is_order_set) order = "DMY";
    } else if (word == "ymd") {
      order = "YMD";
      is_order_set = true;
    } else if (word == "dmy" || word.starts_with("euro")) {
      order = "DMY";
      is_order_set = true;
    } else if (word == "mdy" || word == "us" || word.starts_with("noneuro")) {
      order = "MDY";
      is_order_set = true;
    } else if (word == "default") {
      style = "ISO";
      order = "MDY";
    } else {
      return false;
    }
  }
  value = style + ", " + order;
  return true;
}

// Settings that change what a statement means or how its constants are read.
bool shapes_plans(std::string_view key) {
  return key == "search_path" || key == "datestyle" || key == "timezone" ||
         key == "intervalstyle" || key == "transform_null_equals" || key == "bytea_output" ||
         key == "extra_float_digits" || key == "default_table_access_method";
}

}  // namespace

SessionSettings::SessionSettings() {
  for (const SettingRule& rule : setting_rules()) {
    Value entry;
    entry.rule = &rule;
    entry.name.assign(rule.name);
    entry.value.assign(rule.initial);
    entry.initial = entry.value;
    values_.emplace(lower(rule.name), std::move(entry));
  }
}

Result<std::string> SessionSettings::get(std::string_view name) const {
  const auto found = values_.find(lower(name));
  if (found == values_.end()) return unknown(name);
  const Value& entry = found->second;
  return entry.rule == nullptr ? entry.value : with_unit(*entry.rule, entry.value);
}

const std::string& SessionSettings::value(std::string_view name) const {
  const auto found = values_.find(lower(name));
  MORTISE_ASSERT(found != values_.end());
  return found->second.value;
}

Status SessionSettings::normalize(const SettingRule& rule, std::string& value) const {
  switch (rule.kind) {
    case SettingKind::boolean: {
      bool is_on = false;
      if (!read_bool(value, is_on)) {
        return Status(Code::invalid, "22023",
                      "parameter \"" + std::string(rule.name) + "\" requires a Boolean value");
      }
      value = is_on ? "on" : "off";
      break;
    }
    case SettingKind::integer: {
      double number = 0;
      if (!read_number(rule, value, number)) {
        return bad_value(rule, value);
      }
      const double whole = std::nearbyint(number);
      const bool is_in_range =
          whole >= static_cast<double>(rule.minimum) && whole <= static_cast<double>(rule.maximum);
      if (!is_in_range) {
        const std::string unit = rule.unit.empty() ? "" : " " + std::string(rule.unit);
        return Status(Code::invalid, "22023",
                      std::to_string(static_cast<int64_t>(whole)) + unit +
                          " is outside the valid range for parameter \"" + std::string(rule.name) +
                          "\" (" + std::to_string(rule.minimum) + " .. " +
                          std::to_string(rule.maximum) + ")");
      }
      value = std::to_string(static_cast<int64_t>(whole));
      break;
    }
    case SettingKind::real: {
      double number = 0;
      if (!read_number(rule, value, number)) return bad_value(rule, value);
      break;
    }
    case SettingKind::choice: {
      const std::string wanted = lower(value);
      std::string_view rest = rule.choices;
      bool is_found = false;
      while (!rest.empty() && !is_found) {
        const size_t comma = rest.find(',');
        const std::string_view one = rest.substr(0, comma);
        if (lower(one) == wanted) {
          value.assign(one);
          is_found = true;
        }
        rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      }
      if (!is_found) {
        std::string list;
        for (const char c : rule.choices) list.append(c == ',' ? ", " : std::string(1, c));
        return bad_value(rule, value)
            .with(MORTISE_ERROR_FIELD_HINT, "Available values: " + list + ".");
      }
      if (rule.name == "client_encoding" && value != "SQL_ASCII") value = "UTF8";
      break;
    }
    case SettingKind::text:
      if (rule.name == "DateStyle" && !read_date_style(this->value("datestyle"), value)) {
        return bad_value(rule, value);
      }
      break;
  }
  return check_ ? check_(rule, value) : Status();
}

void SessionSettings::assign(const std::string& key, Value& entry, std::string value) {
  if (entry.value == value) return;
  entry.value = std::move(value);
  if (shapes_plans(key)) ++generation_;
  if (changed_) changed_(entry.name, entry.value);
}

Status SessionSettings::set(std::string_view name, std::string_view value, bool is_local) {
  const std::string key = lower(name);
  auto found = values_.find(key);
  if (found == values_.end()) {
    if (key.find('.') == std::string::npos) return unknown(name);
    Value entry;
    entry.name.assign(name);
    found = values_.emplace(key, std::move(entry)).first;
  }
  Value& entry = found->second;
  if (entry.rule != nullptr && entry.rule->is_read_only) {
    return Status(Code::invalid, "55P02", "parameter \"" + entry.name + "\" cannot be changed");
  }
  std::string wanted(value);
  if (entry.rule != nullptr) MORTISE_TRY(normalize(*entry.rule, wanted));
  if (is_in_transaction_) undo_.push_back({key, entry.value, is_local});
  assign(key, entry, std::move(wanted));
  return {};
}

Status SessionSettings::set_initial(std::string_view name, std::string_view value) {
  const auto found = values_.find(lower(name));
  if (found == values_.end()) return set(name, value, false);
  std::string wanted(value);
  if (!found->second.rule->is_read_only) MORTISE_TRY(normalize(*found->second.rule, wanted));
  found->second.initial = wanted;
  assign(found->first, found->second, std::move(wanted));
  return {};
}

Status SessionSettings::reset(std::string_view name) {
  const auto found = values_.find(lower(name));
  if (found == values_.end()) return unknown(name);
  if (found->second.rule != nullptr && found->second.rule->is_read_only) {
    return Status(Code::invalid, "55P02",
                  "parameter \"" + found->second.name + "\" cannot be changed");
  }
  if (is_in_transaction_) undo_.push_back({found->first, found->second.value, false});
  assign(found->first, found->second, found->second.initial);
  return {};
}

void SessionSettings::reset_all() {
  for (auto& [key, entry] : values_) {
    const bool is_own = entry.rule != nullptr && entry.rule->is_read_only;
    if (is_own || key.starts_with("transaction_")) continue;
    if (is_in_transaction_) undo_.push_back({key, entry.value, false});
    assign(key, entry, entry.initial);
  }
}

void SessionSettings::restore(const Undo& undo) {
  const auto found = values_.find(undo.key);
  if (found == values_.end()) return;
  assign(undo.key, found->second, undo.value);
}

void SessionSettings::roll_back_to(size_t mark) {
  MORTISE_ASSERT(mark <= undo_.size());
  while (undo_.size() > mark) {
    restore(undo_.back());
    undo_.pop_back();
  }
}

// A commit keeps what SET has set, unless a SET LOCAL came after it: then the value that the first
// SET LOCAL after it replaced.
void SessionSettings::end_transaction(bool is_committed) {
  is_in_transaction_ = false;
  if (!is_committed) {
    roll_back_to(0);
    return;
  }
  std::map<std::string, const Undo*> first_local;
  for (const Undo& undo : undo_) {
    if (undo.is_local) {
      first_local.try_emplace(undo.key, &undo);
    } else {
      first_local.erase(undo.key);
    }
  }
  for (const auto& [key, undo] : first_local) restore(*undo);
  undo_.clear();
}

std::vector<std::vector<std::string>> SessionSettings::all() const {
  std::vector<std::vector<std::string>> rows;
  for (const auto& [key, entry] : values_) {
    if (entry.rule == nullptr) continue;
    rows.push_back(
        {entry.name, with_unit(*entry.rule, entry.value), std::string(entry.rule->help)});
  }
  return rows;
}

}  // namespace mortise::sql_engine
