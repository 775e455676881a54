// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do the changes in the log get into pages that missed them?
//
// Records arrive in log order and are handed in batches to workers; each worker applies the parts
// that fall into its megabytes of page numbers.  Within a page, and among pages that lay in the
// same place one after the other, order is log order; across pages there is none and none is
// needed.
//
// Invariants
//   Y1  A change is applied to exactly the state it was made on: page_seq equals the one before it.
//       A newer page has the change already; an older one has lost a write.
//   Y2  A page made anew (init) is not read: every later change of it is in the log behind.
//   Y3  A page that cannot be read or has lost a write is doubtful until something makes it anew.
//       One that is left at the end is an error only if it is allocated then: the dirty frames of
//       pages that were given back are forgotten, so such pages may well be old.
//
// Threads: add and finish belong to the caller's thread.

#include <cstdint>
#include <memory>
#include <vector>

#include "kernel/buffer/pool.hpp"
#include "kernel/log/record.hpp"

namespace mortise::recovery {

struct DoubtfulPage {
  PageId id;
  Status why;
};

struct RedoCounts {
  uint64_t pages = 0;
  uint64_t deltas = 0;
  uint64_t skipped = 0;
  std::vector<DoubtfulPage> doubtful;
};

class Redo {
 public:
  static Result<std::unique_ptr<Redo>> create(buffer::Pool& pool, page::SpaceFiles& files,
                                              uint32_t thread_count);
  ~Redo();

  // Takes a copy.  May answer the failure of an earlier record.
  Status add(const log::RecordView& record);
  // Waits for all; the first failure.
  Result<RedoCounts> finish();

 private:
  struct State;
  explicit Redo(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mortise::recovery
