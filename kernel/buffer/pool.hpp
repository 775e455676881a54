// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because it is the one face of the pool and its manual.

// Answers: where in memory is page X, and may I read or change it now?
//
//   MORTISE_TRY_ASSIGN(SharedGuard page, pool.shared(id));           // read, latched
//   MORTISE_TRY_ASSIGN(OptimisticRead page, pool.optimistic(id));    // read, then validate()
//   changes: log/mtr.hpp, the only way
//
// Translation array and frame descriptors, after CALICO and vmcache: an 8-byte entry per page of a
// space leads to a frame; the frame's latch carries the version.  Our differences: the version
// lives in the frame and never in the entry; the descriptors stand at 64 bytes; sizes other than
// the hinted one are found by reading again.
//
// Invariants
//   B4  A translation entry leaves `absent` by one compare-and-swap, whose winner is the only
//       loader.  On a read error every waiter gets the reason and the entry is absent again.
//   B5  A page is evicted only clean, unpinned and exclusively latched; evictors never wait for a
//       latch, so a full pool gives `limit`, never a deadlock.
//   B6  A page is written only when the log is durable up to the page_lsn of the copy written.
//   B7  Dirty ends only if the page has not changed since the copy; else rec_lsn becomes the
//       copy's page_lsn.
//   B8  A thread waits for a frame's latch only while the frame holds the page it wants.  A stale
//       entry leads to a frame with another page, and a wait for that one would come against the
//       caller's latch order.
//
// Threads: [any, concurrent] unless said otherwise.
// Background: docs/internals/buffer.md

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernel/base/ids.hpp"
#include "kernel/buffer/frame.hpp"
#include "kernel/buffer/guards.hpp"
#include "kernel/buffer/pool_options.hpp"
#include "kernel/page/format.hpp"
#include "kernel/page/space_files.hpp"

namespace mortise::log {
class Mtr;
}

namespace mortise::buffer {

struct PageCopy;
struct PrefetchItem;
struct PrefetchRequest;

class Pool {
 public:
  static constexpr uint32_t kFramesMin = 64;

  // `double_write_path` is made when it is not there.  The objects outlive the pool.
  static Result<std::unique_ptr<Pool>> create(PoolOptions options, page::SpaceFiles& files,
                                              platform::IoBackend& io,
                                              const std::string& double_write_path);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // The log exists after the pool.  Before the first change.  [control]
  void set_barrier(LogBarrier* barrier);

  // Another policy from now on; the old one is gone when this returns.  [control]
  Status set_policy(std::unique_ptr<EvictionPolicy> policy);

  // Repairs home pages that a crash has torn.  Before anything is read.  [control]
  Result<uint32_t> repair_torn_pages();

  // Failures: `corrupt` (the page is damaged and no good copy stands in the double-write area),
  // `io`, `limit` (every frame is pinned or latched).
  Result<SharedGuard> shared(PageId page, FixOptions options = {});
  Result<OptimisticRead> optimistic(PageId page, FixOptions options = {}) {
    OptimisticRead read;
    if (try_optimistic(page, read)) [[likely]]
      return read;
    return optimistic_slow(page, options);
  }
  // The hit path alone: false when the page is not in memory or somebody is changing it.
  bool try_optimistic(PageId page, OptimisticRead& read);
  // Pins the page of a guard.
  Pin pin(const SharedGuard& guard);

  // Calls `f(bytes)`, which reads the page optimistically and answers false when what it read
  // makes no sense; after a few vain attempts under a shared latch.  `f` may run several times
  // and must copy out what it wants.  Precondition: f does not fail on a page that is at rest.
  template <typename F>
  Status read(PageId page, F&& f, FixOptions options = {}) {
    for (uint32_t attempt = 0; attempt < kOptimisticAttemptsMax; ++attempt) {
      MORTISE_TRY_ASSIGN(OptimisticRead guess, optimistic(page, options));
      const bool sensible = f(guess.bytes());
      if (guess.validate()) return sensible ? Status() : nonsense(page);
    }
    MORTISE_TRY_ASSIGN(SharedGuard guard, shared(page, options));
    return f(guard.bytes()) ? Status() : nonsense(page);
  }

