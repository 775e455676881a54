// SPDX-License-Identifier: Apache-2.0
//
// Goal:   every accepted task runs once, whoever waits is woken, and a stop leaves nothing behind.
// Method: counting tasks from inside and outside; threads meet at latches instead of sleeping.
//         Run under ThreadSanitizer too.

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "kernel/platform/clock.hpp"
#include "kernel/task/background_worker.hpp"
#include "kernel/task/blocking_pool.hpp"
#include "kernel/task/cancellation.hpp"
#include "kernel/task/handle_table.hpp"
#include "kernel/task/task_group.hpp"
#include "kernel/task/timers.hpp"
#include "kernel/task/worker_pool.hpp"

namespace mortise::task {
namespace {

// Opens when it has been counted down.
class Latch {
 public:
  explicit Latch(uint32_t count) : left_(count) {}
  void count_down() {
    left_.fetch_sub(1, std::memory_order_acq_rel);
    platform::park_wake_all(left_);
  }
  void wait() {
    for (uint32_t left = left_.load(); left != 0; left = left_.load()) {
      platform::park_wait(left_, left);
    }
  }

 private:
  std::atomic<uint32_t> left_;
};

std::unique_ptr<WorkerPool> make_pool(uint32_t workers) {
  WorkerPool::Options options;
  options.worker_count = workers;
  auto pool = WorkerPool::start(options);
  REQUIRE(pool.has_value());
  return std::move(*pool);
}

Task counting(std::atomic<uint64_t>& counter) {
  return {[](void* c) { static_cast<std::atomic<uint64_t>*>(c)->fetch_add(1); }, &counter};
}

TEST_CASE("worker pool: W1 W2 every accepted task has run once when stop returns") {
  for (int round = 0; round < 20; ++round) {
    std::atomic<uint64_t> counter{0};
    auto pool = make_pool(3);
    for (uint32_t i = 0; i < 500; ++i) {
      REQUIRE(pool->submit(static_cast<Priority>(i % 3), counting(counter)).is_ok());
    }
    pool->stop();
    CHECK(counter.load() == 500);
    const Status late = pool->submit(Priority::normal, counting(counter));
    CHECK(late.code() == Code::cancelled);
    CHECK(counter.load() == 500);
  }
}

TEST_CASE("worker pool: a task may add tasks, also while the pool is stopping") {
  struct Tree {
    WorkerPool* pool;
    std::atomic<uint64_t> left{0};
    static void run(void* context) {
      Tree& tree = *static_cast<Tree*>(context);
      const uint64_t n = tree.left.fetch_add(1);
      if (n < 1000) {
        MORTISE_ASSERT(tree.pool->submit(Priority::normal, {&Tree::run, context}).is_ok());
        MORTISE_ASSERT(tree.pool->current_worker_index().has_value());
      }
    }
  };
  auto pool = make_pool(2);
  Tree tree;
  tree.pool = pool.get();
  REQUIRE(pool->submit(Priority::normal, {&Tree::run, &tree}).is_ok());
  pool->stop();
  CHECK(tree.left.load() == 1001);
  CHECK_FALSE(pool->current_worker_index().has_value());
}

TEST_CASE("worker pool: submitters from several threads wake sleeping workers") {
  std::atomic<uint64_t> counter{0};
  auto pool = make_pool(2);
  std::vector<platform::Thread> threads;
  for (int t = 0; t < 3; ++t) {
    auto thread = platform::Thread::spawn("submit", [&] {
      for (uint64_t i = 0; i < 300; ++i) {
        struct Step {
          std::atomic<uint64_t>* counter;
          Latch done{1};
        } step{&counter};
        const Status status = pool->submit(Priority::high, {[](void* c) {
                                                              Step& s = *static_cast<Step*>(c);
                                                              s.counter->fetch_add(1);
                                                              s.done.count_down();
                                                            },
                                                            &step});
        MORTISE_ASSERT(status.is_ok());
        step.done.wait();  // hangs when a wake-up is lost
      }
    });
    REQUIRE(thread.has_value());
    threads.push_back(std::move(*thread));
  }
  for (platform::Thread& thread : threads) thread.join();
  CHECK(counter.load() == 900);
  pool->stop();
}

TEST_CASE("task group: G1 wait returns after all parts, on a worker too") {
  auto pool = make_pool(2);
  std::atomic<int> parts{0};
  TaskGroup outer(*pool);
  for (int i = 0; i < 8; ++i) {
    outer.run([&] {
      TaskGroup inner(*pool);
      for (int k = 0; k < 20; ++k) {
        inner.run([&] {
          parts.fetch_add(1);
          return Status();
        });
      }
      return inner.wait();  // all workers wait here at once: helping keeps them going
    });
  }
  CHECK(outer.wait().is_ok());
  CHECK(parts.load() == 160);
}

TEST_CASE("task group: G2 the first failure is answered and the group can be used again") {
  auto pool = make_pool(2);
  TaskGroup group(*pool);
  for (int i = 0; i < 10; ++i) group.run([] { return invalid("no"); });
  CHECK(group.wait().code() == Code::invalid);
  group.run([] { return Status(); });
  CHECK(group.wait().is_ok());
}

TEST_CASE("parallel for: every morsel once, slots not shared") {
  auto pool = make_pool(3);
  constexpr uint64_t kMorsels = 5000;
  std::vector<std::atomic<int>> seen(kMorsels);
  const ParallelOptions options;
  std::vector<std::atomic<int>> in_slot(parallel_slot_count(*pool, options));
  std::atomic<bool> shared{false};
  const Status status =
      parallel_for(*pool, kMorsels, options, [&](uint64_t morsel, uint32_t slot) -> Status {
        if (in_slot.at(slot).fetch_add(1) != 0) shared = true;
        seen[morsel].fetch_add(1);
        in_slot[slot].fetch_sub(1);
        return {};
      });
  CHECK(status.is_ok());
  CHECK_FALSE(shared.load());
  CHECK(std::ranges::all_of(seen, [](const auto& count) { return count.load() == 1; }));
}

TEST_CASE("parallel for: a failure or a cancellation ends it early") {
  auto pool = make_pool(2);
  std::atomic<uint64_t> ran{0};
  const Status failed = parallel_for(*pool, 1000000, {}, [&](uint64_t morsel, uint32_t) -> Status {
    ran.fetch_add(1);
    return morsel == 10 ? invalid("ten") : Status();
  });
  CHECK(failed.code() == Code::invalid);
  CHECK(ran.load() < 1000000);
  Cancellation cancellation;
  ParallelOptions options;
  options.cancellation = &cancellation;
  const Status stopped = parallel_for(*pool, 1000000, options, [&](uint64_t morsel, uint32_t) {
    if (morsel == 100) cancellation.request(cancelled("canceling statement due to user request"));
    return Status();
  });
  CHECK(stopped.sqlstate() == "57014");
}

TEST_CASE("cancellation: X1 the first reason stays, callbacks run once") {
  Cancellation cancellation;
  CHECK(cancellation.check().is_ok());
  int before = 0;
  int after = 0;
  int gone = 0;
  CancellationCallback first(cancellation, [&] { ++before; });
  {
    CancellationCallback left(cancellation, [&] { ++gone; });
  }
  cancellation.request(cancelled("one"));
  cancellation.request(cancelled("two"));
  CancellationCallback late(cancellation, [&] { ++after; });
  CHECK(cancellation.check().message() == "one");
  CHECK(before == 1);
  CHECK(after == 1);
  CHECK(gone == 0);
  cancellation.reset();
  CHECK_FALSE(cancellation.is_requested());
}

TEST_CASE("cancellation: X2 a callback's end and a request on another thread do not collide") {
  for (int i = 0; i < 200; ++i) {
    Cancellation cancellation;
    auto thread = platform::Thread::spawn("cancel", [&] { cancellation.request(cancelled("x")); });
    REQUIRE(thread.has_value());
    {
      auto target = std::make_unique<int>(0);  // freed right after the registration's end
      CancellationCallback callback(cancellation, [&target] { ++*target; });
    }
    thread->join();
  }
}

TEST_CASE("blocking pool: E2 grows to its limit, queues, then refuses") {
  BlockingPool::Options options;
  options.thread_count_max = 2;
  options.queue_count_max = 1;
  BlockingPool pool(options);
  struct Gate {
    Latch entered{2};
    Latch open{1};
    std::atomic<uint64_t> ran{0};
  } gate;
  const Task wait = {[](void* c) {
                       Gate& g = *static_cast<Gate*>(c);
                       g.entered.count_down();
                       g.open.wait();
                       g.ran.fetch_add(1);
                     },
                     &gate};
  CHECK(pool.submit(wait).is_ok());
  CHECK(pool.submit(wait).is_ok());
  gate.entered.wait();
  CHECK(pool.thread_count() == 2);
  CHECK(pool.busy_count() == 2);
  CHECK(pool.submit(counting(gate.ran)).is_ok());
  const Status refused = pool.submit(counting(gate.ran));
  CHECK(refused.code() == Code::limit);
  gate.open.count_down();
  pool.stop();
  CHECK(gate.ran.load() == 3);
  CHECK(pool.submit(counting(gate.ran)).code() == Code::cancelled);
}

TEST_CASE("blocking pool: E3 idle threads end and new ones come") {
  BlockingPool::Options options;
  options.idle_ns = 1;  // at once
  BlockingPool pool(options);
  std::atomic<uint64_t> counter{0};
  for (int i = 0; i < 200; ++i) REQUIRE(pool.submit(counting(counter)).is_ok());
  pool.stop();
  CHECK(counter.load() == 200);
  CHECK(pool.thread_count() == 0);
}

TEST_CASE("background worker: Z1 nudges wake it, a stop ends it") {
  std::atomic<uint32_t> rounds{0};
  auto worker = BackgroundWorker::start("test", [&](StopToken& token) {
    while (token.wait_until(kNoDeadline)) {
      rounds.fetch_add(1);
      platform::park_wake_all(rounds);
    }
  });
  REQUIRE(worker.has_value());
  for (uint32_t i = 1; i <= 20; ++i) {
    worker->nudge();
    while (rounds.load() < i) platform::park_wait(rounds, i - 1);
  }
  worker->stop();
  CHECK(rounds.load() == 20);
  CHECK_FALSE(worker->is_running());
}

TEST_CASE("handle table: a stale handle finds nothing") {
  HandleTable<int> table(2, platform::LockRank::unranked);
  const uint64_t a = table.add(std::make_shared<int>(1));
  const uint64_t b = table.add(std::make_shared<int>(2));
  CHECK(a != 0);
  CHECK(table.add(std::make_shared<int>(3)) == 0);
  CHECK(*table.remove(a) == 1);
  CHECK(table.find(a) == nullptr);
  CHECK(table.remove(a) == nullptr);
  const uint64_t c = table.add(std::make_shared<int>(3));
  CHECK(c != a);
  CHECK(static_cast<uint32_t>(c) == static_cast<uint32_t>(a));
  CHECK(*table.find(b) == 2);
  CHECK(table.find(0) == nullptr);
  CHECK(table.count() == 2);
}

TEST_CASE("timers: one that runs once runs once, a period repeats until it is stopped") {
  auto pool = make_pool(2);
  auto timers = Timers::start(*pool);
  REQUIRE(timers.has_value());
  Latch once(1);
  REQUIRE((*timers)->add(0, 0, [&] { once.count_down(); }).has_value());
  once.wait();
  std::atomic<uint32_t> ticks{0};
  const auto ticking = (*timers)->add(0, 1000, [&] {
    ticks.fetch_add(1);
    platform::park_wake_all(ticks);
  });
  REQUIRE(ticking.has_value());
  for (uint32_t seen = ticks.load(); seen < 5; seen = ticks.load()) {
    platform::park_wait(ticks, seen);
  }
  CHECK((*timers)->stop(*ticking));
  const uint32_t at_stop = ticks.load();
  CHECK_FALSE((*timers)->stop(*ticking));
  Latch later(1);
  REQUIRE((*timers)->add(1000, 0, [&] { later.count_down(); }).has_value());
  later.wait();
  CHECK(ticks.load() == at_stop);  // I2
  timers->reset();
  pool->stop();
}

TEST_CASE("timers: I2 a function may end its own timer; a far one is dropped with the rest") {
  auto pool = make_pool(1);
  auto timers = Timers::start(*pool);
  REQUIRE(timers.has_value());
  std::atomic<uint64_t> id{0};
  Latch ended(1);
  const auto timer = (*timers)->add(0, 1, [&] {
    while (id.load() == 0) platform::this_thread::yield();
    (*timers)->stop(TimerId{id.load()});
    ended.count_down();
  });
  id = static_cast<uint64_t>(*timer);
  ended.wait();
  bool ran = false;
  REQUIRE((*timers)->add(kNoDeadline - 1, 0, [&] { ran = true; }).has_value());
  timers->reset();
  CHECK_FALSE(ran);
  pool->stop();
}

}  // namespace
}  // namespace mortise::task
