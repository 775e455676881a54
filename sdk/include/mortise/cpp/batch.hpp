// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does C++ read and write the columns of batch.h?
//
// `Values<T>` reads a column, constant or not, without a branch per row; `Strings` reads views;
// `Output<T>` writes one.  `for_each_selected` walks a selection.  Everything is inline: there is
// no call through the ABI inside a loop over rows.
//
// Threads: value types over memory of others; [any] on distinct rows.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "mortise/batch.h"
#include "mortise/cpp/assert.hpp"

namespace mortise {

static_assert(std::endian::native == std::endian::little, "the ABI is little-endian");
static_assert(sizeof(mortise_view_t) == 16);
static_assert(sizeof(mortise_type_t) == 16);

// Bytes of one value of a physical type in a column's data; 0 for BOOL, which is a bitmap.
constexpr uint32_t width_bytes(uint16_t physical) {
  switch (physical) {
    case MORTISE_PHYSICAL_INT16:
      return 2;
    case MORTISE_PHYSICAL_INT32:
    case MORTISE_PHYSICAL_FLOAT32:
      return 4;
    case MORTISE_PHYSICAL_INT64:
    case MORTISE_PHYSICAL_FLOAT64:
    case MORTISE_PHYSICAL_DECIMAL64:
      return 8;
    case MORTISE_PHYSICAL_DECIMAL128:
    case MORTISE_PHYSICAL_TEXT:
    case MORTISE_PHYSICAL_BYTES:
    case MORTISE_PHYSICAL_UUID:
    case MORTISE_PHYSICAL_INTERVAL:
    case MORTISE_PHYSICAL_NUMERIC:
    case MORTISE_PHYSICAL_ORDERED:
      return 16;
    default:
      return 0;
  }
}

// True for types whose values are mortise_view_t.
constexpr bool is_view(uint16_t physical) {
  return physical == MORTISE_PHYSICAL_TEXT || physical == MORTISE_PHYSICAL_BYTES ||
         physical == MORTISE_PHYSICAL_NUMERIC || physical == MORTISE_PHYSICAL_ORDERED;
}

// Bytes of a bitmap for `rows`, padded as B1 asks.
constexpr uint64_t bitmap_size_bytes(uint64_t rows) { return (rows + 511) / 512 * 64; }

inline bool get_bit(const uint64_t* words, uint64_t index) {
  return (words[index / 64] >> (index % 64) & 1) != 0;
}
inline void set_bit(uint64_t* words, uint64_t index) { words[index / 64] |= 1ULL << (index % 64); }
inline void clear_bit(uint64_t* words, uint64_t index) {
  words[index / 64] &= ~(1ULL << (index % 64));
}
inline void assign_bit(uint64_t* words, uint64_t index, bool value) {
  const uint64_t mask = 1ULL << (index % 64);
  words[index / 64] = (words[index / 64] & ~mask) | (value ? mask : 0);
}

inline std::string_view text_of(const mortise_view_t& v) {
  const auto* bytes = v.size_bytes <= MORTISE_VIEW_INLINE_BYTES_MAX
                          ? reinterpret_cast<const char*>(v.prefix)
                          : reinterpret_cast<const char*>(v.u.data);
  return {bytes, v.size_bytes};
}

// A view of bytes that live elsewhere and outlive it; short ones are copied in.
inline mortise_view_t view_to(std::string_view bytes) {
  mortise_view_t v{};
  v.size_bytes = static_cast<uint32_t>(bytes.size());
  if (bytes.size() <= MORTISE_VIEW_INLINE_BYTES_MAX) {
    if (!bytes.empty()) std::memcpy(v.prefix, bytes.data(), bytes.size());
  } else {
    std::memcpy(v.prefix, bytes.data(), 4);
    v.u.data = reinterpret_cast<const uint8_t*>(bytes.data());
  }
  return v;
}

inline bool is_constant(const mortise_column_t& c) {
  return (c.flags & MORTISE_COLUMN_CONSTANT) != 0;
}

// Reads a column of fixed-width values; a constant one answers row 0 for every row.
template <typename T>
class Values {
 public:
  explicit Values(const mortise_column_t& c)
      : data_(static_cast<const T*>(c.data)),
        validity_(c.validity),
        mask_(is_constant(c) ? 0 : ~uint64_t{0}) {}

  const T& operator[](uint64_t row) const { return data_[row & mask_]; }
  bool is_valid(uint64_t row) const {
    return validity_ == nullptr || get_bit(validity_, row & mask_);
  }
  bool has_nulls() const { return validity_ != nullptr; }

 private:
  const T* data_;
  const uint64_t* validity_;
  uint64_t mask_;
};

// Reads TEXT, BYTES, NUMERIC or ORDERED.
class Strings {
 public:
  explicit Strings(const mortise_column_t& c) : views_(c) {}
  std::string_view operator[](uint64_t row) const { return text_of(views_[row]); }
  const mortise_view_t& view(uint64_t row) const { return views_[row]; }
  bool is_valid(uint64_t row) const { return views_.is_valid(row); }

 private:
  Values<mortise_view_t> views_;
};

// Reads BOOL.
class Booleans {
 public:
  explicit Booleans(const mortise_column_t& c)
      : bits_(static_cast<const uint64_t*>(c.data)),
        validity_(c.validity),
        mask_(is_constant(c) ? 0 : ~uint64_t{0}) {}
  bool operator[](uint64_t row) const { return get_bit(bits_, row & mask_); }
  bool is_valid(uint64_t row) const {
    return validity_ == nullptr || get_bit(validity_, row & mask_);
  }

 private:
  const uint64_t* bits_;
  const uint64_t* validity_;
  uint64_t mask_;
};

// Calls body(row) for every selected row.
template <typename Body>
void for_each_selected(uint32_t rows_count, const uint16_t* selection, uint32_t selected_count,
                       Body&& body) {
  if (selection == nullptr) {
    for (uint32_t row = 0; row < rows_count; ++row) body(row);
  } else {
    for (uint32_t i = 0; i < selected_count; ++i) body(static_cast<uint32_t>(selection[i]));
  }
}

template <typename T>
T* data_of(mortise_column_out_t& out) {
  return static_cast<T*>(out.data);
}

}  // namespace mortise
