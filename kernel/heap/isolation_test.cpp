// SPDX-License-Identifier: Apache-2.0
//
// Goal:   two transactions that want the same row get what table_engine.h (H3) and txn.h (X1, X4)
//         promise: no lost update, first updater wins, waits that end, deadlocks that are found.
// Method: hand-ordered steps; the second transaction runs in a thread, and the first goes on when
//         the second is seen waiting (TxnManager::each), so nothing depends on time.

#include <atomic>

#include "kernel/heap/test_instance.hpp"
#include "kernel/platform/thread.hpp"

namespace mortise::heap {
namespace {

struct Fixture : TestTable {
  std::vector<mortise_row_id_t> ids;

  Fixture() : TestTable(11, true) {
    txn::Transaction* txn = begin();
    ids = insert_rows(*table, *txn, {{1, 100, "a"}, {2, 200, "b"}, {3, 300, "c"}});
    require_ok(commit(txn));
  }
  // Until some transaction waits for another.
  void await_waiter(size_t count = 1) {
    for (;;) {
      size_t waiting = 0;
      txns().each([&](const mortise_txn_info_t& info) {
        waiting += info.waits_for != 0 ? 1 : 0;
        return true;
      });
      if (waiting >= count) return;
      platform::this_thread::yield();
    }
  }
  Result<uint8_t> try_update(txn::Transaction& txn, mortise_row_id_t id, int64_t amount,
                             uint32_t wait = MORTISE_WAIT, uint32_t flags = 0) {
    const RowBatch batch({{0, amount, "new"}}, {id}, {1, 2});
    const uint32_t columns[] = {1, 2};
    uint8_t outcome = 0xFF;
    mortise_read_view_t view = txn.view();
    view.flags = flags;
    MORTISE_TRY(table->update(txn, view, columns, batch.batch(), wait, &outcome));
    return outcome;
  }
  Result<uint8_t> try_lock(txn::Transaction& txn, mortise_row_id_t id, uint32_t strength,
                           uint32_t wait = MORTISE_WAIT) {
    uint8_t outcome = 0xFF;
    MORTISE_TRY(table->lock(txn, txn.view(), {&id, 1}, strength, wait, &outcome));
    return outcome;
  }
  int64_t amount_of(size_t row) {
    for (const FoundRow& found : scan_now()) {
      if (found.id == ids[row]) return found.row.amount.value_or(-1);
    }
    return -1;
  }
};

// Runs `body` beside the test and hands over what it answers.
template <typename F>
class Beside {
 public:
  explicit Beside(F body) : body_(std::move(body)) {
    thread_ = take(platform::Thread::spawn("beside", [this] { result_ = body_(); }));
  }
  auto join() {
    thread_.join();
    return std::move(*result_);
  }

