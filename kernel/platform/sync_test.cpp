// SPDX-License-Identifier: Apache-2.0
//
// Goal:   locks exclude, wake whom they must, and a Scheduler can take the system's place.
// Method: several threads on one counter under each lock, hand-overs through condition variables
//         in lock step (a lost wake-up hangs the test); a Scheduler that records what it is asked.

#include <doctest/doctest.h>

#include <functional>

#include <vector>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::platform {
namespace {

void run_threads(int count, const std::function<void(int)>& body) {
  std::vector<Thread> threads;
  for (int i = 0; i < count; ++i) {
    auto thread = Thread::spawn("test", [&body, i] { body(i); });
    REQUIRE(thread.has_value());
    threads.push_back(std::move(*thread));
  }
  for (Thread& thread : threads) thread.join();
}

TEST_CASE("mutex: one thread at a time") {
  Mutex mutex;
  int64_t counter = 0;
  run_threads(4, [&](int) {
    for (int i = 0; i < 20000; ++i) {
      Lock lock(mutex);
      ++counter;
    }
  });
  CHECK(counter == 80000);
}

TEST_CASE("mutex: try_lock answers at once") {
  Mutex mutex;
  mutex.lock();
  run_threads(1, [&](int) { CHECK_FALSE(mutex.try_lock()); });
  mutex.unlock();
  const bool free_now = mutex.try_lock();
  CHECK(free_now);
  if (free_now) mutex.unlock();
}

TEST_CASE("shared mutex: writers exclude everybody, readers only writers") {
  SharedMutex mutex;
  int64_t a = 0;
  int64_t b = 0;
  std::atomic<bool> torn{false};
  run_threads(6, [&](int who) {
    for (int i = 0; i < 5000; ++i) {
      if (who < 2) {
        ExclusiveLock lock(mutex);
        ++a;
        ++b;
      } else {
        SharedLock lock(mutex);
        if (a != b) torn = true;
      }
    }
  });
  CHECK(a == 10000);
  CHECK_FALSE(torn.load());
}

TEST_CASE("shared mutex: two readers at once, and then nobody else") {
  SharedMutex mutex;
  mutex.lock_shared();
  run_threads(1, [&](int) {
    const bool shared = mutex.try_lock_shared();
    CHECK(shared);
    CHECK_FALSE(mutex.try_lock());
    if (shared) mutex.unlock_shared();
  });
  mutex.unlock_shared();
  const bool exclusive = mutex.try_lock();
  CHECK(exclusive);
  CHECK_FALSE(mutex.try_lock_shared());
  if (exclusive) mutex.unlock();
}

TEST_CASE("condition variable: a hand-over loses no wake-up") {
  Mutex mutex;
  CondVar changed;
  int turn = 0;
  run_threads(3, [&](int me) {
    for (int i = 0; i < 3000; ++i) {
      Lock lock(mutex);
      while (turn != me) changed.wait(mutex);
      turn = (turn + 1) % 3;
      changed.notify_all();
    }
  });
  CHECK(turn == 0);
}

TEST_CASE("condition variable: notify_one wakes one waiter for each item") {
  Mutex mutex;
  CondVar filled;
  int items = 0;
  std::atomic<int> taken{0};
  run_threads(4, [&](int me) {
    for (int i = 0; i < 3000; ++i) {
      Lock lock(mutex);
      if (me == 0) {
        items += 3;
        lock.unlock();
        for (int k = 0; k < 3; ++k) filled.notify_one();
      } else {
        while (items == 0) filled.wait(mutex);
        --items;
        taken.fetch_add(1);
      }
    }
  });
  CHECK(items == 0);
  CHECK(taken.load() == 9000);
}

TEST_CASE("L3 condition variable: a deadline in the past ends the wait") {
  Mutex mutex;
  CondVar never;
  Lock lock(mutex);
  CHECK_FALSE(never.wait_until(mutex, monotonic_ns()));
}

TEST_CASE("parking: P1 a word that differs does not put to sleep") {
  const std::atomic<uint32_t> word{7};
  CHECK(park_wait(word, 6));
  CHECK_FALSE(park_wait(word, 7, monotonic_ns()));
}

TEST_CASE("thread: H2 indexes are unique while threads live and are used again") {
  std::vector<uint32_t> first(4);
  std::atomic<uint32_t> arrived{0};
  run_threads(4, [&](int me) {
    first[static_cast<size_t>(me)] = this_thread::index();
    arrived.fetch_add(1);
    while (arrived.load() < 4) this_thread::yield();
  });
  uint32_t highest = 0;
  for (size_t i = 0; i < 4; ++i) {
    for (size_t j = i + 1; j < 4; ++j) CHECK(first[i] != first[j]);
    highest = std::max(highest, first[i]);
  }
  run_threads(1, [&](int) { CHECK(this_thread::index() <= highest); });
  CHECK(cpu_count() >= 1);
}

TEST_CASE("random: the same seed gives the same numbers, in range") {
  Random a(1);
  Random b(1);
  Random c(2);
  CHECK(a.next() == b.next());
  CHECK(a.next() != c.next());
  for (int i = 0; i < 1000; ++i) {
    CHECK(a.below(7) < 7);
    const uint64_t x = a.between(10, 12);
    CHECK(x >= 10);
    CHECK(x <= 12);
    CHECK(a.fraction() < 1.0);
  }
  CHECK(a.between(0, UINT64_MAX) != a.between(0, UINT64_MAX));
  std::array<std::byte, 32> secret{};
  std::array<std::byte, 32> other{};
  CHECK(fill_random_secret(secret).is_ok());
  CHECK(fill_random_secret(other).is_ok());
  CHECK(secret != other);
}

class RecordingScheduler final : public Scheduler {
 public:
  bool park(const std::atomic<uint32_t>&, uint32_t, uint64_t) override {
    ++parks;
    return true;
  }
  void wake(const std::atomic<uint32_t>&, uint32_t) override { ++wakes; }
  void yield(const char*) override { ++yields; }
  Status spawn(std::string_view, UniqueFunction<void()> body) override {
    body();  // the simplest schedule: the new thread runs first, to its end
    return {};
  }
  uint64_t monotonic_ns() override { return 123; }
  uint64_t realtime_us() override { return 456; }
  uint64_t random() override { return 789; }

  int parks = 0;
  int wakes = 0;
  int yields = 0;
};

TEST_CASE("scheduler: Y2 an installed one is asked instead of the system") {
  RecordingScheduler recording;
  CHECK(install_scheduler(&recording) == nullptr);
  CHECK(monotonic_ns() == 123);
  CHECK(realtime_us() == 456);
  CHECK(random_seed() == 789);
  MORTISE_YIELD("here");
  CHECK(recording.yields == 1);
  bool ran = false;
  auto thread = Thread::spawn("fiber", [&] { ran = true; });
  REQUIRE(thread.has_value());
  thread->join();
  CHECK(ran);
  CHECK(install_scheduler(nullptr) == &recording);
  MORTISE_YIELD("here");
  CHECK(recording.yields == 1);
  CHECK(monotonic_ns() != 123);
}

}  // namespace
}  // namespace mortise::platform
