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

namespace {

// Chains are short as a rule: only those who have gone some way ask what is known, and only long
// ways are worth remembering.
constexpr uint32_t kStepsBeforeLook = 8;
constexpr uint32_t kStepsLong = 32;
constexpr uint32_t kStepsBetween = 512;  // of versions that are left on the way

}  // namespace

Result<bool> find_version(txn::TxnManager& txns, txn::Visibility& visibility, VersionCache& known,
                          const StoredRow& head, const RowPlace& place,
                          std::vector<std::byte>& scratch, std::span<const std::byte>& body) {
  body = head.body;
  txn::Writer writer = head.writer;
  txn::UndoPtr undo = head.undo;
  std::vector<std::byte> older;
  std::vector<std::byte> joined;
  const VersionCache::Row row{place.segment, place.page, place.slot};
  const Scn snapshot{visibility.view().snapshot};
  // The SCN of the version after the one that is looked at: at least the one after the snapshot.
  Scn until{raw(snapshot) + 1};
  bool has_looked = visibility.is_latest();
  const auto remember = [&] { known.add(row, {writer, undo, until, {body.begin(), body.end()}}); };
  for (uint32_t steps = 0;; ++steps) {
    // In the chain another transaction's id marks a version that it replaced itself: as unseen as
    // the one that led here, even if its outcome has been forgotten since.
    const bool is_known_unseen =
        steps != 0 && writer.is_txn() && raw(writer.txn()) != visibility.view().txid;
    if (!is_known_unseen) {
      MORTISE_TRY_ASSIGN(const bool seen, visibility.sees(writer, undo));
      if (seen) {
        if (steps >= kStepsLong && !writer.is_txn()) remember();
        return !undo.has(txn::kVersionDeleted);
      }
    }
    if (!writer.is_txn()) {
      if (steps != 0 && steps % kStepsBetween == 0 && !visibility.is_latest()) remember();
      until = writer.scn();
      KnownVersion version;
      if (steps >= kStepsBeforeLook && !has_looked) {
        has_looked = true;  // the view's own versions are behind us
        if (known.find(row, snapshot, version) && version.writer.scn() < until) {
          writer = version.writer;
          undo = version.undo;
          scratch = std::move(version.body);
          body = scratch;
          until = version.until;
          steps = 0;
          continue;
        }
      }
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
