// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where is room in memory for a page of this size?
//
// The arena is one mapping, cut into superframes (2 MiB; less in tiny pools).  A superframe serves
// one size class at a time and goes back to the common stock when its last page leaves, so that
// different sizes never fragment each other; a buddy allocator across living frames was refused
// for that reason.
//
// Invariants
//   A1  A frame is either free here or in the hands of exactly one taker.
//   A2  Frames of a superframe that is being drained are not given out.
//
// Threads: [any, concurrent]

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernel/buffer/frame.hpp"
#include "kernel/platform/mapping.hpp"
#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::buffer {

class Arena {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kSuperframeUnits = 512;

  Status create(uint64_t bytes, bool huge);

  uint32_t unit_count() const { return unit_count_; }
  uint32_t superframe_units() const { return superframe_units_; }
  std::byte* base() const { return memory_.data(); }
  Frame* frames() const { return frames_; }

  // The index of a free frame, or kNone.
  uint32_t take(page::SizeClass size_class);
  void give_back(uint32_t frame_index);
  uint32_t free_units() const;

  // For taking room from other classes: chooses a superframe that serves another class (round
  // robin), stops giving out its frames, lists the ones in use.  kNone when there is none.
  uint32_t begin_drain(page::SizeClass wanted, std::vector<uint32_t>& in_use);
  void end_drain(uint32_t superframe);

  // Checks A1 as far as it shows here: counts agree with the bitmaps.
  Status verify() const;

 private:
  static constexpr uint8_t kUnassigned = 0xFF;
  struct Superframe {
    uint8_t size_class = kUnassigned;
    bool draining = false;
    bool listed = false;  // in with_room_ of its class
    uint32_t free_count = 0;
    uint64_t used[kSuperframeUnits / 64] = {};
  };
  uint32_t capacity(const Superframe& s) const { return superframe_units_ >> s.size_class; }
  uint32_t take_locked(uint32_t superframe) MORTISE_REQUIRES(mutex_);
  void list_if_room(uint32_t superframe) MORTISE_REQUIRES(mutex_);

  platform::Mapping memory_;
  platform::Mapping frames_memory_;
  Frame* frames_ = nullptr;
  uint32_t unit_count_ = 0;
  uint32_t superframe_units_ = 0;

  mutable platform::Mutex mutex_{platform::LockRank::buffer_pool};
  std::vector<Superframe> superframes_ MORTISE_GUARDED_BY(mutex_);
  std::vector<uint32_t> unassigned_ MORTISE_GUARDED_BY(mutex_);
  std::vector<uint32_t> with_room_[page::kSizeClassCount] MORTISE_GUARDED_BY(mutex_);
  uint32_t free_units_ MORTISE_GUARDED_BY(mutex_) = 0;
  uint32_t drain_hand_ MORTISE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mortise::buffer
