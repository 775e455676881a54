// SPDX-License-Identifier: Apache-2.0
//
// How an absent page comes into memory.
#include <cstring>
#include <utility>

#include "kernel/buffer/pool.hpp"
#include "kernel/buffer/pool_state.hpp"
#include "kernel/platform/parking.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::buffer {

Result<Frame*> Pool::load(Entry* entry, PageId page, FixOptions options, bool is_fresh) {
  State& s = *state_;
  State::LoadShard& shard = s.shard_of(page);
  std::shared_ptr<PageLoad> mine;
  std::shared_ptr<PageLoad> other;
  {
    platform::Lock lock(shard.mutex);
    uint64_t absent = 0;
    if (entry->compare_exchange_strong(absent, kLoading, std::memory_order_acq_rel)) {
      mine = std::make_shared<PageLoad>();
      shard.loads[page] = mine;
    } else if ((absent & kResident) != 0) {
      return static_cast<Frame*>(nullptr);
    } else {
      other = shard.loads[page];
    }
  }
  if (other != nullptr) {
    while (other->done.load(std::memory_order_acquire) == 0) platform::park_wait(other->done, 0);
    if (!other->result) return other->result;
    return static_cast<Frame*>(nullptr);
  }
  s.misses.fetch_add(1, std::memory_order_relaxed);
  auto frame = is_fresh ? take_frame(options.size_class) : read_into_frame(page, options);
  if (frame) fill_in(**frame, page, options.hint, is_fresh);
  {
    platform::Lock lock(shard.mutex);
    entry->store(frame ? kResident | index_of(*frame) : 0, std::memory_order_release);
    shard.loads.erase(page);
  }
  mine->result = frame.status();
  mine->done.store(1, std::memory_order_release);
  platform::park_wake_all(mine->done);
  if (frame) announce(**frame, page, options.hint);
  return frame;
}

// What the descriptor says of a page that has just come, before the entry leads to it.
void Pool::fill_in(Frame& frame, PageId page, AccessHint hint, bool is_fresh) {
  MORTISE_ASSERT(frame.latch.is_exclusive());
  const page::PageHeader header = page::read_header(data_of(&frame));
  frame.page_lsn.store(is_fresh ? 0 : header.page_seq, std::memory_order_relaxed);
  const bool is_cold = hint == AccessHint::scan || hint == AccessHint::maintenance;
  frame.flags.store(is_cold ? Frame::kCold : uint8_t{0}, std::memory_order_relaxed);
  frame.touch.store(tick_.load(std::memory_order_relaxed), std::memory_order_relaxed);
  frame.page_id.store(raw(page), std::memory_order_release);
}

void Pool::announce(Frame& frame, PageId page, AccessHint hint) {
  platform::Lock lock(state_->policy_mutex);
  frame.flags.fetch_or(Frame::kKnown, std::memory_order_relaxed);
  state_->policy->on_loaded(index_of(&frame), page, hint);
}

// The hinted size first; if that page is not good, the size that its header claims (its word is
// proved by the checksum of the next read), and 4 KiB where the hint was too large to be read.
Result<Frame*> Pool::read_into_frame(PageId page, FixOptions options) {
  uint32_t tried = 0;
  Status failure;
  page::SizeClass size_class = options.size_class;
  for (;;) {
    tried |= 1u << static_cast<uint8_t>(size_class);
    page::SizeClass next = page::SizeClass::kib4;
    auto frame = take_frame(size_class);
    Status read = frame.status();
    if (frame) {
      const std::span<std::byte> bytes(data_of(*frame), page::bytes_of(size_class));
      read = read_checked(page, bytes);
      if (read) return *frame;
      const page::PageHeader header = page::read_header(bytes.data());
      if (header.page_id == page &&
          static_cast<uint8_t>(header.size_class) < page::kSizeClassCount) {
        next = header.size_class;
      }
      give_frame(*frame);
      if (read.code() != Code::corrupt) return read;
    }
    // The complaint about the smallest size tried is the one about the page itself.
    failure = std::move(read);
    if ((tried >> static_cast<uint8_t>(next) & 1) != 0) return failure;
    size_class = next;
  }
}

Status Pool::read_checked(PageId page, std::span<std::byte> bytes) {
  State& s = *state_;
  MORTISE_TRY(s.files.read(page, bytes));
  Status checked = page::check(bytes, page);
  if (checked) return {};
  platform::AlignedBuffer copy(bytes.size());
  platform::Lock lock(s.write_mutex);
  MORTISE_TRY_ASSIGN(const bool found, s.double_write->find(page, copy.bytes()));
  if (!found) return checked;
  std::memcpy(bytes.data(), copy.data(), bytes.size());
  MORTISE_TRY(s.files.write(page, bytes));
  MORTISE_TRY(s.files.sync(space_of(page)));
  s.pages_repaired.fetch_add(1, std::memory_order_relaxed);
  return {};
}

}  // namespace mortise::buffer
