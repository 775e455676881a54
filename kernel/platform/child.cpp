// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "kernel/platform/clock.hpp"
#include "kernel/platform/os_error.hpp"
#include "kernel/platform/thread.hpp"

extern char** environ;

namespace mortise::platform {

Result<int32_t> start_detached(const std::string& program,
                               const std::vector<std::string>& arguments, const std::string& log) {
  std::vector<char*> argv;
  argv.push_back(const_cast<char*>(program.c_str()));
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&files, 1, 2);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t child = 0;
  const int error = posix_spawn(&child, program.c_str(), &files, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return os_error(error, "start", program);
  return static_cast<int32_t>(child);
}

std::optional<int> exit_code_of(int32_t process) {
  int status = 0;
  const pid_t ended = waitpid(process, &status, WNOHANG);
  if (ended == 0) return std::nullopt;
  if (ended < 0) return 1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_running(int32_t process, std::string_view program) {
  // "123 (mortised) S 1 ...": the name may hold anything but is the last in parentheses.
  const std::string path = "/proc/" + std::to_string(process) + "/stat";
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  std::array<char, 512> buffer;
  const ssize_t size = read(file, buffer.data(), buffer.size());
  close(file);
  const std::string_view text(buffer.data(), size > 0 ? static_cast<size_t>(size) : 0);
  const size_t begin = text.find('(');
  const size_t end = text.rfind(')');
  if (begin == std::string_view::npos || end == std::string_view::npos || end + 2 >= text.size()) {
    return false;
  }
  const char state = text[end + 2];
  return text.substr(begin + 1, end - begin - 1) == program.substr(0, 15) && state != 'Z' &&
         state != 'X';
}

bool is_interactive() {
  return isatty(STDIN_FILENO) == 1;
}

void sleep_ms(uint32_t milliseconds) {
  this_thread::sleep_until(deadline_after_ns(milliseconds * kNanosecondsPerMillisecond));
}

}  // namespace mortise::platform
