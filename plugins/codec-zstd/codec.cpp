// SPDX-License-Identifier: Apache-2.0
#include "codec.hpp"

#include <zstd.h>
#include <zstd_errors.h>

#include <cstring>
#include <memory>
#include <string>

#include "mortise/cpp/assert.hpp"

namespace mortise::codec_zstd {
namespace {

// A frame: magic, descriptor (whose bit 2 says "checksum"), the rest.
constexpr uint8_t kMagic[] = {0x28, 0xb5, 0x2f, 0xfd};
constexpr size_t kDescriptorAt = sizeof kMagic;
constexpr uint8_t kChecksumBit = 0x04;
constexpr uint64_t kChecksumBytes = 4;  // the library's bound leaves it out

struct FreeCompressor {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
};
struct FreeDecompressor {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

// Making a context costs more than compressing a page, so a thread keeps its two.
thread_local std::unique_ptr<ZSTD_CCtx, FreeCompressor> t_compressor;
thread_local std::unique_ptr<ZSTD_DCtx, FreeDecompressor> t_decompressor;

Status prepare_compressor(int32_t level) {
  if (t_compressor == nullptr) t_compressor.reset(ZSTD_createCCtx());
  if (t_compressor == nullptr) return no_memory("zstd: no working memory");
  ZSTD_CCtx_reset(t_compressor.get(), ZSTD_reset_session_and_parameters);
  const size_t set_level =
      ZSTD_CCtx_setParameter(t_compressor.get(), ZSTD_c_compressionLevel, level);
  const size_t set_checksum = ZSTD_CCtx_setParameter(t_compressor.get(), ZSTD_c_checksumFlag, 1);
  MORTISE_ASSERT(ZSTD_isError(set_level) == 0);
  MORTISE_ASSERT(ZSTD_isError(set_checksum) == 0);
  return {};
}

bool is_our_frame(std::span<const uint8_t> input, uint64_t original_size_bytes) {
  return input.size() > kDescriptorAt && std::memcmp(input.data(), kMagic, sizeof kMagic) == 0 &&
         (input[kDescriptorAt] & kChecksumBit) != 0 &&
         ZSTD_getFrameContentSize(input.data(), input.size()) == original_size_bytes &&
         ZSTD_findFrameCompressedSize(input.data(), input.size()) == input.size();
}

}  // namespace

uint64_t size_bytes_max(uint64_t size_bytes) {
  if (size_bytes > kInputBytesMax) return 0;
  return ZSTD_compressBound(size_bytes) + kChecksumBytes;
}

Result<uint64_t> compress(std::span<const uint8_t> input, int32_t level,
                          std::span<uint8_t> output) {
  if (level == 0) level = kLevelDefault;
  if (level < kLevelMin || level > kLevelMax) {
    return invalid("zstd has levels -5 to 19, not " + std::to_string(level));
  }
  if (input.size() > kInputBytesMax) return limit("zstd takes at most 1 GiB at once");
  MORTISE_TRY(prepare_compressor(level));
  const size_t written =
      ZSTD_compress2(t_compressor.get(), output.data(), output.size(), input.data(), input.size());
  if (ZSTD_sizeof_CCtx(t_compressor.get()) > kKeptBytesMax) t_compressor.reset();
  if (ZSTD_isError(written) == 0) return uint64_t{written};
  switch (ZSTD_getErrorCode(written)) {
    case ZSTD_error_dstSize_tooSmall:
    case ZSTD_error_dstBuffer_null:
      return limit("the compressed bytes do not fit");
    case ZSTD_error_memory_allocation:
      return no_memory("zstd: no working memory");
    default:
      return internal(std::string("zstd: ") + ZSTD_getErrorName(written));
  }
}

Status decompress(std::span<const uint8_t> input, std::span<uint8_t> output) {
  if (output.size() > kInputBytesMax || !is_our_frame(input, output.size())) {
    return corrupt("zstd: the compressed bytes are not one frame of the right size");
  }
  if (t_decompressor == nullptr) t_decompressor.reset(ZSTD_createDCtx());
  if (t_decompressor == nullptr) return no_memory("zstd: no working memory");
  const size_t read = ZSTD_decompressDCtx(t_decompressor.get(), output.data(), output.size(),
                                          input.data(), input.size());
  if (ZSTD_isError(read) != 0) {
    if (ZSTD_getErrorCode(read) == ZSTD_error_memory_allocation) {
      return no_memory("zstd: no working memory");
    }
    return corrupt(std::string("zstd: the compressed bytes are damaged: ") +
                   ZSTD_getErrorName(read));
  }
  if (read != output.size()) return corrupt("zstd: the compressed bytes restore to another size");
  return {};
}

}  // namespace mortise::codec_zstd
