// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a test script reach a database inside this process?
//
// Through libmortise, as any program would that keeps its data in a directory of its own.
//
// Threads: as transport.hpp.

#include <string>

#include "transport.hpp"

namespace mortise::sqltest {

// Opens the directory, which is made when it is not there.  `io` when libmortise refuses.
Result<std::unique_ptr<Transport>> embedded_transport(const std::string& directory);

}  // namespace mortise::sqltest
