// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does information_schema describe a data type?
//
// The rules of the functions _pg_char_max_length, _pg_numeric_precision and their kin.
//
// Threads: pure functions; [any].

#include <optional>
#include <string>
#include <string_view>

#include "catalog/providers.hpp"

namespace mortise::sql_catalog {

struct StandardType {
  std::string data_type;  // "character varying", "ARRAY"
  std::string udt_name;   // "varchar"
  std::optional<int32_t> character_maximum_length;
  std::optional<int32_t> character_octet_length;
  std::optional<int32_t> numeric_precision;
  std::optional<int32_t> numeric_precision_radix;
  std::optional<int32_t> numeric_scale;
  std::optional<int32_t> datetime_precision;
  std::optional<std::string_view> collation;  // if it is not the default one
};

StandardType describe_standard(const Providers& providers, const mortise_type_t& type);

constexpr std::string_view yes_or_no(bool value) {
  return value ? "YES" : "NO";
}

}  // namespace mortise::sql_catalog
