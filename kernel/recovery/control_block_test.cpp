// SPDX-License-Identifier: Apache-2.0
//
// Goal:   C1, C2: one generation is always there, a damaged copy changes nothing.
// Method: crashes at every I/O event of a write, single bits flipped.

#include "kernel/recovery/control_block.hpp"

#include <doctest/doctest.h>

#include "kernel/platform/sim_disk.hpp"

namespace mortise::recovery {
namespace {

ControlBlock block(uint64_t lsn) {
  ControlBlock b;
  b.checkpoint_lsn = Lsn{lsn};
  b.segment_bytes = 4096;
  return b;
}

TEST_CASE("control block: C2 a crash at any event leaves the old or the new") {
  for (uint64_t event = 1; event <= 5; ++event) {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
      CAPTURE(event);
      CAPTURE(seed);
      platform::SimDisk disk(seed);
      auto file = ControlFile::open(disk, "/control", true);
      REQUIRE(file.has_value());
      REQUIRE(disk.sync_directory("/"));
      REQUIRE((*file)->write(block(100)));
      disk.stop_at_operation(disk.operation_count() + event);
      const bool written = (*file)->write(block(200)).is_ok();
      disk.stop_at_operation(0);
      disk.crash(seed);
      auto again = ControlFile::open(disk, "/control", false);
      REQUIRE(again.has_value());
      auto read = (*again)->read();
      REQUIRE(read.status().message() == "");
      const uint64_t lsn = raw(read->checkpoint_lsn);
      CHECK((lsn == 200 || (lsn == 100 && !written)));
      // And it can be written again.
      REQUIRE((*again)->write(block(300)));
      CHECK(raw((*again)->read()->checkpoint_lsn) == 300);
    }
  }
}

TEST_CASE("control block: C1 two damaged copies are survived, three are reported") {
  platform::SimDisk disk(1);
  auto file = ControlFile::open(disk, "/control", true);
  REQUIRE((*file)->write(block(100)));
  REQUIRE(disk.flip_bit("/control", 8 * 40));
  REQUIRE(disk.flip_bit("/control", 8 * (2 * 4096 + 40)));
  CHECK(raw((*file)->read()->checkpoint_lsn) == 100);
  REQUIRE(disk.flip_bit("/control", 8 * (3 * 4096 + 40)));
  CHECK((*file)->read().status().code() == Code::corrupt);
}

TEST_CASE("control block: what is not there is said to be missing") {
  platform::SimDisk disk(1);
  CHECK(ControlFile::open(disk, "/control", false).status().code() == Code::not_found);
}

}  // namespace
}  // namespace mortise::recovery
