// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: into which file do the next blocks go, and which files may go away?
//
// A segment file holds segment_bytes of the stream; its name is its index.  New files are filled
// with zeros and synced before use, so that later syncs inside them touch no metadata; files that
// are behind everybody are renamed to future ones.
//
// Invariants
//   N1  A file has its full size and its name is durable before a block is written into it.
//   N2  A segment goes only when it lies before the release position and before every pin, and
//       after the archiver took it.
//
// Threads: [any, concurrent]

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/base/ids.hpp"
#include "kernel/base/unique_function.hpp"
#include "kernel/platform/io.hpp"
#include "kernel/platform/mutex.hpp"

namespace mortise::log {

class Segments {
 public:
  // Files beyond these that are free for reuse are removed.
  static constexpr uint32_t kRecycledMax = 8;

  Segments(platform::IoBackend& io, std::string directory, uint32_t segment_bytes);

  // Takes stock of the directory.  Files from `first_needed` on are kept as they are; files of a
  // wrong size at or behind `next` (a preparation that a crash cut off) are removed.
  Status open(uint64_t first_needed, uint64_t next);

  // The open file of that segment; makes it when it is not there.
  Result<platform::File*> writable(uint64_t index);
  bool is_prepared(uint64_t index) const;
  // Reuses or makes the file, so that writable() need not.
  Status prepare(uint64_t index);
  // Closes files before `index`: the writer has left them.
  void close_before(uint64_t index);

  uint32_t add_pin(Lsn from);
  void move_pin(uint32_t pin, Lsn from);
  bool is_pin_valid(uint32_t pin) const;
  void drop_pin(uint32_t pin);

  Status release_before(Lsn lsn);
  void set_archiver(UniqueFunction<bool(const std::string&, Lsn, Lsn)> take);

  std::string path_of(uint64_t index) const;

 private:
  struct PinEntry {
    Lsn from{};
    bool in_use = false;
    bool is_valid = false;
  };
  Status ensure(uint64_t index);
  Result<std::unique_ptr<platform::File>> make(uint64_t index, std::optional<uint64_t> reuse);

  platform::IoBackend& io_;
  const std::string directory_;
  const uint32_t segment_bytes_;

  mutable platform::Mutex mutex_{platform::LockRank::log_segments};
  std::vector<uint64_t> live_ MORTISE_GUARDED_BY(mutex_);  // sorted: from oldest kept to prepared
  std::vector<uint64_t> free_ MORTISE_GUARDED_BY(mutex_);  // for reuse, under their old names
  std::map<uint64_t, std::unique_ptr<platform::File>> open_ MORTISE_GUARDED_BY(mutex_);
  bool is_making_ MORTISE_GUARDED_BY(mutex_) = false;
  platform::CondVar made_;
  std::vector<PinEntry> pins_ MORTISE_GUARDED_BY(mutex_);
  UniqueFunction<bool(const std::string&, Lsn, Lsn)> archiver_ MORTISE_GUARDED_BY(mutex_);
};

}  // namespace mortise::log
