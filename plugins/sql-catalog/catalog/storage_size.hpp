// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how many bytes of pages does something stored have?
//
// Threads: [any, concurrent].

#include "instance.hpp"
#include "mortise/cpp/boundary.hpp"

namespace mortise::sql_catalog {

// 0 for what has no segment, and where the page service does not know it.
inline uint64_t size_of_segment(const Services& services, mortise_segment_id_t segment) {
  if (services.page == nullptr || segment == 0) return 0;
  mortise_page_id_t anchor = 0;
  uint64_t pages_count = 0;
  ErrorSlot error;
  if (services.page->segment_info(segment, &anchor, &pages_count, error.get()) != MORTISE_OK) {
    return 0;
  }
  return pages_count * MORTISE_PAGE_UNIT_BYTES;
}

}  // namespace mortise::sql_catalog
