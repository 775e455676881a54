// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/inventory.hpp"

#include <algorithm>

#include "kernel/base/nearest_name.hpp"
#include "kernel/config/toml.hpp"

namespace mortise::plugin {

namespace {

constexpr int kIncludeDepthMax = 16;

// Names of the TOML files of a folder, without ending; none when there is no such folder.
Result<std::vector<std::string>> toml_stems(platform::IoBackend& io, const std::string& folder) {
  std::vector<std::string> stems;
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(folder));
  if (!exists) return stems;
  MORTISE_TRY_ASSIGN(const std::vector<std::string> names, io.list_directory(folder));
  for (const std::string& name : names) {
    if (name.ends_with(".toml")) stems.push_back(name.substr(0, name.size() - 5));
  }
  return stems;
}

Status read_authors(platform::IoBackend& io, const std::string& folder, Inventory* out) {
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(folder));
  if (!exists) return {};
  MORTISE_TRY_ASSIGN(const std::vector<std::string> names, io.list_directory(folder));
  for (const std::string& name : names) {
    if (out->authors.contains(name) || out->broken.contains(name)) continue;  // a nearer one
    const std::string file = std::string(folder).append("/").append(name).append("/plugin.toml");
    MORTISE_TRY_ASSIGN(const bool there, io.exists(file));
    if (!there) continue;
    Result<std::string> text = platform::read_whole_file(io, file, config::kTomlBytesMax);
    if (!text) {
      out->broken[name] = text.error().message();
      continue;
    }
    Result<AuthorManifest> manifest = parse_author(*text, file);
    if (!manifest) {
      out->broken[name] = manifest.error().message();
    } else if (manifest->name != name) {
      out->broken[name] = file + ": 'name' is '" + manifest->name + "', but the folder is " + name;
    } else {
      out->authors.emplace(name, std::move(*manifest));
    }
  }
  return {};
}

// Manifests of a nearer folder are read first and win.
Status read_operators(platform::IoBackend& io, const std::string& folder, Inventory* out) {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> stems, toml_stems(io, folder));
  for (const std::string& stem : stems) {
    if (out->operators.contains(stem)) continue;
    const std::string file = std::string(folder).append("/").append(stem).append(".toml");
    MORTISE_TRY_ASSIGN(const std::string text,
                       platform::read_whole_file(io, file, config::kTomlBytesMax));
    MORTISE_TRY_ASSIGN(OperatorManifest manifest, parse_operator(text, file));
    out->operators.emplace(stem, std::move(manifest));
  }
  return {};
}

class SetReader {
 public:
  SetReader(platform::IoBackend& io, std::vector<std::string> folders)
      : io_(io), folders_(std::move(folders)) {}

  // The plugins of a set file and of those it includes.
  Result<std::vector<std::string>> read(const std::string& file, int depth) {
    if (depth > kIncludeDepthMax) {
      return invalid(file + ": sets include each other, or too deeply");
    }
    MORTISE_TRY_ASSIGN(const std::string text,
                       platform::read_whole_file(io_, file, config::kTomlBytesMax));
    MORTISE_TRY_ASSIGN(const SetManifest set, parse_set(text, file));
    std::vector<std::string> wanted;
    const auto add = [&](const std::string& name) {
      if (std::find(wanted.begin(), wanted.end(), name) == wanted.end()) wanted.push_back(name);
    };
    for (const std::string& other : set.include) {
      MORTISE_TRY_ASSIGN(const std::string path, find(other, file));
      MORTISE_TRY_ASSIGN(const std::vector<std::string> included, read(path, depth + 1));
      for (const std::string& name : included) add(name);
    }
    for (const std::string& name : set.without) std::erase(wanted, name);
    for (const std::string& name : set.plugins) add(name);
    return wanted;
  }

  // A set by name; `from` is the file that includes it, or empty.
  Result<std::string> find(const std::string& name, const std::string& from) {
    std::vector<std::string> folders = folders_;
    if (!from.empty()) folders.insert(folders.begin(), platform::directory_of(from));
    std::vector<std::string> known;
    for (const std::string& folder : folders) {
      const std::string path = std::string(folder).append("/").append(name).append(".toml");
      MORTISE_TRY_ASSIGN(const bool exists, io_.exists(path));
      if (exists) return path;
      MORTISE_TRY_ASSIGN(const std::vector<std::string> stems, toml_stems(io_, folder));
      known.insert(known.end(), stems.begin(), stems.end());
    }
    std::string message = from.empty() ? "" : from + ": ";
    message.append("there is no set '").append(name).append("'");
    message.append(did_you_mean(name, std::span<const std::string>(known)));
    if (!known.empty()) message.append("; there are:");
    for (const std::string& stem : known) message.append(" ").append(stem);
    return Status(Code::not_found, "F0000", std::move(message));
  }

 private:
  platform::IoBackend& io_;
  std::vector<std::string> folders_;
};

}  // namespace

Result<Inventory> read_inventory(platform::IoBackend& io, const Folders& folders,
                                 std::string_view set) {
  Inventory out;
  for (const std::string& folder : folders.plugins) MORTISE_TRY(read_authors(io, folder, &out));
  if (!set.empty()) {
    SetReader reader(io, {folders.manifests + "/sets"});
    const bool is_path = set.find('/') != std::string_view::npos || set.ends_with(".toml");
    std::string file(set);
    if (!is_path) {
      MORTISE_TRY_ASSIGN(file, reader.find(file, ""));
    }
    MORTISE_TRY_ASSIGN(out.wanted, reader.read(file, 0));
    out.set_name = set;
    const std::string folder = platform::directory_of(file);
    if (is_path && folder.ends_with("/sets")) {
      MORTISE_TRY(read_operators(io, platform::directory_of(folder), &out));
    }
  }
  MORTISE_TRY(read_operators(io, folders.manifests, &out));
  return out;
}

Result<std::vector<std::string>> installed_sets(platform::IoBackend& io, const Folders& folders) {
  return toml_stems(io, folders.manifests + "/sets");
}

}  // namespace mortise::plugin
