// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what has to be changed in the newer body of a row to get the older one?
//
//   old_bytes u16, runs u16, then per run: offset u16 (in the newer body), new_bytes u16 (to leave
//   out there), old_bytes u16 (to put in their place), the old bytes
//
// Undo keeps this difference and not the whole row; it is bytes against bytes, so that taking a
// change back needs no table definition.  (InnoDB and the design's sketch keep changed columns; the
// difference for a changed column is the same bytes and a six-byte frame.)
//
// Invariants
//   P1  apply(newer, diff(older, newer)) == older, for all bodies.
//   P2  apply() of a damaged patch answers `corrupt` and reads nothing outside its arguments.
//
// Threads: pure functions.

#include <cstddef>
#include <span>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::heap {

std::vector<std::byte> make_patch(std::span<const std::byte> older,
                                  std::span<const std::byte> newer);
Status apply_patch(std::span<const std::byte> newer, std::span<const std::byte> patch,
                   std::vector<std::byte>& older);

}  // namespace mortise::heap
