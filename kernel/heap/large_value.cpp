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
constexpr uint32_t kFrameBytesOffset = 52;
constexpr uint32_t kDataOffset = 56;
constexpr uint64_t kNoNext = 0;

constexpr size_t kBlockBytes = size_t{1} << 20;
constexpr size_t kBlockHeaderBytes = 8;
constexpr size_t kCodecNameBytesMax = 63;

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
  // `frame_bytes`: 0 unless a frame is written.
  LargeWriter(txn::Transaction& txn, SegmentId segment, page::SizeClass row_class,
              uint32_t frame_bytes)
      : txn_(txn), segment_(segment), row_class_(row_class), frame_bytes_(frame_bytes) {}

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
      if (frame_bytes_ != 0) mtr.store(page, kFrameBytesOffset, frame_bytes_);
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
  const uint32_t frame_bytes_;
  page::SizeClass last_class_{};
  PageId head_ = kNoPage;
  uint64_t value_id_ = 0;
};

bool is_part(const std::byte* page, uint64_t value_id) {
  return page::read_header(page).type == page::PageType::heap_large_value &&
         load_le<uint64_t>(page + kValueIdOffset) == value_id;
}

// The bytes of a chain, `size_bytes` in all.
Status read_chain(recovery::Storage& storage, const LargeRef& ref, std::span<std::byte> into) {
  uint64_t done = 0;
  uint64_t next = ref.head;
  while (done < into.size()) {
    if (next == kNoNext) {
      return corrupt("large value ends early: " + page::name_of(PageId{ref.head}));
    }
    const page::SizeClass guess = class_for(into.size() - done, page::SizeClass::kib4);
    MORTISE_TRY_ASSIGN(const buffer::SharedGuard page,
                       storage.pool().shared(PageId{next}, {.size_class = guess}));
    if (!is_part(page.data(), ref.value_id)) {
      return corrupt("page is no part of its large value: " + page::name_of(PageId{next}));
    }
    const uint32_t bytes = load_le<uint32_t>(page.data() + kBytesOffset);
    if (bytes > page.size_bytes() - kDataOffset || bytes > into.size() - done) {
      return corrupt("large value has a wrong length: " + page::name_of(PageId{next}));
    }
    std::memcpy(into.data() + done, page.data() + kDataOffset, bytes);
    done += bytes;
    next = load_le<uint64_t>(page.data() + kNextOffset);
    if (bytes == 0 && next != kNoNext) {
      return corrupt("large value has an empty page: " + page::name_of(page.id()));
    }
  }
  return {};
}

Result<uint32_t> frame_bytes_of(recovery::Storage& storage, const LargeRef& ref) {
  MORTISE_TRY_ASSIGN(const buffer::SharedGuard page, storage.pool().shared(PageId{ref.head}));
  if (!is_part(page.data(), ref.value_id)) {
    return corrupt("page is no part of its large value: " + page::name_of(PageId{ref.head}));
  }
  const uint32_t bytes = load_le<uint32_t>(page.data() + kFrameBytesOffset);
  if (bytes > kLargeBytesMax) {
    return corrupt("large value has a wrong length: " + page::name_of(PageId{ref.head}));
  }
  return bytes;
}

mortise_bytes_t bytes_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

// A frame, unless it would save less than an eighth: then false.
Result<bool> LargeValues::compress(std::span<const std::byte> value,
                                   std::vector<std::byte>& frame) {
  if (codecs_ == nullptr || codec_.empty() || codec_.size() > kCodecNameBytesMax) return false;
  const mortise_iface_codec_t* const codec = codecs_->find(codec_);
  if (codec == nullptr) return false;
  frame.push_back(static_cast<std::byte>(codec_.size()));
  const auto name = as_bytes(codec_);
  frame.insert(frame.end(), name.begin(), name.end());
  const size_t budget = value.size() - value.size() / 8;
  for (size_t at = 0; at < value.size(); at += kBlockBytes) {
    const auto block = value.subspan(at, std::min(kBlockBytes, value.size() - at));
    const size_t header = frame.size();
    if (header + kBlockHeaderBytes >= budget) return false;
    frame.resize(header + kBlockHeaderBytes + block.size());
    uint64_t stored = 0;
    const mortise_status_t status = codec->compress(
        bytes_of(block), 0, reinterpret_cast<uint8_t*>(frame.data() + header + kBlockHeaderBytes),
        block.size() - 1, &stored, nullptr);
    const bool is_smaller = status == MORTISE_OK && stored < block.size();
    if (!is_smaller) {
      stored = block.size();
      std::memcpy(frame.data() + header + kBlockHeaderBytes, block.data(), block.size());
    }
    store_le(frame.data() + header, static_cast<uint32_t>(block.size()));
    store_le(frame.data() + header + 4, static_cast<uint32_t>(stored));
    frame.resize(header + kBlockHeaderBytes + stored);
  }
  return frame.size() <= budget;
}

