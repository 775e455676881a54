// SPDX-License-Identifier: Apache-2.0
#pragma once

// Longer than 250 lines, because a whole simulated machine for tests stands in it.

// Answers: what must a recovered directory hold, whatever happened to it?
//
// For tests.  A random workload of mini-transactions on pages of one segment, with its model: the
// list of steps with the LSN of each.  After a crash the steps that end within the recovered log
// are the truth, all of them and no others.
//
// Threads: one.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernel/platform/random.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/recovery/storage.hpp"

namespace mortise::recovery {

inline StorageOptions small_options() {
  StorageOptions options;
  options.pool.pool_bytes = 96 * page::kUnitBytes;
  options.pool.space_units_max = 1u << 16;
  options.pool.huge_pages = false;
  options.pool.full_wait_ns = 0;
  options.log.ring_bytes = 8u << 20;
  options.log.segment_bytes = 64u << 10;
  options.log.flusher_thread = false;
  options.background_threads = false;
  options.redo_threads = 1;
  return options;
}

class World {
 public:
  explicit World(uint64_t seed) : random_(seed), disk_(seed) {}

  platform::SimDisk& disk() { return disk_; }
  Storage& storage() { return *storage_; }
  const RecoveryReport& report() const { return storage_->report(); }

  Status create() { return Storage::create(disk_, "/db", small_options()); }

  Status open(uint32_t redo_threads = 1) {
    storage_.reset();
    StorageOptions options = small_options();
    options.redo_threads = redo_threads;
    MORTISE_TRY_ASSIGN(storage_, Storage::open(disk_, "/db", std::move(options), nullptr));
    return {};
  }

  // Makes the segment and its first pages.
  Status set_up(uint32_t pages) {
    {
      log::Mtr mtr(storage_->mtr_context());
      MORTISE_TRY_ASSIGN(const auto segment,
                         storage_->spaces().create_segment(mtr, SpaceId{0}, 77));
      segment_ = segment.id;
      mtr.commit();
    }
    for (uint32_t i = 0; i < pages; ++i) MORTISE_TRY(allocate());
    return sync();
  }

  // One random step.
  Status step() {
    const uint64_t dice = random_.below(100);
    if (dice < 70 || pages_now_.empty()) return pages_now_.empty() ? allocate() : change();
    if (dice < 78) return pages_now_.size() < 60 ? allocate() : release();
    if (dice < 83) return pages_now_.size() > 8 ? release() : allocate();
    if (dice < 91) return sync();
    if (dice < 94) return abort_some();
    if (dice < 98) {
      return storage_->pool()
          .clean(1 + static_cast<uint32_t>(random_.below(20)), Lsn{UINT64_MAX})
          .status();
    }
    return storage_->checkpoint();
  }

  Status sync() {
    MORTISE_TRY(storage_->log().flush());
    acknowledged_ = storage_->log().durable_lsn();
    return {};
  }

  // The power fails; what is on disk is decided by `seed`.
  void crash(uint64_t seed) {
    if (storage_ != nullptr) {
      acknowledged_ = std::max(acknowledged_, storage_->log().durable_lsn());
    }
    storage_.reset();
    disk_.stop_at_operation(0);
    disk_.crash(seed);
  }

  // Is the opened storage what the model says?  Forgets the steps that are lost.
  Status check() {
    const Lsn end = storage_->report().log_end;
    if (acknowledged_ > end) return internal("acknowledged steps are lost");
    while (!steps_.empty() && steps_.back().end > end) steps_.pop_back();
    std::map<PageId, Page> expected;
    for (const Step& step : steps_) apply(step, expected);
    MORTISE_TRY(storage_->spaces().verify(SpaceId{0}));
    if (segment_ == kNoSegment || steps_.empty()) return {};
    space::ScanRange range;
    std::map<PageId, Page> found;
    for (;;) {
      MORTISE_TRY_ASSIGN(const auto pages, storage_->spaces().scan(segment_, range, 64));
      if (pages.empty()) break;
      for (const space::PageRef& ref : pages) {
        MORTISE_TRY_ASSIGN(const auto guard,
                           storage_->pool().shared(ref.id, {.size_class = ref.size_class}));
        found[ref.id] = {ref.size_class, {guard.data() + 32, guard.data() + guard.size_bytes()}};
      }
    }
    if (found.size() != expected.size()) {
      return internal("pages: found " + std::to_string(found.size()) + ", expected " +
                      std::to_string(expected.size()));
    }
    for (const auto& [id, page] : expected) {
      if (!found.contains(id)) return internal("missing " + page::name_of(id));
      if (found[id].body != page.body) return internal("differs: " + page::name_of(id));
    }
    pages_now_ = std::move(expected);
    return storage_->pool().verify();
  }

  size_t step_count() const { return steps_.size(); }
  SegmentId segment() const { return segment_; }
  platform::Random& random() { return random_; }
  PageId some_page() {
    auto it = pages_now_.begin();
    std::advance(it, static_cast<std::ptrdiff_t>(random_.below(pages_now_.size())));
    return it->first;
  }

