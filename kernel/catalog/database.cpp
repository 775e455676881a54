// SPDX-License-Identifier: Apache-2.0
#include "kernel/catalog/database.hpp"

#include <atomic>
#include <cstdio>

#include "kernel/observe/log.hpp"
#include "kernel/platform/clock.hpp"

namespace mortise::catalog {
namespace {

constexpr uint64_t kMaintenancePeriodNs = 100 * platform::kNanosecondsPerMillisecond;

std::atomic<Database*> current_database{nullptr};

std::string hex_of(const recovery::InstanceId& id) {
  std::string text;
  for (const std::byte b : id) {
    char hex[3];
    std::snprintf(hex, sizeof(hex), "%02x", static_cast<unsigned>(b));
    text += hex;
  }
  return text;
}

// SQLite would give a new file the permissions of the process; ours belong to who runs the server.
Status make_bootstrap_file(platform::IoBackend& io, const std::string& path) {
  if (path == ":memory:") return Status();
  MORTISE_TRY_ASSIGN(const bool is_there, io.exists(path));
  return is_there ? Status() : platform::replace_whole_file(io, path, "");
}

}  // namespace

Database::Database(memory::MemoryAccount* account, const txn::TxnSettings& settings)
    : own_account_("database", "rows", account),
      txns_(settings),
      heap_(own_account_),
      catalog_(heap_),
      pressure_(own_account_) {
  heap_.attach(txns_);
  pressure_.add([this] { return heap_.known_versions().clear(); });
}

Status Database::create(platform::IoBackend& io, const std::string& directory,
                        DatabaseOptions options) {
  return recovery::Storage::create(io, directory, options.storage);
}

Result<std::unique_ptr<Database>> Database::open(platform::IoBackend& io,
                                                 const std::string& directory,
                                                 DatabaseOptions options) {
  std::unique_ptr<Database> database(new Database(options.account, options.txns));
  database->heap_.large_values().set_codecs(options.codecs, options.large_value_codec);
  MORTISE_TRY_ASSIGN(
      database->storage_,
      recovery::Storage::open(io, directory, std::move(options.storage), &database->txns_));
  const std::string path =
      options.bootstrap_path.empty() ? directory + "/bootstrap.sqlite" : options.bootstrap_path;
  MORTISE_TRY(make_bootstrap_file(io, path));
  MORTISE_TRY_ASSIGN(database->bootstrap_,
                     Bootstrap::open(path, hex_of(database->storage_->instance_id())));
  MORTISE_TRY(database->catalog_.open());
  Database* expected = nullptr;
  if (!current_database.compare_exchange_strong(expected, database.get())) {
    return busy("another database is open in this process");
  }
  if (options.maintenance_thread) {
    Result<platform::Thread> thread =
        platform::Thread::spawn("purge", [self = database.get()] { self->run_maintenance(); });
    if (!thread) return std::move(thread.error());
    database->maintenance_ = std::move(*thread);
  }
  return database;
}

Database::~Database() {
  stop_maintenance();
  Database* self = this;
  current_database.compare_exchange_strong(self, nullptr);
}

Status Database::close() {
  stop_maintenance();
  // What is lost if this fails is an estimate.
  static_cast<void>(heap_.store_row_counts());
  return storage_->close();
}

Database& Database::current() {
  Database* database = current_database.load(std::memory_order_acquire);
  MORTISE_ASSERT(database != nullptr);
  return *database;
}

std::string Database::recovery_text() const {
  std::string text = recovery::to_text(storage_->report());
  if (txns_.losers_undone() != 0) {
    text += "; " + std::to_string(txns_.losers_undone()) + " open transactions taken back";
  }
  return text;
}

void Database::watch_memory() {
  const memory::PressureWatch::Look look = pressure_.look(platform::monotonic_ns());
  if (!look.has_changed) return;
  static constexpr std::string_view kNames[] = {"normal", "warning", "critical", "emergency"};
  observe::log_event("kernel.memory", observe::LogLevel::info, "memory_pressure",
                     {{"level", kNames[static_cast<uint8_t>(look.level)]},
                      {"given_back_bytes", std::to_string(look.given_back_bytes)}});
}

Status Database::maintain() {
  MORTISE_TRY(txns_.maintain());
  catalog_.prune(txns_.oldest_safe());
  return {};
}

void Database::run_maintenance() {
  for (;;) {
    {
      platform::Lock lock(mutex_);
      if (!is_stopping_) {
        wake_.wait_until(mutex_, platform::deadline_after_ns(kMaintenancePeriodNs));
      }
      if (is_stopping_) return;
    }
    watch_memory();
    // A failure is the storage's (it says so to every writer) or one row's, tried again next time.
    static_cast<void>(maintain());
  }
}

void Database::stop_maintenance() {
  if (!maintenance_.is_joinable()) return;
  {
    platform::Lock lock(mutex_);
    is_stopping_ = true;
    wake_.notify_all();
  }
  maintenance_.join();
}

}  // namespace mortise::catalog
