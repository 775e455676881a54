// SPDX-License-Identifier: Apache-2.0
//
// Segments: their directory, their pages.  segment_walk.cpp reads them.
#include "kernel/space/segment.hpp"

#include <algorithm>
#include <bit>

#include "kernel/space/spaces_state.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::space {
namespace {

constexpr size_t kOpenExtentsMax = 64;
constexpr uint64_t kLookBackSlots = 8;
constexpr uint32_t kReclaimPerMtr = 16;

void store_count(log::Mtr& mtr, log::PageX anchor, uint32_t offset, int64_t change) {
  const auto now = load_at<int64_t>(anchor.data(), offset);
  MORTISE_ASSERT(now + change >= 0);
  mtr.store(anchor, offset, now + change);
}

}  // namespace

SpaceId space_of(SegmentId segment) {
  return SpaceId{static_cast<uint16_t>(raw(segment) >> kSegmentIndexBits)};
}

Spaces::Spaces(log::MtrContext& context, page::SpaceFiles& files)
    : state_(std::make_unique<State>(context, files)) {}
Spaces::~Spaces() = default;

Status Spaces::create_space(SpaceId space) {
  MORTISE_TRY(state_->files.create(space));
  return state_->extents.format(space);
}

Status Spaces::open() {
  State& s = *state_;
  for (SpaceId space : s.files.list()) {
    MORTISE_TRY_ASSIGN(auto header, s.context.pool.shared(header_of(space)));
    const auto version = load_at<uint32_t>(header.data(), header_page::kVersion);
    if (page::read_header(header.data()).type != page::PageType::space_header) {
      return corrupt("not a space: " + page::name_of(header_of(space)));
    }
    if (version > kLayoutVersion) {
      return unsupported("space has a newer layout: space " + std::to_string(raw(space)));
    }
    header.release();
    MORTISE_TRY_ASSIGN(const auto segments, list_segments(space));
    platform::Lock lock(s.mutex);
    for (const SegmentInfo& segment : segments) {
      if (segment.dropping) s.dropping.push_back(segment.id);
    }
  }
  return {};
}

PageId Spaces::State::hinted_anchor(SegmentId segment) {
  platform::Lock lock(mutex);
  const auto found = hints.find(segment);
  return found == hints.end() ? kNoPage : found->second.anchor;
}

PageId Spaces::State::note_anchor(SegmentId segment, const DirectoryEntry& entry) {
  platform::Lock lock(mutex);
  Hint& hint = hints[segment];
  // What create_segment has put there meanwhile is newer: the number may have come again.
  if (hint.anchor == kNoPage) hint.anchor = make_page_id(space_of(segment), entry.anchor());
  return hint.anchor;
}

Result<PageId> Spaces::State::anchor_of(SegmentId segment) {
  if (const PageId hinted = hinted_anchor(segment); hinted != kNoPage) return hinted;
  MORTISE_TRY_ASSIGN(const DirectoryEntry entry, look_up(segment));
  return note_anchor(segment, entry);
}

// As anchor_of, for an Mtr that may hold the header: look_up would wait for it for ever.
Result<PageId> Spaces::State::anchor_for(log::Mtr& mtr, SegmentId segment) {
  if (!mtr.holds(header_of(space_of(segment)))) return anchor_of(segment);
  if (const PageId hinted = hinted_anchor(segment); hinted != kNoPage) return hinted;
  log::PageX directory;
  uint32_t offset = 0;
  MORTISE_TRY(latch_directory(mtr, segment, directory, offset));
  const auto entry = load_at<DirectoryEntry>(directory.data(), offset);
  if (entry.state() == SegmentState::none) {
    return not_found("no such segment: " + std::to_string(raw(segment)));
  }
  return note_anchor(segment, entry);
}

