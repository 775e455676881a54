// SPDX-License-Identifier: Apache-2.0
//
// What all databases share: databases, roles, tablespaces; and the schemas of this one.
#include "catalog/system_ids.hpp"
#include "relation/fills.hpp"
#include "text/array.hpp"
#include "types/timestamp.hpp"

namespace mortise::sql_catalog {
namespace {

constexpr std::string_view kPasswordMask = "********";

std::optional<std::string> settings_of(const std::vector<std::string>& settings) {
  if (settings.empty()) return std::nullopt;
  return array_text(settings);
}

// "infinity" and the like have no number here; the time that a role's password ends is a date.
std::optional<int64_t> end_of(const RoleDef& role) {
  return read_timestamp(role.valid_until);
}

std::optional<std::string> password_of(const RoleDef& role) {
  if (role.password.empty()) return std::nullopt;
  return role.password;
}

template <typename Password>
void add_user(Scan& scan, const RoleDef& r, const Password& password) {
  scan.rows.add(r.name, r.id, r.can_create_database, r.is_superuser, r.can_replicate,
                r.bypasses_row_security, password, end_of(r), settings_of(r.settings));
}

}  // namespace

Status fill_pg_database(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* databases, scan.objects.databases());
  for (const DatabaseDef& d : *databases) {
    scan.rows.add(d.id, d.name, d.owner, kEncodingUtf8, 'c', d.is_template, d.allows_connections,
                  d.connections_max, 0, 0, kTablespaceDefault, "C", "C", kNull, kNull, kNull);
  }
  return {};
}

Status fill_pg_namespace(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* schemas, scan.objects.schemas());
  for (const SchemaDef& s : *schemas) scan.rows.add(s.id, s.name, s.owner, kNull);
  return {};
}

Status fill_pg_tablespace(Scan& scan) {
  scan.rows.add(kTablespaceDefault, "pg_default", schema::kRolePostgres, kNull, kNull);
  scan.rows.add(kTablespaceGlobal, "pg_global", schema::kRolePostgres, kNull, kNull);
  return {};
}

Status fill_pg_authid(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) {
    scan.rows.add(r.id, r.name, r.is_superuser, r.inherits, r.can_create_role,
                  r.can_create_database, r.can_login, r.can_replicate, r.bypasses_row_security,
                  r.connections_max, password_of(r), end_of(r));
  }
  return {};
}

Status fill_pg_auth_members(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) {
    for (const mortise_object_id_t group : r.member_of) {
      scan.rows.add(group, r.id, schema::kRolePostgres, false);
    }
  }
  return {};
}

Status fill_pg_db_role_setting(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* databases, scan.objects.databases());
  for (const DatabaseDef& d : *databases) {
    if (!d.settings.empty()) scan.rows.add(d.id, 0, array_text(d.settings));
  }
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) {
    if (!r.settings.empty()) scan.rows.add(0, r.id, array_text(r.settings));
  }
  return {};
}

Status fill_pg_roles(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) {
    scan.rows.add(r.name, r.is_superuser, r.inherits, r.can_create_role, r.can_create_database,
                  r.can_login, r.can_replicate, r.connections_max, kPasswordMask, end_of(r),
                  r.bypasses_row_security, settings_of(r.settings), r.id);
  }
  return {};
}

Status fill_pg_shadow(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) {
    if (r.can_login) add_user(scan, r, password_of(r));
  }
  return {};
}

Status fill_pg_user(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) {
    if (r.can_login) add_user(scan, r, kPasswordMask);
  }
  return {};
}

Status fill_pg_group(Scan& scan) {
  MORTISE_TRY_ASSIGN(const auto* roles, scan.objects.roles());
  for (const RoleDef& r : *roles) {
    if (r.can_login) continue;
    ArrayText members;
    for (const RoleDef& m : *roles) {
      for (const mortise_object_id_t group : m.member_of) {
        if (group == r.id) members.add(int64_t{m.id});
      }
    }
    scan.rows.add(r.name, r.id, members.take());
  }
  return {};
}

}  // namespace mortise::sql_catalog
