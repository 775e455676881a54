// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who may do what with a table, an object, a page, a name or a shared row, and who waits?
//
// A partitioned hash table of locks; each lock has holders and a queue.  Exclusive locks on rows
// are not here: they are the writer field of the row.
//
// Invariants
//   L1  Holders of one lock are pairwise compatible (an owner with itself always).
//   L2  A request is granted in the order of arrival, except that an owner that holds the lock
//       already goes before those who do not.
//   L3  A wait ends by grant, deadline, interrupt, or as the victim of a cycle; nothing else.
//   L4  Whoever waits is in the wait graph with edges to all it waits for; a cycle is looked for
//       when a wait begins and again every kRecheckNs, because queues change.
//
// Threads: [any, concurrent]; one owner is used by one thread at a time, but for interrupt().
// Background: docs/internals/locking.md

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "kernel/platform/mutex.hpp"
#include "kernel/txn/wait_graph.hpp"
#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/table_engine.h"
#include "mortise/iface/txn.h"

namespace mortise::txn {

// Classes beyond those of the ABI.
inline constexpr uint32_t kLockRow = 16;          // key = row id, object = segment
inline constexpr uint32_t kLockCatalogName = 17;  // key = hash of kind, parent and name

// Modes of kLockRow stand behind the ABI's modes.
enum class LockMode : uint8_t {
  is = MORTISE_MODE_IS,
  ix = MORTISE_MODE_IX,
  s = MORTISE_MODE_S,
  six = MORTISE_MODE_SIX,
  x = MORTISE_MODE_X,
  schema_s = MORTISE_MODE_SCHEMA_S,
  schema_x = MORTISE_MODE_SCHEMA_X,
  row_key_share = 8,
  row_share = 9,
  row_no_key_update = 10,
  row_update = 11,
};
inline constexpr uint32_t kLockModeCount = 12;

bool are_compatible(LockMode a, LockMode b);
// "IX", "row share".
const char* name_of(LockMode mode);
LockMode row_mode_of(uint32_t strength);  // MORTISE_ROW_LOCK_*

struct LockKey {
  uint32_t lock_class;
  uint32_t object;  // kLockRow: the segment
  uint64_t key;
  friend bool operator==(const LockKey&, const LockKey&) = default;
};
struct LockKeyHash {
  size_t operator()(const LockKey& k) const;
};
std::string describe(const LockKey& key);

// What ends a wait besides its grant.
struct WaitLimits {
  uint64_t deadline_ns = kNoDeadline;
  const uint32_t* interrupt = nullptr;  // written by other threads; not 0 = give up

  bool is_interrupted() const {
    return interrupt != nullptr && __atomic_load_n(interrupt, __ATOMIC_ACQUIRE) != 0;
  }
};

// The locks of one transaction.
class LockOwner {
 public:
  explicit LockOwner(uint64_t serial) : serial_(serial) {}
  uint64_t serial() const { return serial_; }
  size_t count() const { return held_.size(); }

 private:
  friend class LockTable;
  struct Held {
    LockKey key;
    LockMode mode;
  };
  const uint64_t serial_;  // names it in the wait graph
  std::vector<Held> held_;
};

class LockTable {
 public:
  static constexpr uint64_t kRecheckNs = 200'000'000;

  explicit LockTable(WaitGraph& graph);
  ~LockTable();

  enum class Outcome : uint8_t { granted, would_wait };

  // Grants if that is possible at once.
  Outcome try_acquire(LockOwner& owner, const LockKey& key, LockMode mode);
  // Waits.  `busy` 55P03 at the deadline, `cancelled` 57014, `conflict` 40P01 as victim.
  Status acquire(LockOwner& owner, const LockKey& key, LockMode mode, const WaitLimits& limits);
  // Would `mode` collide with somebody else's holding?  (Without asking for it.)
  bool is_contested(const LockOwner& owner, const LockKey& key, LockMode mode);
  // Gives one back; false when the owner does not hold it.
  bool release_one(LockOwner& owner, const LockKey& key, LockMode mode);
  // Gives back everything taken after the owner held `count` locks.
  void release_since(LockOwner& owner, size_t count);
  // Wakes the owner's wait, if it waits here.
  void interrupt(uint64_t serial);

  // Holders of row locks, in all: 0 lets a writer skip the lookup.
  uint64_t row_lock_count() const { return row_lock_count_.load(std::memory_order_seq_cst); }
  struct View {
    LockKey key;
    LockMode mode;
    uint64_t owner;
    bool granted;
  };
  std::vector<View> list();

 private:
  static constexpr uint32_t kPartitionCount = 1024;
  struct Waiter;
  struct Entry;
  struct Partition;

  Partition& partition_of(const LockKey& key);
  bool can_grant(const Entry& entry, const LockOwner& owner, LockMode mode,
                 const Waiter* before) const;
  void grant(Entry& entry, LockOwner& owner, const LockKey& key, LockMode mode);
  void grant_waiters(Entry& entry);
  void drop_holding(Partition& partition, const LockKey& key, uint64_t serial, LockMode mode);
  std::vector<uint64_t> blockers_of(const Entry& entry, const Waiter& waiter) const;
  Status wait(platform::Mutex& mutex, Entry& entry, Waiter& waiter, const WaitLimits& limits)
      MORTISE_REQUIRES(mutex);

  WaitGraph& graph_;
  std::atomic<uint64_t> row_lock_count_{0};
  std::unique_ptr<Partition[]> partitions_;
};

}  // namespace mortise::txn
