/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: which pages should leave memory next?
 *
 * A policy (slot = its name: "clock") proposes victims; the buffer pool verifies each one itself
 * (clean,
 * unpinned, unlatched), so a policy can be slow but never wrong.  A hit on a page costs the pool
 * one
 * store of a coarse tick into the frame and no call; a policy reads the ticks when it is asked.
 *
 * Invariants
 *   E1  A policy is told of every page that enters a frame and of every page that leaves one;
 *       accesses are a sample, given only to a policy that wants them.
 *   E2  pick() is bounded: it looks at no more frames than a small multiple of those there are.
 *
 * Threads: calls on one evictor do not overlap; they come under the pool's eviction lock and must
 * not
 * wait, nor call a host service but mortise.log/1 and mortise.metrics/1.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_EVICT "mortise.evict/1"

typedef struct mortise_evictor mortise_evictor_t;

/* What the page is used for; enters with on_loaded. */
#define MORTISE_ACCESS_RANDOM 0u
#define MORTISE_ACCESS_SCAN 1u        /* once, in order */
#define MORTISE_ACCESS_MAINTENANCE 2u /* purge, check, backup: as scan */
#define MORTISE_ACCESS_INDEX_INNER 3u
#define MORTISE_ACCESS_UNDO 4u

#define MORTISE_FRAME_NO_PAGE UINT64_MAX

/* Where the facts of frame i stand: frames + i * stride_bytes + offset.  They change under the
 * reader's eyes: read each by one relaxed atomic load.  Lives as long as the evictor. */
typedef struct mortise_frames {
  uint32_t struct_size_bytes;
  uint32_t frames_count;
  const uint8_t *frames;
  uint32_t stride_bytes;
  uint32_t page_offset_bytes;       /* u64: mortise_page_id_t, or MORTISE_FRAME_NO_PAGE */
  uint32_t touch_offset_bytes;      /* u16: the tick of the last access */
  uint32_t size_class_offset_bytes; /* u8: 0 = 4 KiB, each next one twice as large */
} mortise_frames_t;

typedef struct mortise_frame_access {
  uint32_t frame_index;
  uint32_t reserved;
  uint64_t page_hash;
} mortise_frame_access_t; /* frozen */

typedef struct mortise_iface_evict {
  mortise_header_t header;

  uint32_t wants_accesses; /* 1: on_accesses is called */
  uint32_t reserved;

  /* Makes an evictor for an empty pool.
   * [control] */
  mortise_status_t(MORTISE_CALL *create)(const mortise_frames_t *frames,
                                         mortise_evictor_t **evictor, mortise_error_t *error);
  /* Ends it.  [control] */
  void(MORTISE_CALL *destroy)(mortise_evictor_t *evictor);

  /* Sampled accesses, oldest first.  [any] */
  void(MORTISE_CALL *on_accesses)(mortise_evictor_t *evictor,
                                  const mortise_frame_access_t *accesses, uint32_t accesses_count);
  /* A page has been read into, or made in, a frame.  [any] */
  void(MORTISE_CALL *on_loaded)(mortise_evictor_t *evictor, uint32_t frame_index,
                                mortise_page_id_t page, uint32_t access);
  /* A page has left its frame.  [any] */
  void(MORTISE_CALL *on_evicted)(mortise_evictor_t *evictor, uint32_t frame_index,
                                 mortise_page_id_t page);
  /* Fills `victims` with frames that hold a page of that size class, the best first; answers how
   * many, which may be less than `capacity` (E2).  A victim that the pool cannot take now may be
   * proposed again.
   * [any] */
  uint32_t(MORTISE_CALL *pick)(mortise_evictor_t *evictor, uint32_t *victims, uint32_t capacity,
                               uint32_t size_class);
} mortise_iface_evict_t;

#ifdef __cplusplus
}
#endif
