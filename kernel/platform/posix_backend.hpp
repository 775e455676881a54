// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does the IoBackend look on Linux?
//
// Queues use io_uring where the kernel and the container allow it and a pool of threads with
// preadv/pwritev elsewhere; which one, and why, is in description() for the log.
//
// Threads: [any, concurrent]

#include <cstdint>
#include <memory>
#include <string>

#include "kernel/platform/io.hpp"

namespace mortise::platform {

enum class QueueKind : uint8_t { automatic, uring, threads };

struct PosixOptions {
  QueueKind queues = QueueKind::automatic;
  uint32_t queue_thread_count = 4;  // per queue of the thread kind
};

// With QueueKind::uring make_queue fails where io_uring is refused; `automatic` never does.
std::unique_ptr<IoBackend> make_posix_backend(const PosixOptions& options = {});

}  // namespace mortise::platform
