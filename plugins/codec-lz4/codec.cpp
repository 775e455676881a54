// SPDX-License-Identifier: Apache-2.0
#include "codec.hpp"

#include <lz4.h>
#include <lz4hc.h>

#include <algorithm>
#include <string>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "mortise/cpp/assert.hpp"

namespace mortise::codec_lz4 {
namespace {

static_assert(kInputBytesMax <= LZ4_MAX_INPUT_SIZE);

// The library counts in int; more room than a block can need is no use to it.
int clamped(uint64_t size_bytes) {
  return static_cast<int>(std::min<uint64_t>(size_bytes, LZ4_COMPRESSBOUND(LZ4_MAX_INPUT_SIZE)));
}

const char* chars(std::span<const uint8_t> bytes) {
  return bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data());
}

void put_check(std::span<const uint8_t> original, uint8_t* out) {
  const uint64_t hash = XXH3_64bits(chars(original), original.size());
  for (unsigned i = 0; i < kCheckBytes; ++i) out[i] = static_cast<uint8_t>(hash >> (8 * i));
}

}  // namespace

uint64_t size_bytes_max(uint64_t size_bytes) {
  if (size_bytes > kInputBytesMax) return 0;
  return kCheckBytes + static_cast<uint64_t>(LZ4_compressBound(static_cast<int>(size_bytes)));
}

Result<uint64_t> compress(std::span<const uint8_t> input, int32_t level,
                          std::span<uint8_t> output) {
  if (level == 0) level = kLevelDefault;
  if (level < kLevelMin || level > kLevelMax) {
    return invalid("lz4 has levels 1 to 12, not " + std::to_string(level));
  }
  if (input.size() > kInputBytesMax) return limit("lz4 takes at most 1 GiB at once");
  if (output.size() <= kCheckBytes) return limit("the compressed bytes do not fit");
  char* block = reinterpret_cast<char*>(output.data() + kCheckBytes);
  const int capacity = clamped(output.size() - kCheckBytes);
  const int size = static_cast<int>(input.size());
  const int written = level == 1 ? LZ4_compress_default(chars(input), block, size, capacity)
                                 : LZ4_compress_HC(chars(input), block, size, capacity, level);
  if (written <= 0) return limit("the compressed bytes do not fit");
  MORTISE_ASSERT(written <= capacity);
  put_check(input, output.data());
  return kCheckBytes + static_cast<uint64_t>(written);
}

Status decompress(std::span<const uint8_t> input, std::span<uint8_t> output) {
  if (output.size() > kInputBytesMax || input.size() <= kCheckBytes ||
      input.size() > size_bytes_max(output.size())) {
    return corrupt("lz4: the compressed bytes have an impossible size");
  }
  const std::span<const uint8_t> block = input.subspan(kCheckBytes);
  uint8_t nothing = 0;
  char* out = reinterpret_cast<char*>(output.empty() ? &nothing : output.data());
  const int read = LZ4_decompress_safe(chars(block), out, static_cast<int>(block.size()),
                                       static_cast<int>(output.size()));
  if (read < 0 || static_cast<uint64_t>(read) != output.size()) {
    return corrupt("lz4: the compressed bytes are damaged");
  }
  uint8_t check[kCheckBytes];
  put_check(output, check);
  if (!std::equal(check, check + kCheckBytes, input.begin())) {
    return corrupt("lz4: the restored bytes do not match their check");
  }
  return {};
}

}  // namespace mortise::codec_lz4
