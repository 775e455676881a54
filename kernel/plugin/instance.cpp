// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/instance.hpp"

#include <algorithm>
#include <charconv>

#include "kernel/base/crc32c.hpp"
#include "kernel/base/version.hpp"
#include "kernel/catalog/database.hpp"
#include "kernel/catalog/database_services.hpp"
#include "kernel/config/kernel_settings.hpp"
#include "kernel/log/log.hpp"
#include "kernel/observe/log.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/fatal_signal.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/platform/posix_backend.hpp"
#include "kernel/plugin/creation.hpp"
#include "kernel/plugin/service/evict.hpp"
#include "kernel/scan/simd.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise {

namespace {

using observe::log_event;
using observe::LogLevel;

constexpr std::string_view kScope = "kernel.instance";
constexpr std::string_view kInPlugin = " plugin ";  // as fatal_signal.cpp writes it

struct DatabaseService {
  std::string_view interface_id;
  std::string_view slot;
  const void* table;
};

std::vector<DatabaseService> database_tables() {
  return {{MORTISE_IFACE_TXN, "", catalog::txn_service()},
          {MORTISE_IFACE_PAGE, "", catalog::page_service()},
          {MORTISE_IFACE_CATALOG, "", catalog::catalog_service()},
          {MORTISE_IFACE_TABLE_ENGINE, "heap", catalog::heap_service()},
          {MORTISE_IFACE_SIMD, "", scan::simd_service()}};
}

std::string path_in(const std::string& directory, std::string_view name) {
  return std::string(directory).append("/").append(name);
}

Status check_is_directory(platform::IoBackend& io, const std::string& directory) {
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(directory));
  if (!exists) {
    return Status(Code::not_found, "58P01", "there is no data directory \"" + directory + "\"")
        .with(MORTISE_ERROR_FIELD_HINT, "make one: mortise init -D " + directory);
  }
  const std::string settings = path_in(directory, config::Settings::kOperatorFile);
  MORTISE_TRY_ASSIGN(const bool has_settings, io.exists(settings));
  if (has_settings) return {};
  MORTISE_TRY_ASSIGN(const bool is_cut_off, plugin::Creation::is_unfinished(io, directory));
  if (is_cut_off) {
    return Status(Code::not_found, "58P01",
                  "\"" + directory + "\" is not finished: mortise init is at work or was cut off")
        .with(MORTISE_ERROR_FIELD_HINT, "make it again: mortise init -D " + directory);
  }
  return Status(Code::invalid, "58P01",
                "\"" + directory + "\" is no data directory: it has no " +
                    std::string(config::Settings::kOperatorFile));
}

catalog::DatabaseOptions database_options(const config::Settings& settings) {
  catalog::DatabaseOptions out;
  out.storage.pool.pool_bytes = static_cast<uint64_t>(settings.integer("buffer_pool_size"));
  out.storage.redo_threads = static_cast<uint32_t>(settings.integer("redo_threads"));
  out.storage.redo_budget_bytes = static_cast<uint64_t>(settings.integer("recovery_log_size"));
  out.txns.lock_timeout_ms = static_cast<uint32_t>(settings.integer("lock_timeout"));
  out.txns.undo_retention_us = static_cast<uint64_t>(settings.integer("undo_retention")) *
                               platform::kNanosecondsPerMicrosecond;
  out.txns.undo_retention_bytes = static_cast<uint64_t>(settings.integer("undo_size"));
  return out;
}

std::unique_ptr<platform::IoBackend> storage_backend(const config::Settings& settings) {
  platform::PosixOptions options;
  const std::string wanted = settings.text("io_backend");
  if (wanted == "io_uring") options.queues = platform::QueueKind::uring;
  if (wanted == "threads") options.queues = platform::QueueKind::threads;
  return platform::make_posix_backend(options);
}

std::string hex_text(uint32_t value) {
  char buffer[8];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value, 16);
  return {buffer, end.ptr};
}

// The codecs that plugins offer.
class RegistryCodecs final : public heap::Codecs {
 public:
  explicit RegistryCodecs(const plugin::Registry& registry) : registry_(registry) {}
  const mortise_iface_codec_t* find(std::string_view name) override {
    return static_cast<const mortise_iface_codec_t*>(registry_.find(MORTISE_IFACE_CODEC, name));
  }

 private:
  const plugin::Registry& registry_;
};

}  // namespace

struct Instance::State {
  State(platform::IoBackend& backend, InstanceOptions given)
      : io(backend), options(std::move(given)) {}

