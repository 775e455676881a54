// SPDX-License-Identifier: Apache-2.0

// Comparisons between date, timestamp and timestamptz.
//
// A date is its midnight; a date or local time beyond the range of the other type stands before or
// after all of its values but the infinities.

#include "datetime/calendar.hpp"
#include "datetime/lists.hpp"
#include "datetime/session_row.hpp"
#include "relation.hpp"

namespace mortise::sql_functions {
namespace {

int order(int64_t a, int64_t b) {
  return a < b ? -1 : (a > b ? 1 : 0);
}

int date_to_timestamp(int32_t date, int64_t timestamp) {
  if (date == kDateInfinity) return order(kTimestampInfinity, timestamp);
  if (date == kDateMinusInfinity) return order(kTimestampMinusInfinity, timestamp);
  const std::optional<int64_t> midnight = timestamp_of(date, 0);
  if (!midnight) return timestamp == kTimestampInfinity ? -1 : 1;  // dates reach further ahead only
  return order(*midnight, timestamp);
}
int timestamp_to_date(int64_t timestamp, int32_t date) {
  return -date_to_timestamp(date, timestamp);
}
int timestamp_to_timestamptz(const TimeSession& session, int64_t local, int64_t moment) {
  if (!is_finite_timestamp(local)) return order(local, moment);
  const std::optional<int64_t> a = session.from_local(local);
  if (!a) {
    if (local > 0) return moment == kTimestampInfinity ? -1 : 1;
    return moment == kTimestampMinusInfinity ? 1 : -1;
  }
  return order(*a, moment);
}
int timestamptz_to_timestamp(const TimeSession& session, int64_t moment, int64_t local) {
  return -timestamp_to_timestamptz(session, local, moment);
}
int date_to_timestamptz(const TimeSession& session, int32_t date, int64_t moment) {
  if (date == kDateInfinity) return order(kTimestampInfinity, moment);
  if (date == kDateMinusInfinity) return order(kTimestampMinusInfinity, moment);
  const std::optional<int64_t> midnight = timestamp_of(date, 0);
  if (!midnight) return moment == kTimestampInfinity ? -1 : 1;
  return timestamp_to_timestamptz(session, *midnight, moment);
}
int timestamptz_to_date(const TimeSession& session, int64_t moment, int32_t date) {
  return -date_to_timestamptz(session, date, moment);
}

template <Relation R, auto Order>
struct InZone;
template <Relation R, typename A, typename B, int (*Order)(const TimeSession&, A, B)>
struct InZone<R, Order> {
  static bool test(const TimeSession& session, A a, B b) {
    return holds_of_order<R>(Order(session, a, b));
  }
};
template <Relation R, auto Order>
constexpr auto in_zone = &InZone<R, Order>::test;

constexpr mortise_function_t kTable[] = {
    scalar<"date,timestamp:bool">(
        2340, "date_eq_timestamp",
        compare_by<Relation::equal, &date_to_timestamp, int32_t, int64_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"date,timestamp:bool">(
        2343, "date_ne_timestamp",
        compare_by<Relation::not_equal, &date_to_timestamp, int32_t, int64_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"date,timestamp:bool">(
        2338, "date_lt_timestamp", compare_by<Relation::less, &date_to_timestamp, int32_t, int64_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"date,timestamp:bool">(
        2339, "date_le_timestamp",
        compare_by<Relation::less_equal, &date_to_timestamp, int32_t, int64_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"date,timestamp:bool">(
        2341, "date_gt_timestamp",
        compare_by<Relation::greater, &date_to_timestamp, int32_t, int64_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"date,timestamp:bool">(
        2342, "date_ge_timestamp",
        compare_by<Relation::greater_equal, &date_to_timestamp, int32_t, int64_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"timestamp,date:bool">(
        2366, "timestamp_eq_date",
        compare_by<Relation::equal, &timestamp_to_date, int64_t, int32_t>,
        {.symbol = "=", .commutator = "=", .negator = "<>", .cannot_fail = true}),
    scalar<"timestamp,date:bool">(
        2369, "timestamp_ne_date",
        compare_by<Relation::not_equal, &timestamp_to_date, int64_t, int32_t>,
        {.symbol = "<>", .commutator = "<>", .negator = "=", .cannot_fail = true}),
    scalar<"timestamp,date:bool">(
        2364, "timestamp_lt_date", compare_by<Relation::less, &timestamp_to_date, int64_t, int32_t>,
        {.symbol = "<", .commutator = ">", .negator = ">=", .cannot_fail = true}),
    scalar<"timestamp,date:bool">(
        2365, "timestamp_le_date",
        compare_by<Relation::less_equal, &timestamp_to_date, int64_t, int32_t>,
        {.symbol = "<=", .commutator = ">=", .negator = ">", .cannot_fail = true}),
    scalar<"timestamp,date:bool">(
        2367, "timestamp_gt_date",
        compare_by<Relation::greater, &timestamp_to_date, int64_t, int32_t>,
        {.symbol = ">", .commutator = "<", .negator = "<=", .cannot_fail = true}),
    scalar<"timestamp,date:bool">(
        2368, "timestamp_ge_date",
        compare_by<Relation::greater_equal, &timestamp_to_date, int64_t, int32_t>,
        {.symbol = ">=", .commutator = "<=", .negator = "<", .cannot_fail = true}),
    scalar<"date,timestamptz:bool">(2353, "date_eq_timestamptz",
                                    session_row<in_zone<Relation::equal, &date_to_timestamptz>>,
                                    {.symbol = "=",
                                     .commutator = "=",
                                     .negator = "<>",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"date,timestamptz:bool">(2356, "date_ne_timestamptz",
                                    session_row<in_zone<Relation::not_equal, &date_to_timestamptz>>,
                                    {.symbol = "<>",
                                     .commutator = "<>",
                                     .negator = "=",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"date,timestamptz:bool">(2351, "date_lt_timestamptz",
                                    session_row<in_zone<Relation::less, &date_to_timestamptz>>,
                                    {.symbol = "<",
                                     .commutator = ">",
                                     .negator = ">=",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"date,timestamptz:bool">(
        2352, "date_le_timestamptz",
        session_row<in_zone<Relation::less_equal, &date_to_timestamptz>>,
        {.symbol = "<=",
         .commutator = ">=",
         .negator = ">",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"date,timestamptz:bool">(2354, "date_gt_timestamptz",
                                    session_row<in_zone<Relation::greater, &date_to_timestamptz>>,
                                    {.symbol = ">",
                                     .commutator = "<",
                                     .negator = "<=",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"date,timestamptz:bool">(
        2355, "date_ge_timestamptz",
        session_row<in_zone<Relation::greater_equal, &date_to_timestamptz>>,
        {.symbol = ">=",
         .commutator = "<=",
         .negator = "<",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,date:bool">(2379, "timestamptz_eq_date",
                                    session_row<in_zone<Relation::equal, &timestamptz_to_date>>,
                                    {.symbol = "=",
                                     .commutator = "=",
                                     .negator = "<>",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"timestamptz,date:bool">(2382, "timestamptz_ne_date",
                                    session_row<in_zone<Relation::not_equal, &timestamptz_to_date>>,
                                    {.symbol = "<>",
                                     .commutator = "<>",
                                     .negator = "=",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"timestamptz,date:bool">(2377, "timestamptz_lt_date",
                                    session_row<in_zone<Relation::less, &timestamptz_to_date>>,
                                    {.symbol = "<",
                                     .commutator = ">",
                                     .negator = ">=",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"timestamptz,date:bool">(
        2378, "timestamptz_le_date",
        session_row<in_zone<Relation::less_equal, &timestamptz_to_date>>,
        {.symbol = "<=",
         .commutator = ">=",
         .negator = ">",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,date:bool">(2380, "timestamptz_gt_date",
                                    session_row<in_zone<Relation::greater, &timestamptz_to_date>>,
                                    {.symbol = ">",
                                     .commutator = "<",
                                     .negator = "<=",
                                     .volatility = MORTISE_VOLATILITY_STABLE,
                                     .cannot_fail = true}),
    scalar<"timestamptz,date:bool">(
        2381, "timestamptz_ge_date",
        session_row<in_zone<Relation::greater_equal, &timestamptz_to_date>>,
        {.symbol = ">=",
         .commutator = "<=",
         .negator = "<",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamp,timestamptz:bool">(
        2522, "timestamp_eq_timestamptz",
        session_row<in_zone<Relation::equal, &timestamp_to_timestamptz>>,
        {.symbol = "=",
         .commutator = "=",
         .negator = "<>",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamp,timestamptz:bool">(
        2525, "timestamp_ne_timestamptz",
        session_row<in_zone<Relation::not_equal, &timestamp_to_timestamptz>>,
        {.symbol = "<>",
         .commutator = "<>",
         .negator = "=",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamp,timestamptz:bool">(
        2520, "timestamp_lt_timestamptz",
        session_row<in_zone<Relation::less, &timestamp_to_timestamptz>>,
        {.symbol = "<",
         .commutator = ">",
         .negator = ">=",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamp,timestamptz:bool">(
        2521, "timestamp_le_timestamptz",
        session_row<in_zone<Relation::less_equal, &timestamp_to_timestamptz>>,
        {.symbol = "<=",
         .commutator = ">=",
         .negator = ">",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamp,timestamptz:bool">(
        2523, "timestamp_gt_timestamptz",
        session_row<in_zone<Relation::greater, &timestamp_to_timestamptz>>,
        {.symbol = ">",
         .commutator = "<",
         .negator = "<=",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamp,timestamptz:bool">(
        2524, "timestamp_ge_timestamptz",
        session_row<in_zone<Relation::greater_equal, &timestamp_to_timestamptz>>,
        {.symbol = ">=",
         .commutator = "<=",
         .negator = "<",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,timestamp:bool">(
        2529, "timestamptz_eq_timestamp",
        session_row<in_zone<Relation::equal, &timestamptz_to_timestamp>>,
        {.symbol = "=",
         .commutator = "=",
         .negator = "<>",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,timestamp:bool">(
        2532, "timestamptz_ne_timestamp",
        session_row<in_zone<Relation::not_equal, &timestamptz_to_timestamp>>,
        {.symbol = "<>",
         .commutator = "<>",
         .negator = "=",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,timestamp:bool">(
        2527, "timestamptz_lt_timestamp",
        session_row<in_zone<Relation::less, &timestamptz_to_timestamp>>,
        {.symbol = "<",
         .commutator = ">",
         .negator = ">=",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,timestamp:bool">(
        2528, "timestamptz_le_timestamp",
        session_row<in_zone<Relation::less_equal, &timestamptz_to_timestamp>>,
        {.symbol = "<=",
         .commutator = ">=",
         .negator = ">",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,timestamp:bool">(
        2530, "timestamptz_gt_timestamp",
        session_row<in_zone<Relation::greater, &timestamptz_to_timestamp>>,
        {.symbol = ">",
         .commutator = "<",
         .negator = "<=",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
    scalar<"timestamptz,timestamp:bool">(
        2531, "timestamptz_ge_timestamp",
        session_row<in_zone<Relation::greater_equal, &timestamptz_to_timestamp>>,
        {.symbol = ">=",
         .commutator = "<=",
         .negator = "<",
         .volatility = MORTISE_VOLATILITY_STABLE,
         .cannot_fail = true}),
};

}  // namespace

const FunctionList kDateComparisons = kTable;

}  // namespace mortise::sql_functions
