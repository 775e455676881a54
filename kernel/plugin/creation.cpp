// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/creation.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "kernel/config/settings.hpp"

namespace mortise::plugin {

namespace {

// All that a making puts into the directory; the mark comes last, because without it nobody may
// remove the others (K2).
constexpr std::array<std::string_view, 7> kMade = {
    "storage",          "lock",       "system.toml",  "system.toml.new",
    "mortise.toml.new", "last_crash", Creation::kMark};

bool is_made_by_us(const std::string& name) {
  return std::find(kMade.begin(), kMade.end(), name) != kMade.end();
}

// A file, or a folder with everything in it.
Status remove_tree(platform::IoBackend& io, const std::string& path) {
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(path));
  if (!exists) return {};
  const Result<std::vector<std::string>> names = io.list_directory(path);
  if (!names) return io.remove(path);
  for (const std::string& name : *names) {
    MORTISE_TRY(remove_tree(io, std::string(path).append("/").append(name)));
  }
  return io.remove_directory(path);
}

Status not_empty(const std::string& directory) {
  return {Code::duplicate, "58P02",
          "\"" + directory + "\" is not empty; a data directory begins empty"};
}

}  // namespace

Creation::Creation(Creation&& other) noexcept
    : io_(std::exchange(other.io_, nullptr)),
      directory_(std::move(other.directory_)),
      mark_(std::move(other.mark_)),
      has_made_directory_(other.has_made_directory_) {}

std::string Creation::path_of(std::string_view name) const {
  return std::string(directory_).append("/").append(name);
}

Result<bool> Creation::is_unfinished(platform::IoBackend& io, const std::string& directory) {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> names, io.list_directory(directory));
  const bool has_mark = std::find(names.begin(), names.end(), kMark) != names.end();
  return has_mark && std::all_of(names.begin(), names.end(), is_made_by_us);
}

Result<Creation> Creation::begin(platform::IoBackend& io, const std::string& directory) {
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(directory));
  if (exists) {
    MORTISE_TRY_ASSIGN(const std::vector<std::string> names, io.list_directory(directory));
    if (!names.empty()) {
      MORTISE_TRY_ASSIGN(const bool is_left_over, is_unfinished(io, directory));
      if (!is_left_over) return not_empty(directory);
    }
  } else {
    MORTISE_TRY(io.create_directory(directory));
    MORTISE_TRY(io.sync_directory(platform::directory_of(directory)));
  }
  std::unique_ptr<platform::FileLock> mark;
  MORTISE_TRY_ASSIGN(mark, io.lock_file(std::string(directory).append("/").append(kMark)));
  Creation creation(io, directory);
  // Whoever held the mark may have finished meanwhile; then the mark is a new file of ours.
  MORTISE_TRY_ASSIGN(const bool is_whole,
                     io.exists(creation.path_of(config::Settings::kOperatorFile)));
  if (is_whole) {
    creation.io_ = nullptr;  // nothing here is ours to remove but the mark
    MORTISE_TRY(io.remove(creation.path_of(kMark)));
    return not_empty(directory);
  }
  creation.mark_ = std::move(mark);
  creation.has_made_directory_ = !exists;
  MORTISE_TRY(creation.clear());
  MORTISE_TRY(io.sync_directory(directory));
  return creation;
}

// Everything but the mark.
Status Creation::clear() {
  for (const std::string_view name : kMade) {
    if (name != kMark) MORTISE_TRY(remove_tree(*io_, path_of(name)));
  }
  return {};
}

Status Creation::finish(std::string_view settings_text) {
  MORTISE_TRY(
      platform::replace_whole_file(*io_, path_of(config::Settings::kOperatorFile), settings_text));
  platform::IoBackend& io = *std::exchange(io_, nullptr);
  MORTISE_TRY(io.remove(path_of(kMark)));
  return io.sync_directory(directory_);
}

Creation::~Creation() {
  if (io_ == nullptr) return;
  // What cannot be removed now is removed by the next making.
  if (!clear().is_ok() || !io_->remove(path_of(kMark)).is_ok()) return;
  mark_.reset();
  if (has_made_directory_) (void)io_->remove_directory(directory_);
}

}  // namespace mortise::plugin
