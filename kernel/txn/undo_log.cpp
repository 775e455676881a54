// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/undo_log.hpp"

#include <algorithm>
#include <cstring>

#include "kernel/base/bytes.hpp"

namespace mortise::txn {
namespace {

Status too_old(UndoPtr at) {
  return Status(Code::stale, "72000", "snapshot too old")
      .with(MORTISE_ERROR_FIELD_DETAIL, "old versions on undo page " +
                                            std::to_string(page_number_of(at.page())) +
                                            " have been dropped");
}

// Is this the page that `at` was made for?
bool is_page_of(std::span<const std::byte> page, UndoPtr at) {
  return page::read_header(page.data()).type == page::PageType::undo &&
         load_le<uint8_t>(page.data() + kUndoPageGeneration) == at.generation();
}

}  // namespace

Status UndoAppend::reserve(log::Mtr& mtr, uint32_t record_bytes) {
  MORTISE_ASSERT(record_bytes <= kUndoRecordBytesMax);
  if (place_.page != kNoPage && place_.used_bytes + record_bytes <= page::kUnitBytes) {
    if (!page_ || page_.id() != place_.page) {
      MORTISE_TRY_ASSIGN(page_, mtr.exclusive(place_.page));
    }
    return {};
  }
  space::Spaces& spaces = log_.storage_->spaces();
  if (raw(place_.segment) == 0 || place_.pages_used >= kUndoPagesPerSegment) {
    const uint8_t generation = static_cast<uint8_t>(log_.generation_.fetch_add(1));
    MORTISE_TRY_ASSIGN(const space::SegmentInfo made,
                       spaces.create_segment(mtr, kUndoSpace, generation));
    if (raw(place_.segment) != 0) left_.push_back(place_.segment);
    place_ = {.segment = made.id,
              .page = kNoPage,
              .used_bytes = 0,
              .pages_used = 0,
              .generation = generation};
    is_new_segment_ = true;
  }
  MORTISE_TRY_ASSIGN(page_, spaces.allocate_page(mtr, place_.segment, page::SizeClass::kib4,
                                                 page::PageType::undo));
  mtr.store(page_, kUndoPageSegment, raw(place_.segment));
  mtr.store(page_, kUndoPageGeneration, place_.generation);
  place_.page = page_.id();
  place_.used_bytes = kUndoPageFirst;
  ++place_.pages_used;
  return {};
}

UndoPtr UndoAppend::append(log::Mtr& mtr, const UndoRecord& record) {
  const uint32_t size = undo_record_bytes(record.details.size());
  MORTISE_ASSERT(page_ && page_.id() == place_.page);
  MORTISE_ASSERT(place_.used_bytes + size <= page::kUnitBytes);
  std::byte bytes[kUndoRecordBytesMax];
  encode_undo(record, {bytes, size});
  mtr.write(page_, place_.used_bytes, {bytes, size});
  const UndoPtr at = UndoPtr::make(place_.page, place_.used_bytes, place_.generation);
  place_.used_bytes += size;
  appended_bytes_ += size;
  return at;
}

void UndoAppend::keep() {
  if (is_new_segment_) {
    platform::Lock lock(log_.mutex_);
    log_.segments_[place_.segment] = {place_.segment, kNoScn, true};
  }
  lane_.touched_.insert(lane_.touched_.end(), left_.begin(), left_.end());
  lane_.place_ = place_;
}

Status UndoLog::open(recovery::Storage& storage, Scn scn) {
  storage_ = &storage;
  if (!storage.files().has(kUndoSpace)) {
    MORTISE_TRY(storage.spaces().create_space(kUndoSpace));
  }
  MORTISE_TRY_ASSIGN(const std::vector<space::SegmentInfo> found,
                     storage.spaces().list_segments(kUndoSpace));
  platform::Lock lock(mutex_);
  uint32_t newest = 0;
  for (const space::SegmentInfo& info : found) {
    if (info.dropping) continue;
    segments_[info.id] = {info.id, scn, false};
    newest = std::max(newest, static_cast<uint32_t>(info.owner_tag));
  }
  // Different from the generations in use, so that a stray pointer is noticed.
  generation_.store(newest + 1);
  return {};
}

UndoLane* UndoLog::borrow() {
  platform::Lock lock(mutex_);
  if (free_.empty()) {
    lanes_.push_back(std::make_unique<UndoLane>(static_cast<uint32_t>(lanes_.size())));
    return lanes_.back().get();
  }
  UndoLane* lane = free_.back();
  free_.pop_back();
  return lane;
}

void UndoLog::give_back(UndoLane* lane, Scn scn) {
  platform::Lock lock(mutex_);
  for (const SegmentId full : lane->touched_) {
    UndoSegment& segment = segments_.at(full);
    segment.last_scn = std::max(segment.last_scn, scn);
    segment.is_open = false;
  }
  if (const auto current = segments_.find(lane->place_.segment); current != segments_.end()) {
    current->second.last_scn = std::max(current->second.last_scn, scn);
  }
  lane->touched_.clear();
  free_.push_back(lane);
}

Result<UndoCopy> UndoLog::read(UndoPtr at) const {
  MORTISE_ASSERT(!at.is_null());
  MORTISE_TRY_ASSIGN(const buffer::SharedGuard page,
                     storage_->pool().shared(at.page(), {.hint = buffer::AccessHint::random}));
  if (!is_page_of(page.bytes(), at)) return too_old(at);
  MORTISE_TRY_ASSIGN(UndoRecord record, parse_undo(page.bytes(), at.offset()));
  UndoCopy copy{record, {record.details.begin(), record.details.end()}};
  copy.record.details = copy.bytes;
  return copy;
}

Result<uint32_t> UndoLog::command_of(UndoPtr at) const {
  MORTISE_TRY_ASSIGN(const buffer::SharedGuard page, storage_->pool().shared(at.page()));
  if (!is_page_of(page.bytes(), at)) return too_old(at);
  MORTISE_TRY_ASSIGN(const UndoRecord record, parse_undo(page.bytes(), at.offset()));
  return record.command;
}

Result<std::vector<std::byte>> UndoLog::join(UndoPtr first, uint64_t size_bytes) const {
  std::vector<std::byte> all;
  for (UndoPtr at = first; !at.is_null() && all.size() < size_bytes;) {
    MORTISE_TRY_ASSIGN(const UndoCopy part, read(at));
    if (part.record.kind != UndoKind::fragment) return corrupt("undo fragment is missing");
    all.insert(all.end(), part.bytes.begin(), part.bytes.end());
    at = part.record.old_undo;
  }
  if (all.size() < size_bytes) return corrupt("undo fragments end early");
  all.resize(size_bytes);
  return all;
}

Status UndoLog::mark(log::Mtr& mtr, UndoPtr at, uint8_t marks) const {
  MORTISE_TRY_ASSIGN(const log::PageX page, mtr.exclusive(at.page()));
  if (!is_page_of(page.bytes(), at)) return too_old(at);
  const uint32_t offset = at.offset() + kUndoMarksOffset;
  const uint8_t old = load_le<uint8_t>(page.data() + offset);
  mtr.store(page, offset, static_cast<uint8_t>(old | marks));
  return {};
}

Status UndoLog::each(FunctionRef<Status(UndoPtr, const UndoRecord&)> visit) const {
  std::vector<UndoSegment> segments;
  {
    platform::Lock lock(mutex_);
    for (const auto& [id, segment] : segments_) segments.push_back(segment);
  }
  for (const UndoSegment& segment : segments) {
    space::ScanRange range;
    for (;;) {
      MORTISE_TRY_ASSIGN(const std::vector<space::PageRef> pages,
                         storage_->spaces().scan(segment.id, range, 256));
      if (pages.empty()) break;
      for (const space::PageRef& ref : pages) {
        std::vector<std::byte> copy;
        {
          MORTISE_TRY_ASSIGN(const buffer::SharedGuard page, storage_->pool().shared(ref.id));
          if (page::read_header(page.data()).type != page::PageType::undo) continue;
          copy.assign(page.bytes().begin(), page.bytes().end());
        }
        const uint8_t generation = load_le<uint8_t>(copy.data() + kUndoPageGeneration);
        for (uint32_t offset = kUndoPageFirst; offset + kUndoHeaderBytes <= copy.size();) {
          const uint16_t size = load_le<uint16_t>(copy.data() + offset);
          if (size == 0) break;
          MORTISE_TRY_ASSIGN(const UndoRecord record, parse_undo(copy, offset));
          MORTISE_TRY(visit(UndoPtr::make(ref.id, offset, generation), record));
          offset += size;
        }
      }
    }
  }
  return {};
}

Result<uint32_t> UndoLog::drop_before(Scn before) {
  std::vector<SegmentId> dropped;
  {
    platform::Lock lock(mutex_);
    for (auto at = segments_.begin(); at != segments_.end();) {
      if (!at->second.is_open && at->second.last_scn < before) {
        dropped.push_back(at->first);
        at = segments_.erase(at);
      } else {
        ++at;
      }
    }
  }
  for (const SegmentId segment : dropped) {
    log::Mtr mtr(storage_->mtr_context());
    MORTISE_TRY(storage_->spaces().drop_segment(mtr, segment));
    mtr.commit();
  }
  return static_cast<uint32_t>(dropped.size());
}

uint64_t UndoLog::segment_count() const {
  platform::Lock lock(mutex_);
  return segments_.size();
}

}  // namespace mortise::txn
