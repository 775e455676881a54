// SPDX-License-Identifier: Apache-2.0
#include "kernel/plugin/instance.hpp"

#include <algorithm>

#include "kernel/config/kernel_settings.hpp"
#include "kernel/observe/log.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/fatal_signal.hpp"

namespace mortise {

namespace {

using observe::log_event;
using observe::LogLevel;

constexpr std::string_view kScope = "kernel.instance";

std::string path_in(const std::string& directory, std::string_view name) {
  return std::string(directory).append("/").append(name);
}

// What is put into a new directory belongs to nobody else's.
Status check_is_empty(platform::IoBackend& io, const std::string& directory) {
  MORTISE_TRY_ASSIGN(const std::vector<std::string> names, io.list_directory(directory));
  if (names.empty()) return {};
  return duplicate("\"" + directory + "\" is not empty; a data directory begins empty");
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
  return Status(Code::invalid, "58P01",
                "\"" + directory + "\" is no data directory: it has no " +
                    std::string(config::Settings::kOperatorFile));
}

}  // namespace

struct Instance::State {
  State(platform::IoBackend& backend, InstanceOptions given)
      : io(backend), options(std::move(given)) {}

  platform::IoBackend& io;
  const InstanceOptions options;
  std::unique_ptr<platform::FileLock> lock;
  std::unique_ptr<plugin::Runtime> runtime;

  Status report_last_crash();
  Status open_runtime();
  Status start();
};

Instance::Instance(std::unique_ptr<State> state) : state_(std::move(state)) {}

Status Instance::create(platform::IoBackend& io, const InstanceOptions& options) {
  const std::string& directory = options.directory;
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(directory));
  if (exists) {
    MORTISE_TRY(check_is_empty(io, directory));
  } else {
    MORTISE_TRY(io.create_directory(directory));
  }
  MORTISE_TRY_ASSIGN(const plugin::Inventory inventory,
                     plugin::read_inventory(io, options.folders, options.set));
  config::Settings settings;
  MORTISE_TRY(plugin::declare_all_settings(settings, inventory));
  // Last: a directory with a mortise.toml is whole.
  return platform::replace_whole_file(io, path_in(directory, config::Settings::kOperatorFile),
                                      config::settings_template(settings));
}

Result<std::unique_ptr<Instance>> Instance::open(platform::IoBackend& io, InstanceOptions options) {
  MORTISE_TRY(check_is_directory(io, options.directory));
  std::unique_ptr<Instance> instance(new Instance(std::make_unique<State>(io, std::move(options))));
  State& state = *instance->state_;
  const std::string lock_path = path_in(state.options.directory, "lock");
  MORTISE_TRY_ASSIGN(state.lock, io.lock_file(lock_path));
  MORTISE_TRY(state.open_runtime());
  MORTISE_TRY(state.report_last_crash());
  MORTISE_TRY(state.start());
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

Status Instance::State::report_last_crash() {
  const std::string path = path_in(options.directory, "last_crash");
  MORTISE_TRY_ASSIGN(const bool crashed, io.exists(path));
  if (crashed) {
    MORTISE_TRY_ASSIGN(const std::string report, platform::read_whole_file(io, path));
    log_event(kScope, LogLevel::warn, "last_run_crashed",
              {{"report", report.substr(0, report.find('\n'))}, {"file", path}});
    MORTISE_TRY(io.rename(path, path + ".reported"));
  }
  platform::set_crash_report_file(path);
  return {};
}

Status Instance::State::start() {
  for (size_t i = 0; i <= static_cast<size_t>(options.last_phase); ++i) {
    MORTISE_TRY(runtime->start(static_cast<plugin::Phase>(i)));
  }
  return {};
}

Instance::~Instance() {
  platform::set_crash_report_file("");
  state_->runtime.reset();
}

Status Instance::close() {
  for (size_t i = plugin::kPhasesCount; i-- > 0;) {
    state_->runtime->stop(static_cast<plugin::Phase>(i));
  }
  return {};
}

plugin::Runtime& Instance::runtime() {
  return *state_->runtime;
}

const mortise_host_t* Instance::host() {
  return state_->runtime->registry().host();
}

const std::string& Instance::directory() const {
  return state_->options.directory;
}

std::vector<plugin::HostService> database_services() {
  return {};
}

int exit_code_of(const Status& failure) {
  const std::string_view sqlstate = failure.sqlstate();
  if (failure.is_ok()) return 0;
  if (sqlstate == "55006") return kExitInUse;
  if (sqlstate == "42501") return kExitPermission;
  if (sqlstate == "53100") return kExitDiskFull;
  if (sqlstate == "58P01" || sqlstate == "58P02" || failure.code() == Code::corrupt) {
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
