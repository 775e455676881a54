// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does one simulated file hold, and what would a crash leave of it?
//
// Private to kernel/platform (SimDisk).
//
//   live      what reads see
//   durable   what is certain after a crash
//   unsynced  versions in between, oldest first: each may be what the platter has
//
// Threads: guarded by the disk's mutex.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <vector>

#include "kernel/platform/random.hpp"
#include "kernel/platform/sim_disk.hpp"

namespace mortise::platform {

class SimInode {
 public:
  using Bytes = std::array<std::byte, SimDisk::kBlockBytes>;
  using Version = std::shared_ptr<const Bytes>;  // null: zeros

  // `used_blocks` counts live blocks over all inodes of a disk.
  explicit SimInode(std::shared_ptr<uint64_t> used_blocks) : used_blocks_(std::move(used_blocks)) {}
  ~SimInode();
  SimInode(const SimInode&) = delete;
  SimInode& operator=(const SimInode&) = delete;

  uint64_t size_bytes() const { return size_; }
  // Precondition: the range lies inside the file.
  void read(uint64_t offset_bytes, std::span<std::byte> into) const;
  void write(uint64_t offset_bytes, std::span<const std::byte> from);
  void resize(uint64_t size_bytes);
  // How many more blocks a write there would take.
  uint64_t new_block_count(uint64_t offset_bytes, uint64_t size_bytes) const;
  // What is dirty becomes durable.
  void sync();
  // What is dirty looks clean and is not durable (D3).
  void fail_sync();
  // Precondition: bit_offset / 8 < size_bytes().
  void flip_bit(uint64_t bit_offset);
  // Decides what the crash left; afterwards all of it is durable.
  void crash(Random& random);

 private:
  static constexpr size_t kVersionsMax = 16;  // of one block; the oldest unsynced is forgotten
  struct Block {
    Version live;
    Version durable;
    std::vector<Version> unsynced;
  };

  void set_block(uint64_t number, Version version);
  void set_live(Block& block, Version version);
  static Version torn(Random& random, const Version& a, const Version& b);

  const std::shared_ptr<uint64_t> used_blocks_;
  uint64_t size_ = 0;
  uint64_t durable_size_ = 0;
  std::vector<uint64_t> unsynced_sizes_;
  std::map<uint64_t, Block> blocks_;
  std::set<uint64_t> dirty_;
};

}  // namespace mortise::platform
