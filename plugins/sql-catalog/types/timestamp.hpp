// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do times of the catalog become timestamptz values?
//
// Threads: pure functions; [any].

#include <cstdint>
#include <optional>
#include <string_view>

namespace mortise::sql_catalog {

// Between microseconds since 1970 (the host's) and since 2000 (timestamptz).
constexpr int64_t kEpochDifferenceUs = int64_t{946'684'800} * 1'000'000;
constexpr int64_t to_timestamptz(int64_t us_since_1970) {
  return us_since_1970 - kEpochDifferenceUs;
}
// 0 = never.
inline std::optional<int64_t> moment(int64_t us_since_1970) {
  if (us_since_1970 == 0) return std::nullopt;
  return to_timestamptz(us_since_1970);
}

// "2030-01-31 12:00:00+00", "2030-01-31" and "infinity", as VALID UNTIL is stored; nothing for "".
std::optional<int64_t> read_timestamp(std::string_view text);

}  // namespace mortise::sql_catalog
