// SPDX-License-Identifier: Apache-2.0
//
// Reading segments: look-up, lists, scans, checks.  No latch is held from one page to the next.
#include <algorithm>
#include <cstring>

#include "kernel/space/spaces_state.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::space {
namespace {

// Copies the whole of a 4 KiB page, in one consistent state.
Status copy_page(buffer::Pool& pool, PageId id, page::PageType type, std::byte* into) {
  return pool.read(id, [&](std::span<const std::byte> bytes) {
    if (bytes.size() != page::kUnitBytes) return false;
    std::memcpy(into, bytes.data(), page::kUnitBytes);
    return page::read_header(into).type == type;
  });
}

struct Buffer {
  alignas(8) std::byte bytes[page::kUnitBytes];
};

}  // namespace

Result<DirectoryEntry> Spaces::State::look_up(SegmentId segment) {
  const SpaceId space = space_of(segment);
  const uint32_t index = directory_index(segment);
  const uint32_t page_index = index / directory_page::kEntriesMax;
  Status missing = not_found("no such segment: " + std::to_string(raw(segment)));
  if (segment == kNoSegment || !files.has(space)) return missing;
  Buffer page;
  MORTISE_TRY(copy_page(context.pool, header_of(space), page::PageType::space_header, page.bytes));
  if (page_index >= load_at<uint32_t>(page.bytes, header_page::kDirectoryCount)) return missing;
  const auto number = load_at<uint64_t>(
      page.bytes, header_page::kDirectory + page_index * static_cast<uint32_t>(sizeof(uint64_t)));
  MORTISE_TRY(copy_page(context.pool, make_page_id(space, number),
                        page::PageType::segment_directory, page.bytes));
  const auto entry = load_at<DirectoryEntry>(
      page.bytes,
      directory_page::kEntries + index % directory_page::kEntriesMax * directory_page::kEntryBytes);
  if (entry.state() == SegmentState::none) return missing;
  return entry;
}

Result<SegmentInfo> Spaces::State::describe(SegmentId segment, const DirectoryEntry& entry) {
  SegmentInfo info;
  info.id = segment;
  info.anchor = make_page_id(space_of(segment), entry.anchor());
  info.owner_tag = entry.owner_tag;
  info.dropping = entry.state() == SegmentState::dropping;
  Buffer page;
  MORTISE_TRY(copy_page(context.pool, info.anchor, page::PageType::segment_anchor, page.bytes));
  info.extent_count = load_at<uint64_t>(page.bytes, anchor_page::kSlotCount);
  info.page_count = load_at<uint64_t>(page.bytes, anchor_page::kPageCount);
  return info;
}

Result<SegmentInfo> Spaces::find_segment(SegmentId segment) {
  MORTISE_TRY_ASSIGN(const DirectoryEntry entry, state_->look_up(segment));
  return state_->describe(segment, entry);
}

Result<std::vector<SegmentInfo>> Spaces::list_segments(SpaceId space) {
  State& s = *state_;
  Buffer header;
  MORTISE_TRY(
      copy_page(s.context.pool, header_of(space), page::PageType::space_header, header.bytes));
  std::vector<SegmentInfo> found;
  const auto count = load_at<uint32_t>(header.bytes, header_page::kDirectoryCount);
  for (uint32_t i = 0; i < std::min(count, header_page::kDirectoryMax); ++i) {
    const auto number = load_at<uint64_t>(
        header.bytes, header_page::kDirectory + i * static_cast<uint32_t>(sizeof(uint64_t)));
    Buffer directory;
    MORTISE_TRY(copy_page(s.context.pool, make_page_id(space, number),
                          page::PageType::segment_directory, directory.bytes));
    for (uint32_t slot = 0; slot < directory_page::kEntriesMax; ++slot) {
      const auto entry = load_at<DirectoryEntry>(
          directory.bytes, directory_page::kEntries + slot * directory_page::kEntryBytes);
      if (entry.state() == SegmentState::none) continue;
      const SegmentId id = make_segment_id(space, i * directory_page::kEntriesMax + slot);
      MORTISE_TRY_ASSIGN(SegmentInfo info, s.describe(id, entry));
      found.push_back(info);
    }
  }
  return found;
}

