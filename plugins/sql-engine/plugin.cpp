// SPDX-License-Identifier: Apache-2.0
//
// The door: finds the services, merges the lists of functions and types, offers mortise.query/1 and
// the functions for sequences and windows.

#include <memory>

#include "bind/registry.hpp"
#include "ddl/ddl.hpp"
#include "ddl/sequence_door.hpp"
#include "execute/window_functions.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/cpp/sync.hpp"
#include "schema/relation_cache.hpp"
#include "schema/services.hpp"
#include "session/query_door.hpp"

namespace mortise::sql_engine {
namespace {

struct Instance {
  Services services;
  Registry registry;
  std::unique_ptr<RelationCache> relations;
};

template <typename Table>
Status find(const Host& host, std::string_view id, const Table*& table) {
  MORTISE_TRY_ASSIGN(table, host.need<Table>(id));
  return {};
}

Status find_services(const Host& host, Services& s) {
  s.host = host;
  MORTISE_TRY(find(host, MORTISE_IFACE_TXN, s.txn));
  MORTISE_TRY(find(host, MORTISE_IFACE_CATALOG, s.catalog));
  MORTISE_TRY(find(host, MORTISE_IFACE_MEMORY, s.memory));
  MORTISE_TRY(find(host, MORTISE_IFACE_TASK, s.task));
  MORTISE_TRY(find(host, MORTISE_IFACE_SYNC, s.sync));
  MORTISE_TRY(find(host, MORTISE_IFACE_SETTINGS, s.settings));
  MORTISE_TRY(find(host, MORTISE_IFACE_LOG, s.log));
  s.activity = host.find<mortise_iface_activity_t>(MORTISE_IFACE_ACTIVITY);
  host.each<mortise_iface_dialect_t>(
      MORTISE_IFACE_DIALECT, [&](std::string_view slot, const mortise_iface_dialect_t* table) {
        s.dialects.emplace(slot, table);
      });
  host.each<mortise_iface_table_engine_t>(
      MORTISE_IFACE_TABLE_ENGINE,
      [&](std::string_view slot, const mortise_iface_table_engine_t* table) {
        s.table_engines.emplace(slot, table);
      });
  host.each<mortise_iface_index_t>(MORTISE_IFACE_INDEX,
                                   [&](std::string_view slot, const mortise_iface_index_t* table) {
                                     s.index_methods.emplace(slot, table);
                                   });
  host.each<mortise_iface_sysview_t>(
      MORTISE_IFACE_SYSVIEW, [&](std::string_view, const mortise_iface_sysview_t* table) {
        const auto* base = reinterpret_cast<const uint8_t*>(table->views);
        for (uint32_t i = 0; i < table->views_count; ++i) {
          const auto* view = reinterpret_cast<const mortise_sysview_t*>(
              base + static_cast<size_t>(i) * table->view_stride_bytes);
          s.system_views.try_emplace(
              {std::string(view_of(view->schema)), std::string(view_of(view->name))}, view);
        }
      });
  return {};
}

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    const Host services(host);
    auto made = std::make_unique<Instance>();
    MORTISE_TRY(find_services(services, made->services));
    use_sync(made->services.sync);
    services.each<mortise_iface_type_t>(
        MORTISE_IFACE_TYPE,
        [&](std::string_view, const mortise_iface_type_t* table) { made->registry.add(*table); });
    // Our own functions are listed by the host once we have started.
    made->registry.add(kSequenceFunctions);
    made->registry.add(kWindowFunctions);
    services.each<mortise_iface_functions_t>(
        MORTISE_IFACE_FUNCTIONS, [&](std::string_view, const mortise_iface_functions_t* table) {
          made->registry.add(*table);
        });
    made->registry.seal();
    made->services.registry = &made->registry;
    made->relations = std::make_unique<RelationCache>(made->services);
    made->services.relations = made->relations.get();
    MORTISE_TRY(bootstrap(made->services));
    use_services(&made->services);
    *instance = made.release();
    return {};
  });
}

void MORTISE_CALL stop(void* instance) {
  use_services(nullptr);
  auto* const own = static_cast<Instance*>(instance);
  own->relations->clear();
  delete own;
}

constexpr mortise_need_t kNeeds[] = {
    need(MORTISE_IFACE_TXN),   need(MORTISE_IFACE_CATALOG),      need(MORTISE_IFACE_MEMORY),
    need(MORTISE_IFACE_TASK),  need(MORTISE_IFACE_SYNC),         need(MORTISE_IFACE_SETTINGS),
    need(MORTISE_IFACE_LOG),   need(MORTISE_IFACE_TABLE_ENGINE), need(MORTISE_IFACE_DIALECT),
    need(MORTISE_IFACE_TYPE),  need(MORTISE_IFACE_FUNCTIONS),    want(MORTISE_IFACE_ACTIVITY),
    want(MORTISE_IFACE_INDEX), want(MORTISE_IFACE_SYSVIEW)};
constexpr mortise_offer_t kOffers[] = {
    offer(MORTISE_IFACE_QUERY, "", &kQuery),
    offer(MORTISE_IFACE_FUNCTIONS, "sql-engine", &kSequenceFunctions),
    offer(MORTISE_IFACE_FUNCTIONS, "sql-window", &kWindowFunctions)};

}  // namespace
}  // namespace mortise::sql_engine

MORTISE_PLUGIN("sql-engine", "0.1.0", mortise::sql_engine::kNeeds, mortise::sql_engine::kOffers,
               mortise::sql_engine::start, nullptr, mortise::sql_engine::stop)
