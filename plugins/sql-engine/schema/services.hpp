// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which of the host's and other plugins' interfaces does the engine use?
//
// Found once when the plugin starts and constant from then on.  Members may be null only where the
// comment says so (and in tests that do not touch them).
//
// Threads: [any] after start.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/activity.h"
#include "mortise/iface/catalog.h"
#include "mortise/iface/draft/dialect.h"
#include "mortise/iface/draft/index.h"
#include "mortise/iface/draft/sysview.h"
#include "mortise/iface/draft/table_engine.h"
#include "mortise/iface/log.h"
#include "mortise/iface/memory.h"
#include "mortise/iface/settings.h"
#include "mortise/iface/simd.h"
#include "mortise/iface/sync.h"
#include "mortise/iface/task.h"
#include "mortise/iface/txn.h"

namespace mortise::sql_engine {

class Registry;       // bind/registry.hpp: functions, operators, casts, types
class RelationCache;  // schema/relation_cache.hpp

struct Services {
  Host host;
  const mortise_iface_txn_t* txn = nullptr;
  const mortise_iface_catalog_t* catalog = nullptr;
  const mortise_iface_memory_t* memory = nullptr;
  const mortise_iface_task_t* task = nullptr;
  const mortise_iface_sync_t* sync = nullptr;
  const mortise_iface_settings_t* settings = nullptr;
  const mortise_iface_log_t* log = nullptr;
  const mortise_iface_activity_t* activity = nullptr;  // may be null
  const mortise_iface_simd_t* simd = nullptr;          // may be null
  std::map<std::string, const mortise_iface_dialect_t*, std::less<>> dialects;
  std::map<std::string, const mortise_iface_table_engine_t*, std::less<>> table_engines;
  std::map<std::string, const mortise_iface_index_t*, std::less<>> index_methods;
  std::map<std::pair<std::string, std::string>, const mortise_sysview_t*> system_views;
  const Registry* registry = nullptr;
  RelationCache* relations = nullptr;

  const mortise_iface_table_engine_t* table_engine(std::string_view name) const {
    const auto found = table_engines.find(name);
    return found == table_engines.end() ? nullptr : found->second;
  }
  const mortise_iface_index_t* index_method(std::string_view name) const {
    const auto found = index_methods.find(name);
    return found == index_methods.end() ? nullptr : found->second;
  }
};

}  // namespace mortise::sql_engine
