// SPDX-License-Identifier: Apache-2.0
//
// Tidy: may throw, because the loader's test wants a start that does.
#include <stdexcept>

#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/codec.h"

namespace {

mortise_status_t MORTISE_CALL start(const mortise_host_t*, void**, mortise_error_t*) {
  throw std::runtime_error("thrown on purpose");
}

void MORTISE_CALL stop(void*) {}

constexpr mortise_iface_codec_t kTable = {
    mortise::header_of<mortise_iface_codec_t>(), 0, 0, 0, 0, nullptr, nullptr, nullptr};
constexpr mortise_offer_t kOffers[] = {mortise::offer(MORTISE_IFACE_CODEC, "throws", &kTable)};

}  // namespace

MORTISE_PLUGIN("example-throws", "0.1.0", {}, kOffers, start, nullptr, stop)