  platform::IoBackend& io;
  const InstanceOptions options;
  std::unique_ptr<platform::FileLock> lock;
  std::unique_ptr<plugin::Runtime> runtime;
  std::unique_ptr<platform::IoBackend> storage_io;
  std::unique_ptr<RegistryCodecs> codecs;
  std::unique_ptr<catalog::Database> database;
  int64_t started_us = 0;
  platform::Mutex log_mutex;
  // Null before the database is open and from when it closes by itself.
  log::Log* log MORTISE_GUARDED_BY(log_mutex) = nullptr;

  std::string storage_directory() const { return path_in(options.directory, "storage"); }
  Status open_runtime();
  Status open_database();
  Result<std::unique_ptr<buffer::EvictionPolicy>> eviction_policy();
  Status note_last_crash();
  Status note_plugins();
  void add_views();
  void add_metrics();
  Status start_until_last_phase();
};

Instance::Instance(std::unique_ptr<State> state) : state_(std::move(state)) {}

Result<std::unique_ptr<Instance>> Instance::create(platform::IoBackend& io, InstanceOptions options,
                                                   FunctionRef<Status(Instance&)> prepare) {
  const std::string directory = options.directory;
  MORTISE_TRY_ASSIGN(const plugin::Inventory inventory,
                     plugin::read_inventory(io, options.folders, options.set));
  config::Settings settings;
  MORTISE_TRY(plugin::declare_all_settings(settings, inventory));
  for (const auto& [name, text] : options.settings) {
    MORTISE_TRY(settings.set(name, text, config::SettingSource::command_line, "command line"));
  }
  MORTISE_TRY_ASSIGN(plugin::Creation creation, plugin::Creation::begin(io, directory));
  const auto storage_io = storage_backend(settings);
  MORTISE_TRY(catalog::Database::create(*storage_io, path_in(directory, "storage"),
                                        database_options(settings)));
  MORTISE_TRY_ASSIGN(std::unique_ptr<Instance> instance, open_whole(io, std::move(options)));
  MORTISE_TRY(prepare(*instance));
  MORTISE_TRY(creation.finish(config::settings_template(settings)));
  return instance;
}

Result<std::unique_ptr<Instance>> Instance::open(platform::IoBackend& io, InstanceOptions options) {
  MORTISE_TRY(check_is_directory(io, options.directory));
  return open_whole(io, std::move(options));
}

Result<std::unique_ptr<Instance>> Instance::open_whole(platform::IoBackend& io,
                                                       InstanceOptions options) {
  std::unique_ptr<Instance> instance(new Instance(std::make_unique<State>(io, std::move(options))));
  State& state = *instance->state_;
  state.started_us = platform::realtime_us();
  const std::string lock_path = path_in(state.options.directory, "lock");
  MORTISE_TRY_ASSIGN(state.lock, io.lock_file(lock_path));
  MORTISE_TRY(state.open_runtime());
  MORTISE_TRY(state.runtime->start(plugin::Phase::boot));
  MORTISE_TRY(state.open_database());
  {
    platform::Lock lock(state.log_mutex);
    state.log = &state.database->storage().log();
  }
  MORTISE_TRY(state.note_last_crash());
  MORTISE_TRY(state.note_plugins());
  MORTISE_TRY(state.start_until_last_phase());
  return instance;
}

Status Instance::State::open_runtime() {
  plugin::RuntimeOptions wanted;
  wanted.folders = options.folders;
  wanted.set = options.set;
  wanted.directory = options.directory;
  wanted.settings = options.settings;
  wanted.last_phase = options.last_phase;
  wanted.later_services = database_services();
  wanted.logs_to_stderr = options.logs_to_stderr;
  MORTISE_TRY_ASSIGN(runtime, plugin::Runtime::open(io, std::move(wanted)));
  return {};
}

Status Instance::State::open_database() {
  storage_io = storage_backend(runtime->settings());
  catalog::DatabaseOptions wanted = database_options(runtime->settings());
  wanted.account = &runtime->memory();
  MORTISE_TRY_ASSIGN(wanted.storage.pool.policy, eviction_policy());
  codecs = std::make_unique<RegistryCodecs>(runtime->registry());
  wanted.codecs = codecs.get();
  wanted.large_value_codec = runtime->settings().text("large_value_codec");
  MORTISE_TRY_ASSIGN(database,
                     catalog::Database::open(*storage_io, storage_directory(), std::move(wanted)));
  log_event(kScope, LogLevel::info, "storage_open",
            {{"recovery", database->recovery_text()}, {"io", storage_io->description()}});
  for (const DatabaseService& s : database_tables()) {
    MORTISE_TRY(runtime->add_service(s.interface_id, s.slot, s.table));
  }
  add_views();
  add_metrics();
  return {};
}

