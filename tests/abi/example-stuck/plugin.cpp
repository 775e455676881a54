// SPDX-License-Identifier: Apache-2.0
//
// Never comes to an end when it is told to hold: what a server has to survive being stopped with.
#include "mortise/cpp/plugin.hpp"
#include "mortise/cpp/sync.hpp"
#include "mortise/iface/settings.h"

namespace {

using mortise::ErrorSlot;
using mortise::Host;
using mortise::Status;

uint32_t holds = 0;
const uint32_t kForever = 0;

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance,
                                    mortise_error_t* error) {
  *instance = nullptr;
  return mortise::guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(const auto* sync,
                       Host(host).need<mortise_iface_sync_t>(MORTISE_IFACE_SYNC));
    MORTISE_TRY_ASSIGN(const auto* settings,
                       Host(host).need<mortise_iface_settings_t>(MORTISE_IFACE_SETTINGS));
    mortise::use_sync(sync);
    ErrorSlot reason;
    return reason.status(
        settings->get_bool(mortise::str_of("example-stuck.hold"), &holds, reason.get()));
  });
}

void MORTISE_CALL stop(void*) {
  while (holds != 0) {
    mortise::HostParking::service->park(&kForever, kForever, mortise::kNoDeadline);
  }
}

constexpr mortise_need_t kNeeds[] = {mortise::need(MORTISE_IFACE_SETTINGS),
                                     mortise::need(MORTISE_IFACE_SYNC)};

}  // namespace

MORTISE_PLUGIN("example-stuck", "0.1.0", kNeeds, {}, start, nullptr, stop)
