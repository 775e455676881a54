// SPDX-License-Identifier: Apache-2.0

// mortise.page/1 over pool, mini-transactions and segments.
//
// A plugin's segment begins with the kernel's anchor; the plugin's own first page ("anchor" to it)
// is the first page allocated there, and the kernel's anchor names it in its owner's area:
//
//   off (in the area)   0  magic u32 "PLUG" · 4  4 bytes 0 · 8  page id u64
//
// mortise_page_t carries guards across the boundary: `frame` is the pool's frame, `latch` says
// which guard it was; an exclusive page belongs to its mtr and has the mtr in `frame`.

#include <algorithm>

#include "kernel/catalog/database.hpp"
#include "kernel/catalog/database_services.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/boundary.hpp"

struct mortise_mtr {
  mortise::log::Mtr mtr;
  explicit mortise_mtr(mortise::log::MtrContext& context, mortise::TxnId txn) : mtr(context, txn) {}
};

namespace mortise::catalog {
namespace {

using txn::Transaction;

constexpr uint32_t kMagic = 0x47554C50;  // "PLUG"
constexpr uint32_t kMagicOffset = space::kOwnerAreaOffset;
constexpr uint32_t kFirstPageOffset = kMagicOffset + 8;

recovery::Storage& storage() {
  return Database::current().storage();
}

buffer::FixOptions options_of(uint32_t hint) {
  buffer::FixOptions options;
  options.hint = hint == MORTISE_HINT_SCAN    ? buffer::AccessHint::scan
                 : hint == MORTISE_HINT_INNER ? buffer::AccessHint::index_inner
                 : hint == MORTISE_HINT_UNDO  ? buffer::AccessHint::undo
                                              : buffer::AccessHint::random;
  return options;
}

uint8_t* bytes_of(const std::byte* data) {
  return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(data));
}

mortise_status_t type_register(mortise_str_t name, uint32_t format, uint8_t* type,
                               mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*type,
                       Database::current().bootstrap().register_page_type(view_of(name), format));
    return {};
  });
}

Status create_in_step(Transaction& txn, mortise_object_id_t owner, uint8_t type,
                      mortise_segment_id_t* segment, mortise_page_id_t* anchor) {
  txn::TxnStep step(txn);
  log::Mtr& mtr = step.mtr();
  space::Spaces& spaces = storage().spaces();
  MORTISE_TRY_ASSIGN(const space::SegmentInfo made, spaces.create_segment(mtr, SpaceId{0}, owner));
  MORTISE_TRY_ASSIGN(const log::PageX area, mtr.exclusive(made.anchor));
  MORTISE_TRY_ASSIGN(
      const log::PageX first,
      spaces.allocate_page(mtr, made.id, page::SizeClass::kib4, static_cast<page::PageType>(type)));
  mtr.store(area, kMagicOffset, kMagic);
  mtr.store(area, kFirstPageOffset, raw(first.id()));
  MORTISE_TRY(step.reserve(0));
  txn::UndoRecord record;
  record.kind = txn::UndoKind::segment_create;
  record.segment = made.id;
  step.append(record);
  *segment = raw(made.id);
  *anchor = raw(first.id());
  step.commit();
  return {};
}

mortise_status_t segment_create(mortise_txn_t* txn, mortise_object_id_t owner, uint8_t type,
                                mortise_segment_id_t* segment, mortise_page_id_t* anchor,
                                mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (type < static_cast<uint8_t>(page::PageType::plugin_first)) {
      return invalid("page type is the kernel's: " + std::to_string(type));
    }
    MORTISE_TRY(Database::current().txns().start_writing(Transaction::of(txn)));
    for (;;) {
      Status status = create_in_step(Transaction::of(txn), owner, type, segment, anchor);
      if (status.code() != Code::busy) return status;
      platform::this_thread::yield();
    }
  });
}

mortise_status_t segment_drop(mortise_txn_t* txn, mortise_segment_id_t segment,
                              mortise_error_t* error) {
  return guard(error, [&] {
    return Database::current().heap().drop(Transaction::of(txn), SegmentId{segment});
  });
}

