// SPDX-License-Identifier: Apache-2.0
#include "kernel/platform/os_error.hpp"

#include <cerrno>
#include <system_error>

namespace mortise::platform {

std::string errno_text(int error) {
  return std::generic_category().message(error);
}

Status os_error(int error, std::string_view verb, std::string_view path) {
  std::string message = "could not ";
  message.append(verb).append(" \"").append(path).append("\": ").append(errno_text(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:  // a limit of the process; SIGXFSZ is ignored
      return {Code::io, "53100", std::move(message)};
    case EACCES:
    case EPERM:
    case EROFS:
      return {Code::io, "42501", std::move(message)};
    case ENOENT:
      return {Code::not_found, "58P01", std::move(message)};
    case EEXIST:
      return {Code::duplicate, "58P02", std::move(message)};
    case ENOTEMPTY:
    case EBUSY:
      return {Code::busy, "55006", std::move(message)};
    case ENOMEM:
      return {Code::no_memory, "53200", std::move(message)};
    case EMFILE:
    case ENFILE:
    case EAGAIN:
      return {Code::limit, "53000", std::move(message)};
    default:
      return {Code::io, "58030", std::move(message)};
  }
}

}  // namespace mortise::platform
