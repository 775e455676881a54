// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where in the pages of a space does each fact stand?
//
// All four page types are 4 KiB and begin with page::PageHeader.
//
//   space header (unit 0)                     extent map (unit 1 of each group)
//   32 u32 layout version 1                   32 u32 group
//   36 u32 directory pages                    36 u32 free extents
//   40 u64 extents in the file                40     zeros
//   48     zeros                              64 252 x {owner u32, size class u8, state u8, u16 0,
//  128 u64 x 480 page numbers of                        free pages u64, bit set = free}
//          directory pages
//
//   segment directory                         segment anchor
//   64 252 x {page number of the anchor:48    32 u32 segment id
//             | state:16, owner's tag u64}    40 u64 owner's tag
//                                             48 u64 slots in use in the extent list
//   segment list                              56 u64 allocated pages
//   32 u64 next list page, 0 = none           64 u64 first list page, 0 = none
//   40 u32 segment id                         72 u64 last list page, 0 = none
//   64 1008 x extent u32                     128     owner's area, 512 bytes
//                                            640 864 x extent u32
//
// Threads: pure functions.

#include <cstdint>

#include "kernel/base/bytes.hpp"
#include "kernel/space/segment.hpp"

namespace mortise::space {

inline constexpr uint32_t kLayoutVersion = 1;

namespace header_page {
inline constexpr uint32_t kVersion = 32;
inline constexpr uint32_t kDirectoryCount = 36;
inline constexpr uint32_t kExtentCount = 40;
inline constexpr uint32_t kDirectory = 128;
inline constexpr uint32_t kDirectoryMax = 480;
}  // namespace header_page

namespace map_page {
inline constexpr uint32_t kGroup = 32;
inline constexpr uint32_t kFreeCount = 36;
inline constexpr uint32_t kEntries = 64;
inline constexpr uint32_t kEntryBytes = 16;
static_assert(kEntries + kGroupExtents * kEntryBytes == page::kUnitBytes);
}  // namespace map_page

namespace directory_page {
inline constexpr uint32_t kEntries = 64;
inline constexpr uint32_t kEntryBytes = 16;
inline constexpr uint32_t kEntriesMax = 252;
}  // namespace directory_page

namespace anchor_page {
inline constexpr uint32_t kSegment = 32;
inline constexpr uint32_t kOwnerTag = 40;
inline constexpr uint32_t kSlotCount = 48;
inline constexpr uint32_t kPageCount = 56;
inline constexpr uint32_t kFirstList = 64;
inline constexpr uint32_t kLastList = 72;
inline constexpr uint32_t kSlots = kOwnerAreaOffset + kOwnerAreaBytes;
inline constexpr uint32_t kSlotsMax = (page::kUnitBytes - kSlots) / sizeof(uint32_t);
static_assert(kSlotsMax == 864);
}  // namespace anchor_page

namespace list_page {
inline constexpr uint32_t kNext = 32;
inline constexpr uint32_t kSegment = 40;
inline constexpr uint32_t kSlots = 64;
inline constexpr uint32_t kSlotsMax = (page::kUnitBytes - kSlots) / sizeof(uint32_t);
}  // namespace list_page

enum class ExtentState : uint8_t {
  free = 0,
  used = 1,
  system = 2,  // the first of each group: map, directories, lists
  tail = 3,    // belongs to the page that begins in an extent before
};

struct ExtentEntry {
  uint32_t owner = 0;
  page::SizeClass size_class = page::SizeClass::kib4;
  ExtentState state = ExtentState::free;
  uint16_t reserved = 0;
  uint64_t free_pages = 0;
};
static_assert(sizeof(ExtentEntry) == map_page::kEntryBytes);

enum class SegmentState : uint16_t { none = 0, live = 1, dropping = 2 };

struct DirectoryEntry {
  uint64_t anchor_and_state = 0;
  uint64_t owner_tag = 0;

  SegmentState state() const { return static_cast<SegmentState>(anchor_and_state >> 48); }
  uint64_t anchor() const { return anchor_and_state & kPageNumberMax; }
};
static_assert(sizeof(DirectoryEntry) == directory_page::kEntryBytes);

template <typename T>
T load_at(const std::byte* page, uint32_t offset) {
  T value;
  std::memcpy(&value, page + offset, sizeof(T));
  return value;
}

constexpr uint32_t map_entry_offset(uint64_t extent) {
  return map_page::kEntries + static_cast<uint32_t>(extent % kGroupExtents) * map_page::kEntryBytes;
}
constexpr PageId header_of(SpaceId space) {
  return make_page_id(space, 0);
}
constexpr PageId map_of(SpaceId space, uint64_t extent) {
  return make_page_id(space, extent / kGroupExtents * kGroupUnits + 1);
}
constexpr uint64_t first_unit(uint64_t extent) {
  return extent * kExtentUnits;
}

constexpr uint32_t kSegmentIndexBits = 20;
constexpr SegmentId make_segment_id(SpaceId space, uint32_t index) {
  return SegmentId{uint32_t{raw(space)} << kSegmentIndexBits | (index + 1)};
}
constexpr uint32_t directory_index(SegmentId segment) {
  return (raw(segment) & ((1u << kSegmentIndexBits) - 1)) - 1;
}

// How many extents one page of the class takes, and how many pages one extent of it holds.
constexpr uint32_t extents_of(page::SizeClass c) {
  return page::units_of(c) <= kExtentUnits ? 1 : page::units_of(c) / kExtentUnits;
}
constexpr uint32_t pages_of(page::SizeClass c) {
  return page::units_of(c) <= kExtentUnits ? kExtentUnits / page::units_of(c) : 1;
}
constexpr uint64_t all_free(page::SizeClass c) {
  return pages_of(c) == 64 ? UINT64_MAX : (uint64_t{1} << pages_of(c)) - 1;
}

}  // namespace mortise::space
