/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: whose memory is it, and how much may it use?
 *
 * Every byte is charged to an account.  Accounts form a tree: instance, plugin or session, query.
 * Arenas are for what dies together (a statement, a batch); blocks for what lives on its own.
 *
 * Invariants
 *   M1  An account's use never exceeds its budget or an ancestor's; the call that would do so fails
 *       with MORTISE_E_NO_MEMORY (SQLSTATE 53200) and charges nothing.
 *   M2  Closing an account gives back what is still charged to it.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_MEMORY "mortise.memory/1"

typedef struct mortise_account mortise_account_t;
typedef struct mortise_arena mortise_arena_t;

/* How scarce memory is; what a plugin should do about it. */
#define MORTISE_PRESSURE_NORMAL 0u    /* < 80 %: nothing */
#define MORTISE_PRESSURE_WARNING 1u   /* < 95 %: shrink caches */
#define MORTISE_PRESSURE_CRITICAL 2u  /* < 98 %: spill, refuse large requests */
#define MORTISE_PRESSURE_EMERGENCY 3u /* refuse what is not needed to finish */

typedef struct mortise_iface_memory {
  mortise_header_t header;

  /* Opens an account below `parent` (null = the instance).  `budget_bytes` 0 = the parent's.
   * `name` is copied; it appears in errors and in sys.memory.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *account_open)(mortise_account_t *parent, mortise_str_t name,
                                               uint64_t budget_bytes, mortise_account_t **account,
                                               mortise_error_t *error);

  /* Ends an account; its arenas and blocks are invalid from here on (M2).
   * [any] */
  void(MORTISE_CALL *account_close)(mortise_account_t *account);

  /* Charges memory that the plugin got elsewhere (a library's own allocations), and gives it back.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *charge)(mortise_account_t *account, uint64_t size_bytes,
                                         mortise_error_t *error);
  void(MORTISE_CALL *discharge)(mortise_account_t *account, uint64_t size_bytes);

  /* Bytes charged now to the account and those below it.
   * [any, concurrent] */
  uint64_t(MORTISE_CALL *used_bytes)(const mortise_account_t *account);

  /* Allocates a block, 16-byte aligned (64 from 4 KiB on), or null with the error set.
   * [any, concurrent] */
  void *(MORTISE_CALL *allocate)(mortise_account_t *account, uint64_t size_bytes,
                                 mortise_error_t *error);

  /* Frees a block of this account.  Null is ignored.
   * [any, concurrent] */
  void(MORTISE_CALL *release)(mortise_account_t *account, void *block);

  /* Opens an arena that charges `account` chunk by chunk.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *arena_open)(mortise_account_t *account, mortise_arena_t **arena,
                                             mortise_error_t *error);

  /* Allocates from an arena, or null with the error set.  `alignment_bytes` is a power of two up to
   * 64.  Valid until reset or close.
   * [any] */
  void *(MORTISE_CALL *arena_allocate)(mortise_arena_t *arena, uint64_t size_bytes,
                                       uint32_t alignment_bytes, mortise_error_t *error);

  /* Forgets everything but keeps the first chunk for reuse.
   * [any] */
  void(MORTISE_CALL *arena_reset)(mortise_arena_t *arena);

  /* Ends the arena.
   * [any] */
  void(MORTISE_CALL *arena_close)(mortise_arena_t *arena);

  /* Says how scarce memory is in the instance: MORTISE_PRESSURE_*.
   * [any, concurrent] */
  uint32_t(MORTISE_CALL *pressure)(void);
} mortise_iface_memory_t;

#ifdef __cplusplus
}
#endif
