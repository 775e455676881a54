/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/* Answers: which symbol does the host look for?
 *
 * Exactly one, and it is the only one the library exports.  Its name carries the version of the
 * description's layout, so that a host that knows v2 can still load a v1 plugin.
 */

#include "mortise/plugin.h"

#define MORTISE_ABI_MINOR 1u
#define MORTISE_SDK_VERSION "0.1.0"
#define MORTISE_PLUGIN_ENTRY "mortise_plugin_query_v1"

#ifdef __cplusplus
extern "C" {
#endif

/* Describes the plugin, or returns null when it cannot live in a host of this ABI minor.
 * [control & !active] */
typedef const mortise_plugin_t *(MORTISE_CALL *mortise_plugin_query_v1_t)(uint32_t host_abi_minor);

#ifdef __cplusplus
}
#endif
