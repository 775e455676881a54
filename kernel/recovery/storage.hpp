// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a directory of bytes become spaces, pool and log that agree with each other?
//
//   <directory>/control        four copies of the control block
//   <directory>/double.write   pages on their way to the spaces
//   <directory>/log/           segments of the log
//   <directory>/spaces/        one file per space
//
// Invariants
//   V1  After open() every page change of every durable record is in the pages, and of no other.
//   V2  A crash at any moment, also inside open(), leaves a directory that open() accepts.
//   V3  Clean pages are durable: a checkpoint needs no flush, only the oldest rec_lsn.
//   V4  What does not belong together is refused before anything is written.
//
// Threads: create, open, close, checkpoint are [control]; the parts as their own headers say.
// Background: docs/internals/recovery.md

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernel/buffer/pool.hpp"
#include "kernel/log/log.hpp"
#include "kernel/log/mtr.hpp"
#include "kernel/page/space_files.hpp"
#include "kernel/platform/io.hpp"
#include "kernel/space/segment.hpp"

namespace mortise::recovery {

// 16 random bytes, given at creation.
using InstanceId = std::array<std::byte, 16>;

struct StorageOptions {
  buffer::PoolOptions pool;
  log::LogOptions log;
  uint32_t redo_threads = 2;       // 0 and 1: the calling thread alone
  bool background_threads = true;  // cleaner and checkpointer; false: the caller does their work
  uint64_t redo_budget_bytes = uint64_t{1} << 30;  // how much log a recovery may have to read
};

struct RecoveryReport {
  bool clean = false;  // closed properly: nothing to redo
  Lsn redo_begin{};
  Lsn log_end{};
  uint64_t log_bytes = 0;
  uint64_t records = 0;
  uint64_t pages_redone = 0;  // distinct pages that changed
  uint64_t deltas_applied = 0;
  uint64_t records_skipped = 0;  // page already newer
  uint64_t torn_pages_repaired = 0;
  uint64_t scan_ns = 0;
  uint64_t redo_ns = 0;
  uint64_t client_ns = 0;
};
std::string to_text(const RecoveryReport& report);

class Storage;

// Who gives meaning to records: the transaction module.  Absent for tools.
class RecoveryClient {
 public:
  virtual ~RecoveryClient() = default;

  // What it needs to know at a checkpoint: active transactions with their undo heads, next ids.
  // May describe a state up to any moment between the call and its return: analysis sees all
  // records from before the call on and must bear to see one twice.  [any]
  virtual Result<std::vector<std::byte>> checkpoint_payload() = 0;

  // During open(), in this order.  [control]
  // The payload of the last checkpoint, empty for a new instance.
  virtual Status on_checkpoint(std::span<const std::byte> payload) = 0;
  // Every record from the redo position on, in log order; pages may not be read yet.
  virtual Status on_record(const log::RecordView& record) = 0;
  // All pages are redone: roll back the losers now, or start to.  Pages may be changed.
  virtual Status on_redo_done(Storage& storage) = 0;
};

class Storage {
 public:
  // Makes `directory` (its parent exists) with one empty space 0.
  static Status create(platform::IoBackend& io, const std::string& directory,
                       const StorageOptions& options);
  // Recovers and opens.  `corrupt`, `unsupported` (newer format), `invalid` (parts of different
  // instances), `not_found` (missing files, named), `busy` (somebody has it open).
  static Result<std::unique_ptr<Storage>> open(platform::IoBackend& io,
                                               const std::string& directory, StorageOptions options,
                                               RecoveryClient* client);
  // Without close(): as a crash.
  ~Storage();
  // Cleans everything, takes a checkpoint, marks the instance clean.  Nothing may run any more.
  Status close();

  const RecoveryReport& report() const;
  const InstanceId& instance_id() const;

  buffer::Pool& pool();
  log::Log& log();
  space::Spaces& spaces();
  page::SpaceFiles& files();
  // For Mtr's constructor.
  log::MtrContext& mtr_context();

  // Writes a checkpoint: recovery will begin at the oldest rec_lsn of this moment.  [any]
  Status checkpoint();
  // One round of the background work, for hosts without background threads.
  Status maintain();

 private:
  struct State;
  explicit Storage(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace mortise::recovery
