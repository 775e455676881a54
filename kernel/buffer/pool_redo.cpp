// SPDX-License-Identifier: Apache-2.0
#include "kernel/buffer/pool_redo.hpp"

#include "kernel/base/bytes.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {

uint64_t PoolRedo::Page::page_seq() const {
  return page::read_header(bytes_.data()).page_seq;
}

PoolRedo::Page PoolRedo::wrap(Frame* frame) const {
  Page page;
  page.frame_ = frame;
  page.bytes_ = {pool_.data_of(frame),
                 page::kUnitBytes << frame->size_class.load(std::memory_order_relaxed)};
  return page;
}

Result<PoolRedo::Page> PoolRedo::read(PageId page) {
  MORTISE_TRY_ASSIGN(Frame * frame, pool_.exclusive(page, {}, Pool::Wait::yes));
  return wrap(frame);
}

Result<PoolRedo::Page> PoolRedo::fresh(PageId page, page::SizeClass size_class) {
  forget_overlapping(page, size_class);
  MORTISE_TRY_ASSIGN(Frame * frame, pool_.fresh(page, size_class));
  return wrap(frame);
}

void PoolRedo::forget_overlapping(PageId page, page::SizeClass size_class) {
  const uint32_t units = page::units_of(size_class);
  // Pages that begin inside.
  if (units > 1) pool_.discard(PageId{raw(page) + 1}, units - 1);
  // Pages that began before and reach here: they are aligned to their size.
  const uint64_t number = page_number_of(page);
  for (uint32_t bigger = 1; bigger < page::kSizeClassCount; ++bigger) {
    const uint64_t base = align_down(number, uint64_t{1} << bigger);
    if (base == number) continue;
    const PageId other = make_page_id(space_of(page), base);
    const Pool::Entry* entry = pool_.entry_of(other);
    if (entry == nullptr) continue;
    const uint64_t word = entry->load(std::memory_order_acquire);
    if ((word & Pool::kResident) == 0) continue;
    const Frame& frame = pool_.frames_[static_cast<uint32_t>(word)];
    const uint8_t other_class = frame.size_class.load(std::memory_order_relaxed);
    if (base + (uint64_t{1} << other_class) > number) pool_.discard(other, 1);
  }
}

void PoolRedo::changed(Page page, Lsn lsn, Lsn end_lsn) {
  Frame* frame = page.frame_;
  pool_.note_change(frame, lsn);
  store_le(page.bytes_.data() + 8, raw(end_lsn));
  frame->page_lsn.store(raw(end_lsn), std::memory_order_relaxed);
  frame->latch.unlock_exclusive(true);
}

void PoolRedo::unchanged(Page page) {
  page.frame_->latch.unlock_exclusive(false);
}

}  // namespace mortise::buffer
