// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/posix_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/platform/os_error.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

constexpr size_t kZeroBytes = size_t{1} << 20;
constexpr size_t kPiecesPerCallMax = IOV_MAX;

// One system call's worth of a request that is done up to `done_bytes`.
ssize_t transfer(int descriptor, const IoRequest& request, uint64_t done_bytes) {
  const off_t offset = static_cast<off_t>(request.offset_bytes + done_bytes);
  const bool is_read = request.kind == IoRequest::Kind::read;
  if (request.pieces.empty()) {
    std::byte* const data = request.buffer.data() + done_bytes;
    const size_t size = request.buffer.size() - done_bytes;
    return is_read ? pread(descriptor, data, size, offset) : pwrite(descriptor, data, size, offset);
  }
  std::vector<iovec> left;
  uint64_t skip = done_bytes;
  for (const IoPiece& piece : request.pieces) {
    if (left.size() == kPiecesPerCallMax) break;
    if (skip >= piece.size_bytes) {
      skip -= piece.size_bytes;
      continue;
    }
    left.push_back({piece.data + skip, piece.size_bytes - skip});
    skip = 0;
  }
  const int count = static_cast<int>(left.size());
  return is_read ? preadv(descriptor, left.data(), count, offset)
                 : pwritev(descriptor, left.data(), count, offset);
}

}  // namespace

PosixFile::PosixFile(std::string path, bool direct, int descriptor)
    : File(std::move(path), direct), descriptor_(descriptor) {
  MORTISE_ASSERT(descriptor_ >= 0);
}

PosixFile::~PosixFile() {
  close(descriptor_);
}

Status PosixFile::failure(IoRequest::Kind kind, int error) const {
  switch (kind) {
    case IoRequest::Kind::read:
      return os_error(error, "read", path());
    case IoRequest::Kind::write:
      return os_error(error, "write", path());
    case IoRequest::Kind::sync:
      return os_error(error, "sync", path());
  }
  MORTISE_UNREACHABLE();
}

Status PosixFile::end_of_file(uint64_t offset_bytes, uint64_t size_bytes) const {
  return io_failure("could not read \"" + path() + "\": end of file, " +
                    std::to_string(size_bytes) + " bytes wanted at offset " +
                    std::to_string(offset_bytes));
}

Status PosixFile::check_alignment(const IoRequest& request) const {
  if (!is_direct() || request.kind == IoRequest::Kind::sync) return {};
  bool aligned = is_aligned(request.offset_bytes, kDirectAlignmentBytes);
  const IoPiece whole{request.buffer.data(), request.buffer.size()};
  const std::span<const IoPiece> pieces =
      request.pieces.empty() ? std::span<const IoPiece>(&whole, 1) : request.pieces;
  for (const IoPiece& piece : pieces) {
    aligned = aligned && is_aligned(piece.data, kDirectAlignmentBytes) &&
              is_aligned(piece.size_bytes, kDirectAlignmentBytes);
  }
  if (aligned) return {};
  return invalid("unaligned direct access to \"" + path() + "\" at offset " +
                 std::to_string(request.offset_bytes) + ", " +
                 std::to_string(request.total_bytes()) + " bytes");
}

Status PosixFile::perform(const IoRequest& request, uint64_t done_bytes) {
  if (request.kind == IoRequest::Kind::sync) {
    // Never retried, not even after EINTR of the kind that lost something: F4.
    return fdatasync(descriptor_) == 0 ? Status() : failure(request.kind, errno);
  }
  MORTISE_TRY(check_alignment(request));
  const uint64_t total = request.total_bytes();
  while (done_bytes < total) {
    const ssize_t moved = transfer(descriptor_, request, done_bytes);
    if (moved < 0) {
      if (errno == EINTR) continue;
      return failure(request.kind, errno);
    }
    if (moved == 0) {
      if (request.kind == IoRequest::Kind::write) return failure(request.kind, ENOSPC);
      return end_of_file(request.offset_bytes, total);
    }
    done_bytes += static_cast<uint64_t>(moved);
  }
  return {};
}

Status PosixFile::read_at(uint64_t offset_bytes, std::span<std::byte> into) {
  IoRequest request;
  request.kind = IoRequest::Kind::read;
  request.offset_bytes = offset_bytes;
  request.buffer = into;
  return perform(request);
}

Status PosixFile::write_at(uint64_t offset_bytes, std::span<const std::byte> from) {
  IoRequest request;
  request.kind = IoRequest::Kind::write;
  request.offset_bytes = offset_bytes;
  request.buffer = {const_cast<std::byte*>(from.data()), from.size()};  // a write only reads it
  return perform(request);
}

Status PosixFile::sync() {
  IoRequest request;
  request.kind = IoRequest::Kind::sync;
  return perform(request);
}

Result<uint64_t> PosixFile::size_bytes() {
  struct stat info {};
  if (fstat(descriptor_, &info) != 0) return os_error(errno, "inspect", path());
  return static_cast<uint64_t>(info.st_size);
}

Status PosixFile::resize(uint64_t size_bytes) {
  if (ftruncate(descriptor_, static_cast<off_t>(size_bytes)) != 0) {
    return os_error(errno, "resize", path());
  }
  return {};
}

Status PosixFile::preallocate(uint64_t offset_bytes, uint64_t size_bytes) {
  if (size_bytes == 0) return {};
  if (is_direct() && !(is_aligned(offset_bytes, kDirectAlignmentBytes) &&
                       is_aligned(size_bytes, kDirectAlignmentBytes))) {
    return invalid("unaligned direct access to \"" + path() + "\" in preallocate");
  }
  // The reservation finds a full disk before the first write and keeps the extents together; a
  // file system without it is as good, only slower.
  if (fallocate(descriptor_, 0, static_cast<off_t>(offset_bytes), static_cast<off_t>(size_bytes)) !=
          0 &&
      errno != EOPNOTSUPP && errno != ENOSYS && errno != EINTR) {
    return os_error(errno, "extend", path());
  }
  const AlignedBuffer zeros(std::min<uint64_t>(kZeroBytes, align_up(size_bytes, 4096)));
  for (uint64_t done = 0; done < size_bytes;) {
    const uint64_t part = std::min<uint64_t>(zeros.size(), size_bytes - done);
    MORTISE_TRY(write_at(offset_bytes + done, zeros.bytes().first(part)));
    done += part;
  }
  return {};
}

}  // namespace mortise::platform
