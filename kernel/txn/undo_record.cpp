// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/undo_record.hpp"

#include <cstring>
#include <string>

#include "kernel/base/bytes.hpp"

namespace mortise::txn {

void encode_undo(const UndoRecord& record, std::span<std::byte> into) {
  const uint32_t size = undo_record_bytes(record.details.size());
  MORTISE_ASSERT(into.size() == size);
  MORTISE_ASSERT(size <= kUndoRecordBytesMax);
  std::byte* at = into.data();
  store_le(at, static_cast<uint16_t>(size));
  store_le(at + 2, record.kind);
  store_le(at + 3, record.marks);
  store_le(at + 4, record.command);
  store_le(at + 8, record.txn);
  store_le(at + 16, record.previous.word());
  store_le(at + 24, record.page);
  store_le(at + 32, record.slot);
  store_le(at + 34, record.count);
  store_le(at + 36, record.segment);
  store_le(at + 40, record.old_writer.word());
  store_le(at + 48, record.old_undo.word());
  if (!record.details.empty()) {
    std::memcpy(at + kUndoHeaderBytes, record.details.data(), record.details.size());
  }
  const uint32_t end = kUndoHeaderBytes + static_cast<uint32_t>(record.details.size());
  std::memset(at + end, 0, size - end);
}

Result<UndoRecord> parse_undo(std::span<const std::byte> page, uint32_t offset) {
  if (offset < kUndoPageFirst || offset + kUndoHeaderBytes > page.size()) {
    return corrupt("undo record is outside its page: offset " + std::to_string(offset));
  }
  const std::byte* at = page.data() + offset;
  const uint32_t size = load_le<uint16_t>(at);
  if (size < kUndoHeaderBytes || size % 8 != 0 || offset + size > page.size()) {
    return corrupt("undo record has a wrong size: offset " + std::to_string(offset) + ", size " +
                   std::to_string(size));
  }
  const uint8_t kind = load_le<uint8_t>(at + 2);
  if (kind < 1 || kind > static_cast<uint8_t>(UndoKind::large_drop)) {
    return corrupt("undo record has an unknown kind: " + std::to_string(kind));
  }
  UndoRecord record;
  record.kind = static_cast<UndoKind>(kind);
  record.marks = load_le<uint8_t>(at + 3);
  record.command = load_le<uint32_t>(at + 4);
  record.txn = load_le<TxnId>(at + 8);
  record.previous = UndoPtr(load_le<uint64_t>(at + 16));
  record.page = load_le<PageId>(at + 24);
  record.slot = load_le<uint16_t>(at + 32);
  record.count = load_le<uint16_t>(at + 34);
  record.segment = load_le<SegmentId>(at + 36);
  record.old_writer = Writer(load_le<uint64_t>(at + 40));
  record.old_undo = UndoPtr(load_le<uint64_t>(at + 48));
  record.details = {at + kUndoHeaderBytes, size - kUndoHeaderBytes};
  return record;
}

}  // namespace mortise::txn
