// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: in which order did things happen, and up to where is that certain?
//
// One stream of records.  Writers reserve space with one fetch_add and copy into a ring; one
// flusher writes whole blocks and syncs, as soon as anybody waits and never on a timer, so that all
// who arrive during a sync share the next (group commit).
//
// Invariants
//   W1  A writer publishes a lower bound of its position before it reserves; the flusher's safe
//       end is the least bound, else the tail.  (After ERMIA's per-worker offsets.)
//   W2  Bytes that have been written are never written again: a flush ends its last block.
//   W3  SCN order = order of commit records: `Reservation order` runs under one lock with the
//       reservation.
//   W4  A failed write or sync is final: every later wait gets it (58030).  A log that cannot grow
//       is final too, but reads go on (53100).
//   W5  A segment file is reused only when it is behind the checkpoint and behind every pin.
//
// Threads: [any, concurrent] unless said otherwise.
// Background: docs/internals/log.md

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "kernel/base/function_ref.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/unique_function.hpp"
#include "kernel/buffer/pool.hpp"
#include "kernel/log/block.hpp"
#include "kernel/log/record.hpp"
#include "kernel/platform/io.hpp"

namespace mortise::log {

struct LogOptions {
  uint32_t ring_bytes = 16u << 20;         // power of two, at least 4 * kRecordBytesMax
  uint32_t segment_bytes = kSegmentBytes;  // smaller ones for tests; a power of two
  uint32_t spare_segments = 1;             // prepared ahead of the writer
  bool flusher_thread = true;              // false: whoever waits flushes (simulator, tools)
};

struct LogPosition {
  Lsn begin;
  Lsn end;
};

struct LogStats {
  uint64_t records;
  uint64_t flushes;
  uint64_t bytes_flushed;
  uint64_t bytes_padded;
  uint64_t ring_waits;
};

// Where a recovered log goes on.
struct LogTail {
  LogIdentity identity;  // with an incarnation that was never used before
  Lsn next{};            // begin of a block
  uint32_t previous_chain = 0;
};

class Log final : public buffer::LogBarrier {
 public:
  // The first position of an empty log.
  static Lsn first_lsn();

  // Writes go to `directory`/SSSSSSSSSSSSSSSS.log.  A new log has no files yet.
  static Result<std::unique_ptr<Log>> open(platform::IoBackend& io, std::string directory,
                                           LogOptions options, const LogTail& tail);
  // Flushes what is there if nothing has failed, and joins the flusher.
  ~Log() override;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // Appends a record that is spread over `parts`; the first begins with an encoded header.
  // In a failed log the bytes go nowhere; nothing after that can become durable.
  // Precondition: kRecordHeaderBytes <= size <= kRecordBytesMax.
  LogPosition append(std::span<const std::span<const std::byte>> parts);

  // What happens to a record at the moment that fixes its place: called under the ordering lock,
  // may change what the record says and answers its size.  Must be short and must not wait.
  using Order = FunctionRef<uint64_t()>;
  // Reserves after `order`, copies `parts()` afterwards (W3).
  LogPosition append_ordered(Order order,
                             FunctionRef<std::span<const std::span<const std::byte>>()> parts);

  // A commit record with nothing else: `assign` gets the payload to write the SCN into.
  LogPosition append_commit(const RecordHeader& header, std::span<std::byte> payload,
                            FunctionRef<void(std::span<std::byte>)> assign);

  // Everything before the answer has been reserved; some of it may still be copied.
  Lsn tail() const;
  // Everything before the answer survives a crash.
  Lsn durable_lsn() const;
  // `io` 58030 or `limit` 53100 when it cannot become durable any more.
  Status wait_durable(Lsn lsn) override;
  // Ends everything that could still become durable.
  void stop(const Status& why) override;
  // Calls `done` once, on the flusher or at once: a commit parks here without a thread.  `done`
  // must not wait.
  void on_durable(Lsn lsn, UniqueFunction<void(const Status&)> done);
  // Writes what is there without waiting for a caller to need it.
  Status flush();

  // The sticky failure, or ok.  A cheap look first: is_writable().
  Status status() const;
  bool is_writable() const { return !failed_.load(std::memory_order_acquire); }

  // Keeps segments from `from` on.  Move it forward as the reader goes on; drop it at the end.
  class Pin {
   public:
    Pin() = default;
    Pin(Pin&& other) noexcept;
    Pin& operator=(Pin&& other) noexcept;
    ~Pin();
    void move_to(Lsn from);
    // False when the log has given the segment up (budget); reading there gives `stale`.
    bool is_valid() const;

   private:
    friend class Log;
    Log* log_ = nullptr;
    uint32_t index_ = 0;
  };
  Result<Pin> pin(Lsn from);

  // Tells that nothing before `lsn` is needed for recovery; segments behind it are reused (W5).
  // The archiver, if set, is asked before: a segment it has not taken stays.
  Status release_before(Lsn lsn);
  // `take(path, first, end)` answers true when the segment is safely elsewhere.  [control]
  void set_archiver(UniqueFunction<bool(const std::string&, Lsn, Lsn)> take);

  const LogIdentity& identity() const;
  const std::string& directory() const;
  platform::IoBackend& io();
  uint32_t segment_bytes() const;
  LogStats stats() const;

 private:
  struct State;
  explicit Log(std::unique_ptr<State> state);

  std::atomic<bool> failed_{false};
  std::unique_ptr<State> state_;
};

}  // namespace mortise::log
