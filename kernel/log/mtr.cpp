// SPDX-License-Identifier: Apache-2.0
#include "kernel/log/mtr.hpp"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::log {

// What an Mtr needs memory for; kept per thread, so that the next one allocates nothing.
struct MtrScratch {
  struct Held {
    buffer::Frame* frame;
    std::byte* data;
    PageId id;
    uint32_t size_bytes;
    bool is_fresh;  // its content before means nothing
    bool is_changed;
    uint8_t table_index;  // in the record's page table, once changed
  };
  struct Undo {
    uint8_t page_index;
    uint32_t offset;
    uint32_t length;  // of the bytes in `before`
  };
  std::vector<Held> pages;
  uint32_t changed_count = 0;
  std::vector<std::byte> deltas;
  std::vector<std::byte> before;
  std::vector<Undo> undo;
  std::vector<UniqueFunction<void()>> after_commit;
  std::vector<std::byte> table;

  void clear() {
    pages.clear();
    changed_count = 0;
    deltas.clear();
    before.clear();
    undo.clear();
    after_commit.clear();
    if (deltas.capacity() > kKeepBytesMax) deltas = {};
    if (before.capacity() > kKeepBytesMax) before = {};
  }
  static constexpr size_t kKeepBytesMax = 256 * 1024;
};

namespace {

// Nested Mtrs of one thread (an allocation inside a split) each take one.
struct ScratchShelf {
  std::vector<std::unique_ptr<MtrScratch>> free;
};
thread_local ScratchShelf shelf;

MtrScratch* take_scratch() {
  if (shelf.free.empty()) return new MtrScratch();
  MtrScratch* scratch = shelf.free.back().release();
  shelf.free.pop_back();
  return scratch;
}

void give_scratch(MtrScratch* scratch) {
  scratch->clear();
  shelf.free.emplace_back(scratch);
}

void store_u24(std::byte* into, uint32_t value) {
  store_le(into, static_cast<uint16_t>(value));
  store_le(into + 2, static_cast<uint8_t>(value >> 16));
}

// A record has a header, a payload and a page table besides the deltas.
constexpr uint64_t kOverheadBytesMax =
    kRecordHeaderBytes + kRecordPagesMax * kPageTableEntryBytes + 64 * 1024;

}  // namespace

Mtr::Mtr(MtrContext& context, TxnId txn) : context_(context), txn_(txn), scratch_(take_scratch()) {}

Mtr::~Mtr() {
  if (state_ == State::open) abort();
  give_scratch(scratch_);
}

PageX Mtr::handle(uint8_t index) const {
  const MtrScratch::Held& held = scratch_->pages[index];
  return PageX(held.data, held.id, held.size_bytes, index);
}

// May another page come in?
Status Mtr::check_open() const {
  MORTISE_ASSERT(state_ == State::open);
  if (!context_.log.is_writable()) return context_.log.status();
  if (scratch_->pages.size() >= kRecordPagesMax) {
    return limit("too many pages in one mini-transaction: " +
                 std::to_string(scratch_->pages.size()));
  }
  return {};
}

PageX Mtr::keep(buffer::Frame* frame, PageId page, bool is_fresh) {
  const uint32_t size = page::kUnitBytes << frame->size_class.load(std::memory_order_relaxed);
  scratch_->pages.push_back(
      {frame, context_.pool.data_of(frame), page, size, is_fresh, /*is_changed=*/false, 0});
  return handle(static_cast<uint8_t>(scratch_->pages.size() - 1));
}

Result<PageX> Mtr::take(PageId page, buffer::FixOptions options, bool may_wait) {
  for (size_t i = 0; i < scratch_->pages.size(); ++i) {
    if (scratch_->pages[i].id == page && scratch_->pages[i].frame != nullptr) {
      return handle(static_cast<uint8_t>(i));
    }
  }
  MORTISE_TRY(check_open());
  MORTISE_TRY_ASSIGN(
      buffer::Frame * frame,
      context_.pool.exclusive(page, options,
                              may_wait ? buffer::Pool::Wait::yes : buffer::Pool::Wait::no));
  return keep(frame, page, false);
}

Result<PageX> Mtr::exclusive(PageId page, buffer::FixOptions options) {
  return take(page, options, true);
}

Result<PageX> Mtr::try_exclusive(PageId page, buffer::FixOptions options) {
  return take(page, options, false);
}

Result<PageX> Mtr::upgrade(buffer::OptimisticRead read) {
  const PageId page = read.id();
  MORTISE_ASSERT(!holds(page));
  MORTISE_TRY(check_open());
  buffer::Frame* frame = context_.pool.upgrade(read);
  if (frame == nullptr) return conflict("page has changed: " + page::name_of(page));
  return keep(frame, page, false);
}

