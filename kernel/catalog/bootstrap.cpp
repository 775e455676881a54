// SPDX-License-Identifier: Apache-2.0
#include "kernel/catalog/bootstrap.hpp"

#include <sqlite3.h>

#include <array>
#include <cstdio>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/random.hpp"

namespace mortise::catalog {
namespace {

constexpr const char* kSchema = R"(
create table if not exists instance (
  id text not null, storage_id text not null, format integer not null,
  created_us integer not null, product text not null);
create table if not exists space (number integer primary key, name text not null unique);
create table if not exists page_type (
  number integer primary key, name text not null, format integer not null, unique (name, format));
create table if not exists kind (
  number integer primary key, name text not null, format integer not null, unique (name, format));
create table if not exists plugin_lock (
  plugin text primary key, version text not null, hash text not null, interfaces text not null,
  changed_us integer not null);
create table if not exists plugin_crash (
  plugin text not null, at_us integer not null, reason text not null);
)";

// A statement that ends with its scope.
class Statement {
 public:
  Statement(sqlite3* connection, const std::string& sql) : connection_(connection) {
    code_ = sqlite3_prepare_v2(connection, sql.c_str(), static_cast<int>(sql.size()), &statement_,
                               nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int64_t value) {
    if (code_ == SQLITE_OK) code_ = sqlite3_bind_int64(statement_, ++bound_, value);
    return *this;
  }
  Statement& bind(std::string_view text) {
    if (code_ == SQLITE_OK) {
      code_ = sqlite3_bind_text(statement_, ++bound_, text.data(), static_cast<int>(text.size()),
                                SQLITE_TRANSIENT);
    }
    return *this;
  }
  // True: a row is there.
  Result<bool> step() {
    if (code_ != SQLITE_OK) return failure();
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return failure();
  }
  Status run() { return step().status(); }
  int64_t number(int column) { return sqlite3_column_int64(statement_, column); }
  std::string text(int column) {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return bytes == nullptr ? std::string()
                            : std::string(bytes, static_cast<size_t>(
                                                     sqlite3_column_bytes(statement_, column)));
  }

 private:
  Status failure() const {
    const std::string text = std::string("bootstrap catalog: ") + sqlite3_errmsg(connection_);
    const int code = sqlite3_errcode(connection_);
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) return corrupt(text);
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return busy(text);
    return io_failure(text);
  }
  sqlite3* const connection_;
  sqlite3_stmt* statement_ = nullptr;
  int code_ = SQLITE_OK;
  int bound_ = 0;
};

Status execute(sqlite3* connection, const char* sql) {
  char* message = nullptr;
  if (sqlite3_exec(connection, sql, nullptr, nullptr, &message) == SQLITE_OK) return {};
  const std::string text = message == nullptr ? "unknown" : message;
  sqlite3_free(message);
  if (sqlite3_errcode(connection) == SQLITE_NOTADB) return corrupt("bootstrap catalog: " + text);
  return io_failure("bootstrap catalog: " + text);
}

// RFC 9562, version 7: milliseconds since 1970 first, so that ids sort by age.
Result<std::string> make_uuid_v7() {
  std::array<std::byte, 16> bytes{};
  MORTISE_TRY(platform::fill_random_secret(bytes));
  const uint64_t ms = static_cast<uint64_t>(platform::realtime_us()) / 1000;
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<std::byte>(ms >> (40 - 8 * i));
  bytes[6] = (bytes[6] & std::byte{0x0F}) | std::byte{0x70};
  bytes[8] = (bytes[8] & std::byte{0x3F}) | std::byte{0x80};
  std::string text;
  for (size_t i = 0; i < bytes.size(); ++i) {
    char hex[3];
    std::snprintf(hex, sizeof(hex), "%02x", static_cast<unsigned>(bytes[i]));
    text += hex;
    if (i == 3 || i == 5 || i == 7 || i == 9) text += '-';
  }
  return text;
}

}  // namespace

Bootstrap::~Bootstrap() {
  sqlite3_close(connection_);
}

Result<std::unique_ptr<Bootstrap>> Bootstrap::open(const std::string& path,
                                                   const std::string& storage_id) {
  sqlite3* connection = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &connection,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  std::unique_ptr<Bootstrap> bootstrap(new Bootstrap(connection));
  if (code != SQLITE_OK) {
    return io_failure("bootstrap catalog cannot be opened: " + path + ": " +
                      sqlite3_errstr(code));
  }
  MORTISE_TRY(bootstrap->prepare(storage_id));
  return bootstrap;
}

