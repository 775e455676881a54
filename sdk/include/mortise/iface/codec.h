/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: how are bytes made smaller and whole again?
 *
 * A codec is stateless and named by its slot ("lz4", "zstd"); the name goes to disk beside the
 * bytes
 * it made, so a name never changes its format.
 *
 * Invariants
 *   C1  decompress(compress(x)) == x for every x up to 1 GiB.
 *   C2  Damaged input gives MORTISE_E_CORRUPT; nothing outside the output buffer is touched.
 */

#include "mortise/status.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MORTISE_IFACE_CODEC "mortise.codec/1"

typedef struct mortise_iface_codec {
  mortise_header_t header;

  /* Levels that compress() takes: [level_min, level_max]; 0 stands for level_default. */
  int32_t level_min;
  int32_t level_max;
  int32_t level_default;
  uint32_t reserved;

  /* The most bytes that `size_bytes` of input can become; 0 when the input is too large.
   * [any, concurrent] */
  uint64_t(MORTISE_CALL *size_bytes_max)(uint64_t size_bytes);

  /* Compresses `input` into `output` and says how many bytes it wrote.  MORTISE_E_LIMIT when they
   * do not fit (then store it as it is), MORTISE_E_INVALID for a level out of range.
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *compress)(mortise_bytes_t input, int32_t level, uint8_t *output,
                                           uint64_t capacity_bytes, uint64_t *size_bytes,
                                           mortise_error_t *error);

  /* Restores exactly `original_size_bytes` into `output`.  MORTISE_E_CORRUPT otherwise (C2).
   * [any, concurrent] */
  mortise_status_t(MORTISE_CALL *decompress)(mortise_bytes_t input, uint8_t *output,
                                             uint64_t original_size_bytes, mortise_error_t *error);
} mortise_iface_codec_t;

#ifdef __cplusplus
}
#endif
