// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/sim_disk.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <set>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/platform/sim_file.hpp"
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

// A directory when `file` is null.
struct Node {
  std::shared_ptr<SimInode> file;
};
using NodePointer = std::shared_ptr<Node>;
using Tree = std::map<std::string, NodePointer>;

// One step that a crash keeps or loses as a whole; a null node is a removal.
using TreeChange = std::vector<std::pair<std::string, NodePointer>>;

void apply_change(Tree& tree, const TreeChange& change) {
  for (const auto& [path, node] : change) {
    if (node == nullptr) {
      tree.erase(path);
    } else {
      tree[path] = node;
    }
  }
}

}  // namespace

struct SimDisk::State {
  explicit State(uint64_t seed) : random(seed) {
    live["/"] = durable["/"] = std::make_shared<Node>();
  }

  struct Fault {
    Operation kind;
    uint64_t left;
  };

  mutable Mutex mutex{LockRank::sim_disk};
  Random random MORTISE_GUARDED_BY(mutex);
  const std::shared_ptr<uint64_t> used_blocks = std::make_shared<uint64_t>(0);
  uint64_t epoch MORTISE_GUARDED_BY(mutex) = 1;  // crashes so far, plus one
  uint64_t operation_count MORTISE_GUARDED_BY(mutex) = 0;
  uint64_t stop_at MORTISE_GUARDED_BY(mutex) = 0;
  uint64_t capacity_bytes MORTISE_GUARDED_BY(mutex) = UINT64_MAX;
  std::vector<Fault> faults MORTISE_GUARDED_BY(mutex);
  std::set<std::string> locked MORTISE_GUARDED_BY(mutex);
  Tree live MORTISE_GUARDED_BY(mutex);
  Tree durable MORTISE_GUARDED_BY(mutex);
  std::map<std::string, std::vector<TreeChange>> pending MORTISE_GUARDED_BY(mutex);

  // Counts an operation; an errno when it is one that fails.
  int count(Operation kind) MORTISE_REQUIRES(mutex) {
    ++operation_count;
    int error = stop_at != 0 && operation_count >= stop_at ? EIO : 0;
    for (Fault& fault : faults) {
      if (fault.left == 0 || (fault.kind != Operation::any && fault.kind != kind)) continue;
      if (--fault.left == 0) error = EIO;
    }
    return error;
  }

  Node* find(const std::string& path) MORTISE_REQUIRES(mutex) {
    const auto found = live.find(path);
    return found == live.end() ? nullptr : found->second.get();
  }

  bool is_directory(const std::string& path) MORTISE_REQUIRES(mutex) {
    const Node* node = find(path);
    return node != nullptr && node->file == nullptr;
  }

  void change(const std::string& directory, TreeChange change) MORTISE_REQUIRES(mutex) {
    apply_change(live, change);
    pending[directory].push_back(std::move(change));
  }

  Status write(SimInode& inode, const std::string& path, uint64_t offset,
               std::span<const IoPiece> pieces) MORTISE_REQUIRES(mutex);
};

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

namespace {

class SimFile final : public File {
 public:
  SimFile(std::string path, bool direct, bool writable, std::shared_ptr<SimDisk::State> state,
          std::shared_ptr<SimInode> inode, uint64_t epoch)
      : File(std::move(path), direct),
        writable_(writable),
        state_(std::move(state)),
        inode_(std::move(inode)),
        epoch_(epoch) {}
  ~SimFile() override {
    Lock lock(state_->mutex);
    inode_.reset();  // may be the last of a removed file and count blocks
  }

  Status perform(const IoRequest& request) {
    const IoPiece whole{request.buffer.data(), request.buffer.size()};
    const std::span<const IoPiece> pieces =
        request.pieces.empty() ? std::span<const IoPiece>(&whole, 1) : request.pieces;
    switch (request.kind) {
      case IoRequest::Kind::read:
        return read(request.offset_bytes, pieces);
      case IoRequest::Kind::write:
        return write(request.offset_bytes, pieces);
      case IoRequest::Kind::sync:
        return sync();
    }
    MORTISE_UNREACHABLE();
  }

