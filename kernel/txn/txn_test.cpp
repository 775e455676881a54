// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the parts of the transaction module keep their invariants each on its own: numbers,
//         outcomes, the horizon, the order of visibility, locks, the wait graph, undo records.
// Method: direct calls; a few races with threads whose interleaving does not matter for the check.
//         Whole transactions are tested with the heap (kernel/heap/*_test.cpp).

#include <doctest/doctest.h>

#include <atomic>
#include <cstring>
#include <string>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/scheduler.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/txn/commit_queue.hpp"
#include "kernel/txn/horizon.hpp"
#include "kernel/txn/lock_table.hpp"
#include "kernel/txn/scn_clock.hpp"
#include "kernel/txn/txn_map.hpp"
#include "kernel/txn/undo_record.hpp"

namespace mortise::txn {
namespace {

// A wall clock that a test sets.
class SetClock final : public platform::Scheduler {
 public:
  SetClock() : before_(platform::install_scheduler(this)) {}
  ~SetClock() override { platform::install_scheduler(before_); }
  SetClock(const SetClock&) = delete;
  SetClock& operator=(const SetClock&) = delete;
  bool park(const std::atomic<uint32_t>&, uint32_t, uint64_t) override { return false; }
  void wake(const std::atomic<uint32_t>&, uint32_t) override {}
  void yield(const char*) override {}
  Status spawn(std::string_view, UniqueFunction<void()>) override { return unsupported("none"); }
  uint64_t monotonic_ns() override { return now_us * 1000; }
  uint64_t realtime_us() override { return now_us; }
  uint64_t random() override { return 4; }
  uint64_t now_us = static_cast<uint64_t>(kScnEpochUs) + 5'000'000;

