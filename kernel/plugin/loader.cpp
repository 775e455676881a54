// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/loader.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "kernel/observe/log.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/fatal_signal.hpp"
#include "kernel/platform/trust.hpp"
#include "kernel/plugin/elf.hpp"
#include "kernel/plugin/library.hpp"
#include "kernel/plugin/service/services.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::plugin {

namespace {

using observe::log_event;
using observe::LogLevel;

constexpr std::string_view kScope = "kernel.plugin";
constexpr uint32_t kReferencesMax = 1024;  // needs or offers of one plugin

// The ids of needs or offers as the library gives them, sorted.
Result<std::vector<std::string>> described_needs(const mortise_plugin_t& d, bool optional) {
  std::vector<std::string> out;
  for (uint32_t i = 0; i < d.needs_count; ++i) {
    const mortise_need_t& need = d.needs[i];
    if ((need.is_optional != 0) != optional) continue;
    std::string text(view_of(need.interface_id));
    MORTISE_TRY_ASSIGN(InterfaceRef ref, parse_interface(text));
    ref.minor = need.minor_min;
    ref.slot = view_of(need.slot);
    out.push_back(to_text(ref));
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::vector<std::string>> described_offers(const mortise_plugin_t& d) {
  std::vector<std::string> out;
  for (uint32_t i = 0; i < d.offers_count; ++i) {
    const mortise_offer_t& offer = d.offers[i];
    MORTISE_TRY_ASSIGN(InterfaceRef ref, parse_interface(view_of(offer.interface_id)));
    ref.slot = view_of(offer.slot);
    if (offer.table == nullptr) return invalid("its offer " + to_text(ref) + " has no table");
    const auto& header = *static_cast<const mortise_header_t*>(offer.table);
    if (header.major != ref.major) {
      return invalid("the table of its offer " + to_text(ref) + " says major version " +
                     std::to_string(header.major));
    }
    ref.minor = header.minor;
    out.push_back(to_text(ref));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::vector<std::string> sorted_texts(const std::vector<InterfaceRef>& refs) {
  std::vector<std::string> out;
  for (const InterfaceRef& ref : refs) out.push_back(to_text(ref));
  std::sort(out.begin(), out.end());
  return out;
}

Status compare(std::string_view what, const std::vector<std::string>& manifest,
               const std::vector<std::string>& library) {
  const auto first_only_in = [](const auto& a, const auto& b) -> std::string {
    for (const std::string& x : a) {
      if (std::find(b.begin(), b.end(), x) == b.end()) return x;
    }
    return {};
  };
  if (const std::string extra = first_only_in(manifest, library); !extra.empty()) {
    return invalid("plugin.toml " + std::string(what) + " " + extra + ", the library does not");
  }
  if (const std::string extra = first_only_in(library, manifest); !extra.empty()) {
    return invalid("the library " + std::string(what) + " " + extra + ", plugin.toml does not");
  }
  return {};
}

}  // namespace

std::string_view name_of(PluginState state) {
  static constexpr std::array<std::string_view, 9> kNames = {"discovered", "disabled", "resolved",
                                                             "verified",   "started",  "active",
                                                             "stopping",   "parked",   "failed"};
  return kNames[static_cast<size_t>(state)];
}

Status check_description(const AuthorManifest& manifest, const mortise_plugin_t& described) {
  if (described.needs_count > kReferencesMax || described.offers_count > kReferencesMax ||
      (described.needs_count != 0 && described.needs == nullptr) ||
      (described.offers_count != 0 && described.offers == nullptr)) {
    return invalid("its description is damaged");
  }
  const auto differs = [](std::string_view what, std::string_view library, std::string_view toml) {
    return invalid("the library's " + std::string(what) + " is '" + std::string(library) +
                   "', plugin.toml's is '" + std::string(toml) + "'");
  };
  if (view_of(described.name) != manifest.name) {
    return differs("name", view_of(described.name), manifest.name);
  }
  const std::string version = to_text(manifest.version);
  if (view_of(described.version) != version) {
    return differs("version", view_of(described.version), version);
  }
  MORTISE_TRY_ASSIGN(const Version sdk, parse_version(view_of(described.sdk_version)));
  if (!manifest.sdk.contains(sdk)) {
    return invalid("it was built with SDK " + to_text(sdk) + ", plugin.toml says " +
                   manifest.sdk.text());
  }
  MORTISE_TRY_ASSIGN(const std::vector<std::string> needs, described_needs(described, false));
  MORTISE_TRY_ASSIGN(const std::vector<std::string> wants, described_needs(described, true));
  MORTISE_TRY_ASSIGN(const std::vector<std::string> offers, described_offers(described));
  MORTISE_TRY(compare("needs", sorted_texts(manifest.needs), needs));
  MORTISE_TRY(compare("wants", sorted_texts(manifest.wants), wants));
  return compare("offers", sorted_texts(manifest.offers), offers);
}

Loader::~Loader() {
  stop_all();
}

Loader::Entry* Loader::find(std::string_view name) {
  for (const auto& entry : entries_) {
    if (entry->status.name == name) return entry.get();
  }
  return nullptr;
}

void Loader::set_state(Entry& entry, PluginState state, std::string reason) {
  platform::Lock lock(mutex_);
  entry.status.state = state;
  entry.status.reason = std::move(reason);
}

Status Loader::load(Inventory inventory, const std::vector<HostService>& services,
                    const Version& sdk_version) {
  MORTISE_ASSERT(entries_.empty());
  inventory_ = std::move(inventory);
  plan_ = resolve(inventory_, services, sdk_version);
  for (const PlanEntry& planned : plan_.entries) {
    auto entry = std::make_unique<Entry>();
    PluginStatus& s = entry->status;
    s.name = planned.author->name;
    s.version = to_text(planned.author->version);
    s.phase = planned.author->phase;
    s.summary = planned.author->summary;
    s.library = platform::directory_of(planned.author->file) + "/" + planned.author->library;
    s.state = PluginState::resolved;
    s.start_order = static_cast<uint32_t>(entries_.size()) + 1;
    for (const InterfaceRef& need : planned.author->needs) s.needs.push_back(to_text(need));
    for (const InterfaceRef& offer : planned.author->offers) s.offers.push_back(to_text(offer));
    entry->planned = &planned;
    entries_.push_back(std::move(entry));
  }
  const auto add_absent = [&](const std::string& name, PluginState state, std::string reason) {
    auto entry = std::make_unique<Entry>();
    entry->status.name = name;
    entry->status.state = state;
    entry->status.reason = std::move(reason);
    const auto author = inventory_.authors.find(name);
    if (author != inventory_.authors.end()) {
      entry->status.version = to_text(author->second.version);
      entry->status.phase = author->second.phase;
      entry->status.summary = author->second.summary;
    }
    entries_.push_back(std::move(entry));
  };
  for (const Problem& p : plan_.problems) {
    log_event(kScope, LogLevel::error, "plugin_cannot_run",
              {{"name", p.plugin}, {"reason", to_text(p)}});
    add_absent(p.plugin, PluginState::failed, p.text);
    for (const std::string& name : p.dependants) {
      add_absent(name, PluginState::failed, "needs " + p.plugin + ", which " + p.text);
    }
  }
  for (const auto& [name, author] : inventory_.authors) {
    if (find(name) == nullptr) {
      const bool off =
          std::find(plan_.disabled.begin(), plan_.disabled.end(), name) != plan_.disabled.end();
      add_absent(name, PluginState::disabled, off ? "switched off" : "not in the set");
    }
  }
  for (const Problem& p : plan_.problems) {
    if (!p.required.empty()) {
      return invalid("the plugin " + p.required.front() +
                     " is required, but cannot run: " + to_text(p));
    }
  }
  for (const auto& entry : entries_) {
    if (entry->status.state != PluginState::resolved) continue;
    Status checked = verify(*entry);
    if (checked.is_ok()) checked = wire(*entry);
    if (!checked.is_ok()) MORTISE_TRY(fail(*entry, checked));
  }
  return {};
}

Status Loader::check_owner(const Entry& entry) const {
  const OperatorManifest* orders = entry.planned->operator_manifest;
  const SignaturePolicy policy =
      orders == nullptr ? SignaturePolicy::trust_package_manager : orders->signature;
  if (policy == SignaturePolicy::enforce) {
    return unsupported("its operator manifest enforces a signature, and this version checks none");
  }
  if (policy == SignaturePolicy::warn) {
    log_event(kScope, LogLevel::warn, "plugin_not_checked",
              {{"name", entry.status.name}, {"reason", "signature policy warn"}});
    return {};
  }
  return platform::check_only_ours(entry.status.library);
}

Status Loader::verify(Entry& entry) {
  const std::string& path = entry.status.library;
  MORTISE_TRY_ASSIGN(const bool exists, io_.exists(path));
  if (!exists) return not_found("its library is missing: " + path);
  MORTISE_TRY(check_owner(entry));
  MORTISE_TRY_ASSIGN(const std::string bytes, platform::read_whole_file(io_, path));
  MORTISE_TRY(check_plugin_library(std::as_bytes(std::span(bytes))));
  MORTISE_TRY_ASSIGN(entry.described, open_library(path));
  MORTISE_TRY(check_description(*entry.planned->author, *entry.described));
  const CodeRange range = code_range_of(entry.described);
  platform::note_code_owner(entry.status.name, range.begin, range.end);
  set_state(entry, PluginState::verified);
  return {};
}

Status Loader::wire(Entry& entry) {
  const mortise_plugin_t& d = *entry.described;
  for (uint32_t i = 0; i < d.offers_count; ++i) {
    MORTISE_TRY(registry_.add({std::string(view_of(d.offers[i].interface_id)),
                               std::string(view_of(d.offers[i].slot)), d.offers[i].table,
                               entry.status.name}));
  }
  return {};
}

Status Loader::start(Phase phase) {
  for (const auto& entry : entries_) {
    if (entry->status.state != PluginState::verified || entry->status.phase != phase) continue;
    const Status started = start_one(*entry);
    if (!started.is_ok()) MORTISE_TRY(fail(*entry, started));
  }
  return {};
}

Status Loader::start_one(Entry& entry) {
  set_state(entry, PluginState::started);
  const uint64_t began_ns = platform::monotonic_ns();
  ErrorSlot error;
  Status answered;
  const Status contained = contain("XX000", [&] {
    const platform::CodeOwnerScope scope(entry.status.name.c_str());
    answered = error.status(entry.described->start(registry_.host(), &entry.instance, error.get()));
  });
  if (!contained.is_ok()) {
    return internal("its start threw an exception across the ABI: " +
                    std::string(contained.message()));
  }
  MORTISE_TRY(answered);
  const uint64_t took_us =
      (platform::monotonic_ns() - began_ns) / platform::kNanosecondsPerMicrosecond;
  {
    platform::Lock lock(mutex_);
    entry.status.start_us = took_us;
  }
  registry_.activate(entry.status.name);
  set_state(entry, PluginState::active);
  log_event(kScope, LogLevel::info, "plugin_started",
            {{"name", entry.status.name},
             {"version", entry.status.version},
             {"took_us", std::to_string(took_us)}});
  return {};
}

bool Loader::is_met(const Binding& binding, const Entry& entry) {
  if (binding.is_optional) return true;
  for (const Binding& other : entry.planned->bindings) {
    if (other.is_optional || !(other.need == binding.need)) continue;
    if (other.provider == Registry::kKernel) return true;
    const Entry* provider = find(other.provider);
    if (provider != nullptr && provider->status.state != PluginState::failed) return true;
  }
  return false;
}

Status Loader::fail(Entry& entry, const Status& reason) {
  std::vector<std::pair<Entry*, std::string>> out = {{&entry, std::string(reason.message())}};
  registry_.remove(entry.status.name);
  set_state(entry, PluginState::failed, out[0].second);
  for (const auto& other : entries_) {  // start order: one pass reaches everybody
    if (other->planned == nullptr || other->status.state == PluginState::failed) continue;
    for (const Binding& b : other->planned->bindings) {
      if (is_met(b, *other)) continue;
      if (other->status.state == PluginState::active) stop_one(*other);
      registry_.remove(other->status.name);
      std::string text = "needs " + to_text(b.need) + " of " + b.provider + ", which failed";
      set_state(*other, PluginState::failed, text);
      out.emplace_back(other.get(), std::move(text));
      break;
    }
  }
  Status required;
  for (const auto& [who, text] : out) {
    log_event(kScope, LogLevel::error, "plugin_failed",
              {{"name", who->status.name}, {"reason", text}});
    const OperatorManifest* orders = who->planned->operator_manifest;
    if (required.is_ok() && orders != nullptr && orders->is_required) {
      required = Status(reason.code(), reason.sqlstate(),
                        "the plugin " + who->status.name + " is required, but failed: " + text);
    }
  }
  return required;
}

void Loader::stop_one(Entry& entry) {
  set_state(entry, PluginState::stopping);
  const Status contained = contain("XX000", [&] {
    const platform::CodeOwnerScope scope(entry.status.name.c_str());
    if (entry.described->drain != nullptr) entry.described->drain(entry.instance);
    registry_.deactivate(entry.status.name);
    wait_for_tasks(entry.status.name);
    entry.described->stop(entry.instance);
  });
  registry_.deactivate(entry.status.name);
  entry.instance = nullptr;
  if (!contained.is_ok()) {
    log_event(kScope, LogLevel::error, "plugin_stop_threw",
              {{"name", entry.status.name}, {"reason", contained.message()}});
  }
  set_state(entry, PluginState::parked);
  log_event(kScope, LogLevel::debug, "plugin_stopped", {{"name", entry.status.name}});
}

void Loader::stop(Phase phase) {
  for (size_t i = entries_.size(); i-- > 0;) {
    Entry& entry = *entries_[i];
    if (entry.status.phase == phase && entry.status.state == PluginState::active) stop_one(entry);
  }
}

void Loader::stop_all() {
  for (size_t i = kPhasesCount; i-- > 0;) stop(static_cast<Phase>(i));
}

std::vector<PluginStatus> Loader::statuses() const {
  platform::Lock lock(mutex_);
  std::vector<PluginStatus> out;
  for (const auto& entry : entries_) out.push_back(entry->status);
  return out;
}

}  // namespace mortise::plugin
