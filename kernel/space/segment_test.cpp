// SPDX-License-Identifier: Apache-2.0
//
// Goal:   S1 to S4: pages belong to one owner, and to nobody after a drop; scans see all of them.
// Method: a storage on the simulated disk, segments of several sizes, random allocation and
// release.

#include "kernel/space/segment.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string_view>

#include "kernel/platform/random.hpp"
#include "kernel/platform/scheduler.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/recovery/storage.hpp"
#include "kernel/space/layout.hpp"

namespace mortise::space {
namespace {

struct Fixture {
  platform::SimDisk disk{6};
  std::unique_ptr<recovery::Storage> storage;
  Fixture() {
    REQUIRE(recovery::Storage::create(disk, "/db", options()).message() == "");
    open();
  }
  static recovery::StorageOptions options() {
    recovery::StorageOptions o;
    o.pool.pool_bytes = 4u << 20;
    o.pool.space_units_max = 1u << 20;
    o.pool.huge_pages = false;
    o.log.ring_bytes = 8u << 20;
    o.log.segment_bytes = 1u << 20;
    o.log.flusher_thread = false;
    o.background_threads = false;
    return o;
  }
  void open() {
    storage.reset();
    auto opened = recovery::Storage::open(disk, "/db", options(), nullptr);
    REQUIRE(opened.status().message() == "");
    storage = std::move(*opened);
  }
  Spaces& spaces() { return storage->spaces(); }
  SegmentInfo create(uint64_t tag) {
    log::Mtr mtr(storage->mtr_context());
    auto segment = spaces().create_segment(mtr, SpaceId{0}, tag);
    REQUIRE(segment.status().message() == "");
    mtr.commit();
    return *segment;
  }
  PageId allocate(SegmentId segment, page::SizeClass c = page::SizeClass::kib4) {
    log::Mtr mtr(storage->mtr_context());
    auto page = spaces().allocate_page(mtr, segment, c, page::PageType::heap);
    REQUIRE(page.status().message() == "");
    mtr.commit();
    return page->id();
  }
  void release(SegmentId segment, PageId page) {
    log::Mtr mtr(storage->mtr_context());
    REQUIRE(spaces().free_page(mtr, segment, page).message() == "");
    mtr.commit();
  }
  std::set<PageId> scan(SegmentId segment) {
    std::set<PageId> found;
    ScanRange range;
    for (;;) {
      auto pages = spaces().scan(segment, range, 128);
      REQUIRE(pages.status().message() == "");
      if (pages->empty()) return found;
      for (const PageRef& page : *pages) CHECK(found.insert(page.id).second);
    }
  }
};

TEST_CASE("segment: it is found again by its id, with its anchor and its owner's tag") {
  Fixture f;
  const SegmentInfo a = f.create(111);
  const SegmentInfo b = f.create(222);
  CHECK(a.anchor != b.anchor);
  f.open();
  CHECK(f.spaces().find_segment(a.id)->anchor == a.anchor);
  CHECK(f.spaces().find_segment(b.id)->owner_tag == 222);
  CHECK(f.spaces().list_segments(SpaceId{0})->size() == 2);
  CHECK(f.spaces().find_segment(SegmentId{77}).status().code() == Code::not_found);
  CHECK(f.spaces().find_segment(kNoSegment).status().code() == Code::not_found);
}

TEST_CASE("segment: S2 pages of every size are given out once and can be scanned") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  const SegmentInfo b = f.create(2);
  platform::Random random(4);
  std::set<PageId> of_a;
  std::set<PageId> of_b;
  for (int i = 0; i < 300; ++i) {
    const auto c = static_cast<page::SizeClass>(
        random.one_in(20) ? random.below(page::kSizeClassCount) : random.below(3));
    CHECK(of_a.insert(f.allocate(a.id, c)).second);
    if (i % 3 == 0) CHECK(of_b.insert(f.allocate(b.id)).second);
    if (i % 5 == 0) {
      const PageId page = *of_a.begin();
      f.release(a.id, page);
      of_a.erase(page);
    }
  }
  CHECK(f.scan(a.id) == of_a);
  CHECK(f.scan(b.id) == of_b);
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
  CHECK(f.spaces().find_segment(b.id)->page_count == of_b.size() + 1);
}

TEST_CASE("segment: freed pages are used again, also after a restart") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  std::vector<PageId> pages;
  for (int i = 0; i < 400; ++i) pages.push_back(f.allocate(a.id));
  for (int i = 0; i < 50; ++i) f.release(a.id, pages[static_cast<size_t>(i)]);
  const uint64_t extents = f.spaces().find_segment(a.id)->extent_count;
  f.open();
  for (int i = 0; i < 50; ++i) f.allocate(a.id);
  CHECK(f.spaces().find_segment(a.id)->extent_count == extents);
}

