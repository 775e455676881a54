// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which body of this row does the view see?
//
// Begins at the head version and walks the undo chain, patching the body back, until the view sees
// a version or the row did not exist yet.
//
// Invariants
//   W1  Every record on the way names the row it is followed for; else `corrupt`.
//   W2  What is older than the horizon is never reached: a version that every view sees ends the
//   walk.
//
// Threads: one at a time; the row's page is latched (shared) during the call.

#include <span>
#include <vector>

#include "kernel/heap/heap_page.hpp"
#include "kernel/heap/version_cache.hpp"
#include "kernel/txn/visibility.hpp"

namespace mortise::heap {

// Where the row stands, for W1.
struct RowPlace {
  PageId page;
  uint32_t slot;
  SegmentId segment{};  // find_version wants it
};

// Does the record belong to the row?
bool names_row(const txn::UndoRecord& record, const RowPlace& place);
// The patch of an update record, put together if it stands in fragments.  `hold` owns the bytes.
Result<std::span<const std::byte>> patch_of(const txn::UndoLog& undo, const txn::UndoCopy& copy,
                                            std::vector<std::byte>& hold);
// The strength of an update or lock record.
uint8_t strength_of(const txn::UndoRecord& record);

// `head.body` is the row's body, also of a moved row.  False: the view sees no row.  `body` points
// into `head.body` or into `scratch`.
Result<bool> find_version(txn::TxnManager& txns, txn::Visibility& visibility, VersionCache& known,
                          const StoredRow& head, const RowPlace& place,
                          std::vector<std::byte>& scratch, std::span<const std::byte>& body);

// Copies the body of a moved row while its home is latched.
Status read_remote(recovery::Storage& storage, SpaceId space, page::SizeClass size_class,
                   RowId home, const StoredRow& stub, std::vector<std::byte>& body);

}  // namespace mortise::heap
