// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: are these the bytes that were written?
//
// CRC-32C (Castagnoli), the checksum of pages and log blocks.  Uses the SSE4.2 instruction in
// three interleaved streams where the processor has it, tables elsewhere; both give the same.
//
// Invariants
//   C1  crc32c(crc32c(s, a), b) == crc32c(s, a followed by b).
//   C2  crc32c(0, "123456789") == 0xE3069283.
//
// Threads: pure functions.

#include <cstddef>
#include <cstdint>
#include <span>

namespace mortise {

// `seed` is 0 for plain CRC-32C, a previous result to go on with (C1), or anything that binds the
// bytes to their place (a page id folded to 32 bits).
uint32_t crc32c(uint32_t seed, std::span<const std::byte> bytes);

// The reference: tables only.
uint32_t crc32c_portable(uint32_t seed, std::span<const std::byte> bytes);

// Does this processor have the instruction?
bool has_crc32c_instruction();

}  // namespace mortise
