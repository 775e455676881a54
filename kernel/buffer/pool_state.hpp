// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the pool keep that no hit touches?
//
// Private to the pool's own sources.

#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kernel/buffer/arena.hpp"
#include "kernel/buffer/double_write.hpp"
#include "kernel/buffer/pool.hpp"
#include "kernel/platform/mapping.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::buffer {

// One read under way; those who want the same page wait here (B4).
struct PageLoad {
  std::atomic<uint32_t> done{0};
  Status result;  // before `done`
};

struct PrefetchItem {
  PageId page;
  Frame* frame;
  AccessHint hint;
  std::shared_ptr<PageLoad> load;
};

// Neighbouring pages of one file.
struct PrefetchRequest {
  platform::IoRequest io;
  std::vector<platform::IoPiece> pieces;
  std::vector<PrefetchItem> items;
};

struct Pool::State {
  static constexpr uint32_t kPrefetchDepth = 64;
  static constexpr uint32_t kLoadShards = 16;
  static constexpr uint32_t kSampleRings = 64;
  static constexpr uint32_t kSamplesPerRing = 64;

  State(page::SpaceFiles& f, platform::IoBackend& backend) : files(f), io(backend) {}

  page::SpaceFiles& files;
  platform::IoBackend& io;
  std::atomic<LogBarrier*> barrier{nullptr};
  bool double_write_on = true;
  uint64_t full_wait_ns = 0;
  Arena arena;

  platform::Mutex spaces_mutex{platform::LockRank::buffer_pool};
  std::vector<std::atomic<Entry*>> spaces;
  std::vector<platform::Mapping> entries MORTISE_GUARDED_BY(spaces_mutex);

  struct LoadShard {
    platform::Mutex mutex{platform::LockRank::buffer_pool};
    std::unordered_map<PageId, std::shared_ptr<PageLoad>, IdHash> loads MORTISE_GUARDED_BY(mutex);
  };
  LoadShard load_shards[kLoadShards];
  LoadShard& shard_of(PageId page) { return load_shards[IdHash{}(page) % kLoadShards]; }

  platform::Mutex policy_mutex{platform::LockRank::buffer_pool};
  std::unique_ptr<EvictionPolicy> policy MORTISE_GUARDED_BY(policy_mutex);
  struct alignas(64) SampleRing {
    std::atomic<uint32_t> busy{0};
    uint32_t count = 0;
    Access accesses[kSamplesPerRing];
  };
  std::unique_ptr<SampleRing[]> rings;

  // One bit per frame, a superset of rec_lsn != 0 (B2).
  std::unique_ptr<std::atomic<uint64_t>[]> dirty;
  uint32_t dirty_words = 0;

  platform::Mutex prefetch_mutex{platform::LockRank::buffer_pool};
  platform::CondVar prefetch_changed;
  std::unique_ptr<platform::IoQueue> prefetch_queue MORTISE_GUARDED_BY(prefetch_mutex);
  uint32_t prefetch_requests MORTISE_GUARDED_BY(prefetch_mutex) = 0;  // in flight
  uint32_t prefetch_units MORTISE_GUARDED_BY(prefetch_mutex) = 0;     // in flight
  bool prefetch_stopping MORTISE_GUARDED_BY(prefetch_mutex) = false;
  bool prefetch_thread_on = true;
  platform::Thread prefetcher;
  std::atomic<uint64_t> prefetched{0};

  platform::Mutex write_mutex{platform::LockRank::double_write};  // one batch at a time
  std::unique_ptr<DoubleWrite> double_write MORTISE_GUARDED_BY(write_mutex);

  std::atomic<uint64_t> misses{0}, evictions{0}, pages_written{0}, pages_repaired{0}, samples{0};
};

}  // namespace mortise::buffer
