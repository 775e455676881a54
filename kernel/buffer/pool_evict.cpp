// SPDX-License-Identifier: Apache-2.0
//
// How room is made.  Whoever needs a frame may hold latches of other pages, so nothing here waits
// for a latch (B5): what cannot be had at once is passed over.
#include <algorithm>

#include "kernel/buffer/pool.hpp"
#include "kernel/buffer/pool_state.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/parking.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {
namespace {
constexpr uint32_t kVictimsPerRound = 16;
constexpr uint32_t kSleepAfterRounds = 50;
}  // namespace

Result<Frame*> Pool::take_frame(page::SizeClass size_class) {
  State& s = *state_;
  std::vector<uint32_t> dirty;
  uint64_t deadline_ns = 0;
  for (uint32_t vain = 0;;) {
    const uint32_t index = s.arena.take(size_class);
    if (index != Arena::kNone) {
      Frame& frame = frames_[index];
      // Only those stand in the way who came by a stale entry; they leave without waiting.
      frame.latch.lock_exclusive();
      MORTISE_ASSERT(frame.page_id.load(std::memory_order_relaxed) == raw(kNoPage));
      MORTISE_ASSERT(frame.rec_lsn.load(std::memory_order_relaxed) == 0);
      frame.size_class.store(static_cast<uint8_t>(size_class), std::memory_order_relaxed);
      const uint64_t period = std::max<uint64_t>(1, s.arena.unit_count() / 8);
      if (s.misses.load(std::memory_order_relaxed) % period == 0) {
        tick_.fetch_add(1, std::memory_order_relaxed);
      }
      return &frame;
    }
    dirty.clear();
    if (evict_some(size_class, kVictimsPerRound, dirty) > 0) continue;
    if (!dirty.empty()) {
      MORTISE_TRY_ASSIGN(const uint32_t written, write_frames(dirty));
      if (written > 0) continue;
    }
    if (take_room_from_others(size_class)) continue;
    // Others hold the frames: latches for a moment, reads for as long as the disk takes.
    if (++vain < kSleepAfterRounds) {
      platform::this_thread::yield();
      continue;
    }
    if (deadline_ns == 0) deadline_ns = platform::deadline_after_ns(s.full_wait_ns);
    if (platform::monotonic_ns() >= deadline_ns) break;
    platform::this_thread::sleep_until(
        platform::deadline_after_ns(platform::kNanosecondsPerMillisecond));
  }
  return limit("buffer pool is full of pages in use: no room for a page of " +
               std::to_string(page::bytes_of(size_class)) + " bytes among " +
               std::to_string(s.arena.unit_count()) + " frames of 4 KiB");
}

void Pool::give_frame(Frame* frame) {
  MORTISE_ASSERT(frame->page_id.load(std::memory_order_relaxed) == raw(kNoPage));
  frame->latch.unlock_exclusive(true);
  state_->arena.give_back(index_of(frame));
}

bool Pool::try_evict(uint32_t index) {
  Frame& frame = frames_[index];
  if (frame.pins.load(std::memory_order_relaxed) != 0) return false;
  if (frame.rec_lsn.load(std::memory_order_relaxed) != 0) return false;
  if (!frame.latch.try_lock_exclusive()) return false;
  const PageId page{frame.page_id.load(std::memory_order_relaxed)};
  if (page == kNoPage || frame.pins.load(std::memory_order_acquire) != 0 ||
      frame.rec_lsn.load(std::memory_order_relaxed) != 0 ||
      frame.io_busy.load(std::memory_order_acquire) != 0) {
    frame.latch.unlock_exclusive(false);
    return false;
  }
  Entry* entry = entry_of(page);
  MORTISE_ASSERT(entry->load(std::memory_order_relaxed) == (kResident | index));
  entry->store(0, std::memory_order_release);
  frame.page_id.store(raw(kNoPage), std::memory_order_release);
  {
    platform::Lock lock(state_->policy_mutex);
    frame.flags.store(0, std::memory_order_relaxed);
    state_->policy->on_evicted(index, page);
  }
  state_->evictions.fetch_add(1, std::memory_order_relaxed);
  give_frame(&frame);
  return true;
}

