// SPDX-License-Identifier: Apache-2.0
#include "kernel/config/kernel_settings.hpp"

namespace mortise::config {

namespace {

SettingSpec spec_of(SettingType type, const char* name, const char* standard, const char* minimum,
                    const char* maximum, const char* help, bool needs_restart) {
  SettingSpec spec;
  spec.name = name;
  spec.type = type;
  spec.default_text = standard;
  spec.minimum = minimum;
  spec.maximum = maximum;
  spec.help = help;
  spec.needs_restart = needs_restart;
  return spec;
}

SettingSpec choice_of(const char* name, std::vector<std::string> choices, const char* help,
                      bool needs_restart) {
  SettingSpec spec = spec_of(SettingType::choice, name, "", "", "", help, needs_restart);
  spec.default_text = choices.front();
  spec.choices = std::move(choices);
  return spec;
}

SettingSpec session(SettingSpec spec) {
  spec.is_session_scoped = true;
  return spec;
}

std::vector<SettingSpec> memory_and_storage() {
  using enum SettingType;
  return {
      spec_of(bytes, "memory_budget", "0B", "0B", "64TiB",
              "Memory that the whole server may use; 0B = 80 % of the machine's or container's.",
              true),
      spec_of(bytes, "buffer_pool_size", "128MiB", "1MiB", "64TiB",
              "Memory for pages of the spaces.", true),
      spec_of(
          text, "eviction_policy", "clock", "", "",
          "Which plugin's policy decides what leaves the pool (a slot of mortise.evict/1); empty "
          "= the built-in clock.",
          true),
      spec_of(text, "large_value_codec", "lz4", "", "",
              "What compresses values that are too large for their rows (a slot of "
              "mortise.codec/1); empty = nothing. Stored values name their codec themselves.",
              true),
      choice_of("io_backend", {"auto", "io_uring", "threads"},
                "How pages are read and written: io_uring where the system allows it, or threads.",
                true),
      spec_of(bytes, "recovery_log_size", "1GiB", "64MiB", "1TiB",
              "How much log a recovery after a crash may have to read; checkpoints keep it below.",
              true),
      spec_of(integer, "redo_threads", "2", "0", "64", "Threads that redo the log after a crash.",
              true),
  };
}

std::vector<SettingSpec> transactions() {
  using enum SettingType;
  return {
      session(spec_of(duration, "lock_timeout", "30s", "1ms", "24d",
                      "How long a statement waits for a lock before it fails with 55P03.", true)),
      spec_of(duration, "undo_retention", "15min", "0ms", "365d",
              "How long old row versions are kept for AS OF after nobody needs them.", true),
      spec_of(bytes, "undo_size", "1GiB", "16MiB", "64TiB",
              "Most space that kept old row versions may take.", true),
  };
}

std::vector<SettingSpec> threads_and_network() {
  using enum SettingType;
  return {
      spec_of(integer, "worker_threads", "0", "0", "1024",
              "Threads that compute; 0 = one per processor.", true),
      spec_of(integer, "blocking_threads", "256", "1", "65536",
              "Most threads that may wait for locks, disks and clients at a time.", true),
      spec_of(integer, "network_loops", "0", "0", "256",
              "Event loops for connections; 0 = one per processor, at most 8.", true),
      spec_of(integer, "connections_max", "10000", "1", "1000000",
              "Most client connections at a time.", true),
      spec_of(bytes, "activity_statement_size", "1KiB", "64B", "1MiB",
              "How much of a running statement's text sys.activity shows.", true),
  };
}

std::vector<SettingSpec> logging() {
  using enum SettingType;
  SettingSpec level = choice_of("log_level", {"trace", "debug", "info", "warn", "error"},
                                "Lines below this level are not written.", false);
  level.default_text = "info";
  return {
      std::move(level),
      spec_of(text, "log_levels", "", "", "",
              "Levels of single scopes: \"front-pgwire=debug,kernel.plugin=trace\".", false),
      choice_of("log_format", {"text", "json"}, "How a log line is written.", false),
      spec_of(text, "log_file", "", "", "",
              "File that log lines are added to, below the data directory unless absolute; empty = "
              "standard error.",
              true),
  };
}

void append_row(std::string& out, const SettingState& s) {
  std::string standard = s.spec.default_text;
  if (standard.empty()) standard = "\"\"";
  out.append("| `").append(s.spec.name).append("` | ").append(name_of(s.spec.type));
  out.append(" | `").append(standard).append("` | ").append(range_of(s.spec));
  if (!s.spec.unit.empty()) out.append(" ").append(s.spec.unit);
  out.append(" | ").append(s.spec.needs_restart ? "restart" : "at once");
  out.append(" | ").append(s.spec.is_session_scoped ? "session" : "instance");
  out.append(" | ").append(s.spec.help).append(" |\n");
}

std::string part_of(const SettingState& s) {
  const size_t point = s.spec.name.find('.');
  return point == std::string::npos ? std::string() : s.spec.name.substr(0, point);
}

}  // namespace

const std::vector<SettingSpec>& kernel_settings() {
  static const std::vector<SettingSpec> specs = [] {
    std::vector<SettingSpec> all;
    for (auto part : {memory_and_storage(), transactions(), threads_and_network(), logging()}) {
      all.insert(all.end(), part.begin(), part.end());
    }
    return all;
  }();
  return specs;
}

Status declare_kernel_settings(Settings& settings) {
  for (const SettingSpec& spec : kernel_settings()) MORTISE_TRY(settings.declare(spec));
  return {};
}

std::string settings_page(const Settings& settings) {
  std::string out(
      "# Settings\n\n"
      "Written by `mortise settings --markdown`.\n\n"
      "A value comes from the first of these that names it: the command line (`mortised -c "
      "name=value`),\n"
      "`ALTER SYSTEM` (kept in `system.toml` in the data directory), the plugin's operator "
      "manifest,\n"
      "`mortise.toml` in the data directory, the default. Sizes take B, KiB, MiB, GiB, TiB (kB, "
      "MB, GB and\n"
      "TB mean the same powers of 1024); durations ms, s, min, h, d.\n");
  std::string part = "-";
  for (const SettingState& s : settings.all()) {
    if (part_of(s) != part) {
      part = part_of(s);
      out.append("\n## ").append(part.empty() ? "kernel" : part).append("\n\n");
      out.append("| name | type | default | range | changes | scope | meaning |\n");
      out.append("|---|---|---|---|---|---|---|\n");
    }
    append_row(out, s);
  }
  return out;
}

std::string settings_template(const Settings& settings) {
  std::string out(
      "# Settings of this data directory.  Lines with a # show the defaults.\n"
      "# `mortise settings` explains each of them.\n");
  std::string part;
  for (const SettingState& s : settings.all()) {
    if (part_of(s) != part) {
      part = part_of(s);
      out.append("\n[").append(part).append("]\n");
    }
    const std::string name = part.empty() ? s.spec.name : s.spec.name.substr(part.size() + 1);
    const bool quoted = s.spec.type != SettingType::boolean &&
                        s.spec.type != SettingType::integer && s.spec.type != SettingType::real;
    out.append("# ").append(name).append(" = ");
    out.append(quoted ? toml_quoted(s.spec.default_text) : s.spec.default_text).append("\n");
  }
  return out;
}

}  // namespace mortise::config
