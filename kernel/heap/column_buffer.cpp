// SPDX-License-Identifier: Apache-2.0
#include "kernel/heap/column_buffer.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "kernel/heap/large_value.hpp"
#include "kernel/scan/simd.hpp"

namespace mortise::heap {
namespace {

size_t padded(size_t bytes) {
  return (bytes + 63) & ~size_t{63};
}

// A view's two words for bytes that stand in it: which bits of them belong to `size` bytes.
struct InlineMask {
  uint64_t head;
  uint64_t tail;
};
constexpr std::array<InlineMask, MORTISE_VIEW_INLINE_BYTES_MAX + 1> kInlineMasks = [] {
  std::array<InlineMask, MORTISE_VIEW_INLINE_BYTES_MAX + 1> masks{};
  for (uint32_t size = 0; size <= MORTISE_VIEW_INLINE_BYTES_MAX; ++size) {
    masks[size].head = size >= 4 ? ~uint64_t{0} : (uint64_t{1} << (32 + 8 * size)) - 1;
    masks[size].tail = size >= 12  ? ~uint64_t{0}
                       : size <= 4 ? 0
                                   : (uint64_t{1} << (8 * (size - 4))) - 1;
  }
  return masks;
}();

template <uint32_t kWidth>
void load_strided(const std::byte* const* bodies, uint32_t count, uint32_t offset, std::byte* to) {
  for (uint32_t i = 0; i < count; ++i) std::memcpy(to + i * kWidth, bodies[i] + offset, kWidth);
}

// Where the value with that index stands in row i.
struct VarPlace {
  uint32_t begin;
  uint32_t size;
  bool is_large;
};
inline VarPlace place_of(const PageRows& rows, uint32_t i, uint32_t index) {
  const std::byte* const body = rows.bodies()[i];
  const std::byte* const ends = body + rows.ends_offset(i) + 2 * index;
  const uint32_t begin = index == 0 ? 0 : load_le<uint16_t>(ends - 2) & (kVarLarge - 1u);
  const uint32_t word = load_le<uint16_t>(ends);
  const uint32_t end = word & (kVarLarge - 1u);
  const uint32_t var = rows.var_offset(i);
  if (begin > end || end > rows.size(i) - var) [[unlikely]]
    return {var, 0, false};
  return {var + begin, end - begin, (word & kVarLarge) != 0};
}

}  // namespace

Status ColumnBuffer::prepare(const TableLayout::Column& column, uint32_t capacity,
                             memory::Arena& arena) {
  physical_ = column.type.physical;
  width_ = column.width;
  is_var_ = column.is_var;
  capacity_ = capacity;
  const size_t bitmap = padded(size_t{scan::words_of(capacity)} * sizeof(uint64_t));
  const size_t data =
      physical_ == MORTISE_PHYSICAL_BOOL ? bitmap : padded(size_t{capacity} * width_);
  validity_ = static_cast<uint64_t*>(arena.allocate(bitmap, MORTISE_BATCH_ALIGNMENT_BYTES));
  data_ = static_cast<std::byte*>(arena.allocate(data, MORTISE_BATCH_ALIGNMENT_BYTES));
  if (validity_ == nullptr || data_ == nullptr) return arena.refusal();
  restart(capacity);
  return {};
}

void ColumnBuffer::restart(uint32_t rows) {
  const size_t bitmap = size_t{scan::words_of(rows)} * sizeof(uint64_t);
  std::memset(validity_, 0xFF, bitmap);
  if (physical_ == MORTISE_PHYSICAL_BOOL) std::memset(data_, 0, bitmap);
  has_nulls_ = false;
}

void ColumnBuffer::put_null(uint32_t row) {
  scan::clear_bit(validity_, row);
  has_nulls_ = true;
  if (physical_ != MORTISE_PHYSICAL_BOOL) std::memset(data_ + size_t{row} * width_, 0, width_);
}

void ColumnBuffer::gather_fixed(const PageRows& rows, uint32_t offset, uint32_t first) {
  const std::byte* const* const bodies = rows.bodies();
  const uint32_t count = rows.count();
  if (physical_ == MORTISE_PHYSICAL_BOOL) {
    uint64_t* const bits = reinterpret_cast<uint64_t*>(data_);
    for (uint32_t i = 0; i < count; ++i) {
      if (bodies[i][offset] != std::byte{0}) scan::set_bit(bits, first + i);
    }
    return;
  }
  std::byte* const to = data_ + size_t{first} * width_;
  switch (width_) {  // constant sizes become single moves
    case 2:
      return load_strided<2>(bodies, count, offset, to);
    case 4:
      return load_strided<4>(bodies, count, offset, to);
    case 8:
      return load_strided<8>(bodies, count, offset, to);
    default:
      return load_strided<16>(bodies, count, offset, to);
  }
}

// Views first, which refer to the page; then the long ones' bytes are copied into one block.  Reads
// and writes whole words and blocks: P1 of page_rows.hpp has the room for it.
Status ColumnBuffer::gather_var(const PageRows& rows, uint32_t var_index, uint32_t first,
                                LongBytes long_bytes, memory::Arena& arena, bool& any_large) {
  constexpr uint32_t kBlockBytes = 32;
  static_assert(kBlockBytes <= PageRows::kSlackBytes);
  uint64_t* const words = reinterpret_cast<uint64_t*>(data_) + size_t{first} * 2;
  const uint32_t count = rows.count();
  size_t bytes_long = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const VarPlace place = place_of(rows, i, var_index);
    const std::byte* const from = rows.bodies()[i] + place.begin;
    any_large = any_large || place.is_large;
    const bool is_short = place.size <= MORTISE_VIEW_INLINE_BYTES_MAX;
    const InlineMask mask = kInlineMasks[is_short ? place.size : MORTISE_VIEW_INLINE_BYTES_MAX];
    const uint64_t eight = load_le<uint64_t>(from);
    const uint64_t tail = (eight >> 32) | (uint64_t{load_le<uint32_t>(from + 8)} << 32);
    words[2 * i] = (place.size | (eight << 32)) & mask.head;
    words[2 * i + 1] = is_short ? tail & mask.tail : reinterpret_cast<uint64_t>(from);
    bytes_long += is_short ? 0 : place.size;
  }
  if (long_bytes == LongBytes::stay || bytes_long == 0) return {};
  auto* to = static_cast<std::byte*>(arena.allocate(bytes_long + kBlockBytes, 1));
  if (to == nullptr) return arena.refusal();
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t size = static_cast<uint32_t>(words[2 * i]);
    if (size <= MORTISE_VIEW_INLINE_BYTES_MAX) continue;
    const std::byte* const from = reinterpret_cast<const std::byte*>(words[2 * i + 1]);
    for (uint32_t k = 0; k < size; k += kBlockBytes) std::memcpy(to + k, from + k, kBlockBytes);
    words[2 * i + 1] = reinterpret_cast<uint64_t>(to);
    to += size;
  }
  return {};
}

