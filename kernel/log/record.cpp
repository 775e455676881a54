// SPDX-License-Identifier: Apache-2.0
#include "kernel/log/record.hpp"

#include <cstring>
#include <string>

#include "kernel/base/bytes.hpp"
#include "kernel/base/crc32c.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::log {
namespace {

uint32_t load_u24(const std::byte* p) {
  return load_le<uint32_t>(p) & 0xFFFFFFu;
}

Status bad(Lsn lsn, const char* what) {
  return corrupt(std::string("log record makes no sense: ") + what + ", at LSN " +
                 std::to_string(raw(lsn)));
}

// What follows a delta's header.
uint32_t extra_bytes_of(DeltaOp op, uint32_t length) {
  switch (op) {
    case DeltaOp::write:
      return length;
    case DeltaOp::fill:
      return 1;
    case DeltaOp::move:
      return 3;
    case DeltaOp::init:
      return 4;
  }
  return UINT32_MAX;
}

// Do the deltas fill their range exactly, with known ops and pages?
const char* find_delta_fault(std::span<const std::byte> deltas, uint32_t page_count) {
  size_t at = 0;
  while (at < deltas.size()) {
    if (deltas.size() - at < kDeltaHeaderBytes) return "cut delta";
    const std::byte* p = deltas.data() + at;
    const auto op = load_le<uint8_t>(p);
    if (op < 1 || op > 4) return "unknown delta op";
    if (load_le<uint8_t>(p + 1) >= page_count) return "delta for a page that is not in the table";
    const uint32_t length = static_cast<uint32_t>(load_le<uint32_t>(p + 4) >> 8);
    const uint64_t offset = load_u24(p + 2);
    if (offset + length > page::bytes_of(page::SizeClass::mib1)) return "delta range";
    const uint32_t extra = extra_bytes_of(static_cast<DeltaOp>(op), length);
    if (deltas.size() - at - kDeltaHeaderBytes < extra) return "cut delta";
    if (static_cast<DeltaOp>(op) == DeltaOp::init &&
        load_le<uint8_t>(p + kDeltaHeaderBytes) >= page::kSizeClassCount) {
      return "size class";
    }
    at += kDeltaHeaderBytes + extra;
  }
  return nullptr;
}

}  // namespace

void encode_header(std::byte* into, const RecordHeader& header) {
  store_le(into, uint32_t{0});
  store_le(into + 4, uint32_t{0});
  store_le(into + 8, header.txn);
  store_le(into + 16, header.kind);
  store_le(into + 17, header.flags);
  store_le(into + 18, header.page_count);
  store_le(into + 19, uint8_t{0});
  store_le(into + 20, header.payload_bytes);
}

void encode_row_change_header(std::byte* into, const RowChange& change) {
  store_le(into, change.table);
  store_le(into + 4, uint32_t{static_cast<uint8_t>(change.kind)});
  store_le(into + 8, change.row_id);
  store_le(into + 16, static_cast<uint32_t>(change.details.size()));
}

uint32_t close_record_crc(uint32_t crc_of_content, Lsn lsn, uint32_t size_bytes) {
  std::byte place[12];
  store_le(place, lsn);
  store_le(place + 8, size_bytes);
  return crc32c(crc_of_content, place);
}

uint32_t record_crc(std::span<const std::byte> record, Lsn lsn) {
  return close_record_crc(crc32c(0, record.subspan(kRecordSealBytes)), lsn,
                          static_cast<uint32_t>(record.size()));
}

const char* RecordView::build(std::span<const std::byte> record, Lsn lsn, Lsn end_lsn) {
  const std::byte* p = record.data();
  lsn_ = lsn;
  end_lsn_ = end_lsn;
  bytes_ = record;
  header_.txn = load_le<TxnId>(p + 8);
  header_.kind = load_le<RecordKind>(p + 16);
  header_.flags = load_le<uint8_t>(p + 17);
  header_.page_count = load_le<uint8_t>(p + 18);
  header_.payload_bytes = load_le<uint32_t>(p + 20);
  const uint64_t table_bytes = uint64_t{header_.page_count} * kPageTableEntryBytes;
  const std::span<const std::byte> rest = record.subspan(kRecordHeaderBytes);
  if (header_.payload_bytes + table_bytes > rest.size()) return "cut payload";
  payload_ = rest.first(header_.payload_bytes);
  page_table_ = rest.subspan(payload_.size(), table_bytes);
  deltas_ = rest.subspan(payload_.size() + table_bytes);
  if (!has_row_change()) return nullptr;
  if (payload_.size() < kRowChangeHeaderBytes) return "cut row change";
  const std::byte* c = payload_.data();
  row_change_.table = load_le<SegmentId>(c);
  row_change_.kind = load_le<RowChangeKind>(c + 4);
  row_change_.row_id = load_le<uint64_t>(c + 8);
  const uint32_t details = load_le<uint32_t>(c + 16);
  if (payload_.size() - kRowChangeHeaderBytes < details) return "cut row change";
  row_change_.details = payload_.subspan(kRowChangeHeaderBytes, details);
  payload_ = payload_.subspan(kRowChangeHeaderBytes + details);
  return nullptr;
}

