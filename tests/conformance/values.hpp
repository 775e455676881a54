// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do values of every physical type look like, apart from all the code under test?
//
// For conformance suites: a value as plain bytes, its order as types.h words it, random values that
// like the borders, and batches made of rows.  Written a second time on purpose, one value at a
// time, so that it can be the oracle of vectorized code.
//
// Threads: value types; [any] on distinct objects.

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "mortise/batch.h"

namespace mortise::conformance {

using RandomBits = std::mt19937_64;

// MORTISE_SEED, else a fixed one; suites print it.
uint64_t seed();

// What stands in a column's `data` for the value (BOOL: one byte), or the bytes that a view shows.
struct Value {
  bool is_null = true;
  std::string bytes;
  friend bool operator==(const Value&, const Value&) = default;
};
using Row = std::vector<Value>;

// One type per physical form: decimals with 12 and 30 digits, scale 2.
mortise_type_t type_of(uint16_t physical);
const std::vector<mortise_type_t>& all_types();
std::string name_of(const mortise_type_t& type);

Value null_value();
Value int_value(const mortise_type_t& type, int64_t value);  // INT16, INT32, INT64, DECIMAL64
Value string_value(std::string bytes);
int64_t int_of(const Value& value);  // 2, 4 or 8 bytes

// Below, at or above zero; both are present.
int compare(const mortise_type_t& type, const Value& a, const Value& b);

enum class Domain : uint8_t {
  few,   // about ten different values: equal ones meet
  wide,  // borders, specials, long strings
};
Value random_value(const mortise_type_t& type, RandomBits& random, Domain domain);
// Null in one of eight.
Value random_nullable(const mortise_type_t& type, RandomBits& random, Domain domain);

// Memory as B1 asks for it.
class AlignedBytes {
 public:
  explicit AlignedBytes(size_t size_bytes);
  uint8_t* data() { return data_.get(); }

 private:
  struct Delete {
    void operator()(uint8_t* p) const;
  };
  std::unique_ptr<uint8_t[], Delete> data_;
};

// Rows as a batch; everything is copied.
class RowsBatch {
 public:
  // With `decoys`, rows of other values stand between the rows and a selection leaves them out.
  RowsBatch(std::vector<mortise_type_t> types, const std::vector<Row>& rows,
            const std::vector<mortise_row_id_t>& row_ids = {}, RandomBits* decoys = nullptr);
  RowsBatch(const RowsBatch&) = delete;
  RowsBatch& operator=(const RowsBatch&) = delete;
  const mortise_batch_t& batch() const { return batch_; }

 private:
  void fill_column(size_t column);

  std::vector<mortise_type_t> types_;
  std::vector<Row> rows_;  // with the decoys
  std::vector<mortise_row_id_t> row_ids_;
  std::vector<uint16_t> selection_;
  std::vector<AlignedBytes> buffers_;
  std::vector<mortise_column_t> columns_;
  mortise_batch_t batch_{};
};

Value value_at(const mortise_type_t& type, const mortise_column_t& column, uint32_t row);

// The bytes of one value as a filter or a missing value holds it; lives as long as the object.
class RawValues {
 public:
  RawValues(const mortise_type_t& type, std::vector<Value> values);
  RawValues(const RawValues&) = delete;
  RawValues& operator=(const RawValues&) = delete;
  const void* data() { return buffer_.data(); }
  uint32_t count() const { return static_cast<uint32_t>(values_.size()); }

 private:
  std::vector<Value> values_;
  AlignedBytes buffer_;
};

}  // namespace mortise::conformance
