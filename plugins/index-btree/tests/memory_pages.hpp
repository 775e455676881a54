// SPDX-License-Identifier: Apache-2.0
#pragma once

// A page service in memory for tests of one thread: pages are byte arrays, an mtr remembers what it
// has fixed and allocated.  It checks the rules that a kernel would enforce: ranges lie inside the
// page and behind its header, nothing is cancelled after a change, every guard is given back.

#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/iface/page.h"

namespace mortise::index_btree {

class MemoryPages {
 public:
  MemoryPages() {
    MORTISE_ASSERT(current_ == nullptr);
    current_ = this;
    table_.header = {sizeof table_, 1, 0, 0};
    table_.segment_create = [](mortise_txn_t*, mortise_object_id_t, uint8_t,
                               mortise_segment_id_t* segment, mortise_page_id_t* anchor,
                               mortise_error_t*) -> mortise_status_t {
      *segment = 1;
      *anchor = current_->add(0);
      current_->anchor_ = *anchor;
      return MORTISE_OK;
    };
    table_.segment_info = [](mortise_segment_id_t, mortise_page_id_t* anchor, uint64_t* count,
                             mortise_error_t*) -> mortise_status_t {
      *anchor = current_->anchor_;
      *count = current_->pages_.size();
      return MORTISE_OK;
    };
    table_.fix = [](mortise_page_id_t id, uint32_t latch, uint32_t, mortise_page_t* page,
                    mortise_error_t*) -> mortise_status_t {
      *page = current_->page(id, latch);
      ++current_->fixed_;
      return MORTISE_OK;
    };
    table_.validate = [](const mortise_page_t*) -> uint32_t { return 1; };
    table_.unfix = [](mortise_page_t*) { --current_->fixed_; };
    table_.mtr_begin = [](mortise_txn_t*, mortise_mtr_t** mtr,
                          mortise_error_t*) -> mortise_status_t {
      MORTISE_ASSERT(!current_->in_mtr_);
      current_->in_mtr_ = true;
      current_->has_changed_ = false;
      *mtr = reinterpret_cast<mortise_mtr_t*>(current_);
      return MORTISE_OK;
    };
    table_.mtr_fix = [](mortise_mtr_t*, mortise_page_id_t id, mortise_page_t* page,
                        mortise_error_t* error) -> mortise_status_t {
      if (current_->must_fail()) return report(io_failure("planned failure"), error);
      MORTISE_ASSERT(!current_->has_changed_);
      *page = current_->page(id, MORTISE_LATCH_EXCLUSIVE);
      return MORTISE_OK;
    };
    table_.mtr_allocate = [](mortise_mtr_t*, mortise_segment_id_t, uint32_t size_class, uint8_t,
                             mortise_page_t* page, mortise_error_t* error) -> mortise_status_t {
      if (current_->must_fail()) return report(io_failure("planned failure"), error);
      MORTISE_ASSERT(!current_->has_changed_);
      *page = current_->page(current_->add(size_class), MORTISE_LATCH_EXCLUSIVE);
      return MORTISE_OK;
    };
    table_.mtr_write = [](mortise_mtr_t*, mortise_page_t* page, uint32_t offset, const void* bytes,
                          uint32_t size) {
      current_->check(*page, offset, size);
      std::memcpy(page->data + offset, bytes, size);
    };
    table_.mtr_move = [](mortise_mtr_t*, mortise_page_t* page, uint32_t to, uint32_t from,
                         uint32_t size) {
      current_->check(*page, to, size);
      current_->check(*page, from, size);
      std::memmove(page->data + to, page->data + from, size);
    };
    table_.mtr_commit = [](mortise_mtr_t*, mortise_error_t*) -> mortise_status_t {
      current_->in_mtr_ = false;
      return MORTISE_OK;
    };
    table_.mtr_cancel = [](mortise_mtr_t*) {
      MORTISE_ASSERT(!current_->has_changed_);
      current_->in_mtr_ = false;
    };
  }
  ~MemoryPages() {
    MORTISE_ASSERT(fixed_ == 0);
    MORTISE_ASSERT(!in_mtr_);
    current_ = nullptr;
  }

  const mortise_iface_page_t& table() const { return table_; }
  // The n-th next mtr_fix or mtr_allocate fails (0 = none).
  void fail_after(uint64_t n) { fail_after_ = n; }

 private:
  mortise_page_id_t add(uint32_t size_class) {
    const mortise_page_id_t id = (mortise_page_id_t{1} << 48) + next_++;
    pages_[id].resize(size_t{MORTISE_PAGE_UNIT_BYTES} << size_class);
    return id;
  }
  mortise_page_t page(mortise_page_id_t id, uint32_t latch) {
    auto& bytes = pages_.at(id);
    return {bytes.data(), id, 0, nullptr, static_cast<uint32_t>(bytes.size()), latch};
  }
  void check(const mortise_page_t& page, uint32_t offset, uint32_t size) {
    MORTISE_ASSERT(in_mtr_);
    MORTISE_ASSERT(page.latch == MORTISE_LATCH_EXCLUSIVE);
    MORTISE_ASSERT(offset >= MORTISE_PAGE_HEADER_BYTES);
    MORTISE_ASSERT(offset + uint64_t{size} <= page.size_bytes);
    has_changed_ = true;
  }
  bool must_fail() { return fail_after_ > 0 && --fail_after_ == 0; }

  static inline MemoryPages* current_ = nullptr;
  mortise_iface_page_t table_{};
  std::map<mortise_page_id_t, std::vector<uint8_t>> pages_;
  mortise_page_id_t anchor_ = 0;
  uint64_t next_ = 1;
  int64_t fixed_ = 0;
  bool in_mtr_ = false;
  bool has_changed_ = false;
  uint64_t fail_after_ = 0;
};

}  // namespace mortise::index_btree
