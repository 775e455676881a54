// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: who lets go of a fixed page, or ends a mini-transaction, when a function returns early?
//
// Threads: one thread.

#include <utility>

#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/iface/page.h"
#include "node.hpp"

namespace mortise::index_btree {

// A page fixed outside of an mtr.
class Guard {
 public:
  Guard() = default;
  Guard(Guard&& other) noexcept
      : pages_(std::exchange(other.pages_, nullptr)), page_(other.page_) {}
  Guard& operator=(Guard&& other) noexcept {
    if (this != &other) {
      release();
      pages_ = std::exchange(other.pages_, nullptr);
      page_ = other.page_;
    }
    return *this;
  }
  ~Guard() { release(); }

  static Result<Guard> shared(const mortise_iface_page_t& pages, mortise_page_id_t id,
                              uint32_t hint) {
    Guard guard;
    ErrorSlot error;
    MORTISE_TRY(error.status(pages.fix(id, MORTISE_LATCH_SHARED, hint, &guard.page_, error.get())));
    guard.pages_ = &pages;
    return guard;
  }

  void release() {
    if (pages_ != nullptr) std::exchange(pages_, nullptr)->unfix(&page_);
  }
  Node node() const { return {page_.data, page_.size_bytes}; }
  const mortise_page_t& page() const { return page_; }

 private:
  const mortise_iface_page_t* pages_ = nullptr;
  mortise_page_t page_{};
};

// A mini-transaction; cancelled unless committed.
class Mtr {
 public:
  Mtr(Mtr&& other) noexcept : pages_(other.pages_), mtr_(std::exchange(other.mtr_, nullptr)) {}
  Mtr& operator=(Mtr&&) = delete;
  ~Mtr() {
    if (mtr_ != nullptr) pages_->mtr_cancel(mtr_);
  }

  static Result<Mtr> begin(const mortise_iface_page_t& pages, mortise_txn_t* txn) {
    ErrorSlot error;
    mortise_mtr_t* mtr = nullptr;
    MORTISE_TRY(error.status(pages.mtr_begin(txn, &mtr, error.get())));
    return Mtr(pages, mtr);
  }
  Result<mortise_page_t> fix(mortise_page_id_t id) {
    ErrorSlot error;
    mortise_page_t page{};
    MORTISE_TRY(error.status(pages_->mtr_fix(mtr_, id, &page, error.get())));
    return page;
  }
  Result<mortise_page_t> allocate(mortise_segment_id_t segment, uint32_t size_class, uint8_t type) {
    ErrorSlot error;
    mortise_page_t page{};
    MORTISE_TRY(
        error.status(pages_->mtr_allocate(mtr_, segment, size_class, type, &page, error.get())));
    return page;
  }
  Status commit() {
    ErrorSlot error;
    return error.status(pages_->mtr_commit(std::exchange(mtr_, nullptr), error.get()));
  }
  mortise_mtr_t* get() { return mtr_; }

 private:
  Mtr(const mortise_iface_page_t& pages, mortise_mtr_t* mtr) : pages_(&pages), mtr_(mtr) {}

  const mortise_iface_page_t* pages_;
  mortise_mtr_t* mtr_;
};

}  // namespace mortise::index_btree
