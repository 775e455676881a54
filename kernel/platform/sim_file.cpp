// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/sim_file.hpp"

#include <algorithm>
#include <cstring>

#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

constexpr uint64_t kBlock = SimDisk::kBlockBytes;

void copy_out(const SimInode::Version& version, uint64_t begin, std::span<std::byte> into) {
  if (version == nullptr) {
    std::memset(into.data(), 0, into.size());
  } else {
    std::memcpy(into.data(), version->data() + begin, into.size());
  }
}

}  // namespace

SimInode::~SimInode() {
  for (auto& [number, block] : blocks_) {
    if (block.live != nullptr) --*used_blocks_;
  }
}

void SimInode::read(uint64_t offset_bytes, std::span<std::byte> into) const {
  MORTISE_ASSERT(offset_bytes + into.size() <= size_);
  while (!into.empty()) {
    const uint64_t begin = offset_bytes % kBlock;
    const size_t part = std::min<uint64_t>(into.size(), kBlock - begin);
    const auto found = blocks_.find(offset_bytes / kBlock);
    copy_out(found == blocks_.end() ? nullptr : found->second.live, begin, into.first(part));
    offset_bytes += part;
    into = into.subspan(part);
  }
}

void SimInode::set_live(Block& block, Version version) {
  if (block.live == nullptr && version != nullptr) ++*used_blocks_;
  if (block.live != nullptr && version == nullptr) --*used_blocks_;
  block.live = std::move(version);
}

void SimInode::set_block(uint64_t number, Version version) {
  Block& block = blocks_[number];
  if (block.unsynced.size() == kVersionsMax) block.unsynced.erase(block.unsynced.begin());
  block.unsynced.push_back(version);
  set_live(block, std::move(version));
  dirty_.insert(number);
}

void SimInode::write(uint64_t offset_bytes, std::span<const std::byte> from) {
  while (!from.empty()) {
    const uint64_t number = offset_bytes / kBlock;
    const uint64_t begin = offset_bytes % kBlock;
    const size_t part = std::min<uint64_t>(from.size(), kBlock - begin);
    auto next = std::make_shared<Bytes>();
    const auto found = blocks_.find(number);
    copy_out(found == blocks_.end() ? nullptr : found->second.live, 0, *next);
    std::memcpy(next->data() + begin, from.data(), part);
    set_block(number, std::move(next));
    offset_bytes += part;
    from = from.subspan(part);
    if (offset_bytes > size_) {
      size_ = offset_bytes;
      unsynced_sizes_.push_back(size_);
    }
  }
}

void SimInode::resize(uint64_t size_bytes) {
  if (size_bytes < size_) {
    // What is cut off must read as zeros should the file grow again.
    if (size_bytes % kBlock != 0) {
      const auto edge = blocks_.find(size_bytes / kBlock);
      if (edge != blocks_.end() && edge->second.live != nullptr) {
        auto next = std::make_shared<Bytes>(*edge->second.live);
        std::memset(next->data() + size_bytes % kBlock, 0, kBlock - size_bytes % kBlock);
        set_block(edge->first, std::move(next));
      }
    }
    const uint64_t first_gone = (size_bytes + kBlock - 1) / kBlock;
    std::vector<uint64_t> gone;
    for (auto at = blocks_.lower_bound(first_gone); at != blocks_.end(); ++at) {
      if (at->second.live != nullptr) gone.push_back(at->first);
    }
    for (const uint64_t number : gone) set_block(number, nullptr);
  }
  size_ = size_bytes;
  unsynced_sizes_.push_back(size_);
}

uint64_t SimInode::new_block_count(uint64_t offset_bytes, uint64_t size_bytes) const {
  if (size_bytes == 0) return 0;
  const uint64_t first = offset_bytes / kBlock;
  const uint64_t last = (offset_bytes + size_bytes - 1) / kBlock;
  uint64_t present = 0;
  for (auto at = blocks_.lower_bound(first); at != blocks_.end() && at->first <= last; ++at) {
    if (at->second.live != nullptr) ++present;
  }
  return last - first + 1 - present;
}

