// SPDX-License-Identifier: Apache-2.0
//
// The door of sql-functions: hands the registry's lists to mortise.functions/1 and mortise.type/1.

#include "mortise/cpp/plugin.hpp"

#include "instance.hpp"
#include "registry.hpp"

namespace mortise::sql_functions {
namespace {

// Filled by `start`, before anybody may look; constant from then on.
mortise_iface_functions_t functions_table = {header_of<mortise_iface_functions_t>(),
                                             nullptr,
                                             0,
                                             sizeof(mortise_function_t),
                                             nullptr,
                                             0,
                                             sizeof(mortise_cast_t)};
mortise_iface_type_t types_table = {header_of<mortise_iface_type_t>(), nullptr, 0,
                                    sizeof(mortise_type_info_t)};

constexpr mortise_need_t kNeeds[] = {need(MORTISE_IFACE_SYNC)};
constexpr mortise_offer_t kOffers[] = {
    offer(MORTISE_IFACE_FUNCTIONS, "sql-functions", &functions_table),
    offer(MORTISE_IFACE_TYPE, "sql-functions", &types_table)};

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance_out,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(instance().sync, Host(host).need<mortise_iface_sync_t>(MORTISE_IFACE_SYNC));
    use_sync(instance().sync);
    instance().use_host(Host(host));
    const Registry& all = registry();
    functions_table.functions = all.functions.data();
    functions_table.functions_count = static_cast<uint32_t>(all.functions.size());
    functions_table.casts = all.casts.data();
    functions_table.casts_count = static_cast<uint32_t>(all.casts.size());
    types_table.types = all.types.data();
    types_table.types_count = static_cast<uint32_t>(all.types.size());
    *instance_out = &instance();
    return {};
  });
}

void MORTISE_CALL stop(void*) {
  instance().forget_host();
  instance().sync = nullptr;
}

}  // namespace
}  // namespace mortise::sql_functions

MORTISE_PLUGIN("sql-functions", "0.1.0", mortise::sql_functions::kNeeds,
               mortise::sql_functions::kOffers, mortise::sql_functions::start, nullptr,
               mortise::sql_functions::stop)