  // Starts to load those pages that are not in memory, neighbours in one request, while there is
  // room (an eighth of the pool at most).  A hint: failures show when a page is fixed.
  void prefetch(std::span<const PageId> pages, FixOptions options = {});
  // Where a page that is in memory stands just now, for prefetch instructions and nothing else;
  // null when it is not.  Brings its descriptor nearer to the processor.
  const std::byte* place_hint(PageId page) const {
    const Entry* const entry = entry_of(page);
    const uint64_t word = entry == nullptr ? 0 : entry->load(std::memory_order_relaxed);
    if ((word & kResident) == 0) return nullptr;
    __builtin_prefetch(&frames_[static_cast<uint32_t>(word)], 1);
    return arena_ + uint64_t{static_cast<uint32_t>(word)} * page::kUnitBytes;
  }

  // Forgets pages [first, first + units), dirty or not: their space has been given to somebody
  // else.  The caller knows that nobody uses them any more.
  void discard(PageId first, uint32_t units);

  // Writes up to `pages_max` dirty pages, oldest rec_lsn first, whose rec_lsn is before `limit`.
  // Answers how many are clean now.  Durable when it returns.
  Result<uint32_t> clean(uint32_t pages_max, Lsn limit);
  // Cleans until every page is durable that was dirty when it began.
  Status clean_all();
  // Makes at least `units` free frames' worth of room, if it can.  For the background.
  Status keep_free(uint32_t units);

  // No change that ends at or before this is missing in the data files.  kNoLsn: nothing is dirty.
  Lsn oldest_rec_lsn() const;
  PoolStats stats() const;
  // Checks B2, B3 and the free lists of the resting pool.
  Status verify() const;

 private:
  friend class log::Mtr;
  friend class PoolRedo;
  struct State;
  // Translation entry: 0 = absent, else frame index:32 | state:2.
  using Entry = std::atomic<uint64_t>;
  static constexpr uint64_t kResident = uint64_t{1} << 32;
  static constexpr uint64_t kLoading = uint64_t{2} << 32;
  static constexpr uint32_t kOptimisticAttemptsMax = 8;

  explicit Pool(std::unique_ptr<State> state);
  Result<OptimisticRead> optimistic_slow(PageId page, FixOptions options);
  static Status nonsense(PageId page);

  // For Mtr.  The frame comes exclusively latched.
  enum class Wait : uint8_t { no, yes };
  Result<Frame*> exclusive(PageId page, FixOptions options, Wait wait);
  // The frame of an optimistic read, if nothing has changed since; null otherwise.  Ends the read.
  Frame* upgrade(OptimisticRead& read);
  // A page whose old content does not matter: no read.  Pages of other sizes that it covers were
  // discarded by the caller before.
  Result<Frame*> fresh(PageId page, page::SizeClass size_class);
  // Takes back `fresh`: the page is absent again and the latch free.
  void forget(Frame* frame);
  // Sets rec_lsn if the page is clean (B2).  Under X, before the reservation.
  void note_change(Frame* frame, Lsn lower_bound);
  uint32_t index_of(const Frame* frame) const { return static_cast<uint32_t>(frame - frames_); }
  std::byte* data_of(const Frame* frame) const {
    return arena_ + uint64_t{index_of(frame)} * page::kUnitBytes;
  }

