// SPDX-License-Identifier: Apache-2.0
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/codec.h"

namespace {

mortise_status_t MORTISE_CALL start(const mortise_host_t*, void** instance, mortise_error_t*) {
  *instance = nullptr;
  return MORTISE_OK;
}

void MORTISE_CALL stop(void*) {}

constexpr mortise_need_t kNeeds[] = {mortise::need(MORTISE_IFACE_CODEC, "throws")};

}  // namespace

MORTISE_PLUGIN("example-dependant", "0.1.0", kNeeds, {}, start, nullptr, stop)
