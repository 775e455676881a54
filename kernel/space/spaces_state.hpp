// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do Spaces remember between calls?
//
// Private to the module.  Everything here is a hint: pages say what is true.

#include <unordered_map>
#include <vector>

#include "kernel/space/extents.hpp"
#include "kernel/space/segment.hpp"

namespace mortise::space {

struct Spaces::State {
  State(log::MtrContext& c, page::SpaceFiles& f) : context(c), files(f), extents(c, f) {}

  struct Hint {
    PageId anchor = kNoPage;
    std::vector<uint64_t> open_extents;  // had free pages when last seen; newest last
    std::vector<PageId> list_pages;      // the first ones of the chain
    uint64_t look_back = 0;              // slots from the end that were looked at for holes
  };

  log::MtrContext& context;
  page::SpaceFiles& files;
  Extents extents;
  platform::Mutex mutex{platform::LockRank::leaf};
  std::unordered_map<SegmentId, Hint, IdHash> hints MORTISE_GUARDED_BY(mutex);
  std::vector<SegmentId> dropping MORTISE_GUARDED_BY(mutex);

  PageId hinted_anchor(SegmentId segment);
  PageId note_anchor(SegmentId segment, const DirectoryEntry& entry);
  Result<PageId> anchor_of(SegmentId segment);
  Result<PageId> anchor_for(log::Mtr& mtr, SegmentId segment);
  Result<DirectoryEntry> look_up(SegmentId segment);
  Status enter(log::Mtr& mtr, SegmentId segment, log::PageX& anchor, log::PageX& header);
  Status find_directory_slot(log::Mtr& mtr, log::PageX header, log::PageX& directory,
                             uint32_t& index);
  Status latch_directory(log::Mtr& mtr, SegmentId segment, log::PageX& directory, uint32_t& offset);
  Result<bool> find_open_extent(log::Mtr& mtr, log::PageX anchor, SegmentId segment,
                                page::SizeClass size_class, uint64_t& extent);
  Status append_slot(log::Mtr& mtr, log::PageX anchor, log::PageX header, SegmentId segment,
                     uint64_t extent);
  Result<PageId> list_page_of(log::Mtr& mtr, log::PageX anchor, uint64_t index);
  Result<uint32_t> slot(log::Mtr& mtr, log::PageX anchor, uint64_t index);
  Status reclaim_some(SegmentId segment, uint32_t extents_max, uint32_t& freed);
  Status drop_last_list(log::Mtr& mtr, log::PageX anchor, uint64_t index);

  // Readers, without an Mtr.
  Status read_slots(PageId anchor, uint64_t begin, uint64_t end, std::vector<uint32_t>& extents_out,
                    uint64_t& slot_count);
  Result<SegmentInfo> describe(SegmentId segment, const DirectoryEntry& entry);
};

}  // namespace mortise::space
