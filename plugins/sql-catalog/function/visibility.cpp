// SPDX-License-Identifier: Apache-2.0
//
// pg_..._is_visible: would the name alone find it?
#include "function/lists.hpp"

namespace mortise::sql_catalog {
namespace {

Result<std::optional<bool>> table_is_visible(Call& call, int64_t oid) {
  MORTISE_TRY_ASSIGN(const Class c, call.objects().find_class(static_cast<uint32_t>(oid)));
  if (!c) return std::optional<bool>();
  MORTISE_TRY_ASSIGN(const bool is_visible, call.objects().is_visible(c));
  return std::optional<bool>(is_visible);
}

// Everything below stands in pg_catalog, which every search path has.
std::optional<bool> if_there(bool is_there) {
  if (!is_there) return std::nullopt;
  return true;
}

std::optional<bool> type_is_visible(Call& call, int64_t oid) {
  return if_there(call.providers().type(static_cast<uint32_t>(oid)) != nullptr);
}

std::optional<bool> function_is_visible(Call& call, int64_t oid) {
  return if_there(call.providers().function(static_cast<uint32_t>(oid)) != nullptr);
}

std::optional<bool> operator_is_visible(Call& call, int64_t oid) {
  bool is_there = false;
  for (const Operator& o : call.providers().operators()) is_there = is_there || o.oid == oid;
  return if_there(is_there);
}

std::optional<bool> class_is_visible(Call& call, int64_t oid) {
  bool is_there = false;
  for (const OperatorClass& c : call.providers().operator_classes()) {
    is_there = is_there || c.oid == oid;
  }
  return if_there(is_there);
}

std::optional<bool> family_is_visible(Call& call, int64_t oid) {
  bool is_there = false;
  for (const OperatorClass& c : call.providers().operator_classes()) {
    is_there = is_there || c.family == oid;
  }
  return if_there(is_there);
}

std::optional<bool> collation_is_visible(Call&, int64_t oid) {
  return if_there(oid == 100 || oid == 950 || oid == 951);
}

// There are none of these.
std::optional<bool> nothing_is_visible(Call&, int64_t) {
  return std::nullopt;
}

constexpr mortise_function_t kTable[] = {
    scalar<"oid:bool", &table_is_visible>(2079, "pg_table_is_visible"),
    scalar<"oid:bool", &type_is_visible>(2080, "pg_type_is_visible"),
    scalar<"oid:bool", &function_is_visible>(2081, "pg_function_is_visible"),
    scalar<"oid:bool", &operator_is_visible>(2082, "pg_operator_is_visible"),
    scalar<"oid:bool", &class_is_visible>(2083, "pg_opclass_is_visible"),
    scalar<"oid:bool", &family_is_visible>(3829, "pg_opfamily_is_visible"),
    scalar<"oid:bool", &collation_is_visible>(3815, "pg_collation_is_visible"),
    scalar<"oid:bool", &nothing_is_visible>(2093, "pg_conversion_is_visible"),
    scalar<"oid:bool", &nothing_is_visible>(3403, "pg_statistics_obj_is_visible"),
    scalar<"oid:bool", &nothing_is_visible>(3756, "pg_ts_parser_is_visible"),
    scalar<"oid:bool", &nothing_is_visible>(3757, "pg_ts_dict_is_visible"),
    scalar<"oid:bool", &nothing_is_visible>(3758, "pg_ts_config_is_visible"),
    scalar<"oid:bool", &nothing_is_visible>(3768, "pg_ts_template_is_visible"),
};

}  // namespace

const FunctionList kVisibilityFunctions = kTable;

}  // namespace mortise::sql_catalog
