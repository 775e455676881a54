// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/manifest.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "kernel/base/nearest_name.hpp"
#include "kernel/config/toml.hpp"

namespace mortise::plugin {

namespace {

using config::TableReader;
using config::TomlValue;

constexpr std::array<std::string_view, kPhasesCount> kPhaseNames = {"boot", "storage", "query",
                                                                    "services", "edge"};
constexpr std::array<std::string_view, 3> kPolicyNames = {"trust-package-manager", "warn",
                                                          "enforce"};

bool is_word(std::string_view text, bool with_point) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           (with_point && c == '.');
  });
}

bool parse_number(std::string_view text, uint16_t* out) {
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *out);
  return end.ec == std::errc() && end.ptr == text.data() + text.size();
}

std::vector<std::string_view> views(std::span<const std::string_view> names) {
  return {names.begin(), names.end()};
}

void read_version_of_format(TableReader& reader) {
  const std::optional<int64_t> version = reader.integer("manifest_version");
  if (!version) {
    reader.complain("manifest_version", "'manifest_version' is missing; it is 1");
  } else if (*version != 1) {
    reader.complain("manifest_version", "this version reads manifest_version 1 only");
  }
}

std::vector<InterfaceRef> read_interfaces(TableReader& reader, std::string_view key) {
  std::vector<InterfaceRef> out;
  for (const std::string& text : reader.texts(key)) {
    Result<InterfaceRef> ref = parse_interface(text);
    if (!ref) {
      reader.complain(key, std::string(ref.error().message()));
    } else if (std::find(out.begin(), out.end(), *ref) != out.end()) {
      reader.complain(key, std::string("'").append(text).append("' stands there twice"));
    } else {
      out.push_back(std::move(*ref));
    }
  }
  return out;
}

std::vector<std::string> read_plugins(TableReader& reader, std::string_view key) {
  std::vector<std::string> out = reader.texts(key);
  for (const std::string& name : out) {
    const Status good = check_plugin_name(name);
    if (!good) reader.complain(key, std::string(good.message()));
  }
  return out;
}

std::vector<std::string> read_grants(TableReader& reader) {
  std::vector<std::string> out = reader.texts("grants");
  const auto& known = known_grants();
  for (const std::string& grant : out) {
    if (std::find(known.begin(), known.end(), grant) != known.end()) continue;
    reader.complain("grants", std::string("unknown grant '")
                                  .append(grant)
                                  .append("'")
                                  .append(did_you_mean(grant, std::span(known))));
  }
  return out;
}

VersionRange read_range(TableReader& reader, std::string_view key, const std::string& text) {
  Result<VersionRange> range = VersionRange::parse(text);
  if (range) return std::move(*range);
  reader.complain(key, std::string(range.error().message()));
  return {};
}

Result<config::SettingSpec> read_setting(const std::string& plugin, const std::string& name,
                                         const TomlValue& table, std::string_view file) {
  TableReader reader(table, file);
  config::SettingSpec spec;
  spec.name = plugin + "." + name;
  Result<config::SettingType> type = config::setting_type_of(reader.require_text("type"));
  if (type) {
    spec.type = *type;
  } else {
    reader.complain("type", std::string(type.error().message()));
  }
  const std::optional<std::string> standard = reader.scalar("default");
  if (!standard) reader.complain("default", "'default' is missing");
  spec.default_text = standard.value_or("");
  spec.minimum = reader.scalar("min").value_or("");
  spec.maximum = reader.scalar("max").value_or("");
  spec.choices = reader.texts("choices");
  spec.unit = reader.text("unit", "");
  spec.help = reader.require_text("help");
  spec.needs_restart = reader.boolean("restart", false);
  spec.is_session_scoped = reader.choice("scope", "instance", {"instance", "session"}) == "session";
  MORTISE_TRY(reader.finish());
  const Status good = config::check_setting(spec);
  if (!good) return config::toml_failure(file, table.line, std::string(good.message()));
  return spec;
}

// The phase of what is offered; the earliest when several are.
Phase derived_phase(const std::vector<InterfaceRef>& offers) {
  struct Room {
    std::string_view name;
    Phase phase;
  };
  static constexpr Room kRooms[] = {
      {"mortise.codec", Phase::boot},    {"mortise.evict", Phase::boot},
      {"mortise.index", Phase::storage}, {"mortise.table_engine", Phase::storage},
      {"mortise.dialect", Phase::query}, {"mortise.functions", Phase::query},
      {"mortise.type", Phase::query},    {"mortise.query", Phase::query},
      {"mortise.sysview", Phase::query}};
  if (offers.empty()) return Phase::edge;
  Phase phase = Phase::services;
  for (const InterfaceRef& offer : offers) {
    for (const Room& room : kRooms) {
      if (room.name == offer.name) phase = std::min(phase, room.phase);
    }
  }
  return phase;
}

