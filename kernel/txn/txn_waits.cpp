// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/txn_waits.hpp"

#include <algorithm>

#include "kernel/platform/clock.hpp"

namespace mortise::txn {

TxnWaits::TxnWaits(WaitGraph& graph, const TxnMap& map)
    : graph_(graph), map_(map), shards_(std::make_unique<Shard[]>(kShardCount)) {}
TxnWaits::~TxnWaits() = default;

Status TxnWaits::wait(uint64_t serial, TxnId holder, uint64_t holder_serial,
                      const WaitLimits& limits, const std::string& what) {
  if (limits.is_interrupted()) return cancelled("canceling statement due to user request");
  if (platform::monotonic_ns() >= limits.deadline_ns) {
    return Status(Code::busy, "55P03", "canceling statement due to lock timeout")
        .with(MORTISE_ERROR_FIELD_DETAIL, "waited for " + what);
  }
  Shard& shard = shard_of(holder);
  platform::Lock lock(shard.mutex);
  if (map_.is_finished(holder)) return {};
  if (holder_serial != 0) MORTISE_TRY(graph_.enter(serial, {holder_serial}, what));
  Waiter waiter{holder, serial, false, {}};
  shard.waiters.push_back(&waiter);
  const uint64_t until = std::min(limits.deadline_ns, platform::deadline_after_ns(kRecheckNs));
  while (!waiter.is_told) {
    if (!waiter.changed.wait_until(shard.mutex, until)) break;
  }
  shard.waiters.remove(&waiter);
  graph_.leave(serial);
  return {};
}

void TxnWaits::tell(TxnId holder) {
  Shard& shard = shard_of(holder);
  platform::Lock lock(shard.mutex);
  for (Waiter* waiter : shard.waiters) {
    if (waiter->holder != holder) continue;
    waiter->is_told = true;
    graph_.leave(waiter->serial);  // A2
    waiter->changed.notify_all();
  }
}

void TxnWaits::interrupt(uint64_t serial) {
  for (uint32_t i = 0; i < kShardCount; ++i) {
    platform::Lock lock(shards_[i].mutex);
    for (Waiter* waiter : shards_[i].waiters) {
      if (waiter->serial != serial) continue;
      waiter->is_told = true;
      waiter->changed.notify_all();
    }
  }
}

}  // namespace mortise::txn
