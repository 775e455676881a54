// SPDX-License-Identifier: Apache-2.0
#include "mortise/cpp/plugin.hpp"

namespace {

mortise_status_t MORTISE_CALL start(const mortise_host_t*, void** instance, mortise_error_t*) {
  *instance = nullptr;
  return MORTISE_OK;
}

void MORTISE_CALL stop(void*) {}

constexpr mortise_plugin_t kPlugin = {{sizeof(mortise_plugin_t), 2, 0, 0},
                                      mortise::literal("example-wrong-abi"),
                                      mortise::literal("0.1.0"),
                                      mortise::literal(MORTISE_SDK_VERSION),
                                      nullptr,
                                      0,
                                      0,
                                      nullptr,
                                      start,
                                      nullptr,
                                      stop};

}  // namespace

extern "C" MORTISE_EXPORT const mortise_plugin_t* MORTISE_CALL mortise_plugin_query_v1(uint32_t);
const mortise_plugin_t* MORTISE_CALL mortise_plugin_query_v1(uint32_t) {
  return &kPlugin;
}
