// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a mini-transaction is in the log and in the pages, or nowhere, and no checkpoint misses
// it.
// Method: a pool and a log on the simulated disk; the other side of each race runs at a yield
// point.

#include "kernel/log/mtr.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "tests/support/yield_hook.hpp"

namespace mortise::log {
namespace {

struct Fixture {
  platform::SimDisk disk{9};
  std::unique_ptr<page::SpaceFiles> files;
  std::unique_ptr<buffer::Pool> pool;
  std::unique_ptr<Log> log;
  std::unique_ptr<MtrContext> context;

  explicit Fixture(uint64_t pool_units = 128) {
    REQUIRE(disk.create_directory("/s"));
    REQUIRE(disk.create_directory("/log"));
    files = std::make_unique<page::SpaceFiles>(disk, "/s");
    REQUIRE(files->create(SpaceId{0}));
    REQUIRE(files->extend(SpaceId{0}, 1024));
    buffer::PoolOptions options;
    options.pool_bytes = pool_units * page::kUnitBytes;
    options.space_units_max = 4096;
    options.huge_pages = false;
    options.full_wait_ns = 0;
    auto made = buffer::Pool::create(std::move(options), *files, disk, "/dw");
    REQUIRE(made.status().message() == "");
    pool = std::move(*made);
    LogOptions log_options;
    log_options.ring_bytes = 8u << 20;
    log_options.flusher_thread = false;
    LogTail tail;
    auto opened = Log::open(disk, "/log", log_options, tail);
    REQUIRE(opened.status().message() == "");
    log = std::move(*opened);
    pool->set_barrier(log.get());
    context = std::make_unique<MtrContext>(MtrContext{*pool, *log});
  }
  PageId id(uint64_t number) const { return make_page_id(SpaceId{0}, number); }
  Lsn make_page(uint64_t number, page::SizeClass size_class = page::SizeClass::kib4) {
    Mtr mtr(*context);
    auto page = mtr.fresh(id(number), size_class);
    REQUIRE(page.status().message() == "");
    mtr.init_page(*page, size_class, page::PageType::heap);
    return mtr.commit();
  }
  Lsn put(uint64_t number, uint64_t value, uint32_t offset = 64) {
    Mtr mtr(*context);
    auto page = mtr.exclusive(id(number));
    REQUIRE(page.status().message() == "");
    mtr.store(*page, offset, value);
    return mtr.commit();
  }
  uint64_t get(uint64_t number, uint32_t offset = 64) {
    auto page = pool->shared(id(number));
    REQUIRE(page.status().message() == "");
    return load_le<uint64_t>(page->data() + offset);
  }
};

TEST_CASE("mtr: commit changes pages, numbers them and is found in the log") {
  Fixture f;
  f.make_page(7);
  std::byte payload[] = {std::byte{1}, std::byte{2}};
  const RowChange change{SegmentId{5}, RowChangeKind::insert, 99, {}};
  Lsn end{};
  {
    Mtr mtr(*f.context, TxnId{33});
    auto page = mtr.exclusive(f.id(7));
    mtr.store(*page, 64, uint64_t{4711});
    mtr.fill(*page, 100, 50, std::byte{9});
    mtr.move(*page, 200, 64, 8);
    end = mtr.commit({.payload = payload, .row_change = &change});
  }
  CHECK(f.get(7, 200) == 4711);
  auto page = f.pool->shared(f.id(7));
  CHECK(page::read_header(page->data()).page_seq == raw(end));
  CHECK(f.pool->oldest_rec_lsn() != kNoLsn);
  CHECK(f.log->tail() == end);
}

TEST_CASE("mtr: M3 without commit every page is as it was, whatever was done") {
  Fixture f;
  f.make_page(7);
  f.put(7, 1);
  const Lsn tail = f.log->tail();
  {
    Mtr mtr(*f.context);
    auto page = mtr.exclusive(f.id(7));
    mtr.store(*page, 64, uint64_t{2});
    mtr.fill(*page, 60, 20, std::byte{3});
    mtr.move(*page, 62, 70, 30);
    auto fresh = mtr.fresh(f.id(8), page::SizeClass::kib4);
    mtr.init_page(*fresh, page::SizeClass::kib4, page::PageType::heap);
    mtr.init_page(*page, page::SizeClass::kib4, page::PageType::undo);
    // A failing step in the middle ends it.
    CHECK(mtr.exclusive(f.id(900)).status().code() == Code::corrupt);
  }
  CHECK(f.get(7) == 1);
  CHECK(f.log->tail() == tail);
  CHECK(f.pool->shared(f.id(8)).status().code() == Code::corrupt);  // still never written
  CHECK(f.pool->verify().message() == "");
}

TEST_CASE("mtr: without changes there is nothing to log") {
  Fixture f;
  f.make_page(7);
  const Lsn tail = f.log->tail();
  Mtr mtr(*f.context);
  auto page = mtr.exclusive(f.id(7));
  auto other = mtr.exclusive(f.id(7));
  CHECK(page->data() == other->data());  // the same page is the same page
  CHECK(mtr.commit() == kNoLsn);
  CHECK(f.log->tail() == tail);
}

TEST_CASE("mtr: M2 a checkpoint between reservation and copy sees the change") {
  Fixture f;
  f.make_page(7);
  REQUIRE(f.pool->clean_all());
  REQUIRE(f.pool->oldest_rec_lsn() == kNoLsn);
  Lsn redo{};
  const Lsn begin = f.log->tail();
  {
    YieldHook hook("log.reserved", [&] {
      const Lsn tail = f.log->tail();
      const Lsn oldest = f.pool->oldest_rec_lsn();
      redo = oldest == kNoLsn ? tail : std::min(tail, oldest);
    });
    f.put(7, 5);
    REQUIRE(hook.passed_count() == 1);
  }
  CHECK(redo <= begin);
}

TEST_CASE("mtr: room is asked for before, and a page of the largest class fits a record") {
  Fixture f(2048);
  Mtr mtr(*f.context);
  CHECK(mtr.check_room(1u << 20));
  CHECK(mtr.check_room(kRecordBytesMax).code() == Code::limit);
  auto page = mtr.fresh(f.id(256), page::SizeClass::mib1);
  REQUIRE(page.status().message() == "");
  mtr.init_page(*page, page::SizeClass::mib1, page::PageType::heap_large_value);
  std::vector<std::byte> body((1u << 20) - 32, std::byte{7});
  mtr.write(*page, 32, body);
  const Lsn end = mtr.commit();
  CHECK(f.log->wait_durable(end));
  REQUIRE(f.pool->clean_all());
}

TEST_CASE("mtr: an optimistic read becomes exclusive only if nothing has changed") {
  Fixture f;
  f.make_page(7);
  auto first = f.pool->optimistic(f.id(7));
  {
    Mtr mtr(*f.context);
    auto page = mtr.upgrade(std::move(*first));
    REQUIRE(page.status().message() == "");
    mtr.store(*page, 64, uint64_t{8});
    mtr.commit();
  }
  auto second = f.pool->optimistic(f.id(7));
  if constexpr (!buffer::kOptimisticReadsLatch) {
    f.put(7, 9);
    Mtr mtr(*f.context);
    CHECK(mtr.upgrade(std::move(*second)).status().code() == Code::conflict);
  }
}

TEST_CASE("mtr: what `order` writes is part of the record") {
  Fixture f;
  f.make_page(7);
  Mtr mtr(*f.context, TxnId{3});
  auto page = mtr.exclusive(f.id(7));
  std::byte payload[8] = {};
  mtr.commit_ordered({.kind = RecordKind::commit, .payload = payload}, [&] {
    store_le(payload, uint64_t{1234});
    mtr.store(*page, 64, uint64_t{1234});
  });
  CHECK(f.get(7) == 1234);
}

TEST_CASE("mtr: a log that has failed takes no more changes") {
  Fixture f;
  f.make_page(7);
  f.disk.fail_operation(platform::SimDisk::Operation::sync, 1);
  CHECK(!f.log->flush());
  Mtr mtr(*f.context);
  CHECK(mtr.exclusive(f.id(7)).status().sqlstate() == "58030");
  CHECK(f.pool->shared(f.id(7)));  // reading goes on
}

}  // namespace
}  // namespace mortise::log