// A plugin's, or null for the built-in one.  The default's plugin may be left out of the set; what
// somebody has asked for has to be there.
Result<std::unique_ptr<buffer::EvictionPolicy>> Instance::State::eviction_policy() {
  MORTISE_TRY_ASSIGN(const config::SettingState wanted,
                     runtime->settings().find("eviction_policy"));
  const std::string& name = wanted.value.text;
  if (name.empty()) return std::unique_ptr<buffer::EvictionPolicy>();
  const void* table = runtime->registry().find(MORTISE_IFACE_EVICT, name);
  if (table != nullptr) {
    return plugin::make_plugin_policy(static_cast<const mortise_iface_evict_t*>(table));
  }
  if (name != wanted.spec.default_text) {
    return Status(Code::invalid, "22023",
                  "eviction_policy is '" + name + "', but no plugin of the set offers " +
                      std::string(MORTISE_IFACE_EVICT) + "[" + name + "]");
  }
  log_event(kScope, LogLevel::info, "eviction_policy_built_in", {{"missing", name}});
  return std::unique_ptr<buffer::EvictionPolicy>();
}

void Instance::State::add_views() {
  runtime->sys_views().add(
      "instance", "This server: who it is and since when it runs.",
      {{"instance_id", MORTISE_SQL_TEXT},
       {"version", MORTISE_SQL_TEXT},
       {"directory", MORTISE_SQL_TEXT},
       {"plugin_set", MORTISE_SQL_TEXT},
       {"started_at", MORTISE_SQL_TIMESTAMPTZ},
       {"recovery", MORTISE_SQL_TEXT},
       {"io", MORTISE_SQL_TEXT}},
      [this]() -> std::vector<plugin::Row> {
        return {{database->bootstrap().instance_id(), std::string(version()), options.directory,
                 options.set, plugin::timestamp_cell(started_us), database->recovery_text(),
                 storage_io->description()}};
      });
  runtime->sys_views().add(
      "plugin_crashes", "Fatal signals inside plugins, newest last.",
      {{"plugin", MORTISE_SQL_TEXT}, {"at", MORTISE_SQL_TIMESTAMPTZ}, {"reason", MORTISE_SQL_TEXT}},
      [this]() {
        std::vector<plugin::Row> rows;
        const auto crashes = database->bootstrap().plugin_crashes();
        if (!crashes) return rows;
        for (const catalog::PluginCrash& c : *crashes) {
          rows.push_back({c.plugin, plugin::timestamp_cell(c.at_us), c.reason});
        }
        return rows;
      });
}

void Instance::State::add_metrics() {
  // A definition that fails costs a metric, not the start.
  const auto sample = [this](std::string_view scope, std::string_view name,
                             observe::MetricKind kind, std::string_view help, auto read) {
    (void)runtime->metrics().define_sampled(scope, name, kind, help,
                                            [read] { return static_cast<int64_t>(read()); });
  };
  using enum observe::MetricKind;
  buffer::Pool& pool = database->storage().pool();
  sample("kernel.buffer", "misses_total", counter, "Pages read into the pool.",
         [&pool] { return pool.stats().misses; });
  sample("kernel.buffer", "evictions_total", counter, "Pages that left the pool.",
         [&pool] { return pool.stats().evictions; });
  sample("kernel.buffer", "pages_written_total", counter, "Pages written home.",
         [&pool] { return pool.stats().pages_written; });
  sample("kernel.buffer", "dirty_frames", gauge, "Frames that differ from their home.",
         [&pool] { return pool.stats().dirty_frames; });
  sample("kernel.txn", "visible_scn", gauge, "Newest commit number that readers see.",
         [this] { return raw(database->txns().visible_scn()); });
}

Status Instance::State::note_last_crash() {
  const std::string path = path_in(options.directory, "last_crash");
  MORTISE_TRY_ASSIGN(const bool crashed, io.exists(path));
  if (crashed) {
    MORTISE_TRY_ASSIGN(const std::string report, platform::read_whole_file(io, path));
    const std::string reason = report.substr(0, report.find('\n'));
    log_event(kScope, LogLevel::warn, "last_run_crashed", {{"report", reason}, {"file", path}});
    const size_t named = reason.rfind(kInPlugin);
    if (named != std::string::npos) {
      MORTISE_TRY(database->bootstrap().add_plugin_crash(
          {reason.substr(named + kInPlugin.size()), platform::realtime_us(), reason}));
    }
    MORTISE_TRY(io.rename(path, path + ".reported"));
  }
  platform::set_crash_report_file(path);
  return {};
}

