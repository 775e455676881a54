// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what stands in the log from here on?
//
// Reads blocks in large pieces, proves the chain, puts records together.  Recovery reads to the
// end; the log tap follows a running log up to its durable position.
//
// Invariants
//   G1  A record is handed out only whole, with a checksum that fits its place.
//   G2  The end is the first place without a good block in the chain.  If a later block proves
//       that this place was durable once, it is not the end but damage: `corrupt`.
//
// Threads: one reader belongs to one thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "kernel/log/block.hpp"
#include "kernel/log/record.hpp"
#include "kernel/platform/io.hpp"

namespace mortise::log {

struct ReaderOptions {
  std::string directory;
  uint32_t segment_bytes = kSegmentBytes;
  uint64_t instance = 0;
  uint16_t stream = 0;
  // Makes each segment durable before it is read: after a kill the system may hold bytes that the
  // disk does not, and recovery must not build on them.
  bool sync_first = false;
};

class LogReader {
 public:
  // `begin` is the LSN of a record.  `not_found` names a missing segment and what can be done,
  // `invalid` another instance's log, `unsupported` a newer format.
  static Result<std::unique_ptr<LogReader>> open(platform::IoBackend& io, ReaderOptions options,
                                                 Lsn begin);
  ~LogReader();

  // Reads up to `until` at most; a tap sets it to durable_lsn before it reads.
  void set_until(Lsn until);

  enum class Outcome : uint8_t { record, end };
  // On `record`, `view` is valid until the next call.
  Result<Outcome> next(RecordView& view);

  // At the end: where a writer goes on (begin of a block), and the chain before it.
  Lsn next_block() const;
  uint32_t chain() const;
  // The highest incarnation, epoch and timeline met.
  const LogIdentity& last_identity() const;
  uint64_t bytes_read() const;

 private:
  struct State;
  explicit LogReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  Lsn record_lsn_{};                // of the record that is being put together
  std::vector<std::byte> current_;  // the record handed out
};

}  // namespace mortise::log
