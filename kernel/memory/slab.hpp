// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do small things with their own lifetimes live?
//
// Size classes from 8 to 1024 bytes, cut from 64 KiB slabs; every thread keeps a cache of free
// pieces per class and trades batches with a shared list.  Larger requests go to the system: by
// mapping from 1 MiB on.  The caller names the size again when it frees, so pieces have no header.
//
// Invariants
//   B1  A piece of 16 bytes or more is aligned to 16, of 8 bytes to 8; a mapped one to 4096.
//   B2  The account is charged for slabs and large pieces that are held; slabs are kept until the
//       allocator is destroyed.
//   B3  All pieces are freed before the destruction.  (Asserted.)
//   B4  Debug builds fill freed pieces with 0xDD and fresh ones with 0xCD.
//
// Threads: [any, concurrent]; a piece may be freed by another thread than its maker.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernel/memory/account.hpp"
#include "kernel/platform/mutex.hpp"

namespace mortise::memory {

class SlabAllocator {
 public:
  static constexpr size_t kSmallBytesMax = 1024;
  static constexpr size_t kSlabBytes = size_t{64} << 10;
  static constexpr size_t kMappedBytesMin = size_t{1} << 20;
  static constexpr size_t kClassCount = 21;
  // Threads with a higher index share one more cache, behind a lock.
  static constexpr size_t kThreadCachesMax = 256;

  explicit SlabAllocator(MemoryAccount& account);
  ~SlabAllocator();
  SlabAllocator(const SlabAllocator&) = delete;
  SlabAllocator& operator=(const SlabAllocator&) = delete;

  // nullptr when the account or the system refuses.  Precondition: size_bytes > 0.
  [[nodiscard]] void* allocate(size_t size_bytes);
  // Precondition: `piece` came from allocate(size_bytes) here.
  void free(void* piece, size_t size_bytes);

  // What an allocation of that size really takes.
  static size_t rounded_bytes(size_t size_bytes);
  MemoryAccount& account() const { return account_; }

 private:
  struct Piece;  // a free piece: a link in its own bytes
  struct Cache;
  struct Shared;

  Cache* cache_of_this_thread();
  void* take(Cache& cache, size_t size_class);
  void give(Cache& cache, size_t size_class, void* piece);
  bool refill(Cache& cache, size_t size_class);
  void spill(Cache& cache, size_t size_class);
  void* allocate_large(size_t size_bytes);
  void free_large(void* piece, size_t size_bytes);

  MemoryAccount& account_;
  std::unique_ptr<Shared> shared_;
  std::array<std::atomic<Cache*>, kThreadCachesMax> caches_{};
};

}  // namespace mortise::memory
