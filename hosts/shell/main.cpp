// SPDX-License-Identifier: Apache-2.0
//
// mortise: makes, starts, stops and looks into data directories, and runs SQL without a server.
#include <array>
#include <iostream>

#include "hosts/shell/command_line.hpp"
#include "kernel/base/version.hpp"
#include "kernel/platform/fatal_signal.hpp"
#include "kernel/platform/posix_backend.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/plugin/layout.hpp"

namespace mortise::shell {
namespace {

struct Entry {
  std::string_view command;
  Status (*run)(const Program& program, const Given& given);
};

constexpr std::array<Entry, 12> kEntries = {{{"init", run_init},
                                             {"start", run_start},
                                             {"stop", run_stop},
                                             {"status", run_status},
                                             {"check", run_check},
                                             {"settings", run_settings},
                                             {"sql", run_sql},
                                             {"plugin list", run_plugin_list},
                                             {"plugin info", run_plugin_info},
                                             {"plugin check", run_plugin_check},
                                             {"plugin resolve", run_plugin_resolve},
                                             {"plugin new", run_plugin_new}}};

Status dispatch(const Given& given) {
  const auto io = platform::make_posix_backend();
  Program program{*io, {}, {}};
  MORTISE_TRY_ASSIGN(program.own_path, platform::executable_path());
  MORTISE_TRY_ASSIGN(program.folders, plugin::find_folders(*io));
  for (const Entry& entry : kEntries) {
    if (entry.command == given.command) return entry.run(program, given);
  }
  return internal("a command without code: " + given.command);
}

int run(const std::vector<std::string>& arguments) {
  Result<Given> given = read_command_line(arguments);
  Status done = given.status();
  if (done.is_ok()) {
    if (given->command == "help") {
      std::string name;
      for (const std::string& word : given->words) name.append(name.empty() ? "" : " ") += word;
      const Result<std::string> text = help_text(name);
      if (text) std::cout << *text;
      done = text.status();
    } else if (given->command == "version") {
      std::cout << "mortise " << version() << '\n';
    } else {
      platform::catch_fatal_signals();
      done = dispatch(*given);
    }
  }
  std::cout.flush();
  if (done.is_ok()) return 0;
  std::cerr << "mortise: " << to_line(done) << '\n';
  return exit_code_of(done);
}

}  // namespace
}  // namespace mortise::shell

int main(int argc, char** argv) {
  return mortise::shell::run({argv + 1, argv + argc});
}