Result<RecordView> RecordView::parse(std::span<const std::byte> record, Lsn lsn, Lsn end_lsn) {
  if (record.size() < kRecordHeaderBytes) return bad(lsn, "cut header");
  const std::byte* p = record.data();
  if (load_le<uint32_t>(p) != record.size()) return bad(lsn, "size");
  if (load_le<uint32_t>(p + 4) != record_crc(record, lsn)) return bad(lsn, "checksum");
  RecordView view;
  if (const char* fault = view.build(record, lsn, end_lsn)) return bad(lsn, fault);
  if (const char* fault = find_delta_fault(view.deltas_, view.header_.page_count)) {
    return bad(lsn, fault);
  }
  return view;
}

RecordView RecordView::of_checked(std::span<const std::byte> record, Lsn lsn, Lsn end_lsn) {
  RecordView view;
  const char* fault = view.build(record, lsn, end_lsn);
  MORTISE_ASSERT(fault == nullptr);
  return view;
}

PageId RecordView::page_id(uint32_t page_index) const {
  MORTISE_ASSERT(page_index < header_.page_count);
  return load_le<PageId>(page_table_.data() + page_index * kPageTableEntryBytes);
}

uint64_t RecordView::page_seq_before(uint32_t page_index) const {
  MORTISE_ASSERT(page_index < header_.page_count);
  return load_le<uint64_t>(page_table_.data() + page_index * kPageTableEntryBytes + 8);
}

bool RecordView::next_delta(size_t& position, Delta& delta) const {
  if (position >= deltas_.size()) return false;
  const std::byte* p = deltas_.data() + position;
  const std::byte* extra = p + kDeltaHeaderBytes;
  delta.op = load_le<DeltaOp>(p);
  delta.page_index = load_le<uint8_t>(p + 1);
  delta.offset = load_u24(p + 2);
  delta.length = load_le<uint32_t>(p + 4) >> 8;
  position += kDeltaHeaderBytes;
  switch (delta.op) {
    case DeltaOp::write:
      delta.bytes = {extra, delta.length};
      position += delta.length;
      break;
    case DeltaOp::fill:
      delta.fill = *extra;
      position += 1;
      break;
    case DeltaOp::move:
      delta.source = load_le<uint16_t>(extra) | uint32_t{load_le<uint8_t>(extra + 2)} << 16;
      position += 3;
      break;
    case DeltaOp::init:
      delta.size_class = load_le<page::SizeClass>(extra);
      delta.type = load_le<page::PageType>(extra + 1);
      delta.flags = load_le<uint16_t>(extra + 2);
      position += 4;
      break;
  }
  return true;
}

Status apply_delta(std::span<std::byte> page, PageId id, const Delta& delta) {
  if (delta.op == DeltaOp::init) {
    if (page::bytes_of(delta.size_class) != page.size()) {
      return corrupt("log record is for a page of another size: " + page::name_of(id));
    }
    std::memset(page.data(), 0, page.size());
    const page::PageHeader header{.crc32c = 0,
                                  .size_class = delta.size_class,
                                  .type = delta.type,
                                  .flags = delta.flags,
                                  .page_seq = 0,
                                  .page_id = id,
                                  .max_writer = 0};
    std::memcpy(page.data(), &header, sizeof(header));
    return {};
  }
  if (uint64_t{delta.offset} + delta.length > page.size()) {
    return corrupt("log record reaches behind its page: " + page::name_of(id));
  }
  std::byte* at = page.data() + delta.offset;
  switch (delta.op) {
    case DeltaOp::write:
      std::memcpy(at, delta.bytes.data(), delta.length);
      break;
    case DeltaOp::fill:
      std::memset(at, static_cast<int>(delta.fill), delta.length);
      break;
    case DeltaOp::move:
      if (uint64_t{delta.source} + delta.length > page.size()) {
        return corrupt("log record reaches behind its page: " + page::name_of(id));
      }
      std::memmove(at, page.data() + delta.source, delta.length);
      break;
    case DeltaOp::init:
      MORTISE_UNREACHABLE();
  }
  return {};
}

}  // namespace mortise::log
