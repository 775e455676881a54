/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: which functions, operators, casts and aggregates exist, and how are they evaluated?
 *
 * A provider (slot = its plugin's name) lists what it has; the query engine merges the lists and
 * resolves calls by PostgreSQL's rules.  Evaluation is by batch: whole columns in, a whole column
 * out.
 *
 * Invariants
 *   F1  Lists are constant while the plugin is active.
 *   F2  An immutable function gives equal results for equal arguments; the engine may fold it at
 *       planning time and evaluate it for rows that are filtered out later, unless it can fail:
 *       rows outside the selection are never passed on to `evaluate` as selected.
 *   F3  A strict function is not asked about rows with a null argument: the engine hands it a
 *       selection without them and sets their results to null.
 */

#include "mortise/batch.h"
#include "mortise/iface/txn.h"
#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_FUNCTIONS "mortise.functions/1"

#define MORTISE_VOLATILITY_IMMUTABLE 1u
#define MORTISE_VOLATILITY_STABLE 2u   /* constant within a statement */
#define MORTISE_VOLATILITY_VOLATILE 3u /* evaluated for each row */

#define MORTISE_FUNCTION_SCALAR 1u
#define MORTISE_FUNCTION_AGGREGATE 2u
#define MORTISE_FUNCTION_TABLE 3u  /* set-returning */
#define MORTISE_FUNCTION_WINDOW 4u /* needs a partition: rank, lag, ... */

#define MORTISE_CAST_IMPLICIT 1u
#define MORTISE_CAST_ASSIGNMENT 2u
#define MORTISE_CAST_EXPLICIT 3u

/* Session facts that text forms and clocks depend on; strings live for the statement. */
typedef struct mortise_session_context {
  uint32_t struct_size_bytes;
  uint32_t extra_float_digits; /* 0..3 stored as is */
  mortise_str_t time_zone;     /* IANA name, or a POSIX-like offset */
  mortise_str_t date_style;    /* "ISO, MDY" */
  mortise_str_t interval_style;
  mortise_str_t bytea_output; /* "hex" or "escape" */
  mortise_str_t user;
  mortise_str_t session_user;
  mortise_str_t database;
  mortise_str_t schema;          /* current_schema, "" if none */
  int64_t transaction_time_us;   /* microseconds since 2000-01-01 UTC: now() */
  int64_t statement_time_us;
  uint32_t process_id; /* pg_backend_pid() */
  uint32_t reserved;
  const uint32_t *interrupt; /* not 0: stop with MORTISE_E_CANCELLED; may be null */
  /* Read and change a session setting; MORTISE_E_NOT_FOUND (42704) for an unknown name.  `get`
   * returns a string that lives until the next call.
   * [worker] */
  void *settings;
  mortise_status_t(MORTISE_CALL *setting_get)(void *settings, mortise_str_t name,
                                              mortise_str_t *value, mortise_error_t *error);
  /* [worker] */
  mortise_status_t(MORTISE_CALL *setting_set)(void *settings, mortise_str_t name,
                                              mortise_str_t value, uint32_t is_local,
                                              mortise_error_t *error);
} mortise_session_context_t;

/* What one evaluation may use. */
typedef struct mortise_evaluation {
  uint32_t struct_size_bytes;
  uint32_t reserved;
  const mortise_session_context_t *session;
  void *arena;

  /* Memory for long strings of the result; 8-byte aligned; lives as long as the result's batch.
   * Null with the error set when the budget is used up.
   * [worker] */
  void *(MORTISE_CALL *allocate)(void *arena, uint64_t size_bytes, mortise_error_t *error);

  /* What the statement sees of the database, for functions that look into the catalog; null outside
   * of a statement. */
  const mortise_read_view_t *view;
} mortise_evaluation_t;

/* Arguments of a call.  Columns may be constant (MORTISE_COLUMN_CONSTANT). */
typedef struct mortise_arguments {
  const mortise_column_t *columns;
  const mortise_type_t *types;
  uint32_t columns_count;
  uint32_t rows_count;       /* physical rows */
  const uint16_t *selection; /* rows to evaluate; null = all */
  uint32_t selected_count;
  uint32_t reserved;
} mortise_arguments_t; /* frozen */

/* What is known of an argument when a call is bound. */
typedef struct mortise_bind_argument {
  mortise_type_t type;
  const void *constant;  /* its value if it is a constant that is not null, else null */
  uint32_t is_null;      /* 1: the constant null */
  uint32_t reserved;
} mortise_bind_argument_t; /* frozen */

/* Settles what depends on the arguments' exact types and constants: the result's precision and
 * scale, a compiled pattern.  `*state` is handed to evaluations, which may run concurrently on it,
 * and ends with `unbind`.
 * [worker, concurrent] */
typedef mortise_status_t(MORTISE_CALL *mortise_function_bind_t)(
    const mortise_bind_argument_t *arguments, uint32_t arguments_count, mortise_type_t *result,
    void **state, mortise_error_t *error);
typedef void(MORTISE_CALL *mortise_function_unbind_t)(void *state);

/* Fills `result` at the selected rows' positions; other positions may be left as they are.
 * [worker, concurrent] */
typedef mortise_status_t(MORTISE_CALL *mortise_function_evaluate_t)(
    const mortise_evaluation_t *evaluation, const void *state, const mortise_arguments_t *arguments,
    mortise_column_out_t *result, mortise_error_t *error);

/* An aggregate keeps a state of state_size_bytes per group, in the engine's memory: zeroed at
 * first,
 * moved by memcpy, never destroyed one by one (what it allocates comes from the evaluation's arena,
 * which lives as long as the states). */
typedef struct mortise_aggregate {
  uint32_t struct_size_bytes;
  uint32_t state_size_bytes; /* multiple of 16; aligned to 16 */

  /* Adds the selected rows: row i belongs to the state states[i], indexed like the columns.
   * [worker, concurrent on distinct states] */
  mortise_status_t(MORTISE_CALL *update)(const mortise_evaluation_t *evaluation, const void *bound,
                                         const mortise_arguments_t *arguments, void *const *states,
                                         mortise_error_t *error);
  /* Adds all selected rows to one state.  May be null: `update` serves.
   * [worker, concurrent on distinct states] */
  mortise_status_t(MORTISE_CALL *update_one)(const mortise_evaluation_t *evaluation,
                                             const void *bound,
                                             const mortise_arguments_t *arguments, void *state,
                                             mortise_error_t *error);
  /* Adds states from[i] into into[i].
   * [worker, concurrent on distinct states] */
  mortise_status_t(MORTISE_CALL *merge)(const mortise_evaluation_t *evaluation, const void *bound,
                                        void *const *into, void *const *from, uint32_t count,
                                        mortise_error_t *error);
  /* Writes the results of `count` states into rows 0..count-1; changes no state.
   * [worker] */
  mortise_status_t(MORTISE_CALL *finish)(const mortise_evaluation_t *evaluation, const void *bound,
                                         void *const *states, uint32_t count,
                                         mortise_column_out_t *result, mortise_error_t *error);
} mortise_aggregate_t;

/* A set-returning function: called with one row of arguments, answers batches. */
typedef struct mortise_table_function {
  uint32_t struct_size_bytes;
  uint32_t columns_count; /* of the result; named and typed below */
  const mortise_str_t *column_names;
  const uint32_t *column_types; /* SQL types */
  /* [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *open)(const mortise_evaluation_t *evaluation, const void *bound,
                                       const mortise_arguments_t *arguments, void **cursor,
                                       mortise_error_t *error);
  /* Gives the next batch, never empty; MORTISE_END after the last.  [worker] */
  mortise_status_t(MORTISE_CALL *next)(void *cursor, const mortise_evaluation_t *evaluation,
                                       mortise_batch_t *batch, mortise_error_t *error);
  void(MORTISE_CALL *close)(void *cursor);
} mortise_table_function_t;

typedef struct mortise_function {
  /* PostgreSQL's where it has one; else from 10,000,000 up, unique per provider list */
  uint32_t oid;
  uint32_t kind;                 /* MORTISE_FUNCTION_* */
  mortise_str_t name;            /* "upper" */
  mortise_str_t operator_symbol; /* "+" if it is also an operator (one or two arguments), else "" */
  const uint32_t *argument_types;
  uint32_t arguments_count;
  uint32_t variadic_type; /* element type of a VARIADIC last argument, 0 = none */
  uint32_t return_type;
  uint32_t volatility;   /* MORTISE_VOLATILITY_* */
  uint32_t is_strict;    /* F3; for aggregates: rows with a null argument are passed over */
  uint32_t cannot_fail;  /* 1: no argument value makes it fail */
  uint32_t returns_set;
  uint32_t defaults_count; /* trailing arguments that may be left out */
  mortise_function_bind_t bind; /* may be null: result = return_type without modifier, no state */
  mortise_function_unbind_t unbind;
  mortise_function_evaluate_t evaluate;    /* SCALAR */
  const mortise_aggregate_t *aggregate;    /* AGGREGATE */
  const mortise_table_function_t *table;   /* TABLE */
  mortise_str_t commutator;                /* symbols, "" if none */
  mortise_str_t negator;
  mortise_str_t help; /* one sentence for the reference */
} mortise_function_t;

/* A cast between two types, or from a type to itself: then it applies the target's modifier (the
 * length of varchar(n), the scale of numeric(p,s)).  A cast that is binary the same knows nothing
 * of
 * the modifier: the engine adds the type's cast to itself when the target has one.  Others apply it
 * at once.  Casts to and from text that are not listed are made of text_out and text_in, as
 * assignment and as explicit. */
typedef struct mortise_cast {
  uint32_t source_type;
  uint32_t target_type;
  uint32_t context;           /* MORTISE_CAST_*: the weakest place where it happens by itself */
  uint32_t is_binary_same;    /* 1: no change of bytes; evaluate is null */
  /* `bind` gets the value and a constant BOOL that says whether the cast was written by the user (a
   * string too long for its modifier is cut then, else an error), and `*result` filled with the
   * wanted
   * type, modifier included.  `evaluate` gets the value alone. */
  mortise_function_bind_t bind;
  mortise_function_unbind_t unbind;
  mortise_function_evaluate_t evaluate;
} mortise_cast_t;

typedef struct mortise_iface_functions {
  mortise_header_t header;
  const mortise_function_t *functions;
  uint32_t functions_count;
  uint32_t function_stride_bytes;
  const mortise_cast_t *casts;
  uint32_t casts_count;
  uint32_t cast_stride_bytes;
} mortise_iface_functions_t;

#ifdef __cplusplus
}
#endif
