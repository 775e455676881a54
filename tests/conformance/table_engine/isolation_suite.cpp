// SPDX-License-Identifier: Apache-2.0
//
// Goal:   transactions that meet at a row wait, are told, or go on as table_engine.h (H3) and txn.h
//         (X1, X4) say, at READ COMMITTED and REPEATABLE READ.
// Method: first transactions in turns by one thread, with NOWAIT and SKIP LOCKED where one would
// wait;
//         then real threads.  A thread that has to wait is known to wait because the transaction
//         list says so, not because time has passed.

#include <algorithm>
#include <array>
#include <atomic>

#include "kernel/platform/thread.hpp"
#include "tests/conformance/table_engine/store.hpp"

namespace mortise::conformance {
namespace {

Row amount(int64_t value) {
  return {int_value(plain_types()[1], value)};
}

// Until a transaction waits for another one.
void wait_for_a_waiter(World& world) {
  for (bool waits = false; !waits;) {
    world.txns().each(
        [](void* context, const mortise_txn_info_t* info) -> int32_t {
          if (info->waits_for != 0) *static_cast<bool*>(context) = true;
          return 0;
        },
        &waits);
    platform::this_thread::yield();
  }
}

platform::Thread run(UniqueFunction<void()> body) {
  Result<platform::Thread> thread = platform::Thread::spawn("suite", std::move(body));
  REQUIRE(thread.has_value());
  return std::move(*thread);
}

WorldOptions threaded_world() {
  WorldOptions options = table_world(seed());
  options.with_threads = true;
  return options;
}

TEST_CASE("table: X1 a view sees commits from before it, whole, and none from after it") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  Txn committed(world, kReadCommitted);
  Txn repeatable(world, kRepeatableRead);
  CHECK(store.scan(repeatable).empty());
  const RowIds ids = store.insert({plain_row(1, 10, "one"), plain_row(2, 20, "two")});
  CHECK(store.scan(committed).empty());  // its statement began before
  committed.next_statement();
  repeatable.next_statement();
  CHECK(store.scan(committed).size() == 2);
  CHECK(store.scan(repeatable).empty());
  Txn writer(world);
  CHECK(store.update(writer, {1}, {ids[0]}, {amount(11)}) == Outcomes{MORTISE_ROW_DONE});
  committed.next_statement();
  CHECK(store.scan(committed).at(ids[0]) == plain_row(1, 10, "one"));
  require_ok(writer.commit());
  CHECK(store.scan(committed).at(ids[0]) == plain_row(1, 10, "one"));
  committed.next_statement();
  CHECK(store.scan(committed).at(ids[0]) == plain_row(1, 11, "one"));
}

TEST_CASE("table: H3 a change of a row that changed since the view is told, at both levels") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  for (const uint32_t isolation : {kReadCommitted, kRepeatableRead}) {
    CAPTURE(isolation);
    const RowIds ids = store.insert({plain_row(1, 10, "one"), plain_row(2, 20, "two")});
    Txn txn(world, isolation);
    store.scan(txn);
    Txn other(world);
    CHECK(store.update(other, {1}, {ids[0]}, {amount(11)}) == Outcomes{MORTISE_ROW_DONE});
    CHECK(store.erase(other, {ids[1]}) == Outcomes{MORTISE_ROW_DONE});
    require_ok(other.commit());
    CHECK(store.update(txn, {1}, {ids[0]}, {amount(99)}) == Outcomes{MORTISE_ROW_CHANGED});
    CHECK(store.erase(txn, {ids[0]}) == Outcomes{MORTISE_ROW_CHANGED});
    CHECK(store.erase(txn, {ids[1]}) == Outcomes{MORTISE_ROW_GONE});
    CHECK(store.lock(txn, {ids[0]}, MORTISE_ROW_LOCK_UPDATE) == Outcomes{MORTISE_ROW_CHANGED});
    // Locked, and newer than the view: it reads the newest version and may change it.
    mortise_read_view_t latest = *txn.view();
    latest.flags = MORTISE_READ_LATEST;
    Contents newest;
    require_ok(store.try_scan(txn.get(), latest, {}, newest));
    CHECK(newest.at(ids[0]) == plain_row(1, 11, "one"));
    txn.next_statement();
    const Outcomes again = store.update(txn, {1}, {ids[0]}, {amount(12)});
    const bool sees_it = isolation == kReadCommitted;
    CHECK(again == Outcomes{outcome(sees_it ? MORTISE_ROW_DONE : MORTISE_ROW_CHANGED)});
    txn.abort();
    Txn end(world);
    CHECK(store.scan(end).at(ids[0]) == plain_row(1, 11, "one"));
    CHECK(store.erase(end, {ids[0]}) == Outcomes{MORTISE_ROW_DONE});
    require_ok(end.commit());
  }
  CHECK(store.verify() == "");
}