// The segment's latches, in the order of the head of segment.hpp.
Status Spaces::State::enter(log::Mtr& mtr, SegmentId segment, log::PageX& anchor,
                            log::PageX& header) {
  MORTISE_TRY_ASSIGN(const PageId anchor_id, anchor_for(mtr, segment));
  const PageId header_id = header_of(space_of(segment));
  if (mtr.holds(header_id) && !mtr.holds(anchor_id)) {
    MORTISE_TRY_ASSIGN(anchor, mtr.try_exclusive(anchor_id));
  } else {
    MORTISE_TRY_ASSIGN(anchor, mtr.exclusive(anchor_id));
  }
  if (load_at<SegmentId>(anchor.data(), anchor_page::kSegment) != segment ||
      anchor.header().type != page::PageType::segment_anchor) {
    platform::Lock lock(mutex);
    const auto found = hints.find(segment);
    if (found != hints.end() && found->second.anchor == anchor_id) hints.erase(found);
    return not_found("no such segment: " + std::to_string(raw(segment)));
  }
  MORTISE_TRY_ASSIGN(header, mtr.exclusive(header_id));
  return {};
}

Result<SegmentInfo> Spaces::create_segment(log::Mtr& mtr, SpaceId space, uint64_t owner_tag) {
  State& s = *state_;
  MORTISE_TRY_ASSIGN(const log::PageX header, mtr.exclusive(header_of(space)));
  log::PageX directory;
  uint32_t index = 0;
  MORTISE_TRY(s.find_directory_slot(mtr, header, directory, index));
  const SegmentId id = make_segment_id(space, index);
  MORTISE_TRY_ASSIGN(const uint64_t extent, s.extents.take(mtr, header, id, page::SizeClass::kib4));
  const PageId anchor_id = make_page_id(space, first_unit(extent));
  MORTISE_TRY_ASSIGN(const log::PageX anchor, mtr.fresh(anchor_id, page::SizeClass::kib4));
  MORTISE_TRY_ASSIGN(ExtentEntry entry, s.extents.look(mtr, space, extent));
  entry.free_pages &= ~uint64_t{1};
  MORTISE_TRY(s.extents.store(mtr, space, extent, entry));
  mtr.init_page(anchor, page::SizeClass::kib4, page::PageType::segment_anchor);
  mtr.store(anchor, anchor_page::kSegment, id);
  mtr.store(anchor, anchor_page::kOwnerTag, owner_tag);
  mtr.store(anchor, anchor_page::kSlotCount, uint64_t{1});
  mtr.store(anchor, anchor_page::kPageCount, uint64_t{1});
  mtr.store(anchor, anchor_page::kSlots, static_cast<uint32_t>(extent));
  mtr.store(
      directory,
      directory_page::kEntries + index % directory_page::kEntriesMax * directory_page::kEntryBytes,
      DirectoryEntry{
          page_number_of(anchor_id) | uint64_t{static_cast<uint16_t>(SegmentState::live)} << 48,
          owner_tag});
  platform::Lock lock(s.mutex);
  s.hints[id] = {.anchor = anchor_id, .open_extents = {extent}, .list_pages = {}};
  return SegmentInfo{.id = id,
                     .anchor = anchor_id,
                     .owner_tag = owner_tag,
                     .extent_count = 1,
                     .page_count = 1,
                     .dropping = false};
}

