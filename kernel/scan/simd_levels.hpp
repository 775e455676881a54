// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the tables of the levels come from?  (Between the simd_*.cpp files only.)
//
// Threads: pure functions; vector_table is called under the initialisation of a static.

#include <cstdint>

#include "kernel/scan/simd.hpp"

namespace mortise::scan {

// iface/simd.h, V1.
inline constexpr uint32_t kFloatLanes = 16;

// The tree of V1; destroys `lanes`.  A NaN becomes the canonical one.
double add_lanes(double* lanes);

const SimdTable& scalar_table();
// Null when processor or system lack the level.  `level` is not scalar.
const SimdTable* vector_table(SimdLevel level);

}  // namespace mortise::scan
