// SPDX-License-Identifier: Apache-2.0
#include "execute/window_functions.hpp"

#include "mortise/cpp/boundary.hpp"
#include "mortise/cpp/plugin.hpp"
#include "mortise/iface/draft/type.h"

namespace mortise::sql_engine {

namespace {

// The result is of the first argument's exact type.
mortise_status_t MORTISE_CALL bind_first(const mortise_bind_argument_t* arguments, uint32_t,
                                         mortise_type_t* result, void**, mortise_error_t*) {
  *result = arguments[0].type;
  return MORTISE_OK;
}

constexpr uint32_t kAny[] = {MORTISE_SQL_ANYELEMENT, MORTISE_SQL_INT4, MORTISE_SQL_ANYELEMENT};
constexpr uint32_t kCount[] = {MORTISE_SQL_INT4};

constexpr mortise_function_t function(WindowFunction which, const char* name, uint32_t result,
                                      const uint32_t* types, uint32_t count, const char* help) {
  mortise_function_t f{};
  f.oid = static_cast<uint32_t>(which);
  f.kind = MORTISE_FUNCTION_WINDOW;
  f.name = literal(name);
  f.argument_types = types;
  f.arguments_count = count;
  f.return_type = result;
  f.volatility = MORTISE_VOLATILITY_IMMUTABLE;
  f.bind = result == MORTISE_SQL_ANYELEMENT ? bind_first : nullptr;
  f.help = literal(help);
  return f;
}

constexpr mortise_function_t kFunctions[] = {
    function(WindowFunction::row_number, "row_number", MORTISE_SQL_INT8, kAny, 0,
             "Numbers the rows of a partition from 1."),
    function(WindowFunction::rank, "rank", MORTISE_SQL_INT8, kAny, 0,
             "Returns the number of the first of the row's peers."),
    function(WindowFunction::dense_rank, "dense_rank", MORTISE_SQL_INT8, kAny, 0,
             "Numbers the groups of peers from 1."),
    function(WindowFunction::percent_rank, "percent_rank", MORTISE_SQL_FLOAT8, kAny, 0,
             "Returns the rank as a fraction, from 0 to 1."),
    function(WindowFunction::cume_dist, "cume_dist", MORTISE_SQL_FLOAT8, kAny, 0,
             "Returns the fraction of the partition's rows up to the row's peers."),
    function(WindowFunction::ntile, "ntile", MORTISE_SQL_INT4, kCount, 1,
             "Divides the partition into parts of equal size and returns the row's part."),
    function(WindowFunction::lag, "lag", MORTISE_SQL_ANYELEMENT, kAny, 1,
             "Returns the value at the row before."),
    function(WindowFunction::lag_by, "lag", MORTISE_SQL_ANYELEMENT, kAny, 2,
             "Returns the value some rows before."),
    function(WindowFunction::lag_default, "lag", MORTISE_SQL_ANYELEMENT, kAny, 3,
             "Returns the value some rows before, or a default."),
    function(WindowFunction::lead, "lead", MORTISE_SQL_ANYELEMENT, kAny, 1,
             "Returns the value at the row after."),
    function(WindowFunction::lead_by, "lead", MORTISE_SQL_ANYELEMENT, kAny, 2,
             "Returns the value some rows after."),
    function(WindowFunction::lead_default, "lead", MORTISE_SQL_ANYELEMENT, kAny, 3,
             "Returns the value some rows after, or a default."),
    function(WindowFunction::first_value, "first_value", MORTISE_SQL_ANYELEMENT, kAny, 1,
             "Returns the value at the frame's first row."),
    function(WindowFunction::last_value, "last_value", MORTISE_SQL_ANYELEMENT, kAny, 1,
             "Returns the value at the frame's last row."),
    function(WindowFunction::nth_value, "nth_value", MORTISE_SQL_ANYELEMENT, kAny, 2,
             "Returns the value at a row of the frame, counted from 1.")};

}  // namespace

const mortise_iface_functions_t kWindowFunctions = {header_of<mortise_iface_functions_t>(),
                                                    kFunctions,
                                                    sizeof kFunctions / sizeof kFunctions[0],
                                                    sizeof(mortise_function_t),
                                                    nullptr,
                                                    0,
                                                    sizeof(mortise_cast_t)};

}  // namespace mortise::sql_engine