// Which plugins, in which builds, this data was last opened with.
Status Instance::State::note_plugins() {
  std::vector<catalog::PluginLock> locks;
  for (const plugin::PluginStatus& s : runtime->loader().statuses()) {
    if (s.library.empty() || s.state == plugin::PluginState::failed) continue;
    MORTISE_TRY_ASSIGN(const std::string bytes, platform::read_whole_file(io, s.library));
    std::string interfaces;
    for (const std::string& offer : s.offers)
      interfaces.append(interfaces.empty() ? "" : " ") += offer;
    locks.push_back({s.name, s.version, hex_text(crc32c(0, as_bytes(bytes))), interfaces});
  }
  MORTISE_TRY_ASSIGN(const std::vector<catalog::PluginLock> before,
                     database->bootstrap().plugin_locks());
  for (const catalog::PluginLock& old : before) {
    const bool is_there = std::any_of(locks.begin(), locks.end(),
                                      [&](const auto& now) { return now.plugin == old.plugin; });
    // One that this program does not start is what it was for those who do.
    const std::vector<std::string>& later = runtime->left_for_later();
    if (std::find(later.begin(), later.end(), old.plugin) != later.end()) {
      locks.push_back(old);
    } else if (!is_there) {
      log_event(kScope, LogLevel::warn, "plugin_gone",
                {{"name", old.plugin}, {"offered", old.interfaces}});
    }
  }
  return database->bootstrap().set_plugin_locks(locks);
}

Status Instance::State::start_until_last_phase() {
  for (size_t i = 1; i <= static_cast<size_t>(options.last_phase); ++i) {
    MORTISE_TRY(runtime->start(static_cast<plugin::Phase>(i)));
  }
  return {};
}

Instance::~Instance() {
  platform::set_crash_report_file("");
  {
    platform::Lock lock(state_->log_mutex);
    state_->log = nullptr;
  }
  // Plugins before the database that they work on; boot plugins, which it works with, after it.
  if (state_->runtime != nullptr) stop_phases_above_boot();
  state_->database.reset();
  state_->runtime.reset();
}

Status Instance::make_durable() {
  platform::Lock lock(state_->log_mutex);
  return state_->log == nullptr ? Status() : state_->log->flush();
}

Status Instance::close() {
  stop_phases_above_boot();
  {
    platform::Lock lock(state_->log_mutex);
    state_->log = nullptr;
  }
  MORTISE_TRY(state_->database->close());
  state_->database.reset();
  state_->runtime->stop(plugin::Phase::boot);
  return {};
}

void Instance::stop_phases_above_boot() {
  for (size_t i = plugin::kPhasesCount; i-- > 1;) {
    state_->runtime->stop(static_cast<plugin::Phase>(i));
  }
}

plugin::Runtime& Instance::runtime() {
  return *state_->runtime;
}

catalog::Database& Instance::database() {
  return *state_->database;
}

const mortise_host_t* Instance::host() {
  return state_->runtime->registry().host();
}

const std::string& Instance::directory() const {
  return state_->options.directory;
}

std::vector<plugin::HostService> database_services() {
  std::vector<plugin::HostService> out;
  for (const DatabaseService& s : database_tables()) {
    Result<plugin::InterfaceRef> ref = plugin::parse_interface(s.interface_id);
    MORTISE_ASSERT(ref.has_value());
    ref->minor = static_cast<const mortise_header_t*>(s.table)->minor;
    ref->slot = s.slot;
    out.push_back({std::move(*ref), plugin::Phase::storage});
  }
  return out;
}

int exit_code_of(const Status& failure) {
  const std::string_view sqlstate = failure.sqlstate();
  if (failure.is_ok()) return 0;
  if (sqlstate == "55006") return kExitInUse;
  if (sqlstate == "42501") return kExitPermission;
  if (sqlstate == "53100") return kExitDiskFull;
  const bool is_of_other_format = sqlstate == "58M01";
  if (sqlstate == "58P01" || sqlstate == "58P02" || is_of_other_format ||
      failure.code() == Code::corrupt) {
    return kExitDirectory;
  }
  if (sqlstate == "F0000" || sqlstate == "42704" || sqlstate == "22023") return kExitUsage;
  return kExitFailure;
}

std::string to_line(const Status& failure) {
  std::string out(failure.message());
  if (const std::string_view detail = failure.field(MORTISE_ERROR_FIELD_DETAIL); !detail.empty()) {
    out.append(" (").append(detail).append(")");
  }
  if (const std::string_view hint = failure.field(MORTISE_ERROR_FIELD_HINT); !hint.empty()) {
    out.append("; ").append(hint);
  }
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

}  // namespace mortise
