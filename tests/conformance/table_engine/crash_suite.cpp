// SPDX-License-Identifier: Apache-2.0
//
// Goal:   X1 X2 whatever a table was doing when the power failed, recovery finds exactly the
//         commits that were acknowledged, and perhaps the one that was on its way, whole; older
//         views read what was there at their time.
// Method: one random workload on a simulated disk, run again and again from the same seed, each
//         time stopped at another of its I/O operations; some recoveries are stopped too.  A model
//         keeps the contents after each commit.

#include <algorithm>

#include "tests/conformance/table_engine/store.hpp"

namespace mortise::conformance {
namespace {

constexpr int kSteps = 50;

class Life {
 public:
  explicit Life(uint64_t seed) : random_(seed), world_(options(seed)), store_(world_, types()) {}

  World& world() { return world_; }

  // Until the workload ends or something fails, as it does when the disk has stopped.
  void run() {
    for (int i = 0; i < kSteps; ++i) {
      if (!step()) return;
    }
    maybe_.reset();
  }

  void crash(uint64_t at) {
    store_.close();
    world_.crash(at);
  }

  // After recovery.
  void check() {
    store_.open();
    REQUIRE(store_.verify() == "");
    const Contents found = store_.scan_now();
    const bool is_last = found == committed_;
    const bool is_next = maybe_.has_value() && found == *maybe_;
    INFO("neither the acknowledged commits nor those and the one that was on its way");
    REQUIRE((is_last || is_next));
    for (const auto& [scn, contents] : history_) check_as_of(scn, contents);
    committed_ = found;
    maybe_.reset();
    // The recovered table takes changes as any other.
    for (int i = 0; i < 5; ++i) require_ok(step());
    CHECK(store_.scan_now() == committed_);
    CHECK(store_.verify() == "");
  }

 private:
  // What was once committed is read as it was, or not at all: an engine may have forgotten it.
  void check_as_of(mortise_scn_t scn, const Contents& contents) {
    Contents found;
    const Status status = store_.try_scan_as_of(scn, {}, found);
    if (status) {
      REQUIRE(found == contents);
    } else {
      REQUIRE(status.sqlstate() == "72000");
    }
  }
  static WorldOptions options(uint64_t seed) {
    WorldOptions options = table_world(seed);
    options.pool_bytes = uint64_t{1} << 20;
    return options;
  }
  static std::vector<mortise_type_t> types() {
    return {type_of(MORTISE_PHYSICAL_INT64), type_of(MORTISE_PHYSICAL_TEXT),
            type_of(MORTISE_PHYSICAL_NUMERIC), type_of(MORTISE_PHYSICAL_BOOL)};
  }

  Row make_row() {
    Row row = random_row(types(), random_, Domain::wide);
    if (random_() % 12 == 0) row[1] = string_value(std::string(random_() % 40'000, 'L'));
    return row;
  }

  Status step() {
    if (random_() % 5 == 0) MORTISE_TRY(world_.maintain());
    Txn txn(world_);
    Contents next = committed_;
    const Status done = change(txn, next);
    if (!done) {
      txn.forget();
      return done;
    }
    if (random_() % 5 == 0) {
      txn.abort();
      return {};
    }
    maybe_ = next;
    MORTISE_TRY(txn.commit());
    committed_ = std::move(next);
    maybe_.reset();
    if (random_() % 4 == 0) history_.emplace_back(world_.txns().visible_scn(), committed_);
    return {};
  }

  Status change(Txn& txn, Contents& next) {
    for (uint64_t part = random_() % 3 + 1; part > 0; --part) {
      const Contents before = next;
      const uint64_t savepoint = txn.savepoint();
      Rows rows;
      for (uint64_t i = random_() % 12; i > 0; --i) rows.push_back(make_row());
      RowIds ids;
      if (!rows.empty()) MORTISE_TRY(store_.try_insert(txn, rows, ids));
      next.merge(contents_of(ids, rows));
      for (const auto& [id, row] : before) {
        Outcomes outcomes;
        if (random_() % 12 == 0) {
          MORTISE_TRY(store_.try_erase(txn, {id}, MORTISE_WAIT, outcomes));
          next.erase(id);
        } else if (random_() % 6 == 0) {
          const Row values = make_row();
          MORTISE_TRY(store_.try_update(txn, {1, 3}, {id}, {{values[1], values[3]}}, MORTISE_WAIT,
                                        outcomes));
          next[id] = {row[0], values[1], row[2], values[3]};
        }
      }
      if (random_() % 4 == 0) {
        MORTISE_TRY(txn.rollback_to(savepoint));
        next = before;
      }
      txn.next_statement();
    }
    return {};
  }

  RandomBits random_;
  World world_;
  Store store_;
  Contents committed_;
  std::optional<Contents> maybe_;  // a commit that has not answered
  std::vector<std::pair<mortise_scn_t, Contents>> history_;
};

// Opens; now and then the power fails again in the middle of that.
void recover(World& world, RandomBits& random) {
  for (int attempt = 0; attempt < 3 && random() % 2 == 0; ++attempt) {
    world.disk().stop_at_operation(world.disk().operation_count() + random() % 60 + 1);
    static_cast<void>(world.try_open());
    world.crash(random());
  }
  world.open();
}

TEST_CASE(
    "table: X2 after a crash at any I/O operation every acknowledged commit is there, whole") {
  MESSAGE("seed ", seed());
  uint64_t first = 0;
  uint64_t last = 0;
  {
    Life life(seed());
    first = life.world().disk().operation_count();
    life.run();
    last = life.world().disk().operation_count();
    life.crash(1);
    life.world().open();
    life.check();
  }
  REQUIRE(last > first + 100);
  RandomBits random(seed());
  constexpr int kCrashes = 60;
  for (int i = 0; i < kCrashes; ++i) {
    const uint64_t at = first + 1 + random() % (last - first);
    CAPTURE(at);
    Life life(seed());
    life.world().disk().stop_at_operation(at);
    life.run();
    life.crash(random());
    recover(life.world(), random);
    life.check();
  }
}

}  // namespace
}  // namespace mortise::conformance
