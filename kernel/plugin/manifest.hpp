// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the manifests say?
//
// Reads the three kinds of file that docs/reference/manifests.md describes.  Nothing here looks at
// a library; nothing here decides.
//
// Invariants
//   F1  A manifest that was read satisfies its format; failures say file, line and what was meant.
//   F2  AuthorManifest::phase is settled: given, or derived from what is offered.
//
// Threads: values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/setting.hpp"
#include "kernel/plugin/version.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise::plugin {

enum class Phase : uint8_t { boot, storage, query, services, edge };
inline constexpr size_t kPhasesCount = 5;
std::string_view name_of(Phase phase);

// "mortise.index/1.2:btree"
struct InterfaceRef {
  std::string name;  // "mortise.index"
  uint16_t major = 1;
  uint16_t minor = 0;  // of a need: at least this one
  std::string slot;    // of a need: "" = any

  // "mortise.index/1": what find_interface is asked for.
  std::string id() const;
  friend bool operator==(const InterfaceRef&, const InterfaceRef&) = default;
};
Result<InterfaceRef> parse_interface(std::string_view text);
// Without the minor when it is 0, without the slot when it is empty.
std::string to_text(const InterfaceRef& ref);
// Does this offer meet that need?
bool meets(const InterfaceRef& offer, const InterfaceRef& need);

// "family-name", the family being one of the closed set.
Status check_plugin_name(std::string_view name);
const std::vector<std::string_view>& plugin_families();
// "net.listen", ...
const std::vector<std::string_view>& known_grants();

// plugin.toml
struct AuthorManifest {
  std::string file;  // for messages; its folder holds the library
  std::string name;
  Version version;
  VersionRange sdk;
  std::string license;
  std::string summary;
  Phase phase = Phase::services;
  std::vector<InterfaceRef> needs;
  std::vector<InterfaceRef> wants;
  std::vector<InterfaceRef> offers;
  std::vector<std::string> after;
  std::vector<std::string> before;
  std::vector<std::string> grants;
  std::string library;
  bool owns_data = false;
  std::vector<config::SettingSpec> settings;  // with their full names: "front-pgwire.port"
};
Result<AuthorManifest> parse_author(std::string_view text, std::string_view file);

enum class SignaturePolicy : uint8_t { trust_package_manager, warn, enforce };
std::string_view name_of(SignaturePolicy policy);

// plugin-manifests/<name>.toml
struct OperatorManifest {
  struct Value {
    std::string name;  // "front-pgwire.port"
    std::string text;
    uint32_t line;
  };
  std::string file;
  std::string plugin;
  bool is_enabled = true;
  bool is_required = false;
  VersionRange version;
  std::vector<std::string> grants;
  std::vector<std::string> after;
  std::vector<std::string> before;
  SignaturePolicy signature = SignaturePolicy::trust_package_manager;
  std::vector<Value> settings;
  std::optional<uint64_t> memory_bytes;
};
Result<OperatorManifest> parse_operator(std::string_view text, std::string_view file);

// plugin-manifests/sets/<name>.toml
struct SetManifest {
  std::string file;
  std::string name;
  std::string summary;
  std::vector<std::string> include;
  std::vector<std::string> plugins;
  std::vector<std::string> without;
};
Result<SetManifest> parse_set(std::string_view text, std::string_view file);

}  // namespace mortise::plugin
