// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how do the rows of a system relation become batches?
//
// `add` takes a value for every column of the relation, in its order; only the wanted ones are
// kept. What is dear to compute is handed over as a function, which is called only if it is wanted.
//
//   rows.add(Oid(id), name, true, kNull, [&] { return definition_of(id); });
//
// Invariants
//   W1  Every row has as many values as the relation has columns.
//   W2  Buffers are as batch.h asks (B1); batches have kRowsPerBatch rows but for the last.
//
// Threads: one.

#include <cstdint>
#include <deque>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "mortise/cpp/assert.hpp"
#include "mortise/cpp/batch.hpp"
#include "mortise/iface/draft/sysview.h"
#include "types/physical.hpp"

namespace mortise::sql_catalog {

struct Null {};
inline constexpr Null kNull;

// Strings that live until the end.
class KeptStrings {
 public:
  std::string_view keep(std::string_view text);

 private:
  static constexpr size_t kBlockBytes = 16 * 1024;
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t left_bytes_ = 0;
  char* next_ = nullptr;
};

class Rows {
 public:
  static constexpr uint32_t kRowsPerBatch = MORTISE_BATCH_ROWS_DEFAULT;

  // `wanted` are positions in `columns`.
  Rows(std::span<const mortise_sysview_column_t> columns, std::span<const uint32_t> wanted);

  template <typename... Values>
  void add(const Values&... values) {
    MORTISE_ASSERT(sizeof...(values) == slots_.size());  // W1
    begin_row();
    size_t column = 0;
    (put_if_wanted(column++, values), ...);
  }

  // The same one by one, for relations with many columns that are mostly null: `add_nulls` begins a
  // row, `set` gives it a value.
  void add_nulls();
  template <typename Value>
  void set(size_t column, const Value& value) {
    if (slots_[column] < 0) return;
    set_valid(static_cast<size_t>(slots_[column]));
    put(static_cast<size_t>(slots_[column]), value);
  }

  bool is_wanted(size_t column) const { return slots_[column] >= 0; }
  uint64_t rows_count() const { return rows_count_; }

  // The next batch, valid as long as this; false after the last.
  bool next(mortise_batch_t& batch);

 private:
  struct Free {
    void operator()(void* memory) const { ::operator delete(memory, std::align_val_t(64)); }
  };
  using Buffer = std::unique_ptr<void, Free>;
  struct Column {
    Buffer validity;
    Buffer data;
  };
  struct Chunk {
    std::vector<Column> columns;
    std::vector<mortise_column_t> faces;
    uint32_t rows_count = 0;
  };

  void begin_row();
  template <typename Value>
  void put_if_wanted(size_t column, const Value& value) {
    if (slots_[column] >= 0) put(static_cast<size_t>(slots_[column]), value);
  }
  template <typename Value>
  void put(size_t slot, const Value& value) {
    if constexpr (std::is_same_v<Value, Null>) {
      put_null(slot);
    } else if constexpr (std::is_same_v<Value, bool>) {
      put_bool(slot, value);
    } else if constexpr (std::is_same_v<Value, char>) {
      put_text(slot, value == 0 ? std::string_view() : std::string_view(&value, 1));
    } else if constexpr (std::is_floating_point_v<Value>) {
      put_real(slot, value);
    } else if constexpr (std::is_integral_v<Value>) {
      put_integer(slot, static_cast<int64_t>(value));
    } else if constexpr (std::is_same_v<Value, mortise_str_t>) {
      put_text(slot, {value.data, value.size_bytes});
    } else if constexpr (std::is_convertible_v<const Value&, std::string_view>) {
      put_text(slot, value);
    } else if constexpr (std::is_invocable_v<const Value&>) {
      put(slot, value());
    } else {
      if (value.has_value()) {
        put(slot, *value);
      } else {
        put_null(slot);
      }
    }
  }
  void set_valid(size_t slot);
  void put_null(size_t slot);
  void put_bool(size_t slot, bool value);
  void put_integer(size_t slot, int64_t value);
  void put_real(size_t slot, double value);
  void put_text(size_t slot, std::string_view value);
  template <typename T>
  T* data(size_t slot) {
    return static_cast<T*>(chunks_.back().columns[slot].data.get());
  }

  std::vector<int32_t> slots_;         // per column of the relation; -1 = not wanted
  std::vector<mortise_type_t> types_;  // per slot
  std::vector<size_t> outputs_;        // slots, in the order that was asked for
  std::vector<mortise_type_t> output_types_;
  std::deque<Chunk> chunks_;
  KeptStrings strings_;
  uint32_t row_ = 0;  // in the last chunk
  uint64_t rows_count_ = 0;
  size_t next_chunk_ = 0;
};

}  // namespace mortise::sql_catalog
