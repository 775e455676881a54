// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/lock_table.hpp"

#include <algorithm>

#include "kernel/base/hash64.hpp"
#include "kernel/platform/clock.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::txn {
namespace {

constexpr uint16_t bit(LockMode mode) {
  return static_cast<uint16_t>(1u << static_cast<uint8_t>(mode));
}
constexpr uint16_t bits(std::initializer_list<LockMode> modes) {
  uint16_t all = 0;
  for (const LockMode mode : modes) all = static_cast<uint16_t>(all | bit(mode));
  return all;
}

// Row i: the modes that collide with mode i.
constexpr uint16_t conflicts_of(LockMode mode) {
  using enum LockMode;
  switch (mode) {
    case is:
      return bits({x, schema_x});
    case ix:
      return bits({s, six, x, schema_x});
    case s:
      return bits({ix, six, x, schema_x});
    case six:
      return bits({ix, s, six, x, schema_x});
    case x:
      return bits({is, ix, s, six, x, schema_x});
    case schema_s:
      return bits({schema_x});
    case schema_x:
      return bits({is, ix, s, six, x, schema_s, schema_x});
    case row_key_share:
      return bits({row_update});
    case row_share:
      return bits({row_no_key_update, row_update});
    case row_no_key_update:
      return bits({row_share, row_no_key_update, row_update});
    case row_update:
      return bits({row_key_share, row_share, row_no_key_update, row_update});
  }
  return 0;
}

constexpr bool is_symmetric() {
  for (uint8_t a = 1; a < kLockModeCount; ++a) {
    for (uint8_t b = 1; b < kLockModeCount; ++b) {
      const LockMode ma = static_cast<LockMode>(a);
      const LockMode mb = static_cast<LockMode>(b);
      if (((conflicts_of(ma) & bit(mb)) != 0) != ((conflicts_of(mb) & bit(ma)) != 0)) return false;
    }
  }
  return true;
}
static_assert(is_symmetric());

}  // namespace

bool are_compatible(LockMode a, LockMode b) {
  return (conflicts_of(a) & bit(b)) == 0;
}

const char* name_of(LockMode mode) {
  constexpr const char* kNames[kLockModeCount] = {"none",
                                                  "IS",
                                                  "IX",
                                                  "S",
                                                  "SIX",
                                                  "X",
                                                  "schema S",
                                                  "schema X",
                                                  "row key share",
                                                  "row share",
                                                  "row no key update",
                                                  "row update"};
  return kNames[static_cast<uint8_t>(mode)];
}

LockMode row_mode_of(uint32_t strength) {
  MORTISE_ASSERT(strength >= MORTISE_ROW_LOCK_KEY_SHARE && strength <= MORTISE_ROW_LOCK_UPDATE);
  return static_cast<LockMode>(static_cast<uint32_t>(LockMode::row_key_share) + strength - 1);
}

size_t LockKeyHash::operator()(const LockKey& k) const {
  return static_cast<size_t>(hash64(k.key, (uint64_t{k.lock_class} << 32) | k.object));
}

std::string describe(const LockKey& key) {
  switch (key.lock_class) {
    case MORTISE_LOCK_TABLE:
      return "table " + std::to_string(key.key);
    case MORTISE_LOCK_OBJECT:
      return "object " + std::to_string(key.key);
    case MORTISE_LOCK_ADVISORY:
      return "advisory lock " + std::to_string(key.key);
    case MORTISE_LOCK_PAGE:
      return "page " + std::to_string(key.key);
    case kLockRow:
      return "row " + std::to_string(key.key >> 16) + ":" + std::to_string(key.key & 0xFFFF) +
             " of segment " + std::to_string(key.object);
    default:
      return "a catalog name";
  }
}

struct LockTable::Waiter {
  LockOwner* owner;
  LockKey key;
  LockMode mode;
  bool is_upgrade;  // L2
  bool granted = false;
  platform::CondVar changed;
};

struct LockTable::Entry {
  struct Holding {
    uint64_t serial;
    uint32_t counts[kLockModeCount] = {};
    uint16_t modes = 0;
  };
  std::vector<Holding> holders;
  std::list<Waiter*> waiters;

  Holding* find(uint64_t serial) {
    for (Holding& holding : holders) {
      if (holding.serial == serial) return &holding;
    }
    return nullptr;
  }
};

struct LockTable::Partition {
  platform::Mutex mutex{platform::LockRank::lock_table};
  std::unordered_map<LockKey, Entry, LockKeyHash> entries MORTISE_GUARDED_BY(mutex);
};

