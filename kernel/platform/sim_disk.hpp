// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what would a real disk do to us, at the worst moment?
//
// An IoBackend in memory.  Every 4 KiB block keeps the versions that were written since the last
// sync; crash(seed) leaves of each block the synced version, a later one, or a mixture torn at
// 512 bytes.  Creations, removals and renames are kept or lost in order, per directory, until
// sync_directory.  Queues finish in an order the seed decides.
//
// Invariants
//   D1  Same seed, same calls, same bytes.
//   D2  What F3 calls durable survives every crash; nothing else has to.
//   D3  After a failed sync the blocks that were dirty look written and are not durable, as on
//       Linux: a later sync that succeeds does not save them.
//   D4  A File or FileLock opened before a crash answers Code::io after it.
//
// Operations are counted from 1: reads, writes, syncs, resizes, and changes of directories.
//
// Threads: [any, concurrent]; deterministic under one thread or a deterministic Scheduler.

#include <cstdint>
#include <memory>
#include <string>

#include "kernel/platform/io.hpp"

namespace mortise::platform {

class SimDisk final : public IoBackend {
 public:
  static constexpr size_t kBlockBytes = 4096;
  static constexpr size_t kSectorBytes = 512;

  explicit SimDisk(uint64_t seed);
  ~SimDisk() override;

  Result<std::unique_ptr<File>> open(const std::string& path, const OpenOptions& options) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status create_directory(const std::string& path) override;
  Status remove_directory(const std::string& path) override;
  Result<std::vector<std::string>> list_directory(const std::string& path) override;
  Status sync_directory(const std::string& path) override;
  Result<bool> exists(const std::string& path) override;
  Result<std::unique_ptr<FileLock>> lock_file(const std::string& path) override;
  Result<std::unique_ptr<IoQueue>> make_queue(uint32_t depth) override;
  std::string description() const override;

  enum class Operation : uint8_t { any, read, write, sync };

  // The power fails: unsynced state is decided by the seed, everything open goes stale, faults
  // and locks are forgotten.  The disk can be used again at once.
  void crash(uint64_t seed);
  // Operations from number N on (counted over the disk's life) fail with EIO, as if the power had
  // failed there; crash() then picks the pieces up.  0 takes it back.
  void stop_at_operation(uint64_t number);
  // The `nth` operation of that kind from now (1 = the next) fails with EIO, once.
  void fail_operation(Operation kind, uint64_t nth);
  // Blocks that do not fit give ENOSPC (53100).  UINT64_MAX: no bound.
  void set_capacity_bytes(uint64_t capacity_bytes);
  // Flips a bit at rest, in every version of the block.  `not_found`, `invalid` past the end.
  Status flip_bit(const std::string& path, uint64_t bit_offset);

  uint64_t operation_count() const;
  uint64_t used_bytes() const;

  struct State;  // shared with the files that are open

 private:
  std::shared_ptr<State> state_;
};

}  // namespace mortise::platform