TEST_CASE("table: H3 a held row is refused at once or skipped, as the wait mode says") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  const RowIds ids = store.insert({plain_row(1, 10, "one"), plain_row(2, 20, "two")});
  Txn holder(world);
  CHECK(store.update(holder, {1}, {ids[0]}, {amount(11)}) == Outcomes{MORTISE_ROW_DONE});
  Txn txn(world);
  Outcomes outcomes;
  CHECK(store.update(txn, {1}, ids, {amount(1), amount(2)}, MORTISE_SKIP_LOCKED) ==
        Outcomes{MORTISE_ROW_LOCKED, MORTISE_ROW_DONE});
  txn.next_statement();
  CHECK(store.lock(txn, ids, MORTISE_ROW_LOCK_SHARE, MORTISE_SKIP_LOCKED) ==
        Outcomes{MORTISE_ROW_LOCKED, MORTISE_ROW_DONE});
  CHECK(store.erase(txn, {ids[0]}, MORTISE_SKIP_LOCKED) == Outcomes{MORTISE_ROW_LOCKED});
  const uint64_t savepoint = txn.savepoint();
  const Status busy = store.try_update(txn, {1}, {ids[0]}, {amount(5)}, MORTISE_NOWAIT, outcomes);
  CHECK(busy.code() == Code::busy);
  CHECK(busy.sqlstate() == "55P03");
  require_ok(txn.rollback_to(savepoint));
  CHECK(store.try_erase(txn, {ids[0]}, MORTISE_NOWAIT, outcomes).sqlstate() == "55P03");
  require_ok(txn.rollback_to(savepoint));
  // Every column counts as part of a key where none is named.
  CHECK(store.try_lock(txn, {ids[0]}, MORTISE_ROW_LOCK_KEY_SHARE, MORTISE_NOWAIT, outcomes)
            .sqlstate() == "55P03");
  txn.abort();
  holder.abort();
  CHECK(store.scan_now().at(ids[1]) == plain_row(2, 20, "two"));
  CHECK(store.verify() == "");
}

// PostgreSQL's table of row locks; a change of a key column is FOR UPDATE, of another one FOR NO
// KEY UPDATE.
TEST_CASE("table: row locks of four strengths exclude each other as they should") {
  World world(table_world(seed()));
  Store store(world, plain_types(), {0});
  constexpr std::array<std::array<bool, 4>, 4> kCompatible = {{{true, true, true, false},
                                                               {true, true, false, false},
                                                               {true, false, false, false},
                                                               {false, false, false, false}}};
  const RowIds ids = store.insert({plain_row(1, 10, "one")});
  for (uint32_t held = 1; held <= 4; ++held) {
    for (uint32_t wanted = 1; wanted <= 4; ++wanted) {
      CAPTURE(held);
      CAPTURE(wanted);
      Txn first(world);
      CHECK(store.lock(first, ids, held) == Outcomes{MORTISE_ROW_DONE});
      Txn second(world);
      const bool fits = kCompatible[held - 1][wanted - 1];
      CHECK(store.lock(second, ids, wanted, MORTISE_SKIP_LOCKED) ==
            Outcomes{outcome(fits ? MORTISE_ROW_DONE : MORTISE_ROW_LOCKED)});
      first.abort();
      CHECK(store.lock(second, ids, wanted, MORTISE_SKIP_LOCKED) == Outcomes{MORTISE_ROW_DONE});
    }
  }
  for (const uint32_t column : {0u, 1u}) {  // a key column, another one
    CAPTURE(column);
    Txn writer(world);
    CHECK(store.update(writer, {column}, ids, {amount(5)}) == Outcomes{MORTISE_ROW_DONE});
    Txn reader(world);
    CHECK(store.lock(reader, ids, MORTISE_ROW_LOCK_KEY_SHARE, MORTISE_SKIP_LOCKED) ==
          Outcomes{outcome(column == 0 ? MORTISE_ROW_LOCKED : MORTISE_ROW_DONE)});
    CHECK(store.lock(reader, ids, MORTISE_ROW_LOCK_SHARE, MORTISE_SKIP_LOCKED) ==
          Outcomes{MORTISE_ROW_LOCKED});
  }
  CHECK(store.verify() == "");
}

