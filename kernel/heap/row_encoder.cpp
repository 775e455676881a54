// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/row_encoder.hpp"

#include <algorithm>
#include <cstring>

#include "kernel/heap/heap_page.hpp"
#include "kernel/scan/simd.hpp"

namespace mortise::heap {
namespace {

bool is_constant(const mortise_column_t& column) {
  return (column.flags & MORTISE_COLUMN_CONSTANT) != 0;
}

template <uint32_t kWidth>
void copy_value(std::byte* to, const std::byte* data, uint32_t row) {
  std::memcpy(to, data + size_t{row} * kWidth, kWidth);
}

}  // namespace

// f(i, row): the i-th row and its place in the column.
template <typename F>
void RowEncoder::each_row(const Source& source, F&& f) const {
  const uint32_t count = rows_.selected_count;
  if (is_constant(*source.column)) {
    for (uint32_t i = 0; i < count; ++i) f(i, 0u);
  } else if (rows_.selection != nullptr) {
    for (uint32_t i = 0; i < count; ++i) f(i, uint32_t{rows_.selection[i]});
  } else {
    for (uint32_t i = 0; i < count; ++i) f(i, i);
  }
}

template <typename F>
void RowEncoder::each_null(const Source& source, F&& f) const {
  const uint64_t* const validity = source.column->validity;
  if (validity == nullptr) return;
  each_row(source, [&](uint32_t i, uint32_t row) {
    if (!scan::test_bit(validity, row)) f(i);
  });
}

void RowEncoder::measure(EncodedRows& into) {
  const uint32_t count = rows_.selected_count;
  uint32_t next = 0;
  for (uint32_t c = 0; c < layout_.column_count(); ++c) {
    const TableLayout::Column& target = layout_.column(c);
    if (target.is_dropped) {
      has_dropped_ = true;
    } else {
      sources_.push_back({&rows_.columns[next++], &target, c});
    }
  }
  has_nulls_.assign(count, has_dropped_ ? 1 : 0);
  const uint32_t fixed =
      kVersionBytes + kBodyHeaderBytes + layout_.fixed_bytes() + 2 * layout_.var_count();
  sizes_.assign(count, fixed);
  for (const Source& source : sources_) {
    each_null(source, [&](uint32_t i) { has_nulls_[i] = 1; });
    if (!source.target->is_var) continue;
    const auto* const views = static_cast<const mortise_view_t*>(source.column->data);
    const uint64_t* const validity = source.column->validity;
    each_row(source, [&](uint32_t i, uint32_t row) {
      const bool is_null = validity != nullptr && !scan::test_bit(validity, row);
      // Past the largest row it only has to stay there.
      if (!is_null) sizes_[i] += std::min(views[row].size_bytes, uint32_t{kVarLarge});
    });
  }
  const uint32_t null_bytes = (layout_.column_count() + 7) / 8;
  for (uint32_t i = 0; i < count; ++i) sizes_[i] += has_nulls_[i] != 0 ? null_bytes : 0;
  into.sizes.reserve(into.sizes.size() + count);
}

uint32_t RowEncoder::ends_offset(uint32_t i) const {
  const uint32_t behind_fixed = kBodyHeaderBytes + layout_.fixed_bytes();
  return behind_fixed + (has_nulls_[i] != 0 ? (layout_.column_count() + 7) / 8 : 0);
}

void RowEncoder::put_headers(std::byte* const* bodies) const {
  uint64_t header = layout_.column_count() | uint64_t{layout_.fixed_bytes()} << 16 |
                    uint64_t{layout_.var_count()} << 32;
  for (uint32_t i = 0; i < rows_.selected_count; ++i) {
    store_le(bodies[i], header | uint64_t{has_nulls_[i] != 0 ? kRowHasNulls : 0u} << 48);
  }
  if (!has_dropped_) return;
  for (uint32_t c = 0; c < layout_.column_count(); ++c) {
    if (!layout_.column(c).is_dropped) continue;
    put_nulls({nullptr, &layout_.column(c), c}, bodies);
  }
}

// Nulls keep the zeros that stand there.
void RowEncoder::put_fixed(const Source& source, std::byte* const* bodies) const {
  const uint32_t offset = kBodyHeaderBytes + source.target->fixed_offset;
  const auto* const data = static_cast<const std::byte*>(source.column->data);
  const uint64_t* const validity = source.column->validity;
  const auto put = [&](auto&& copy) {
    each_row(source, [&](uint32_t i, uint32_t row) {
      if (validity == nullptr || scan::test_bit(validity, row)) copy(bodies[i] + offset, row);
    });
  };
  if (source.target->type.physical == MORTISE_PHYSICAL_BOOL) {
    const auto* const words = static_cast<const uint64_t*>(source.column->data);
    return put([&](std::byte* to, uint32_t row) {
      *to = scan::test_bit(words, row) ? std::byte{1} : std::byte{0};
    });
  }
  switch (source.target->width) {  // constant sizes become single moves
    case 2:
      return put([&](std::byte* to, uint32_t row) { copy_value<2>(to, data, row); });
    case 4:
      return put([&](std::byte* to, uint32_t row) { copy_value<4>(to, data, row); });
    case 8:
      return put([&](std::byte* to, uint32_t row) { copy_value<8>(to, data, row); });
    default:
      return put([&](std::byte* to, uint32_t row) { copy_value<16>(to, data, row); });
  }
}

void RowEncoder::put_nulls(const Source& source, std::byte* const* bodies) const {
  const uint32_t at = kBodyHeaderBytes + layout_.fixed_bytes() + source.index / 8;
  const auto bit = static_cast<std::byte>(1u << (source.index % 8));
  if (source.column == nullptr) {
    for (uint32_t i = 0; i < rows_.selected_count; ++i) bodies[i][at] |= bit;
    return;
  }
  each_null(source, [&](uint32_t i) { bodies[i][at] |= bit; });
}

void RowEncoder::put_var(const Source& source, std::byte* const* bodies,
                         std::vector<uint16_t>& ends) const {
  const auto* const views = static_cast<const mortise_view_t*>(source.column->data);
  const uint64_t* const validity = source.column->validity;
  const uint32_t index = source.target->var_index;
  each_row(source, [&](uint32_t i, uint32_t row) {
    std::byte* const table = bodies[i] + ends_offset(i);
    const uint32_t end = ends[i];
    uint32_t size = 0;
    if (validity == nullptr || scan::test_bit(validity, row)) {
      size = views[row].size_bytes;
      if (size != 0) {
        std::memcpy(table + 2 * layout_.var_count() + end, scan::view_data(views[row]), size);
      }
    }
    ends[i] = static_cast<uint16_t>(end + size);
    store_le(table + 2 * index, ends[i]);
  });
}

bool RowEncoder::append(uint32_t row_bytes_max, EncodedRows& into) {
  const uint32_t count = rows_.selected_count;
  if (count == 0) return true;
  measure(into);
  if (*std::max_element(sizes_.begin(), sizes_.end()) > row_bytes_max) return false;
  size_t end = into.bytes.size();
  for (const uint32_t size : sizes_) {
    into.sizes.push_back(size);
    into.positions.push_back(end);
    end += row_space(size);
  }
  into.bytes.resize(end);
  std::vector<std::byte*> bodies(count);
  const size_t first = into.positions.size() - count;
  for (uint32_t i = 0; i < count; ++i) {
    bodies[i] = into.bytes.data() + into.positions[first + i] + kVersionBytes;
  }
  put_headers(bodies.data());
  // Ends are counted in table order, and a dropped column's stands where it stood.
  std::vector<uint16_t> ends(count, 0);
  size_t next = 0;
  for (uint32_t c = 0; c < layout_.column_count(); ++c) {
    const TableLayout::Column& target = layout_.column(c);
    if (target.is_dropped) {
      if (!target.is_var) continue;
      for (uint32_t i = 0; i < count; ++i) {
        store_le(bodies[i] + ends_offset(i) + 2 * target.var_index, ends[i]);
      }
      continue;
    }
    const Source& source = sources_[next++];
    put_nulls(source, bodies.data());
    if (target.is_var) {
      put_var(source, bodies.data(), ends);
    } else {
      put_fixed(source, bodies.data());
    }
  }
  return true;
}

}  // namespace mortise::heap
