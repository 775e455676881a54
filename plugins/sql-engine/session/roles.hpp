// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: may this role change that?
//
// Definitions need the owner of what they change, or a superuser; a member of the owning role
// counts as the owner, through any number of memberships.  Privileges on rows (GRANT) are not there
// yet.
//
// Threads: the session's; [worker].

#include "schema/catalog.hpp"

namespace mortise::sql_engine {

// True for the role itself, its superuser, and members of `target`.
Result<bool> has_role(const Catalog& catalog, const schema::RoleDef& role,
                      mortise_object_id_t target);

// 42501 "must be owner of table t".
Status require_owner(const Catalog& catalog, const schema::RoleDef& role, mortise_object_id_t owner,
                     std::string_view what, std::string_view name);

inline Status permission_denied(std::string message) {
  return Status(Code::invalid, "42501", std::move(message));
}

}  // namespace mortise::sql_engine
