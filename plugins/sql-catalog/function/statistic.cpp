// SPDX-License-Identifier: Apache-2.0
//
// pg_stat_get_...: counters by table, index, database or function.  Nobody counts yet: counts and
// durations are 0, and nothing has happened at any time.
#include "function/lists.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_catalog {
namespace {

int64_t count(Call&, int64_t) {
  return 0;
}
double duration(Call&, int64_t) {
  return 0;
}
std::optional<int64_t> never(Call&, int64_t) {
  return std::nullopt;
}
int64_t count_all(Call&) {
  return 0;
}
double duration_all(Call&) {
  return 0;
}
std::optional<int64_t> never_at_all(Call&) {
  return std::nullopt;
}

// Sessions are there to be counted.
Result<int32_t> sessions_of_database(Call& call, int64_t oid) {
  MORTISE_TRY_ASSIGN(const DatabaseDef* database,
                     call.objects().database(static_cast<uint32_t>(oid)));
  const mortise_iface_activity_t* activity = call.services().activity;
  if (database == nullptr || activity == nullptr) return 0;
  struct Search {
    std::string_view name;
    int32_t count;
  } search{database->name, 0};
  activity->each(
      [](void* context, const mortise_activity_info_t* info) -> int32_t {
        auto& s = *static_cast<Search*>(context);
        s.count += view_of(info->database) == s.name ? 1 : 0;
        return 0;
      },
      &search);
  return search.count;
}

constexpr Traits kVolatile = {.volatility = MORTISE_VOLATILITY_VOLATILE};

constexpr mortise_function_t kTable[] = {
    scalar<"oid:int4", &sessions_of_database>(1941, "pg_stat_get_db_numbackends"),
    scalar<"oid:int8", &count>(3056, "pg_stat_get_analyze_count"),
    scalar<"oid:int8", &count>(3057, "pg_stat_get_autoanalyze_count"),
    scalar<"oid:int8", &count>(3055, "pg_stat_get_autovacuum_count"),
    scalar<":int8", &count_all>(2771, "pg_stat_get_bgwriter_buf_written_checkpoints"),
    scalar<":int8", &count_all>(2772, "pg_stat_get_bgwriter_buf_written_clean"),
    scalar<":int8", &count_all>(2773, "pg_stat_get_bgwriter_maxwritten_clean"),
    scalar<":int8", &count_all>(2770, "pg_stat_get_bgwriter_requested_checkpoints"),
    scalar<":timestamptz", &never_at_all>(3075, "pg_stat_get_bgwriter_stat_reset_time"),
    scalar<":int8", &count_all>(2769, "pg_stat_get_bgwriter_timed_checkpoints"),
    scalar<"oid:int8", &count>(1934, "pg_stat_get_blocks_fetched"),
    scalar<"oid:int8", &count>(1935, "pg_stat_get_blocks_hit"),
    scalar<":int8", &count_all>(2859, "pg_stat_get_buf_alloc"),
    scalar<":int8", &count_all>(3063, "pg_stat_get_buf_fsync_backend"),
    scalar<":int8", &count_all>(2775, "pg_stat_get_buf_written_backend"),
    scalar<":float8", &duration_all>(3161, "pg_stat_get_checkpoint_sync_time"),
    scalar<":float8", &duration_all>(3160, "pg_stat_get_checkpoint_write_time"),
    scalar<"oid:float8", &duration>(6186, "pg_stat_get_db_active_time"),
    scalar<"oid:float8", &duration>(2844, "pg_stat_get_db_blk_read_time"),
    scalar<"oid:float8", &duration>(2845, "pg_stat_get_db_blk_write_time"),
    scalar<"oid:int8", &count>(1944, "pg_stat_get_db_blocks_fetched"),
    scalar<"oid:int8", &count>(1945, "pg_stat_get_db_blocks_hit"),
    scalar<"oid:int8", &count>(3426, "pg_stat_get_db_checksum_failures"),
    scalar<"oid:timestamptz", &never>(3428, "pg_stat_get_db_checksum_last_failure"),
    scalar<"oid:int8", &count>(3070, "pg_stat_get_db_conflict_all"),
    scalar<"oid:int8", &count>(3068, "pg_stat_get_db_conflict_bufferpin"),
    scalar<"oid:int8", &count>(3066, "pg_stat_get_db_conflict_lock"),
    scalar<"oid:int8", &count>(3067, "pg_stat_get_db_conflict_snapshot"),
    scalar<"oid:int8", &count>(3069, "pg_stat_get_db_conflict_startup_deadlock"),
    scalar<"oid:int8", &count>(3065, "pg_stat_get_db_conflict_tablespace"),
    scalar<"oid:int8", &count>(3152, "pg_stat_get_db_deadlocks"),
    scalar<"oid:float8", &duration>(6187, "pg_stat_get_db_idle_in_transaction_time"),
    scalar<"oid:float8", &duration>(6185, "pg_stat_get_db_session_time"),
    scalar<"oid:int8", &count>(6188, "pg_stat_get_db_sessions"),
    scalar<"oid:int8", &count>(6189, "pg_stat_get_db_sessions_abandoned"),
    scalar<"oid:int8", &count>(6190, "pg_stat_get_db_sessions_fatal"),
    scalar<"oid:int8", &count>(6191, "pg_stat_get_db_sessions_killed"),
    scalar<"oid:timestamptz", &never>(3074, "pg_stat_get_db_stat_reset_time"),
    scalar<"oid:int8", &count>(3151, "pg_stat_get_db_temp_bytes"),
    scalar<"oid:int8", &count>(3150, "pg_stat_get_db_temp_files"),
    scalar<"oid:int8", &count>(2762, "pg_stat_get_db_tuples_deleted"),
    scalar<"oid:int8", &count>(2759, "pg_stat_get_db_tuples_fetched"),
    scalar<"oid:int8", &count>(2760, "pg_stat_get_db_tuples_inserted"),
    scalar<"oid:int8", &count>(2758, "pg_stat_get_db_tuples_returned"),
    scalar<"oid:int8", &count>(2761, "pg_stat_get_db_tuples_updated"),
    scalar<"oid:int8", &count>(1942, "pg_stat_get_db_xact_commit"),
    scalar<"oid:int8", &count>(1943, "pg_stat_get_db_xact_rollback"),
    scalar<"oid:int8", &count>(2879, "pg_stat_get_dead_tuples"),
    scalar<"oid:int8", &count>(2978, "pg_stat_get_function_calls"),
    scalar<"oid:float8", &duration>(2980, "pg_stat_get_function_self_time"),
    scalar<"oid:float8", &duration>(2979, "pg_stat_get_function_total_time"),
    scalar<"oid:int8", &count>(5053, "pg_stat_get_ins_since_vacuum"),
    scalar<"oid:timestamptz", &never>(2783, "pg_stat_get_last_analyze_time"),
    scalar<"oid:timestamptz", &never>(2784, "pg_stat_get_last_autoanalyze_time"),
    scalar<"oid:timestamptz", &never>(2782, "pg_stat_get_last_autovacuum_time"),
    scalar<"oid:timestamptz", &never>(2781, "pg_stat_get_last_vacuum_time"),
    scalar<"oid:int8", &count>(2878, "pg_stat_get_live_tuples"),
    scalar<"oid:int8", &count>(3177, "pg_stat_get_mod_since_analyze"),
    scalar<"oid:int8", &count>(1928, "pg_stat_get_numscans"),
    scalar<":timestamptz", &never_at_all>(3788, "pg_stat_get_snapshot_timestamp"),
    scalar<"oid:int8", &count>(1933, "pg_stat_get_tuples_deleted"),
    scalar<"oid:int8", &count>(1930, "pg_stat_get_tuples_fetched"),
    scalar<"oid:int8", &count>(1972, "pg_stat_get_tuples_hot_updated"),
    scalar<"oid:int8", &count>(1931, "pg_stat_get_tuples_inserted"),
    scalar<"oid:int8", &count>(1929, "pg_stat_get_tuples_returned"),
    scalar<"oid:int8", &count>(1932, "pg_stat_get_tuples_updated"),
    scalar<"oid:int8", &count>(3054, "pg_stat_get_vacuum_count"),
    scalar<"oid:int8", &count>(3044, "pg_stat_get_xact_blocks_fetched", kVolatile),
    scalar<"oid:int8", &count>(3045, "pg_stat_get_xact_blocks_hit", kVolatile),
    scalar<"oid:int8", &count>(3046, "pg_stat_get_xact_function_calls", kVolatile),
    scalar<"oid:float8", &duration>(3048, "pg_stat_get_xact_function_self_time", kVolatile),
    scalar<"oid:float8", &duration>(3047, "pg_stat_get_xact_function_total_time", kVolatile),
    scalar<"oid:int8", &count>(3037, "pg_stat_get_xact_numscans", kVolatile),
    scalar<"oid:int8", &count>(3042, "pg_stat_get_xact_tuples_deleted", kVolatile),
    scalar<"oid:int8", &count>(3039, "pg_stat_get_xact_tuples_fetched", kVolatile),
    scalar<"oid:int8", &count>(3043, "pg_stat_get_xact_tuples_hot_updated", kVolatile),
    scalar<"oid:int8", &count>(3040, "pg_stat_get_xact_tuples_inserted", kVolatile),
    scalar<"oid:int8", &count>(3038, "pg_stat_get_xact_tuples_returned", kVolatile),
    scalar<"oid:int8", &count>(3041, "pg_stat_get_xact_tuples_updated", kVolatile),
};

}  // namespace

const FunctionList kStatisticFunctions = kTable;

}  // namespace mortise::sql_catalog
