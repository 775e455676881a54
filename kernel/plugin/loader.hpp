// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a plan become running plugins, and running plugins quiet ones?
//
//   discovered   its manifest was read
//   disabled     not in the set, or switched off
//   resolved     it is in the plan
//   verified     its file passed the checks of elf.hpp and its description equals its manifest
//   started      `start` is being called
//   active       serving: its offers are answered
//   stopping     drained, `stop` is being called
//   parked       stopped; its code stays mapped
//   failed       out, with the reason
//
// Invariants
//   L1  A plugin's code runs only after its file and manifest were checked.
//   L2  A plugin that fails takes with it those whose needs nobody else meets, and nobody else.
//   L3  stop() goes in the exact reverse of the order of starts.
//   L4  A failure of a plugin is a failure of the loader only if the plugin is required.
//
// Threads: load, start, stop [control]; statuses [any, concurrent].
// Background: docs/internals/plugin-lifecycle.md

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/platform/io.hpp"
#include "kernel/platform/mutex.hpp"
#include "kernel/plugin/registry.hpp"
#include "kernel/plugin/resolver.hpp"
#include "mortise/plugin.h"

namespace mortise::plugin {

enum class PluginState : uint8_t {
  discovered,
  disabled,
  resolved,
  verified,
  started,
  active,
  stopping,
  parked,
  failed
};
std::string_view name_of(PluginState state);

// One plugin as it is now; a copy.
struct PluginStatus {
  std::string name;
  std::string version;
  Phase phase = Phase::services;
  PluginState state = PluginState::discovered;
  std::string reason;  // of failed and disabled
  std::string summary;
  std::string library;
  std::vector<std::string> needs;
  std::vector<std::string> offers;
  uint32_t start_order = 0;  // from 1; 0 = not in the plan
  uint64_t start_us = 0;     // how long `start` took
};

class Loader {
 public:
  // Both outlive the loader.
  Loader(platform::IoBackend& io, Registry& registry) : io_(io), registry_(registry) {}
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // Takes a plan with the inventory that it points into; verifies and opens every library.
  // Fails only by L4.
  Status load(Inventory inventory, const std::vector<HostService>& services,
              const Version& sdk_version);
  // Starts the plugins of a phase.  Fails only by L4; those that have started stay so.
  Status start(Phase phase);
  // Drains and stops those of a phase.
  void stop(Phase phase);
  void stop_all();

  const Inventory& inventory() const { return inventory_; }
  const Plan& plan() const { return plan_; }
  // Start order first, then the others by name.
  std::vector<PluginStatus> statuses() const;

 private:
  struct Entry {
    PluginStatus status;
    const PlanEntry* planned = nullptr;
    const mortise_plugin_t* described = nullptr;
    void* instance = nullptr;
  };

  Entry* find(std::string_view name);
  void set_state(Entry& entry, PluginState state, std::string reason = {});
  Status verify(Entry& entry);
  Status check_owner(const Entry& entry) const;
  Status wire(Entry& entry);
  Status start_one(Entry& entry);
  void stop_one(Entry& entry);
  // L2 and L4.
  Status fail(Entry& entry, const Status& reason);
  bool is_met(const Binding& binding, const Entry& entry);

  platform::IoBackend& io_;
  Registry& registry_;
  Inventory inventory_;
  Plan plan_;
  mutable platform::Mutex mutex_{platform::LockRank::plugin_registry};  // guards the statuses
  std::vector<std::unique_ptr<Entry>> entries_;                         // shape constant after load
};

// Does the library's description say what the manifest says?  `invalid` names the first difference.
Status check_description(const AuthorManifest& manifest, const mortise_plugin_t& described);

}  // namespace mortise::plugin
