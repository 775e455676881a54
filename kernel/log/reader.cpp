// SPDX-License-Identifier: Apache-2.0
#include "kernel/log/reader.hpp"

#include <algorithm>
#include <utility>

#include "kernel/base/bytes.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::log {
namespace {
constexpr uint64_t kPieceBlocks = 64;
// How far behind a bad block a good one is looked for that proves damage (G2): more than any ring.
constexpr uint64_t kProofBytesMax = uint64_t{128} << 20;

std::string at_lsn(Lsn lsn) {
  return " at LSN " + std::to_string(raw(lsn));
}
}  // namespace

struct LogReader::State {
  State(platform::IoBackend& backend, ReaderOptions o)
      : io(backend), options(std::move(o)), piece(kPieceBlocks * kBlockBytes) {}

  platform::IoBackend& io;
  const ReaderOptions options;
  Lsn until{UINT64_MAX};

  std::unique_ptr<platform::File> file;
  uint64_t file_segment = UINT64_MAX;
  platform::AlignedBuffer piece;
  Lsn piece_begin{};  // blocks [piece_begin, piece_end) are in `piece`
  Lsn piece_end{};

  bool has_block = false;
  BlockHeader block;                   // the current one
  std::span<const std::byte> payload;  // of it
  uint32_t offset = 0;                 // first byte of the payload not yet consumed
  uint32_t start_offset = 0;           // where the first record begins in the first block
  Lsn next_block{};                    // the block behind the current one
  LogIdentity last_identity;
  std::vector<std::byte> record;  // one that spans blocks
  uint64_t bytes_read = 0;

  enum class Load : uint8_t { block, end };
  Result<Load> load_next();
  Status open_segment(uint64_t segment);
  Result<std::span<const std::byte>> fetch(Lsn block_lsn);
  Status judge_end(Lsn bad);
  Result<bool> proves_damage(uint64_t segment, Lsn bad);
  Result<Load> skip_to_record();
  Result<Load> collect(uint64_t size_bytes);
};

LogReader::LogReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogReader::~LogReader() = default;

Result<std::unique_ptr<LogReader>> LogReader::open(platform::IoBackend& io, ReaderOptions options,
                                                   Lsn begin) {
  if (raw(begin) % kBlockBytes < kBlockHeaderBytes) {
    return invalid("not the position of a log record: LSN " + std::to_string(raw(begin)));
  }
  std::unique_ptr<LogReader> reader(new LogReader(std::make_unique<State>(io, std::move(options))));
  State& s = *reader->state_;
  s.last_identity.instance = s.options.instance;
  s.last_identity.stream = s.options.stream;
  s.last_identity.incarnation = 0;
  s.next_block = block_of(begin);
  s.start_offset = static_cast<uint32_t>(raw(begin) % kBlockBytes) - kBlockHeaderBytes;
  MORTISE_TRY(s.open_segment(raw(begin) / s.options.segment_bytes));
  return reader;
}

void LogReader::set_until(Lsn until) {
  // What was beyond the old bound may have been read before it was written.
  state_->piece_end = state_->piece_begin;
  state_->until = until;
}

Status LogReader::State::open_segment(uint64_t segment) {
  if (segment == file_segment) return {};
  file.reset();
  file_segment = UINT64_MAX;
  const std::string path = options.directory + "/" + segment_file_name(segment);
  const auto access = options.sync_first ? platform::OpenOptions::Access::read_write
                                         : platform::OpenOptions::Access::read;
  auto opened = io.open(path, {.access = access, .direct = true});
  if (!opened) {
    if (opened.error().code() != Code::not_found) return std::move(opened.error());
    return Status(
        Code::not_found, "58P01",
        "log segment is missing: " + path + "; put it back from the archive, or restore a backup");
  }
  MORTISE_TRY_ASSIGN(const uint64_t size, (*opened)->size_bytes());
  if (size < options.segment_bytes) {
    return Status(
        Code::not_found, "58P01",
        "log segment is cut off: " + path + "; put it back from the archive, or restore a backup");
  }
  if (options.sync_first) MORTISE_TRY((*opened)->sync());
  file = std::move(*opened);
  file_segment = segment;
  return {};
}

