// SPDX-License-Identifier: Apache-2.0
//
// The hit path and the faces; pool_load.cpp brings pages in, pool_write.cpp brings changes out,
// pool_evict.cpp makes room.
#include "kernel/buffer/pool.hpp"

#include <bit>
#include <utility>

#include "kernel/base/hash64.hpp"
#include "kernel/buffer/pool_state.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {

Pool::Pool(std::unique_ptr<State> state) : state_(std::move(state)) {}
Pool::~Pool() {
  {
    platform::Lock lock(state_->prefetch_mutex);
    state_->prefetch_stopping = true;
  }
  state_->prefetch_changed.notify_all();
  if (state_->prefetcher.is_joinable()) state_->prefetcher.join();
}

Result<std::unique_ptr<Pool>> Pool::create(PoolOptions options, page::SpaceFiles& files,
                                           platform::IoBackend& io,
                                           const std::string& double_write_path) {
  std::unique_ptr<Pool> pool(new Pool(std::make_unique<State>(files, io)));
  State& s = *pool->state_;
  MORTISE_TRY(s.arena.create(options.pool_bytes, options.huge_pages));
  s.spaces = std::vector<std::atomic<Entry*>>(page::SpaceFiles::kSpacesMax + 1);
  s.double_write_on = options.double_write;
  s.full_wait_ns = options.full_wait_ns;
  const uint32_t units = s.arena.unit_count();
  s.dirty_words = (units + 63) / 64;
  s.dirty = std::make_unique<std::atomic<uint64_t>[]>(s.dirty_words);
  pool->spaces_ = s.spaces.data();
  pool->frames_ = s.arena.frames();
  pool->arena_ = s.arena.base();
  pool->space_units_max_ = options.space_units_max;
  {
    platform::Lock lock(s.policy_mutex);
    s.policy = options.policy ? std::move(options.policy) : make_clock_policy();
    MORTISE_TRY(
        s.policy->start({.frames = pool->frames_, .frame_count = units, .tick = &pool->tick_}));
    pool->wants_accesses_.store(s.policy->wants_accesses(), std::memory_order_relaxed);
  }
  s.rings = std::make_unique<State::SampleRing[]>(State::kSampleRings);
  s.prefetch_thread_on = options.prefetch_thread;
  platform::Lock lock(s.write_mutex);
  MORTISE_TRY_ASSIGN(s.double_write, DoubleWrite::open(io, double_write_path));
  return pool;
}

Status Pool::set_policy(std::unique_ptr<EvictionPolicy> policy) {
  State& s = *state_;
  MORTISE_TRY(
      policy->start({.frames = frames_, .frame_count = s.arena.unit_count(), .tick = &tick_}));
  platform::Lock lock(s.policy_mutex);
  for (uint32_t index = 0; index < s.arena.unit_count(); ++index) {
    const Frame& frame = frames_[index];
    // Those that are being loaded just now announce themselves.
    if ((frame.flags.load(std::memory_order_relaxed) & Frame::kKnown) == 0) continue;
    policy->on_loaded(index, PageId{frame.page_id.load(std::memory_order_relaxed)},
                      AccessHint::random);
  }
  std::swap(s.policy, policy);
  wants_accesses_.store(s.policy->wants_accesses(), std::memory_order_relaxed);
  lock.unlock();
  return {};
}

void Pool::set_barrier(LogBarrier* barrier) {
  state_->barrier.store(barrier, std::memory_order_release);
}

Result<uint32_t> Pool::repair_torn_pages() {
  State& s = *state_;
  platform::Lock lock(s.write_mutex);
  MORTISE_TRY_ASSIGN(const uint32_t repaired, s.double_write->repair(s.files));
  s.pages_repaired.fetch_add(repaired, std::memory_order_relaxed);
  return repaired;
}

Result<Pool::Entry*> Pool::make_entry(PageId page) {
  if (Entry* entry = entry_of(page)) [[likely]]
    return entry;
  const uint16_t space = raw(space_of(page));
  if (page_number_of(page) >= space_units_max_ || space > page::SpaceFiles::kSpacesMax) {
    return limit("page number is beyond what the pool was made for: " + page::name_of(page));
  }
  State& s = *state_;
  platform::Lock lock(s.spaces_mutex);
  if (s.spaces[space].load(std::memory_order_acquire) == nullptr) {
    // Zeros mean absent, so address space that nobody touches is a correct empty array.
    MORTISE_TRY_ASSIGN(auto mapping, platform::Mapping::create(space_units_max_ * sizeof(Entry),
                                                               {.reserve_only = true}));
    s.spaces[space].store(reinterpret_cast<Entry*>(mapping.data()), std::memory_order_release);
    s.entries.push_back(std::move(mapping));
  }
  return s.spaces[space].load(std::memory_order_acquire) + page_number_of(page);
}

