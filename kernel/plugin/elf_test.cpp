// SPDX-License-Identifier: Apache-2.0
//
// Goal: no bytes, however damaged, do more than make the reader say no.
// Method: this program itself, and what is left of it after cutting and flipping.
#include "kernel/plugin/elf.hpp"

#include <doctest/doctest.h>

#include "kernel/platform/posix_backend.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/platform/random.hpp"

namespace mortise::plugin {
namespace {

// The first bytes hold all headers; the tables stand elsewhere, so flips go everywhere.
TEST_CASE("elf: a program is read and is no plugin") {
  const auto io = platform::make_posix_backend();
  const auto bytes = platform::read_whole_file(*io, *platform::executable_path());
  REQUIRE(bytes.has_value());
  const auto file = std::as_bytes(std::span(*bytes));
  CHECK(read_elf(file).has_value());
  CHECK_FALSE(check_plugin_library(file).is_ok());
}

TEST_CASE("elf: damaged bytes are refused or read, never followed out of the file") {
  const auto io = platform::make_posix_backend();
  auto bytes = platform::read_whole_file(*io, *platform::executable_path());
  REQUIRE(bytes.has_value());
  constexpr uint64_t kSeed = 20261121;
  MESSAGE("seed " << kSeed);
  platform::Random random(kSeed);
  for (int round = 0; round < 200; ++round) {
    std::string damaged = *bytes;
    if (random.one_in(2)) damaged.resize(random.below(damaged.size()));
    for (int flips = 0; flips < 64 && !damaged.empty(); ++flips) {
      const uint64_t within =
          random.one_in(2) ? std::min<uint64_t>(damaged.size(), 4096) : damaged.size();
      damaged[random.below(within)] = static_cast<char>(random.below(256));
    }
    (void)read_elf(std::as_bytes(std::span(damaged))).status();
  }
  CHECK_FALSE(read_elf({}).has_value());
}

}  // namespace
}  // namespace mortise::plugin
