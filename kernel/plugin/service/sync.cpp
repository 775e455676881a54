// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/parking.hpp"
#include "kernel/platform/random.hpp"
#include "kernel/platform/scheduler.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/sync.h"

namespace mortise::plugin {

namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

const std::atomic<uint32_t>& atomic_at(const uint32_t* word) {
  return *reinterpret_cast<const std::atomic<uint32_t>*>(word);
}

void MORTISE_CALL park(const uint32_t* word, uint32_t expected, uint64_t deadline_ns) {
  platform::park_wait(atomic_at(word), expected, deadline_ns);
}

void MORTISE_CALL wake(const uint32_t* word, uint32_t count) {
  platform::park_wake(atomic_at(word), count);
}

void MORTISE_CALL yield(const char* name) {
  MORTISE_YIELD(name);
  platform::this_thread::yield();
}

uint64_t MORTISE_CALL monotonic_ns() {
  return platform::monotonic_ns();
}

int64_t MORTISE_CALL realtime_us() {
  return platform::realtime_us();
}

void MORTISE_CALL random(void* bytes, uint64_t size_bytes) {
  const std::span<std::byte> into(static_cast<std::byte*>(bytes), size_bytes);
  if (platform::current_scheduler() == nullptr && platform::fill_random_secret(into).is_ok()) {
    return;
  }
  // Under the simulator, or on a system without a source: seeded from what there is.
  platform::Random generator(platform::random_seed());
  generator.fill(into);
}

mortise_status_t MORTISE_CALL thread_start(mortise_str_t name, uint64_t stack_size_bytes,
                                           void(MORTISE_CALL* run)(void* context), void* context,
                                           mortise_thread_t** thread, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    auto handle = std::make_unique<platform::Thread>();
    MORTISE_TRY_ASSIGN(*handle,
                       platform::Thread::spawn(
                           view_of(name), [run, context] { run(context); }, stack_size_bytes));
    *thread = reinterpret_cast<mortise_thread_t*>(handle.release());
    return {};
  });
}

void MORTISE_CALL thread_join(mortise_thread_t* thread) {
  const std::unique_ptr<platform::Thread> handle(reinterpret_cast<platform::Thread*>(thread));
  handle->join();
}

constexpr mortise_iface_sync_t kTable = {header_of<mortise_iface_sync_t>(),
                                         park,
                                         wake,
                                         yield,
                                         monotonic_ns,
                                         realtime_us,
                                         random,
                                         thread_start,
                                         thread_join};

}  // namespace

const void* sync_table() {
  return &kTable;
}

}  // namespace mortise::plugin
