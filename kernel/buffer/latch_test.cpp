// SPDX-License-Identifier: Apache-2.0
//
// Goal:   latches exclude, wake whoever sleeps, and never give a version twice.
// Method: single steps, then many threads on one counter.

#include "kernel/buffer/latch.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "kernel/platform/thread.hpp"

namespace mortise::buffer {
namespace {

TEST_CASE("latch: shared holders keep exclusive ones out, and the other way round") {
  Latch latch;
  CHECK(latch.try_lock_shared());
  CHECK(latch.try_lock_shared());
  CHECK(!latch.try_lock_exclusive());
  latch.unlock_shared();
  latch.unlock_shared();
  CHECK(latch.try_lock_exclusive());
  CHECK(!latch.try_lock_shared());
  CHECK(!latch.try_lock_exclusive());
  latch.unlock_exclusive(true);
  CHECK(latch.is_free());
}

TEST_CASE("latch: L2 a change makes the reader start over, a look does not") {
  Latch latch;
  uint64_t version = 0;
  REQUIRE(latch.try_begin(version));
  latch.lock_shared();
  CHECK(latch.validate(version));
  latch.unlock_shared();
  latch.lock_exclusive();
  CHECK(!latch.validate(version));  // somebody is inside
  latch.unlock_exclusive(false);
  CHECK(latch.validate(version));
  latch.lock_exclusive();
  latch.unlock_exclusive(true);
  CHECK(!latch.validate(version));
}

TEST_CASE("latch: an upgrade succeeds on the version that was read only") {
  Latch latch;
  uint64_t version = 0;
  REQUIRE(latch.try_begin(version));
  latch.lock_exclusive();
  latch.unlock_exclusive(true);
  CHECK(!latch.try_upgrade(version));
  REQUIRE(latch.try_begin(version));
  CHECK(latch.try_upgrade(version));
  latch.downgrade(true);
  CHECK(latch.try_lock_shared());
  latch.unlock_shared();
  latch.unlock_shared();
}

TEST_CASE("latch: no count is lost and nobody sleeps for ever") {
  Latch latch;
  uint64_t value = 0;
  uint64_t copy = 0;
  std::atomic<uint64_t> torn{0};
  std::vector<platform::Thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.push_back(std::move(*platform::Thread::spawn("latch", [&, t] {
      for (int i = 0; i < 5000; ++i) {
        if ((i + t) % 3 == 0) {
          latch.lock_exclusive();
          ++value;
          ++copy;
          latch.unlock_exclusive(true);
        } else {
          latch.lock_shared();
          if (value != copy) torn.fetch_add(1);
          latch.unlock_shared();
        }
      }
    })));
  }
  for (auto& thread : threads) thread.join();
  CHECK(torn.load() == 0);
  CHECK(value == 10'000);
  CHECK(latch.is_free());
}

}  // namespace
}  // namespace mortise::buffer
