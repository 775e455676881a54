// SPDX-License-Identifier: Apache-2.0
#include "kernel/recovery/redo.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "kernel/base/hash64.hpp"
#include "kernel/buffer/pool_redo.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::recovery {
namespace {

constexpr size_t kBatchBytes = 256 * 1024;
constexpr size_t kQueuedBatchesMax = 8;
// Pages of every size lie inside one megabyte, so whatever overlaps belongs to one worker.
constexpr uint32_t kUnitsPerShard = 256;

struct Batch {
  struct Entry {
    size_t offset;
    size_t size_bytes;
    Lsn lsn;
    Lsn end_lsn;
  };
  std::vector<std::byte> bytes;
  std::vector<Entry> entries;
};

class Worker {
 public:
  Worker(buffer::Pool& pool, page::SpaceFiles& files, uint32_t index, uint32_t count)
      : files_(files), redo_(pool), index_(index), count_(count) {}

  Status apply(const Batch& batch) {
    for (const Batch::Entry& e : batch.entries) {
      const auto view = log::RecordView::of_checked(
          std::span(batch.bytes).subspan(e.offset, e.size_bytes), e.lsn, e.end_lsn);
      for (uint32_t i = 0; i < view.page_count(); ++i) {
        if (is_mine(view.page_id(i))) MORTISE_TRY(apply_page(view, i));
      }
    }
    return {};
  }

  // Y3: what could not be redone and was not made anew.
  std::vector<DoubtfulPage> doubtful() const {
    std::vector<DoubtfulPage> pages;
    for (const auto& [id, why] : doubtful_) pages.push_back({id, why});
    return pages;
  }
  RedoCounts counts() const {
    RedoCounts counts = counts_;
    counts.pages = pages_.size();
    return counts;
  }

 private:
  bool is_mine(PageId page) const { return hash64(raw(page) / kUnitsPerShard) % count_ == index_; }

  static bool find_first_delta(const log::RecordView& view, uint32_t page_index, size_t& position,
                               log::Delta& delta) {
    while (view.next_delta(position, delta)) {
      if (delta.page_index == page_index) return true;
    }
    return false;
  }

  Status apply_page(const log::RecordView& view, uint32_t page_index) {
    const PageId page = view.page_id(page_index);
    size_t position = 0;
    log::Delta delta{};
    if (!find_first_delta(view, page_index, position, delta)) return {};
    buffer::PoolRedo::Page target;
    if (delta.op == log::DeltaOp::init) {
      MORTISE_TRY(make_anew(page, delta.size_class));
      MORTISE_TRY_ASSIGN(target, redo_.fresh(page, delta.size_class));
    } else {
      if (doubtful_.contains(page)) return {};
      auto read = redo_.read(page);
      if (!read) {
        if (read.error().code() != Code::corrupt) return std::move(read.error());
        doubtful_.emplace(page, std::move(read.error()));
        return {};
      }
      target = *read;
      const uint64_t page_seq = target.page_seq();
      if (page_seq >= raw(view.end_lsn())) {
        redo_.unchanged(target);
        ++counts_.skipped;
        return {};
      }
      if (page_seq != view.page_seq_before(page_index)) {
        redo_.unchanged(target);
        doubtful_.emplace(page,
                          corrupt("page has lost a write: " + page::name_of(page) + " is at " +
                                  std::to_string(page_seq) + ", the log goes on from " +
                                  std::to_string(view.page_seq_before(page_index))));
        return {};
      }
    }
    do {
      Status applied = log::apply_delta(target.bytes(), page, delta);
      if (!applied) {
        redo_.unchanged(target);
        return applied;
      }
      ++counts_.deltas;
    } while (find_first_delta(view, page_index, position, delta));
    redo_.changed(target, view.lsn(), view.end_lsn());
    pages_.insert(page);
    return {};
  }

  // Did `old`, whose size nobody knows now, lie over [page, end)?  A page is aligned to its size.
  // A yes too many only delays the complaint to the next read of the page.
  static bool may_overlap(PageId old, PageId page, uint64_t end) {
    if (space_of(old) != space_of(page)) return false;
    const uint64_t number = page_number_of(old);
    if (number >= page_number_of(page)) return number < end;
    const uint64_t units_max = std::min<uint64_t>(number & (~number + 1), kUnitsPerShard);
    return number + units_max > page_number_of(page);
  }

