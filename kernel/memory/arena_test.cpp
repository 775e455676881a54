// SPDX-License-Identifier: Apache-2.0
//
// Goal:   arena memory is aligned, apart, accounted, and gone at once.
// Method: many sizes with patterns; budgets that end in the middle.

#include "kernel/memory/arena.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "kernel/platform/random.hpp"

namespace mortise::memory {
namespace {

TEST_CASE("arena: A1 what is allocated is aligned and keeps its bytes") {
  MemoryAccount account("query", "1", nullptr);
  Arena arena(account);
  platform::Random random(4711);
  struct Made {
    unsigned char* at;
    size_t size;
    unsigned char fill;
  };
  std::vector<Made> made;
  for (int i = 0; i < 3000; ++i) {
    const size_t size = random.one_in(50) ? random.below(200000) : random.below(200);
    const size_t alignment = size_t{1} << random.below(13);
    auto* at = static_cast<unsigned char*>(arena.allocate(size, alignment));
    REQUIRE(at != nullptr);
    REQUIRE(is_aligned(at, alignment));
    const auto fill = static_cast<unsigned char>(i);
    std::memset(at, fill, size);
    made.push_back({at, size, fill});
  }
  for (const Made& m : made) {
    for (size_t i = 0; i < m.size; ++i) REQUIRE(m.at[i] == m.fill);
  }
}

TEST_CASE("arena: A3 the account pays for chunks until they are gone") {
  MemoryAccount account("query", "1", nullptr);
  {
    Arena arena(account);
    CHECK(account.used_bytes() == 0);
    CHECK(arena.allocate(10) != nullptr);
    CHECK(account.used_bytes() == Arena::kFirstChunkBytes);
    CHECK(arena.allocate(3 << 20) != nullptr);
    CHECK(account.used_bytes() == arena.held_bytes());
    arena.reset();
    CHECK(account.used_bytes() == Arena::kFirstChunkBytes);  // the huge chunk is not kept
    CHECK(arena.allocate(10) != nullptr);
    CHECK(account.used_bytes() == Arena::kFirstChunkBytes);
  }
  CHECK(account.used_bytes() == 0);
}

TEST_CASE("arena: a refusal gives nullptr, a reason, and leaves the arena usable") {
  MemoryAccount account("query", "9", nullptr, 10000);
  Arena arena(account);
  CHECK(arena.allocate(100) != nullptr);
  CHECK(arena.allocate(100000) == nullptr);
  CHECK(arena.refusal().code() == Code::no_memory);
  CHECK(arena.allocate(SIZE_MAX - 10) == nullptr);
  CHECK(arena.create_array<uint64_t>(SIZE_MAX / 4).data() == nullptr);
  CHECK(arena.allocate(100) != nullptr);
}

TEST_CASE("arena: values, arrays and texts are made in place") {
  MemoryAccount account("query", "1", nullptr);
  Arena arena(account);
  struct Pair {
    int a;
    int b;
  };
  Pair* pair = arena.create<Pair>(1, 2);
  CHECK(pair->b == 2);
  const std::span<uint64_t> numbers = arena.create_array<uint64_t>(100, 64);
  CHECK(is_aligned(numbers.data(), 64));
  CHECK(numbers[99] == 0);
  std::string text = "hello";
  const std::string_view copy = arena.copy(text);
  text = "other";
  CHECK(copy == "hello");
  CHECK(arena.copy("").data() != nullptr);
}

}  // namespace
}  // namespace mortise::memory
