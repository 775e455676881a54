// SPDX-License-Identifier: Apache-2.0
//
// Goal:   scarcity is seen before it hurts, and caches give way to it.
// Method: accounts with made-up use, and a clock that the test moves.

#include <doctest/doctest.h>

#include "kernel/memory/pressure_watch.hpp"

namespace mortise::memory {
namespace {

constexpr uint64_t kSecondNs = 1'000'000'000;

TEST_CASE("pressure: caches are asked at warning, at most once a second unless it gets worse") {
  MemoryAccount account("instance", "test", nullptr, 1000);
  PressureWatch watch(account);
  uint64_t cached = 100;
  uint32_t asked = 0;
  account.force_charge(cached);
  watch.add([&] {
    ++asked;
    const uint64_t bytes = cached;
    account.release(bytes);
    cached = 0;
    return bytes;
  });
  uint64_t now = 1;
  CHECK(watch.look(now).level == Pressure::normal);
  CHECK(asked == 0);
  account.force_charge(750);
  const auto first = watch.look(now += kSecondNs / 10);
  CHECK(first.level == Pressure::warning);
  CHECK(first.has_changed);
  CHECK(first.given_back_bytes == 100);
  CHECK(account.used_bytes() == 750);
  account.force_charge(70);
  CHECK(watch.look(now += kSecondNs / 10).level == Pressure::warning);
  CHECK(asked == 1);
  account.force_charge(140);
  CHECK(watch.look(now += kSecondNs / 10).level == Pressure::critical);
  CHECK(asked == 2);  // it got worse
  CHECK(watch.look(now += kSecondNs / 10).level == Pressure::critical);
  CHECK(asked == 2);
  watch.look(now += kSecondNs);
  CHECK(asked == 3);
  account.release(account.used_bytes());
  CHECK(watch.look(now += 60 * kSecondNs).level == Pressure::normal);
  CHECK(watch.last() == Pressure::normal);
}

TEST_CASE("pressure: an account that will be full within seconds counts as warned") {
  MemoryAccount instance("instance", "test", nullptr, 1'000'000);
  MemoryAccount query("query", "1", &instance);
  PressureWatch watch(query);
  uint32_t asked = 0;
  watch.add([&] {
    ++asked;
    return uint64_t{0};
  });
  uint64_t now = 1;
  watch.look(now);
  for (int i = 0; i < 5; ++i) {
    query.force_charge(100'000);
    const auto look = watch.look(now += kSecondNs / 2);
    if (i == 4) {
      CHECK(look.level == Pressure::warning);
      CHECK(look.seconds_left <= PressureWatch::kForecastSeconds);
    }
  }
  CHECK(asked > 0);
  // It stops growing: nothing is to be feared.
  PressureWatch::Look look;
  for (int i = 0; i < 40; ++i) look = watch.look(now += kSecondNs);
  CHECK(look.level == Pressure::normal);
  query.release(query.used_bytes());
  CHECK(watch.look(now += kSecondNs).seconds_left == PressureWatch::kNever);
}

TEST_CASE("pressure: what has no budget is never scarce") {
  MemoryAccount account("instance", "test", nullptr);
  PressureWatch watch(account);
  account.force_charge(1 << 30);
  watch.look(1);
  account.force_charge(1 << 30);
  const auto look = watch.look(2);
  CHECK(look.level == Pressure::normal);
  CHECK(look.seconds_left == PressureWatch::kNever);
  account.release(account.used_bytes());
}

}  // namespace
}  // namespace mortise::memory