  Status make_anew(PageId page, page::SizeClass size_class) {
    const uint64_t end = page_number_of(page) + page::units_of(size_class);
    for (auto it = doubtful_.begin(); it != doubtful_.end();) {
      it = may_overlap(it->first, page, end) ? doubtful_.erase(it) : std::next(it);
    }
    if (files_.size_units(space_of(page)) < end) return files_.extend(space_of(page), end);
    return {};
  }

  page::SpaceFiles& files_;
  buffer::PoolRedo redo_;
  const uint32_t index_;
  const uint32_t count_;
  std::unordered_map<PageId, Status, IdHash> doubtful_;
  std::unordered_set<PageId, IdHash> pages_;
  RedoCounts counts_;
};

}  // namespace

struct Redo::State {
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<platform::Thread> threads;
  std::shared_ptr<Batch> filling = std::make_shared<Batch>();

  platform::Mutex mutex{platform::LockRank::leaf};
  platform::CondVar changed;
  std::vector<std::deque<std::shared_ptr<Batch>>> queues MORTISE_GUARDED_BY(mutex);
  bool is_finishing MORTISE_GUARDED_BY(mutex) = false;
  Status failure MORTISE_GUARDED_BY(mutex);

  void run(uint32_t index);
  Status hand_over();
  void stop();
};

Redo::Redo(std::unique_ptr<State> state) : state_(std::move(state)) {}
Redo::~Redo() {
  state_->stop();
}

Result<std::unique_ptr<Redo>> Redo::create(buffer::Pool& pool, page::SpaceFiles& files,
                                           uint32_t thread_count) {
  std::unique_ptr<Redo> redo(new Redo(std::make_unique<State>()));
  State& s = *redo->state_;
  const uint32_t workers = thread_count <= 1 ? 1 : thread_count;
  for (uint32_t i = 0; i < workers; ++i) {
    s.workers.push_back(std::make_unique<Worker>(pool, files, i, workers));
  }
  if (thread_count <= 1) return redo;
  s.queues.resize(workers);
  for (uint32_t i = 0; i < workers; ++i) {
    MORTISE_TRY_ASSIGN(auto thread, platform::Thread::spawn("redo", [&s, i] { s.run(i); }));
    s.threads.push_back(std::move(thread));
  }
  return redo;
}

void Redo::State::run(uint32_t index) {
  for (;;) {
    std::shared_ptr<Batch> batch;
    {
      platform::Lock lock(mutex);
      while (queues[index].empty() && !is_finishing) changed.wait(mutex);
      if (queues[index].empty()) return;
      batch = queues[index].front();
      queues[index].pop_front();
      changed.notify_all();
      if (!failure) continue;  // drains the queue
    }
    Status applied = workers[index]->apply(*batch);
    if (applied) continue;
    platform::Lock lock(mutex);
    if (failure) failure = std::move(applied);
  }
}

Status Redo::State::hand_over() {
  std::shared_ptr<Batch> full = std::exchange(filling, std::make_shared<Batch>());
  if (threads.empty()) return workers[0]->apply(*full);
  platform::Lock lock(mutex);
  for (auto& queue : queues) {
    while (queue.size() >= kQueuedBatchesMax) changed.wait(mutex);
    queue.push_back(full);
  }
  changed.notify_all();
  return failure;
}

void Redo::State::stop() {
  {
    platform::Lock lock(mutex);
    is_finishing = true;
  }
  changed.notify_all();
  for (platform::Thread& thread : threads) thread.join();
  threads.clear();
}

Status Redo::add(const log::RecordView& record) {
  if (record.page_count() == 0) return {};
  Batch& batch = *state_->filling;
  batch.entries.push_back(
      {batch.bytes.size(), record.bytes().size(), record.lsn(), record.end_lsn()});
  batch.bytes.insert(batch.bytes.end(), record.bytes().begin(), record.bytes().end());
  return batch.bytes.size() < kBatchBytes ? Status() : state_->hand_over();
}

Result<RedoCounts> Redo::finish() {
  State& s = *state_;
  Status handed = s.hand_over();
  s.stop();
  MORTISE_TRY(std::move(handed));
  {
    platform::Lock lock(s.mutex);
    MORTISE_TRY(Status(s.failure));
  }
  RedoCounts total;
  for (const auto& worker : s.workers) {
    for (DoubtfulPage& page : worker->doubtful()) total.doubtful.push_back(std::move(page));
    const RedoCounts counts = worker->counts();
    total.pages += counts.pages;
    total.deltas += counts.deltas;
    total.skipped += counts.skipped;
  }
  return total;
}

}  // namespace mortise::recovery