Result<PageX> Mtr::fresh(PageId page, page::SizeClass size_class) {
  if (holds(page)) {
    // Freed and allocated again in one step: it stays what it is until init_page.
    return take(page, {.size_class = size_class}, true);
  }
  MORTISE_TRY(check_open());
  MORTISE_TRY_ASSIGN(buffer::Frame * frame, context_.pool.fresh(page, size_class));
  return keep(frame, page, true);
}

uint64_t Mtr::version_before(PageX page) const {
  return scratch_->pages[page.index_].frame->latch.version();
}

bool Mtr::holds(PageId page) const {
  for (const MtrScratch::Held& held : scratch_->pages) {
    if (held.id == page && held.frame != nullptr) return true;
  }
  return false;
}

void Mtr::release_unchanged(PageX page) {
  MtrScratch::Held& held = scratch_->pages[page.index_];
  MORTISE_ASSERT(held.frame != nullptr);
  MORTISE_ASSERT(!held.is_changed);
  if (held.is_fresh) {
    context_.pool.forget(held.frame);
  } else {
    held.frame->latch.unlock_exclusive(false);
  }
  held.frame = nullptr;
  held.id = kNoPage;
}

Status Mtr::check_room(uint64_t bytes) const {
  if (scratch_->deltas.size() + bytes + kOverheadBytesMax <= kRecordBytesMax) return {};
  return limit("change is too large for one log record: " + std::to_string(bytes) + " bytes");
}

bool Mtr::has_changes() const {
  return !scratch_->deltas.empty();
}

// M3: what stands there now, to be put back.
void Mtr::remember(PageX page, uint32_t offset, uint32_t length) {
  MtrScratch::Held& held = scratch_->pages[page.index_];
  MORTISE_ASSERT(state_ == State::open);
  MORTISE_ASSERT(held.frame != nullptr);
  MORTISE_ASSERT(uint64_t{offset} + length <= held.size_bytes);
  if (!held.is_changed) {
    held.is_changed = true;
    held.table_index = static_cast<uint8_t>(scratch_->changed_count++);
  }
  if (held.is_fresh) return;
  scratch_->undo.push_back({page.index_, offset, length});
  scratch_->before.insert(scratch_->before.end(), held.data + offset, held.data + offset + length);
}

// Appends a delta's header and room for what follows it.
std::byte* Mtr::delta(DeltaOp op, PageX page, uint32_t offset, uint32_t length,
                      uint32_t extra_bytes) {
  std::vector<std::byte>& deltas = scratch_->deltas;
  const size_t at = deltas.size();
  MORTISE_ASSERT(at + kDeltaHeaderBytes + extra_bytes + kOverheadBytesMax <= kRecordBytesMax);
  deltas.resize(at + kDeltaHeaderBytes + extra_bytes);
  std::byte* p = deltas.data() + at;
  store_le(p, op);
  store_le(p + 1, scratch_->pages[page.index_].table_index);
  store_u24(p + 2, offset);
  store_u24(p + 5, length);
  return p + kDeltaHeaderBytes;
}

void Mtr::write(PageX page, uint32_t offset, std::span<const std::byte> bytes) {
  if (bytes.empty()) return;
  const auto length = static_cast<uint32_t>(bytes.size());
  // P2: of the header only flags and max_writer.
  MORTISE_ASSERT(offset >= page::kHeaderBytes ||
                 (offset == page::kMaxWriterOffset && length == sizeof(uint64_t)) ||
                 (offset == page::kFlagsOffset && length == sizeof(uint16_t)));
  remember(page, offset, length);
  std::memcpy(delta(DeltaOp::write, page, offset, length, length), bytes.data(), length);
  std::memcpy(page.data_ + offset, bytes.data(), length);
}

void Mtr::move(PageX page, uint32_t destination, uint32_t source, uint32_t length) {
  if (length == 0 || destination == source) return;
  MORTISE_ASSERT(destination >= page::kHeaderBytes);
  MORTISE_ASSERT(uint64_t{source} + length <= page.size_bytes_);
  remember(page, destination, length);
  store_u24(delta(DeltaOp::move, page, destination, length, 3), source);
  std::memmove(page.data_ + destination, page.data_ + source, length);
}

void Mtr::fill(PageX page, uint32_t offset, uint32_t length, std::byte value) {
  if (length == 0) return;
  MORTISE_ASSERT(offset >= page::kHeaderBytes);
  remember(page, offset, length);
  *delta(DeltaOp::fill, page, offset, length, 1) = value;
  std::memset(page.data_ + offset, static_cast<int>(value), length);
}

void Mtr::init_page(PageX page, page::SizeClass size_class, page::PageType type, uint16_t flags) {
  MORTISE_ASSERT(page::bytes_of(size_class) == page.size_bytes_);
  remember(page, 0, page.size_bytes_);
  std::byte* extra = delta(DeltaOp::init, page, 0, 0, 4);
  store_le(extra, size_class);
  store_le(extra + 1, type);
  store_le(extra + 2, flags);
  Delta init{};
  init.op = DeltaOp::init;
  init.size_class = size_class;
  init.type = type;
  init.flags = flags;
  const Status applied = apply_delta({page.data_, page.size_bytes_}, page.id_, init);
  MORTISE_ASSERT(applied.is_ok());
}

