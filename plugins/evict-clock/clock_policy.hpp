// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which frames are worth least?
//
// Three places.  A page read by a scan goes to `cold` and leaves first, in order.  Any other new
// page is on probation: a first-in first-out queue of about a tenth of the frames.  A page that is
// touched while on probation moves to `main`, where a clock hand gives every page touched since its
// last pass a second chance.  Pages that leave probation untouched are remembered as ghosts for a
// while: one that comes back goes to main at once.
//
// Source: CLOCK (Corbato 1968) with the probation queue and ghosts of 2Q (Johnson and Shasha, VLDB
// 1994) and S3-FIFO (Yang et al., SOSP 2023).  Differences: movement happens when a victim is
// wanted and never on a hit; "touched" is a changed coarse tick, so several hits within a tick
// count once; ghosts are 32-bit fingerprints in a ring, and a collision costs one page a place in
// main.
//
// Invariants
//   C1  A frame with a page is in exactly one place; queue entries of frames that moved are stale
//       and skipped when they come up.
//   C2  pick() takes at most kStepsPerFrame steps per frame of the pool.
//
// Threads: one call at a time.

#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>
#include <vector>

#include "mortise/iface/draft/evict.h"

namespace mortise::evict_clock {

// Reads a frame's facts where the pool keeps them.
class FrameFacts {
 public:
  explicit FrameFacts(const mortise_frames_t& frames) : frames_(frames) {}

  uint32_t count() const { return frames_.frames_count; }
  uint16_t touch(uint32_t frame) const { return load<uint16_t>(frame, frames_.touch_offset_bytes); }
  uint8_t size_class(uint32_t frame) const {
    return load<uint8_t>(frame, frames_.size_class_offset_bytes);
  }

 private:
  template <typename T>
  T load(uint32_t frame, uint32_t offset_bytes) const {
    const uint8_t* at = frames_.frames + uint64_t{frame} * frames_.stride_bytes + offset_bytes;
    return __atomic_load_n(reinterpret_cast<const T*>(at), __ATOMIC_RELAXED);
  }

  const mortise_frames_t frames_;
};

class ClockPolicy {
 public:
  static constexpr uint32_t kStepsPerFrame = 3;
  static constexpr uint32_t kProbationPercent = 10;

  explicit ClockPolicy(const mortise_frames_t& frames);

  void on_loaded(uint32_t frame, uint64_t page, uint32_t access);
  void on_evicted(uint32_t frame, uint64_t page);
  uint32_t pick(std::span<uint32_t> victims, uint32_t size_class);

  // For tests: frames in each place.
  uint32_t probation_count() const { return counts_[1]; }
  uint32_t main_count() const { return counts_[2]; }
  uint32_t cold_count() const { return counts_[3]; }

 private:
  enum class Place : uint8_t { none, probation, main, cold };
  struct FrameState {
    Place place = Place::none;
    uint16_t touch_seen = 0;
    uint32_t generation = 0;  // of its newest queue entry
  };
  struct QueueEntry {
    uint32_t frame;
    uint32_t generation;
  };
  struct Search {
    std::span<uint32_t> victims;
    uint32_t count = 0;
    uint32_t size_class;
    uint64_t steps_left;
    bool is_open() const { return count < victims.size() && steps_left > 0; }
  };

  void put(uint32_t frame, Place place);
  bool is_current(const QueueEntry& entry, Place place) const;
  void search_queue(std::deque<QueueEntry>& queue, Place place, Search& search);
  void search_main(Search& search);
  void remember(uint64_t page);
  static uint32_t fingerprint(uint64_t page);

  const FrameFacts facts_;
  std::vector<FrameState> states_;
  uint32_t counts_[4] = {};
  std::deque<QueueEntry> probation_;
  std::deque<QueueEntry> cold_;
  uint32_t hand_ = 0;
  std::vector<uint32_t> ghosts_;  // a ring of fingerprints
  size_t ghost_next_ = 0;
  std::unordered_map<uint32_t, uint32_t> ghost_counts_;
};

}  // namespace mortise::evict_clock
