/* SPDX-License-Identifier: Apache-2.0
 *
 * Goal: a C program opens a data directory, runs SQL and reads rows, and is told why not.
 * Method: a throwaway directory given as the first argument; every step is checked.
 */
#include <mortise_embed.h>
#include <stdio.h>
#include <string.h>

static int failures = 0;

static void check(int holds, const char *what, const mortise_embed_failure_t *why) {
  if (holds) return;
  ++failures;
  fprintf(stderr, "failed: %s (%s %s)\n", what, why->sqlstate, why->message);
}

static size_t read_once(void *context, char *buffer, size_t capacity_bytes) {
  const char **text = context;
  size_t size = strlen(*text);
  if (size > capacity_bytes) size = capacity_bytes;
  memcpy(buffer, *text, size);
  *text += size;
  return size;
}

static void check_rows(mortise_embed_session_t *session) {
  mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
  mortise_embed_result_t *result = NULL;
  size_t size = 0;
  check(mortise_embed_run(session,
                          "select id, name from t order by id; select count(*) as n from t",
                          &result, &why) == 0,
        "run", &why);
  check(mortise_embed_next_statement(result, &why) == 1, "first statement", &why);
  check(mortise_embed_columns_count(result) == 2, "two columns", &why);
  check(strcmp(mortise_embed_column_name(result, 1), "name") == 0, "column name", &why);
  check(mortise_embed_next_batch(result, &why) == 1, "rows", &why);
  check(mortise_embed_rows_count(result) == 3, "three rows", &why);
  check(strcmp(mortise_embed_text(result, 0, 0, &size), "1") == 0 && size == 1, "an id", &why);
  check(mortise_embed_text(result, 1, 1, NULL) == NULL, "null", &why);
  check(strcmp(mortise_embed_text(result, 2, 1, NULL), "a name that is long enough to lie elsewhere") ==
            0,
        "a long text", &why);
  check(mortise_embed_text(result, 3, 0, NULL) == NULL, "no fourth row", &why);
  check(mortise_embed_next_batch(result, &why) == 0, "end of rows", &why);
  check(strcmp(mortise_embed_tag(result), "SELECT 3") == 0, "tag", &why);
  check(mortise_embed_next_statement(result, &why) == 1, "second statement", &why);
  check(mortise_embed_next_batch(result, &why) == 1, "its row", &why);
  check(strcmp(mortise_embed_text(result, 0, 0, NULL), "3") == 0, "the count", &why);
  check(mortise_embed_next_statement(result, &why) == 0, "no third", &why);
  check(mortise_embed_result_close(result, &why) == 0, "close", &why);
}

static void check_failures(mortise_embed_session_t *session) {
  mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
  mortise_embed_result_t *result = NULL;
  check(mortise_embed_run(session, "selec 1", &result, &why) == -1, "syntax error", &why);
  check(strcmp(why.sqlstate, "42601") == 0 && why.position_chars == 1, "its place", &why);
  check(mortise_embed_execute(session, "select 1/0", &why) == -1, "division by zero", &why);
  check(strcmp(why.sqlstate, "22012") == 0, "its code", &why);
  check(mortise_embed_execute(session, "select 1", &why) == 0, "the session goes on", &why);
}

int main(int argc, char **argv) {
  mortise_embed_failure_t why = MORTISE_EMBED_FAILURE_INIT;
  mortise_embed_options_t options = MORTISE_EMBED_OPTIONS_INIT;
  const char *const settings[] = {"log_level", "error", NULL};
  const char *rows = "2\t\\N\n3\ta name that is long enough to lie elsewhere\n";
  mortise_embed_t *db = NULL;
  mortise_embed_t *second = NULL;
  mortise_embed_session_t *session = NULL;
  if (argc != 2) return 2;
  options.create = 1;
  options.settings = settings;
  if (mortise_embed_open(argv[1], &options, &db, &why) != 0) {
    check(0, "open", &why);
    return 1;
  }
  check(mortise_embed_open(argv[1], &options, &second, &why) == -1, "E1 open twice", &why);
  check(mortise_embed_session_open(db, NULL, NULL, &session, &why) == 0, "session", &why);
  check(mortise_embed_execute(session,
                              "create table t (id int, name text); insert into t values (1, 'one')",
                              &why) == 0,
        "create and insert", &why);
  mortise_embed_copy_source(session, read_once, &rows);
  check(mortise_embed_execute(session, "copy t from stdin", &why) == 0, "copy", &why);
  check_rows(session);
  check_failures(session);
  mortise_embed_session_close(session);
  check(mortise_embed_close(db, &why) == 0, "close", &why);
  return failures == 0 ? 0 : 1;
}
