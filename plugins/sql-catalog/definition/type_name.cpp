// SPDX-License-Identifier: Apache-2.0
#include "definition/type_name.hpp"

#include <algorithm>

#include "mortise/cpp/sql_text.hpp"

namespace mortise::sql_catalog {
namespace {

std::string with_modifier(const Type& type, int32_t modifier) {
  std::string name = type.display;
  if (name == type.name) name = quote_identifier(name);  // not one of the grammar's own names
  if (modifier < 0 || type.info == nullptr || type.info->takes_modifier == 0 ||
      type.info->modifier_out == nullptr) {
    return name;
  }
  char buffer[64];
  const uint32_t size_bytes = type.info->modifier_out(modifier, buffer, sizeof buffer);
  const std::string_view text(buffer, std::min<size_t>(size_bytes, sizeof buffer));
  // "timestamp(3) without time zone": the modifier stands before what follows.
  const size_t with = name.find(" with");
  if (with != std::string::npos) return name.insert(with, text);
  return name.append(text);
}

// Names that are the same in the catalog and in the grammar are not quoted.
bool is_grammar_name(const Type& type) {
  return type.oid == MORTISE_SQL_INTERVAL || type.oid == MORTISE_SQL_NUMERIC ||
         type.display.starts_with('"');
}

}  // namespace

std::string format_type(const Providers& providers, uint32_t oid, std::optional<int32_t> modifier) {
  if (oid == 0) return "-";
  const Type* type = providers.type(oid);
  if (type == nullptr) return "???";
  if (type->is_array()) return format_type(providers, type->element, modifier) + "[]";
  if (oid == MORTISE_SQL_BPCHAR && modifier == -1) return "bpchar";
  if (!is_grammar_name(*type)) return with_modifier(*type, modifier.value_or(-1));
  Type plain = *type;
  plain.name.clear();
  return with_modifier(plain, modifier.value_or(-1));
}

}  // namespace mortise::sql_catalog
