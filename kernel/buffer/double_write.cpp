// SPDX-License-Identifier: Apache-2.0
#include "kernel/buffer/double_write.hpp"

#include <cstring>

#include "kernel/base/bytes.hpp"
#include "kernel/base/crc32c.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {
namespace {
constexpr uint32_t kMagic = 0x4C42444Du;  // "MDBL"
constexpr uint16_t kVersion = 1;
constexpr uint32_t kHeaderBytes = 8192;
constexpr uint32_t kFixedBytes = 64;
constexpr uint32_t kEntryBytes = 16;
constexpr uint32_t kCrcOffset = 16;
static_assert(kFixedBytes + DoubleWrite::kAreaUnits * kEntryBytes <= kHeaderBytes);

uint32_t crc_of(std::span<const std::byte> header) {
  const uint32_t crc = crc32c(0, header.first(kCrcOffset));
  return crc32c(crc, header.subspan(kCrcOffset + sizeof(uint32_t)));
}
constexpr uint64_t area_offset(uint32_t index) {
  return uint64_t{index} * (kHeaderBytes + DoubleWrite::kAreaBytes);
}
}  // namespace

Result<std::unique_ptr<DoubleWrite>> DoubleWrite::open(platform::IoBackend& io,
                                                       const std::string& path) {
  std::unique_ptr<DoubleWrite> made(new DoubleWrite());
  MORTISE_TRY_ASSIGN(made->file_,
                     io.open(path, {.access = platform::OpenOptions::Access::read_write,
                                    .create = true,
                                    .direct = true}));
  made->buffer_ = platform::AlignedBuffer(kHeaderBytes + kAreaBytes);
  MORTISE_TRY_ASSIGN(const uint64_t size, made->file_->size_bytes());
  if (size < area_offset(2)) {
    MORTISE_TRY(made->file_->preallocate(0, area_offset(2)));
    MORTISE_TRY(made->file_->sync());
    MORTISE_TRY(io.sync_directory(platform::directory_of(path)));
  } else {
    // What another process left in the page cache may not be on the disk yet.
    MORTISE_TRY(made->file_->sync());
  }
  for (uint32_t index = 0; index < 2; ++index) MORTISE_TRY(made->load_area(index));
  made->sequence_ = std::max(made->areas_[0].sequence, made->areas_[1].sequence);
  made->next_area_ = made->areas_[0].sequence <= made->areas_[1].sequence ? 0 : 1;
  return made;
}

// A damaged header is an empty area: its batch was being written, so no home page was touched.
Status DoubleWrite::load_area(uint32_t index) {
  Area& area = areas_[index];
  area = {};
  std::span<std::byte> header = buffer_.bytes().first(kHeaderBytes);
  MORTISE_TRY(file_->read_at(area_offset(index), header));
  const std::byte* p = header.data();
  if (load_le<uint32_t>(p) != kMagic || load_le<uint32_t>(p + kCrcOffset) != crc_of(header)) {
    return {};
  }
  if (load_le<uint16_t>(p + 4) > kVersion) {
    return {Code::unsupported, "58M01",
            "double-write file was written by a newer version: " + file_->path()};
  }
  const uint16_t count = load_le<uint16_t>(p + 6);
  if (count > kAreaUnits) return {};
  uint64_t offset = area_offset(index) + kHeaderBytes;
  for (uint16_t i = 0; i < count; ++i) {
    const std::byte* entry = p + kFixedBytes + i * kEntryBytes;
    const auto size_class = load_le<page::SizeClass>(entry + 8);
    if (static_cast<uint8_t>(size_class) >= page::kSizeClassCount) return {};
    area.entries.push_back({load_le<PageId>(entry), size_class, offset});
    offset += page::bytes_of(size_class);
  }
  if (offset > area_offset(index) + kHeaderBytes + kAreaBytes) area.entries.clear();
  area.sequence = load_le<uint64_t>(p + 8);
  return {};
}

