// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: how does a test evaluate a call from texts to text?
//
// Values go in by the type's text_in, through the function found by name and argument types, and
// out by text_out, as the engine would do it: strict functions get a selection without nulls,
// constants are shown to bind.  Every call runs twice, with constant columns and with full ones,
// and both must agree.
//
// Threads: test code, one thread.

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/int128.hpp"
#include "registry.hpp"

namespace mortise::sql_functions {

// A column that owns its buffers.
class TestColumn {
 public:
  TestColumn(const mortise_type_t& type, uint32_t rows);
  mortise_column_out_t out() { return {validity(), data(), 0, 0}; }
  mortise_column_t in(bool is_constant = false) {
    return {validity(), data(), is_constant ? MORTISE_COLUMN_CONSTANT : 0, 0};
  }
  uint64_t* validity() { return validity_.data(); }
  void* data() { return data_.data(); }
  const mortise_type_t& type() const { return type_; }

 private:
  mortise_type_t type_;
  std::vector<uint64_t> validity_;
  std::vector<Int128> data_;  // aligned to 16
};

using Text = std::optional<std::string>;

// What a test sees: the text, null, or "ERROR 22003: integer out of range".
struct Outcome {
  Text text;
  std::string error;
  std::string shown() const {
    if (!error.empty()) return "ERROR " + error;
    return text ? *text : "NULL";
  }
};

class TestSession {
 public:
  TestSession();
  mortise_session_context_t context{};
  const mortise_evaluation_t* evaluation() const { return &evaluation_; }

  // "int4", "numeric(10,2)", "varchar(5)".
  Result<mortise_type_t> type_of(std::string_view text);
  // value of a type, by its text; two rows alike.
  Result<std::unique_ptr<TestColumn>> column_of(const mortise_type_t& type, const Text& text);
  Result<Text> text_of(TestColumn& column, uint32_t row = 0);
  Result<Text> text_of(const mortise_column_t& column, const mortise_type_t& type, uint32_t row);

  Outcome input(std::string_view type, const Text& text);
  Outcome call(std::string_view name, const std::vector<std::string>& types,
               const std::vector<Text>& values);
  Outcome cast(std::string_view from, std::string_view to, const Text& value, bool is_explicit);
  // The rows of a set-returning function with | between them; null if there are none.
  Outcome rows(std::string_view name, const std::vector<std::string>& types,
               const std::vector<Text>& values);
  // One group over all rows.
  Outcome aggregate(std::string_view name, const std::vector<std::string>& types,
                    const std::vector<std::vector<Text>>& rows);

 private:
  static void* allocate(void* arena, uint64_t size_bytes, mortise_error_t* error);
  Result<Text> run(const mortise_function_t& function,
                   std::vector<std::unique_ptr<TestColumn>>& columns, bool is_constant);
  Result<Text> run_rows(const mortise_function_t& function,
                        std::vector<std::unique_ptr<TestColumn>>& columns);
  std::list<std::vector<Int128>> arena_;
  mortise_evaluation_t evaluation_{};
};

}  // namespace mortise::sql_functions
