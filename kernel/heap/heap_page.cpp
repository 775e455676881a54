// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/heap_page.hpp"

#include <algorithm>
#include <cstring>

#include "mortise/cpp/assert.hpp"

namespace mortise::heap {
namespace {

constexpr uint32_t kNoSlot = UINT32_MAX;
constexpr uint64_t kUnresolved = uint64_t{1} << 63;

}  // namespace

bool HeapPage::belongs_to(SegmentId wanted) const {
  const page::PageHeader header = page::read_header(bytes_.data());
  return header.type == page::PageType::heap && segment() == wanted &&
         slots_end() <= rows_begin() && rows_begin() <= bytes_.size();
}

TxnId HeapPage::max_writer() const {
  return TxnId{page::read_header(bytes_.data()).max_writer & ~kUnresolved};
}

bool HeapPage::row(uint32_t slot, StoredRow& row) const {
  if (slot >= slot_count()) return false;
  const uint32_t offset = slot_offset(slot);
  const uint32_t size = slot_size(slot);
  if (offset < slots_end() || size < kVersionBytes || offset + size > bytes_.size()) return false;
  const std::byte* at = bytes_.data() + offset;
  row.writer = txn::Writer(load_le<uint64_t>(at));
  row.undo = txn::UndoPtr(load_le<uint64_t>(at + 8));
  row.body = {at + kVersionBytes, size - kVersionBytes};
  return true;
}

void HeapPage::verify(std::vector<std::string>& findings) const {
  const auto report = [&](const std::string& text) {
    findings.push_back(page::name_of(page::read_header(bytes_.data()).page_id) + ": " + text);
  };
  if (slots_end() > rows_begin() || rows_begin() > bytes_.size()) {
    return report("G1 slots and rows overlap");
  }
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  uint32_t irregular_found = 0;
  for (uint32_t slot = 0; slot < slot_count(); ++slot) {
    if (is_dead(slot)) continue;
    StoredRow stored;
    if (!row(slot, stored) || slot_offset(slot) % 8 != 0) {
      report("G1 row is out of bounds: slot " + std::to_string(slot));
      continue;
    }
    ranges.emplace_back(slot_offset(slot), row_space(slot_size(slot)));
    if (is_irregular(stored.undo)) ++irregular_found;
  }
  std::sort(ranges.begin(), ranges.end());
  uint32_t used = 0;
  uint32_t end = rows_begin();
  for (const auto& [offset, size] : ranges) {
    if (offset < end) report("G1 rows overlap at " + std::to_string(offset));
    end = offset + size;
    used += size;
  }
  if (end > bytes_.size()) report("G1 a row leaves the page");
  if (used + garbage() != bytes_.size() - rows_begin()) {
    report("G2 garbage is " + std::to_string(garbage()) + ", expected " +
           std::to_string(bytes_.size() - rows_begin() - used));
  }
  if (irregular_found != irregular()) {
    report("G3 irregular is " + std::to_string(irregular()) + ", expected " +
           std::to_string(irregular_found));
  }
}

void HeapPageWriter::format(SegmentId segment) {
  mtr_.store(page_, 40, raw(segment));
  set_counts(0, page_.size_bytes(), 0, 0);
}

void HeapPageWriter::note_writer(TxnId txn) {
  if (view().max_writer() < txn) {
    mtr_.store(page_, page::kMaxWriterOffset, raw(txn) | kUnresolved);
  }
}

void HeapPageWriter::set_slot(uint32_t slot, uint32_t offset, uint32_t size) {
  std::byte bytes[kSlotBytes];
  store_le(bytes, static_cast<uint16_t>(offset));
  store_le(bytes + 2, static_cast<uint16_t>(size));
  mtr_.write(page_, kSlotsOffset + slot * kSlotBytes, bytes);
}

void HeapPageWriter::set_counts(uint32_t slots, uint32_t rows_begin, uint32_t garbage,
                                uint32_t irregular) {
  std::byte bytes[8];
  store_le(bytes, static_cast<uint16_t>(slots));
  store_le(bytes + 2, static_cast<uint16_t>(rows_begin));
  store_le(bytes + 4, static_cast<uint16_t>(garbage));
  store_le(bytes + 6, static_cast<uint16_t>(irregular));
  if (std::memcmp(page_.data() + 32, bytes, sizeof(bytes)) != 0) mtr_.write(page_, 32, bytes);
}

uint32_t HeapPageWriter::append_rows(std::span<const std::byte> rows,
                                     std::span<const uint32_t> sizes) {
  const HeapPage page = view();
  const uint32_t first = page.slot_count();
  const uint32_t begin = page.rows_begin() - static_cast<uint32_t>(rows.size());
  MORTISE_ASSERT(rows.size() + sizes.size() * kSlotBytes <= page.contiguous_bytes());
  std::vector<std::byte> slots(sizes.size() * kSlotBytes);
  uint32_t offset = begin;
  for (size_t i = 0; i < sizes.size(); ++i) {
    store_le(slots.data() + i * kSlotBytes, static_cast<uint16_t>(offset));
    store_le(slots.data() + i * kSlotBytes + 2, static_cast<uint16_t>(sizes[i]));
    offset += row_space(sizes[i]);
  }
  MORTISE_ASSERT(offset == page.rows_begin());
  mtr_.write(page_, begin, rows);
  mtr_.write(page_, kSlotsOffset + first * kSlotBytes, slots);
  set_counts(first + static_cast<uint32_t>(sizes.size()), begin, page.garbage(), page.irregular());
  return first;
}

void HeapPageWriter::compact(uint32_t without) {
  const HeapPage page = view();
  std::vector<std::byte> rows(page_.size_bytes());
  uint32_t begin = page_.size_bytes();
  for (uint32_t slot = 0; slot < page.slot_count(); ++slot) {
    if (page.is_dead(slot) || slot == without) continue;
    const uint32_t size = page.slot_size(slot);
    begin -= row_space(size);
    std::memcpy(rows.data() + begin, page.bytes().data() + page.slot_offset(slot), size);
    set_slot(slot, begin, size);
  }
  if (begin < page_.size_bytes()) {
    mtr_.write(page_, begin, std::span<const std::byte>(rows).subspan(begin));
  }
  set_counts(page.slot_count(), begin, 0, page.irregular());
}

void HeapPageWriter::make_contiguous() {
  compact(kNoSlot);
}

// Writes the row below the others and names it by `slot`.
void HeapPageWriter::place(uint32_t slot, const StoredRow& row, uint32_t garbage,
                           uint32_t irregular) {
  const uint32_t size = kVersionBytes + static_cast<uint32_t>(row.body.size());
  const uint32_t space = row_space(size);
  std::vector<std::byte> bytes(space);
  store_le(bytes.data(), row.writer.word());
  store_le(bytes.data() + 8, row.undo.word());
  if (!row.body.empty()) {
    std::memcpy(bytes.data() + kVersionBytes, row.body.data(), row.body.size());
  }
  const HeapPage page = view();
  const uint32_t begin = page.rows_begin() - space;
  const uint32_t slots = std::max(page.slot_count(), slot + 1);
  MORTISE_ASSERT(begin >= kSlotsOffset + slots * kSlotBytes);
  mtr_.write(page_, begin, bytes);
  set_slot(slot, begin, size);
  set_counts(slots, begin, garbage, irregular);
}

uint32_t HeapPageWriter::insert_row(const StoredRow& row) {
  HeapPage page = view();
  uint32_t slot = page.slot_count();
  for (uint32_t i = 0; i < page.slot_count(); ++i) {
    if (page.is_dead(i) && page.slot_size(i) == kSlotReusable) {
      slot = i;
      break;
    }
  }
  const uint32_t space = row_space(kVersionBytes + static_cast<uint32_t>(row.body.size()));
  const uint32_t for_slot = slot == page.slot_count() ? kSlotBytes : 0;
  if (page.contiguous_bytes() < space + for_slot) compact(kNoSlot);
  page = view();
  place(slot, row, page.garbage(), page.irregular() + (is_irregular(row.undo) ? 1 : 0));
  return slot;
}

bool HeapPageWriter::can_replace(uint32_t slot, uint32_t body_bytes) const {
  const HeapPage page = view();
  const uint32_t old_space = row_space(page.slot_size(slot));
  return row_space(kVersionBytes + body_bytes) <= page.free_bytes() + old_space;
}

void HeapPageWriter::replace_row(uint32_t slot, const StoredRow& row) {
  MORTISE_ASSERT(can_replace(slot, static_cast<uint32_t>(row.body.size())));
  HeapPage page = view();
  StoredRow old;
  const bool is_there = page.row(slot, old);
  MORTISE_ASSERT(is_there);
  const uint32_t irregular =
      page.irregular() - (is_irregular(old.undo) ? 1u : 0u) + (is_irregular(row.undo) ? 1u : 0u);
  const uint32_t old_space = row_space(page.slot_size(slot));
  const uint32_t size = kVersionBytes + static_cast<uint32_t>(row.body.size());
  const uint32_t space = row_space(size);
  const uint32_t offset = page.slot_offset(slot);
  if (space == old_space) {
    std::byte words[kVersionBytes];
    store_le(words, row.writer.word());
    store_le(words + 8, row.undo.word());
    mtr_.write(page_, offset, words);
    if (size != page.slot_size(slot)) set_slot(slot, offset, size);
    // Only what differs: from the first to the last differing byte.
    const std::byte* at = page_.data() + offset + kVersionBytes;
    size_t first = 0;
    size_t last = row.body.size();
    while (first < last && at[first] == row.body[first]) ++first;
    while (last > first && at[last - 1] == row.body[last - 1]) --last;
    if (first < last) {
      mtr_.write(page_, offset + kVersionBytes + static_cast<uint32_t>(first),
                 row.body.subspan(first, last - first));
    }
    return set_counts(page.slot_count(), page.rows_begin(), page.garbage(), irregular);
  }
  if (page.contiguous_bytes() < space) {
    compact(slot);
    page = view();
    return place(slot, row, page.garbage(), irregular);
  }
  place(slot, row, page.garbage() + old_space, irregular);
}

void HeapPageWriter::set_version(uint32_t slot, txn::Writer writer, txn::UndoPtr undo) {
  const HeapPage page = view();
  StoredRow old;
  const bool is_there = page.row(slot, old);
  MORTISE_ASSERT(is_there);
  std::byte words[kVersionBytes];
  store_le(words, writer.word());
  store_le(words + 8, undo.word());
  mtr_.write(page_, page.slot_offset(slot), words);
  set_counts(
      page.slot_count(), page.rows_begin(), page.garbage(),
      page.irregular() - (is_irregular(old.undo) ? 1u : 0u) + (is_irregular(undo) ? 1u : 0u));
}

void HeapPageWriter::kill_slot(uint32_t slot, uint16_t kind) {
  const HeapPage page = view();
  StoredRow old;
  const bool is_there = page.row(slot, old);
  MORTISE_ASSERT(is_there);
  const uint32_t space = row_space(page.slot_size(slot));
  const bool is_lowest = page.slot_offset(slot) == page.rows_begin();
  const uint32_t irregular = page.irregular() - (is_irregular(old.undo) ? 1u : 0u);
  set_slot(slot, 0, kind);
  set_counts(page.slot_count(), page.rows_begin() + (is_lowest ? space : 0),
             page.garbage() + (is_lowest ? 0 : space), irregular);
}

}  // namespace mortise::heap
