// SPDX-License-Identifier: Apache-2.0
//
// How changed pages reach the disk: copied under a shared latch, sealed on the copy, the log first,
// the double-write area second, home third.
#include <algorithm>
#include <bit>
#include <cstring>

#include "kernel/buffer/pool.hpp"
#include "kernel/buffer/pool_state.hpp"
#include "kernel/platform/parking.hpp"
#include "kernel/platform/scheduler.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {
namespace {
constexpr uint32_t kFinishAttemptsMax = 64;
constexpr uint32_t kVainRoundsMax = 1000;
}  // namespace

// Writes those of `frames` that are dirty and whose latch is free now.  Answers how many pages.
Result<uint32_t> Pool::write_frames(std::span<const uint32_t> wanted) {
  State& s = *state_;
  // Each frame once: the first of two would end io_busy while the second is still on its way.
  std::vector<uint32_t> frames(wanted.begin(), wanted.end());
  std::sort(frames.begin(), frames.end());
  frames.erase(std::unique(frames.begin(), frames.end()), frames.end());
  // In the order of pages, as they are now: they may change while we sort.
  std::vector<std::pair<uint64_t, uint32_t>> by_page;
  by_page.reserve(frames.size());
  for (const uint32_t index : frames) {
    by_page.emplace_back(frames_[index].page_id.load(std::memory_order_relaxed), index);
  }
  std::sort(by_page.begin(), by_page.end());
  for (size_t i = 0; i < frames.size(); ++i) frames[i] = by_page[i].second;
  uint32_t written = 0;
  for (size_t next = 0; next < frames.size();) {
    platform::Lock lock(s.write_mutex);
    std::vector<PageCopy> batch;
    uint32_t used = 0;
    Lsn newest{};
    for (; next < frames.size() && batch.size() < DoubleWrite::kAreaUnits; ++next) {
      Frame& frame = frames_[frames[next]];
      if (!frame.latch.try_lock_shared()) continue;
      const PageId page{frame.page_id.load(std::memory_order_relaxed)};
      const auto size_class =
          static_cast<page::SizeClass>(frame.size_class.load(std::memory_order_relaxed));
      const uint32_t bytes = page::bytes_of(size_class);
      const bool is_due = page != kNoPage && frame.rec_lsn.load(std::memory_order_relaxed) != 0;
      if (is_due && used + bytes > DoubleWrite::kAreaBytes) {
        frame.latch.unlock_shared();
        break;
      }
      if (is_due) {
        std::byte* copy = s.double_write->staging().data() + used;
        std::memcpy(copy, data_of(&frame), bytes);
        const Lsn page_lsn{page::read_header(copy).page_seq};  // B6: of the copy
        batch.push_back({page, size_class, page_lsn, frames[next], used});
        newest = std::max(newest, page_lsn);
        used += bytes;
        frame.io_busy.store(1, std::memory_order_relaxed);
      }
      frame.latch.unlock_shared();
    }
    if (batch.empty()) continue;
    MORTISE_YIELD("pool.copied");
    Status done = write_batch_locked(batch, newest);
    MORTISE_YIELD("pool.home_written");
    finish_write(batch, done.is_ok());
    if (!done) {
      lock.unlock();
      if (LogBarrier* barrier = s.barrier.load(std::memory_order_acquire)) barrier->stop(done);
      return done;
    }
    written += static_cast<uint32_t>(batch.size());
  }
  s.pages_written.fetch_add(written, std::memory_order_relaxed);
  return written;
}

Status Pool::write_batch_locked(std::span<const PageCopy> batch, Lsn newest) {
  State& s = *state_;
  if (LogBarrier* barrier = s.barrier.load(std::memory_order_acquire)) {
    MORTISE_TRY(barrier->wait_durable(newest));
  }
  std::byte* staging = s.double_write->staging().data();
  for (const PageCopy& copy : batch) {
    const uint32_t bytes = page::bytes_of(copy.size_class);
    MORTISE_ASSERT(page::read_header(staging + copy.offset_bytes).page_id == copy.id);
    page::seal({staging + copy.offset_bytes, bytes});
  }
  if (s.double_write_on) MORTISE_TRY(s.double_write->write(batch));
  for (size_t begin = 0; begin < batch.size();) {
    // Neighbours on disk are neighbours in the staging buffer: one write for all of them.
    size_t end = begin + 1;
    while (end < batch.size() &&
           raw(batch[end].id) ==
               raw(batch[end - 1].id) + page::units_of(batch[end - 1].size_class)) {
      ++end;
    }
    const uint32_t from = batch[begin].offset_bytes;
    const uint32_t to = batch[end - 1].offset_bytes + page::bytes_of(batch[end - 1].size_class);
    MORTISE_TRY(s.files.write(batch[begin].id, {staging + from, to - from}));
    begin = end;
  }
  for (size_t i = 0; i < batch.size(); ++i) {
    const bool is_last =
        i + 1 == batch.size() || space_of(batch[i + 1].id) != space_of(batch[i].id);
    if (is_last) MORTISE_TRY(s.files.sync(space_of(batch[i].id)));
  }
  return {};
}

