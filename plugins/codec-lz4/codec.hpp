// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which bytes does the codec "lz4" write?
//
//   offset  size
//   0       4     check: the low 32 bits of XXH3-64 over the original bytes, little-endian
//   4       rest  one LZ4 block (the block format, without frame or size)
//
// An LZ4 block alone does not notice a changed literal; the check does.  The name goes to disk, so
// this layout never changes: another one gets another name.
//
// Invariants
//   L1  Every byte of `input` is needed and used: no second text decompresses to the same bytes
//       by having something behind the end.
//
// Threads: stateless; [any, concurrent].

#include <cstdint>
#include <span>

#include "mortise/cpp/result.hpp"

namespace mortise::codec_lz4 {

inline constexpr int32_t kLevelMin = 1;
inline constexpr int32_t kLevelMax = 12;
inline constexpr int32_t kLevelDefault = 1;

inline constexpr uint64_t kInputBytesMax = uint64_t{1} << 30;
inline constexpr uint64_t kCheckBytes = 4;

// The most bytes that `size_bytes` of input become; 0 when the input is too large.
uint64_t size_bytes_max(uint64_t size_bytes);

// Compresses and says how many bytes it wrote.  Level 1 is LZ4's fast mode, 2 to 12 its "high
// compression" of that level, which costs time in this direction only; 0 stands for the default.
// `limit` when the result does not fit, `invalid` for another level.
Result<uint64_t> compress(std::span<const uint8_t> input, int32_t level, std::span<uint8_t> output);

// Restores exactly output.size() bytes; `corrupt` when the input is not what compress() made of
// them.
Status decompress(std::span<const uint8_t> input, std::span<uint8_t> output);

}  // namespace mortise::codec_lz4
