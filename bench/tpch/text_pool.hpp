// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: what does a comment column say?
//
// A pool of sentences is written once from the text grammar of TPC-H clause 4.2.2.14; a comment is
// a piece of it at a random place with a random length, as the specification allows.  Difference:
// the specification's program keeps 300 MB of text, ours 8 MiB, so that start-up costs milliseconds
// and the pool stays in the cache.  The number of different comments is still above 10^8.
//
// Invariants
//   T1  The pool holds printable ASCII only: no tab, line end, backslash or '|', so that a comment
//       needs no escape in any output format.
//
// Threads: constant after construction; [any].

#include <cstdint>
#include <string>
#include <string_view>

#include "random.hpp"

namespace mortise::tpch {

struct LengthRange {
  int64_t chars_min;
  int64_t chars_max;
};

class TextPool {
 public:
  static constexpr uint64_t kPoolBytes = uint64_t{8} << 20;

  TextPool();

  // A piece whose length lies in `range`.  Points into the pool and lives as long.
  std::string_view piece(RowRandom& random, LengthRange range) const {
    const auto length = static_cast<uint64_t>(random.uniform(range.chars_min, range.chars_max));
    return std::string_view(text_).substr(random.index(kPoolBytes - length), length);
  }

  std::string_view all() const { return text_; }

 private:
  std::string text_;
};

}  // namespace mortise::tpch
