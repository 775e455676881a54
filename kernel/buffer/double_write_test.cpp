// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a torn home page is whole again, a page that is not torn is left alone.
// Method: batches, then home pages damaged by hand.

#include "kernel/buffer/double_write.hpp"

#include <doctest/doctest.h>

#include <cstring>

#include "kernel/platform/sim_disk.hpp"

namespace mortise::buffer {
namespace {

struct Fixture {
  platform::SimDisk disk{2};
  page::SpaceFiles files{disk, "/s"};
  std::unique_ptr<DoubleWrite> dw;
  Fixture() {
    REQUIRE(disk.create_directory("/s"));
    REQUIRE(files.create(SpaceId{0}));
    REQUIRE(files.extend(SpaceId{0}, 64));
    reopen();
  }
  void reopen() {
    auto opened = DoubleWrite::open(disk, "/dw");
    REQUIRE(opened.status().message() == "");
    dw = std::move(*opened);
  }
  static PageId id(uint64_t number) { return make_page_id(SpaceId{0}, number); }
  void make(std::span<std::byte> into, PageId page, page::SizeClass c, uint64_t seq) {
    std::memset(into.data(), static_cast<int>(seq), into.size());
    const page::PageHeader header{.crc32c = 0,
                                  .size_class = c,
                                  .type = page::PageType::heap,
                                  .flags = 0,
                                  .page_seq = seq,
                                  .page_id = page,
                                  .max_writer = 0};
    std::memcpy(into.data(), &header, sizeof(header));
    page::seal(into);
  }
  // One page, through the area; home as well unless it is `torn`.
  void write(uint64_t number, page::SizeClass c, uint64_t seq, bool torn = false) {
    const std::span<std::byte> bytes = dw->staging().first(page::bytes_of(c));
    make(bytes, id(number), c, seq);
    const PageCopy copy{id(number), c, Lsn{seq}, 0, 0};
    REQUIRE(dw->write({&copy, 1}));
    std::vector<std::byte> home(bytes.begin(), bytes.end());
    if (torn) std::memset(home.data() + home.size() / 2, 0xEE, home.size() / 2);
    platform::AlignedBuffer aligned(home.size());
    std::memcpy(aligned.data(), home.data(), home.size());
    REQUIRE(files.write(id(number), aligned.bytes()));
  }
  uint64_t home_seq(uint64_t number, page::SizeClass c = page::SizeClass::kib4) {
    platform::AlignedBuffer bytes(page::bytes_of(c));
    REQUIRE(files.read(id(number), bytes.bytes()));
    return page::check(bytes.bytes(), id(number)) ? page::read_header(bytes.data()).page_seq : 0;
  }
};

TEST_CASE("double write: a torn page is repaired from the newest copy") {
  Fixture f;
  f.write(5, page::SizeClass::kib4, 100);
  f.write(5, page::SizeClass::kib4, 200, true);
  CHECK(f.home_seq(5) == 0);
  f.reopen();
  CHECK(*f.dw->repair(f.files) == 1);
  CHECK(f.home_seq(5) == 200);
}

TEST_CASE("double write: D2 a whole home page is never touched") {
  Fixture f;
  f.write(5, page::SizeClass::kib4, 100);
  f.write(6, page::SizeClass::kib4, 101);
  f.reopen();
  CHECK(*f.dw->repair(f.files) == 0);
  CHECK(f.home_seq(5) == 100);
}

TEST_CASE("double write: a page that lay where a larger one lies now is not brought back") {
  Fixture f;
  f.write(10, page::SizeClass::kib4, 100);
  f.write(8, page::SizeClass::kib32, 200);  // units 8 to 15
  f.reopen();
  CHECK(*f.dw->repair(f.files) == 0);
  CHECK(f.home_seq(8, page::SizeClass::kib32) == 200);
}

TEST_CASE("double write: a damaged area is an empty one") {
  Fixture f;
  f.write(5, page::SizeClass::kib4, 100, true);
  REQUIRE(f.disk.flip_bit("/dw", 8 * 70));
  f.reopen();
  CHECK(*f.dw->repair(f.files) == 0);
  platform::AlignedBuffer copy(page::kUnitBytes);
  CHECK(!*f.dw->find(Fixture::id(5), copy.bytes()));
}

TEST_CASE("double write: a copy is found while the instance runs") {
  Fixture f;
  f.write(5, page::SizeClass::kib4, 100);
  f.write(6, page::SizeClass::kib4, 101);
  platform::AlignedBuffer copy(page::kUnitBytes);
  CHECK(*f.dw->find(Fixture::id(5), copy.bytes()));
  CHECK(page::read_header(copy.data()).page_seq == 100);
  f.write(7, page::SizeClass::kib4, 102);  // the first area again
  CHECK(!*f.dw->find(Fixture::id(5), copy.bytes()));
}

}  // namespace
}  // namespace mortise::buffer
