// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/sim_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <set>

#include "kernel/platform/os_error.hpp"
#include "kernel/platform/sim_state.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

// "/a//b/" and "a/b" -> "/a/b"; "." and "" -> "/".
std::string normal(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    if (!part.empty() && part != ".") result.append("/").append(part);
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return result.empty() ? "/" : result;
}

}  // namespace

void apply_change(SimTree& tree, const SimTreeChange& change) {
  for (const auto& [path, node] : change) {
    if (node == nullptr) {
      tree.erase(path);
    } else {
      tree[path] = node;
    }
  }
}

Status SimDisk::State::write(SimInode& inode, const std::string& path, uint64_t offset,
                             std::span<const IoPiece> pieces) {
  uint64_t total = 0;
  for (const IoPiece& piece : pieces) total += piece.size_bytes;
  const int error = count(Operation::write);
  uint64_t allowed = total;
  if (error != 0) {
    allowed = random.below(total + 1);  // F1: part of it may have arrived
  } else if (capacity_bytes != UINT64_MAX) {
    const uint64_t wanted = inode.new_block_count(offset, total) * kBlockBytes;
    const uint64_t used = *used_blocks * kBlockBytes;
    if (wanted > 0 && (used > capacity_bytes || wanted > capacity_bytes - used)) {
      return os_error(ENOSPC, "write", path);
    }
  }
  for (const IoPiece& piece : pieces) {
    const size_t part = std::min<uint64_t>(piece.size_bytes, allowed);
    inode.write(offset, {piece.data, part});
    offset += part;
    allowed -= part;
  }
  return error == 0 ? Status() : os_error(error, "write", path);
}

SimDisk::SimDisk(uint64_t seed) : state_(std::make_shared<State>(seed)) {}
SimDisk::~SimDisk() = default;

Result<std::unique_ptr<File>> SimDisk::open(const std::string& given, const OpenOptions& options) {
  MORTISE_YIELD("disk.open");
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  SimNode* node = state_->find(path);
  if (node != nullptr && options.create && options.exclusive) {
    return os_error(EEXIST, "open", given);
  }
  if (node == nullptr) {
    const std::string directory = directory_of(path);
    if (!options.create || !state_->is_directory(directory)) {
      return os_error(ENOENT, "open", given);
    }
    if (const int error = state_->count(Operation::write); error != 0) {
      return os_error(error, "open", given);
    }
    auto made = std::make_shared<SimNode>();
    made->file = std::make_shared<SimInode>(state_->used_blocks);
    node = made.get();
    state_->change(directory, {{path, std::move(made)}});
  }
  if (node->file == nullptr) return os_error(EISDIR, "open", given);
  return make_sim_file(given, options, state_, node->file, state_->epoch);
}

Status SimDisk::remove(const std::string& given) {
  MORTISE_YIELD("disk.remove");
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  const SimNode* node = state_->find(path);
  if (node == nullptr) return os_error(ENOENT, "remove", given);
  if (node->file == nullptr) return os_error(EISDIR, "remove", given);
  if (const int error = state_->count(Operation::write); error != 0) {
    return os_error(error, "remove", given);
  }
  state_->change(directory_of(path), {{path, nullptr}});
  return {};
}

Status SimDisk::rename(const std::string& given_from, const std::string& given_to) {
  MORTISE_YIELD("disk.rename");
  const std::string from = normal(given_from);
  const std::string to = normal(given_to);
  Lock lock(state_->mutex);
  const auto found = state_->live.find(from);
  if (found == state_->live.end()) return os_error(ENOENT, "rename", given_from);
  if (found->second->file == nullptr) {
    return unsupported("the simulated disk does not rename directories: " + given_from);
  }
  if (!state_->is_directory(directory_of(to))) return os_error(ENOENT, "rename", given_to);
  if (state_->is_directory(to)) return os_error(EISDIR, "rename", given_to);
  if (const int error = state_->count(Operation::write); error != 0) {
    return os_error(error, "rename", given_from);
  }
  if (from == to) return {};
  SimNodePointer node = found->second;
  state_->change(directory_of(to), {{from, nullptr}, {to, std::move(node)}});
  return {};
}

Status SimDisk::create_directory(const std::string& given) {
  MORTISE_YIELD("disk.create_directory");
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  if (state_->find(path) != nullptr) return os_error(EEXIST, "create directory", given);
  if (!state_->is_directory(directory_of(path))) {
    return os_error(ENOENT, "create directory", given);
  }
  if (const int error = state_->count(Operation::write); error != 0) {
    return os_error(error, "create directory", given);
  }
  state_->change(directory_of(path), {{path, std::make_shared<SimNode>()}});
  return {};
}