TEST_CASE("table: a lock that was taken since a savepoint goes with it, one from before stays") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  const RowIds ids = store.insert({plain_row(1, 10, "one"), plain_row(2, 20, "two")});
  Txn txn(world);
  CHECK(store.lock(txn, {ids[0]}, MORTISE_ROW_LOCK_UPDATE) == Outcomes{MORTISE_ROW_DONE});
  const uint64_t savepoint = txn.savepoint();
  CHECK(store.update(txn, {1}, {ids[1]}, {amount(21)}) == Outcomes{MORTISE_ROW_DONE});
  require_ok(txn.rollback_to(savepoint));
  Txn other(world);
  CHECK(store.update(other, {1}, ids, {amount(1), amount(2)}, MORTISE_SKIP_LOCKED) ==
        Outcomes{MORTISE_ROW_LOCKED, MORTISE_ROW_DONE});
}

TEST_CASE("table: a probe answers for the newest version, committed or own") {
  World world(table_world(seed()));
  Store store(world, plain_types());
  const mortise_type_t& number = plain_types()[0];
  const RowIds ids = store.insert(
      {plain_row(1, 10, "one"), plain_row(2, 20, "two"), plain_row(3, std::nullopt, "three")});
  Txn probing(world, kRepeatableRead);
  {
    Txn other(world);
    CHECK(store.update(other, {0}, {ids[0]}, {{int_value(number, 7)}}) ==
          Outcomes{MORTISE_ROW_DONE});
    CHECK(store.erase(other, {ids[1]}) == Outcomes{MORTISE_ROW_DONE});
    require_ok(other.commit());
  }
  const auto key = [&](int64_t value) { return Row{int_value(number, value)}; };
  CHECK(store.probe(probing, {0}, {ids[0], ids[0], ids[1], ids[2]},
                    {key(1), key(7), key(2), key(3)}) == std::vector<uint8_t>{0, 1, 0, 1});
  CHECK(store.probe(probing, {1}, {ids[2]}, {{null_value()}}, false) == std::vector<uint8_t>{0});
  CHECK(store.probe(probing, {1}, {ids[2]}, {{null_value()}}, true) == std::vector<uint8_t>{1});
  CHECK(store.update(probing, {0}, {ids[2]}, {key(33)}) == Outcomes{MORTISE_ROW_DONE});
  CHECK(store.probe(probing, {0}, {ids[2], ids[2]}, {key(3), key(33)}) ==
        std::vector<uint8_t>{0, 1});
  const RowIds own = store.insert(probing, {plain_row(4, 40, "four")});
  CHECK(store.probe(probing, {0, 2}, {own[0]}, {{int_value(number, 4), string_value("four")}}) ==
        std::vector<uint8_t>{1});
}

TEST_CASE("table: H3 who waits for a row goes on when its holder ends, and is told how it ended") {
  World world(threaded_world());
  Store store(world, plain_types());
  for (const bool commits : {true, false}) {
    CAPTURE(commits);
    const RowIds ids = store.insert({plain_row(1, 10, "one")});
    Txn holder(world);
    CHECK(store.update(holder, {1}, ids, {amount(11)}) == Outcomes{MORTISE_ROW_DONE});
    Outcomes outcomes;
    Status status;
    platform::Thread waiter = run([&] {
      Txn txn(world);
      status = store.try_update(txn, {1}, ids, {amount(12)}, MORTISE_WAIT, outcomes);
      if (status) status = txn.commit();
    });
    wait_for_a_waiter(world);
    if (commits) {
      require_ok(holder.commit());
    } else {
      holder.abort();
    }
    waiter.join();
    require_ok(status);
    CHECK(outcomes == Outcomes{outcome(commits ? MORTISE_ROW_CHANGED : MORTISE_ROW_DONE)});
    CHECK(store.scan_now().at(ids[0]) == plain_row(1, commits ? 11 : 12, "one"));
  }
  CHECK(store.verify() == "");
}

