// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: does a text match a LIKE pattern?
//
// A pattern is cut at its % marks into pieces; a piece is literal bytes with _ places that stand
// for one character.  The first and last piece are anchored unless a % is outside of them, the
// others are searched for one after another: the first place where one fits is good enough, so
// there is no backtracking and matching is linear in practice.
//
// A pattern that ends with its escape character fails with 22025, but only when a text gets that
// far, as in PostgreSQL.
//
// Threads: constant after compile; [any, concurrent].

#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace mortise::sql_functions {

class LikePattern {
 public:
  // The escape character is a backslash.  `folds_case`: ILIKE, ASCII letters only.
  static LikePattern compile(std::string_view pattern, bool folds_case);

  Result<bool> matches(std::string_view text) const;

 private:
  struct Piece {
    std::string bytes;             // a _ place holds one byte, any
    std::vector<uint32_t> places;  // indexes of _ places in `bytes`, ascending
  };
  // Bytes of `text` that the piece covers at its start; npos when it does not fit there.
  size_t fit(const Piece& piece, std::string_view text) const;
  // Where the piece first fits; npos when nowhere.
  size_t find(const Piece& piece, std::string_view text, size_t* covered) const;
  bool covers(std::string_view text) const;
  bool fits_end(const Piece& piece, std::string_view text) const;
  bool is_same(char a, char b) const;

  std::vector<Piece> pieces_;
  bool starts_open_ = false;  // a % before the first piece
  bool ends_open_ = false;
  bool folds_case_ = false;
  bool is_cut_ = false;  // ends with an escape character; the pieces match what would get there
};

}  // namespace mortise::sql_functions
