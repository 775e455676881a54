// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which window functions are there that are not aggregates?
//
// Their table only says how they are called; execute/window_call.cpp computes them, because they
// look at other rows.
//
// Threads: constants.

#include "mortise/iface/draft/functions.h"

namespace mortise::sql_engine {

extern const mortise_iface_functions_t kWindowFunctions;

// By PostgreSQL's numbers.
enum class WindowFunction : uint32_t {
  row_number = 3100,
  rank = 3101,
  dense_rank = 3102,
  percent_rank = 3103,
  cume_dist = 3104,
  ntile = 3105,
  lag = 3106,
  lag_by = 3107,
  lag_default = 3108,
  lead = 3109,
  lead_by = 3110,
  lead_default = 3111,
  first_value = 3112,
  last_value = 3113,
  nth_value = 3114,
};

}  // namespace mortise::sql_engine