LockTable::LockTable(WaitGraph& graph)
    : graph_(graph), partitions_(std::make_unique<Partition[]>(kPartitionCount)) {}
LockTable::~LockTable() = default;

LockTable::Partition& LockTable::partition_of(const LockKey& key) {
  return partitions_[(LockKeyHash{}(key) >> 40) % kPartitionCount];
}

// `before`: only waiters in front of it count; null: all of them.
bool LockTable::can_grant(const Entry& entry, const LockOwner& owner, LockMode mode,
                          const Waiter* before) const {
  bool holds = false;
  for (const Entry::Holding& holding : entry.holders) {
    if (holding.serial == owner.serial()) {
      holds = true;
    } else if ((holding.modes & conflicts_of(mode)) != 0) {
      return false;
    }
  }
  if (holds) return true;  // L2
  for (const Waiter* waiter : entry.waiters) {
    if (waiter == before) break;
    if (waiter->owner != &owner && !are_compatible(waiter->mode, mode)) return false;
  }
  return true;
}

void LockTable::grant(Entry& entry, LockOwner& owner, const LockKey& key, LockMode mode) {
  Entry::Holding* holding = entry.find(owner.serial());
  if (holding == nullptr) {
    entry.holders.push_back({.serial = owner.serial()});
    holding = &entry.holders.back();
    if (key.lock_class == kLockRow) row_lock_count_.fetch_add(1);
  }
  ++holding->counts[static_cast<uint8_t>(mode)];
  holding->modes = static_cast<uint16_t>(holding->modes | bit(mode));
  owner.held_.push_back({key, mode});
}

LockTable::Outcome LockTable::try_acquire(LockOwner& owner, const LockKey& key, LockMode mode) {
  Partition& partition = partition_of(key);
  platform::Lock lock(partition.mutex);
  Entry& entry = partition.entries[key];
  // Locks add up, but only advisory ones are given back one by one.
  Entry::Holding* holding = entry.find(owner.serial());
  if (holding != nullptr && (holding->modes & bit(mode)) != 0 &&
      key.lock_class != MORTISE_LOCK_ADVISORY) {
    return Outcome::granted;
  }
  if (can_grant(entry, owner, mode, nullptr)) {
    grant(entry, owner, key, mode);
    return Outcome::granted;
  }
  return Outcome::would_wait;
}

Status LockTable::acquire(LockOwner& owner, const LockKey& key, LockMode mode,
                          const WaitLimits& limits) {
  if (try_acquire(owner, key, mode) == Outcome::granted) return {};
  Partition& partition = partition_of(key);
  platform::Lock lock(partition.mutex);
  Entry& entry = partition.entries[key];
  if (can_grant(entry, owner, mode, nullptr)) {
    grant(entry, owner, key, mode);
    return {};
  }
  Waiter waiter{&owner, key, mode, entry.find(owner.serial()) != nullptr, false, {}};
  if (waiter.is_upgrade) {
    auto place = entry.waiters.begin();
    while (place != entry.waiters.end() && (*place)->is_upgrade) ++place;
    entry.waiters.insert(place, &waiter);
  } else {
    entry.waiters.push_back(&waiter);
  }
  Status outcome = wait(partition.mutex, entry, waiter, limits);
  if (waiter.granted) return {};
  graph_.leave(owner.serial());
  entry.waiters.remove(&waiter);
  grant_waiters(entry);  // those behind may have waited for us only
  if (entry.holders.empty() && entry.waiters.empty()) partition.entries.erase(key);
  return outcome;
}

// Everybody in the way: incompatible holders, and waiters in front that are.
std::vector<uint64_t> LockTable::blockers_of(const Entry& entry, const Waiter& waiter) const {
  std::vector<uint64_t> blockers;
  for (const Entry::Holding& holding : entry.holders) {
    if (holding.serial != waiter.owner->serial() &&
        (holding.modes & conflicts_of(waiter.mode)) != 0) {
      blockers.push_back(holding.serial);
    }
  }
  if (waiter.is_upgrade) return blockers;
  for (const Waiter* other : entry.waiters) {
    if (other == &waiter) break;
    if (!are_compatible(other->mode, waiter.mode)) blockers.push_back(other->owner->serial());
  }
  return blockers;
}

