// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do services keep from one call to the next, and when is it given back?
//
// Private to this folder.
//
// Threads: [control]

namespace mortise::plugin {

// The account that a null parent means.
void open_root_account();
// Frees what plugins left charged (memory.h, M2).
void close_root_account();

// Closes listeners that plugins left open and forgets their handlers, once no connection is left.
void close_listeners();

}  // namespace mortise::plugin
