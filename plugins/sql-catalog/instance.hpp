// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does the plugin own while it runs?
//
// The interfaces it reads from, and the merged lists of all providers of types, functions and
// system relations.  Function and view tables carry no instance, so `start` publishes this one.
//
// Threads: set by [control & !active]; read by [any, concurrent & active].

#include <atomic>
#include <memory>

#include "mortise/cpp/plugin.hpp"
#include "mortise/cpp/sync.hpp"
#include "mortise/iface/activity.h"
#include "mortise/iface/catalog.h"
#include "mortise/iface/draft/functions.h"
#include "mortise/iface/page.h"
#include "mortise/iface/settings.h"
#include "mortise/iface/sync.h"
#include "mortise/iface/txn.h"

namespace mortise::sql_catalog {

class Providers;

// Interfaces of others; null where the comment says so.
struct Services {
  Host host;
  const mortise_iface_catalog_t* catalog = nullptr;
  const mortise_iface_txn_t* txn = nullptr;
  const mortise_iface_settings_t* settings = nullptr;
  const mortise_iface_activity_t* activity = nullptr;
  const mortise_iface_page_t* page = nullptr;  // may be null: sizes are 0 then
  const mortise_iface_sync_t* sync = nullptr;  // may be null in tests
  int64_t started_us = 0;                      // microseconds since 1970
};

class Instance {
 public:
  Instance();
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  Services services;

  // Made on first use: when this plugin starts, others may not have their lists ready.
  const Providers& providers();

 private:
  Mutex mutex_;
  std::atomic<const Providers*> ready_{nullptr};  // released after `providers_` is whole
  std::unique_ptr<const Providers> providers_ MORTISE_GUARDED_BY(mutex_);
};

// The running instance.  [any & active]
Instance& instance();
// Null ends it.  [control]
void publish(Instance* instance);

}  // namespace mortise::sql_catalog
