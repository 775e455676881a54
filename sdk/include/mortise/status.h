/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: what does a call across the ABI say about its end, and how does the reason travel?
 *
 * Every fallible function returns a mortise_status_t and takes, as its last argument, a
 * mortise_error_t that the CALLER owns.  The status tells a program what to do next; the error
 * object tells a human why.  A callee that fails sets the error before it returns; a callee that
 * succeeds leaves it alone.  The object's memory is the caller's, so nothing is freed across the
 * boundary and nobody needs a thread-local "last error".
 *
 * Invariants
 *   E1  status < 0  <=>  the callee called `set` on the error object (unless it was null).
 *   E2  A failed call has changed nothing, or its comment says what it leaves behind.
 *   E3  Numbers are never reused.  A host or plugin that meets an unknown negative status treats
 *       it as MORTISE_E_INTERNAL, an unknown positive one as MORTISE_OK.
 */

#include "mortise/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t mortise_status_t;

#define MORTISE_OK 0

/* Answers that are not failures. */
#define MORTISE_END 1     /* there is nothing more */
/* declined: would have to wait or run long; call again where that may be */
#define MORTISE_AGAIN 2
#define MORTISE_PENDING 3 /* accepted: the completion callback tells the end */

/* Failures, by what the caller does next (mortise/cpp/result.hpp says what that is). */
#define MORTISE_E_NOT_FOUND (-1)
#define MORTISE_E_DUPLICATE (-2)
#define MORTISE_E_BUSY (-3)
#define MORTISE_E_LIMIT (-4)
#define MORTISE_E_INVALID (-5)
#define MORTISE_E_CORRUPT (-6)
#define MORTISE_E_IO (-7)
#define MORTISE_E_UNSUPPORTED (-8)
#define MORTISE_E_CANCELLED (-9)
#define MORTISE_E_CONFLICT (-10)
#define MORTISE_E_NO_MEMORY (-11)
#define MORTISE_E_STALE (-12)
#define MORTISE_E_INTERNAL (-13)

/* Named parts of an error.  Unknown ones are ignored. */
#define MORTISE_ERROR_FIELD_DETAIL 1
#define MORTISE_ERROR_FIELD_HINT 2
#define MORTISE_ERROR_FIELD_SCHEMA 3
#define MORTISE_ERROR_FIELD_TABLE 4
#define MORTISE_ERROR_FIELD_COLUMN 5
#define MORTISE_ERROR_FIELD_TYPE 6
#define MORTISE_ERROR_FIELD_CONSTRAINT 7
#define MORTISE_ERROR_FIELD_WHERE 8 /* context, one line per level, innermost first */

/* A place for the reason.  Made by the caller, on its stack as a rule; filled by the callee. */
typedef struct mortise_error mortise_error_t;
struct mortise_error {
  uint32_t struct_size_bytes; /* sizeof as the caller knows it */
  uint32_t reserved;
  void *context; /* the caller's; the callee passes it on untouched */

  /* Sets code and message, dropping what was set before.  `sqlstate` is five characters, no
   * terminator needed.  `message` is borrowed for the call.  Cannot fail: out of memory keeps
   * the SQLSTATE and loses the text.
   * [any] */
  void(MORTISE_CALL *set)(mortise_error_t *error, const char *sqlstate, mortise_str_t message);

  /* Adds a named part (MORTISE_ERROR_FIELD_*).  Borrowed for the call.
   * [any] */
  void(MORTISE_CALL *field)(mortise_error_t *error, uint32_t field, mortise_str_t value);

  /* Points into the statement's text: 1-based, counted in characters.
   * [any] */
  void(MORTISE_CALL *position)(mortise_error_t *error, uint32_t position_chars);
};

#ifdef __cplusplus
}
#endif
