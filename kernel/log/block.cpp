// SPDX-License-Identifier: Apache-2.0
#include "kernel/log/block.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "kernel/base/bytes.hpp"
#include "kernel/base/crc32c.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::log {
namespace {

constexpr uint32_t kMagic = 0x474F4C4Du;  // "MLOG"
constexpr uint32_t kChainOffset = 56;
constexpr std::string_view kSuffix = ".log";
constexpr size_t kIndexDigits = 16;

uint32_t chain_of(std::span<const std::byte> block, uint32_t previous_chain) {
  static constexpr std::byte kZero[4] = {};
  uint32_t crc = crc32c(previous_chain, block.first(kChainOffset));
  crc = crc32c(crc, kZero);
  return crc32c(crc, block.subspan(kChainOffset + sizeof(kZero)));
}

}  // namespace

uint32_t seal_block(std::span<std::byte> block, const BlockHeader& h) {
  MORTISE_ASSERT(block.size() == kBlockBytes);
  MORTISE_ASSERT(h.payload_bytes <= kBlockPayloadBytes);
  MORTISE_ASSERT(raw(h.block_lsn) % kBlockBytes == 0);
  std::byte* p = block.data();
  store_le(p, kMagic);
  store_le(p + 4, kBlockVersion);
  store_le(p + 6, h.flags);
  store_le(p + 8, h.block_lsn);
  store_le(p + 16, h.identity.instance);
  store_le(p + 24, h.identity.stream);
  store_le(p + 26, h.payload_bytes);
  store_le(p + 28, h.first_record);
  store_le(p + 30, uint16_t{0});
  store_le(p + 32, h.identity.epoch);
  store_le(p + 36, h.identity.timeline);
  store_le(p + 40, h.identity.incarnation);
  store_le(p + 44, h.previous_chain);
  store_le(p + 48, h.durable_lsn);
  store_le(p + 60, uint32_t{0});
  const uint32_t chain = chain_of(block, h.previous_chain);
  store_le(p + kChainOffset, chain);
  return chain;
}

BlockFault check_block(std::span<const std::byte> block, Lsn expected, uint64_t instance,
                       uint16_t stream, BlockHeader& h) {
  MORTISE_ASSERT(block.size() == kBlockBytes);
  const std::byte* p = block.data();
  if (load_le<uint32_t>(p) != kMagic) return BlockFault::empty;
  const uint16_t version = load_le<uint16_t>(p + 4);
  h.flags = load_le<uint16_t>(p + 6);
  h.block_lsn = load_le<Lsn>(p + 8);
  h.identity.instance = load_le<uint64_t>(p + 16);
  h.identity.stream = load_le<uint16_t>(p + 24);
  h.payload_bytes = load_le<uint16_t>(p + 26);
  h.first_record = load_le<uint16_t>(p + 28);
  h.identity.epoch = load_le<uint32_t>(p + 32);
  h.identity.timeline = load_le<uint32_t>(p + 36);
  h.identity.incarnation = load_le<uint32_t>(p + 40);
  h.previous_chain = load_le<uint32_t>(p + 44);
  h.durable_lsn = load_le<Lsn>(p + 48);
  h.chain = load_le<uint32_t>(p + kChainOffset);
  // The checksum first: what is said by damaged bytes about themselves means nothing.
  if (chain_of(block, h.previous_chain) != h.chain) return BlockFault::damaged;
  if (version > kBlockVersion) return BlockFault::newer_format;
  if (h.identity.instance != instance) return BlockFault::other_instance;
  if (h.identity.stream != stream) return BlockFault::other_stream;
  if (h.block_lsn != expected) return BlockFault::other_place;
  if (h.payload_bytes > kBlockPayloadBytes) return BlockFault::damaged;
  if (h.first_record != kNoRecord && h.first_record >= h.payload_bytes) return BlockFault::damaged;
  return BlockFault::none;
}

std::string segment_file_name(uint64_t segment_index) {
  char name[32];
  std::snprintf(name, sizeof(name), "%016llX", static_cast<unsigned long long>(segment_index));
  return name + std::string(kSuffix);
}

Result<uint64_t> parse_segment_file_name(std::string_view name) {
  uint64_t index = 0;
  if (name.size() == kIndexDigits + kSuffix.size() && name.substr(kIndexDigits) == kSuffix) {
    const char* end = name.data() + kIndexDigits;
    const auto [at, error] = std::from_chars(name.data(), end, index, 16);
    if (error == std::errc() && at == end) return index;
  }
  return not_found("not a log segment: " + std::string(name));
}

}  // namespace mortise::log
