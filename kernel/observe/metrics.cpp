// SPDX-License-Identifier: Apache-2.0
#include "kernel/observe/metrics.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <new>

#include "kernel/platform/thread.hpp"

namespace mortise::observe {

struct Metrics::Definition {
  std::string scope;
  std::string name;
  MetricKind kind;
  std::string help;
  uint32_t slot;
  std::function<int64_t()> sample;
};

// Chunks come with the first add that needs them: an idle thread costs one array of pointers.
struct Metrics::Block {
  std::array<std::atomic<Slot*>, kChunks> chunks{};
};

std::string_view name_of(MetricKind kind) {
  switch (kind) {
    case MetricKind::counter:
      return "counter";
    case MetricKind::gauge:
      return "gauge";
    case MetricKind::histogram:
      break;
  }
  return "histogram";
}

Metrics::Metrics() = default;

Metrics::~Metrics() {
  for (auto& entry : blocks_) {
    std::unique_ptr<Block> block(entry.load(std::memory_order_relaxed));
    if (block == nullptr) continue;
    for (auto& chunk : block->chunks) delete[] chunk.load(std::memory_order_relaxed);
  }
  for (auto& definition : definitions_) delete definition.load(std::memory_order_relaxed);
}

Result<uint32_t> Metrics::define(std::string_view scope, std::string_view name, MetricKind kind,
                                 std::string_view help) {
  platform::Lock lock(mutex_);
  for (uint32_t i = 0; i < count_; ++i) {
    const Definition& known = *definitions_[i].load(std::memory_order_relaxed);
    if (known.scope != scope || known.name != name) continue;
    if (known.kind == kind && !known.sample) return i + 1;
    return duplicate(std::string("metric ")
                         .append(scope)
                         .append(".")
                         .append(name)
                         .append(" is already a ")
                         .append(name_of(known.kind)));
  }
  const uint32_t slots = kind == MetricKind::histogram ? kBuckets + 1 : 1;
  if (count_ == kMetricsMax || slots_used_ + slots > kChunks * kChunkSlots) {
    return limit("there are too many metrics");
  }
  auto made = std::make_unique<Definition>(Definition{std::string(scope), std::string(name), kind,
                                                      std::string(help), slots_used_, nullptr});
  slots_used_ += slots;
  definitions_[count_].store(made.release(), std::memory_order_release);
  return ++count_;
}

Status Metrics::define_sampled(std::string_view scope, std::string_view name, MetricKind kind,
                               std::string_view help, std::function<int64_t()> sample) {
  platform::Lock lock(mutex_);
  if (count_ == kMetricsMax) return limit("there are too many metrics");
  auto made = std::make_unique<Definition>(Definition{std::string(scope), std::string(name), kind,
                                                      std::string(help), 0, std::move(sample)});
  definitions_[count_].store(made.release(), std::memory_order_release);
  ++count_;
  return {};
}

Metrics::Block* Metrics::block_of_this_thread(bool* shared) {
  const uint32_t index = std::min(platform::this_thread::index(), kOwnSlots);
  *shared = index == kOwnSlots;
  std::atomic<Block*>& entry = blocks_[index];
  Block* block = entry.load(std::memory_order_acquire);
  if (block != nullptr) return block;
  auto made = std::unique_ptr<Block>(new (std::nothrow) Block);
  if (made == nullptr) return nullptr;
  if (entry.compare_exchange_strong(block, made.get(), std::memory_order_acq_rel)) {
    return made.release();
  }
  return block;
}

Metrics::Slot* Metrics::slot_of(Block& block, uint32_t slot) {
  std::atomic<Slot*>& entry = block.chunks[slot / kChunkSlots];
  Slot* chunk = entry.load(std::memory_order_acquire);
  if (chunk == nullptr) {
    auto made = std::unique_ptr<Slot[]>(new (std::nothrow) Slot[kChunkSlots]());
    if (made == nullptr) return nullptr;
    if (entry.compare_exchange_strong(chunk, made.get(), std::memory_order_acq_rel)) {
      chunk = made.release();
    }
  }
  return chunk + slot % kChunkSlots;
}

void Metrics::add(uint32_t metric, int64_t amount) {
  if (metric == 0 || metric > kMetricsMax) return;
  const Definition* definition = definitions_[metric - 1].load(std::memory_order_acquire);
  if (definition == nullptr || definition->sample) return;
  bool shared = false;
  Block* block = block_of_this_thread(&shared);
  if (block == nullptr) return;
  const auto bump = [&](uint32_t at, int64_t by) {
    Slot* slot = slot_of(*block, at);
    if (slot == nullptr) return;
    if (shared) {
      slot->fetch_add(by, std::memory_order_relaxed);
    } else {
      slot->store(slot->load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }
  };
  if (definition->kind != MetricKind::histogram) return bump(definition->slot, amount);
  const auto magnitude = static_cast<uint64_t>(std::max<int64_t>(amount, 0));
  bump(definition->slot + static_cast<uint32_t>(std::bit_width(magnitude)), 1);
  bump(definition->slot + kBuckets, amount);
}

int64_t Metrics::sum_slot(uint32_t slot) const {
  int64_t sum = 0;
  for (const auto& entry : blocks_) {
    const Block* block = entry.load(std::memory_order_acquire);
    if (block == nullptr) continue;
    const Slot* chunk = block->chunks[slot / kChunkSlots].load(std::memory_order_acquire);
    if (chunk != nullptr) sum += chunk[slot % kChunkSlots].load(std::memory_order_relaxed);
  }
  return sum;
}

MetricSample Metrics::sample_of(const Definition& d) const {
  MetricSample out{d.scope, d.name, d.kind, d.help, 0, 0, {}};
  if (d.sample) {
    out.value = d.sample();
  } else if (d.kind != MetricKind::histogram) {
    out.value = sum_slot(d.slot);
  } else {
    for (uint32_t i = 0; i < kBuckets; ++i) {
      out.buckets.push_back(static_cast<uint64_t>(sum_slot(d.slot + i)));
      out.value += static_cast<int64_t>(out.buckets.back());
    }
    out.sum = sum_slot(d.slot + kBuckets);
  }
  return out;
}

int64_t Metrics::read(uint32_t metric) const {
  if (metric == 0 || metric > kMetricsMax) return 0;
  const Definition* definition = definitions_[metric - 1].load(std::memory_order_acquire);
  return definition == nullptr ? 0 : sample_of(*definition).value;
}

std::vector<MetricSample> Metrics::all() const {
  std::vector<MetricSample> out;
  for (const auto& entry : definitions_) {
    const Definition* definition = entry.load(std::memory_order_acquire);
    if (definition == nullptr) break;
    out.push_back(sample_of(*definition));
  }
  return out;
}

}  // namespace mortise::observe