uint32_t Pool::evict_some(page::SizeClass size_class, uint32_t frames_max,
                          std::vector<uint32_t>& dirty) {
  State& s = *state_;
  std::vector<uint32_t> victims(frames_max);
  {
    platform::Lock lock(s.policy_mutex);
    const uint32_t count = s.policy->pick(victims, size_class);
    MORTISE_ASSERT(count <= frames_max);
    victims.resize(count);
  }
  uint32_t evicted = 0;
  for (uint32_t index : victims) {
    // A plugin may answer anything; a frame of another class does not help us, but is no harm.
    if (index >= s.arena.unit_count()) continue;
    if (frames_[index].rec_lsn.load(std::memory_order_relaxed) != 0) {
      dirty.push_back(index);
    } else if (try_evict(index)) {
      ++evicted;
    }
  }
  return evicted;
}

bool Pool::take_room_from_others(page::SizeClass size_class) {
  State& s = *state_;
  if (page::units_of(size_class) > s.arena.superframe_units()) return false;
  const uint32_t superframes = s.arena.unit_count() / s.arena.superframe_units();
  std::vector<uint32_t> in_use;
  for (uint32_t tried = 0; tried < superframes; ++tried) {
    const uint32_t superframe = s.arena.begin_drain(size_class, in_use);
    if (superframe == Arena::kNone) return false;
    std::vector<uint32_t> dirty;
    for (uint32_t index : in_use) {
      if (frames_[index].rec_lsn.load(std::memory_order_relaxed) != 0) dirty.push_back(index);
    }
    bool all_gone = dirty.empty();
    if (!all_gone) {
      auto written = write_frames(dirty);
      all_gone = written.has_value();
    }
    for (uint32_t index : in_use) {
      if (!try_evict(index)) all_gone = false;
    }
    s.arena.end_drain(superframe);
    if (all_gone) return true;
  }
  return false;
}

void Pool::forget(Frame* frame) {
  MORTISE_ASSERT(frame->latch.is_exclusive());
  State& s = *state_;
  const uint32_t index = index_of(frame);
  const PageId page{frame->page_id.load(std::memory_order_relaxed)};
  // A copy under way to the disk must have arrived before its place gets another page (S4).
  while (frame->io_busy.load(std::memory_order_acquire) != 0) {
    platform::park_wait(frame->io_busy, 1);
  }
  entry_of(page)->store(0, std::memory_order_release);
  frame->page_id.store(raw(kNoPage), std::memory_order_release);
  frame->rec_lsn.store(0);
  s.dirty[index / 64].fetch_and(~(uint64_t{1} << index % 64));
  {
    platform::Lock lock(s.policy_mutex);
    frame->flags.store(0, std::memory_order_relaxed);
    s.policy->on_evicted(index, page);
  }
  give_frame(frame);
}

void Pool::discard(PageId first, uint32_t units) {
  for (uint32_t unit = 0; unit < units; ++unit) {
    const PageId page{raw(first) + unit};
    Entry* entry = entry_of(page);
    if (entry == nullptr) continue;
    for (;;) {
      const uint64_t word = entry->load(std::memory_order_acquire);
      if (word == 0) break;
      if ((word & kResident) == 0) {
        platform::this_thread::yield();  // a prefetch that came too late
        continue;
      }
      Frame& frame = frames_[static_cast<uint32_t>(word)];
      if (!frame.latch.lock_exclusive_while([&] { return has_page(frame, page); })) continue;
      if (has_page(frame, page)) {
        forget(&frame);
        break;
      }
      frame.latch.unlock_exclusive(false);
    }
  }
}

Status Pool::keep_free(uint32_t units) {
  State& s = *state_;
  std::vector<uint32_t> dirty;
  const uint32_t rounds_max = s.arena.unit_count() / kVictimsPerRound + 1;
  for (uint32_t round = 0; round < rounds_max && s.arena.free_units() < units; ++round) {
    dirty.clear();
    const uint32_t evicted = evict_some(page::SizeClass::kib4, kVictimsPerRound, dirty);
    if (!dirty.empty()) MORTISE_TRY(write_frames(dirty));
    if (evicted == 0 && dirty.empty()) break;
  }
  return {};
}

}  // namespace mortise::buffer
