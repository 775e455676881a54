// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what happened, when, and in which part of the house?
//
// A line is an event name and named fields.  The process has one log, as it has one standard error.
// Behind it stand spdlog's sinks (log_sink.cpp).  Text form:
//
//   2026-11-21T02:09:12.123456Z info kernel.plugin plugin_started name=codec-lz4 took_us=812
//
// Invariants
//   L1  Writing never fails and never waits for anything but the sink.  A line that the sink cannot
//       take is dropped and counted.
//   L2  A line is one line: line feeds in values are escaped.
//
// Threads: [any, concurrent]; configure is [control].

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::observe {

enum class LogLevel : uint8_t { trace, debug, info, warn, error };

// "info"
std::string_view name_of(LogLevel level);
// `invalid` with the nearest name.
Result<LogLevel> log_level_of(std::string_view name);

struct LogField {
  std::string_view name;
  std::string_view value;
};

// Where finished lines go.
class LogSink {
 public:
  virtual ~LogSink() = default;
  // False when the line was lost.  Calls do not overlap.
  virtual bool write(std::string_view line, LogLevel level) = 0;
};

std::unique_ptr<LogSink> make_stderr_sink();
// Appends to a file, created when needed.
Result<std::unique_ptr<LogSink>> make_file_sink(const std::string& path);

enum class LogFormat : uint8_t { text, json };

class Log {
 public:
  // Starts with standard error, level info, text.
  Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  bool is_enabled(std::string_view scope, LogLevel level) const;
  void write(std::string_view scope, LogLevel level, std::string_view event,
             std::span<const LogField> fields);

  void set_level(LogLevel level);
  // "front-pgwire=debug,kernel.plugin=trace"; replaces what was set before.  A scope also stands
  // for those below it ("kernel" for "kernel.plugin").
  Status set_levels(std::string_view levels);
  void set_format(LogFormat format);
  // Precondition: not null.
  void set_sink(std::unique_ptr<LogSink> sink);
  uint64_t dropped_count() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  LogLevel level_of(std::string_view scope) const MORTISE_REQUIRES_SHARED(levels_mutex_);

  std::atomic<LogLevel> level_{LogLevel::info};
  std::atomic<LogLevel> lowest_{LogLevel::info};  // of level_ and all single levels
  std::atomic<bool> has_levels_{false};
  std::atomic<LogFormat> format_{LogFormat::text};
  std::atomic<uint64_t> dropped_{0};

  mutable platform::SharedMutex levels_mutex_{platform::LockRank::log_sink};
  std::map<std::string, LogLevel, std::less<>> levels_ MORTISE_GUARDED_BY(levels_mutex_);

  platform::Mutex sink_mutex_{platform::LockRank::log_sink};
  std::unique_ptr<LogSink> sink_ MORTISE_GUARDED_BY(sink_mutex_);
};

// The process's log.
Log& process_log();

// One line of the kernel's own.
inline void log_event(std::string_view scope, LogLevel level, std::string_view event,
                      std::initializer_list<LogField> fields = {}) {
  if (process_log().is_enabled(scope, level)) {
    process_log().write(scope, level, event, std::span(fields.begin(), fields.size()));
  }
}

}  // namespace mortise::observe
