// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which entry says how a type of any provider is read and written?
//
// The lists of all providers are merged on first use: when this plugin starts, others may not have
// theirs ready.  Of two entries for a type the one of the provider that comes first counts, as it
// does for the engine.
//
// Threads: `KnownTypes` is built by one thread under the instance's mutex; [any, concurrent] after.

#include <unordered_map>

#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_functions {

class KnownTypes {
 public:
  explicit KnownTypes(const Host& host);
  // Null for a type that nobody lists.
  const mortise_type_info_t* find(uint32_t sql_type) const;

 private:
  std::unordered_map<uint32_t, const mortise_type_info_t*> types_;
};

// Entry of a type of any provider.  Without a host (in unit tests), of this plugin.
const mortise_type_info_t* known_type(uint32_t sql_type);
// Entry of the elements of an array type.  0A000 if it is not known.
Result<const mortise_type_info_t*> known_element_type(uint32_t array_type);

}  // namespace mortise::sql_functions
