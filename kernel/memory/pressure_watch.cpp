// SPDX-License-Identifier: Apache-2.0
#include "kernel/memory/pressure_watch.hpp"

#include <algorithm>

namespace mortise::memory {
namespace {

constexpr double kMemorySeconds = 2;  // a measurement over so long replaces what was known
constexpr double kNanosecondsPerSecond = 1e9;

}  // namespace

// Of the account or the one above it that will be full first.
uint64_t PressureWatch::seconds_left(uint64_t now_ns) {
  const uint64_t used = account_.used_bytes();
  if (has_looked_ && now_ns > looked_ns_) {
    const double seconds = static_cast<double>(now_ns - looked_ns_) / kNanosecondsPerSecond;
    const double rate = (static_cast<double>(used) - static_cast<double>(used_bytes_)) / seconds;
    growth_ += std::min(1.0, seconds / kMemorySeconds) * (rate - growth_);
  }
  used_bytes_ = used;
  looked_ns_ = now_ns;
  has_looked_ = true;
  if (growth_ < 1) return kNever;
  uint64_t least = kNever;
  for (const MemoryAccount* at = &account_; at != nullptr; at = at->parent()) {
    if (at->budget_bytes() == kNoBudget) continue;
    const uint64_t in_use = at->used_bytes();
    const uint64_t left = at->budget_bytes() - std::min(at->budget_bytes(), in_use);
    least = std::min(least, static_cast<uint64_t>(static_cast<double>(left) / growth_));
  }
  return least;
}

PressureWatch::Look PressureWatch::look(uint64_t now_ns) {
  Look look;
  look.seconds_left = seconds_left(now_ns);
  look.level = account_.pressure();
  if (look.level == Pressure::normal && look.seconds_left < kForecastSeconds) {
    look.level = Pressure::warning;
  }
  const Pressure before = last();
  look.has_changed = look.level != before;
  const bool has_risen = look.level > before;
  const bool has_paused = shrunk_ns_ == 0 || now_ns - shrunk_ns_ >= kPauseNs;
  if (look.level != Pressure::normal && (has_risen || has_paused)) {
    for (auto& shrink : shrinkers_) look.given_back_bytes += shrink();
    shrunk_ns_ = now_ns;
  }
  last_.store(look.level, std::memory_order_relaxed);
  return look;
}

}  // namespace mortise::memory
