// SPDX-License-Identifier: Apache-2.0
//
// mortise plugin new: writes the smallest plugin that builds, loads and is tested.
#include <iostream>

#include "hosts/shell/command_line.hpp"

namespace mortise::shell {

namespace {

constexpr std::string_view kManifest = R"(manifest_version = 1
name = "@NAME@"
version = "0.1.0"
sdk = ">=0.1, <0.2"
license = "Apache-2.0"
summary = "Counts; replace it by what your plugin does."

phase = "services"
needs = ["mortise.log/1", "mortise.settings/1"]

[settings.start_at]
type = "int"
default = 1
min = 0
help = "The first number."
)";

constexpr std::string_view kCmake = R"(# SPDX-License-Identifier: Apache-2.0
#
# Builds by itself against an installed SDK, and below plugins/ of a checkout of Mortise.
cmake_minimum_required(VERSION 3.25)
project(@NAME@ LANGUAGES C CXX)
if(NOT COMMAND mortise_add_plugin)
  find_package(MortiseSdk 0.1 REQUIRED)
endif()

mortise_add_plugin(@NAME@
  NEEDS mortise.log/1 mortise.settings/1
  SOURCES plugin.cpp counter.cpp
  TESTS tests/counter_test.cpp)
)";

constexpr std::string_view kHeader = R"(// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which number comes next?
//
// The plugin's meaning, in plain C++ that knows nothing of a host.
//
// Threads: one owner at a time.

#include <cstdint>

namespace mortise::@SPACE@ {

class Counter {
 public:
  explicit Counter(int64_t first) : next_(first) {}
  int64_t take();

 private:
  int64_t next_;
};

}  // namespace mortise::@SPACE@
)";

constexpr std::string_view kSource = R"(// SPDX-License-Identifier: Apache-2.0
@INCLUDE@ "counter.hpp"

namespace mortise::@SPACE@ {

int64_t Counter::take() {
  return next_++;
}

}  // namespace mortise::@SPACE@
)";

constexpr std::string_view kDoor = R"(// SPDX-License-Identifier: Apache-2.0
//
// The door: the only file that sees the C ABI.
#include <memory>
#include <string>

@INCLUDE@ "counter.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/log.h"
#include "mortise/iface/settings.h"

namespace mortise::@SPACE@ {
namespace {

// What `start` makes and `stop` takes away.
struct Instance {
  Counter counter;
};

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const Host services(host);
    MORTISE_TRY_ASSIGN(const auto* settings,
                       services.need<mortise_iface_settings_t>(MORTISE_IFACE_SETTINGS));
    MORTISE_TRY_ASSIGN(const auto* log, services.need<mortise_iface_log_t>(MORTISE_IFACE_LOG));
    int64_t first = 0;
    ErrorSlot slot;
    MORTISE_TRY(slot.status(
        settings->get_integer(literal("@NAME@.start_at"), &first, slot.get())));
    auto made = std::make_unique<Instance>(Instance{Counter(first)});
    const std::string number = std::to_string(made->counter.take());
    const mortise_log_field_t fields[] = {{literal("first"), str_of(number)}};
    log->write(literal("@NAME@"), MORTISE_LOG_INFO, literal("counting"), fields, 1);
    *instance = made.release();
    return {};
  });
}

void MORTISE_CALL stop(void* instance) {
  delete static_cast<Instance*>(instance);
}

constexpr mortise_need_t kNeeds[] = {need(MORTISE_IFACE_LOG), need(MORTISE_IFACE_SETTINGS)};

}  // namespace
}  // namespace mortise::@SPACE@

MORTISE_PLUGIN("@NAME@", "0.1.0", mortise::@SPACE@::kNeeds, {}, mortise::@SPACE@::start, nullptr,
               mortise::@SPACE@::stop)
)";

constexpr std::string_view kTest = R"(// SPDX-License-Identifier: Apache-2.0
//
// Goal: numbers follow each other.
// Method: take some.
@INCLUDE@ "counter.hpp"

#include <doctest/doctest.h>

namespace mortise::@SPACE@ {
namespace {

TEST_CASE("counter: each number is the one after the last") {
  Counter counter(7);
  CHECK(counter.take() == 7);
  CHECK(counter.take() == 8);
}

}  // namespace
}  // namespace mortise::@SPACE@
)";

constexpr std::string_view kReadme = R"(# @NAME@

What it does, by which algorithm and from which source, where it differs from that source, and what
its limits are.

- `plugin.toml` says what it is, needs and offers; the loader compares it with the library.
- `counter.hpp`, `counter.cpp` are its meaning, `plugin.cpp` its door, `tests/` its proof.

To run it, add `"@NAME@"` to the plugins of a set. docs/guide/write-a-plugin.md goes on from here.
)";

struct File {
  std::string_view name;
  std::string_view text;
};

std::string filled(std::string_view text, const std::string& name, const std::string& space) {
  std::string out(text);
  const auto replace = [&](std::string_view from, const std::string& to) {
    for (size_t at = out.find(from); at != std::string::npos; at = out.find(from, at + to.size())) {
      out.replace(at, from.size(), to);
    }
  };
  replace("@NAME@", name);
  replace("@SPACE@", space);
  replace("@INCLUDE@", "#include");
  return out;
}

}  // namespace

Status run_plugin_new(const Program& program, const Given& given) {
  if (given.words.size() != 1) return {Code::invalid, "F0000", "plugin new wants a name"};
  const std::string& name = given.words[0];
  MORTISE_TRY(plugin::check_plugin_name(name));
  std::string space = name;
  for (char& c : space) {
    if (c == '-') c = '_';
  }
  const std::string folder = given.into + "/" + name;
  MORTISE_TRY(program.io.create_directory(folder));
  MORTISE_TRY(program.io.create_directory(folder + "/tests"));
  static constexpr File kFiles[] = {{"plugin.toml", kManifest}, {"CMakeLists.txt", kCmake},
                                    {"counter.hpp", kHeader},   {"counter.cpp", kSource},
                                    {"plugin.cpp", kDoor},      {"tests/counter_test.cpp", kTest},
                                    {"README.md", kReadme}};
  for (const File& file : kFiles) {
    MORTISE_TRY(platform::replace_whole_file(program.io, folder + "/" + std::string(file.name),
                                             filled(file.text, name, space)));
    std::cout << folder << "/" << file.name << '\n';
  }
  return {};
}

}  // namespace mortise::shell
