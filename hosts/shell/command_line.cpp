// SPDX-License-Identifier: Apache-2.0
#include "hosts/shell/command_line.hpp"

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <sstream>

#include "kernel/base/nearest_name.hpp"
#include "kernel/platform/process.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::shell {

namespace {

namespace po = boost::program_options;

struct Command {
  std::string_view name;
  std::string_view arguments;
  std::string_view help;
  std::string_view options;  // names of those it takes
};

constexpr std::array<Command, 14> kCommands = {{
    {"init", "", "makes a data directory", "directory set user"},
    {"start", "", "starts a server in the background and waits until it answers",
     "directory listen set config log wait"},
    {"stop", "", "stops the server of a data directory", "directory wait"},
    {"status", "", "says whether a server runs; exit code 0 if so, 3 if not", "directory"},
    {"sql", "[SQL ...]", "runs SQL without a server; reads standard input when there is none",
     "directory set config user database csv"},
    {"settings", "[NAME]", "shows all settings, or one", "directory set markdown template"},
    {"check", "", "opens a data directory and reads every page of it", "directory set"},
    {"plugin list", "", "shows installed plugins and whether they would run", "set"},
    {"plugin info", "NAME", "shows what a plugin says of itself", "set"},
    {"plugin check", "FILE|NAME", "checks a plugin's manifest and library", "set"},
    {"plugin resolve", "[SET|FILE]", "shows the start order of a set, or why it cannot start",
     "set"},
    {"plugin new", "FAMILY-NAME", "writes a plugin that compiles", "into"},
    {"help", "[COMMAND]", "shows this text, or a command's", ""},
    {"version", "", "shows the version", ""},
}};

po::options_description options_of(const Command& command) {
  po::options_description out;
  const auto takes = [&](std::string_view name) {
    std::string_view rest = command.options;
    while (!rest.empty()) {
      const size_t space = std::min(rest.find(' '), rest.size());
      if (rest.substr(0, space) == name) return true;
      rest.remove_prefix(std::min(space + 1, rest.size()));
    }
    return false;
  };
  const auto add_text = [&](const char* name, const char* spelled, const char* help) {
    if (takes(name)) out.add_options()(spelled, po::value<std::string>(), help);
  };
  const auto add_flag = [&](const char* name, const char* help) {
    if (takes(name)) out.add_options()(name, help);
  };
  add_text("directory", "directory,D", "the data directory (or $MORTISE_DATA)");
  add_text("listen", "listen", "ADDRESS:PORT for PostgreSQL clients");
  add_text("set", "set", "plugins: the name of a set, or a file; default: default");
  add_text("user", "user,U", "the database user; default: postgres (init: you)");
  add_text("database", "database,d", "the database; default: postgres");
  add_text("log", "log", "the server's log; default: server.log in the data directory");
  add_text("into", "into", "the folder for the new plugin's folder; default: .");
  if (takes("config")) {
    out.add_options()("config,c", po::value<std::vector<std::string>>()->composing(),
                      "NAME=VALUE, a setting for this run");
  }
  if (takes("wait")) {
    out.add_options()("wait", po::value<uint32_t>(), "how many seconds to wait; default: 60");
  }
  add_flag("markdown", "as a page of the reference");
  add_flag("template", "as a mortise.toml");
  add_flag("csv", "rows as CSV instead of a table");
  out.add_options()("help,h", "this text");
  return out;
}

Status usage(std::string message) {
  return {Code::invalid, "F0000", std::move(message)};
}

const Command* find_command(std::string_view name) {
  const auto found = std::find_if(kCommands.begin(), kCommands.end(),
                                  [&](const Command& c) { return c.name == name; });
  return found == kCommands.end() ? nullptr : &*found;
}

Status no_command(const std::string& name) {
  std::vector<std::string_view> names;
  for (const Command& c : kCommands) names.push_back(c.name);
  return usage("there is no command '" + name + "'" +
               did_you_mean(name, std::span<const std::string_view>(names)) + "; see mortise help");
}

Status read_options(const Command& command, const std::vector<std::string>& rest, Given* out) {
  po::options_description options = options_of(command);
  po::options_description hidden;
  hidden.add_options()("word", po::value<std::vector<std::string>>());
  hidden.add(options);
  po::positional_options_description words;
  words.add("word", -1);
  po::variables_map values;
  const Status parsed = contain("F0000", [&] {
    po::store(po::command_line_parser(rest).options(hidden).positional(words).run(), values);
    po::notify(values);
  });
  if (!parsed.is_ok()) {
    return usage(std::string(parsed.message()) + "; see mortise help " + std::string(command.name));
  }
  const auto take = [&](const char* name, std::string* into) {
    if (values.contains(name)) *into = values[name].as<std::string>();
  };
  take("directory", &out->directory);
  take("listen", &out->listen);
  take("set", &out->set);
  take("user", &out->user);
  take("database", &out->database);
  take("log", &out->log);
  take("into", &out->into);
  if (values.contains("wait")) out->wait_seconds = values["wait"].as<uint32_t>();
  if (values.contains("word")) out->words = values["word"].as<std::vector<std::string>>();
  if (values.contains("help")) {
    out->words = {out->command};
    out->command = "help";
    return {};
  }
  if (command.arguments.empty() && !out->words.empty()) {
    return usage(std::string(command.name) + " takes no argument, but got '" + out->words[0] +
                 "'; see mortise help " + std::string(command.name));
  }
  out->markdown = values.contains("markdown");
  out->as_template = values.contains("template");
  out->csv = values.contains("csv");
  if (!values.contains("config")) return {};
  for (const std::string& pair : values["config"].as<std::vector<std::string>>()) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return usage("-c wants NAME=VALUE, not '" + pair + "'");
    }
    out->settings.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return {};
}

}  // namespace

