// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a message about a lock mean to a user?
//
// The kernel knows tables by their ids and rows by segment and place; a user knows names.
//
// Threads: the session's; [worker].

#include "schema/catalog.hpp"
#include "schema/services.hpp"

namespace mortise::sql_engine {

// A failed wait (55P03, 40P01) with names in its texts; anything else as it is.
Status with_lock_names(const Services& services, Status status);
// "table 16390" -> "table \"t\"", "row 5:3 of segment 12" -> "a row of table \"t\"".
std::string named_locks(const std::vector<Stored<schema::RelationDef>>& relations,
                        std::string_view text);

}  // namespace mortise::sql_engine
