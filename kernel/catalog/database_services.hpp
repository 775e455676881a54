// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which host services does an open Database offer to plugins?
//
// The tables are constant and work on Database::current().
//
// Threads: [any].

#include "mortise/iface/catalog.h"
#include "mortise/iface/draft/table_engine.h"
#include "mortise/iface/page.h"
#include "mortise/iface/simd.h"
#include "mortise/iface/txn.h"

namespace mortise::catalog {

const mortise_iface_txn_t* txn_service();
const mortise_iface_page_t* page_service();
const mortise_iface_catalog_t* catalog_service();
// Slot "heap" of mortise.table_engine/1.
const mortise_iface_table_engine_t* heap_service();
// scan::simd_service() completes them (kernel/scan/simd.hpp).

}  // namespace mortise::catalog
