// SPDX-License-Identifier: Apache-2.0
//
// The door: the plugin's needs and offers, start and stop.
#include "mortise/cpp/plugin.hpp"
#include "function/lists.hpp"
#include "instance.hpp"
#include "relation/scan.hpp"
#include "types/lists.hpp"

namespace mortise::sql_catalog {
namespace {

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** made,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    auto owner = std::make_unique<Instance>();
    Services& s = owner->services;
    s.host = Host(host);
    MORTISE_TRY_ASSIGN(s.catalog, s.host.need<mortise_iface_catalog_t>(MORTISE_IFACE_CATALOG));
    MORTISE_TRY_ASSIGN(s.txn, s.host.need<mortise_iface_txn_t>(MORTISE_IFACE_TXN));
    MORTISE_TRY_ASSIGN(s.settings, s.host.need<mortise_iface_settings_t>(MORTISE_IFACE_SETTINGS));
    MORTISE_TRY_ASSIGN(s.activity, s.host.need<mortise_iface_activity_t>(MORTISE_IFACE_ACTIVITY));
    MORTISE_TRY_ASSIGN(s.sync, s.host.need<mortise_iface_sync_t>(MORTISE_IFACE_SYNC));
    s.page = s.host.find<mortise_iface_page_t>(MORTISE_IFACE_PAGE);
    use_sync(s.sync);
    s.started_us = s.sync->realtime_us();
    *made = owner.release();
    publish(static_cast<Instance*>(*made));
    return {};
  });
}

void MORTISE_CALL stop(void* made) {
  publish(nullptr);
  delete static_cast<Instance*>(made);
}

constexpr mortise_need_t kNeeds[] = {need(MORTISE_IFACE_CATALOG),  need(MORTISE_IFACE_TXN),
                                     need(MORTISE_IFACE_SETTINGS), need(MORTISE_IFACE_ACTIVITY),
                                     need(MORTISE_IFACE_SYNC),     want(MORTISE_IFACE_PAGE)};
constexpr mortise_offer_t kOffers[] = {
    offer(MORTISE_IFACE_SYSVIEW, "sql-catalog", &kViewTable),
    offer(MORTISE_IFACE_FUNCTIONS, "sql-catalog", &kFunctionTable),
    offer(MORTISE_IFACE_TYPE, "sql-catalog", &kTypeTable)};

}  // namespace
}  // namespace mortise::sql_catalog

MORTISE_PLUGIN("sql-catalog", "0.1.0", mortise::sql_catalog::kNeeds, mortise::sql_catalog::kOffers,
               mortise::sql_catalog::start, nullptr, mortise::sql_catalog::stop)
