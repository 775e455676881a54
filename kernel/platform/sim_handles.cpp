// SPDX-License-Identifier: Apache-2.0
//
// The files, locks and queues of the simulated disk.

#include <algorithm>
#include <cerrno>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/platform/sim_state.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

class SimFile final : public File {
 public:
  SimFile(std::string path, bool direct, bool writable, std::shared_ptr<SimDisk::State> state,
          std::shared_ptr<SimInode> inode, uint64_t epoch)
      : File(std::move(path), direct),
        writable_(writable),
        state_(std::move(state)),
        inode_(std::move(inode)),
        epoch_(epoch) {}
  ~SimFile() override {
    Lock lock(state_->mutex);
    inode_.reset();  // may be the last of a removed file and count blocks
  }

  Status perform(const IoRequest& request) {
    const IoPiece whole{request.buffer.data(), request.buffer.size()};
    const std::span<const IoPiece> pieces =
        request.pieces.empty() ? std::span<const IoPiece>(&whole, 1) : request.pieces;
    switch (request.kind) {
      case IoRequest::Kind::read:
        return read(request.offset_bytes, pieces);
      case IoRequest::Kind::write:
        return write(request.offset_bytes, pieces);
      case IoRequest::Kind::sync:
        return sync();
    }
    MORTISE_UNREACHABLE();
  }

  Status read_at(uint64_t offset_bytes, std::span<std::byte> into) override {
    const IoPiece whole{into.data(), into.size()};
    return read(offset_bytes, {&whole, 1});
  }
  Status write_at(uint64_t offset_bytes, std::span<const std::byte> from) override {
    const IoPiece whole{const_cast<std::byte*>(from.data()), from.size()};
    return write(offset_bytes, {&whole, 1});
  }

  Status sync() override {
    MORTISE_YIELD("disk.sync");
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (const int error = state_->count(SimDisk::Operation::sync); error != 0) {
      // The power failing in the middle is for crash() to decide; a failed device loses it.
      if (state_->stop_at == 0) inode_->fail_sync();
      return os_error(error, "sync", path());
    }
    inode_->sync();
    return {};
  }

  Result<uint64_t> size_bytes() override {
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    return inode_->size_bytes();
  }

  Status resize(uint64_t size_bytes) override {
    MORTISE_YIELD("disk.resize");
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (!writable_) return os_error(EBADF, "resize", path());
    if (const int error = state_->count(SimDisk::Operation::write); error != 0) {
      return os_error(error, "resize", path());
    }
    inode_->resize(size_bytes);
    return {};
  }

  Status preallocate(uint64_t offset_bytes, uint64_t size_bytes) override {
    AlignedBuffer zeros(std::min<uint64_t>(size_bytes, uint64_t{1} << 20));
    for (uint64_t done = 0; done < size_bytes;) {
      const uint64_t part = std::min<uint64_t>(zeros.size(), size_bytes - done);
      MORTISE_TRY(write_at(offset_bytes + done, zeros.bytes().first(part)));
      done += part;
    }
    return {};
  }

 private:
  Status check_alive() MORTISE_REQUIRES(state_->mutex) {
    return epoch_ == state_->epoch ? Status() : os_error(EIO, "use after a crash", path());
  }

  Status check_alignment(uint64_t offset, std::span<const IoPiece> pieces) const {
    bool aligned = !is_direct() || is_aligned(offset, kDirectAlignmentBytes);
    for (const IoPiece& piece : pieces) {
      aligned = aligned && (!is_direct() || (is_aligned(piece.data, kDirectAlignmentBytes) &&
                                             is_aligned(piece.size_bytes, kDirectAlignmentBytes)));
    }
    if (aligned) return {};
    return invalid("unaligned direct access to \"" + path() + "\" at offset " +
                   std::to_string(offset));
  }

  Status read(uint64_t offset, std::span<const IoPiece> pieces) {
    MORTISE_YIELD("disk.read");
    MORTISE_TRY(check_alignment(offset, pieces));
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (const int error = state_->count(SimDisk::Operation::read); error != 0) {
      return os_error(error, "read", path());
    }
    for (const IoPiece& piece : pieces) {
      if (offset > inode_->size_bytes() || piece.size_bytes > inode_->size_bytes() - offset) {
        return io_failure("could not read \"" + path() + "\": end of file, " +
                          std::to_string(piece.size_bytes) + " bytes wanted at offset " +
                          std::to_string(offset));
      }
      inode_->read(offset, {piece.data, piece.size_bytes});
      offset += piece.size_bytes;
    }
    return {};
  }

