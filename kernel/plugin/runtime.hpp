// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what runs before there is any data, and after it is closed?
//
// Settings, log, metrics, memory account, threads, network and plugins: everything of a server
// but its storage.  Instance puts storage in the middle; tools and tests use it alone.
//
//   open     manifests -> settings -> log -> threads -> services -> plan -> libraries opened
//   start    phase by phase; what comes between phases is the caller's
//   ~        stops all phases in reverse, then threads, then services
//
// Invariants
//   U1  One Runtime is open per process (mortise/iface tables have no context).
//   U2  Whatever fails while opening leaves nothing behind.
//
// Threads: [control]

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernel/config/settings.hpp"
#include "kernel/memory/account.hpp"
#include "kernel/observe/activity.hpp"
#include "kernel/observe/metrics.hpp"
#include "kernel/platform/io.hpp"
#include "kernel/plugin/loader.hpp"
#include "kernel/plugin/registry.hpp"
#include "kernel/plugin/service/services.hpp"
#include "kernel/plugin/sys_views.hpp"

namespace mortise::plugin {

struct RuntimeOptions {
  Folders folders;
  std::string set;        // a name, a path, or "" for no plugins
  std::string directory;  // of mortise.toml and system.toml; "" = neither is read
  // From the command line: name, text.
  std::vector<std::pair<std::string, std::string>> settings;
  // What the caller will add between phases.
  std::vector<HostService> later_services;
  // Plugins of later phases are left alone: not opened, not required.
  Phase last_phase = Phase::edge;
  bool logs_to_stderr = false;  // whatever log_file says
};

class Runtime {
 public:
  static Result<std::unique_ptr<Runtime>> open(platform::IoBackend& io, RuntimeOptions options);
  ~Runtime();
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Offers a table of the kernel's from now on.
  Status add_service(std::string_view interface_id, std::string_view slot, const void* table);

  // Before Phase::query the system relations are offered.
  Status start(Phase phase);
  void stop(Phase phase);

  config::Settings& settings() { return settings_; }
  observe::Metrics& metrics() { return metrics_; }
  memory::MemoryAccount& memory() { return *memory_; }
  task::WorkerPool& workers() { return *workers_; }
  task::BlockingPool& blocking() { return *blocking_; }
  task::Timers& timers() { return *timers_; }
  Registry& registry() { return registry_; }
  Loader& loader() { return loader_; }
  SysViews& sys_views() { return sys_views_; }
  // Plugins of the set that start in a phase after last_phase.
  const std::vector<std::string>& left_for_later() const { return left_for_later_; }

 private:
  Runtime(platform::IoBackend& io, RuntimeOptions options)
      : io_(io), options_(std::move(options)), loader_(io, registry_) {}

  void leave_for_later(Inventory& inventory);
  Status read_settings(const Inventory& inventory);
  Status configure_log();
  Status start_threads();
  Status start_services(const Inventory& inventory);
  Status offer_sys_views();

  platform::IoBackend& io_;
  const RuntimeOptions options_;
  std::vector<std::string> left_for_later_;  // constant once open
  config::Settings settings_;
  observe::Metrics metrics_;
  std::unique_ptr<observe::Activities> activities_;
  std::unique_ptr<memory::MemoryAccount> memory_;
  std::unique_ptr<task::WorkerPool> workers_;
  std::unique_ptr<task::BlockingPool> blocking_;
  std::unique_ptr<task::Timers> timers_;
  std::unique_ptr<task::Network> network_;
  bool has_services_ = false;
  SysViews sys_views_;
  Registry registry_;
  Loader loader_;
};

// The basic services and what the caller adds later, for the resolver.
std::vector<HostService> host_services(const std::vector<HostService>& later);
// SDK version of this host.
Version host_sdk_version();
// Declares the settings of the kernel and of every installed plugin.
Status declare_all_settings(config::Settings& settings, const Inventory& inventory);

}  // namespace mortise::plugin
