// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which number does a name have, as a value of regclass, regtype and their kin, and which
// name a number?
//
// The text forms of the reg types; to_regclass and its kin use the same functions.  A number as
// text, and "-" for 0, are accepted everywhere.
//
// Threads: one per Objects; [worker].

#include <optional>
#include <string>
#include <string_view>

#include "catalog/objects.hpp"

namespace mortise::sql_catalog {

// Nothing if there is no such object; a failure if the text is no name, or names several.
Result<std::optional<uint32_t>> find_named(Objects& objects, uint32_t reg_type,
                                           std::string_view text);
// The same, but not finding is a failure with PostgreSQL's code and wording.
Result<uint32_t> resolve_named(Objects& objects, uint32_t reg_type, std::string_view text);

// The name, qualified where needed; the number itself if there is no such object.
Result<std::string> name_of_object(Objects& objects, uint32_t reg_type, uint32_t oid);

// A type by its name in SQL, with schema, modifier and [] where they stand; 0 if there is none.
Result<uint32_t> find_type_named(Objects& objects, std::string_view text);

}  // namespace mortise::sql_catalog
