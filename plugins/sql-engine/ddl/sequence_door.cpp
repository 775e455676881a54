// SPDX-License-Identifier: Apache-2.0
//
// mortise.functions/1 for sequences.  The session is found behind the session context, which the
// engine itself has made (SessionFacts).

#include <cstddef>

#include "ddl/sequence_door.hpp"
#include "ddl/sequence_values.hpp"

namespace mortise::sql_engine {
namespace {

Session& session_of(const mortise_evaluation_t* evaluation) {
  static_assert(offsetof(SessionFacts, context) == 0);
  return *reinterpret_cast<const SessionFacts*>(evaluation->session)->session;
}

// Fills an INT64 column by body(row), a Result<int64_t>; a null argument gives null.
template <typename Body>
Status fill(const mortise_arguments_t& arguments, mortise_column_out_t& out, Body&& body) {
  Status status;
  for_each_selected(arguments.rows_count, arguments.selection, arguments.selected_count,
                    [&](uint32_t row) {
                      if (!status.is_ok()) return;
                      Result<int64_t> value = body(row);
                      if (value) {
                        data_of<int64_t>(out)[row] = *value;
                      } else {
                        status = std::move(value.error());
                      }
                    });
  return status;
}

Result<RelationPtr> sequence_at(Session& session, const mortise_arguments_t& arguments,
                                uint32_t row) {
  return find_sequence(session, static_cast<mortise_object_id_t>(
                                    mortise::Values<int64_t>(arguments.columns[0])[row]));
}

mortise_status_t MORTISE_CALL nextval(const mortise_evaluation_t* evaluation, const void*,
                                      const mortise_arguments_t* arguments,
                                      mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Session& session = session_of(evaluation);
    if (session.transaction().options().is_read_only) {
      return Status(Code::invalid, "25006", "cannot execute nextval() in a read-only transaction");
    }
    return fill(*arguments, *result, [&](uint32_t row) -> Result<int64_t> {
      MORTISE_TRY_ASSIGN(const RelationPtr sequence, sequence_at(session, *arguments, row));
      return next_sequence_value(session, *sequence);
    });
  });
}

mortise_status_t MORTISE_CALL currval(const mortise_evaluation_t* evaluation, const void*,
                                      const mortise_arguments_t* arguments,
                                      mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Session& session = session_of(evaluation);
    return fill(*arguments, *result, [&](uint32_t row) -> Result<int64_t> {
      MORTISE_TRY_ASSIGN(const RelationPtr sequence, sequence_at(session, *arguments, row));
      const auto known = session.sequence_values().find(sequence->id());
      if (known != session.sequence_values().end()) return known->second;
      return Status(
          Code::stale, "55000",
          "currval of sequence \"" + sequence->name() + "\" is not yet defined in this session");
    });
  });
}

mortise_status_t MORTISE_CALL lastval(const mortise_evaluation_t* evaluation, const void*,
                                      const mortise_arguments_t* arguments,
                                      mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Session& session = session_of(evaluation);
    return fill(*arguments, *result, [&](uint32_t) -> Result<int64_t> {
      const auto known = session.sequence_values().find(session.last_sequence());
      if (known != session.sequence_values().end()) return known->second;
      return Status(Code::stale, "55000", "lastval is not yet defined in this session");
    });
  });
}

mortise_status_t MORTISE_CALL setval(const mortise_evaluation_t* evaluation, const void*,
                                     const mortise_arguments_t* arguments,
                                     mortise_column_out_t* result, mortise_error_t* error) {
  return guard(error, [&]() -> Status {
    Session& session = session_of(evaluation);
    if (session.transaction().options().is_read_only) {
      return Status(Code::invalid, "25006", "cannot execute setval() in a read-only transaction");
    }
    return fill(*arguments, *result, [&](uint32_t row) -> Result<int64_t> {
      MORTISE_TRY_ASSIGN(const RelationPtr sequence, sequence_at(session, *arguments, row));
      const int64_t value = mortise::Values<int64_t>(arguments->columns[1])[row];
      const bool is_called = arguments->columns_count < 3 || Booleans(arguments->columns[2])[row];
      MORTISE_TRY(set_sequence_value(session, *sequence, value, is_called));
      return value;
    });
  });
}

constexpr uint32_t kOne[] = {MORTISE_SQL_REGCLASS};
constexpr uint32_t kTwo[] = {MORTISE_SQL_REGCLASS, MORTISE_SQL_INT8};
constexpr uint32_t kThree[] = {MORTISE_SQL_REGCLASS, MORTISE_SQL_INT8, MORTISE_SQL_BOOL};

constexpr mortise_function_t function(uint32_t oid, const char* name, const uint32_t* types,
                                      uint32_t count, mortise_function_evaluate_t evaluate,
                                      const char* help) {
  mortise_function_t f{};
  f.oid = oid;
  f.kind = MORTISE_FUNCTION_SCALAR;
  f.name = literal(name);
  f.argument_types = types;
  f.arguments_count = count;
  f.return_type = MORTISE_SQL_INT8;
  f.volatility = MORTISE_VOLATILITY_VOLATILE;
  f.is_strict = 1;
  f.evaluate = evaluate;
  f.help = literal(help);
  return f;
}

constexpr mortise_function_t kFunctions[] = {
    function(1574, "nextval", kOne, 1, nextval, "Advances a sequence and returns its new value."),
    function(1575, "currval", kOne, 1, currval,
             "Returns what nextval last returned for a sequence in this session."),
    function(2559, "lastval", kOne, 0, lastval,
             "Returns what nextval last returned in this session."),
    function(1576, "setval", kTwo, 2, setval, "Sets a sequence's value."),
    function(1765, "setval", kThree, 3, setval,
             "Sets a sequence's value, and whether it counts as drawn.")};

}  // namespace

const mortise_iface_functions_t kSequenceFunctions = {header_of<mortise_iface_functions_t>(),
                                                      kFunctions,
                                                      sizeof kFunctions / sizeof kFunctions[0],
                                                      sizeof(mortise_function_t),
                                                      nullptr,
                                                      0,
                                                      sizeof(mortise_cast_t)};

}  // namespace mortise::sql_engine
