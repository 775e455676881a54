// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which pages are mine, and where do I get another?
//
// A segment is a set of extents (64 units, 256 KiB) of one space with one owner: a heap, an index,
// an undo log.  Its first page, the anchor, never moves; there the owner keeps what it needs to
// find everything else (a root page), and there the list of extents begins.
//
//   space file: groups of 252 extents
//     unit 0 of the file     space header (in group 0)
//     unit 1 of each group   extent map: 252 entries of 16 bytes
//     units 2..63 of each    segment directory
//     extents 1..251         segments
//
//   SegmentId = space:12 | index in the space's directory:20
//
// Invariants
//   S1  Every extent is free or has exactly one owner; an owner's list names exactly its extents.
//   S2  A page is allocated  <=>  its bit in the extent's map entry is 0.
//   S3  All of it changes through the caller's Mtr: after a crash allocation and use agree.
//   S4  An extent goes to another owner or size class only after its frames were discarded.
//
// Latch order: the caller's own pages, the anchor, the list's last page, the space header, extent
// maps upwards.  A second segment in one Mtr: latch its anchor before the first allocation.
//
// Threads: [any, concurrent] unless said otherwise.
// Background: docs/internals/page.md

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernel/log/mtr.hpp"
#include "kernel/page/format.hpp"
#include "kernel/page/space_files.hpp"

namespace mortise::space {

inline constexpr uint32_t kExtentUnits = 64;
inline constexpr uint32_t kGroupExtents = 252;
inline constexpr uint32_t kGroupUnits = kExtentUnits * kGroupExtents;
inline constexpr uint32_t kOwnerAreaBytes = 512;  // the owner's part of the anchor
inline constexpr uint32_t kOwnerAreaOffset = 128;

struct SegmentInfo {
  SegmentId id{};
  PageId anchor = kNoPage;
  uint64_t owner_tag = 0;  // the owner's, given at creation: an object id
  uint64_t extent_count = 0;
  uint64_t page_count = 0;  // allocated, anchor and lists included
  bool dropping = false;
};

struct PageRef {
  PageId id;
  page::SizeClass size_class;
};

// Position in a segment's pages; half open ranges of extents can be scanned in parallel.
struct ScanRange {
  uint64_t extent_begin = 0;
  uint64_t extent_end = UINT64_MAX;
};

class Spaces {
 public:
  Spaces(log::MtrContext& context, page::SpaceFiles& files);
  ~Spaces();

  // Makes the file and its first pages.  [control]
  Status create_space(SpaceId space);
  // After recovery: reads the space headers and unfinished drops.  [control]
  Status open();

  // A new segment with an anchor and nothing else.  Part of the caller's Mtr.
  Result<SegmentInfo> create_segment(log::Mtr& mtr, SpaceId space, uint64_t owner_tag);
  // Marks it; its pages stay until reclaim() has freed them.  Part of the caller's Mtr.
  Status drop_segment(log::Mtr& mtr, SegmentId segment);
  // Frees up to `extents_max` extents of dropped segments, in Mtrs of its own.  Answers how many;
  // 0 when there is nothing left.  The caller has made sure that nobody reads them any more.
  Result<uint32_t> reclaim(uint32_t extents_max);
  Result<SegmentInfo> find_segment(SegmentId segment);
  Result<std::vector<SegmentInfo>> list_segments(SpaceId space);

  // A page of the segment, latched by `mtr` and initialised.  `limit` 53100 when the disk is full,
  // `busy` when waiting for a latch might never end: start the Mtr over.
  Result<log::PageX> allocate_page(log::Mtr& mtr, SegmentId segment, page::SizeClass size_class,
                                   page::PageType type);
  // Whose page is it, as `mtr` sees the maps?  `not_found` when it is nobody's.
  Result<SegmentId> segment_of(log::Mtr& mtr, PageId page);
  // Gives a page back.  Nobody may still want to read it.  Not the anchor.
  Status free_page(log::Mtr& mtr, SegmentId segment, PageId page);

  // The allocated pages of the segment from `range`, in the order of its extents, `pages_max` at
  // most; moves range.extent_begin on.  Whole extents only, so pages_max >= 64.  Pages that are
  // allocated meanwhile may be missing; anchor and list pages are left out.
  Result<std::vector<PageRef>> scan(SegmentId segment, ScanRange& range, uint32_t pages_max);

  // Does the extent map say that a page begins here and is in use?
  Result<bool> is_allocated(PageId page);

  // Checks S1 and S2 of a space at rest.
  Status verify(SpaceId space);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

SpaceId space_of(SegmentId segment);

}  // namespace mortise::space
