// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iomanip>
#include <iostream>

#include "hosts/shell/command_line.hpp"
#include "kernel/config/toml.hpp"
#include "kernel/plugin/elf.hpp"
#include "kernel/plugin/library.hpp"
#include "kernel/plugin/loader.hpp"
#include "kernel/plugin/resolver.hpp"

namespace mortise::shell {

namespace {

using plugin::AuthorManifest;
using plugin::Inventory;

std::string joined(const std::vector<plugin::InterfaceRef>& refs) {
  std::string out;
  for (const plugin::InterfaceRef& ref : refs) {
    out.append(out.empty() ? "" : ", ").append(to_text(ref));
  }
  return out.empty() ? "nothing" : out;
}

std::string joined_paths(const std::vector<std::string>& paths) {
  std::string out;
  for (const std::string& path : paths) out.append(out.empty() ? "" : ", no ").append(path);
  return out;
}

Result<AuthorManifest> read_manifest_of(const Program& program, const std::string& name) {
  // A path to a plugin.toml, to its folder or to the library in it; or an installed plugin's name.
  std::vector<std::string> files;
  if (name.find('/') != std::string::npos || name.ends_with(".so")) {
    const bool is_file = name.ends_with(".so") || name.ends_with(".toml");
    files.push_back((is_file ? platform::directory_of(name) : name) + "/plugin.toml");
  } else {
    for (const std::string& folder : program.folders.plugins) {
      files.push_back(std::string(folder).append("/").append(name).append("/plugin.toml"));
    }
  }
  std::string file;
  for (const std::string& candidate : files) {
    MORTISE_TRY_ASSIGN(const bool exists, program.io.exists(candidate));
    if (exists && file.empty()) file = candidate;
  }
  if (file.empty()) return not_found("there is no plugin " + name + ": no " + joined_paths(files));
  MORTISE_TRY_ASSIGN(const std::string text,
                     platform::read_whole_file(program.io, file, config::kTomlBytesMax));
  return plugin::parse_author(text, file);
}

Status needs_word(const Given& given, const char* what) {
  if (given.words.size() == 1) return {};
  return {Code::invalid, "F0000", given.command + " wants " + what};
}

}  // namespace

Status run_plugin_list(const Program& program, const Given& given) {
  MORTISE_TRY_ASSIGN(const Inventory inventory,
                     plugin::read_inventory(program.io, program.folders, given.set));
  const plugin::Plan plan =
      resolve(inventory, plugin::host_services(database_services()), plugin::host_sdk_version());
  const auto line = [](std::string_view name, std::string_view version, std::string_view phase,
                       std::string_view state, std::string_view rest) {
    std::cout << std::left << std::setw(22) << name << std::setw(9) << version << std::setw(10)
              << phase << std::setw(11) << state << rest << '\n';
  };
  line("name", "version", "phase", "state", "");
  for (const plugin::PlanEntry& e : plan.entries) {
    line(e.author->name, to_text(e.author->version), name_of(e.author->phase), "enabled",
         e.author->summary);
  }
  for (const plugin::Problem& p : plan.problems) {
    line(p.plugin, "", "", "cannot run", to_text(p));
  }
  for (const auto& [name, author] : inventory.authors) {
    const bool is_wanted =
        std::find(inventory.wanted.begin(), inventory.wanted.end(), name) != inventory.wanted.end();
    const bool is_off =
        std::find(plan.disabled.begin(), plan.disabled.end(), name) != plan.disabled.end();
    if (is_wanted && !is_off) continue;
    line(name, to_text(author.version), name_of(author.phase), is_off ? "off" : "not in set",
         author.summary);
  }
  for (const auto& [name, reason] : inventory.broken) line(name, "", "", "broken", reason);
  return {};
}

Status run_plugin_info(const Program& program, const Given& given) {
  MORTISE_TRY(needs_word(given, "a plugin's name"));
  MORTISE_TRY_ASSIGN(const AuthorManifest m, read_manifest_of(program, given.words[0]));
  std::cout << m.name << " " << to_text(m.version) << "  " << m.summary << '\n'
            << "  license   " << m.license << '\n'
            << "  phase     " << name_of(m.phase) << '\n'
            << "  sdk       " << m.sdk.text() << '\n'
            << "  needs     " << joined(m.needs) << '\n'
            << "  wants     " << joined(m.wants) << '\n'
            << "  offers    " << joined(m.offers) << '\n'
            << "  manifest  " << m.file << '\n';
  for (const std::string& grant : m.grants) std::cout << "  grant     " << grant << '\n';
  for (const config::SettingSpec& s : m.settings) {
    std::cout << "  setting   " << s.name << " (" << name_of(s.type) << ", default "
              << s.default_text << "): " << s.help << '\n';
  }
  return {};
}

Status run_plugin_check(const Program& program, const Given& given) {
  MORTISE_TRY(needs_word(given, "a plugin's name or library"));
  MORTISE_TRY_ASSIGN(const AuthorManifest m, read_manifest_of(program, given.words[0]));
  std::cout << "manifest     good: " << m.file << '\n';
  const std::string library = platform::directory_of(m.file) + "/" + m.library;
  const auto told = [&](const Status& status) {
    if (status.is_ok()) return status;
    return Status(status.code(), "F0000", m.name + ": " + std::string(status.message()));
  };
  MORTISE_TRY_ASSIGN(const std::string bytes, platform::read_whole_file(program.io, library));
  MORTISE_TRY(told(plugin::check_plugin_library(std::as_bytes(std::span(bytes)))));
  std::cout << "library      good: one exported symbol, nothing imported from the host\n";
  const Result<const mortise_plugin_t*> described = plugin::open_library(library);
  MORTISE_TRY(told(described.status()));
  MORTISE_TRY(told(plugin::check_description(m, **described)));
  std::cout << "description  good: it says what plugin.toml says\n";
  return {};
}

Status run_plugin_resolve(const Program& program, const Given& given) {
  if (given.words.size() > 1) return {Code::invalid, "F0000", "plugin resolve wants one set"};
  const std::string& set = given.words.empty() ? given.set : given.words[0];
  MORTISE_TRY_ASSIGN(const Inventory inventory,
                     plugin::read_inventory(program.io, program.folders, set));
  const plugin::Plan plan =
      resolve(inventory, plugin::host_services(database_services()), plugin::host_sdk_version());
  std::cout << to_text(plan);
  if (!plan.is_startable()) return {Code::invalid, "F0000", "a required plugin cannot run"};
  if (plan.problems.empty()) return {};
  return {Code::invalid, "F0000",
          std::to_string(plan.problems.size()) + " plugins of the set cannot run"};
}

}  // namespace mortise::shell
