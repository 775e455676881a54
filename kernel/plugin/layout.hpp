// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the plugins and manifests of this installation stand?
//
//   <prefix>/bin/mortised
//   <prefix>/lib/mortise/plugins/<name>/<name>.so
//   <prefix>/share/mortise/plugin-manifests/{<name>.toml, sets/}
//
// The prefix is two levels above the program.  A build tree has the same shape, except that
// manifests are read from the source tree, whose path is built in.
//
// In the environment MORTISE_PLUGINS names folders that are searched before that one, separated by
// colons; with the word `only` among them that one is not searched.  MORTISE_PLUGIN_MANIFESTS names
// another folder of manifests.
//
// Threads: [control]

#include <string>
#include <string_view>
#include <vector>

#include "kernel/platform/io.hpp"
#include "kernel/plugin/inventory.hpp"

namespace mortise::plugin {

inline constexpr std::string_view kOnlyThese = "only";
// What MORTISE_PLUGINS means.
std::vector<std::string> plugin_folders(std::string_view given, const std::string& built_in);

// `program` is a file in <prefix>/bin or <prefix>/lib.
Result<Folders> find_folders(platform::IoBackend& io, const std::string& program);
// Of the running program.
Result<Folders> find_folders(platform::IoBackend& io);

}  // namespace mortise::plugin
