// SPDX-License-Identifier: Apache-2.0
//
// Goal:   after a crash at any I/O event, also one inside recovery, every acknowledged transaction
//         is there whole, every other one is there whole or not at all, and the stored structures
//         are sound.
// Method: random transactions (insert, update, growth, delete, large values, savepoints, rollback,
//         lazy commits, checkpoints, purge) on a simulated disk; a model says what each possible
//         outcome is.  Transactions whose commit was in flight are tried both ways.  Seeds are
//         printed; the number of runs comes from MORTISE_CRASH_RUNS.

#include <algorithm>
#include <map>

#include "kernel/heap/test_instance.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/scheduler.hpp"

namespace mortise::heap {
namespace {

// Time and chance by seed, so that a run can be repeated; nothing here ever sleeps.
class SeededTime final : public platform::Scheduler {
 public:
  explicit SeededTime(uint64_t seed) : random_(seed), before_(platform::install_scheduler(this)) {}
  ~SeededTime() override { platform::install_scheduler(before_); }
  SeededTime(const SeededTime&) = delete;
  SeededTime& operator=(const SeededTime&) = delete;

  bool park(const std::atomic<uint32_t>&, uint32_t, uint64_t deadline_ns) override {
    if (deadline_ns == UINT64_MAX) FAIL("a single thread waits for itself");
    now_us_ = std::max(now_us_, deadline_ns / 1000 + 1);
    return false;
  }
  void wake(const std::atomic<uint32_t>&, uint32_t) override {}
  void yield(const char*) override {}
  Status spawn(std::string_view, UniqueFunction<void()>) override {
    return unsupported("one thread only");
  }
  uint64_t monotonic_ns() override { return realtime_us() * 1000; }
  uint64_t realtime_us() override { return now_us_ += random_.below(300); }
  uint64_t random() override { return random_.next(); }

 private:
  platform::Random random_;
  uint64_t now_us_ = 1'700'000'000'000'000;
  platform::Scheduler* const before_;
};

using State = std::map<int64_t, Row>;  // what a reader may see, by id

// What one transaction wants to be: its effect on the state.
struct Effect {
  std::map<int64_t, std::optional<Row>> rows;  // nullopt: deleted
  void apply_to(State& state) const {
    for (const auto& [id, row] : rows) {
      if (row) {
        state[id] = *row;
      } else {
        state.erase(id);
      }
    }
  }
};

// Runs random transactions until the disk stops, and remembers what was promised.
class Workload {
 public:
  Workload(TestTable& table, uint64_t seed) : t_(table), random_(seed) {}

  // Acknowledged effects, in commit order.
  State promised;
  // Commits that were not answered (with the state before each a prefix of them may be there).
  std::vector<Effect> in_flight;
  int64_t next_id = 1;
  std::map<int64_t, mortise_row_id_t> row_ids;

  void run(int transactions) {
    for (int i = 0; i < transactions && !stopped_; ++i) transaction();
  }
  // After a recovery: what is there is what counts.
  void adopt(const State& state, const std::map<int64_t, mortise_row_id_t>& ids) {
    promised = state;
    in_flight.clear();
    lazy_.clear();
    row_ids = ids;
    stopped_ = false;
  }
  bool has_stopped() const { return stopped_; }

 private:
  // The state as the running transaction sees it.
  struct Running {
    txn::Transaction* txn;
    Effect effect;
    std::map<int64_t, mortise_row_id_t> new_ids;
  };

  // False when the disk has stopped.
  bool is_ok(const Status& status) {
    if (status) return true;
    INFO(std::string(status.message()));
    REQUIRE((status.code() == Code::io || status.code() == Code::limit));
    stopped_ = true;
    return false;
  }

  State visible(const Running& r) const {
    State state = promised;
    for (const Effect& effect : lazy_) effect.apply_to(state);
    r.effect.apply_to(state);
    return state;
  }
  std::string text() {
    const uint64_t kind = random_.below(40);
    const size_t size = kind == 0   ? random_.between(5'000, 90'000)
                        : kind < 4  ? random_.between(1'000, 3'000)
                        : kind < 10 ? 0
                                    : random_.between(1, 200);
    return std::string(size, static_cast<char>('a' + random_.below(26)));
  }

