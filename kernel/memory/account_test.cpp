// SPDX-License-Identifier: Apache-2.0
//
// Goal:   nobody gets more than their budget, and a refusal says whose budget it was.
// Method: small trees by hand; several threads against one root.

#include "kernel/memory/account.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "kernel/platform/thread.hpp"

namespace mortise::memory {
namespace {

TEST_CASE("account: M1 a charge counts in every account above") {
  MemoryAccount instance("instance", "main", nullptr, 1000);
  MemoryAccount session("session", "7", &instance, 500);
  MemoryAccount query("query", "1", &session);
  CHECK(query.charge(300).is_ok());
  CHECK(query.used_bytes() == 300);
  CHECK(session.used_bytes() == 300);
  CHECK(instance.used_bytes() == 300);
  query.release(300);
  CHECK(instance.used_bytes() == 0);
  CHECK(instance.peak_bytes() == 300);
}

TEST_CASE("account: M2 a refusal changes nothing and names both accounts") {
  MemoryAccount instance("instance", "main", nullptr, 1000);
  MemoryAccount session("session", "7", &instance, 500);
  MemoryAccount query("query", "1", &session);
  const Status refused = query.charge(501);
  CHECK(refused.code() == Code::no_memory);
  CHECK(refused.sqlstate() == "53200");
  CHECK(std::string(refused.message()).find("session \"7\"") != std::string::npos);
  CHECK(std::string(refused.message()).find("query \"1\"") != std::string::npos);
  CHECK(query.used_bytes() == 0);
  CHECK(session.used_bytes() == 0);
  CHECK(instance.used_bytes() == 0);
  CHECK(session.refusal_count() == 1);
  CHECK_FALSE(query.try_charge(UINT64_MAX));
}

TEST_CASE("account: M4 only force_charge passes the budget") {
  MemoryAccount instance("instance", "main", nullptr, 100);
  CHECK(instance.charge(100).is_ok());
  CHECK_FALSE(instance.charge(1).is_ok());
  instance.force_charge(50);
  CHECK(instance.used_bytes() == 150);
  CHECK(instance.pressure() == Pressure::emergency);
  instance.release(150);
}

TEST_CASE("account: pressure rises at 80, 95 and 98 per cent and comes from above too") {
  MemoryAccount instance("instance", "main", nullptr, 1000);
  MemoryAccount query("query", "1", &instance);
  instance.force_charge(799);
  CHECK(query.pressure() == Pressure::normal);
  instance.force_charge(1);
  CHECK(query.pressure() == Pressure::warning);
  instance.force_charge(150);
  CHECK(query.pressure() == Pressure::critical);
  instance.force_charge(30);
  CHECK(query.pressure() == Pressure::emergency);
  instance.release(980);
}

TEST_CASE("account: a charge object releases what it holds") {
  MemoryAccount instance("instance", "main", nullptr, 1000);
  {
    Result<Charge> charge = Charge::take(instance, 600);
    REQUIRE(charge.has_value());
    Charge moved = std::move(*charge);
    CHECK_FALSE(moved.resize(1001).is_ok());
    CHECK(moved.bytes() == 600);
    CHECK(moved.resize(1000).is_ok());
    CHECK(moved.resize(10).is_ok());
    CHECK(instance.used_bytes() == 10);
  }
  CHECK(instance.used_bytes() == 0);
}

TEST_CASE("account: M4 holds when threads compete") {
  MemoryAccount instance("instance", "main", nullptr, 100);
  std::atomic<bool> passed{false};
  std::vector<platform::Thread> threads;
  for (int t = 0; t < 4; ++t) {
    auto thread = platform::Thread::spawn("charge", [&instance, &passed] {
      MemoryAccount mine("query", "x", &instance);
      for (int i = 0; i < 5000; ++i) {
        if (!mine.try_charge(40)) continue;
        if (instance.used_bytes() > 100) passed = true;
        mine.release(40);
      }
    });
    REQUIRE(thread.has_value());
    threads.push_back(std::move(*thread));
  }
  for (platform::Thread& thread : threads) thread.join();
  CHECK_FALSE(passed.load());
  CHECK(instance.used_bytes() == 0);
}

}  // namespace
}  // namespace mortise::memory