Result<OptimisticRead> Pool::optimistic_slow(PageId page, FixOptions options) {
  OptimisticRead read;
  while (!try_optimistic(page, read)) {
    // Waits for whoever changes the page, or loads it.
    MORTISE_TRY_ASSIGN(SharedGuard guard, shared(page, options));
    guard.release();
  }
  return read;
}

Result<SharedGuard> Pool::shared(PageId page, FixOptions options) {
  MORTISE_TRY_ASSIGN(Entry * entry, make_entry(page));
  for (;;) {
    const uint64_t word = entry->load(std::memory_order_acquire);
    if ((word & kResident) != 0) [[likely]] {
      Frame& frame = frames_[static_cast<uint32_t>(word)];
      if (!frame.latch.lock_shared_while([&] { return has_page(frame, page); })) continue;
      if (has_page(frame, page)) [[likely]] {
        touch(frame, page);
        return SharedGuard(&frame, data_of(&frame));
      }
      frame.latch.unlock_shared();
      continue;
    }
    MORTISE_TRY_ASSIGN(Frame * loaded, load(entry, page, options, false));
    if (loaded == nullptr) continue;
    loaded->latch.downgrade(true);
    return SharedGuard(loaded, data_of(loaded));
  }
}

Result<Frame*> Pool::exclusive(PageId page, FixOptions options, Wait wait) {
  MORTISE_TRY_ASSIGN(Entry * entry, make_entry(page));
  for (;;) {
    const uint64_t word = entry->load(std::memory_order_acquire);
    if ((word & kResident) != 0) [[likely]] {
      Frame& frame = frames_[static_cast<uint32_t>(word)];
      if (wait == Wait::yes) {
        if (!frame.latch.lock_exclusive_while([&] { return has_page(frame, page); })) continue;
      } else if (!frame.latch.try_lock_exclusive()) {
        if (!has_page(frame, page)) continue;
        return busy("page is latched by somebody else: " + page::name_of(page));
      }
      if (has_page(frame, page)) [[likely]] {
        touch(frame, page);
        return &frame;
      }
      frame.latch.unlock_exclusive(false);
      continue;
    }
    MORTISE_TRY_ASSIGN(Frame * loaded, load(entry, page, options, false));
    if (loaded != nullptr) return loaded;
  }
}

Frame* Pool::upgrade(OptimisticRead& read) {
  Frame* frame = read.frame_;
  const uint64_t version = read.version_;
  const PageId page = read.page_;
  MORTISE_ASSERT(frame != nullptr);
  read.release();
  if (!frame->latch.try_upgrade(version)) return nullptr;
  // Another page in the frame has another version (L1).
  MORTISE_ASSERT(frame->page_id.load(std::memory_order_relaxed) == raw(page));
  return frame;
}

Result<Frame*> Pool::fresh(PageId page, page::SizeClass size_class) {
  MORTISE_TRY_ASSIGN(Entry * entry, make_entry(page));
  for (;;) {
    const uint64_t word = entry->load(std::memory_order_acquire);
    if ((word & kResident) != 0) {
      Frame& frame = frames_[static_cast<uint32_t>(word)];
      if (!frame.latch.lock_exclusive_while([&] { return has_page(frame, page); })) continue;
      if (has_page(frame, page)) {
        if (frame.size_class.load(std::memory_order_relaxed) == static_cast<uint8_t>(size_class)) {
          touch(frame, page);
          return &frame;
        }
        forget(&frame);
      } else {
        frame.latch.unlock_exclusive(false);
      }
      continue;
    }
    MORTISE_TRY_ASSIGN(Frame * made, load(entry, page, {.size_class = size_class}, true));
    if (made != nullptr) return made;
  }
}

void Pool::note_change(Frame* frame, Lsn lower_bound) {
  MORTISE_ASSERT(frame->latch.is_exclusive());
  MORTISE_ASSERT(lower_bound != kNoLsn);
  if (frame->rec_lsn.load(std::memory_order_relaxed) != 0) return;
  // Both are ordered before the reservation that follows; the checkpoint reads the tail first.
  frame->rec_lsn.store(raw(lower_bound));
  const uint32_t index = index_of(frame);
  state_->dirty[index / 64].fetch_or(uint64_t{1} << index % 64);
}

