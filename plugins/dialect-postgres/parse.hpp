// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: is this text PostgreSQL's SQL, and what does it say?
//
// libpg_query reads the text with PostgreSQL 15's own scanner and grammar and hands the raw parse
// tree out as JSON; simdjson reads that; Reader says it again in the words of mortise/syntax.h.
// README.md has the measurements behind the JSON route.
//
// Threads: [any, concurrent]; libpg_query keeps its state per thread.

#include <cstdint>
#include <string_view>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/sync.h"
#include "mortise/syntax.h"

namespace mortise::dialect_postgres {

// Builds the trees of all statements.  42601 with a position, 0A000, 22021 for a text that is not
// UTF-8, 54001 for one that nests too deeply.  `sync` lends a thread with a large stack for deep
// texts; without it (null) they are refused sooner.
Status parse(std::string_view text, const mortise_syntax_builder_t& builder,
             const mortise_iface_sync_t* sync);

// Equal for statements that differ in constants and white space only.
Result<uint64_t> fingerprint(std::string_view text);

}  // namespace mortise::dialect_postgres
