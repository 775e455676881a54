// SPDX-License-Identifier: Apache-2.0
#include "kernel/txn/txn_step.hpp"

#include <algorithm>
#include <cstring>

#include "kernel/base/bytes.hpp"
#include "kernel/txn/txn_manager.hpp"

namespace mortise::txn {

TxnStep::TxnStep(Transaction& txn)
    : txn_(txn),
      mtr_(txn.manager().storage().mtr_context(), txn.id()),
      undo_(txn.manager().undo(), *txn.lane_),
      head_(txn.undo_head_) {
  MORTISE_ASSERT(raw(txn.id()) != 0);
}

Status TxnStep::reserve(size_t details_bytes) {
  return undo_.reserve(mtr_, undo_record_bytes(details_bytes));
}

UndoPtr TxnStep::append(UndoRecord record) {
  record.txn = txn_.id();
  record.command = txn_.command();
  record.previous = head_;
  head_ = undo_.append(mtr_, record);
  return head_;
}

Result<bool> TxnStep::reserve_or_fragment(uint64_t head_word, std::span<const std::byte> details,
                                          std::vector<std::byte>& stored) {
  stored.resize(sizeof(head_word));
  store_le(stored.data(), head_word);
  if (sizeof(head_word) + details.size() <= kUndoDetailsMax) {
    stored.insert(stored.end(), details.begin(), details.end());
    MORTISE_TRY(reserve(stored.size()));
    return false;
  }
  // Backwards, so that every fragment can name the one behind it.
  UndoPtr next;
  for (size_t end = details.size(); end != 0;) {
    const size_t begin = (end - 1) / kUndoDetailsMax * kUndoDetailsMax;
    MORTISE_TRY(reserve(end - begin));
    UndoRecord fragment;
    fragment.kind = UndoKind::fragment;
    fragment.txn = txn_.id();
    fragment.command = txn_.command();
    fragment.old_undo = next;
    fragment.details = details.subspan(begin, end - begin);
    next = undo_.append(mtr_, fragment);
    end = begin;
  }
  stored.resize(24);
  store_le(stored.data() + 8, next.word());
  store_le(stored.data() + 16, uint64_t{details.size()});
  MORTISE_TRY(reserve(stored.size()));
  return true;
}

void TxnStep::commit() {
  std::byte payload[8];
  {
    // A checkpoint sees the record and the head, or neither (transaction.hpp, X1).
    platform::Lock lock(txn_.mutex_);
    store_le(payload, head_.word());
    mtr_.commit({.kind = log::RecordKind::page_changes, .flags = 0, .payload = payload});
    txn_.undo_head_ = head_;
  }
  undo_.keep();
  txn_.undo_bytes_ += undo_.appended_bytes();
  txn_.has_log_ = true;
}

}  // namespace mortise::txn
