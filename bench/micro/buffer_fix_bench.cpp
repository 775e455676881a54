// SPDX-License-Identifier: Apache-2.0
//
// Answers: what does it cost to look at a page that is in memory?
//
// Expected on a machine of 3 GHz: optimistic fix, one read, validate: at most 10 ns while the
// descriptors fit the caches; a shared latch about twice that.  Pages are visited in a shuffled
// order, so that the working set is the one that is named.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/sim_disk.hpp"
#include "kernel/recovery/storage.hpp"

namespace mortise {
namespace {

struct Pages {
  platform::SimDisk disk{1};
  std::unique_ptr<recovery::Storage> storage;
  std::vector<PageId> ids;

  explicit Pages(size_t count) {
    recovery::StorageOptions options;
    options.pool.pool_bytes = uint64_t{256} << 20;
    options.log.flusher_thread = false;
    options.background_threads = false;
    require(recovery::Storage::create(disk, "/db", options));
    recovery::StorageOptions again;
    again.pool.pool_bytes = uint64_t{256} << 20;
    again.log.flusher_thread = false;
    again.background_threads = false;
    auto opened = recovery::Storage::open(disk, "/db", std::move(again), nullptr);
    require(opened.status());
    storage = std::move(*opened);
    SegmentId segment{};
    {
      log::Mtr mtr(storage->mtr_context());
      segment = storage->spaces().create_segment(mtr, SpaceId{0}, 1)->id;
      mtr.commit();
    }
    for (size_t i = 0; i < count; ++i) {
      log::Mtr mtr(storage->mtr_context());
      auto page = storage->spaces().allocate_page(mtr, segment, page::SizeClass::kib4,
                                                  page::PageType::heap);
      require(page.status());
      mtr.store(*page, 64, uint64_t{i});
      ids.push_back(page->id());
      mtr.commit();
    }
    platform::Random random(7);
    for (size_t i = ids.size(); i > 1; --i) std::swap(ids[i - 1], ids[random.below(i)]);
  }

  static void require(const Status& status) {
    if (status) return;
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    std::abort();
  }
};

// Not the same offset in every page: all of them would fall into a few sets of the caches.
size_t offset_of(size_t i) { return 64 + i % 61 * 64; }

void optimistic(benchmark::State& state) {
  Pages pages(static_cast<size_t>(state.range(0)));
  buffer::Pool& pool = pages.storage->pool();
  uint64_t sum = 0;
  size_t i = 0;
  for (auto _ : state) {
    auto read = pool.optimistic(pages.ids[i]);
    sum += load_le<uint64_t>(read->data() + offset_of(i));
    if (!read->validate()) std::abort();
    if (++i == pages.ids.size()) i = 0;
  }
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(optimistic)->Arg(64)->Arg(1024)->Arg(32768);

void shared(benchmark::State& state) {
  Pages pages(static_cast<size_t>(state.range(0)));
  buffer::Pool& pool = pages.storage->pool();
  uint64_t sum = 0;
  size_t i = 0;
  for (auto _ : state) {
    auto read = pool.shared(pages.ids[i]);
    sum += load_le<uint64_t>(read->data() + offset_of(i));
    if (++i == pages.ids.size()) i = 0;
  }
  benchmark::DoNotOptimize(sum);
}
BENCHMARK(shared)->Arg(64)->Arg(1024)->Arg(32768);

// One 8-byte change, latched, logged, released.
void change(benchmark::State& state) {
  Pages pages(static_cast<size_t>(state.range(0)));
  uint64_t value = 0;
  size_t i = 0;
  for (auto _ : state) {
    log::Mtr mtr(pages.storage->mtr_context());
    auto page = mtr.exclusive(pages.ids[i]);
    mtr.store(*page, 64, ++value);
    mtr.commit();
    if (++i == pages.ids.size()) i = 0;
  }
}
BENCHMARK(change)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace mortise
