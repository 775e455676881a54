// SPDX-License-Identifier: Apache-2.0
//
// Goal:   the simulated disk loses exactly what a real one may lose (D1..D4).
// Method: many seeds over small histories; every outcome must be allowed, and the interesting
//         ones must occur.  io_test.cpp covers the promises all backends share.

#include "kernel/platform/sim_disk.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "kernel/base/bytes.hpp"

namespace mortise::platform {
namespace {

constexpr uint64_t kSeeds = 300;

OpenOptions writable() {
  OpenOptions options;
  options.access = OpenOptions::Access::read_write;
  options.create = true;
  return options;
}

std::unique_ptr<File> open_file(SimDisk& disk, const std::string& path) {
  auto file = disk.open(path, writable());
  REQUIRE(file.has_value());
  return std::move(*file);
}

std::string block(char fill) {
  return std::string(SimDisk::kBlockBytes, fill);
}

std::string read_all(SimDisk& disk, const std::string& path) {
  auto text = read_whole_file(disk, path);
  REQUIRE(text.has_value());
  return std::move(*text);
}

TEST_CASE("sim disk: D2 what was synced survives every crash") {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    const auto file = open_file(disk, "/f");
    REQUIRE(file->write_at(0, as_bytes(block('a') + block('b'))).is_ok());
    REQUIRE(file->sync().is_ok());
    REQUIRE(disk.sync_directory("/").is_ok());
    disk.crash(seed);
    REQUIRE(read_all(disk, "/f") == block('a') + block('b'));
  }
}

TEST_CASE("sim disk: an unsynced block is old, new or torn at sectors, and each occurs") {
  bool old_seen = false;
  bool new_seen = false;
  bool torn_seen = false;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    const auto file = open_file(disk, "/f");
    REQUIRE(file->write_at(0, as_bytes(block('o'))).is_ok());
    REQUIRE(file->sync().is_ok());
    REQUIRE(disk.sync_directory("/").is_ok());
    REQUIRE(file->write_at(0, as_bytes(block('n'))).is_ok());
    disk.crash(seed);
    const std::string text = read_all(disk, "/f");
    REQUIRE(text.size() == SimDisk::kBlockBytes);
    std::set<char> letters;
    for (size_t sector = 0; sector < text.size(); sector += SimDisk::kSectorBytes) {
      const std::string part = text.substr(sector, SimDisk::kSectorBytes);
      REQUIRE(std::ranges::all_of(part, [&](char c) { return c == part[0]; }));
      letters.insert(part[0]);
    }
    old_seen = old_seen || letters == std::set<char>{'o'};
    new_seen = new_seen || letters == std::set<char>{'n'};
    torn_seen = torn_seen || letters == std::set<char>{'o', 'n'};
  }
  CHECK(old_seen);
  CHECK(new_seen);
  CHECK(torn_seen);
}

TEST_CASE("sim disk: a synced file may vanish while its directory is not synced") {
  int lost = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    const auto file = open_file(disk, "/f");
    REQUIRE(file->write_at(0, as_bytes("x")).is_ok());
    REQUIRE(file->sync().is_ok());
    disk.crash(seed);
    if (*disk.exists("/f")) {
      REQUIRE(read_all(disk, "/f") == "x");
    } else {
      ++lost;
    }
  }
  CHECK(lost > 0);
  CHECK(lost < static_cast<int>(kSeeds));
}

TEST_CASE("sim disk: a replaced file is the old or the new one after any crash") {
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    SimDisk disk(seed);
    REQUIRE(replace_whole_file(disk, "/c", "old").is_ok());
    const uint64_t before = disk.operation_count();
    disk.stop_at_operation(before + 1 + seed % 8);
    const bool acknowledged = replace_whole_file(disk, "/c", "new!").is_ok();
    disk.crash(seed);
    const std::string text = read_all(disk, "/c");
    if (acknowledged) {
      REQUIRE(text == "new!");
    } else {
      REQUIRE((text == "old" || text == "new!"));
    }
  }
}

