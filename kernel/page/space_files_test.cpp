// SPDX-License-Identifier: Apache-2.0
//
// Goal:   pages stand where their ids say, files grow durably, failures are final.
// Method: the simulated disk, with crashes and failing syncs.

#include "kernel/page/space_files.hpp"

#include <doctest/doctest.h>

#include "kernel/platform/sim_disk.hpp"

namespace mortise::page {
namespace {

struct Fixture {
  platform::SimDisk disk{5};
  std::unique_ptr<SpaceFiles> files;
  Fixture() {
    REQUIRE(disk.create_directory("/s"));
    REQUIRE(disk.sync_directory("/"));
    reopen();
  }
  void reopen() {
    files = std::make_unique<SpaceFiles>(disk, "/s");
    REQUIRE(files->open_all());
  }
};

TEST_CASE("space files: F1 growth is durable when extend returns") {
  Fixture f;
  REQUIRE(f.files->create(SpaceId{31}));
  REQUIRE(f.files->extend(SpaceId{31}, 100));
  f.files.reset();
  f.disk.crash(1);
  f.reopen();
  CHECK(f.files->size_units(SpaceId{31}) == 100);
  CHECK(f.files->list() == std::vector<SpaceId>{SpaceId{31}});
}

TEST_CASE("space files: a page behind the end is damage, a missing space is named") {
  Fixture f;
  REQUIRE(f.files->create(SpaceId{0}));
  REQUIRE(f.files->extend(SpaceId{0}, 8));
  platform::AlignedBuffer page(kUnitBytes);
  CHECK(f.files->read(make_page_id(SpaceId{0}, 7), page.bytes()));
  CHECK(f.files->read(make_page_id(SpaceId{0}, 8), page.bytes()).code() == Code::corrupt);
  const Status missing = f.files->read(make_page_id(SpaceId{9}, 0), page.bytes());
  CHECK(missing.code() == Code::not_found);
  CHECK(missing.message().find("0009.space") != std::string_view::npos);
}

TEST_CASE("space files: F2 a failed sync stays failed") {
  Fixture f;
  REQUIRE(f.files->create(SpaceId{0}));
  REQUIRE(f.files->extend(SpaceId{0}, 8));
  f.disk.fail_operation(platform::SimDisk::Operation::sync, 1);
  CHECK(f.files->sync(SpaceId{0}).code() == Code::io);
  CHECK(f.files->sync(SpaceId{0}).code() == Code::io);  // the disk would say yes now
}

}  // namespace
}  // namespace mortise::page
