// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which plugin knows how values of a type are written?
//
// The types of all providers of mortise.type/1, by their number.
//
// Threads: built in start, then read only: [any, concurrent].

#include <unordered_map>

#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::front_pgwire {

class Types {
 public:
  explicit Types(const Host& host) {
    host.each<mortise_iface_type_t>(
        MORTISE_IFACE_TYPE, [this](std::string_view, const mortise_iface_type_t* table) {
          const auto* at = reinterpret_cast<const uint8_t*>(table->types);
          for (uint32_t i = 0; i < table->types_count; ++i, at += table->type_stride_bytes) {
            const auto* info = reinterpret_cast<const mortise_type_info_t*>(at);
            by_number_.emplace(info->sql_type, info);
          }
        });
  }

  // Finds the type, or nullptr.
  const mortise_type_info_t* find(uint32_t sql_type) const {
    const auto found = by_number_.find(sql_type);
    return found == by_number_.end() ? nullptr : found->second;
  }

 private:
  std::unordered_map<uint32_t, const mortise_type_info_t*> by_number_;
};

}  // namespace mortise::front_pgwire