std::string stem_of(std::string_view file) {
  const size_t slash = file.rfind('/');
  if (slash != std::string_view::npos) file.remove_prefix(slash + 1);
  if (file.ends_with(".toml")) file.remove_suffix(5);
  return std::string(file);
}

// The name that `key` gives has to be the file's own.
void check_stem(TableReader& reader, std::string_view key, std::string_view name,
                std::string_view file) {
  const std::string stem = stem_of(file);
  if (name.empty() || name == stem) return;
  reader.complain(key, std::string("'")
                           .append(key)
                           .append("' is '")
                           .append(name)
                           .append("', but the file is called ")
                           .append(stem)
                           .append(".toml"));
}

}  // namespace

std::string_view name_of(Phase phase) {
  return kPhaseNames[static_cast<size_t>(phase)];
}

std::string_view name_of(SignaturePolicy policy) {
  return kPolicyNames[static_cast<size_t>(policy)];
}

std::string InterfaceRef::id() const {
  return std::string(name).append("/").append(std::to_string(major));
}

Result<InterfaceRef> parse_interface(std::string_view text) {
  InterfaceRef ref;
  const size_t colon = std::min(text.find(':'), text.size());
  std::string_view id = text.substr(0, colon);
  bool good = colon == text.size();
  if (!good) {
    ref.slot = text.substr(colon + 1);
    good = is_word(ref.slot, false);
  }
  const size_t slash = id.find('/');
  if (good && slash != std::string_view::npos) {
    ref.name = id.substr(0, slash);
    const std::string_view version = id.substr(slash + 1);
    const size_t point = std::min(version.find('.'), version.size());
    good = is_word(ref.name, true) && parse_number(version.substr(0, point), &ref.major) &&
           (point == version.size() || parse_number(version.substr(point + 1), &ref.minor));
    if (good) return ref;
  }
  return invalid(std::string("'").append(text).append(
      "' is not an interface such as mortise.page/1 or mortise.index/1:btree"));
}

std::string to_text(const InterfaceRef& ref) {
  std::string out = ref.id();
  if (ref.minor != 0) out.append(".").append(std::to_string(ref.minor));
  if (!ref.slot.empty()) out.append(":").append(ref.slot);
  return out;
}

bool meets(const InterfaceRef& offer, const InterfaceRef& need) {
  return offer.name == need.name && offer.major == need.major && offer.minor >= need.minor &&
         (need.slot.empty() || need.slot == offer.slot);
}

const std::vector<std::string_view>& plugin_families() {
  static const std::vector<std::string_view> families = {
      "front", "dialect",  "sql",     "opt", "index",  "store",  "codec",
      "evict", "security", "cluster", "ops", "engine", "govern", "example"};
  return families;
}

const std::vector<std::string_view>& known_grants() {
  static const std::vector<std::string_view> grants = {
      "net.listen", "net.connect", "fs.read", "fs.write", "threads", "process", "crypto.keys"};
  return grants;
}

Status check_plugin_name(std::string_view name) {
  const size_t dash = name.find('-');
  const std::string_view family = name.substr(0, std::min(dash, name.size()));
  const auto& families = plugin_families();
  const bool known = std::find(families.begin(), families.end(), family) != families.end();
  if (known && dash != std::string_view::npos && is_word(name.substr(dash + 1), false)) return {};
  std::string message("'");
  message.append(name).append("' is not a plugin's name: family-name, in lower case");
  if (!known) {
    message.append("; the families are");
    for (std::string_view f : families) message.append(" ").append(f);
  }
  return invalid(std::move(message));
}

