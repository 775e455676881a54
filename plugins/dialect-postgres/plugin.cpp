// SPDX-License-Identifier: Apache-2.0
//
// The door of dialect-postgres: the only file that sees the ABI's tables.

#include "mortise/cpp/plugin.hpp"

#include "mortise/cpp/sql_text.hpp"
#include "mortise/iface/draft/dialect.h"
#include "parse.hpp"

namespace mortise::dialect_postgres {
namespace {

// Set once by start, before the first parse (P3 allows what a plugin is started with).
const mortise_iface_sync_t* g_sync = nullptr;

mortise_status_t MORTISE_CALL door_parse(mortise_str_t text,
                                         const mortise_syntax_builder_t* builder,
                                         mortise_error_t* error) {
  return guard(error, [&] { return parse(view_of(text), *builder, g_sync); });
}

mortise_status_t MORTISE_CALL door_fingerprint(mortise_str_t text, uint64_t* value,
                                               mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    MORTISE_TRY_ASSIGN(*value, fingerprint(view_of(text)));
    return {};
  });
}

uint32_t MORTISE_CALL door_needs_quotes(mortise_str_t word) {
  return needs_quotes(view_of(word)) ? 1 : 0;
}

constexpr mortise_iface_dialect_t kDialect = {header_of<mortise_iface_dialect_t>(), door_parse,
                                              door_fingerprint, door_needs_quotes};
constexpr mortise_need_t kNeeds[] = {need(MORTISE_IFACE_SYNC)};
constexpr mortise_offer_t kOffers[] = {offer(MORTISE_IFACE_DIALECT, "postgres", &kDialect)};

mortise_status_t MORTISE_CALL start(const mortise_host_t* host, void** instance,
                                    mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    *instance = nullptr;
    MORTISE_TRY_ASSIGN(g_sync, Host(host).need<mortise_iface_sync_t>(MORTISE_IFACE_SYNC));
    return {};
  });
}

void MORTISE_CALL stop(void*) {}

}  // namespace
}  // namespace mortise::dialect_postgres

MORTISE_PLUGIN("dialect-postgres", "0.1.0", mortise::dialect_postgres::kNeeds,
               mortise::dialect_postgres::kOffers, mortise::dialect_postgres::start, nullptr,
               mortise::dialect_postgres::stop)
