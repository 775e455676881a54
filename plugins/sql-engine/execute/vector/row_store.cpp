// SPDX-License-Identifier: Apache-2.0
#include "execute/vector/row_store.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace mortise::sql_engine {

namespace {

constexpr uint32_t row_width_bytes(uint16_t physical) {
  return physical == MORTISE_PHYSICAL_BOOL ? 1 : width_bytes(physical);
}

constexpr uint32_t align_to(uint32_t at, uint32_t alignment) {
  return (at + alignment - 1) / alignment * alignment;
}

template <typename T>
T load(const uint8_t* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

template <typename Order>
void scatter_values(const mortise_column_t& column, const uint16_t* from, uint32_t count,
                    uint8_t* const* targets, uint32_t offset) {
  using T = typename Order::Value;
  const OrderedValues<Order> values(column);
  if (!values.has_nulls()) {
    for (uint32_t i = 0; i < count; ++i) {
      const T value = values[from[i]];
      std::memcpy(targets[i] + offset, &value, sizeof(T));
    }
    return;
  }
  for (uint32_t i = 0; i < count; ++i) {
    if (!values.is_valid(from[i])) continue;
    const T value = values[from[i]];
    std::memcpy(targets[i] + offset, &value, sizeof(T));
  }
}

template <typename Order>
uint32_t match_values(const RowLayout& layout, uint32_t c, const mortise_column_t& column,
                      const uint16_t* from, const uint8_t* const* rows, uint16_t* candidates,
                      uint32_t count, uint16_t* rejected, uint32_t* rejected_count) {
  using T = typename Order::Value;
  const OrderedValues<Order> values(column);
  const uint32_t offset = layout.offset(c);
  uint32_t kept = 0;
  uint32_t lost = *rejected_count;
  for (uint32_t k = 0; k < count; ++k) {
    const uint16_t i = candidates[k];
    const bool is_null = layout.is_null(rows[i], c);
    const bool is_valid = values.is_valid(from[i]);
    const bool is_equal =
        is_valid ? !is_null && Order::equal(load<T>(rows[i] + offset), values[from[i]]) : is_null;
    candidates[kept] = i;
    rejected[lost] = i;
    kept += is_equal ? 1 : 0;
    lost += is_equal ? 0 : 1;
  }
  *rejected_count = lost;
  return kept;
}

template <typename T>
void gather_from_rows(const RowLayout& layout, uint32_t c, const uint8_t* const* sources,
                      uint32_t count, const uint16_t* to, ColumnBuffer& target) {
  const uint32_t offset = layout.offset(c);
  T* data = target.data<T>();
  for (uint32_t i = 0; i < count; ++i) std::memcpy(data + to[i], sources[i] + offset, sizeof(T));
  for (uint32_t i = 0; i < count; ++i) {
    if (layout.is_null(sources[i], c)) target.set_null(to[i]);
  }
}

}  // namespace

RowLayout::RowLayout(std::span<const mortise_type_t> types, uint32_t header_bytes,
                     uint32_t trailer_bytes)
    : types_(types.begin(), types.end()), offsets_(types.size()) {
  nulls_offset_ = header_bytes;
  uint32_t at = header_bytes + static_cast<uint32_t>((types.size() + 7) / 8);
  for (const uint32_t width : {16U, 8U, 4U, 2U, 1U}) {
    for (size_t c = 0; c < types.size(); ++c) {
      if (row_width_bytes(types[c].physical) != width) continue;
      at = align_to(at, std::min(width, 8U));
      offsets_[c] = at;
      at += width;
    }
  }
  trailer_offset_ = trailer_bytes == 0 ? at : align_to(at, 16);
  row_bytes_ = std::max(align_to(trailer_offset_ + trailer_bytes, 16), 16U);
}

bool RowLayout::scatter(uint32_t c, const mortise_column_t& column, const uint16_t* from,
                        uint32_t count, uint8_t* const* targets, Arena& heap) const {
  const uint16_t physical = types_[c].physical;
  bool ok = true;
  if (is_view(physical)) {
    const Strings strings(column);
    for (uint32_t i = 0; i < count; ++i) {
      if (!strings.is_valid(from[i])) continue;
      const mortise_view_t copied = heap.copy(strings.view(from[i]), &ok);
      std::memcpy(targets[i] + offsets_[c], &copied, sizeof(copied));
    }
  } else {
    visit_physical(physical, [&](auto order) {
      scatter_values<decltype(order)>(column, from, count, targets, offsets_[c]);
    });
  }
  if (column.validity != nullptr) {
    const uint64_t mask = is_constant(column) ? 0 : ~uint64_t{0};
    for (uint32_t i = 0; i < count; ++i) {
      if (!get_bit(column.validity, from[i] & mask)) set_null(targets[i], c);
    }
  }
  return ok;
}

void RowLayout::gather(uint32_t c, const uint8_t* const* sources, uint32_t count,
                       const uint16_t* to, ColumnBuffer& target) const {
  switch (width_bytes(types_[c].physical)) {
    case 0:
      for (uint32_t i = 0; i < count; ++i) {
        assign_bit(target.data<uint64_t>(), to[i], sources[i][offsets_[c]] != 0);
        if (is_null(sources[i], c)) target.set_null(to[i]);
      }
      break;
    case 2:
      gather_from_rows<uint16_t>(*this, c, sources, count, to, target);
      break;
    case 4:
      gather_from_rows<uint32_t>(*this, c, sources, count, to, target);
      break;
    case 8:
      gather_from_rows<uint64_t>(*this, c, sources, count, to, target);
      break;
    default:
      gather_from_rows<mortise_view_t>(*this, c, sources, count, to, target);
      break;
  }
}

uint32_t RowLayout::match(uint32_t c, const mortise_column_t& column, const uint16_t* from,
                          const uint8_t* const* rows, uint16_t* candidates, uint32_t count,
                          uint16_t* rejected, uint32_t* rejected_count) const {
  return visit_physical(types_[c].physical, [&](auto order) {
    return match_values<decltype(order)>(*this, c, column, from, rows, candidates, count, rejected,
                                         rejected_count);
  });
}

bool RowLayout::rows_equal(const uint8_t* a, const uint8_t* b, uint32_t columns_count) const {
  for (uint32_t c = 0; c < columns_count; ++c) {
    if (is_null(a, c) != is_null(b, c)) return false;
    if (is_null(a, c)) continue;
    const bool equal = visit_physical(types_[c].physical, [&](auto order) {
      using Order = decltype(order);
      using T = typename Order::Value;
      return Order::equal(load<T>(a + offsets_[c]), load<T>(b + offsets_[c]));
    });
    if (!equal) return false;
  }
  return true;
}

Status RowStore::append(uint32_t count, uint8_t** rows) {
  const uint32_t row_bytes = layout_.row_bytes();
  MORTISE_ASSERT(row_bytes != 0);
  while (count != 0) {
    if (chunks_.empty() || chunks_.back().rows_count == chunks_.back().rows_max) {
      const uint64_t grown =
          std::clamp(chunks_bytes_, uint64_t{kFirstChunkBytes}, uint64_t{kChunkBytesMax});
      const uint64_t bytes = std::max(grown, uint64_t{row_bytes} * 16);
      MORTISE_TRY_ASSIGN(Block block, Block::allocate(memory_, bytes));
      chunks_bytes_ += bytes;
      chunks_.push_back({std::move(block), 0, bytes / row_bytes});
    }
    Chunk& chunk = chunks_.back();
    const auto taken =
        static_cast<uint32_t>(std::min<uint64_t>(count, chunk.rows_max - chunk.rows_count));
    uint8_t* at = chunk.block.data() + chunk.rows_count * row_bytes;
    std::memset(at, 0, uint64_t{taken} * row_bytes);
    for (uint32_t i = 0; i < taken; ++i) rows[i] = at + uint64_t{i} * row_bytes;
    chunk.rows_count += taken;
    rows_count_ += taken;
    rows += taken;
    count -= taken;
  }
  return {};
}

Status RowStore::append(std::span<const mortise_column_t> columns, const uint16_t* from,
                        uint32_t count, uint8_t** rows) {
  MORTISE_ASSERT(columns.size() <= layout_.columns_count());
  MORTISE_TRY(append(count, rows));
  bool ok = true;
  for (uint32_t c = 0; c < columns.size(); ++c) {
    ok = layout_.scatter(c, columns[c], from, count, rows, heap_) && ok;
  }
  return ok ? Status() : heap_.failure();
}

void RowStore::adopt(RowStore&& other) {
  // The last chunk stays the one that is appended to; order among rows is nobody's promise.
  const auto at = chunks_.empty() ? chunks_.end() : chunks_.end() - 1;
  chunks_.insert(at, std::make_move_iterator(other.chunks_.begin()),
                 std::make_move_iterator(other.chunks_.end()));
  heap_.adopt(std::move(other.heap_));
  chunks_bytes_ += other.chunks_bytes_;
  rows_count_ += other.rows_count_;
  other.chunks_.clear();
  other.chunks_bytes_ = other.rows_count_ = 0;
}

void RowStore::clear() {
  chunks_.clear();
  heap_ = Arena(memory_);
  chunks_bytes_ = rows_count_ = 0;
}

}  // namespace mortise::sql_engine
