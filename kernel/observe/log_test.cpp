// SPDX-License-Identifier: Apache-2.0
//
// Goal: L1 and L2 of the log, and levels of single scopes.
// Method: a sink that keeps its lines.
#include "kernel/observe/log.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "kernel/platform/io.hpp"
#include "kernel/platform/posix_backend.hpp"
#include "kernel/platform/process.hpp"

namespace mortise::observe {
namespace {

struct Kept final : LogSink {
  explicit Kept(std::vector<std::string>& into) : lines(into) {}
  bool write(std::string_view line, LogLevel) override {
    lines.emplace_back(line);
    return !line.ends_with("lost");
  }
  std::vector<std::string>& lines;
};

struct Fixture {
  Fixture() { log.set_sink(std::make_unique<Kept>(lines)); }
  void write(std::string_view scope, LogLevel level, std::string_view event,
             std::vector<LogField> fields = {}) {
    log.write(scope, level, event, fields);
  }
  std::vector<std::string> lines;
  Log log;
};

TEST_CASE("log: a line is time, level, scope, event and fields") {
  Fixture f;

  f.write("kernel.log", LogLevel::info, "opened", {{"path", "/a b"}, {"bytes", "12"}});

  REQUIRE(f.lines.size() == 1);
  CHECK(f.lines[0].substr(4, 1) == "-");
  CHECK(f.lines[0].substr(26) == "Z info kernel.log opened path=\"/a b\" bytes=12");
}

TEST_CASE("log: L2 a line feed in a value does not make a second line") {
  Fixture f;

  f.write("x", LogLevel::warn, "e", {{"text", "a\nb\"\x01"}});
  f.log.set_format(LogFormat::json);
  f.write("x", LogLevel::warn, "e", {{"text", "a\nb\"\x01"}});

  CHECK(f.lines[0].ends_with(R"(text="a\nb\"\u0001")"));
  CHECK(f.lines[1].ends_with(R"("text":"a\nb\"\u0001"})"));
  CHECK(f.lines[1].starts_with("{\"time\":\""));
}

TEST_CASE("log: a single level stands for a scope and those below it") {
  Fixture f;
  REQUIRE(f.log.set_levels("kernel=debug,kernel.plugin=error").is_ok());

  CHECK(f.log.is_enabled("kernel.log", LogLevel::debug));
  CHECK_FALSE(f.log.is_enabled("kernel.log", LogLevel::trace));
  CHECK_FALSE(f.log.is_enabled("kernel.plugin", LogLevel::warn));
  CHECK_FALSE(f.log.is_enabled("front-pgwire", LogLevel::debug));
  CHECK(f.log.set_levels("kernel=loud").message() == "no such log level: 'loud'");
}

TEST_CASE("log: L1 a line that the sink cannot take is counted") {
  Fixture f;

  f.write("x", LogLevel::error, "lost");

  CHECK(f.log.dropped_count() == 1);
}

TEST_CASE("log: the file sink appends") {
  auto directory = platform::TemporaryDirectory::create("log");
  REQUIRE(directory.has_value());
  const std::string path = directory->path() + "/mortise.log";
  for (int i = 0; i < 2; ++i) {
    auto sink = make_file_sink(path);
    REQUIRE(sink.has_value());
    CHECK((*sink)->write("line", LogLevel::info));
  }
  const auto io = platform::make_posix_backend();
  const auto text = platform::read_whole_file(*io, path);
  REQUIRE(text.has_value());
  CHECK(*text == "line\nline\n");
  CHECK_FALSE(make_file_sink(directory->path()).has_value());
}

}  // namespace
}  // namespace mortise::observe