mortise_status_t segment_info(mortise_segment_id_t segment, mortise_page_id_t* anchor,
                              uint64_t* pages_count, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const space::SegmentInfo info,
                       storage().spaces().find_segment(SegmentId{segment}));
    MORTISE_TRY_ASSIGN(const buffer::SharedGuard area, storage().pool().shared(info.anchor));
    if (info.dropping || load_le<uint32_t>(area.data() + kMagicOffset) != kMagic) {
      return not_found("segment is no plugin's: " + std::to_string(segment));
    }
    *anchor = load_le<uint64_t>(area.data() + kFirstPageOffset);
    if (pages_count != nullptr) *pages_count = info.page_count;
    return {};
  });
}

mortise_status_t fix(mortise_page_id_t id, uint32_t latch, uint32_t hint, mortise_page_t* page,
                     mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (latch == MORTISE_LATCH_OPTIMISTIC) {
      MORTISE_TRY_ASSIGN(buffer::OptimisticRead read,
                         storage().pool().optimistic(PageId{id}, options_of(hint)));
      *page = {bytes_of(read.data()), id, read.version(), nullptr, read.size_bytes(), latch};
      page->frame = read.detach();
      return {};
    }
    if (latch != MORTISE_LATCH_SHARED) return invalid("pages are fixed exclusively by an mtr");
    MORTISE_TRY_ASSIGN(buffer::SharedGuard shared,
                       storage().pool().shared(PageId{id}, options_of(hint)));
    *page = {bytes_of(shared.data()), id, 0, nullptr, shared.size_bytes(), latch};
    page->frame = shared.detach();
    return {};
  });
}

buffer::OptimisticRead attach(const mortise_page_t* page) {
  return buffer::OptimisticRead::attach(static_cast<buffer::Frame*>(page->frame),
                                        reinterpret_cast<const std::byte*>(page->data),
                                        page->version, PageId{page->id}, page->size_bytes);
}

uint32_t validate(const mortise_page_t* page) {
  if (page->latch != MORTISE_LATCH_OPTIMISTIC) return 1;
  buffer::OptimisticRead read = attach(page);
  const bool is_valid = read.validate();
  static_cast<void>(read.detach());
  return is_valid ? 1 : 0;
}

void unfix(mortise_page_t* page) {
  if (page->frame == nullptr) return;
  if (page->latch == MORTISE_LATCH_OPTIMISTIC) {
    attach(page).release();
  } else if (page->latch == MORTISE_LATCH_SHARED) {
    buffer::SharedGuard::attach(static_cast<buffer::Frame*>(page->frame),
                                reinterpret_cast<const std::byte*>(page->data))
        .release();
  } else {
    return;  // the mtr's
  }
  page->frame = nullptr;
}

void prefetch(const mortise_page_id_t* ids, uint32_t ids_count) {
  std::vector<PageId> pages(ids_count);
  std::transform(ids, ids + ids_count, pages.begin(),
                 [](mortise_page_id_t id) { return PageId{id}; });
  storage().pool().prefetch(pages);
}

mortise_status_t mtr_begin(mortise_txn_t* txn, mortise_mtr_t** mtr, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const TxnId id = txn == nullptr ? kNoTxn : Transaction::of(txn).id();
    *mtr = new mortise_mtr(storage().mtr_context(), id);
    return {};
  });
}

void fill_page(mortise_mtr_t* mtr, const log::PageX& held, mortise_page_t* page) {
  *page = {bytes_of(held.data()), raw(held.id()),         0, mtr,
           held.size_bytes(),     MORTISE_LATCH_EXCLUSIVE};
}

// The handle of a page that the mtr holds.
log::PageX held_page(mortise_mtr_t* mtr, const mortise_page_t* page) {
  MORTISE_ASSERT(page->latch == MORTISE_LATCH_EXCLUSIVE);
  MORTISE_ASSERT(mtr->mtr.holds(PageId{page->id}));
  Result<log::PageX> held = mtr->mtr.exclusive(PageId{page->id});
  MORTISE_ASSERT(held.has_value());
  return *held;
}

mortise_status_t mtr_fix(mortise_mtr_t* mtr, mortise_page_id_t id, mortise_page_t* page,
                         mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const log::PageX held, mtr->mtr.exclusive(PageId{id}));
    fill_page(mtr, held, page);
    return {};
  });
}

