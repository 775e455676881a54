// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do arrays stand in memory, and how are they read and made?
//
// An array is an ORDERED value (cpp/ordered.hpp).  Its key has PostgreSQL's order: element after
// element, null above all, then the number of dimensions, then lengths and lower bounds.
//
//   key    (01 encoding | 02)* 00  dims:u8  (length:i32 lower:i32)*   big-endian, bounds biased
//   rest   ArrayHead  (length:i32 lower:i32)*  null bitmap if has_nulls
//          then elements of a fixed width, or the ends of variable ones (u32 each) and their bytes
//
// All numbers of the rest are little-endian and unaligned.  BOOL is a byte per element.  numeric
// stands as NUMERIC, whatever its scale.
//
// Invariants
//   AR1  An empty array has no dimensions.
//   AR2  `ArrayView::open` checks everything that the rest of the class relies on: bytes may come
//        from anywhere.
//
// Threads: [any]; a view borrows its bytes.

#include <cstring>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "mortise/cpp/ordered.hpp"
#include "mortise/cpp/result.hpp"

namespace mortise {

inline constexpr uint32_t kArrayDimensionsMax = 6;
inline constexpr uint32_t kArrayElementsMax = (1u << 27) - 1;  // as in PostgreSQL

struct ArrayDimension {
  int32_t length = 0;
  int32_t lower = 1;
  friend bool operator==(const ArrayDimension&, const ArrayDimension&) = default;
};

struct ArrayHead {
  uint32_t element_sql_type = 0;
  uint16_t element_physical = 0;
  uint8_t dimensions_count = 0;
  uint8_t has_nulls = 0;
  uint32_t elements_count = 0;
};
static_assert(sizeof(ArrayHead) == 12);

// Bytes of one stored element; 0 when it has a length of its own.
constexpr uint32_t array_element_bytes(uint16_t physical) {
  if (physical == MORTISE_PHYSICAL_BOOL) return 1;
  return is_view(physical) ? 0 : width_bytes(physical);
}

class ArrayView {
 public:
  // XX001 for bytes that are no array.
  static Result<ArrayView> open(std::string_view value) {
    ArrayView array;
    std::string_view rest = ordered_rest(value);
    const auto damaged = [] { return Status(Code::corrupt, "XX001", "array value is damaged"); };
    if (rest.size() < sizeof(ArrayHead)) return damaged();
    std::memcpy(&array.head_, rest.data(), sizeof(ArrayHead));
    rest.remove_prefix(sizeof(ArrayHead));
    const ArrayHead& head = array.head_;
    const size_t bounds_bytes = size_t{head.dimensions_count} * sizeof(ArrayDimension);
    if (head.dimensions_count > kArrayDimensionsMax || rest.size() < bounds_bytes) return damaged();
    if (bounds_bytes != 0) std::memcpy(array.dimensions_, rest.data(), bounds_bytes);
    rest.remove_prefix(bounds_bytes);
    uint64_t product = head.dimensions_count == 0 ? 0 : 1;
    for (const ArrayDimension& d : array.dimensions()) {
      if (d.length <= 0) return damaged();
      product *= static_cast<uint64_t>(d.length);
      if (product > kArrayElementsMax) return damaged();
    }
    const size_t bitmap_bytes = head.has_nulls != 0 ? (head.elements_count + size_t{7}) / 8 : 0;
    if (product != head.elements_count || rest.size() < bitmap_bytes) return damaged();
    array.nulls_ = rest.substr(0, bitmap_bytes);
    array.elements_ = rest.substr(bitmap_bytes);
    array.width_ = array_element_bytes(head.element_physical);
    if (!array.elements_fit()) return damaged();
    return array;
  }

  uint32_t element_sql_type() const { return head_.element_sql_type; }
  uint16_t element_physical() const { return head_.element_physical; }
  uint32_t count() const { return head_.elements_count; }
  std::span<const ArrayDimension> dimensions() const {
    return {dimensions_, head_.dimensions_count};
  }
  bool has_nulls() const { return head_.has_nulls != 0; }
  bool is_null(uint32_t index) const {
    return !nulls_.empty() && (static_cast<unsigned char>(nulls_[index / 8]) >> index % 8 & 1) != 0;
  }
  // The stored bytes: those of the value for a fixed width (one byte for BOOL), else the string's.
  std::string_view bytes(uint32_t index) const {
    if (width_ != 0) return elements_.substr(size_t{index} * width_, width_);
    const uint32_t begin = index == 0 ? 0 : end_of(index - 1);
    return elements_.substr(ends_bytes() + begin, end_of(index) - begin);
  }
  // Puts element `index` into row `row` of a column of the element's physical type, which borrows
  // the array's bytes.  Not for nulls.
  void read(uint32_t index, mortise_column_out_t& out, uint32_t row) const {
    const std::string_view value = bytes(index);
    if (head_.element_physical == MORTISE_PHYSICAL_BOOL) {
      assign_bit(data_of<uint64_t>(out), row, value[0] != 0);
    } else if (width_ == 0) {
      data_of<mortise_view_t>(out)[row] = view_to(value);
    } else {
      std::memcpy(data_of<uint8_t>(out) + size_t{row} * width_, value.data(), width_);
    }
  }

