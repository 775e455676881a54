// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which of PostgreSQL's settings does pg_settings show, and what does it say of them?
//
// Those that clients read.  A row appears if the session knows the setting; its value is the
// session's.
//
// Threads: constants after the first call; [any].

#include <string>
#include <string_view>
#include <vector>

namespace mortise::sql_catalog {

struct SessionSetting {
  std::string_view name;
  std::string_view unit;
  std::string_view context;  // user, superuser, internal, ...
  std::string_view vartype;
  std::string_view minimum;
  std::string_view maximum;
  std::string_view choices;  // separated by commas
  std::string category;
  std::string help;
};

const std::vector<SessionSetting>& session_settings();

}  // namespace mortise::sql_catalog