  Status write(uint64_t offset, std::span<const IoPiece> pieces) {
    MORTISE_YIELD("disk.write");
    MORTISE_TRY(check_alignment(offset, pieces));
    Lock lock(state_->mutex);
    MORTISE_TRY(check_alive());
    if (!writable_) return os_error(EBADF, "write", path());
    return state_->write(*inode_, path(), offset, pieces);
  }

  const bool writable_;
  const std::shared_ptr<SimDisk::State> state_;
  std::shared_ptr<SimInode> inode_;
  const uint64_t epoch_;
};

class SimLock final : public FileLock {
 public:
  SimLock(std::shared_ptr<SimDisk::State> state, std::string path, uint64_t epoch)
      : state_(std::move(state)), path_(std::move(path)), epoch_(epoch) {}
  ~SimLock() override {
    Lock lock(state_->mutex);
    if (epoch_ == state_->epoch) state_->locked.erase(path_);
  }

 private:
  const std::shared_ptr<SimDisk::State> state_;
  const std::string path_;
  const uint64_t epoch_;
};

// Requests are carried out when the seed says so: at submission, or at a later reap, in any order.
class SimQueue final : public IoQueue {
 public:
  SimQueue(uint32_t depth, uint64_t seed) : depth_(depth), random_(seed) {}
  ~SimQueue() override {
    Lock lock(mutex_);
    while (!waiting_.empty()) perform_one();
  }

  Status submit(std::span<IoRequest* const> requests) override {
    Lock lock(mutex_);
    if (waiting_.size() + finished_.size() + requests.size() > depth_) {
      return limit("I/O queue is full: " + std::to_string(depth_) + " requests");
    }
    waiting_.insert(waiting_.end(), requests.begin(), requests.end());
    while (!waiting_.empty() && random_.one_in(4)) perform_one();
    return {};
  }

  Result<size_t> reap(std::span<IoRequest*> done, size_t min_count, uint64_t) override {
    MORTISE_YIELD("disk.reap");
    Lock lock(mutex_);
    const size_t wanted = std::min(min_count, done.size());
    while (!waiting_.empty() && (finished_.size() < wanted || random_.one_in(2))) perform_one();
    const size_t count = std::min(done.size(), finished_.size());
    for (size_t i = 0; i < count; ++i) done[i] = finished_[i];
    finished_.erase(finished_.begin(), finished_.begin() + static_cast<ptrdiff_t>(count));
    return count;
  }

  uint32_t depth() const override { return depth_; }
  size_t in_flight_count() const override {
    Lock lock(mutex_);
    return waiting_.size() + finished_.size();
  }
  std::string_view kind() const override { return "sim"; }

 private:
  void perform_one() MORTISE_REQUIRES(mutex_) {
    const size_t chosen = random_.below(waiting_.size());
    IoRequest* const request = waiting_[chosen];
    waiting_.erase(waiting_.begin() + static_cast<ptrdiff_t>(chosen));
    request->result = static_cast<SimFile*>(request->file)->perform(*request);
    finished_.push_back(request);
  }

  const uint32_t depth_;
  mutable Mutex mutex_{LockRank::io_queue};
  Random random_ MORTISE_GUARDED_BY(mutex_);
  std::vector<IoRequest*> waiting_ MORTISE_GUARDED_BY(mutex_);
  std::vector<IoRequest*> finished_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<File> make_sim_file(const std::string& path, const OpenOptions& options,
                                    std::shared_ptr<SimDisk::State> state,
                                    std::shared_ptr<SimInode> inode, uint64_t epoch) {
  const bool writable = options.access == OpenOptions::Access::read_write;
  return std::make_unique<SimFile>(path, options.direct, writable, std::move(state),
                                   std::move(inode), epoch);
}

std::unique_ptr<FileLock> make_sim_lock(std::shared_ptr<SimDisk::State> state,
                                        const std::string& path, uint64_t epoch) {
  return std::make_unique<SimLock>(std::move(state), path, epoch);
}

std::unique_ptr<IoQueue> make_sim_queue(uint32_t depth, uint64_t seed) {
  return std::make_unique<SimQueue>(depth, seed);
}

}  // namespace mortise::platform
