// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do functions get values into arrays, and compare them with elements?
//
// `ElementArgument` reads an argument in the form that elements have (numeric as NUMERIC bytes).
// `KeyElements` walks the key of an array: two elements are equal if their encodings are, which is
// what the type's own comparison says.
//
// Threads: [worker, concurrent].

#include <optional>

#include "evaluate.hpp"
#include "mortise/cpp/array_type.hpp"
#include "numeric/value_column.hpp"

namespace mortise::sql_functions {

// A value of an array argument: opened, or nothing for null.
class ArrayArgument {
 public:
  ArrayArgument(const Call& call, uint32_t index) : values_(call.column(index)) {}
  bool is_valid(uint32_t row) const { return values_.is_valid(row); }
  std::string_view bytes(uint32_t row) const { return values_[row]; }
  Result<ArrayView> operator[](uint32_t row) const { return ArrayView::open(values_[row]); }

 private:
  Strings values_;
};

class ElementArgument {
 public:
  ElementArgument(const Call& call, uint32_t index)
      : column_(call.column(index)),
        type_(array_element_form(call.type(index))),
        numeric_(call, index),
        is_decimal_(type_.physical != call.type(index).physical) {}

  const mortise_type_t& type() const { return type_; }
  bool is_valid(uint32_t row) const { return Strings(column_).is_valid(row); }
  void add(uint32_t row, ArrayBuilder& builder) const {
    if (!is_valid(row)) return builder.add_null();
    if (!is_decimal_) return builder.add(column_, row);
    char buffer[kNumericOfInt128SizeBytesMax];
    const mortise_view_t view = view_to(numeric_.bytes_of(row, buffer));
    builder.add({nullptr, &view, 0, 0}, 0);
  }
  // What the key of an array with this element says of it.  Not for null.
  void append_key(uint32_t row, std::string& out) const {
    if (!is_decimal_) return append_ordered(column_, type_.physical, row, out);
    char buffer[kNumericOfInt128SizeBytesMax];
    const mortise_view_t view = view_to(numeric_.bytes_of(row, buffer));
    append_ordered({nullptr, &view, 0, 0}, type_.physical, 0, out);
  }

 private:
  const mortise_column_t& column_;
  mortise_type_t type_;
  NumericColumn numeric_;
  bool is_decimal_;
};

// Bytes of an element's encoding; 0 when it ends itself.
constexpr size_t ordered_bytes(uint16_t physical) {
  return physical == MORTISE_PHYSICAL_BOOL ? 1 : (is_view(physical) ? 0 : width_bytes(physical));
}

// Walks the encodings of an array's elements; nothing for null.
class KeyElements {
 public:
  // Precondition: `value` has been opened as `array`.
  KeyElements(std::string_view value, const ArrayView& array)
      : key_(value.substr(0, ordered_key_bytes(value))),
        width_(ordered_bytes(array.element_physical())),
        left_(array.count()) {}

  bool has_next() const { return left_ > 0 && !key_.empty(); }
  std::optional<std::string_view> next() {
    --left_;
    const bool is_null = key_[0] == 2;
    key_.remove_prefix(1);
    if (is_null) return std::nullopt;
    const size_t size = width_ != 0 ? std::min(width_, key_.size()) : escaped_bytes();
    const std::string_view element = key_.substr(0, size);
    key_.remove_prefix(size);
    return element;
  }

 private:
  // Up to and with the 00 01 that ends it.
  size_t escaped_bytes() const {
    for (size_t at = key_.find('\0'); at + 1 < key_.size(); at = key_.find('\0', at + 2)) {
      if (key_[at + 1] == 1) return at + 2;
    }
    return key_.size();
  }

  std::string_view key_;
  size_t width_;
  uint32_t left_;
};

inline std::vector<std::optional<std::string_view>> key_elements(std::string_view value,
                                                                 const ArrayView& array) {
  std::vector<std::optional<std::string_view>> out;
  out.reserve(array.count());
  for (KeyElements all(value, array); all.has_next();) out.push_back(all.next());
  return out;
}

inline Status wrong_subscripts(std::string message, std::string detail = {}) {
  Status status(Code::invalid, "2202E", std::move(message));
  if (detail.empty()) return status;
  return std::move(status).with(MORTISE_ERROR_FIELD_DETAIL, std::move(detail));
}
inline Status null_not_allowed(std::string message) {
  return {Code::invalid, "22004", std::move(message)};
}

}  // namespace mortise::sql_functions
