// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a page changed so that a crash leaves all of the change or none of it?
//
//   Mtr m(context, txn);
//   MORTISE_TRY_ASSIGN(PageX leaf, m.exclusive(leaf_id));
//   m.write(leaf, 40, bytes);
//   m.commit();                          // or: return early, and the pages are as they were
//
// A mini-transaction latches pages exclusively, changes them in place, remembers each change as a
// generic delta, and on commit puts all of them into the log as one record.  It says nothing about
// durability: who needs that waits for the answered LSN.
//
// Invariants
//   M1  No byte of a page changes outside an Mtr.
//   M2  rec_lsn of every changed page is set before log space is reserved (a checkpoint that
//       misses the record sees the page).
//   M3  An Mtr that ends without commit leaves every page as it found it.  So fallible steps may
//       come in any order; commit itself cannot fail.
//   M4  Latches are held to the end; the order in which they are taken is the caller's business
//       (docs/internals/locking.md), try_exclusive is for those who come against it.
//
// Threads: an Mtr belongs to one thread.
// Background: docs/internals/log.md

#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include "kernel/buffer/pool.hpp"
#include "kernel/log/log.hpp"
#include "kernel/log/record.hpp"

namespace mortise::log {

struct MtrContext {
  buffer::Pool& pool;
  Log& log;
};

struct MtrScratch;

// A page that one Mtr holds exclusively.  Valid until that Mtr ends; copies mean the same page.
class PageX {
 public:
  PageX() = default;
  explicit operator bool() const { return data_ != nullptr; }
  PageId id() const { return id_; }
  const std::byte* data() const { return data_; }
  uint32_t size_bytes() const { return size_bytes_; }
  std::span<const std::byte> bytes() const { return {data_, size_bytes_}; }
  page::PageHeader header() const { return page::read_header(data_); }

 private:
  friend class Mtr;
  PageX(std::byte* data, PageId id, uint32_t size_bytes, uint8_t index)
      : data_(data), id_(id), size_bytes_(size_bytes), index_(index) {}
  std::byte* data_ = nullptr;
  PageId id_ = kNoPage;
  uint32_t size_bytes_ = 0;
  uint8_t index_ = 0;
};

// What the record says besides its page changes.
struct RecordInfo {
  RecordKind kind = RecordKind::page_changes;
  uint8_t flags = 0;
  std::span<std::byte> payload;           // borrowed until commit returns
  const RowChange* row_change = nullptr;  // borrowed likewise
};

class Mtr {
 public:
  explicit Mtr(MtrContext& context, TxnId txn = kNoTxn);
  // Takes everything back unless committed (M3).
  ~Mtr();
  Mtr(const Mtr&) = delete;
  Mtr& operator=(const Mtr&) = delete;

  // Latches and reads the page.  The same page again gives the same handle.  Fails as
  // Pool::shared does, with the log's failure when the log takes no more, with `limit` past
  // kRecordPagesMax pages.
  Result<PageX> exclusive(PageId page, buffer::FixOptions options = {});
  // As exclusive, but `busy` instead of waiting for a latch.
  Result<PageX> try_exclusive(PageId page, buffer::FixOptions options = {});
  // Makes an optimistic read exclusive.  `conflict` when the page has changed since or somebody is
  // inside: start over.  Ends the read either way.
  Result<PageX> upgrade(buffer::OptimisticRead read);
  // A page whose old content does not matter; init_page must be its first change.
  Result<PageX> fresh(PageId page, page::SizeClass size_class);
  bool holds(PageId page) const;
  // The version that an optimistic reader of the page saw, if nothing came between it and us.
  uint64_t version_before(PageX page) const;
  // Lets go of a page that this Mtr has not changed.
  void release_unchanged(PageX page);

  // `limit` when `bytes` more of changes would not fit the record.  Ask before changes whose size
  // comes from outside; write() asserts what this would have refused.
  Status check_room(uint64_t bytes) const;

  // Changes.  Ranges lie inside the page, behind the header or in its flags or max_writer.
  void write(PageX page, uint32_t offset, std::span<const std::byte> bytes);
  void move(PageX page, uint32_t destination, uint32_t source, uint32_t length);
  void fill(PageX page, uint32_t offset, uint32_t length, std::byte value);
  // Zeros the page and writes its header.
  void init_page(PageX page, page::SizeClass size_class, page::PageType type, uint16_t flags = 0);
  template <typename T>
  requires std::is_trivially_copyable_v<T>
  void store(PageX page, uint32_t offset, const T& value) {
    write(page, offset, std::as_bytes(std::span<const T, 1>(&value, 1)));
  }

  bool has_changes() const;
  TxnId txn() const { return txn_; }

  // Logs, releases, answers the end of the record (page_seq of every changed page).  Without
  // changes and with a plain `info` it only releases and answers kNoLsn.  Cannot fail.
  Lsn commit(const RecordInfo& info = {});
  // As commit; `order` runs under the log's ordering lock, right before the place of the record
  // is fixed (W3), and may still write to latched pages and into the payload.  It must not wait.
  Lsn commit_ordered(const RecordInfo& info, FunctionRef<void()> order);
  // Takes everything back now.
  void abort();

  // Runs after the latches are released, only after a commit: for in-memory state that mirrors
  // pages.
  void after_commit(UniqueFunction<void()> action);

 private:
  enum class State : uint8_t { open, done };

  PageX handle(uint8_t index) const;
  Result<PageX> take(PageId page, buffer::FixOptions options, bool may_wait);
  Status check_open() const;
  PageX keep(buffer::Frame* frame, PageId page, bool is_fresh);
  void remember(PageX page, uint32_t offset, uint32_t length);
  std::byte* delta(DeltaOp op, PageX page, uint32_t offset, uint32_t length, uint32_t extra_bytes);
  Lsn finish(const RecordInfo& info, FunctionRef<void()>* order);
  void release_all();

  MtrContext& context_;
  const TxnId txn_;
  State state_ = State::open;
  MtrScratch* scratch_;  // this thread's, back to it at the end
};

}  // namespace mortise::log
