// SPDX-License-Identifier: Apache-2.0
#include "execute/vector/batch.hpp"

#include <array>
#include <cstring>

namespace mortise::sql_engine {

namespace {

constexpr std::array<uint16_t, kBatchRows> make_all_rows() {
  std::array<uint16_t, kBatchRows> rows{};
  for (uint32_t i = 0; i < kBatchRows; ++i) rows[i] = static_cast<uint16_t>(i);
  return rows;
}
constexpr std::array<uint16_t, kBatchRows> kAllRows = make_all_rows();

struct Wide {
  uint64_t low;
  uint64_t high;
};
static_assert(sizeof(Wide) == 16);

template <typename T>
void gather_values(const mortise_column_t& source, const uint16_t* from, uint32_t count, T* to) {
  const auto* data = static_cast<const T*>(source.data);
  if (is_constant(source)) {
    for (uint32_t i = 0; i < count; ++i) to[i] = data[0];
  } else {
    for (uint32_t i = 0; i < count; ++i) to[i] = data[from[i]];
  }
}

void gather_nulls(const mortise_column_t& source, const uint16_t* from, uint32_t count,
                  ColumnBuffer& target, uint32_t to) {
  if (source.validity == nullptr) return;
  const uint64_t mask = is_constant(source) ? 0 : ~uint64_t{0};
  for (uint32_t i = 0; i < count; ++i) {
    if (!get_bit(source.validity, from[i] & mask)) target.set_null(to + i);
  }
}

}  // namespace

const uint16_t* all_rows() {
  return kAllRows.data();
}

mortise_batch_t abi_batch(const Batch& batch, const mortise_type_t* types) {
  return {sizeof(mortise_batch_t),
          batch.rows_count,
          static_cast<uint32_t>(batch.columns.size()),
          batch.selected_count,
          batch.selection,
          batch.columns.data(),
          types,
          batch.row_ids};
}

Status ColumnBuffer::open(const Memory& memory, const mortise_type_t& type, uint32_t rows) {
  const uint64_t bitmap_bytes = bitmap_size_bytes(rows);
  const uint32_t width = width_bytes(type.physical);
  const uint64_t data_bytes = width == 0 ? bitmap_bytes : (uint64_t{rows} * width + 63) / 64 * 64;
  MORTISE_TRY_ASSIGN(block_, Block::allocate(memory, data_bytes + bitmap_bytes));
  std::memset(block_.data(), 0, data_bytes);
  validity_ = reinterpret_cast<uint64_t*>(block_.data() + data_bytes);
  rows_max_ = rows;
  type_ = type;
  reset();
  return {};
}

void ColumnBuffer::reset(uint32_t rows) {
  std::memset(validity_, 0xFF, bitmap_size_bytes(rows));
}

bool all_valid(const uint64_t* validity, uint32_t rows) {
  const uint32_t words = rows / 64;
  uint64_t all = ~uint64_t{0};
  for (uint32_t i = 0; i < words; ++i) all &= validity[i];
  if (all != ~uint64_t{0}) return false;
  const uint64_t tail = (uint64_t{1} << (rows % 64)) - 1;
  return rows % 64 == 0 || (validity[words] & tail) == tail;
}

mortise_column_t ColumnBuffer::column(uint32_t rows, uint32_t flags) const {
  const uint32_t looked_at = (flags & MORTISE_COLUMN_CONSTANT) != 0 ? 1 : rows;
  return {all_valid(validity_, looked_at) ? nullptr : validity_, block_.data(), flags, 0};
}

void gather(const mortise_column_t& source, const uint16_t* from, uint32_t count,
            ColumnBuffer& target, uint32_t to) {
  switch (width_bytes(target.type().physical)) {
    case 0: {
      const Booleans bits(source);
      for (uint32_t i = 0; i < count; ++i) {
        assign_bit(target.data<uint64_t>(), to + i, bits[from[i]]);
      }
      break;
    }
    case 2:
      gather_values(source, from, count, target.data<uint16_t>() + to);
      break;
    case 4:
      gather_values(source, from, count, target.data<uint32_t>() + to);
      break;
    case 8:
      gather_values(source, from, count, target.data<uint64_t>() + to);
      break;
    default:
      gather_values(source, from, count, target.data<Wide>() + to);
      break;
  }
  gather_nulls(source, from, count, target, to);
}

Status gather_deep(const mortise_column_t& source, const uint16_t* from, uint32_t count,
                   ColumnBuffer& target, uint32_t to, Arena& heap) {
  if (!is_view(target.type().physical)) {
    gather(source, from, count, target, to);
    return {};
  }
  const Strings strings(source);
  auto* views = target.data<mortise_view_t>() + to;
  bool ok = true;
  for (uint32_t i = 0; i < count; ++i) {
    if (strings.is_valid(from[i])) {
      views[i] = heap.copy(strings.view(from[i]), &ok);
    } else {
      views[i] = {};
      target.set_null(to + i);
    }
  }
  return ok ? Status() : heap.failure();
}

mortise_column_t ConstantSlot::set(const mortise_column_t& column, uint32_t row,
                                   uint16_t physical) {
  const uint64_t at = is_constant(column) ? 0 : row;
  const bool is_valid = column.validity == nullptr || get_bit(column.validity, at);
  const uint32_t width = width_bytes(physical);
  validity[0] = is_valid ? ~uint64_t{0} : 0;
  std::memset(value, 0, sizeof(value));
  if (is_valid) {
    if (width == 0) {
      value[0] = get_bit(static_cast<const uint64_t*>(column.data), at) ? 1 : 0;
    } else {
      std::memcpy(value, static_cast<const uint8_t*>(column.data) + at * width, width);
    }
  }
  return {is_valid ? nullptr : validity, value, MORTISE_COLUMN_CONSTANT, 0};
}

void BatchSlicer::start(const mortise_batch_t& batch) {
  source_ = batch;
  next_row_ = 0;
  next_selected_ = 0;
}

bool BatchSlicer::next(Batch& piece, std::span<const uint16_t> physical_types) {
  while (next_row_ < source_.rows_count) {
    const uint32_t begin = next_row_;
    const uint32_t rows = std::min(kBatchRows, source_.rows_count - begin);
    next_row_ += rows;
    piece.select_all(rows);
    if (source_.selection != nullptr) {
      if (begin == 0 && rows == source_.rows_count) {
        piece.selection = source_.selection;
        piece.selected_count = source_.selected_count;
      } else {
        selection_.clear();
        while (next_selected_ < source_.selected_count &&
               source_.selection[next_selected_] < begin + rows) {
          selection_.push_back(static_cast<uint16_t>(source_.selection[next_selected_++] - begin));
        }
        piece.selection = selection_.data();
        piece.selected_count = static_cast<uint32_t>(selection_.size());
      }
      if (piece.selected_count == 0) continue;
    }
    piece.row_ids = source_.row_ids == nullptr ? nullptr : source_.row_ids + begin;
    piece.columns.assign(source_.columns, source_.columns + source_.columns_count);
    for (uint32_t c = 0; begin != 0 && c < source_.columns_count; ++c) {
      mortise_column_t& column = piece.columns[c];
      if (is_constant(column)) continue;
      const uint32_t width = width_bytes(physical_types[c]);
      const uint64_t offset_bytes = width == 0 ? begin / 8 : uint64_t{begin} * width;
      column.data = static_cast<const uint8_t*>(column.data) + offset_bytes;
      if (column.validity != nullptr) column.validity += begin / 64;
    }
    return true;
  }
  return false;
}

}  // namespace mortise::sql_engine
