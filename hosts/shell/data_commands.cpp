// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>

#include "hosts/embed/connection.hpp"
#include "hosts/shell/command_line.hpp"
#include "kernel/config/kernel_settings.hpp"
#include "kernel/observe/log.hpp"
#include "kernel/platform/child.hpp"
#include "kernel/platform/clock.hpp"
#include "kernel/platform/process.hpp"
#include "mortise/cpp/utf8.hpp"
#include "mortise/iface/draft/query.h"

namespace mortise::shell {

namespace {

constexpr uint32_t kPollMs = 20;
// For a server that was told to end to do so.
constexpr uint32_t kEndSeconds = 10;
constexpr size_t kLogTailBytes = 2000;
constexpr size_t kNameBytesMax = 63;

// The process id in a server's pid file, if it is a server that lives.
Result<std::optional<int32_t>> running_server(platform::IoBackend& io,
                                              const std::string& directory) {
  const std::string path = directory + "/mortised.pid";
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(path));
  if (!exists) return std::optional<int32_t>();
  MORTISE_TRY_ASSIGN(const std::string text, platform::read_whole_file(io, path));
  int32_t process = 0;
  std::from_chars(text.data(), text.data() + text.size(), process);
  if (process <= 0 || !platform::is_running(process, "mortised")) return std::optional<int32_t>();
  return std::optional<int32_t>(process);
}

// 58P01 without a data directory, 55006 without a server on it.
Result<int32_t> require_server(platform::IoBackend& io, const std::string& directory) {
  MORTISE_TRY_ASSIGN(const bool exists, io.exists(directory + "/mortise.toml"));
  if (!exists) return Status(Code::not_found, "58P01", "there is no data directory " + directory);
  MORTISE_TRY_ASSIGN(const std::optional<int32_t> running, running_server(io, directory));
  if (!running) return Status(Code::not_found, "55006", "no server runs on " + directory);
  return *running;
}

// What PostgreSQL's initdb would take for its first role, and no name that SQL would cut.
Status check_role_name(const std::string& name) {
  const auto refuse = [&](const char* why) {
    return Status(Code::invalid, "F0000", "the user's name '" + name + "' " + why);
  };
  if (name.empty()) return refuse("is empty");
  if (name.size() > kNameBytesMax) return refuse("is longer than 63 bytes");
  if (!check_utf8(name).is_ok()) return refuse("is not UTF-8");
  if (name.starts_with("pg_")) return refuse("begins with pg_, as names of the system do");
  if (name == "public" || name == "none") return refuse("is a word of SQL's own");
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  return has_control ? refuse("has a control character") : Status();
}

std::string quoted_name(const std::string& name) {
  std::string out("\"");
  for (const char c : name) out.append(c == '"' ? 2 : 1, c);
  return out.append("\"");
}

// Role and database of the user who made the directory, so that a plain psql opens.
Status add_user(Instance& instance, const std::string& user) {
  if (user == "postgres") return {};
  MORTISE_TRY_ASSIGN(const auto session, embed::Session::open(instance.host(), {}));
  MORTISE_TRY(session->execute("create role " + quoted_name(user) + " login superuser"));
  return session->execute("create database " + quoted_name(user) + " owner " + quoted_name(user));
}

std::string tail_of(platform::IoBackend& io, const std::string& path) {
  const Result<std::string> text = platform::read_whole_file(io, path);
  if (!text) return {};
  return text->size() <= kLogTailBytes ? *text : text->substr(text->size() - kLogTailBytes);
}

// Until `is_done` answers true or the time is up; then false.
template <typename IsDone>
Result<bool> wait_for(uint32_t seconds, IsDone&& is_done) {
  const uint64_t deadline = platform::deadline_after_ns(seconds * platform::kNanosecondsPerSecond);
  for (;;) {
    MORTISE_TRY_ASSIGN(const bool done, is_done());
    if (done) return true;
    if (platform::monotonic_ns() >= deadline) return false;
    platform::sleep_ms(kPollMs);
  }
}

}  // namespace

Status run_init(const Program& program, const Given& given) {
  InstanceOptions options = instance_options(program, given);
  options.settings.emplace_back("log_level", "warn");
  const std::string user = given.user.empty() ? platform::user_name() : given.user;
  MORTISE_TRY(check_role_name(user));
  bool has_engine = false;
  const auto prepare = [&](Instance& instance) {
    has_engine = instance.runtime().registry().find(MORTISE_IFACE_QUERY, "") != nullptr;
    return has_engine ? add_user(instance, user) : Status();
  };
  MORTISE_TRY_ASSIGN(const std::unique_ptr<Instance> instance,
                     Instance::create(program.io, std::move(options), prepare));
  MORTISE_TRY(instance->close());
  std::cout << "The data directory " << given.directory << " is ready";
  if (has_engine) std::cout << "; superusers: postgres" << (user == "postgres" ? "" : ", " + user);
  std::cout << ".\nTo serve it:  mortise start -D " << given.directory << '\n';
  return {};
}

