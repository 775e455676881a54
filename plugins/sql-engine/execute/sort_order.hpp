// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: in which order do rows of a store come?
//
// `compare_rows` compares by columns.  `encode_prefix` makes 8 bytes whose order as an unsigned
// number agrees with the first key as far as 8 bytes can tell, so that a sort compares rows only
// where the prefixes are equal.
//
// Threads: [any].

#include <span>

#include "execute/vector/row_store.hpp"

namespace mortise::sql_engine {

struct RowKey {
  uint32_t column = 0;  // of the layout
  bool is_descending = false;
  bool is_nulls_first = false;
};

// Below, equal to or above zero.
int compare_rows(const RowLayout& layout, std::span<const RowKey> keys, const uint8_t* a,
                 const uint8_t* b);

// The order of prefixes is that of the first key: smaller prefix, smaller row; equal prefixes tell
// nothing.
uint64_t encode_prefix(const RowLayout& layout, const RowKey& key, const uint8_t* row);

}  // namespace mortise::sql_engine
