// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the plugin own while it runs?
//
// Function tables carry no context pointer, so what evaluations share (the host's clock and random
// source, the loaded time zones) hangs on one instance that `start` publishes.
//
// Threads: set by [control & !active]; read by [any, concurrent & active].

#include "datetime/zone.hpp"
#include "mortise/iface/sync.h"

namespace mortise::sql_functions {

struct Instance {
  const mortise_iface_sync_t* sync = nullptr;  // null in unit tests
  ZoneCache zones;
};

// The running instance.  Before `start` (in unit tests) there is one without a host.
Instance& instance();

}  // namespace mortise::sql_functions
