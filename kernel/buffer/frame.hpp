// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is known about one frame of the pool?
//
// One cache line per 4 KiB of arena; a larger page uses the descriptor of its first unit.  The
// address of the bytes is computed from the index, so that a reader needs no pointer from here.
//
// Invariants
//   B1  Content changes under the exclusive latch and inside a mini-transaction only.  Nothing is
//       written under a shared latch, not even hints.
//   B2  rec_lsn != 0  <=>  the page is dirty: every change that is not yet durable in the data
//       file ends after rec_lsn.  It is set before the log space is reserved.
//   B3  page_id changes under the exclusive latch, while the page's translation entry is absent.
//
// Threads: each member says which store its loads pair with.

#include <atomic>
#include <cstdint>

#include "kernel/base/ids.hpp"
#include "kernel/buffer/latch.hpp"
#include "kernel/page/format.hpp"

namespace mortise::buffer {

// How a page is going to be used: the eviction policy's business, never the page's safety.
enum class AccessHint : uint8_t {
  random = 0,
  scan = 1,         // once, in order: enters at the cold end
  maintenance = 2,  // purge, check, backup: as scan
  index_inner = 3,
  undo = 4,
};

struct alignas(64) Frame {
  static constexpr uint8_t kPrefetched = 1;  // loaded and not asked for yet
  static constexpr uint8_t kCold = 2;        // came by a scan or maintenance hint
  static constexpr uint8_t kKnown = 4;       // the eviction policy has been told; under its lock

  Latch latch;
  std::atomic<uint32_t> pins{0};  // eviction waits for 0; changed by fetch_add/fetch_sub
  std::atomic<uint64_t> page_id{raw(kNoPage)};  // release under X (B3); acquire by readers
  std::atomic<uint64_t> rec_lsn{0};   // seq_cst before the reservation; read by the checkpoint
  std::atomic<uint64_t> page_lsn{0};  // end of the last change, under X
  std::atomic<uint16_t> touch{0};     // relaxed: a coarse clock tick
  std::atomic<uint8_t> flags{0};
  std::atomic<uint8_t> size_class{0};  // under X, as page_id
  std::atomic<uint32_t> io_busy{0};    // 1 while a copy of it is on its way to disk
};
static_assert(sizeof(Frame) == 64);

}  // namespace mortise::buffer
