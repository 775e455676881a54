// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does one undo record say?
//
//   off size field
//     0    2 size_bytes   of all of it, a multiple of 8
//     2    1 kind         UndoKind
//     3    1 marks        kUndo*, changed in place later
//     4    4 command      of the transaction, from 1
//     8    8 txn          who made the change
//    16    8 previous     the transaction's record before this one
//    24    8 page         the row's page; a segment id for segment kinds
//    32    2 slot         the row's slot, or the first of a range
//    34    2 count        rows in the range (insert), else 1
//    36    4 segment      the table's segment
//    40    8 old_writer   of the version before (Writer)
//    48    8 old_undo     of the version before (UndoPtr with its flags); fragment: the next one
//    56      details      by kind: lock and update: strength u8, 7 bytes 0, then for update the
//                         patch (row_patch.hpp); fragment: bytes
//
// A record never leaves its 4 KiB page.  Details that are too long stand in fragments, and the
// record then has kUndoFragmented and, as details, the strength word, the first fragment's UndoPtr
// and the patch's size u64.
//
// Invariants
//   U1  Numbers of kinds and marks are never reused.
//   U2  parse() accepts only what lies inside its page; a reader also compares txn, page and slot
//       with what led it here.
//
// Threads: values.
// Background: docs/internals/undo.md

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/txn/version.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::txn {

enum class UndoKind : uint8_t {
  insert = 1,
  update = 2,
  remove = 3,
  lock = 4,
  fragment = 5,
  segment_create = 6,
  segment_drop = 7,
  large_create = 8,  // a chain of large-value pages came to be; `page` is its head
  large_drop = 9,    // the row does not refer to that chain any more
};

inline constexpr uint8_t kUndoUndone = 1;      // rolled back
inline constexpr uint8_t kUndoPurged = 2;      // what it kept for old views is gone
inline constexpr uint8_t kUndoFragmented = 4;  // see above

inline constexpr uint32_t kUndoHeaderBytes = 56;
inline constexpr uint32_t kUndoMarksOffset = 3;
// Undo pages: the page header, then segment u32, generation u8, 3 bytes 0, reserved u64, records.
inline constexpr uint32_t kUndoPageFirst = 48;
inline constexpr uint32_t kUndoPageSegment = 32;
inline constexpr uint32_t kUndoPageGeneration = 36;
inline constexpr uint32_t kUndoRecordBytesMax = 4096 - kUndoPageFirst;
inline constexpr uint32_t kUndoDetailsMax = kUndoRecordBytesMax - kUndoHeaderBytes;

struct UndoRecord {
  UndoKind kind{};
  uint8_t marks = 0;
  uint32_t command = 0;
  TxnId txn{};
  UndoPtr previous;
  PageId page{};
  uint16_t slot = 0;
  uint16_t count = 1;
  SegmentId segment{};
  Writer old_writer;
  UndoPtr old_undo;
  std::span<const std::byte> details;

  bool has(uint8_t mark) const { return (marks & mark) != 0; }
};

// Bytes that a record with these details takes.
constexpr uint32_t undo_record_bytes(size_t details_bytes) {
  return (kUndoHeaderBytes + static_cast<uint32_t>(details_bytes) + 7) & ~7u;
}
// Writes the record; `into` holds undo_record_bytes(details.size()).
void encode_undo(const UndoRecord& record, std::span<std::byte> into);
// Reads the record at `offset` of an undo page; details point into the page.  `corrupt`.
Result<UndoRecord> parse_undo(std::span<const std::byte> page, uint32_t offset);

}  // namespace mortise::txn