TEST_CASE("table: a probe waits for whoever may still take the row away") {
  World world(threaded_world());
  Store store(world, plain_types());
  const RowIds ids = store.insert({plain_row(1, 10, "one")});
  Txn holder(world);
  CHECK(store.erase(holder, ids) == Outcomes{MORTISE_ROW_DONE});
  std::vector<uint8_t> is_alive;
  platform::Thread waiter = run([&] {
    Txn txn(world);
    is_alive = store.probe(txn, {0}, ids, {{int_value(plain_types()[0], 1)}});
  });
  wait_for_a_waiter(world);
  holder.abort();
  waiter.join();
  CHECK(is_alive == std::vector<uint8_t>{1});
}

TEST_CASE("table: X4 of two who wait for each other one fails with 40P01 and the other goes on") {
  World world(threaded_world());
  Store store(world, plain_types());
  const RowIds ids = store.insert({plain_row(1, 10, "one"), plain_row(2, 20, "two")});
  std::array<Status, 2> ends;
  std::atomic<int> holding{0};
  const auto body = [&](size_t self) {
    Txn txn(world);
    Outcomes outcomes;
    ends[self] = store.try_update(txn, {1}, {ids[self]}, {amount(1)}, MORTISE_WAIT, outcomes);
    ++holding;
    while (holding != 2) platform::this_thread::yield();
    if (!ends[self]) return;
    ends[self] = store.try_update(txn, {1}, {ids[1 - self]}, {amount(2)}, MORTISE_WAIT, outcomes);
    if (ends[self]) ends[self] = txn.commit();
  };
  platform::Thread other = run([&] { body(1); });
  body(0);
  other.join();
  CHECK(ends[0].is_ok() != ends[1].is_ok());
  CHECK((ends[0] ? ends[1] : ends[0]).sqlstate() == "40P01");
  CHECK(store.verify() == "");
}

TEST_CASE("table: X4 a wait ends at the lock timeout with 55P03") {
  World world(threaded_world());
  Store store(world, plain_types());
  const RowIds ids = store.insert({plain_row(1, 10, "one")});
  Txn holder(world);
  CHECK(store.update(holder, {1}, ids, {amount(11)}) == Outcomes{MORTISE_ROW_DONE});
  mortise_txn_options_t options{};
  options.lock_timeout_ms = 50;
  Txn txn(world, kReadCommitted, &options);
  Outcomes outcomes;
  CHECK(store.try_update(txn, {1}, ids, {amount(12)}, MORTISE_WAIT, outcomes).sqlstate() ==
        "55P03");
}

// Money moves between accounts; every view has to find all of it.
class Bank {
 public:
  explicit Bank(World& world) : world_(world), store_(world, plain_types()) {
    Rows rows;
    for (int64_t i = 0; i < kAccounts; ++i) rows.push_back(plain_row(i, kEach, "account"));
    ids_ = store_.insert(rows);
  }

  void move(uint32_t isolation, uint64_t seed) {
    RandomBits random(seed);
    for (int round = 0; round < 150; ++round) {
      Txn txn(world_, isolation);
      const mortise_row_id_t from = ids_[random() % kAccounts];
      const mortise_row_id_t to = ids_[random() % kAccounts];
      if (from == to) continue;
      const Status moved = transfer(txn, from, to, static_cast<int64_t>(random() % 50));
      if (moved && txn.commit(MORTISE_DURABILITY_LAZY)) {
        ++moved_;
      } else if (!moved && moved.code() != Code::conflict && moved.sqlstate() != "40P01") {
        ++failures_;
      }
    }
  }

  void watch(uint32_t isolation) {
    for (int round = 0; round < 100; ++round) {
      Txn txn(world_, isolation);
      for (int again = 0; again < 2; ++again) {
        if (total(store_.scan(txn)) != kAccounts * kEach) ++failures_;
        txn.next_statement();
      }
    }
  }

  int failures() const { return failures_; }
  int moved() const { return moved_; }
  Store& store() { return store_; }
  static int64_t total(const Contents& contents) {
    int64_t sum = 0;
    for (const auto& [id, row] : contents) sum += int_of(row[1]);
    return sum;
  }
  static constexpr int64_t kAccounts = 12;
  static constexpr int64_t kEach = 1000;

