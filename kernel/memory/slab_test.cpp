// SPDX-License-Identifier: Apache-2.0
//
// Goal:   pieces do not overlap, are aligned, come back, and are accounted; threads may free each
//         other's.
// Method: random sizes with patterns on one thread; a hand-over between two threads.

#include "kernel/memory/slab.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::memory {
namespace {

struct Made {
  unsigned char* at;
  size_t size;
  unsigned char fill;
};

void check_and_free(SlabAllocator& slab, const Made& m) {
  for (size_t i = 0; i < m.size; ++i) REQUIRE(m.at[i] == m.fill);
  slab.free(m.at, m.size);
}

TEST_CASE("slab: B1 every size is aligned and kept apart from the others") {
  MemoryAccount account("plugin", "x", nullptr);
  SlabAllocator slab(account);
  platform::Random random(99);
  std::vector<Made> made;
  for (int i = 0; i < 20000; ++i) {
    if (!made.empty() && random.one_in(2)) {
      const size_t victim = random.below(made.size());
      check_and_free(slab, made[victim]);
      made[victim] = made.back();
      made.pop_back();
      continue;
    }
    const size_t size = 1 + (random.one_in(200) ? random.below(100000) : random.below(1100));
    auto* at = static_cast<unsigned char*>(slab.allocate(size));
    REQUIRE(at != nullptr);
    REQUIRE(is_aligned(at, SlabAllocator::rounded_bytes(size) >= 16 ? 16 : 8));
    const auto fill = static_cast<unsigned char>(i);
    std::memset(at, fill, size);
    made.push_back({at, size, fill});
  }
  for (const Made& m : made) check_and_free(slab, m);
}

TEST_CASE("slab: B2 mapped pieces are paid for while they live") {
  MemoryAccount account("plugin", "x", nullptr);
  {
    SlabAllocator slab(account);
    void* large = slab.allocate(5 << 20);
    REQUIRE(large != nullptr);
    CHECK(is_aligned(large, 4096));
    CHECK(account.used_bytes() == SlabAllocator::rounded_bytes(5 << 20));
    slab.free(large, 5 << 20);
    CHECK(account.used_bytes() == 0);
    void* small = slab.allocate(24);
    CHECK(account.used_bytes() == SlabAllocator::kSlabBytes);
    slab.free(small, 24);
  }
  CHECK(account.used_bytes() == 0);
}

TEST_CASE("slab: a refusal gives nullptr") {
  MemoryAccount account("plugin", "x", nullptr, SlabAllocator::kSlabBytes);
  SlabAllocator slab(account);
  void* first = slab.allocate(8);
  CHECK(first != nullptr);
  CHECK(slab.allocate(1024) == nullptr);
  CHECK(slab.allocate(1 << 20) == nullptr);
  CHECK(slab.allocate(2000) == nullptr);
  slab.free(first, 8);
}

TEST_CASE("slab: classes hold what they promise") {
  for (size_t size = 1; size <= SlabAllocator::kSmallBytesMax; ++size) {
    CHECK(SlabAllocator::rounded_bytes(size) >= size);
    CHECK(SlabAllocator::rounded_bytes(size) <= size + size / 2 + 15);
  }
}

TEST_CASE("slab: a thread may free what another made") {
  MemoryAccount account("plugin", "x", nullptr);
  SlabAllocator slab(account);
  for (int round = 0; round < 20; ++round) {
    std::vector<void*> pieces;
    auto maker = platform::Thread::spawn("maker", [&] {
      for (int i = 0; i < 1000; ++i) pieces.push_back(slab.allocate(48));
    });
    REQUIRE(maker.has_value());
    std::vector<void*> mine;
    for (int i = 0; i < 1000; ++i) mine.push_back(slab.allocate(48));
    maker->join();
    for (void* piece : pieces) slab.free(piece, 48);
    for (void* piece : mine) slab.free(piece, 48);
  }
  CHECK(account.used_bytes() <= 8 * SlabAllocator::kSlabBytes);  // reused, not piled up
}

}  // namespace
}  // namespace mortise::memory