Status run_start(const Program& program, const Given& given) {
  MORTISE_TRY_ASSIGN(const std::optional<int32_t> running,
                     running_server(program.io, given.directory));
  if (running) {
    return busy("a server runs on " + given.directory + " already, as process " +
                std::to_string(*running));
  }
  const std::string server = platform::directory_of(program.own_path) + "/mortised";
  const std::string log = given.log.empty() ? given.directory + "/server.log" : given.log;
  std::vector<std::string> arguments = {"-D", given.directory, "--set", given.set};
  if (!given.listen.empty()) arguments.insert(arguments.end(), {"--listen", given.listen});
  for (const auto& [name, value] : given.settings) {
    arguments.insert(arguments.end(), {"-c", name + "=" + value});
  }
  MORTISE_TRY_ASSIGN(const int32_t child, platform::start_detached(server, arguments, log));
  std::optional<int> ended;
  MORTISE_TRY_ASSIGN(const bool ready, wait_for(given.wait_seconds, [&]() -> Result<bool> {
                       ended = platform::exit_code_of(child);
                       if (ended) return true;
                       MORTISE_TRY_ASSIGN(const std::optional<int32_t> now,
                                          running_server(program.io, given.directory));
                       return now == child;
                     }));
  if (ended) {
    std::cerr << tail_of(program.io, log);
    return {Code::internal, *ended == kExitInUse ? "55006" : "58000",
            "the server ended with exit code " + std::to_string(*ended) + "; its log is " + log};
  }
  if (!ready) {
    return {Code::busy, "57P03", "the server is not ready yet; it goes on, and its log is " + log};
  }
  std::cout << "The server runs as process " << child << "; its log is " << log << ".\n";
  return {};
}

Status run_stop(const Program& program, const Given& given) {
  MORTISE_TRY_ASSIGN(const int32_t running, require_server(program.io, given.directory));
  // The first signal asks; the next one ends the server when its log is on disk, the third one as
  // it is.  See hosts/server/main.cpp.
  const uint32_t kSecondsToWait[] = {given.wait_seconds, kEndSeconds, kEndSeconds};
  bool is_early = false;
  for (const uint32_t seconds : kSecondsToWait) {
    const Status asked = platform::ask_process_to_stop(running);
    if (!asked.is_ok() && asked.code() != Code::not_found) return asked;
    MORTISE_TRY_ASSIGN(const bool stopped, wait_for(seconds, [&]() -> Result<bool> {
                         return !platform::is_running(running, "mortised");
                       }));
    if (stopped) {
      std::cout << (is_early ? "The server did not stop in time and was ended; what was committed "
                               "is safe, and the next start recovers it.\n"
                             : "The server has stopped.\n");
      return {};
    }
    is_early = true;
  }
  return {Code::busy, "57P03", "the server, process " + std::to_string(running) + ", does not end"};
}

Status run_status(const Program& program, const Given& given) {
  MORTISE_TRY_ASSIGN(const int32_t running, require_server(program.io, given.directory));
  std::cout << "A server runs on " << given.directory << " as process " << running << ".\n";
  return {};
}

Status run_settings(const Program& program, const Given& given) {
  MORTISE_TRY_ASSIGN(const plugin::Inventory inventory,
                     plugin::read_inventory(program.io, program.folders, ""));
  config::Settings settings;
  MORTISE_TRY(plugin::declare_all_settings(settings, inventory));
  if (given.markdown) {
    std::cout << config::settings_page(settings);
    return {};
  }
  if (given.as_template) {
    std::cout << config::settings_template(settings);
    return {};
  }
  if (!given.directory.empty()) MORTISE_TRY(settings.load(program.io, given.directory));
  if (given.words.empty()) {
    for (const config::SettingState& s : settings.all()) {
      std::cout << s.spec.name << " = " << s.value.text << "  (" << name_of(s.source) << ")\n";
    }
    return {};
  }
  for (const std::string& name : given.words) {
    MORTISE_TRY_ASSIGN(const config::SettingState s, settings.find(name));
    const std::string range = range_of(s.spec);
    std::cout << s.spec.name << " = " << s.value.text << '\n'
              << "  " << s.spec.help << '\n'
              << "  type " << name_of(s.spec.type) << (range.empty() ? "" : ", " + range)
              << "; default " << s.spec.default_text << "; from " << name_of(s.source) << "; "
              << (s.spec.needs_restart ? "changes at the next start" : "changes at once") << '\n';
  }
  return {};
}

}  // namespace mortise::shell