// B7.  Nobody is waited for: whoever holds a latch may be waiting for this batch.
void Pool::finish_write(std::span<const PageCopy> batch, bool is_durable) {
  State& s = *state_;
  for (const PageCopy& copy : batch) {
    Frame& frame = frames_[copy.frame_index];
    for (uint32_t attempt = 0; is_durable && attempt < kFinishAttemptsMax; ++attempt) {
      if (!frame.latch.try_lock_shared()) {
        platform::this_thread::yield();
        continue;
      }
      // io_busy has kept the page in its frame.
      MORTISE_ASSERT(frame.page_id.load(std::memory_order_relaxed) == raw(copy.id));
      if (frame.page_lsn.load(std::memory_order_relaxed) == raw(copy.page_lsn)) {
        // The bit first: a bit without rec_lsn would be found by nobody but verify().
        s.dirty[copy.frame_index / 64].fetch_and(~(uint64_t{1} << copy.frame_index % 64));
        frame.rec_lsn.store(0);
      } else {
        frame.rec_lsn.store(raw(copy.page_lsn));
      }
      frame.latch.unlock_shared();
      break;
    }
    // Not reached in time: rec_lsn stays too low, which is safe, and the page is written again.
    frame.io_busy.store(0, std::memory_order_release);
    platform::park_wake_all(frame.io_busy);
  }
}

void Pool::collect_dirty(Lsn limit, std::vector<uint32_t>& frames) const {
  const State& s = *state_;
  for (uint32_t word = 0; word < s.dirty_words; ++word) {
    for (uint64_t bits = s.dirty[word].load(); bits != 0; bits &= bits - 1) {
      const uint32_t index = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      const uint64_t rec_lsn = frames_[index].rec_lsn.load(std::memory_order_relaxed);
      if (rec_lsn != 0 && rec_lsn < raw(limit)) frames.push_back(index);
    }
  }
}

Result<uint32_t> Pool::clean(uint32_t pages_max, Lsn limit) {
  std::vector<uint32_t> frames;
  collect_dirty(limit, frames);
  if (frames.size() > pages_max) {
    std::vector<std::pair<uint64_t, uint32_t>> by_age;
    by_age.reserve(frames.size());
    for (uint32_t index : frames) {
      by_age.emplace_back(frames_[index].rec_lsn.load(std::memory_order_relaxed), index);
    }
    std::nth_element(by_age.begin(), by_age.begin() + pages_max, by_age.end());
    frames.resize(pages_max);
    for (uint32_t i = 0; i < pages_max; ++i) frames[i] = by_age[i].second;
  }
  return write_frames(frames);
}

Status Pool::clean_all() {
  const State& s = *state_;
  uint64_t bound = 0;
  std::vector<uint32_t> frames;
  collect_dirty(Lsn{UINT64_MAX}, frames);
  for (uint32_t index : frames) {
    bound = std::max(bound, frames_[index].rec_lsn.load(std::memory_order_relaxed));
  }
  for (uint32_t vain = 0; vain < kVainRoundsMax;) {
    const Lsn oldest = oldest_rec_lsn();
    if (oldest == kNoLsn || raw(oldest) > bound) return {};
    MORTISE_TRY_ASSIGN(const uint32_t written, clean(s.arena.unit_count(), Lsn{bound + 1}));
    if (written == 0) {
      ++vain;
      platform::this_thread::yield();
    }
  }
  return busy("pages cannot be written because somebody keeps them latched");
}

}  // namespace mortise::buffer
