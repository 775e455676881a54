// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a batch become DataRow messages?
//
// Column by column, the type's provider turns values into text or PostgreSQL's binary form; then
// row by row the pieces are put together.  Integers, booleans and text, which most results are made
// of, are written directly.
//
// Threads: one portal, one RowWriter.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "message.hpp"
#include "mortise/cpp/batch.hpp"
#include "mortise/cpp/result.hpp"
#include "mortise/iface/draft/query.h"
#include "types.hpp"

namespace mortise::front_pgwire {

class RowWriter {
 public:
  // `is_binary` has one entry per column.  0A000 for a type that nobody can write.
  static Result<std::unique_ptr<RowWriter>> open(const Types& types,
                                                 std::span<const mortise_result_column_t> columns,
                                                 std::vector<uint8_t> is_binary);

  // Appends one DataRow per selected row.  A failure may leave whole rows in `out`.
  Status write(const mortise_batch_t& batch, const mortise_session_context* session,
               MessageWriter& out);

 private:
  // Text of one column's values, made by its provider.
  struct Converted {
    std::vector<mortise_view_t> views;
    std::vector<uint64_t> validity;
  };
  struct Column {
    const mortise_type_info_t* info;
    mortise_type_t type;
    bool is_binary;
    bool is_direct;  // written without the provider
    Converted converted;
  };

  RowWriter() = default;
  Status convert(Column& column, const mortise_batch_t& batch, uint32_t index,
                 const mortise_evaluation_t& evaluation);
  static void write_direct(const mortise_column_t& values, const mortise_type_t& type,
                           bool is_binary, uint32_t row, MessageWriter& out);

  std::vector<Column> columns_;
  std::vector<std::unique_ptr<uint8_t[]>> chunks_;  // long converted strings of one batch
  size_t chunk_used_bytes_ = 0;
  size_t chunk_size_bytes_ = 0;

  static void* allocate(void* arena, uint64_t size_bytes, mortise_error_t* error);
};

}  // namespace mortise::front_pgwire
