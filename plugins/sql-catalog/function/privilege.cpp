// SPDX-License-Identifier: Apache-2.0
//
// has_..._privilege and pg_has_role.  Until a plugin manages grants, every role that exists may do
// everything; names, numbers and privilege words are checked as PostgreSQL checks them.
#include <unordered_set>

#include "function/lists.hpp"
#include "text/words.hpp"
#include "types/object_name.hpp"

namespace mortise::sql_catalog {
namespace {

using Answer = Result<std::optional<bool>>;

// What a family of functions is about: how its objects are named, and its privileges.
struct Family {
  uint32_t reg_type;  // how a name becomes a number; 0 = see `check`
  std::string_view privileges;
};
constexpr Family kTableFamily{MORTISE_SQL_REGCLASS,
                              "select,insert,update,delete,truncate,references,trigger"};
constexpr Family kColumnFamily{MORTISE_SQL_REGCLASS, "select,insert,update,references"};
constexpr Family kSequenceFamily{MORTISE_SQL_REGCLASS, "usage,select,update"};
constexpr Family kSchemaFamily{kSqlRegNamespace, "create,usage"};
constexpr Family kFunctionFamily{kSqlRegProcedure, "execute"};
constexpr Family kTypeFamily{MORTISE_SQL_REGTYPE, "usage"};
constexpr Family kDatabaseFamily{MORTISE_SQL_OID, "create,temporary,temp,connect"};
constexpr Family kLanguageFamily{MORTISE_SQL_NAME, "usage"};
constexpr Family kTablespaceFamily{MORTISE_SQL_CHAR, "create"};
constexpr Family kServerFamily{MORTISE_SQL_TEXT, "usage"};
constexpr Family kWrapperFamily{MORTISE_SQL_VARCHAR, "usage"};
constexpr Family kParameterFamily{MORTISE_SQL_UNKNOWN, "set,alter system"};
constexpr Family kRoleFamily{kSqlRegRole, "usage,member"};

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c;
  while (out.starts_with(' ')) out.erase(0, 1);
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

// "SELECT, INSERT WITH GRANT OPTION": words of the family, each perhaps with the option.
Status check_privileges(std::string_view list, const Family& family) {
  for (const std::string_view word : words(list, ",")) {
    std::string name = lower(word);
    for (const std::string_view option : {" with grant option", " with admin option"}) {
      if (name.ends_with(option)) name.erase(name.size() - option.size());
    }
    bool is_known = false;
    for (const std::string_view known : words(family.privileges, ",")) {
      is_known = is_known || known == name;
    }
    if (!is_known) {
      return {Code::invalid, "22023", "unrecognized privilege type: \"" + std::string(word) + "\""};
    }
  }
  return {};
}

Status check_role(Call& call, std::string_view name) {
  if (name == "public") return {};
  MORTISE_TRY_ASSIGN(const RoleDef* role, call.objects().role(name));
  if (role != nullptr) return {};
  return {Code::not_found, "42704", "role \"" + std::string(name) + "\" does not exist"};
}
// A number that is no role's is let through, as in PostgreSQL: such a role has what PUBLIC has.
Status check_role(Call&, int64_t) {
  return {};
}

Result<bool> is_database(Call& call, std::string_view name) {
  MORTISE_TRY_ASSIGN(const auto* databases, call.objects().databases());
  for (const DatabaseDef& d : *databases) {
    if (d.name == name) return true;
  }
  return Status(Code::not_found, "3D000", "database \"" + std::string(name) + "\" does not exist");
}

Result<bool> is_one_of(std::string_view name, std::string_view list, std::string_view noun) {
  for (const std::string_view known : words(list, ",")) {
    if (known == name) return true;
  }
  return Status(Code::not_found, "42704",
                std::string(noun) + " \"" + std::string(name) + "\" does not exist");
}

// True if the object is there; a failure if a name is not.
Result<bool> is_there(Call& call, const Family& family, std::string_view name) {
  switch (family.reg_type) {
    case MORTISE_SQL_OID:
      return is_database(call, name);
    case MORTISE_SQL_NAME:
      return is_one_of(name, "internal,c,sql", "language");
    case MORTISE_SQL_CHAR:
      return is_one_of(name, "pg_default,pg_global", "tablespace");
    case MORTISE_SQL_TEXT:
      return is_one_of(name, "", "server");
    case MORTISE_SQL_VARCHAR:
      return is_one_of(name, "", "foreign-data wrapper");
    case MORTISE_SQL_UNKNOWN:
      return true;
    default: {
      MORTISE_TRY_ASSIGN(const uint32_t oid, resolve_named(call.objects(), family.reg_type, name));
      return oid != 0;
    }
  }
}

Result<bool> is_there(Call& call, const Family& family, int64_t number) {
  const auto oid = static_cast<uint32_t>(number);
  Objects& objects = call.objects();
  switch (family.reg_type) {
    case MORTISE_SQL_REGCLASS: {
      MORTISE_TRY_ASSIGN(const Class c, objects.find_class(oid));
      return static_cast<bool>(c);
    }
    case kSqlRegNamespace: {
      MORTISE_TRY_ASSIGN(const SchemaDef* s, objects.schema(oid));
      return s != nullptr;
    }
    case kSqlRegProcedure:
      return call.providers().function(oid) != nullptr;
    case MORTISE_SQL_REGTYPE:
      return call.providers().type(oid) != nullptr;
    case MORTISE_SQL_OID: {
      MORTISE_TRY_ASSIGN(const DatabaseDef* d, objects.database(oid));
      return d != nullptr;
    }
    case MORTISE_SQL_NAME:
      return oid >= 12 && oid <= 14;
    case MORTISE_SQL_CHAR:
      return oid == 1663 || oid == 1664;
    default:
      return false;
  }
}

template <const Family& F, typename Object>
Answer has_own(Call& call, Object object, std::string_view privileges) {
  MORTISE_TRY(check_privileges(privileges, F));
  MORTISE_TRY_ASSIGN(const bool is_known, is_there(call, F, object));
  if (!is_known) return std::optional<bool>();
  return std::optional<bool>(true);
}

template <const Family& F, typename Role, typename Object>
Answer has(Call& call, Role role, Object object, std::string_view privileges) {
  MORTISE_TRY(check_role(call, role));
  return has_own<F>(call, object, privileges);
}

Status check_column(Call& call, uint32_t relation, std::string_view name, bool& is_known) {
  MORTISE_TRY_ASSIGN(const Class c, call.objects().find_class(relation));
  if (c.relation == nullptr) {
    is_known = static_cast<bool>(c);
    return {};
  }
  for (const schema::ColumnDef& column : c.relation->columns) {
    is_known = is_known || (!column.is_dropped && column.name == name);
  }
  if (is_known) return {};
  return {Code::not_found, "42703",
          "column \"" + std::string(name) + "\" of relation \"" + c.relation->name +
              "\" does not exist"};
}
Status check_column(Call& call, uint32_t relation, int16_t number, bool& is_known) {
  MORTISE_TRY_ASSIGN(const Class c, call.objects().find_class(relation));
  is_known = c && number > 0;
  if (c.relation == nullptr || !is_known) return {};
  const auto at = static_cast<size_t>(number - 1);
  is_known = at < c.relation->columns.size() && !c.relation->columns[at].is_dropped;
  return {};
}

Result<uint32_t> relation_of(Call& call, std::string_view name) {
  return resolve_named(call.objects(), MORTISE_SQL_REGCLASS, name);
}
Result<uint32_t> relation_of(Call&, int64_t oid) {
  return static_cast<uint32_t>(oid);
}

template <typename Object, typename Column>
Answer has_own_column(Call& call, Object object, Column column, std::string_view privileges) {
  MORTISE_TRY(check_privileges(privileges, kColumnFamily));
  MORTISE_TRY_ASSIGN(const uint32_t relation, relation_of(call, object));
  bool is_known = false;
  MORTISE_TRY(check_column(call, relation, column, is_known));
  if (!is_known) return std::optional<bool>();
  return std::optional<bool>(true);
}

template <typename Role, typename Object, typename Column>
Answer has_column(Call& call, Role role, Object object, Column column,
                  std::string_view privileges) {
  MORTISE_TRY(check_role(call, role));
  return has_own_column(call, object, column, privileges);
}

Result<const RoleDef*> role_of(Call& call, std::string_view name) {
  MORTISE_TRY(check_role(call, name));
  return call.objects().role(name);
}
Result<const RoleDef*> role_of(Call& call, int64_t oid) {
  return call.objects().role(static_cast<uint32_t>(oid));
}

Result<bool> is_member(Call& call, const RoleDef& member, mortise_object_id_t group) {
  if (member.is_superuser || member.id == group) return true;
  std::vector<mortise_object_id_t> open = member.member_of;
  std::unordered_set<mortise_object_id_t> seen;
  while (!open.empty()) {
    const mortise_object_id_t next = open.back();
    open.pop_back();
    if (next == group) return true;
    if (!seen.insert(next).second) continue;
    MORTISE_TRY_ASSIGN(const RoleDef* r, call.objects().role(next));
    if (r != nullptr) open.insert(open.end(), r->member_of.begin(), r->member_of.end());
  }
  return false;
}

template <typename Member, typename Group>
Answer has_role(Call& call, Member member, Group group, std::string_view privileges) {
  MORTISE_TRY(check_privileges(privileges, kRoleFamily));
  MORTISE_TRY_ASSIGN(const RoleDef* of, role_of(call, member));
  MORTISE_TRY_ASSIGN(const RoleDef* in, role_of(call, group));
  if (of == nullptr || in == nullptr) return std::optional<bool>();
  MORTISE_TRY_ASSIGN(const bool is, is_member(call, *of, in->id));
  return std::optional<bool>(is);
}
template <typename Group>
Answer has_own_role(Call& call, Group group, std::string_view privileges) {
  const std::string_view user = call.session() == nullptr ? "" : view_of(call.session()->user);
  return has_role(call, user, group, privileges);
}

using Name = std::string_view;
using Oid = int64_t;

// The six forms of a family, numbered one after the other.
#define MORTISE_PRIVILEGE_FORMS(family, oid, name)                          \
  scalar<"name,text,text:bool", &has<family, Name, Name>>(oid, name),       \
      scalar<"name,oid,text:bool", &has<family, Name, Oid>>(oid + 1, name), \
      scalar<"oid,text,text:bool", &has<family, Oid, Name>>(oid + 2, name), \
      scalar<"oid,oid,text:bool", &has<family, Oid, Oid>>(oid + 3, name),   \
      scalar<"text,text:bool", &has_own<family, Name>>(oid + 4, name),      \
      scalar<"oid,text:bool", &has_own<family, Oid>>(oid + 5, name)

constexpr mortise_function_t kTable[] = {
    MORTISE_PRIVILEGE_FORMS(kTableFamily, 1922, "has_table_privilege"),
    MORTISE_PRIVILEGE_FORMS(kSequenceFamily, 2181, "has_sequence_privilege"),
    MORTISE_PRIVILEGE_FORMS(kDatabaseFamily, 2250, "has_database_privilege"),
    MORTISE_PRIVILEGE_FORMS(kFunctionFamily, 2256, "has_function_privilege"),
    MORTISE_PRIVILEGE_FORMS(kLanguageFamily, 2262, "has_language_privilege"),
    MORTISE_PRIVILEGE_FORMS(kSchemaFamily, 2268, "has_schema_privilege"),
    MORTISE_PRIVILEGE_FORMS(kTablespaceFamily, 2390, "has_tablespace_privilege"),
    MORTISE_PRIVILEGE_FORMS(kWrapperFamily, 3000, "has_foreign_data_wrapper_privilege"),
    MORTISE_PRIVILEGE_FORMS(kServerFamily, 3006, "has_server_privilege"),
    MORTISE_PRIVILEGE_FORMS(kColumnFamily, 3024, "has_any_column_privilege"),
    MORTISE_PRIVILEGE_FORMS(kTypeFamily, 3138, "has_type_privilege"),
    scalar<"name,text,text:bool", &has<kParameterFamily, Name, Name>>(6205,
                                                                      "has_parameter_privilege"),
    scalar<"oid,text,text:bool", &has<kParameterFamily, Oid, Name>>(6206,
                                                                    "has_parameter_privilege"),
    scalar<"text,text:bool", &has_own<kParameterFamily, Name>>(6207, "has_parameter_privilege"),
    scalar<"name,text,text,text:bool", &has_column<Name, Name, Name>>(3012, "has_column_privilege"),
    scalar<"name,text,int2,text:bool", &has_column<Name, Name, int16_t>>(3013,
                                                                         "has_column_privilege"),
    scalar<"name,oid,text,text:bool", &has_column<Name, Oid, Name>>(3014, "has_column_privilege"),
    scalar<"name,oid,int2,text:bool", &has_column<Name, Oid, int16_t>>(3015,
                                                                       "has_column_privilege"),
    scalar<"oid,text,text,text:bool", &has_column<Oid, Name, Name>>(3016, "has_column_privilege"),
    scalar<"oid,text,int2,text:bool", &has_column<Oid, Name, int16_t>>(3017,
                                                                       "has_column_privilege"),
    scalar<"oid,oid,text,text:bool", &has_column<Oid, Oid, Name>>(3018, "has_column_privilege"),
    scalar<"oid,oid,int2,text:bool", &has_column<Oid, Oid, int16_t>>(3019, "has_column_privilege"),
    scalar<"text,text,text:bool", &has_own_column<Name, Name>>(3020, "has_column_privilege"),
    scalar<"text,int2,text:bool", &has_own_column<Name, int16_t>>(3021, "has_column_privilege"),
    scalar<"oid,text,text:bool", &has_own_column<Oid, Name>>(3022, "has_column_privilege"),
    scalar<"oid,int2,text:bool", &has_own_column<Oid, int16_t>>(3023, "has_column_privilege"),
    scalar<"name,name,text:bool", &has_role<Name, Name>>(2705, "pg_has_role"),
    scalar<"name,oid,text:bool", &has_role<Name, Oid>>(2706, "pg_has_role"),
    scalar<"oid,name,text:bool", &has_role<Oid, Name>>(2707, "pg_has_role"),
    scalar<"oid,oid,text:bool", &has_role<Oid, Oid>>(2708, "pg_has_role"),
    scalar<"name,text:bool", &has_own_role<Name>>(2709, "pg_has_role"),
    scalar<"oid,text:bool", &has_own_role<Oid>>(2710, "pg_has_role"),
};
#undef MORTISE_PRIVILEGE_FORMS

}  // namespace

const FunctionList kPrivilegeFunctions = kTable;

}  // namespace mortise::sql_catalog