 private:
  size_t ends_bytes() const { return size_t{head_.elements_count} * sizeof(uint32_t); }
  uint32_t end_of(uint32_t index) const {
    uint32_t end = 0;
    std::memcpy(&end, elements_.data() + size_t{index} * sizeof(uint32_t), sizeof(end));
    return end;
  }
  bool elements_fit() const {
    if (width_ != 0) return elements_.size() == size_t{head_.elements_count} * width_;
    if (!is_view(head_.element_physical) || elements_.size() < ends_bytes()) return false;
    const size_t room = elements_.size() - ends_bytes();
    uint32_t last = 0;
    for (uint32_t i = 0; i < head_.elements_count; ++i) {
      if (end_of(i) < last || end_of(i) > room) return false;
      last = end_of(i);
    }
    return last == room;
  }

  ArrayHead head_;
  uint32_t width_ = 0;
  ArrayDimension dimensions_[kArrayDimensionsMax];
  std::string_view nulls_;
  std::string_view elements_;
};

// Makes one array: elements in row-major order, then finish().  Reused after finish().
class ArrayBuilder {
 public:
  ArrayBuilder(uint32_t element_sql_type, uint16_t element_physical)
      : sql_type_(element_sql_type),
        physical_(element_physical),
        width_(array_element_bytes(element_physical)) {}

  uint32_t count() const { return count_; }
  void add_null() {
    key_.push_back(2);
    nulls_.resize(count_ / 8 + 1);
    nulls_[count_ / 8] = static_cast<char>(nulls_[count_ / 8] | 1 << count_ % 8);
    elements_.append(width_, '\0');
    end_element();
  }
  // Row `row` of a column of the element's physical type; null where the column says so.
  void add(const mortise_column_t& column, uint32_t row) {
    const uint32_t at = is_constant(column) ? 0 : row;
    if (column.validity != nullptr && !get_bit(column.validity, at)) return add_null();
    key_.push_back(1);
    append_ordered(column, physical_, row, key_);
    if (physical_ == MORTISE_PHYSICAL_BOOL) {
      elements_.push_back(Booleans(column)[row] ? 1 : 0);
    } else if (width_ == 0) {
      elements_.append(Strings(column)[row]);
    } else {
      elements_.append(static_cast<const char*>(column.data) + size_t{at} * width_, width_);
    }
    end_element();
  }
  // One element of another array of the same element type.
  void add(const ArrayView& from, uint32_t index) {
    if (from.is_null(index)) return add_null();
    alignas(16) uint8_t value[16] = {};
    mortise_column_out_t out{};
    out.data = value;
    from.read(index, out, 0);
    mortise_column_t column{};
    column.data = value;
    add(column, 0);
  }

  // The array with these dimensions, whose lengths multiply to count(); none for an empty array.
  std::string finish(std::span<const ArrayDimension> dimensions) {
    if (count_ == 0) dimensions = {};
    std::string out = std::move(key_);
    out.push_back(0);
    out.push_back(static_cast<char>(dimensions.size()));
    for (const ArrayDimension& d : dimensions) {
      ordered::append_integer<int32_t, uint32_t>(d.length, out);
      ordered::append_integer<int32_t, uint32_t>(d.lower, out);
    }
    std::string rest;
    const ArrayHead head{sql_type_, physical_, static_cast<uint8_t>(dimensions.size()),
                         static_cast<uint8_t>(nulls_.empty() ? 0 : 1), count_};
    rest.append(reinterpret_cast<const char*>(&head), sizeof(head));
    for (const ArrayDimension& d : dimensions) {
      rest.append(reinterpret_cast<const char*>(&d), sizeof(d));
    }
    if (!nulls_.empty()) nulls_.resize((count_ + size_t{7}) / 8);
    rest.append(nulls_).append(ends_).append(elements_);
    finish_ordered(rest, out);
    key_.clear();
    nulls_.clear();
    ends_.clear();
    elements_.clear();
    count_ = 0;
    return out;
  }
  // One dimension from 1.
  std::string finish() {
    const ArrayDimension dimension{static_cast<int32_t>(count_), 1};
    return finish({&dimension, 1});
  }

 private:
  void end_element() {
    ++count_;
    if (width_ != 0) return;
    const auto end = static_cast<uint32_t>(elements_.size());
    ends_.append(reinterpret_cast<const char*>(&end), sizeof(end));
  }

  uint32_t sql_type_;
  uint16_t physical_;
  uint32_t width_;
  uint32_t count_ = 0;
  std::string key_;
  std::string nulls_;
  std::string ends_;
  std::string elements_;
};

}  // namespace mortise
