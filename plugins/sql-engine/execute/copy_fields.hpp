// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: where do the fields of COPY data begin and end?
//
// `FieldSplitter` takes a stretch of bytes that begins at a row and gives fields of up to
// kBatchRows rows as views into these bytes; escapes are undone in place, which only ever shortens
// a field. Text is searched 16 bytes at a time for the few bytes that mean something.
//
// Invariants
//   D1  Rows are taken whole: bytes of a row that is not complete stay for the next call.
//
// Threads: one.

#include <cstdint>
#include <string>
#include <vector>

#include "execute/vector/batch.hpp"
#include "plan/logical.hpp"

namespace mortise::sql_engine {

class FieldSplitter {
 public:
  FieldSplitter(const CopyOptions& options, uint32_t fields_count)
      : options_(options), fields_count_(fields_count) {}

  // Fields of one batch, by column.
  struct Fields {
    std::vector<mortise_view_t*> values;  // per column, kBatchRows of them
    std::vector<uint64_t*> validity;      // all ones when handed in
    uint32_t rows_count = 0;
    std::vector<uint64_t> lines;  // of each row, from 1
  };

  // Splits from `bytes`; `*consumed` bytes are done with.  `is_end`: no more bytes will follow, so
  // the last row needs no line end.  Failures: 22P04 with the line's number and text.
  Status split(uint8_t* bytes, uint64_t size_bytes, bool is_end, Fields& fields,
               uint64_t* consumed);
  bool is_finished() const { return is_finished_; }  // "\." was met
  uint64_t line() const { return line_; }

  // The fields of a header line, in order; false if the line is not complete.
  Result<bool> take_header(uint8_t* bytes, uint64_t size_bytes, bool is_end,
                           std::vector<std::string>& names, uint64_t* consumed);
  void set_table_name(std::string name) { table_name_ = std::move(name); }
  void set_column_names(std::vector<std::string> names) { column_names_ = std::move(names); }

 private:
  enum class RowEnd : uint8_t { row, incomplete, finished };
  struct Field {
    uint8_t* data;
    uint32_t size_bytes;
    bool is_null;
    bool has_escape;
  };

  Result<RowEnd> text_row(uint8_t* at, uint8_t* end, bool is_end, uint8_t** next);
  Result<RowEnd> csv_row(uint8_t* at, uint8_t* end, bool is_end, uint8_t** next);
  void add_text(uint8_t* begin, uint8_t* end, bool has_escape);
  Status check_text(const Field& field) const;
  Status put_row(Fields& fields, uint32_t row, const uint8_t* begin, const uint8_t* end);
  Status bad_row(std::string message, const uint8_t* begin, const uint8_t* end) const;

  const CopyOptions& options_;
  uint32_t fields_count_;
  std::string table_name_;
  std::vector<std::string> column_names_;
  std::vector<Field> row_;
  uint64_t line_ = 0;  // lines completed
  bool is_finished_ = false;
  bool is_ascii_ = false;  // the bytes being split, before escapes are read
};

}  // namespace mortise::sql_engine
