// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the pool's invariants under errors, races and want of room.
// Method: the simulated disk; the other side of a race runs at a yield point; then threads on a
//         pool that is much too small.  Changes are made through log::Mtr, as everywhere.

#include "kernel/buffer/pool.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/log/mtr.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/scheduler.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/platform/thread.hpp"
#include "tests/support/yield_hook.hpp"

namespace mortise::buffer {
namespace {

constexpr uint32_t kUnits = 64;

// Remembers what it was asked for.
struct Barrier final : LogBarrier {
  log::Log* log = nullptr;
  Lsn asked{};
  Status wait_durable(Lsn lsn) override {
    asked = std::max(asked, lsn);
    return log->wait_durable(lsn);
  }
  void stop(const Status& why) override { log->stop(why); }
};

struct Fixture {
  platform::SimDisk disk{9};
  std::unique_ptr<page::SpaceFiles> files;
  std::unique_ptr<Pool> pool;
  std::unique_ptr<log::Log> log;
  std::unique_ptr<log::MtrContext> context;
  Barrier barrier;

  explicit Fixture(bool threads = false) {
    REQUIRE(disk.create_directory("/s"));
    REQUIRE(disk.create_directory("/log"));
    files = std::make_unique<page::SpaceFiles>(disk, "/s");
    REQUIRE(files->create(SpaceId{0}));
    REQUIRE(files->extend(SpaceId{0}, 1024));
    PoolOptions options;
    options.pool_bytes = kUnits * page::kUnitBytes;
    options.space_units_max = 4096;
    options.huge_pages = false;
    options.full_wait_ns = threads ? 60'000'000'000 : 0;
    auto made = Pool::create(std::move(options), *files, disk, "/dw");
    REQUIRE(made.status().message() == "");
    pool = std::move(*made);
    log::LogOptions log_options;
    log_options.ring_bytes = 8u << 20;
    log_options.segment_bytes = 1u << 20;
    log_options.flusher_thread = threads;
    auto opened = log::Log::open(disk, "/log", log_options, log::LogTail{});
    REQUIRE(opened.status().message() == "");
    log = std::move(*opened);
    barrier.log = log.get();
    pool->set_barrier(&barrier);
    context = std::make_unique<log::MtrContext>(log::MtrContext{*pool, *log});
  }
  static PageId id(uint64_t number) { return make_page_id(SpaceId{0}, number); }
  void make_pages(uint64_t begin, uint64_t end,
                  page::SizeClass size_class = page::SizeClass::kib4) {
    for (uint64_t i = begin; i < end; i += page::units_of(size_class)) {
      log::Mtr mtr(*context);
      auto page = mtr.fresh(id(i), size_class);
      REQUIRE(page.status().message() == "");
      mtr.init_page(*page, size_class, page::PageType::heap);
      mtr.store(*page, 64, i);
      mtr.commit();
    }
  }
  Lsn put(uint64_t number, uint64_t value) {
    log::Mtr mtr(*context);
    auto page = mtr.exclusive(id(number));
    REQUIRE(page.status().message() == "");
    mtr.store(*page, 64, value);
    return mtr.commit();
  }
  uint64_t get(uint64_t number) {
    auto page = pool->shared(id(number));
    REQUIRE(page.status().message() == "");
    return load_le<uint64_t>(page->data() + 64);
  }
  page::PageHeader home(uint64_t number) {
    platform::AlignedBuffer bytes(page::kUnitBytes);
    REQUIRE(files->read(id(number), bytes.bytes()));
    return page::read_header(bytes.data());
  }
};

TEST_CASE("pool: many more pages than frames come and go") {
  Fixture f;
  f.make_pages(0, 500);
  for (uint64_t round = 0; round < 3; ++round) {
    for (uint64_t i = 0; i < 500; ++i) CHECK(f.get(i) == i);
  }
  CHECK(f.pool->verify().message() == "");
  CHECK(f.pool->stats().evictions > 1000);
}

TEST_CASE("pool: a page of another size than hinted is found, at the price of a second read") {
  Fixture f;
  f.make_pages(512, 520, page::SizeClass::kib16);
  f.make_pages(0, 200);  // the large ones leave
  auto page = f.pool->shared(f.id(516));
  REQUIRE(page.status().message() == "");
  CHECK(page->size_bytes() == 16384);
  CHECK(load_le<uint64_t>(page->data() + 64) == 516);
}

TEST_CASE("pool: B4 a read error reaches the caller and the page can be read again") {
  Fixture f;
  f.make_pages(0, 200);
  f.disk.fail_operation(platform::SimDisk::Operation::read, 1);
  CHECK(f.pool->shared(f.id(0)).status().code() == Code::io);
  CHECK(f.get(0) == 0);
  CHECK(f.pool->verify().message() == "");
}

TEST_CASE("pool: B4 everybody who waits for a failing read gets an answer") {
  Fixture f(true);
  f.make_pages(0, 200);
  REQUIRE(f.pool->clean_all());
  for (uint64_t round = 0; round < 30; ++round) {
    f.disk.fail_operation(platform::SimDisk::Operation::read, 1 + round % 4);
    std::vector<platform::Thread> threads;
    std::atomic<uint64_t> answers{0};
    for (int t = 0; t < 4; ++t) {
      threads.push_back(std::move(*platform::Thread::spawn("reader", [&] {
        for (uint64_t i = 0; i < 100; ++i) {
          (void)f.pool->shared(f.id((round * 50 + i) % 200)).status().is_ok();
        }
        answers.fetch_add(1);
      })));
    }
    for (auto& thread : threads) thread.join();
    CHECK(answers.load() == 4);
  }
  CHECK(f.pool->verify().message() == "");
}

TEST_CASE("pool: a damaged page is named; the double-write copy saves it if there is one") {
  Fixture f;
  f.make_pages(0, 20);
  REQUIRE(f.pool->clean_all());
  f.make_pages(100, 300);  // evicts, and writes other batches over the copies
  REQUIRE(f.disk.flip_bit("/s/0000.space", (7 * 4096 + 1000) * 8));
  const Status damaged = f.pool->shared(f.id(7)).status();
  CHECK(damaged.code() == Code::corrupt);
  CHECK(damaged.sqlstate() == "XX001");
  CHECK(damaged.message().find("space 0 page 7") != std::string_view::npos);

  f.put(9, 99);
  REQUIRE(f.pool->clean_all());
  f.pool->discard(f.id(9), 1);
  REQUIRE(f.disk.flip_bit("/s/0000.space", (9 * 4096 + 1000) * 8));
  CHECK(f.get(9) == 99);
  CHECK(f.pool->stats().pages_repaired == 1);
}

TEST_CASE("pool: B5 a pool full of pinned pages says so, and goes on when they are let go") {
  Fixture f;
  f.make_pages(0, 200);
  REQUIRE(f.pool->clean_all());
  std::vector<SharedGuard> guards;
  Status full;
  for (uint64_t i = 0; i < 200 && full; ++i) {
    auto guard = f.pool->shared(f.id(i));
    full = guard.status();
    if (guard) guards.push_back(std::move(*guard));
  }
  CHECK(full.code() == Code::limit);
  CHECK(full.message().find("full of pages in use") != std::string_view::npos);
  CHECK(guards.size() == kUnits);
  // Pins count as well as latches.
  std::vector<Pin> pins;
  for (const SharedGuard& guard : guards) pins.push_back(f.pool->pin(guard));
  guards.clear();
  CHECK(f.pool->shared(f.id(199)).status().code() == Code::limit);
  pins.clear();
  CHECK(f.get(199) == 199);
}

TEST_CASE("pool: B5 threads that hold latches and want frames never wait for each other for ever") {
  Fixture f(true);
  f.make_pages(0, 300);
  std::vector<platform::Thread> threads;
  std::atomic<uint64_t> changes{0};
  for (uint64_t t = 0; t < 4; ++t) {
    threads.push_back(std::move(*platform::Thread::spawn("worker", [&, t] {
      platform::Random random(t);
      for (int i = 0; i < 400; ++i) {
        log::Mtr mtr(*f.context);
        // Ascending, as every latch order: up to eight pages of 64 frames in four threads.
        uint64_t number = random.below(40);
        bool ok = true;
        for (int k = 0; k < 8 && ok; ++k) {
          auto page = mtr.exclusive(Fixture::id(number));
          ok = page.has_value();
          if (ok) mtr.store(*page, 72, load_le<uint64_t>(page->data() + 72) + 1);
          number += 1 + random.below(30);
        }
        if (!ok) continue;
        mtr.commit();
        changes.fetch_add(8);
      }
    })));
  }
  for (auto& thread : threads) thread.join();
  uint64_t sum = 0;
  for (uint64_t i = 0; i < 300; ++i) {
    auto page = f.pool->shared(Fixture::id(i));
    REQUIRE(page.status().message() == "");
    sum += load_le<uint64_t>(page->data() + 72);
  }
  CHECK(sum == changes.load());
  CHECK(changes.load() == 4 * 400 * 8);
  CHECK(f.pool->verify().message() == "");
}

// Between the look at the entry and the latch, another page comes into the frame, and stays latched
// until the thread sleeps.
class FrameTaken final : public platform::Scheduler {
 public:
  FrameTaken(Fixture& fixture, const char* point)
      : fixture_(fixture), point_(point), previous_(platform::install_scheduler(this)) {}
  ~FrameTaken() override { platform::install_scheduler(previous_); }
  FrameTaken(const FrameTaken&) = delete;
  FrameTaken& operator=(const FrameTaken&) = delete;

