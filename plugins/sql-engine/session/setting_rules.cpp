// SPDX-License-Identifier: Apache-2.0
//
// The table of session settings: names, defaults and ranges of PostgreSQL 15, as far as clients
// set, show or follow them.  Those that steer nothing here are accepted and shown.

#include <algorithm>

#include "session/settings.hpp"

namespace mortise::sql_engine {
namespace {

constexpr int64_t kMillisecondsMax = 2147483647;

SettingRule flag(std::string_view name, std::string_view initial, std::string_view help) {
  return {name, SettingKind::boolean, initial, "", 0, 1, "", false, false, help};
}
SettingRule number(std::string_view name, std::string_view initial, int64_t minimum,
                   int64_t maximum, std::string_view unit, std::string_view help) {
  return {name, SettingKind::integer, initial, "", minimum, maximum, unit, false, false, help};
}
SettingRule choice(std::string_view name, std::string_view initial, std::string_view choices,
                   std::string_view help) {
  return {name, SettingKind::choice, initial, choices, 0, 0, "", false, false, help};
}
SettingRule text(std::string_view name, std::string_view initial, std::string_view help) {
  return {name, SettingKind::text, initial, "", 0, 0, "", false, false, help};
}
SettingRule fixed(std::string_view name, std::string_view value, std::string_view help) {
  return {name, SettingKind::text, value, "", 0, 0, "", true, false, help};
}
SettingRule reported(SettingRule rule) {
  rule.is_reported = true;
  return rule;
}

constexpr std::string_view kLevels =
    "debug5,debug4,debug3,debug2,debug1,debug,info,notice,log,warning,error,fatal,panic";

std::vector<SettingRule> make_rules() {
  std::vector<SettingRule> rules = {
      reported(text("application_name", "", "The name of the client's program.")),
      flag("array_nulls", "on", "Enable input of NULL elements in arrays."),
      choice("backslash_quote", "safe_encoding", "safe_encoding,on,off",
             "Whether \\' is allowed in string literals."),
      choice("bytea_output", "hex", "escape,hex", "The output format of bytea."),
      flag("check_function_bodies", "on", "Check function bodies when they are created."),
      reported(choice("client_encoding", "UTF8", "UTF8,UNICODE,UTF-8,SQL_ASCII",
                      "The client's character set encoding.")),
      choice("client_min_messages", "notice", kLevels, "The messages that are sent to the client."),
      number("cursor_tuple_fraction", "0", 0, 1, "", "Accepted for compatibility."),
      reported(text("DateStyle", "ISO, MDY", "The format of dates and times.")),
      choice("default_table_access_method", "heap", "heap", "The table engine of new tables."),
      text("default_tablespace", "", "Accepted for compatibility."),
      text("default_text_search_config", "pg_catalog.english", "Accepted for compatibility."),
      choice("default_toast_compression", "pglz", "pglz,lz4", "Accepted for compatibility."),
      flag("default_transaction_deferrable", "off", "The default deferrable status."),
      choice("default_transaction_isolation", "read committed",
             "read uncommitted,read committed,repeatable read,serializable",
             "The isolation level of new transactions."),
      reported(flag("default_transaction_read_only", "off",
                    "The read-only status of new transactions.")),
      number("effective_cache_size", "524288", 1, INT32_MAX, "8kB", "Accepted for compatibility."),
      flag("enable_bitmapscan", "on", "Accepted for compatibility."),
      flag("enable_hashagg", "on", "Accepted for compatibility."),
      flag("enable_hashjoin", "on", "Accepted for compatibility."),
      flag("enable_indexonlyscan", "on", "Accepted for compatibility."),
      flag("enable_indexscan", "on", "Accepted for compatibility."),
      flag("enable_material", "on", "Accepted for compatibility."),
      flag("enable_mergejoin", "on", "Accepted for compatibility."),
      flag("enable_nestloop", "on", "Accepted for compatibility."),
      flag("enable_seqscan", "on", "Accepted for compatibility."),
      flag("enable_sort", "on", "Accepted for compatibility."),
      flag("escape_string_warning", "on", "Warn about backslashes in string literals."),
      number("extra_float_digits", "1", -15, 3, "", "The number of digits shown of floats."),
      choice("force_parallel_mode", "off", "off,on,regress", "Accepted for compatibility."),
      number("from_collapse_limit", "8", 1, INT32_MAX, "", "Accepted for compatibility."),
      flag("geqo", "on", "Accepted for compatibility."),
      number("gin_fuzzy_search_limit", "0", 0, INT32_MAX, "", "Accepted for compatibility."),
      number("idle_in_transaction_session_timeout", "0", 0, kMillisecondsMax, "ms",
             "The longest time a session may idle in a transaction."),
      number("idle_session_timeout", "0", 0, kMillisecondsMax, "ms",
             "The longest time a session may idle."),
      reported(choice("IntervalStyle", "postgres",
                      "postgres,postgres_verbose,sql_standard,iso_8601",
                      "The format of intervals.")),
      flag("jit", "off", "Accepted for compatibility."),
      number("join_collapse_limit", "8", 1, INT32_MAX, "", "Accepted for compatibility."),
      text("lc_messages", "C", "The language of messages."),
      text("lc_monetary", "C", "The locale of money."),
      text("lc_numeric", "C", "The locale of numbers."),
      text("lc_time", "C", "The locale of dates and times."),
      number("lock_timeout", "0", 0, kMillisecondsMax, "ms", "The longest wait for a lock."),
      flag("lo_compat_privileges", "off", "Accepted for compatibility."),
      number("maintenance_work_mem", "65536", 1024, INT32_MAX, "kB",
             "The memory of maintenance work."),
      number("max_parallel_workers_per_gather", "2", 0, 1024, "", "Accepted for compatibility."),
      choice("password_encryption", "scram-sha-256", "scram-sha-256,md5",
             "How passwords are stored."),
      choice("plan_cache_mode", "auto", "auto,force_generic_plan,force_custom_plan",
             "Accepted for compatibility."),
      flag("quote_all_identifiers", "off", "Quote all identifiers in generated SQL."),
      {"random_page_cost", SettingKind::real, "4", "", 0, INT32_MAX, "", false, false,
       "Accepted for compatibility."},
      flag("row_security", "on", "Enable row security."),
      text("search_path", "\"$user\", public", "The schemas that unqualified names are sought in."),
      {"seq_page_cost", SettingKind::real, "1", "", 0, INT32_MAX, "", false, false,
       "Accepted for compatibility."},
      choice("session_replication_role", "origin", "origin,replica,local",
             "Accepted for compatibility."),
      reported(flag("standard_conforming_strings", "on",
                    "Treat backslashes in ordinary strings literally.")),
      number("statement_timeout", "0", 0, kMillisecondsMax, "ms",
             "The longest time a statement may take."),
      flag("synchronize_seqscans", "on", "Accepted for compatibility."),
      choice("synchronous_commit", "on", "on,off,local,remote_write,remote_apply",
             "Whether a commit waits for the disk."),
      number("temp_buffers", "1024", 100, INT32_MAX, "8kB", "Accepted for compatibility."),
      text("temp_tablespaces", "", "Accepted for compatibility."),
      reported(text("TimeZone", "UTC", "The time zone of timestamps shown and read.")),
      text("timezone_abbreviations", "Default", "Accepted for compatibility."),
      flag("transaction_deferrable", "off", "The transaction's deferrable status."),
      choice("transaction_isolation", "read committed",
             "read uncommitted,read committed,repeatable read,serializable",
             "The transaction's isolation level."),
      flag("transaction_read_only", "off", "The transaction's read-only status."),
      flag("transform_null_equals", "off", "Accepted for compatibility."),
      number("work_mem", "4096", 64, INT32_MAX, "kB", "The memory of a sort or hash."),
      choice("xmlbinary", "base64", "base64,hex", "Accepted for compatibility."),
      choice("xmloption", "content", "content,document", "Accepted for compatibility."),
      fixed("block_size", "8192", "The size of a disk block."),
      fixed("data_checksums", "on", "Whether pages carry checksums."),
      fixed("dynamic_library_path", "$libdir", "Accepted for compatibility."),
      reported(fixed("in_hot_standby", "off", "Whether the server is a standby.")),
      reported(fixed("integer_datetimes", "on", "Dates and times are integers.")),
      reported(fixed("is_superuser", "on", "Whether the current user is a superuser.")),
      fixed("lc_collate", "C", "The collation order locale."),
      fixed("lc_ctype", "C", "The character classification locale."),
      fixed("max_connections", "1000", "The most connections."),
      fixed("max_function_args", "100", "The most arguments of a function."),
      fixed("max_identifier_length", "63", "The longest identifier."),
      fixed("max_index_keys", "32", "The most columns of an index."),
      fixed("max_prepared_transactions", "64", "The most prepared transactions."),
      fixed("port", "5433", "The server's port."),
      reported(fixed("server_encoding", "UTF8", "The database's character set encoding.")),
      reported(fixed("server_version", "15.20", "The server's version.")),
      fixed("server_version_num", "150020", "The server's version as a number."),
      reported(fixed("session_authorization", "postgres", "The session's user.")),
      fixed("shared_buffers", "16384", "The size of the buffer pool."),
      fixed("ssl", "off", "Whether connections may be encrypted."),
      fixed("wal_level", "replica", "How much the log holds."),
      fixed("role", "none", "The current role."),
  };
  const auto lower = [](std::string_view name) {
    std::string key(name);
    for (char& c : key) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return key;
  };
  std::sort(rules.begin(), rules.end(), [&](const SettingRule& a, const SettingRule& b) {
    return lower(a.name) < lower(b.name);
  });
  return rules;
}

}  // namespace

const std::vector<SettingRule>& setting_rules() {
  static const std::vector<SettingRule> rules = make_rules();
  return rules;
}

}  // namespace mortise::sql_engine
