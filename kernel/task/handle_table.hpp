// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which object does a handle mean, and is it still the same one?
//
// A handle is generation:32 | index:32.  Slots are used again with another generation, so a handle
// that outlived its object finds nothing instead of a stranger.  0 is never a handle.
//
// Threads: [any, concurrent]

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "kernel/platform/mutex.hpp"

namespace mortise::task {

template <typename T>
class HandleTable {
 public:
  explicit HandleTable(uint32_t count_max, platform::LockRank rank)
      : count_max_(count_max), mutex_(rank) {}

  // 0 when the table is full.
  uint64_t add(std::shared_ptr<T> object) {
    platform::ExclusiveLock lock(mutex_);
    uint32_t index;
    if (!free_.empty()) {
      index = free_.back();
      free_.pop_back();
    } else if (slots_.size() < count_max_) {
      index = static_cast<uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      return 0;
    }
    slots_[index].object = std::move(object);
    return uint64_t{slots_[index].generation} << 32 | index;
  }
  // Null for a stale handle.
  std::shared_ptr<T> find(uint64_t handle) const {
    platform::SharedLock lock(mutex_);
    const uint32_t index = static_cast<uint32_t>(handle);
    if (index >= slots_.size() || slots_[index].generation != handle >> 32) return nullptr;
    return slots_[index].object;
  }
  // The object that the handle meant, or null when it was stale already.
  std::shared_ptr<T> remove(uint64_t handle) {
    platform::ExclusiveLock lock(mutex_);
    const uint32_t index = static_cast<uint32_t>(handle);
    if (index >= slots_.size() || slots_[index].generation != handle >> 32) return nullptr;
    std::shared_ptr<T> object = std::move(slots_[index].object);
    slots_[index].object = nullptr;
    if (object != nullptr && ++slots_[index].generation != 0) free_.push_back(index);
    return object;  // a slot whose generations are used up stays empty
  }
  std::vector<std::shared_ptr<T>> all() const {
    platform::SharedLock lock(mutex_);
    std::vector<std::shared_ptr<T>> objects;
    for (const Slot& slot : slots_) {
      if (slot.object != nullptr) objects.push_back(slot.object);
    }
    return objects;
  }
  size_t count() const {
    platform::SharedLock lock(mutex_);
    return slots_.size() - free_.size();
  }

 private:
  struct Slot {
    uint32_t generation = 1;
    std::shared_ptr<T> object;
  };
  const uint32_t count_max_;
  mutable platform::SharedMutex mutex_;
  std::vector<Slot> slots_ MORTISE_GUARDED_BY(mutex_);
  std::vector<uint32_t> free_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace mortise::task
