// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a set-returning function of one column answer its batches?
//
// A producer is a struct with
//   static Result<Producer> open(Call&)                 reads the one row of arguments
//   Result<uint32_t> fill(Call& out, uint32_t rows_max)  writes rows from 0 on; 0 ends the set
//   mortise_type_t type() const                          of its column
// The cursor owns the column's buffers; strings come from the evaluation's arena.
//
// Threads: [worker]; a cursor belongs to one scan.

#include <memory>
#include <vector>

#include "entry.hpp"
#include "evaluate.hpp"
#include "mortise/cpp/int128.hpp"

namespace mortise::sql_functions {

template <typename Producer, FixedString ColumnName, uint32_t kColumnType>
struct SetCursor {
  explicit SetCursor(Producer made) : producer(std::move(made)) {}

  Producer producer;
  std::vector<Int128> data_words;  // 16-byte aligned; B1's padding is at its end
  std::vector<uint64_t> validity;
  mortise_column_t column{};
  mortise_type_t type{};
  bool is_done = false;

  static mortise_status_t MORTISE_CALL open(const mortise_evaluation_t* evaluation,
                                            const void* bound, const mortise_arguments_t* arguments,
                                            void** cursor, mortise_error_t* error) {
    return guard(error, [&]() -> Status {
      Call call(evaluation, bound, arguments, nullptr);
      MORTISE_TRY_ASSIGN(Producer made, Producer::open(call));
      auto fresh = std::make_unique<SetCursor>(std::move(made));
      fresh->type = fresh->producer.type();
      *cursor = fresh.release();
      return {};
    });
  }

  static mortise_status_t MORTISE_CALL next(void* cursor, const mortise_evaluation_t* evaluation,
                                            mortise_batch_t* batch, mortise_error_t* error) {
    return guard(error, [&]() -> mortise_status_t {
      auto& self = *static_cast<SetCursor*>(cursor);
      if (self.is_done) return MORTISE_END;
      constexpr uint32_t kRows = MORTISE_BATCH_ROWS_DEFAULT;
      self.data_words.assign(kRows + MORTISE_BATCH_ALIGNMENT_BYTES / 16 * 2, 0);
      self.validity.assign(bitmap_size_bytes(kRows) / 8, ~uint64_t{0});
      auto address = reinterpret_cast<uintptr_t>(self.data_words.data());
      address = (address + MORTISE_BATCH_ALIGNMENT_BYTES - 1) / MORTISE_BATCH_ALIGNMENT_BYTES *
                MORTISE_BATCH_ALIGNMENT_BYTES;
      auto* data = reinterpret_cast<void*>(address);
      mortise_column_out_t out{self.validity.data(), data, 0, 0};
      const mortise_arguments_t none{};
      Call call(evaluation, nullptr, &none, &out);
      Result<uint32_t> filled = self.producer.fill(call, kRows);
      if (!filled) return report(filled.error(), error);
      self.is_done = *filled < kRows;
      if (*filled == 0) return MORTISE_END;
      self.column = {self.validity.data(), data, 0, 0};
      *batch = {};
      batch->struct_size_bytes = sizeof(mortise_batch_t);
      batch->rows_count = *filled;
      batch->columns_count = 1;
      batch->selected_count = *filled;
      batch->columns = &self.column;
      batch->types = &self.type;
      return MORTISE_OK;
    });
  }

  static void MORTISE_CALL close(void* cursor) { delete static_cast<SetCursor*>(cursor); }

  static constexpr FixedString kColumn = ColumnName;
  static constexpr mortise_str_t kColumnNames[] = {{kColumn.text, sizeof(kColumn.text) - 1}};
  static constexpr uint32_t kColumnTypes[] = {kColumnType};
  static constexpr mortise_table_function_t kTable = {
      sizeof(mortise_table_function_t), 1, kColumnNames, kColumnTypes, &open, &next, &close};
};

template <typename Producer, FixedString ColumnName, uint32_t kColumnType>
constexpr const mortise_table_function_t* set_of =
    &SetCursor<Producer, ColumnName, kColumnType>::kTable;

}  // namespace mortise::sql_functions
