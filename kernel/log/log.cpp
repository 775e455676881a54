// SPDX-License-Identifier: Apache-2.0
//
// Longer than 500 lines, because reserving, flushing and waiting share one State.

#include "kernel/log/log.hpp"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "kernel/base/bytes.hpp"
#include "kernel/base/crc32c.hpp"
#include "kernel/log/segments.hpp"
#include "kernel/platform/mapping.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/scheduler.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::log {
namespace {

constexpr uint32_t kSlots = 128;
constexpr uint32_t kStagingBlocks = 256;

// W1: 0, or 1 + a lower bound of the position its holder is about to fill.
struct alignas(64) Slot {
  std::atomic<uint64_t> bound{0};
  std::atomic<uint64_t> record_count{0};  // changed by the holder only
};

// Somebody who waits for a position to be durable: a sleeping thread, or a callback.
struct Waiter {
  uint64_t position;
  std::atomic<uint32_t>* done;  // of a sleeper; null for a callback
  UniqueFunction<void(const Status&)> callback;
};
bool later(const Waiter& a, const Waiter& b) {
  return a.position > b.position;
}

constexpr uint64_t round_up_to_block(uint64_t position) {
  return (position + kBlockPayloadBytes - 1) / kBlockPayloadBytes * kBlockPayloadBytes;
}
constexpr uint64_t round_down_to_block(uint64_t position) {
  return position / kBlockPayloadBytes * kBlockPayloadBytes;
}

}  // namespace

// Positions in here count payload bytes; only the face speaks in LSNs.
struct Log::State {
  State(platform::IoBackend& backend, std::string where, LogOptions o, std::atomic<bool>& failed)
      : io(backend),
        directory(std::move(where)),
        options(o),
        segments(backend, directory, o.segment_bytes),
        has_failed(failed),
        staging(size_t{kStagingBlocks} * kBlockBytes) {}

  platform::IoBackend& io;
  const std::string directory;
  const LogOptions options;
  LogIdentity identity;  // constant after open
  platform::Mapping ring;
  uint64_t ring_mask = 0;
  Segments segments;

  alignas(64) std::atomic<uint64_t> tail{0};
  alignas(64) std::atomic<uint64_t> durable{0};  // release after the sync; ring behind it is free
  std::atomic<uint32_t> durable_word{0};         // sleepers for ring space park here
  Slot slots[kSlots];
  platform::Mutex order_mutex{platform::LockRank::log_order};

  // The flusher's, guarded by flush_mutex.
  platform::Mutex flush_mutex{platform::LockRank::log_flush};
  uint64_t written = 0;      // == durable, but private
  uint64_t next_record = 0;  // first record position at or behind `written`
  uint32_t chain = 0;
  bool fresh_start = true;

  platform::Mutex waiters_mutex{platform::LockRank::log_buffer};
  std::vector<Waiter> waiters MORTISE_GUARDED_BY(waiters_mutex);  // heap, nearest first
  uint64_t wanted MORTISE_GUARDED_BY(waiters_mutex) = 0;
  bool stopping MORTISE_GUARDED_BY(waiters_mutex) = false;
  Status failure MORTISE_GUARDED_BY(waiters_mutex);
  std::atomic<bool>& has_failed;     // no new changes (W4)
  std::atomic<bool> is_dead{false};  // no flush either: a write or sync failed
  platform::CondVar work;
  bool needs_segment MORTISE_GUARDED_BY(waiters_mutex) = false;
  platform::CondVar preparer_work;
  platform::Thread flusher;
  platform::Thread preparer;

  platform::AlignedBuffer staging;
  std::atomic<uint64_t> flush_count{0}, padded_bytes{0}, ring_wait_count{0}, flushed_bytes{0};

  Slot& claim_slot();
  uint64_t safe_end() const;
  LogPosition fill(Slot& slot, uint64_t begin, uint64_t size,
                   std::span<const std::span<const std::byte>> parts);
  void copy_in(uint64_t position, std::span<const std::byte> bytes);
  void copy_out(uint64_t position, std::span<std::byte> bytes) const;
  bool wait_for_ring(Slot& slot, uint64_t begin, uint64_t end);
  void ask_for(uint64_t position);