  // The entry of a page, or null when its space has no array yet or the number is out of bounds.
  Entry* entry_of(PageId page) const {
    const uint64_t number = page_number_of(page);
    const uint16_t space = raw(space_of(page));
    if (number >= space_units_max_ || space > page::SpaceFiles::kSpacesMax) return nullptr;
    Entry* entries = spaces_[space].load(std::memory_order_acquire);
    return entries == nullptr ? nullptr : entries + number;
  }
  Result<Entry*> make_entry(PageId page);
  static bool has_page(const Frame& frame, PageId page) {
    return frame.page_id.load(std::memory_order_acquire) == raw(page);
  }
  void touch(Frame& frame, PageId page) {
    const uint16_t now = tick_.load(std::memory_order_relaxed);
    if (frame.touch.load(std::memory_order_relaxed) != now) {
      frame.touch.store(now, std::memory_order_relaxed);
    }
    if (wants_accesses_) [[unlikely]]
      sample(frame, page);
  }
  void sample(const Frame& frame, PageId page);

  // Brings an absent page into memory.  Answers its frame exclusively latched, or null when
  // somebody else has just done it: look again.
  Result<Frame*> load(Entry* entry, PageId page, FixOptions options, bool is_fresh);
  void fill_in(Frame& frame, PageId page, AccessHint hint, bool is_fresh);
  void announce(Frame& frame, PageId page, AccessHint hint);
  Result<Frame*> read_into_frame(PageId page, FixOptions options);
  Status read_checked(PageId page, std::span<std::byte> bytes);
  // Prefetching: a page is claimed, read with its neighbours, and shown or given up.
  bool try_claim(PageId page, FixOptions options, PrefetchItem& item);
  void show_prefetched(PrefetchItem& item, bool is_read);
  void submit_prefetch(std::unique_ptr<PrefetchRequest> request);
  void reap_prefetched();
  void run_prefetcher();

  // An exclusively latched frame without a page; `limit` when nothing can leave.
  Result<Frame*> take_frame(page::SizeClass size_class);
  void give_frame(Frame* frame);
  uint32_t evict_some(page::SizeClass size_class, uint32_t frames_max,
                      std::vector<uint32_t>& dirty);
  bool try_evict(uint32_t frame_index);
  bool take_room_from_others(page::SizeClass size_class);
  Result<uint32_t> write_frames(std::span<const uint32_t> frames);
  Status write_batch_locked(std::span<const PageCopy> batch, Lsn newest);
  void finish_write(std::span<const PageCopy> batch, bool is_durable);
  void collect_dirty(Lsn limit, std::vector<uint32_t>& frames) const;

  // What every hit touches.
  std::atomic<Entry*>* spaces_ = nullptr;
  Frame* frames_ = nullptr;
  std::byte* arena_ = nullptr;
  uint64_t space_units_max_ = 0;
  std::atomic<uint16_t> tick_{1};
  std::atomic<bool> wants_accesses_{false};

  std::unique_ptr<State> state_;
};

inline bool Pool::try_optimistic(PageId page, OptimisticRead& read) {
  const Entry* entry = entry_of(page);
  if (entry == nullptr) [[unlikely]]
    return false;
  const uint64_t word = entry->load(std::memory_order_acquire);
  if ((word & kResident) == 0) [[unlikely]]
    return false;
  Frame& frame = frames_[static_cast<uint32_t>(word)];
  uint64_t version = 0;
  if constexpr (kOptimisticReadsLatch) {
    if (!frame.latch.try_lock_shared()) return false;
    (void)frame.latch.try_begin(version);
  } else {
    if (!frame.latch.try_begin(version)) [[unlikely]]
      return false;
  }
  if (frame.page_id.load(std::memory_order_acquire) != raw(page)) [[unlikely]] {
    if constexpr (kOptimisticReadsLatch) frame.latch.unlock_shared();
    return false;
  }
  touch(frame, page);
  read.release();
  read.frame_ = &frame;
  read.data_ = arena_ + uint64_t{static_cast<uint32_t>(word)} * page::kUnitBytes;
  read.version_ = version;
  read.page_ = page;
  read.size_bytes_ = page::kUnitBytes << frame.size_class.load(std::memory_order_relaxed);
  return true;
}

}  // namespace mortise::buffer
