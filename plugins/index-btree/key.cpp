// SPDX-License-Identifier: Apache-2.0
#include "key.hpp"

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/ordered.hpp"

namespace mortise::index_btree {
namespace {

constexpr uint8_t kNullFirst = 0x00;
constexpr uint8_t kValue = 0x01;
constexpr uint8_t kNullLast = 0x02;

bool is_null(const mortise_column_t& column, uint32_t row) {
  return column.validity != nullptr && !get_bit(column.validity, is_constant(column) ? 0 : row);
}

}  // namespace

Status check_columns(std::span<const mortise_index_column_t> columns) {
  if (columns.empty()) return invalid("an index needs at least one key column");
  for (const mortise_index_column_t& c : columns) {
    if (c.type.physical == MORTISE_PHYSICAL_NONE || c.type.physical > MORTISE_PHYSICAL_ORDERED) {
      return unsupported("index-btree has no order for physical type " +
                         std::to_string(c.type.physical));
    }
    if (c.type.collation != 0) {
      return unsupported("index-btree orders text by its bytes: collations are not supported");
    }
  }
  return {};
}

void encode_key(std::span<const mortise_index_column_t> columns, const mortise_batch_t& batch,
                uint32_t columns_count, uint32_t row, std::string& out) {
  for (uint32_t i = 0; i < columns_count; ++i) {
    const mortise_column_t& column = batch.columns[i];
    const uint32_t flags = columns[i].flags;
    if (is_null(column, row)) {
      const bool is_first = (flags & MORTISE_INDEX_NULLS_FIRST) != 0;
      out.push_back(static_cast<char>(is_first ? kNullFirst : kNullLast));
      continue;
    }
    out.push_back(static_cast<char>(kValue));
    const size_t begin = out.size();
    append_ordered(column, columns[i].type.physical, row, out);
    if ((flags & MORTISE_INDEX_DESCENDING) != 0) {
      for (size_t k = begin; k < out.size(); ++k) out[k] = static_cast<char>(~out[k]);
    }
  }
}

bool has_null(const mortise_batch_t& batch, uint32_t columns_count, uint32_t row) {
  for (uint32_t i = 0; i < columns_count; ++i) {
    if (is_null(batch.columns[i], row)) return true;
  }
  return false;
}

void append_row_id(mortise_row_id_t row_id, std::string& out) {
  append_big_endian<uint64_t>(row_id, out);
}

mortise_row_id_t row_id_of(std::string_view entry) {
  uint64_t value = 0;
  for (const char c : entry.substr(entry.size() - 8)) {
    value = value << 8 | static_cast<unsigned char>(c);
  }
  return value;
}

std::string prefix_successor(std::string_view prefix) {
  std::string next(prefix);
  while (!next.empty()) {
    const auto last = static_cast<unsigned char>(next.back());
    if (last != 0xFF) {
      next.back() = static_cast<char>(last + 1);
      return next;
    }
    next.pop_back();
  }
  return next;
}

}  // namespace mortise::index_btree