Pin Pool::pin(const SharedGuard& guard) {
  MORTISE_ASSERT(guard.frame_ != nullptr);
  guard.frame_->pins.fetch_add(1, std::memory_order_relaxed);
  return Pin(guard.frame_);
}

Status Pool::nonsense(PageId page) {
  return corrupt("page does not hold what it should: " + page::name_of(page));
}

// BP-Wrapper's idea: accesses collect per thread and reach the policy in batches; what comes while
// the policy is busy is dropped.
void Pool::sample(const Frame& frame, PageId page) {
  thread_local uint32_t count = 0;
  if (++count % 8 != 0) return;
  State& s = *state_;
  State::SampleRing& ring = s.rings[platform::this_thread::index() % State::kSampleRings];
  if (ring.busy.exchange(1, std::memory_order_acquire) != 0) return;
  if (ring.count < State::kSamplesPerRing) {
    ring.accesses[ring.count++] = {.frame_index = index_of(&frame), .page_hash = hash64(raw(page))};
    s.samples.fetch_add(1, std::memory_order_relaxed);
  }
  if (ring.count == State::kSamplesPerRing && s.policy_mutex.try_lock()) {
    s.policy->on_accesses({ring.accesses, ring.count});
    ring.count = 0;
    s.policy_mutex.unlock();
  }
  ring.busy.store(0, std::memory_order_release);
}

Lsn Pool::oldest_rec_lsn() const {
  const State& s = *state_;
  uint64_t oldest = UINT64_MAX;
  for (uint32_t word = 0; word < s.dirty_words; ++word) {
    for (uint64_t bits = s.dirty[word].load(); bits != 0; bits &= bits - 1) {
      const uint32_t index = word * 64 + static_cast<uint32_t>(std::countr_zero(bits));
      const uint64_t rec_lsn = frames_[index].rec_lsn.load();
      if (rec_lsn != 0 && rec_lsn < oldest) oldest = rec_lsn;
    }
  }
  return oldest == UINT64_MAX ? kNoLsn : Lsn{oldest};
}

PoolStats Pool::stats() const {
  const State& s = *state_;
  uint64_t dirty_count = 0;
  for (uint32_t word = 0; word < s.dirty_words; ++word) {
    dirty_count += static_cast<uint64_t>(std::popcount(s.dirty[word].load()));
  }
  return {.hits_sampled = s.samples.load(std::memory_order_relaxed),
          .misses = s.misses.load(std::memory_order_relaxed),
          .prefetched = s.prefetched.load(std::memory_order_relaxed),
          .evictions = s.evictions.load(std::memory_order_relaxed),
          .pages_written = s.pages_written.load(std::memory_order_relaxed),
          .pages_repaired = s.pages_repaired.load(std::memory_order_relaxed),
          .dirty_frames = dirty_count,
          .free_units = s.arena.free_units(),
          .frame_units = s.arena.unit_count()};
}

Status Pool::verify() const {
  const State& s = *state_;
  MORTISE_TRY(s.arena.verify());
  for (uint32_t index = 0; index < s.arena.unit_count(); ++index) {
    const Frame& frame = frames_[index];
    if (!frame.latch.is_free())
      return internal("pool: a latch is held: frame " + std::to_string(index));
    const PageId page{frame.page_id.load()};
    const bool is_dirty = (s.dirty[index / 64].load() >> index % 64 & 1) != 0;
    if (page == kNoPage) {
      if (is_dirty || frame.rec_lsn.load() != 0) return internal("pool: an empty frame is dirty");
      continue;
    }
    const Entry* entry = entry_of(page);
    if (entry == nullptr || entry->load() != (kResident | index)) {
      return internal("pool: the entry leads elsewhere: " + page::name_of(page));
    }
    if (is_dirty != (frame.rec_lsn.load() != 0)) {
      return internal("pool: dirty bit and rec_lsn differ: " + page::name_of(page));
    }
    const page::PageHeader header = page::read_header(data_of(&frame));
    if (header.page_id != page || header.page_seq != frame.page_lsn.load()) {
      return internal("pool: header and frame differ: " + page::name_of(page));
    }
  }
  return {};
}

}  // namespace mortise::buffer
