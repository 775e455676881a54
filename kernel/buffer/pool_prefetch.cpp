// SPDX-License-Identifier: Apache-2.0
//
// Reading ahead.  prefetch() claims absent pages as a loader does (B4), with frames that are free
// or can be freed at once, and hands the reads to a queue; a thread takes what has arrived and
// shows it.  Whoever wants a page meanwhile waits for its load as for any other.  A page that
// cannot be read, or has another size, is given up without a word: the next fix finds out why.
#include <algorithm>
#include <utility>

#include "kernel/buffer/pool.hpp"
#include "kernel/buffer/pool_state.hpp"
#include "kernel/platform/parking.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {
namespace {
constexpr uint32_t kPagesPerRequestMax = 32;
constexpr uint32_t kPoolShare = 8;  // one part in so many may be on its way
}  // namespace

bool Pool::try_claim(PageId page, FixOptions options, PrefetchItem& item) {
  State& s = *state_;
  auto entry = make_entry(page);
  if (!entry || (*entry)->load(std::memory_order_acquire) != 0) return false;
  uint32_t index = s.arena.take(options.size_class);
  if (index == Arena::kNone) {
    std::vector<uint32_t> dirty;
    (void)evict_some(options.size_class, kPagesPerRequestMax, dirty);
    index = s.arena.take(options.size_class);
  }
  if (index == Arena::kNone) return false;
  Frame& frame = frames_[index];
  frame.latch.lock_exclusive();
  frame.size_class.store(static_cast<uint8_t>(options.size_class), std::memory_order_relaxed);
  item = {page, &frame, options.hint, std::make_shared<PageLoad>()};
  State::LoadShard& shard = s.shard_of(page);
  platform::Lock lock(shard.mutex);
  uint64_t absent = 0;
  if ((*entry)->compare_exchange_strong(absent, kLoading, std::memory_order_acq_rel)) {
    shard.loads[page] = item.load;
    return true;
  }
  lock.unlock();
  give_frame(&frame);
  return false;
}

void Pool::show_prefetched(PrefetchItem& item, bool is_read) {
  State& s = *state_;
  Frame& frame = *item.frame;
  const auto size_class =
      static_cast<page::SizeClass>(frame.size_class.load(std::memory_order_relaxed));
  const bool is_good =
      is_read && page::check({data_of(&frame), page::bytes_of(size_class)}, item.page);
  if (is_good) fill_in(frame, item.page, item.hint, false);
  {
    State::LoadShard& shard = s.shard_of(item.page);
    platform::Lock lock(shard.mutex);
    entry_of(item.page)->store(is_good ? kResident | index_of(&frame) : 0,
                               std::memory_order_release);
    shard.loads.erase(item.page);
  }
  // Before anybody is told: who is told that nothing came finds nothing of it left.
  if (!is_good) give_frame(&frame);
  // Also without success: whoever waits tries for himself and gets the reason.
  item.load->done.store(1, std::memory_order_release);
  platform::park_wake_all(item.load->done);
  if (!is_good) return;
  announce(frame, item.page, item.hint);
  frame.flags.fetch_or(Frame::kPrefetched, std::memory_order_relaxed);
  frame.latch.unlock_exclusive(true);
}

void Pool::submit_prefetch(std::unique_ptr<PrefetchRequest> request) {
  State& s = *state_;
  PrefetchRequest& r = *request;
  const uint32_t units = static_cast<uint32_t>(r.io.total_bytes() / page::kUnitBytes);
  auto file = s.files.file_for_read(r.items.front().page, units);
  Status submitted = file.status();
  if (file) {
    r.io.file = *file;
    r.io.offset_bytes = page_number_of(r.items.front().page) * page::kUnitBytes;
    r.io.user = request.get();
    platform::Lock lock(s.prefetch_mutex);
    platform::IoRequest* io = &r.io;
    submitted = s.prefetch_queue->submit({&io, 1});
    if (submitted) {
      ++s.prefetch_requests;
      s.prefetch_units += units;
      (void)request.release();  // comes back through `user`
      s.prefetch_changed.notify_all();
    }
  }
  if (submitted) return;
  for (PrefetchItem& item : r.items) show_prefetched(item, false);
}

