// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is a 128-bit integer called?

namespace mortise {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 Uint128;

}  // namespace mortise
