// SPDX-License-Identifier: Apache-2.0
//
// Goal:   V1, V2: whatever the moment of a crash, also of one inside recovery, what comes back is
//         exactly the steps that end within the log.
// Method: a random workload on the simulated disk, stopped at sampled I/O events; then recoveries
//         that are stopped at sampled events of their own.  Seeds are printed with failures.

#include <doctest/doctest.h>

#include "kernel/recovery/storage_world.hpp"

namespace mortise::recovery {
namespace {

constexpr uint32_t kStepsPerRun = 150;
constexpr uint32_t kPages = 20;

// Runs the workload until the disk stops or the steps are done.
void run(World& world, uint32_t steps) {
  for (uint32_t i = 0; i < steps; ++i) {
    if (!world.step()) return;
  }
}

TEST_CASE("storage: V1 a quiet life: create, change, close, open") {
  World world(1);
  REQUIRE(world.create().message() == "");
  REQUIRE(world.open().message() == "");
  REQUIRE(world.set_up(kPages).message() == "");
  run(world, 500);
  REQUIRE(world.storage().close().message() == "");
  REQUIRE(world.open().message() == "");
  CHECK(world.report().clean);
  CHECK(world.check().message() == "");
}

TEST_CASE("storage: V1 a crash at any I/O event loses nothing that was durable") {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    // How many events does the whole run have?
    uint64_t begin = 0;
    uint64_t end = 0;
    {
      World world(seed);
      REQUIRE(world.create().is_ok());
      begin = world.disk().operation_count();
      REQUIRE(world.open().is_ok());
      REQUIRE(world.set_up(kPages).message() == "");
      run(world, kStepsPerRun);
      end = world.disk().operation_count();
    }
    for (uint64_t event = begin + 1 + seed % 7; event < end; event += 1 + (end - begin) / 24) {
      CAPTURE(event);
      World world(seed);
      REQUIRE(world.create().is_ok());
      world.disk().stop_at_operation(event);
      if (world.open() && world.set_up(kPages)) run(world, kStepsPerRun);
      world.crash(seed * 1000 + event);
      REQUIRE(world.open().message() == "");
      REQUIRE(world.check().message() == "");
      if (world.segment() == kNoSegment || world.step_count() == 0) continue;
      // Life goes on, and ends in a second crash.
      run(world, 40);
      world.crash(seed * 1000 + event + 1);
      REQUIRE(world.open(2).message() == "");
      REQUIRE(world.check().message() == "");
    }
  }
}

TEST_CASE("storage: V2 a crash inside recovery is an ordinary case") {
  for (uint64_t seed = 101; seed <= 106; ++seed) {
    CAPTURE(seed);
    World world(seed);
    REQUIRE(world.create().is_ok());
    REQUIRE(world.open().is_ok());
    REQUIRE(world.set_up(kPages).is_ok());
    for (uint32_t round = 0; round < 4; ++round) {
      run(world, 60);
      world.crash(seed + round);
      for (uint64_t events = 1; events < 200; events += 7) {
        world.disk().stop_at_operation(world.disk().operation_count() + events);
        const Status opened = world.open();
        if (opened && world.storage().pool().clean_all()) break;
        world.crash(seed * 31 + events);
      }
      world.crash(seed + round + 7);
      REQUIRE(world.open().message() == "");
      REQUIRE(world.check().message() == "");
    }
  }
}

}  // namespace
}  // namespace mortise::recovery
