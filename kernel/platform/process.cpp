// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/process.hpp"

#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/platform/parking.hpp"
#include "mortise/cpp/assert.hpp"

namespace mortise::platform {
namespace {

constinit std::atomic<uint32_t> stop_signals{0};
constexpr uint32_t kStopSignalsMax = 3;

// Only what a signal handler may do: an atomic and the bare futex call inside park_wake.  The
// interrupted thread's Scheduler is not asked: signals are not caught under one.
void on_stop_signal(int) {
  const int saved = errno;
  const uint32_t before = stop_signals.fetch_add(1, std::memory_order_release);
  if (before + 1 >= kStopSignalsMax) _exit(kExitImpatient);
  park_wake_all(stop_signals);
  errno = saved;
}

}  // namespace

int32_t process_id() {
  return static_cast<int32_t>(getpid());
}

std::string user_name() {
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 &&
      found != nullptr) {
    return found->pw_name;
  }
  return std::to_string(geteuid());
}

bool is_superuser() {
  return geteuid() == 0;
}

Result<std::string> executable_path() {
  std::array<char, 4096> buffer;
  const ssize_t size = readlink("/proc/self/exe", buffer.data(), buffer.size());
  if (size < 0) return os_error(errno, "read the link", "/proc/self/exe");
  return std::string(buffer.data(), static_cast<size_t>(size));
}

std::string host_name() {
  std::array<char, 256> buffer{};
  if (gethostname(buffer.data(), buffer.size() - 1) != 0) return "localhost";
  return buffer.data();
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return value;
}

std::string temporary_directory() {
  const std::optional<std::string> chosen = environment("TMPDIR");
  return chosen.has_value() && !chosen->empty() ? *chosen : "/tmp";
}

bool is_process_alive(int32_t process_id) {
  if (process_id <= 0) return false;
  return kill(process_id, 0) == 0 || errno == EPERM;
}

Status ask_process_to_stop(int32_t process_id) {
  if (process_id <= 0) return invalid("not a process number: " + std::to_string(process_id));
  if (kill(process_id, SIGTERM) == 0) return {};
  const std::string what = "process " + std::to_string(process_id);
  if (errno == ESRCH) return not_found("no such process: " + std::to_string(process_id));
  return os_error(errno, "stop", what);
}

void raise_descriptor_limit() {
  rlimit allowed{};
  if (getrlimit(RLIMIT_NOFILE, &allowed) != 0) return;
  allowed.rlim_cur = allowed.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &allowed);  // what was allowed before is allowed still
}

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_stop_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  const int term = sigaction(SIGTERM, &action, nullptr);
  MORTISE_ASSERT(term == 0);
  const int interrupt = sigaction(SIGINT, &action, nullptr);
  MORTISE_ASSERT(interrupt == 0);
  action.sa_handler = SIG_IGN;
  const int pipe = sigaction(SIGPIPE, &action, nullptr);
  MORTISE_ASSERT(pipe == 0);
  const int file_size = sigaction(SIGXFSZ, &action, nullptr);
  MORTISE_ASSERT(file_size == 0);
}

uint32_t stop_signal_count() {
  return stop_signals.load(std::memory_order_acquire);
}

uint32_t wait_for_stop_signal(uint32_t seen, uint64_t deadline_ns) {
  while (true) {
    const uint32_t count = stop_signals.load(std::memory_order_acquire);
    if (count > seen) return count;
    if (!park_wait(stop_signals, count, deadline_ns)) return stop_signal_count();
  }
}

void raise_stop_signal() {
  stop_signals.fetch_add(1, std::memory_order_release);
  park_wake_all(stop_signals);
}

Result<TemporaryDirectory> TemporaryDirectory::create(std::string_view prefix) {
  std::string path = temporary_directory() + "/" + std::string(prefix) + "XXXXXX";
  if (mkdtemp(path.data()) == nullptr) return os_error(errno, "create directory", path);
  return TemporaryDirectory(std::move(path));
}

TemporaryDirectory::TemporaryDirectory(TemporaryDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TemporaryDirectory& TemporaryDirectory::operator=(TemporaryDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TemporaryDirectory::~TemporaryDirectory() {
  if (path_.empty()) return;
  std::error_code ignored;  // what cannot be removed is the system's to clean
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mortise::platform
