// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the first 32 bytes of every page say, and is this page the one I asked for?
//
// A page is 4 KiB << size class and stands at page_no * 4 KiB in the file of its space.  Every page
// of every class begins with PageHeader; nothing else about a page is known here.
//
//   off size field
//     0    4 crc32c      over the whole page with this field zero, seeded with the page id
//     4    1 size_class  0..8
//     5    1 type        PageType
//     6    2 flags       the type's own
//     8    8 page_seq    end LSN of the last mini-transaction that changed the page
//    16    8 page_id     itself, so that a misdirected read or write is found
//    24    8 max_writer  newest SCN on the page; bit 63 set = holds an unresolved writer
//
// Invariants
//   P1  A page is sealed right before it is written and checked right after it is read; in memory
//       the crc field means nothing.
//   P2  crc, size_class, page_seq and page_id change through Mtr::init_page and Mtr::commit only.
//
// Threads: [any]; functions of their arguments.
// Background: docs/internals/page.md

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "kernel/base/ids.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::page {

inline constexpr uint32_t kUnitBytes = 4096;  // page numbers count these
inline constexpr uint32_t kHeaderBytes = 32;  // the first byte that is the page type's own

enum class SizeClass : uint8_t {
  kib4 = 0,
  kib8 = 1,
  kib16 = 2,
  kib32 = 3,
  kib64 = 4,
  kib128 = 5,
  kib256 = 6,
  kib512 = 7,
  mib1 = 8,
};
inline constexpr uint32_t kSizeClassCount = 9;

constexpr uint32_t units_of(SizeClass c) {
  return uint32_t{1} << static_cast<uint8_t>(c);
}
constexpr uint32_t bytes_of(SizeClass c) {
  return kUnitBytes << static_cast<uint8_t>(c);
}

// Stored.  Numbers are never reused.
enum class PageType : uint8_t {
  none = 0,
  space_header = 1,
  extent_map = 2,
  segment_directory = 3,
  segment_anchor = 4,
  segment_list = 5,
  heap = 16,
  heap_large_value = 17,
  undo = 18,
  undo_directory = 19,
  tombstone_map = 20,
  free_space_map = 21,
  transaction_map = 22,
  plugin_first = 64,  // 64..255: pages of plugins, numbered by the catalog
};

struct PageHeader {
  uint32_t crc32c;
  SizeClass size_class;
  PageType type;
  uint16_t flags;
  uint64_t page_seq;
  PageId page_id;
  uint64_t max_writer;
};
static_assert(sizeof(PageHeader) == kHeaderBytes);
inline constexpr uint32_t kFlagsOffset = 6;
inline constexpr uint32_t kMaxWriterOffset = 24;

// Copies the header out of `page`, which holds at least kHeaderBytes.
PageHeader read_header(const std::byte* page);

// Writes the checksum.  `page` is whole and its header's id and class are right.
void seal(std::span<std::byte> page);

// Is `page`, as read from disk, the page `id`?  `corrupt` (XX001) names the space, the page number
// and the reason: never written (all zero), misdirected (another id), size class, checksum.
Status check(std::span<const std::byte> page, PageId id);

// "space 3 page 17", for messages.
std::string name_of(PageId id);

}  // namespace mortise::page
