// SPDX-License-Identifier: Apache-2.0
//
// Goal:   whatever an index was doing when the power failed, recovery finds a whole index with
//         every entry that a durable commit follows and no entry that was never inserted.
// Method: one random workload on a simulated disk, run again and again from the same seed, each
//         time stopped at another of its I/O operations; some recoveries are stopped too.  An entry
//         whose last change is not durable may be there or not; all others are certain.

#include <algorithm>
#include <map>

#include "tests/conformance/index/subject.hpp"

namespace mortise::conformance {
namespace {

constexpr int kSteps = 60;
const mortise_type_t kText = type_of(MORTISE_PHYSICAL_TEXT);

class Life {
 public:
  explicit Life(uint64_t seed) : random_(seed), world_(options(seed)), subject_(world_, columns()) {
    certain_ = std::make_unique<Model>(subject_.empty_model());
    now_ = std::make_unique<Model>(subject_.empty_model());
    open_ = std::make_unique<Model>(subject_.empty_model());
  }

  World& world() { return world_; }

  // Until the workload ends or something fails, as it does when the disk has stopped.
  void run() {
    for (int i = 0; i < kSteps; ++i) {
      if (!step()) return;
    }
  }

  void crash(uint64_t at) {
    subject_.close();
    world_.crash(at);
  }

  // After recovery.
  void check() {
    subject_.open();
    REQUIRE(subject_.verify() == "");
    const std::vector<Found> found = subject_.scan();
    std::map<std::pair<std::string, mortise_row_id_t>, int> left;
    for (const Found& f : found) left[{f.key, f.row_id}] += 1;
    for (const Found& f : subject_.expected(*certain_)) {
      const bool is_there = left.erase({f.key, f.row_id}) == 1;
      INFO("an entry that a durable commit follows is missing");
      REQUIRE((is_there || is_open(f)));
    }
    for (const auto& [entry, count] : left) {
      INFO("an entry that was never inserted or was erased for good");
      REQUIRE(is_open({entry.first, entry.second}));
    }
    *certain_ = subject_.empty_model();
    *now_ = subject_.empty_model();
    go_on_with(found);
  }

 private:
  static WorldOptions options(uint64_t seed) {
    WorldOptions options = index_world(seed);
    options.pool_bytes = uint64_t{1} << 20;
    return options;
  }
  static std::vector<mortise_index_column_t> columns() {
    return columns_of({kText}, MORTISE_INDEX_DESCENDING);
  }

  // Words of one to two hundred letters: leaves of few entries, many splits.
  Entry random_entry() {
    std::string word(random_() % 200 + 1, static_cast<char>('a' + random_() % 8));
    for (size_t i = 0; i < std::min<size_t>(4, word.size()); ++i) {
      word[i] = static_cast<char>('a' + random_() % 26);
    }
    return {{string_value(word)}, random_() % 20 + 1};
  }

  Status step() {
    if (random_() % 5 == 0) MORTISE_TRY(world_.maintain());
    Txn txn(world_);
    const Status done = change(txn);
    if (!done) {
      txn.forget();
      return done;
    }
    // A transaction that has changed no row has no commit to wait for.
    MORTISE_TRY(txn.commit());
    MORTISE_TRY(world_.make_durable());
    *certain_ = *now_;
    *open_ = subject_.empty_model();
    return {};
  }

  Status change(Txn& txn) {
    std::vector<Entry> some;
    for (uint64_t i = 0; i < random_() % 30 + 1; ++i) some.push_back(random_entry());
    open_->insert(some.begin(), some.end());
    now_->insert(some.begin(), some.end());
    MORTISE_TRY(subject_.try_insert(txn, some, nullptr, false, nullptr));
    if (random_() % 3 != 0) return {};
    std::vector<Entry> gone;
    for (const Entry& entry : *now_) {
      if (random_() % 6 == 0) gone.push_back(entry);
    }
    open_->insert(gone.begin(), gone.end());
    for (const Entry& entry : gone) now_->erase(entry);
    return subject_.try_erase(gone);
  }

  bool is_open(const Found& found) {
    if (open_keys_.empty()) {
      for (const Found& f : subject_.expected(*open_)) open_keys_.insert({f.key, f.row_id});
    }
    return open_keys_.contains({found.key, found.row_id});
  }

  // The recovered index takes changes as any other.
  void go_on_with(const std::vector<Found>& found) {
    std::vector<Entry> more;
    for (int i = 0; i < 50; ++i) {
      Entry entry = random_entry();
      entry.row_id += 1000;
      more.push_back(entry);
    }
    subject_.insert(more);
    Model added = subject_.empty_model();
    added.insert(more.begin(), more.end());
    CHECK(subject_.scan().size() == found.size() + added.size());
    CHECK(subject_.verify() == "");
  }

  RandomBits random_;
  World world_;
  Subject subject_;
  std::unique_ptr<Model> certain_;  // as of the last durable commit
  std::unique_ptr<Model> now_;
  std::unique_ptr<Model> open_;  // changed since
  std::set<std::pair<std::string, mortise_row_id_t>> open_keys_;
};

// Opens; now and then the power fails again in the middle of that.
void recover(World& world, RandomBits& random) {
  for (int attempt = 0; attempt < 3 && random() % 2 == 0; ++attempt) {
    world.disk().stop_at_operation(world.disk().operation_count() + random() % 60 + 1);
    const Status opened = world.try_open();
    world.crash(random());
    static_cast<void>(opened);
  }
  world.open();
}

TEST_CASE("index: I1 I2 I3 after a crash at any I/O operation every durable entry is there") {
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