  bool insert(Running& r) {
    std::vector<Row> rows;
    const uint64_t count = random_.one_in(8) ? random_.between(50, 300) : random_.between(1, 5);
    for (uint64_t i = 0; i < count; ++i) {
      rows.push_back({next_id++, static_cast<int64_t>(random_.below(1000)), text()});
    }
    const RowBatch batch(rows);
    std::vector<mortise_row_id_t> ids(rows.size());
    if (!is_ok(t_.table->insert(*r.txn, batch.batch(), ids.data()))) return false;
    for (size_t i = 0; i < rows.size(); ++i) {
      r.effect.rows[rows[i].id] = rows[i];
      r.new_ids[rows[i].id] = ids[i];
    }
    return true;
  }

  bool change(Running& r, bool erases) {
    const State now = visible(r);
    if (now.empty()) return true;
    auto at = now.begin();
    std::advance(at, static_cast<ptrdiff_t>(random_.below(now.size())));
    Row row = at->second;
    const auto fresh = r.new_ids.find(row.id);
    const mortise_row_id_t id = fresh != r.new_ids.end() ? fresh->second : row_ids.at(row.id);
    uint8_t outcome = 0xFF;
    if (erases) {
      if (!is_ok(t_.table->erase(*r.txn, r.txn->view(), {&id, 1}, 0, &outcome))) return false;
      r.effect.rows[row.id] = std::nullopt;
    } else {
      row.amount = static_cast<int64_t>(random_.below(1000));
      if (!random_.one_in(3)) row.text = text();
      const RowBatch batch({row}, {id}, {1, 2});
      const uint32_t columns[] = {1, 2};
      if (!is_ok(t_.table->update(*r.txn, r.txn->view(), columns, batch.batch(), 0, &outcome))) {
        return false;
      }
      r.effect.rows[row.id] = row;
    }
    REQUIRE(outcome == MORTISE_ROW_DONE);
    return true;
  }

  bool step(Running& r) {
    if (!is_ok(t_.txns().statement_begin(*r.txn).status())) return false;
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        return insert(r);
      case 3:
        return change(r, true);
      default:
        return change(r, false);
    }
  }

  // Steps between a savepoint and its rollback leave nothing.
  bool detour(Running& r) {
    Result<uint64_t> savepoint = t_.txns().savepoint(*r.txn);
    if (!is_ok(savepoint.status())) return false;
    const Running before{r.txn, r.effect, r.new_ids};
    const uint64_t steps = random_.between(1, 4);
    for (uint64_t i = 0; i < steps; ++i) {
      if (!step(r)) return false;
    }
    if (!is_ok(t_.txns().rollback_to(*r.txn, *savepoint))) return false;
    r.effect = before.effect;
    r.new_ids = before.new_ids;
    return true;
  }

  void transaction() {
    if (random_.one_in(12) && !is_ok(t_.instance->storage->checkpoint())) return;
    if (random_.one_in(10) &&
        !is_ok(t_.instance->storage->pool().clean(64, Lsn{UINT64_MAX}).status())) {
      return;
    }
    if (random_.one_in(10) && !is_ok(t_.txns().maintain())) return;
    Result<txn::Transaction*> begun = t_.txns().begin({});
    if (!is_ok(begun.status())) return;
    Running r{*begun, {}, {}};
    const uint64_t steps = random_.between(1, 6);
    for (uint64_t i = 0; i < steps; ++i) {
      if (!(random_.one_in(5) ? detour(r) : step(r))) return;  // the transaction stays open
    }
    if (random_.one_in(6)) {
      t_.txns().abort(r.txn);
      stopped_ = !t_.instance->storage->log().is_writable();
      return;
    }
    finish(r);
  }

  void finish(Running& r) {
    const bool is_lazy = random_.one_in(4);
    in_flight.push_back(r.effect);
    const Status status =
        t_.txns().commit(r.txn, is_lazy ? txn::Durability::lazy : txn::Durability::durable);
    if (!is_ok(status)) return;
    row_ids.merge(std::map<int64_t, mortise_row_id_t>(r.new_ids));
    lazy_.push_back(r.effect);
    if (is_lazy) return;
    // A durable commit makes everything before it durable.
    for (const Effect& effect : lazy_) effect.apply_to(promised);
    lazy_.clear();
    in_flight.clear();
  }