  bool has_come() const { return has_come_; }
  bool has_slept() const { return has_slept_; }
  void let_go() { holder_.reset(); }

  bool park(const std::atomic<uint32_t>&, uint32_t, uint64_t) override {
    has_slept_ = true;
    let_go();
    return false;
  }
  void wake(const std::atomic<uint32_t>&, uint32_t) override {}
  void yield(const char* point) override {
    if (has_come_ || point != std::string_view(point_)) return;
    has_come_ = true;
    platform::install_scheduler(previous_);
    fixture_.pool->discard(Fixture::id(0), 1);
    holder_ = std::make_unique<log::Mtr>(*fixture_.context);
    CHECK(holder_->exclusive(Fixture::id(1)));
    platform::install_scheduler(this);
  }
  Status spawn(std::string_view, UniqueFunction<void()>) override { return unsupported("none"); }
  uint64_t monotonic_ns() override { return 1; }
  uint64_t realtime_us() override { return 1; }
  uint64_t random() override { return 4; }

 private:
  Fixture& fixture_;
  const char* const point_;
  platform::Scheduler* const previous_;
  std::unique_ptr<log::Mtr> holder_;
  bool has_come_ = false;
  bool has_slept_ = false;
};

TEST_CASE("pool: B8 nobody waits for a frame that holds another page by now") {
  for (const char* point : {"latch.exclusive", "latch.shared"}) {
    CAPTURE(point);
    Fixture f;
    f.make_pages(0, 2);
    REQUIRE(f.pool->clean_all());
    f.pool->discard(f.id(1), 1);
    FrameTaken other(f, point);
    if (point == std::string_view("latch.exclusive")) {
      f.put(0, 7);
      CHECK(!other.has_slept());
      other.let_go();
      CHECK(f.get(0) == 7);
    } else {
      CHECK(f.get(0) == 0);
      CHECK(!other.has_slept());
      other.let_go();
    }
    CHECK(other.has_come());
    CHECK(f.get(1) == 1);
  }
}

TEST_CASE("pool: B6 a page goes home only behind the log of its copy") {
  Fixture f;
  f.make_pages(0, 4);
  REQUIRE(f.pool->clean_all());
  const Lsn copied = f.put(2, 5);
  Lsn newer{};
  {
    // The page changes between the copy and the write.
    YieldHook hook("pool.copied", [&] { newer = f.put(2, 6); });
    REQUIRE(f.pool->clean(1, Lsn{UINT64_MAX}));
    CHECK(hook.passed_count() == 1);
  }
  CHECK(f.barrier.asked == copied);
  CHECK(newer > copied);
  CHECK(f.home(2).page_seq == raw(copied));
  CHECK(f.log->durable_lsn() >= copied);
}

TEST_CASE("pool: B7 a change during the write keeps the page dirty from the copy on") {
  Fixture f;
  f.make_pages(0, 4);
  REQUIRE(f.pool->clean_all());
  for (const char* moment : {"pool.copied", "pool.home_written"}) {
    const Lsn copied = f.put(2, 5);
    {
      YieldHook hook(moment, [&] { f.put(2, 6); });
      REQUIRE(f.pool->clean(1, Lsn{UINT64_MAX}));
    }
    CHECK(f.pool->oldest_rec_lsn() == copied);
    REQUIRE(f.pool->clean_all());
    CHECK(f.pool->oldest_rec_lsn() == kNoLsn);
    f.pool->discard(f.id(2), 1);
    CHECK(f.get(2) == 6);
  }
}

TEST_CASE("pool: a page that cannot be written stops the log") {
  Fixture f;
  f.make_pages(0, 4);
  REQUIRE(f.log->flush());
  f.disk.fail_operation(platform::SimDisk::Operation::write, 1);
  CHECK(!f.pool->clean_all());
  CHECK(!f.log->is_writable());
  CHECK(f.log->status().sqlstate() == "58030");
}

TEST_CASE("pool: L1 a reader notices that its frame has had another page meanwhile") {
  if constexpr (kOptimisticReadsLatch) return;
  Fixture f;
  f.make_pages(0, 300);
  REQUIRE(f.pool->clean_all());
  CHECK(f.get(5) == 5);
  auto read = f.pool->optimistic(f.id(5));
  REQUIRE(read.has_value());
  CHECK(read->validate());
  for (uint64_t i = 100; i < 300; ++i) f.get(i);  // page 5 leaves
  for (uint64_t i = 0; i < 64; ++i) f.get(i);     // and comes back, perhaps to the same frame
  CHECK(!read->validate());
}

TEST_CASE("pool: a reader that follows a torn offset starts over") {
  if constexpr (kOptimisticReadsLatch) return;
  Fixture f;
  f.make_pages(0, 4);
  f.put(1, 100);
  int calls = 0;
  uint64_t result = 0;
  const Status status = f.pool->read(f.id(1), [&](std::span<const std::byte> bytes) {
    ++calls;
    if (calls == 1) {
      f.put(1, 200);
      return false;  // what was read so far makes no sense any more
    }
    result = load_le<uint64_t>(bytes.data() + 64);
    return true;
  });
  CHECK(status);
  CHECK(calls == 2);
  CHECK(result == 200);
}

TEST_CASE("pool: optimistic readers never see half a change") {
  Fixture f(true);
  f.make_pages(0, 8);
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> torn{0};
  std::vector<platform::Thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.push_back(std::move(*platform::Thread::spawn("reader", [&] {
      platform::Random random(7);
      while (!stop.load(std::memory_order_relaxed)) {
        uint64_t first = 0;
        uint64_t second = 0;
        const PageId page = Fixture::id(random.below(8));
        const Status status = f.pool->read(page, [&](std::span<const std::byte> bytes) {
          first = load_le<uint64_t>(bytes.data() + 128);
          second = load_le<uint64_t>(bytes.data() + 2048);
          return true;
        });
        if (!status || first != second) torn.fetch_add(1);
      }
    })));
  }
  platform::Random random(8);
  for (uint64_t i = 1; i < 5000; ++i) {
    log::Mtr mtr(*f.context);
    auto page = mtr.exclusive(Fixture::id(random.below(8)));
    mtr.store(*page, 128, i);
    mtr.store(*page, 2048, i);
    if (random.one_in(3)) {
      mtr.abort();
    } else {
      mtr.commit();
    }
  }
  stop.store(true);
  for (auto& thread : threads) thread.join();
  CHECK(torn.load() == 0);
}

TEST_CASE("pool: what is prefetched is there, what cannot be read is found out by the fix") {
  for (const bool threads : {false, true}) {
    Fixture f(threads);
    f.make_pages(0, 300);
    REQUIRE(f.pool->clean_all());
    f.make_pages(512, 612);  // pages 0 to 7 have left
    std::vector<PageId> pages;
    for (uint64_t i = 0; i < 8; ++i) pages.push_back(f.id(i));
    const uint64_t before = f.pool->stats().prefetched;
    f.pool->prefetch(pages);
    CHECK(f.pool->stats().prefetched > before);
    for (uint64_t i = 0; i < 8; ++i) CHECK(f.get(i) == i);

    REQUIRE(f.disk.flip_bit("/s/0000.space", (20 * 4096 + 1000) * 8));
    const PageId damaged = f.id(20);
    f.pool->discard(damaged, 1);
    f.pool->prefetch({&damaged, 1});
    CHECK(f.pool->shared(damaged).status().code() == Code::corrupt);
    const PageId nowhere = f.id(2000);
    f.pool->prefetch({&nowhere, 1});
    CHECK(f.pool->shared(nowhere).status().code() == Code::corrupt);
    CHECK(f.pool->verify().message() == "");
  }
}

// Remembers what it hears; proposes nonsense first.
struct OddPolicy final : EvictionPolicy {
  explicit OddPolicy(uint64_t& loaded_count) : loaded(loaded_count) {}
  uint64_t& loaded;
  FrameView view{};
  uint32_t next = 0;
  Status start(const FrameView& v) override {
    view = v;
    return {};
  }
  bool wants_accesses() const override { return true; }
  void on_accesses(std::span<const Access> accesses) override { loaded += accesses.size(); }
  void on_loaded(uint32_t, PageId, AccessHint) override { ++loaded; }
  void on_evicted(uint32_t, PageId) override {}
  uint32_t pick(std::span<uint32_t> victims, page::SizeClass) override {
    for (uint32_t i = 0; i < victims.size(); ++i) {
      victims[i] = i == 0 ? view.frame_count + 5 : next++ % view.frame_count;
    }
    return static_cast<uint32_t>(victims.size());
  }
};

TEST_CASE("pool: a policy comes while pages are there, and may be as odd as it likes") {
  Fixture f;
  f.make_pages(0, 40);
  uint64_t heard = 0;
  REQUIRE(f.pool->set_policy(std::make_unique<OddPolicy>(heard)));
  CHECK(heard == 40);
  f.make_pages(40, 400);
  for (uint64_t i = 0; i < 400; ++i) CHECK(f.get(i) == i);
  CHECK(f.pool->verify().message() == "");
  CHECK(heard > 760);
  REQUIRE(f.pool->set_policy(make_clock_policy()));
  for (uint64_t i = 0; i < 400; ++i) CHECK(f.get(i) == i);
}

TEST_CASE("pool: sizes give each other room") {
  Fixture f;
  f.make_pages(0, 300);
  f.make_pages(512, 640, page::SizeClass::kib32);
  for (uint64_t i = 512; i < 640; i += 8) CHECK(f.get(i) == i);
  for (uint64_t i = 0; i < 300; ++i) CHECK(f.get(i) == i);
  CHECK(f.pool->shared(f.id(0), {.size_class = page::SizeClass::mib1}));  // a wild guess, resident
  CHECK(f.pool->verify().message() == "");
}

}  // namespace
}  // namespace mortise::buffer