 private:
  Status transfer(Txn& txn, mortise_row_id_t from, mortise_row_id_t to, int64_t by) {
    Outcomes outcomes;
    MORTISE_TRY(store_.try_lock(txn, {from, to}, MORTISE_ROW_LOCK_UPDATE, MORTISE_WAIT, outcomes));
    const bool changed = std::count(outcomes.begin(), outcomes.end(), MORTISE_ROW_DONE) != 2;
    txn.next_statement();  // READ COMMITTED sees what it has locked
    const auto rows = store_.fetch(txn, {from, to}, {1});
    if (!rows[0] || !rows[1]) return internal("an account is missing");
    const Rows values = {amount(int_of((*rows[0])[0]) - by), amount(int_of((*rows[1])[0]) + by)};
    MORTISE_TRY(store_.try_update(txn, {1}, {from, to}, values, MORTISE_WAIT, outcomes));
    if (outcomes == Outcomes{MORTISE_ROW_DONE, MORTISE_ROW_DONE}) return {};
    return changed ? conflict("changed since the snapshot") : internal("a locked row was changed");
  }
  static Status conflict(std::string message) {
    return {Code::conflict, "40001", std::move(message)};
  }

  World& world_;
  Store store_;
  RowIds ids_;
  std::atomic<int> failures_{0};
  std::atomic<int> moved_{0};
};

TEST_CASE(
    "table: X1 H3 money that many transactions move is neither lost nor made, in every view") {
  MESSAGE("seed ", seed());
  for (const uint32_t isolation : {kReadCommitted, kRepeatableRead}) {
    CAPTURE(isolation);
    World world(threaded_world());
    Bank bank(world);
    std::vector<platform::Thread> threads;
    for (uint64_t t = 0; t < 4; ++t) {
      threads.push_back(run([&bank, isolation, t] { bank.move(isolation, seed() + t); }));
    }
    threads.push_back(run([&bank, isolation] { bank.watch(isolation); }));
    for (platform::Thread& thread : threads) thread.join();
    CHECK(bank.failures() == 0);
    CHECK(bank.moved() > 0);
    CHECK(Bank::total(bank.store().scan_now()) == Bank::kAccounts * Bank::kEach);
    CHECK(bank.store().verify() == "");
  }
}

TEST_CASE("table: threads that insert, update and delete at once leave what each one left") {
  MESSAGE("seed ", seed());
  constexpr size_t kThreads = 4;
  World world(threaded_world());
  Store store(world, plain_types());
  std::array<Contents, kThreads> own;
  std::atomic<int> failures{0};
  std::vector<platform::Thread> threads;
  for (size_t t = 0; t < kThreads; ++t) {
    threads.push_back(run([&, t] {
      RandomBits random(seed() + t);
      for (int round = 0; round < 80; ++round) {
        Contents next = own[t];
        Txn txn(world);
        for (const auto& [id, row] : own[t]) {
          const Row change = {row[0], amount(round)[0],
                              string_value(std::string(random() % 700, 'u'))};
          Outcomes outcomes = {MORTISE_ROW_DONE};
          if (random() % 9 == 0) {
            if (!store.try_erase(txn, {id}, MORTISE_WAIT, outcomes)) ++failures;
            next.erase(id);
          } else if (random() % 5 == 0) {
            if (!store.try_update(txn, {1, 2}, {id}, {{change[1], change[2]}}, MORTISE_WAIT,
                                  outcomes)) {
              ++failures;
            }
            next[id] = change;
          }
          if (outcomes[0] != MORTISE_ROW_DONE) ++failures;
        }
        const Rows rows(random() % 20 + 1,
                        plain_row(static_cast<int64_t>(t), round, std::string(40, 'i')));
        RowIds ids;
        if (!store.try_insert(txn, rows, ids)) ++failures;
        next.merge(contents_of(ids, rows));
        if (random() % 4 == 0) {
          txn.abort();
        } else if (txn.commit(MORTISE_DURABILITY_LAZY)) {
          own[t] = std::move(next);
        }
      }
    }));
  }
  for (platform::Thread& thread : threads) thread.join();
  CHECK(failures == 0);
  Contents model;
  for (Contents& some : own) model.merge(some);
  CHECK(store.scan_now() == model);
  CHECK(store.verify() == "");
}

}  // namespace
}  // namespace mortise::conformance