  TestTable& t_;
  platform::Random random_;
  std::vector<Effect> lazy_;  // committed, but not promised to survive
  bool stopped_ = false;
};

State state_of(const std::vector<FoundRow>& rows) {
  State state;
  for (const FoundRow& found : rows) {
    const bool is_new = state.emplace(found.row.id, found.row).second;
    REQUIRE(is_new);  // H2: once
  }
  return state;
}

// Is `found` what was promised, and then a prefix of what was in flight?
bool is_possible(const State& found, const Workload& workload) {
  State state = workload.promised;
  if (found == state) return true;
  for (const Effect& effect : workload.in_flight) {
    effect.apply_to(state);
    if (found == state) return true;
  }
  return false;
}

// Where the recovered state leaves the promised one, for whoever has to find out why.
std::string difference(const State& found, const Workload& workload) {
  State wanted = workload.promised;
  std::string text = std::to_string(workload.in_flight.size()) + " commits in flight\n";
  for (const Effect& effect : workload.in_flight) effect.apply_to(wanted);
  const auto show = [](const State& state, int64_t id) -> std::string {
    const auto at = state.find(id);
    if (at == state.end()) return "none";
    return std::to_string(at->second.amount.value_or(-1)) + "/" +
           std::to_string(at->second.text.value_or("").size());
  };
  for (int64_t id = 1; id < workload.next_id; ++id) {
    const auto a = found.find(id);
    const auto b = workload.promised.find(id);
    const bool same = a == found.end() ? b == workload.promised.end()
                                       : b != workload.promised.end() && a->second == b->second;
    if (same) continue;
    text += "row " + std::to_string(id) + ": found " + show(found, id) + ", promised " +
            show(workload.promised, id) + ", with what was in flight " + show(wanted, id) + "\n";
  }
  return text;
}

void one_run(uint64_t seed) {
  CAPTURE(seed);
  const SeededTime time(seed);
  platform::Random random(seed);
  txn::TxnSettings settings;
  settings.undo_retention_us = random.one_in(2) ? 0 : 900'000'000;
  TestTable t(seed, false, settings);
  Workload workload(t, random.next());
  for (int life = 0; life < 3; ++life) {
    t.disk.stop_at_operation(t.disk.operation_count() + random.between(1, 400));
    workload.run(60);
    t.crash(random.next());
    // Crashes inside recovery: each attempt gets a little further.
    for (uint64_t budget = random.between(1, 60);; budget += random.between(1, 60)) {
      const bool crashes = random.one_in(2) && budget < 400;
      if (crashes) t.disk.stop_at_operation(t.disk.operation_count() + budget);
      auto opened = Instance::open(t.disk, t.settings);
      if (opened) {
        t.disk.stop_at_operation(0);
        t.instance = std::move(*opened);
        break;
      }
      CAPTURE(std::string(opened.error().message()));
      REQUIRE(crashes);
      // `limit`: a pool that cannot be cleaned any more is full.
      REQUIRE((opened.error().code() == Code::io || opened.error().code() == Code::limit));
      t.disk.crash(random.next());
    }
    t.table = t.open_table();
    const std::vector<FoundRow> rows = t.scan_now();
    const State found = state_of(rows);
    if (!is_possible(found, workload)) FAIL_CHECK(difference(found, workload));
    REQUIRE(is_possible(found, workload));
    t.verify();
    require_ok(t.instance->storage->spaces().verify(SpaceId{0}));
    require_ok(t.instance->storage->spaces().verify(txn::kUndoSpace));
    std::map<int64_t, mortise_row_id_t> ids;
    for (const FoundRow& row : rows) ids[row.row.id] = row.id;
    workload.adopt(found, ids);
  }
  require_ok(t.instance->storage->close());
}

TEST_CASE("crash: V1 acknowledged commits survive whole, all others whole or not at all") {
  uint64_t runs = 60;
  if (const auto wanted = platform::environment("MORTISE_CRASH_RUNS")) runs = std::stoull(*wanted);
  uint64_t first = platform::random_seed() >> 16;
  if (const auto wanted = platform::environment("MORTISE_CRASH_SEED")) {
    first = std::stoull(*wanted);
  }
  for (uint64_t i = 0; i < runs; ++i) one_run(first + i);
}

}  // namespace
}  // namespace mortise::heap
