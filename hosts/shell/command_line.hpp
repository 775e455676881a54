// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what did the user type after `mortise`?
//
// Every command declares its options with Boost.Program_options here, so that `mortise help` and
// what is accepted cannot differ.
//
// Threads: [control]

#include <string>
#include <utility>
#include <vector>

#include "kernel/platform/io.hpp"
#include "kernel/plugin/instance.hpp"
#include "kernel/plugin/inventory.hpp"

namespace mortise::shell {

struct Given {
  std::string command;  // "init", "plugin list"
  std::string directory;
  std::string listen;
  std::string set = "default";
  std::string user;
  std::string database = "postgres";
  std::string log;
  std::string into = ".";
  std::vector<std::pair<std::string, std::string>> settings;
  std::vector<std::string> words;  // arguments without a dash
  uint32_t wait_seconds = 60;
  bool markdown = false;
  bool as_template = false;
  bool csv = false;
};

// A wrong command line is F0000 with the nearest command.
Result<Given> read_command_line(const std::vector<std::string>& arguments);

// The text of `mortise help`, or of `mortise help COMMAND`.  Fails like a wrong command line.
Result<std::string> help_text(const std::string& command);

// What commands share.
struct Program {
  platform::IoBackend& io;
  plugin::Folders folders;
  std::string own_path;  // of this program; mortised stands beside it
};

InstanceOptions instance_options(const Program& program, const Given& given);

// The commands.  Output goes to standard output; a failure is told by main.
Status run_init(const Program& program, const Given& given);
Status run_start(const Program& program, const Given& given);
Status run_stop(const Program& program, const Given& given);
Status run_status(const Program& program, const Given& given);
Status run_check(const Program& program, const Given& given);
Status run_settings(const Program& program, const Given& given);
Status run_sql(const Program& program, const Given& given);
Status run_plugin_list(const Program& program, const Given& given);
Status run_plugin_info(const Program& program, const Given& given);
Status run_plugin_check(const Program& program, const Given& given);
Status run_plugin_resolve(const Program& program, const Given& given);
Status run_plugin_new(const Program& program, const Given& given);

}  // namespace mortise::shell
