// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where does a value stand that is too large for its row?
//
// In a chain of pages of the table's segment, of 8 KiB to 64 KiB, never of the class that the
// table's row pages have.  Page: the header, then value_id u64, next page id u64, bytes u32, 4
// bytes 0, data.
//
// A value is written once, before the row that refers to it, and never changed.  Its first step
// writes an undo record (large_create), so that a rollback finds the chain even if it was not
// finished.
//
// Invariants
//   L1  All pages of a chain carry its value_id; one that does not ends the chain (it was freed).
//   L2  Freeing goes page by page behind the head, the head last; each step leaves a shorter chain.
//
// Threads: [any, concurrent] on different values.

#include <cstddef>
#include <span>
#include <vector>

#include "kernel/heap/row_layout.hpp"
#include "kernel/txn/txn_manager.hpp"
#include "kernel/txn/txn_step.hpp"

namespace mortise::heap {

inline constexpr uint64_t kLargeBytesMax = uint64_t{1} << 30;

// Writes the value in steps of `txn`.  `limit` 54000 past kLargeBytesMax.
Result<LargeRef> write_large(txn::Transaction& txn, SegmentId segment, page::SizeClass row_class,
                             std::span<const std::byte> value);
// Reads it into `into`, which holds ref.size_bytes.
Status read_large(recovery::Storage& storage, const LargeRef& ref, std::span<std::byte> into);
// One step of freeing (L2).  `more`: commit and call again.
Result<txn::Progress> free_large_step(recovery::Storage& storage, log::Mtr& mtr, SegmentId segment,
                                      PageId head, uint64_t value_id);

}  // namespace mortise::heap
