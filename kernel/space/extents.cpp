// SPDX-License-Identifier: Apache-2.0
#include "kernel/space/extents.hpp"

#include <algorithm>
#include <bit>

#include "mortise/cpp/assert.hpp"

namespace mortise::space {
namespace {

constexpr uint64_t kGrowExtentsMin = 16;   // 4 MiB
constexpr uint64_t kGrowExtentsMax = 256;  // 64 MiB
constexpr uint64_t kNoExtent = UINT64_MAX;
constexpr uint64_t kSystemPagesFree = ~uint64_t{3};  // units 0 and 1 are header and map

uint64_t extent_count_of(log::PageX header) {
  return load_at<uint64_t>(header.data(), header_page::kExtentCount);
}

void add_to_free_count(log::Mtr& mtr, log::PageX map, int64_t change) {
  const int64_t now = load_at<uint32_t>(map.data(), map_page::kFreeCount);
  MORTISE_ASSERT(now + change >= 0);
  MORTISE_ASSERT(now + change < kGroupExtents);
  mtr.store(map, map_page::kFreeCount, static_cast<uint32_t>(now + change));
}

}  // namespace

Extents::Extents(log::MtrContext& context, page::SpaceFiles& files)
    : context_(context),
      files_(files),
      first_group_(page::SpaceFiles::kSpacesMax + 1),
      first_system_group_(page::SpaceFiles::kSpacesMax + 1) {}

Status Extents::format(SpaceId space) {
  MORTISE_TRY(files_.extend(space, kGrowExtentsMin * kExtentUnits));
  log::Mtr mtr(context_);
  MORTISE_TRY_ASSIGN(const log::PageX header, mtr.fresh(header_of(space), page::SizeClass::kib4));
  mtr.init_page(header, page::SizeClass::kib4, page::PageType::space_header);
  mtr.store(header, header_page::kVersion, kLayoutVersion);
  mtr.store(header, header_page::kExtentCount, kGrowExtentsMin);
  MORTISE_TRY(init_group(mtr, space, 0, kGrowExtentsMin - 1));
  return context_.log.wait_durable(mtr.commit());
}

Status Extents::init_group(log::Mtr& mtr, SpaceId space, uint64_t group, uint32_t free_count) {
  MORTISE_TRY_ASSIGN(const log::PageX map,
                     mtr.fresh(map_of(space, group * kGroupExtents), page::SizeClass::kib4));
  mtr.init_page(map, page::SizeClass::kib4, page::PageType::extent_map);
  mtr.store(map, map_page::kGroup, static_cast<uint32_t>(group));
  mtr.store(map, map_page::kFreeCount, free_count);
  mtr.store(map, map_entry_offset(0),
            ExtentEntry{.state = ExtentState::system, .free_pages = kSystemPagesFree});
  return {};
}

// F1: the file first, durably; then the header may say so.  Not across the end of a group.
Status Extents::grow(log::Mtr& mtr, log::PageX header) {
  const SpaceId space = mortise::space_of(header.id());
  const uint64_t now = extent_count_of(header);
  const uint64_t step = std::clamp(now / 8, kGrowExtentsMin, kGrowExtentsMax);
  const uint64_t group = now / kGroupExtents;
  const uint64_t target = std::min(now + step, (group + 1) * kGroupExtents);
  if (target > UINT32_MAX) return limit("space is full: " + std::to_string(raw(space)));
  MORTISE_TRY(files_.extend(space, target * kExtentUnits));
  if (now % kGroupExtents == 0) {
    MORTISE_TRY(init_group(mtr, space, group, static_cast<uint32_t>(target - now - 1)));
  } else {
    MORTISE_TRY_ASSIGN(const log::PageX map, mtr.exclusive(map_of(space, now)));
    add_to_free_count(mtr, map, static_cast<int64_t>(target - now));
  }
  mtr.store(header, header_page::kExtentCount, target);
  return {};
}

// The first extent of a free run in the group, or kNoExtent; the map stays latched if found.
Result<uint64_t> Extents::find_in_group(log::Mtr& mtr, SpaceId space, uint64_t group,
                                        uint64_t extent_count, uint32_t run) {
  const uint64_t begin = group * kGroupExtents;
  const PageId map_id = map_of(space, begin);
  const bool was_held = mtr.holds(map_id);
  MORTISE_TRY_ASSIGN(const log::PageX map, mtr.exclusive(map_id));
  const uint64_t end = std::min<uint64_t>(extent_count - begin, kGroupExtents);
  if (load_at<uint32_t>(map.data(), map_page::kFreeCount) >= run) {
    uint32_t length = 0;
    for (uint64_t i = 1; i < end; ++i) {
      if (length == 0 && i % run != 0) continue;
      const auto entry = load_at<ExtentEntry>(map.data(), map_entry_offset(i));
      length = entry.state == ExtentState::free ? length + 1 : 0;
      if (length == run) return begin + i + 1 - run;
    }
  }
  if (!was_held) mtr.release_unchanged(map);
  return kNoExtent;
}

Result<uint64_t> Extents::take(log::Mtr& mtr, log::PageX header, SegmentId owner,
                               page::SizeClass size_class) {
  const SpaceId space = mortise::space_of(header.id());
  const uint32_t run = extents_of(size_class);
  std::atomic<uint64_t>& hint = first_group_[raw(space)];
  uint64_t found = kNoExtent;
  for (uint64_t group = hint.load(std::memory_order_relaxed); found == kNoExtent; ++group) {
    if (group * kGroupExtents >= extent_count_of(header)) {
      MORTISE_TRY(grow(mtr, header));
      group = (extent_count_of(header) - 1) / kGroupExtents;
    }
    MORTISE_TRY_ASSIGN(found, find_in_group(mtr, space, group, extent_count_of(header), run));
    if (found != kNoExtent && run == 1) hint.store(group, std::memory_order_relaxed);
    // The last group may grow before the next one begins.
    const bool is_last = (group + 1) * kGroupExtents > extent_count_of(header);
    if (found == kNoExtent && is_last) {
      MORTISE_TRY(grow(mtr, header));
      --group;
    }
  }
  MORTISE_TRY_ASSIGN(const log::PageX map, mtr.exclusive(map_of(space, found)));
  for (uint32_t i = 0; i < run; ++i) {
    ExtentEntry entry{.owner = raw(owner), .size_class = size_class, .state = ExtentState::used};
    if (i == 0) entry.free_pages = all_free(size_class);
    if (i > 0) entry.state = ExtentState::tail;
    mtr.store(map, map_entry_offset(found + i), entry);
  }
  add_to_free_count(mtr, map, -int64_t{run});
  context_.pool.discard(make_page_id(space, first_unit(found)), run * kExtentUnits);  // S4
  return found;
}

Status Extents::give_back(log::Mtr& mtr, log::PageX header, SegmentId owner, uint64_t extent) {
  const SpaceId space = mortise::space_of(header.id());
  MORTISE_TRY_ASSIGN(const log::PageX map, mtr.exclusive(map_of(space, extent)));
  const auto entry = load_at<ExtentEntry>(map.data(), map_entry_offset(extent));
  if (entry.state != ExtentState::used || entry.owner != raw(owner)) {
    return corrupt("extent does not belong to its segment: space " + std::to_string(raw(space)) +
                   " extent " + std::to_string(extent));
  }
  const uint32_t run = extents_of(entry.size_class);
  for (uint32_t i = 0; i < run; ++i) {
    mtr.store(map, map_entry_offset(extent + i), ExtentEntry{});
  }
  add_to_free_count(mtr, map, run);
  std::atomic<uint64_t>& hint = first_group_[raw(space)];
  if (extent / kGroupExtents < hint.load(std::memory_order_relaxed)) {
    hint.store(extent / kGroupExtents, std::memory_order_relaxed);
  }
  return {};
}

Result<log::PageX> Extents::take_system_page(log::Mtr& mtr, log::PageX header,
                                             page::PageType type) {
  const SpaceId space = mortise::space_of(header.id());
  std::atomic<uint64_t>& hint = first_system_group_[raw(space)];
  for (uint64_t group = hint.load(std::memory_order_relaxed);; ++group) {
    const uint64_t extent = group * kGroupExtents;
    while (extent >= extent_count_of(header)) MORTISE_TRY(grow(mtr, header));
    MORTISE_TRY_ASSIGN(ExtentEntry entry, look(mtr, space, extent));
    if (entry.free_pages == 0) continue;
    hint.store(group, std::memory_order_relaxed);
    const auto unit = static_cast<uint32_t>(std::countr_zero(entry.free_pages));
    entry.free_pages &= entry.free_pages - 1;
    MORTISE_TRY(store(mtr, space, extent, entry));
    MORTISE_TRY_ASSIGN(
        const log::PageX page,
        mtr.fresh(make_page_id(space, first_unit(extent) + unit), page::SizeClass::kib4));
    mtr.init_page(page, page::SizeClass::kib4, type);
    return page;
  }
}

Status Extents::give_system_page(log::Mtr& mtr, PageId page) {
  const SpaceId space = mortise::space_of(page);
  const uint64_t extent = page_number_of(page) / kExtentUnits;
  MORTISE_TRY_ASSIGN(ExtentEntry entry, look(mtr, space, extent));
  const uint64_t bit = uint64_t{1} << page_number_of(page) % kExtentUnits;
  if (entry.state != ExtentState::system || (entry.free_pages & bit) != 0) {
    return corrupt("not a system page in use: " + page::name_of(page));
  }
  entry.free_pages |= bit;
  std::atomic<uint64_t>& hint = first_system_group_[raw(space)];
  if (extent / kGroupExtents < hint.load(std::memory_order_relaxed)) {
    hint.store(extent / kGroupExtents, std::memory_order_relaxed);
  }
  return store(mtr, space, extent, entry);
}

Result<ExtentEntry> Extents::look(log::Mtr& mtr, SpaceId space, uint64_t extent) {
  const PageId map_id = map_of(space, extent);
  const bool was_held = mtr.holds(map_id);
  MORTISE_TRY_ASSIGN(const log::PageX map, mtr.exclusive(map_id));
  const auto entry = load_at<ExtentEntry>(map.data(), map_entry_offset(extent));
  if (!was_held) mtr.release_unchanged(map);
  return entry;
}

Status Extents::store(log::Mtr& mtr, SpaceId space, uint64_t extent, const ExtentEntry& entry) {
  MORTISE_TRY_ASSIGN(const log::PageX map, mtr.exclusive(map_of(space, extent)));
  mtr.store(map, map_entry_offset(extent), entry);
  return {};
}

}  // namespace mortise::space
