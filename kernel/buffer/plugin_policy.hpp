// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a plugin of mortise.evict/1 become the pool's policy?
//
// Invariants
//   E3  What a plugin answers is bounded here: a count beyond the capacity is cut, and frame
//       numbers are the pool's to check.
//
// Threads: [control] to make; then as EvictionPolicy.

#include <memory>

#include "kernel/buffer/eviction.hpp"
#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/evict.h"

namespace mortise::buffer {

// `table` lives as long as the policy.  `unsupported` when it lacks a function.
Result<std::unique_ptr<EvictionPolicy>> make_plugin_policy(const mortise_iface_evict_t* table);

}  // namespace mortise::buffer
