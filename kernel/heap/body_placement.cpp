// SPDX-License-Identifier: Apache-2.0

// A body in its home slot, in another page, or on the way between the two.

#include "kernel/heap/row_change.hpp"

namespace mortise::heap {

Status BodyPlacement::open() {
  const HeapPage page(home_.bytes());
  if (!page.row(slot_, row_)) return corrupt("row is gone under its latch");
  is_moved_ = row_.undo.has(txn::kVersionMoved);
  if (!is_moved_) return {};
  if (row_.body.size() < sizeof(uint64_t)) return corrupt("moved row has no address");
  remote_id_ = RowId{load_le<uint64_t>(row_.body.data())};
  MORTISE_TRY_ASSIGN(remote_, mtr_.try_exclusive(remote_id_.page(state_.space),
                                                 {.size_class = state_.page_class}));
  const HeapPage remote(remote_.bytes());
  if (!remote.belongs_to(state_.segment) || !remote.row(remote_id_.slot(), remote_row_) ||
      remote_row_.writer.word() != home_id().word) {
    return corrupt("moved row has lost its body: " + page::name_of(home_.id()) + " slot " +
                   std::to_string(slot_));
  }
  return {};
}

txn::UndoPtr BodyPlacement::home_undo(txn::UndoPtr undo, bool moved) const {
  const uint8_t flags = undo.flags() & (txn::kVersionDeleted | txn::kVersionLockOnly);
  return undo.with(static_cast<uint8_t>(flags | (moved ? txn::kVersionMoved : 0)));
}

Status BodyPlacement::find_new_page(uint32_t bytes_needed) {
  // Pages with room that somebody noticed; only tried for, since the home page is held.
  for (int tries = 0; tries < 4; ++tries) {
    const PageId roomy = state_.take_roomy();
    if (roomy == kNoPage) break;
    if (mtr_.holds(roomy)) continue;
    Result<log::PageX> page = mtr_.try_exclusive(roomy, {.size_class = state_.page_class});
    if (!page) {
      if (page.error().code() != Code::busy) return std::move(page.error());
      continue;
    }
    const HeapPage view(page->bytes());
    if (view.belongs_to(state_.segment) && view.free_bytes() >= bytes_needed) {
      new_page_ = *page;
      mtr_.after_commit([this_state = &state_, roomy] { this_state->note_room(roomy); });
      return {};
    }
    mtr_.release_unchanged(*page);
  }
  MORTISE_TRY_ASSIGN(new_page_, heap_.storage().spaces().allocate_page(
                                    mtr_, state_.segment, state_.page_class, page::PageType::heap));
  HeapPageWriter(mtr_, new_page_).format(state_.segment);
  mtr_.after_commit([this_state = &state_, id = new_page_.id()] { this_state->note_room(id); });
  return {};
}

Status BodyPlacement::plan(uint32_t body_bytes) {
  HeapPageWriter home(mtr_, home_);
  if (is_moved_) {
    HeapPageWriter remote(mtr_, remote_);
    if (remote.can_replace(remote_id_.slot(), body_bytes)) {
      where_ = Where::remote;
      return {};
    }
  }
  if (home.can_replace(slot_, body_bytes)) {
    where_ = Where::home;
    return {};
  }
  where_ = Where::new_page;
  return find_new_page(row_space(kVersionBytes + body_bytes) + kSlotBytes);
}

void BodyPlacement::store(txn::Writer writer, txn::UndoPtr undo, std::span<const std::byte> body) {
  HeapPageWriter home(mtr_, home_);
  const txn::Writer home_word(home_id().word);
  switch (where_) {
    case Where::remote:
      HeapPageWriter(mtr_, remote_)
          .replace_row(remote_id_.slot(), {home_word, undo.with(txn::kVersionRemoteBody), body});
      home.set_version(slot_, writer, home_undo(undo, true));
      return;
    case Where::home:
      if (is_moved_) HeapPageWriter(mtr_, remote_).kill_slot(remote_id_.slot(), kSlotReusable);
      home.replace_row(slot_, {writer, home_undo(undo, false), body});
      return;
    case Where::new_page: {
      if (is_moved_) HeapPageWriter(mtr_, remote_).kill_slot(remote_id_.slot(), kSlotReusable);
      const uint32_t slot = HeapPageWriter(mtr_, new_page_)
                                .insert_row({home_word, undo.with(txn::kVersionRemoteBody), body});
      std::byte address[sizeof(uint64_t)];
      store_le(address, RowId::make(new_page_.id(), slot).word);
      home.replace_row(slot_, {writer, home_undo(undo, true), address});
      return;
    }
  }
}

void BodyPlacement::set_version(txn::Writer writer, txn::UndoPtr undo) {
  HeapPageWriter(mtr_, home_).set_version(slot_, writer, home_undo(undo, is_moved_));
  if (is_moved_) {
    HeapPageWriter(mtr_, remote_)
        .set_version(remote_id_.slot(), txn::Writer(home_id().word),
                     undo.with(txn::kVersionRemoteBody));
  }
}

void BodyPlacement::kill() {
  if (is_moved_) HeapPageWriter(mtr_, remote_).kill_slot(remote_id_.slot(), kSlotReusable);
  HeapPageWriter(mtr_, home_).kill_slot(slot_, kSlotRetired);
}

}  // namespace mortise::heap
