// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how often, how much, how long?
//
// Each thread adds into slots of its own, so that counting costs a load, an add and a store on a
// line that nobody else writes.  Reading sums over threads.
//
// Invariants
//   M1  A metric's number is never used for another one.
//   M2  read() is the exact sum of all add() calls that happened before it.
//   M3  Past the first kOwnSlots thread indexes threads share one set of slots and add atomically.
//
// Threads: [any, concurrent]

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::observe {

// Numbers equal the ABI's (mortise/iface/metrics.h).
enum class MetricKind : uint8_t { counter = 1, gauge = 2, histogram = 3 };

// "counter"
std::string_view name_of(MetricKind kind);

struct MetricSample {
  std::string scope;
  std::string name;
  MetricKind kind = MetricKind::counter;
  std::string help;
  int64_t value = 0;              // histogram: count of records
  int64_t sum = 0;                // histogram only
  std::vector<uint64_t> buckets;  // histogram: records with bit_width(value) == index
};

class Metrics {
 public:
  static constexpr uint32_t kMetricsMax = 4096;
  static constexpr uint32_t kOwnSlots = 512;  // thread indexes with slots of their own
  static constexpr uint32_t kBuckets = 64;

  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // `duplicate` for the same name with another kind, `limit` past kMetricsMax.
  Result<uint32_t> define(std::string_view scope, std::string_view name, MetricKind kind,
                          std::string_view help);
  // A metric that somebody else counts: asked for whenever it is read.
  Status define_sampled(std::string_view scope, std::string_view name, MetricKind kind,
                        std::string_view help, std::function<int64_t()> sample);

  // 0 does nothing.
  void add(uint32_t metric, int64_t amount);
  int64_t read(uint32_t metric) const;
  // In the order of their definition.
  std::vector<MetricSample> all() const;

 private:
  static constexpr uint32_t kChunkSlots = 512;
  static constexpr uint32_t kChunks = 128;
  struct Definition;
  struct Block;
  using Slot = std::atomic<int64_t>;

  Slot* slot_of(Block& block, uint32_t slot);
  Block* block_of_this_thread(bool* shared);
  int64_t sum_slot(uint32_t slot) const;
  MetricSample sample_of(const Definition& definition) const;

  mutable platform::Mutex mutex_{platform::LockRank::metrics};
  std::array<std::atomic<Definition*>, kMetricsMax> definitions_{};  // [number - 1]
  uint32_t count_ MORTISE_GUARDED_BY(mutex_) = 0;
  uint32_t slots_used_ MORTISE_GUARDED_BY(mutex_) = 0;
  std::array<std::atomic<Block*>, kOwnSlots + 1> blocks_{};
};

}  // namespace mortise::observe
