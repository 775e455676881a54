// SPDX-License-Identifier: Apache-2.0
#include "kernel/memory/slab.hpp"

#include <algorithm>
#include <new>

#include "kernel/base/bytes.hpp"
#include "kernel/memory/poison.hpp"
#include "kernel/platform/mapping.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::memory {
namespace {

using platform::Lock;
using platform::LockRank;
using platform::Mutex;

constexpr std::array<uint16_t, SlabAllocator::kClassCount> kClassBytes = {
    8,   16,  32,  48,  64,  80,  96,  112, 128, 160, 192,
    224, 256, 320, 384, 448, 512, 640, 768, 896, 1024};

// Class by eighths: the class of size s is kClassOf[(s + 7) / 8].
constexpr auto kClassOf = [] {
  std::array<uint8_t, SlabAllocator::kSmallBytesMax / 8 + 1> table{};
  size_t size_class = 0;
  for (size_t eighths = 0; eighths < table.size(); ++eighths) {
    while (kClassBytes[size_class] < eighths * 8) ++size_class;
    table[eighths] = static_cast<uint8_t>(size_class);
  }
  return table;
}();

size_t class_of(size_t size_bytes) {
  return kClassOf[(size_bytes + 7) / 8];
}

// How many pieces move between a thread and the shared list at once: about 8 KiB.
constexpr uint32_t batch_count(size_t size_class) {
  return static_cast<uint32_t>(std::clamp<size_t>(8192 / kClassBytes[size_class], 8, 128));
}

constexpr std::align_val_t kSlabAlignment{4096};
constexpr size_t kHugeBytesMin = size_t{4} << 20;

}  // namespace

struct SlabAllocator::Piece {
  Piece* next;
};

struct SlabAllocator::Cache {
  struct List {
    Piece* first = nullptr;
    uint32_t count = 0;
  };
  std::array<List, kClassCount> lists;
  int64_t live_count =
      0;  // taken minus given by this thread; only the sum over all means something
};

struct SlabAllocator::Shared {
  Mutex mutex{LockRank::memory_slab};
  std::array<Piece*, kClassCount> free MORTISE_GUARDED_BY(mutex) = {};
  std::vector<void*> slabs MORTISE_GUARDED_BY(mutex);
  // For threads past kThreadCachesMax; a leaf inside nothing.
  Mutex crowd_mutex{LockRank::memory_account};
  Cache crowd MORTISE_GUARDED_BY(crowd_mutex);
  std::atomic<int64_t> large_count{0};
};

SlabAllocator::SlabAllocator(MemoryAccount& account)
    : account_(account), shared_(std::make_unique<Shared>()) {}

SlabAllocator::~SlabAllocator() {
  Lock crowd(shared_->crowd_mutex);
  Lock lock(shared_->mutex);
  int64_t live = shared_->crowd.live_count;
  for (std::atomic<Cache*>& slot : caches_) {
    const Cache* const cache = slot.load(std::memory_order_acquire);
    if (cache == nullptr) continue;
    live += cache->live_count;
    delete cache;
  }
  MORTISE_ASSERT(live == 0);                         // B3
  MORTISE_ASSERT(shared_->large_count.load() == 0);  // B3
  for (void* slab : shared_->slabs) {
    unpoison(slab, kSlabBytes);
    ::operator delete(slab, kSlabAlignment);
    account_.release(kSlabBytes);
  }
}

size_t SlabAllocator::rounded_bytes(size_t size_bytes) {
  if (size_bytes <= kSmallBytesMax) return kClassBytes[class_of(size_bytes)];
  if (size_bytes < kMappedBytesMin) return align_up(size_bytes, 16);
  const size_t unit = size_bytes >= kHugeBytesMin ? size_t{2} << 20 : platform::system_page_bytes();
  return align_up(size_bytes, unit);
}

// The slot of a thread's index is used by that thread alone while it lives; the index is handed on
// under a lock, which orders the next owner after it.
SlabAllocator::Cache* SlabAllocator::cache_of_this_thread() {
  const uint32_t index = platform::this_thread::index();
  if (index >= kThreadCachesMax) return nullptr;
  Cache* cache = caches_[index].load(std::memory_order_relaxed);
  if (cache == nullptr) {
    cache = new Cache;
    caches_[index].store(cache, std::memory_order_release);
  }
  return cache;
}

void* SlabAllocator::take(Cache& cache, size_t size_class) {
  Cache::List& list = cache.lists[size_class];
  if (list.first == nullptr && !refill(cache, size_class)) return nullptr;
  Piece* const piece = list.first;
  list.first = piece->next;
  --list.count;
  ++cache.live_count;
  unpoison(piece, kClassBytes[size_class]);
  fill_for_debug(piece, kFreshByte, kClassBytes[size_class]);
  return piece;
}

