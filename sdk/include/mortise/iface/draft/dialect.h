/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a text become a syntax tree?
 *
 * A dialect (slot "postgres", "oracle") only reads: it knows no catalog and resolves no names.  The
 * vocabulary of the tree is mortise/syntax.h.
 */

#include "mortise/syntax.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_DIALECT "mortise.dialect/1"

typedef struct mortise_iface_dialect {
  mortise_header_t header;

  /* Reads a text of any number of statements and builds their trees in order; empty ones are left
   * out.  MORTISE_E_INVALID 42601 with a position for a syntax error; 0A000 for a statement that
   * the
   * grammar knows and the tree has no word for.
   * [worker or loop, concurrent] */
  mortise_status_t(MORTISE_CALL *parse)(mortise_str_t text, const mortise_syntax_builder_t *builder,
                                        mortise_error_t *error);

  /* A number that is the same for statements that differ in constants and white space only.
   * [worker or loop, concurrent] */
  mortise_status_t(MORTISE_CALL *fingerprint)(mortise_str_t text, uint64_t *fingerprint,
                                              mortise_error_t *error);

  /* 1 if `word` must be quoted to be an identifier.  [any, concurrent] */
  uint32_t(MORTISE_CALL *needs_quotes)(mortise_str_t word);
} mortise_iface_dialect_t;

#ifdef __cplusplus
}
#endif
