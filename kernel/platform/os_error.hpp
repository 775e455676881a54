// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does an errno become a Status?
//
// ENOSPC, EDQUOT, EFBIG -> 53100; EACCES, EPERM, EROFS -> 42501; ENOENT -> not_found 58P01;
// EEXIST -> duplicate 58P02; ENOMEM -> no_memory 53200; EMFILE, ENFILE -> limit 53000; all else
// io 58030.
//
// Threads: pure functions.

#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"

namespace mortise::platform {

// "No space left on device"
std::string errno_text(int error);

// os_error(ENOSPC, "write", "/data/x") ->
//   io 53100: could not write "/data/x": No space left on device
Status os_error(int error, std::string_view verb, std::string_view path);

}  // namespace mortise::platform
