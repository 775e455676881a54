// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do the rows of a table become a file?
//
// A table is written row by row through a buffer, in PostgreSQL's COPY text format (tab
// separated) or in the `.tbl` form of the TPC's own tools ('|' after every value).  A table can be
// written in parts: the parts, one after the other, are the whole file byte for byte.
//
// Threads: one writer per file; [any] on distinct objects.

#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"
#include "rows.hpp"

namespace mortise::tpch {

enum class Format : uint8_t { copy_text, tbl };

// Part `index` (from 0) of `count` parts.
struct Slice {
  int64_t index = 0;
  int64_t count = 1;
};

// Builds lines of text and hands them to a stream in large pieces.
class RowWriter {
 public:
  // `stream` is borrowed and must outlive the writer.
  RowWriter(std::FILE* stream, Format format);

  void put(std::string_view text);
  void put(int64_t value);
  void put_cents(int64_t cents);
  void put_day(int64_t day);
  // "Customer#000000042": the prefix, then the number with at least nine digits.
  void put_numbered(std::string_view prefix, int64_t number);
  void put_joined(std::span<const std::string_view> words);
  void end_row();

  // Writes what is left.  `io` when the stream refused any byte since the start.
  Status finish();

  int64_t row_count() const { return row_count_; }

 private:
  static constexpr uint64_t kBufferBytes = 1 << 20;
  static constexpr uint64_t kRowBytesMax = 2048;

  void separate();
  void append(std::string_view text);
  void append_digits(uint64_t value, int digits_min);
  void drain();

  std::FILE* stream_;
  Format format_;
  bool first_in_row_ = true;
  bool failed_ = false;
  uint64_t used_bytes_ = 0;
  int64_t row_count_ = 0;
  std::vector<char> buffer_;
  std::string day_text_;  // "1992-01-01" and on, ten characters each
};

// The eight names, in the order in which foreign keys allow loading.
std::span<const std::string_view> table_names();

// Writes the rows of `slice`.  `not_found` when there is no such table.
Status write_table(const RowMaker& maker, std::string_view table, Slice slice, RowWriter& out);

}  // namespace mortise::tpch
