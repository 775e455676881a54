// SPDX-License-Identifier: Apache-2.0
#include "relation/session_settings.hpp"

#include "text/words.hpp"

namespace mortise::sql_catalog {
namespace {

// name|unit|context|type|minimum|maximum|choices, then category|help on indented lines.
constexpr std::string_view kSettings = R"(
application_name||user|string|||
  Reporting and Logging / What to Log|Sets the application name to be reported in statistics and
  logs.
array_nulls||user|bool|||
  Version and Platform Compatibility / Previous PostgreSQL Versions|Enable input of NULL
  elements in arrays.
backslash_quote||user|enum|||safe_encoding,on,off
  Version and Platform Compatibility / Previous PostgreSQL Versions|Sets whether "\'" is allowed
  in string literals.
block_size||internal|integer|8192|8192|
  Preset Options|Shows the size of a disk block.
bytea_output||user|enum|||escape,hex
  Client Connection Defaults / Statement Behavior|Sets the output format for bytea.
check_function_bodies||user|bool|||
  Client Connection Defaults / Statement Behavior|Check routine bodies during CREATE FUNCTION
  and CREATE PROCEDURE.
client_encoding||user|string|||
  Client Connection Defaults / Locale and Formatting|Sets the client's character set encoding.
client_min_messages||user|enum|||debug5,debug4,debug3,debug2,debug1,log,notice,warning,error
  Client Connection Defaults / Statement Behavior|Sets the message levels that are sent to the
  client.
cursor_tuple_fraction||user|real|0|1|
  Query Tuning / Other Planner Options|Sets the planner's estimate of the fraction of a cursor's
  rows that will be retrieved.
data_checksums||internal|bool|||
  Preset Options|Shows whether data checksums are turned on for this cluster.
DateStyle||user|string|||
  Client Connection Defaults / Locale and Formatting|Sets the display format for date and time
  values.
debug_assertions||internal|bool|||
  Preset Options|Shows whether the running server has assertion checks enabled.
default_table_access_method||user|string|||
  Client Connection Defaults / Statement Behavior|Sets the default table access method for new
  tables.
default_tablespace||user|string|||
  Client Connection Defaults / Statement Behavior|Sets the default tablespace to create tables
  and indexes in.
default_text_search_config||user|string|||
  Client Connection Defaults / Locale and Formatting|Sets default text search configuration.
default_transaction_deferrable||user|bool|||
  Client Connection Defaults / Statement Behavior|Sets the default deferrable status of new
  transactions.
default_transaction_isolation||user|enum|||serializable,repeatable read,)"
                                       R"(read committed,read uncommitted
  Client Connection Defaults / Statement Behavior|Sets the transaction isolation level of each
  new transaction.
default_transaction_read_only||user|bool|||
  Client Connection Defaults / Statement Behavior|Sets the default read-only status of new
  transactions.
enable_hashagg||user|bool|||
  Query Tuning / Planner Method Configuration|Enables the planner's use of hashed aggregation
  plans.
enable_hashjoin||user|bool|||
  Query Tuning / Planner Method Configuration|Enables the planner's use of hash join plans.
enable_indexscan||user|bool|||
  Query Tuning / Planner Method Configuration|Enables the planner's use of index-scan plans.
enable_mergejoin||user|bool|||
  Query Tuning / Planner Method Configuration|Enables the planner's use of merge join plans.
enable_nestloop||user|bool|||
  Query Tuning / Planner Method Configuration|Enables the planner's use of nested-loop join
  plans.
enable_seqscan||user|bool|||
  Query Tuning / Planner Method Configuration|Enables the planner's use of sequential-scan
  plans.
enable_sort||user|bool|||
  Query Tuning / Planner Method Configuration|Enables the planner's use of explicit sort steps.
escape_string_warning||user|bool|||
  Version and Platform Compatibility / Previous PostgreSQL Versions|Warn about backslash escapes
  in ordinary string literals.
event_source||postmaster|string|||
  Reporting and Logging / Where to Log|Sets the application name used to identify PostgreSQL
  messages in the event log.
extra_float_digits||user|integer|-15|3|
  Client Connection Defaults / Locale and Formatting|Sets the number of digits displayed for
  floating-point values.
from_collapse_limit||user|integer|1|2147483647|
  Query Tuning / Other Planner Options|Sets the FROM-list size beyond which subqueries are not
  collapsed.
gin_fuzzy_search_limit||user|integer|0|2147483647|
  Client Connection Defaults / Other Defaults|Sets the maximum allowed result for exact search
  by GIN.
idle_in_transaction_session_timeout|ms|user|integer|0|2147483647|
  Client Connection Defaults / Statement Behavior|Sets the maximum allowed idle time between
  queries, when in a transaction.
idle_session_timeout|ms|user|integer|0|2147483647|
  Client Connection Defaults / Statement Behavior|Sets the maximum allowed idle time between
  queries, when not in a transaction.
in_hot_standby||internal|bool|||
  Preset Options|Shows whether hot standby is currently active.
integer_datetimes||internal|bool|||
  Preset Options|Shows whether datetimes are integer based.
IntervalStyle||user|enum|||postgres,postgres_verbose,sql_standard,iso_8601
  Client Connection Defaults / Locale and Formatting|Sets the display format for interval
  values.
jit||user|bool|||
  Query Tuning / Other Planner Options|Allow JIT compilation.
join_collapse_limit||user|integer|1|2147483647|
  Query Tuning / Other Planner Options|Sets the FROM-list size beyond which JOIN constructs are
  not flattened.
lc_collate||internal|string|||
  Preset Options|Shows the collation order locale.
lc_ctype||internal|string|||
  Preset Options|Shows the character classification and case conversion locale.
lc_messages||superuser|string|||
  Client Connection Defaults / Locale and Formatting|Sets the language in which messages are
  displayed.
lc_monetary||user|string|||
  Client Connection Defaults / Locale and Formatting|Sets the locale for formatting monetary
  amounts.
lc_numeric||user|string|||
  Client Connection Defaults / Locale and Formatting|Sets the locale for formatting numbers.
lc_time||user|string|||
  Client Connection Defaults / Locale and Formatting|Sets the locale for formatting date and
  time values.
lock_timeout|ms|user|integer|0|2147483647|
  Client Connection Defaults / Statement Behavior|Sets the maximum allowed duration of any wait
  for a lock.
max_connections||postmaster|integer|1|262143|
  Connections and Authentication / Connection Settings|Sets the maximum number of concurrent
  connections.
max_function_args||internal|integer|100|100|
  Preset Options|Shows the maximum number of function arguments.
max_identifier_length||internal|integer|63|63|
  Preset Options|Shows the maximum identifier length.
max_index_keys||internal|integer|32|32|
  Preset Options|Shows the maximum number of index keys.
max_parallel_workers_per_gather||user|integer|0|1024|
  Resource Usage / Asynchronous Behavior|Sets the maximum number of parallel processes per
  executor node.
password_encryption||user|enum|||md5,scram-sha-256
  Connections and Authentication / Authentication|Chooses the algorithm for encrypting
  passwords.
quote_all_identifiers||user|bool|||
  Version and Platform Compatibility / Previous PostgreSQL Versions|When generating SQL
  fragments, quote all identifiers.
row_security||user|bool|||
  Client Connection Defaults / Statement Behavior|Enable row security.
search_path||user|string|||
  Client Connection Defaults / Statement Behavior|Sets the schema search order for names that
  are not schema-qualified.
segment_size|8kB|internal|integer|131072|131072|
  Preset Options|Shows the number of pages per disk file.
server_encoding||internal|string|||
  Preset Options|Shows the server (database) character set encoding.
server_version||internal|string|||
  Preset Options|Shows the server version.
server_version_num||internal|integer|150020|150020|
  Preset Options|Shows the server version as an integer.
session_replication_role||superuser|enum|||origin,replica,local
  Client Connection Defaults / Statement Behavior|Sets the session's behavior for triggers and
  rewrite rules.
ssl||sighup|bool|||
  Connections and Authentication / SSL|Enables SSL connections.
standard_conforming_strings||user|bool|||
  Version and Platform Compatibility / Previous PostgreSQL Versions|Causes '...' strings to
  treat backslashes literally.
statement_timeout|ms|user|integer|0|2147483647|
  Client Connection Defaults / Statement Behavior|Sets the maximum allowed duration of any
  statement.
synchronize_seqscans||user|bool|||
  Version and Platform Compatibility / Previous PostgreSQL Versions|Enable synchronized
  sequential scans.
synchronous_commit||user|enum|||local,remote_write,remote_apply,on,off
  Write-Ahead Log / Settings|Sets the current transaction's synchronization level.
temp_tablespaces||user|string|||
  Client Connection Defaults / Statement Behavior|Sets the tablespace(s) to use for temporary
  tables and sort files.
TimeZone||user|string|||
  Client Connection Defaults / Locale and Formatting|Sets the time zone for displaying and
  interpreting time stamps.
timezone_abbreviations||user|string|||
  Client Connection Defaults / Locale and Formatting|Selects a file of time zone abbreviations.
transaction_deferrable||user|bool|||
  Client Connection Defaults / Statement Behavior|Whether to defer a read-only serializable
  transaction until it can be executed with no possible serialization failures.
transaction_isolation||user|enum|||serializable,repeatable read,read committed,read uncommitted
  Client Connection Defaults / Statement Behavior|Sets the current transaction's isolation
  level.
transaction_read_only||user|bool|||
  Client Connection Defaults / Statement Behavior|Sets the current transaction's read-only
  status.
transform_null_equals||user|bool|||
  Version and Platform Compatibility / Other Platforms and Clients|Treats "expr=NULL" as "expr
  IS NULL".
wal_block_size||internal|integer|8192|8192|
  Preset Options|Shows the block size in the write ahead log.
wal_level||postmaster|enum|||minimal,replica,logical
  Write-Ahead Log / Settings|Sets the level of information written to the WAL.
work_mem|kB|user|integer|64|2147483647|
  Resource Usage / Memory|Sets the maximum memory to be used for query workspaces.
xmlbinary||user|enum|||base64,hex
  Client Connection Defaults / Statement Behavior|Sets how binary values are to be encoded in
  XML.
xmloption||user|enum|||content,document
  Client Connection Defaults / Statement Behavior|Sets whether XML data in implicit parsing and
  serialization operations is to be considered as documents or content fragments.
)";

std::vector<SessionSetting> read_settings() {
  std::vector<SessionSetting> list;
  std::vector<std::string> tails;
  for (const std::string_view line : words(kSettings, "\n")) {
    if (line.starts_with(' ')) {
      std::string& tail = tails.back();
      tail.append(tail.empty() ? "" : " ").append(line.substr(2));
      continue;
    }
    const std::vector<std::string_view> w = words(line, "|");
    SessionSetting s;
    s.name = w[0];
    s.unit = w[1];
    s.context = w[2];
    s.vartype = w[3];
    s.minimum = w[4];
    s.maximum = w[5];
    s.choices = w.size() > 6 ? w[6] : std::string_view();
    list.push_back(std::move(s));
    tails.emplace_back();
  }
  for (size_t i = 0; i < list.size(); ++i) {
    const size_t bar = tails[i].find('|');
    list[i].category = tails[i].substr(0, bar);
    list[i].help = tails[i].substr(bar + 1);
  }
  return list;
}

}  // namespace

const std::vector<SessionSetting>& session_settings() {
  static const std::vector<SessionSetting> list = read_settings();
  return list;
}

}  // namespace mortise::sql_catalog