  Status read_at(uint64_t offset_bytes, std::span<std::byte> into) override {
    const IoPiece whole{into.data(), into.size()};
    return read(offset_bytes, {&whole, 1});
  }
  Status write_at(uint64_t offset_bytes, std::span<const std::byte> from) override {
    const IoPiece whole{const_cast<std::byte*>(from.data()), from.size()};
    return write(offset_bytes, {&whole, 1});
  }

  Status sync() override {
    MORTISE_YIELD("disk.sync");
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (const int error = state_->count(SimDisk::Operation::sync); error != 0) {
      // The power failing in the middle is for crash() to decide; a failed device loses it.
      if (state_->stop_at == 0) inode_->fail_sync();
      return os_error(error, "sync", path());
    }
    inode_->sync();
    return {};
  }

  Result<uint64_t> size_bytes() override {
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    return inode_->size_bytes();
  }

  Status resize(uint64_t size_bytes) override {
    MORTISE_YIELD("disk.resize");
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (!writable_) return os_error(EBADF, "resize", path());
    if (const int error = state_->count(SimDisk::Operation::write); error != 0) {
      return os_error(error, "resize", path());
    }
    inode_->resize(size_bytes);
    return {};
  }

  Status preallocate(uint64_t offset_bytes, uint64_t size_bytes) override {
    AlignedBuffer zeros(std::min<uint64_t>(size_bytes, uint64_t{1} << 20));
    for (uint64_t done = 0; done < size_bytes;) {
      const uint64_t part = std::min<uint64_t>(zeros.size(), size_bytes - done);
      MORTISE_TRY(write_at(offset_bytes + done, zeros.bytes().first(part)));
      done += part;
    }
    return {};
  }

 private:
  Status check_alive() MORTISE_REQUIRES(state_->mutex) {
    return epoch_ == state_->epoch ? Status() : os_error(EIO, "use after a crash", path());
  }

  Status check_alignment(uint64_t offset, std::span<const IoPiece> pieces) const {
    bool aligned = !is_direct() || is_aligned(offset, kDirectAlignmentBytes);
    for (const IoPiece& piece : pieces) {
      aligned = aligned && (!is_direct() || (is_aligned(piece.data, kDirectAlignmentBytes) &&
                                             is_aligned(piece.size_bytes, kDirectAlignmentBytes)));
    }
    if (aligned) return {};
    return invalid("unaligned direct access to \"" + path() + "\" at offset " +
                   std::to_string(offset));
  }

  Status read(uint64_t offset, std::span<const IoPiece> pieces) {
    MORTISE_YIELD("disk.read");
    MORTISE_TRY(check_alignment(offset, pieces));
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (const int error = state_->count(SimDisk::Operation::read); error != 0) {
      return os_error(error, "read", path());
    }
    for (const IoPiece& piece : pieces) {
      if (offset > inode_->size_bytes() || piece.size_bytes > inode_->size_bytes() - offset) {
        return io_failure("could not read \"" + path() + "\": end of file, " +
                          std::to_string(piece.size_bytes) + " bytes wanted at offset " +
                          std::to_string(offset));
      }
      inode_->read(offset, {piece.data, piece.size_bytes});
      offset += piece.size_bytes;
    }
    return {};
  }

  Status write(uint64_t offset, std::span<const IoPiece> pieces) {
    MORTISE_YIELD("disk.write");
    MORTISE_TRY(check_alignment(offset, pieces));
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (!writable_) return os_error(EBADF, "write", path());
    return state_->write(*inode_, path(), offset, pieces);
  }

  const bool writable_;
  const std::shared_ptr<SimDisk::State> state_;
  std::shared_ptr<SimInode> inode_;
  const uint64_t epoch_;
};

class SimLock final : public FileLock {
 public:
  SimLock(std::shared_ptr<SimDisk::State> state, std::string path, uint64_t epoch)
      : state_(std::move(state)), path_(std::move(path)), epoch_(epoch) {}
  ~SimLock() override {
    Lock lock(state_->mutex);
    if (epoch_ == state_->epoch) state_->locked.erase(path_);
  }