 private:
  struct Page {
    page::SizeClass size_class;
    std::vector<std::byte> body;
  };
  struct Op {
    enum class Kind : uint8_t { allocate, release, write, fill, move };
    Kind kind;
    PageId page;
    page::SizeClass size_class{};
    uint32_t offset = 0;
    uint32_t length = 0;
    uint32_t source = 0;
    std::byte value{};
    std::vector<std::byte> bytes{};
  };
  struct Step {
    Lsn end;
    std::vector<Op> ops;
  };

  static void apply(const Step& step, std::map<PageId, Page>& pages) {
    for (const Op& op : step.ops) {
      switch (op.kind) {
        case Op::Kind::allocate:
          pages[op.page] = {op.size_class,
                            std::vector<std::byte>(page::bytes_of(op.size_class) - 32)};
          break;
        case Op::Kind::release:
          pages.erase(op.page);
          break;
        case Op::Kind::write:
          std::copy(op.bytes.begin(), op.bytes.end(), pages[op.page].body.begin() + op.offset);
          break;
        case Op::Kind::fill:
          std::fill_n(pages[op.page].body.begin() + op.offset, op.length, op.value);
          break;
        case Op::Kind::move: {
          std::vector<std::byte>& body = pages[op.page].body;
          std::memmove(body.data() + op.offset, body.data() + op.source, op.length);
          break;
        }
      }
    }
  }

  void record(Step step) {
    apply(step, pages_now_);
    steps_.push_back(std::move(step));
  }

  Op random_op(PageId page) {
    const auto size = static_cast<uint32_t>(pages_now_[page].body.size());
    Op op{.kind = Op::Kind::write, .page = page};
    op.length = 1 + static_cast<uint32_t>(random_.below(200));
    op.offset = static_cast<uint32_t>(random_.below(size - op.length));
    op.source = static_cast<uint32_t>(random_.below(size - op.length));
    op.value = static_cast<std::byte>(random_.below(256));
    const uint64_t dice = random_.below(10);
    if (dice < 2) op.kind = Op::Kind::fill;
    if (dice >= 8) op.kind = Op::Kind::move;
    if (op.kind == Op::Kind::write) {
      op.bytes.resize(op.length);
      random_.fill(op.bytes);
    }
    return op;
  }

  static void perform(log::Mtr& mtr, log::PageX page, const Op& op) {
    switch (op.kind) {
      case Op::Kind::write:
        mtr.write(page, op.offset + 32, op.bytes);
        break;
      case Op::Kind::fill:
        mtr.fill(page, op.offset + 32, op.length, op.value);
        break;
      case Op::Kind::move:
        mtr.move(page, op.offset + 32, op.source + 32, op.length);
        break;
      default:
        MORTISE_UNREACHABLE();
    }
  }

  Status change() {
    Step step;
    log::Mtr mtr(storage_->mtr_context());
    for (uint64_t i = 1 + random_.below(4); i > 0; --i) {
      Op op = random_op(some_page());
      MORTISE_TRY_ASSIGN(const auto page, mtr.exclusive(op.page));
      perform(mtr, page, op);
      step.ops.push_back(std::move(op));
    }
    step.end = mtr.commit();
    record(std::move(step));
    return {};
  }

  // M3: changes and pages that are taken back.
  Status abort_some() {
    log::Mtr mtr(storage_->mtr_context());
    MORTISE_TRY(
        storage_->spaces().allocate_page(mtr, segment_, random_class(), page::PageType::heap));
    for (int i = 0; i < 3; ++i) {
      const Op op = random_op(some_page());
      MORTISE_TRY_ASSIGN(const auto page, mtr.exclusive(op.page));
      perform(mtr, page, op);
    }
    return {};
  }

  page::SizeClass random_class() {
    return static_cast<page::SizeClass>(random_.one_in(4) ? random_.below(4) : 0);
  }

  Status allocate() {
    Step step;
    log::Mtr mtr(storage_->mtr_context());
    const page::SizeClass size_class = random_class();
    MORTISE_TRY_ASSIGN(const auto page, storage_->spaces().allocate_page(mtr, segment_, size_class,
                                                                         page::PageType::heap));
    step.ops.push_back({.kind = Op::Kind::allocate, .page = page.id(), .size_class = size_class});
    std::vector<std::byte> bytes(500);
    random_.fill(bytes);
    mtr.write(page, 100 + 32, bytes);
    step.ops.push_back({.kind = Op::Kind::write,
                        .page = page.id(),
                        .offset = 100,
                        .length = 500,
                        .bytes = std::move(bytes)});
    step.end = mtr.commit();
    record(std::move(step));
    return {};
  }

  Status release() {
    Step step;
    const PageId page = some_page();
    log::Mtr mtr(storage_->mtr_context());
    MORTISE_TRY(storage_->spaces().free_page(mtr, segment_, page));
    step.ops.push_back({.kind = Op::Kind::release, .page = page});
    step.end = mtr.commit();
    record(std::move(step));
    return {};
  }

  platform::Random random_;
  platform::SimDisk disk_;
  std::unique_ptr<Storage> storage_;
  SegmentId segment_ = kNoSegment;
  std::vector<Step> steps_;
  std::map<PageId, Page> pages_now_;
  Lsn acknowledged_{};
};

}  // namespace mortise::recovery
