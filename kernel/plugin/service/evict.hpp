// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a plugin decide which pages leave the buffer pool?
//
// Threads: as kernel/buffer/eviction.hpp.

#include <memory>

#include "kernel/buffer/eviction.hpp"
#include "mortise/iface/draft/evict.h"

namespace mortise::plugin {

// The pool's face over a plugin's table.  The table outlives the policy.
std::unique_ptr<buffer::EvictionPolicy> make_plugin_policy(const mortise_iface_evict_t* table);

}  // namespace mortise::plugin
