// SPDX-License-Identifier: Apache-2.0
//
// The door of codec-lz4: the only file that sees the ABI's tables.

#include "mortise/cpp/plugin.hpp"
#include "codec.hpp"
#include "mortise/iface/codec.h"

namespace mortise::codec_lz4 {
namespace {

uint64_t MORTISE_CALL door_size_bytes_max(uint64_t size_bytes) {
  return size_bytes_max(size_bytes);
}

mortise_status_t MORTISE_CALL door_compress(mortise_bytes_t input, int32_t level, uint8_t* output,
                                            uint64_t capacity_bytes, uint64_t* size_bytes,
                                            mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*size_bytes,
                       compress({input.data, input.size_bytes}, level, {output, capacity_bytes}));
    return {};
  });
}

mortise_status_t MORTISE_CALL door_decompress(mortise_bytes_t input, uint8_t* output,
                                              uint64_t original_size_bytes,
                                              mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    return decompress({input.data, input.size_bytes}, {output, original_size_bytes});
  });
}

constexpr mortise_iface_codec_t kCodec = {header_of<mortise_iface_codec_t>(),
                                          kLevelMin,
                                          kLevelMax,
                                          kLevelDefault,
                                          0,
                                          door_size_bytes_max,
                                          door_compress,
                                          door_decompress};
constexpr mortise_offer_t kOffers[] = {offer(MORTISE_IFACE_CODEC, "lz4", &kCodec)};

mortise_status_t MORTISE_CALL start(const mortise_host_t*, void** instance, mortise_error_t*) {
  *instance = nullptr;  // stateless
  return MORTISE_OK;
}

void MORTISE_CALL stop(void*) {}

}  // namespace
}  // namespace mortise::codec_lz4

MORTISE_PLUGIN("codec-lz4", "0.1.0", {}, mortise::codec_lz4::kOffers, mortise::codec_lz4::start,
               nullptr, mortise::codec_lz4::stop)
