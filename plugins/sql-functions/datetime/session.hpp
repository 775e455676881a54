// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which settings of the session shape dates and times?
//
// The style of dates, the order of day and month, the style of intervals, and the time zone with
// its offsets.  Built once per column from the session context.
//
// Threads: a value type over the session's strings; [worker].

#include <optional>
#include <string_view>

#include "datetime/zone.hpp"
#include "mortise/iface/draft/functions.h"

namespace mortise::sql_functions {

enum class DateStyle { iso, postgres, sql, german };
enum class DateOrder { mdy, dmy, ymd };
enum class IntervalStyle { postgres, postgres_verbose, sql_standard, iso_8601 };

class TimeSession {
 public:
  explicit TimeSession(const mortise_session_context_t* context);

  DateStyle date_style = DateStyle::iso;
  DateOrder date_order = DateOrder::mdy;
  IntervalStyle interval_style = IntervalStyle::postgres;
  const Zone* zone;  // never null: UTC when the session's is unknown
  int64_t now_us;    // start of the transaction, microseconds since 2000-01-01 UTC
  int64_t statement_us;

  // The offset of the session's zone at a timestamptz, and of a local timestamp.
  ZoneOffset at(int64_t timestamptz) const;
  ZoneOffset at_local(int64_t timestamp) const;
  // Between timestamptz and the local timestamp; nothing out of range.
  std::optional<int64_t> to_local(int64_t timestamptz) const;
  std::optional<int64_t> from_local(int64_t timestamp) const;
};

// The same for any zone.
std::optional<int64_t> to_local(const Zone& zone, int64_t timestamptz);
std::optional<int64_t> from_local(const Zone& zone, int64_t timestamp);

}  // namespace mortise::sql_functions
