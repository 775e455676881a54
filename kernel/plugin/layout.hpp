// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the plugins and manifests of this installation stand?
//
//   <prefix>/bin/mortised
//   <prefix>/lib/mortise/plugins/<name>/<name>.so
//   <prefix>/share/mortise/plugin-manifests/{<name>.toml, sets/}
//
// The prefix is two levels above the program.  A build tree has the same shape, except that
// manifests are read from the source tree, whose path is built in.  MORTISE_PLUGINS and
// MORTISE_PLUGIN_MANIFESTS in the environment name other folders.
//
// Threads: [control]

#include <string>

#include "kernel/platform/io.hpp"
#include "kernel/plugin/inventory.hpp"

namespace mortise::plugin {

// `program` is a file in <prefix>/bin or <prefix>/lib.
Result<Folders> find_folders(platform::IoBackend& io, const std::string& program);
// Of the running program.
Result<Folders> find_folders(platform::IoBackend& io);

}  // namespace mortise::plugin
