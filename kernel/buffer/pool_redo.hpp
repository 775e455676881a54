// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does recovery change pages without writing a log?
//
// The one other door to Pool's exclusive frames besides Mtr.  The records that are applied are in
// the log already.
//
// Threads: [any, concurrent] on pages of different megabytes; recovery gives each megabyte of a
// space to one thread, so that pages that lie over each other at different times meet in order.

#include <span>

#include "kernel/buffer/pool.hpp"

namespace mortise::buffer {

class PoolRedo {
 public:
  explicit PoolRedo(Pool& pool) : pool_(pool) {}

  // One page, exclusively latched.
  class Page {
   public:
    std::span<std::byte> bytes() const { return bytes_; }
    uint64_t page_seq() const;

   private:
    friend class PoolRedo;
    Frame* frame_ = nullptr;
    std::span<std::byte> bytes_;
  };

  Result<Page> read(PageId page);
  // A page that is made from nothing.  Pages that lie in its place are forgotten first.
  Result<Page> fresh(PageId page, page::SizeClass size_class);
  // Ends the page: it has been changed by the record [lsn, end_lsn), or not at all.
  void changed(Page page, Lsn lsn, Lsn end_lsn);
  void unchanged(Page page);

 private:
  void forget_overlapping(PageId page, page::SizeClass size_class);
  Page wrap(Frame* frame) const;
  Pool& pool_;
};

}  // namespace mortise::buffer
