// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which casts does this folder contribute to the registry?

#include "entry.hpp"

namespace mortise::sql_functions {

extern const CastList kNumberCasts;
extern const CastList kNumericCasts;
extern const CastList kTextCasts;
extern const CastList kTimeCasts;

// The target's modifier, and whether the user wrote the cast, travel to the evaluation in the
// state's pointer; there is nothing to free.
inline mortise_status_t MORTISE_CALL bind_modifier(const mortise_bind_argument_t* arguments,
                                                   uint32_t count, mortise_type_t* result,
                                                   void** state, mortise_error_t*) {
  const bool is_explicit = count > 1 && arguments[1].constant != nullptr &&
                           (*static_cast<const uint8_t*>(arguments[1].constant) & 1) != 0;
  *state = reinterpret_cast<void*>(uint64_t{is_explicit ? 3U : 1U} << 32 |
                                   static_cast<uint32_t>(result->modifier));
  return MORTISE_OK;
}
inline int32_t bound_modifier(const void* state) {
  return state == nullptr ? -1
                          : static_cast<int32_t>(reinterpret_cast<uint64_t>(state) & 0xFFFFFFFF);
}
inline bool is_bound_explicit(const void* state) {
  return (reinterpret_cast<uint64_t>(state) >> 33 & 1) != 0;
}

}  // namespace mortise::sql_functions