// The bytes of one block, read together with its neighbours.
Result<std::span<const std::byte>> LogReader::State::fetch(Lsn lsn) {
  if (lsn < piece_begin || lsn >= piece_end) {
    const uint64_t segment = raw(lsn) / options.segment_bytes;
    MORTISE_TRY(open_segment(segment));
    const uint64_t segment_end = (segment + 1) * options.segment_bytes;
    const uint64_t bound = align_up(std::min(raw(until), UINT64_MAX - kBlockBytes), kBlockBytes);
    const uint64_t end = std::min({segment_end, raw(lsn) + kPieceBlocks * kBlockBytes, bound});
    MORTISE_ASSERT(end > raw(lsn));
    const uint64_t count = end - raw(lsn);
    piece_begin = piece_end = lsn;
    MORTISE_TRY(file->read_at(raw(lsn) % options.segment_bytes, piece.bytes().first(count)));
    piece_end = Lsn{end};
    bytes_read += count;
  }
  return std::span<const std::byte>(piece.data() + (lsn - piece_begin), kBlockBytes);
}

Result<LogReader::State::Load> LogReader::State::load_next() {
  // A tap stops before blocks that are not durable yet.
  if (next_block + kBlockHeaderBytes >= until) return Load::end;
  auto bytes = fetch(next_block);
  if (!bytes) {
    if (bytes.error().code() != Code::not_found || !has_block) return std::move(bytes.error());
    Status missing = bytes.error();
    MORTISE_TRY_ASSIGN(const bool proven,
                       proves_damage(raw(next_block) / options.segment_bytes + 1, next_block));
    if (proven) return missing;
    return Load::end;
  }
  BlockHeader header;
  const BlockFault fault =
      check_block(*bytes, next_block, options.instance, options.stream, header);
  if (fault == BlockFault::newer_format) {
    return Status(Code::unsupported, "58M01",
                  "log was written by a newer version:" + at_lsn(next_block));
  }
  if (fault == BlockFault::other_instance || fault == BlockFault::other_stream) {
    return invalid("log belongs to another instance or stream:" + at_lsn(next_block));
  }
  if (fault != BlockFault::none || (has_block && header.previous_chain != block.chain)) {
    MORTISE_TRY(judge_end(next_block));
    return Load::end;
  }
  block = header;
  has_block = true;
  payload = bytes->subspan(kBlockHeaderBytes, header.payload_bytes);
  offset = 0;
  next_block = next_block + kBlockBytes;
  last_identity.incarnation = std::max(last_identity.incarnation, header.identity.incarnation);
  last_identity.epoch = std::max(last_identity.epoch, header.identity.epoch);
  last_identity.timeline = std::max(last_identity.timeline, header.identity.timeline);
  return Load::block;
}

// Is there a good block from `segment` on that says that `bad` was durable?
Result<bool> LogReader::State::proves_damage(uint64_t segment, Lsn bad) {
  platform::AlignedBuffer blocks(kPieceBlocks * kBlockBytes);
  uint64_t at = std::max(raw(bad) + kBlockBytes, segment * options.segment_bytes);
  for (uint64_t looked = 0; looked < kProofBytesMax;) {
    const uint64_t index = at / options.segment_bytes;
    const uint64_t segment_end = (index + 1) * options.segment_bytes;
    auto opened = io.open(options.directory + "/" + segment_file_name(index), {.direct = true});
    if (!opened) {
      if (opened.error().code() == Code::not_found) return false;
      return std::move(opened.error());
    }
    while (at < segment_end) {
      const uint64_t count = std::min(segment_end - at, kPieceBlocks * kBlockBytes);
      if (!(*opened)->read_at(at % options.segment_bytes, blocks.bytes().first(count))) {
        return false;  // a preparation that was cut off
      }
      for (uint64_t i = 0; i < count; i += kBlockBytes) {
        BlockHeader header;
        const auto fault = check_block(blocks.bytes().subspan(i, kBlockBytes), Lsn{at + i},
                                       options.instance, options.stream, header);
        if (fault == BlockFault::none && header.durable_lsn > bad + kBlockHeaderBytes) return true;
      }
      at += count;
      looked += count;
    }
  }
  return false;
}

