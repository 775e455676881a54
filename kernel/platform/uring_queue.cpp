// SPDX-License-Identifier: Apache-2.0
//
// Requests go to the kernel through io_uring.  One ring per queue; submitting and reaping have
// locks of their own, so that a thread that waits for completions does not keep others from
// submitting.  Short transfers and interrupted calls are finished with a blocking call: they are
// rare, and a second trip through the ring would need buffers of its own.
//
// Refused for now: registered files and buffers (they tie the queue to the buffer pool's life) and
// SINGLE_ISSUER (queues may be used by several threads).

#include <liburing.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/platform/posix_file.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

constexpr size_t kCompletionsPerLook = 64;

class UringQueue final : public IoQueue {
 public:
  explicit UringQueue(uint32_t depth) : depth_(depth) {}

  ~UringQueue() override {
    if (!opened_) return;
    std::vector<IoRequest*> rest(depth_);
    while (in_flight_count() > 0) {
      if (!reap(rest, 1, kNoDeadline)) break;
    }
    io_uring_queue_exit(&ring_);
  }

  Status open() {
    const int error = -io_uring_queue_init(depth_, &ring_, 0);
    if (error != 0) return unsupported("io_uring refused: " + errno_text(error));
    opened_ = true;
    // Without it a wait with a deadline would use the submission side and race with submit().
    if ((ring_.features & IORING_FEAT_EXT_ARG) == 0) {
      return unsupported("io_uring refused: the kernel is older than 5.11");
    }
    return {};
  }

  Status submit(std::span<IoRequest* const> requests) override {
    Lock lock(submit_mutex_);
    if (in_flight_ + requests.size() > depth_) {
      return limit("I/O queue is full: " + std::to_string(depth_) + " requests");
    }
    size_t entry_count = 0;
    for (IoRequest* request : requests) {
      MORTISE_ASSERT(request->file != nullptr);
      ++in_flight_;
      if (prepare(request)) ++entry_count;
    }
    while (entry_count > 0) {
      const int taken = io_uring_submit(&ring_);
      if (taken >= 0) {
        entry_count -= std::min(entry_count, static_cast<size_t>(taken));
        continue;
      }
      // Anything else would be a fault of ours in the ring.
      MORTISE_ASSERT(taken == -EAGAIN || taken == -EBUSY || taken == -EINTR);
    }
    return {};
  }

  Result<size_t> reap(std::span<IoRequest*> done, size_t min_count, uint64_t deadline_ns) override {
    Lock lock(reap_mutex_);
    size_t count = 0;
    while (true) {
      count += collect(done.subspan(count));
      if (count == done.size()) return count;
      const size_t left = in_flight_count();
      if (count >= std::min({min_count, done.size(), count + left})) return count;
      const int answer = wait_for_one(deadline_ns);
      if (answer == -ETIME) {
        count += collect(done.subspan(count));
        return count;
      }
      if (answer != 0 && answer != -EINTR && answer != -EAGAIN) {
        return os_error(-answer, "wait for", "io_uring");
      }
    }
  }

  uint32_t depth() const override { return depth_; }
  size_t in_flight_count() const override {
    Lock lock(submit_mutex_);
    return in_flight_;
  }
  std::string_view kind() const override { return "io_uring"; }

 private:
  // False when the request is finished already (refused, or nothing to move).
  bool prepare(IoRequest* request) MORTISE_REQUIRES(submit_mutex_) {
    PosixFile& file = *static_cast<PosixFile*>(request->file);
    Status aligned = file.check_alignment(*request);
    const bool is_sync = request->kind == IoRequest::Kind::sync;
    const bool too_many = request->pieces.size() > IOV_MAX;
    if (!aligned || too_many || (!is_sync && request->total_bytes() == 0)) {
      request->result = too_many ? file.perform(*request) : std::move(aligned);
      finished_.push_back(request);
      return false;
    }
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    MORTISE_ASSERT(entry != nullptr);  // depth_ bounds what is in flight
    const int descriptor = file.descriptor();
    const auto* vector = reinterpret_cast<const iovec*>(request->pieces.data());
    const unsigned vector_count = static_cast<unsigned>(request->pieces.size());
    const unsigned size = static_cast<unsigned>(
        std::min<size_t>(request->buffer.size(), size_t{1} << 30));  // the rest by perform()
    switch (request->kind) {
      case IoRequest::Kind::read:
        if (vector_count > 0) {
          io_uring_prep_readv(entry, descriptor, vector, vector_count, request->offset_bytes);
        } else {
          io_uring_prep_read(entry, descriptor, request->buffer.data(), size,
                             request->offset_bytes);
        }
        break;
      case IoRequest::Kind::write:
        if (vector_count > 0) {
          io_uring_prep_writev(entry, descriptor, vector, vector_count, request->offset_bytes);
        } else {
          io_uring_prep_write(entry, descriptor, request->buffer.data(), size,
                              request->offset_bytes);
        }
        break;
      case IoRequest::Kind::sync:
        io_uring_prep_fsync(entry, descriptor, IORING_FSYNC_DATASYNC);
        break;
    }
    io_uring_sqe_set_data(entry, request);
    return true;
  }

