// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/runtime.hpp"

#include <algorithm>

#include "kernel/config/kernel_settings.hpp"
#include "kernel/observe/log.hpp"
#include "kernel/platform/mapping.hpp"
#include "kernel/platform/thread.hpp"
#include "mortise/entry.h"
#include "mortise/iface/draft/sysview.h"

namespace mortise::plugin {

namespace {

constexpr uint32_t kLoopsMax = 8;

bool leads_out(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    if (path.substr(0, slash) == "..") return true;
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

// Settings of a plugin that is not there are unknown: then that is what has to be said first.
Status with_missing_plugins(const Status& failure, const Inventory& inventory,
                            const Folders& folders) {
  std::string missing;
  for (const std::string& name : inventory.wanted) {
    if (inventory.authors.contains(name)) continue;
    missing.append(missing.empty() ? "" : ", ").append(name);
  }
  if (missing.empty()) return failure;
  std::string searched;
  for (const std::string& folder : folders.plugins) {
    searched.append(searched.empty() ? "" : ", ").append(folder);
  }
  return Status(failure.code(), failure.sqlstate(),
                "plugins of the set are not installed in " + searched + ": " + missing)
      .with(MORTISE_ERROR_FIELD_DETAIL, std::string(failure.message()));
}

// Fronts are of the last phase, also when they are not installed and cannot say so.
bool is_of_later_phase(const Inventory& inventory, const std::string& name, Phase last_phase) {
  const auto author = inventory.authors.find(name);
  if (author != inventory.authors.end()) return author->second.phase > last_phase;
  return name.starts_with("front-") && Phase::edge > last_phase;
}

}  // namespace

std::vector<HostService> host_services(const std::vector<HostService>& later) {
  std::vector<HostService> out;
  for (const ServiceTable& s : basic_services()) {
    Result<InterfaceRef> ref = parse_interface(s.interface_id);
    MORTISE_ASSERT(ref.has_value());
    ref->minor = static_cast<const mortise_header_t*>(s.table)->minor;
    out.push_back({std::move(*ref), Phase::boot});
  }
  out.push_back({{"mortise.sysview", 1, 0, std::string(Registry::kKernel)}, Phase::query});
  out.insert(out.end(), later.begin(), later.end());
  return out;
}

Version host_sdk_version() {
  Result<Version> version = parse_version(MORTISE_SDK_VERSION);
  MORTISE_ASSERT(version.has_value());
  return std::move(*version);
}

Status declare_all_settings(config::Settings& settings, const Inventory& inventory) {
  MORTISE_TRY(config::declare_kernel_settings(settings));
  for (const auto& [name, author] : inventory.authors) {
    for (const config::SettingSpec& spec : author.settings) MORTISE_TRY(settings.declare(spec));
  }
  return {};
}

Result<std::unique_ptr<Runtime>> Runtime::open(platform::IoBackend& io, RuntimeOptions options) {
  std::unique_ptr<Runtime> runtime(new Runtime(io, std::move(options)));
  const RuntimeOptions& given = runtime->options_;
  MORTISE_TRY_ASSIGN(Inventory inventory, read_inventory(io, given.folders, given.set));
  runtime->leave_for_later(inventory);
  if (const Status read = runtime->read_settings(inventory); !read.is_ok()) {
    return with_missing_plugins(read, inventory, given.folders);
  }
  MORTISE_TRY(runtime->configure_log());
  MORTISE_TRY(runtime->start_threads());
  MORTISE_TRY(runtime->start_services(inventory));
  MORTISE_TRY(runtime->loader_.load(std::move(inventory), host_services(given.later_services),
                                    host_sdk_version()));
  return runtime;
}

void Runtime::leave_for_later(Inventory& inventory) {
  std::erase_if(inventory.wanted, [&](const std::string& name) {
    if (!is_of_later_phase(inventory, name, options_.last_phase)) return false;
    left_for_later_.push_back(name);
    return true;
  });
}

Runtime::~Runtime() {
  loader_.stop_all();
  if (network_ != nullptr) network_->stop();
  timers_.reset();
  if (blocking_ != nullptr) blocking_->stop();
  if (workers_ != nullptr) workers_->stop();
  if (has_services_) remove_services();
}

Status Runtime::read_settings(const Inventory& inventory) {
  MORTISE_TRY(declare_all_settings(settings_, inventory));
  if (!options_.directory.empty()) MORTISE_TRY(settings_.load(io_, options_.directory));
  for (const auto& [name, manifest] : inventory.operators) {
    if (!inventory.authors.contains(name)) continue;  // not installed: nobody to be told
    for (const OperatorManifest::Value& value : manifest.settings) {
      MORTISE_TRY(settings_.set(value.name, value.text, config::SettingSource::manifest,
                                manifest.file + ":" + std::to_string(value.line)));
    }
  }
  for (const auto& [name, text] : options_.settings) {
    MORTISE_TRY(settings_.set(name, text, config::SettingSource::command_line, "command line"));
  }
  settings_.seal();
  return {};
}

Status Runtime::configure_log() {
  observe::Log& log = observe::process_log();
  const auto level_of = [](const config::SettingValue& value) {
    return static_cast<observe::LogLevel>(value.integer);
  };
  const auto format_of = [](const config::SettingValue& value) {
    return static_cast<observe::LogFormat>(value.integer);
  };
  MORTISE_TRY_ASSIGN(const config::SettingValue level, settings_.value("log_level"));
  MORTISE_TRY_ASSIGN(const config::SettingValue format, settings_.value("log_format"));
  log.set_level(level_of(level));
  log.set_format(format_of(format));
  MORTISE_TRY(log.set_levels(settings_.text("log_levels")));
  settings_.watch("log_level", [&, level_of](const auto& v) { log.set_level(level_of(v)); });
  settings_.watch("log_format", [&, format_of](const auto& v) { log.set_format(format_of(v)); });
  settings_.watch("log_levels", [&](const config::SettingValue& v) {
    const Status set = log.set_levels(v.text);
    if (!set.is_ok()) {
      observe::log_event("kernel.config", observe::LogLevel::error, "setting_refused",
                         {{"name", "log_levels"}, {"reason", set.message()}});
    }
  });
  std::string file = settings_.text("log_file");
  if (file.empty() || options_.logs_to_stderr) {
    log.set_sink(observe::make_stderr_sink());
    return {};
  }
  if (file.front() != '/') {
    if (leads_out(file)) {
      return Status(Code::invalid, "22023",
                    "log_file is '" + file +
                        "': a path below the data directory, or an absolute one, has no '..'");
    }
    file = options_.directory + "/" + file;
  }
  MORTISE_TRY_ASSIGN(std::unique_ptr<observe::LogSink> sink, observe::make_file_sink(file));
  log.set_sink(std::move(sink));
  return {};
}

Status Runtime::start_threads() {
  const auto count_of = [&](std::string_view name) {
    return static_cast<uint32_t>(settings_.integer(name));
  };
  auto budget = static_cast<uint64_t>(settings_.integer("memory_budget"));
  if (budget == 0) budget = platform::physical_memory_bytes() / 10 * 8;
  memory_ = std::make_unique<memory::MemoryAccount>("instance", "instance", nullptr, budget);
  activities_ = std::make_unique<observe::Activities>(
      count_of("connections_max"),
      static_cast<uint64_t>(settings_.integer("activity_statement_size")));
  task::WorkerPool::Options workers;
  workers.worker_count = count_of("worker_threads");
  MORTISE_TRY_ASSIGN(workers_, task::WorkerPool::start(workers));
  task::BlockingPool::Options blocking;
  blocking.thread_count_max = count_of("blocking_threads");
  blocking.queue_count_max = std::max(count_of("connections_max"), 4096U);
  blocking_ = std::make_unique<task::BlockingPool>(blocking);
  MORTISE_TRY_ASSIGN(timers_, task::Timers::start(*workers_));
  task::NetworkOptions network;
  network.loop_count = count_of("network_loops");
  network.connection_count_max = count_of("connections_max");
  if (network.loop_count == 0) network.loop_count = std::min(platform::cpu_count(), kLoopsMax);
  MORTISE_TRY_ASSIGN(network_, task::Network::start(network));
  return {};
}

Status Runtime::start_services(const Inventory& inventory) {
  ServiceBackends backends;
  backends.settings = &settings_;
  backends.metrics = &metrics_;
  backends.activities = activities_.get();
  backends.memory = memory_.get();
  backends.workers = workers_.get();
  backends.blocking = blocking_.get();
  backends.timers = timers_.get();
  backends.network = network_.get();
  for (const auto& [name, manifest] : inventory.operators) {
    if (manifest.memory_bytes) backends.memory_limits[name] = *manifest.memory_bytes;
  }
  MORTISE_TRY(install_services(std::move(backends)));
  has_services_ = true;
  for (const ServiceTable& s : basic_services())
    MORTISE_TRY(add_service(s.interface_id, "", s.table));
  add_plugin_views(sys_views_, loader_, registry_);
  add_service_views(sys_views_);
  return {};
}

Status Runtime::add_service(std::string_view interface_id, std::string_view slot,
                            const void* table) {
  MORTISE_TRY(registry_.add(
      {std::string(interface_id), std::string(slot), table, std::string(Registry::kKernel)}));
  registry_.activate(Registry::kKernel);
  return {};
}

Status Runtime::offer_sys_views() {
  return add_service(MORTISE_IFACE_SYSVIEW, Registry::kKernel, sys_views_.table());
}

Status Runtime::start(Phase phase) {
  if (phase == Phase::query) MORTISE_TRY(offer_sys_views());
  return loader_.start(phase);
}

void Runtime::stop(Phase phase) {
  loader_.stop(phase);
}

}  // namespace mortise::plugin
