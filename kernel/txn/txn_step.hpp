// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a transaction change pages so that the change can be taken back?
//
//   TxnStep step(txn);
//   MORTISE_TRY_ASSIGN(PageX page, step.mtr().exclusive(id));
//   MORTISE_TRY(step.reserve(details_bytes));
//   const UndoPtr at = step.append({.kind = UndoKind::update, ...});
//   step.mtr().write(page, ...);
//   step.commit();
//
// One mini-transaction with its undo: both are one log record, whose payload names the
// transaction's newest undo record.  A step that is destroyed without commit has changed nothing.
//
// Invariants
//   S1  The payload of a record with a transaction's id is that transaction's undo head after it;
//       so the last record says where rollback begins, also in the middle of a rollback.
//
// Threads: that of the transaction.

#include "kernel/log/mtr.hpp"
#include "kernel/txn/transaction.hpp"

namespace mortise::txn {

class TxnStep {
 public:
  // Precondition: TxnManager::start_writing(txn) has succeeded.
  explicit TxnStep(Transaction& txn);

  log::Mtr& mtr() { return mtr_; }
  Transaction& txn() { return txn_; }

  // Room for one record with details of that size.  After all data pages have been latched.
  Status reserve(size_t details_bytes);
  // Fills in txn, command and previous.  Precondition: reserve().
  UndoPtr append(UndoRecord record);
  // Details that do not fit a page: writes them as fragments and gives the short details for the
  // record, with room for it reserved.  `head_word` comes first in both forms.
  Result<bool> reserve_or_fragment(uint64_t head_word, std::span<const std::byte> details,
                                   std::vector<std::byte>& stored);
  void commit();

 private:
  Transaction& txn_;
  log::Mtr mtr_;
  UndoAppend undo_;
  UndoPtr head_;
};

}  // namespace mortise::txn
