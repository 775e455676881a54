// SPDX-License-Identifier: Apache-2.0
//
// The policy that is there before any plugin: CLOCK over the touch ticks.  A page gets a second
// chance when it was touched since the hand last passed; pages of scans get none.

#include <vector>

#include "kernel/buffer/eviction.hpp"

namespace mortise::buffer {
namespace {

class ClockPolicy final : public EvictionPolicy {
 public:
  Status start(const FrameView& view) override {
    view_ = view;
    touch_seen_.assign(view.frame_count, 0);
    return {};
  }
  bool wants_accesses() const override { return false; }
  void on_accesses(std::span<const Access>) override {}
  void on_loaded(uint32_t frame_index, PageId, AccessHint) override {
    // One free pass for what was just read, or the sweep that made room would take it next.
    touch_seen_[frame_index] =
        static_cast<uint16_t>(view_.frames[frame_index].touch.load(std::memory_order_relaxed) - 1);
  }
  void on_evicted(uint32_t, PageId) override {}

  uint32_t pick(std::span<uint32_t> victims, page::SizeClass size_class) override {
    uint32_t count = 0;
    const uint64_t steps_max = uint64_t{2} * view_.frame_count;
    for (uint64_t step = 0; step < steps_max && count < victims.size(); ++step) {
      hand_ = (hand_ + 1) % view_.frame_count;
      const Frame& frame = view_.frames[hand_];
      if (frame.page_id.load(std::memory_order_relaxed) == raw(kNoPage)) continue;
      if (frame.size_class.load(std::memory_order_relaxed) != static_cast<uint8_t>(size_class)) {
        continue;
      }
      const uint16_t touch = frame.touch.load(std::memory_order_relaxed);
      const bool is_cold = (frame.flags.load(std::memory_order_relaxed) & Frame::kCold) != 0;
      if (touch != touch_seen_[hand_] && !is_cold) {
        touch_seen_[hand_] = touch;
        continue;
      }
      victims[count++] = hand_;
    }
    return count;
  }

 private:
  FrameView view_{};
  std::vector<uint16_t> touch_seen_;  // by frame: its touch when the hand passed
  uint32_t hand_ = 0;
};

}  // namespace

std::unique_ptr<EvictionPolicy> make_clock_policy() {
  return std::make_unique<ClockPolicy>();
}

}  // namespace mortise::buffer