// A free entry, with its page latched; a new directory page when all are taken.
Status Spaces::State::find_directory_slot(log::Mtr& mtr, log::PageX header, log::PageX& directory,
                                          uint32_t& index) {
  const SpaceId space = mortise::space_of(header.id());
  const auto count = load_at<uint32_t>(header.data(), header_page::kDirectoryCount);
  for (uint32_t i = 0; i < count; ++i) {
    const PageId id = make_page_id(
        space, load_at<uint64_t>(header.data(), header_page::kDirectory +
                                                    i * static_cast<uint32_t>(sizeof(uint64_t))));
    const bool was_held = mtr.holds(id);
    MORTISE_TRY_ASSIGN(directory, mtr.exclusive(id));
    for (uint32_t slot = 0; slot < directory_page::kEntriesMax; ++slot) {
      const auto entry = load_at<DirectoryEntry>(
          directory.data(), directory_page::kEntries + slot * directory_page::kEntryBytes);
      if (entry.state() != SegmentState::none) continue;
      index = i * directory_page::kEntriesMax + slot;
      return {};
    }
    if (!was_held) mtr.release_unchanged(directory);
  }
  if (count == header_page::kDirectoryMax) {
    return limit("space holds too many segments: " + std::to_string(raw(space)));
  }
  MORTISE_TRY_ASSIGN(directory,
                     extents.take_system_page(mtr, header, page::PageType::segment_directory));
  mtr.store(header, header_page::kDirectory + count * static_cast<uint32_t>(sizeof(uint64_t)),
            page_number_of(directory.id()));
  mtr.store(header, header_page::kDirectoryCount, count + 1);
  index = count * directory_page::kEntriesMax;
  return {};
}

// The directory page and the entry's offset, for a change.
Status Spaces::State::latch_directory(log::Mtr& mtr, SegmentId segment, log::PageX& directory,
                                      uint32_t& offset) {
  const SpaceId space = space_of(segment);
  const uint32_t index = directory_index(segment);
  MORTISE_TRY_ASSIGN(const log::PageX header, mtr.exclusive(header_of(space)));
  const uint32_t page_index = index / directory_page::kEntriesMax;
  if (page_index >= load_at<uint32_t>(header.data(), header_page::kDirectoryCount)) {
    return not_found("no such segment: " + std::to_string(raw(segment)));
  }
  const auto number =
      load_at<uint64_t>(header.data(), header_page::kDirectory +
                                           page_index * static_cast<uint32_t>(sizeof(uint64_t)));
  MORTISE_TRY_ASSIGN(directory, mtr.exclusive(make_page_id(space, number)));
  offset =
      directory_page::kEntries + index % directory_page::kEntriesMax * directory_page::kEntryBytes;
  return {};
}

Status Spaces::drop_segment(log::Mtr& mtr, SegmentId segment) {
  log::PageX directory;
  uint32_t offset = 0;
  MORTISE_TRY(state_->latch_directory(mtr, segment, directory, offset));
  auto entry = load_at<DirectoryEntry>(directory.data(), offset);
  if (entry.state() != SegmentState::live) {
    return not_found("no such segment: " + std::to_string(raw(segment)));
  }
  entry.anchor_and_state = entry.anchor() | uint64_t{static_cast<uint16_t>(SegmentState::dropping)}
                                                << 48;
  mtr.store(directory, offset, entry);
  mtr.after_commit([s = state_.get(), segment] {
    platform::Lock lock(s->mutex);
    s->dropping.push_back(segment);
  });
  return {};
}

Result<log::PageX> Spaces::allocate_page(log::Mtr& mtr, SegmentId segment,
                                         page::SizeClass size_class, page::PageType type) {
  State& s = *state_;
  const SpaceId space = space_of(segment);
  log::PageX anchor;
  log::PageX header;
  MORTISE_TRY(s.enter(mtr, segment, anchor, header));
  uint64_t extent = 0;
  MORTISE_TRY_ASSIGN(bool found, s.find_open_extent(mtr, anchor, segment, size_class, extent));
  if (!found) {
    MORTISE_TRY_ASSIGN(extent, s.extents.take(mtr, header, segment, size_class));
    MORTISE_TRY(s.append_slot(mtr, anchor, header, segment, extent));
    platform::Lock lock(s.mutex);
    State::Hint& hint = s.hints[segment];
    if (hint.open_extents.size() >= kOpenExtentsMax) {
      hint.open_extents.erase(hint.open_extents.begin());
    }
    hint.open_extents.push_back(extent);
    ++hint.look_back;  // counts from the end, which has moved
  }
  MORTISE_TRY_ASSIGN(ExtentEntry entry, s.extents.look(mtr, space, extent));
  MORTISE_ASSERT(entry.free_pages != 0);
  const auto page_index = static_cast<uint32_t>(std::countr_zero(entry.free_pages));
  entry.free_pages &= entry.free_pages - 1;
  const PageId id =
      make_page_id(space, first_unit(extent) + uint64_t{page_index} * page::units_of(size_class));
  MORTISE_TRY_ASSIGN(const log::PageX page, mtr.fresh(id, size_class));
  MORTISE_TRY(s.extents.store(mtr, space, extent, entry));
  store_count(mtr, anchor, anchor_page::kPageCount, 1);
  mtr.init_page(page, size_class, type);
  return page;
}