TEST_CASE("segment: parallel ranges cover everything once") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  std::set<PageId> expected;
  for (int i = 0; i < 700; ++i) expected.insert(f.allocate(a.id));
  std::set<PageId> found;
  const uint64_t extents = f.spaces().find_segment(a.id)->extent_count;
  for (uint64_t begin = 0; begin < extents; begin += 4) {
    ScanRange range{begin, std::min(begin + 4, extents)};
    for (;;) {
      auto pages = f.spaces().scan(a.id, range, 64);
      REQUIRE(pages.has_value());
      if (pages->empty()) break;
      for (const PageRef& page : *pages) CHECK(found.insert(page.id).second);
    }
  }
  CHECK(found == expected);
}

TEST_CASE("segment: S4 a drop gives everything back, and the place serves another size") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  for (int i = 0; i < 300; ++i) f.allocate(a.id);
  {
    log::Mtr mtr(f.storage->mtr_context());
    REQUIRE(f.spaces().drop_segment(mtr, a.id));
    mtr.commit();
  }
  CHECK(f.spaces().find_segment(a.id)->dropping);
  f.open();  // an unfinished drop is found again
  uint32_t freed = 0;
  for (;;) {
    auto some = f.spaces().reclaim(2);
    REQUIRE(some.status().message() == "");
    if (*some == 0) break;
    freed += *some;
  }
  CHECK(freed == 5);
  CHECK(f.spaces().find_segment(a.id).status().code() == Code::not_found);
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
  const uint64_t size = f.storage->files().size_units(SpaceId{0});
  const SegmentInfo b = f.create(2);
  for (int i = 0; i < 20; ++i) f.allocate(b.id, page::SizeClass::kib16);
  CHECK(f.storage->files().size_units(SpaceId{0}) == size);
  REQUIRE(f.storage->pool().clean_all().message() == "");
  CHECK(f.storage->pool().verify().message() == "");
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
}

// Makes a segment as soon as the number of `gone` is free, in the middle of somebody's reclaim.
class NumberComesAgain final : public platform::Scheduler {
 public:
  NumberComesAgain(Fixture& fixture, SegmentId gone)
      : fixture_(fixture), gone_(gone), before_(platform::install_scheduler(this)) {}
  ~NumberComesAgain() override { platform::install_scheduler(before_); }
  NumberComesAgain(const NumberComesAgain&) = delete;
  NumberComesAgain& operator=(const NumberComesAgain&) = delete;

  log::Mtr* mtr() { return mtr_.get(); }

  bool park(const std::atomic<uint32_t>&, uint32_t, uint64_t) override {
    FAIL("a single thread waits for itself");
    return false;
  }
  void wake(const std::atomic<uint32_t>&, uint32_t) override {}
  void yield(const char* point) override {
    // The reclaimer holds latches until its commit; behind it the number is free.
    if (mtr_ != nullptr || point != std::string_view("mutex.lock")) return;
    platform::install_scheduler(before_);
    if (is_free()) {
      mtr_ = std::make_unique<log::Mtr>(fixture_.storage->mtr_context());
      const auto made = fixture_.spaces().create_segment(*mtr_, SpaceId{0}, 9);
      REQUIRE(made.status().message() == "");
      REQUIRE(made->id == gone_);
    }
    platform::install_scheduler(this);
  }
  Status spawn(std::string_view, UniqueFunction<void()>) override { return unsupported("none"); }
  uint64_t monotonic_ns() override { return 1; }
  uint64_t realtime_us() override { return 1; }
  uint64_t random() override { return 4; }

