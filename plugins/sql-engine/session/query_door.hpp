// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which table does the engine offer as mortise.query/1?
//
// Threads: constant; `use_services` is called by start and stop.

#include "mortise/iface/draft/query.h"
#include "schema/services.hpp"

namespace mortise::sql_engine {

extern const mortise_iface_query_t kQuery;

// The services that sessions are opened with; null after stop.
void use_services(const Services* services);

}  // namespace mortise::sql_engine