void Pool::prefetch(std::span<const PageId> wanted, FixOptions options) {
  State& s = *state_;
  {
    platform::Lock lock(s.prefetch_mutex);
    if (s.prefetch_queue == nullptr) {
      auto queue = s.io.make_queue(State::kPrefetchDepth);
      if (!queue) return;
      s.prefetch_queue = std::move(*queue);
      if (s.prefetch_thread_on) {
        auto thread = platform::Thread::spawn("prefetch", [this] { run_prefetcher(); });
        if (thread) s.prefetcher = std::move(*thread);
        if (!thread) s.prefetch_thread_on = false;
      }
    }
  }
  std::vector<PageId> pages(wanted.begin(), wanted.end());
  std::sort(pages.begin(), pages.end());
  const uint32_t units = page::units_of(options.size_class);
  std::unique_ptr<PrefetchRequest> request;
  auto send = [&] {
    if (request == nullptr) return;
    request->io.kind = platform::IoRequest::Kind::read;
    request->io.pieces = request->pieces;
    submit_prefetch(std::exchange(request, nullptr));
  };
  for (PageId page : pages) {
    bool has_budget = false;
    {
      platform::Lock lock(s.prefetch_mutex);
      const uint64_t pending = request == nullptr ? 0 : request->items.size() * units;
      has_budget = s.prefetch_units + pending + units <= s.arena.unit_count() / kPoolShare &&
                   s.prefetch_requests < State::kPrefetchDepth;
    }
    PrefetchItem item;
    if (!has_budget || !try_claim(page, options, item)) continue;
    const bool goes_on = request != nullptr && request->items.size() < kPagesPerRequestMax &&
                         raw(request->items.back().page) + units == raw(page) &&
                         space_of(request->items.back().page) == space_of(page);
    if (!goes_on) send();
    if (request == nullptr) request = std::make_unique<PrefetchRequest>();
    request->pieces.push_back({data_of(item.frame), page::bytes_of(options.size_class)});
    request->items.push_back(std::move(item));
    s.prefetched.fetch_add(1, std::memory_order_relaxed);
  }
  send();
  if (!s.prefetch_thread_on) reap_prefetched();
}

// Takes what is in flight, all of it.
void Pool::reap_prefetched() {
  State& s = *state_;
  for (;;) {
    platform::IoQueue* queue = nullptr;
    {
      platform::Lock lock(s.prefetch_mutex);
      if (s.prefetch_requests == 0) return;
      queue = s.prefetch_queue.get();
    }
    platform::IoRequest* done[State::kPrefetchDepth];
    auto count = queue->reap(done, 1);
    // A queue that cannot be reaped any more would leave pages loading for ever.
    MORTISE_ASSERT(count.has_value());
    for (size_t i = 0; i < *count; ++i) {
      std::unique_ptr<PrefetchRequest> request(static_cast<PrefetchRequest*>(done[i]->user));
      {
        platform::Lock lock(s.prefetch_mutex);
        --s.prefetch_requests;
        s.prefetch_units -= static_cast<uint32_t>(request->io.total_bytes() / page::kUnitBytes);
      }
      const bool is_read = request->io.result.is_ok();
      for (PrefetchItem& item : request->items) show_prefetched(item, is_read);
    }
  }
}

void Pool::run_prefetcher() {
  State& s = *state_;
  for (;;) {
    {
      platform::Lock lock(s.prefetch_mutex);
      while (s.prefetch_requests == 0 && !s.prefetch_stopping)
        s.prefetch_changed.wait(s.prefetch_mutex);
      if (s.prefetch_requests == 0) return;
    }
    reap_prefetched();
  }
}

}  // namespace mortise::buffer
