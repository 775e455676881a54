// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: whose directory is this, and where does recovery begin?
//
//   four copies, each in a 4 KiB block of its own
//   off size field
//     0    4 magic           'M' 'C' 'T' 'L'
//     4    4 format_version  of everything in the directory
//     8    8 generation      grows with each write
//    16   16 instance id
//    32    8 checkpoint_lsn  of the checkpoint record
//    40    8 redo_lsn        where redo begins
//    48    4 flags           1 = closed properly
//    52    4 segment_bytes   of the log
//    56    4 incarnation     the last one given out
//    60    4 epoch
//    64    4 timeline
//    68    4 crc32c          over the block with this field zero
//    72      zeros
//
// Invariants
//   C1  The newest generation of which two equal copies exist is the truth.  (TigerBeetle's
//       argument: one misdirected write can harm one copy, never two.)
//   C2  A write syncs after the first two copies and again after the last two, so that at any
//       moment one generation has two.
//
// Threads: [control]

#include <array>
#include <cstdint>
#include <string>

#include "kernel/base/ids.hpp"
#include "kernel/platform/io.hpp"

namespace mortise::recovery {

inline constexpr uint32_t kFormatVersion = 1;

struct ControlBlock {
  uint64_t generation = 0;
  std::array<std::byte, 16> instance_id{};
  Lsn checkpoint_lsn{};
  Lsn redo_lsn{};
  bool is_clean = false;
  uint32_t segment_bytes = 0;
  uint32_t incarnation = 0;
  uint32_t epoch = 1;
  uint32_t timeline = 1;

  bool operator==(const ControlBlock&) const = default;
};

class ControlFile {
 public:
  static constexpr uint32_t kCopies = 4;

  // `create`: makes the file; the first write() gives it content.
  static Result<std::unique_ptr<ControlFile>> open(platform::IoBackend& io, const std::string& path,
                                                   bool create);

  // `corrupt` when no generation has two equal copies, `unsupported` when it is of a newer format.
  Result<ControlBlock> read();
  // Writes with the next generation.
  Status write(ControlBlock block);

 private:
  std::unique_ptr<platform::File> file_;
  platform::AlignedBuffer buffer_;
  uint64_t generation_ = 0;
};

}  // namespace mortise::recovery
