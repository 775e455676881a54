// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: which bytes stand for a key, so that memcmp is the order of the index?
//
// A key is its columns one after another, each a marker and, unless null, the value:
//   marker   0x00 null that sorts first, 0x01 a value, 0x02 null that sorts last
//   integer  big-endian, sign bit inverted (INT16/32/64, DECIMAL64/128)
//   float    IEEE bits, made monotonic; -0 is 0, every NaN is all ones
//   bool     one byte;  uuid: its 16 bytes
//   interval its length as a 128-bit count of microseconds, as an integer
//   text, bytes, numeric (without its display scale)
//            the bytes with 0x00 written as 0x00 0xFF, then 0x00 0x01
// The bytes of a value (not the marker) are inverted in a descending column.  The encoding of a
// column never is a prefix of another value's, so concatenation keeps the order.
//
// Entries of the tree append the row id, big-endian: equal keys stand in row-id order and no two
// entries are equal.
//
// Invariants
//   B1  encode(a) < encode(b) in memcmp order exactly if a sorts before b.
//   B2  Two values that compare equal have the same bytes.
//
// Threads: [any, concurrent]

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/index.h"

namespace mortise::index_btree {

// Longest key, so that two entries and their separators fit a page of 8 KiB.
inline constexpr uint32_t kKeyBytesMax = 2600;

// 0A000 when a column's type has no order here.
Status check_columns(std::span<const mortise_index_column_t> columns);

// Appends the key of one row: the first `columns_count` columns of the batch.
void encode_key(std::span<const mortise_index_column_t> columns, const mortise_batch_t& batch,
                uint32_t columns_count, uint32_t row, std::string& out);

// True if one of the row's first columns is null.
bool has_null(const mortise_batch_t& batch, uint32_t columns_count, uint32_t row);

void append_row_id(mortise_row_id_t row_id, std::string& out);
// The row id at the end of an entry.
mortise_row_id_t row_id_of(std::string_view entry);

// The least byte string greater than all that begin with `prefix`; empty if there is none.
std::string prefix_successor(std::string_view prefix);

}  // namespace mortise::index_btree
