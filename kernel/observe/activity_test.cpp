// SPDX-License-Identifier: Apache-2.0
//
// Goal: Y1..Y3 of the activity registry.
// Method: sessions that come, change and go.
#include "kernel/observe/activity.hpp"

#include <doctest/doctest.h>

namespace mortise::observe {
namespace {

ActivityInfo session(uint32_t process_id) {
  ActivityInfo info;
  info.process_id = process_id;
  info.user = "ann";
  return info;
}

TEST_CASE("activity: Y3 one session too many is refused with 53300") {
  Activities activities(1, 64);
  const auto first = activities.begin(session(1), {});
  REQUIRE(first.has_value());

  CHECK(activities.begin(session(2), {}).error().sqlstate() == "53300");
  activities.end(*first);
  CHECK(activities.begin(session(2), {}).has_value());
}

TEST_CASE("activity: Y2 a handle of an ended session does nothing") {
  Activities activities(2, 64);
  const auto first = activities.begin(session(1), {});
  activities.end(*first);
  const auto second = activities.begin(session(2), {});

  activities.set_state(*first, ActivityState::active, 7, "select 1");
  activities.end(*first);

  CHECK(*first != *second);
  CHECK(activities.count() == 1);
  activities.each([](const ActivityInfo& info) {
    CHECK(info.state == ActivityState::idle);
    return true;
  });
}

TEST_CASE("activity: Y1 an ended session is not cancelled") {
  Activities activities(2, 64);
  int cancelled = 0;
  const Activities::Hooks hooks{[](void* context) { ++*static_cast<int*>(context); }, nullptr,
                                &cancelled};
  const auto handle = activities.begin(session(9), hooks);

  CHECK(activities.cancel(9));
  CHECK_FALSE(activities.terminate(9));
  activities.end(*handle);
  CHECK_FALSE(activities.cancel(9));
  CHECK(cancelled == 1);
}

TEST_CASE("activity: a statement is cut between characters") {
  Activities activities(2, 4);
  const auto handle = activities.begin(session(1), {});

  activities.set_state(*handle, ActivityState::active, 0, "abcü");

  activities.each([](const ActivityInfo& info) {
    CHECK(info.statement == "abc");
    CHECK(info.statement_began_us != 0);
    return true;
  });
}

}  // namespace
}  // namespace mortise::observe