Status LockTable::wait(platform::Mutex& mutex, Entry& entry, Waiter& waiter,
                       const WaitLimits& limits) {
  while (!waiter.granted) {
    if (limits.is_interrupted()) {
      return cancelled("canceling statement due to user request");
    }
    const uint64_t now = platform::monotonic_ns();
    if (now >= limits.deadline_ns) {
      return Status(Code::busy, "55P03", "canceling statement due to lock timeout")
          .with(MORTISE_ERROR_FIELD_DETAIL, "waited for " + describe(waiter.key));
    }
    MORTISE_TRY(graph_.enter(waiter.owner->serial(), blockers_of(entry, waiter),
                             std::string(name_of(waiter.mode)) + " on " + describe(waiter.key)));
    const uint64_t recheck = platform::deadline_after_ns(kRecheckNs);
    waiter.changed.wait_until(mutex, std::min(recheck, limits.deadline_ns));
  }
  return {};
}

void LockTable::grant_waiters(Entry& entry) {
  for (auto at = entry.waiters.begin(); at != entry.waiters.end();) {
    Waiter& waiter = **at;
    if (!can_grant(entry, *waiter.owner, waiter.mode, &waiter)) {
      graph_.replace(waiter.owner->serial(), blockers_of(entry, waiter));  // W2
      ++at;
      continue;
    }
    grant(entry, *waiter.owner, waiter.key, waiter.mode);
    waiter.granted = true;
    graph_.leave(waiter.owner->serial());  // W2
    waiter.changed.notify_all();
    at = entry.waiters.erase(at);
  }
}

bool LockTable::is_contested(const LockOwner& owner, const LockKey& key, LockMode mode) {
  Partition& partition = partition_of(key);
  platform::Lock lock(partition.mutex);
  const auto found = partition.entries.find(key);
  if (found == partition.entries.end()) return false;
  for (const Entry::Holding& holding : found->second.holders) {
    if (holding.serial != owner.serial() && (holding.modes & conflicts_of(mode)) != 0) return true;
  }
  return false;
}

void LockTable::drop_holding(Partition& partition, const LockKey& key, uint64_t serial,
                             LockMode mode) {
  const auto found = partition.entries.find(key);
  MORTISE_ASSERT(found != partition.entries.end());
  Entry& entry = found->second;
  Entry::Holding* holding = entry.find(serial);
  MORTISE_ASSERT(holding != nullptr);
  uint32_t& count = holding->counts[static_cast<uint8_t>(mode)];
  MORTISE_ASSERT(count != 0);
  if (--count == 0) holding->modes = static_cast<uint16_t>(holding->modes & ~bit(mode));
  if (holding->modes == 0) {
    *holding = entry.holders.back();
    entry.holders.pop_back();
    if (key.lock_class == kLockRow) row_lock_count_.fetch_sub(1);
  }
  grant_waiters(entry);
  if (entry.holders.empty() && entry.waiters.empty()) partition.entries.erase(found);
}

bool LockTable::release_one(LockOwner& owner, const LockKey& key, LockMode mode) {
  for (size_t i = owner.held_.size(); i-- > 0;) {
    if (owner.held_[i].key == key && owner.held_[i].mode == mode) {
      owner.held_.erase(owner.held_.begin() + static_cast<ptrdiff_t>(i));
      Partition& partition = partition_of(key);
      platform::Lock lock(partition.mutex);
      drop_holding(partition, key, owner.serial(), mode);
      return true;
    }
  }
  return false;
}

void LockTable::release_since(LockOwner& owner, size_t count) {
  while (owner.held_.size() > count) {
    const LockOwner::Held held = owner.held_.back();
    owner.held_.pop_back();
    Partition& partition = partition_of(held.key);
    platform::Lock lock(partition.mutex);
    drop_holding(partition, held.key, owner.serial(), held.mode);
  }
}

void LockTable::interrupt(uint64_t serial) {
  for (uint32_t i = 0; i < kPartitionCount; ++i) {
    platform::Lock lock(partitions_[i].mutex);
    for (auto& [key, entry] : partitions_[i].entries) {
      for (Waiter* waiter : entry.waiters) {
        if (waiter->owner->serial() == serial) waiter->changed.notify_all();
      }
    }
  }
}

std::vector<LockTable::View> LockTable::list() {
  std::vector<View> views;
  for (uint32_t i = 0; i < kPartitionCount; ++i) {
    platform::Lock lock(partitions_[i].mutex);
    for (const auto& [key, entry] : partitions_[i].entries) {
      for (const Entry::Holding& holding : entry.holders) {
        for (uint8_t mode = 1; mode < kLockModeCount; ++mode) {
          if (holding.counts[mode] != 0) {
            views.push_back({key, static_cast<LockMode>(mode), holding.serial, true});
          }
        }
      }
      for (const Waiter* waiter : entry.waiters) {
        views.push_back({key, waiter->mode, waiter->owner->serial(), false});
      }
    }
  }
  return views;
}

}  // namespace mortise::txn
