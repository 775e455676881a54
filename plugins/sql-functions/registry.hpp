// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the plugin offer, all in all?
//
// The tables of all files, one after the other, in the form that the interfaces want.
//
// Invariant
//   G1  Once built, the lists do not change and live as long as the process.
//
// Threads: [any, concurrent].

#include <vector>

#include "entry.hpp"
#include "types/conversion.hpp"

namespace mortise::sql_functions {

struct Registry {
  std::vector<mortise_function_t> functions;
  std::vector<mortise_cast_t> casts;
  std::vector<mortise_type_info_t> types;
};

const Registry& registry();

}  // namespace mortise::sql_functions
