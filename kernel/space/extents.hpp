// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which extents of a space are free, and how does the file grow?
//
// Works inside the caller's Mtr, on the space header (latched first) and the extent maps.
//
// Threads: [any, concurrent]; the header's latch orders allocators of one space.

#include <atomic>
#include <memory>
#include <vector>

#include "kernel/log/mtr.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/space/layout.hpp"

namespace mortise::space {

class Extents {
 public:
  Extents(log::MtrContext& context, page::SpaceFiles& files);

  // The first pages of a new file.
  Status format(SpaceId space);

  // A free run for one page (or a set of pages) of the class, now owned by `owner`, with all its
  // pages free.  Answers its first extent.
  Result<uint64_t> take(log::Mtr& mtr, log::PageX header, SegmentId owner,
                        page::SizeClass size_class);
  // Gives the run back.
  Status give_back(log::Mtr& mtr, log::PageX header, SegmentId owner, uint64_t extent);

  // A page for directories and lists, initialised.
  Result<log::PageX> take_system_page(log::Mtr& mtr, log::PageX header, page::PageType type);
  Status give_system_page(log::Mtr& mtr, PageId page);

  // The map entry as it is now, seen by `mtr`.
  Result<ExtentEntry> look(log::Mtr& mtr, SpaceId space, uint64_t extent);
  Status store(log::Mtr& mtr, SpaceId space, uint64_t extent, const ExtentEntry& entry);

 private:
  Status grow(log::Mtr& mtr, log::PageX header);
  Status init_group(log::Mtr& mtr, SpaceId space, uint64_t group, uint32_t free_count);
  Result<uint64_t> find_in_group(log::Mtr& mtr, SpaceId space, uint64_t group,
                                 uint64_t extent_count, uint32_t run);

  log::MtrContext& context_;
  page::SpaceFiles& files_;
  // Groups before these are full; hints.
  std::vector<std::atomic<uint64_t>> first_group_;
  std::vector<std::atomic<uint64_t>> first_system_group_;
};

}  // namespace mortise::space
