// SPDX-License-Identifier: Apache-2.0
//
// Goal:   money is neither made nor lost, whatever runs at once.
// Method: threads move amounts between accounts, some moves are taken back (savepoint, rollback,
//         deadlock victim); readers add everything up at both isolation levels and in the past;
//         purge and checkpoints run beside them.  Meant for ThreadSanitizer as well.

#include <atomic>
#include <numeric>

#include "kernel/heap/test_instance.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/parking.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/scheduler.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::heap {
namespace {

// Gives the processor away at a random part of the places where a thread may be overtaken.
class Jostle final : public platform::Scheduler {
 public:
  explicit Jostle(uint64_t seed) : random_(seed), before_(platform::install_scheduler(this)) {}
  ~Jostle() override { platform::install_scheduler(before_); }
  Jostle(const Jostle&) = delete;
  Jostle& operator=(const Jostle&) = delete;

  bool park(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns) override {
    const Outside outside(*this);
    return platform::park_wait(word, expected, deadline_ns);
  }
  void wake(const std::atomic<uint32_t>& word, uint32_t count) override {
    const Outside outside(*this);
    platform::park_wake(word, count);
  }
  void yield(const char*) override {
    if (!random_.one_in(16)) return;
    const Outside outside(*this);
    for (uint64_t times = random_.between(1, 20); times != 0; --times) {
      platform::this_thread::yield();
    }
  }
  Status spawn(std::string_view, UniqueFunction<void()>) override {
    return unsupported("a jostled thread starts no others");
  }
  uint64_t monotonic_ns() override {
    const Outside outside(*this);
    return platform::monotonic_ns();
  }
  uint64_t realtime_us() override {
    const Outside outside(*this);
    return static_cast<uint64_t>(platform::realtime_us());
  }
  uint64_t random() override { return random_.next(); }

 private:
  struct Outside {
    explicit Outside(Jostle& j) : jostle(j) { platform::install_scheduler(j.before_); }
    ~Outside() { platform::install_scheduler(&jostle); }
    Outside(const Outside&) = delete;
    Outside& operator=(const Outside&) = delete;
    Jostle& jostle;
  };
  platform::Random random_;
  platform::Scheduler* const before_;
};

constexpr int64_t kAccounts = 40;
constexpr int64_t kStart = 1000;
constexpr int kMoversCount = 3;
constexpr int kMovesPerThread = 250;

struct Bank : TestTable {
  std::vector<mortise_row_id_t> ids;
  std::atomic<int> movers_left{kMoversCount};
  std::atomic<uint64_t> moved{0};
  std::atomic<uint64_t> refused{0};
  std::atomic<uint64_t> wrong{0};
  platform::Mutex complaints_mutex{platform::LockRank::leaf};
  std::string complaints;
  Scn opened{};  // the accounts are there

