// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: does this view see a version with these words?
//
// The whole rule of iface/txn.h, X1, for one view.  Keeps the last answer, because rows that stand
// together were mostly written together.
//
// Invariants
//   Y1  The view's snapshot was taken before the row was read; so a commit that the view must see
//       is found as committed (txn_map.hpp, T1).
//
// Threads: one at a time.

#include "kernel/txn/txn_manager.hpp"

namespace mortise::txn {

class Visibility {
 public:
  Visibility(TxnManager& txns, const mortise_read_view_t& view)
      : txns_(txns),
        view_(view),
        is_latest_((view.flags & MORTISE_READ_LATEST) != 0),
        settled_(txns.settled()) {}

  const mortise_read_view_t& view() const { return view_; }
  bool is_latest() const { return is_latest_; }
  // A page whose youngest writer is older than this shows its head versions.
  TxnId settled() const {
    return is_latest_ || view_.snapshot >= raw(settled_.scn) ? settled_.txn : kNoTxn;
  }

  Result<bool> sees(Writer writer, UndoPtr undo) {
    if (!writer.is_txn()) return is_latest_ || raw(writer.scn()) <= view_.snapshot;
    if (writer.word() == known_writer_) return known_answer_;
    if (raw(writer.txn()) == view_.txid) return sees_own(undo);
    const TxnOutcome outcome = txns_.map().find(writer.txn());
    if (outcome.state != TxnState::committed) return false;
    const bool answer = is_latest_ || raw(outcome.scn) <= view_.snapshot;
    known_writer_ = writer.word();
    known_answer_ = answer;
    if (is_latest_ && outcome.scn > newest_seen_) newest_seen_ = outcome.scn;
    return answer;
  }
  // The newest commit that a view of the latest has seen: the reader depends on it.
  Scn newest_seen() const { return newest_seen_; }

 private:
  Result<bool> sees_own(UndoPtr undo) {
    if (is_latest_) return true;
    if (undo.place() != known_own_) {
      MORTISE_TRY_ASSIGN(known_command_, txns_.undo().command_of(undo));
      known_own_ = undo.place();
    }
    return known_command_ < view_.command;
  }

  TxnManager& txns_;
  const mortise_read_view_t view_;
  const bool is_latest_;
  const TxnMap::Settled settled_;
  uint64_t known_writer_ = 0;
  bool known_answer_ = false;
  UndoPtr known_own_;
  uint32_t known_command_ = 0;
  Scn newest_seen_{};
};

}  // namespace mortise::txn