 private:
  const std::shared_ptr<SimDisk::State> state_;
  const std::string path_;
  const uint64_t epoch_;
};

// Requests are carried out when the seed says so: at submission, or at a later reap, in any order.
class SimQueue final : public IoQueue {
 public:
  SimQueue(uint32_t depth, uint64_t seed) : depth_(depth), random_(seed) {}
  ~SimQueue() override {
    Lock lock(mutex_);
    while (!waiting_.empty()) perform_one();
  }

  Status submit(std::span<IoRequest* const> requests) override {
    Lock lock(mutex_);
    if (waiting_.size() + finished_.size() + requests.size() > depth_) {
      return limit("I/O queue is full: " + std::to_string(depth_) + " requests");
    }
    waiting_.insert(waiting_.end(), requests.begin(), requests.end());
    while (!waiting_.empty() && random_.one_in(4)) perform_one();
    return {};
  }

  Result<size_t> reap(std::span<IoRequest*> done, size_t min_count, uint64_t) override {
    MORTISE_YIELD("disk.reap");
    Lock lock(mutex_);
    const size_t wanted = std::min(min_count, done.size());
    while (!waiting_.empty() && (finished_.size() < wanted || random_.one_in(2))) perform_one();
    const size_t count = std::min(done.size(), finished_.size());
    for (size_t i = 0; i < count; ++i) done[i] = finished_[i];
    finished_.erase(finished_.begin(), finished_.begin() + static_cast<ptrdiff_t>(count));
    return count;
  }

  uint32_t depth() const override { return depth_; }
  size_t in_flight_count() const override {
    Lock lock(mutex_);
    return waiting_.size() + finished_.size();
  }
  std::string_view kind() const override { return "sim"; }

 private:
  void perform_one() MORTISE_REQUIRES(mutex_) {
    const size_t chosen = random_.below(waiting_.size());
    IoRequest* const request = waiting_[chosen];
    waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(chosen));
    request->result = static_cast<SimFile*>(request->file)->perform(*request);
    finished_.push_back(request);
  }

  const uint32_t depth_;
  mutable Mutex mutex_{LockRank::io_queue};
  Random random_ MORTISE_GUARDED_BY(mutex_);
  std::vector<IoRequest*> waiting_ MORTISE_GUARDED_BY(mutex_);
  std::vector<IoRequest*> finished_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace

SimDisk::SimDisk(uint64_t seed) : state_(std::make_shared<State>(seed)) {}
SimDisk::~SimDisk() = default;

Result<std::unique_ptr<File>> SimDisk::open(const std::string& given, const OpenOptions& options) {
  MORTISE_YIELD("disk.open");
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  Node* node = state_->find(path);
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
    auto made = std::make_shared<Node>();
    made->file = std::make_shared<SimInode>(state_->used_blocks);
    node = made.get();
    state_->change(directory, {{path, std::move(made)}});
  }
  if (node->file == nullptr) return os_error(EISDIR, "open", given);
  return std::unique_ptr<File>(std::make_unique<SimFile>(
      given, options.direct, options.access == OpenOptions::Access::read_write, state_, node->file,
      state_->epoch));
}

Status SimDisk::remove(const std::string& given) {
  MORTISE_YIELD("disk.remove");
  const std::string path = normal(given);
  Lock lock(state_->mutex);
  const Node* node = state_->find(path);
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
  NodePointer node = found->second;
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
  state_->change(directory_of(path), {{path, std::make_shared<Node>()}});
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
  for (const TreeChange& change : state_->pending[path]) apply_change(state_->durable, change);
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
  return std::unique_ptr<FileLock>(std::make_unique<SimLock>(state_, path, state_->epoch));
}

Result<std::unique_ptr<IoQueue>> SimDisk::make_queue(uint32_t depth) {
  MORTISE_ASSERT(depth > 0);
  Lock lock(state_->mutex);
  return std::unique_ptr<IoQueue>(std::make_unique<SimQueue>(depth, state_->random.next()));
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
  Node* node = state_->find(normal(given));
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
