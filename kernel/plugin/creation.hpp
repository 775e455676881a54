// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a folder become a data directory, when making it may be cut off at any point?
//
// The first thing in a new directory is a mark, which is also a lock; the last one is mortise.toml.
// A folder with the mark and without mortise.toml is one whose making was cut off: nobody has used
// it, and the next making begins by clearing it.
//
// Invariants
//   K1  A directory with a mortise.toml is whole.
//   K2  Only what a making puts there is ever removed, and only under the lock, without mortise.toml
//       and with the mark there.
//   K3  A making that fails leaves what it found: no folder, or an empty one.
//
// Threads: [control]

#include <memory>
#include <string>
#include <string_view>

#include "kernel/platform/io.hpp"

namespace mortise::plugin {

class Creation {
 public:
  static constexpr std::string_view kMark = "init.unfinished";

  // `duplicate` 58P02 when there is something else in the directory, `busy` 55006 when somebody is
  // making it now.
  static Result<Creation> begin(platform::IoBackend& io, const std::string& directory);
  Creation(Creation&& other) noexcept;
  Creation& operator=(Creation&&) = delete;
  ~Creation();  // K3

  // Puts mortise.toml in place (K1).
  Status finish(std::string_view settings_text);

  // A directory that was left behind half-made.
  static Result<bool> is_unfinished(platform::IoBackend& io, const std::string& directory);

 private:
  Creation(platform::IoBackend& io, std::string directory) : io_(&io), directory_(directory) {}

  std::string path_of(std::string_view name) const;
  Status clear();

  platform::IoBackend* io_;  // null: moved from, or finished
  std::string directory_;
  std::unique_ptr<platform::FileLock> mark_;
  bool has_made_directory_ = false;
};

}  // namespace mortise::plugin
