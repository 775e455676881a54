// SPDX-License-Identifier: Apache-2.0
//
// mortised: serves one data directory until it is asked to stop.
//
// SIGTERM and SIGINT stop it in order.  A second one ends it as soon as the log is on disk, a third
// one on the spot; recovery then sorts out the rest.
// The process id stands in mortised.pid in the data directory from when the server answers to when
// it ends.
#include <atomic>
#include <boost/program_options.hpp>
#include <cstdlib>
#include <iostream>

#include "kernel/base/version.hpp"
#include "kernel/observe/log.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/fatal_signal.hpp"
#include "kernel/platform/posix_backend.hpp"
#include "kernel/platform/process.hpp"
#include "kernel/platform/thread.hpp"
#include "kernel/plugin/instance.hpp"
#include "kernel/plugin/layout.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise {
namespace {

namespace po = boost::program_options;

struct CommandLine {
  InstanceOptions instance;
  bool wants_help = false;
  bool wants_version = false;
};

po::options_description described() {
  po::options_description options("usage: mortised -D DIR [options]");
  options.add_options()                                                                   //
      ("directory,D", po::value<std::string>(), "the data directory (or $MORTISE_DATA)")  //
      ("listen", po::value<std::string>(),
       "ADDRESS:PORT for PostgreSQL clients; [ADDRESS]:PORT for IPv6")  //
      ("set", po::value<std::string>()->default_value("default"),
       "plugins to run: the name of a set, or a file")  //
      ("config,c", po::value<std::vector<std::string>>()->composing(),
       "NAME=VALUE, a setting for this run")  //
      ("help,h", "this text")                 //
      ("version,V", "the version");
  return options;
}

Status usage(std::string message) {
  return {Code::invalid, "F0000", std::move(message)};
}

Status read_listen(const std::string& text, InstanceOptions* out) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return usage("--listen wants ADDRESS:PORT, not '" + text + "'");
  }
  std::string address = text.substr(0, colon);
  if (address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  out->settings.emplace_back("front-pgwire.address", address);
  out->settings.emplace_back("front-pgwire.port", text.substr(colon + 1));
  return {};
}

Status read_settings(const std::vector<std::string>& given, InstanceOptions* out) {
  for (const std::string& pair : given) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return usage("-c wants NAME=VALUE, not '" + pair + "'");
    }
    out->settings.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
  }
  return {};
}

Result<CommandLine> read_command_line(int argc, char** argv) {
  CommandLine out;
  po::variables_map values;
  const Status parsed = contain("F0000", [&] {
    po::store(po::command_line_parser(argc, argv).options(described()).positional({}).run(),
              values);
    po::notify(values);
  });
  if (!parsed.is_ok()) return usage(std::string(parsed.message()) + "; see mortised --help");
  out.wants_help = values.contains("help");
  out.wants_version = values.contains("version");
  if (out.wants_help || out.wants_version) return out;
  out.instance.set = values["set"].as<std::string>();
  if (values.contains("directory")) {
    out.instance.directory = values["directory"].as<std::string>();
  } else {
    out.instance.directory = platform::environment("MORTISE_DATA").value_or("");
  }
  if (out.instance.directory.empty()) return usage("which data directory? -D DIR, or MORTISE_DATA");
  if (values.contains("listen")) {
    MORTISE_TRY(read_listen(values["listen"].as<std::string>(), &out.instance));
  }
  if (values.contains("config")) {
    MORTISE_TRY(read_settings(values["config"].as<std::vector<std::string>>(), &out.instance));
  }
  return out;
}

// Ends the process when a second signal comes, whoever keeps the first from being obeyed: a thread
// of its own from the beginning, because in need none might be had.
class Watcher {
 public:
  Status start() {
    MORTISE_TRY_ASSIGN(thread_, platform::Thread::spawn("stop-watcher", [this] { watch(); }));
    return {};
  }
  ~Watcher() {
    if (!thread_.is_joinable()) return;
    is_over_.store(true, std::memory_order_release);
    platform::raise_stop_signal();
    platform::raise_stop_signal();
    thread_.join();
  }
  // From here on there is a log to be saved.
  void guard(Instance& instance) { instance_.store(&instance, std::memory_order_release); }

 private:
  void watch() {
    platform::wait_for_stop_signal(1);
    if (is_over_.load(std::memory_order_acquire)) return;
    std::string_view outcome = "nothing is open yet";
    if (Instance* const instance = instance_.load(std::memory_order_acquire)) {
      outcome = instance->make_durable().is_ok() ? "the log is on disk" : "the log has failed";
    }
    observe::log_event("mortised", observe::LogLevel::warn, "ended_early",
                       {{"state", outcome}, {"next", "recovery at the next start"}});
    std::_Exit(platform::kExitImpatient);
  }

  std::atomic<Instance*> instance_{nullptr};
  std::atomic<bool> is_over_{false};
  platform::Thread thread_;
};

// Serves until a signal comes.
Status serve(platform::IoBackend& io, InstanceOptions options) {
  const uint64_t began_ns = platform::monotonic_ns();
  std::unique_ptr<Instance> instance;
  Watcher watcher;  // ends before the instance does
  MORTISE_TRY(watcher.start());
  MORTISE_TRY_ASSIGN(instance, Instance::open(io, std::move(options)));
  watcher.guard(*instance);
  const std::string pid_file = instance->directory() + "/mortised.pid";
  MORTISE_TRY(
      platform::replace_whole_file(io, pid_file, std::to_string(platform::process_id()) + "\n"));
  const uint64_t took_ms =
      (platform::monotonic_ns() - began_ns) / platform::kNanosecondsPerMillisecond;
  observe::log_event("mortised", observe::LogLevel::info, "ready",
                     {{"version", version()},
                      {"directory", instance->directory()},
                      {"pid", std::to_string(platform::process_id())},
                      {"took_ms", std::to_string(took_ms)}});
  platform::wait_for_stop_signal(0);
  observe::log_event("mortised", observe::LogLevel::info, "stopping");
  MORTISE_TRY(instance->close());
  MORTISE_TRY(io.remove(pid_file));
  observe::log_event("mortised", observe::LogLevel::info, "stopped");
  return {};
}

int run(int argc, char** argv) {
  Result<CommandLine> given = read_command_line(argc, argv);
  if (!given) {
    std::cerr << "mortised: " << to_line(given.error()) << '\n';
    return kExitUsage;
  }
  if (given->wants_help) {
    std::cout << described();
    return 0;
  }
  if (given->wants_version) {
    std::cout << "mortised " << version() << '\n';
    return 0;
  }
  platform::catch_fatal_signals();
  platform::catch_stop_signals();
  platform::raise_descriptor_limit();
  const auto io = platform::make_posix_backend();
  Result<plugin::Folders> folders = plugin::find_folders(*io);
  Status served = folders.status();
  if (served.is_ok()) {
    given->instance.folders = std::move(*folders);
    served = serve(*io, std::move(given->instance));
  }
  if (served.is_ok()) return 0;
  std::cerr << "mortised: " << to_line(served) << '\n';
  return exit_code_of(served);
}

}  // namespace
}  // namespace mortise

int main(int argc, char** argv) {
  return mortise::run(argc, argv);
}