void Mtr::after_commit(UniqueFunction<void()> action) {
  scratch_->after_commit.push_back(std::move(action));
}

Lsn Mtr::commit(const RecordInfo& info) {
  return finish(info, nullptr);
}

Lsn Mtr::commit_ordered(const RecordInfo& info, FunctionRef<void()> order) {
  return finish(info, &order);
}

Lsn Mtr::finish(const RecordInfo& info, FunctionRef<void()>* order) {
  MORTISE_ASSERT(state_ == State::open);
  MtrScratch& s = *scratch_;
  const bool is_plain = info.kind == RecordKind::page_changes && info.payload.empty() &&
                        info.row_change == nullptr && order == nullptr;
  if (is_plain && s.deltas.empty()) {
    release_all();
    for (auto& action : s.after_commit) action();
    return kNoLsn;
  }
  std::byte head[kRecordHeaderBytes + kRowChangeHeaderBytes];
  const RowChange* row = info.row_change;
  std::span<const std::byte> details;
  if (row != nullptr) details = row->details;
  const uint32_t row_bytes =
      row == nullptr ? 0 : kRowChangeHeaderBytes + static_cast<uint32_t>(details.size());
  std::array<std::span<const std::byte>, 5> parts;

  // Everything that depends on the changes; runs under the ordering lock when `order` is there.
  auto assemble = [&]() -> uint64_t {
    if (order != nullptr) (*order)();
    for (MtrScratch::Held& held : s.pages) {
      if (!held.is_changed) continue;
      context_.pool.note_change(held.frame, context_.log.tail());  // M2
    }
    s.table.resize(s.changed_count * kPageTableEntryBytes);
    for (const MtrScratch::Held& held : s.pages) {
      if (!held.is_changed) continue;
      std::byte* entry = s.table.data() + held.table_index * kPageTableEntryBytes;
      store_le(entry, held.id);
      store_le(entry + 8, held.is_fresh ? 0 : held.frame->page_lsn.load(std::memory_order_relaxed));
    }
    RecordHeader header;
    header.txn = txn_;
    header.kind = info.kind;
    header.flags = info.flags;
    if (row != nullptr) header.flags |= kRecordRowChange;
    header.page_count = static_cast<uint8_t>(s.changed_count);
    header.payload_bytes = row_bytes + static_cast<uint32_t>(info.payload.size());
    encode_header(head, header);
    uint32_t head_bytes = kRecordHeaderBytes;
    if (row != nullptr) {
      encode_row_change_header(head + kRecordHeaderBytes, *row);
      head_bytes += kRowChangeHeaderBytes;
    }
    parts = {std::span<const std::byte>(head, head_bytes), details, info.payload, s.table,
             s.deltas};
    uint64_t size = 0;
    for (const auto& part : parts) size += part.size();
    return size;
  };
  LogPosition place{};
  if (order == nullptr) {
    assemble();
    place = context_.log.append(parts);
  } else {
    place = context_.log.append_ordered(
        assemble, [&]() -> std::span<const std::span<const std::byte>> { return parts; });
  }
  for (MtrScratch::Held& held : s.pages) {
    if (!held.is_changed) continue;
    store_le(held.data + 8, raw(place.end));
    held.frame->page_lsn.store(raw(place.end), std::memory_order_relaxed);
  }
  release_all();
  for (auto& action : s.after_commit) action();
  return place.end;
}

void Mtr::release_all() {
  for (MtrScratch::Held& held : scratch_->pages) {
    if (held.frame == nullptr) continue;
    if (held.is_fresh && !held.is_changed) {
      context_.pool.forget(held.frame);
    } else {
      held.frame->latch.unlock_exclusive(held.is_changed);
    }
    held.frame = nullptr;
  }
  state_ = State::done;
}

void Mtr::abort() {
  MORTISE_ASSERT(state_ == State::open);
  MtrScratch& s = *scratch_;
  size_t end = s.before.size();
  for (size_t i = s.undo.size(); i-- > 0;) {
    const MtrScratch::Undo& undo = s.undo[i];
    end -= undo.length;
    std::memcpy(s.pages[undo.page_index].data + undo.offset, s.before.data() + end, undo.length);
  }
  MORTISE_ASSERT(end == 0);
  for (MtrScratch::Held& held : s.pages) {
    if (held.frame == nullptr) continue;
    if (held.is_fresh) {
      context_.pool.forget(held.frame);
    } else {
      // Changed and changed back: an optimistic reader may have seen the middle.
      held.frame->latch.unlock_exclusive(held.is_changed);
    }
    held.frame = nullptr;
  }
  state_ = State::done;
}

}  // namespace mortise::log
