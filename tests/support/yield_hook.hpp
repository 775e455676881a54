// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what if somebody did this exactly there?
//
// While a YieldHook lives, its action runs whenever the calling thread passes the yield point of
// that name (MORTISE_YIELD): the other thread of a race, at the worst moment, every time.  The
// action itself passes no hooks.
//
// Threads: one.

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/parking.hpp"
#include "kernel/platform/scheduler.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise {

class YieldHook final : public platform::Scheduler {
  template <typename F>
  auto outside(F&& f) {
    platform::install_scheduler(previous_);
    auto result = f();
    platform::install_scheduler(this);
    return result;
  }

 public:
  YieldHook(std::string point, std::function<void()> action)
      : point_(std::move(point)),
        action_(std::move(action)),
        previous_(platform::install_scheduler(this)) {}
  ~YieldHook() override { platform::install_scheduler(previous_); }
  YieldHook(const YieldHook&) = delete;
  YieldHook& operator=(const YieldHook&) = delete;

  int passed_count() const { return passed_count_; }

  bool park(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns) override {
    return outside([&] { return platform::park_wait(word, expected, deadline_ns); });
  }
  void wake(const std::atomic<uint32_t>& word, uint32_t count) override {
    outside([&] {
      platform::park_wake(word, count);
      return true;
    });
  }
  void yield(const char* point) override {
    if (point != std::string_view(point_)) return;
    ++passed_count_;
    outside([&] {
      action_();
      return true;
    });
  }
  Status spawn(std::string_view, UniqueFunction<void()>) override {
    return unsupported("a hooked thread starts no others");
  }
  uint64_t monotonic_ns() override {
    return outside([] { return platform::monotonic_ns(); });
  }
  uint64_t realtime_us() override {
    return outside([] { return static_cast<uint64_t>(platform::realtime_us()); });
  }
  uint64_t random() override { return 4; }

 private:
  const std::string point_;
  const std::function<void()> action_;
  platform::Scheduler* const previous_;
  int passed_count_ = 0;
};

}  // namespace mortise
