// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the two words at the head of every row version say?
//
//   writer   bit 63 = 1: the rest is the TxnId of whoever wrote this version
//            bit 63 = 0: the SCN at which it was committed
//   undo     bits 25..63  page number in the undo space
//            bits 16..24  offset in the page / 8
//            bits  8..15  generation of the undo segment
//            bits  0..7   flags of the version
//
// Invariants
//   V1  A head version may name a transaction; a version in the undo chain names an SCN, or the
//       transaction that wrote the version after it.
//   V2  A transaction id that is older than every unfinished one was committed: rollback leaves no
//       trace of an aborted id in any page.
//
// Threads: values.
// Background: docs/internals/undo.md

#include <cstdint>

#include "kernel/base/ids.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::txn {

// Undo pages stand in a space of their own.
inline constexpr SpaceId kUndoSpace{1};

inline constexpr uint8_t kVersionDeleted = 1;     // the version is the absence of the row
inline constexpr uint8_t kVersionLockOnly = 2;    // same content as the version before it
inline constexpr uint8_t kVersionMoved = 4;       // physical: the body stands in another slot
inline constexpr uint8_t kVersionRemoteBody = 8;  // physical: this slot is the body of a moved row

class Writer {
 public:
  constexpr Writer() = default;
  explicit constexpr Writer(uint64_t word) : word_(word) {}
  static constexpr Writer of(Scn scn) { return Writer(raw(scn)); }
  static Writer of(TxnId txn) {
    MORTISE_ASSERT((raw(txn) >> 62) == 0);  // node ids have 14 bits here
    return Writer(raw(txn) | kIsTxn);
  }
  constexpr bool is_txn() const { return (word_ & kIsTxn) != 0; }
  constexpr TxnId txn() const { return TxnId{word_ & ~kIsTxn}; }
  constexpr Scn scn() const { return Scn{word_}; }
  constexpr uint64_t word() const { return word_; }
  friend constexpr bool operator==(Writer, Writer) = default;

 private:
  static constexpr uint64_t kIsTxn = uint64_t{1} << 63;
  uint64_t word_ = 0;
};

class UndoPtr {
 public:
  constexpr UndoPtr() = default;
  explicit constexpr UndoPtr(uint64_t word) : word_(word) {}
  static UndoPtr make(PageId page, uint32_t offset, uint8_t generation) {
    MORTISE_ASSERT(space_of(page) == kUndoSpace);
    MORTISE_ASSERT(offset % 8 == 0);
    MORTISE_ASSERT(offset < 4096);
    MORTISE_ASSERT(page_number_of(page) < (uint64_t{1} << 39));
    return UndoPtr((page_number_of(page) << 25) | (uint64_t{offset / 8} << 16) |
                   (uint64_t{generation} << 8));
  }
  constexpr PageId page() const { return make_page_id(kUndoSpace, word_ >> 25); }
  constexpr uint32_t offset() const { return static_cast<uint32_t>((word_ >> 16) & 0x1FF) * 8; }
  constexpr uint8_t generation() const { return static_cast<uint8_t>(word_ >> 8); }
  constexpr uint8_t flags() const { return static_cast<uint8_t>(word_); }
  constexpr bool has(uint8_t flag) const { return (flags() & flag) != 0; }
  constexpr UndoPtr with(uint8_t flags) const { return UndoPtr((word_ & ~uint64_t{0xFF}) | flags); }
  // Where it points, without the flags of the version that holds it.
  constexpr UndoPtr place() const { return with(0); }
  constexpr bool is_null() const { return (word_ >> 16) == 0; }
  constexpr uint64_t word() const { return word_; }
  friend constexpr bool operator==(UndoPtr, UndoPtr) = default;

 private:
  uint64_t word_ = 0;
};

}  // namespace mortise::txn
