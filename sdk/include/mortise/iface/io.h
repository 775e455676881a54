/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how does a front talk to the network?
 *
 * The host owns the event loops, the sockets, the limits and TLS; a front owns bytes and protocol.
 * Each connection lives on one loop; its callbacks run there, one at a time.
 *
 * Invariants
 *   N1  After on_closed no callback comes for that connection, and its handle is stale.
 *   N2  Data is delivered in order and without gaps; the front consumes all of what it is given.
 *   N3  Outgoing bytes are bounded: past the high-water mark `write` still takes them and answers
 *       MORTISE_AGAIN; a polite front then waits for on_drained.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_IO "mortise.io/1"

typedef uint64_t mortise_listener_t;   /* generation:32 | index:32; 0 = none */
typedef uint64_t mortise_connection_t; /* generation:32 | index:32; 0 = none */

typedef struct mortise_io_handler {
  uint32_t struct_size_bytes;
  uint32_t reserved;
  void *context;

  /* A client has come.  The front returns its own state for the connection, handed to the other
   * callbacks; null closes the connection.  `peer` is the address as text.
   * [loop] */
  void *(MORTISE_CALL *on_accept)(void *context, mortise_connection_t connection,
                                  mortise_str_t peer);

  /* Bytes have come (N2).
   * [loop] */
  void(MORTISE_CALL *on_data)(void *state, const uint8_t *bytes, uint64_t size_bytes);

  /* The outgoing buffer fell below its low-water mark after a `write` answered MORTISE_AGAIN.
   * [loop] */
  void(MORTISE_CALL *on_drained)(void *state);

  /* The connection has ended, by either side (N1).  The front frees its state, now or when its own
   * work for it has finished.
   * [loop] */
  void(MORTISE_CALL *on_closed)(void *state);
} mortise_io_handler_t;

typedef struct mortise_iface_io {
  mortise_header_t header;

  /* Listens on an address ("127.0.0.1", "::", "localhost") and port (0 = any; see listener_port),
   * or on a Unix socket when `address` starts with '/'.  `handler` is borrowed until
   * listen_close.  Failures say what to do: port taken, no permission, no such address.
   * [control] */
  mortise_status_t(MORTISE_CALL *listen)(mortise_str_t address, uint16_t port,
                                         const mortise_io_handler_t *handler,
                                         mortise_listener_t *listener, mortise_error_t *error);

  /* The port in use, 0 for a stale handle.
   * [any, concurrent] */
  uint16_t(MORTISE_CALL *listener_port)(mortise_listener_t listener);

  /* Stops accepting; connections live on.
   * [control] */
  void(MORTISE_CALL *listen_close)(mortise_listener_t listener);

  /* Copies bytes into the outgoing buffer and sends them when the loop gets to it.  MORTISE_AGAIN:
   * taken, but above the high-water mark (N3).  MORTISE_E_STALE: the connection has ended.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *write)(mortise_connection_t connection, const uint8_t *bytes,
                                        uint64_t size_bytes, mortise_error_t *error);

  /* Sleeps until the outgoing buffer is below its low-water mark, or the connection has ended.
   * [worker, concurrent] */
  mortise_status_t(MORTISE_CALL *wait_drained)(mortise_connection_t connection,
                                               mortise_error_t *error);

  /* Stops and resumes delivery of on_data; what the kernel has buffered stays there.
   * [any, concurrent] */
  void(MORTISE_CALL *read_pause)(mortise_connection_t connection);
  void(MORTISE_CALL *read_resume)(mortise_connection_t connection);

  /* Sends what is buffered, then ends the connection; on_closed follows.
   * [any, concurrent] */
  void(MORTISE_CALL *close)(mortise_connection_t connection);

  /* Runs `run` on the connection's loop, after callbacks that are already due.  Not called when the
   * connection has ended: MORTISE_E_STALE.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *post)(mortise_connection_t connection,
                                       void(MORTISE_CALL *run)(void *context), void *context,
                                       mortise_error_t *error);
} mortise_iface_io_t;

#ifdef __cplusplus
}
#endif