Status LogReader::State::judge_end(Lsn bad) {
  if (!has_block) {
    return corrupt("log is damaged where recovery has to begin:" + at_lsn(bad) +
                   "; restore a backup");
  }
  MORTISE_TRY_ASSIGN(const bool proven, proves_damage(raw(bad) / options.segment_bytes, bad));
  if (!proven) return {};
  return corrupt("log is damaged in the middle, later blocks are good:" + at_lsn(bad) +
                 "; put segment " + segment_file_name(raw(bad) / options.segment_bytes) +
                 " back from the archive, or restore a backup");
}

// Moves to a place with at least one byte of a record.
Result<LogReader::State::Load> LogReader::State::skip_to_record() {
  while (!has_block || offset >= payload.size()) {
    const bool first = !has_block;
    MORTISE_TRY_ASSIGN(const Load load, load_next());
    if (load == Load::end) return load;
    if (first) {
      if (start_offset > payload.size()) {
        return corrupt("log ends before the position where reading has to begin:" +
                       at_lsn(block.block_lsn + kBlockHeaderBytes + start_offset));
      }
      offset = start_offset;
    }
  }
  return Load::block;
}

// Appends to `record` until it holds `size_bytes`.  On `end` everything stays for a later call.
Result<LogReader::State::Load> LogReader::State::collect(uint64_t size_bytes) {
  while (record.size() < size_bytes) {
    if (offset >= payload.size()) {
      MORTISE_TRY_ASSIGN(const Load load, load_next());
      if (load == Load::end) return load;
      if ((block.flags & kBlockFreshStart) != 0) {
        record.clear();  // what was cut off by a crash is void
        return Load::block;
      }
    }
    const size_t take = std::min<size_t>(payload.size() - offset, size_bytes - record.size());
    record.insert(record.end(), payload.begin() + offset, payload.begin() + offset + take);
    offset += static_cast<uint32_t>(take);
  }
  return Load::block;
}

Result<LogReader::Outcome> LogReader::next(RecordView& view) {
  State& s = *state_;
  for (;;) {
    if (s.record.empty()) {
      MORTISE_TRY_ASSIGN(const auto load, s.skip_to_record());
      if (load == State::Load::end) return Outcome::end;
      record_lsn_ = s.block.block_lsn + kBlockHeaderBytes + s.offset;
    }
    MORTISE_TRY_ASSIGN(auto load, s.collect(sizeof(uint32_t)));
    if (load == State::Load::end) return Outcome::end;
    if (s.record.empty()) continue;
    const uint32_t size = load_le<uint32_t>(s.record.data());
    if (size < kRecordHeaderBytes || size > kRecordBytesMax) {
      return corrupt("log record has an impossible size:" + at_lsn(record_lsn_));
    }
    MORTISE_TRY_ASSIGN(load, s.collect(size));
    if (load == State::Load::end) return Outcome::end;
    if (s.record.empty()) continue;
    std::swap(s.record, current_);
    s.record.clear();
    const Lsn end = lsn_of_payload(payload_of_lsn(record_lsn_) + size);
    auto parsed = RecordView::parse(current_, record_lsn_, end);
    if (!parsed) return std::move(parsed.error());
    view = *parsed;
    return Outcome::record;
  }
}

Lsn LogReader::next_block() const {
  return state_->next_block;
}
uint32_t LogReader::chain() const {
  return state_->block.chain;
}
const LogIdentity& LogReader::last_identity() const {
  return state_->last_identity;
}
uint64_t LogReader::bytes_read() const {
  return state_->bytes_read;
}

}  // namespace mortise::log