Status Bootstrap::prepare(const std::string& storage_id) {
  platform::Lock lock(mutex_);
  MORTISE_TRY(execute(connection_, "pragma journal_mode = delete; pragma synchronous = full"));
  MORTISE_TRY(execute(connection_, kSchema));
  Statement read(connection_, "select id, storage_id, format from instance");
  MORTISE_TRY_ASSIGN(const bool is_there, read.step());
  if (!is_there) {
    MORTISE_TRY_ASSIGN(instance_id_, make_uuid_v7());
    Statement write(connection_, "insert into instance values (?, ?, ?, ?, 'mortise')");
    return write.bind(instance_id_)
        .bind(storage_id)
        .bind(kBootstrapFormat)
        .bind(platform::realtime_us())
        .run();
  }
  if (read.number(2) > kBootstrapFormat) {
    return unsupported("bootstrap catalog has a newer format: " + std::to_string(read.number(2)));
  }
  if (read.text(1) != storage_id) {
    return invalid("bootstrap catalog belongs to another instance: " + read.text(1) +
                   ", the storage is " + storage_id);
  }
  instance_id_ = read.text(0);
  return {};
}

Result<int64_t> Bootstrap::number_of(std::string_view table, std::string_view name,
                                     int64_t format, int64_t least, int64_t greatest) {
  const std::string from(table);
  Statement known(connection_, "select number from " + from + " where name = ? and format = ?");
  MORTISE_TRY_ASSIGN(const bool is_known, known.bind(name).bind(format).step());
  if (is_known) return known.number(0);
  Statement last(connection_, "select coalesce(max(number) + 1, ?) from " + from);
  MORTISE_TRY_ASSIGN(const bool has_last, last.bind(least).step());
  const int64_t number = has_last ? last.number(0) : least;
  if (number > greatest) return limit("no number is left for " + from + " " + std::string(name));
  Statement write(connection_,
                  "insert into " + from + " (number, name, format) values (?, ?, ?)");
  MORTISE_TRY(write.bind(number).bind(name).bind(format).run());
  return number;
}

Result<uint8_t> Bootstrap::register_page_type(std::string_view name, uint32_t format) {
  platform::Lock lock(mutex_);
  MORTISE_TRY_ASSIGN(const int64_t number, number_of("page_type", name, format, 64, 255));
  return static_cast<uint8_t>(number);
}

Result<uint32_t> Bootstrap::register_kind(std::string_view name) {
  platform::Lock lock(mutex_);
  MORTISE_TRY_ASSIGN(const int64_t number,
                     number_of("kind", name, 0, kPluginKindMin, INT32_MAX));
  return static_cast<uint32_t>(number);
}

Result<std::vector<PluginLock>> Bootstrap::plugin_locks() {
  platform::Lock lock(mutex_);
  Statement read(connection_,
                 "select plugin, version, hash, interfaces from plugin_lock order by plugin");
  std::vector<PluginLock> locks;
  for (;;) {
    MORTISE_TRY_ASSIGN(const bool more, read.step());
    if (!more) return locks;
    locks.push_back({read.text(0), read.text(1), read.text(2), read.text(3)});
  }
}

Status Bootstrap::set_plugin_locks(const std::vector<PluginLock>& locks) {
  platform::Lock lock(mutex_);
  MORTISE_TRY(execute(connection_, "begin immediate"));
  Status status = execute(connection_, "delete from plugin_lock");
  for (const PluginLock& each : locks) {
    if (!status) break;
    Statement write(connection_, "insert into plugin_lock values (?, ?, ?, ?, ?)");
    status = write.bind(each.plugin)
                 .bind(each.version)
                 .bind(each.hash)
                 .bind(each.interfaces)
                 .bind(platform::realtime_us())
                 .run();
  }
  if (status) return execute(connection_, "commit");
  // The reason that counts is the first one.
  static_cast<void>(execute(connection_, "rollback"));
  return status;
}

Status Bootstrap::add_plugin_crash(const PluginCrash& crash) {
  platform::Lock lock(mutex_);
  Statement write(connection_, "insert into plugin_crash values (?, ?, ?)");
  return write.bind(crash.plugin).bind(crash.at_us).bind(crash.reason).run();
}

Result<std::vector<PluginCrash>> Bootstrap::plugin_crashes() {
  platform::Lock lock(mutex_);
  Statement read(connection_, "select plugin, at_us, reason from plugin_crash order by at_us");
  std::vector<PluginCrash> crashes;
  for (;;) {
    MORTISE_TRY_ASSIGN(const bool more, read.step());
    if (!more) return crashes;
    crashes.push_back({read.text(0), read.number(1), read.text(2)});
  }
}

}  // namespace mortise::catalog
