// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/large_value.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include "kernel/platform/thread.hpp"

namespace mortise::heap {
namespace {

constexpr uint32_t kValueIdOffset = 32;
constexpr uint32_t kNextOffset = 40;
constexpr uint32_t kBytesOffset = 48;
constexpr uint32_t kDataOffset = 56;
constexpr uint64_t kNoNext = 0;

// The smallest class that holds the rest, apart from the class of row pages.
page::SizeClass class_for(uint64_t rest, page::SizeClass row_class) {
  for (uint8_t c = static_cast<uint8_t>(page::SizeClass::kib8);
       c < static_cast<uint8_t>(page::SizeClass::kib64); ++c) {
    const page::SizeClass size_class = static_cast<page::SizeClass>(c);
    if (size_class != row_class && rest <= page::bytes_of(size_class) - kDataOffset) {
      return size_class;
    }
  }
  return page::SizeClass::kib64;
}

class LargeWriter {
 public:
  LargeWriter(txn::Transaction& txn, SegmentId segment, page::SizeClass row_class)
      : txn_(txn), segment_(segment), row_class_(row_class) {}

  Status write(std::span<const std::byte> value) {
    PageId last = kNoPage;
    for (size_t at = 0; at < value.size() || last == kNoPage;) {
      const page::SizeClass size_class = class_for(value.size() - at, row_class_);
      const size_t piece =
          std::min<size_t>(value.size() - at, page::bytes_of(size_class) - kDataOffset);
      Status status = append(last, size_class, value.subspan(at, piece));
      if (status.code() == Code::busy) {
        platform::this_thread::yield();
        continue;
      }
      MORTISE_TRY(status);
      at += piece;
    }
    return {};
  }
  PageId head() const { return head_; }
  uint64_t value_id() const { return value_id_; }

 private:
  Status append(PageId& last, page::SizeClass size_class, std::span<const std::byte> piece) {
    txn::TxnStep step(txn_);
    log::Mtr& mtr = step.mtr();
    log::PageX previous;
    if (last != kNoPage) {
      MORTISE_TRY_ASSIGN(previous, mtr.exclusive(last, {.size_class = last_class_}));
    }
    MORTISE_TRY_ASSIGN(const log::PageX page,
                       txn_.manager().storage().spaces().allocate_page(
                           mtr, segment_, size_class, page::PageType::heap_large_value));
    if (!previous) {
      MORTISE_TRY(step.reserve(0));
      txn::UndoRecord record;
      record.kind = txn::UndoKind::large_create;
      record.page = page.id();
      record.segment = segment_;
      value_id_ = step.append(record).word();
    }
    mtr.store(page, kValueIdOffset, value_id_);
    mtr.store(page, kBytesOffset, static_cast<uint32_t>(piece.size()));
    if (!piece.empty()) mtr.write(page, kDataOffset, piece);
    if (previous) mtr.store(previous, kNextOffset, raw(page.id()));
    const PageId made = page.id();
    step.commit();
    if (!previous) head_ = made;
    last = made;
    last_class_ = size_class;
    return {};
  }

  txn::Transaction& txn_;
  const SegmentId segment_;
  const page::SizeClass row_class_;
  page::SizeClass last_class_{};
  PageId head_ = kNoPage;
  uint64_t value_id_ = 0;
};

bool is_part(const std::byte* page, uint64_t value_id) {
  return page::read_header(page).type == page::PageType::heap_large_value &&
         load_le<uint64_t>(page + kValueIdOffset) == value_id;
}

}  // namespace

Result<LargeRef> write_large(txn::Transaction& txn, SegmentId segment, page::SizeClass row_class,
                             std::span<const std::byte> value) {
  if (value.size() > kLargeBytesMax) {
    return limit("value is too large: " + std::to_string(value.size()) + " bytes");
  }
  LargeWriter writer(txn, segment, row_class);
  MORTISE_TRY(writer.write(value));
  return LargeRef{value.size(), raw(writer.head()), writer.value_id()};
}

Status read_large(recovery::Storage& storage, const LargeRef& ref, std::span<std::byte> into) {
  MORTISE_ASSERT(into.size() == ref.size_bytes);
  uint64_t done = 0;
  uint64_t next = ref.head;
  while (done < ref.size_bytes) {
    if (next == kNoNext)
      return corrupt("large value ends early: " + page::name_of(PageId{ref.head}));
    const page::SizeClass guess = class_for(ref.size_bytes - done, page::SizeClass::kib4);
    MORTISE_TRY_ASSIGN(const buffer::SharedGuard page,
                       storage.pool().shared(PageId{next}, {.size_class = guess}));
    if (!is_part(page.data(), ref.value_id)) {
      return corrupt("page is no part of its large value: " + page::name_of(PageId{next}));
    }
    const uint32_t bytes = load_le<uint32_t>(page.data() + kBytesOffset);
    if (bytes > page.size_bytes() - kDataOffset || bytes > ref.size_bytes - done) {
      return corrupt("large value has a wrong length: " + page::name_of(PageId{next}));
    }
    std::memcpy(into.data() + done, page.data() + kDataOffset, bytes);
    done += bytes;
    next = load_le<uint64_t>(page.data() + kNextOffset);
  }
  return {};
}

Result<txn::Progress> free_large_step(recovery::Storage& storage, log::Mtr& mtr, SegmentId segment,
                                      PageId head, uint64_t value_id) {
  Result<log::PageX> first = mtr.exclusive(head);
  // Freed before, and its place given to somebody else or to nobody.
  if (!first && first.error().code() == Code::corrupt) return txn::Progress::done;
  if (!first) return std::move(first.error());
  if (!is_part(first->data(), value_id)) return txn::Progress::done;
  const uint64_t second = load_le<uint64_t>(first->data() + kNextOffset);
  if (second != kNoNext) {
    MORTISE_TRY_ASSIGN(const log::PageX page, mtr.exclusive(PageId{second}));
    if (is_part(page.data(), value_id)) {
      mtr.store(*first, kNextOffset, load_le<uint64_t>(page.data() + kNextOffset));
      mtr.store(page, kValueIdOffset, uint64_t{0});
      MORTISE_TRY(storage.spaces().free_page(mtr, segment, page.id()));
      return txn::Progress::more;
    }
  }
  mtr.store(*first, kValueIdOffset, uint64_t{0});
  MORTISE_TRY(storage.spaces().free_page(mtr, segment, head));
  return txn::Progress::done;
}

}  // namespace mortise::heap
