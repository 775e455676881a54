/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a program keep its data in a Mortise of its own, without a server?
 *
 *   mortise_embed_t *db;
 *   mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
 *   if (mortise_embed_open("data", NULL, &db, &why)) ...
 *   mortise_embed_session_t *session;
 *   mortise_embed_session_open(db, NULL, NULL, &session, &why);
 *   mortise_embed_result_t *result;
 *   mortise_embed_run(session, "select id, name from t", &result, &why);
 *   while (mortise_embed_next_statement(result, &why) == 1)
 *     while (mortise_embed_next_batch(result, &why) == 1)
 *       for (uint32_t row = 0; row < mortise_embed_rows_count(result); row++)
 *         puts(mortise_embed_text(result, row, 1, NULL));
 *   mortise_embed_result_close(result, &why);
 *
 * Plugins are the same as a server's, without those that listen to the network.
 *
 * Invariants
 *   E1  One directory is open at a time in a process, and by one process at a time.
 *   E2  What mortise_embed_result_close reported as done survives any crash.
 *   E3  Texts and batches live until the next call on their result.
 *
 * Threads: a session and its results by one thread at a time, several sessions on several threads;
 * mortise_embed_cancel from any.
 *
 * Functions answer 0 for done (next_*: 1 for "there is one", 0 for "no more") and -1 for a failure,
 * whose reason is in the failure object, if one was given.
 */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(_WIN32)
#define MORTISE_EMBED_API __declspec(dllexport)
#else
#define MORTISE_EMBED_API __attribute__((visibility("default")))
#endif

typedef struct mortise_embed mortise_embed_t;
typedef struct mortise_embed_session mortise_embed_session_t;
typedef struct mortise_embed_result mortise_embed_result_t;

/* Why a call failed.  The caller's; texts are cut to fit. */
typedef struct mortise_embed_failure {
  uint32_t struct_size_bytes;
  uint32_t position_chars; /* in the SQL text, from 1; 0 = none */
  char sqlstate[8];
  char message[1024];
  char detail[512];
  char hint[512];
} mortise_embed_failure_t;
#define MORTISE_EMBED_FAILURE_INIT \
  { sizeof(mortise_embed_failure_t), 0, {0}, {0}, {0}, {0} }

typedef struct mortise_embed_options {
  uint32_t struct_size_bytes;
  uint32_t create;             /* 1: make the directory when it is not there */
  const char *set;             /* plugins to start; NULL = "default" */
  const char *plugins;         /* folders searched before the installation's own, see MORTISE_PLUGINS */
  const char *manifests;       /* folder of manifests; NULL = the same */
  const char *const *settings; /* name, value, name, value, ..., NULL; may be NULL */
} mortise_embed_options_t;
#define MORTISE_EMBED_OPTIONS_INIT \
  { sizeof(mortise_embed_options_t), 0, NULL, NULL, NULL, NULL }

/* "0.1.0" */
MORTISE_EMBED_API const char *mortise_embed_version(void);

/* Opens a data directory.  `options` may be null. */
MORTISE_EMBED_API int mortise_embed_open(const char *directory,
                                         const mortise_embed_options_t *options,
                                         mortise_embed_t **db, mortise_embed_failure_t *failure);

/* Closes it.  While sessions are open it fails with 55006, and the handle stays; after any other
 * failure the handle is gone. */
MORTISE_EMBED_API int mortise_embed_close(mortise_embed_t *db, mortise_embed_failure_t *failure);

/* Opens a session.  Null user or database: "postgres". */
MORTISE_EMBED_API int mortise_embed_session_open(mortise_embed_t *db, const char *user,
                                                 const char *database,
                                                 mortise_embed_session_t **session,
                                                 mortise_embed_failure_t *failure);
MORTISE_EMBED_API void mortise_embed_session_close(mortise_embed_session_t *session);

/* Gives COPY ... FROM STDIN its data: `read` answers the number of bytes it put into `buffer`, 0 at
 * the end.  Without one such a COPY fails. */
MORTISE_EMBED_API void mortise_embed_copy_source(mortise_embed_session_t *session,
                                                 size_t (*read)(void *context, char *buffer,
                                                                size_t capacity_bytes),
                                                 void *context);
/* Takes the data of COPY ... TO STDOUT. */
MORTISE_EMBED_API void mortise_embed_copy_target(mortise_embed_session_t *session,
                                                 void (*write)(void *context, const char *bytes,
                                                               size_t size_bytes),
                                                 void *context);

/* Runs a text of one or more statements, which form one transaction unless they say otherwise.  A
 * syntax error anywhere fails here; nothing has run then.  The result has to be closed before the
 * session's next run. */
MORTISE_EMBED_API int mortise_embed_run(mortise_embed_session_t *session, const char *sql,
                                        mortise_embed_result_t **result,
                                        mortise_embed_failure_t *failure);
/* The same, for texts whose results nobody wants. */
MORTISE_EMBED_API int mortise_embed_execute(mortise_embed_session_t *session, const char *sql,
                                            mortise_embed_failure_t *failure);
/* Ends what the session runs now with 57014. */
MORTISE_EMBED_API void mortise_embed_cancel(mortise_embed_session_t *session);

/* Goes to the next statement; what is left of the current one runs to its end. */
MORTISE_EMBED_API int mortise_embed_next_statement(mortise_embed_result_t *result,
                                                   mortise_embed_failure_t *failure);
/* Goes to the statement's next rows. */
MORTISE_EMBED_API int mortise_embed_next_batch(mortise_embed_result_t *result,
                                               mortise_embed_failure_t *failure);
/* "INSERT 0 1", once the statement has no more batches; before that "". */
MORTISE_EMBED_API const char *mortise_embed_tag(const mortise_embed_result_t *result);

MORTISE_EMBED_API uint32_t mortise_embed_columns_count(const mortise_embed_result_t *result);
MORTISE_EMBED_API const char *mortise_embed_column_name(const mortise_embed_result_t *result,
                                                        uint32_t column);
/* PostgreSQL's number of the column's type. */
MORTISE_EMBED_API uint32_t mortise_embed_column_type(const mortise_embed_result_t *result,
                                                     uint32_t column);
MORTISE_EMBED_API uint32_t mortise_embed_rows_count(const mortise_embed_result_t *result);
/* A value in its text form, terminated; null for NULL and for a row or column that is not there.
 * `size_bytes` may be null. */
MORTISE_EMBED_API const char *mortise_embed_text(mortise_embed_result_t *result, uint32_t row,
                                                 uint32_t column, size_t *size_bytes);
/* The rows as columns: a mortise_batch_t of the SDK (mortise/batch.h), without selection. */
MORTISE_EMBED_API const void *mortise_embed_batch(const mortise_embed_result_t *result);

/* Ends the text's transaction, unless it has begun one itself, and frees the result. */
MORTISE_EMBED_API int mortise_embed_result_close(mortise_embed_result_t *result,
                                                 mortise_embed_failure_t *failure);

#ifdef __cplusplus
}
#endif