 private:
  F body_;
  std::optional<std::invoke_result_t<F&>> result_;
  platform::Thread thread_;
};

TEST_CASE(
    "isolation: read committed waits, is told of the change, and updates the newest version") {
  Fixture f;
  txn::Transaction* first = f.begin();
  txn::Transaction* second = f.begin();
  CHECK(take(f.try_update(*first, f.ids[0], 110)) == MORTISE_ROW_DONE);
  Beside waiting([&] { return f.try_update(*second, f.ids[0], 1); });
  f.await_waiter();
  require_ok(f.commit(first));
  CHECK(take(waiting.join()) == MORTISE_ROW_CHANGED);
  CHECK(take(f.try_lock(*second, f.ids[0], MORTISE_ROW_LOCK_UPDATE)) == MORTISE_ROW_CHANGED);
  mortise_read_view_t latest = second->view();
  latest.flags = MORTISE_READ_LATEST;
  ScanOptions options;
  options.columns = {0, 1, 2};
  auto reader = take(RowReader::open(*f.table, second, latest, options));
  mortise_batch_t batch;
  require_ok(reader->fetch({f.ids.data(), 1}, batch));
  const int64_t read = *row_at(batch, 0).amount;
  CHECK(read == 110);
  reader.reset();
  CHECK(take(f.try_update(*second, f.ids[0], read + 5, MORTISE_WAIT, MORTISE_READ_LATEST)) ==
        MORTISE_ROW_DONE);
  require_ok(f.commit(second));
  CHECK(f.amount_of(0) == 115);
}

TEST_CASE("isolation: repeatable read loses to the first updater, whether it waited or not") {
  Fixture f;
  txn::Transaction* old = f.begin({.isolation = txn::Isolation::repeatable_read});
  txn::Transaction* first = f.begin();
  CHECK(take(f.try_update(*first, f.ids[0], 110)) == MORTISE_ROW_DONE);
  Beside waiting([&] { return f.try_update(*old, f.ids[0], 1); });
  f.await_waiter();
  require_ok(f.commit(first));
  CHECK(take(waiting.join()) == MORTISE_ROW_CHANGED);
  CHECK(erase_row(*f.table, *old, old->view(), f.ids[0]) == MORTISE_ROW_CHANGED);
  f.txns().abort(old);
  CHECK(f.amount_of(0) == 110);
}

TEST_CASE("isolation: a waiter goes on when the holder aborts or rolls back to a savepoint") {
  Fixture f;
  txn::Transaction* holder = f.begin();
  const uint64_t savepoint = take(f.txns().savepoint(*holder));
  CHECK(take(f.try_update(*holder, f.ids[0], 110)) == MORTISE_ROW_DONE);
  txn::Transaction* second = f.begin();
  Beside waiting([&] { return f.try_update(*second, f.ids[0], 7); });
  f.await_waiter();
  require_ok(f.txns().rollback_to(*holder, savepoint));
  CHECK(take(waiting.join()) == MORTISE_ROW_DONE);
  txn::Transaction* third = f.begin();
  Beside again([&] { return f.try_update(*third, f.ids[0], 8); });
  f.await_waiter();
  f.txns().abort(second);
  CHECK(take(again.join()) == MORTISE_ROW_DONE);
  require_ok(f.commit(third));
  f.txns().abort(holder);
  CHECK(f.amount_of(0) == 8);
}

TEST_CASE("isolation: NOWAIT fails at once, SKIP LOCKED passes by, a timeout ends a wait") {
  Fixture f;
  txn::Transaction* holder = f.begin();
  CHECK(take(f.try_update(*holder, f.ids[0], 110)) == MORTISE_ROW_DONE);
  txn::Transaction* other = f.begin({.lock_timeout_ms = 20});
  CHECK(f.try_update(*other, f.ids[0], 1, MORTISE_NOWAIT).error().sqlstate() == "55P03");
  CHECK(take(f.try_update(*other, f.ids[0], 1, MORTISE_SKIP_LOCKED)) == MORTISE_ROW_LOCKED);
  CHECK(f.try_update(*other, f.ids[0], 1).error().sqlstate() == "55P03");
  uint32_t stop = 0;
  txn::Transaction* patient = f.begin({.interrupt = &stop});
  Beside waiting([&] { return f.try_update(*patient, f.ids[0], 1); });
  f.await_waiter();
  __atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
  f.txns().interrupt(*patient);
  CHECK(waiting.join().error().code() == Code::cancelled);
  f.txns().abort(patient);
  f.txns().abort(other);
  f.txns().abort(holder);
}

TEST_CASE("isolation: X4 of two that wait for each other one is the victim, the other goes on") {
  Fixture f;
  txn::Transaction* first = f.begin();
  txn::Transaction* second = f.begin();
  CHECK(take(f.try_update(*first, f.ids[0], 1)) == MORTISE_ROW_DONE);
  CHECK(take(f.try_update(*second, f.ids[1], 2)) == MORTISE_ROW_DONE);
  Beside waiting([&] { return f.try_update(*first, f.ids[1], 3); });
  f.await_waiter();
  const auto victim = f.try_update(*second, f.ids[0], 4);
  REQUIRE(!victim.has_value());
  CHECK(victim.error().sqlstate() == "40P01");
  CHECK(victim.error().field(MORTISE_ERROR_FIELD_DETAIL).find("waits for") !=
        std::string_view::npos);
  CHECK(f.txns().statement_begin(*second).error().sqlstate() == "25P02");  // X3
  f.txns().abort(second);
  CHECK(take(waiting.join()) == MORTISE_ROW_DONE);
  require_ok(f.commit(first));
  CHECK(f.amount_of(0) == 1);
  CHECK(f.amount_of(1) == 3);
}

TEST_CASE("isolation: cycles through rows, tables and shared rows are found too") {
  Fixture f;
  const txn::LockKey table{MORTISE_LOCK_TABLE, 0, 77};
  txn::Transaction* a = f.begin();
  txn::Transaction* b = f.begin();
  txn::Transaction* c = f.begin();
  require_ok(f.txns().lock(*a, table, txn::LockMode::s, MORTISE_WAIT));
  require_ok(f.txns().lock(*b, table, txn::LockMode::is, MORTISE_WAIT));
  CHECK(take(f.try_lock(*b, f.ids[0], MORTISE_ROW_LOCK_SHARE)) == MORTISE_ROW_DONE);
  CHECK(take(f.try_lock(*a, f.ids[0], MORTISE_ROW_LOCK_SHARE)) == MORTISE_ROW_DONE);
  CHECK(take(f.try_update(*c, f.ids[1], 5)) == MORTISE_ROW_DONE);
  Beside row([&] { return f.try_update(*c, f.ids[0], 6); });  // waits for a and b
  f.await_waiter(1);
  Beside lock([&] { return f.txns().lock(*b, table, txn::LockMode::ix, MORTISE_WAIT); });  // for a
  f.await_waiter(2);
  CHECK(f.try_update(*a, f.ids[1], 7).error().sqlstate() == "40P01");  // for c
  f.txns().abort(a);
  require_ok(lock.join());
  require_ok(f.commit(b));
  CHECK(take(row.join()) == MORTISE_ROW_DONE);
  require_ok(f.commit(c));
}

TEST_CASE("isolation: share locks go together and hold writers off; a mere lock changes nothing") {
  Fixture f;
  txn::Transaction* reader = f.begin();
  txn::Transaction* other = f.begin();
  CHECK(take(f.try_lock(*reader, f.ids[0], MORTISE_ROW_LOCK_SHARE)) == MORTISE_ROW_DONE);
  CHECK(take(f.try_lock(*other, f.ids[0], MORTISE_ROW_LOCK_SHARE)) == MORTISE_ROW_DONE);
  txn::Transaction* writer = f.begin({.isolation = txn::Isolation::repeatable_read});
  CHECK(f.try_update(*writer, f.ids[0], 1, MORTISE_NOWAIT).error().sqlstate() == "55P03");
  Beside waiting([&] { return f.try_update(*writer, f.ids[0], 1); });
  f.await_waiter();
  require_ok(f.commit(reader));
  require_ok(f.commit(other));
  CHECK(take(waiting.join()) == MORTISE_ROW_DONE);
  f.txns().abort(writer);

  txn::Transaction* old = f.begin({.isolation = txn::Isolation::repeatable_read});
  txn::Transaction* locker = f.begin();
  CHECK(take(f.try_lock(*locker, f.ids[1], MORTISE_ROW_LOCK_UPDATE)) == MORTISE_ROW_DONE);
  CHECK(take(f.try_lock(*old, f.ids[1], MORTISE_ROW_LOCK_UPDATE, MORTISE_SKIP_LOCKED)) ==
        MORTISE_ROW_LOCKED);
  require_ok(f.commit(locker));
  CHECK(take(f.try_update(*old, f.ids[1], 9)) == MORTISE_ROW_DONE);  // C2
  require_ok(f.commit(old));
  CHECK(f.amount_of(1) == 9);
}

TEST_CASE("isolation: a key share lock bears changes that leave keys alone") {
  Fixture f;
  const TestDesc columns;
  mortise_table_desc_t desc = columns.desc(f.segment);
  const uint32_t key = 0;
  desc.has_key_columns = 1;
  desc.key_columns = &key;
  desc.key_columns_count = 1;
  f.table = take(Table::open(f.instance->heap, desc));
  txn::Transaction* child = f.begin();
  CHECK(take(f.try_lock(*child, f.ids[0], MORTISE_ROW_LOCK_KEY_SHARE)) == MORTISE_ROW_DONE);
  txn::Transaction* parent = f.begin();
  CHECK(take(f.try_update(*parent, f.ids[0], 1, MORTISE_NOWAIT)) == MORTISE_ROW_DONE);
  txn::Transaction* second = f.begin();
  CHECK(take(f.try_lock(*second, f.ids[0], MORTISE_ROW_LOCK_KEY_SHARE, MORTISE_NOWAIT)) ==
        MORTISE_ROW_DONE);
  uint8_t outcome = 0;
  CHECK(f.table->erase(*parent, parent->view(), {&f.ids[0], 1}, MORTISE_NOWAIT, &outcome)
            .is_ok());  // its own change of this command
  CHECK(outcome == MORTISE_ROW_SELF);
  f.next_statement(parent);
  CHECK(f.table->erase(*parent, parent->view(), {&f.ids[0], 1}, MORTISE_NOWAIT, &outcome)
            .sqlstate() == "55P03");
  f.txns().abort(parent);
  f.txns().abort(child);
  f.txns().abort(second);
}

TEST_CASE("isolation: a unique probe waits for the holder and then says what became of the row") {
  Fixture f;
  txn::Transaction* holder = f.begin();
  const auto made = insert_rows(*f.table, *holder, {{9, 9, "nine"}});
  txn::Transaction* checker = f.begin();
  const uint32_t column = 0;
  const RowBatch key({{9, 0, ""}}, made, {0});
  const auto probe = [&](txn::Transaction& txn) -> Result<uint8_t> {
    uint8_t alive = 0xFF;
    MORTISE_TRY(f.table->probe(txn, &column, false, key.batch(), MORTISE_WAIT, &alive));
    return alive;
  };
  CHECK(take(probe(*holder)) == 1);
  Beside waiting([&] { return probe(*checker); });
  f.await_waiter();
  require_ok(f.commit(holder));
  CHECK(take(waiting.join()) == 1);
  holder = f.begin();
  CHECK(erase_row(*f.table, *holder, holder->view(), made[0]) == MORTISE_ROW_DONE);
  Beside again([&] { return probe(*checker); });
  f.await_waiter();
  f.txns().abort(holder);
  CHECK(take(again.join()) == 1);
  CHECK(erase_row(*f.table, *checker, checker->view(), made[0]) == MORTISE_ROW_CHANGED);
  f.next_statement(checker);
  CHECK(erase_row(*f.table, *checker, checker->view(), made[0]) == MORTISE_ROW_DONE);
  CHECK(take(probe(*checker)) == 0);
  require_ok(f.commit(checker));
}

TEST_CASE("isolation: a snapshot never sees half a commit, also while commits are being made") {
  Fixture f;
  std::atomic<bool> stop{false};
  Beside writer([&] {
    for (int64_t i = 0; !stop.load(); ++i) {
      txn::Transaction* txn = f.begin();
      for (const mortise_row_id_t id : f.ids) {
        static_cast<void>(f.try_update(*txn, id, i));
      }
      static_cast<void>(
          f.txns().commit(txn, i % 2 == 0 ? txn::Durability::lazy : txn::Durability::durable));
    }
    return true;
  });
  for (int i = 0; i < 300; ++i) {
    const auto rows = f.scan_now();
    REQUIRE(rows.size() == 3);
    if (rows[0].row.text != "new") continue;
    CHECK(rows[0].row.amount == rows[1].row.amount);
    CHECK(rows[0].row.amount == rows[2].row.amount);
  }
  stop.store(true);
  writer.join();
}

}  // namespace
}  // namespace mortise::heap
