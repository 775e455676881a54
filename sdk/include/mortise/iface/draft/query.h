/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a front get a statement executed?
 *
 * A front opens a session for a client, prepares statements, opens portals on them and executes
 * portals into a sink.  The query engine does everything else.  The shape is that of PostgreSQL's
 * extended protocol; the simple protocol is a script.
 *
 * Calls on one session do not overlap, except `cancel`.  Errors leave the session usable; inside a
 * transaction block they leave it in state failed.
 *
 * Invariants
 *   Q1  execute calls the sink's functions on the thread that called it, or on the thread that the
 *       engine runs it on, one at a time, and none after it has ended.
 *   Q2  A statement or portal lives until closed, or the session closes.
 *   Q3  Within MORTISE_QUERY_SHORT_ONLY nothing waits for a lock, a client or another thread.
 */

#include "mortise/batch.h"
#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_QUERY "mortise.query/1"

typedef struct mortise_session mortise_session_t;
typedef struct mortise_script mortise_script_t;
typedef struct mortise_statement mortise_statement_t;
typedef struct mortise_portal mortise_portal_t;

/* execute's flags */
/* answer MORTISE_AGAIN, with nothing done, if it may take long */
#define MORTISE_QUERY_SHORT_ONLY 1u

/* transaction_state */
#define MORTISE_SESSION_IDLE 0u
#define MORTISE_SESSION_IN_TRANSACTION 1u
#define MORTISE_SESSION_FAILED 2u

#define MORTISE_NOTICE_DEBUG 1u
#define MORTISE_NOTICE_LOG 2u
#define MORTISE_NOTICE_INFO 3u
#define MORTISE_NOTICE_NOTICE 4u
#define MORTISE_NOTICE_WARNING 5u

typedef struct mortise_session_options {
  uint32_t struct_size_bytes;
  uint32_t process_id; /* what pg_backend_pid() answers; unique among open sessions */
  mortise_str_t user;
  mortise_str_t database;
  mortise_str_t application_name;
  mortise_str_t client_address; /* "" = embedded */
} mortise_session_options_t;

/* A result column, as RowDescription needs it. */
typedef struct mortise_result_column {
  mortise_str_t name;
  mortise_type_t type;
  mortise_object_id_t table; /* 0 = not a plain column */
  uint32_t attribute;        /* its number in the table, from 1; 0 = not a plain column */
} mortise_result_column_t;   /* frozen */

/* A parameter's value as it came from the client. */
typedef struct mortise_parameter {
  mortise_bytes_t value;
  uint32_t is_null;
  uint32_t is_binary; /* 0: text form */
} mortise_parameter_t; /* frozen */

typedef struct mortise_statement_info {
  uint32_t struct_size_bytes;
  uint32_t parameters_count;
  const uint32_t *parameter_types; /* SQL types */
  const mortise_result_column_t *columns;
  uint32_t columns_count;
  uint32_t returns_rows; /* 0: no RowDescription */
  uint32_t is_empty;     /* the text holds no statement */
  uint32_t reserved;
} mortise_statement_info_t;

/* Data on its way in: COPY ... FROM STDIN.  */
#define MORTISE_COPY_DATA 0u
#define MORTISE_COPY_DONE 1u
#define MORTISE_COPY_FAIL 2u /* the client gave up; bytes hold its reason */

/* Where results go.  Functions return MORTISE_OK to go on; any failure ends the execution. */
typedef struct mortise_sink {
  uint32_t struct_size_bytes;
  uint32_t reserved;
  void *context;

  /* The next rows.  Columns as described.  Borrowed for the call.  [worker] */
  mortise_status_t(MORTISE_CALL *rows)(void *context, const mortise_batch_t *batch,
                                       mortise_error_t *error);

  /* COPY begins: per column 1 = binary, 0 = text.  [worker] */
  mortise_status_t(MORTISE_CALL *copy_in_begin)(void *context, uint32_t columns_count,
                                                uint32_t is_binary, mortise_error_t *error);
  /* [worker] */
  mortise_status_t(MORTISE_CALL *copy_out_begin)(void *context, uint32_t columns_count,
                                                 uint32_t is_binary, mortise_error_t *error);
  /* Waits for the next piece of COPY data from the client: `*kind` MORTISE_COPY_*, `*bytes` valid
   * until the next call.  Never called within MORTISE_QUERY_SHORT_ONLY.
   * [worker] */
  mortise_status_t(MORTISE_CALL *copy_read)(void *context, uint32_t *kind, mortise_bytes_t *bytes,
                                            mortise_error_t *error);
  /* A piece of COPY data for the client: whole rows.  [worker] */
  mortise_status_t(MORTISE_CALL *copy_write)(void *context, mortise_bytes_t bytes,
                                             mortise_error_t *error);
} mortise_sink_t;

typedef struct mortise_completion {
  uint32_t struct_size_bytes;
  uint32_t is_suspended; /* rows_max was reached; execute again for more */
  char tag[64];          /* command tag, terminated: "INSERT 0 1" */
} mortise_completion_t;

/* What a session tells its front at any time during its calls. */
typedef struct mortise_session_events {
  uint32_t struct_size_bytes;
  uint32_t reserved;
  void *context;
  /* A notice.  [worker] */
  void(MORTISE_CALL *notice)(void *context, uint32_t severity, mortise_str_t sqlstate,
                             mortise_str_t message, mortise_str_t detail, mortise_str_t hint);
  /* A setting that clients follow (server_encoding, TimeZone, ...) has this value now.
   * [worker] */
  void(MORTISE_CALL *parameter)(void *context, mortise_str_t name, mortise_str_t value);
} mortise_session_events_t;

