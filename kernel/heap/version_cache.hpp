// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: has somebody walked to this old version before?
//
// A row that is changed all the time under an old reader has a long chain, and each look at it
// would walk all of it.  Whoever has walked far leaves versions here: the one that was the answer,
// and some on the way, from which readers of other snapshots go on.
//
// Invariants
//   K1  What is kept of a row is immutable history: the version that was the newest from its SCN
//       on until `until`.  A snapshot that can still be read (H1 of horizon.hpp) finds the same
//       version by walking, whatever has become of the row since.
//   K2  At most kBytesMax, charged to the account; the rows that came first go first.
//
// Threads: [any, concurrent].
// Background: docs/internals/undo.md

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <unordered_map>
#include <vector>

#include "kernel/base/hash64.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/memory/account.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/txn/version.hpp"

namespace mortise::heap {

struct KnownVersion {
  txn::Writer writer;  // an SCN
  txn::UndoPtr undo;
  Scn until{};  // the next version's, or a lower bound of it
  std::vector<std::byte> body;
};

class VersionCache {
 public:
  static constexpr uint64_t kBytesMax = uint64_t{8} << 20;

  struct Row {
    SegmentId segment{};
    PageId page{};
    uint32_t slot = 0;
    friend bool operator==(const Row&, const Row&) = default;
  };

  explicit VersionCache(memory::MemoryAccount& account) : account_(account) {}
  ~VersionCache();
  VersionCache(const VersionCache&) = delete;
  VersionCache& operator=(const VersionCache&) = delete;

  // The version that `snapshot` sees, or else the oldest known one that it does not see.
  bool find(const Row& row, Scn snapshot, KnownVersion& version) const;
  void add(const Row& row, KnownVersion version);
  // Forgets all; answers how many bytes that gave back.
  uint64_t clear();
  uint64_t size_bytes() const;

 private:
  struct RowHash {
    size_t operator()(const Row& row) const {
      return hash64(raw(row.page), hash64(uint64_t{row.slot}, raw(row.segment)));
    }
  };
  struct Versions {
    std::map<uint64_t, KnownVersion> by_scn;
    uint64_t bytes = 0;
  };
  void forget_oldest() MORTISE_REQUIRES(mutex_);

  memory::MemoryAccount& account_;
  mutable platform::Mutex mutex_{platform::LockRank::leaf};
  std::unordered_map<Row, Versions, RowHash> rows_ MORTISE_GUARDED_BY(mutex_);
  std::deque<Row> order_ MORTISE_GUARDED_BY(mutex_);
  uint64_t bytes_ MORTISE_GUARDED_BY(mutex_) = 0;
};

}  // namespace mortise::heap