mortise_status_t mtr_upgrade(mortise_mtr_t* mtr, mortise_page_t* page, mortise_error_t* error) {
  return guard(error, [&]() -> mortise_status_t {
    if (page->latch != MORTISE_LATCH_OPTIMISTIC) {
      return report(invalid("only an optimistic guard can be upgraded"), error);
    }
    // The pool has no upgrade: the exclusive latch is tried for, and the version compared under it.
    // Under ThreadSanitizer the guard is a shared latch, which has to go first.
    const PageId id{page->id};
    const uint64_t version = page->version;
    const bool was_valid = validate(page) != 0;
    unfix(page);
    if (!was_valid) return MORTISE_AGAIN;
    Result<log::PageX> held = mtr->mtr.try_exclusive(id);
    if (!held && held.error().code() == Code::busy) {
      platform::this_thread::yield();
      return MORTISE_AGAIN;
    }
    if (!held) return report(held.error(), error);
    if (mtr->mtr.version_before(*held) != version) {
      mtr->mtr.release_unchanged(*held);
      return MORTISE_AGAIN;
    }
    fill_page(mtr, *held, page);
    return MORTISE_OK;
  });
}

mortise_status_t mtr_allocate(mortise_mtr_t* mtr, mortise_segment_id_t segment, uint32_t size_class,
                              uint8_t type, mortise_page_t* page, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    if (size_class > MORTISE_PAGE_CLASS_MAX) return invalid("unknown page size class");
    if (type < static_cast<uint8_t>(page::PageType::plugin_first)) {
      return invalid("page type is the kernel's: " + std::to_string(type));
    }
    MORTISE_TRY_ASSIGN(const log::PageX held,
                       storage().spaces().allocate_page(mtr->mtr, SegmentId{segment},
                                                        static_cast<page::SizeClass>(size_class),
                                                        static_cast<page::PageType>(type)));
    fill_page(mtr, held, page);
    return {};
  });
}

mortise_status_t mtr_free(mortise_mtr_t* mtr, mortise_page_t* page, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const PageId id{page->id};
    MORTISE_TRY_ASSIGN(const SegmentId segment, storage().spaces().segment_of(mtr->mtr, id));
    MORTISE_TRY(storage().spaces().free_page(mtr->mtr, segment, id));
    page->frame = nullptr;
    return {};
  });
}

void check_range(const mortise_page_t* page, uint32_t offset, uint64_t size) {
  MORTISE_ASSERT(offset >= MORTISE_PAGE_HEADER_BYTES);
  MORTISE_ASSERT(offset + size <= page->size_bytes);
}

void mtr_write(mortise_mtr_t* mtr, mortise_page_t* page, uint32_t offset_bytes, const void* bytes,
               uint32_t size_bytes) {
  check_range(page, offset_bytes, size_bytes);
  if (size_bytes == 0) return;
  mtr->mtr.write(held_page(mtr, page), offset_bytes,
                 {static_cast<const std::byte*>(bytes), size_bytes});
}

void mtr_move(mortise_mtr_t* mtr, mortise_page_t* page, uint32_t to_bytes, uint32_t from_bytes,
              uint32_t size_bytes) {
  check_range(page, to_bytes, size_bytes);
  check_range(page, from_bytes, size_bytes);
  if (size_bytes == 0) return;
  mtr->mtr.move(held_page(mtr, page), to_bytes, from_bytes, size_bytes);
}

void mtr_fill(mortise_mtr_t* mtr, mortise_page_t* page, uint32_t offset_bytes, uint32_t size_bytes,
              uint8_t value) {
  check_range(page, offset_bytes, size_bytes);
  if (size_bytes == 0) return;
  mtr->mtr.fill(held_page(mtr, page), offset_bytes, size_bytes, std::byte{value});
}

mortise_status_t mtr_commit(mortise_mtr_t* mtr, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    mtr->mtr.commit();
    delete mtr;
    return {};
  });
}

// What has changed is taken back, allocated pages too: the Mtr can do that, so it is no fault.
void mtr_cancel(mortise_mtr_t* mtr) {
  mtr->mtr.abort();
  delete mtr;
}

constexpr mortise_iface_page_t kService = {
    {sizeof(mortise_iface_page_t), 1, 0, 0},
    type_register,
    segment_create,
    segment_drop,
    segment_info,
    fix,
    validate,
    unfix,
    prefetch,
    mtr_begin,
    mtr_fix,
    mtr_upgrade,
    mtr_allocate,
    mtr_free,
    mtr_write,
    mtr_move,
    mtr_fill,
    mtr_commit,
    mtr_cancel,
};

}  // namespace

const mortise_iface_page_t* page_service() {
  return &kService;
}

}  // namespace mortise::catalog