// An extent of the segment with a free page of the class: first where pages were free lately,
// then a few older ones each time, so that holes of before a restart are found again.
Result<bool> Spaces::State::find_open_extent(log::Mtr& mtr, log::PageX anchor, SegmentId segment,
                                             page::SizeClass size_class, uint64_t& extent) {
  std::vector<uint64_t> open;
  uint64_t look_back = 0;
  {
    platform::Lock lock(mutex);
    const Hint& hint = hints[segment];
    open = hint.open_extents;
    look_back = hint.look_back;
  }
  bool found = false;
  // Answers whether the extent may stay among the open ones.
  auto try_extent = [&](uint64_t candidate) -> Result<bool> {
    MORTISE_TRY_ASSIGN(const ExtentEntry entry, extents.look(mtr, space_of(segment), candidate));
    const bool has_room =
        entry.state == ExtentState::used && entry.owner == raw(segment) && entry.free_pages != 0;
    if (!has_room || entry.size_class != size_class) return has_room;
    found = true;
    extent = candidate;
    return true;
  };
  for (size_t i = open.size(); i-- > 0 && !found;) {
    MORTISE_TRY_ASSIGN(const bool stays, try_extent(open[i]));
    if (!stays) open.erase(open.begin() + static_cast<std::ptrdiff_t>(i));
  }
  const auto slots = load_at<uint64_t>(anchor.data(), anchor_page::kSlotCount);
  for (uint64_t i = 0; i < kLookBackSlots && look_back < slots && !found; ++i, ++look_back) {
    // Newest first: after a restart the end of the list is the likeliest place.
    MORTISE_TRY_ASSIGN(const uint32_t older, slot(mtr, anchor, slots - 1 - look_back));
    MORTISE_TRY_ASSIGN(const bool has_room, try_extent(older));
    if (has_room) open.push_back(older);
  }
  platform::Lock lock(mutex);
  hints[segment].open_extents = std::move(open);
  hints[segment].look_back = look_back;
  return found;
}

// Puts an extent at the end of the segment's list.
Status Spaces::State::append_slot(log::Mtr& mtr, log::PageX anchor, log::PageX header,
                                  SegmentId segment, uint64_t extent) {
  const auto slots = load_at<uint64_t>(anchor.data(), anchor_page::kSlotCount);
  if (slots < anchor_page::kSlotsMax) {
    mtr.store(anchor, anchor_page::kSlots + static_cast<uint32_t>(slots * sizeof(uint32_t)),
              static_cast<uint32_t>(extent));
  } else {
    const uint64_t in_list = (slots - anchor_page::kSlotsMax) % list_page::kSlotsMax;
    const auto last = load_at<PageId>(anchor.data(), anchor_page::kLastList);
    log::PageX list;
    if (in_list == 0) {
      MORTISE_TRY_ASSIGN(list, extents.take_system_page(mtr, header, page::PageType::segment_list));
      mtr.store(list, list_page::kSegment, segment);
      if (raw(last) == 0) {
        mtr.store(anchor, anchor_page::kFirstList, list.id());
      } else {
        MORTISE_TRY_ASSIGN(const log::PageX before, mtr.exclusive(last));
        mtr.store(before, list_page::kNext, list.id());
      }
      mtr.store(anchor, anchor_page::kLastList, list.id());
    } else {
      MORTISE_TRY_ASSIGN(list, mtr.exclusive(last));
    }
    mtr.store(list, list_page::kSlots + static_cast<uint32_t>(in_list * sizeof(uint32_t)),
              static_cast<uint32_t>(extent));
  }
  store_count(mtr, anchor, anchor_page::kSlotCount, 1);
  return {};
}