  size_t collect(std::span<IoRequest*> done) MORTISE_REQUIRES(reap_mutex_) {
    size_t count = 0;
    Lock lock(submit_mutex_);  // also orders this thread after the submitter of what it reads
    while (count < done.size() && !finished_.empty()) {
      done[count++] = finished_.back();
      finished_.pop_back();
    }
    io_uring_cqe* completions[kCompletionsPerLook];
    while (count < done.size()) {
      const unsigned wanted =
          static_cast<unsigned>(std::min(kCompletionsPerLook, done.size() - count));
      const unsigned got = io_uring_peek_batch_cqe(&ring_, completions, wanted);
      for (unsigned i = 0; i < got; ++i) {
        auto* request = static_cast<IoRequest*>(io_uring_cqe_get_data(completions[i]));
        finish(*request, completions[i]->res);
        done[count++] = request;
      }
      io_uring_cq_advance(&ring_, got);
      if (got < wanted) break;
    }
    MORTISE_ASSERT(count <= in_flight_);
    in_flight_ -= count;
    return count;
  }

  static void finish(IoRequest& request, int answer) {
    PosixFile& file = *static_cast<PosixFile*>(request.file);
    if (answer < 0) {
      const bool again =
          (answer == -EINTR || answer == -EAGAIN) && request.kind != IoRequest::Kind::sync;
      request.result = again ? file.perform(request) : file.failure(request.kind, -answer);
      return;
    }
    const uint64_t moved = static_cast<uint64_t>(answer);
    if (request.kind == IoRequest::Kind::sync || moved == request.total_bytes()) {
      request.result = Status();
    } else {
      // A part was moved.  A direct file may stop at an odd place only at its end.
      const uint64_t from = file.is_direct() ? moved & ~uint64_t{kDirectAlignmentBytes - 1} : moved;
      request.result = file.perform(request, from);
    }
  }

  int wait_for_one(uint64_t deadline_ns) MORTISE_REQUIRES(reap_mutex_) {
    io_uring_cqe* completion = nullptr;
    if (deadline_ns == kNoDeadline) return io_uring_wait_cqe(&ring_, &completion);
    const uint64_t now = monotonic_ns();
    if (deadline_ns <= now) return -ETIME;
    const uint64_t left = deadline_ns - now;
    __kernel_timespec timeout{};
    timeout.tv_sec = static_cast<int64_t>(left / kNanosecondsPerSecond);
    timeout.tv_nsec = static_cast<int64_t>(left % kNanosecondsPerSecond);
    return io_uring_wait_cqe_timeout(&ring_, &completion, &timeout);
  }

  const uint32_t depth_;
  bool opened_ = false;  // constant after open()
  Mutex reap_mutex_{LockRank::io_reap};
  mutable Mutex submit_mutex_{LockRank::io_queue};
  io_uring ring_{};  // submission side: submit_mutex_; completion side: reap_mutex_
  size_t in_flight_ MORTISE_GUARDED_BY(submit_mutex_) = 0;
  std::vector<IoRequest*> finished_ MORTISE_GUARDED_BY(submit_mutex_);
};

}  // namespace

Result<std::unique_ptr<IoQueue>> make_uring_queue(uint32_t depth) {
  MORTISE_ASSERT(depth > 0);
  auto queue = std::make_unique<UringQueue>(depth);
  MORTISE_TRY(queue->open());
  return std::unique_ptr<IoQueue>(std::move(queue));
}

}  // namespace mortise::platform
