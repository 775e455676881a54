// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/version.hpp"

#include "kernel/heap/row_patch.hpp"

namespace mortise::heap {

bool names_row(const txn::UndoRecord& record, const RowPlace& place) {
  if (record.page != place.page) return false;
  if (record.kind == txn::UndoKind::insert) {
    return place.slot >= record.slot && place.slot < uint32_t{record.slot} + record.count;
  }
  return record.slot == place.slot;
}

uint8_t strength_of(const txn::UndoRecord& record) {
  return record.details.empty() ? uint8_t{MORTISE_ROW_LOCK_UPDATE}
                                : load_le<uint8_t>(record.details.data());
}

Result<std::span<const std::byte>> patch_of(const txn::UndoLog& undo, const txn::UndoCopy& copy,
                                            std::vector<std::byte>& hold) {
  const std::span<const std::byte> details = copy.record.details;
  if (details.size() < 8) return corrupt("update record has no patch");
  if (!copy.record.has(txn::kUndoFragmented)) return details.subspan(8);
  if (details.size() < 24) return corrupt("update record has no fragments");
  MORTISE_TRY_ASSIGN(hold, undo.join(txn::UndoPtr(load_le<uint64_t>(details.data() + 8)),
                                     load_le<uint64_t>(details.data() + 16)));
  return std::span<const std::byte>(hold);
}

Result<bool> find_version(txn::TxnManager& txns, txn::Visibility& visibility, const StoredRow& head,
                          const RowPlace& place, std::vector<std::byte>& scratch,
                          std::span<const std::byte>& body) {
  body = head.body;
  txn::Writer writer = head.writer;
  txn::UndoPtr undo = head.undo;
  std::vector<std::byte> older;
  std::vector<std::byte> joined;
  for (bool is_head = true;; is_head = false) {
    // In the chain another transaction's id marks a version that it replaced itself: as unseen as
    // the one that led here, even if its outcome has been forgotten since.
    const bool is_known_unseen =
        !is_head && writer.is_txn() && raw(writer.txn()) != visibility.view().txid;
    if (!is_known_unseen) {
      MORTISE_TRY_ASSIGN(const bool seen, visibility.sees(writer, undo));
      if (seen) return !undo.has(txn::kVersionDeleted);
    }
    if (undo.is_null()) return false;
    MORTISE_TRY_ASSIGN(const txn::UndoCopy copy, txns.undo().read(undo));
    if (!names_row(copy.record, place)) {
      return corrupt("undo record names another row: " + page::name_of(place.page) + " slot " +
                     std::to_string(place.slot));
    }
    if (copy.record.kind == txn::UndoKind::insert) return false;
    if (copy.record.kind == txn::UndoKind::update) {
      MORTISE_TRY_ASSIGN(const std::span<const std::byte> patch,
                         patch_of(txns.undo(), copy, joined));
      MORTISE_TRY(apply_patch(body, patch, older));
      scratch.swap(older);
      body = scratch;
    }
    writer = copy.record.old_writer;
    undo = copy.record.old_undo;
  }
}

Status read_remote(recovery::Storage& storage, SpaceId space, page::SizeClass size_class,
                   RowId home, const StoredRow& stub, std::vector<std::byte>& body) {
  if (stub.body.size() < sizeof(uint64_t)) return corrupt("moved row has no address");
  const RowId remote{load_le<uint64_t>(stub.body.data())};
  const uint64_t words[2] = {home.word, stub.undo.with(txn::kVersionRemoteBody).word()};
  return storage.pool().read(
      remote.page(space),
      [&](std::span<const std::byte> bytes) {
        // May be in the middle of a change: every number is checked before it is used.
        const HeapPage page(bytes);
        if (page::read_header(bytes.data()).type != page::PageType::heap) return false;
        if (page.slots_end() > bytes.size() || remote.slot() >= page.slot_count()) return false;
        const uint32_t offset = page.slot_offset(remote.slot());
        const uint32_t size = page.slot_size(remote.slot());
        if (offset < kSlotsOffset || size < kVersionBytes || offset + size > bytes.size()) {
          return false;
        }
        if (load_le<uint64_t>(bytes.data() + offset) != words[0] ||
            load_le<uint64_t>(bytes.data() + offset + 8) != words[1]) {
          return false;
        }
        const auto row = bytes.subspan(offset, size).subspan(kVersionBytes);
        body.assign(row.begin(), row.end());
        return true;
      },
      {.size_class = size_class});
}

}  // namespace mortise::heap
