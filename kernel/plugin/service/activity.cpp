// SPDX-License-Identifier: Apache-2.0
#include "kernel/observe/activity.hpp"

#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/activity.h"

namespace mortise::plugin {

namespace {

using observe::ActivityInfo;
using observe::ActivityState;

observe::Activities& activities() {
  return *service_backends().activities;
}

ActivityState state_of(uint32_t state) {
  return state > MORTISE_ACTIVITY_FAILED_IN_TRANSACTION ? ActivityState::active
                                                        : static_cast<ActivityState>(state);
}

mortise_status_t MORTISE_CALL begin(const mortise_activity_info_t* given,
                                    void(MORTISE_CALL* cancel)(void* context),
                                    void(MORTISE_CALL* terminate)(void* context), void* context,
                                    mortise_activity_t* activity, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    ActivityInfo info;
    info.process_id = given->process_id;
    info.user = view_of(given->user);
    info.database = view_of(given->database);
    info.application_name = view_of(given->application_name);
    info.client_address = view_of(given->client_address);
    info.statement = view_of(given->statement);
    info.state = state_of(given->state);
    info.txid = given->txid;
    info.connected_us = given->connected_us;
    MORTISE_TRY_ASSIGN(*activity,
                       activities().begin(std::move(info), {cancel, terminate, context}));
    return {};
  });
}

void MORTISE_CALL set_state(mortise_activity_t activity, uint32_t state, uint64_t txid,
                            mortise_str_t statement) {
  const std::string_view text(statement.data, statement.data == nullptr ? 0 : statement.size_bytes);
  (void)guard(nullptr, [&]() -> Status {
    activities().set_state(activity, state_of(state), txid, text);
    return {};
  });
}

void MORTISE_CALL set_application_name(mortise_activity_t activity, mortise_str_t name) {
  (void)guard(nullptr, [&]() -> Status {
    activities().set_application_name(activity, view_of(name));
    return {};
  });
}

void MORTISE_CALL end(mortise_activity_t activity) {
  (void)guard(nullptr, [&]() -> Status {
    activities().end(activity);
    return {};
  });
}

void MORTISE_CALL each(int32_t(MORTISE_CALL* visit)(void* context,
                                                    const mortise_activity_info_t* info),
                       void* context) {
  (void)guard(nullptr, [&]() -> Status {
    activities().each([&](const ActivityInfo& a) {
      const mortise_activity_info_t info = {sizeof(mortise_activity_info_t),
                                            a.process_id,
                                            str_of(a.user),
                                            str_of(a.database),
                                            str_of(a.application_name),
                                            str_of(a.client_address),
                                            str_of(a.statement),
                                            static_cast<uint32_t>(a.state),
                                            0,
                                            a.txid,
                                            a.connected_us,
                                            a.transaction_began_us,
                                            a.statement_began_us,
                                            a.state_changed_us};
      return visit(context, &info) == 0;
    });
    return {};
  });
}

uint32_t MORTISE_CALL cancel(uint32_t process_id) {
  return activities().cancel(process_id) ? 1 : 0;
}

uint32_t MORTISE_CALL terminate(uint32_t process_id) {
  return activities().terminate(process_id) ? 1 : 0;
}

constexpr mortise_iface_activity_t kTable = {header_of<mortise_iface_activity_t>(),
                                             begin,
                                             set_state,
                                             set_application_name,
                                             end,
                                             each,
                                             cancel,
                                             terminate};

}  // namespace

const void* activity_table() {
  return &kTable;
}

}  // namespace mortise::plugin
