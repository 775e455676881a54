// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do old versions stand, and when can they go?
//
// In 4 KiB pages of undo segments (256 KiB extents of the undo space), written forward only.  A
// transaction borrows a lane, a place to write to, from its first change to its end; so nobody
// else ever waits for its undo page.  Old values are logged once: the change of the undo page is
// part of the log record of the change itself.
//
// Invariants
//   D1  A segment is dropped only when every transaction that wrote to it is finished, all of them
//       ended before the horizon, and their purge work is done.
//   D2  A lane is used by one transaction at a time.
//   D3  What a staged append has written becomes the lane's state only if its Mtr commits.
//
// Threads: a lane belongs to its borrower; the rest [any, concurrent].
// Background: docs/internals/undo.md

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "kernel/log/mtr.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/recovery/storage.hpp"
#include "kernel/txn/undo_record.hpp"

namespace mortise::txn {

inline constexpr uint32_t kUndoPagesPerSegment = 60;  // of the extent's 64: anchor and lists

// A record copied out of its page.
struct UndoCopy {
  UndoRecord record;
  std::vector<std::byte> bytes;  // what record.details points into
};

struct UndoSegment {
  SegmentId id{};
  Scn last_scn{};       // the end of the last transaction that wrote to it
  bool is_open = true;  // a lane still writes to it
};

class UndoLane {
 public:
  explicit UndoLane(uint32_t index) : index_(index) {}
  uint32_t index() const { return index_; }

 private:
  friend class UndoLog;
  friend class UndoAppend;
  struct Place {
    SegmentId segment{};
    PageId page = kNoPage;
    uint32_t used_bytes = 0;
    uint32_t pages_used = 0;
    uint8_t generation = 0;
  };
  const uint32_t index_;
  Place place_;
  std::vector<SegmentId> touched_;  // by the present borrower, beside the current one
};

class UndoLog;

// The undo side of one Mtr.  Reserve, then append; keep() after the Mtr's commit.
class UndoAppend {
 public:
  UndoAppend(UndoLog& log, UndoLane& lane) : log_(log), lane_(lane), place_(lane.place_) {}

  // Latches a page of the lane with room for a record of `record_bytes`, a new one if need be.
  // Latch order: after all other pages of the Mtr.  `busy`: start the Mtr over.
  Status reserve(log::Mtr& mtr, uint32_t record_bytes);
  // Precondition: reserve() of at least as many bytes was the last call.
  UndoPtr append(log::Mtr& mtr, const UndoRecord& record);
  // D3.
  void keep();
  uint32_t appended_bytes() const { return appended_bytes_; }

 private:
  UndoLog& log_;
  UndoLane& lane_;
  UndoLane::Place place_;
  log::PageX page_;
  std::vector<SegmentId> left_;  // segments that became full in this Mtr
  bool is_new_segment_ = false;
  uint32_t appended_bytes_ = 0;
};

class UndoLog {
 public:
  UndoLog() = default;
  // Finds the segments; they are closed, and their transactions ended at or before `scn`.  Makes
  // the undo space when there is none.  [control]
  Status open(recovery::Storage& storage, Scn scn);

  // D2.
  UndoLane* borrow();
  // The borrower has ended at `scn`.
  void give_back(UndoLane* lane, Scn scn);

  // `stale` 72000 when the record is gone.
  Result<UndoCopy> read(UndoPtr at) const;
  // The command that made the change.
  Result<uint32_t> command_of(UndoPtr at) const;
  // Details that stand in fragments, put together.
  Result<std::vector<std::byte>> join(UndoPtr first, uint64_t size_bytes) const;
  // Sets marks of a record.
  Status mark(log::Mtr& mtr, UndoPtr at, uint8_t marks) const;
  // Calls `visit` for every record of every segment, in the order of segments and pages.
  Status each(FunctionRef<Status(UndoPtr, const UndoRecord&)> visit) const;

  // Drops segments whose transactions ended before `before` (D1); Spaces::reclaim frees them.
  // Answers how many.
  Result<uint32_t> drop_before(Scn before);
  uint64_t segment_count() const;

 private:
  friend class UndoAppend;

  recovery::Storage* storage_ = nullptr;
  mutable platform::Mutex mutex_{platform::LockRank::undo};
  std::vector<std::unique_ptr<UndoLane>> lanes_ MORTISE_GUARDED_BY(mutex_);
  std::vector<UndoLane*> free_ MORTISE_GUARDED_BY(mutex_);
  std::unordered_map<SegmentId, UndoSegment, IdHash> segments_ MORTISE_GUARDED_BY(mutex_);
  std::atomic<uint32_t> generation_{0};
};

}  // namespace mortise::txn
