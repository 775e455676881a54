// SPDX-License-Identifier: Apache-2.0
//
// The only file that sees spdlog.  Its sinks throw when a disk is full; here a throw becomes a lost
// line.  The single-threaded variants serve: Log orders the writers.
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "kernel/observe/log.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::observe {

namespace {

class SpdlogSink final : public LogSink {
 public:
  explicit SpdlogSink(std::shared_ptr<spdlog::sinks::sink> sink) : sink_(std::move(sink)) {
    sink_->set_pattern("%v");
  }

  bool write(std::string_view line, LogLevel level) override {
    return contain("58030",
                   [&] {
                     sink_->log(
                         spdlog::details::log_msg(spdlog::string_view_t("", 0), level_of(level),
                                                  spdlog::string_view_t(line.data(), line.size())));
                     sink_->flush();
                   })
        .is_ok();
  }

 private:
  static spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
      case LogLevel::trace:
        return spdlog::level::trace;
      case LogLevel::debug:
        return spdlog::level::debug;
      case LogLevel::info:
        return spdlog::level::info;
      case LogLevel::warn:
        return spdlog::level::warn;
      case LogLevel::error:
        break;
    }
    return spdlog::level::err;
  }

  std::shared_ptr<spdlog::sinks::sink> sink_;
};

}  // namespace

std::unique_ptr<LogSink> make_stderr_sink() {
  return std::make_unique<SpdlogSink>(std::make_shared<spdlog::sinks::stderr_sink_st>());
}

Result<std::unique_ptr<LogSink>> make_file_sink(const std::string& path) {
  std::unique_ptr<LogSink> sink;
  Status opened = contain("58030", [&] {
    sink = std::make_unique<SpdlogSink>(std::make_shared<spdlog::sinks::basic_file_sink_st>(path));
  });
  if (!opened) {
    return Status(Code::io, "58030",
                  std::string("could not open the log file: ").append(opened.message()));
  }
  return sink;
}

}  // namespace mortise::observe
