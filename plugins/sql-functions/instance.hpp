// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the plugin own while it runs?
//
// Function tables carry no context pointer, so what evaluations share (the host's clock and random
// source, the loaded time zones, the types of all providers) hangs on one instance that `start`
// publishes.
//
// Threads: members are set by [control & !active] and read by [any, concurrent & active].

#include <atomic>
#include <memory>

#include "datetime/zone.hpp"
#include "mortise/cpp/sync.hpp"
#include "mortise/iface/sync.h"
#include "types/known_type.hpp"

namespace mortise::sql_functions {

class Instance {
 public:
  const mortise_iface_sync_t* sync = nullptr;  // null in unit tests
  ZoneCache zones;

  // From `start`.
  void use_host(const Host& host) { host_ = host; }
  // From `stop`.
  void forget_host();
  // Of the host that runs the plugin; empty without one.
  std::string_view product_version() const;
  // Null without a host.
  const KnownTypes* known_types();

 private:
  Host host_;
  Mutex mutex_;
  std::atomic<const KnownTypes*> ready_{nullptr};  // released after `known_types_` is whole
  std::unique_ptr<const KnownTypes> known_types_ MORTISE_GUARDED_BY(mutex_);
};

// The running instance.  Before `start` (in unit tests) there is one without a host.
Instance& instance();

}  // namespace mortise::sql_functions
