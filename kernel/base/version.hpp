// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which Mortise is this?

#include <string_view>

namespace mortise {

// "0.1.0"
std::string_view version();

}  // namespace mortise
