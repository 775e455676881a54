// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what did the operator ask for, and who said so?
//
// Kernel and plugins declare settings; values come from five sources, of which a later one wins:
//
//   default < mortise.toml < operator manifest < ALTER SYSTEM (system.toml) < command line
//
// Both files stand in the data directory.  mortise.toml is the operator's and never written;
// system.toml is the server's, rewritten as a whole and put in place in one step.
//
// Invariants
//   C1  Every value in force satisfies its specification.
//   C2  A key in mortise.toml that nobody declared is refused with file, line and nearest key.  In
//       system.toml it is kept: its plugin may come back.
//   C3  set_system has written the file before the value is in force; where it cannot, nothing
//       has changed.
//   C4  A setting that needs a restart keeps its value in force until then; `pending` shows the
//       next one.
//
// Threads: declare, load and set_command_line are [control]; everything else [any, concurrent].

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/config/setting.hpp"
#include "kernel/config/toml.hpp"
#include "kernel/platform/io.hpp"
#include "kernel/platform/mutex.hpp"

namespace mortise::config {

enum class SettingSource : uint8_t { standard, file, manifest, system, command_line };
inline constexpr size_t kSourcesCount = 5;

// "default" "file" "manifest" "system" "command line"
std::string_view name_of(SettingSource source);

// One setting as it is now; a copy.
struct SettingState {
  SettingSpec spec;
  SettingValue value;  // in force
  SettingSource source = SettingSource::standard;
  std::optional<std::string> pending;  // in force after a restart
};

class Settings {
 public:
  static constexpr std::string_view kOperatorFile = "mortise.toml";
  static constexpr std::string_view kSystemFile = "system.toml";

  Settings() = default;
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  // `duplicate` for a name in use, `invalid` for a specification that contradicts itself.
  Status declare(SettingSpec spec);
  // Reads `mortise.toml` and `system.toml` in `directory`; missing files are no failure.
  // `directory` is remembered for set_system.  After all declarations.
  Status load(platform::IoBackend& io, const std::string& directory);
  // A table of values: top-level keys are the kernel's, a table "front-pgwire" that plugin's.
  Status load_text(std::string_view text, std::string_view file, SettingSource source);
  // One value from an operator manifest or the command line.  `where` opens the message
  // ("x.toml:3").
  Status set(std::string_view name, std::string_view text, SettingSource source,
             std::string_view where = {});
  // Ends start-up: from here on settings that need a restart stay as they are (C4).
  void seal();

  // `not_found` 42704 with the nearest name.
  Result<SettingState> find(std::string_view name) const;
  Result<SettingValue> value(std::string_view name) const;
  // For names that the caller declared.  Precondition: declared, of that type.
  int64_t integer(std::string_view name) const;
  bool boolean(std::string_view name) const { return integer(name) != 0; }
  double real(std::string_view name) const;
  std::string text(std::string_view name) const;

  Status check(std::string_view name, std::string_view text) const;
  // ALTER SYSTEM SET; C3, C4.  `unsupported` without a directory.
  Status set_system(std::string_view name, std::string_view text);
  // ALTER SYSTEM RESET: takes the value out of system.toml.
  Status reset_system(std::string_view name);

  // In the order of names: the kernel's (without a point) first.
  std::vector<SettingState> all() const;
  // `run` is called after the value in force changed, on the thread that changed it, under no lock.
  // Watchers live as long as the settings.
  void watch(std::string_view name, std::function<void(const SettingValue&)> run);

 private:
  struct Entry {
    SettingSpec spec;
    std::array<std::optional<SettingValue>, kSourcesCount> by_source;
    SettingValue in_force;
    SettingSource source = SettingSource::standard;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  Result<const Entry*> entry_of(std::string_view name) const MORTISE_REQUIRES_SHARED(mutex_);
  Status set_table(const TomlValue& table, const std::string& prefix, std::string_view file,
                   SettingSource source);
  Status change_system(std::string_view name, std::optional<std::string_view> text);
  std::string system_text(std::string_view changed, const std::optional<SettingValue>& value) const
      MORTISE_REQUIRES_SHARED(mutex_);
  // Puts the strongest source in force; false when it was already.
  static bool settle(Entry& entry);
  static SettingState state_of(const Entry& entry);

  mutable platform::SharedMutex mutex_{platform::LockRank::settings};
  Entries entries_ MORTISE_GUARDED_BY(mutex_);
  // Lines of system.toml that nobody declared: name, text.
  std::map<std::string, std::string> strangers_ MORTISE_GUARDED_BY(mutex_);
  bool sealed_ MORTISE_GUARDED_BY(mutex_) = false;

  std::multimap<std::string, std::function<void(const SettingValue&)>, std::less<>> watchers_
      MORTISE_GUARDED_BY(mutex_);
  platform::IoBackend* io_ = nullptr;  // constant after load
  std::string directory_;
};

}  // namespace mortise::config
