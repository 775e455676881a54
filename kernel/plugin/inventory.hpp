// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which plugins are installed, which are wanted, and with what orders from the operator?
//
// Reads folders of manifests; opens no library.
//
//   <plugins>/<name>/plugin.toml        author's manifests
//   <manifests>/<name>.toml             operator's manifests
//   <manifests>/sets/<set>.toml         sets
//
// Invariants
//   V1  An author manifest that cannot be read makes its plugin unusable, not the inventory: the
//       reason is kept in `broken`.
//   V2  An operator manifest or set that cannot be read is a failure: whoever wrote it wanted
//       something that would not happen.
//
// Threads: a value, constant once read.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/platform/io.hpp"
#include "kernel/plugin/manifest.hpp"

namespace mortise::plugin {

struct Folders {
  // ".../lib/mortise/plugins"; of a plugin that is in two of them, the earlier one counts
  std::vector<std::string> plugins;
  std::string manifests;  // ".../share/mortise/plugin-manifests"
};

struct Inventory {
  std::map<std::string, AuthorManifest> authors;      // by name
  std::map<std::string, std::string> broken;          // name -> reason
  std::map<std::string, OperatorManifest> operators;  // by plugin
  std::string set_name;
  std::vector<std::string> wanted;  // names in the set, includes resolved, in the order written
};

// `set` is the name of an installed set, or a path when it contains a slash or ends in ".toml".
// "" wants nothing.
Result<Inventory> read_inventory(platform::IoBackend& io, const Folders& folders,
                                 std::string_view set);

// Names of the installed sets, sorted.
Result<std::vector<std::string>> installed_sets(platform::IoBackend& io, const Folders& folders);

}  // namespace mortise::plugin
