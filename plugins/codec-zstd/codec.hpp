// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which bytes does the codec "zstd" write?
//
// Exactly one Zstandard frame (RFC 8878) with its content size and content checksum, readable by
// every zstd program.  The name goes to disk, so this never changes: another form gets another
// name.
//
// Invariants
//   Z1  A frame without checksum, of another size, in a legacy format, or with anything before or
//       behind it is corrupt: compress() never makes one.
//   Z2  A thread keeps its working memory between calls up to kKeptBytesMax, not more.
//
// Threads: [any, concurrent]; each thread has working memory of its own, which ends with it.

#include <cstdint>
#include <span>

#include "mortise/cpp/result.hpp"

namespace mortise::codec_zstd {

// Below 1: faster and larger.  Above 19 the library wants hundreds of megabytes.
inline constexpr int32_t kLevelMin = -5;
inline constexpr int32_t kLevelMax = 19;
inline constexpr int32_t kLevelDefault = 3;

inline constexpr uint64_t kInputBytesMax = uint64_t{1} << 30;
inline constexpr uint64_t kKeptBytesMax = uint64_t{8} << 20;

// The most bytes that `size_bytes` of input become; 0 when the input is too large.
uint64_t size_bytes_max(uint64_t size_bytes);

// Compresses and says how many bytes it wrote; 0 stands for the default level.  `limit` when the
// result does not fit, `invalid` for a level out of range, `no_memory` without working memory.
Result<uint64_t> compress(std::span<const uint8_t> input, int32_t level, std::span<uint8_t> output);

// Restores exactly output.size() bytes; `corrupt` when the input is not what compress() made of
// them, `no_memory` without working memory.
Status decompress(std::span<const uint8_t> input, std::span<uint8_t> output);

}  // namespace mortise::codec_zstd
