// SPDX-License-Identifier: Apache-2.0
#include "key.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/int128.hpp"

namespace mortise::index_btree {
namespace {

constexpr uint8_t kNullFirst = 0x00;
constexpr uint8_t kValue = 0x01;
constexpr uint8_t kNullLast = 0x02;

template <typename Unsigned>
void append_big_endian(Unsigned value, std::string& out) {
  for (int shift = static_cast<int>(sizeof(Unsigned)) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<uint8_t>(value >> shift)));
  }
}

template <typename Signed, typename Unsigned>
void append_integer(Signed value, std::string& out) {
  constexpr Unsigned kSign = Unsigned{1} << (sizeof(Unsigned) * 8 - 1);
  append_big_endian<Unsigned>(static_cast<Unsigned>(static_cast<Unsigned>(value) ^ kSign), out);
}

template <typename Float, typename Bits>
void append_float(Float value, std::string& out) {
  constexpr Bits kSign = Bits{1} << (sizeof(Bits) * 8 - 1);
  Bits bits = ~Bits{0};
  if (!std::isnan(value)) {
    bits = std::bit_cast<Bits>(value == 0 ? Float{0} : value);
    bits = (bits & kSign) != 0 ? ~bits : bits | kSign;
  }
  append_big_endian<Bits>(bits, out);
}

void append_interval(const mortise_interval_t& value, std::string& out) {
  const Int128 days = Int128{value.months} * 30 + value.days;
  append_integer<Int128, Uint128>(days * 86'400'000'000 + value.microseconds, out);
}

void append_escaped(std::string_view bytes, std::string& out) {
  size_t at = 0;
  while (true) {
    const size_t zero = bytes.find('\0', at);
    out.append(bytes.substr(at, zero - at));
    if (zero == std::string_view::npos) break;
    out.append("\x00\xFF", 2);
    at = zero + 1;
  }
  out.append("\x00\x01", 2);
}

void append_value(const mortise_column_t& column, uint16_t physical, uint32_t row,
                  std::string& out) {
  switch (physical) {
    case MORTISE_PHYSICAL_BOOL:
      out.push_back(Booleans(column)[row] ? 1 : 0);
      return;
    case MORTISE_PHYSICAL_INT16:
      return append_integer<int16_t, uint16_t>(Values<int16_t>(column)[row], out);
    case MORTISE_PHYSICAL_INT32:
      return append_integer<int32_t, uint32_t>(Values<int32_t>(column)[row], out);
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return append_integer<int64_t, uint64_t>(Values<int64_t>(column)[row], out);
    case MORTISE_PHYSICAL_DECIMAL128:
      return append_integer<Int128, Uint128>(Values<Int128>(column)[row], out);
    case MORTISE_PHYSICAL_FLOAT32:
      return append_float<float, uint32_t>(Values<float>(column)[row], out);
    case MORTISE_PHYSICAL_FLOAT64:
      return append_float<double, uint64_t>(Values<double>(column)[row], out);
    case MORTISE_PHYSICAL_INTERVAL:
      return append_interval(Values<mortise_interval_t>(column)[row], out);
    case MORTISE_PHYSICAL_UUID: {
      struct Uuid {
        char bytes[16];
      };
      out.append(Values<Uuid>(column)[row].bytes, 16);
      return;
    }
    case MORTISE_PHYSICAL_NUMERIC: {
      const std::string_view bytes = Strings(column)[row];
      return append_escaped(bytes.substr(0, bytes.size() < 2 ? 0 : bytes.size() - 2), out);
    }
    default:
      return append_escaped(Strings(column)[row], out);
  }
}

bool is_null(const mortise_column_t& column, uint32_t row) {
  return column.validity != nullptr && !get_bit(column.validity, is_constant(column) ? 0 : row);
}

}  // namespace

Status check_columns(std::span<const mortise_index_column_t> columns) {
  if (columns.empty()) return invalid("an index needs at least one key column");
  for (const mortise_index_column_t& c : columns) {
    if (c.type.physical == MORTISE_PHYSICAL_NONE || c.type.physical > MORTISE_PHYSICAL_NUMERIC) {
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
    append_value(column, columns[i].type.physical, row, out);
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
