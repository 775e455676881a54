// SPDX-License-Identifier: Apache-2.0
#include "kernel/config/settings.hpp"

#include <algorithm>

#include "kernel/base/nearest_name.hpp"

namespace mortise::config {

namespace {

constexpr std::array<std::string_view, kSourcesCount> kSourceNames = {"default", "file", "manifest",
                                                                      "system", "command line"};

// A failure of a value, opened by the place that said it.
Status placed(std::string_view where, const Status& failure) {
  if (where.empty()) return failure;
  return {failure.code(), "F0000", std::string(where).append(": ").append(failure.message())};
}

}  // namespace

std::string_view name_of(SettingSource source) {
  return kSourceNames[static_cast<size_t>(source)];
}

Status Settings::declare(SettingSpec spec) {
  MORTISE_TRY(check_setting(spec));
  platform::ExclusiveLock lock(mutex_);
  Entry entry;
  MORTISE_TRY_ASSIGN(SettingValue standard, parse_setting(spec, spec.default_text));
  entry.by_source[0] = std::move(standard);
  entry.spec = std::move(spec);
  settle(entry);
  const std::string name = entry.spec.name;
  if (!entries_.emplace(name, std::move(entry)).second) {
    return duplicate(std::string("setting '").append(name).append("' is declared twice"));
  }
  return {};
}

Status Settings::load(platform::IoBackend& io, const std::string& directory) {
  io_ = &io;
  directory_ = directory;
  struct Part {
    std::string_view name;
    SettingSource source;
  };
  for (const Part part :
       {Part{kOperatorFile, SettingSource::file}, Part{kSystemFile, SettingSource::system}}) {
    const std::string path = std::string(directory).append("/").append(part.name);
    MORTISE_TRY_ASSIGN(const bool exists, io.exists(path));
    if (!exists) continue;
    MORTISE_TRY_ASSIGN(const std::string text, platform::read_whole_file(io, path, kTomlBytesMax));
    MORTISE_TRY(load_text(text, path, part.source));
  }
  return {};
}

Status Settings::load_text(std::string_view text, std::string_view file, SettingSource source) {
  MORTISE_TRY_ASSIGN(const TomlValue table, parse_toml(text, file));
  return set_table(table, "", file, source);
}

Status Settings::set_table(const TomlValue& table, const std::string& prefix, std::string_view file,
                           SettingSource source) {
  for (const auto& [key, value] : table.members) {
    const std::string name = prefix + key;
    if (value.kind == TomlValue::Kind::table && prefix.empty()) {
      MORTISE_TRY(set_table(value, name + ".", file, source));
      continue;
    }
    const std::optional<std::string> text = scalar_text(value);
    if (!text) {
      return toml_failure(
          file, value.line,
          std::string("'").append(name).append("' has to be a text, a number or a bool"));
    }
    const std::string where = std::string(file).append(":").append(std::to_string(value.line));
    const Status done = set(name, *text, source, where);
    if (done.is_ok()) continue;
    if (done.code() != Code::not_found || source != SettingSource::system) return done;
    platform::ExclusiveLock lock(mutex_);
    strangers_[name] = *text;
  }
  return {};
}

Status Settings::set(std::string_view name, std::string_view text, SettingSource source,
                     std::string_view where) {
  platform::ExclusiveLock lock(mutex_);
  Result<const Entry*> known = entry_of(name);
  if (!known) return placed(where, known.error());
  Result<SettingValue> value = parse_setting((*known)->spec, text);
  if (!value) return placed(where, value.error());
  Entry& entry = entries_.find(name)->second;
  entry.by_source[static_cast<size_t>(source)] = std::move(*value);
  settle(entry);
  return {};
}

void Settings::seal() {
  platform::ExclusiveLock lock(mutex_);
  sealed_ = true;
}

Result<const Settings::Entry*> Settings::entry_of(std::string_view name) const {
  const auto found = entries_.find(name);
  if (found != entries_.end()) return &found->second;
  std::vector<std::string> names;
  for (const auto& [key, entry] : entries_) names.push_back(key);
  return not_found(std::string("unknown setting '")
                       .append(name)
                       .append("'")
                       .append(did_you_mean(name, std::span<const std::string>(names))));
}

bool Settings::settle(Entry& entry) {
  const std::string before = entry.in_force.text;
  for (size_t i = kSourcesCount; i-- > 0;) {
    if (!entry.by_source[i]) continue;
    entry.in_force = *entry.by_source[i];
    entry.source = static_cast<SettingSource>(i);
    break;
  }
  return entry.in_force.text != before;
}

SettingState Settings::state_of(const Entry& entry) {
  SettingState state{entry.spec, entry.in_force, entry.source, std::nullopt};
  Entry next = entry;
  if (settle(next)) state.pending = next.in_force.text;
  return state;
}

Result<SettingState> Settings::find(std::string_view name) const {
  platform::SharedLock lock(mutex_);
  MORTISE_TRY_ASSIGN(const Entry* entry, entry_of(name));
  return state_of(*entry);
}

Result<SettingValue> Settings::value(std::string_view name) const {
  platform::SharedLock lock(mutex_);
  MORTISE_TRY_ASSIGN(const Entry* entry, entry_of(name));
  return entry->in_force;
}

int64_t Settings::integer(std::string_view name) const {
  const Result<SettingValue> found = value(name);
  MORTISE_ASSERT(found.has_value());
  return found->integer;
}

double Settings::real(std::string_view name) const {
  const Result<SettingValue> found = value(name);
  MORTISE_ASSERT(found.has_value());
  return found->real;
}

std::string Settings::text(std::string_view name) const {
  const Result<SettingValue> found = value(name);
  MORTISE_ASSERT(found.has_value());
  return found->text;
}

Status Settings::check(std::string_view name, std::string_view text) const {
  platform::SharedLock lock(mutex_);
  MORTISE_TRY_ASSIGN(const Entry* entry, entry_of(name));
  return parse_setting(entry->spec, text).status();
}

Status Settings::set_system(std::string_view name, std::string_view text) {
  return change_system(name, text);
}

Status Settings::reset_system(std::string_view name) {
  return change_system(name, std::nullopt);
}

Status Settings::change_system(std::string_view name, std::optional<std::string_view> text) {
  std::vector<std::function<void(const SettingValue&)>> watchers;
  SettingValue in_force;
  {
    // Held across the write: changes are rare, and C3 needs file and value to agree.
    platform::ExclusiveLock lock(mutex_);
    MORTISE_TRY_ASSIGN(const Entry* known, entry_of(name));
    if (io_ == nullptr) {
      return unsupported("settings cannot be kept: there is no data directory");
    }
    std::optional<SettingValue> value;
    if (text) {
      MORTISE_TRY_ASSIGN(value, parse_setting(known->spec, *text));
    }
    const std::string path = std::string(directory_).append("/").append(kSystemFile);
    MORTISE_TRY(platform::replace_whole_file(*io_, path, system_text(name, value)));
    Entry& entry = entries_.find(name)->second;
    entry.by_source[static_cast<size_t>(SettingSource::system)] = std::move(value);
    if (sealed_ && entry.spec.needs_restart) return {};
    if (!settle(entry)) return {};
    in_force = entry.in_force;
    const auto [begin, end] = watchers_.equal_range(name);
    for (auto it = begin; it != end; ++it) watchers.push_back(it->second);
  }
  for (const auto& run : watchers) run(in_force);
  return {};
}

std::string Settings::system_text(std::string_view changed,
                                  const std::optional<SettingValue>& value) const {
  std::map<std::string, std::string> lines = strangers_;
  for (const auto& [name, entry] : entries_) {
    const auto& kept =
        name == changed ? value : entry.by_source[static_cast<size_t>(SettingSource::system)];
    if (kept) lines[name] = kept->text;
  }
  std::string out(
      "# Written by ALTER SYSTEM; changes made by hand while the server runs are lost.\n");
  std::string table;
  const auto part_of = [](const std::string& name) {
    const size_t point = name.find('.');
    return point == std::string::npos ? std::string() : name.substr(0, point);
  };
  // The kernel's first: a TOML key belongs to the table opened last.
  for (const bool kernel : {true, false}) {
    for (const auto& [name, text] : lines) {
      const std::string part = part_of(name);
      if (part.empty() != kernel) continue;
      if (part != table) out.append("\n[").append(part).append("]\n");
      table = part;
      out.append(part.empty() ? name : name.substr(part.size() + 1));
      out.append(" = ").append(toml_quoted(text)).append("\n");
    }
  }
  return out;
}

std::vector<SettingState> Settings::all() const {
  platform::SharedLock lock(mutex_);
  std::vector<SettingState> out;
  for (const bool kernel : {true, false}) {
    for (const auto& [name, entry] : entries_) {
      if ((name.find('.') == std::string::npos) == kernel) out.push_back(state_of(entry));
    }
  }
  return out;
}

void Settings::watch(std::string_view name, std::function<void(const SettingValue&)> run) {
  platform::ExclusiveLock lock(mutex_);
  watchers_.emplace(std::string(name), std::move(run));
}

}  // namespace mortise::config
