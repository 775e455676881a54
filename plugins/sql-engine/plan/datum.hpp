// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does one value of any type travel through planning?
//
// A Datum owns one value in the form that it has in a column's `data` (mortise/batch.h): constants
// of expressions, parameters, missing values of columns.  `column()` shows it as a constant column,
// which is how functions and scans take it.
//
// Invariants
//   D1  Bytes of a long string live in `text_`; the stored view points there, also after a copy.
//   D2  A null Datum has a type; its bytes are zero.
//
// Threads: a value type; [any] on distinct objects, reading concurrently.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "mortise/batch.h"
#include "mortise/cpp/batch.hpp"

namespace mortise::sql_engine {

class Datum {
 public:
  Datum() = default;
  Datum(const Datum& other) { *this = other; }
  Datum(Datum&& other) noexcept { *this = std::move(other); }
  Datum& operator=(const Datum& other) {
    if (this == &other) return *this;
    type_ = other.type_;
    is_null_ = other.is_null_;
    text_ = other.text_;
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    repoint();
    return *this;
  }
  Datum& operator=(Datum&& other) noexcept {
    if (this == &other) return *this;
    type_ = other.type_;
    is_null_ = other.is_null_;
    text_ = std::move(other.text_);
    std::memcpy(bytes_, other.bytes_, sizeof bytes_);
    repoint();
    return *this;
  }

  static Datum null(const mortise_type_t& type);
  static Datum boolean(bool value);
  static Datum int16(int16_t value);
  static Datum int32(int32_t value);
  static Datum int64(int64_t value);
  static Datum float64(double value);
  // A string of `type`, whose physical form is TEXT, BYTES or NUMERIC.
  static Datum text(const mortise_type_t& type, std::string_view value);
  // A literal in quotes, whose type its surroundings will tell.
  static Datum unknown(std::string_view value);
  // A value of a fixed width; `value` points to width_bytes(type.physical) bytes, or to one byte
  // for BOOL.
  static Datum fixed(const mortise_type_t& type, const void* value);
  // Row `row` of a column, copied.
  static Datum of(const mortise_type_t& type, const mortise_column_t& column, uint64_t row);

  const mortise_type_t& type() const { return type_; }
  void set_type(const mortise_type_t& type) { type_ = type; }
  bool is_null() const { return is_null_; }

  // Preconditions: not null, and of a matching physical type.
  bool as_bool() const { return (bytes_[0] & 1) != 0; }
  int64_t as_integer() const;  // INT16, INT32, INT64, DECIMAL64
  double as_double() const;    // FLOAT32, FLOAT64
  std::string_view as_text() const;

  // The value as it stands in a column's `data` (BOOL: bit 0 of the first word, which reads as one
  // byte too).  Lives as long as this Datum is not moved or changed.
  const void* data() const { return bytes_; }
  // A constant column of this value; same lifetime.
  mortise_column_t column() const;

 private:
  void repoint() {
    if (is_view(type_.physical) && !is_null_) {
      const mortise_view_t v = view_to(text_);
      std::memcpy(bytes_, &v, sizeof v);
    }
  }

  alignas(64) uint8_t bytes_[64] = {};  // padded as B1 of batch.h asks
  mortise_type_t type_{};
  bool is_null_ = true;
  std::string text_;
};

}  // namespace mortise::sql_engine
