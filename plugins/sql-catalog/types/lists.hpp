// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which types does this plugin contribute?
//
// The object-identifier types, whose names need the catalog, and types of catalog columns that
// nobody else provides, which stand as their text.
//
// Threads: constants.

#include <span>

#include "mortise/iface/draft/type.h"

namespace mortise::sql_catalog {

using TypeList = std::span<const mortise_type_info_t>;

extern const mortise_iface_type_t kTypeTable;

}  // namespace mortise::sql_catalog
