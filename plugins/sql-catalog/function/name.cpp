// SPDX-License-Identifier: Apache-2.0
//
// From numbers to names and back: pg_get_userbyid, format_type, descriptions, to_reg...
#include "catalog/system_ids.hpp"
#include "definition/type_name.hpp"
#include "function/lists.hpp"
#include "types/object_name.hpp"

namespace mortise::sql_catalog {
namespace {

Result<std::string> user_by_id(Call& call, int64_t oid) {
  MORTISE_TRY_ASSIGN(const RoleDef* role, call.objects().role(static_cast<uint32_t>(oid)));
  return role == nullptr ? "unknown (OID=" + std::to_string(oid) + ")" : role->name;
}

std::optional<std::string> type_text(Call& call, std::optional<int64_t> oid,
                                     std::optional<int32_t> modifier) {
  if (!oid) return std::nullopt;
  return format_type(call.providers(), static_cast<uint32_t>(*oid), modifier);
}

// Kinds of objects that comments are kept for, by the catalog that lists them.
std::vector<uint32_t> kinds_of_catalog(std::string_view catalog) {
  if (catalog == "pg_class") return {MORTISE_KIND_RELATION, MORTISE_KIND_INDEX};
  if (catalog == "pg_namespace") return {MORTISE_KIND_SCHEMA};
  if (catalog == "pg_constraint") return {MORTISE_KIND_CONSTRAINT};
  if (catalog == "pg_type") return {MORTISE_KIND_TYPE};
  if (catalog == "pg_proc") return {MORTISE_KIND_FUNCTION};
  if (catalog == "pg_trigger") return {MORTISE_KIND_TRIGGER};
  if (catalog == "pg_database") return {MORTISE_KIND_DATABASE};
  if (catalog == "pg_authid" || catalog == "pg_roles") return {MORTISE_KIND_ROLE};
  return {};
}

Result<std::optional<std::string>> description(Call& call, int64_t oid, std::string_view catalog) {
  for (const uint32_t kind : kinds_of_catalog(catalog)) {
    MORTISE_TRY_ASSIGN(std::optional<std::string> text,
                       call.objects().comment(static_cast<uint32_t>(oid), kind, 0));
    if (text) return text;
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> description_of_any(Call& call, int64_t oid) {
  for (const std::string_view catalog :
       {"pg_class", "pg_namespace", "pg_constraint", "pg_type", "pg_proc", "pg_trigger"}) {
    MORTISE_TRY_ASSIGN(std::optional<std::string> text, description(call, oid, catalog));
    if (text) return text;
  }
  return std::optional<std::string>();
}

Result<std::optional<std::string>> column_description(Call& call, int64_t oid, int32_t column) {
  if (column <= 0) return std::optional<std::string>();
  return call.objects().comment(static_cast<uint32_t>(oid), MORTISE_KIND_RELATION,
                                static_cast<uint32_t>(column));
}

// A name that is not there is null; only what is no name at all, or ambiguous, is also null here.
template <uint32_t RegType>
Result<std::optional<int64_t>> to_object(Call& call, std::string_view text) {
  Result<std::optional<uint32_t>> found = find_named(call.objects(), RegType, text);
  if (!found) {
    if (found.error().sqlstate() == "42725") return std::optional<int64_t>();
    return std::move(found.error());
  }
  if (!found->has_value()) return std::optional<int64_t>();
  return std::optional<int64_t>(**found);
}

constexpr mortise_function_t kTable[] = {
    scalar<"oid:name", &user_by_id>(1642, "pg_get_userbyid"),
    scalar<"oid,int4:text", &type_text>(1081, "format_type"),
    scalar<"oid,name:text", &description>(1215, "obj_description"),
    scalar<"oid:text", &description_of_any>(1348, "obj_description"),
    scalar<"oid,int4:text", &column_description>(1216, "col_description"),
    scalar<"oid,name:text", &description>(1993, "shobj_description"),
    scalar<"text:regclass", &to_object<MORTISE_SQL_REGCLASS>>(3495, "to_regclass"),
    scalar<"text:regtype", &to_object<MORTISE_SQL_REGTYPE>>(3493, "to_regtype"),
    scalar<"text:regproc", &to_object<MORTISE_SQL_REGPROC>>(3494, "to_regproc"),
    scalar<"text:regprocedure", &to_object<kSqlRegProcedure>>(3479, "to_regprocedure"),
    scalar<"text:regoper", &to_object<kSqlRegOper>>(3492, "to_regoper"),
    scalar<"text:regoperator", &to_object<kSqlRegOperator>>(3476, "to_regoperator"),
    scalar<"text:regnamespace", &to_object<kSqlRegNamespace>>(4086, "to_regnamespace"),
    scalar<"text:regrole", &to_object<kSqlRegRole>>(4093, "to_regrole"),
    scalar<"text:regcollation", &to_object<kSqlRegCollation>>(4195, "to_regcollation"),
};

}  // namespace

const FunctionList kNameFunctions = kTable;

}  // namespace mortise::sql_catalog
