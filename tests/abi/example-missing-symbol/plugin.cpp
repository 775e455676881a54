// SPDX-License-Identifier: Apache-2.0
#include "mortise/cpp/plugin.hpp"

// Defined by nobody a plugin may link.
namespace mortise::kernel_inside {
__attribute__((visibility("default"))) void call_me();
}

namespace {

mortise_status_t MORTISE_CALL start(const mortise_host_t*, void** instance, mortise_error_t*) {
  *instance = nullptr;
  mortise::kernel_inside::call_me();
  return MORTISE_OK;
}

void MORTISE_CALL stop(void*) {}

}  // namespace

MORTISE_PLUGIN("example-missing-symbol", "0.1.0", {}, {}, start, nullptr, stop)
