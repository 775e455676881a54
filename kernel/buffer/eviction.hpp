// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which pages should leave memory next?
//
// The policy only proposes.  The pool verifies each victim itself (clean, unpinned, latch free),
// so that a policy can be slow but never wrong.  ClockPolicy is the one that is there before any
// plugin is; iface/draft/evict.h is the same face as a C ABI.
//
// Invariants
//   E1  A policy sees every load and every eviction of a frame; accesses are a sample.
//   E2  `pick` is bounded: it looks at no more frames than there are, and may answer fewer than
//       asked for.
//
// Threads: all functions are called under the pool's eviction lock, one at a time.

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "kernel/buffer/frame.hpp"

namespace mortise::buffer {

struct Access {
  uint32_t frame_index;
  uint64_t page_hash;
};

// What a policy may look at, for the life of the pool.
struct FrameView {
  const Frame* frames;
  uint32_t frame_count;
  const std::atomic<uint16_t>* tick;  // Frame::touch is a copy of it at the last access
};

class EvictionPolicy {
 public:
  virtual ~EvictionPolicy() = default;

  // Called once, before anything else.
  virtual Status start(const FrameView& view) = 0;
  // Does the policy want `on_accesses`?  A constant.
  virtual bool wants_accesses() const = 0;
  virtual void on_accesses(std::span<const Access> accesses) = 0;
  virtual void on_loaded(uint32_t frame_index, PageId page, AccessHint hint) = 0;
  virtual void on_evicted(uint32_t frame_index, PageId page) = 0;
  // Fills `victims` from the front with frames of that class, best first; answers how many.
  virtual uint32_t pick(std::span<uint32_t> victims, page::SizeClass size_class) = 0;
};

std::unique_ptr<EvictionPolicy> make_clock_policy();

}  // namespace mortise::buffer
