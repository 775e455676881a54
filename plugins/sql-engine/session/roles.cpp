// SPDX-License-Identifier: Apache-2.0

#include "session/roles.hpp"

#include <set>

namespace mortise::sql_engine {

Result<bool> has_role(const Catalog& catalog, const schema::RoleDef& role,
                      mortise_object_id_t target) {
  if (role.is_superuser || role.id == target) return true;
  std::set<mortise_object_id_t> known{role.id};
  std::vector<mortise_object_id_t> open = role.member_of;
  while (!open.empty()) {
    const mortise_object_id_t id = open.back();
    open.pop_back();
    if (id == target) return true;
    if (!known.insert(id).second) continue;
    MORTISE_TRY_ASSIGN(const auto stored, catalog.get<schema::RoleDef>(id));
    if (!stored) continue;
    const auto& above = stored->definition.member_of;
    open.insert(open.end(), above.begin(), above.end());
  }
  return false;
}

Status require_owner(const Catalog& catalog, const schema::RoleDef& role, mortise_object_id_t owner,
                     std::string_view what, std::string_view name) {
  MORTISE_TRY_ASSIGN(const bool is_owner, has_role(catalog, role, owner));
  if (is_owner) return {};
  return permission_denied("must be owner of " + std::string(what) + " " + std::string(name));
}

}  // namespace mortise::sql_engine
