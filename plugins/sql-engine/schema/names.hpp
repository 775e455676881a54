// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which relation does a name mean, for this session and transaction?
//
// The binder's only door to the catalog, so that it can be tested without one.
//
// Threads: one session's current thread.

#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/sysview.h"
#include "schema/relation.hpp"

namespace mortise::sql_engine {

class Names {
 public:
  virtual ~Names() = default;

  // At most one of the two is set.
  struct Found {
    RelationPtr relation;
    const mortise_sysview_t* view = nullptr;
    explicit operator bool() const { return relation != nullptr || view != nullptr; }
  };

  // `schema` empty: along the search path, pg_catalog first.  Not finding is an answer; failures
  // are those of reading the catalog.
  virtual Result<Found> find_relation(std::string_view schema, std::string_view name) = 0;
  virtual Result<bool> has_schema(std::string_view name) = 0;
  virtual std::string_view database() const = 0;
};

}  // namespace mortise::sql_engine
