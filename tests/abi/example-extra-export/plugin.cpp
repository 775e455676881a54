// SPDX-License-Identifier: Apache-2.0
#include "mortise/cpp/plugin.hpp"

namespace {

mortise_status_t MORTISE_CALL start(const mortise_host_t*, void** instance, mortise_error_t*) {
  *instance = nullptr;
  return MORTISE_OK;
}

void MORTISE_CALL stop(void*) {}

}  // namespace

extern "C" MORTISE_EXPORT int mortise_extra;
int mortise_extra = 1;

MORTISE_PLUGIN("example-extra-export", "0.1.0", {}, {}, start, nullptr, stop)