 private:
  platform::Scheduler* const before_;
};

TEST_CASE("scn: C1 numbers grow when the clock stands still or goes back, and follow it forward") {
  SetClock time;
  ScnClock clock;
  const Scn first = clock.next();
  CHECK(first == first_scn_of(static_cast<int64_t>(time.now_us)));
  CHECK(clock.next() == next(first));
  time.now_us -= 3'000'000;
  CHECK(clock.next() == next(next(first)));
  time.now_us += 4'000'000;
  CHECK(clock.next() > last_scn_of(time_of(first)));
  clock.observe(Scn{raw(clock.last()) + 1000});
  CHECK(raw(clock.next()) > raw(first) + 1000);
  CHECK(time_of(first_scn_of(kScnEpochUs + 7'000)) == kScnEpochUs + 7'000);
  CHECK(first_scn_of(0) == kNoScn);
}

TEST_CASE("txn map: outcomes are found, and after trim the forgotten were committed long ago") {
  TxnMap map;
  map.recover(TxnId{100}, Scn{50}, {TxnId{40}, TxnId{90}});
  CHECK(map.find(TxnId{90}).state == TxnState::aborting);
  CHECK(map.find(TxnId{91}).state == TxnState::committed);
  CHECK(map.find(TxnId{91}).scn == Scn{50});
  map.set_aborted(TxnId{90});
  CHECK(map.find(TxnId{90}).state == TxnState::aborted);
  map.set_aborted(TxnId{40});
  std::vector<TxnId> ids;
  for (int i = 0; i < 10'000; ++i) {
    Result<TxnId> id = map.begin();
    REQUIRE(id.has_value());
    ids.push_back(*id);
  }
  CHECK(ids.front() == TxnId{100});
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i == 7000) continue;  // stays open
    if (i % 3 == 0) {
      map.set_aborted(ids[i]);
    } else {
      map.set_committed(ids[i], Scn{1000 + i});
    }
  }
  CHECK(map.settle(Scn{1000 + 6000}).txn == ids[6001]);
  CHECK(map.settle(Scn{100'000}).txn == ids[7000]);
  map.trim(Scn{1000 + 5000});
  CHECK(map.oldest_kept() == ids[5000]);  // T2: its SCN is the horizon
  CHECK(map.ancient() < Scn{6000});
  map.trim(Scn{100'000});
  CHECK(map.oldest_kept() == ids[7000]);
  CHECK(map.find(ids[7000]).state == TxnState::active);
  CHECK(map.find(ids[7001]).scn == Scn{8001});
  CHECK(map.find(ids[10]).state == TxnState::committed);  // V2: forgotten means visible to all
}

TEST_CASE("txn map: a reader that trim overtakes never sees another transaction's outcome") {
  TxnMap map;
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> newest{0};
  std::atomic<uint64_t> wrong{0};
  std::vector<platform::Thread> readers;
  for (uint64_t seed = 1; seed <= 2; ++seed) {
    auto thread = platform::Thread::spawn("reader", [&, seed] {
      platform::Random random(seed);
      while (!stop.load()) {
        if (newest.load() == 0) continue;  // nothing has begun, so nothing may be asked for
        const uint64_t id = 1 + random.below(newest.load());
        const TxnOutcome outcome = map.find(TxnId{id});
        // Every transaction commits at twice its number; forgotten ones at most at `ancient`.
        if (outcome.state == TxnState::committed && raw(outcome.scn) != id * 2 &&
            map.oldest_kept() <= TxnId{id}) {
          wrong.fetch_add(1);
        }
      }
    });
    REQUIRE(thread.has_value());
    readers.push_back(std::move(*thread));
  }
  for (uint64_t i = 0; i < 60'000; ++i) {
    Result<TxnId> id = map.begin();
    REQUIRE(id.has_value());
    map.set_committed(*id, Scn{raw(*id) * 2});
    newest.store(raw(*id));
    if (i % 97 == 0) map.trim(Scn{raw(*id)});
  }
  stop.store(true);
  for (platform::Thread& reader : readers) reader.join();
  CHECK(wrong.load() == 0);
}

TEST_CASE("horizon: H1 it never passes a granted snapshot, however openings and advances meet") {
  Horizon horizon;
  std::atomic<uint64_t> visible{1};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> passed{0};
  std::vector<platform::Thread> readers;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    auto thread = platform::Thread::spawn("reader", [&, seed] {
      platform::Random random(seed);
      Horizon::Slot* slot = horizon.acquire();
      while (!stop.load()) {
        Scn snapshot = horizon.open(*slot, visible);
        if (random.one_in(2)) {
          const Scn past{raw(snapshot) - random.below(std::min<uint64_t>(raw(snapshot), 5))};
          if (horizon.open_as_of(*slot, past)) snapshot = past;
        }
        for (int i = 0; i < 3; ++i) {
          if (horizon.safe() > snapshot) passed.fetch_add(1);
        }
        horizon.close(*slot);
      }
      horizon.release(slot);
    });
    REQUIRE(thread.has_value());
    readers.push_back(std::move(*thread));
  }
  Scn last{};
  for (int i = 0; i < 20'000; ++i) {
    visible.fetch_add(1);
    const Scn now = horizon.advance(Scn{visible.load()});
    CHECK_MESSAGE(now >= last, "H2");
    last = now;
  }
  stop.store(true);
  for (platform::Thread& reader : readers) reader.join();
  CHECK(passed.load() == 0);
}

TEST_CASE(
    "commit queue: Q1 visibility follows SCN order, durability, and laziness of single commits") {
  CommitQueue queue;
  queue.recover(Scn{10});
  const uint64_t first = queue.enter(Scn{11});
  const uint64_t second = queue.enter(Scn{12});
  const uint64_t third = queue.enter(Scn{13});
  std::vector<int> order;
  queue.when_visible(Scn{12}, [&](const Status& status) {
    CHECK(status.is_ok());
    order.push_back(2);
  });
  queue.ready(second, Lsn{200}, true, [&] { order.push_back(1); });
  CHECK(queue.visible() == Scn{10});
  queue.ready(first, Lsn{100}, false, {});
  CHECK(queue.visible() == Scn{10});  // not durable yet
  queue.ready(third, Lsn{300}, false, {});
  queue.advance(Lsn{150});
  CHECK(queue.visible() == Scn{12});  // the lazy one needs no more than those before it
  CHECK(queue.told() == Scn{12});
  CHECK(queue.wait_told(Scn{12}).is_ok());
  CHECK(order == std::vector<int>{1, 2});
  bool is_told = false;
  queue.when_visible(Scn{13}, [&](const Status& status) {
    CHECK(status.code() == Code::io);
    is_told = true;
  });
  queue.fail(io_failure("disk is gone"));
  CHECK(is_told);
  CHECK(queue.wait_visible(Scn{13}).code() == Code::io);
  CHECK(queue.wait_told(Scn{13}).code() == Code::io);
  CHECK(queue.wait_entered().code() == Code::io);
  CHECK(queue.wait_visible(Scn{12}).is_ok());
}

TEST_CASE("locks: L1 modes that collide do not go together, those of one owner add up") {
  WaitGraph graph;
  LockTable locks(graph);
  const LockKey key{MORTISE_LOCK_TABLE, 0, 5};
  // The classical matrix, rows and columns IS IX S SIX X, schema S, schema X.
  constexpr const char* kCompatible[] = {"1111010", "1100010", "1010010", "1000010",
                                         "0000010", "1111110", "0000000"};
  for (uint8_t a = 1; a <= 7; ++a) {
    for (uint8_t b = 1; b <= 7; ++b) {
      LockOwner first(1);
      LockOwner second(2);
      CHECK(locks.try_acquire(first, key, LockMode{a}) == LockTable::Outcome::granted);
      const bool granted =
          locks.try_acquire(second, key, LockMode{b}) == LockTable::Outcome::granted;
      CHECK(granted == (kCompatible[a - 1][b - 1] == '1'));
      CHECK(locks.try_acquire(first, key, LockMode{b}) ==
            (granted ? (locks.is_contested(first, key, LockMode{b}) ? LockTable::Outcome::would_wait
                                                                    : LockTable::Outcome::granted)
                     : LockTable::Outcome::granted));
      locks.release_since(first, 0);
      locks.release_since(second, 0);
    }
  }
  CHECK(locks.list().empty());
}

TEST_CASE("locks: advisory locks count, and what was taken since a mark is given back") {
  WaitGraph graph;
  LockTable locks(graph);
  LockOwner owner(1);
  LockOwner other(2);
  const LockKey key{MORTISE_LOCK_ADVISORY, 0, 99};
  CHECK(locks.try_acquire(owner, key, LockMode::x) == LockTable::Outcome::granted);
  const size_t mark = owner.count();
  CHECK(locks.try_acquire(owner, key, LockMode::x) == LockTable::Outcome::granted);
  CHECK(locks.release_one(owner, key, LockMode::x));
  CHECK(locks.try_acquire(other, key, LockMode::x) == LockTable::Outcome::would_wait);
  CHECK(locks.try_acquire(owner, key, LockMode::x) == LockTable::Outcome::granted);
  locks.release_since(owner, mark);
  CHECK(locks.try_acquire(other, key, LockMode::x) == LockTable::Outcome::would_wait);
  CHECK(locks.release_one(owner, key, LockMode::x));
  CHECK_FALSE(locks.release_one(owner, key, LockMode::x));
  CHECK(locks.try_acquire(other, key, LockMode::x) == LockTable::Outcome::granted);
  locks.release_since(other, 0);
}

TEST_CASE(
    "locks: L2 a stream of readers does not starve a writer, an upgrade goes before newcomers") {
  WaitGraph graph;
  LockTable locks(graph);
  const LockKey key{MORTISE_LOCK_TABLE, 0, 5};
  LockOwner reader(1);
  LockOwner writer(2);
  LockOwner late(3);
  CHECK(locks.try_acquire(reader, key, LockMode::s) == LockTable::Outcome::granted);
  Status outcome;
  auto thread = platform::Thread::spawn(
      "writer", [&] { outcome = locks.acquire(writer, key, LockMode::x, {}); });
  REQUIRE(thread.has_value());
  while (graph.waiting_count() == 0) platform::this_thread::yield();
  CHECK(locks.try_acquire(late, key, LockMode::s) == LockTable::Outcome::would_wait);
  CHECK(locks.try_acquire(reader, key, LockMode::x) == LockTable::Outcome::granted);  // upgrade
  locks.release_since(reader, 0);
  thread->join();
  CHECK(outcome.is_ok());
  CHECK(graph.waiting_count() == 0);
  locks.release_since(writer, 0);
  CHECK(locks.try_acquire(late, key, LockMode::s) == LockTable::Outcome::granted);
  locks.release_since(late, 0);
}

TEST_CASE("locks: W2 nobody is a victim of a wait that is over") {
  WaitGraph graph;
  LockTable locks(graph);
  const LockKey one{MORTISE_LOCK_TABLE, 0, 1};
  const LockKey two{MORTISE_LOCK_TABLE, 0, 2};
  LockOwner a(1);
  LockOwner b(2);
  LockOwner c(3);
  CHECK(locks.try_acquire(a, one, LockMode::s) == LockTable::Outcome::granted);
  CHECK(locks.try_acquire(b, one, LockMode::s) == LockTable::Outcome::granted);
  CHECK(locks.try_acquire(c, two, LockMode::x) == LockTable::Outcome::granted);
  Status of_c;
  auto thread = platform::Thread::spawn(
      "c", [&] { of_c = locks.acquire(c, one, LockMode::x, {}); });  // waits for a and b
  REQUIRE(thread.has_value());
  while (graph.waiting_count() == 0) platform::this_thread::yield();
  locks.release_since(a, 0);  // c waits for b alone now
  Status of_a;
  auto other = platform::Thread::spawn(
      "a", [&] { of_a = locks.acquire(a, two, LockMode::s, {}); });  // waits for c: no cycle
  REQUIRE(other.has_value());
  while (graph.waiting_count() != 2) platform::this_thread::yield();
  locks.release_since(b, 0);
  thread->join();
  CHECK(of_c.is_ok());
  locks.release_since(c, 0);
  other->join();
  CHECK(of_a.is_ok());
  locks.release_since(a, 0);
}

TEST_CASE("undo record: U2 what was encoded is parsed, and no bytes at all make it read outside") {
  std::vector<std::byte> page(4096);
  const std::string patch = "the old bytes";
  UndoRecord record;
  record.kind = UndoKind::update;
  record.command = 7;
  record.txn = TxnId{123};
  record.previous = UndoPtr::make(make_page_id(kUndoSpace, 77), 64, 9);
  record.page = make_page_id(SpaceId{0}, 1234);
  record.slot = 11;
  record.segment = SegmentId{5};
  record.old_writer = Writer::of(Scn{99});
  record.old_undo = UndoPtr::make(make_page_id(kUndoSpace, 78), 4088, 3).with(kVersionMoved);
  record.details = as_bytes(patch);
  const uint32_t size = undo_record_bytes(patch.size());
  encode_undo(record, std::span(page).subspan(kUndoPageFirst, size));
  Result<UndoRecord> parsed = parse_undo(page, kUndoPageFirst);
  REQUIRE(parsed.has_value());
  CHECK(parsed->previous == record.previous);
  CHECK(parsed->old_undo.has(kVersionMoved));
  CHECK(parsed->old_undo.place() == record.old_undo.place());
  CHECK(parsed->old_undo.page() == make_page_id(kUndoSpace, 78));
  CHECK(as_text(parsed->details).starts_with(patch));
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  platform::Random random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const uint32_t offset = static_cast<uint32_t>(random.below(4200));
    if (offset + 4 <= page.size()) {
      store_le(page.data() + offset, static_cast<uint32_t>(random.next()));
    }
    const Result<UndoRecord> any = parse_undo(page, offset);
    if (any) CHECK(any->details.data() + any->details.size() <= page.data() + page.size());
  }
}

}  // namespace
}  // namespace mortise::txn