Status Spaces::State::read_slots(PageId anchor, uint64_t begin, uint64_t end,
                                 std::vector<uint32_t>& extents_out, uint64_t& slot_count) {
  Buffer page;
  MORTISE_TRY(copy_page(context.pool, anchor, page::PageType::segment_anchor, page.bytes));
  slot_count = load_at<uint64_t>(page.bytes, anchor_page::kSlotCount);
  end = std::min(end, slot_count);
  for (; begin < std::min<uint64_t>(end, anchor_page::kSlotsMax); ++begin) {
    extents_out.push_back(load_at<uint32_t>(
        page.bytes, anchor_page::kSlots + static_cast<uint32_t>(begin * sizeof(uint32_t))));
  }
  if (begin >= end) return {};
  const auto segment = load_at<SegmentId>(page.bytes, anchor_page::kSegment);
  std::vector<PageId> known;
  {
    platform::Lock lock(mutex);
    known = hints[segment].list_pages;
  }
  if (known.empty()) known.push_back(load_at<PageId>(page.bytes, anchor_page::kFirstList));
  while (begin < end) {
    const uint64_t list_index = (begin - anchor_page::kSlotsMax) / list_page::kSlotsMax;
    while (known.size() <= list_index) {
      MORTISE_TRY(copy_page(context.pool, known.back(), page::PageType::segment_list, page.bytes));
      known.push_back(load_at<PageId>(page.bytes, list_page::kNext));
    }
    MORTISE_TRY(
        copy_page(context.pool, known[list_index], page::PageType::segment_list, page.bytes));
    uint64_t in_list = (begin - anchor_page::kSlotsMax) % list_page::kSlotsMax;
    for (; in_list < list_page::kSlotsMax && begin < end; ++in_list, ++begin) {
      extents_out.push_back(load_at<uint32_t>(
          page.bytes, list_page::kSlots + static_cast<uint32_t>(in_list * sizeof(uint32_t))));
    }
  }
  platform::Lock lock(mutex);
  const auto hint = hints.find(segment);
  const bool is_the_same = hint != hints.end() && hint->second.anchor == anchor;
  if (is_the_same && known.size() > hint->second.list_pages.size()) {
    hint->second.list_pages = known;
  }
  return {};
}

Result<std::vector<PageRef>> Spaces::scan(SegmentId segment, ScanRange& range, uint32_t pages_max) {
  MORTISE_ASSERT(pages_max >= kExtentUnits);
  State& s = *state_;
  const SpaceId space = space_of(segment);
  MORTISE_TRY_ASSIGN(const PageId anchor, s.anchor_of(segment));
  std::vector<PageRef> pages;
  std::vector<uint32_t> extents;
  uint64_t slot_count = 0;
  // Every extent may hold as many pages as fit at least; fewer cost another call.
  const uint64_t want = std::max<uint64_t>(1, pages_max / kExtentUnits);
  while (pages.empty() && range.extent_begin < range.extent_end) {
    extents.clear();
    const uint64_t end = std::min(range.extent_end, range.extent_begin + want);
    MORTISE_TRY(s.read_slots(anchor, range.extent_begin, end, extents, slot_count));
    if (extents.empty()) {
      range.extent_begin = range.extent_end;
      break;
    }
    for (const uint32_t extent : extents) {
      ExtentEntry entry;
      MORTISE_TRY(s.context.pool.read(map_of(space, extent), [&](std::span<const std::byte> b) {
        entry = load_at<ExtentEntry>(b.data(), map_entry_offset(extent));
        return true;
      }));
      if (entry.state != ExtentState::used || entry.owner != raw(segment)) continue;
      for (uint32_t i = 0; i < pages_of(entry.size_class); ++i) {
        if ((entry.free_pages >> i & 1) != 0) continue;
        const PageId id = make_page_id(
            space, first_unit(extent) + uint64_t{i} * page::units_of(entry.size_class));
        if (id != anchor) pages.push_back({id, entry.size_class});
      }
    }
    range.extent_begin += extents.size();
  }
  return pages;
}

