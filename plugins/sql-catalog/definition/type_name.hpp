// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how is a type written in SQL?
//
// Threads: pure functions over constants; [any].

#include <cstdint>
#include <optional>
#include <string>

#include "catalog/providers.hpp"

namespace mortise::sql_catalog {

// "character varying(20)", "integer[]"; "-" for 0 and "???" for an unknown type.  Without a
// modifier the type alone is meant, which shows for character: character(1) is not bpchar.
std::string format_type(const Providers& providers, uint32_t oid, std::optional<int32_t> modifier);

}  // namespace mortise::sql_catalog
