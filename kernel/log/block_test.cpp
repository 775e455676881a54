// SPDX-License-Identifier: Apache-2.0
//
// Goal:   a block is accepted at its own place of its own log only; positions map both ways.
// Method: sealed blocks, each fact changed in turn.

#include "kernel/log/block.hpp"

#include <doctest/doctest.h>

#include <array>

namespace mortise::log {
namespace {

constexpr LogIdentity kIdentity{
    .instance = 7, .stream = 0, .epoch = 1, .timeline = 1, .incarnation = 2};
using Block = std::array<std::byte, kBlockBytes>;

Block sealed(Lsn lsn, uint32_t previous_chain = 5) {
  Block block{};
  BlockHeader header;
  header.block_lsn = lsn;
  header.identity = kIdentity;
  header.payload_bytes = 100;
  header.first_record = 10;
  header.previous_chain = previous_chain;
  seal_block(block, header);
  return block;
}

TEST_CASE("log block: what was sealed is accepted and says what it was told") {
  const Block block = sealed(Lsn{8192});
  BlockHeader header;
  REQUIRE(check_block(block, Lsn{8192}, 7, 0, header) == BlockFault::none);
  CHECK(header.payload_bytes == 100);
  CHECK(header.first_record == 10);
  CHECK(header.identity.incarnation == 2);
}

TEST_CASE("log block: K1 another past gives another chain") {
  BlockHeader a;
  BlockHeader b;
  const Block one = sealed(Lsn{8192}, 5);
  const Block two = sealed(Lsn{8192}, 6);
  REQUIRE(check_block(one, Lsn{8192}, 7, 0, a) == BlockFault::none);
  REQUIRE(check_block(two, Lsn{8192}, 7, 0, b) == BlockFault::none);
  CHECK(a.chain != b.chain);
}

TEST_CASE("log block: K2 another place, instance or stream is refused by name") {
  const Block block = sealed(Lsn{8192});
  BlockHeader h;
  CHECK(check_block(block, Lsn{12288}, 7, 0, h) == BlockFault::other_place);
  CHECK(check_block(block, Lsn{8192}, 8, 0, h) == BlockFault::other_instance);
  CHECK(check_block(block, Lsn{8192}, 7, 1, h) == BlockFault::other_stream);
  CHECK(check_block(Block{}, Lsn{8192}, 7, 0, h) == BlockFault::empty);
}

TEST_CASE("log block: every flipped bit is found") {
  Block block = sealed(Lsn{8192});
  BlockHeader h;
  for (size_t bit = 0; bit < block.size() * 8; bit += 7) {
    block[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK(check_block(block, Lsn{8192}, 7, 0, h) != BlockFault::none);
    block[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
  }
}

TEST_CASE("log block: positions map to payload and back, and keep their order") {
  Lsn last{};
  for (uint64_t position = 0; position < 20'000; position += 61) {
    const Lsn lsn = lsn_of_payload(position);
    CHECK(payload_of_lsn(lsn) == position);
    CHECK(raw(lsn) % kBlockBytes >= kBlockHeaderBytes);
    CHECK(lsn > last);
    last = lsn;
  }
}

TEST_CASE("log block: segment names go both ways, others are refused") {
  CHECK(segment_file_name(255) == "00000000000000FF.log");
  CHECK(*parse_segment_file_name("00000000000000FF.log") == 255);
  CHECK(!parse_segment_file_name("00000000000000FF.tmp"));
  CHECK(!parse_segment_file_name("000000000000FF.log"));
}

}  // namespace
}  // namespace mortise::log
