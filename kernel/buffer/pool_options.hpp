// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the pool want to know, and what does it tell about itself?
//
// Threads: values; LogBarrier [any, concurrent].

#include <cstdint>
#include <memory>

#include "kernel/base/ids.hpp"
#include "kernel/buffer/eviction.hpp"
#include "kernel/page/format.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::buffer {

// What the pool must know of the log (B6).
class LogBarrier {
 public:
  virtual ~LogBarrier() = default;
  // Waits until everything before `lsn` is durable.
  virtual Status wait_durable(Lsn lsn) = 0;
  // Pages could not be written: nothing may be promised any more.
  virtual void stop(const Status& why) = 0;
};

struct FixOptions {
  page::SizeClass size_class = page::SizeClass::kib4;  // a guess: a wrong one costs a second read
  AccessHint hint = AccessHint::random;
};

struct PoolOptions {
  uint64_t pool_bytes = uint64_t{128} << 20;
  uint64_t space_units_max = uint64_t{1} << 28;  // 1 TiB of pages; 8 bytes of address space each
  bool double_write = true;
  bool huge_pages = true;
  bool prefetch_thread = true;             // false: prefetch() waits for what it has asked for
  uint64_t full_wait_ns = 2'000'000'000;   // how long a full pool is waited for before `limit`
  std::unique_ptr<EvictionPolicy> policy;  // null: the built-in clock
};

struct PoolStats {
  uint64_t hits_sampled;  // only while a policy asks for accesses
  uint64_t misses;
  uint64_t prefetched;
  uint64_t evictions;
  uint64_t pages_written;
  uint64_t pages_repaired;
  uint64_t dirty_frames;
  uint64_t free_units;
  uint64_t frame_units;
};

}  // namespace mortise::buffer
