// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "kernel/heap/row_reader.hpp"

namespace mortise::heap {
namespace {

size_t padded(size_t bytes) {
  return (bytes + 63) & ~size_t{63};
}

}  // namespace

Status ColumnBuffer::prepare(const TableLayout::Column& column, uint32_t capacity,
                             memory::Arena& arena) {
  physical_ = column.type.physical;
  width_ = column.width;
  is_var_ = column.is_var;
  has_nulls_ = false;
  capacity_ = capacity;
  const size_t bitmap = padded(size_t{scan::words_of(capacity)} * sizeof(uint64_t));
  const size_t data =
      physical_ == MORTISE_PHYSICAL_BOOL ? bitmap : padded(size_t{capacity} * width_);
  validity_ = static_cast<uint64_t*>(arena.allocate(bitmap, MORTISE_BATCH_ALIGNMENT_BYTES));
  data_ = static_cast<std::byte*>(arena.allocate(data, MORTISE_BATCH_ALIGNMENT_BYTES));
  if (validity_ == nullptr || data_ == nullptr) return arena.refusal();
  std::memset(validity_, 0xFF, bitmap);
  if (physical_ == MORTISE_PHYSICAL_BOOL) std::memset(data_, 0, data);
  return {};
}

void ColumnBuffer::put_null(uint32_t row) {
  scan::clear_bit(validity_, row);
  has_nulls_ = true;
  if (physical_ != MORTISE_PHYSICAL_BOOL) std::memset(data_ + size_t{row} * width_, 0, width_);
}

Status ColumnBuffer::put(const ValueSource& value, uint32_t row, bool copies,
                         recovery::Storage& storage, memory::Arena& arena) {
  MORTISE_DEBUG_ASSERT(row < capacity_);
  if (value.is_null) {
    put_null(row);
    return {};
  }
  if (!is_var_) {
    if (physical_ == MORTISE_PHYSICAL_BOOL) {
      if (*value.fixed != std::byte{0}) scan::set_bit(reinterpret_cast<uint64_t*>(data_), row);
      return {};
    }
    std::byte* to = data_ + size_t{row} * width_;
    switch (width_) {  // constant sizes become single moves
      case 8:
        std::memcpy(to, value.fixed, 8);
        break;
      case 4:
        std::memcpy(to, value.fixed, 4);
        break;
      default:
        std::memcpy(to, value.fixed, width_);
    }
    return {};
  }
  std::span<const std::byte> bytes = value.var;
  if (value.is_large) {
    LargeRef ref;
    if (bytes.size() != sizeof(ref)) return corrupt("reference to a large value is damaged");
    std::memcpy(&ref, bytes.data(), sizeof(ref));
    if (ref.size_bytes > kLargeBytesMax) return corrupt("large value has a wrong size");
    std::byte* whole = static_cast<std::byte*>(arena.allocate(ref.size_bytes, 1));
    if (whole == nullptr) return arena.refusal();
    MORTISE_TRY(read_large(storage, ref, {whole, ref.size_bytes}));
    bytes = {whole, ref.size_bytes};
  } else if (copies && bytes.size() > MORTISE_VIEW_INLINE_BYTES_MAX) {
    std::byte* copy = static_cast<std::byte*>(arena.allocate(bytes.size(), 1));
    if (copy == nullptr) return arena.refusal();
    std::memcpy(copy, bytes.data(), bytes.size());
    bytes = {copy, bytes.size()};
  }
  const mortise_view_t view = scan::make_view(bytes.data(), static_cast<uint32_t>(bytes.size()));
  std::memcpy(data_ + size_t{row} * sizeof(view), &view, sizeof(view));
  return {};
}

mortise_column_t ColumnBuffer::column() const {
  return {has_nulls_ ? validity_ : nullptr, data_, 0, 0};
}

}  // namespace mortise::heap
