// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the simulated disk and everything opened on it share?
//
// Private to kernel/platform (SimDisk).
//
// Threads: guarded by `mutex`.

#include <cerrno>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/platform/sim_file.hpp"

namespace mortise::platform {

// A directory when `file` is null.
struct SimNode {
  std::shared_ptr<SimInode> file;
};
using SimNodePointer = std::shared_ptr<SimNode>;
using SimTree = std::map<std::string, SimNodePointer>;

// One step that a crash keeps or loses as a whole; a null node is a removal.
using SimTreeChange = std::vector<std::pair<std::string, SimNodePointer>>;

void apply_change(SimTree& tree, const SimTreeChange& change);

struct SimDisk::State {
  explicit State(uint64_t seed) : random(seed) {
    live["/"] = durable["/"] = std::make_shared<SimNode>();
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
  SimTree live MORTISE_GUARDED_BY(mutex);
  SimTree durable MORTISE_GUARDED_BY(mutex);
  std::map<std::string, std::vector<SimTreeChange>> pending MORTISE_GUARDED_BY(mutex);

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

  SimNode* find(const std::string& path) MORTISE_REQUIRES(mutex) {
    const auto found = live.find(path);
    return found == live.end() ? nullptr : found->second.get();
  }

  bool is_directory(const std::string& path) MORTISE_REQUIRES(mutex) {
    const SimNode* node = find(path);
    return node != nullptr && node->file == nullptr;
  }

  void change(const std::string& directory, SimTreeChange change) MORTISE_REQUIRES(mutex) {
    apply_change(live, change);
    pending[directory].push_back(std::move(change));
  }

  Status write(SimInode& inode, const std::string& path, uint64_t offset,
               std::span<const IoPiece> pieces) MORTISE_REQUIRES(mutex);
};

// What SimDisk hands out.
std::unique_ptr<File> make_sim_file(const std::string& path, const OpenOptions& options,
                                    std::shared_ptr<SimDisk::State> state,
                                    std::shared_ptr<SimInode> inode, uint64_t epoch);
std::unique_ptr<FileLock> make_sim_lock(std::shared_ptr<SimDisk::State> state,
                                        const std::string& path, uint64_t epoch);
std::unique_ptr<IoQueue> make_sim_queue(uint32_t depth, uint64_t seed);

}  // namespace mortise::platform
