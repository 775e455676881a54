// SPDX-License-Identifier: Apache-2.0
//
// Goal:   no input makes the codec read or write outside its buffers, and C1 holds for all inputs.
// Method: the first two bytes choose a level and an original size; the rest is decompressed as it
//         stands (any answer but a crash is right), then compressed and brought back.

#include "codec.hpp"

#include <algorithm>
#include <vector>

#include "mortise/cpp/assert.hpp"

namespace codec = mortise::codec_lz4;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const int32_t level = codec::kLevelMin + data[0] % (codec::kLevelMax - codec::kLevelMin + 1);
  const std::span<const uint8_t> input(data + 2, size - 2);

  std::vector<uint8_t> restored(data[1] * size_t{64});
  (void)codec::decompress(input, restored).is_ok();

  std::vector<uint8_t> small(codec::size_bytes_max(input.size()));
  const auto written = codec::compress(input, level, small);
  MORTISE_ASSERT(written.has_value());
  restored.assign(input.size(), 0);
  MORTISE_ASSERT(codec::decompress({small.data(), *written}, restored).is_ok());
  MORTISE_ASSERT(std::equal(input.begin(), input.end(), restored.begin()));
  return 0;
}