Result<Given> read_command_line(const std::vector<std::string>& arguments) {
  Given out;
  if (arguments.empty()) {
    out.command = "help";
    return out;
  }
  size_t taken = 1;
  out.command = arguments[0];
  if (out.command == "--help" || out.command == "-h") out.command = "help";
  if (out.command == "--version" || out.command == "-V") out.command = "version";
  if (out.command == "plugin" && arguments.size() > 1) {
    if (arguments[1] == "--help" || arguments[1] == "-h") {
      out.command = "help";
      return out;
    }
    out.command.append(" ").append(arguments[1]);
    taken = 2;
  }
  const Command* command = find_command(out.command);
  if (command == nullptr) return no_command(out.command);
  MORTISE_TRY(read_options(
      *command, {arguments.begin() + static_cast<ptrdiff_t>(taken), arguments.end()}, &out));
  if (out.command == "help") return out;
  if (out.directory.empty()) out.directory = platform::environment("MORTISE_DATA").value_or("");
  const bool needs_directory =
      command->options.starts_with("directory") && out.command != "settings";
  if (needs_directory && out.directory.empty()) {
    return usage("which data directory? -D DIR, or MORTISE_DATA");
  }
  return out;
}

Result<std::string> help_text(const std::string& name) {
  std::ostringstream out;
  const Command* wanted = name.empty() || name == "plugin" ? nullptr : find_command(name);
  if (!name.empty() && name != "plugin" && wanted == nullptr) return no_command(name);
  if (wanted != nullptr) {
    out << "usage: mortise " << wanted->name << " " << wanted->arguments << "\n\n"
        << wanted->help << "\n\n"
        << options_of(*wanted);
    return out.str();
  }
  out << "usage: mortise COMMAND [options]\n\n";
  for (const Command& c : kCommands) {
    std::string left = std::string(c.name).append(" ").append(c.arguments);
    left.resize(std::max<size_t>(left.size(), 26), ' ');
    out << "  " << left << c.help << "\n";
  }
  out << "\nmortise help COMMAND shows a command's options.\n";
  return out.str();
}

InstanceOptions instance_options(const Program& program, const Given& given) {
  InstanceOptions out;
  out.directory = given.directory;
  out.folders = program.folders;
  out.set = given.set;
  out.settings = given.settings;
  out.last_phase = plugin::Phase::services;
  out.logs_to_stderr = true;
  return out;
}

}  // namespace mortise::shell
