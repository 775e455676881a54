// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/trust.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "kernel/platform/io.hpp"
#include "kernel/platform/os_error.hpp"

namespace mortise::platform {
namespace {

Status check_one(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return os_error(errno, "examine", path);
  struct stat program {};
  const bool has_program = stat("/proc/self/exe", &program) == 0;
  const bool is_ours = facts.st_uid == 0 || facts.st_uid == geteuid() ||
                       (has_program && facts.st_uid == program.st_uid);
  if (!is_ours) {
    return invalid("\"" + path + "\" belongs to user " + std::to_string(facts.st_uid) +
                   ", who is neither root nor the user of this server");
  }
  if ((facts.st_mode & S_IWOTH) != 0) return invalid("everybody may write \"" + path + "\"");
  const bool is_our_group = facts.st_gid == 0 || facts.st_gid == getegid() ||
                            (has_program && facts.st_gid == program.st_gid);
  if ((facts.st_mode & S_IWGRP) != 0 && !is_our_group) {
    return invalid("the group " + std::to_string(facts.st_gid) + " may write \"" + path + "\"");
  }
  return {};
}

}  // namespace

Status check_only_ours(const std::string& path) {
  MORTISE_TRY(check_one(path));
  return check_one(directory_of(path));
}

}  // namespace mortise::platform