/* Told once when `sync` or a script's end answered MORTISE_PENDING.  [io] */
typedef void(MORTISE_CALL *mortise_sync_done_t)(void *context, mortise_status_t status,
                                                const mortise_error_t *reason);

typedef struct mortise_iface_query {
  mortise_header_t header;

  /* Opens a session.  3D000: no such database; 28000: no such role.  `events` is copied; its
   * `parameter` is called for every reported setting before open returns.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *session_open)(const mortise_session_options_t *options,
                                               const mortise_session_events_t *events,
                                               mortise_session_t **session, mortise_error_t *error);

  /* Rolls back what is open and ends the session.  [worker] */
  void(MORTISE_CALL *session_close)(mortise_session_t *session);

  /* Sets a session setting, as SET does.  [worker] */
  mortise_status_t(MORTISE_CALL *setting_set)(mortise_session_t *session, mortise_str_t name,
                                              mortise_str_t value, mortise_error_t *error);

  /* [any] */
  uint32_t(MORTISE_CALL *transaction_state)(const mortise_session_t *session);

  /* Ends what runs now with 57014.  [any, concurrent with everything but session_close] */
  void(MORTISE_CALL *cancel)(mortise_session_t *session);

  /* Session facts for the conversion functions of types; lives until the session's next call.
   * The pointer is stable for the session's life.
   * [any] */
  const struct mortise_session_context *(MORTISE_CALL *context)(mortise_session_t *session);

  /* The simple protocol: a text of statements that form one implicit transaction unless they say
   * otherwise.  A syntax error anywhere fails script_open.  The text is copied.
   * [worker or loop] */
  mortise_status_t(MORTISE_CALL *script_open)(mortise_session_t *session, mortise_str_t text,
                                              mortise_script_t **script, mortise_error_t *error);
  /* Prepares the script's next statement as a portal ready to execute; MORTISE_END after the last.
   * `*info` lives until the next call.  The portal is the script's.  May wait for locks on what
   * the statement reads, so that what `info` says still holds when it runs.
   * [worker] */
  mortise_status_t(MORTISE_CALL *script_next)(mortise_script_t *script, mortise_portal_t **portal,
                                              mortise_statement_info_t *info,
                                              mortise_error_t *error);
  /* Ends the script; `sync` follows.  [worker or loop] */
  void(MORTISE_CALL *script_close)(mortise_script_t *script);

  /* Prepares one statement.  `name`: known to SQL's EXECUTE and DEALLOCATE under it, "" = not;
   * 42P05
   * for a name in use.  `parameter_types`: 0 = infer.  42601 for more than one statement.
   * [worker or loop] */
  mortise_status_t(MORTISE_CALL *prepare)(mortise_session_t *session, mortise_str_t name,
                                          mortise_str_t text,
                                          const uint32_t *parameter_types,
                                          uint32_t parameter_types_count,
                                          mortise_statement_t **statement, mortise_error_t *error);
  /* Describes it; lives as long as the statement is not prepared anew after DDL.
   * [worker or loop] */
  mortise_status_t(MORTISE_CALL *describe)(mortise_statement_t *statement,
                                           mortise_statement_info_t *info, mortise_error_t *error);
  void(MORTISE_CALL *statement_close)(mortise_statement_t *statement);

  /* Binds values.  22P02, 22P03 for values that do not fit their type; 08P01 for a wrong count.
   * [worker or loop] */
  mortise_status_t(MORTISE_CALL *portal_open)(mortise_session_t *session,
                                              mortise_statement_t *statement,
                                              const mortise_parameter_t *parameters,
                                              uint32_t parameters_count, mortise_portal_t **portal,
                                              mortise_error_t *error);
  void(MORTISE_CALL *portal_close)(mortise_portal_t *portal);

  /* Runs a portal, to its end or for `rows_max` rows (0 = all).
   * [worker; with MORTISE_QUERY_SHORT_ONLY also loop] */
  mortise_status_t(MORTISE_CALL *execute)(mortise_portal_t *portal, uint64_t rows_max,
                                          uint32_t flags, const mortise_sink_t *sink,
                                          mortise_completion_t *completion, mortise_error_t *error);

  /* Ends an implicit transaction: commit, or abort if something failed.  MORTISE_PENDING only when
   * `done` is given.
   * [worker; with `done` also loop] */
  mortise_status_t(MORTISE_CALL *sync)(mortise_session_t *session, mortise_sync_done_t done,
                                       void *context, mortise_error_t *error);

  /* Tells the engine that an error has been reported for this session by the front itself (a failed
   * conversion of a parameter, say): an open transaction is failed.
   * [worker or loop] */
  void(MORTISE_CALL *fail)(mortise_session_t *session);

  /* Ends what runs now and whatever is begun after it, with 57P01: the session is only good for
   * session_close.  Unlike `cancel` it holds for statements that have not begun yet.
   * [any, concurrent with everything but session_close] */
  void(MORTISE_CALL *terminate)(mortise_session_t *session);
} mortise_iface_query_t;

#ifdef __cplusplus
}
#endif