TEST_CASE("sim disk: D3 a sync after a failed sync saves nothing") {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    SimDisk disk(seed);
    const auto file = open_file(disk, "/f");
    REQUIRE(file->write_at(0, as_bytes(block('o'))).is_ok());
    REQUIRE(file->sync().is_ok());
    REQUIRE(disk.sync_directory("/").is_ok());
    REQUIRE(file->write_at(0, as_bytes(block('n'))).is_ok());
    disk.fail_operation(SimDisk::Operation::sync, 1);
    REQUIRE(file->sync().code() == Code::io);
    REQUIRE(read_all(disk, "/f") == block('n'));
    REQUIRE(file->sync().is_ok());
    disk.crash(seed);
    REQUIRE(read_all(disk, "/f") == block('o'));
  }
}

TEST_CASE("sim disk: D4 what was open before a crash is stale after it") {
  SimDisk disk(1);
  const auto file = open_file(disk, "/f");
  auto held = disk.lock_file("/lock");
  REQUIRE(held.has_value());
  disk.crash(1);
  CHECK(file->write_at(0, as_bytes("x")).code() == Code::io);
  auto again = disk.lock_file("/lock");
  CHECK(again.has_value());
  held->reset();
  CHECK_FALSE(disk.lock_file("/lock").has_value());  // the old holder's end frees nothing
}

TEST_CASE("sim disk: D1 the same seed and calls give the same bytes") {
  const auto run = [](uint64_t seed) {
    SimDisk disk(seed);
    const auto file = open_file(disk, "/f");
    std::string text;
    for (int i = 0; i < 40; ++i) {
      const uint64_t at = static_cast<uint64_t>(i) * 1000;
      REQUIRE(file->write_at(at, as_bytes(block(static_cast<char>('a' + i % 26)))).is_ok());
      if (i == 20) REQUIRE(file->sync().is_ok());
    }
    REQUIRE(disk.sync_directory("/").is_ok());
    disk.crash(seed);
    return read_all(disk, "/f");
  };
  CHECK(run(5) == run(5));
  CHECK(run(5) != run(6));
}

TEST_CASE("sim disk: the N-th operation fails, once") {
  SimDisk disk(1);
  const auto file = open_file(disk, "/f");
  REQUIRE(file->write_at(0, as_bytes("abc")).is_ok());
  disk.fail_operation(SimDisk::Operation::read, 2);
  std::array<std::byte, 3> back{};
  CHECK(file->read_at(0, back).is_ok());
  CHECK(file->read_at(0, back).sqlstate() == "58030");
  CHECK(file->read_at(0, back).is_ok());
}

TEST_CASE("sim disk: a full disk says so and counts what is removed") {
  SimDisk disk(1);
  disk.set_capacity_bytes(2 * SimDisk::kBlockBytes);
  auto file = open_file(disk, "/f");
  CHECK(file->write_at(0, as_bytes(block('a') + block('b'))).is_ok());
  CHECK(file->write_at(2 * SimDisk::kBlockBytes, as_bytes("c")).sqlstate() == "53100");
  CHECK(file->write_at(0, as_bytes("over")).is_ok());
  CHECK(disk.used_bytes() == 2 * SimDisk::kBlockBytes);
  CHECK(disk.remove("/f").is_ok());
  CHECK(disk.sync_directory("/").is_ok());
  file.reset();
  CHECK(disk.used_bytes() == 0);
}

TEST_CASE("sim disk: a flipped bit stays flipped") {
  SimDisk disk(1);
  const auto file = open_file(disk, "/f");
  REQUIRE(file->write_at(0, as_bytes("abc")).is_ok());
  REQUIRE(file->sync().is_ok());
  REQUIRE(disk.sync_directory("/").is_ok());
  CHECK(disk.flip_bit("/f", 8).is_ok());
  CHECK(read_all(disk, "/f") == "acc");
  disk.crash(1);
  CHECK(read_all(disk, "/f") == "acc");
  CHECK(disk.flip_bit("/f", 24).code() == Code::invalid);
  CHECK(disk.flip_bit("/g", 0).code() == Code::not_found);
}

}  // namespace
}  // namespace mortise::platform
