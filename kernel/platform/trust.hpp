// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: could somebody else have put this file here?
//
// Threads: [any, concurrent]

#include <string>

#include "mortise/cpp/result.hpp"

namespace mortise::platform {

// Ok when the file and the folder it stands in belong to root, to the user who runs this process or
// to the owner of this process's program, and nobody but the owner and the owner's group may write
// them, the group only where it is root's or the process's own.  `invalid` names what is open to
// whom.
Status check_only_ours(const std::string& path);

}  // namespace mortise::platform
