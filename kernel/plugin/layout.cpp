// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/layout.hpp"

#include <algorithm>

#include "kernel/platform/process.hpp"

namespace mortise::plugin {

std::vector<std::string> plugin_folders(std::string_view given, const std::string& built_in) {
  std::vector<std::string> out;
  bool is_complete = false;
  while (!given.empty()) {
    const size_t colon = std::min(given.find(':'), given.size());
    const std::string_view folder = given.substr(0, colon);
    if (folder == kOnlyThese) {
      is_complete = true;
    } else if (!folder.empty()) {
      out.emplace_back(folder);
    }
    given.remove_prefix(std::min(colon + 1, given.size()));
  }
  if (!is_complete) out.push_back(built_in);
  return out;
}

Result<Folders> find_folders(platform::IoBackend& io, const std::string& program) {
  const std::string prefix = platform::directory_of(platform::directory_of(program));
  Folders folders;
  folders.plugins = plugin_folders(platform::environment("MORTISE_PLUGINS").value_or(""),
                                   prefix + "/lib/mortise/plugins");
  const auto given = platform::environment("MORTISE_PLUGIN_MANIFESTS");
  if (given) {
    folders.manifests = *given;
    return folders;
  }
  folders.manifests = prefix + "/share/mortise/plugin-manifests";
  MORTISE_TRY_ASSIGN(const bool installed, io.exists(folders.manifests));
  if (installed) return folders;
  const std::string source = MORTISE_SOURCE_MANIFESTS;
  MORTISE_TRY_ASSIGN(const bool in_source, io.exists(source));
  if (in_source) folders.manifests = source;
  return folders;
}

Result<Folders> find_folders(platform::IoBackend& io) {
  MORTISE_TRY_ASSIGN(const std::string program, platform::executable_path());
  return find_folders(io, program);
}

}  // namespace mortise::plugin