// The list page that holds slot number `index`, walked to from where we know the way.
Result<PageId> Spaces::State::list_page_of(log::Mtr& mtr, log::PageX anchor, uint64_t index) {
  const auto segment = load_at<SegmentId>(anchor.data(), anchor_page::kSegment);
  const uint64_t wanted = (index - anchor_page::kSlotsMax) / list_page::kSlotsMax;
  std::vector<PageId> known;
  {
    platform::Lock lock(mutex);
    known = hints[segment].list_pages;
  }
  if (known.empty()) known.push_back(load_at<PageId>(anchor.data(), anchor_page::kFirstList));
  while (known.size() <= wanted) {
    const bool was_held = mtr.holds(known.back());
    MORTISE_TRY_ASSIGN(const log::PageX page, mtr.exclusive(known.back()));
    const auto next = load_at<PageId>(page.data(), list_page::kNext);
    if (!was_held) mtr.release_unchanged(page);
    if (raw(next) == 0) {
      return corrupt("extent list of a segment ends early: segment " +
                     std::to_string(raw(segment)));
    }
    known.push_back(next);
  }
  return known[wanted];
}

Result<uint32_t> Spaces::State::slot(log::Mtr& mtr, log::PageX anchor, uint64_t index) {
  if (index < anchor_page::kSlotsMax) {
    return load_at<uint32_t>(anchor.data(),
                             anchor_page::kSlots + static_cast<uint32_t>(index * sizeof(uint32_t)));
  }
  MORTISE_TRY_ASSIGN(const PageId id, list_page_of(mtr, anchor, index));
  const bool was_held = mtr.holds(id);
  MORTISE_TRY_ASSIGN(const log::PageX list, mtr.exclusive(id));
  const uint64_t in_list = (index - anchor_page::kSlotsMax) % list_page::kSlotsMax;
  const auto value = load_at<uint32_t>(
      list.data(), list_page::kSlots + static_cast<uint32_t>(in_list * sizeof(uint32_t)));
  if (!was_held) mtr.release_unchanged(list);
  return value;
}

Result<SegmentId> Spaces::segment_of(log::Mtr& mtr, PageId page) {
  const uint64_t extent = page_number_of(page) / kExtentUnits;
  MORTISE_TRY_ASSIGN(const ExtentEntry entry,
                     state_->extents.look(mtr, mortise::space_of(page), extent));
  if (entry.state == ExtentState::free || entry.owner == 0) {
    return not_found("page belongs to no segment: " + page::name_of(page));
  }
  return SegmentId{entry.owner};
}

Status Spaces::free_page(log::Mtr& mtr, SegmentId segment, PageId page) {
  State& s = *state_;
  log::PageX anchor;
  log::PageX header;
  MORTISE_TRY(s.enter(mtr, segment, anchor, header));
  const SpaceId space = space_of(segment);
  const uint64_t extent = page_number_of(page) / kExtentUnits;
  if (mortise::space_of(page) != space || page == anchor.id()) {
    return invalid("not a page of the segment that can be freed: " + page::name_of(page));
  }
  MORTISE_TRY_ASSIGN(ExtentEntry entry, s.extents.look(mtr, space, extent));
  const uint64_t unit = page_number_of(page) % kExtentUnits;
  const uint32_t units = page::units_of(entry.size_class);
  const bool is_ours = entry.state == ExtentState::used && entry.owner == raw(segment);
  const uint64_t bit = uint64_t{1} << unit / units;
  if (!is_ours || unit % units != 0 || (entry.free_pages & bit) != 0) {
    return invalid("page is not allocated in the segment: " + page::name_of(page) + ", segment " +
                   std::to_string(raw(segment)));
  }
  entry.free_pages |= bit;
  MORTISE_TRY(s.extents.store(mtr, space, extent, entry));
  store_count(mtr, anchor, anchor_page::kPageCount, -1);
  platform::Lock lock(s.mutex);
  std::vector<uint64_t>& open = s.hints[segment].open_extents;
  if (std::find(open.begin(), open.end(), extent) == open.end() && open.size() < kOpenExtentsMax) {
    open.push_back(extent);
  }
  return {};
}

