// SPDX-License-Identifier: Apache-2.0
#include "kernel/buffer/arena.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <string>

#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {

Status Arena::create(uint64_t bytes, bool huge) {
  const uint64_t units = bytes / page::kUnitBytes;
  if (units < 64 || units >= kNone) {
    return invalid("buffer pool must have at least 64 pages of 4 KiB and less than 16 TiB: " +
                   std::to_string(bytes) + " bytes");
  }
  // Tiny pools have at least four superframes, so that four sizes can live side by side.
  const uint64_t quarter = std::bit_floor(units / 4);
  superframe_units_ = static_cast<uint32_t>(std::min<uint64_t>(kSuperframeUnits, quarter));
  unit_count_ = static_cast<uint32_t>(units / superframe_units_ * superframe_units_);
  MORTISE_TRY_ASSIGN(
      memory_, platform::Mapping::create(size_t{unit_count_} * page::kUnitBytes, {.huge = huge}));
  MORTISE_TRY_ASSIGN(frames_memory_, platform::Mapping::create(size_t{unit_count_} * sizeof(Frame),
                                                               {.huge = huge}));
  frames_ = reinterpret_cast<Frame*>(frames_memory_.data());
  for (uint32_t i = 0; i < unit_count_; ++i) new (&frames_[i]) Frame();
  platform::Lock lock(mutex_);
  superframes_.resize(unit_count_ / superframe_units_);
  for (uint32_t i = 0; i < superframes_.size(); ++i) {
    unassigned_.push_back(static_cast<uint32_t>(superframes_.size()) - 1 - i);
  }
  free_units_ = unit_count_;
  return {};
}

void Arena::list_if_room(uint32_t index) {
  Superframe& s = superframes_[index];
  if (s.listed || s.draining || s.free_count == 0) return;
  s.listed = true;
  with_room_[s.size_class].push_back(index);
}

uint32_t Arena::take_locked(uint32_t index) {
  Superframe& s = superframes_[index];
  const uint32_t count = capacity(s);
  for (uint32_t word = 0; word * 64 < count; ++word) {
    const uint32_t bits = std::min(64u, count - word * 64);
    const uint64_t all = bits == 64 ? UINT64_MAX : (uint64_t{1} << bits) - 1;
    const uint64_t free = ~s.used[word] & all;
    if (free == 0) continue;
    const uint32_t bit = static_cast<uint32_t>(std::countr_zero(free));
    s.used[word] |= uint64_t{1} << bit;
    s.free_count -= 1;
    free_units_ -= 1u << s.size_class;
    return index * superframe_units_ + ((word * 64 + bit) << s.size_class);
  }
  MORTISE_UNREACHABLE();
}

uint32_t Arena::take(page::SizeClass size_class) {
  const auto wanted = static_cast<uint8_t>(size_class);
  if (page::units_of(size_class) > superframe_units_) return kNone;
  platform::Lock lock(mutex_);
  std::vector<uint32_t>& list = with_room_[wanted];
  while (!list.empty()) {
    const uint32_t index = list.back();
    Superframe& s = superframes_[index];
    MORTISE_ASSERT(s.listed);
    // Lists are tidied here only: a superframe may have been drained or have gone to another class.
    if (s.size_class == wanted && !s.draining && s.free_count > 0) return take_locked(index);
    s.listed = false;
    list.pop_back();
  }
  if (unassigned_.empty()) return kNone;
  const uint32_t index = unassigned_.back();
  unassigned_.pop_back();
  Superframe& s = superframes_[index];
  s.size_class = wanted;
  s.free_count = capacity(s);
  MORTISE_ASSERT(!s.listed);
  list_if_room(index);
  return take_locked(index);
}

void Arena::give_back(uint32_t frame_index) {
  platform::Lock lock(mutex_);
  const uint32_t index = frame_index / superframe_units_;
  Superframe& s = superframes_[index];
  MORTISE_ASSERT(s.size_class != kUnassigned);
  const uint32_t slot = frame_index % superframe_units_ >> s.size_class;
  MORTISE_ASSERT((s.used[slot / 64] >> slot % 64 & 1) != 0);
  s.used[slot / 64] &= ~(uint64_t{1} << slot % 64);
  s.free_count += 1;
  free_units_ += 1u << s.size_class;
  if (s.free_count == capacity(s) && !s.draining) {
    if (s.listed) {
      std::erase(with_room_[s.size_class], index);
      s.listed = false;
    }
    s.size_class = kUnassigned;
    s.free_count = 0;
    unassigned_.push_back(index);
  } else {
    list_if_room(index);
  }
}

uint32_t Arena::free_units() const {
  platform::Lock lock(mutex_);
  return free_units_;
}

uint32_t Arena::begin_drain(page::SizeClass wanted, std::vector<uint32_t>& in_use) {
  platform::Lock lock(mutex_);
  for (uint32_t tried = 0; tried < superframes_.size(); ++tried) {
    drain_hand_ = (drain_hand_ + 1) % static_cast<uint32_t>(superframes_.size());
    Superframe& s = superframes_[drain_hand_];
    if (s.size_class == kUnassigned || s.draining) continue;
    if (s.size_class == static_cast<uint8_t>(wanted)) continue;
    s.draining = true;
    in_use.clear();
    for (uint32_t slot = 0; slot < capacity(s); ++slot) {
      if ((s.used[slot / 64] >> slot % 64 & 1) == 0) continue;
      in_use.push_back(drain_hand_ * superframe_units_ + (slot << s.size_class));
    }
    return drain_hand_;
  }
  return kNone;
}

void Arena::end_drain(uint32_t index) {
  platform::Lock lock(mutex_);
  Superframe& s = superframes_[index];
  MORTISE_ASSERT(s.draining);
  s.draining = false;
  if (s.free_count == capacity(s)) {
    if (s.listed) {
      std::erase(with_room_[s.size_class], index);
      s.listed = false;
    }
    s.size_class = kUnassigned;
    s.free_count = 0;
    unassigned_.push_back(index);
  } else {
    list_if_room(index);
  }
}

Status Arena::verify() const {
  platform::Lock lock(mutex_);
  uint32_t free_units = static_cast<uint32_t>(unassigned_.size()) * superframe_units_;
  for (const Superframe& s : superframes_) {
    if (s.size_class == kUnassigned) continue;
    uint32_t used = 0;
    for (uint64_t word : s.used) used += static_cast<uint32_t>(std::popcount(word));
    if (used + s.free_count != capacity(s)) return internal("arena: a superframe's count is wrong");
    free_units += s.free_count << s.size_class;
  }
  if (free_units != free_units_) return internal("arena: the count of free units is wrong");
  return {};
}

}  // namespace mortise::buffer
