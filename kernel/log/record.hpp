// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does one log record say?
//
//   off size field
//     0    4 size_bytes   of all of it
//     4    4 crc32c       over everything behind it and size_bytes, closed with the record's LSN:
//                         the same bytes at another place, or of an older lap, do not match
//     8    8 txn          0 = nobody's (page allocation, checkpoint)
//    16    1 kind         RecordKind
//    17    1 flags        kRecord*
//    18    1 page_count   entries of the page table
//    19    1 reserved     0
//    20    4 payload_bytes
//    24      payload      the kind's own; with kRecordRowChange it begins with a row change
//            page table   page_count times {page id u64, page_seq before this record u64}
//            deltas       to the end of the record
//
//   row change: table segment u32, kind u8, 3 bytes 0, row id u64, details_bytes u32, details
//
//   delta: op u8, page index u8, offset u24, length u24, then by op
//     write  length bytes
//     fill   the byte
//     move   source offset u24                  (ranges may overlap)
//     init   size class u8, type u8, flags u16  (offset 0, length 0): all zero but for the header
//
// A record is one atomic step: all its deltas are redone or none.  The page table's "before" lets
// redo prove that it applies a record to exactly the state it was made on, and so find a write
// that the disk has lost (after SQL Server's previous page LSN; the usual guard is only "older
// than").
//
// Invariants
//   R1  Redo needs nothing but the record and the page: no plugin, no catalog, no clock.
//   R2  Numbers of kinds, flags and ops are never reused.
//
// Threads: values.
// Background: docs/internals/log.md

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/ids.hpp"
#include "kernel/page/format.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::log {

enum class RecordKind : uint8_t {
  page_changes = 1,  // a mini-transaction and nothing else
  commit = 2,
  abort = 3,
  prepare = 4,
  commit_prepared = 5,
  abort_prepared = 6,
  checkpoint = 7,
  epoch_start = 8,     // a new primary begins
  slot = 9,            // a reader's position to be kept
  outcome_token = 10,  // what became of a transaction whose client was cut off
  message = 11,        // of a plugin, for readers of the log
  undo_step = 12,      // page changes that take back others (compensation); payload: what is next
  savepoint = 13,
  schema_change = 14,
};

inline constexpr uint8_t kRecordRowChange = 1;  // the payload begins with a row change
inline constexpr uint8_t kRecordOrigin = 2;     // reserved: came from another node
inline constexpr uint8_t kRecordNoCapture = 4;  // change capture skips it

enum class RowChangeKind : uint8_t { insert = 1, update = 2, remove = 3, lock = 4 };

// What a record means to somebody who follows the changes of rows.
struct RowChange {
  SegmentId table;
  RowChangeKind kind;
  uint64_t row_id;
  std::span<const std::byte> details;  // before and after columns, in the heap's format
};

enum class DeltaOp : uint8_t { write = 1, fill = 2, move = 3, init = 4 };

struct Delta {
  DeltaOp op;
  uint8_t page_index;
  uint32_t offset;
  uint32_t length;
  std::span<const std::byte> bytes;  // write
  std::byte fill;                    // fill
  uint32_t source;                   // move
  page::SizeClass size_class;        // init
  page::PageType type;               // init
  uint16_t flags;                    // init
};

inline constexpr uint32_t kRecordHeaderBytes = 24;
inline constexpr uint32_t kPageTableEntryBytes = 16;
inline constexpr uint32_t kDeltaHeaderBytes = 8;
inline constexpr uint32_t kRowChangeHeaderBytes = 20;
inline constexpr uint32_t kRecordPagesMax = 255;
// A whole page of the largest class, and room for more.  The ring holds at least four of them.
inline constexpr uint32_t kRecordBytesMax = 2u << 20;

// The first kRecordHeaderBytes, without size and checksum, which the log fills in.
struct RecordHeader {
  TxnId txn = kNoTxn;
  RecordKind kind = RecordKind::page_changes;
  uint8_t flags = 0;
  uint8_t page_count = 0;
  uint32_t payload_bytes = 0;
};
void encode_header(std::byte* into, const RecordHeader& header);
// Appends at most kRowChangeHeaderBytes; the details follow.
void encode_row_change_header(std::byte* into, const RowChange& change);
// The checksum of a record: of its bytes behind size and checksum, closed with size and place.
inline constexpr uint32_t kRecordSealBytes = 8;
uint32_t close_record_crc(uint32_t crc_of_content, Lsn lsn, uint32_t size_bytes);
uint32_t record_crc(std::span<const std::byte> record, Lsn lsn);

// A record somewhere in memory; checked as a whole before anybody sees it.
class RecordView {
 public:
  // Bounds of header, payload, page table and deltas hold, ops and page indexes are known, the
  // checksum fits `lsn`.  `corrupt` says what does not.
  static Result<RecordView> parse(std::span<const std::byte> record, Lsn lsn, Lsn end_lsn);

  // The same for bytes that parse() has accepted before, copied to another place.
  static RecordView of_checked(std::span<const std::byte> record, Lsn lsn, Lsn end_lsn);

  Lsn lsn() const { return lsn_; }
  Lsn end_lsn() const { return end_lsn_; }  // where the next record begins; becomes page_seq
  TxnId txn() const { return header_.txn; }
  RecordKind kind() const { return header_.kind; }
  uint8_t flags() const { return header_.flags; }
  // Behind the row change, if there is one.
  std::span<const std::byte> payload() const { return payload_; }
  bool has_row_change() const { return (header_.flags & kRecordRowChange) != 0; }
  // Precondition: has_row_change().
  const RowChange& row_change() const { return row_change_; }

  uint32_t page_count() const { return header_.page_count; }
  PageId page_id(uint32_t page_index) const;
  uint64_t page_seq_before(uint32_t page_index) const;
  // Takes the delta at `position` (0 at first) and moves `position` on; false at the end.
  bool next_delta(size_t& position, Delta& delta) const;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  // What is wrong, or null.
  const char* build(std::span<const std::byte> record, Lsn lsn, Lsn end_lsn);

  Lsn lsn_{};
  Lsn end_lsn_{};
  RecordHeader header_;
  RowChange row_change_{};
  std::span<const std::byte> bytes_;
  std::span<const std::byte> payload_;
  std::span<const std::byte> page_table_;
  std::span<const std::byte> deltas_;
};

// Applies one delta to a page image.  Precondition: the record was parsed.  `corrupt` when a range
// leaves the page: the page is not the one the record was made on.
Status apply_delta(std::span<std::byte> page, PageId id, const Delta& delta);

}  // namespace mortise::log