  Bank() : TestTable(5, true) {
    txns().set_undo_retention_us(50'000);
    std::vector<Row> rows;
    for (int64_t i = 0; i < kAccounts; ++i) rows.push_back({i, kStart, std::string(100, 'x')});
    txn::Transaction* txn = begin();
    ids = insert_rows(*table, *txn, rows);
    require_ok(commit(txn));
    opened = txns().visible_scn();
  }

  void complain(const std::string& what) {
    wrong.fetch_add(1);
    platform::Lock lock(complaints_mutex);
    if (complaints.size() < 4000) complaints += what + "\n";
  }
  void complain(const Status& status) {
    complain(std::string(status.sqlstate()) + " " + std::string(status.message()));
  }

  // Adds to an account, reading it anew after a wait (read committed).
  Status add(txn::Transaction& txn, RowReader& reader, size_t account, int64_t amount,
             const std::string& text) {
    uint8_t outcome = 0;
    const mortise_row_id_t id = ids[account];
    MORTISE_TRY(
        table->lock(txn, txn.view(), {&id, 1}, MORTISE_ROW_LOCK_UPDATE, MORTISE_WAIT, &outcome));
    mortise_batch_t batch;
    MORTISE_TRY(reader.fetch({&id, 1}, batch));
    if (batch.selected_count != 1) return internal("an account is gone");
    Row row = row_at(batch, 0);
    row.amount = *row.amount + amount;
    row.text = text;
    const RowBatch change({row}, {id}, {1, 2});
    const uint32_t columns[] = {1, 2};
    mortise_read_view_t latest = txn.view();
    latest.flags = MORTISE_READ_LATEST;
    MORTISE_TRY(table->update(txn, latest, columns, change.batch(), MORTISE_WAIT, &outcome));
    return outcome == MORTISE_ROW_DONE ? Status() : internal("update of a locked row failed");
  }

  Status move(platform::Random& random) {
    txn::TxnOptions options;
    options.lock_timeout_ms = 3'600'000;  // a machine that is stopped for a while proves nothing
    MORTISE_TRY_ASSIGN(txn::Transaction* const txn, txns().begin(options));
    Status status = try_move(*txn, random);
    if (!status || random.one_in(10)) {
      txns().abort(txn);
      return status;
    }
    return txns().commit(txn, random.one_in(3) ? txn::Durability::durable : txn::Durability::lazy);
  }

  Status try_move(txn::Transaction& txn, platform::Random& random) {
    MORTISE_TRY(txns().statement_begin(txn).status());
    mortise_read_view_t latest = txn.view();
    latest.flags = MORTISE_READ_LATEST;
    MORTISE_TRY(txns().start_writing(txn));
    latest.txid = raw(txn.id());
    ScanOptions options;
    options.columns = {0, 1, 2};
    MORTISE_TRY_ASSIGN(auto reader, RowReader::open(*table, &txn, latest, options));
    const size_t from = random.below(ids.size());
    const size_t to = (from + 1 + random.below(ids.size() - 1)) % ids.size();
    const int64_t amount = static_cast<int64_t>(random.below(50));
    const std::string text(random.below(900), 'm');
    if (random.one_in(4)) {
      MORTISE_TRY_ASSIGN(const uint64_t savepoint, txns().savepoint(txn));
      MORTISE_TRY(add(txn, *reader, to, 1'000'000, text));
      MORTISE_TRY(txns().rollback_to(txn, savepoint));
    }
    MORTISE_TRY(add(txn, *reader, from, -amount, text));
    MORTISE_TRY(txns().statement_begin(txn).status());
    return add(txn, *reader, to, amount, text);
  }

  void run_mover(uint64_t seed) {
    const Jostle jostle(seed);
    platform::Random random(seed);
    for (int i = 0; i < kMovesPerThread; ++i) {
      const Status status = move(random);
      if (status) {
        moved.fetch_add(1);
      } else if (status.code() == Code::conflict) {
        refused.fetch_add(1);  // the victim of a deadlock
      } else {
        complain(status);
      }
    }
    movers_left.fetch_sub(1);
  }

  void check_sum(Result<std::vector<FoundRow>> rows, const char* where) {
    if (!rows) {
      if (rows.error().sqlstate() == "72000") return;
      return complain(rows.error());
    }
    const int64_t sum = std::accumulate(
        rows->begin(), rows->end(), int64_t{0},
        [](int64_t total, const FoundRow& found) { return total + *found.row.amount; });
    if (sum == kAccounts * kStart && rows->size() == kAccounts) return;
    complain(std::string(where) + ": the sum is " + std::to_string(sum) + " of " +
             std::to_string(rows->size()) + " accounts");
  }

  void run_reader(uint64_t seed) {
    const Jostle jostle(seed);
    platform::Random random(seed);
    while (movers_left.load() != 0) {
      txn::TxnOptions options;
      if (random.one_in(2)) options.isolation = txn::Isolation::repeatable_read;
      if (random.one_in(4)) {
        options.as_of = std::max(txn::last_scn_of(platform::realtime_us() - 20'000), opened);
      }
      Result<txn::Transaction*> txn = txns().begin(options);
      if (!txn) continue;  // too old
      for (uint64_t statements = random.between(1, 3); statements != 0; --statements) {
        static_cast<void>(txns().statement_begin(**txn));
        check_sum(try_scan(*table, *txn, (*txn)->view()),
                  raw(options.as_of) != 0                                ? "in the past"
                  : options.isolation == txn::Isolation::repeatable_read ? "repeatable read"
                                                                         : "read committed");
      }
      static_cast<void>(txns().commit(*txn, txn::Durability::lazy));
    }
  }
};

TEST_CASE("stress: transfers keep the sum in every view, while purge and checkpoints run") {
  const uint64_t seed = platform::random_seed();
  CAPTURE(seed);
  Bank bank;
  std::vector<platform::Thread> threads;
  for (uint64_t i = 0; i < kMoversCount; ++i) {
    threads.push_back(
        take(platform::Thread::spawn("mover", [&bank, seed, i] { bank.run_mover(seed + i); })));
  }
  for (uint64_t i = 0; i < 2; ++i) {
    threads.push_back(take(
        platform::Thread::spawn("reader", [&bank, seed, i] { bank.run_reader(seed + 100 + i); })));
  }
  threads.push_back(take(platform::Thread::spawn("purge", [&bank, seed] {
    const Jostle jostle(seed + 200);
    for (int round = 0; bank.movers_left.load() != 0; ++round) {
      if (Status status = bank.txns().maintain(); !status) bank.complain(status);
      if (round % 20 == 0) {
        if (Status status = bank.instance->storage->checkpoint(); !status) bank.complain(status);
      }
      platform::this_thread::yield();
    }
  })));
  for (platform::Thread& thread : threads) thread.join();
  INFO(bank.complaints);
  CHECK(bank.wrong.load() == 0);
  CHECK(bank.moved.load() + bank.refused.load() == kMoversCount * kMovesPerThread);
  bank.check_sum(bank.scan_now(), "in the end");
  CHECK(bank.wrong.load() == 0);
  bank.verify();
  require_ok(bank.instance->storage->spaces().verify(txn::kUndoSpace));
}

}  // namespace
}  // namespace mortise::heap