 private:
  bool is_free() {
    {
      log::Mtr probe(fixture_.storage->mtr_context());
      if (!probe.try_exclusive(header_of(SpaceId{0}))) return false;
    }
    return fixture_.spaces().find_segment(gone_).status().code() == Code::not_found;
  }
  Fixture& fixture_;
  const SegmentId gone_;
  platform::Scheduler* const before_;
  std::unique_ptr<log::Mtr> mtr_;
};

TEST_CASE("segment: a number that comes again during a reclaim is the new segment's alone") {
  Fixture f;
  const SegmentInfo gone = f.create(5);
  {
    log::Mtr mtr(f.storage->mtr_context());
    REQUIRE(f.spaces().drop_segment(mtr, gone.id).message() == "");
    mtr.commit();
  }
  NumberComesAgain other(f, gone.id);
  REQUIRE(f.spaces().reclaim(2).status().message() == "");
  REQUIRE(other.mtr() != nullptr);
  const auto page =
      f.spaces().allocate_page(*other.mtr(), gone.id, page::SizeClass::kib4, page::PageType::heap);
  CHECK(page.status().message() == "");
  other.mtr()->commit();
  CHECK(f.scan(gone.id).size() == 1);
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
}

TEST_CASE("segment: what is not taken back by commit was never allocated") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  PageId first{};
  {
    log::Mtr mtr(f.storage->mtr_context());
    first = f.spaces().allocate_page(mtr, a.id, page::SizeClass::kib4, page::PageType::heap)->id();
  }
  CHECK(f.scan(a.id).empty());
  CHECK(f.allocate(a.id) == first);
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
}

TEST_CASE("segment: pages of others and pages that are free cannot be freed") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  const SegmentInfo b = f.create(2);
  const PageId page = f.allocate(a.id);
  log::Mtr mtr(f.storage->mtr_context());
  CHECK(f.spaces().free_page(mtr, b.id, page).code() == Code::invalid);
  CHECK(f.spaces().free_page(mtr, a.id, a.anchor).code() == Code::invalid);
  REQUIRE(f.spaces().free_page(mtr, a.id, page));
  CHECK(f.spaces().free_page(mtr, a.id, page).code() == Code::invalid);
}

TEST_CASE("segment: lists longer than the anchor, and groups of extents, go on in further pages") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  // A page of 256 KiB fills an extent: 1,000 of them need a list page and four groups.
  std::set<PageId> expected;
  for (int i = 0; i < 1000; ++i) {
    log::Mtr mtr(f.storage->mtr_context());
    auto page = f.spaces().allocate_page(mtr, a.id, page::SizeClass::kib256, page::PageType::heap);
    REQUIRE(page.status().message() == "");
    expected.insert(page->id());
    mtr.commit();
  }
  CHECK(f.spaces().find_segment(a.id)->extent_count == 1001);
  CHECK(f.scan(a.id) == expected);
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
  {
    log::Mtr mtr(f.storage->mtr_context());
    REQUIRE(f.spaces().drop_segment(mtr, a.id));
    mtr.commit();
  }
  while (*f.spaces().reclaim(100) > 0) {
  }
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
}

TEST_CASE("segment: a full disk says so and leaves everything in order") {
  Fixture f;
  const SegmentInfo a = f.create(1);
  REQUIRE(f.storage->log().flush());
  f.disk.set_capacity_bytes(f.disk.used_bytes() + (256u << 10));
  Status full;
  for (int i = 0; i < 3000 && full; ++i) {
    log::Mtr mtr(f.storage->mtr_context());
    auto page = f.spaces().allocate_page(mtr, a.id, page::SizeClass::kib4, page::PageType::heap);
    full = page.status();
    if (full) mtr.commit();
  }
  CHECK(full.sqlstate() == "53100");
  CHECK(f.spaces().verify(SpaceId{0}).message() == "");
}

}  // namespace
}  // namespace mortise::space