Result<LargeRef> LargeValues::write(txn::Transaction& txn, SegmentId segment,
                                    page::SizeClass row_class, std::span<const std::byte> value) {
  if (value.size() > kLargeBytesMax) {
    return limit("value is too large: " + std::to_string(value.size()) + " bytes");
  }
  MORTISE_TRY_ASSIGN(const memory::Charge charge, memory::Charge::take(account_, value.size()));
  std::vector<std::byte> frame;
  MORTISE_TRY_ASSIGN(const bool is_frame, compress(value, frame));
  const std::span<const std::byte> stored = is_frame ? std::span<const std::byte>(frame) : value;
  LargeWriter writer(txn, segment, row_class, is_frame ? static_cast<uint32_t>(frame.size()) : 0);
  MORTISE_TRY(writer.write(stored));
  return LargeRef{static_cast<uint32_t>(value.size()),
                  is_frame ? kLargeCompressed : uint8_t{0},
                  {},
                  raw(writer.head()),
                  writer.value_id()};
}

// L3.
Status LargeValues::expand(std::span<const std::byte> frame, std::span<std::byte> into) {
  const auto damaged = [] { return corrupt("compressed large value is damaged"); };
  const size_t name_bytes = frame.empty() ? 0 : static_cast<size_t>(frame[0]);
  if (name_bytes == 0 || name_bytes > kCodecNameBytesMax || frame.size() < 1 + name_bytes) {
    return damaged();
  }
  const std::string name(reinterpret_cast<const char*>(frame.data() + 1), name_bytes);
  const mortise_iface_codec_t* const codec = codecs_ == nullptr ? nullptr : codecs_->find(name);
  if (codec == nullptr) {
    return Status(Code::unsupported, "0A000",
                  "value is compressed with codec \"" + name + "\", which nobody offers")
        .with(MORTISE_ERROR_FIELD_HINT, "start the server with the plugin codec-" + name);
  }
  size_t at = 1 + name_bytes;
  size_t done = 0;
  while (done < into.size()) {
    if (frame.size() - at < kBlockHeaderBytes) return damaged();
    const uint32_t original = load_le<uint32_t>(frame.data() + at);
    const uint32_t stored = load_le<uint32_t>(frame.data() + at + 4);
    at += kBlockHeaderBytes;
    if (original == 0 || original > kBlockBytes || original > into.size() - done ||
        stored > original || stored > frame.size() - at) {
      return damaged();
    }
    if (stored == original) {
      std::memcpy(into.data() + done, frame.data() + at, original);
    } else {
      const mortise_status_t status =
          codec->decompress(bytes_of(frame.subspan(at, stored)),
                            reinterpret_cast<uint8_t*>(into.data() + done), original, nullptr);
      if (status != MORTISE_OK) return damaged();
    }
    at += stored;
    done += original;
  }
  return at == frame.size() ? Status() : damaged();
}

Status LargeValues::read(recovery::Storage& storage, const LargeRef& ref,
                         std::span<std::byte> into) {
  MORTISE_ASSERT(into.size() == ref.size_bytes);
  if (ref.flags == 0) return read_chain(storage, ref, into);
  if (ref.flags != kLargeCompressed) return unsupported("large value has an unknown form");
  MORTISE_TRY_ASSIGN(const uint32_t frame_bytes, frame_bytes_of(storage, ref));
  MORTISE_TRY_ASSIGN(const memory::Charge charge, memory::Charge::take(account_, frame_bytes));
  std::vector<std::byte> frame(frame_bytes);
  MORTISE_TRY(read_chain(storage, ref, frame));
  return expand(frame, into);
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
