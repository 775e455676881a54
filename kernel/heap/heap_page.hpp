// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which rows stand on this page, and is there room for another?
//
//   off size field
//     0   32 page header   max_writer: bit 63 | the greatest id of a transaction that wrote here
//    32    2 slot_count
//    34    2 rows_begin    the lowest byte that rows use
//    36    2 garbage       bytes of the row area that no slot names
//    38    2 irregular     slots whose version words have deleted, moved or remote body
//    40    4 segment
//    44    4 reserved
//    48      slots         slot_count times {offset u16, size u16}; grow upwards
//            rows          grow downwards, 8-byte aligned: writer u64, undo u64, body
//
// A slot with offset 0 is dead: size 0 may be used again, size 1 may not (an index may still name
// it).
// A moved row leaves a stub: version words and, as its body, the row id of the slot with the body.
// That slot's words are {row id of the home, the home's undo word with kVersionRemoteBody}.
//
// Invariants
//   G1  Rows do not overlap, lie behind the slots, and rows_begin is not above any of them.
//   G2  `garbage` + sizes of all rows (rounded up to 8) == page size - rows_begin.
//   G3  `irregular` counts exactly those slots.
//   G4  A remote body's undo word is its home's, so that a reader who has let go of the home can
//   tell
//       whether the body still belongs to it.
//
// Threads: functions of their arguments; changes through an Mtr that holds the page.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/log/mtr.hpp"
#include "kernel/txn/version.hpp"

namespace mortise::heap {

inline constexpr uint32_t kVersionBytes = 16;
inline constexpr uint32_t kSlotsOffset = 48;
inline constexpr uint32_t kSlotBytes = 4;
inline constexpr uint32_t kRowBytesMin = kVersionBytes + 8;  // a stub always fits in place
inline constexpr uint16_t kSlotReusable = 0;
inline constexpr uint16_t kSlotRetired = 1;

// page_no:48 | slot:16, in the space of the table's segment.
struct RowId {
  uint64_t word = 0;
  static RowId make(PageId page, uint32_t slot) { return {(page_number_of(page) << 16) | slot}; }
  PageId page(SpaceId space) const { return make_page_id(space, word >> 16); }
  uint32_t slot() const { return static_cast<uint32_t>(word & 0xFFFF); }
  friend bool operator==(RowId, RowId) = default;
};

constexpr uint32_t row_space(uint32_t row_bytes) {
  const uint32_t bytes = row_bytes < kRowBytesMin ? kRowBytesMin : row_bytes;
  return (bytes + 7) & ~7u;
}

constexpr bool is_irregular(txn::UndoPtr undo) {
  return (undo.flags() & (txn::kVersionDeleted | txn::kVersionMoved | txn::kVersionRemoteBody)) !=
         0;
}

struct StoredRow {
  txn::Writer writer;
  txn::UndoPtr undo;
  std::span<const std::byte> body;
};

class HeapPage {
 public:
  explicit HeapPage(std::span<const std::byte> bytes) : bytes_(bytes) {}

  // Is it a heap page of this segment whose bounds make sense?
  bool belongs_to(SegmentId segment) const;
  uint32_t slot_count() const { return load_le<uint16_t>(bytes_.data() + 32); }
  uint32_t rows_begin() const { return load_le<uint16_t>(bytes_.data() + 34); }
  uint32_t garbage() const { return load_le<uint16_t>(bytes_.data() + 36); }
  uint32_t irregular() const { return load_le<uint16_t>(bytes_.data() + 38); }
  SegmentId segment() const { return load_le<SegmentId>(bytes_.data() + 40); }
  // The greatest writer's id.
  TxnId max_writer() const;

  uint32_t slot_offset(uint32_t slot) const {
    return load_le<uint16_t>(bytes_.data() + kSlotsOffset + slot * kSlotBytes);
  }
  uint32_t slot_size(uint32_t slot) const {
    return load_le<uint16_t>(bytes_.data() + kSlotsOffset + slot * kSlotBytes + 2);
  }
  bool is_dead(uint32_t slot) const { return slot_offset(slot) == 0; }
  // False: dead, not there, or out of bounds.
  bool row(uint32_t slot, StoredRow& row) const;

  uint32_t slots_end() const { return kSlotsOffset + slot_count() * kSlotBytes; }
  uint32_t contiguous_bytes() const { return rows_begin() - slots_end(); }
  uint32_t free_bytes() const { return contiguous_bytes() + garbage(); }
  std::span<const std::byte> bytes() const { return bytes_; }

  // Checks G1..G3; appends what is wrong.
  void verify(std::vector<std::string>& findings) const;

 private:
  std::span<const std::byte> bytes_;
};

// What a page of that size can hold in one row.
constexpr uint32_t usable_bytes(uint32_t page_bytes) {
  return page_bytes - kSlotsOffset - kSlotBytes;
}

// Changes.  The page is held by `mtr`.
class HeapPageWriter {
 public:
  HeapPageWriter(log::Mtr& mtr, log::PageX page) : mtr_(mtr), page_(page) {}
  HeapPage view() const { return HeapPage(page_.bytes()); }
  PageId id() const { return page_.id(); }

  // Right after Spaces::allocate_page.
  void format(SegmentId segment);
  void note_writer(TxnId txn);
  // Rows one after the other in new slots; `rows` are version words and body, `sizes` their sizes.
  // Precondition: contiguous room for all.  Answers the first slot.
  uint32_t append_rows(std::span<const std::byte> rows, std::span<const uint32_t> sizes);
  // One row into a reusable slot or a new one.  Precondition: free_bytes() >= row_space + slot.
  uint32_t insert_row(const StoredRow& row);
  // Can the slot's row be replaced by one with a body of that size?
  bool can_replace(uint32_t slot, uint32_t body_bytes) const;
  // Precondition: can_replace.
  void replace_row(uint32_t slot, const StoredRow& row);
  // Gathers the free bytes in front of the rows.
  void make_contiguous();
  // The version words alone.
  void set_version(uint32_t slot, txn::Writer writer, txn::UndoPtr undo);
  // Frees the row's bytes.  `kind` is kSlotReusable or kSlotRetired.
  void kill_slot(uint32_t slot, uint16_t kind);

 private:
  void set_slot(uint32_t slot, uint32_t offset, uint32_t size);
  void set_counts(uint32_t slots, uint32_t rows_begin, uint32_t garbage, uint32_t irregular);
  // Puts all rows together at the end; `without` is left out (its bytes become free).
  void compact(uint32_t without);
  void place(uint32_t slot, const StoredRow& row, uint32_t garbage, uint32_t irregular);

  log::Mtr& mtr_;
  log::PageX page_;
};

}  // namespace mortise::heap
