// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do bytes get to and from storage?
//
// Nothing else in the kernel reads or writes files.  Implementations: PosixBackend (thread pool
// or io_uring queues) and SimDisk (memory, with faults and crashes).
//
// Invariants
//   F1  A read or write moves all bytes or fails; after a failed write the range is undefined.
//   F2  On a direct file, addresses, offsets and sizes are multiples of kDirectAlignmentBytes;
//       others are refused with Code::invalid before anything is done.
//   F3  Bytes are durable after a sync() that began after their write had returned; the existence
//       of a file after a sync_directory() of its directory.
//   F4  After a failed sync nothing is known about earlier writes: never retry, stop.
//   F5  Failures name the path and the system's reason; SQLSTATE as in os_error.hpp.
//
// Threads: all [any, concurrent] unless said otherwise.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/basic_sync.hpp"  // kNoDeadline
#include "mortise/cpp/result.hpp"

namespace mortise::platform {

inline constexpr size_t kDirectAlignmentBytes = 4096;

struct OpenOptions {
  enum class Access : uint8_t { read, read_write };
  Access access = Access::read;
  bool create = false;     // make it when it is not there
  bool exclusive = false;  // with create: `duplicate` when it is there
  bool direct = false;     // past the page cache where the file system grants it
};

class File {
 public:
  virtual ~File() = default;

  // A read past the end is Code::io with "end of file" in the message.
  virtual Status read_at(uint64_t offset_bytes, std::span<std::byte> into) = 0;
  // Writing past the end makes the file longer.
  virtual Status write_at(uint64_t offset_bytes, std::span<const std::byte> from) = 0;
  // Makes completed writes and the size durable (F3, F4).
  virtual Status sync() = 0;
  virtual Result<uint64_t> size_bytes() = 0;
  virtual Status resize(uint64_t size_bytes) = 0;
  // Writes zeros over a range (real ones: later syncs inside it then need no metadata) and makes
  // the file at least that long.  What stood in the range is gone.  Not durable before sync().
  virtual Status preallocate(uint64_t offset_bytes, uint64_t size_bytes) = 0;

  // False when direct access was asked for and refused.
  bool is_direct() const { return direct_; }
  const std::string& path() const { return path_; }

 protected:
  File(std::string path, bool direct) : path_(std::move(path)), direct_(direct) {}

 private:
  const std::string path_;
  const bool direct_;
};

// A stretch of memory of a vectored request; laid out as the system's iovec.
struct IoPiece {
  std::byte* data;
  size_t size_bytes;
};

struct IoRequest {
  enum class Kind : uint8_t { read, write, sync };
  Kind kind = Kind::read;
  File* file = nullptr;  // made by the same backend
  uint64_t offset_bytes = 0;
  std::span<std::byte> buffer;
  // When not empty, takes the place of `buffer`: one contiguous range of the file, many of memory.
  std::span<const IoPiece> pieces;
  void* user = nullptr;  // the submitter's
  Status result;         // set before reap answers it

  uint64_t total_bytes() const {
    if (pieces.empty()) return buffer.size();
    uint64_t total = 0;
    for (const IoPiece& piece : pieces) total += piece.size_bytes;
    return total;
  }
};

// Requests in flight.  Destruction waits for all of them.
class IoQueue {
 public:
  virtual ~IoQueue() = default;

  // Hands requests over; they and their buffers stay the submitter's and stay put until reaped.
  // All are accepted or (`limit`, more than `depth` in flight) none.  Failures of a request itself
  // come with its result.
  virtual Status submit(std::span<IoRequest* const> requests) = 0;
  // Fills `done` with finished requests, waits for at least `min_count` of them (never more than
  // are in flight) until the deadline.  Answers how many.
  virtual Result<size_t> reap(std::span<IoRequest*> done, size_t min_count,
                              uint64_t deadline_ns = kNoDeadline) = 0;
  virtual uint32_t depth() const = 0;
  virtual size_t in_flight_count() const = 0;
  // "io_uring", "threads", "sim"
  virtual std::string_view kind() const = 0;
};

// Holds a lock file until it is destroyed or the process ends, however it ends.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

class IoBackend {
 public:
  virtual ~IoBackend() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                             const OpenOptions& options) = 0;
  virtual Status remove(const std::string& path) = 0;
  // Replaces `to` in one step when it is there.
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  // One level; `duplicate` when it is there.
  virtual Status create_directory(const std::string& path) = 0;
  // `busy` when it is not empty.
  virtual Status remove_directory(const std::string& path) = 0;
  // Names (not paths) without "." and "..", sorted.
  virtual Result<std::vector<std::string>> list_directory(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  // Creates the file when needed.  `busy` when somebody holds it, with the holder's pid when the
  // file says it; on success the file holds our pid and a newline.
  virtual Result<std::unique_ptr<FileLock>> lock_file(const std::string& path) = 0;
  virtual Result<std::unique_ptr<IoQueue>> make_queue(uint32_t depth) = 0;
  // Which queues make_queue gives and why: "io_uring", "threads (io_uring refused: ...)".
  virtual std::string description() const = 0;
};

// Small files as a whole: configuration, control blocks.  `limit` 54000 for one that is larger than
// `size_bytes_max`, before anything of it is read.
Result<std::string> read_whole_file(IoBackend& io, const std::string& path,
                                    uint64_t size_bytes_max = UINT64_MAX);
// Writes beside it, syncs, renames over it, syncs the directory: after a crash the old or the new.
Status replace_whole_file(IoBackend& io, const std::string& path, std::string_view text);
// The directory part: "/a/b" -> "/a", "b" -> ".".
std::string directory_of(std::string_view path);

// Memory for direct access: aligned to and sized in multiples of kDirectAlignmentBytes, zeroed.
class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  explicit AlignedBuffer(size_t size_bytes);
  AlignedBuffer(AlignedBuffer&& other) noexcept;
  AlignedBuffer& operator=(AlignedBuffer&& other) noexcept;
  ~AlignedBuffer();

  std::byte* data() { return data_; }
  const std::byte* data() const { return data_; }
  size_t size() const { return size_bytes_; }
  std::span<std::byte> bytes() { return {data_, size_bytes_}; }
  std::span<const std::byte> bytes() const { return {data_, size_bytes_}; }

 private:
  std::byte* data_ = nullptr;
  size_t size_bytes_ = 0;
};

}  // namespace mortise::platform