void SimInode::sync() {
  for (const uint64_t number : dirty_) {
    Block& block = blocks_[number];
    block.durable = block.live;
    block.unsynced.clear();
  }
  dirty_.clear();
  durable_size_ = size_;
  unsynced_sizes_.clear();
}

void SimInode::fail_sync() {
  for (const uint64_t number : dirty_) blocks_[number].unsynced.clear();
  dirty_.clear();
  unsynced_sizes_.clear();
}

void SimInode::flip_bit(uint64_t bit_offset) {
  const uint64_t number = bit_offset / 8 / kBlock;
  const size_t at = bit_offset / 8 % kBlock;
  const std::byte mask = std::byte{1} << static_cast<int>(bit_offset % 8);
  Block& block = blocks_[number];
  std::map<const Bytes*, Version> flipped;  // versions are shared; each is flipped once
  const auto flip = [&](const Version& version) {
    Version& result = flipped[version.get()];
    if (result == nullptr) {
      auto next =
          version == nullptr ? std::make_shared<Bytes>() : std::make_shared<Bytes>(*version);
      (*next)[at] ^= mask;
      result = std::move(next);
    }
    return result;
  };
  for (Version& version : block.unsynced) version = flip(version);
  block.durable = flip(block.durable);
  set_live(block, flip(block.live));
}

// Sectors of `b` over `a`: a beginning, an end, or any of them.
SimInode::Version SimInode::torn(Random& random, const Version& a, const Version& b) {
  constexpr size_t kSectors = SimDisk::kBlockBytes / SimDisk::kSectorBytes;
  auto mixed = std::make_shared<Bytes>();
  copy_out(a, 0, *mixed);
  const uint64_t manner = random.below(3);
  const uint64_t cut = 1 + random.below(kSectors - 1);
  for (size_t sector = 0; sector < kSectors; ++sector) {
    bool from_b = random.one_in(2);
    if (manner == 0) from_b = sector < cut;
    if (manner == 1) from_b = sector >= cut;
    if (!from_b) continue;
    const size_t begin = sector * SimDisk::kSectorBytes;
    copy_out(b, begin, std::span(*mixed).subspan(begin, SimDisk::kSectorBytes));
  }
  return mixed;
}

void SimInode::crash(Random& random) {
  for (const uint64_t number : dirty_) {
    Block& block = blocks_[number];
    if (block.unsynced.empty()) continue;
    const Version& later = block.unsynced[random.below(block.unsynced.size())];
    switch (random.below(3)) {
      case 0:
        break;  // nothing of it arrived
      case 1:
        block.durable = later;
        break;
      default:
        block.durable = torn(random, block.durable, later);
        break;
    }
  }
  if (!unsynced_sizes_.empty()) {
    const uint64_t choice = random.below(unsynced_sizes_.size() + 1);
    if (choice > 0) durable_size_ = unsynced_sizes_[choice - 1];
  }
  unsynced_sizes_.clear();
  dirty_.clear();
  size_ = durable_size_;
  for (auto at = blocks_.begin(); at != blocks_.end();) {
    Block& block = at->second;
    block.unsynced.clear();
    if (at->first * kBlock >= size_) block.durable = nullptr;
    set_live(block, block.durable);
    at = block.live == nullptr ? blocks_.erase(at) : std::next(at);
  }
  const auto edge = blocks_.find(size_ / kBlock);
  if (size_ % kBlock != 0 && edge != blocks_.end()) {
    // Bytes behind the end read as zeros when the file grows again.
    auto next = std::make_shared<Bytes>(*edge->second.live);
    std::memset(next->data() + size_ % kBlock, 0, kBlock - size_ % kBlock);
    edge->second.durable = next;
    edge->second.live = std::move(next);
  }
}

}  // namespace mortise::platform