std::span<std::byte> DoubleWrite::staging() {
  return buffer_.bytes().subspan(kHeaderBytes);
}

Status DoubleWrite::write(std::span<const PageCopy> batch) {
  MORTISE_ASSERT(!batch.empty());
  MORTISE_ASSERT(batch.size() <= kAreaUnits);
  Area& area = areas_[next_area_];
  area = {};
  std::span<std::byte> header = buffer_.bytes().first(kHeaderBytes);
  std::memset(header.data(), 0, header.size());
  std::byte* p = header.data();
  store_le(p, kMagic);
  store_le(p + 4, kVersion);
  store_le(p + 6, static_cast<uint16_t>(batch.size()));
  store_le(p + 8, ++sequence_);
  uint64_t offset = kHeaderBytes;
  for (size_t i = 0; i < batch.size(); ++i) {
    MORTISE_ASSERT(batch[i].offset_bytes + kHeaderBytes == offset);
    std::byte* entry = p + kFixedBytes + i * kEntryBytes;
    store_le(entry, batch[i].id);
    store_le(entry + 8, batch[i].size_class);
    area.entries.push_back({batch[i].id, batch[i].size_class, area_offset(next_area_) + offset});
    offset += page::bytes_of(batch[i].size_class);
  }
  MORTISE_ASSERT(offset <= buffer_.size());
  store_le(p + kCrcOffset, crc_of(header));
  MORTISE_TRY(file_->write_at(area_offset(next_area_), buffer_.bytes().first(offset)));
  MORTISE_TRY(file_->sync());
  area.sequence = sequence_;
  next_area_ = 1 - next_area_;
  return {};
}

// Has a page of another size or the same one been written over `entry` by a newer batch?
bool DoubleWrite::overlaps(const std::vector<Entry>& newer, const Entry& entry) {
  for (const Entry& other : newer) {
    if (other.id == entry.id && other.size_class == entry.size_class) continue;
    if (raw(other.id) < raw(entry.id) + page::units_of(entry.size_class) &&
        raw(entry.id) < raw(other.id) + page::units_of(other.size_class)) {
      return true;
    }
  }
  return false;
}

Result<bool> DoubleWrite::find(PageId id, std::span<std::byte> into) {
  const uint32_t newest = areas_[0].sequence > areas_[1].sequence ? 0 : 1;
  for (uint32_t index : {newest, 1 - newest}) {
    for (const Entry& entry : areas_[index].entries) {
      if (entry.id != id || page::bytes_of(entry.size_class) != into.size()) continue;
      MORTISE_TRY(file_->read_at(entry.offset_bytes, into));
      if (page::check(into, id)) return true;
    }
  }
  return false;
}

Result<uint32_t> DoubleWrite::repair(page::SpaceFiles& files) {
  uint32_t repaired = 0;
  const uint32_t newest = areas_[0].sequence > areas_[1].sequence ? 0 : 1;
  // The older batch first would write what the newer one overwrites: so a page is repaired from
  // the newest good copy, and found whole when the older area is looked at.
  for (uint32_t index : {newest, 1 - newest}) {
    for (const Entry& entry : areas_[index].entries) {
      if (!files.has(space_of(entry.id))) continue;  // dropped since
      if (index != newest && overlaps(areas_[newest].entries, entry)) continue;
      const uint64_t end = page_number_of(entry.id) + page::units_of(entry.size_class);
      if (end > files.size_units(space_of(entry.id))) continue;
      const std::span<std::byte> bytes = staging().first(page::bytes_of(entry.size_class));
      MORTISE_TRY(files.read(entry.id, bytes));
      if (page::check(bytes, entry.id)) continue;
      MORTISE_TRY(file_->read_at(entry.offset_bytes, bytes));
      if (!page::check(bytes, entry.id)) continue;
      MORTISE_TRY(files.write(entry.id, bytes));
      ++repaired;
    }
  }
  return repaired;
}

}  // namespace mortise::buffer
