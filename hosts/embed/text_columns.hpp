// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what do the values of a batch look like as text?
//
// Values become text through the provider of their type (mortise.type/1), a column at a time, as a
// protocol front would do it.  Batches are borrowed for a call; BatchCopy keeps one, dense.
//
// Threads: one owner at a time.

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/platform/io.hpp"
#include "mortise/batch.h"
#include "mortise/cpp/result.hpp"
#include "mortise/host.h"
#include "mortise/iface/draft/type.h"

namespace mortise::embed {

// A batch of its own: selected rows only, in order, no selection vector.  Several may be added.
class BatchCopy {
 public:
  void clear();
  void add(const mortise_batch_t& batch);
  uint32_t rows_count() const { return rows_; }
  const mortise_batch_t& batch() const { return batch_; }

 private:
  struct Column {
    mortise_type_t type;
    std::vector<std::byte> values;  // width_bytes each; BOOL one byte
    std::vector<uint8_t> validity;
    platform::AlignedBuffer data_buffer;
    platform::AlignedBuffer validity_buffer;
  };
  void add_column(Column& column, const mortise_batch_t& batch, uint32_t index);
  void settle();

  uint32_t rows_ = 0;
  std::vector<Column> columns_;
  std::vector<std::unique_ptr<char[]>> strings_;  // long ones
  std::vector<mortise_column_t> abi_columns_;
  std::vector<mortise_type_t> abi_types_;
  mortise_batch_t batch_{};
};

// Texts of one batch.
class TextTable {
 public:
  // Nothing for null.  Lives as long as the table.
  const char* text(uint32_t row, uint32_t column, uint64_t* size_bytes) const;
  bool is_null(uint32_t row, uint32_t column) const;

 private:
  friend class TextColumns;
  struct Column {
    platform::AlignedBuffer views;
    platform::AlignedBuffer validity;
    // A constant result holds row 0 only.
    bool is_constant = false;
  };
  std::vector<Column> columns_;
  std::vector<std::unique_ptr<char[]>> blocks_;
};

// Finds types and converts.
class TextColumns {
 public:
  void find_types(const mortise_host_t* host);
  // Precondition: the batch has no selection.
  Result<TextTable> convert(const mortise_batch_t& batch,
                            const mortise_session_context_t* context) const;

 private:
  std::unordered_map<uint32_t, const mortise_type_info_t*> types_;
};

}  // namespace mortise::embed