Status ColumnBuffer::gather_large(const PageRows& rows, uint32_t var_index, uint32_t first,
                                  const LargeSource& large, memory::Arena& arena) {
  for (uint32_t i = 0; i < rows.count(); ++i) {
    const VarPlace place = place_of(rows, i, var_index);
    if (!place.is_large) continue;
    MORTISE_TRY(take_large({rows.bodies()[i] + place.begin, place.size}, first + i, large, arena));
  }
  return {};
}

Status ColumnBuffer::gather(const PageRows& rows, const TableLayout& layout, uint32_t index,
                            uint32_t first, LongBytes long_bytes, const LargeSource& large,
                            memory::Arena& arena) {
  MORTISE_DEBUG_ASSERT(first + rows.count() <= capacity_);
  const TableLayout::Column& column = layout.column(index);
  if (!rows.all_store(column, index)) {
    for (uint32_t i = 0; i < rows.count(); ++i) {
      RowView row;
      if (!view_row(rows.body(i), row)) return corrupt("stored row makes no sense");
      MORTISE_TRY(put(stored_value(layout, row, index), first + i, long_bytes, large, arena));
    }
    return {};
  }
  bool any_large = false;
  if (is_var_) {
    MORTISE_TRY(gather_var(rows, column.var_index, first, long_bytes, arena, any_large));
  } else {
    gather_fixed(rows, kBodyHeaderBytes + column.fixed_offset, first);
  }
  if (any_large) {
    MORTISE_TRY(gather_large(rows, column.var_index, first, large, arena));
  }
  if (rows.any_nulls()) {
    for (uint32_t i = 0; i < rows.count(); ++i) {
      if (rows.is_null(i, index)) put_null(first + i);
    }
  }
  return {};
}

void ColumnBuffer::put_view(std::span<const std::byte> bytes, uint32_t row) {
  const mortise_view_t view = scan::make_view(bytes.data(), static_cast<uint32_t>(bytes.size()));
  std::memcpy(data_ + size_t{row} * sizeof(view), &view, sizeof(view));
}

Status ColumnBuffer::take_large(std::span<const std::byte> bytes, uint32_t row,
                                const LargeSource& large, memory::Arena& arena) {
  LargeRef ref;
  if (bytes.size() != sizeof(ref)) return corrupt("reference to a large value is damaged");
  std::memcpy(&ref, bytes.data(), sizeof(ref));
  if (ref.size_bytes > kLargeBytesMax) return corrupt("large value has a wrong size");
  if (large.later == nullptr) return put_large(ref, row, large, arena);
  large.later->push_back({this, row, ref});
  put_view({}, row);
  return {};
}

Status ColumnBuffer::put_large(const LargeRef& ref, uint32_t row, const LargeSource& large,
                               memory::Arena& arena) {
  auto* whole = static_cast<std::byte*>(arena.allocate(ref.size_bytes, 1));
  if (whole == nullptr) return arena.refusal();
  MORTISE_TRY(large.values.read(large.storage, ref, {whole, ref.size_bytes}));
  put_view({whole, ref.size_bytes}, row);
  return {};
}

Status ColumnBuffer::put(const ValueSource& value, uint32_t row, LongBytes long_bytes,
                         const LargeSource& large, memory::Arena& arena) {
  MORTISE_DEBUG_ASSERT(row < capacity_);
  if (value.is_null) {
    put_null(row);
    return {};
  }
  if (!is_var_) {
    if (physical_ == MORTISE_PHYSICAL_BOOL) {
      if (*value.fixed != std::byte{0}) scan::set_bit(reinterpret_cast<uint64_t*>(data_), row);
    } else {
      std::memcpy(data_ + size_t{row} * width_, value.fixed, width_);
    }
    return {};
  }
  if (value.is_large) return take_large(value.var, row, large, arena);
  std::span<const std::byte> bytes = value.var;
  if (long_bytes == LongBytes::copy && bytes.size() > MORTISE_VIEW_INLINE_BYTES_MAX) {
    auto* copy = static_cast<std::byte*>(arena.allocate(bytes.size(), 1));
    if (copy == nullptr) return arena.refusal();
    std::memcpy(copy, bytes.data(), bytes.size());
    bytes = {copy, bytes.size()};
  }
  put_view(bytes, row);
  return {};
}

mortise_column_t ColumnBuffer::column() const {
  return {has_nulls_ ? validity_ : nullptr, data_, 0, 0};
}

}  // namespace mortise::heap