Status SimDisk::remove_directory(const std::string& given) {
  MORTISE_YIELD("disk.remove_directory");
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  if (state_->find(path) == nullptr) return os_error(ENOENT, "remove directory", given);
  if (!state_->is_directory(path)) return os_error(ENOTDIR, "remove directory", given);
  const auto child = state_->live.upper_bound(path + "/");
  if (path == "/" || (child != state_->live.end() && child->first.starts_with(path + "/"))) {
    return os_error(ENOTEMPTY, "remove directory", given);
  }
  if (const int error = state_->count(Operation::write); error != 0) {
    return os_error(error, "remove directory", given);
  }
  state_->change(directory_of(path), {{path, nullptr}});
  return {};
}

Result<std::vector<std::string>> SimDisk::list_directory(const std::string& given) {
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  if (state_->find(path) == nullptr) return os_error(ENOENT, "list directory", given);
  if (!state_->is_directory(path)) return os_error(ENOTDIR, "list directory", given);
  std::vector<std::string> names;
  for (const auto& [child, node] : state_->live) {
    if (child != "/" && directory_of(child) == path) {
      names.push_back(child.substr(child.find_last_of('/') + 1));
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status SimDisk::sync_directory(const std::string& given) {
  MORTISE_YIELD("disk.sync_directory");
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  if (!state_->is_directory(path)) return os_error(ENOENT, "sync directory", given);
  if (const int error = state_->count(Operation::sync); error != 0) {
    return os_error(error, "sync directory", given);
  }
  for (const SimTreeChange& change : state_->pending[path]) apply_change(state_->durable, change);
  state_->pending.erase(path);
  return {};
}

Result<bool> SimDisk::exists(const std::string& path) {
  Lock lock(state_->mutex);
  return state_->find(normal(path)) != nullptr;
}

Result<std::unique_ptr<FileLock>> SimDisk::lock_file(const std::string& given) {
  OpenOptions options;
  options.access = OpenOptions::Access::read_write;
  options.create = true;
  MORTISE_TRY_ASSIGN(const std::unique_ptr<File> file, open(given, options));
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  if (!state_->locked.insert(path).second) {
    return busy("in use: \"" + given + "\" is locked by another instance");
  }
  return make_sim_lock(state_, path, state_->epoch);
}

Result<std::unique_ptr<IoQueue>> SimDisk::make_queue(uint32_t depth) {
  MORTISE_ASSERT(depth > 0);
  Lock lock(state_->mutex);
  return make_sim_queue(depth, state_->random.next());
}

std::string SimDisk::description() const {
  return "sim";
}

void SimDisk::crash(uint64_t seed) {
  Lock lock(state_->mutex);
  Random random(seed);
  ++state_->epoch;
  state_->faults.clear();
  state_->locked.clear();
  state_->stop_at = 0;
  for (const auto& [directory, changes] : state_->pending) {
    const uint64_t kept = random.below(changes.size() + 1);
    for (uint64_t i = 0; i < kept; ++i) apply_change(state_->durable, changes[i]);
  }
  state_->pending.clear();
  // A name whose directory was lost is lost with it; parents sort before their children.
  for (auto at = state_->durable.begin(); at != state_->durable.end();) {
    const auto parent = state_->durable.find(directory_of(at->first));
    const bool reachable = parent != state_->durable.end() && parent->second->file == nullptr;
    at = reachable ? std::next(at) : state_->durable.erase(at);
  }
  state_->live = state_->durable;
  std::set<const SimInode*> done;  // an inode may have two names after half a rename
  for (const auto& [path, node] : state_->live) {
    if (node->file != nullptr && done.insert(node->file.get()).second) node->file->crash(random);
  }
}

void SimDisk::stop_at_operation(uint64_t number) {
  Lock lock(state_->mutex);
  state_->stop_at = number;
}

void SimDisk::fail_operation(Operation kind, uint64_t nth) {
  MORTISE_ASSERT(nth > 0);
  Lock lock(state_->mutex);
  state_->faults.push_back({kind, nth});
}

void SimDisk::set_capacity_bytes(uint64_t capacity_bytes) {
  Lock lock(state_->mutex);
  state_->capacity_bytes = capacity_bytes;
}

Status SimDisk::flip_bit(const std::string& given, uint64_t bit_offset) {
  Lock lock(state_->mutex);
  SimNode* node = state_->find(normal(given));
  if (node == nullptr || node->file == nullptr) return os_error(ENOENT, "damage", given);
  if (bit_offset / 8 >= node->file->size_bytes()) {
    return invalid("bit " + std::to_string(bit_offset) + " is past the end of \"" + given + "\"");
  }
  node->file->flip_bit(bit_offset);
  return {};
}

uint64_t SimDisk::operation_count() const {
  Lock lock(state_->mutex);
  return state_->operation_count;
}

uint64_t SimDisk::used_bytes() const {
  Lock lock(state_->mutex);
  return *state_->used_blocks * kBlockBytes;
}

}  // namespace mortise::platform
