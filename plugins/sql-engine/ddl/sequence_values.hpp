// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is a sequence's next value?
//
// A sequence's position is the one row of its own small table.  Drawing a value is a transaction of
// its own, so that it is not given back when the drawer rolls back and nobody waits for anybody's
// commit.  It is committed lazily: the log is flushed in order, so a value that a durable
// transaction has used cannot be drawn again after a crash.
//
// A sequence that the drawing transaction has itself made or restarted is not there for others yet;
// its values are drawn inside that transaction.
//
// Threads: the session's; [worker].  Draws on one sequence wait for each other.

#include "ddl/ddl.hpp"

namespace mortise::sql_engine {

// Stores the row of a new sequence: `start`, not yet called.
Status write_first_value(DdlRun& ddl, const Relation& sequence);
Status write_first_value(DdlRun& ddl, const Relation& sequence, int64_t start);

// 2200H past the end of a sequence that does not cycle.
Result<int64_t> next_sequence_value(Session& session, const Relation& sequence);
Status set_sequence_value(Session& session, const Relation& sequence, int64_t value,
                          bool is_called);

// Finds a sequence by id; 42809 for another kind of relation.
Result<RelationPtr> find_sequence(Session& session, mortise_object_id_t id);

}  // namespace mortise::sql_engine