void SlabAllocator::give(Cache& cache, size_t size_class, void* piece) {
  fill_for_debug(piece, kFreedByte, kClassBytes[size_class]);
  Cache::List& list = cache.lists[size_class];
  list.first = new (piece) Piece{list.first};
  ++list.count;
  --cache.live_count;
  poison(static_cast<std::byte*>(piece) + sizeof(Piece), kClassBytes[size_class] - sizeof(Piece));
  if (list.count >= 2 * batch_count(size_class)) spill(cache, size_class);
}

bool SlabAllocator::refill(Cache& cache, size_t size_class) {
  Cache::List& list = cache.lists[size_class];
  Lock lock(shared_->mutex);
  Piece*& free = shared_->free[size_class];
  if (free == nullptr) {
    if (!account_.try_charge(kSlabBytes)) return false;
    void* const slab = ::operator new(kSlabBytes, kSlabAlignment, std::nothrow);
    if (slab == nullptr) {
      account_.release(kSlabBytes);
      return false;
    }
    shared_->slabs.push_back(slab);
    const size_t size = kClassBytes[size_class];
    std::byte* const begin = static_cast<std::byte*>(slab);
    // Back to front, so that pieces are handed out in the order of their addresses.
    for (size_t i = kSlabBytes / size; i > 0; --i) {
      free = new (begin + (i - 1) * size) Piece{free};
      poison(begin + (i - 1) * size + sizeof(Piece), size - sizeof(Piece));
    }
  }
  Piece** end = &list.first;
  while (list.count < batch_count(size_class) && free != nullptr) {
    *end = free;
    free = free->next;
    end = &(*end)->next;
    ++list.count;
  }
  *end = nullptr;
  return true;
}

void SlabAllocator::spill(Cache& cache, size_t size_class) {
  Cache::List& list = cache.lists[size_class];
  Piece* const first = list.first;
  Piece* last = first;
  const uint32_t count = batch_count(size_class);
  for (uint32_t i = 1; i < count; ++i) last = last->next;
  list.first = last->next;
  list.count -= count;
  Lock lock(shared_->mutex);
  last->next = shared_->free[size_class];
  shared_->free[size_class] = first;
}

void* SlabAllocator::allocate(size_t size_bytes) {
  MORTISE_ASSERT(size_bytes > 0);
  if (size_bytes > kSmallBytesMax) return allocate_large(size_bytes);
  const size_t size_class = class_of(size_bytes);
  if (Cache* cache = cache_of_this_thread()) return take(*cache, size_class);
  Lock lock(shared_->crowd_mutex);
  return take(shared_->crowd, size_class);
}

void SlabAllocator::free(void* piece, size_t size_bytes) {
  MORTISE_ASSERT(piece != nullptr);
  MORTISE_ASSERT(size_bytes > 0);
  if (size_bytes > kSmallBytesMax) return free_large(piece, size_bytes);
  const size_t size_class = class_of(size_bytes);
  if (Cache* cache = cache_of_this_thread()) return give(*cache, size_class, piece);
  Lock lock(shared_->crowd_mutex);
  give(shared_->crowd, size_class, piece);
}

void* SlabAllocator::allocate_large(size_t size_bytes) {
  const size_t rounded = rounded_bytes(size_bytes);
  if (rounded < size_bytes || !account_.try_charge(rounded)) return nullptr;
  void* place = nullptr;
  if (size_bytes < kMappedBytesMin) {
    place = ::operator new(rounded, std::nothrow);
  } else {
    platform::MappingOptions options;
    options.huge = size_bytes >= kHugeBytesMin;
    Result<platform::Mapping> mapping = platform::Mapping::create(rounded, options);
    if (mapping) {
      MORTISE_ASSERT(mapping->size() == rounded);
      place = mapping->release();
    }
  }
  if (place == nullptr) {
    account_.release(rounded);
    return nullptr;
  }
  shared_->large_count.fetch_add(1, std::memory_order_relaxed);
  return place;
}

void SlabAllocator::free_large(void* piece, size_t size_bytes) {
  const size_t rounded = rounded_bytes(size_bytes);
  if (size_bytes < kMappedBytesMin) {
    ::operator delete(piece);
  } else {
    platform::Mapping::adopt(static_cast<std::byte*>(piece), rounded);
  }
  account_.release(rounded);
  shared_->large_count.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace mortise::memory
