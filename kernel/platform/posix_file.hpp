// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the Linux files and their two kinds of queue share?
//
// Private to kernel/platform.
//
// Threads: [any, concurrent]

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <string>

#include "kernel/platform/io.hpp"

namespace mortise::platform {

static_assert(sizeof(IoPiece) == sizeof(iovec));
static_assert(offsetof(IoPiece, data) == offsetof(iovec, iov_base));
static_assert(offsetof(IoPiece, size_bytes) == offsetof(iovec, iov_len));

class PosixFile final : public File {
 public:
  PosixFile(std::string path, bool direct, int descriptor);
  ~PosixFile() override;

  Status read_at(uint64_t offset_bytes, std::span<std::byte> into) override;
  Status write_at(uint64_t offset_bytes, std::span<const std::byte> from) override;
  Status sync() override;
  Result<uint64_t> size_bytes() override;
  Status resize(uint64_t size_bytes) override;
  Status preallocate(uint64_t offset_bytes, uint64_t size_bytes) override;

  int descriptor() const { return descriptor_; }
  // Does what the request says, from `done_bytes` on, and waits for it.
  Status perform(const IoRequest& request, uint64_t done_bytes = 0);
  // F2.
  Status check_alignment(const IoRequest& request) const;
  // The failure for an errno of a read, write or sync.
  Status failure(IoRequest::Kind kind, int error) const;
  Status end_of_file(uint64_t offset_bytes, uint64_t size_bytes) const;

 private:
  const int descriptor_;
};

Result<std::unique_ptr<IoQueue>> make_thread_queue(uint32_t depth, uint32_t thread_count);
// `unsupported` with the reason where the kernel or the container refuses io_uring.
Result<std::unique_ptr<IoQueue>> make_uring_queue(uint32_t depth);

}  // namespace mortise::platform
