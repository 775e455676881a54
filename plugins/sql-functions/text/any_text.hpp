// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what is the text of an argument of any type?
//
// For functions that take "any": the column goes through its type's text_out once.  `as_cast` asks
// for the text that a cast to text gives, which differs for bool only ("true", not "t").
//
// Threads: [worker, concurrent].

#include "evaluate.hpp"

namespace mortise::sql_functions {

class AnyText {
 public:
  // 0A000 for a type that the plugin does not know.
  static Result<AnyText> of(Call& call, uint32_t index, bool as_cast);

  bool is_valid(uint32_t row) const {
    return column_.validity == nullptr || get_bit(column_.validity, is_constant(column_) ? 0 : row);
  }
  std::string_view operator[](uint32_t row) const {
    return text_of(views_[is_constant(column_) ? 0 : row]);
  }

 private:
  AnyText(const mortise_column_t& column, const mortise_view_t* views)
      : column_(column), views_(views) {}
  mortise_column_t column_;
  const mortise_view_t* views_;
};

}  // namespace mortise::sql_functions
