// SPDX-License-Identifier: Apache-2.0
#include "clock_policy.hpp"

#include <algorithm>

namespace mortise::evict_clock {

ClockPolicy::ClockPolicy(const mortise_frames_t& frames)
    : facts_(frames),
      states_(frames.frames_count),
      ghosts_(std::max<size_t>(frames.frames_count, 64)) {}

uint32_t ClockPolicy::fingerprint(uint64_t page) {
  const uint64_t mixed = (page ^ (page >> 29)) * 0x9E3779B97F4A7C15ull;
  return static_cast<uint32_t>(mixed >> 32) | 1;  // 0 is an empty place of the ring
}

void ClockPolicy::put(uint32_t frame, Place place) {
  FrameState& state = states_[frame];
  --counts_[static_cast<size_t>(state.place)];
  ++counts_[static_cast<size_t>(place)];
  state.place = place;
  ++state.generation;
  if (place == Place::probation) probation_.push_back({frame, state.generation});
  if (place == Place::cold) cold_.push_back({frame, state.generation});
}

void ClockPolicy::on_loaded(uint32_t frame, uint64_t page, uint32_t access) {
  const auto ghost = ghost_counts_.find(fingerprint(page));
  const bool came_back = ghost != ghost_counts_.end();
  const bool is_passing = access == MORTISE_ACCESS_SCAN || access == MORTISE_ACCESS_MAINTENANCE;
  if (came_back || access == MORTISE_ACCESS_INDEX_INNER) {
    put(frame, Place::main);
  } else {
    put(frame, is_passing ? Place::cold : Place::probation);
  }
  states_[frame].touch_seen = facts_.touch(frame);
}

void ClockPolicy::on_evicted(uint32_t frame, uint64_t page) {
  if (states_[frame].place == Place::probation) remember(page);
  put(frame, Place::none);
}

void ClockPolicy::remember(uint64_t page) {
  uint32_t& place = ghosts_[ghost_next_];
  ghost_next_ = (ghost_next_ + 1) % ghosts_.size();
  if (place != 0) {
    const auto old = ghost_counts_.find(place);
    if (--old->second == 0) ghost_counts_.erase(old);
  }
  place = fingerprint(page);
  ++ghost_counts_[place];
}

bool ClockPolicy::is_current(const QueueEntry& entry, Place place) const {
  const FrameState& state = states_[entry.frame];
  return state.place == place && state.generation == entry.generation;
}

// From the front: stale entries fall out, touched pages move to main, the others are victims. What
// is looked at and stays goes to the back, because the pool may refuse a victim.
void ClockPolicy::search_queue(std::deque<QueueEntry>& queue, Place place, Search& search) {
  for (size_t left = queue.size(); left > 0 && search.is_open(); --left, --search.steps_left) {
    const QueueEntry entry = queue.front();
    queue.pop_front();
    if (!is_current(entry, place)) continue;
    FrameState& state = states_[entry.frame];
    const uint16_t touch = facts_.touch(entry.frame);
    if (touch != state.touch_seen && place == Place::probation) {
      put(entry.frame, Place::main);
      state.touch_seen = touch;
      continue;
    }
    queue.push_back(entry);
    if (facts_.size_class(entry.frame) == search.size_class) {
      search.victims[search.count++] = entry.frame;
    }
  }
}

void ClockPolicy::search_main(Search& search) {
  const uint64_t round = uint64_t{2} * facts_.count();
  for (uint64_t step = 0; step < round && search.is_open(); ++step, --search.steps_left) {
    hand_ = (hand_ + 1) % facts_.count();
    FrameState& state = states_[hand_];
    if (state.place != Place::main || facts_.size_class(hand_) != search.size_class) continue;
    const uint16_t touch = facts_.touch(hand_);
    if (touch != state.touch_seen) {
      state.touch_seen = touch;
      continue;
    }
    search.victims[search.count++] = hand_;
  }
}

uint32_t ClockPolicy::pick(std::span<uint32_t> victims, uint32_t size_class) {
  Search search{victims, 0, size_class, uint64_t{kStepsPerFrame} * facts_.count()};
  search_queue(cold_, Place::cold, search);
  const uint64_t resident = uint64_t{counts_[1]} + counts_[2] + counts_[3];
  const bool is_probation_full = uint64_t{counts_[1]} * 100 >= resident * kProbationPercent;
  if (is_probation_full) search_queue(probation_, Place::probation, search);
  search_main(search);
  if (!is_probation_full) search_queue(probation_, Place::probation, search);
  return search.count;
}

}  // namespace mortise::evict_clock
