// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: do these 4 KiB belong to this log, at this place, behind that block?
//
//   off size field
//     0    4 magic           'M' 'L' 'O' 'G'
//     4    2 version         1
//     6    2 flags           kBlockFreshStart
//     8    8 block_lsn       the position of this block
//    16    8 instance        the first half of the instance id
//    24    2 stream          0
//    26    2 payload_bytes   0..4032; fewer only in a block that ends a flush
//    28    2 first_record    offset in the payload of the first record that begins here; 0xFFFF
//    none 30    2 reserved 32    4 epoch           grows with each new primary 36    4 timeline
//    grows with each restore to a point in the past 40    4 incarnation     grows with each start
//    44    4 previous_chain  chain of the block before
//    48    8 durable_lsn     what was durable when this block was written
//    56    4 chain           crc32c over the block with this field zero, seeded with previous_chain
//    60    4 reserved
//    64      payload
//
// An LSN is the position of a byte in the stream of blocks, headers included; the byte behind the
// last of a full block is the first payload byte of the next.
//
// Invariants
//   K1  Two blocks with the same chain have the same log before them.
//   K2  A block of an older lap of a reused file fails on block_lsn; a block that an earlier
//       incarnation wrote behind the end of what was recovered fails on previous_chain.
//   K3  `durable_lsn` lets a reader tell damage from the end: a good block that calls the place
//       of a bad one durable proves damage.
//
// Threads: values.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "kernel/base/ids.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::log {

inline constexpr uint32_t kBlockBytes = 4096;
inline constexpr uint32_t kBlockHeaderBytes = 64;
inline constexpr uint32_t kBlockPayloadBytes = kBlockBytes - kBlockHeaderBytes;
inline constexpr uint32_t kSegmentBytes = 16u << 20;
inline constexpr uint16_t kBlockVersion = 1;
inline constexpr uint16_t kNoRecord = 0xFFFF;
inline constexpr uint16_t kBlockFreshStart = 1;  // a record cut off before it is void

struct LogIdentity {
  uint64_t instance = 0;
  uint16_t stream = 0;
  uint32_t epoch = 1;
  uint32_t timeline = 1;
  uint32_t incarnation = 1;
};

struct BlockHeader {
  uint16_t flags = 0;
  Lsn block_lsn{};
  LogIdentity identity;
  uint16_t payload_bytes = 0;
  uint16_t first_record = kNoRecord;
  uint32_t previous_chain = 0;
  Lsn durable_lsn{};
  uint32_t chain = 0;
};

// Payload bytes count from 0 over the whole stream; positions include block headers.
constexpr Lsn lsn_of_payload(uint64_t payload_position) {
  return Lsn{payload_position / kBlockPayloadBytes * kBlockBytes + kBlockHeaderBytes +
             payload_position % kBlockPayloadBytes};
}
// Precondition: `lsn` is not inside a block header.
constexpr uint64_t payload_of_lsn(Lsn lsn) {
  return raw(lsn) / kBlockBytes * kBlockPayloadBytes + (raw(lsn) % kBlockBytes - kBlockHeaderBytes);
}
constexpr Lsn block_of(Lsn lsn) {
  return Lsn{raw(lsn) / kBlockBytes * kBlockBytes};
}

// Writes the header over the first 64 bytes of `block` and answers the chain.
uint32_t seal_block(std::span<std::byte> block, const BlockHeader& header);

enum class BlockFault : uint8_t {
  none,
  empty,        // zeros or foreign bytes: nothing was written here
  other_place,  // of an older lap or misdirected
  other_instance,
  other_stream,
  newer_format,
  damaged,  // checksum or bounds
};
// Checks a block on its own; its place in the chain is the reader's business (K1).
BlockFault check_block(std::span<const std::byte> block, Lsn expected, uint64_t instance,
                       uint16_t stream, BlockHeader& header);

std::string segment_file_name(uint64_t segment_index);
// The index, or `not_found` when it is not a segment's name.
Result<uint64_t> parse_segment_file_name(std::string_view name);

}  // namespace mortise::log
