// SPDX-License-Identifier: Apache-2.0
//
// The server and its sessions: encodings, cancelling, transaction ids, times.
#include "catalog/system_ids.hpp"
#include "function/lists.hpp"
#include "function/rows_function.hpp"
#include "text/array.hpp"
#include "types/array_value.hpp"
#include "types/timestamp.hpp"

namespace mortise::sql_catalog {
namespace {

constexpr int32_t kEncodingsCount = 42;

std::optional<int32_t> encoding_length(Call&, int32_t number) {
  if (number < 0 || number >= kEncodingsCount) return std::nullopt;
  return number == static_cast<int32_t>(kEncodingUtf8) ? 4 : number == 0 || number >= 8 ? 1 : 3;
}

bool is_false(Call&) {
  return false;
}
bool is_false_for(Call&, int64_t) {
  return false;
}

bool cancel_backend(Call& call, int32_t process_id) {
  const mortise_iface_activity_t* activity = call.services().activity;
  return activity != nullptr && activity->cancel(static_cast<uint32_t>(process_id)) != 0;
}

// Does not wait for the end; with a timeout PostgreSQL would.
Result<bool> terminate_backend(Call& call, int32_t process_id, int64_t timeout_ms) {
  if (timeout_ms < 0) {
    return Status(Code::invalid, "22003", "\"timeout\" must not be negative");
  }
  const mortise_iface_activity_t* activity = call.services().activity;
  return activity != nullptr && activity->terminate(static_cast<uint32_t>(process_id)) != 0;
}
Result<bool> terminate_at_once(Call& call, int32_t process_id) {
  return terminate_backend(call, process_id, 0);
}

int64_t start_time(Call& call) {
  return to_timestamptz(call.services().started_us);
}

std::optional<int64_t> assigned_transaction(Call& call) {
  const mortise_evaluation_t* e = call.evaluation();
  const bool has_view = e->struct_size_bytes >= sizeof(mortise_evaluation_t) && e->view != nullptr;
  if (!has_view || e->view->txid == 0) return std::nullopt;
  return static_cast<int64_t>(e->view->txid);
}

Result<int64_t> current_transaction(Call& call) {
  const std::optional<int64_t> txid = assigned_transaction(call);
  if (txid) return *txid;
  return Status(Code::unsupported, "0A000",
                "the transaction has no id: it has not changed anything yet");
}

int32_t transaction_age(Call&, int64_t) {
  return 0;
}

std::optional<std::string> blocking_sessions(Call& call, int32_t process_id) {
  struct Search {
    uint32_t process_id;
    uint64_t txid = 0;
    uint64_t wanted = 0;
    ArrayText found;
  };
  const Services& services = call.services();
  Search search{static_cast<uint32_t>(process_id), 0, 0, {}};
  if (services.activity == nullptr || services.txn == nullptr)
    return array_value(kSqlInt4Array, search.found.take());
  services.activity->each(
      [](void* context, const mortise_activity_info_t* info) -> int32_t {
        auto& s = *static_cast<Search*>(context);
        if (info->process_id == s.process_id) s.txid = info->txid;
        return 0;
      },
      &search);
  if (search.txid == 0) return array_value(kSqlInt4Array, search.found.take());
  services.txn->each(
      [](void* context, const mortise_txn_info_t* info) -> int32_t {
        auto& s = *static_cast<Search*>(context);
        if (info->txid == s.txid) s.wanted = info->waits_for;
        return 0;
      },
      &search);
  if (search.wanted == 0) return array_value(kSqlInt4Array, search.found.take());
  services.activity->each(
      [](void* context, const mortise_activity_info_t* info) -> int32_t {
        auto& s = *static_cast<Search*>(context);
        if (info->txid == s.wanted) s.found.add(int64_t{info->process_id});
        return 0;
      },
      &search);
  return array_value(kSqlInt4Array, search.found.take());
}

int64_t no_schema(Call&) {
  return 0;
}
double nothing_queued(Call&) {
  return 0;
}
bool is_publishable(Call& call, int64_t oid) {
  const Result<Class> c = call.objects().find_class(static_cast<uint32_t>(oid));
  return c && c->relation != nullptr && c->relation->kind == schema::RelationKind::table &&
         !c->relation->is_temporary && !c->relation->is_unlogged;
}

// Bits as in PostgreSQL: 4 update, 8 insert, 16 delete.
int32_t is_updatable(Call& call, int64_t oid, bool) {
  const Result<Class> c = call.objects().find_class(static_cast<uint32_t>(oid));
  const bool is_table =
      c && c->relation != nullptr && c->relation->kind == schema::RelationKind::table;
  return is_table ? 4 + 8 + 16 : 0;
}
bool is_column_updatable(Call& call, int64_t oid, int16_t, bool includes_triggers) {
  return is_updatable(call, oid, includes_triggers) != 0;
}

constexpr mortise_sysview_column_t kChannelColumn[] = {
    {literal("pg_listening_channels"), MORTISE_SQL_TEXT, 0}};
Status no_channels(Call&, const mortise_arguments_t&, Rows&) {
  return {};
}

std::optional<std::string> no_version(Call&, int64_t) {
  return std::nullopt;
}

constexpr Traits kVolatile = {.volatility = MORTISE_VOLATILITY_VOLATILE};

constexpr mortise_function_t kTable[] = {
    scalar<"int4:int4", &encoding_length>(2319, "pg_encoding_max_length"),
    scalar<":bool", &is_false>(3810, "pg_is_in_recovery", kVolatile),
    scalar<":bool", &is_false>(3073, "pg_is_wal_replay_paused", kVolatile),
    scalar<":bool", &is_false>(315, "pg_jit_available", kVolatile),
    scalar<"oid:bool", &is_false_for>(2855, "pg_is_other_temp_schema"),
    scalar<":oid", &no_schema>(2854, "pg_my_temp_schema"),
    scalar<"int4:bool", &cancel_backend>(2171, "pg_cancel_backend", kVolatile),
    scalar<"int4,int8:bool", &terminate_backend>(2096, "pg_terminate_backend", kVolatile),
    scalar<"int4:bool", &terminate_at_once>(10'100'000, "pg_terminate_backend", kVolatile),
    scalar<"int4:_int4", &blocking_sessions>(2561, "pg_blocking_pids", kVolatile),
    scalar<":timestamptz", &start_time>(2560, "pg_postmaster_start_time"),
    scalar<":timestamptz", &start_time>(2034, "pg_conf_load_time"),
    scalar<":int8", &current_transaction>(2943, "txid_current"),
    scalar<":int8", &assigned_transaction>(3348, "txid_current_if_assigned"),
    scalar<"xid:int4", &transaction_age>(1181, "age"),
    scalar<"xid:int4", &transaction_age>(3939, "mxid_age"),
    scalar<":float8", &nothing_queued>(3296, "pg_notification_queue_usage", kVolatile),
    scalar<"regclass:bool", &is_publishable>(6121, "pg_relation_is_publishable"),
    scalar<"regclass,bool:int4", &is_updatable>(3842, "pg_relation_is_updatable"),
    scalar<"regclass,int2,bool:bool", &is_column_updatable>(3843, "pg_column_is_updatable"),
    scalar<"oid:text", &no_version>(3448, "pg_collation_actual_version", kVolatile),
    scalar<"oid:text", &no_version>(6249, "pg_database_collation_actual_version", kVolatile),
    rows_function<":text", &no_channels, kChannelColumn>(3035, "pg_listening_channels"),
};

}  // namespace

const FunctionList kServerFunctions = kTable;

}  // namespace mortise::sql_catalog
