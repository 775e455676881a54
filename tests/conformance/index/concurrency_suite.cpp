// SPDX-License-Identifier: Apache-2.0
//
// Goal:   an index keeps I1 to I4 while many threads change and read it.
// Method: real threads over a kernel with its background work running; what each thread did is
//         known, so the end is known; of what happened between only what the contract promises is
//         checked.

#include <algorithm>
#include <array>
#include <atomic>

#include "kernel/platform/thread.hpp"
#include "tests/conformance/index/subject.hpp"

namespace mortise::conformance {
namespace {

constexpr size_t kThreads = 4;
const mortise_type_t kInt64 = type_of(MORTISE_PHYSICAL_INT64);

// Runs body(0) .. body(kThreads - 1) at once.
template <typename Body>
void run_threads(Body&& body) {
  std::vector<platform::Thread> threads;
  for (size_t i = 0; i < kThreads; ++i) {
    Result<platform::Thread> thread = platform::Thread::spawn("suite", [&body, i] { body(i); });
    REQUIRE(thread.has_value());
    threads.push_back(std::move(*thread));
  }
  for (platform::Thread& thread : threads) thread.join();
}

WorldOptions threaded_world() {
  WorldOptions options = index_world(seed());
  options.with_threads = true;
  options.pool_bytes = uint64_t{4} << 20;
  return options;
}

TEST_CASE("index: I4 of two who insert a key at the same time at least one sees the other") {
  constexpr int64_t kKeys = 400;
  World world(threaded_world());
  Subject subject(world, columns_of({kInt64}));
  if ((subject.api().header.capabilities & MORTISE_INDEX_UNIQUE) == 0) return;
  // Thread t uses row id t + 1; seen[t][key] has a bit for each row id that t was told of.
  std::array<std::vector<uint32_t>, kThreads> seen;
  std::atomic<int> failures{0};
  run_threads([&](size_t t) {
    seen[t].resize(kKeys);
    for (int64_t key = 0; key < kKeys; ++key) {
      Txn txn(world);
      std::vector<Conflict> conflicts;
      const Status status =
          subject.try_insert(txn, {{{int_value(kInt64, key)}, t + 1}}, &conflicts, false, nullptr);
      if (!status || !txn.commit(MORTISE_DURABILITY_LAZY)) ++failures;
      for (const Conflict& c : conflicts) {
        seen[t][static_cast<size_t>(key)] |= 1u << (c.row_id - 1);
      }
    }
  });
  REQUIRE(failures == 0);
  int blind = 0;
  for (size_t key = 0; key < kKeys; ++key) {
    for (size_t a = 0; a < kThreads; ++a) {
      for (size_t b = a + 1; b < kThreads; ++b) {
        const bool a_saw = (seen[a][key] >> b & 1) != 0;
        const bool b_saw = (seen[b][key] >> a & 1) != 0;
        if (!a_saw && !b_saw) ++blind;
      }
    }
  }
  CHECK(blind == 0);
  CHECK(subject.scan().size() == kThreads * kKeys);
  CHECK(subject.verify() == "");
}

// Thread 0 scans again and again; the others insert and erase, each on row ids of its own.
TEST_CASE("index: I2 I3 scans beside inserts and erases are in order and miss nothing that stays") {
  MESSAGE("seed ", seed());
  constexpr int64_t kStays = 2000;
  World world(threaded_world());
  Subject subject(world, columns_of({kInt64}));
  std::vector<Entry> stays;
  for (int64_t i = 0; i < kStays; ++i) stays.push_back({{int_value(kInt64, i * 10)}, 1000});
  subject.insert(stays);
  Model stays_model = subject.empty_model();
  stays_model.insert(stays.begin(), stays.end());
  const std::vector<Found> must_see = subject.expected(stays_model);
  std::array<Model, kThreads> own = {subject.empty_model(), subject.empty_model(),
                                     subject.empty_model(), subject.empty_model()};
  std::atomic<size_t> writers{kThreads - 1};
  std::atomic<int> failures{0};
  std::atomic<int> scans{0};
  const auto write = [&](size_t t) {
    RandomBits random(seed() + t);
    for (int round = 0; round < 60; ++round) {
      std::vector<Entry> some;
      for (int i = 0; i < 50; ++i) {
        some.push_back({{int_value(kInt64, static_cast<int64_t>(random() % (kStays * 10)))}, t});
      }
      Txn txn(world);
      if (!subject.try_insert(txn, some, nullptr, false, nullptr)) ++failures;
      if (!txn.commit(MORTISE_DURABILITY_LAZY)) ++failures;
      own[t].insert(some.begin(), some.end());
      std::vector<Entry> gone;
      for (const Entry& entry : own[t]) {
        if (random() % 3 == 0) gone.push_back(entry);
      }
      if (!subject.try_erase(gone)) ++failures;
      for (const Entry& entry : gone) own[t].erase(entry);
    }
    --writers;
  };
  const auto read = [&] {
    while (writers != 0 || scans == 0) {
      const bool is_backward = scans % 2 == 1;
      std::vector<Found> found = subject.scan({}, {}, is_backward, 128);
      if (is_backward) std::reverse(found.begin(), found.end());
      const auto before = [](const Found& a, const Found& b) {
        return std::pair(a.key, a.row_id) < std::pair(b.key, b.row_id);
      };
      std::vector<Found> sorted = found;
      std::sort(sorted.begin(), sorted.end(), before);
      const bool is_unique = std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
      std::vector<Found> kept;
      for (const Found& f : found) {
        if (f.row_id == 1000) kept.push_back(f);
      }
      if (!is_unique || kept != must_see) ++failures;
      ++scans;
    }
  };
  run_threads([&](size_t t) { t == 0 ? read() : write(t); });
  CHECK(failures == 0);
  Model model = stays_model;
  for (size_t t = 1; t < kThreads; ++t) model.insert(own[t].begin(), own[t].end());
  CHECK(subject.scan() == subject.expected(model));
  CHECK(subject.verify() == "");
}

TEST_CASE("index: threads that insert into the same leaves lose no entry") {
  MESSAGE("seed ", seed());
  constexpr int64_t kPerThread = 4000;
  World world(threaded_world());
  Subject subject(world, columns_of({kInt64}));
  std::atomic<int> failures{0};
  run_threads([&](size_t t) {
    for (int64_t i = 0; i < kPerThread; i += 40) {  // interleaved, ascending: the hot right edge
      std::vector<Entry> some;
      for (int64_t k = i; k < i + 40; ++k) {
        some.push_back(
            {{int_value(kInt64, k * static_cast<int64_t>(kThreads) + static_cast<int64_t>(t))}, 1});
      }
      Txn txn(world);
      if (!subject.try_insert(txn, some, nullptr, false, nullptr)) ++failures;
      if (!txn.commit(MORTISE_DURABILITY_LAZY)) ++failures;
    }
  });
  CHECK(failures == 0);
  Model model = subject.empty_model();
  for (int64_t k = 0; k < kPerThread * static_cast<int64_t>(kThreads); ++k) {
    model.insert({{int_value(kInt64, k)}, 1});
  }
  CHECK(subject.scan() == subject.expected(model));
  CHECK(subject.verify() == "");
}

}  // namespace
}  // namespace mortise::conformance
