// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/version_cache.hpp"

#include <algorithm>
#include <utility>

namespace mortise::heap {
namespace {

// A version and its place in the tree, roughly.
uint64_t bytes_of(const KnownVersion& version) {
  return sizeof(KnownVersion) + 64 + version.body.capacity();
}

}  // namespace

VersionCache::~VersionCache() {
  clear();
}

uint64_t VersionCache::clear() {
  platform::Lock lock(mutex_);
  const uint64_t bytes = std::exchange(bytes_, 0);
  rows_.clear();
  order_.clear();
  account_.release(bytes);
  return bytes;
}

bool VersionCache::find(const Row& row, Scn snapshot, KnownVersion& version) const {
  platform::Lock lock(mutex_);
  const auto found = rows_.find(row);
  if (found == rows_.end()) return false;
  const auto& known = found->second.by_scn;
  const auto newer = known.upper_bound(raw(snapshot));
  if (newer != known.begin()) {
    const auto seen = std::prev(newer);
    if (raw(snapshot) < raw(seen->second.until)) {
      version = seen->second;
      return true;
    }
  }
  if (newer == known.end()) return false;
  version = newer->second;
  return true;
}

void VersionCache::forget_oldest() {
  const auto found = rows_.find(order_.front());
  order_.pop_front();
  bytes_ -= found->second.bytes;
  account_.release(found->second.bytes);
  rows_.erase(found);
}

void VersionCache::add(const Row& row, KnownVersion version) {
  const uint64_t bytes = bytes_of(version);
  if (bytes > kBytesMax / 8) return;
  platform::Lock lock(mutex_);
  while (bytes_ + bytes > kBytesMax) forget_oldest();
  if (!account_.try_charge(bytes)) return;
  bytes_ += bytes;
  const auto [at, is_new] = rows_.try_emplace(row);
  if (is_new) order_.push_back(row);
  Versions& versions = at->second;
  versions.bytes += bytes;
  const uint64_t scn = raw(version.writer.scn());
  const auto [place, is_first] = versions.by_scn.try_emplace(scn, std::move(version));
  if (is_first) return;
  // Known before: what is learned is how long it was the newest.
  versions.bytes -= bytes;
  bytes_ -= bytes;
  account_.release(bytes);
  place->second.until = std::max(place->second.until, version.until);
}

uint64_t VersionCache::size_bytes() const {
  platform::Lock lock(mutex_);
  return bytes_;
}

}  // namespace mortise::heap