Result<AuthorManifest> parse_author(std::string_view text, std::string_view file) {
  MORTISE_TRY_ASSIGN(const TomlValue table, config::parse_toml(text, file));
  TableReader reader(table, file);
  AuthorManifest out;
  out.file = file;
  read_version_of_format(reader);
  out.name = reader.require_text("name");
  if (const Status good = check_plugin_name(out.name); !good) {
    reader.complain("name", std::string(good.message()));
  }
  Result<Version> version = parse_version(reader.require_text("version"));
  if (version) {
    out.version = std::move(*version);
  } else {
    reader.complain("version", std::string(version.error().message()));
  }
  out.sdk = read_range(reader, "sdk", reader.require_text("sdk"));
  out.license = reader.require_text("license");
  out.summary = reader.require_text("summary");
  out.needs = read_interfaces(reader, "needs");
  out.wants = read_interfaces(reader, "wants");
  out.offers = read_interfaces(reader, "offers");
  const std::string phase = reader.choice("phase", "", views(kPhaseNames));
  out.phase = derived_phase(out.offers);
  for (size_t i = 0; i < kPhasesCount; ++i) {
    if (kPhaseNames[i] == phase) out.phase = static_cast<Phase>(i);
  }
  out.after = read_plugins(reader, "after");
  out.before = read_plugins(reader, "before");
  out.grants = read_grants(reader);
  out.library = reader.text("library", out.name + ".so");
  if (out.library.find('/') != std::string::npos) {
    reader.complain("library", "'library' has to be a file's name without a folder");
  }
  out.owns_data = reader.boolean("data", false);
  const TomlValue* settings = reader.table("settings");
  MORTISE_TRY(reader.finish());
  if (settings == nullptr) return out;
  for (const auto& [name, spec] : settings->members) {
    if (spec.kind != TomlValue::Kind::table || !is_word(name, false)) {
      return config::toml_failure(file, spec.line,
                                  "a setting is a table [settings.name], name in lower case");
    }
    MORTISE_TRY_ASSIGN(config::SettingSpec read, read_setting(out.name, name, spec, file));
    out.settings.push_back(std::move(read));
  }
  return out;
}

Result<OperatorManifest> parse_operator(std::string_view text, std::string_view file) {
  MORTISE_TRY_ASSIGN(const TomlValue table, config::parse_toml(text, file));
  TableReader reader(table, file);
  OperatorManifest out;
  out.file = file;
  read_version_of_format(reader);
  out.plugin = reader.require_text("plugin");
  check_stem(reader, "plugin", out.plugin, file);
  out.is_enabled = reader.boolean("enable", true);
  out.is_required = reader.boolean("required", false);
  out.version = read_range(reader, "version", reader.text("version", "*"));
  out.grants = read_grants(reader);
  out.after = read_plugins(reader, "after");
  out.before = read_plugins(reader, "before");
  const std::string policy = reader.choice("signature", kPolicyNames[0], views(kPolicyNames));
  for (size_t i = 0; i < kPolicyNames.size(); ++i) {
    if (kPolicyNames[i] == policy) out.signature = static_cast<SignaturePolicy>(i);
  }
  const TomlValue* settings = reader.table("settings");
  const TomlValue* limits = reader.table("limits");
  MORTISE_TRY(reader.finish());
  if (settings != nullptr) {
    for (const auto& [name, value] : settings->members) {
      const std::optional<std::string> given = config::scalar_text(value);
      if (!given) {
        return config::toml_failure(file, value.line, "a setting is a text, a number or a bool");
      }
      out.settings.push_back({out.plugin + "." + name, *given, value.line});
    }
  }
  if (limits == nullptr) return out;
  TableReader bounds(*limits, file);
  if (const std::optional<std::string> memory = bounds.scalar("memory")) {
    config::SettingSpec spec;
    spec.name = "memory";
    spec.type = config::SettingType::bytes;
    spec.minimum = "64KiB";
    Result<config::SettingValue> value = config::parse_setting(spec, *memory);
    if (value) {
      out.memory_bytes = static_cast<uint64_t>(value->integer);
    } else {
      bounds.complain("memory", std::string(value.error().message()));
    }
  }
  MORTISE_TRY(bounds.finish());
  return out;
}

Result<SetManifest> parse_set(std::string_view text, std::string_view file) {
  MORTISE_TRY_ASSIGN(const TomlValue table, config::parse_toml(text, file));
  TableReader reader(table, file);
  SetManifest out;
  out.file = file;
  read_version_of_format(reader);
  out.name = reader.require_text("name");
  check_stem(reader, "name", out.name, file);
  out.summary = reader.text("summary", "");
  out.include = reader.texts("include");
  out.plugins = read_plugins(reader, "plugins");
  out.without = read_plugins(reader, "without");
  MORTISE_TRY(reader.finish());
  return out;
}

}  // namespace mortise::plugin
