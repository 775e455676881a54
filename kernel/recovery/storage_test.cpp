// SPDX-License-Identifier: Apache-2.0
//
// Goal:   V3, V4: checkpoints bound what recovery reads; what does not belong together is refused.
// Method: a small instance on the simulated disk, with one file wrong at a time; a client that
//         writes down what it is told.  Crashes have their own test (crash_test.cpp).

#include "kernel/recovery/storage.hpp"

#include <doctest/doctest.h>

#include "kernel/base/bytes.hpp"
#include "kernel/base/crc32c.hpp"
#include "kernel/log/block.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/recovery/storage_world.hpp"

namespace mortise::recovery {
namespace {

struct Client final : RecoveryClient {
  std::string said = "hello";
  std::string heard = "nothing";
  std::vector<TxnId> seen;
  bool done = false;
  Result<std::vector<std::byte>> checkpoint_payload() override {
    const auto bytes = as_bytes(said);
    return std::vector<std::byte>(bytes.begin(), bytes.end());
  }
  Status on_checkpoint(std::span<const std::byte> payload) override {
    heard = as_text(payload);
    return {};
  }
  Status on_record(const log::RecordView& record) override {
    if (record.txn() != kNoTxn) seen.push_back(record.txn());
    return {};
  }
  Status on_redo_done(Storage&) override {
    done = true;
    return {};
  }
};

Status open_with(platform::SimDisk& disk, RecoveryClient* client = nullptr,
                 std::unique_ptr<Storage>* out = nullptr) {
  auto opened = Storage::open(disk, "/db", small_options(), client);
  MORTISE_TRY(opened.status());
  if (out != nullptr) *out = std::move(*opened);
  return {};
}

TEST_CASE("storage: the client hears its checkpoint and every record behind it") {
  platform::SimDisk disk(1);
  REQUIRE(Storage::create(disk, "/db", small_options()));
  Client first;
  std::unique_ptr<Storage> storage;
  REQUIRE(open_with(disk, &first, &storage).message() == "");
  CHECK(first.heard == "");  // a new instance
  CHECK(first.done);
  auto say = [&](uint64_t txn) {
    log::Mtr mtr(storage->mtr_context(), TxnId{txn});
    std::byte payload[] = {std::byte{1}};
    mtr.commit({.kind = log::RecordKind::commit, .payload = payload});
  };
  say(1);
  say(2);
  first.said = "two are there";
  REQUIRE(storage->checkpoint());
  say(3);
  REQUIRE(storage->log().flush());
  storage.reset();
  disk.crash(1);

  Client second;
  REQUIRE(open_with(disk, &second, &storage).message() == "");
  CHECK(second.heard == "two are there");
  CHECK(std::find(second.seen.begin(), second.seen.end(), TxnId{3}) != second.seen.end());
  CHECK(to_text(storage->report()).find("redo from LSN") == 0);
}

TEST_CASE("storage: V3 after a checkpoint with nothing dirty there is nothing to redo") {
  World world(3);
  REQUIRE(world.create());
  REQUIRE(world.open());
  REQUIRE(world.set_up(20).message() == "");
  for (int i = 0; i < 100; ++i) REQUIRE(world.step().message() == "");
  REQUIRE(world.storage().pool().clean_all());
  REQUIRE(world.storage().checkpoint());
  world.crash(5);
  REQUIRE(world.open().message() == "");
  CHECK(world.report().deltas_applied == 0);
  CHECK(!world.report().clean);
  CHECK(world.check().message() == "");
}

TEST_CASE("storage: old log segments go away, the directory stays small") {
  World world(4);
  REQUIRE(world.create());
  REQUIRE(world.open());
  REQUIRE(world.set_up(20).message() == "");
  for (int i = 0; i < 3000; ++i) REQUIRE(world.step().message() == "");
  REQUIRE(world.storage().pool().clean_all());
  REQUIRE(world.storage().checkpoint());
  CHECK(world.disk().list_directory("/db/log")->size() <= 12);
  CHECK(raw(world.storage().log().tail()) > 20 * (64u << 10));
}

TEST_CASE("storage: a directory that is in use, not there or not empty is refused") {
  platform::SimDisk disk(1);
  CHECK(open_with(disk).code() == Code::not_found);
  REQUIRE(Storage::create(disk, "/db", small_options()));
  CHECK(Storage::create(disk, "/db", small_options()).code() == Code::duplicate);
  std::unique_ptr<Storage> storage;
  REQUIRE(open_with(disk, nullptr, &storage));
  CHECK(open_with(disk).code() == Code::busy);
}

TEST_CASE("storage: V4 a log of another instance is refused") {
  platform::SimDisk disk(1);
  REQUIRE(Storage::create(disk, "/db", small_options()));
  REQUIRE(Storage::create(disk, "/other", small_options()));
  const std::string segment = "/log/" + log::segment_file_name(0);
  REQUIRE(disk.remove("/db" + segment));
  REQUIRE(disk.rename("/other" + segment, "/db" + segment));
  const Status refused = open_with(disk);
  CHECK(refused.code() == Code::invalid);
  CHECK(refused.message().find("another instance") != std::string_view::npos);
}

TEST_CASE("storage: a missing log segment is named, with what can be done") {
  platform::SimDisk disk(1);
  REQUIRE(Storage::create(disk, "/db", small_options()));
  REQUIRE(disk.remove("/db/log/" + log::segment_file_name(0)));
  const Status refused = open_with(disk);
  CHECK(refused.code() == Code::not_found);
  CHECK(refused.message().find(log::segment_file_name(0)) != std::string_view::npos);
  CHECK(refused.message().find("archive") != std::string_view::npos);
}

TEST_CASE("storage: a newer format is refused before anything is written") {
  platform::SimDisk disk(1);
  REQUIRE(Storage::create(disk, "/db", small_options()));
  auto file = *disk.open("/db/control", {.access = platform::OpenOptions::Access::read_write});
  std::vector<std::byte> block(4096);
  REQUIRE(file->read_at(0, block));
  store_le(block.data() + 4, uint32_t{2});
  store_le(block.data() + 68, uint32_t{0});
  store_le(block.data() + 68, crc32c(0, block));
  for (uint64_t copy = 0; copy < 4; ++copy) REQUIRE(file->write_at(copy * 4096, block));
  file.reset();
  const Status refused = open_with(disk);
  CHECK(refused.code() == Code::unsupported);
  CHECK(refused.message().find("format 2") != std::string_view::npos);
}

TEST_CASE("storage: background threads clean, checkpoint and stop") {
  platform::SimDisk disk(8);
  StorageOptions options = small_options();
  options.log.segment_bytes = 1u << 20;
  REQUIRE(Storage::create(disk, "/db", options));
  StorageOptions threads = small_options();
  threads.background_threads = true;
  threads.log.flusher_thread = true;
  threads.pool.full_wait_ns = 60'000'000'000;
  threads.redo_budget_bytes = 256u << 10;
  auto opened = Storage::open(disk, "/db", std::move(threads), nullptr);
  REQUIRE(opened.status().message() == "");
  Storage& storage = **opened;
  SegmentId segment{};
  std::vector<PageId> pages;
  {
    log::Mtr mtr(storage.mtr_context());
    segment = storage.spaces().create_segment(mtr, SpaceId{0}, 1)->id;
    mtr.commit();
  }
  for (int i = 0; i < 150; ++i) {
    log::Mtr mtr(storage.mtr_context());
    auto page =
        storage.spaces().allocate_page(mtr, segment, page::SizeClass::kib4, page::PageType::heap);
    REQUIRE(page.status().message() == "");
    pages.push_back(page->id());
    mtr.commit();
  }
  std::vector<platform::Thread> workers;
  std::atomic<uint64_t> failures{0};
  for (uint64_t t = 0; t < 3; ++t) {
    workers.push_back(std::move(*platform::Thread::spawn("worker", [&, t] {
      platform::Random random(t);
      for (int i = 0; i < 1500; ++i) {
        log::Mtr mtr(storage.mtr_context());
        auto page = mtr.exclusive(pages[random.below(pages.size())]);
        if (!page) {
          failures.fetch_add(1);
          continue;
        }
        mtr.store(*page, 64, load_le<uint64_t>(page->data() + 64) + 1);
        const Lsn end = mtr.commit();
        if (i % 32 == 0 && !storage.log().wait_durable(end)) failures.fetch_add(1);
      }
    })));
  }
  for (auto& worker : workers) worker.join();
  CHECK(failures.load() == 0);
  REQUIRE(storage.close().message() == "");
  opened->reset();
  auto again = Storage::open(disk, "/db", small_options(), nullptr);
  REQUIRE(again.status().message() == "");
  CHECK((*again)->report().clean);
  uint64_t sum = 0;
  for (PageId id : pages) {
    auto page = (*again)->pool().shared(id);
    REQUIRE(page.status().message() == "");
    sum += load_le<uint64_t>(page->data() + 64);
  }
  CHECK(sum == 4500);
}

}  // namespace
}  // namespace mortise::recovery