  // Writes and syncs what is complete; pads when that reaches the tail.
  void flush_round();
  Status write_blocks(uint64_t end, uint64_t payload_end);
  void fill_block(std::span<std::byte> block, uint64_t position, uint64_t payload_end);
  void advance(uint64_t end);
  void fail(Status why, bool dead);
  void prepare_ahead();
  void run_flusher();
  void run_preparer();
};

Lsn Log::first_lsn() {
  return lsn_of_payload(0);
}

Log::Log(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Log>> Log::open(platform::IoBackend& io, std::string directory,
                                       LogOptions options, const LogTail& tail) {
  MORTISE_ASSERT(is_power_of_two(options.ring_bytes));
  MORTISE_ASSERT(is_power_of_two(options.segment_bytes));
  MORTISE_ASSERT(options.ring_bytes >= 4 * kRecordBytesMax);
  MORTISE_ASSERT(options.segment_bytes >= 4 * kBlockBytes);
  MORTISE_ASSERT(raw(tail.next) % kBlockBytes == 0);
  std::unique_ptr<Log> log(new Log(nullptr));
  log->state_ = std::make_unique<State>(io, std::move(directory), options, log->failed_);
  State& s = *log->state_;
  s.identity = tail.identity;
  MORTISE_TRY_ASSIGN(s.ring,
                     platform::Mapping::create(options.ring_bytes,
                                               {.huge = true, .populate = options.flusher_thread}));
  s.ring_mask = options.ring_bytes - 1;
  const uint64_t position = raw(tail.next) / kBlockBytes * kBlockPayloadBytes;
  s.tail.store(position);
  s.durable.store(position);
  s.written = position;
  s.next_record = position;
  s.chain = tail.previous_chain;
  MORTISE_TRY(s.segments.open(0, raw(tail.next) / options.segment_bytes + 1));
  MORTISE_TRY(s.segments.writable(raw(tail.next) / options.segment_bytes));
  if (options.flusher_thread) {
    MORTISE_TRY_ASSIGN(s.flusher, platform::Thread::spawn("log-flush", [&s] { s.run_flusher(); }));
    MORTISE_TRY_ASSIGN(s.preparer,
                       platform::Thread::spawn("log-prepare", [&s] { s.run_preparer(); }));
  }
  return log;
}

Log::~Log() {
  if (state_ == nullptr) return;
  State& s = *state_;
  if (!s.is_dead.load(std::memory_order_acquire)) {
    (void)flush().is_ok();  // a failure is sticky and was told to all who waited
  }
  {
    platform::Lock lock(s.waiters_mutex);
    s.stopping = true;
  }
  s.work.notify_all();
  s.preparer_work.notify_all();
  if (s.flusher.is_joinable()) s.flusher.join();
  if (s.preparer.is_joinable()) s.preparer.join();
  MORTISE_ASSERT(s.waiters.empty());
}

Slot& Log::State::claim_slot() {
  uint32_t index = platform::this_thread::index() % kSlots;
  for (;;) {
    Slot& slot = slots[index];
    uint64_t free = 0;
    const uint64_t bound = tail.load(std::memory_order_relaxed);
    if (slot.bound.compare_exchange_strong(free, bound + 1)) [[likely]] {
      return slot;
    }
    index = (index + 1) % kSlots;
    if (index == 0) platform::this_thread::yield();
  }
}

uint64_t Log::State::safe_end() const {
  uint64_t end = tail.load();  // before the slots: who reserved before this has published (W1)
  for (const Slot& slot : slots) {
    const uint64_t bound = slot.bound.load();
    if (bound != 0) end = std::min(end, bound - 1);
  }
  return end;
}

void Log::State::copy_in(uint64_t position, std::span<const std::byte> bytes) {
  const uint64_t at = position & ring_mask;
  const uint64_t first = std::min<uint64_t>(bytes.size(), ring_mask + 1 - at);
  std::memcpy(ring.data() + at, bytes.data(), first);
  if (first != bytes.size()) {
    std::memcpy(ring.data(), bytes.data() + first, bytes.size() - first);
  }
}

void Log::State::copy_out(uint64_t position, std::span<std::byte> bytes) const {
  const uint64_t at = position & ring_mask;
  const uint64_t first = std::min<uint64_t>(bytes.size(), ring_mask + 1 - at);
  std::memcpy(bytes.data(), ring.data() + at, first);
  if (first != bytes.size()) {
    std::memcpy(bytes.data() + first, ring.data(), bytes.size() - first);
  }
}

LogPosition Log::State::fill(Slot& slot, uint64_t begin, uint64_t size,
                             std::span<const std::span<const std::byte>> parts) {
  const uint64_t end = begin + size;
  const LogPosition place{lsn_of_payload(begin), lsn_of_payload(end)};
  bool has_room = true;
  if (end - durable.load(std::memory_order_acquire) > ring_mask + 1) [[unlikely]] {
    has_room = wait_for_ring(slot, begin, end);
  }
  if (has_room) [[likely]] {
    // Size and checksum are the first 8 bytes; everything behind them is as the caller made it.
    uint32_t crc = 0;
    uint64_t at = begin + kRecordSealBytes;
    size_t skip = kRecordSealBytes;
    for (std::span<const std::byte> part : parts) {
      part = part.subspan(skip);
      skip = 0;
      if (part.empty()) continue;
      crc = crc32c(crc, part);
      copy_in(at, part);
      at += part.size();
    }
    MORTISE_ASSERT(at == end);
    std::byte seal[kRecordSealBytes];
    store_le(seal, static_cast<uint32_t>(size));
    store_le(seal + 4, close_record_crc(crc, place.begin, static_cast<uint32_t>(size)));
    copy_in(begin, seal);
  }
  slot.record_count.store(slot.record_count.load(std::memory_order_relaxed) + 1,
                          std::memory_order_relaxed);
  slot.bound.store(0, std::memory_order_release);
  if (end - durable.load(std::memory_order_relaxed) > (ring_mask + 1) / 4) ask_for(end);
  return place;
}

LogPosition Log::append(std::span<const std::span<const std::byte>> parts) {
  uint64_t size = 0;
  for (const auto& part : parts) size += part.size();
  MORTISE_ASSERT(parts[0].size() >= kRecordHeaderBytes);
  MORTISE_ASSERT(size <= kRecordBytesMax);
  Slot& slot = state_->claim_slot();
  const uint64_t begin = state_->tail.fetch_add(size);
  MORTISE_YIELD("log.reserved");
  return state_->fill(slot, begin, size, parts);
}

LogPosition Log::append_ordered(Order order,
                                FunctionRef<std::span<const std::span<const std::byte>>()> parts) {
  State& s = *state_;
  s.order_mutex.lock();
  const uint64_t size = order();
  MORTISE_ASSERT(size >= kRecordHeaderBytes);
  MORTISE_ASSERT(size <= kRecordBytesMax);
  Slot& slot = s.claim_slot();
  const uint64_t begin = s.tail.fetch_add(size);
  s.order_mutex.unlock();
  return s.fill(slot, begin, size, parts());
}

LogPosition Log::append_commit(const RecordHeader& header, std::span<std::byte> payload,
                               FunctionRef<void(std::span<std::byte>)> assign) {
  std::byte head[kRecordHeaderBytes];
  RecordHeader sized = header;
  sized.payload_bytes = static_cast<uint32_t>(payload.size());
  encode_header(head, sized);
  const std::span<const std::byte> parts[2] = {head, payload};
  return append_ordered(
      [&]() -> uint64_t {
        assign(payload);
        return sizeof(head) + payload.size();
      },
      [&]() -> std::span<const std::span<const std::byte>> { return parts; });
}

bool Log::State::wait_for_ring(Slot& slot, uint64_t begin, uint64_t end) {
  // The exact position: everything before it can be flushed without us, so the wait ends.
  slot.bound.store(begin + 1);
  ring_wait_count.fetch_add(1, std::memory_order_relaxed);
  for (;;) {
    const uint32_t seen = durable_word.load(std::memory_order_acquire);
    if (is_dead.load(std::memory_order_acquire)) return false;
    if (end - durable.load(std::memory_order_acquire) <= ring_mask + 1) return true;
    if (options.flusher_thread) {
      ask_for(begin);
      platform::park_wait(durable_word, seen);
    } else {
      flush_round();
      platform::this_thread::yield();
    }
  }
}

void Log::State::ask_for(uint64_t position) {
  if (!options.flusher_thread) return;
  platform::Lock lock(waiters_mutex);
  if (position <= wanted) return;
  wanted = position;
  work.notify_one();
}

Lsn Log::tail() const {
  return lsn_of_payload(state_->tail.load());
}
Lsn Log::durable_lsn() const {
  return lsn_of_payload(state_->durable.load(std::memory_order_acquire));
}

Status Log::wait_durable(Lsn lsn) {
  State& s = *state_;
  if (raw(lsn) <= kBlockHeaderBytes) return {};
  const uint64_t position = payload_of_lsn(lsn);
  if (s.durable.load(std::memory_order_acquire) >= position) return {};
  MORTISE_ASSERT(position <= s.tail.load());
  if (!s.options.flusher_thread) {
    while (s.durable.load(std::memory_order_acquire) < position) {
      if (s.is_dead.load(std::memory_order_acquire)) return status();
      s.flush_round();
      if (s.durable.load(std::memory_order_acquire) < position) platform::this_thread::yield();
    }
    return {};
  }
  std::atomic<uint32_t> done{0};
  {
    platform::Lock lock(s.waiters_mutex);
    if (s.durable.load(std::memory_order_acquire) >= position) return {};
    if (s.is_dead.load(std::memory_order_acquire)) return s.failure;
    s.waiters.push_back({position, &done, {}});
    std::push_heap(s.waiters.begin(), s.waiters.end(), later);
    if (position > s.wanted) {
      s.wanted = position;
      s.work.notify_one();
    }
  }
  while (done.load(std::memory_order_acquire) == 0) platform::park_wait(done, 0);
  return done.load(std::memory_order_acquire) == 1 ? Status() : status();
}

void Log::on_durable(Lsn lsn, UniqueFunction<void(const Status&)> callback) {
  State& s = *state_;
  const uint64_t position = raw(lsn) <= kBlockHeaderBytes ? 0 : payload_of_lsn(lsn);
  {
    platform::Lock lock(s.waiters_mutex);
    const bool is_durable = s.durable.load(std::memory_order_acquire) >= position;
    if (!is_durable && !s.is_dead.load(std::memory_order_acquire)) {
      s.waiters.push_back({position, nullptr, std::move(callback)});
      std::push_heap(s.waiters.begin(), s.waiters.end(), later);
      if (position > s.wanted) {
        s.wanted = position;
        s.work.notify_one();
      }
      return;
    }
  }
  if (s.durable.load(std::memory_order_acquire) >= position) {
    callback({});
  } else {
    callback(status());
  }
}

void Log::stop(const Status& why) {
  state_->fail(why, true);
}

Status Log::flush() {
  return wait_durable(tail());
}

void Log::State::flush_round() {
  platform::Lock lock(flush_mutex);
  if (is_dead.load(std::memory_order_acquire)) return;
  uint64_t end = safe_end();
  uint64_t payload_end = end;
  const uint64_t boundary = round_up_to_block(end);
  if (end != boundary && end > written) {
    // W2: nobody may continue in a block that is on disk, so the tail leaves it.
    uint64_t expected = end;
    if (tail.compare_exchange_strong(expected, boundary)) {
      padded_bytes.fetch_add(boundary - end, std::memory_order_relaxed);
      end = boundary;
    } else {
      end = payload_end = round_down_to_block(end);
    }
  }
  if (end <= written) return;
  if (Status wrote = write_blocks(end, payload_end); !wrote) {
    fail(std::move(wrote), true);
    return;
  }
  advance(end);
  lock.unlock();
  if (!options.flusher_thread) prepare_ahead();
}

void Log::State::fill_block(std::span<std::byte> block, uint64_t position, uint64_t payload_end) {
  BlockHeader header;
  header.flags = fresh_start ? kBlockFreshStart : uint16_t{0};
  fresh_start = false;
  header.block_lsn = block_of(lsn_of_payload(position));
  header.identity = identity;
  header.previous_chain = chain;
  header.durable_lsn = lsn_of_payload(durable.load(std::memory_order_relaxed));
  const uint64_t payload_bytes = std::min<uint64_t>(kBlockPayloadBytes, payload_end - position);
  header.payload_bytes = static_cast<uint16_t>(payload_bytes);
  std::span<std::byte> payload = block.subspan(kBlockHeaderBytes);
  copy_out(position, payload.first(payload_bytes));
  std::memset(payload.data() + payload_bytes, 0, payload.size() - payload_bytes);
  const uint64_t block_end = position + payload_bytes;
  if (next_record < block_end) {
    header.first_record = static_cast<uint16_t>(next_record - position);
  }
  while (next_record < block_end) {
    std::byte size[4];
    copy_out(next_record, size);
    MORTISE_ASSERT(load_le<uint32_t>(size) >= kRecordHeaderBytes);
    next_record += load_le<uint32_t>(size);
  }
  if (payload_bytes < kBlockPayloadBytes) {
    MORTISE_ASSERT(next_record == block_end);
    next_record = position + kBlockPayloadBytes;
  }
  chain = seal_block(block, header);
}

Status Log::State::write_blocks(uint64_t end, uint64_t payload_end) {
  MORTISE_ASSERT(written % kBlockPayloadBytes == 0);
  MORTISE_ASSERT(end % kBlockPayloadBytes == 0);
  const uint64_t blocks_per_segment = options.segment_bytes / kBlockBytes;
  platform::File* file = nullptr;
  uint64_t segment = UINT64_MAX;
  uint64_t position = written;
  while (position < end) {
    const uint64_t block = position / kBlockPayloadBytes;
    const uint64_t left_in_segment = blocks_per_segment - block % blocks_per_segment;
    const uint64_t left = (end - position) / kBlockPayloadBytes;
    const uint64_t count = std::min({left, left_in_segment, uint64_t{kStagingBlocks}});
    if (block / blocks_per_segment != segment) {
      if (file != nullptr) MORTISE_TRY(file->sync());
      segment = block / blocks_per_segment;
      MORTISE_TRY_ASSIGN(file, segments.writable(segment));
    }
    for (uint64_t i = 0; i < count; ++i) {
      fill_block(staging.bytes().subspan(i * kBlockBytes, kBlockBytes), position, payload_end);
      position += kBlockPayloadBytes;
    }
    MORTISE_TRY(file->write_at(block % blocks_per_segment * kBlockBytes,
                               staging.bytes().first(count * kBlockBytes)));
  }
  MORTISE_TRY(file->sync());
  flushed_bytes.fetch_add((end - written) / kBlockPayloadBytes * kBlockBytes,
                          std::memory_order_relaxed);
  segments.close_before(segment);
  return {};
}

void Log::State::advance(uint64_t end) {
  written = end;
  flush_count.fetch_add(1, std::memory_order_relaxed);
  const uint64_t segment = raw(lsn_of_payload(end)) / options.segment_bytes;
  const bool is_short_of_segments = !segments.is_prepared(segment + options.spare_segments);
  std::vector<Waiter> callbacks;
  {
    platform::Lock lock(waiters_mutex);
    durable.store(end, std::memory_order_release);
    while (!waiters.empty() && waiters.front().position <= end) {
      std::pop_heap(waiters.begin(), waiters.end(), later);
      Waiter waiter = std::move(waiters.back());
      waiters.pop_back();
      if (waiter.done == nullptr) {
        callbacks.push_back(std::move(waiter));
        continue;
      }
      // The sleeper may be gone after the store; waking needs its address only.
      std::atomic<uint32_t>& word = *waiter.done;
      word.store(1, std::memory_order_release);
      platform::park_wake_all(word);
    }
    if (is_short_of_segments) {
      needs_segment = true;
      preparer_work.notify_one();
    }
  }
  durable_word.fetch_add(1, std::memory_order_release);
  platform::park_wake_all(durable_word);
  for (Waiter& waiter : callbacks) waiter.callback({});
}

void Log::State::fail(Status why, bool dead) {
  std::vector<Waiter> left;
  {
    platform::Lock lock(waiters_mutex);
    if (failure.is_ok() || dead) {
      const bool is_full = why.sqlstate() == "53100";
      failure = Status(is_full ? Code::limit : Code::io, is_full ? "53100" : "58030",
                       (is_full ? "log cannot grow, only reading is possible: "
                                : "log is lost, the instance has to restart: ") +
                           std::string(why.message()));
    }
    has_failed.store(true, std::memory_order_release);
    if (dead) {
      is_dead.store(true, std::memory_order_release);
      left = std::move(waiters);
      waiters.clear();
    }
  }
  durable_word.fetch_add(1, std::memory_order_release);
  platform::park_wake_all(durable_word);
  for (Waiter& waiter : left) {
    if (waiter.done == nullptr) {
      waiter.callback(failure);
      continue;
    }
    std::atomic<uint32_t>& word = *waiter.done;
    word.store(2, std::memory_order_release);
    platform::park_wake_all(word);
  }
}

void Log::State::prepare_ahead() {
  const uint64_t at = raw(lsn_of_payload(durable.load(std::memory_order_acquire)));
  for (uint32_t ahead = 1; ahead <= options.spare_segments; ++ahead) {
    if (has_failed.load(std::memory_order_acquire)) return;
    // Found out while there is still room for what is under way (W4).
    if (Status made = segments.prepare(at / options.segment_bytes + ahead); !made) {
      fail(std::move(made), false);
    }
  }
}

void Log::State::run_flusher() {
  for (;;) {
    {
      platform::Lock lock(waiters_mutex);
      while (!stopping && (wanted <= durable.load(std::memory_order_relaxed) ||
                           is_dead.load(std::memory_order_relaxed))) {
        work.wait(waiters_mutex);
      }
      if (stopping) return;
    }
    const uint64_t before = durable.load(std::memory_order_relaxed);
    flush_round();
    // Somebody is still copying into the block that is wanted.
    if (durable.load(std::memory_order_relaxed) == before) platform::this_thread::yield();
  }
}

void Log::State::run_preparer() {
  for (;;) {
    {
      platform::Lock lock(waiters_mutex);
      while (!stopping && !needs_segment) preparer_work.wait(waiters_mutex);
      if (stopping) return;
      needs_segment = false;
    }
    prepare_ahead();
  }
}

Status Log::status() const {
  if (is_writable()) return {};
  platform::Lock lock(state_->waiters_mutex);
  return state_->failure;
}

Log::Pin::Pin(Pin&& other) noexcept : log_(other.log_), index_(other.index_) {
  other.log_ = nullptr;
}
Log::Pin& Log::Pin::operator=(Pin&& other) noexcept {
  if (this != &other) {
    if (log_ != nullptr) log_->state_->segments.drop_pin(index_);
    log_ = other.log_;
    index_ = other.index_;
    other.log_ = nullptr;
  }
  return *this;
}
Log::Pin::~Pin() {
  if (log_ != nullptr) log_->state_->segments.drop_pin(index_);
}
void Log::Pin::move_to(Lsn from) {
  if (log_ != nullptr) log_->state_->segments.move_pin(index_, from);
}
bool Log::Pin::is_valid() const {
  return log_ != nullptr && log_->state_->segments.is_pin_valid(index_);
}

Result<Log::Pin> Log::pin(Lsn from) {
  Pin pin;
  pin.index_ = state_->segments.add_pin(from);
  pin.log_ = this;
  if (!state_->segments.is_prepared(raw(from) / state_->options.segment_bytes)) {
    return stale("log is no longer there from LSN " + std::to_string(raw(from)));
  }
  return pin;
}

Status Log::release_before(Lsn lsn) {
  return state_->segments.release_before(lsn);
}
void Log::set_archiver(UniqueFunction<bool(const std::string&, Lsn, Lsn)> take) {
  state_->segments.set_archiver(std::move(take));
}
const LogIdentity& Log::identity() const {
  return state_->identity;
}
const std::string& Log::directory() const {
  return state_->directory;
}
platform::IoBackend& Log::io() {
  return state_->io;
}
uint32_t Log::segment_bytes() const {
  return state_->options.segment_bytes;
}
LogStats Log::stats() const {
  const State& s = *state_;
  uint64_t records = 0;
  for (const Slot& slot : s.slots) records += slot.record_count.load(std::memory_order_relaxed);
  return {.records = records,
          .flushes = s.flush_count.load(std::memory_order_relaxed),
          .bytes_flushed = s.flushed_bytes.load(std::memory_order_relaxed),
          .bytes_padded = s.padded_bytes.load(std::memory_order_relaxed),
          .ring_waits = s.ring_wait_count.load(std::memory_order_relaxed)};
}

}  // namespace mortise::log
