// SPDX-License-Identifier: Apache-2.0
#include "kernel/observe/log.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "kernel/base/nearest_name.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::observe {

namespace {

constexpr std::array<std::string_view, 5> kLevelNames = {"trace", "debug", "info", "warn", "error"};

// Days since 1970-01-01 to year, month, day; Howard Hinnant's civil_from_days.
struct Date {
  int64_t year;
  unsigned month;
  unsigned day;
};
Date date_of(int64_t days) {
  const int64_t shifted = days + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto of_era = static_cast<unsigned>(shifted - era * 146097);
  const unsigned year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int64_t year = static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  return {year, month, of_year - (153 * shifted_month + 2) / 5 + 1};
}

void append_time(std::string& out, int64_t realtime_us) {
  constexpr int64_t kDayUs = 86'400'000'000;
  int64_t days = realtime_us / kDayUs;
  int64_t rest = realtime_us % kDayUs;
  if (rest < 0) {
    rest += kDayUs;
    --days;
  }
  const Date date = date_of(days);
  char buffer[64];
  const int length = std::snprintf(
      buffer, sizeof(buffer), "%04lld-%02u-%02uT%02u:%02u:%02u.%06uZ",
      static_cast<long long>(date.year), date.month, date.day,
      static_cast<unsigned>(rest / 3'600'000'000), static_cast<unsigned>(rest / 60'000'000 % 60),
      static_cast<unsigned>(rest / 1'000'000 % 60), static_cast<unsigned>(rest % 1'000'000));
  out.append(buffer, static_cast<size_t>(std::max(length, 0)));
}

// Inside double quotes, as JSON wants it; the text form uses the same escapes.
void append_escaped(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, c);
    } else if (c == '\n') {
      out.append("\\n");
    } else if (byte < 0x20 || byte == 0x7F) {
      out.append("\\u00").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
    } else {
      out.append(1, c);
    }
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out.append("\"");
  append_escaped(out, text);
  out.append("\"");
}

// Bare when nothing in it could be misread.
void append_value(std::string& out, std::string_view text) {
  const bool bare = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > 0x20 && c != '"' && c != '=' && c != '\\' && c != 0x7F;
  });
  if (bare) {
    out.append(text);
  } else {
    append_quoted(out, text);
  }
}

std::string text_line(std::string_view scope, LogLevel level, std::string_view event,
                      std::span<const LogField> fields) {
  std::string out;
  append_time(out, platform::realtime_us());
  out.append(" ").append(name_of(level)).append(" ").append(scope).append(" ").append(event);
  for (const LogField& f : fields) {
    out.append(" ").append(f.name).append("=");
    append_value(out, f.value);
  }
  return out;
}

std::string json_line(std::string_view scope, LogLevel level, std::string_view event,
                      std::span<const LogField> fields) {
  std::string out("{\"time\":\"");
  append_time(out, platform::realtime_us());
  out.append("\",\"level\":\"").append(name_of(level)).append("\",\"scope\":");
  append_quoted(out, scope);
  out.append(",\"event\":");
  append_quoted(out, event);
  out.append(",\"thread\":").append(std::to_string(platform::this_thread::id()));
  for (const LogField& f : fields) {
    out.append(",");
    append_quoted(out, f.name);
    out.append(":");
    append_quoted(out, f.value);
  }
  return out.append("}");
}

}  // namespace

std::string_view name_of(LogLevel level) {
  return kLevelNames[static_cast<size_t>(level)];
}

Result<LogLevel> log_level_of(std::string_view name) {
  for (size_t i = 0; i < kLevelNames.size(); ++i) {
    if (kLevelNames[i] == name) return static_cast<LogLevel>(i);
  }
  return invalid(std::string("no such log level: '")
                     .append(name)
                     .append("'")
                     .append(did_you_mean(name, std::span<const std::string_view>(kLevelNames))));
}

Log::Log() : sink_(make_stderr_sink()) {}

bool Log::is_enabled(std::string_view scope, LogLevel level) const {
  if (level < lowest_.load(std::memory_order_relaxed)) return false;
  if (!has_levels_.load(std::memory_order_relaxed)) return true;
  platform::SharedLock lock(levels_mutex_);
  return level >= level_of(scope);
}

LogLevel Log::level_of(std::string_view scope) const {
  for (;;) {
    const auto found = levels_.find(scope);
    if (found != levels_.end()) return found->second;
    const size_t point = scope.rfind('.');
    if (point == std::string_view::npos) return level_.load(std::memory_order_relaxed);
    scope = scope.substr(0, point);
  }
}

void Log::write(std::string_view scope, LogLevel level, std::string_view event,
                std::span<const LogField> fields) {
  if (!is_enabled(scope, level)) return;
  const std::string line = format_.load(std::memory_order_relaxed) == LogFormat::json
                               ? json_line(scope, level, event, fields)
                               : text_line(scope, level, event, fields);
  platform::Lock lock(sink_mutex_);
  if (!sink_->write(line, level)) dropped_.fetch_add(1, std::memory_order_relaxed);
}

void Log::set_level(LogLevel level) {
  platform::ExclusiveLock lock(levels_mutex_);
  level_.store(level, std::memory_order_relaxed);
  LogLevel lowest = level;
  for (const auto& [scope, single] : levels_) lowest = std::min(lowest, single);
  lowest_.store(lowest, std::memory_order_relaxed);
}

Status Log::set_levels(std::string_view levels) {
  std::map<std::string, LogLevel, std::less<>> parsed;
  while (!levels.empty()) {
    const size_t comma = std::min(levels.find(','), levels.size());
    const std::string_view part = levels.substr(0, comma);
    levels.remove_prefix(std::min(comma + 1, levels.size()));
    const size_t equals = part.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return invalid(std::string("log_levels wants scope=level, not '").append(part).append("'"));
    }
    MORTISE_TRY_ASSIGN(parsed[std::string(part.substr(0, equals))],
                       log_level_of(part.substr(equals + 1)));
  }
  {
    platform::ExclusiveLock lock(levels_mutex_);
    levels_ = std::move(parsed);
    has_levels_.store(!levels_.empty(), std::memory_order_relaxed);
  }
  set_level(level_.load(std::memory_order_relaxed));
  return {};
}

void Log::set_format(LogFormat format) {
  format_.store(format, std::memory_order_relaxed);
}

void Log::set_sink(std::unique_ptr<LogSink> sink) {
  MORTISE_ASSERT(sink != nullptr);
  platform::Lock lock(sink_mutex_);
  sink_ = std::move(sink);
}

Log& process_log() {
  static Log log;
  return log;
}

}  // namespace mortise::observe