Result<bool> Spaces::is_allocated(PageId id) {
  const SpaceId space = mortise::space_of(id);
  const uint64_t extent = page_number_of(id) / kExtentUnits;
  const uint64_t unit = page_number_of(id) % kExtentUnits;
  if (!state_->files.has(space)) return false;
  auto& pool = state_->context.pool;
  Buffer header;
  MORTISE_TRY(copy_page(pool, header_of(space), page::PageType::space_header, header.bytes));
  if (extent >= load_at<uint64_t>(header.bytes, header_page::kExtentCount)) return false;
  ExtentEntry entry;
  MORTISE_TRY(pool.read(map_of(space, extent), [&](std::span<const std::byte> bytes) {
    entry = load_at<ExtentEntry>(bytes.data(), map_entry_offset(extent));
    return static_cast<uint8_t>(entry.size_class) < page::kSizeClassCount;
  }));
  const uint32_t units = page::units_of(entry.size_class);
  const bool has_pages = entry.state == ExtentState::used || entry.state == ExtentState::system;
  if (!has_pages || unit % units != 0) return false;
  return (entry.free_pages >> unit / units & 1) == 0;
}

Status Spaces::verify(SpaceId space) {
  State& s = *state_;
  MORTISE_TRY_ASSIGN(const auto segments, list_segments(space));
  Buffer header;
  MORTISE_TRY(
      copy_page(s.context.pool, header_of(space), page::PageType::space_header, header.bytes));
  const auto extent_count = load_at<uint64_t>(header.bytes, header_page::kExtentCount);
  if (extent_count * kExtentUnits > s.files.size_units(space)) {
    return corrupt("space header claims more than the file holds: space " +
                   std::to_string(raw(space)));
  }
  std::vector<uint32_t> owner_by_list(extent_count, 0);
  uint64_t listed = 0;
  for (const SegmentInfo& segment : segments) {
    std::vector<uint32_t> extents;
    uint64_t slot_count = 0;
    MORTISE_TRY(s.read_slots(segment.anchor, 0, UINT64_MAX, extents, slot_count));
    if (extents.size() != slot_count) return corrupt("extent list is short");
    for (uint32_t extent : extents) {
      if (extent >= extent_count || owner_by_list[extent] != 0) {
        return corrupt("extent " + std::to_string(extent) + " is listed twice or not there");
      }
      owner_by_list[extent] = raw(segment.id);
      ++listed;
    }
  }
  uint64_t used = 0;
  std::unordered_map<uint32_t, uint64_t> pages_by_owner;
  for (uint64_t group = 0; group * kGroupExtents < extent_count; ++group) {
    const uint64_t begin = group * kGroupExtents;
    Buffer map;
    MORTISE_TRY(
        copy_page(s.context.pool, map_of(space, begin), page::PageType::extent_map, map.bytes));
    uint32_t free_count = 0;
    for (uint64_t e = begin; e < std::min(extent_count, begin + kGroupExtents); ++e) {
      const auto entry = load_at<ExtentEntry>(map.bytes, map_entry_offset(e));
      if (entry.state == ExtentState::free) ++free_count;
      if (entry.state != ExtentState::used) continue;
      ++used;
      if (owner_by_list[e] != entry.owner) {
        return corrupt("extent " + std::to_string(e) + " belongs to segment " +
                       std::to_string(entry.owner) + ", which does not list it");
      }
      const auto free_pages = static_cast<uint64_t>(std::popcount(entry.free_pages));
      pages_by_owner[entry.owner] += pages_of(entry.size_class) - free_pages;
    }
    if (free_count != load_at<uint32_t>(map.bytes, map_page::kFreeCount)) {
      return corrupt("extent map counts its free extents wrong: group " + std::to_string(group));
    }
  }
  if (used != listed) return corrupt("an extent is listed but free");
  for (const SegmentInfo& segment : segments) {
    if (!segment.dropping && pages_by_owner[raw(segment.id)] != segment.page_count) {
      return corrupt("segment counts its pages wrong: " + std::to_string(raw(segment.id)));
    }
  }
  return {};
}

}  // namespace mortise::space
