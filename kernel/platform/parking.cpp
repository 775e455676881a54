// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/parking.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <ctime>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/scheduler.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));
static_assert(std::atomic<uint32_t>::is_always_lock_free);

}  // namespace

bool park_wait(const std::atomic<uint32_t>& word, uint32_t expected, uint64_t deadline_ns) {
  if (Scheduler* scheduler = current_scheduler()) {
    return scheduler->park(word, expected, deadline_ns);
  }
  timespec deadline{};
  timespec* until = nullptr;
  if (deadline_ns != kNoDeadline) {
    deadline.tv_sec = static_cast<time_t>(deadline_ns / kNanosecondsPerSecond);
    deadline.tv_nsec = static_cast<long>(deadline_ns % kNanosecondsPerSecond);
    until = &deadline;
  }
  // The bitset form takes an absolute time of the monotonic clock.
  const long answer = syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, expected,
                              until, nullptr, FUTEX_BITSET_MATCH_ANY);
  if (answer == 0) return true;
  MORTISE_ASSERT(errno == EAGAIN || errno == EINTR || errno == ETIMEDOUT);
  return errno != ETIMEDOUT;
}

void park_wake(const std::atomic<uint32_t>& word, uint32_t count) {
  if (Scheduler* scheduler = current_scheduler()) {
    scheduler->wake(word, count);
    return;
  }
  // The word may be gone by now (a lock freed by whom we wake): the address alone is used, and an
  // error for an unmapped one is expected.
  syscall(SYS_futex, &word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count > INT_MAX ? INT_MAX : count,
          nullptr, nullptr, 0);
}

}  // namespace mortise::platform