Result<uint32_t> Spaces::reclaim(uint32_t extents_max) {
  State& s = *state_;
  uint32_t freed = 0;
  while (freed < extents_max) {
    SegmentId segment{};
    {
      platform::Lock lock(s.mutex);
      if (s.dropping.empty()) break;
      segment = s.dropping.back();
    }
    MORTISE_TRY(s.reclaim_some(segment, std::min(extents_max - freed, kReclaimPerMtr), freed));
  }
  return freed;
}

// One Mtr: the last extents of the list go; with the first of all, the segment itself.
Status Spaces::State::reclaim_some(SegmentId segment, uint32_t extents_max, uint32_t& freed) {
  log::Mtr mtr(context);
  log::PageX anchor;
  log::PageX header;
  MORTISE_TRY(enter(mtr, segment, anchor, header));
  auto slots = load_at<uint64_t>(anchor.data(), anchor_page::kSlotCount);
  uint32_t count = 0;
  for (; count < extents_max && slots > 1; ++count, --slots) {
    MORTISE_TRY_ASSIGN(const uint32_t extent, slot(mtr, anchor, slots - 1));
    MORTISE_TRY(extents.give_back(mtr, header, segment, extent));
    const bool empties_list = slots > anchor_page::kSlotsMax &&
                              (slots - 1 - anchor_page::kSlotsMax) % list_page::kSlotsMax == 0;
    if (empties_list) MORTISE_TRY(drop_last_list(mtr, anchor, slots - 1));
  }
  mtr.store(anchor, anchor_page::kSlotCount, slots);
  const bool is_last = slots == 1 && count < extents_max;
  if (is_last) {
    MORTISE_TRY_ASSIGN(const uint32_t extent, slot(mtr, anchor, 0));
    MORTISE_TRY(extents.give_back(mtr, header, segment, extent));
    log::PageX directory;
    uint32_t offset = 0;
    MORTISE_TRY(latch_directory(mtr, segment, directory, offset));
    mtr.store(directory, offset, DirectoryEntry{});
    // A handle that still finds the anchor must not take it for a segment.
    mtr.store(anchor, anchor_page::kSegment, kNoSegment);
    ++count;
    // While the header is latched: behind it the number may go to a new segment at once.
    platform::Lock lock(mutex);
    std::erase(dropping, segment);
    hints.erase(segment);
  }
  mtr.commit();
  freed += count;
  return {};
}

// The list page that holds slot `index`, its only one, goes back; the one before becomes the last.
Status Spaces::State::drop_last_list(log::Mtr& mtr, log::PageX anchor, uint64_t index) {
  const auto last = load_at<PageId>(anchor.data(), anchor_page::kLastList);
  PageId before{0};
  if (index > anchor_page::kSlotsMax) {
    MORTISE_TRY_ASSIGN(before, list_page_of(mtr, anchor, index - 1));
    MORTISE_TRY_ASSIGN(const log::PageX page, mtr.exclusive(before));
    mtr.store(page, list_page::kNext, PageId{0});
  } else {
    mtr.store(anchor, anchor_page::kFirstList, PageId{0});
  }
  mtr.store(anchor, anchor_page::kLastList, before);
  return extents.give_system_page(mtr, last);
}

}  // namespace mortise::space
