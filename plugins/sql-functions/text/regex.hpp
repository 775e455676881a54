// SPDX-License-Identifier: Apache-2.0
#pragma once

// Answers: does a text match a regular expression, and where?
//
// Patterns are PostgreSQL's advanced regular expressions, translated for RE2, which matches in
// linear time whatever the pattern.  The longest match counts, as PostgreSQL has it, unless the
// pattern has a quantifier that is not greedy.  What RE2 cannot do (back references, look-around,
// collating elements) fails with 0A000.
//
// Failures: 2201B for a bad pattern, in PostgreSQL's words; 22023 for a bad option letter.
//
// Threads: constant after compile; [any, concurrent].

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mortise/cpp/result.hpp"

namespace re2 {
class RE2;
}

namespace mortise::sql_functions {

struct RegexOptions {
  bool folds_case = false;
  bool is_literal = false;        // q
  bool is_expanded = false;       // x: blanks and comments do not count
  bool dot_skips_line = false;    // n, p: . and [^ do not match a line end
  bool anchors_at_lines = false;  // n, w: ^ and $ match at lines
  bool is_global = false;         // g
};

// Letters as regexp_replace takes them.  `takes_global` says whether g is one of them.
Result<RegexOptions> parse_regex_options(std::string_view letters, bool takes_global);

class Regex {
 public:
  static Result<Regex> compile(std::string_view pattern, const RegexOptions& options);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  bool is_found_in(std::string_view text) const;
  // The first match from byte `start` on: whole match, then groups; data() is null for a group that
  // took no part.  False when there is none.
  bool find(std::string_view text, size_t start, std::vector<std::string_view>* groups) const;
  int groups_count() const;

 private:
  explicit Regex(std::unique_ptr<re2::RE2> engine);
  std::unique_ptr<re2::RE2> engine_;
};

// Keeps the last pattern compiled: a pattern column repeats itself as a rule.
class RegexCache {
 public:
  Result<const Regex*> get(std::string_view pattern, const RegexOptions& options);

 private:
  std::string pattern_;
  RegexOptions options_;
  std::unique_ptr<Regex> regex_;
};

// SIMILAR TO's pattern as a regular expression, as PostgreSQL writes it.  22019 for a bad escape.
// `is_head_lazy`: for RE2, to which {1,1}? says nothing about what is inside.
Result<std::string> similar_to_regex(std::string_view pattern, std::string_view escape,
                                     bool is_head_lazy = false);

}  // namespace mortise::sql_functions
